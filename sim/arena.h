/* SPDX-License-Identifier: GPL-3.0-or-later
 * arena.h -- one mapping holds all of a run's state, so that a run can be copied.
 *
 *   base [ struct sim | blocks ......... used ) reserved, untouched address space ... size )
 *
 * The one idea: plain pointers inside, and restore happens in place, so a snapshot is a memcpy
 * of [base, used). Pointers out of the arena are allowed only to const data and to the listener
 * of records. Blocks come in power-of-two sizes from 16 bytes up, freed ones go to a list per
 * size; nothing is given back before arena_fini. Invariant: all bytes of [base + used, base +
 * size) are zero.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARENA_CLASSES = 44 };

struct arena {
    char *base;
    size_t used, size;         /* bytes; used <= size */
    void *free[ARENA_CLASSES]; /* free[k]: blocks of 16 << k bytes, a list by first words */
};

/* Reserves address space (64 GiB, or less where the limits of the process forbid). Returns 0,
 * or -1 with errno set. */
int arena_init(struct arena *a);
void arena_fini(struct arena *a);

/* A zeroed block of at least bytes (> 0), aligned to 16, to 64 when bytes >= 64. Never NULL:
 * when the address space is used up the process stops with a sentence (a run that large does
 * not fit the machine). */
void *arena_alloc(struct arena *a, size_t bytes);

/* Gives a block back; bytes as it was asked for. p may be NULL. */
void arena_free(struct arena *a, void *p, size_t bytes);

/* Grows an array of *cap items of item_bytes to hold at least want: *cap is updated, the items
 * keep their values, new ones are zero. Returns the array, which may have moved; items may be
 * NULL when *cap is 0. */
void *arena_grow(struct arena *a, void *items, uint32_t *cap, uint32_t want, size_t item_bytes);

/* A block's name in 4 bytes, as long as blocks are aligned to 16 and the arena has 64 GiB at
 * most; 0 names none (the arena begins with the sim). */
static inline uint32_t arena_ref(const struct arena *a, const void *block)
{
    return (uint32_t)((size_t)((const char *)block - a->base) >> 4);
}
static inline void *arena_at(const struct arena *a, uint32_t ref)
{
    return a->base + ((size_t)ref << 4);
}

/* Under the address sanitizer: touching [p, p + bytes) is an error from here on, or allowed
 * again. Else nothing. */
extern const bool arena_hides; /* this build has the sanitizer */
void arena_hide(const void *p, size_t bytes);
void arena_show(const void *p, size_t bytes);
