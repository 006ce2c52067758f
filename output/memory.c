/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_stop(void *p)
{
    if (p == NULL) {
        fputs("halfopen: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_zeroed(size_t n, size_t item_bytes)
{
    return or_stop(calloc(n > 0 ? n : 1, item_bytes));
}

char *mem_text(const char *s)
{
    return or_stop(strdup(s));
}

void *mem_grow(void *items, uint32_t *cap, uint32_t want, size_t item_bytes)
{
    if (want <= *cap)
        return items;
    uint32_t larger = *cap < 8 ? 16 : *cap;
    while (larger < want)
        larger *= 2;
    *cap = larger;
    return or_stop(reallocarray(items, larger, item_bytes));
}
