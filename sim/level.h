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
    __int128 area; /* integral of n from 0 to since */
};

static inline void level_add(struct level *l, sim_time now, int64_t delta)
{
    l->area += (__int128)l->n * (now - l->since);
    l->since = now;
    l->n += delta;
    l->max = l->n > l->max ? l->n : l->max;
}

/* The integral up to now, in count x ns. */
static inline __int128 level_area(const struct level *l, sim_time now)
{
    return l->area + (__int128)l->n * (now - l->since);
}
