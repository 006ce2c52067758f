/* SPDX-License-Identifier: GPL-3.0-or-later
 * random.h -- what random tests draw: numbers of a range, rows of a table of choices.
 */
#pragma once
#include "sim/rng.h"
#include "sim/schema.h"

/* lo to hi, both possible. */
static inline int64_t between(struct rng *r, int64_t lo, int64_t hi)
{
    return lo + (int64_t)rng_below(r, (uint64_t)(hi - lo + 1));
}

/* The name of one of the choices, which end with a NULL. */
static inline const char *pick(struct rng *r, const struct choice *choices)
{
    size_t n = 0;
    while (choices[n].name != NULL)
        n++;
    return choices[rng_below(r, n)].name;
}
