/* SPDX-License-Identifier: GPL-3.0-or-later
 * look.h -- all sockets of a host at this moment, as `ss` sees them: listeners, whole
 * endpoints, entries of the SYN queue and entries in TIME-WAIT, each as one row.
 *
 * The queues and timers are those of Linux's inet_diag: Recv-Q of a listener is its accept
 * queue, Send-Q its backlog; of a connection, what was not read and what was not acknowledged,
 * where a SYN and a FIN count one. Not modelled: a FIN in Recv-Q until end of file was read.
 */
#pragma once
#include "models/tcp/tcp.h"

struct tcp_socket {
    enum tcp_state state;
    struct tcp_addr local, remote;
    uint32_t number; /* of the connection; 0: a listener */
    uint32_t app;    /* subject whose it is; 0: nobody's */
    int64_t recv_q, send_q;
    const char *timer; /* "on", "keepalive", "timewait", "persist", "delack"; NULL: none runs */
    sim_time timer_wait;
    int64_t n_repeats;   /* of what the timer is for */
    const struct tcp *t; /* a whole endpoint; NULL: a listener or an entry */
};

/* see is called for each: listeners, then connections, in no order that has a meaning. It may
 * not call anything that changes s. */
void tcp_look(const struct tcp_stack *s,
              void (*see)(void *ctx, const struct tcp_socket *socket), void *ctx);

/* skmem of `ss -m`, in bytes of payload: of the receive queue (out of order included), in
 * flight, and of the send queue. */
struct tcp_memory {
    int64_t received, rcvbuf, in_flight, sndbuf, queued;
};
struct tcp_memory tcp_memory_of(const struct tcp *t);
/* The congestion control's name. */
const char *tcp_cc_name(const struct tcp *t);
/* Which directions are shut, as `ss -e` draws them: the peer's with `<` or `-`, ours `>`, `-`.
 */
bool tcp_is_shut(const struct tcp *t, enum tcp_shut how);
