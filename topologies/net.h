/* SPDX-License-Identifier: GPL-3.0-or-later
 * net.h -- a description becomes hosts, links, faults and applications that run.
 *
 *   struct net_spec (names and parameters, from the config) --net_build--> struct net (in the
 * arena)
 *
 * Subjects are declared in this order: hosts, links, faults, apps; each in the order of the
 * description. That order is the order of simultaneous events.
 */
#pragma once
#include "models/apps/app.h"
#include "models/fault.h"
#include "models/host.h"

struct host_spec {
    char name[NAME_MAX_BYTES];
    struct tcp_params tcp;
};
struct link_spec {
    char name[2 * NAME_MAX_BYTES + 2]; /* "from->to" */
    char from[NAME_MAX_BYTES], to[NAME_MAX_BYTES];
    struct link_params params;
};
struct app_spec {
    char name[NAME_MAX_BYTES];
    char host[NAME_MAX_BYTES];
    char to[NAME_MAX_BYTES]; /* an app with a port, or a host; "": none */
    const struct app_kind *kind;
    const void *params; /* kind->params_bytes; must outlive the net */
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
    int n_hosts, n_links, n_apps, n_faults;
};

/* A generator: fills hosts and links (malloc'd arrays, the caller frees) by its parameters. */
struct topology_kind {
    const char *name, *help;
    const struct key *keys;
    size_t params_bytes;
    void (*expand)(const void *params, struct net_spec *out);
};
extern const struct topology_kind *const TOPOLOGY_KINDS[]; /* ends with NULL: two-hosts */

struct net {
    struct sim *sim;
    struct host *hosts;
    struct link *links;
    struct fault *faults;
    struct app **apps;
    int n_hosts, n_links, n_faults, n_apps;
};

/* Builds in sim's arena; sets sim->net. Every name in spec must exist (the config has checked
 * it). Host i has address 10.0.0.(i+1). */
struct net *net_build(struct sim *sim, const struct net_spec *spec);

/* Ends a run: everything in flight or held is dropped (cause "end"), accounts are settled, and
 * no packet lives. */
void net_finish(struct net *net);

/* The metric of a subject by name: an app's, a link's or a fault's. NULL: no such; *subject as
 * in metric_value. */
const struct metric *net_metric(const struct net *net, const char *subject_name,
                                const char *metric, const void **subject);
