/* SPDX-License-Identifier: GPL-3.0-or-later
 * route.h -- which link a packet takes: a table of prefixes, the longest that fits wins; and
 * routes that the configuration lays over it for a while.
 *
 *   203.0.113.0/24 -> b->c      10.0.0.7 = 10.0.0.7/32 -> b->d      0.0.0.0/0 -> b->a
 *
 * The one idea: all prefixes of a table stand in one hash table by (prefix, length), and a bit
 * set knows which lengths occur; a lookup asks once for each of these, longest first. Ten
 * thousand hosts behind one router are one length.
 *
 * A route of the configuration comes at an instant and goes at another, as a change of the
 * world (class 0). Of several for one prefix the one declared last wins while it is there; when
 * it goes, what it hid is seen again. So loops and black holes can be made, and healed.
 *
 * Of IPv6 prefixes there is a table of its own behind this one (route_ipv6.h).
 *
 * Not modelled: routing protocols, several equal ways at once, metrics other than hops, routing
 * by source.
 */
#pragma once
#include "models/link.h"
#include "sim/address.h"

/* Invariant: n_entries <= cap / 2; cap is a power of two, or 0. */
struct route_table {
    struct sim *sim;
    struct route_entry *entries;
    uint32_t n_entries, cap;
    uint64_t lengths;        /* bit n: there are prefixes of n bits */
    struct route *routes;    /* the configuration's, in declared order */
    struct route_ipv6 *ipv6; /* NULL: it has no route to such addresses */
};

struct route_entry {
    struct link *via;     /* what a lookup gives; NULL: the packet is dropped, "no route" */
    struct link *own_via; /* of the table's own route */
    struct route *by;     /* the configuration's route that is in force; NULL: none */
    uint32_t low;
    uint8_t bits;
    bool is_own; /* the table itself has a route to the prefix */
    bool is_used;
};

/* Whether what a lookup has found is a route. */
static inline bool route_entry_leads(const struct route_entry *e)
{
    return e->is_used && (e->by != NULL || e->is_own);
}

void route_table_init(struct route_table *t, struct sim *sim);

/* The table's own route to `to`, as the topology has it. The first one given stays. */
void route_table_add(struct route_table *t, struct key_address to, struct link *via);

/* The entry for dst, or NULL: there is no route. */
struct route_entry *route_table_find(const struct route_table *t, ip_addr dst);

/* ---- routes of the configuration */

struct route_params {
    char node[NAME_MAX_BYTES]; /* the router or host whose table it is */
    char to[TEXT_MAX_BYTES];   /* a host, a router, an address or a prefix */
    char via[TEXT_MAX_BYTES];  /* a link that leaves the node; "none": into nothing */
    sim_time at, until;
};
extern const struct key ROUTE_KEYS[];       /* node, to, via, at, until */
extern const struct metric ROUTE_METRICS[]; /* used */

struct route {
    struct route *next; /* in the table's list */
    struct route_table *table;
    const struct key_address *to;
    int n_to;
    struct link *via; /* NULL: into nothing */
    sim_time until;
    bool is_there;
    uint32_t subject;
    struct event change; /* class EV_WORLD: it comes, then it goes */
    int64_t n_used;      /* packets that took it */
};

/* Whether the parameters go together. */
struct misfit route_check(const struct route_params *params);

/* Declares the subject "route" `name` and appends r to the table's list. A route from time 0 on
 * is there at once. Borrows to, which must outlive the table. */
void route_init(struct route *r, struct route_table *table, const char *name,
                const struct route_params *params, const struct key_address *to, int n_to,
                struct link *via);

/* Where a packet to dst goes; NULL: nowhere. Counts the use of a configured route. */
static inline struct link *route_via(const struct route_table *t, ip_addr dst)
{
    struct route_entry *e = route_table_find(t, dst);
    if (e == NULL)
        return NULL;
    if (__builtin_expect(e->by != NULL, 0))
        e->by->n_used++;
    return e->via;
}
