/* SPDX-License-Identifier: GPL-3.0-or-later
 * ingress_filter.c -- sources that do not belong where they come from (RFC 2827, BCP 38).
 *
 *   source among `sources`, or, if none are given, one to which there is a route? --> on
 *                                                        no --> dropped, with chance `catch`
 *
 * The one idea: each packet takes one draw, suspect or not, so that the luck of the others does
 * not depend on who is suspected. Without `sources` it is RFC 3704's loose reverse path check:
 * forged addresses that exist somewhere pass.
 *
 * Not modelled: the strict check, by the link that a packet comes from.
 */
#include <stdio.h>

#include "models/middlebox_rows.h"
#include "models/router.h"

struct ingress_filter {
    struct middlebox box; /* first */
    struct rng rng;
    double chance;
};

static void ingress_filter_init(struct middlebox *m)
{
    struct ingress_filter *f = (struct ingress_filter *)m;
    struct ingress_filter_params *params = (void *)m->how.params;
    char stream[ARRAY_LEN(m->sim->subjects->name) + 32];
    snprintf(stream, sizeof(stream), "router/%s/ingress-filter",
             m->sim->subjects[m->router->subject].name);
    f->rng = sim_rng(m->sim, stream);
    f->chance = (double)params->chance / (double)FRACTION_ONE;
    middlebox_keep(m, &params->sources);
}

static bool belongs(const struct middlebox *m, ip_addr src)
{
    const struct ingress_filter_params *params = (const void *)m->how.params;
    if (params->sources.n > 0)
        return middlebox_has(m, &params->sources, src);
    const struct route_entry *e = route_table_find(&m->router->routes, src);
    return e != NULL && e->via != NULL;
}

static struct packet *ingress_filter_pass(struct middlebox *m, struct packet *p)
{
    struct ingress_filter *f = (struct ingress_filter *)m;
    const bool caught = rng_chance(&f->rng, f->chance) != 0;
    return caught && !belongs(m, p->src) ? middlebox_drop(m, p) : p;
}

const struct middlebox_kind INGRESS_FILTER = {
    .name = "ingress-filter",
    .bytes = sizeof(struct ingress_filter),
    .init = ingress_filter_init,
    .pass = ingress_filter_pass,
};
