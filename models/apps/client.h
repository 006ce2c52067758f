/* SPDX-License-Identifier: GPL-3.0-or-later
 * client.h -- what connect, request and bulk have in common: one connection, opened at a time,
 * closed by a rule.
 *
 * A kind adds its own progress function; it begins with client_note and ends with
 * client_close_when.
 */
#pragma once
#include "models/apps/close_rule.h"
#include "models/apps/conn.h"
#include "models/apps/wait.h"

struct client_params {
    char to[NAME_MAX_BYTES];
    uint16_t port;       /* 0: that of `to` */
    uint16_t local_port; /* 0: ephemeral */
    sim_time at;
    const char *close; /* a name of close_rule.h */
    sim_time close_after;
};

/* The rows that are the same in each kind; its parameters begin with a struct client_params. */
/* clang-format off */
#define CLIENT_AT(field) offsetof(struct client_params, field)
#define CLIENT_KEY_ROWS                                                                        \
    {"to", KEY_NAME, CLIENT_AT(to), NULL, "the app to talk to, or a host (then give port)",    \
     .refers = REFERS_APP},                                                                    \
    {"port", KEY_PORT, CLIENT_AT(port), "",                                                    \
     "the remote port; left out: the one that `to` listens on"},                               \
    {"local_port", KEY_PORT, CLIENT_AT(local_port), "",                                        \
     "the local port; left out: an ephemeral one"},                                            \
    {"at", KEY_QUANTITY, CLIENT_AT(at), "0s",                                                  \
     "when it calls connect(), from the start of the run", UNIT_TIME},                         \
    {"close_after", KEY_QUANTITY, CLIENT_AT(close_after), "0s",                                \
     "how long it waits before the close() of `close`, once that is due", UNIT_TIME}

#define CLIENT_METRIC_ROWS                                                                     \
    {"connected_at", UNIT_TIME, offsetof(struct client, connected_at), NULL, 0,                \
     "when connect() succeeded"},                                                              \
    {"eof_at", UNIT_TIME, offsetof(struct client, eof_at), NULL, 0,                            \
     "when it read the end of the peer's stream"}
/* clang-format on */

/* Instants are those of the first connection to which it happens. */
struct client {
    struct app app;
    const struct app_conn_kind *conn_kind;
    enum close_rule close;
    struct app_wait_line closing;
    sim_time connected_at, eof_at;
};

struct client_conn {
    struct app_conn conn;
    struct app_wait close;
};

/* For app_kind.start, after the kind's own fields: queues the opening. */
void client_start(struct app *a, const struct app_conn_kind *conn_kind);
/* app_kind.on_wake: opens a connection. */
void client_on_wake(struct app *a);

/* The instants above. False: there is nothing more for progress to do, not yet connected or
 * broken. */
bool client_note(struct app_conn *c);
/* close() close_after from the first call on at which due is true. */
void client_close_when(struct app_conn *c, bool due);

/* app_conn_kind.release */
void client_release(struct app_conn *c);
