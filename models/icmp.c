/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/icmp.h"

#include <errno.h>
#include <string.h>

#include "sim/octets.h"

enum { QUOTE_AT = 8, TRANSPORT_BYTES = 8, IP_TTL_AT = 8, IP_SRC_AT = 12 };
_Static_assert((int)ICMPV6_BYTES <= (int)BLOCK_BYTES, "a message fits the block of options");

/* clang-format off */
static const struct icmp_row ROWS[] = {
    /* RFC 792  RFC 4443  Linux: v4, v6              FreeBSD       hard   fatal  name */
    { 3,  0,    1,  0,    ENETUNREACH, ENETUNREACH,   EHOSTUNREACH, false, false, "net unreachable"},
    { 3,  1,    1,  3,    EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, false, false, "host unreachable"},
    { 3,  2,    4,  1,    ENOPROTOOPT, EPROTO,        ECONNREFUSED, true,  true,  "protocol unreachable"},
    { 3,  3,    1,  4,    ECONNREFUSED, ECONNREFUSED, ECONNREFUSED, true,  true,  "port unreachable"},
    { 3,  4,    2,  0,    EMSGSIZE, EMSGSIZE,         EMSGSIZE,     false, false, "unreachable - need to frag"},
    { 3,  5,   -1, -1,    EOPNOTSUPP, 0,              EHOSTUNREACH, false, false, "source route failed"},
    { 3,  6,   -1, -1,    ENETUNREACH, 0,             EHOSTUNREACH, false, true,  "net unknown"},
    { 3,  7,   -1, -1,    EHOSTDOWN, 0,               EHOSTUNREACH, false, true,  "host unknown"},
    { 3,  8,   -1, -1,    ENONET, 0,                  EHOSTUNREACH, false, true,  "host isolated"},
    { 3,  9,    1,  5,    ENETUNREACH, EACCES,        ECONNREFUSED, false, true,  "net unreachable - admin prohibited"},
    { 3, 10,    1,  6,    EHOSTUNREACH, EACCES,       ECONNREFUSED, false, true,  "host unreachable - admin prohibited"},
    { 3, 11,   -1, -1,    ENETUNREACH, 0,             EHOSTUNREACH, false, false, "net unreachable - tos prohibited"},
    { 3, 12,   -1, -1,    EHOSTUNREACH, 0,            EHOSTUNREACH, false, false, "host unreachable - tos prohibited"},
    { 3, 13,    1,  1,    EHOSTUNREACH, EACCES,       ECONNREFUSED, false, true,  "unreachable - admin prohibited filter"},
    { 3, 14,   -1, -1,    EHOSTUNREACH, 0,            EHOSTUNREACH, false, true,  "unreachable - host precedence violation"},
    { 3, 15,   -1, -1,    EHOSTUNREACH, 0,            EHOSTUNREACH, false, true,  "unreachable - precedence cutoff"},
    { 4,  0,   -1, -1,    0, 0,                       0,            false, false, "source quench"},
    {11,  0,    3,  0,    EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, false, false, "time exceeded in-transit"},
    {11,  1,    3,  1,    EHOSTUNREACH, EHOSTUNREACH, 0,            false, false, "ip reassembly time exceeded"},
    {12,  0,    4,  0,    EPROTO, EPROTO,             ENOPROTOOPT,  false, true,  "parameter problem - octet"},
    {12,  1,   -1, -1,    EPROTO, 0,                  ENOPROTOOPT,  false, true,  "parameter problem - missing option"},
    {12,  2,    4,  2,    EPROTO, EPROTO,             ENOPROTOOPT,  false, true,  "parameter problem - option"},
    { 3, ICMP_BEYOND_SCOPE, 1, 2, 0, EHOSTUNREACH,    EHOSTUNREACH, false, false, "unreachable - beyond scope"},
};
/* clang-format on */

const struct icmp_row *icmp_row_of(uint8_t type, uint8_t code)
{
    for (const struct icmp_row *r = ROWS; r < ROWS + ARRAY_LEN(ROWS); r++)
        if (r->type == type && r->code == code)
            return r;
    return NULL;
}

static const struct icmp_row *row_of_v6(uint8_t type, uint8_t code)
{
    for (const struct icmp_row *r = ROWS; r < ROWS + ARRAY_LEN(ROWS); r++)
        if (r->v6_type == type && r->v6_code == code)
            return r;
    return NULL;
}

static const struct icmp_row *row_of_v4(uint8_t type, uint8_t code)
{
    return code == ICMP_BEYOND_SCOPE ? NULL : icmp_row_of(type, code);
}

const struct icmp_row *icmp_row_on_wire(bool is_ipv6, uint8_t type, uint8_t code)
{
    return is_ipv6 ? row_of_v6(type, code) : row_of_v4(type, code);
}

const char *icmp_name(uint8_t type, uint8_t code)
{
    const struct icmp_row *r = icmp_row_of(type, code);
    return r != NULL ? r->name : "?";
}

int icmp_errno(const struct icmp_error *e)
{
    const struct icmp_row *r = icmp_row_of(e->type, e->code);
    return r == NULL ? 0 : address_is_ipv6(e->src) ? r->v6_error : r->error;
}

/* ---- wire form */

static void put_address(const struct sim *sim, uint8_t *at, ip_addr addr)
{
    const struct key_address a = address_of(sim, addr);
    for (int i = 0; a.is_ipv6 && i < 3; i++, at += 4)
        octets_put32(at, a.high[i]);
    octets_put32(at, a.low);
}

static ip_addr get_address(struct sim *sim, const uint8_t *at, bool is_ipv6)
{
    struct key_address a = {.prefix_bits = is_ipv6 ? 128 : 32, .is_ipv6 = is_ipv6};
    for (int i = 0; is_ipv6 && i < 3; i++, at += 4)
        a.high[i] = octets_get32(at);
    a.low = octets_get32(at);
    return address_intern(sim, a);
}

/* What a message quotes of a packet, beside what struct icmp_error knows. */
struct quoted {
    uint8_t tos, ttl;
};

static void quote_ipv4(const struct sim *sim, uint8_t *at, const struct icmp_error *e,
                       struct quoted q)
{
    at[0] = 0x45; /* version 4, 5 words */
    at[1] = q.tos;
    octets_put16(at + 2, e->bytes);
    at[6] = 0x40; /* DF: nothing is cut here */
    at[IP_TTL_AT] = q.ttl;
    at[IP_TTL_AT + 1] = e->proto;
    put_address(sim, at + IP_SRC_AT, e->src);
    put_address(sim, at + IP_SRC_AT + 4, e->dst);
    octets_put16(at + 10, octets_checksum(octets_sum(0, at, IP4_HEADER_BYTES)));
}

static void quote_ipv6(const struct sim *sim, uint8_t *at, const struct icmp_error *e,
                       struct quoted q)
{
    octets_put32(at, UINT32_C(6) << 28 | (uint32_t)q.tos << 20);
    octets_put16(at + 4, e->bytes - IP6_HEADER_BYTES);
    at[6] = e->proto;
    at[7] = q.ttl;
    put_address(sim, at + 8, e->src);
    put_address(sim, at + 24, e->dst);
}

static void quote_transport(uint8_t *at, const struct icmp_error *e, uint32_t header)
{
    octets_put16(at, e->sport);
    octets_put16(at + 2, e->dport);
    if (e->proto == PROTO_UDP)
        octets_put16(at + 4, e->bytes - header);
    else
        octets_put32(at + 4, e->seq);
}

/* RFC 4443 §2.3: with a pseudo-header, as of every protocol above IPv6. */
static uint32_t pseudo_header(const struct sim *sim, ip_addr src, ip_addr dst)
{
    uint8_t addresses[32];
    put_address(sim, addresses, src);
    put_address(sim, addresses + 16, dst);
    return octets_sum(ICMPV6_BYTES + PROTO_ICMPV6, addresses, sizeof(addresses));
}

static struct packet *make(struct sim *sim, ip_addr from, const struct icmp_error *e,
                           struct quoted q)
{
    const bool is_ipv6 = address_is_ipv6(e->src);
    const uint32_t header = address_header_bytes(e->src);
    const uint8_t bytes = (uint8_t)(QUOTE_AT + header + TRANSPORT_BYTES);
    const struct icmp_row *row = icmp_row_of(e->type, e->code);
    uint8_t m[BLOCK_BYTES] = {e->type, e->code};
    sim_assert(sim, row != NULL && (!is_ipv6 || row->v6_type >= 0));
    if (is_ipv6) {
        m[0] = (uint8_t)row->v6_type;
        m[1] = (uint8_t)row->v6_code;
    }
    octets_put32(m + 4, e->mtu);
    (is_ipv6 ? quote_ipv6 : quote_ipv4)(sim, m + QUOTE_AT, e, q);
    quote_transport(m + QUOTE_AT + header, e, header);
    const uint32_t pseudo = is_ipv6 ? pseudo_header(sim, from, e->src) : 0;
    octets_put16(m + 2, octets_checksum(octets_sum(pseudo, m, bytes)));
    struct packet *out = packet_new(sim, header + bytes);
    out->proto = is_ipv6 ? PROTO_ICMPV6 : PROTO_ICMP;
    out->src = from;
    out->dst = e->src;
    packet_set_options(sim, out, m, bytes);
    return out;
}

/* Not zero, loopback, multicast and what lies above. */
static bool is_single_host(const struct sim *sim, ip_addr addr)
{
    const uint32_t net = addr.low >> 24;
    if (!address_is_ipv6(addr))
        return net != 0 && net != 127 && net < 224;
    const struct key_address a = address_of(sim, addr);
    const bool is_low = (a.high[0] | a.high[1] | a.high[2]) == 0 && a.low <= 1; /* :: and ::1 */
    return !is_low && a.high[0] >> 24 != 0xff;
}

static struct packet *tell(struct sim *sim, struct icmp_source *source, const struct packet *p,
                           ip_addr from, struct icmp_error e)
{
    if (!source->on || sim->now < source->next_at)
        return NULL;
    if (icmp_is(p) || !is_single_host(sim, p->src) || !is_single_host(sim, p->dst))
        return NULL; /* RFC 1122 §3.2.2: all ICMP here are errors */
    source->next_at = time_add(sim->now, source->wait);
    source->n_sent++;
    e.proto = p->proto;
    e.src = p->src;
    e.dst = p->dst;
    e.sport = p->sport;
    e.dport = p->dport;
    e.seq = p->seq;
    e.bytes = p->bytes;
    return make(sim, from, &e, (struct quoted){p->tos, p->ttl});
}

struct packet *icmp_about(struct sim *sim, struct icmp_source *source, const struct packet *p,
                          ip_addr from, uint8_t type, uint8_t code)
{
    return tell(sim, source, p, from, (struct icmp_error){.type = type, .code = code});
}

struct packet *icmp_too_big(struct sim *sim, struct icmp_source *source, const struct packet *p,
                            ip_addr from, uint32_t mtu)
{
    return tell(
        sim, source, p, from,
        (struct icmp_error){.type = ICMP_UNREACHABLE, .code = ICMP_TOO_BIG, .mtu = mtu});
}

struct packet *icmp_message(struct sim *sim, ip_addr from, const struct icmp_error *e)
{
    return make(sim, from, e, (struct quoted){.ttl = 1});
}

bool icmp_read(struct sim *sim, const struct packet *p, struct icmp_error *out)
{
    const bool is_ipv6 = p->proto == PROTO_ICMPV6;
    const uint32_t header = is_ipv6 ? IP6_HEADER_BYTES : IP4_HEADER_BYTES;
    const uint8_t *m = packet_options(sim, p);
    if (!icmp_is(p) || m == NULL || p->options_len < QUOTE_AT + header + TRANSPORT_BYTES)
        return false;
    const struct icmp_row *row = icmp_row_on_wire(is_ipv6, m[0], m[1]);
    const uint8_t *ip = m + QUOTE_AT, *transport = ip + header;
    if (row == NULL)
        return false;
    *out = (struct icmp_error){
        .type = row->type,
        .code = row->code,
        .proto = is_ipv6 ? ip[6] : ip[9],
        .src = get_address(sim, ip + (is_ipv6 ? 8 : IP_SRC_AT), is_ipv6),
        .dst = get_address(sim, ip + (is_ipv6 ? 24 : IP_SRC_AT + 4), is_ipv6),
        .sport = octets_get16(transport),
        .dport = octets_get16(transport + 2),
        .seq = octets_get32(transport + 4),
        .mtu = row->code == ICMP_TOO_BIG && row->type == ICMP_UNREACHABLE ? octets_get32(m + 4)
                                                                          : 0,
        .bytes = is_ipv6 ? octets_get16(ip + 4) + IP6_HEADER_BYTES : octets_get16(ip + 2),
    };
    return true;
}
