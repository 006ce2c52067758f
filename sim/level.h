/* SPDX-License-Identifier: GPL-3.0-or-later
 * level.h -- a count over time and its integral: half-open entries, ghosts, bytes held.
 */
#pragma once
#include "sim/time.h"

/* area is exact: a count times nanoseconds in 128 bits, so that a mean never depends on the
 * order of additions. */
struct level {
    int64_t n;
    int64_t max;
    sim_time since;
    sim_time from; /* counted from here: the start of the run, or the end of its warm-up */
    __int128 area; /* integral of n from `from` to since */
};

static inline void level_add(struct level *l, sim_time now, int64_t delta)
{
    l->area += (__int128)l->n * (now - l->since);
    l->since = now;
    l->n += delta;
    l->max = l->n > l->max ? l->n : l->max;
}

/* The warm-up is over: the integral and the maximum begin anew, at the count of now. */
static inline void level_warm_up(struct level *l, sim_time now)
{
    *l = (struct level){.n = l->n, .max = l->n, .since = now, .from = now};
}

/* The integral up to now, in count x ns. */
static inline __int128 level_area(const struct level *l, sim_time now)
{
    return l->area + (__int128)l->n * (now - l->since);
}
