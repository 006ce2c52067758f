/* SPDX-License-Identifier: GPL-3.0-or-later
 * two_hosts.c -- the smallest network: two hosts, and a link each way with the same parameters.
 *
 *   client --client->server--> server
 *          <--server->client--
 */
#include "topologies/two_hosts.h"

#include <stdio.h>
#include <stdlib.h>

static void link_between(struct link_spec *l, const char *from, const char *to,
                         const struct link_params *params)
{
    *l = (struct link_spec){.params = *params};
    snprintf(l->from, sizeof(l->from), "%s", from);
    snprintf(l->to, sizeof(l->to), "%s", to);
    snprintf(l->name, sizeof(l->name), "%s->%s", from, to);
}

static void two_hosts_expand(const void *params, struct net_spec *out)
{
    out->n_hosts = out->n_links = 2;
    out->hosts = calloc(2, sizeof(*out->hosts));
    out->links = calloc(2, sizeof(*out->links));
    sim_assert(NULL, out->hosts != NULL && out->links != NULL);
    snprintf(out->hosts[0].name, sizeof(out->hosts[0].name), "client");
    snprintf(out->hosts[1].name, sizeof(out->hosts[1].name), "server");
    link_between(&out->links[0], "client", "server", params);
    link_between(&out->links[1], "server", "client", params);
}

const struct topology_kind TWO_HOSTS = {
    .name = "two-hosts",
    .help = "hosts client and server, links client->server and server->client with the same "
            "parameters",
    .keys = LINK_KEYS,
    .params_bytes = sizeof(struct link_params),
    .expand = two_hosts_expand,
};
