/* SPDX-License-Identifier: GPL-3.0-or-later
 * reach.h -- which hosts links lead to, whatever routes and middleboxes do about it.
 *
 * A host forwards nothing, so a way is a link, any number of links between routers, and a link.
 */
#pragma once
#include "topologies/names.h"

struct reach {
    const struct net_spec *spec; /* borrowed */
    struct names names;
    int *first, *next; /* links that leave a node: first[node], next[link]; -1: no more */
    int *to;           /* [link]: a node */
    bool *seen;        /* [node]: of the present source */
    int *queue;
    int source; /* -1: none yet */
};

/* 0, or -1: no memory. reach_fini in either case. */
int reach_init(struct reach *r, const struct net_spec *spec);
void reach_fini(struct reach *r);
/* Whether links lead from one host to another; names that are no hosts: true. */
bool reach_has(struct reach *r, const char *from, const char *to);
