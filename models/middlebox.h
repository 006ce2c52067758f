/* SPDX-License-Identifier: GPL-3.0-or-later
 * middlebox.h -- what a router does with packets beside forwarding them: rows of a registry.
 *
 *   link --> router --> pass(p) --> p as it is, or rewritten --> TTL, route, next link
 *                          |`-> dropped (cause: the kind's name)
 *                          `--> answered by the box itself
 *
 *   ingress-filter        drops sources that do not belong there (RFC 2827, RFC 3704)
 *   firewall              lets pass what belongs to a connection that was begun inside
 *   nat                   the same, and all inside share the router's address (RFC 3022)
 *   syn-proxy             shakes hands in the server's place, and remembers each SYN
 *   syn-proxy-stateless   the same, and remembers nothing before the handshake is done
 *
 * The one idea: a box sees whole packets in their order, takes no time, and knows where a
 * packet comes from by its addresses alone.
 *
 * Not modelled: several boxes in one router (put routers in a row), ICMP messages about what
 * was rewritten, fragments, NAT between the versions of IP or of prefixes (RFC 6296), what
 * looks into payload.
 */
#pragma once
#include "models/flows.h"
#include "models/link.h"
#include "sim/schema.h"

struct router;
struct middlebox;

extern const struct variant MIDDLEBOX_KINDS[]; /* ends with {NULL} */

/* Beside its row of MIDDLEBOX_KINDS. */
struct middlebox_kind {
    const char *name;
    size_t bytes; /* of its struct, which begins with struct middlebox */
    void (*init)(struct middlebox *m);
    /* Takes p. What is to be forwarded (p, perhaps changed), or NULL: nothing. */
    struct packet *(*pass)(struct middlebox *m, struct packet *p);
};
extern const struct middlebox_kind INGRESS_FILTER, FIREWALL, NAT, SYN_PROXY,
    SYN_PROXY_STATELESS;

struct middlebox {
    const struct middlebox_kind *kind;
    struct key_variant how; /* its parameters; lists are in the arena */
    struct sim *sim;
    struct router *router;
    struct flow_table *flows; /* NULL: it keeps none */
    int64_t n_filtered, n_answered, n_full;
};

/* filtered, answered, table_full, entries, entries_max: of struct router, none without a box.
 */
struct value middlebox_metric(const struct sim *sim, const void *router,
                              const struct metric *m);
enum { BOX_FILTERED, BOX_ANSWERED, BOX_FULL, BOX_ENTRIES, BOX_ENTRIES_MAX };

/* The box of a router, by its `middlebox`, whose variant is not NULL. Copies how. */
struct middlebox *middlebox_new(struct router *r, const struct key_variant *how);

void middlebox_warm_up(struct middlebox *m); /* counts start anew, entries stay */

/* ---- for kinds */

/* A list of addresses among its parameters, copied into the arena. */
void middlebox_keep(struct middlebox *m, struct key_list *list);
bool middlebox_has(const struct middlebox *m, const struct key_list *list, ip_addr addr);

/* Drops p, counts it; the record's cause is the kind's name. NULL, to be returned by pass. */
struct packet *middlebox_drop(struct middlebox *m, struct packet *p);

/* An answer to p, a segment of TCP: from its destination to its source, without payload and
 * options. To be sent by router_send. Borrows p. */
struct packet *middlebox_answer(struct middlebox *m, const struct packet *p, uint32_t seq,
                                uint32_t ack, uint16_t flags, uint16_t win);

/* Resets who sent p (RFC 9293 §3.10.7.1), unless p is a reset or no TCP, and drops it. NULL. */
struct packet *middlebox_refuse(struct middlebox *m, struct packet *p);

/* Tells the sender of p by ICMP that it is not let through, and drops p. NULL. */
struct packet *middlebox_prohibit(struct middlebox *m, struct packet *p);
/* The same, as if nobody listened at its port. */
struct packet *middlebox_close_port(struct middlebox *m, struct packet *p);

/* The ends of p, which comes from behind the box or goes there. */
struct flow_ends middlebox_ends(const struct packet *p, bool from_here);
