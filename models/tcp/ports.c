/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/ports.h"

#include "models/tcp/endpoint.h"

#include <stdio.h>

void tcp_ports_init(struct tcp_ports *p, struct sim *sim, const char *host)
{
    char stream[NAME_MAX_BYTES + 16];
    snprintf(stream, sizeof stream, "host/%s/ports", host);
    *p = (struct tcp_ports){.rng = sim_rng(sim, stream), .exhausted_at = SIM_NEVER};
    p->pages = sim_alloc(sim, PORT_PAGES * sizeof(struct tcp_port_page *));
    p->key[0] = rng_u64(&p->rng);
    p->key[1] = rng_u64(&p->rng);
}

const struct tcp_ports *tcp_ports_of(const struct tcp_stack *s)
{
    return &s->ports;
}

void tcp_ports_warm_up(struct tcp_stack *s)
{
    level_warm_up(&s->ports.in_use, s->sim->now);
    s->ports.n_exhausted = 0;
}

static void forget_port(struct tcp_stack *s, struct tcp_port *p)
{
    for (struct tcp_hold_class *c = p->first.next, *next; c != NULL; c = next) {
        next = c->next;
        sim_release(s->sim, c, sizeof *c);
    }
}

void tcp_ports_forget(struct tcp_stack *s)
{
    struct tcp_ports *p = &s->ports;
    for (int i = 0; i < PORT_PAGES; i++) {
        struct tcp_port_page *page = p->pages[i];
        for (int j = 0; page != NULL && j < PORTS_A_PAGE; j++)
            forget_port(s, &page->ports[j]);
        sim_release(s->sim, page, sizeof *page);
        p->pages[i] = NULL;
    }
    level_add(&p->in_use, s->sim->now, -p->in_use.n);
    p->n_owners = p->n_sockets = p->next = 0;
}

static const struct tcp_port *port_at(const struct tcp_stack *s, uint16_t number)
{
    const struct tcp_port_page *page = s->ports.pages[number / PORTS_A_PAGE];
    return page != NULL ? &page->ports[number % PORTS_A_PAGE] : NULL;
}

static struct tcp_port_page *make_page(struct tcp_stack *s, uint16_t number)
{
    struct tcp_port_page **page = &s->ports.pages[number / PORTS_A_PAGE];
    if (*page == NULL)
        *page = sim_alloc(s->sim, sizeof **page);
    return *page;
}

/* ---- owners */

static bool is_any(ip_addr ip)
{
    return ip_eq(ip, ip4(0));
}

static bool overlap(ip_addr a, ip_addr b)
{
    return is_any(a) || is_any(b) || ip_eq(a, b);
}

static bool is_alike(const struct tcp_hold_class *c, const struct tcp_hold *h)
{
    return c->bits == h->bits && ip_eq(c->ip, h->ip);
}

/* The port has one owner more, or one less. */
static void note(struct tcp_stack *s, struct tcp_port_page *page, uint16_t number, bool in)
{
    const struct tcp_port *p = &page->ports[number % PORTS_A_PAGE];
    const uint64_t bit = UINT64_C(1) << number % PORTS_A_PAGE, before = page->owned;
    page->owned = p->first.n > 0 ? page->owned | bit : page->owned & ~bit;
    page->bound = p->n_bound > 0 ? page->bound | bit : page->bound & ~bit;
    s->ports.n_owners += in ? 1u : -1u;
    if (page->owned != before)
        level_add(&s->ports.in_use, s->sim->now, in ? 1 : -1);
}

void tcp_port_take(struct tcp_stack *s, struct tcp_hold h)
{
    struct tcp_port_page *page = make_page(s, h.port);
    struct tcp_port *p = &page->ports[h.port % PORTS_A_PAGE];
    struct tcp_hold_class *c = &p->first;
    while (c->n > 0 && !is_alike(c, &h) && c->next != NULL)
        c = c->next;
    if (c->n > 0 && !is_alike(c, &h))
        c = c->next = sim_alloc(s->sim, sizeof *c);
    c->ip = h.ip;
    c->bits = h.bits;
    c->n++;
    p->n_bound += (h.bits & HOLD_BOUND) != 0;
    note(s, page, h.port, true);
}

/* The class is empty: the next one stands in its place. Invariant: none of a list is empty but
 * the first of an empty one. */
static void drop_class(struct tcp_stack *s, struct tcp_port *p, struct tcp_hold_class *c)
{
    struct tcp_hold_class *next = c->next;
    if (next != NULL) {
        *c = *next;
        sim_release(s->sim, next, sizeof *next);
    } else if (c != &p->first) {
        struct tcp_hold_class *before = &p->first;
        while (before->next != c)
            before = before->next;
        before->next = NULL;
        sim_release(s->sim, c, sizeof *c);
    }
}

void tcp_port_drop(struct tcp_stack *s, struct tcp_hold h)
{
    struct tcp_port_page **slot = &s->ports.pages[h.port / PORTS_A_PAGE], *page = *slot;
    sim_assert(s->sim, page != NULL);
    struct tcp_port *p = &page->ports[h.port % PORTS_A_PAGE];
    struct tcp_hold_class *c = &p->first;
    while (c != NULL && !is_alike(c, &h))
        c = c->next;
    sim_assert(s->sim, c != NULL && c->n > 0);
    p->n_bound -= (h.bits & HOLD_BOUND) != 0;
    if (--c->n == 0)
        drop_class(s, p, c);
    note(s, page, h.port, false);
    if (page->owned == 0) {
        *slot = NULL;
        sim_release(s->sim, page, sizeof *page);
    }
}

void tcp_port_mark(struct tcp_stack *s, uint16_t port, uint8_t tos, uint8_t ttl)
{
    struct tcp_port *p = &make_page(s, port)->ports[port % PORTS_A_PAGE];
    p->tos = tos;
    p->ttl = ttl;
}

void tcp_port_mark_packet(const struct tcp_stack *s, uint16_t port, struct packet *p)
{
    const struct tcp_port *at = port_at(s, port);
    if (at == NULL)
        return;
    p->tos = at->tos;
    p->ttl = at->ttl;
}

uint8_t tcp_hold_bits(const struct tcp_sockopts *opt)
{
    return (uint8_t)((opt->reuse_addr ? HOLD_REUSEADDR : 0) |
                     (opt->reuse_port ? HOLD_REUSEPORT : 0));
}

/* Linux's inet_bind_conflict(), for a port that is asked for. */
static bool share(uint8_t want, uint8_t has)
{
    const uint8_t both = want & has;
    const bool by_address = (both & HOLD_REUSEADDR) != 0 && (has & HOLD_LISTENS) == 0;
    return by_address || (both & HOLD_REUSEPORT) != 0;
}

static bool has_owners(const struct tcp_port *p)
{
    return p != NULL && p->first.n > 0;
}

static bool admits(const struct tcp_hold_class *c, const struct tcp_hold *want)
{
    return share(want->bits, c->bits);
}

static bool is_unheard(const struct tcp_hold_class *c, const struct tcp_hold *want)
{
    return (c->bits & HOLD_LISTENS) == 0 || (c->bits & want->bits & HOLD_REUSEPORT) != 0;
}

/* Whether every class of owners whose addresses overlap is of that mind. */
static bool all_agree(const struct tcp_stack *s, const struct tcp_hold *want,
                      bool (*agrees)(const struct tcp_hold_class *c,
                                     const struct tcp_hold *want))
{
    const struct tcp_port *p = port_at(s, want->port);
    bool all = true;
    if (!has_owners(p))
        return true;
    for (const struct tcp_hold_class *c = &p->first; c != NULL && all; c = c->next)
        all = !overlap(c->ip, want->ip) || agrees(c, want);
    return all;
}

bool tcp_port_admits(const struct tcp_stack *s, const struct tcp_hold *want)
{
    return all_agree(s, want, admits);
}

bool tcp_port_is_unheard(const struct tcp_stack *s, const struct tcp_hold *want)
{
    return all_agree(s, want, is_unheard);
}

static bool ends_are_free(const struct tcp_stack *s, struct tcp_addr from, struct tcp_addr to)
{
    const struct tcp_entry *e = tcp_table_find(&s->table, s->sim, from, to);
    return e == NULL || tcp_tw_yields(s, e);
}

bool tcp_port_serves(const struct tcp_stack *s, struct tcp_addr from, struct tcp_addr to)
{
    const struct tcp_port *p = port_at(s, from.port);
    return !has_owners(p) || (p->n_bound == 0 && ends_are_free(s, from, to));
}

/* ---- listeners */

static struct tcp_listener **listeners_at(const struct tcp_listener *l)
{
    return &make_page(l->stack, l->hold.port)->ports[l->hold.port % PORTS_A_PAGE].listeners;
}

void tcp_port_listen(struct tcp_listener *l)
{
    tcp_port_take(l->stack, l->hold);
    struct tcp_listener **link = listeners_at(l);
    while (*link != NULL)
        link = &(*link)->port_next;
    *link = l;
    l->port_next = NULL;
}

void tcp_port_unlisten(struct tcp_listener *l)
{
    struct tcp_listener **link = listeners_at(l);
    while (*link != l)
        link = &(*link)->port_next;
    *link = l->port_next;
    tcp_port_drop(l->stack, l->hold);
}

/* The n-th of those with this very address. */
static struct tcp_listener *nth_at(struct tcp_listener *first, ip_addr ip, uint32_t n)
{
    struct tcp_listener *l = first;
    for (; l != NULL; l = l->port_next)
        if (ip_eq(l->hold.ip, ip) && n-- == 0)
            break;
    return l;
}

static uint32_t count_at(const struct tcp_listener *first, ip_addr ip)
{
    uint32_t n = 0;
    for (const struct tcp_listener *l = first; l != NULL; l = l->port_next)
        n += ip_eq(l->hold.ip, ip);
    return n;
}

/* Which of the n that share: the same for all segments between these ends. */
static __attribute__((noinline)) struct tcp_listener *shared(const struct tcp_stack *s,
                                                             struct tcp_listener *first,
                                                             struct tcp_addr local,
                                                             struct tcp_addr remote)
{
    const uint32_t n_here = count_at(first, local.ip);
    const ip_addr ip = n_here > 0 ? local.ip : ip4(0);
    const uint32_t n = n_here > 0 ? n_here : count_at(first, ip);
    const uint64_t ends =
        (uint64_t)remote.ip.low << 32 | (uint64_t)remote.port << 16 | local.port;
    const uint64_t hash = mix64(ends ^ s->ports.key[0],
                                (uint64_t)local.ip.low << 32 | (uint32_t)remote.ip.prefix);
    return n > 0 ? nth_at(first, ip, (uint32_t)((hash >> 32) * n >> 32)) : NULL;
}

struct tcp_listener *tcp_listener_for(const struct tcp_stack *s, struct tcp_addr local,
                                      struct tcp_addr remote)
{
    const struct tcp_port *p = port_at(s, local.port);
    struct tcp_listener *l = p != NULL ? p->listeners : NULL;
    if (l != NULL && l->port_next != NULL)
        return shared(s, l, local, remote);
    return l != NULL && overlap(l->hold.ip, local.ip) ? l : NULL;
}
