/* SPDX-License-Identifier: GPL-3.0-or-later
 * info.h -- a connection as Linux's TCP_INFO tells it: names and units of struct tcp_info.
 *
 * Times in us where Linux has us, in ms where it has ms; windows and counts in segments where
 * it counts segments. What the endpoint does not know has no row: who asks for it must say so.
 */
#pragma once
#include "models/tcp/tcp.h"

struct tcp_info_row {
    const char *name; /* "tcpi_rtt" */
    int64_t (*get)(const struct tcp *t);
    bool begins_at_0; /* of a socket that is no connection it is 0 */
    /* Of a listener; NULL: 0. */
    int64_t (*of_listener)(const struct tcp_listener *l);
};
extern const struct tcp_info_row TCP_INFO_ROWS[]; /* ends with {NULL} */

/* tcpi_state of a socket that is no connection, a listener's. */
int64_t tcp_info_state(enum tcp_state state);

/* Constants that belong to it: TCP_ESTABLISHED, TCP_CA_Open, TCPI_OPT_SACK... with Linux's
 * values, and the names that scripts for FreeBSD use for the states; ends with {NULL}. */
struct tcp_info_constant {
    const char *name;
    int64_t value;
};
extern const struct tcp_info_constant TCP_INFO_CONSTANTS[];

/* Connections of a host in a state; local_port 0: of any port. */
uint32_t tcp_count_in(const struct tcp_stack *s, enum tcp_state state, uint16_t local_port);
