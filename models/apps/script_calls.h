/* SPDX-License-Identifier: GPL-3.0-or-later
 * script_calls.h -- the socket calls of a script (script.h): its sockets, what each call takes,
 * and how it is made. For script.c and script_calls.c only.
 */
#pragma once
#include "models/apps/script.h"
#include "models/tcp/sock.h"

/* A socket by name: socket() is its first call, and the first after close(). What it accepts
 * takes its place for all calls, until that is closed. */
struct script_socket {
    struct script *script;
    struct script_socket *next;
    const char *name;
    bool open;
    struct tcp_sock own, child;           /* child: what it has accepted */
    struct app_conn *conn;                /* own's or child's; NULL: no connection */
    const struct script_step *connecting; /* calls that have not returned yet; NULL: none */
    const struct script_step *accepting;
    struct tcp_user user; /* of the listener */
};

struct script {
    struct app app; /* first */
    int next;       /* the first step that has not been called */
    struct script_socket *sockets;
    int64_t n_returned, n_mismatches;
    sim_time connected_at, eof_at, error_at;
};

/* Keys of a step beside at, call and returns. */
enum {
    KEY_OF_PORT = 1,
    KEY_OF_LOCAL_PORT = 2,
    KEY_OF_BACKLOG = 4,
    KEY_OF_BYTES = 8,
    KEY_OF_HOW = 16,
    KEY_OF_OPTION = 32,
    KEY_OF_VALUE = 64,
};

struct script_call {
    const char *name;
    int64_t (*fn)(struct script_socket *k, const struct script_step *step);
    uint32_t needs, takes; /* sets of KEY_OF_; takes: what it needs not counted */
    const char *lacks;     /* the sentence when something that it needs is not there */
    bool makes;            /* socket() comes before it where there is none */
    bool needs_to;         /* the script's `to` */
    bool unless_read;      /* not with read: yes */
};
/* Of a name that is a choice of SCRIPT_STEP_KEYS' call; each has a row. */
const struct script_call *script_call_named(const char *name);

/* What `returns` wants. False: no errno's name and no count. */
bool script_parse_returns(const char *text, int64_t *want);

/* Makes the call and compares what it returns, now or, of connect and accept, when it does. */
void script_make_call(struct script *s, const struct script_step *step);
