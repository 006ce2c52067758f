/* SPDX-License-Identifier: GPL-3.0-or-later
 * time.h -- the clock's unit: int64_t nanoseconds from the start of the run, good for 292
 * years.
 *
 * No double ever enters the event path: a drawn or computed time is rounded to nanoseconds
 * first.
 */
#pragma once
#include <stdint.h>

typedef int64_t sim_time;

#define SIM_NEVER INT64_MAX /* an instant after all others; 0 is the start, not "none" */

#define NS(n)  ((sim_time)(n))
#define US(n)  ((sim_time)(n)*1000)
#define MS(n)  ((sim_time)(n)*1000000)
#define SEC(n) ((sim_time)(n)*1000000000)

/* at + wait, where "never" stays "never" and a sum past the end of time is "never". */
static inline sim_time time_add(sim_time at, sim_time wait)
{
    return at >= SIM_NEVER - wait ? SIM_NEVER : at + wait;
}

static inline sim_time time_min(sim_time a, sim_time b)
{
    return a < b ? a : b;
}
static inline sim_time time_max(sim_time a, sim_time b)
{
    return a > b ? a : b;
}
