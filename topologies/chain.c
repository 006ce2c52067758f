/* SPDX-License-Identifier: GPL-3.0-or-later
 * chain.c -- two hosts with routers in a row between them.
 *
 *   client -- router1 -- router2 -- ... -- routerN -- server
 *
 * All links, N + 1 each way, have the same parameters, so a packet takes N + 1 times their
 * delay.
 */
#include "topologies/shape.h"
#include "topologies/shapes.h"

#define AT(field) offsetof(struct chain_params, field)
static const struct key CHAIN_KEYS[] = {
    {
        .name = "routers",
        .kind = KEY_QUANTITY,
        .offset = AT(routers),
        .default_text = "1",
        .unit = UNIT_COUNT,
        .max = 1000,
        .help = "routers in a row; 0: the hosts are neighbours",
    },
    {
        .name = "link",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = LINK_KEYS,
        .sub_at = AT(link),
        .help = "parameters of every link",
    },
    {0},
};
#undef AT

static void chain_expand(const void *params, struct net_spec *out)
{
    const struct chain_params *p = params;
    struct shape_name before = shape_name("client", 0);
    const struct shape_name last = shape_name("server", 0);
    shape_host(out, before.text);
    shape_host(out, last.text);
    for (int i = 1; i <= p->routers; i++) {
        const struct shape_name router = shape_name("router", i);
        shape_router(out, router.text);
        shape_both(out, before.text, router.text, &p->link);
        before = router;
    }
    shape_both(out, before.text, last.text, &p->link);
}

const struct topology_kind CHAIN = {
    .name = "chain",
    .help = "hosts client and server with router1, router2, ... in a row between them; all "
            "links alike",
    .keys = CHAIN_KEYS,
    .params_bytes = sizeof(struct chain_params),
    .expand = chain_expand,
};
