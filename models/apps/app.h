/* SPDX-License-Identifier: GPL-3.0-or-later
 * app.h -- what runs on a host and uses sockets: kinds in a registry, each with its keys and
 * metrics.
 *
 *   struct app, one a config entry  <---  struct app_conn, one a connection  --->  struct tcp
 *     `- server | client | script            `- its kind's progress function (conn.h)
 *
 * An application reads and writes streams and checks every byte it gets: its stream must be the
 * connection's peer and its offset the next one. What is not is counted, never assumed away.
 *
 * Not modelled: time that the application's own computing takes, unless a key (reply_after,
 * close_after) says so.
 */
#pragma once
#include "models/host.h"
#include "models/tcp/tcp.h"

struct app;

/* Who an application may talk to; made by the network's builder: models need not know it. */
struct app_env {
    struct host *host;    /* where it runs */
    struct host *to_host; /* of its `to` app or `to` host; NULL: none */
    uint16_t to_port;     /* 0: none */
    struct host *as_host; /* whom it passes for: of its `as` host; NULL: nobody */
    struct link *link;    /* that it sees: of its `link`; NULL: none */
    /* What its `to` app answers to a request; 0: nothing, or not known. */
    int64_t to_reply_bytes;
    int64_t to_greeting_bytes; /* what it sends before any request, likewise */
};

struct app_kind {
    const char *name, *help;
    /* Beside kind and host; ends with {0}. A kind that talks to somebody has a KEY_NAME `to`,
     * an app or a host: the loader hands it to the network's builder, for env.to_host. So it
     * does with a KEY_NAME `as`, a host, and `link`, for env.as_host and env.link. */
    const struct key *keys;
    size_t params_bytes;
    /* Its own, offsets from the app struct; ends with {0}. APP_METRICS and TCP_METRICS come
     * with every kind. */
    const struct metric *metrics;
    size_t bytes; /* of its struct, which begins with struct app */
    /* At time 0, in declared order; and again whenever its host is back after a crash: its
     * connections and waits are gone then, its counts go on, its instants are of this life. */
    void (*start)(struct app *a);
    /* At the time for which a->wake was queued. NULL: it never is. */
    void (*on_wake)(struct app *a);
    /* The port that others reach by `to: NAME`; 0: none. May be NULL. */
    uint16_t (*port)(const void *params);
    /* The bytes that it answers to a request; 0: none. May be NULL. */
    int64_t (*reply_bytes)(const void *params);
    /* The bytes with which it greets a connection; 0: none. May be NULL. */
    int64_t (*greeting_bytes)(const void *params);
    /* Whether the parameters go together. May be NULL: they always do. */
    struct misfit (*check)(const void *params);
    /* Whether they go with the app that it talks to, which answers reply_bytes (0: nothing, or
     * it is a host). May be NULL: they always do. */
    struct misfit (*check_to)(const void *params, int64_t reply_bytes);
    /* The warm-up is over: its own counts, sums and levels begin anew; instants stay. May be
     * NULL: it has instants alone. */
    void (*on_warm_up)(struct app *a);
    bool datagrams; /* it speaks UDP; else TCP */
};
/* Ends with NULL: server, request, connect, bulk, on-off, cbr, udp-sink, script, syn-flood,
 * injector, replayer. */
extern const struct app_kind *const APP_KINDS[];

struct app {
    const struct app_kind *kind;
    struct sim *sim;
    struct app_env env;
    const void *params; /* borrowed, const */
    uint32_t subject;
    struct tcp_user user; /* of listeners; its account is the one below */
    struct tcp_account account;
    struct event wake;           /* class EV_APP: its next timed call */
    struct app_wait_line *lines; /* of its waits */
    sim_time started_at;         /* 0, or when it started anew */
    int64_t n_starts;
    bool is_down;               /* its host has failed: it hears of nothing */
    int64_t bytes_verified;     /* received, of the right stream, at the right offset */
    int64_t bytes_wrong_stream; /* of another incarnation */
    int64_t bytes_out_of_place; /* of the right stream at another offset */
    int64_t n_errors;           /* failed calls and error events */
    int first_error;            /* errno of the first; 0: none */
    int64_t n_taken; /* listen and connect calls that found no free address, unforeseen */
    int taken_error; /* errno of the first: EADDRINUSE, EADDRNOTAVAIL; 0: none */
    sim_time first_byte_at, last_byte_at;
};

/* Metrics that every application has: bytes_verified, bytes_wrong_stream, ... */
extern const struct metric APP_METRICS[];

/* Makes and declares an app in the arena ("app" `name`); start is called by app_start. Borrows
 * params. */
struct app *app_new(struct sim *sim, const char *name, const struct app_kind *kind,
                    const struct app_env *env, const void *params);
void app_start(struct app *a);

/* Its host has failed, and its connections are gone: it waits for nothing any more. */
void app_forget(struct app *a);
/* Its host is back. */
void app_start_anew(struct app *a);

/* The warm-up is over: the counts of a, its kind and its account begin anew. */
void app_warm_up(struct app *a);

/* Finds a metric of a (its own, APP_METRICS, TCP_METRICS); *subject is set to the struct its
 * offset refers to. */
const struct metric *app_metric(const struct app *a, const char *name, const void **subject);

/* For kinds. The errors of calls and events are positive errnos here. */

/* The random numbers of one of its parameters: "app/NAME/KEY", in its second life
 * "app/NAME/KEY/2". */
struct rng app_rng(const struct app *a, const char *key);

/* metric.get: the int64_t at offset divided by the one at arg, both from the app struct; none
 * when that is 0. app_max: the first as it is, under the same condition. app_share: the same as
 * a fraction. */
struct value app_mean(const struct sim *sim, const void *subject, const struct metric *m);
struct value app_max(const struct sim *sim, const void *subject, const struct metric *m);
struct value app_share(const struct sim *sim, const void *subject, const struct metric *m);

/* Counts an error of a, with a record. what: the call, or "connection". */
void app_note_error(struct app *a, uint32_t conn, const char *what, int error);

/* The error that app_note_error has just counted is what the configuration says must come. */
void app_foresaw_error(struct app *a, int error);

/* A record event(a's subject, conn, kind, text); the text is made only if somebody listens. */
void app_event(struct app *a, uint32_t conn, const char *kind, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* Judges bytes just received on a connection whose peer's stream is `stream` and whose next
 * byte there is *next. *next moves behind x: one gap or repeat is counted once, what follows it
 * in order is verified again. */
void app_check_extent(struct app *a, uint32_t conn, uint32_t stream, uint64_t *next,
                      const struct tcp_extent *x);

/* "ECONNRESET" and back; among the errnos that the calls of tcp.h return. "?", -1: not one of
 * them. */
const char *app_error_name(int error);
int app_error_number(const char *name);
