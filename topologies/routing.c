/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/routing.h"

#include <stdlib.h>

enum { FIRST_HOST = 0x0a000001, FIRST_ROUTER = 0xac100001, UNREACHED = -1 };

struct key_list node_addresses(const struct net_spec *spec, int node, struct key_address *own)
{
    const struct key_list *given =
        node < spec->n_hosts ? &spec->hosts[node].params.addresses : NULL;
    if (given != NULL && given->n > 0)
        return *given;
    *own = node_address(spec, node);
    return (struct key_list){own, 1};
}

/* fd00::/64 is the hosts', fd00:0:0:1::/64 the routers' (RFC 4193). */
static struct key_address numbered(const struct net_spec *spec, bool is_router, int i)
{
    if (spec->is_ipv6)
        return (struct key_address){.low = (uint32_t)i + 1,
                                    .prefix_bits = 128,
                                    .is_ipv6 = true,
                                    .high = {0xfd000000, is_router, 0}};
    return (struct key_address){(is_router ? FIRST_ROUTER : FIRST_HOST) + (uint32_t)i, 32};
}

struct key_address node_address(const struct net_spec *spec, int node)
{
    if (node >= spec->n_hosts)
        return numbered(spec, true, node - spec->n_hosts);
    return host_address(&spec->hosts[node].params, numbered(spec, false, node));
}

/* Links by a node: those of node i are links[at[i]] to links[at[i + 1] - 1], as declared. */
struct sorted {
    int *at, *links;
};

/* What is known while the tables are made. */
struct map {
    struct net *net;
    const struct net_spec *spec;
    const struct link_ends *ends;
    int n_nodes;
    struct sorted out; /* of hosts all, of routers those to routers */
    struct sorted in;  /* those from routers */
    int *dist;         /* by node: hops to the destination; UNREACHED. Of routers */
    int *via;          /* by node: the link there */
    int *reached;      /* routers, nearest first */
    int n_reached;
    int *asking; /* hosts with tables of their own */
    int n_asking;
};

static void *zeroed(int n, size_t item_bytes)
{
    void *items = calloc((size_t)n + 1, item_bytes);
    sim_assert(NULL, items != NULL);
    return items;
}

static bool is_router(const struct map *m, int node)
{
    return node >= m->net->n_hosts;
}

static bool goes_out(const struct map *m, int link)
{
    return !is_router(m, m->ends[link].from) || is_router(m, m->ends[link].to);
}

static bool comes_in(const struct map *m, int link)
{
    return is_router(m, m->ends[link].from);
}

/* The links that `takes` takes, by their from end, or by their to end. */
static struct sorted sort_links(const struct map *m, bool by_from,
                                bool (*takes)(const struct map *m, int link))
{
    const int n_links = m->net->n_links;
    struct sorted s = {zeroed(m->n_nodes + 1, sizeof(int)), zeroed(n_links, sizeof(int))};
    int *next = zeroed(m->n_nodes, sizeof(int));
    for (int i = 0; i < n_links; i++)
        if (takes(m, i))
            s.at[(by_from ? m->ends[i].from : m->ends[i].to) + 1]++;
    for (int node = 0; node < m->n_nodes; node++)
        s.at[node + 1] += s.at[node];
    for (int i = 0; i < n_links; i++) {
        const int node = by_from ? m->ends[i].from : m->ends[i].to;
        if (takes(m, i))
            s.links[s.at[node] + next[node]++] = i;
    }
    free(next);
    return s;
}

/* Asks the routers with a link to node, which is `dist` hops away. */
static void ask_neighbours(struct map *m, int node, int dist)
{
    for (int i = m->in.at[node]; i < m->in.at[node + 1]; i++) {
        const int router = m->ends[m->in.links[i]].from;
        if (m->dist[router] != UNREACHED)
            continue;
        m->dist[router] = dist + 1;
        m->via[router] = m->in.links[i]; /* of a neighbour of the destination: the first */
        m->reached[m->n_reached++] = router;
    }
}

/* The first of the shortest ways on, known to exist. */
static int first_way(const struct map *m, int router)
{
    int i = m->out.at[router];
    while (m->dist[m->ends[m->out.links[i]].to] != m->dist[router] - 1)
        i++;
    return m->out.links[i];
}

static void find_ways(struct map *m, int destination)
{
    m->n_reached = 0;
    m->dist[destination] = 0;
    ask_neighbours(m, destination, 0);
    for (int i = 0; i < m->n_reached; i++)
        ask_neighbours(m, m->reached[i], m->dist[m->reached[i]]);
    for (int i = 0; i < m->n_reached; i++)
        if (m->dist[m->reached[i]] > 1)
            m->via[m->reached[i]] = first_way(m, m->reached[i]);
}

static void forget_ways(struct map *m, int destination)
{
    m->dist[destination] = UNREACHED;
    for (int i = 0; i < m->n_reached; i++)
        m->dist[m->reached[i]] = UNREACHED;
}

/* The link by which a host with several gets there, or -1. */
static int way_of_host(const struct map *m, int host)
{
    int best = -1, best_dist = 0;
    for (int i = m->out.at[host]; i < m->out.at[host + 1]; i++) {
        const int link = m->out.links[i], dist = m->dist[m->ends[link].to];
        if (dist == UNREACHED || (best >= 0 && dist >= best_dist))
            continue;
        best = link;
        best_dist = dist;
    }
    return best;
}

static void add_route(struct map *m, struct route_table *t, struct key_list to, int link)
{
    const struct key_address *addresses = to.items;
    for (int i = 0; i < to.n && link >= 0; i++)
        route_table_add(t, addresses[i], &m->net->links[link]);
}

/* The routes of all to one destination. */
static void route_to(struct map *m, int destination)
{
    struct key_address own;
    const struct key_list to = node_addresses(m->spec, destination, &own);
    find_ways(m, destination);
    for (int i = 0; i < m->n_reached; i++) {
        const int router = m->reached[i];
        add_route(m, &m->net->routers[router - m->net->n_hosts].routes, to, m->via[router]);
    }
    for (int i = 0; i < m->n_asking; i++)
        if (m->asking[i] != destination)
            add_route(m, &m->net->hosts[m->asking[i]].routes, to, way_of_host(m, m->asking[i]));
    forget_ways(m, destination);
}

/* One link: all goes out there, by a table only if there are routes to lay over it. */
static void set_out(struct map *m, int host, bool needs_table)
{
    struct host *h = &m->net->hosts[host];
    const int first = m->out.at[host], n = m->out.at[host + 1] - first;
    if (n > 1)
        m->asking[m->n_asking++] = host;
    if (n != 1)
        return;
    struct link *only = &m->net->links[m->out.links[first]];
    if (!needs_table) {
        h->out = only;
        return;
    }
    route_table_add(&h->routes, (struct key_address){.is_ipv6 = false}, only);
    route_table_add(&h->routes, (struct key_address){.is_ipv6 = true}, only);
}

void routing_fill(struct net *net, const struct net_spec *spec, const struct link_ends *ends,
                  const bool *needs_table)
{
    struct map m = {
        .net = net, .spec = spec, .ends = ends, .n_nodes = net->n_hosts + net->n_routers};
    m.out = sort_links(&m, true, goes_out);
    m.in = sort_links(&m, false, comes_in);
    m.dist = zeroed(m.n_nodes, sizeof(int));
    m.via = zeroed(m.n_nodes, sizeof(int));
    m.reached = zeroed(m.n_nodes, sizeof(int));
    m.asking = zeroed(m.n_nodes, sizeof(int));
    for (int node = 0; node < m.n_nodes; node++)
        m.dist[node] = UNREACHED;
    for (int host = 0; host < net->n_hosts; host++)
        set_out(&m, host, needs_table[host]);
    for (int i = 0; i < net->n_routers; i++) /* its own address: no way further */
        route_table_add(&net->routers[i].routes, node_address(spec, net->n_hosts + i), NULL);
    for (int node = 0; node < m.n_nodes; node++)
        route_to(&m, node);
    int *const arrays[] = {m.out.at, m.out.links, m.in.at,   m.in.links,
                           m.dist,   m.via,       m.reached, m.asking};
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
        free(arrays[i]);
}
