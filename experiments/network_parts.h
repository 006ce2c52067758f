/* SPDX-License-Identifier: GPL-3.0-or-later
 * network_parts.h -- the parts of network.h among themselves.
 *
 *   network.c: topology, names -> network_nodes.c: links, hosts, routers, routes
 *                              -> network_apps.c: apps, faults
 */
#pragma once
#include "experiments/network.h"
#include "experiments/read.h"

struct loader {
    struct reader r;
    const struct node *root;
    struct net_spec *out;
    struct scope scope;
    struct scope app_scope; /* the same, but `to` may name a host as well */
};

/* A section that is a map or not given. 0, or -1 with e. */
int network_section(const struct loader *l, const char *name, const struct node **out);

/* "unknown WHAT 'kind'" with the nearest of names. Returns -1. */
int network_unknown_kind(const struct loader *l, const char *what, const struct node *kind,
                         const char **names, size_t n);

/* Each reads its section into the arrays of l->out, which the topology and the names have made.
 * 0, or -1 with e. */
int network_links(struct loader *l);
int network_hosts(struct loader *l);
int network_routers(struct loader *l);
int network_routes(struct loader *l, const struct node *routes);
int network_apps(struct loader *l, const struct node *apps);
int network_faults(struct loader *l, const struct node *faults);
