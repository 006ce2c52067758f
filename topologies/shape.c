/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shape_name shape_name(const char *stem, int number)
{
    struct shape_name name;
    if (number == 0)
        snprintf(name.text, sizeof(name.text), "%s", stem);
    else
        snprintf(name.text, sizeof(name.text), "%s%d", stem, number);
    return name;
}

/* Room for one more behind n items, zeroed. An array doubles when n is 0 or a power of two. */
static void *room(void *items, int n, size_t item_bytes)
{
    if ((n & (n - 1)) == 0) {
        const size_t cap = n == 0 ? 1 : 2 * (size_t)n;
        items = realloc(items, cap * item_bytes);
        sim_assert(NULL, items != NULL);
    }
    memset((char *)items + (size_t)n * item_bytes, 0, item_bytes);
    return items;
}

void shape_host(struct net_spec *out, const char *name)
{
    out->hosts = room(out->hosts, out->n_hosts, sizeof(*out->hosts));
    struct host_spec *h = &out->hosts[out->n_hosts++];
    snprintf(h->name, sizeof(h->name), "%s", name);
    h->params = host_defaults();
}

void shape_router(struct net_spec *out, const char *name)
{
    out->routers = room(out->routers, out->n_routers, sizeof(*out->routers));
    struct router_spec *r = &out->routers[out->n_routers++];
    snprintf(r->name, sizeof(r->name), "%s", name);
    r->params = router_defaults();
}

void shape_link(struct net_spec *out, const char *from, const char *to,
                const struct link_params *params)
{
    out->links = room(out->links, out->n_links, sizeof(*out->links));
    struct link_spec *l = &out->links[out->n_links++];
    snprintf(l->from, sizeof(l->from), "%s", from);
    snprintf(l->to, sizeof(l->to), "%s", to);
    snprintf(l->name, sizeof(l->name), "%s->%s", from, to);
    l->params = *params;
}

void shape_both(struct net_spec *out, const char *a, const char *b,
                const struct link_params *params)
{
    shape_link(out, a, b, params);
    shape_link(out, b, a, params);
}
