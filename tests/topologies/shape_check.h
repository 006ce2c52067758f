/* SPDX-License-Identifier: GPL-3.0-or-later
 * shape_check.h -- networks for the tests of topologies: descriptions that are freed, and a
 * packet sent from host to host.
 */
#pragma once
#include <stdlib.h>

#include "tests/check.h"
#include "topologies/routing.h"

static inline struct link_params wire(sim_time delay)
{
    return (struct link_params){UNIT_UNLIMITED, dist_constant(delay), UNIT_UNLIMITED,
                                UNIT_UNLIMITED};
}

/* A network of this kind, with parameters of the rfc9293 profile on every host. */
static inline struct net_spec expanded(const struct topology_kind *kind, const void *params)
{
    struct net_spec spec = {0};
    kind->expand(params, &spec);
    for (int i = 0; i < spec.n_hosts; i++)
        assert_int_equal(tcp_params_init(&spec.hosts[i].tcp, "rfc9293"), 0);
    return spec;
}

static inline void spec_free(struct net_spec *spec)
{
    free(spec->hosts);
    free(spec->routers);
    free(spec->links);
    *spec = (struct net_spec){0};
}

static inline int host_named(const struct net_spec *spec, const char *name)
{
    for (int i = 0; i < spec->n_hosts; i++)
        if (strcmp(spec->hosts[i].name, name) == 0)
            return i;
    print_error("no host %s\n", name);
    fail();
    return -1;
}

/* A datagram from one to the other; it ends there ("no listener") unless something happens on
 * the way. */
static inline void send_datagram(struct net *net, int from, ip_addr to, uint8_t ttl)
{
    struct packet *p = packet_new(net->sim, 100);
    p->proto = PROTO_UDP;
    p->src = net->hosts[from].addr;
    p->dst = to;
    p->dport = 9;
    p->ttl = ttl;
    host_send(&net->hosts[from], p);
}
