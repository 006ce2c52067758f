/* SPDX-License-Identifier: GPL-3.0-or-later
 * udp_sock.h -- a UDP socket as a program has it, from socket() to close(): udp(7) and ip(7) as
 * Linux does them.
 *
 *   socket() --bind()--> a port --connect()--> a peer
 *      '--------connect(), sendto()--^   '<-AF_UNSPEC-'
 *
 * The one idea: UDP has no states, so what a socket adds to a port (udp.h) is what waits for
 * the program: datagrams in a queue, the error of an ICMP message until somebody reads it, and
 * with IP_RECVERR each such message in a queue of its own. A pending error comes before
 * anything else, and only once: the call that tells it, whichever it is, clears it.
 *
 * Not modelled: fragments (what is larger than the path allows is -EMSGSIZE with
 * IP_PMTUDISC_DO; without, it is for the caller not to send it), a limit of the receive queue,
 * MSG_MORE, several sockets on one port, multicast.
 */
#pragma once
#include "models/icmp.h"
#include "models/udp.h"

struct udp_waiting { /* a datagram that was not read yet */
    int64_t bytes;
    struct tcp_addr from;
};

/* What the network said, or the socket itself: struct sock_extended_err. */
struct udp_report {
    int error; /* positive */
    bool local;
    uint8_t type, code; /* as on the wire, of the socket's version of IP; local: 0 */
    uint32_t info;      /* the MTU of a packet that was too large, else 0 */
    struct tcp_addr to; /* of the datagram that it is about */
};

enum udp_mtu_discover { /* IP_MTU_DISCOVER, IPV6_MTU_DISCOVER */
                        UDP_PMTUDISC_DONT,
                        UDP_PMTUDISC_WANT,
                        UDP_PMTUDISC_DO,
                        UDP_PMTUDISC_PROBE,
                        UDP_PMTUDISC_INTERFACE,
                        UDP_PMTUDISC_OMIT,
};

struct udp_sock {
    struct udp_user user; /* first */
    struct udp_stack *stack;
    struct sim *sim;
    struct udp_socket *socket; /* NULL: no port yet */
    struct tcp_addr peer;      /* port 0: not connected */
    bool connected, recverr;
    bool port_asked; /* by bind(): AF_UNSPEC leaves it */
    bool shut_rd, shut_wr;
    int64_t mtu_discover;      /* enum udp_mtu_discover */
    int64_t mtu;               /* of the path, as far as it is known */
    int error;                 /* pending; positive */
    struct udp_waiting *queue; /* from n_read on */
    uint32_t n_queue, cap_queue, n_read;
    struct udp_report *reports; /* from n_told on */
    uint32_t n_reports, cap_reports, n_told;
};

/* mtu: of the way out. k stays where it is until udp_sock_close. */
void udp_sock_init(struct udp_sock *k, struct sim *sim, struct udp_stack *stack, int64_t mtu);

/* ---- the calls: 0, or -errno */

/* port 0: an ephemeral one. -EINVAL: it has one; -EADDRINUSE. */
int udp_sock_bind(struct udp_sock *k, uint16_t port);
/* Datagrams go to this peer and are taken from it alone. -EAGAIN: no port is free. */
int udp_sock_connect(struct udp_sock *k, struct tcp_addr to);
void udp_sock_disconnect(struct udp_sock *k); /* connect(AF_UNSPEC) */
/* -ENOTCONN of a socket without a peer, which is shut down all the same. */
int udp_sock_shutdown(struct udp_sock *k, bool rd, bool wr);
void udp_sock_close(struct udp_sock *k); /* a second time: nothing */

/* One datagram to `to`, NULL: to the peer. Returns bytes, or -EDESTADDRREQ, -EINVAL (port 0),
 * -EPIPE, -EMSGSIZE, -EAGAIN (no port is free), or the pending error. */
int64_t udp_sock_send(struct udp_sock *k, const struct tcp_addr *to, int64_t bytes);
/* Whether a datagram of so many bytes to that address would leave in pieces. */
bool udp_sock_fragments(const struct udp_sock *k, ip_addr to, int64_t bytes);

/* The next datagram: 0 with *out filled, or the pending error, or -EAGAIN. */
int udp_sock_recv(struct udp_sock *k, bool peek, struct udp_waiting *out);
/* MSG_ERRQUEUE: the next report, or -EAGAIN. */
int udp_sock_report(struct udp_sock *k, struct udp_report *out);
int udp_sock_error(struct udp_sock *k); /* SO_ERROR: positive, and it is read */
uint32_t udp_sock_poll(const struct udp_sock *k);

/* An ICMP error about a datagram that left this socket's port. */
void udp_sock_icmp(struct udp_sock *k, const struct icmp_error *e);
