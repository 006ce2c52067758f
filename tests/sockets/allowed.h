/* SPDX-License-Identifier: GPL-3.0-or-later
 * allowed.h -- which errno a call may give in which state of a socket: the manual pages of
 * Linux and RFC 9293 §3.10 as a table, written without a look at the model.
 *
 * Two sorts: what the call says of itself (-EAGAIN, -EPIPE, ...), and the error that ended the
 * connection, which the next call hands over once. That one depends on the state in which the
 * connection ended.
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

/* A socket in `state` (an enum tcp_state, where it has a connection or listens) before the
 * call. ended_in: the state in which its connection ended; TCP_CLOSED: it has not. */
bool errno_is_allowed(enum sock_call call, int state, enum tcp_state ended_in, int error);

/* The error of a connection that ended in this state, as SO_ERROR tells it. */
bool ending_is_allowed(enum tcp_state ended_in, int error);
