/* SPDX-License-Identifier: GPL-3.0-or-later
 * two_hosts.c -- the smallest network: two hosts, and a link each way with the same parameters.
 *
 *   client --client->server--> server
 *          <--server->client--
 */
#include "topologies/two_hosts.h"

#include "topologies/shape.h"

static void two_hosts_expand(const void *params, struct net_spec *out)
{
    shape_host(out, "client");
    shape_host(out, "server");
    shape_both(out, "client", "server", params);
}

const struct topology_kind TWO_HOSTS = {
    .name = "two-hosts",
    .help = "hosts client and server, links client->server and server->client with the same "
            "parameters",
    .keys = LINK_KEYS,
    .params_bytes = sizeof(struct link_params),
    .expand = two_hosts_expand,
};
