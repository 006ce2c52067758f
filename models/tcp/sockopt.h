/* SPDX-License-Identifier: GPL-3.0-or-later
 * sockopt.h -- socket options: one row each, for setsockopt() and getsockopt() of packet
 * scripts, for the `set` and `get` of a script in YAML, and for models that set one.
 *
 *   setsockopt(TCP_KEEPIDLE, 10) --step--> 10 s --min, max--> struct tcp_sockopts --changed-->
 *   getsockopt() = 10 <----------step----- 10 s <-------------/            (what happens at
 * once)
 *
 * A new option is a field of struct tcp_sockopts, a name in enum tcp_option and a row here. It
 * may be set before there is a connection; an accepted one begins with its listener's.
 *
 * No rows: options that are a struct or a text. Of SO_LINGER there are two, one a field;
 * TCP_INFO is in info.h, TCP_CONGESTION in sock.h.
 */
#pragma once
#include "models/tcp/tcp.h"
#include "sim/schema.h"

/* Of which socket: t is NULL where there is no connection (yet), opt is t's own where there is
 * one. */
struct tcp_option_of {
    const struct tcp_stack *stack;
    struct tcp_sockopts *opt;
    struct tcp *t;
    bool listens;
};
/* Those of a connection, to be set; to be asked for. */
struct tcp_option_of tcp_option_of(struct tcp *t);
struct tcp_option_of tcp_option_asked(const struct tcp *t);

struct tcp_option_row {
    const char *name;           /* in lower case: nodelay */
    const char *level, *socket; /* as in a call: SOL_TCP, TCP_NODELAY; NULL: no such int */
    const char *help;
    enum unit unit;   /* of what is kept; UNIT_NONE: a bool */
    bool strict;      /* a bool that is given by 0 and 1 alone, others by every number */
    int64_t step;     /* what 1 stands for in setsockopt(): SEC(1), MS(1), else 1 */
    int64_t min, max; /* of what is kept, else -EINVAL */
    size_t offset;    /* in struct tcp_sockopts: an int64_t, or a bool */
    /* Instead of an assignment: 0 or -errno. NULL: value is kept. */
    int (*set)(const struct tcp_option_of *o, int64_t value);
    /* Instead of what is kept; NULL: that. */
    int64_t (*get)(const struct tcp_option_of *o);
    /* What a connection does at once when it has been set; NULL: nothing. */
    void (*changed)(struct tcp *t);
    /* Instead of step: an int of setsockopt() and what is kept for it, or -errno; and back. */
    int64_t (*from_int)(const struct tcp_option_of *o, int64_t value);
    int64_t (*to_int)(const struct tcp_option_of *o, int64_t kept);
};
extern const struct tcp_option_row TCP_OPTIONS[TCP_N_OPTIONS];

/* In units of what is kept: ns, bytes, a count. 0 or -errno. */
int tcp_option_set(const struct tcp_option_of *o, enum tcp_option option, int64_t value);
int64_t tcp_option_get(const struct tcp_option_of *o, enum tcp_option option);

/* The same in ints of setsockopt() and getsockopt(). */
int tcp_option_set_int(const struct tcp_option_of *o, enum tcp_option option, int64_t value);
int64_t tcp_option_get_int(const struct tcp_option_of *o, enum tcp_option option);

/* The option of that name; false: there is none. */
bool tcp_option_named(const char *name, enum tcp_option *out);
