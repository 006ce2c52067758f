/* SPDX-License-Identifier: GPL-3.0-or-later
 * pool.h -- memory that is given back all at once: trees, texts and specs of one experiment.
 *
 * The one idea: a loader with many ways to fail frees one thing. Not modelled: giving back
 * single pieces.
 */
#pragma once
#include "sim/util.h"
#include <stddef.h>

struct pool; /* opaque: a list of malloc'd pieces */

/* Running out of memory ends the program with a sentence: a configuration is small. */
struct pool *pool_new(void);
void pool_free(struct pool *pool); /* NULL is fine */

/* Zeroed, aligned for any type, valid until pool_free. */
void *pool_alloc(struct pool *pool, size_t bytes);
void *pool_array(struct pool *pool, size_t n, size_t item_bytes);

char *pool_text(struct pool *pool, const char *text);
char *pool_slice(struct pool *pool, const char *text, size_t len);
char *pool_printf(struct pool *pool, const char *fmt, ...) PRINTF_LIKE(2, 3);
