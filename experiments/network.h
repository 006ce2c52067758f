/* SPDX-License-Identifier: GPL-3.0-or-later
 * network.h -- a point's tree becomes the description of a network.
 *
 *   topology -> hosts, links;  links, tcp, hosts -> their parameters;  apps;  faults
 *
 * Precedence of a host's TCP parameters: defaults < rows of its profile (its own, else that of
 * `tcp`) < other keys of `tcp` < other keys of the host. A host may thus have another profile,
 * and what `tcp` says in so many words holds for all hosts.
 *
 * Not modelled: hosts and links that no topology has made.
 */
#pragma once
#include "experiments/tree.h"
#include "topologies/net.h"

/* Checks and fills *out from the tree, $names replaced. All memory is pool's. 0, or -1 with
 * e. */
int network_read(struct pool *pool, const struct node *root, struct net_spec *out,
                 struct err *e);

/* The metric tables of a subject of spec, each NULL or ended by {0}. False: there is no such
 * subject. */
enum { METRIC_TABLES = 3 };
bool network_metrics(const struct net_spec *spec, const char *subject,
                     const struct metric *tables[METRIC_TABLES]);
