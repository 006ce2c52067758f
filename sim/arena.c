/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
const bool arena_hides = true;
#else
const bool arena_hides = false;
#endif

static const size_t LARGEST = (size_t)1 << 36, SMALLEST = (size_t)1 << 24;

/* Huge pages beyond the first 2 MiB: without them a large run waits for its page tables. */
static const size_t SMALL_RUN = (size_t)1 << 21;

enum { MIN_BLOCK = 16, LINE = 64, EXIT_RUN_FAILED = 3 };

void arena_hide(const void *p, size_t bytes)
{
#ifdef ARENA_POISONS
    ASAN_POISON_MEMORY_REGION(p, bytes);
#endif
}

void arena_show(const void *p, size_t bytes)
{
#ifdef ARENA_POISONS
    ASAN_UNPOISON_MEMORY_REGION(p, bytes);
#endif
}

int arena_init(struct arena *a)
{
    *a = (struct arena){0};
    for (size_t size = LARGEST; size >= SMALLEST; size /= 2) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p != MAP_FAILED) {
            /* a wish: without them the run is slower, no more */
            (void)madvise((char *)p + SMALL_RUN, size - SMALL_RUN, MADV_HUGEPAGE);
            a->base = p;
            a->size = size;
            return 0;
        }
    }
    return -1;
}

void arena_fini(struct arena *a)
{
    const struct arena gone = *a; /* a may lie inside */
    arena_show(gone.base, gone.used);
    munmap(gone.base, gone.size);
}

static unsigned class_of(size_t bytes)
{
    return bytes <= MIN_BLOCK ? 0 : 60 - (unsigned)__builtin_clzll(bytes - 1);
}

static size_t class_bytes(unsigned class)
{
    return (size_t)MIN_BLOCK << class;
}

static _Noreturn void stop_full(const struct arena *a)
{
    fprintf(stderr, "halfopen: the run does not fit into %zu MiB of address space\n",
            a->size >> 20);
    exit(EXIT_RUN_FAILED);
}

static void *fresh_block(struct arena *a, size_t bytes)
{
    const size_t align = bytes < LINE ? MIN_BLOCK : LINE;
    const size_t from = (a->used + align - 1) & ~(align - 1);
    if (bytes > a->size - from)
        stop_full(a);
    a->used = from + bytes;
    return a->base + from;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    if (bytes > a->size)
        stop_full(a);
    const unsigned class = class_of(bytes);
    void *p = a->free[class];
    if (p == NULL) {
        p = fresh_block(a, class_bytes(class));
    } else {
        arena_show(p, class_bytes(class));
        memcpy(&a->free[class], p, sizeof(void *));
        memset(p, 0, class_bytes(class));
    }
    const size_t seen = bytes < sizeof(void *) ? sizeof(void *) : bytes; /* the list's link */
    arena_hide((char *)p + seen, class_bytes(class) - seen);
    return p;
}

void arena_free(struct arena *a, void *p, size_t bytes)
{
    if (p == NULL)
        return;
    const unsigned class = class_of(bytes);
    memcpy(p, &a->free[class], sizeof(void *));
    a->free[class] = p;
    arena_hide(p, class_bytes(class));
}

void *arena_grow(struct arena *a, void *items, uint32_t *cap, uint32_t want, size_t item_bytes)
{
    if (want <= *cap)
        return items;
    const size_t old_bytes = *cap * item_bytes;
    const size_t bytes = class_bytes(class_of(want * item_bytes));
    void *grown = arena_alloc(a, bytes);
    if (items != NULL) {
        memcpy(grown, items, old_bytes);
        arena_free(a, items, old_bytes);
    }
    const size_t n = bytes / item_bytes;
    *cap = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    return grown;
}
