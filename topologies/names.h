/* SPDX-License-Identifier: GPL-3.0-or-later
 * names.h -- the nodes of a description by name: sorted once, so that ten thousand hosts are no
 * matter.
 */
#pragma once
#include "topologies/net.h"

/* A node is a host, or behind all hosts a router: host i is i, router i is n_hosts + i. */
struct names {
    struct node_name {
        const char *name;
        int node;
    } * items; /* sorted; of equal names the first declared comes first */
    int n;
};

/* Memory of its own: names_free. Borrows the names. */
struct names names_of(const struct net_spec *spec);
void names_free(struct names *names);
/* The node of that name, or -1. */
int names_find(const struct names *names, const char *name);
