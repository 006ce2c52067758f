/* SPDX-License-Identifier: GPL-3.0-or-later
 * firewall.c -- who remembers connections, and what the memory does to them: firewall and NAT.
 *
 *   firewall   10.0.0.1:4001 <----------------------------------> 192.0.2.9:80
 *   nat        10.0.0.1:4001 <--> 172.16.0.1:4001 (the router) <--> 192.0.2.9:80
 *
 * A connection is remembered from its SYN on (UDP: from its first datagram), for as long as it
 * is not silent beyond the timeout of its stage. What then still comes is unknown: dropped
 * without a word, so that its sender repeats it for a long time, or reset.
 *
 * A NAT gives a flow the port that it has inside if that is free towards the same far end, else
 * the next free one: a mapping of address and port (RFC 5382 REQ-1 asks for one by the inside
 * end alone). Not modelled: forwarded ports, hairpinning, rewriting of ICMP (what is inside and
 * neither TCP nor UDP is dropped), checks of windows.
 */
#include <string.h>

#include "models/middlebox_rows.h"
#include "models/router.h"

struct firewall {
    struct middlebox box; /* first */
    struct flow_table table;
    struct packet *(*refuse)(struct middlebox *m, struct packet *p); /* what is unknown */
    bool any_begins;
    uint16_t next_port; /* nat */
};

enum { PORT_MIN = 1024, PORT_MAX = 65535 };

static const struct firewall_params *params_of(const struct middlebox *m)
{
    return (const void *)m->how.params;
}

/* A row each of UNKNOWN_CHOICES. */
static struct packet *(*refusal_named(const char *name))(struct middlebox *m, struct packet *p)
{
    static const struct {
        const char *name;
        struct packet *(*refuse)(struct middlebox *m, struct packet *p);
    } rows[] = {{"drop", middlebox_drop},
                {"reset", middlebox_refuse},
                {"prohibited", middlebox_prohibit},
                {"port-unreachable", middlebox_close_port}};
    size_t i = 0;
    while (strcmp(rows[i].name, name) != 0)
        i++;
    return rows[i].refuse;
}

static void firewall_init(struct middlebox *m)
{
    struct firewall *f = (struct firewall *)m;
    struct firewall_params *params = (void *)m->how.params;
    middlebox_keep(m, &params->inside);
    flow_table_init(&f->table, m->sim, params->entries, params->opening_timeout,
                    params->timeout, params->closing_timeout);
    m->flows = &f->table;
    f->refuse = refusal_named(params->unknown);
    f->any_begins = params->begins != NULL && strcmp(params->begins, "anybody") == 0;
    f->next_port = PORT_MIN;
}

static bool has_ports(const struct packet *p)
{
    return p->proto == PROTO_TCP || p->proto == PROTO_UDP;
}

/* Whether p may be the first packet of a connection. */
static bool is_beginning(const struct packet *p)
{
    const uint16_t looked_at = TCP_SYN | TCP_ACK | TCP_RST;
    return p->proto == PROTO_UDP || (p->flags & looked_at) == TCP_SYN;
}

static struct packet *unknown(struct middlebox *m, struct packet *p)
{
    return ((struct firewall *)m)->refuse(m, p);
}

static struct packet *no_room(struct middlebox *m, struct packet *p)
{
    m->n_full++;
    return middlebox_drop(m, p);
}

static struct packet *firewall_pass(struct middlebox *m, struct packet *p)
{
    struct firewall *f = (struct firewall *)m;
    const bool from_here = middlebox_has(m, &params_of(m)->inside, p->src);
    if (!has_ports(p) || from_here == middlebox_has(m, &params_of(m)->inside, p->dst))
        return p; /* a message about a packet; or it does not cross the wall */
    const struct flow_ends ends = middlebox_ends(p, from_here);
    struct flow *flow = flow_find(&f->table, FLOW_NEAR, &ends);
    if (flow == NULL && (!is_beginning(p) || !(from_here || f->any_begins)))
        return unknown(m, p);
    if (flow == NULL) {
        flow = flow_add(&f->table, &ends, &ends);
        if (flow == NULL)
            return no_room(m, p);
        flow->begun_here = from_here;
    }
    flow_pass(&f->table, flow, p, from_here);
    return p;
}

const struct middlebox_kind FIREWALL = {
    .name = "firewall",
    .bytes = sizeof(struct firewall),
    .init = firewall_init,
    .pass = firewall_pass,
};

/* ---- nat */

static uint16_t port_after(uint16_t port)
{
    return port == PORT_MAX ? PORT_MIN : (uint16_t)(port + 1);
}

/* far->here_port is what the flow would like to have. False: towards that end all are taken. */
static bool find_port(struct firewall *f, struct flow_ends *far_ends)
{
    if (flow_find(&f->table, FLOW_FAR, far_ends) == NULL)
        return true;
    for (int i = PORT_MIN; i <= PORT_MAX; i++) {
        far_ends->here_port = f->next_port;
        f->next_port = port_after(f->next_port);
        if (flow_find(&f->table, FLOW_FAR, far_ends) == NULL)
            return true;
    }
    return false;
}

static struct flow *begin_out(struct firewall *f, const struct flow_ends *near_ends)
{
    struct flow_ends far_ends = *near_ends;
    far_ends.here = f->box.router->addr;
    struct flow *flow =
        find_port(f, &far_ends) ? flow_add(&f->table, near_ends, &far_ends) : NULL;
    if (flow != NULL)
        flow->begun_here = true;
    return flow;
}

static struct packet *nat_out(struct firewall *f, struct packet *p)
{
    const struct flow_ends ends = middlebox_ends(p, true);
    struct flow *flow = flow_find(&f->table, FLOW_NEAR, &ends);
    if (flow == NULL && !is_beginning(p))
        return unknown(&f->box, p);
    if (flow == NULL)
        flow = begin_out(f, &ends);
    if (flow == NULL)
        return no_room(&f->box, p);
    flow_pass(&f->table, flow, p, true);
    p->src = flow->ends[FLOW_FAR].here;
    p->sport = flow->ends[FLOW_FAR].here_port;
    return p;
}

static struct packet *nat_in(struct firewall *f, struct packet *p)
{
    const struct flow_ends ends = middlebox_ends(p, false);
    struct flow *flow = flow_find(&f->table, FLOW_FAR, &ends);
    if (flow == NULL)
        return unknown(&f->box, p);
    flow_pass(&f->table, flow, p, false);
    p->dst = flow->ends[FLOW_NEAR].here;
    p->dport = flow->ends[FLOW_NEAR].here_port;
    return p;
}

static struct packet *nat_pass(struct middlebox *m, struct packet *p)
{
    struct firewall *f = (struct firewall *)m;
    const bool from_here = middlebox_has(m, &params_of(m)->inside, p->src);
    const bool to_here = middlebox_has(m, &params_of(m)->inside, p->dst);
    if (from_here && to_here)
        return p;
    if (from_here)
        return has_ports(p) ? nat_out(f, p) : middlebox_drop(m, p);
    if (has_ports(p) && ip_eq(p->dst, m->router->addr))
        return nat_in(f, p);
    return to_here ? unknown(m, p) : p; /* inside has no addresses that others know */
}

const struct middlebox_kind NAT = {
    .name = "nat",
    .bytes = sizeof(struct firewall),
    .init = firewall_init,
    .pass = nat_pass,
};
