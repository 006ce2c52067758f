/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/route.h"

#include "models/route_ipv6.h"

enum { FIRST_ENTRIES = 16 };

#define AT(field) offsetof(struct route_params, field)
const struct key ROUTE_KEYS[] = {
    {
        .name = "node",
        .kind = KEY_NAME,
        .offset = AT(node),
        .refers = REFERS_NODE,
        .help = "the router or host in whose table it stands",
    },
    {
        .name = "to",
        .kind = KEY_TEXT,
        .offset = AT(to),
        .help = "where to: a host, a router, an address or a prefix; 0.0.0.0/0, or ::/0, is "
                "all the rest",
    },
    {
        .name = "via",
        .kind = KEY_TEXT,
        .offset = AT(via),
        .help = "a link that leaves the node; none: such packets are dropped, 'no route'",
    },
    {
        .name = "at",
        .kind = KEY_QUANTITY,
        .offset = AT(at),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .max = SIM_NEVER - 1,
        .help = "when it comes; of several routes to one prefix the last declared is in force",
    },
    {
        .name = "until",
        .kind = KEY_QUANTITY,
        .offset = AT(until),
        .default_text = "never",
        .unit = UNIT_TIME,
        .help = "when it goes again",
    },
    {0},
};
#undef AT

const struct metric ROUTE_METRICS[] = {
    {
        .name = "used",
        .unit = UNIT_COUNT,
        .offset = offsetof(struct route, n_used),
        .help = "packets that took it",
    },
    {0},
};

/* ---- the table */

void route_table_init(struct route_table *t, struct sim *sim)
{
    *t = (struct route_table){.sim = sim};
}

/* The entry of the prefix, or the free one where it belongs. */
static struct route_entry *probe(const struct route_table *t, uint32_t low, unsigned bits)
{
    const uint64_t hash = ((uint64_t)low << 6 | bits) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(hash >> 32) & (t->cap - 1);
    struct route_entry *e = &t->entries[at];
    while (e->is_used && (e->low != low || e->bits != bits)) {
        at = (at + 1) & (t->cap - 1);
        e = &t->entries[at];
    }
    return e;
}

static void grow(struct route_table *t)
{
    struct route_entry *old = t->entries;
    const uint32_t n_old = t->cap;
    t->cap = n_old == 0 ? FIRST_ENTRIES : 2 * n_old;
    t->entries = sim_alloc(t->sim, t->cap * sizeof(*t->entries));
    for (uint32_t i = 0; i < n_old; i++)
        if (old[i].is_used)
            *probe(t, old[i].low, old[i].bits) = old[i];
    sim_release(t->sim, old, n_old * sizeof(*old));
}

/* The entry of a prefix, made if there is none. */
static struct route_entry *entry_at(struct route_table *t, struct key_address to)
{
    if (to.is_ipv6)
        return route_ipv6_entry(t, to);
    sim_assert(t->sim, to.prefix_bits <= 32 && address_holds(to, to.low));
    if (2 * (t->n_entries + 1) > t->cap)
        grow(t);
    struct route_entry *e = probe(t, to.low, to.prefix_bits);
    if (!e->is_used) {
        *e = (struct route_entry){.low = to.low, .bits = to.prefix_bits, .is_used = true};
        t->n_entries++;
        t->lengths |= UINT64_C(1) << to.prefix_bits;
    }
    return e;
}

void route_table_add(struct route_table *t, struct key_address to, struct link *via)
{
    struct route_entry *e = entry_at(t, to);
    if (e->is_own)
        return;
    e->is_own = true;
    e->own_via = via;
    if (e->by == NULL)
        e->via = via;
}

static __attribute__((noinline)) struct route_entry *find_prefix(const struct route_table *t,
                                                                 uint32_t low, uint64_t lengths)
{
    while (lengths != 0) {
        const unsigned bits = 63 - (unsigned)__builtin_clzll(lengths);
        lengths ^= UINT64_C(1) << bits;
        struct route_entry *e = probe(t, low & address_mask(bits), bits);
        if (route_entry_leads(e))
            return e;
    }
    return NULL;
}

/* Most packets go to a host, of which the table has the very address. */
struct route_entry *route_table_find(const struct route_table *t, ip_addr dst)
{
    const uint64_t whole = UINT64_C(1) << 32;
    if (__builtin_expect(address_is_ipv6(dst), 0))
        return route_ipv6_find(t, dst);
    if ((t->lengths & whole) != 0) {
        struct route_entry *e = probe(t, dst.low, 32);
        if (route_entry_leads(e))
            return e;
    }
    return find_prefix(t, dst.low, t->lengths & ~whole);
}

/* ---- routes of the configuration */

struct misfit route_check(const struct route_params *params)
{
    if (params->until <= params->at)
        return (struct misfit){.sentence = "the route goes before it has come", .key = "until"};
    return (struct misfit){0};
}

/* What is in force for a prefix: the last route that is there, else the table's own. */
static void decide(struct route_table *t, struct key_address to)
{
    struct route_entry *e = entry_at(t, to);
    e->by = NULL;
    for (struct route *r = t->routes; r != NULL; r = r->next)
        for (int i = 0; r->is_there && i < r->n_to; i++)
            if (address_compare(r->to[i], to) == 0)
                e->by = r;
    e->via = e->by != NULL ? e->by->via : e->own_via;
}

static void set_there(struct route *r, bool is_there)
{
    r->is_there = is_there;
    for (int i = 0; i < r->n_to; i++)
        decide(r->table, r->to[i]);
    sim_event(r->table->sim, r->subject, 0, "route", is_there ? "comes" : "goes");
}

static void route_on_change(struct sim *sim, struct event *e)
{
    struct route *r = CONTAINER_OF(e, struct route, change);
    set_there(r, !r->is_there);
    if (r->is_there)
        event_at(sim, e, r->until);
}

void route_init(struct route *r, struct route_table *table, const char *name,
                const struct route_params *params, const struct key_address *to, int n_to,
                struct link *via)
{
    struct route **last = &table->routes;
    *r = (struct route){
        .table = table, .to = to, .n_to = n_to, .via = via, .until = params->until};
    r->subject = sim_subject(table->sim, "route", name);
    event_init(table->sim, &r->change, EV_WORLD, r->subject, route_on_change);
    while (*last != NULL)
        last = &(*last)->next;
    *last = r;
    if (params->at > 0) {
        event_at(table->sim, &r->change, params->at);
        return;
    }
    set_there(r, true);
    event_at(table->sim, &r->change, params->until);
}
