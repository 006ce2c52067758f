/* SPDX-License-Identifier: GPL-3.0-or-later
 * custom.c -- a network as a user draws it.
 *
 *   topology:
 *     custom:                             honest --\
 *       hosts: [honest, attacker, server]            gateway -- server
 *       routers: [gateway]                attacker -/
 *       links:
 *         honest<->gateway: {delay: 5ms}
 *         attacker<->gateway: {delay: 5ms}
 *         gateway->server: {delay: 5ms, rate: 10Mbit}
 *         server->gateway: {delay: 5ms}
 *
 * Links stand in the order in which they are written; a<->b is a->b and then b->a.
 */
#include <stdio.h>
#include <string.h>

#include "topologies/shape.h"
#include "topologies/shapes.h"

#define AT(field) offsetof(struct custom_params, field)
static const struct key CUSTOM_KEYS[] = {
    {
        .name = "hosts",
        .kind = KEY_NAMES,
        .offset = AT(hosts),
        .help = "names of end systems, a list",
    },
    {
        .name = "routers",
        .kind = KEY_NAMES,
        .offset = AT(routers),
        .default_text = "",
        .help = "names of routers, a list",
    },
    {
        .name = "links",
        .kind = KEY_MAPS,
        .offset = AT(links),
        .sub = LINK_KEYS,
        .sub_at = offsetof(struct custom_link, params),
        .item_bytes = sizeof(struct custom_link),
        .refers = REFERS_LINK,
        .help = "a map of links, each a->b, or a<->b for both ways",
    },
    {0},
};
#undef AT

struct ends {
    struct shape_name from, to;
    bool both;
};

/* False: name is not that of a link. */
static bool ends_of(const char *name, struct ends *out)
{
    const char *arrow = strstr(name, "->");
    *out = (struct ends){0};
    if (arrow == NULL || arrow == name)
        return false;
    out->both = arrow[-1] == '<';
    const size_t n_from = (size_t)(arrow - name) - out->both, n_to = strlen(arrow + 2);
    if (n_from == 0 || n_to == 0 || n_from >= NAME_MAX_BYTES || n_to >= NAME_MAX_BYTES)
        return false;
    memcpy(out->from.text, name, n_from);
    memcpy(out->to.text, arrow + 2, n_to);
    return true;
}

static const char *name_at(const struct key_list *names, int i)
{
    return ((const char *const *)names->items)[i];
}

/* How many of the first n names are this. */
static int n_named(const struct key_list *names, int n, const char *name)
{
    int found = 0;
    for (int i = 0; i < n; i++)
        found += strcmp(name_at(names, i), name) == 0;
    return found;
}

static bool is_node(const struct custom_params *p, const char *name)
{
    return n_named(&p->hosts, p->hosts.n, name) + n_named(&p->routers, p->routers.n, name) > 0;
}

static struct misfit check_names(const struct custom_params *p)
{
    if (p->hosts.n == 0)
        return (struct misfit){.sentence = "there must be a host", .key = "hosts"};
    for (int i = 0; i < p->hosts.n; i++)
        if (n_named(&p->hosts, i, name_at(&p->hosts, i)) > 0)
            return (struct misfit){.sentence = "two hosts have one name", .key = "hosts"};
    for (int i = 0; i < p->routers.n; i++) {
        const char *name = name_at(&p->routers, i);
        if (n_named(&p->routers, i, name) + n_named(&p->hosts, p->hosts.n, name) > 0)
            return (struct misfit){.sentence = "a router has the name of another node",
                                   .key = "routers"};
    }
    return (struct misfit){0};
}

/* Whether a link before the one of this number goes the same way. */
static bool is_repeated(const struct custom_link *links, int number, const struct ends *ends)
{
    struct ends other;
    for (int i = 0; i < number; i++) {
        if (!ends_of(links[i].name, &other))
            continue;
        const bool same = strcmp(other.from.text, ends->from.text) == 0 &&
                          strcmp(other.to.text, ends->to.text) == 0;
        const bool reverse = strcmp(other.from.text, ends->to.text) == 0 &&
                             strcmp(other.to.text, ends->from.text) == 0;
        if (same || (reverse && (ends->both || other.both)))
            return true;
    }
    return false;
}

static const char *link_fault(const struct custom_params *p, int number)
{
    const struct custom_link *links = p->links.items;
    struct ends ends;
    if (!ends_of(links[number].name, &ends))
        return "a link's name is a->b, or a<->b for both ways";
    if (!is_node(p, ends.from.text) || !is_node(p, ends.to.text))
        return "the ends of a link are among hosts and routers";
    if (strcmp(ends.from.text, ends.to.text) == 0)
        return "a link has two ends";
    if (is_repeated(links, number, &ends))
        return "there is such a link already";
    return NULL;
}

static struct misfit custom_check(const void *params)
{
    const struct custom_params *p = params;
    struct misfit wrong = check_names(p);
    for (int i = 0; i < p->links.n && wrong.sentence == NULL; i++) {
        const char *sentence = link_fault(p, i);
        if (sentence != NULL)
            wrong = (struct misfit){.sentence = sentence, .list = "links", .item = i};
    }
    return wrong;
}

static void custom_expand(const void *params, struct net_spec *out)
{
    const struct custom_params *p = params;
    const struct custom_link *links = p->links.items;
    for (int i = 0; i < p->hosts.n; i++)
        shape_host(out, name_at(&p->hosts, i));
    for (int i = 0; i < p->routers.n; i++)
        shape_router(out, name_at(&p->routers, i));
    for (int i = 0; i < p->links.n; i++) {
        struct ends ends;
        const bool is_link = ends_of(links[i].name, &ends);
        sim_assert(NULL, is_link); /* checked */
        shape_link(out, ends.from.text, ends.to.text, &links[i].params);
        if (ends.both)
            shape_link(out, ends.to.text, ends.from.text, &links[i].params);
    }
}

const struct topology_kind CUSTOM = {
    .name = "custom",
    .help = "hosts, routers and links as they are written here",
    .keys = CUSTOM_KEYS,
    .params_bytes = sizeof(struct custom_params),
    .expand = custom_expand,
    .check = custom_check,
};
