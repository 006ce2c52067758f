/* SPDX-License-Identifier: GPL-3.0-or-later
 * flood.c -- honest clients and an attacker on the same side of a gateway, a server behind it.
 *
 *   client1 --\
 *   clientN --- gateway -- server
 *   attacker -/
 *     access        uplink
 *
 * An answer to a forged source goes back to the gateway, which has no route to it and drops it;
 * it says so by ICMP unless its `icmp` is off.
 */
#include "topologies/shape.h"
#include "topologies/shapes.h"

#define AT(field) offsetof(struct star_params, field)
static const struct key FLOOD_KEYS[] = {
    {
        .name = "clients",
        .kind = KEY_QUANTITY,
        .offset = AT(clients),
        .default_text = "1",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = SHAPE_HOSTS_MAX,
        .help = "honest ones: client1, client2, ...",
    },
    {
        .name = "access",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(access),
        .help = "links between clients or attacker and gateway",
    },
    {
        .name = "uplink",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(uplink),
        .help = "links between gateway and server",
    },
    {0},
};
#undef AT

static void flood_expand(const void *params, struct net_spec *out)
{
    const struct star_params *p = params;
    shape_router(out, "gateway");
    for (int i = 1; i <= p->clients; i++) {
        const struct shape_name client = shape_name("client", i);
        shape_host(out, client.text);
        shape_both(out, client.text, "gateway", &p->access);
    }
    shape_host(out, "attacker");
    shape_both(out, "attacker", "gateway", &p->access);
    shape_host(out, "server");
    shape_both(out, "gateway", "server", &p->uplink);
}

const struct topology_kind FLOOD = {
    .name = "flood",
    .help = "hosts client1, ... and attacker on one side of a router gateway, host server "
            "behind it",
    .keys = FLOOD_KEYS,
    .params_bytes = sizeof(struct star_params),
    .expand = flood_expand,
};
