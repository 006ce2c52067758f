/* SPDX-License-Identifier: GPL-3.0-or-later
 * packet.h -- a packet is two cache lines: what links and routers touch, then what endpoints
 * touch.
 *
 * Payload is not copied, it has an identity: (stream, offset, len). A stream is one direction
 * of one connection's incarnation and has the number of the connection that sends it, so a byte
 * of an older incarnation is recognised wherever it turns up. Who receives a packet owns it;
 * the live count is 0 at the end of a run.
 */
#pragma once
#include "sim/time.h"
#include <stdbool.h>
#include <stddef.h>

struct sim;

/* An interned /96 prefix and the low 32 bits; see address.h. Prefix 0 is IPv4. */
typedef struct {
    uint32_t prefix;
    uint32_t low; /* host byte order: 10.0.0.1 is 0x0a000001 */
} ip_addr;

static inline bool ip_eq(ip_addr a, ip_addr b)
{
    return a.prefix == b.prefix && a.low == b.low;
}
static inline ip_addr ip4(uint32_t low)
{
    return (ip_addr){0, low};
}

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMPV6 = 58 };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };
enum { TCP_ECE = 64, TCP_CWR = 128, TCP_AE = 256 }; /* RFC 3168, RFC 9768 */
enum payload_kind { PAYLOAD_GENERATED, PAYLOAD_ZERO, PAYLOAD_LITERAL, PAYLOAD_FORGED };
/* packet.marks: broken; a fault held it; and on the present link: lost, to be delayed, takes no
 * turn on the wire. */
enum { PACKET_CORRUPT = 1, PACKET_HELD = 2 };
enum { PACKET_LOST = 4, PACKET_DELAYED = 8, PACKET_EXTRA = 16 };
enum { OPTION_BYTES = 40 }; /* RFC 9293 §3.1: data offset is at most 15 words */
enum { BLOCK_BYTES = 64 };  /* what packet_set_options takes: options, or an ICMP message */
enum { TCP_HEADER_BYTES = 20 };

struct packet {
    /* first line: links, queues, routers */
    struct packet *next; /* in whatever FIFO or list holds it */
    sim_time starts_at;  /* when its first bit goes on the present link's wire */
    sim_time arrives_at; /* when its last bit leaves the present link */
    sim_time born_at;    /* when its sender made it: segment lifetime counts from here */
    ip_addr src, dst;
    uint32_t bytes;  /* on the wire, from the IP header on */
    uint32_t id;     /* 1, 2, ... in the order of birth; a duplicate has its own */
    uint32_t parent; /* id of what it is a copy of; 0: nothing */
    uint8_t ttl, tos, proto, marks;
    /* second line: endpoints */
    uint16_t sport, dport;
    uint32_t seq, ack;
    uint16_t flags, win;
    uint64_t offset; /* of the first payload byte in its stream */
    uint32_t stream; /* number of the sending connection; 0: no payload identity */
    uint32_t len;    /* payload bytes */
    uint32_t tsval, tsecr;
    uint32_t options;     /* index to a block of options or of ICMP (packet_options); 0: none */
    uint32_t injected_by; /* subject of an attacker; 0: an honest endpoint */
    uint16_t urg;
    uint8_t options_len;   /* bytes in wire form, padded to 4 */
    uint8_t payload;       /* enum payload_kind */
    uint32_t conn;         /* number of the sending connection; 0: none (a reset) */
    uint32_t fault;        /* subject of the fault that acts on it on this link; 0: none */
    uint32_t injected_nth; /* which of its attacker's segments it is, from 1; 0: none */
};
_Static_assert(sizeof(struct packet) == 128, "a packet is two cache lines");
_Static_assert(offsetof(struct packet, sport) == 64, "routers touch the first line only");

/* First in, first out, through packet.next. Invariant: head == NULL exactly when tail == NULL.
 * */
struct packet_fifo {
    struct packet *head, *tail;
};

/* True if it was empty before. Takes p. */
static inline bool fifo_push(struct packet_fifo *f, struct packet *p)
{
    const bool was_empty = f->head == NULL;
    p->next = NULL;
    *(was_empty ? &f->head : &f->tail->next) = p;
    f->tail = p;
    return was_empty;
}

/* f must not be empty. */
static inline struct packet *fifo_pop(struct packet_fifo *f)
{
    struct packet *p = f->head;
    f->head = p->next;
    f->tail = f->head == NULL ? NULL : f->tail;
    return p;
}

/* Where a packet goes next: a link's entry, a host, a test's tap. recv takes p. */
struct sink {
    void (*recv)(struct sink *self, struct packet *p);
};

/* A zeroed packet with an id, born now. */
struct packet *packet_new(struct sim *sim, uint32_t bytes);
/* A duplicate with its own id and options block; parent = the id of p. */
struct packet *packet_copy(struct sim *sim, const struct packet *p);
/* Takes p and its option block. */
void packet_free(struct sim *sim, struct packet *p);
/* Copies len (<= BLOCK_BYTES) option bytes in wire form into p's option block. */
void packet_set_options(struct sim *sim, struct packet *p, const uint8_t *bytes, uint8_t len);
/* The option bytes of p, p->options_len long; NULL if none. */
const uint8_t *packet_options(const struct sim *sim, const struct packet *p);
