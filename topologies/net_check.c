/* SPDX-License-Identifier: GPL-3.0-or-later
 * net_check.c -- what no part of a description shows alone: addresses with two owners, routes
 * that lead nowhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/address.h"
#include "topologies/routing.h"

struct owned {
    struct key_address address;
    int node;
};

static int by_address(const void *a, const void *b)
{
    const struct owned *x = a, *y = b;
    const int order = address_compare(x->address, y->address);
    if (order != 0)
        return order;
    return (x->node > y->node) - (x->node < y->node);
}

static const char *node_name(const struct net_spec *spec, int node)
{
    return node < spec->n_hosts ? spec->hosts[node].name
                                : spec->routers[node - spec->n_hosts].name;
}

/* All that is owned, sorted; the caller frees. */
static struct owned *owned_of(const struct net_spec *spec, int *n)
{
    const int n_nodes = spec->n_hosts + spec->n_routers;
    struct key_address own;
    *n = 0;
    for (int node = 0; node < n_nodes; node++)
        *n += node_addresses(spec, node, &own).n;
    struct owned *all = calloc((size_t)*n + 1, sizeof(*all));
    sim_assert(NULL, all != NULL);
    *n = 0;
    for (int node = 0; node < n_nodes; node++) {
        const struct key_list list = node_addresses(spec, node, &own);
        for (int i = 0; i < list.n; i++)
            all[(*n)++] = (struct owned){((const struct key_address *)list.items)[i], node};
    }
    qsort(all, (size_t)*n, sizeof(*all), by_address);
    return all;
}

static void check_addresses(const struct net_spec *spec, struct net_misfit *wrong)
{
    int n;
    char text[ADDRESS_TEXT_BYTES];
    struct owned *all = owned_of(spec, &n);
    for (int i = 1; i < n && wrong->section == NULL; i++) {
        const struct owned *a = &all[i - 1], *b = &all[i];
        if (address_compare(a->address, b->address) != 0)
            continue;
        const bool a_is_given =
            a->node < spec->n_hosts && spec->hosts[a->node].params.addresses.n > 0;
        const bool b_is_given =
            b->node < spec->n_hosts && spec->hosts[b->node].params.addresses.n > 0;
        const struct owned *at = b_is_given || !a_is_given ? b : a, *other = at == b ? a : b;
        *wrong = (struct net_misfit){"hosts", node_name(spec, at->node), "addresses", "", NULL,
                                     NULL};
        snprintf(wrong->sentence, sizeof(wrong->sentence),
                 "the address %s is that of '%s' already",
                 address_format(at->address, text, sizeof(text)), node_name(spec, other->node));
    }
    free(all);
}

static const char *link_from(const struct net_spec *spec, const char *name)
{
    for (int i = 0; i < spec->n_links; i++)
        if (strcmp(spec->links[i].name, name) == 0)
            return spec->links[i].from;
    return NULL;
}

/* The nearest of n items of item_bytes, each beginning with its name; NULL: none is near. */
static const char *nearest(const char *word, const void *items, int n, size_t item_bytes)
{
    const char **names = calloc((size_t)n + 1, sizeof(*names));
    sim_assert(NULL, names != NULL);
    for (int i = 0; i < n; i++)
        names[i] = (const char *)items + (size_t)i * item_bytes;
    const char *meant = nearest_name(word, names, (size_t)n);
    free(names);
    return meant;
}

static const char *nearest_node(const struct net_spec *spec, const char *word)
{
    const char *meant = nearest(word, spec->hosts, spec->n_hosts, sizeof(*spec->hosts));
    return meant != NULL
               ? meant
               : nearest(word, spec->routers, spec->n_routers, sizeof(*spec->routers));
}

static void check_route(const struct net_spec *spec, const struct names *names,
                        const struct route_spec *r, struct net_misfit *wrong)
{
    struct key_address address;
    const char *from = link_from(spec, r->params.via);
    const char *bad =
        names_find(names, r->params.to) >= 0 ? NULL : address_parse(r->params.to, &address);
    *wrong = (struct net_misfit){"routes", r->name, NULL, "", NULL, NULL};
    if (bad != NULL) {
        wrong->key = "to";
        wrong->meant = nearest_node(spec, r->params.to);
        snprintf(wrong->sentence, sizeof(wrong->sentence),
                 "'%s' is no host and no router, and %s", r->params.to, bad);
    } else if (from == NULL && strcmp(r->params.via, "none") != 0) {
        wrong->key = "via";
        wrong->meant = nearest(r->params.via, spec->links, spec->n_links, sizeof(*spec->links));
        snprintf(wrong->sentence, sizeof(wrong->sentence), "there is no link '%s'",
                 r->params.via);
    } else if (from != NULL && strcmp(from, r->params.node) != 0) {
        wrong->key = "via";
        snprintf(wrong->sentence, sizeof(wrong->sentence), "the link '%s' does not leave '%s'",
                 r->params.via, r->params.node);
    }
    if (wrong->key == NULL)
        *wrong = (struct net_misfit){0};
}

struct net_misfit net_check(const struct net_spec *spec)
{
    struct net_misfit wrong = {0};
    struct names names = names_of(spec);
    check_addresses(spec, &wrong);
    for (int i = 0; i < spec->n_routes && wrong.section == NULL; i++)
        check_route(spec, &names, &spec->routes[i], &wrong);
    if (wrong.section == NULL)
        net_check_versions(spec, &names, &wrong);
    names_free(&names);
    return wrong;
}
