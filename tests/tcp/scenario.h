/* SPDX-License-Identifier: GPL-3.0-or-later
 * scenario.h -- a random life of a few connections between two hosts, and what must hold
 * whatever happened.
 *
 * Two actors a connection, one an end, make random socket calls at random times over links that
 * lose, delay, duplicate and reorder, and hold segments until an actor's connection is in some
 * state. Every actor reads in the end and closes in the end, so every connection must end, or
 * be broken and say so. An end that has shut its reading down is told an end of stream that is
 * none: of it only the bytes are checked.
 */
#pragma once
#include "tests/check.h"
#include "topologies/net.h"

enum { SCENARIO_MAX_CONNS = 4, SCENARIO_MAX_FAULTS = 8, SCENARIO_MAX_HOLDS = 3 };

struct actor {
    struct tcp_user user; /* first */
    struct tcp_account account;
    struct scenario *scenario;
    struct event wake;
    struct tcp *t; /* NULL: no connection yet, or let go */
    struct rng rng;
    uint32_t conn, peer_stream;
    int64_t to_write, written;
    int64_t n_read; /* bytes read, each verified to be the next one of the peer's stream */
    bool eager;     /* reads whatever comes at once */
    bool may_abort;
    bool shut;    /* its own FIN is queued: it writes no more */
    bool shut_rd; /* it has said that it reads no more, and reads on */
    bool opened, eof, error, closed_early, aborted, ended;
    int n_calls;
};

/* A fault that waits for an actor, which is no application of the net's. */
struct hold {
    struct fault fault;
    struct tcp_watch watch; /* in an actor's account */
};

struct scenario {
    struct sim *sim;
    struct net *net;
    struct tcp_user accepting;
    struct tcp_account accept_account;
    struct tcp_listener *listener;
    struct actor actors[2 * SCENARIO_MAX_CONNS]; /* [2i] client, [2i+1] server of connection i,
                                                    paired by stream */
    struct hold holds[SCENARIO_MAX_HOLDS];
    int n_conns, n_accepted, n_holds;
};

/* Builds scenario number `seed` in a sim of its own. Everything lives in the sim's arena. */
struct scenario *scenario_new(uint64_t seed, bool shuffle_ties);

/* What many scenarios came to: a test that never sees a loss, a reset or a whole stream tests
 * nothing. */
struct scenario_tally {
    int64_t n_ends, n_whole, n_broken; /* ends of connections: opened; read a whole stream to
                                          its end; told an error */
    int64_t n_shut_rd;                 /* of these, shut their reading down */
    int64_t bytes_read, retransmissions, resets;
    int64_t n_released; /* segments that were held and came after all */
};

/* Runs to the end of all connections (a simulated day at most), drains, checks; adds to tally.
 * Frees the sim. */
void scenario_finish(struct scenario *s, struct scenario_tally *tally);
