/* SPDX-License-Identifier: GPL-3.0-or-later
 * memory.h -- the memory of one script, given back all at once.
 *
 * The one idea: small pieces are cut from large chunks, so that a parser with many ways to fail
 * frees one thing. Not modelled: giving back single pieces.
 */
#pragma once
#include <stddef.h>

struct memory; /* opaque: a list of malloc'd chunks */

/* Running out of memory ends the program with a sentence: a script is small. */
struct memory *memory_new(void);
void memory_free(struct memory *m); /* NULL is fine */

/* Zeroed, aligned for any type, valid until memory_free. */
void *memory_alloc(struct memory *m, size_t bytes);

/* A copy of n bytes of text with a zero behind them. */
char *memory_slice(struct memory *m, const char *text, size_t n);

/* Room for one item behind the n of an array: items itself, or a copy of twice the size when n
 * is 0 or a power of two. The new item is zeroed. */
void *memory_grow(struct memory *m, void *items, int n, size_t item_bytes);
