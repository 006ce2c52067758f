/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/net.h"

#include <string.h>

enum { FIRST_ADDR = 0x0a000001 }; /* 10.0.0.1 */

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

static int app_index(const struct net_spec *spec, const char *name)
{
    return named(spec->apps, spec->n_apps, sizeof(*spec->apps), name);
}

static void build_hosts(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_hosts; i++)
        host_init(&net->hosts[i], net->sim, spec->hosts[i].name, ip4(FIRST_ADDR + (uint32_t)i),
                  &spec->hosts[i].tcp);
}

static void build_links(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_links; i++) {
        const struct link_spec *s = &spec->links[i];
        const int from = host_index(spec, s->from), to = host_index(spec, s->to);
        sim_assert(net->sim, from >= 0 && to >= 0);
        link_init(&net->links[i], net->sim, s->name, &s->params, &net->hosts[to].sink);
        net->hosts[from].out = &net->links[i];
    }
}

static void build_faults(struct net *net, const struct net_spec *spec)
{
    for (int i = 0; i < spec->n_faults; i++) {
        const struct fault_spec *s = &spec->faults[i];
        const int link =
            named(spec->links, spec->n_links, sizeof(*spec->links), s->params.link);
        sim_assert(net->sim, link >= 0);
        fault_init(&net->faults[i], net->sim, s->name, &s->params, &net->links[link]);
    }
}

/* `to` is an application with a port, or a host. */
static struct app_env app_env(const struct net *net, const struct net_spec *spec,
                              const struct app_spec *s)
{
    struct app_env env = {.host = &net->hosts[host_index(spec, s->host)]};
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
        *w = (struct hold_watch){{account->watches, (uint8_t)state, hold_fired},
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
        .links = array(sim, spec->n_links, sizeof(*net->links)),
        .faults = array(sim, spec->n_faults, sizeof(*net->faults)),
        .apps = array(sim, spec->n_apps, sizeof(struct app *)),
        .n_hosts = spec->n_hosts,
        .n_links = spec->n_links,
        .n_faults = spec->n_faults,
        .n_apps = spec->n_apps,
    };
    sim->net = net;
    build_hosts(net, spec);
    build_links(net, spec);
    build_faults(net, spec);
    build_apps(net, spec);
    build_watches(net, spec);
    return net;
}

void net_finish(struct net *net)
{
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

const struct metric *net_metric(const struct net *net, const char *subject_name,
                                const char *metric, const void **subject)
{
    for (int i = 0; i < net->n_apps; i++)
        if (is_subject(net, net->apps[i]->subject, subject_name))
            return app_metric(net->apps[i], metric, subject);
    for (int i = 0; i < net->n_links; i++) {
        *subject = &net->links[i];
        if (is_subject(net, net->links[i].subject, subject_name))
            return metric_named(LINK_METRICS, metric);
    }
    for (int i = 0; i < net->n_faults; i++) {
        *subject = &net->faults[i];
        if (is_subject(net, net->faults[i].subject, subject_name))
            return metric_named(FAULT_METRICS, metric);
    }
    return NULL;
}
