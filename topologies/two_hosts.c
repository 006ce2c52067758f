/* SPDX-License-Identifier: GPL-3.0-or-later
 * two_hosts.c -- the smallest network: two hosts, and a link each way with the same parameters.
 *
 *   client --client->server--> server
 *          <--server->client--
 */
#include "topologies/two_hosts.h"

#include <stdio.h>
#include <stdlib.h>

#define AT(field) offsetof(struct link_params, field)
static const struct key TWO_HOSTS_KEYS[] = {
    {
        .name = "delay",
        .kind = KEY_QUANTITY,
        .offset = AT(delay),
        .default_text = "10ms",
        .unit = UNIT_TIME,
        .max = LINK_DELAY_MAX,
        .help = "propagation delay, each way",
    },
    {
        .name = "rate",
        .kind = KEY_QUANTITY,
        .offset = AT(rate_bps),
        .default_text = "unlimited",
        .unit = UNIT_RATE,
        .min = LINK_RATE_MIN,
        .max = UNIT_UNLIMITED,
        .help = "bits per second, each way; unlimited: serialization takes no time",
    },
    {
        .name = "queue",
        .kind = KEY_QUANTITY,
        .offset = AT(queue_packets),
        .default_text = "unlimited",
        .unit = UNIT_COUNT,
        .help = "packets that may wait in each direction, the one on the wire not counted",
    },
    {
        .name = "queue_bytes",
        .kind = KEY_QUANTITY,
        .offset = AT(queue_bytes),
        .default_text = "unlimited",
        .unit = UNIT_BYTES,
        .help = "bytes that may wait in each direction, the packet on the wire not counted",
    },
    {
        .name = "loss",
        .kind = KEY_QUANTITY,
        .offset = AT(loss),
        .default_text = "0%",
        .unit = UNIT_FRACTION,
        .max = FRACTION_ONE,
        .help = "each packet is lost on the wire with this probability, independently",
    },
    {0},
};
#undef AT

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
    .keys = TWO_HOSTS_KEYS,
    .params_bytes = sizeof(struct link_params),
    .expand = two_hosts_expand,
};
