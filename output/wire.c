/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/wire.h"

#include <arpa/inet.h>
#include <string.h>

#include "sim/octets.h"

enum { IP4_BYTES = 20, IP6_BYTES = 40, TCP_BYTES = 20, UDP_BYTES = 8 };

bool wire_is_ipv6(const struct trace_packet *p)
{
    return strchr(p->src, ':') != NULL;
}

void wire_address(const char *text, uint8_t out[16])
{
    memset(out, 0, 16);
    if (strchr(text, ':') != NULL)
        inet_pton(AF_INET6, text, out);
    else
        inet_pton(AF_INET, text, out + 12);
}

static size_t put_ip4(const struct trace_packet *p, uint8_t *out)
{
    uint8_t src[16], dst[16];
    wire_address(p->src, src);
    wire_address(p->dst, dst);
    memset(out, 0, IP4_BYTES);
    out[0] = 0x45;
    octets_put16(out + 2, p->bytes);
    out[6] = 0x40; /* DF */
    out[8] = (uint8_t)p->ttl;
    out[9] = (uint8_t)p->proto;
    memcpy(out + 12, src + 12, 4);
    memcpy(out + 16, dst + 12, 4);
    octets_put16(out + 10, octets_checksum(octets_sum(0, out, IP4_BYTES)));
    return IP4_BYTES;
}

static size_t put_ip6(const struct trace_packet *p, uint8_t *out)
{
    memset(out, 0, IP6_BYTES);
    out[0] = 0x60;
    octets_put16(out + 4, p->bytes - IP6_BYTES);
    out[6] = (uint8_t)p->proto;
    out[7] = (uint8_t)p->ttl;
    wire_address(p->src, out + 8);
    wire_address(p->dst, out + 24);
    return IP6_BYTES;
}

/* Returns where the checksum stands. */
static size_t put_tcp(const struct trace_packet *p, uint8_t *out, size_t *n)
{
    *n = TCP_BYTES + p->options_len;
    memset(out, 0, TCP_BYTES);
    octets_put16(out, p->sport);
    octets_put16(out + 2, p->dport);
    octets_put32(out + 4, p->seq);
    octets_put32(out + 8, p->ack);
    out[12] = (uint8_t)(*n / 4 << 4 | (p->flags >> 8 & 1));
    out[13] = (uint8_t)p->flags;
    octets_put16(out + 14, p->win);
    memcpy(out + TCP_BYTES, p->options, p->options_len);
    return 16;
}

static size_t put_udp(const struct trace_packet *p, uint8_t *out, size_t *n)
{
    *n = UDP_BYTES;
    octets_put16(out, p->sport);
    octets_put16(out + 2, p->dport);
    octets_put16(out + 4, UDP_BYTES + p->len);
    octets_put16(out + 6, 0);
    return 6;
}

static size_t put_message(const struct trace_packet *p, uint8_t *out, size_t *n)
{
    *n = p->options_len;
    memcpy(out, p->options, *n);
    return 2;
}

size_t wire_headers(const struct trace_packet *p, uint8_t out[WIRE_HEADERS])
{
    const bool is_ipv6 = wire_is_ipv6(p);
    const size_t ip = is_ipv6 ? put_ip6(p, out) : put_ip4(p, out);
    uint8_t *body = out + ip;
    size_t n;
    const size_t at = p->proto == PROTO_TCP   ? put_tcp(p, body, &n)
                      : p->proto == PROTO_UDP ? put_udp(p, body, &n)
                                              : put_message(p, body, &n);
    octets_put16(body + at, 0);
    uint32_t s = octets_sum(0, body, n);
    if (p->proto != PROTO_ICMP) { /* the pseudo-header; payload of zeros adds nothing */
        const size_t addresses = is_ipv6 ? 32 : 8;
        s = octets_sum(s, out + ip - addresses, addresses) + p->proto +
            (uint32_t)(p->bytes - ip);
    }
    const uint16_t checksum = octets_checksum(s);
    const uint16_t told = p->proto == PROTO_UDP && checksum == 0 ? 0xffff : checksum;
    octets_put16(body + at, p->is_corrupt ? told ^ 1u : told);
    return ip + n;
}
