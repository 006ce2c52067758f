/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/forge.h"

#include "sim/address.h"

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
    p->injected_by = a->subject;
    p->injected_nth = (uint32_t)nth;
    return p;
}
