/* SPDX-License-Identifier: GPL-3.0-or-later
 * reference.h -- what Linux 6.18 did (tests/reference) and what profile linux does, in one
 * form.
 *
 *   linux-6.18/SET/segments.csv, states.csv --> ref_measure --.
 *                                                  |          |-- ref_trace --> ref_compare
 *   SET.yaml, and what was injected there -----> ref_simulate '
 *
 * The one idea: numbers are compared by their place. Each new SYN of a direction is a base, and
 * a number is so many bytes from the base that is nearest; both sides find their bases by the
 * same rule, whatever their initial numbers are. Timestamps likewise: a clock of its own is a
 * base.
 *
 * Times are in us, as the measurement has them.
 */
#pragma once
#include "models/tcp/options.h"
#include "tests/check.h"

enum { REF_ROWS = 1024, REF_CONNS = 320, REF_STATES = 48, REF_BASES = 24, REF_SETTINGS = 8 };
enum { REF_NEVER_MS = 1 << 24 }; /* timestamps so far apart are of two clocks */
#define REF_NEVER INT64_MAX

/* How a set is compared. */
enum ref_how {
    REF_ENDS_ONLY = 1, /* what opens and closes, options of SYNs, states, where data is cut */
    REF_NO_TIMES = 2,  /* segments and states in their order */
    REF_COOKIE_CLOCK = 4, /* the low six bits of the server's timestamps are of its cookies */
    REF_ANY_PORT = 8,     /* the client's ports are drawn: the first is the first */
    REF_LATE_FIN = 16,    /* a bare ACK a moment before its FIN: the program was late for it */
    REF_SYSCTLS = 32,     /* sysctls of the client were set on the way */
    REF_SLOW_READER = 64, /* the client's windows show when its program woke up */
    REF_NO_STATES = 128,  /* the run is not followed to its end */
};

struct ref_set {
    const char *name;
    unsigned how;   /* of enum ref_how */
    int64_t until;  /* us: what was sent later is not compared; 0: everything is */
    int64_t jitter; /* us that the machine was late beyond what its README tells */
};

/* A connection as both sides call it. */
struct ref_conn {
    uint32_t peer; /* the address of who is not the client: forged; 0: the client */
    uint16_t client_port, server_port;
};
/* A number by its place. */
struct ref_place {
    int base;
    int64_t off;
};
struct ref_base {
    uint32_t number;
    int64_t at; /* us: of the segment that had it */
    bool injected;
};
struct ref_bases {
    int n;
    struct ref_base base[REF_BASES];
};

struct ref_row {
    int conn;
    bool from_client, injected;
    int64_t sent_at, received_at; /* REF_NEVER: it was lost */
    uint32_t flags, seq, ack;
    int64_t len, win;
    char kinds[80]; /* its options in order, "mss=1460 sackOK ts ws=7" */
    bool has_echo;
    struct tcp_options opt;
    struct ref_place seq_at, ack_at, tsval_at, tsecr_at, sack_at[MAX_SACK_BLOCKS][2];
};

/* What one end went through. */
struct ref_life {
    int n;
    const char *state[REF_STATES];
    int64_t at[REF_STATES]; /* REF_NEVER: not known */
};

/* What the client's kernel was told meanwhile. */
struct ref_sysctl {
    int64_t at;
    char name[32]; /* without net.ipv4.tcp_: a key of TCP_KEYS */
    int64_t value;
};

struct ref_trace {
    int n, n_conns, n_sysctls;
    struct ref_sysctl sysctl[REF_SETTINGS];
    int64_t end_at; /* the last state that was seen */
    bool has_ticks; /* it has timers like those of the measurement: models/tcp/wheel.h */
    struct ref_row row[REF_ROWS];
    struct ref_conn conn[REF_CONNS];
    struct ref_bases seq[REF_CONNS][2], ts[REF_CONNS][2]; /* [from_client] */
    struct ref_life life[REF_CONNS][2];                   /* [client] */
};

/* ---- reference_trace.c */
/* The number of a connection; a new one when it has not been seen. */
int ref_conn_of(struct ref_trace *t, struct ref_conn c);
/* Adds a row and finds the places of its numbers. */
void ref_add(struct ref_trace *t, struct ref_row row);
/* The number at this place, or otherwise when there is no such base yet. */
uint32_t ref_number(const struct ref_bases *b, struct ref_place place, uint32_t otherwise);
/* One more option of r, as segments.csv names it. */
void ref_add_kind(struct ref_row *r, const char *name);
void ref_live(struct ref_life *life, const char *state, int64_t at);
bool ref_last_is(const struct ref_life *life, const char *state);

/* ---- reference_wire.c */
/* The options of a segment, len bytes in wire form. */
void ref_take_options(struct ref_row *r, const uint8_t *wire, uint32_t len);

/* ---- reference_linux.c */
void ref_measure(const struct ref_set *set, struct ref_trace *t);

/* ---- reference_run.c */
/* Runs tests/reference/SET.yaml; what was injected there is injected. */
void ref_simulate(const struct ref_set *set, const struct ref_trace *measured,
                  struct ref_trace *t);

/* ---- reference_compare.c */
/* How many things differ; tells each, when told to. */
int ref_compare(const struct ref_set *set, const struct ref_trace *measured,
                const struct ref_trace *simulated, bool tell);
