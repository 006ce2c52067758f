/* SPDX-License-Identifier: GPL-3.0-or-later
 * star.c -- many clients and one server around a router.
 *
 *   client1 --\
 *   client2 --- hub -- server
 *   clientN --/
 *     access     uplink
 */
#include "topologies/shape.h"
#include "topologies/shapes.h"

#define AT(field) offsetof(struct star_params, field)
static const struct key STAR_KEYS[] = {
    {
        .name = "clients",
        .kind = KEY_QUANTITY,
        .offset = AT(clients),
        .default_text = "2",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = SHAPE_HOSTS_MAX,
        .help = "client1, client2, ...",
    },
    {
        .name = "access",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(access),
        .help = "links between clients and hub",
    },
    {
        .name = "uplink",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(uplink),
        .help = "links between hub and server",
    },
    {0},
};
#undef AT

static void star_expand(const void *params, struct net_spec *out)
{
    const struct star_params *p = params;
    shape_router(out, "hub");
    for (int i = 1; i <= p->clients; i++) {
        const struct shape_name client = shape_name("client", i);
        shape_host(out, client.text);
        shape_both(out, client.text, "hub", &p->access);
    }
    shape_host(out, "server");
    shape_both(out, "hub", "server", &p->uplink);
}

const struct topology_kind STAR = {
    .name = "star",
    .help = "hosts client1, client2, ... and server around a router hub",
    .keys = STAR_KEYS,
    .params_bytes = sizeof(struct star_params),
    .expand = star_expand,
};
