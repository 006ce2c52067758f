/* SPDX-License-Identifier: GPL-3.0-or-later
 * icmp.h -- what the network says about a packet that it could not bring where it was going:
 * RFC 792, and RFC 4443 for IPv6.
 *
 *   | type | code | checksum | 0, or the MTU | IP header, 20 or 40 bytes | ports, seq: 8 bytes
 * |
 *
 * The one idea: such a message is a packet like any other (56 bytes, of IPv6 96), it takes the
 * way back with its delays and losses, and it quotes enough of the packet for its sender to see
 * which connection is meant. In struct packet the message stands in wire form in the block of
 * options, and there is no payload.
 *
 * What is meant is named by type and code of RFC 792, whatever the version; the table in icmp.c
 * has the numbers of RFC 4443 and what systems make of each.
 *
 * Not modelled: echo, redirect, more than 8 quoted bytes (RFC 1812 §4.3.2.3 and RFC 4443
 * §2.4 (c) ask for as much as fits), extensions (RFC 4884).
 */
#pragma once
#include "sim/address.h"
#include "sim/sim.h"

enum { /* types */
       ICMP_UNREACHABLE = 3,
       ICMP_SOURCE_QUENCH = 4,
       ICMP_TIME_EXCEEDED = 11,
       ICMP_PARAMETER_PROBLEM = 12,
};
enum { /* codes of ICMP_UNREACHABLE */
       ICMP_NET_UNREACHABLE,
       ICMP_HOST_UNREACHABLE,
       ICMP_PROTOCOL_UNREACHABLE,
       ICMP_PORT_UNREACHABLE,
       ICMP_TOO_BIG, /* fragmentation needed; RFC 4443's packet too big */
       ICMP_NET_PROHIBITED = 9,
       ICMP_HOST_PROHIBITED,
       ICMP_ADMIN_PROHIBITED = 13,
       ICMP_BEYOND_SCOPE = 16, /* RFC 4443 alone has it */
};
/* The message, without the IP header that carries it. */
enum { ICMP_BYTES = 36, ICMPV6_BYTES = 56 };

/* A message as its receiver reads it. */
struct icmp_error {
    uint8_t type, code;    /* RFC 792's */
    uint8_t proto;         /* of the quoted packet, and so on */
    ip_addr src, dst;      /* src is who sent it: the one who gets the message */
    uint16_t sport, dport; /* of TCP and UDP */
    uint32_t seq;          /* of TCP */
    uint32_t mtu;          /* of the link that was too small; 0: not told */
    uint32_t bytes;        /* the length that the packet had, as the message says */
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

/* The same: p did not fit into a link of this MTU (RFC 1191 §4, RFC 4443 §3.2). */
struct packet *icmp_too_big(struct sim *sim, struct icmp_source *source, const struct packet *p,
                            ip_addr from, uint32_t mtu);

/* The message from `from` to e->src that says what e says, as anybody can forge it. */
struct packet *icmp_message(struct sim *sim, ip_addr from, const struct icmp_error *e);

/* The message in p. False: p is none. */
bool icmp_read(struct sim *sim, const struct packet *p, struct icmp_error *out);

static inline bool icmp_is(const struct packet *p)
{
    return p->proto == PROTO_ICMP || p->proto == PROTO_ICMPV6;
}

/* What is known of a message: a row of the table. */
struct icmp_row {
    uint8_t type, code;
    int16_t v6_type, v6_code; /* RFC 4443; -1: it has none */
    int error, v6_error;      /* the errno of Linux: icmp_err_convert, icmpv6_err_convert */
    int bsd_error;            /* of FreeBSD: icmp_errmap */
    bool hard;                /* RFC 1122 §4.2.3.9: SHOULD abort */
    bool fatal;               /* Linux's icmp_err_convert; of IPv6 what is like it */
    const char *name;         /* as tcpdump says it */
};
/* NULL: no such message. */
const struct icmp_row *icmp_row_of(uint8_t type, uint8_t code);
/* The same, of the numbers that stand in a message of that version. */
const struct icmp_row *icmp_row_on_wire(bool is_ipv6, uint8_t type, uint8_t code);

/* "time exceeded in-transit", "net unreachable", as tcpdump says; "?" for what is not known. */
const char *icmp_name(uint8_t type, uint8_t code);

/* The errno that Linux makes of it (EHOSTUNREACH, ENETUNREACH, ECONNREFUSED ...); 0: none. */
int icmp_errno(const struct icmp_error *e);
