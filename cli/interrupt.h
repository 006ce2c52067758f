/* SPDX-License-Identifier: GPL-3.0-or-later
 * interrupt.h -- Ctrl-C and a polite kill: noted for the runner, which looks at it often.
 *
 * One that comes a second or more after the first ends the program at once; sooner it may be
 * the same one, told to the process and to its group as timeout(1) does.
 */
#pragma once
#include <signal.h>

/* 0, or the signal. */
extern volatile sig_atomic_t interrupt;

/* From now on. What a parent chose to ignore, as a shell does for its background jobs, stays
 * ignored. */
void interrupt_catch(void);
