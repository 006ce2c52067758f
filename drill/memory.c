/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drill/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 16384 };

struct chunk {
    struct chunk *next;
    max_align_t bytes[];
};

struct memory {
    struct chunk *chunks;
    char *free; /* the rest of the first chunk */
    size_t n_free;
};

static void *must(void *p)
{
    if (p == NULL) {
        fputs("halfopen: out of memory while reading the script\n", stderr);
        exit(3);
    }
    return p;
}

struct memory *memory_new(void)
{
    return must(calloc(1, sizeof(struct memory)));
}

void memory_free(struct memory *m)
{
    if (m == NULL)
        return;
    while (m->chunks != NULL) {
        struct chunk *chunk = m->chunks;
        m->chunks = chunk->next;
        free(chunk);
    }
    free(m);
}

void *memory_alloc(struct memory *m, size_t bytes)
{
    const size_t align = _Alignof(max_align_t);
    bytes = (bytes + align - 1) / align * align;
    if (bytes > m->n_free) {
        const size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
        struct chunk *chunk = must(calloc(1, sizeof(*chunk) + size));
        chunk->next = m->chunks;
        m->chunks = chunk;
        m->free = (char *)chunk->bytes;
        m->n_free = size;
    }
    void *p = m->free;
    m->free += bytes;
    m->n_free -= bytes;
    return p;
}

char *memory_slice(struct memory *m, const char *text, size_t n)
{
    char *copy = memory_alloc(m, n + 1);
    if (n > 0)
        memcpy(copy, text, n);
    return copy;
}

void *memory_grow(struct memory *m, void *items, int n, size_t item_bytes)
{
    if (n != 0 && (n & (n - 1)) != 0)
        return items;
    char *more = memory_alloc(m, (n == 0 ? 1 : 2 * (size_t)n) * item_bytes);
    if (n > 0)
        memcpy(more, items, (size_t)n * item_bytes);
    return more;
}
