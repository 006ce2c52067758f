/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/names.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const struct node_name *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->node > y->node) - (x->node < y->node);
}

struct names names_of(const struct net_spec *spec)
{
    struct names names = {.n = spec->n_hosts + spec->n_routers};
    names.items = calloc((size_t)names.n + 1, sizeof(*names.items));
    sim_assert(NULL, names.items != NULL);
    for (int i = 0; i < spec->n_hosts; i++)
        names.items[i] = (struct node_name){spec->hosts[i].name, i};
    for (int i = 0; i < spec->n_routers; i++)
        names.items[spec->n_hosts + i] =
            (struct node_name){spec->routers[i].name, spec->n_hosts + i};
    qsort(names.items, (size_t)names.n, sizeof(*names.items), by_name);
    return names;
}

void names_free(struct names *names)
{
    free(names->items);
    names->items = NULL;
}

int names_find(const struct names *names, const char *name)
{
    int low = 0, high = names->n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (strcmp(names->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const bool found = low < names->n && strcmp(names->items[low].name, name) == 0;
    return found ? names->items[low].node : -1;
}
