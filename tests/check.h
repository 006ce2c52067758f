/* SPDX-License-Identifier: GPL-3.0-or-later
 * check.h -- cmocka, checks that tell the row's story, and struct tap: a sink that remembers
 * arrivals.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/sim.h"

/* Fails the test with the row's story, both values and the place. */
#define check_eq(story, got, want)                                                             \
    check_eq_at((story), #got, (long long)(got), (long long)(want), __FILE__, __LINE__)
#define check_str(story, got, want)                                                            \
    check_str_at((story), #got, (got), (want), __FILE__, __LINE__)
#define check_true(story, cond) check_eq_at((story), #cond, !!(cond), 1, __FILE__, __LINE__)

static inline void check_eq_at(const char *story, const char *what, long long got,
                               long long want, const char *file, int line)
{
    if (got != want) {
        print_error("%s: %s is %lld, not %lld\n", story, what, got, want);
        _fail(file, line);
    }
}

static inline void check_str_at(const char *story, const char *what, const char *got,
                                const char *want, const char *file, int line)
{
    if (strcmp(got, want) != 0) {
        print_error("%s: %s is\n  \"%s\"\nnot\n  \"%s\"\n", story, what, got, want);
        _fail(file, line);
    }
}

enum { TAP_MAX = 256 };

/* Remembers and frees what it is handed. */
struct tap {
    struct sink sink; /* first */
    struct sim *sim;
    size_t n;
    sim_time at[TAP_MAX];
    struct packet packets[TAP_MAX]; /* copies, without options */
};

static inline void tap_recv(struct sink *sink, struct packet *p)
{
    struct tap *tap = CONTAINER_OF(sink, struct tap, sink);
    if (tap->n < TAP_MAX) {
        tap->at[tap->n] = tap->sim->now;
        tap->packets[tap->n] = *p;
    }
    tap->n++;
    packet_free(tap->sim, p);
}

static inline struct tap tap_to(struct sim *sim)
{
    return (struct tap){.sink = {tap_recv}, .sim = sim};
}
