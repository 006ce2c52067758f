/* SPDX-License-Identifier: GPL-3.0-or-later
 * udp.h -- UDP, RFC 768: ports, and datagrams that know who they are.
 *
 *   udp_send -> headers of IP and UDP + payload -> the host ... udp_input -> socket -> user
 *
 * The one idea: a datagram's payload has an identity, as a segment's has (packet.h): the
 * sending socket's stream, the datagram's number there and the bytes before it. UDP promises
 * nothing; whoever receives can tell what was lost, doubled or late. The number is the
 * simulator's, in packet.seq, and takes no room on the wire.
 *
 * Not modelled: fragments (any length is one packet), a receive buffer (the application reads
 * at once) and connect(), which udp_sock.h has; bind() to one of several addresses.
 */
#pragma once
#include "models/tcp/tcp.h"

enum { UDP_HEADER_BYTES = 8, UDP_PAYLOAD_MAX = 65507 }; /* 65535 - 28 */

struct udp_stack;
struct udp_socket;

struct udp_user {
    /* A datagram for this socket. Borrows p. May close s. */
    void (*on_datagram)(struct udp_user *user, struct udp_socket *s, const struct packet *p);
    /* The network says that a datagram of s did not get there: a positive errno. May be NULL.
     */
    void (*on_error)(struct udp_user *user, struct udp_socket *s, int error);
};

/* One per host. output takes each datagram ready for the network; src is addr. */
struct udp_stack *udp_stack_new(struct sim *sim, ip_addr addr,
                                void (*output)(void *ctx, struct packet *p), void *ctx);

/* A datagram has arrived, whole (RFC 1122 §4.1.3.4: others the host drops). Takes p and returns
 * true, or false when nobody listens there: p stays the caller's, who answers "port
 * unreachable" (RFC 1122 §4.1.3.1). */
bool udp_input(struct udp_stack *u, struct packet *p);

/* An ICMP error quotes a datagram that local_port has sent: tells the socket, if there still is
 * one. error: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH; 0: nothing that a socket is told. */
void udp_on_unreachable(struct udp_stack *u, uint16_t local_port, int error);

/* port 0: an ephemeral one, in turn from 32768 up. 0, or -EADDRINUSE (of port 0 too: all are
 * taken). Borrows user. */
int udp_bind(struct udp_stack *u, uint16_t port, struct udp_user *user,
             struct udp_socket **out);
void udp_close(struct udp_socket *s);
/* The host fails: all sockets are gone, and nobody is told. */
void udp_stack_crash(struct udp_stack *u);

/* Sends one datagram of bytes (0 .. UDP_PAYLOAD_MAX). 0, or -EMSGSIZE. */
int udp_send(struct udp_socket *s, struct tcp_addr to, int64_t bytes);

uint16_t udp_port(const struct udp_socket *s);
uint32_t udp_stream(const struct udp_socket *s); /* the name of what it sends */
int64_t udp_n_sent(const struct udp_socket *s);  /* datagrams; their numbers are 0 .. n - 1 */
