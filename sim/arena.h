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

/* Under the address sanitizer: touching [p, p + bytes) is an error from here on, or allowed
 * again. Else nothing. */
extern const bool arena_hides; /* this build has the sanitizer */
void arena_hide(const void *p, size_t bytes);
void arena_show(const void *p, size_t bytes);
