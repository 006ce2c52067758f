/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/crowd.h"

#include "models/tcp/endpoint.h"

static void set(struct tcp_crowd *c, uint16_t port, bool in)
{
    const uint64_t bit = UINT64_C(1) << (port & 63);
    c->taken[port >> 6] = in ? c->taken[port >> 6] | bit : c->taken[port >> 6] & ~bit;
    c->n += in ? 1u : -1u;
}

/* What has an entry has an owner on this port: a request has its listener. */
static struct tcp_crowd *make(struct tcp_stack *s, ip_addr local, struct tcp_addr remote)
{
    struct tcp_crowd *c = sim_alloc(s->sim, sizeof *c);
    *c = (struct tcp_crowd){.next = s->table.crowds, .local = local, .remote = remote};
    s->table.crowds = c;
    for (uint32_t port = 0; port <= UINT16_MAX; port++) {
        const struct tcp_port_page *page = s->ports.pages[port / PORTS_A_PAGE];
        const struct tcp_addr end = {local, (uint16_t)port};
        if (page != NULL && (page->owned >> port % PORTS_A_PAGE & 1) != 0 &&
            tcp_table_find(&s->table, s->sim, end, remote) != NULL)
            set(c, (uint16_t)port, true);
    }
    return c;
}

static bool is_between(const struct tcp_crowd *c, ip_addr local, struct tcp_addr remote)
{
    return c->remote.port == remote.port && ip_eq(c->remote.ip, remote.ip) &&
           ip_eq(c->local, local);
}

static struct tcp_crowd *find(const struct tcp_table *h, ip_addr local, struct tcp_addr remote)
{
    struct tcp_crowd *c = h->crowds;
    while (c != NULL && !is_between(c, local, remote))
        c = c->next;
    return c;
}

bool tcp_is_crowd(const struct tcp_stack *s, ip_addr local, struct tcp_addr remote)
{
    return find(&s->table, local, remote) != NULL;
}

const struct tcp_crowd *tcp_crowd_of(struct tcp_stack *s, ip_addr local, struct tcp_addr remote)
{
    struct tcp_crowd *c = find(&s->table, local, remote);
    return c != NULL ? c : make(s, local, remote);
}

void tcp_crowd_note(struct tcp_table *h, struct sim *sim, const struct tcp_entry *e, bool in)
{
    const struct tcp_addr local = tcp_entry_local(e), remote = tcp_entry_remote(e);
    struct tcp_crowd **link = &h->crowds;
    while (*link != NULL && !is_between(*link, local.ip, remote))
        link = &(*link)->next;
    struct tcp_crowd *c = *link;
    if (c == NULL)
        return;
    set(c, local.port, in);
    if (c->n == 0) {
        *link = c->next;
        sim_release(sim, c, sizeof *c);
    }
}
