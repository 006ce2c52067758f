/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct piece {
    struct piece *next;
    max_align_t bytes[];
};

struct pool {
    struct piece *pieces;
};

static void *must(void *p)
{
    if (p == NULL) {
        fputs("halfopen: out of memory while reading the configuration\n", stderr);
        exit(3);
    }
    return p;
}

struct pool *pool_new(void)
{
    return must(calloc(1, sizeof(struct pool)));
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    while (pool->pieces != NULL) {
        struct piece *piece = pool->pieces;
        pool->pieces = piece->next;
        free(piece);
    }
    free(pool);
}

void *pool_alloc(struct pool *pool, size_t bytes)
{
    struct piece *piece = must(calloc(1, sizeof(*piece) + bytes));
    piece->next = pool->pieces;
    pool->pieces = piece;
    return piece->bytes;
}

void *pool_array(struct pool *pool, size_t n, size_t item_bytes)
{
    return pool_alloc(pool,
                      n * item_bytes); /* n comes from a file that was read: no overflow */
}

char *pool_text(struct pool *pool, const char *text)
{
    return pool_slice(pool, text, strlen(text));
}

char *pool_slice(struct pool *pool, const char *text, size_t len)
{
    char *copy = pool_alloc(pool, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *pool_printf(struct pool *pool, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, fmt, args);
    char *text = pool_alloc(pool, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(args);
    va_end(again);
    return text;
}
