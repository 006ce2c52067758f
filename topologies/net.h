/* SPDX-License-Identifier: GPL-3.0-or-later
 * net.h -- a description becomes hosts, routers, links, faults and applications that run.
 *
 *   struct net_spec (names and parameters, from the config) --net_build--> struct net (in the
 * arena)
 *
 * Subjects are declared in this order: hosts, routers, links, routes, faults, apps; each in the
 * order of the description. That order is the order of simultaneous events.
 *
 * Addresses: host i has 10.0.0.0 + i + 1 unless its parameters give others, router i has
 * 172.16.0.0 + i + 1; of IPv6 fd00::i+1 and fd00:0:0:1::i+1. Who talks to whom must have the
 * same version. Routes follow the fewest hops through routers, of equal ones the link declared
 * first; a host forwards nothing.
 */
#pragma once
#include "models/apps/app.h"
#include "models/apps/crash.h"
#include "models/fault.h"
#include "models/host.h"
#include "models/router.h"

struct host_spec {
    char name[NAME_MAX_BYTES];
    struct tcp_params tcp;
    struct host_params params;
};
struct router_spec {
    char name[NAME_MAX_BYTES];
    struct router_params params;
};
struct link_spec {
    char name[2 * NAME_MAX_BYTES + 2];             /* "from->to" */
    char from[NAME_MAX_BYTES], to[NAME_MAX_BYTES]; /* hosts or routers */
    struct link_params params;
};
struct route_spec {
    char name[NAME_MAX_BYTES];
    struct route_params params;
};
struct app_spec {
    char name[NAME_MAX_BYTES];
    char host[NAME_MAX_BYTES];
    char to[NAME_MAX_BYTES]; /* an app with a port, or a host; "": none */
    const struct app_kind *kind;
    const void *params; /* kind->params_bytes; must outlive the net */
    char as[NAME_MAX_BYTES], link[NAME_MAX_BYTES]; /* a host, a link; "": none */
};
struct fault_spec {
    char name[NAME_MAX_BYTES];
    struct fault_params params;
};

/* Owns nothing it points to. */
struct net_spec {
    struct host_spec *hosts;
    struct link_spec *links;
    struct app_spec *apps;
    struct fault_spec *faults;
    struct router_spec *routers;
    struct route_spec *routes;
    int n_hosts, n_links, n_apps, n_faults, n_routers, n_routes;
    bool is_ipv6; /* the addresses of those that have not been given any */
};

/* A generator: fills hosts, routers and links (malloc'd arrays, or NULL; the caller frees) by
 * its parameters. */
struct topology_kind {
    const char *name, *help;
    const struct key *keys;
    size_t params_bytes;
    void (*expand)(const void *params, struct net_spec *out);
    /* Whether the parameters go together. May be NULL: they always do. */
    struct misfit (*check)(const void *params);
};
/* Ends with NULL: two-hosts, chain, star, dumbbell, loop, flood, parking-lot, custom. */
extern const struct topology_kind *const TOPOLOGY_KINDS[];

/* What is wrong with a description whose parts are right one by one. */
struct net_misfit {
    const char *section; /* "hosts", "routes"; NULL: nothing is */
    const char *name;    /* of the entry, borrowed from the description */
    const char *key;     /* in the entry */
    char sentence[400];
    const char *meant; /* borrowed likewise: the name that may have been meant; NULL: none */
    const char *hint;  /* what to do instead; NULL: nobody knows */
};
struct net_misfit net_check(const struct net_spec *spec);

struct net {
    struct sim *sim;
    struct host *hosts;
    struct router *routers;
    struct link *links;
    struct route *routes;
    struct fault *faults;
    struct app **apps;
    int n_hosts, n_routers, n_links, n_routes, n_faults, n_apps;
};

/* Builds in sim's arena; sets sim->net. Every name in spec must exist, and net_check find
 * nothing (the config has seen to both). */
struct net *net_build(struct sim *sim, const struct net_spec *spec);

/* Ends a run: everything in flight or held is dropped (cause "end"), accounts are settled, and
 * no packet lives. */
void net_finish(struct net *net);

/* From now on sums, counts and levels count: the end of `warm_up`. Instants stay. */
void net_warm_up(struct net *net);

/* The metric of a subject by name: an app's, a link's, a fault's, a host's, a router's or a
 * route's. NULL: no such; *subject as in metric_value. */
const struct metric *net_metric(const struct net *net, const char *subject_name,
                                const char *metric, const void **subject);
