/* SPDX-License-Identifier: GPL-3.0-or-later
 * pool.h -- small items of one size, as many as millions, packed without a gap.
 *
 * The arena's own blocks come in powers of two: an item of 80 bytes would take 128. A pool cuts
 * large blocks into items; those given back are used again, the last first. Sizes are
 * rounded up to multiples of 16, so that arena_ref names an item in 4 bytes.
 */
#pragma once
#include "sim/arena.h"

struct pool {
    uint32_t item_bytes;
    uint32_t n;       /* items taken and not given back */
    void *free;       /* a list by first words */
    char *next, *end; /* what is left of the last block */
};

static inline void pool_init(struct pool *p, uint32_t item_bytes)
{
    *p = (struct pool){.item_bytes = (item_bytes + 15) / 16 * 16};
}

/* A zeroed item, aligned to 16. */
void *pool_take(struct pool *p, struct arena *a);
void pool_give(struct pool *p, void *item);
