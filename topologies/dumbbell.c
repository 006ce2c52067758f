/* SPDX-License-Identifier: GPL-3.0-or-later
 * dumbbell.c -- pairs of hosts that share one link; ns-3's PointToPointDumbbell.
 *
 *   client1 --\                         /-- server1
 *   client2 --- left -- bottleneck -- right --- server2
 *   clientN --/                         \-- serverN
 *     access                              access
 */
#include "topologies/shape.h"
#include "topologies/shapes.h"

#define AT(field) offsetof(struct dumbbell_params, field)
static const struct key DUMBBELL_KEYS[] = {
    {
        .name = "pairs",
        .kind = KEY_QUANTITY,
        .offset = AT(pairs),
        .default_text = "1",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = SHAPE_HOSTS_MAX / 2,
        .help = "client1 and server1, client2 and server2, ...",
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
        .help = "links between left and right",
    },
    {0},
};
#undef AT

static void dumbbell_expand(const void *params, struct net_spec *out)
{
    const struct dumbbell_params *p = params;
    shape_router(out, "left");
    shape_router(out, "right");
    shape_both(out, "left", "right", &p->bottleneck);
    for (int i = 1; i <= p->pairs; i++) {
        const struct shape_name client = shape_name("client", i);
        const struct shape_name server = shape_name("server", i);
        shape_host(out, client.text);
        shape_host(out, server.text);
        shape_both(out, client.text, "left", &p->access);
        shape_both(out, "right", server.text, &p->access);
    }
}

const struct topology_kind DUMBBELL = {
    .name = "dumbbell",
    .help = "hosts client1, ... on a router left, server1, ... on a router right, one link "
            "each way between the two",
    .keys = DUMBBELL_KEYS,
    .params_bytes = sizeof(struct dumbbell_params),
    .expand = dumbbell_expand,
};
