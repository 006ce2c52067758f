/* SPDX-License-Identifier: GPL-3.0-or-later
 * app.h -- what runs on a host and uses sockets: kinds in a registry, each with its keys and metrics.
 *
 * An application reads and writes streams and checks every byte it gets: its stream must be the connection's peer
 * and its offset the next one. What is not is counted, never assumed away.
 */
#pragma once
#include "models/host.h"
#include "models/tcp/tcp.h"

struct app;

/* Who an application may talk to; made by the network's builder so that models need not know it. */
struct app_env {
    struct host *host;        /* where it runs */
    struct host *to_host;     /* of its `to` app or `to` host; NULL: none */
    uint16_t to_port;         /* 0: none */
};

struct app_kind {
    const char *name, *help;
    const struct key *keys;         /* beside kind and host; ends with {0} */
    size_t params_bytes;
    const struct metric *metrics;   /* its own, offsets from the app struct; the TCP_METRICS come with all; ends {0} */
    size_t bytes;                   /* of its struct, which begins with struct app */
    void (*start)(struct app *a);   /* at time 0, in declared order, once */
    /* The port that others reach by `to: NAME`; 0: none. May be NULL. */
    uint16_t (*port)(const void *params);
    /* A sentence when the parameters do not go together, else NULL. May be NULL. */
    const char *(*check)(const void *params);
};
extern const struct app_kind *const APP_KINDS[]; /* ends with NULL: server, request, connect, bulk, script */

struct app {
    const struct app_kind *kind;
    struct sim *sim;
    struct app_env env;
    const void *params;    /* borrowed, const */
    uint32_t subject;
    struct tcp_user user;  /* its account is the one below */
    struct tcp_account account;
    struct event wake;     /* class EV_APP: its next timed call */
    int64_t bytes_verified;       /* received, of the right stream, at the right offset */
    int64_t bytes_wrong_stream;   /* of another incarnation */
    int64_t bytes_out_of_place;   /* of the right stream at another offset */
    int64_t n_errors;             /* failed calls and error events */
    sim_time first_byte_at, last_byte_at;
};

/* Metrics that every application has: bytes_verified, bytes_wrong_stream, ... */
extern const struct metric APP_METRICS[];

/* Makes and declares an app in the arena ("app" `name`); start is called by app_start. Borrows params. */
struct app *app_new(struct sim *sim, const char *name, const struct app_kind *kind, const struct app_env *env,
                    const void *params);
void app_start(struct app *a);

/* Finds a metric of a (its own, APP_METRICS, TCP_METRICS); *subject is set to the struct its offset refers to. */
const struct metric *app_metric(const struct app *a, const char *name, const void **subject);
