/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/reach.h"

#include <stdlib.h>

enum { NOTHING = -1 };

int reach_init(struct reach *r, const struct net_spec *spec)
{
    const size_t n_nodes = (size_t)spec->n_hosts + (size_t)spec->n_routers + 1;
    const size_t n_links = (size_t)spec->n_links + 1;
    *r = (struct reach){.spec = spec, .names = names_of(spec), .source = NOTHING};
    r->first = calloc(n_nodes, sizeof(*r->first));
    r->seen = calloc(n_nodes, sizeof(*r->seen));
    r->queue = calloc(n_nodes, sizeof(*r->queue));
    r->next = calloc(n_links, sizeof(*r->next));
    r->to = calloc(n_links, sizeof(*r->to));
    if (r->first == NULL || r->seen == NULL || r->queue == NULL || r->next == NULL ||
        r->to == NULL)
        return -1;
    for (size_t i = 0; i < n_nodes; i++)
        r->first[i] = NOTHING;
    for (int i = 0; i < spec->n_links; i++) {
        const int from = names_find(&r->names, spec->links[i].from);
        r->to[i] = names_find(&r->names, spec->links[i].to);
        r->next[i] = r->first[from];
        r->first[from] = i;
    }
    return 0;
}

void reach_fini(struct reach *r)
{
    names_free(&r->names);
    free(r->first);
    free(r->seen);
    free(r->queue);
    free(r->next);
    free(r->to);
}

/* Breadth first; hosts are ends. */
static void look_from(struct reach *r, int source)
{
    int n = 0;
    for (int i = 0; i < r->spec->n_hosts + r->spec->n_routers; i++)
        r->seen[i] = false;
    r->queue[n++] = source;
    for (int at = 0; at < n; at++) {
        const int node = r->queue[at];
        if (node != source && node < r->spec->n_hosts)
            continue;
        for (int l = r->first[node]; l != NOTHING; l = r->next[l])
            if (!r->seen[r->to[l]]) {
                r->seen[r->to[l]] = true;
                r->queue[n++] = r->to[l];
            }
    }
    r->source = source;
}

bool reach_has(struct reach *r, const char *from, const char *to)
{
    const int source = names_find(&r->names, from), target = names_find(&r->names, to);
    if (source < 0 || target < 0)
        return true;
    if (source != r->source)
        look_from(r, source);
    return r->seen[target] || source == target;
}
