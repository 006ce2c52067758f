/* SPDX-License-Identifier: GPL-3.0-or-later
 * repeat.h -- the command that has the same result again, as it would be typed into a shell.
 */
#pragma once

/* words[0..n) quoted where a shell needs it and joined by spaces; malloc'd, NULL: no memory. */
char *repeat_command(const char *const *words, int n);
