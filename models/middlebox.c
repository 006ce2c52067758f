/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/middlebox.h"

#include <string.h>

#include "models/router.h"
#include "sim/address.h"

enum { BOX_TTL = 64 };

struct middlebox *middlebox_new(struct router *r, const struct key_variant *how)
{
    static const struct middlebox_kind *const kinds[] = {&INGRESS_FILTER, &FIREWALL, &NAT,
                                                         &SYN_PROXY, &SYN_PROXY_STATELESS};
    size_t i = 0;
    while (strcmp(kinds[i]->name, how->variant->name) != 0)
        i++; /* ends: each row has its kind */
    struct middlebox *m = sim_alloc(r->sim, kinds[i]->bytes);
    *m = (struct middlebox){.kind = kinds[i], .how = *how, .sim = r->sim, .router = r};
    m->kind->init(m);
    return m;
}

void middlebox_warm_up(struct middlebox *m)
{
    m->n_filtered = m->n_answered = m->n_full = 0;
    if (m->flows != NULL)
        m->flows->max = flow_count(m->flows);
}

struct value middlebox_metric(const struct sim *sim, const void *router, const struct metric *m)
{
    const struct middlebox *box = ((const struct router *)router)->box;
    if (box == NULL || (m->arg >= BOX_ENTRIES && box->flows == NULL))
        return (struct value){.kind = VALUE_NONE};
    int64_t n = 0;
    if (m->arg == BOX_ENTRIES || m->arg == BOX_ENTRIES_MAX)
        n = m->arg == BOX_ENTRIES ? flow_count(box->flows) : box->flows->max;
    else
        n = (const int64_t[]){[BOX_FILTERED] = box->n_filtered,
                              [BOX_ANSWERED] = box->n_answered,
                              [BOX_FULL] = box->n_full}[m->arg];
    return (struct value){.kind = VALUE_INT, .num = n, .den = 1};
}

void middlebox_keep(struct middlebox *m, struct key_list *list)
{
    const size_t bytes = (size_t)list->n * sizeof(struct key_address);
    if (list->n > 0)
        list->items = memcpy(sim_alloc(m->sim, bytes), list->items, bytes);
}

bool middlebox_has(const struct middlebox *m, const struct key_list *list, ip_addr addr)
{
    const struct key_address *a = list->items;
    for (int i = 0; i < list->n; i++)
        if (address_has(m->sim, a[i], addr))
            return true;
    return false;
}

struct packet *middlebox_drop(struct middlebox *m, struct packet *p)
{
    m->n_filtered++;
    segment_emit(m->sim, SEG_DROP, m->router->subject, p, m->kind->name);
    packet_free(m->sim, p);
    return NULL;
}

struct packet *middlebox_answer(struct middlebox *m, const struct packet *p, uint32_t seq,
                                uint32_t ack, uint16_t flags, uint16_t win)
{
    struct packet *answer = packet_new(m->sim, TCP_HEADER_BYTES + address_header_bytes(p->src));
    answer->proto = PROTO_TCP;
    answer->ttl = BOX_TTL;
    answer->src = p->dst;
    answer->dst = p->src;
    answer->sport = p->dport;
    answer->dport = p->sport;
    answer->seq = seq;
    answer->ack = ack;
    answer->flags = flags;
    answer->win = win;
    m->n_answered++;
    return answer;
}

struct packet *middlebox_refuse(struct middlebox *m, struct packet *p)
{
    const struct packet about = *p;
    const bool has_ack = (p->flags & TCP_ACK) != 0;
    const uint32_t len = p->len + ((p->flags & TCP_SYN) != 0) + ((p->flags & TCP_FIN) != 0);
    middlebox_drop(m, p);
    if (about.proto != PROTO_TCP || (about.flags & TCP_RST) != 0)
        return NULL;
    router_send(m->router, middlebox_answer(m, &about, has_ack ? about.ack : 0,
                                            has_ack ? 0 : about.seq + len,
                                            has_ack ? TCP_RST : TCP_RST | TCP_ACK, 0));
    return NULL;
}

static struct packet *tell(struct middlebox *m, struct packet *p, uint8_t code)
{
    const struct packet about = *p; /* the quote needs no options */
    middlebox_drop(m, p);
    router_tell(m->router, &about, ICMP_UNREACHABLE, code, 0);
    return NULL;
}

struct packet *middlebox_prohibit(struct middlebox *m, struct packet *p)
{
    return tell(m, p, ICMP_ADMIN_PROHIBITED);
}

struct packet *middlebox_close_port(struct middlebox *m, struct packet *p)
{
    return tell(m, p, ICMP_PORT_UNREACHABLE);
}

struct flow_ends middlebox_ends(const struct packet *p, bool from_here)
{
    return from_here ? (struct flow_ends){p->src, p->dst, p->sport, p->dport, p->proto}
                     : (struct flow_ends){p->dst, p->src, p->dport, p->sport, p->proto};
}
