/* SPDX-License-Identifier: GPL-3.0-or-later
 * sock.h -- a socket as a program has it, from socket() to close(): what every call gives in
 * every state, as on Linux (docs/sockets.md has the table).
 *
 *   socket() --bind()--> bound --listen()--> listens --accept()--> a socket of its own
 *      |                   |        <--shutdown(), AF_UNSPEC--'
 *      '----connect()------+--> connecting --> connected --> broken, or at its end
 *                          <------- AF_UNSPEC, or connect() failed ------'
 *
 * The one idea: the endpoint (tcp.h) lives from the first SYN to CLOSED, the socket before and
 * after it: it holds the port that bind() gave, the options, and the error that nobody has
 * read. Nothing blocks here: -EINPROGRESS, -EAGAIN and -EALREADY are what a socket with
 * O_NONBLOCK gives, and who models a blocking call asks again.
 *
 * Not modelled: names of sockets in files, file descriptors and dup(), signals.
 */
#pragma once
#include "models/tcp/ports.h"
#include "models/tcp/sockopt.h"

struct tcp_sock {
    struct tcp_stack *stack;
    struct tcp_sockopts opt;   /* without a connection; a connection has its own copy */
    struct tcp_hold bound;     /* port 0: not bound */
    bool ip_asked, port_asked; /* by bind() */
    bool counted;              /* `bound` stands in the books of ports.h */
    struct tcp_listener *listener;
    struct tcp *t;      /* NULL: no connection */
    bool connecting;    /* connect() has not told its result */
    bool deferred;      /* TCP_FASTOPEN_CONNECT: connect() is done, nothing has been sent */
    struct tcp_addr to; /* ... where it will go */
    int error;          /* pending, of a socket without a connection; positive */
};

void tcp_sock_init(struct tcp_sock *k, struct tcp_stack *s);

/* ---- the calls: 0, or -errno. user is borrowed; its sockopts become the socket's. */

/* ip 0.0.0.0: every address; port 0: an ephemeral one. -EADDRNOTAVAIL: not the host's address;
 * -EINVAL: it has a port; -EADDRINUSE. */
int tcp_sock_bind(struct tcp_sock *k, struct tcp_addr at);
/* backlog < 0: as many as may be; 0: one. A second time: the backlog is changed. -EINVAL,
 * -EADDRINUSE. */
int tcp_sock_listen(struct tcp_sock *k, int backlog, struct tcp_user *user);
/* -EINVAL: it does not listen; -EAGAIN: nobody waits. The child in *child, whose memory is the
 * caller's and must stay where it is; user becomes the connection's. */
int tcp_sock_accept(struct tcp_sock *k, struct tcp_sock *child, struct tcp_user *user);
/* -EINPROGRESS: the SYN has left; asked again -EALREADY until it is 0 or has failed. -EISCONN,
 * -EADDRNOTAVAIL: no port; -ENETUNREACH: no route, -ECONNREFUSED, ... After a failure the
 * socket is as before the call. 0 at once: TCP_FASTOPEN_CONNECT. */
int tcp_sock_connect(struct tcp_sock *k, struct tcp_addr to, struct tcp_user *user);
/* sendto(MSG_FASTOPEN), and the first write after a deferred connect(): as tcp_connect_send. */
int64_t tcp_sock_connect_send(struct tcp_sock *k, struct tcp_addr to, struct tcp_user *user,
                              int64_t bytes);
/* connect(AF_UNSPEC): a connection is reset, a listener closed; the socket is as new, but for
 * its options and a port that bind() gave. */
int tcp_sock_disconnect(struct tcp_sock *k);
/* -ENOTCONN. Of a listener SHUT_RD ends listening, of a connecting one any way gives it up. */
int tcp_sock_shutdown(struct tcp_sock *k, enum tcp_shut how);
/* Lets everything go; SO_LINGER with 0 s resets. The connection's user hears of its end. */
int tcp_sock_close(struct tcp_sock *k);

/* Who holds the endpoint by itself: t, a connection of this stack, becomes the socket's; and it
 * is gone, or not the socket's any more. */
void tcp_sock_adopt(struct tcp_sock *k, struct tcp *t);
void tcp_sock_lose(struct tcp_sock *k);

/* ---- writing and reading: as tcp_sendmsg and tcp_recv; -EPIPE and -ENOTCONN without a
 * connection. A write while it connects is -EAGAIN, as on Linux. */
int64_t tcp_sock_send(struct tcp_sock *k, int64_t bytes, uint32_t flags);
int64_t tcp_sock_recv(struct tcp_sock *k, int64_t max, struct tcp_extent *out, int *n,
                      bool peek);

/* ---- options and questions */

int tcp_sock_set(struct tcp_sock *k, enum tcp_option option, int64_t value); /* as an int */
int64_t tcp_sock_get(struct tcp_sock *k, enum tcp_option option);
/* TCP_CONGESTION; -ENOENT: there is none of that name. */
int tcp_sock_set_congestion(struct tcp_sock *k, const char *name);
const char *tcp_sock_congestion(const struct tcp_sock *k);
int tcp_sock_error(struct tcp_sock *k); /* SO_ERROR: positive, and it is read */
uint32_t tcp_sock_poll(const struct tcp_sock *k);
/* -EINPROGRESS while it connects, 0 when it is connected, or why it failed, which gives the
 * endpoint back. */
int tcp_sock_progress(struct tcp_sock *k);
/* Its local end; port 0: none yet. */
struct tcp_addr tcp_sock_local(const struct tcp_sock *k);
