/* SPDX-License-Identifier: GPL-3.0-or-later
 * apps_base.h -- what most rows of the tests of applications have in common: the defaults of
 * keys that they leave alone, and kinds of things with parameters.
 */
#pragma once
#include "models/apps/request.h"
#include "models/apps/server.h"
#include "tests/check.h"

#define CLIENT_BASE  .connections = UNIT_UNLIMITED, .read = true, .close_by = "close"
#define REQUEST_BASE .requests = 1, .send_when = "connected"
#define SERVER_BASE  .requests = 1, .close_by = "close", .workers = UNIT_UNLIMITED

/* The kind of this name, with one or two integers among its parameters; b NULL: one. */
static inline struct key_variant variant_of(const struct variant *kinds, const char *name,
                                            const char *a, int64_t a_value, const char *b,
                                            int64_t b_value)
{
    struct key_variant v = {0};

    while (strcmp(kinds->name, name) != 0)
        kinds++;
    v.variant = kinds;
    for (const struct key *k = kinds->keys; k->name != NULL; k++) {
        if (strcmp(k->name, a) == 0)
            memcpy(v.params + k->offset, &a_value, sizeof a_value);
        if (b != NULL && strcmp(k->name, b) == 0)
            memcpy(v.params + k->offset, &b_value, sizeof b_value);
    }
    return v;
}

/* The same of arrivals at listed instants. Borrows at. */
static inline struct key_variant arrivals_at(const sim_time *at, int n)
{
    struct key_variant v = {0};
    const struct key_list list = {(void *)(uintptr_t)at, n};
    const struct variant *kind = ARRIVAL_KINDS;

    while (strcmp(kind->name, "times") != 0)
        kind++;
    v.variant = kind;
    memcpy(v.params + kind->keys[0].offset, &list, sizeof list);
    return v;
}

/* A constant rate of arrivals. */
static inline struct key_variant per_second(int64_t n)
{
    return variant_of(ARRIVAL_KINDS, "constant", "rate", n * PER_SECOND_ONE, NULL, 0);
}

/* A client with the defaults, and a server that reads to the end. */
static inline struct client_params connecting(const char *close)
{
    return (struct client_params){CLIENT_BASE, .close = close};
}

static const struct server_params SINK = {SERVER_BASE, .port = 80, .close = "after-eof",
                                          .read = true};
