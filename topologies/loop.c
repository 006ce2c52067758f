/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop.c -- a client, a server, and three routers that routes can turn into a loop.
 *
 *   client -- router1 -- router2 -- server
 *                  \       /
 *                   router3
 *
 * By itself all is well: packets take router1 and router2. With these routes what the client
 * sends to the server goes around, router1 -> router2 -> router3 -> router1, until its TTL is
 * over or the routes have gone again:
 *
 *   routes:
 *     out:  {node: router2, to: server, via: router2->router3, until: 60s}
 *     back: {node: router3, to: server, via: router3->router1, until: 60s}
 */
#include "topologies/shape.h"
#include "topologies/shapes.h"

#define AT(field) offsetof(struct loop_params, field)
static const struct key LOOP_KEYS[] = {
    {
        .name = "access",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(access),
        .help = "links between hosts and routers",
    },
    {
        .name = "ring",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(ring),
        .help = "links among the three routers",
    },
    {0},
};
#undef AT

static void loop_expand(const void *params, struct net_spec *out)
{
    const struct loop_params *p = params;
    shape_host(out, "client");
    shape_host(out, "server");
    shape_router(out, "router1");
    shape_router(out, "router2");
    shape_router(out, "router3");
    shape_both(out, "client", "router1", &p->access);
    shape_both(out, "router1", "router2", &p->ring);
    shape_both(out, "router2", "router3", &p->ring);
    shape_both(out, "router3", "router1", &p->ring);
    shape_both(out, "router2", "server", &p->access);
}

const struct topology_kind LOOP = {
    .name = "loop",
    .help = "hosts client (on router1) and server (on router2), routers router1, router2 and "
            "router3 in a ring that `routes` can make a loop",
    .keys = LOOP_KEYS,
    .params_bytes = sizeof(struct loop_params),
    .expand = loop_expand,
};
