/* SPDX-License-Identifier: GPL-3.0-or-later
 * wheel.h -- how late a timer is: the tick, and Linux's timer wheel (kernel/time/timer.c).
 *
 *   level   a bucket is   for waits of      at 250 Hz
 *     0        1 tick       < 63 ticks      4 ms      < 252 ms
 *     1        8            < 63 * 8        32 ms     < 2.016 s
 *     2       64            < 63 * 64       256 ms    < 16.128 s
 *     3      512            < 63 * 512      2.048 s   < 129.024 s
 *
 * The one idea: a wait begins with the tick that is running and is a whole number of ticks; the
 * timer stands in the bucket behind the one in which it would be due, which is looked at as a
 * whole when its tick comes. So it is never early, and late by an eighth of the wait at most.
 * A level has 64 buckets and 8 times the width of the one before.
 *
 * Of the timers of one tick those of higher levels come first, and of a bucket who was set
 * last: so do entries of the SYN queue and of TIME-WAIT among themselves (table.c).
 *
 * Not modelled: ticks that an idle processor leaves out; slack. Deviation: TIME-WAIT of an
 * endpoint that an application still holds is exact.
 */
#pragma once
#include "sim/time.h"

struct tcp_params;

enum { WHEEL_LEVELS = 9 };

/* When a timer that is set now, for this instant, comes; hz is not 0. */
sim_time tcp_wheel_at(const struct tcp_params *p, sim_time now, sim_time at);
/* The level of a wait. */
int tcp_wheel_level(const struct tcp_params *p, sim_time wait);
/* A measured wait in whole ticks, rounded up, as Linux keeps a retransmission timeout. Here
 * alone can one be whole to the nanosecond; it is taken for a little more. */
sim_time tcp_wheel_ticks(const struct tcp_params *p, sim_time wait);
