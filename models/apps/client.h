/* SPDX-License-Identifier: GPL-3.0-or-later
 * client.h -- what connect, request, bulk and on-off have in common: when connections are
 * opened, how they end, and what became of the attempts.
 *
 *   arrivals --> attempt --connect()--> connected --progress--> completed --close--> CLOSED
 *                 ^ |                                                                   |
 *                 | `--> failed --.                                                     |
 *                 `---------------+--- reconnect: after a wait, so many times ----------'
 *
 * The one idea: an attempt is one call of connect(), and counts are of attempts that began at
 * or after the end of `warm_up`, so that shares and means are of the same attempts above and
 * below the line.
 *
 * A kind adds its own progress function; it begins with client_note and ends with
 * client_close_when.
 */
#pragma once
#include "models/apps/arrivals.h"
#include "models/apps/close_rule.h"
#include "models/apps/conn.h"
#include "models/apps/wait.h"

struct reconnect_params {
    int64_t times;            /* 0: never; UNIT_UNLIMITED */
    struct key_variant after; /* of DIST_KINDS */
    const char *since;        /* closed, let-go */
};

struct client_params {
    char to[NAME_MAX_BYTES];
    uint16_t port;               /* 0: that of `to` */
    uint16_t local_port;         /* 0: ephemeral */
    struct key_list address;     /* of struct key_address; none: the first of `to` */
    struct key_variant at;       /* of DIST_KINDS */
    struct key_variant arrivals; /* of ARRIVAL_KINDS; not given: one */
    int64_t connections;         /* of arrivals; UNIT_UNLIMITED */
    sim_time late_after;         /* SIM_NEVER */
    struct reconnect_params reconnect;
    bool read;
    const char *close;    /* a name of close_rule.h */
    const char *close_by; /* likewise */
    struct key_variant close_after;
};

/* The rows that are the same in each kind; its parameters begin with a struct client_params. */
/* clang-format off */
extern const struct key RECONNECT_KEYS[];
#define CLIENT_AT(field) offsetof(struct client_params, field)
#define CLIENT_KEY_ROWS                                                                        \
    {"to", KEY_NAME, CLIENT_AT(to), NULL, "the app to talk to, or a host (then give port)",    \
     .refers = REFERS_APP},                                                                    \
    {"port", KEY_PORT, CLIENT_AT(port), "",                                                    \
     "the remote port; left out: the one that `to` listens on"},                               \
    {"local_port", KEY_PORT, CLIENT_AT(local_port), "",                                        \
     "the local port; left out: an ephemeral one"},                                            \
    {"address", KEY_ADDRESSES, CLIENT_AT(address), "",                                         \
     "which address of the host of `to`, when it has several; of a list each connection takes "\
     "the next in turn"},                                                                      \
    {"at", KEY_VARIANT, CLIENT_AT(at), "0s",                                                   \
     "when it calls connect(), or from when on `arrivals` count, from the start of the run; "  \
     "random: drawn once", .variants = DIST_KINDS},                                            \
    {"arrivals", KEY_VARIANT, CLIENT_AT(arrivals), "",                                         \
     "when it opens one connection after the other; left out: one, `at`",                      \
     .variants = ARRIVAL_KINDS},                                                               \
    {"connections", KEY_QUANTITY, CLIENT_AT(connections), "unlimited",                         \
     "at most so many `arrivals`", UNIT_COUNT, 1, INT64_MAX},                                  \
    {"late_after", KEY_QUANTITY, CLIENT_AT(late_after), "never",                               \
     "a completed attempt that took longer counts as late", UNIT_TIME, 0, SIM_NEVER},          \
    {"reconnect", KEY_GROUP, 0, "",                                                            \
     "opens a connection again when it has ended or failed; with local_port by the same pair " \
     "of ends", .sub = RECONNECT_KEYS},                                                        \
    {"read", KEY_BOOL, CLIENT_AT(read), "yes",                                                 \
     "whether it ever reads; if not, close() with unread bytes resets (RFC 2525 §2.17)"},      \
    {"close_by", KEY_CHOICE, CLIENT_AT(close_by), "close",                                     \
     "what it calls when `close` is due", .choices = APP_ENDING_CHOICES},                      \
    {"close_after", KEY_VARIANT, CLIENT_AT(close_after), "0s",                                 \
     "how long it waits before the call of `close`, once that is due", .variants = DIST_KINDS}

#define CLIENT_TALLY(field) offsetof(struct client, tally.field)
#define CLIENT_METRIC_ROWS                                                                     \
    {"connected_at", UNIT_TIME, offsetof(struct client, connected_at), NULL, 0,                \
     "when connect() succeeded, the first time"},                                              \
    {"eof_at", UNIT_TIME, offsetof(struct client, eof_at), NULL, 0,                            \
     "when it read the end of the peer's stream, the first time"},                             \
    {"completed_at", UNIT_TIME, offsetof(struct client, completed_at), NULL, 0,                \
     "when the last completed attempt was completed"},                                         \
    {"attempts", UNIT_COUNT, CLIENT_TALLY(n_attempts), NULL, 0,                                \
     "calls of connect() since the end of warm_up; what follows is about these alone"},        \
    {"connected", UNIT_COUNT, CLIENT_TALLY(n_connected), NULL, 0,                              \
     "attempts that became a connection"},                                                     \
    {"failed", UNIT_COUNT, CLIENT_TALLY(n_failed), NULL, 0,                                    \
     "attempts that ended without: refused, timed out, no free port"},                         \
    {"completed", UNIT_COUNT, CLIENT_TALLY(n_completed), NULL, 0,                              \
     "attempts that got all they were made for: connected, every reply, all bytes "            \
     "acknowledged"},                                                                          \
    {"refused_fraction", UNIT_FRACTION, CLIENT_TALLY(n_failed), app_share,                     \
     CLIENT_TALLY(n_decided),                                                                  \
     "failed attempts among those decided, which is failed / (failed + connected)"},           \
    {"unserved_fraction", UNIT_FRACTION, CLIENT_TALLY(n_unserved), app_share,                  \
     CLIENT_TALLY(n_over),                                                                     \
     "attempts that ended, connected or not, before they were completed; among these and the " \
     "completed ones"},                                                                        \
    {"late", UNIT_COUNT, CLIENT_TALLY(n_late), NULL, 0,                                        \
     "attempts completed later than `late_after` after their connect()"},                      \
    {"late_fraction", UNIT_FRACTION, CLIENT_TALLY(n_late), app_share, CLIENT_TALLY(n_over),    \
     "late ones among all that ended or were completed"},                                      \
    {"connect_delay", UNIT_TIME, CLIENT_TALLY(connect_delay), app_mean,                        \
     CLIENT_TALLY(n_connected), "mean time from connect() to its success"},                    \
    {"connect_delay_max", UNIT_TIME, CLIENT_TALLY(connect_delay_max), app_max,                 \
     CLIENT_TALLY(n_connected), "the longest of these"},                                       \
    {"completion_delay", UNIT_TIME, CLIENT_TALLY(completion_delay), app_mean,                  \
     CLIENT_TALLY(n_completed), "mean time from connect() to completion"},                     \
    {"completion_delay_max", UNIT_TIME, CLIENT_TALLY(completion_delay_max), app_max,           \
     CLIENT_TALLY(n_completed), "the longest of these"}
/* clang-format on */

/* Of attempts that began at or after `since`. The delays are sums, and the greatest ones. */
struct client_tally {
    sim_time since;
    int64_t n_attempts, n_connected, n_failed, n_completed;
    int64_t n_decided;          /* connected or failed */
    int64_t n_unserved, n_over; /* ended without being completed; ended so, or completed */
    int64_t n_late;             /* completed later than late_after */
    sim_time connect_delay, connect_delay_max, completion_delay, completion_delay_max;
};

struct client {
    struct app app;
    const struct app_conn_kind *conn_kind;
    enum close_rule close;
    const struct app_ending *ending;
    bool again_when_let_go;     /* else when CLOSED */
    int64_t n_opened;           /* connections that took one of several addresses */
    int64_t first_write;        /* bytes that go with connect(); 0: it goes alone */
    struct tcp_watch closed;    /* then: tells of those that were in TIME-WAIT */
    struct client_pause *first; /* these, the longest in it first */
    struct client_pause **end;
    struct arrivals arrivals;
    struct app_wait_line closing, pausing;
    sim_time connected_at, eof_at; /* of the first connection to which it happens */
    sim_time completed_at;
    struct client_tally tally;
};

struct client_conn {
    struct app_conn conn;
    struct app_wait close;
    sim_time opened_at;
    int64_t n_left; /* times to reconnect; UNIT_UNLIMITED */
    bool has_gone_on, was_connected, was_completed;
};

/* For app_kind.start, after the kind's own fields: queues the first opening. conn_kind has
 * client_release and client_on_let_go. */
void client_start(struct app *a, const struct app_conn_kind *conn_kind);
/* app_kind.on_wake: opens connections. */
void client_on_wake(struct app *a);
/* app_kind.on_warm_up, or a part of it. */
void client_on_warm_up(struct app *a);
/* app_kind.check, or a part of it. */
struct misfit client_check(const struct client_params *params);

/* The instants above. False: there is nothing more for progress to do, not yet connected or
 * broken. */
bool client_note(struct app_conn *c);
/* Whether the attempt is one of those that count. */
bool client_counts(const struct app_conn *c);
/* The attempt has got what it was made for; counted once. */
void client_complete(struct app_conn *c);
/* Ends the connection close_after from the first call on at which due is true. */
void client_close_when(struct app_conn *c, bool due);

/* app_conn_kind.release and on_let_go */
void client_release(struct app_conn *c);
void client_on_let_go(struct app_conn *c);
