/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/forge.h"

#include "sim/address.h"

static void sign(const struct app *a, struct packet *p, int64_t nth)
{
    p->injected_by = a->subject;
    p->injected_nth = (uint32_t)nth;
}

struct packet *forge_segment(struct app *a, struct tcp_addr from, struct tcp_addr to,
                             uint16_t flags, uint32_t len, int64_t nth)
{
    struct packet *p = packet_new(a->sim, address_header_bytes(to.ip) + TCP_HEADER_BYTES + len);

    p->proto = PROTO_TCP;
    p->ttl = a->env.host->ttl;
    p->src = from.ip;
    p->dst = to.ip;
    p->sport = from.port;
    p->dport = to.port;
    p->flags = flags;
    p->win = UINT16_MAX;
    p->len = len;
    p->payload = PAYLOAD_FORGED;
    sign(a, p, nth);
    return p;
}

struct packet *forge_icmp(struct app *a, const struct icmp_error *e, int64_t nth)
{
    struct packet *p = icmp_message(a->sim, a->env.host->addr, e);

    p->ttl = a->env.host->ttl;
    sign(a, p, nth);
    return p;
}
