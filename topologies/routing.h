/* SPDX-License-Identifier: GPL-3.0-or-later
 * routing.h -- who reaches whom: the tables of routers and hosts, by the fewest hops.
 *
 * The one idea: from each destination backwards through routers only, breadth first, so that
 * the work is that of the paths, not of all pairs; links to a router's many hosts are looked at
 * once. Of equal ways the link declared first wins. A host with one link needs no table.
 *
 * Nodes are numbered as in names.h.
 */
#pragma once
#include "topologies/names.h"

struct link_ends {
    int from, to; /* nodes */
};

/* The addresses of a node, of struct key_address; *own is where a single one is kept. Addresses
 * that a host has not been given are 10.0.0.0 + i + 1, a router's 172.16.0.0 + i + 1; of IPv6
 * fd00::i+1 and fd00:0:0:1::i+1. */
struct key_list node_addresses(const struct net_spec *spec, int node, struct key_address *own);
struct key_address node_address(const struct net_spec *spec, int node);

/* For net_check: the first app, or NAT, whose ends are of two versions. */
void net_check_versions(const struct net_spec *spec, const struct names *names,
                        struct net_misfit *wrong);

/* Sets the way out of each host, or fills its table, and those of the routers. ends: of each
 * link of the net. needs_table: by host, whether it has routes of the configuration. */
void routing_fill(struct net *net, const struct net_spec *spec, const struct link_ends *ends,
                  const bool *needs_table);
