/* SPDX-License-Identifier: GPL-3.0-or-later
 * icmp.h -- what the network says about a packet that it could not bring where it was going
 * (RFC 792).
 *
 *   | type | code | checksum | 0 | IP header, 20 bytes | 8 bytes: ports, sequence number |
 *
 * The one idea: such a message is a packet like any other (proto 1, 56 bytes), it takes the way
 * back with its delays and losses, and it quotes enough of the packet for its sender to see
 * which connection is meant. In struct packet the message stands in wire form in the block of
 * options, and there is no payload.
 *
 * Not modelled: echo, redirect, source quench, parameter problem, path MTU (code 4), more than
 * 8 quoted bytes (RFC 1812 §4.3.2.3), addresses other than IPv4's.
 */
#pragma once
#include "sim/sim.h"

enum { ICMP_UNREACHABLE = 3, ICMP_TIME_EXCEEDED = 11 }; /* types */
enum {                                                  /* codes of ICMP_UNREACHABLE */
       ICMP_NET_UNREACHABLE,
       ICMP_HOST_UNREACHABLE,
       ICMP_PROTOCOL_UNREACHABLE,
       ICMP_PORT_UNREACHABLE,
};
enum { ICMP_BYTES = 36 }; /* the message, without the IP header that carries it */

/* A message as its receiver reads it. */
struct icmp_error {
    uint8_t type, code;
    uint8_t proto;         /* of the quoted packet, and so on */
    ip_addr src, dst;      /* src is who sent it: the one who gets the message */
    uint16_t sport, dport; /* of TCP and UDP */
    uint32_t seq;          /* of TCP */
};

/* Who sends such messages, and how many. */
struct icmp_source {
    bool on;
    sim_time wait;    /* the least time from one message to the next; 0: no limit */
    sim_time next_at; /* none before */
    int64_t n_sent;
};

/* The message about p to p's sender, its source address being from; NULL: none is sent, because
 * the source is not allowed one now, or because RFC 1122 §3.2.2 forbids it: p is an ICMP error
 * itself, or goes to or comes from what is no single host. Borrows p. Its TTL is for the caller
 * to set. */
struct packet *icmp_about(struct sim *sim, struct icmp_source *source, const struct packet *p,
                          ip_addr from, uint8_t type, uint8_t code);

/* The message in p. False: p is none. */
bool icmp_read(const struct sim *sim, const struct packet *p, struct icmp_error *out);

/* "time exceeded in-transit", "net unreachable", as tcpdump says; "?" for what is not sent. */
const char *icmp_name(uint8_t type, uint8_t code);

/* The errno that Linux makes of it (EHOSTUNREACH, ENETUNREACH, ECONNREFUSED ...); 0: none. */
int icmp_errno(uint8_t type, uint8_t code);
