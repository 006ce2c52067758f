/* SPDX-License-Identifier: GPL-3.0-or-later
 * router.h -- a node that forwards by longest prefix.
 *
 *   link --> sink.recv --TTL left?--> route_via --> TTL - 1, link_send
 *                          \-- no: time exceeded    \-- none: net unreachable, to the sender
 *                                                   \-- too large for the link: packet too big
 *
 * The one idea: a router looks at the first cache line of a packet only, takes no time, and has
 * no queue: that is the outgoing link's. What it drops it tells the sender by ICMP, if it may
 * (`icmp`, `icmp_wait`).
 *
 * What else happens to packets is the affair of its middlebox (middlebox.h), which sees them
 * first.
 *
 * Not modelled: fragments, redirects, a processor that takes time; packets for the router
 * itself end here ("no listener").
 */
#pragma once
#include "models/icmp.h"
#include "models/middlebox.h"
#include "models/route.h"

struct router_params {
    bool icmp;                    /* whether it tells senders what it has dropped */
    sim_time icmp_wait;           /* least time between two such messages */
    struct key_variant middlebox; /* of MIDDLEBOX_KINDS; not given: it only forwards */
};
extern const struct key ROUTER_KEYS[];
/* received, forwarded, ttl_drops, ttl_drop_at, mtu_drops, no_route, ended_here, icmp_sent, and
 * those of its middlebox */
extern const struct metric ROUTER_METRICS[];

/* Invariant: n_received + n_sent = n_forwarded + n_ttl_drops + n_mtu_drops + n_no_route +
 * n_ended_here + what its box took. */
struct router {
    struct sink sink; /* where links deliver */
    struct sim *sim;
    struct route_table routes;
    int64_t n_received, n_forwarded;
    struct middlebox *box; /* NULL: none */
    ip_addr addr;          /* the source of its ICMP messages */
    uint32_t subject;
    struct icmp_source icmp;
    int64_t n_ttl_drops, n_no_route, n_ended_here, n_mtu_drops;
    int64_t n_sent;       /* by its box */
    sim_time ttl_drop_at; /* the first; SIM_NEVER: none */
};

/* The defaults of ROUTER_KEYS. */
struct router_params router_defaults(void);

/* Declares the subject "router" `name`. Copies params. Its table is empty. */
void router_init(struct router *r, struct sim *sim, const char *name, ip_addr addr,
                 const struct router_params *params);

/* Sends p, which the router's box has made, or has kept, on its way. Takes p. */
void router_send(struct router *r, struct packet *p);

/* Tells the sender of p, which the router or its box has dropped, if it may and knows the way.
 * mtu: of the link that was too small, 0 of other messages. Borrows p. */
void router_tell(struct router *r, const struct packet *p, uint8_t type, uint8_t code,
                 uint32_t mtu);

/* Counts start anew. */
void router_warm_up(struct router *r);
