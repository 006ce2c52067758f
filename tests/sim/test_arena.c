/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/arena.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"

/* A block that lives: every byte of it holds the low bits of its number. */
struct block {
    unsigned char *p;
    size_t bytes;
    unsigned char pattern;
};

static bool all_bytes_are(const unsigned char *p, size_t n, unsigned char value)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != value)
            return false;
    return true;
}

static size_t random_size(struct rng *r)
{
    return 1 + rng_below(r, (uint64_t)1 << rng_below(r, 14));
}

static void blocks_keep_their_bytes_apart(void **state)
{
    enum { N_BLOCKS = 200, STEPS = 20000 };
    struct block blocks[N_BLOCKS] = {0};
    struct arena a;
    struct rng r;
    rng_init(&r, 1, "arena");
    assert_int_equal(arena_init(&a), 0);
    for (int step = 0; step < STEPS; step++) {
        struct block *b = &blocks[rng_below(&r, N_BLOCKS)];
        if (b->p != NULL) {
            check_true("nobody else wrote here", all_bytes_are(b->p, b->bytes, b->pattern));
            arena_free(&a, b->p, b->bytes);
            b->p = NULL;
            continue;
        }
        *b = (struct block){.bytes = random_size(&r),
                            .pattern = (unsigned char)(1 + step % 255)};
        b->p = arena_alloc(&a, b->bytes);
        check_eq("aligned", (uintptr_t)b->p % (b->bytes < 64 ? 16 : 64), 0);
        check_true("zeroed, used before or not", all_bytes_are(b->p, b->bytes, 0));
        memset(b->p, b->pattern, b->bytes);
    }
    /* 200 blocks of at most 16 KiB; a size class never holds more blocks than live at once. */
    check_true("freed blocks are used again", a.used < 12 * N_BLOCKS * (size_t)16384);
    arena_fini(&a);
}

static void a_block_is_found_again(void **state)
{
    struct arena a;
    assert_int_equal(arena_init(&a), 0);
    void *first = arena_alloc(&a, 100);
    arena_free(&a, first, 100);
    check_true("same class, same block", arena_alloc(&a, 65) == first);
    check_true("another class, another block", arena_alloc(&a, 64) != first);
    arena_free(&a, NULL, 64); /* NULL is taken and nothing happens */
    arena_fini(&a);
}

static void a_grown_array_keeps_its_items(void **state)
{
    struct arena a;
    uint64_t(*items)[3] = NULL; /* 24 bytes: no power of two */
    uint32_t cap = 0;
    assert_int_equal(arena_init(&a), 0);
    for (uint32_t n = 0; n < 5000; n++) {
        items = arena_grow(&a, items, &cap, n + 1, sizeof(*items));
        check_true("room", cap > n);
        check_eq("new ones are zero", items[n][0] | items[n][2], 0);
        items[n][0] = n;
        items[n][2] = ~(uint64_t)n;
    }
    for (uint32_t n = 0; n < 5000; n++)
        check_true("kept", items[n][0] == n && items[n][2] == ~(uint64_t)n);
    void *const before = items;
    check_true("no growth, no move",
               arena_grow(&a, items, &cap, cap, sizeof(*items)) == before);
    arena_fini(&a);
}

/* A child whose address space is limited reports by its exit status. The sanitizer needs
 * terabytes of it. */
static int in_limited_child(int (*body)(void))
{
    const pid_t child = fork();
    if (child == 0) {
        const rlim_t bytes = (rlim_t)1 << 30;
        freopen("/dev/null", "w", stderr);
        setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes});
        _exit(body());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int takes_what_it_can_get(void)
{
    struct arena a;
    return arena_init(&a) == 0 && a.size < (size_t)1 << 30 && a.size >= (size_t)1 << 28 ? 0 : 1;
}

static int runs_out(void)
{
    struct arena a;
    if (arena_init(&a) != 0)
        return 1;
    for (;;)
        arena_alloc(&a, (size_t)1 << 26);
}

static void the_limit_of_the_machine_is_met(void **state)
{
    if (arena_hides)
        skip();
    check_eq("halves until it fits", in_limited_child(takes_what_it_can_get), 0);
    check_eq("used up: exit status of a failed run", in_limited_child(runs_out), 3);
}

/* Faults on purpose: reads of what was given back, and past the end of what was asked for. */
static int read_hidden(unsigned which)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct packet *p = packet_new(sim, 40);
    unsigned char *block = sim_alloc(sim, 100);
    volatile unsigned char *end = block + 100, *freed = block;
    volatile unsigned char *packet = (unsigned char *)p + 64;
    if (which == 0)
        return *end;
    sim_release(sim, block, 100);
    packet_free(sim, p);
    return which == 1 ? *freed : *packet;
}

static void the_sanitizer_sees_what_is_hidden(void **state)
{
    if (!arena_hides)
        skip();
    for (unsigned which = 0; which < 3; which++) {
        const pid_t child = fork();
        if (child == 0) {
            fclose(stderr);
            _exit(read_hidden(which));
        }
        int status = 0;
        waitpid(child, &status, 0);
        check_true("the read is an error", !WIFEXITED(status) || WEXITSTATUS(status) != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_keep_their_bytes_apart),
        cmocka_unit_test(a_block_is_found_again),
        cmocka_unit_test(a_grown_array_keeps_its_items),
        cmocka_unit_test(the_limit_of_the_machine_is_met),
        cmocka_unit_test(the_sanitizer_sees_what_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
