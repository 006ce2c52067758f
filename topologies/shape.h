/* SPDX-License-Identifier: GPL-3.0-or-later
 * shape.h -- what the generators are made of: hosts, routers and links one after the other, in
 * the order in which simultaneous events will be served.
 */
#pragma once
#include "topologies/net.h"

struct shape_name {
    char text[NAME_MAX_BYTES];
};
/* "client7" for 7, "client" for 0. */
struct shape_name shape_name(const char *stem, int number);

/* Each with the default parameters. */
void shape_host(struct net_spec *out, const char *name);
void shape_router(struct net_spec *out, const char *name);
/* The link from->to; shape_both adds to->from too, with the same parameters. */
void shape_link(struct net_spec *out, const char *from, const char *to,
                const struct link_params *params);
void shape_both(struct net_spec *out, const char *a, const char *b,
                const struct link_params *params);
