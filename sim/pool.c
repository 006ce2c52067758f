/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/pool.h"

#include <string.h>

enum { FIRST_BLOCK = 4096, MOST_BLOCK = 1 << 18 };

/* As much again as there is: a host with ten connections needs no quarter of a megabyte. */
static void cut_block(struct pool *p, struct arena *a)
{
    const size_t wanted = (size_t)p->n * p->item_bytes;
    size_t bytes = FIRST_BLOCK;
    while (bytes < wanted && bytes < MOST_BLOCK)
        bytes *= 2;
    p->next = arena_alloc(a, bytes);
    p->end = p->next + bytes / p->item_bytes * p->item_bytes;
}

void *pool_take(struct pool *p, struct arena *a)
{
    void *item = p->free;
    p->n++;
    if (item == NULL) {
        if (p->next == p->end)
            cut_block(p, a);
        item = p->next;
        p->next += p->item_bytes;
        return item;
    }
    arena_show(item, p->item_bytes);
    memcpy(&p->free, item, sizeof(void *));
    memset(item, 0, p->item_bytes);
    return item;
}

void pool_give(struct pool *p, void *item)
{
    memcpy(item, &p->free, sizeof(void *));
    p->free = item;
    p->n--;
    arena_hide(item, p->item_bytes);
}
