/* SPDX-License-Identifier: GPL-3.0-or-later
 * parking_lot.c -- one long path that meets other traffic at every hop.
 *
 *              client1          client2
 *                 |                |
 *   client --- router1 ======== router2 ======== router3 --- server
 *                                  |                |
 *                               server1          server2
 *
 * drawn for two hops, where clientI (on routerI) sends to serverI (on routerI+1): each
 * bottleneck, =====, carries the long path and one other.
 */
#include "topologies/shape.h"
#include "topologies/shapes.h"

#define AT(field) offsetof(struct parking_lot_params, field)
static const struct key PARKING_LOT_KEYS[] = {
    {
        .name = "hops",
        .kind = KEY_QUANTITY,
        .offset = AT(hops),
        .default_text = "2",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = 1000,
        .help = "bottlenecks in a row",
    },
    {
        .name = "access",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(access),
        .help = "links between hosts and routers",
    },
    {
        .name = "bottleneck",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(bottleneck),
        .help = "links between routers",
    },
    {0},
};
#undef AT

static void parking_lot_expand(const void *params, struct net_spec *out)
{
    const struct parking_lot_params *p = params;
    struct shape_name router = shape_name("router", 1);
    shape_host(out, "client");
    shape_host(out, "server");
    shape_router(out, router.text);
    shape_both(out, "client", router.text, &p->access);
    for (int i = 1; i <= p->hops; i++) {
        const struct shape_name next = shape_name("router", i + 1);
        const struct shape_name client = shape_name("client", i);
        const struct shape_name server = shape_name("server", i);
        shape_router(out, next.text);
        shape_both(out, router.text, next.text, &p->bottleneck);
        shape_host(out, client.text);
        shape_both(out, client.text, router.text, &p->access);
        shape_host(out, server.text);
        shape_both(out, next.text, server.text, &p->access);
        router = next;
    }
    shape_both(out, router.text, "server", &p->access);
}

const struct topology_kind PARKING_LOT = {
    .name = "parking-lot",
    .help = "hosts client and server at the ends of router1, router2, ...; client1 on router1 "
            "and server1 on router2, ...: each hop is shared with another pair",
    .keys = PARKING_LOT_KEYS,
    .params_bytes = sizeof(struct parking_lot_params),
    .expand = parking_lot_expand,
};
