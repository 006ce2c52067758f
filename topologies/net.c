/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/net.h"

#include <stdlib.h>
#include <string.h>

#include "sim/address.h"
#include "topologies/routing.h"

/* Tells a fault that a connection has entered the state it waits for. */
struct hold_watch {
    struct tcp_watch watch;
    struct fault *fault;
};

static void hold_fired(struct tcp_watch *w)
{
    fault_fire(CONTAINER_OF(w, struct hold_watch, watch)->fault);
}

/* Index of the first of n items of item_bytes, each beginning with its name, or -1. */
static int named(const void *items, int n, size_t item_bytes, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp((const char *)items + (size_t)i * item_bytes, name) == 0)
            return i;
    return -1;
}

static int host_index(const struct net_spec *spec, const char *name)
{
    return named(spec->hosts, spec->n_hosts, sizeof(*spec->hosts), name);
}

static int link_index(const struct net_spec *spec, const char *name)
{
    return named(spec->links, spec->n_links, sizeof(*spec->links), name);
}

static int app_index(const struct net_spec *spec, const char *name)
{
    return named(spec->apps, spec->n_apps, sizeof(*spec->apps), name);
}

/* A copy in the arena: a description may go before the run does. */
static struct key_list copy_addresses(struct sim *sim, struct key_list from)
{
    const size_t bytes = (size_t)from.n * sizeof(struct key_address);
    struct key_list copy = {NULL, from.n};
    if (from.n > 0)
        copy.items = memcpy(sim_alloc(sim, bytes), from.items, bytes);
    return copy;
}

static void build_hosts(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_hosts; i++) {
        struct host_params params = spec->hosts[i].params;
        params.addresses = copy_addresses(net->sim, params.addresses);
        host_init(&net->hosts[i], net->sim, spec->hosts[i].name,
                  address_intern(net->sim, node_address(spec, i)), &spec->hosts[i].tcp);
        host_configure(&net->hosts[i], &params);
    }
}

static void build_routers(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_routers; i++)
        router_init(&net->routers[i], net->sim, spec->routers[i].name,
                    address_intern(net->sim, node_address(spec, spec->n_hosts + i)),
                    &spec->routers[i].params);
}

static void build_links(struct net *net, const struct net_spec *spec,
                        const struct link_ends *ends)
{
    for (int i = 0; i < spec->n_links; i++) {
        const int to = ends[i].to;
        struct sink *peer =
            to < net->n_hosts ? &net->hosts[to].sink : &net->routers[to - net->n_hosts].sink;
        link_init(&net->links[i], net->sim, spec->links[i].name, &spec->links[i].params, peer);
    }
}

/* The addresses that a route leads to, in the arena. */
static struct key_list route_to(struct net *net, const struct net_spec *spec,
                                const struct names *names, const char *to)
{
    struct key_address own;
    struct key_list list = {&own, 1};
    const int node = names_find(names, to);
    if (node >= 0) {
        list = node_addresses(spec, node, &own);
    } else {
        const char *wrong = address_parse(to, &own);
        sim_assert(net->sim, wrong == NULL); /* net_check */
    }
    return copy_addresses(net->sim, list);
}

static void build_routes(struct net *net, const struct net_spec *spec,
                         const struct names *names)
{
    for (int i = 0; i < spec->n_routes; i++) {
        const struct route_spec *s = &spec->routes[i];
        const int node = names_find(names, s->params.node);
        const int via = link_index(spec, s->params.via);
        sim_assert(net->sim, node >= 0);
        struct route_table *table = node < net->n_hosts
                                        ? &net->hosts[node].routes
                                        : &net->routers[node - net->n_hosts].routes;
        const struct key_list to = route_to(net, spec, names, s->params.to);
        route_init(&net->routes[i], table, s->name, &s->params, to.items, to.n,
                   via < 0 ? NULL : &net->links[via]);
    }
}

/* Links and the ways through them. */
static void build_paths(struct net *net, const struct net_spec *spec)
{
    struct names names = names_of(spec);
    struct link_ends *ends = calloc((size_t)spec->n_links + 1, sizeof(*ends));
    bool *needs_table = calloc((size_t)spec->n_hosts + 1, sizeof(*needs_table));
    sim_assert(net->sim, ends != NULL && needs_table != NULL);
    for (int i = 0; i < spec->n_links; i++) {
        ends[i] = (struct link_ends){names_find(&names, spec->links[i].from),
                                     names_find(&names, spec->links[i].to)};
        sim_assert(net->sim, ends[i].from >= 0 && ends[i].to >= 0);
    }
    for (int i = 0; i < spec->n_routes; i++) {
        const int node = names_find(&names, spec->routes[i].params.node);
        if (node >= 0 && node < spec->n_hosts)
            needs_table[node] = true;
    }
    build_links(net, spec, ends);
    routing_fill(net, spec, ends, needs_table);
    build_routes(net, spec, &names);
    free(needs_table);
    free(ends);
    names_free(&names);
}

static void build_faults(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_faults; i++) {
        const struct fault_spec *s = &spec->faults[i];
        const int link = link_index(spec, s->params.link);
        sim_assert(net->sim, link >= 0);
        fault_init(&net->faults[i], net->sim, s->name, &s->params, &net->links[link]);
    }
}

/* `to` is an application with a port, or a host. */
static struct app_env app_env(const struct net *net, const struct net_spec *spec,
                              const struct app_spec *s)
{
    struct app_env env = {.host = &net->hosts[host_index(spec, s->host)]};
    env.as_host = s->as[0] == '\0' ? NULL : &net->hosts[host_index(spec, s->as)];
    env.link = s->link[0] == '\0' ? NULL : &net->links[link_index(spec, s->link)];
    if (s->to[0] == '\0')
        return env;
    const int app = app_index(spec, s->to);
    const char *to_host = app < 0 ? s->to : spec->apps[app].host;
    const struct app_kind *kind = app < 0 ? NULL : spec->apps[app].kind;
    env.to_host = &net->hosts[host_index(spec, to_host)];
    if (kind != NULL && kind->port != NULL)
        env.to_port = kind->port(spec->apps[app].params);
    if (kind != NULL && kind->reply_bytes != NULL)
        env.to_reply_bytes = kind->reply_bytes(spec->apps[app].params);
    if (kind != NULL && kind->greeting_bytes != NULL)
        env.to_greeting_bytes = kind->greeting_bytes(spec->apps[app].params);
    return env;
}

static void build_apps(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_apps; i++) {
        const struct app_spec *s = &spec->apps[i];
        sim_assert(net->sim, host_index(spec, s->host) >= 0);
        const struct app_env env = app_env(net, spec, s);
        net->apps[i] = app_new(net->sim, s->name, s->kind, &env, s->params);
    }
}

static void build_crashes(struct net *net)
{
    for (int i = 0; i < net->n_hosts; i++) {
        const sim_time at = net->hosts[i].crash.at;
        if (at != 0 && at != SIM_NEVER)
            crash_init(sim_alloc(net->sim, sizeof(struct crash)), &net->hosts[i], net->apps,
                       net->n_apps);
    }
}

static void build_watches(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_faults; i++) {
        const struct key_until *until = &spec->faults[i].params.hold.until;
        if (until->name[0] == '\0')
            continue;
        const int app = app_index(spec, until->name);
        enum tcp_state state = TCP_CLOSED;
        const bool is_state = tcp_state_named(until->state, &state);
        sim_assert(net->sim, app >= 0 && is_state); /* the config has checked both */
        struct tcp_account *account = &net->apps[app]->account;
        struct hold_watch *w = sim_alloc(net->sim, sizeof(*w));
        *w = (struct hold_watch){{account->watches, (uint8_t)state, hold_fired, 0},
                                 &net->faults[i]};
        account->watches = &w->watch;
    }
}

/* Room for n items; arena blocks are never empty. */
static void *array(struct sim *sim, int n, size_t item_bytes)
{
    return n == 0 ? NULL : sim_alloc(sim, (size_t)n * item_bytes);
}

struct net *net_build(struct sim *sim, const struct net_spec *spec)
{
    struct net *net = sim_alloc(sim, sizeof(*net));
    *net = (struct net){
        .sim = sim,
        .hosts = array(sim, spec->n_hosts, sizeof(*net->hosts)),
        .routers = array(sim, spec->n_routers, sizeof(*net->routers)),
        .links = array(sim, spec->n_links, sizeof(*net->links)),
        .routes = array(sim, spec->n_routes, sizeof(*net->routes)),
        .faults = array(sim, spec->n_faults, sizeof(*net->faults)),
        .apps = array(sim, spec->n_apps, sizeof(struct app *)),
        .n_hosts = spec->n_hosts,
        .n_routers = spec->n_routers,
        .n_links = spec->n_links,
        .n_routes = spec->n_routes,
        .n_faults = spec->n_faults,
        .n_apps = spec->n_apps,
    };
    sim->net = net;
    build_hosts(net, spec);
    build_routers(net, spec);
    build_paths(net, spec);
    build_faults(net, spec);
    build_apps(net, spec);
    build_watches(net, spec);
    build_crashes(net);
    return net;
}

void net_finish(struct net *net)
{
    for (int i = 0; i < net->n_hosts; i++)
        host_drain(&net->hosts[i]);
    for (int i = 0; i < net->n_hosts; i++)
        tcp_stack_finish(net->hosts[i].tcp);
    for (int i = 0; i < net->n_faults; i++)
        fault_drain(&net->faults[i]);
    for (int i = 0; i < net->n_links; i++)
        link_drain(&net->links[i]);
    sim_assert(net->sim, net->sim->live_packets == 0);
}

static const struct metric *metric_named(const struct metric *m, const char *name)
{
    while (m->name != NULL && strcmp(m->name, name) != 0)
        m++;
    return m->name == NULL ? NULL : m;
}

static bool is_subject(const struct net *net, uint32_t subject, const char *name)
{
    return strcmp(net->sim->subjects[subject].name, name) == 0;
}

void net_warm_up(struct net *net)
{
    for (int i = 0; i < net->n_hosts; i++)
        host_warm_up(&net->hosts[i]);
    for (int i = 0; i < net->n_routers; i++)
        router_warm_up(&net->routers[i]);
    for (int i = 0; i < net->n_links; i++)
        link_warm_up(&net->links[i]);
    for (int i = 0; i < net->n_routes; i++)
        net->routes[i].n_used = 0;
    for (int i = 0; i < net->n_faults; i++)
        fault_warm_up(&net->faults[i]);
    for (int i = 0; i < net->n_apps; i++)
        app_warm_up(net->apps[i]);
}

/* Where metrics are: n things of item_bytes each, with their subject's number at subject_at. */
struct metric_home {
    const void *items;
    int n;
    size_t item_bytes, subject_at;
    const struct metric *metrics;
};

const struct metric *net_metric(const struct net *net, const char *subject_name,
                                const char *metric, const void **subject)
{
    /* clang-format off */
    const struct metric_home homes[] = {
        {net->links,   net->n_links,   sizeof(struct link),   offsetof(struct link, subject),   LINK_METRICS},
        {net->faults,  net->n_faults,  sizeof(struct fault),  offsetof(struct fault, subject),  FAULT_METRICS},
        {net->hosts,   net->n_hosts,   sizeof(struct host),   offsetof(struct host, subject),   HOST_METRICS},
        {net->routers, net->n_routers, sizeof(struct router), offsetof(struct router, subject), ROUTER_METRICS},
        {net->routes,  net->n_routes,  sizeof(struct route),  offsetof(struct route, subject),  ROUTE_METRICS},
    };
    /* clang-format on */
    for (int i = 0; i < net->n_apps; i++)
        if (is_subject(net, net->apps[i]->subject, subject_name))
            return app_metric(net->apps[i], metric, subject);
    for (const struct metric_home *h = homes; h < homes + ARRAY_LEN(homes); h++)
        for (int i = 0; i < h->n; i++) {
            const char *item = (const char *)h->items + (size_t)i * h->item_bytes;
            *subject = item;
            if (is_subject(net, *(const uint32_t *)(item + h->subject_at), subject_name))
                return metric_named(h->metrics, metric);
        }
    return NULL;
}
