/* SPDX-License-Identifier: GPL-3.0-or-later
 * ss.h -- sockets in the columns of `ss -tan`, and what a result file knows of them.
 *
 *   State      Recv-Q Send-Q Local Address:Port  Peer Address:Port Process
 *   LISTEN     0      128          0.0.0.0:80         0.0.0.0:*
 *   SYN-RECV   0      0           10.0.0.2:80        10.0.0.1:49152 timer:(on,980ms,0)
 *
 * A host's sockets are one table, as wide as its widest row. Blanks at the ends of lines are
 * left out.
 */
#pragma once
#include "sim/err.h"
#include "sim/time.h"
#include <stdbool.h>
#include <stdint.h>

enum { SS_ADDRESS = 56 };

struct ss_row {
    char *host;
    int state;              /* of SS_STATES */
    uint32_t number;        /* of the connection, 0: a listener: by it rows are sorted */
    int64_t recv_q, send_q; /* -1: not known */
    char local[SS_ADDRESS], remote[SS_ADDRESS]; /* addresses, an IPv6 one in brackets */
    int local_port, remote_port;                /* 0: * */
    char *more;   /* behind the addresses, "" or with a blank before it */
    char *second; /* a line of its own; NULL: none */
};

/* Names of RFC 9293 and of ss; groups of states that ss knows are bits of `groups`. */
enum ss_group { SS_ALL = 1, SS_CONNECTED = 2, SS_SYNCHRONIZED = 4, SS_BUCKET = 8, SS_BIG = 16 };
struct ss_state {
    const char *rfc, *name;
    unsigned groups;
};
extern const struct ss_state SS_STATES[]; /* ends with {NULL} */
/* -1: no state of RFC 9293 has this name. */
int ss_state_find(const char *rfc_name);
/* "established", "time-wait", "connected" ...: the set, 1 << state each; 0: no such name. */
unsigned ss_states_named(const char *name);

struct ss_table {
    struct ss_row *rows;
    uint32_t n, cap;
};
/* A row of the table, zeroed. Its texts are the table's. */
struct ss_row *ss_add(struct ss_table *t);
/* Puts an address as ss does: one of IPv6 in brackets. */
void ss_put_address(char out[SS_ADDRESS], const char *text);
void ss_free(struct ss_table *t);

/* Prints them by host, in the order in which hosts first came, each with its name above unless
 * it is the only one asked for. */
struct ss_format {
    bool is_bare;    /* without the line of titles */
    bool is_oneline; /* what would be a second line goes behind the first */
    bool one_host;
};
void ss_print(struct ss_table *t, const struct ss_format *format, FILE *out);

/* The connections of a run of a result file at time `at`, their queues unknown; listeners and
 * timers no file knows. run 0: the first that has any. 0, or -1 with e: no such run, its
 * transitions were not recorded, or it was over before. */
int ss_read(struct ss_table *t, const char *path, int64_t run, sim_time at, struct err *e);
