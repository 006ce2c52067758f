/* SPDX-License-Identifier: GPL-3.0-or-later
 * memory.h -- malloc that does not fail: out of memory, the process stops with a sentence.
 *
 * Linux overcommits; a NULL from malloc on a machine in use is a size gone wrong, not a state
 * to recover from.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* A zeroed array of n items. */
void *mem_zeroed(size_t n, size_t item_bytes);
char *mem_text(const char *s);
/* Grows an array to hold at least want items; *cap is updated, items keep their values. The
 * caller frees. */
void *mem_grow(void *items, uint32_t *cap, uint32_t want, size_t item_bytes);
