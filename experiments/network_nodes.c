/* SPDX-License-Identifier: GPL-3.0-or-later
 * network_nodes.c -- what the file says about links, hosts, routers and routes that are there.
 */
#include <string.h>

#include "experiments/network_parts.h"
#include "experiments/sections.h"

/* The item of this name among n of item_bytes, each of which begins with its name; it is
 * there. */
static void *item_named(void *items, size_t item_bytes, const char *name)
{
    char *item = items;
    while (strcmp(item, name) != 0)
        item += item_bytes;
    return item;
}

/* ---- links ---- */

/* name: of a link that exists, unless it is misspelt. */
static int read_link(struct loader *l, const struct node *n, const char *name)
{
    if (read_check_name(&l->r, REFERS_LINK, name, &n->key_at) != 0)
        return -1;
    struct link_spec *link = item_named(l->out->links, sizeof(*l->out->links), name);
    const struct part part = {.keys = LINK_KEYS, .out = &link->params, .keep = true};
    const char *what = pool_printf(l->r.pool, "link '%s'", name);
    if (n->kind != NODE_NULL && read_map(&l->r, n, what, &n->key_at, &part, 1) != 0)
        return -1;
    const struct misfit wrong = link_check(&link->params);
    return read_misfit(&l->r, n, what, &wrong);
}

/* As the topology has made them. */
static int check_links(const struct loader *l)
{
    const struct node *topology = node_get(l->root, "topology");
    for (int i = 0; i < l->out->n_links; i++) {
        const struct link_spec *link = &l->out->links[i];
        const struct misfit wrong = link_check(&link->params);
        if (read_misfit(&l->r, topology, pool_printf(l->r.pool, "link '%s'", link->name),
                        &wrong) != 0)
            return -1;
    }
    return 0;
}

/* a<->b stands for a->b and b->a. */
int network_links(struct loader *l)
{
    const struct node *links;
    if (network_section(l, "links", &links) != 0)
        return -1;
    for (const struct node *n = links != NULL ? links->first : NULL; n != NULL; n = n->next) {
        const char *both = strstr(n->key, "<->");
        if (both == NULL && read_link(l, n, n->key) != 0)
            return -1;
        if (both == NULL)
            continue;
        const char *a = pool_slice(l->r.pool, n->key, (size_t)(both - n->key)), *b = both + 3;
        if (read_link(l, n, pool_printf(l->r.pool, "%s->%s", a, b)) != 0 ||
            read_link(l, n, pool_printf(l->r.pool, "%s->%s", b, a)) != 0)
            return -1;
    }
    return check_links(l);
}

/* ---- hosts and routers ---- */

/* Errors stand at the upper bound if this map gives it, else at the lower. */
static int check_bounds(const struct loader *l, const struct node *map, int64_t lo, int64_t hi,
                        const char *lo_key, const char *hi_key)
{
    const struct node *at =
        node_get(map, hi_key) != NULL ? node_get(map, hi_key) : node_get(map, lo_key);
    return lo <= hi ? 0
                    : err_set(l->r.e, at != NULL ? &at->at : &map->key_at, "%s is above %s",
                              lo_key, hi_key);
}

static int check_tcp(const struct loader *l, const struct tcp_params *p, const struct node *map)
{
    return check_bounds(l, map, p->port_min, p->port_max, "port_min", "port_max") != 0 ||
                   check_bounds(l, map, p->rto_min, p->rto_max, "rto_min", "rto_max") != 0
               ? -1
               : 0;
}

/* global and own: the two `tcp` maps, each NULL when not given. */
static int read_tcp(const struct loader *l, const struct node *global, const struct node *own,
                    struct tcp_params *out)
{
    const struct part part = {.keys = TCP_KEYS, .out = out, .keep = true};
    const struct node *maps[] = {global, own};
    const struct key *profile = key_find(TCP_KEYS, "profile");
    const char *name = profile->default_text;
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const struct node *n = node_get(maps[i], profile->name);
        if (n == NULL)
            continue;
        if (read_value(&l->r, profile, n, out) != 0)
            return -1;
        name = out->profile;
    }
    const int bad = tcp_params_init(out, name);
    sim_assert(NULL, bad == 0); /* the choices of `profile` are the profiles */
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        if (maps[i] != NULL && read_map(&l->r, maps[i], "tcp", &maps[i]->key_at, &part, 1) != 0)
            return -1;
    const struct node *last = own != NULL ? own : global;
    return last != NULL ? check_tcp(l, out, last)
                        : 0; /* the profiles themselves are in order */
}

/* A handshake variant changes both ends, so hosts with different ones cannot open a connection.
 */
static int check_handshakes(const struct loader *l)
{
    const struct node *hosts = node_get(l->root, "hosts");
    const struct host_spec *first = &l->out->hosts[0];
    for (int i = 1; i < l->out->n_hosts; i++) {
        const struct host_spec *host = &l->out->hosts[i];
        if (strcmp(first->tcp.handshake, host->tcp.handshake) == 0)
            continue;
        const struct node *own = node_get(node_get(hosts, host->name), "tcp");
        const struct node *other = node_get(node_get(hosts, first->name), "tcp");
        const struct node *at = node_get(own, "handshake");
        if (at == NULL)
            at = node_get(other, "handshake");
        err_set(l->r.e, at != NULL ? &at->at : &hosts->key_at,
                "'%s' shakes hands by %s and '%s' by %s: no connection can come of it",
                first->name, first->tcp.handshake, host->name, host->tcp.handshake);
        return err_hint(l->r.e, "a handshake takes two: give it in tcp, for all hosts");
    }
    return 0;
}

int network_hosts(struct loader *l)
{
    static const struct key head[] = {{.name = "tcp", .kind = KEY_GROUP, .default_text = ""},
                                      {0}};
    const struct node *hosts, *global;
    if (network_section(l, "hosts", &hosts) != 0 || network_section(l, "tcp", &global) != 0)
        return -1;
    for (const struct node *n = hosts != NULL ? hosts->first : NULL; n != NULL; n = n->next) {
        if (read_check_name(&l->r, REFERS_HOST, n->key, &n->key_at) != 0)
            return -1;
        struct host_spec *host = item_named(l->out->hosts, sizeof(*l->out->hosts), n->key);
        const struct part parts[] = {
            {.keys = head, .out = &host->params}, /* read by read_tcp */
            {.keys = HOST_KEYS, .out = &host->params, .keep = true}};
        const char *what = pool_printf(l->r.pool, "host '%s'", n->key);
        if (n->kind != NODE_NULL &&
            read_map(&l->r, n, what, &n->key_at, parts, ARRAY_LEN(parts)) != 0)
            return -1;
    }
    for (int i = 0; i < l->out->n_hosts; i++) {
        struct host_spec *host = &l->out->hosts[i];
        if (read_tcp(l, global, node_get(node_get(hosts, host->name), "tcp"), &host->tcp) != 0)
            return -1;
    }
    return check_handshakes(l);
}

int network_routers(struct loader *l)
{
    const struct node *routers;
    if (network_section(l, "routers", &routers) != 0)
        return -1;
    for (const struct node *n = routers != NULL ? routers->first : NULL; n != NULL;
         n = n->next) {
        if (read_check_name(&l->r, REFERS_ROUTER, n->key, &n->key_at) != 0)
            return -1;
        struct router_spec *router =
            item_named(l->out->routers, sizeof(*l->out->routers), n->key);
        const struct part part = {.keys = ROUTER_KEYS, .out = &router->params, .keep = true};
        const char *what = pool_printf(l->r.pool, "router '%s'", n->key);
        if (n->kind != NODE_NULL && read_map(&l->r, n, what, &n->key_at, &part, 1) != 0)
            return -1;
    }
    return 0;
}

/* ---- routes ---- */

int network_routes(struct loader *l, const struct node *routes)
{
    l->out->routes = pool_array(l->r.pool, l->scope.n[REFERS_ROUTE], sizeof(*l->out->routes));
    for (const struct node *n = routes != NULL ? routes->first : NULL; n != NULL; n = n->next) {
        if (n->kind == NODE_NULL)
            continue;
        struct route_spec *route = &l->out->routes[l->out->n_routes++];
        const struct part part = {.keys = ROUTE_KEYS, .out = &route->params};
        const char *what = pool_printf(l->r.pool, "route '%s'", n->key);
        if (read_map(&l->r, n, what, &n->key_at, &part, 1) != 0)
            return -1;
        if (strcmp(route->params.via, "none") != 0 &&
            read_check_name(&l->r, REFERS_LINK, route->params.via, &node_get(n, "via")->at) !=
                0)
            return -1;
        const struct misfit wrong = route_check(&route->params);
        if (read_misfit(&l->r, n, what, &wrong) != 0)
            return -1;
        memcpy(route->name, n->key, strlen(n->key) + 1);
    }
    return 0;
}
