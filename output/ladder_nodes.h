/* SPDX-License-Identifier: GPL-3.0-or-later
 * ladder_nodes.h -- which hosts and routers of a run have lines in a ladder, and in which
 * order.
 *
 * A node gets its line when something happens there. Hosts alone stand as they were declared;
 * where there are routers, as the first packets pass them: client, router1, router2, server.
 */
#pragma once
#include "output/ladder.h"
#include <sqlite3.h>

struct ladder_node {
    int64_t subject;
    char name[LADDER_TEXT];
    bool is_router;
    int line; /* index of the column's host; -1: nothing has happened there */
};

/* A link between two nodes. */
struct ladder_wire {
    int64_t subject;
    int from, to; /* indices of nodes */
};

struct ladder_nodes {
    struct ladder_node *nodes;
    struct ladder_wire *wires; /* by subject */
    uint32_t n_nodes, n_wires, cap_nodes, cap_wires;
};

/* Reads the nodes and links of a run. 0, or -1 with e. nodes_free either way. */
int nodes_load(struct ladder_nodes *n, sqlite3 *db, const char *path, int64_t run,
               struct err *e);
void nodes_free(struct ladder_nodes *n);

/* The link of this subject; NULL: it is none between two nodes (a host's own drop). */
const struct ladder_wire *nodes_wire(const struct ladder_nodes *n, int64_t subject);

/* The line of a node, which it gets now if it has none. -1: the column is full. */
int nodes_line(struct ladder_nodes *n, struct ladder_column *c, int node);

/* The index of the host or router of this subject, or -1. */
int nodes_find(const struct ladder_nodes *n, int64_t subject);

/* Puts the lines into their order; arrows and states follow. */
void nodes_order(const struct ladder_nodes *n, struct ladder_column *c);
