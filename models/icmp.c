/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/icmp.h"

#include <errno.h>

enum { IP_HEADER_BYTES = 20, QUOTE_AT = 8, TRANSPORT_AT = QUOTE_AT + IP_HEADER_BYTES };
_Static_assert((int)ICMP_BYTES <= (int)OPTION_BYTES, "a message fits the block of options");

/* What is sent, with the errno that Linux makes of it (its icmp_err_convert and tcp_v4_err). */
static const struct {
    uint8_t type, code;
    int error;
    const char *name;
} MESSAGES[] = {
    {ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE, ENETUNREACH, "net unreachable"},
    {ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, EHOSTUNREACH, "host unreachable"},
    {ICMP_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, ENOPROTOOPT, "protocol unreachable"},
    {ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, ECONNREFUSED, "port unreachable"},
    {ICMP_TIME_EXCEEDED, 0, EHOSTUNREACH, "time exceeded in-transit"},
};

const char *icmp_name(uint8_t type, uint8_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(MESSAGES); i++)
        if (MESSAGES[i].type == type && MESSAGES[i].code == code)
            return MESSAGES[i].name;
    return "?";
}

int icmp_errno(uint8_t type, uint8_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(MESSAGES); i++)
        if (MESSAGES[i].type == type && MESSAGES[i].code == code)
            return MESSAGES[i].error;
    return 0;
}

/* ---- wire form */

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* RFC 1071. n is even. */
static uint16_t checksum(const uint8_t *bytes, int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i += 2)
        sum += get16(bytes + i);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}

/* The first 28 bytes of p as they are on the wire here; its TTL is what is left of it. */
static void quote(uint8_t *at, const struct packet *p)
{
    at[0] = 0x45; /* version 4, 5 words */
    at[1] = p->tos;
    put16(at + 2, p->bytes);
    at[8] = p->ttl;
    at[9] = p->proto;
    put32(at + 12, p->src.low);
    put32(at + 16, p->dst.low);
    put16(at + 10, checksum(at, IP_HEADER_BYTES));
    put16(at + 20, p->sport);
    put16(at + 22, p->dport);
    if (p->proto == PROTO_UDP)
        put16(at + 24, p->bytes - IP_HEADER_BYTES);
    else
        put32(at + 24, p->seq);
}

/* Zero, loopback, multicast and what lies above. */
static bool is_single_host(ip_addr a)
{
    const uint32_t net = a.low >> 24;
    return net != 0 && net != 127 && net < 224;
}

struct packet *icmp_about(struct sim *sim, struct icmp_source *source, const struct packet *p,
                          ip_addr from, uint8_t type, uint8_t code)
{
    uint8_t message[ICMP_BYTES] = {type, code};
    if (!source->on || sim->now < source->next_at)
        return NULL;
    if (p->proto == PROTO_ICMP || !is_single_host(p->src) || !is_single_host(p->dst))
        return NULL; /* RFC 1122 §3.2.2: all ICMP here are errors */
    source->next_at = time_add(sim->now, source->wait);
    source->n_sent++;
    quote(message + QUOTE_AT, p);
    put16(message + 2, checksum(message, ICMP_BYTES));
    struct packet *out = packet_new(sim, IP_HEADER_BYTES + ICMP_BYTES);
    out->proto = PROTO_ICMP;
    out->src = from;
    out->dst = p->src;
    packet_set_options(sim, out, message, ICMP_BYTES);
    return out;
}

bool icmp_read(const struct sim *sim, const struct packet *p, struct icmp_error *out)
{
    const uint8_t *m = packet_options(sim, p);
    if (p->proto != PROTO_ICMP || m == NULL || p->options_len < ICMP_BYTES)
        return false;
    *out = (struct icmp_error){
        .type = m[0],
        .code = m[1],
        .proto = m[QUOTE_AT + 9],
        .src = ip4(get32(m + QUOTE_AT + 12)),
        .dst = ip4(get32(m + QUOTE_AT + 16)),
        .sport = get16(m + TRANSPORT_AT),
        .dport = get16(m + TRANSPORT_AT + 2),
        .seq = get32(m + TRANSPORT_AT + 4),
    };
    return true;
}
