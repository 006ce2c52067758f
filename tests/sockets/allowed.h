/* SPDX-License-Identifier: GPL-3.0-or-later
 * allowed.h -- which errno a call may give in which state of a socket: the manual pages of
 * Linux and RFC 9293 §3.10 as a table, written without a look at the model.
 *
 * Two sorts: what the call says of itself (-EAGAIN, -EPIPE, ...), and the error that ended the
 * connection, which the next call hands over once. That one depends on the state in which the
 * connection ended. What else it depends on are the facts, of which the test keeps its own
 * books.
 */
#pragma once
#include "models/tcp/tcp.h"

enum { SOCK_NEW = TCP_TIME_WAIT + 1, SOCK_DEFERRED, N_SOCK_STATES }; /* behind enum tcp_state */

enum sock_call {
    CALL_BIND,
    CALL_LISTEN,
    CALL_ACCEPT,
    CALL_CONNECT,
    CALL_FASTOPEN, /* sendto(MSG_FASTOPEN) */
    CALL_SEND,
    CALL_RECV,
    CALL_SHUTDOWN,
    CALL_SETSOCKOPT,
    N_SOCK_CALLS
};
const char *sock_call_name(enum sock_call call);
const char *sock_state_name(int state);

enum sock_fact {
    FACT_BOUND = 1,       /* it has a port */
    FACT_FOREIGN = 2,     /* of bind(): the address is no address of this host */
    FACT_SHUT = 4,        /* shutdown() of writing has been called */
    FACT_ICMP = 8,        /* ICMP errors may have come to this host */
    FACT_RECVERR = 16,    /* IP_RECVERR is on: they are told at once */
    FACT_EPIPE = 32,      /* a reset behind the peer's FIN has the name that Linux gives it */
    FACT_ECONNRESET = 64, /* ... that FreeBSD gives it */
    FACT_RANGE = 128,     /* of setsockopt(): the option has a range, or takes 0 and 1 alone */
    FACT_BUFFER = 256,    /* ... it is SO_SNDBUF or SO_RCVBUF of FreeBSD */
    FACT_NO_CLIENT = 512, /* Fast Open of clients is off */
};

/* A socket in `state` (an enum tcp_state, where it has a connection or listens) before the
 * call. ended_in: the state in which its connection ended; TCP_CLOSED: it has not. facts: a set
 * of enum sock_fact. */
struct sock_asked {
    enum sock_call call;
    int state;
    enum tcp_state ended_in;
    uint32_t facts;
};
bool errno_is_allowed(struct sock_asked asked, int error);

/* What SO_ERROR tells: why a connection ended that ended in this state, or an ICMP error. */
bool ending_is_allowed(enum tcp_state ended_in, uint32_t facts, int error);

/* setsockopt() gives EINVAL for some ints. */
bool option_has_a_range(enum tcp_option option);
