/* SPDX-License-Identifier: GPL-3.0-or-later
 * net_versions.c -- whether those who talk to one another have the same version of IP.
 *
 *   app --to--> an address --version?--> one of its host's own; `sources`, `as`: those that it
 *                                        passes for
 */
#include <stdio.h>
#include <string.h>

#include "sim/address.h"
#include "topologies/routing.h"

static const char *version_name(bool is_ipv6)
{
    return is_ipv6 ? "IPv6" : "IPv4";
}

/* The number of the host, or that on which the app of this name runs. */
static int host_of(const struct net_spec *spec, const struct names *names, const char *to)
{
    for (int i = 0; i < spec->n_apps; i++)
        if (strcmp(spec->apps[i].name, to) == 0)
            return names_find(names, spec->apps[i].host);
    return names_find(names, to);
}

/* Whether the node's first address is of this version: UDP, and who passes for it, know no
 * other. */
static bool sends_from(const struct net_spec *spec, int node, bool is_ipv6)
{
    return node_address(spec, node).is_ipv6 == is_ipv6;
}

/* Whether any of them is. */
static bool speaks(const struct net_spec *spec, int node, bool is_ipv6)
{
    struct key_address own;
    const struct key_list list = node_addresses(spec, node, &own);
    const struct key_address *a = list.items;
    int i = 0;
    while (i < list.n && a[i].is_ipv6 != is_ipv6)
        i++;
    return i < list.n;
}

/* The addresses that an app has in its key of this name; none: it has no such key. */
static struct key_list addresses_of(const struct app_spec *app, const char *name)
{
    struct key_list list = {NULL, 0};
    for (const struct key *k = app->kind->keys; k->name != NULL; k++)
        if (k->kind == KEY_ADDRESSES && strcmp(k->name, name) == 0)
            memcpy(&list, (const char *)app->params + k->offset, sizeof(list));
    return list;
}

/* The app talks to this address: what it says that it comes from must be of the same version.
 */
static void check_pair(const struct net_spec *spec, const struct names *names,
                       const struct app_spec *app, struct key_address to,
                       struct net_misfit *wrong)
{
    char source[ADDRESS_TEXT_BYTES], text[ADDRESS_TEXT_BYTES];
    const struct key_list sources = addresses_of(app, "sources");
    const struct key_address *s = sources.items;
    const char *host = app->as[0] != '\0' ? app->as : app->host;
    const int node = names_find(names, host);
    const bool knows_first = app->as[0] != '\0' || app->kind->datagrams;
    const bool is_like =
        knows_first ? sends_from(spec, node, to.is_ipv6) : speaks(spec, node, to.is_ipv6);
    int i = 0;
    while (i < sources.n && s[i].is_ipv6 == to.is_ipv6)
        i++;
    address_format(to, text, sizeof(text));
    if (i < sources.n) {
        *wrong = (struct net_misfit){"apps", app->name, "sources", "", NULL, NULL};
        snprintf(wrong->sentence, sizeof(wrong->sentence),
                 "the source %s is of %s, and '%s' has the address %s",
                 address_format(s[i], source, sizeof(source)), version_name(s[i].is_ipv6),
                 app->to, text);
        wrong->hint = to.is_ipv6 ? "for example sources: '2001:db8::/120'"
                                 : "for example sources: 203.0.113.0/24";
    } else if (sources.n == 0 && !is_like) {
        *wrong = (struct net_misfit){"apps", app->name, "to", "", NULL, NULL};
        snprintf(wrong->sentence, sizeof(wrong->sentence),
                 "'%s' has the address %s, and '%s' %s of %s", app->to, text, host,
                 knows_first ? "sends from none" : "none", version_name(to.is_ipv6));
        wrong->hint = "give both hosts `addresses` of one version, or neither";
    }
}

static void check_app(const struct net_spec *spec, const struct names *names,
                      const struct app_spec *app, struct net_misfit *wrong)
{
    const int to = app->to[0] != '\0' ? host_of(spec, names, app->to) : -1;
    if (to < 0)
        return;
    const struct key_list chosen = addresses_of(app, "address");
    const struct key_address *a = chosen.items;
    if (chosen.n == 0)
        check_pair(spec, names, app, node_address(spec, to), wrong);
    for (int i = 0; i < chosen.n && wrong->section == NULL; i++)
        check_pair(spec, names, app, a[i], wrong);
}

static bool any_host_speaks(const struct net_spec *spec, bool is_ipv6)
{
    int i = 0;
    while (i < spec->n_hosts && !speaks(spec, i, is_ipv6))
        i++;
    return i < spec->n_hosts;
}

/* An address of a list of the router's middlebox: some host must be of its version. A NAT puts
 * its router's address in the place of those inside. */
static void check_known(const struct net_spec *spec, const struct router_spec *r,
                        struct key_address a, struct net_misfit *wrong)
{
    const char *kind = r->params.middlebox.variant->name;
    char text[ADDRESS_TEXT_BYTES];
    address_format(a, text, sizeof(text));
    *wrong = (struct net_misfit){"routers", r->name, "middlebox", "", NULL, NULL};
    if (!any_host_speaks(spec, a.is_ipv6)) {
        snprintf(wrong->sentence, sizeof(wrong->sentence),
                 "the %s of '%s' knows %s, and no host has an address of %s", kind, r->name,
                 text, version_name(a.is_ipv6));
        wrong->hint = "its addresses are of the version of those that it is for";
    } else if (strcmp(kind, NAT.name) == 0 && a.is_ipv6 != spec->is_ipv6) {
        snprintf(wrong->sentence, sizeof(wrong->sentence),
                 "the nat of '%s' has %s inside, and shares its router's address, one of %s",
                 r->name, text, version_name(spec->is_ipv6));
        wrong->hint = "NAT between the versions of IP is not modelled";
    } else {
        *wrong = (struct net_misfit){0};
    }
}

static void check_router(const struct net_spec *spec, const struct router_spec *r,
                         struct net_misfit *wrong)
{
    const struct key_variant *box = &r->params.middlebox;
    const struct key *k = box->variant != NULL ? box->variant->keys : NULL;
    for (; k != NULL && k->name != NULL; k++) {
        struct key_list list;
        if (k->kind != KEY_ADDRESSES)
            continue;
        memcpy(&list, box->params + k->offset, sizeof(list));
        for (int i = 0; i < list.n && wrong->section == NULL; i++)
            check_known(spec, r, ((const struct key_address *)list.items)[i], wrong);
    }
}

void net_check_versions(const struct net_spec *spec, const struct names *names,
                        struct net_misfit *wrong)
{
    for (int i = 0; i < spec->n_apps && wrong->section == NULL; i++)
        check_app(spec, names, &spec->apps[i], wrong);
    for (int i = 0; i < spec->n_routers && wrong->section == NULL; i++)
        check_router(spec, &spec->routers[i], wrong);
}
