/* SPDX-License-Identifier: GPL-3.0-or-later
 * shapes.h -- the generators with routers; their files have the pictures.
 */
#pragma once
#include "topologies/net.h"

enum { SHAPE_HOSTS_MAX = 100000 };

struct chain_params {
    int64_t routers;
    struct link_params link;
};
struct star_params { /* of flood too */
    int64_t clients;
    struct link_params access, uplink;
};
struct dumbbell_params {
    int64_t pairs;
    struct link_params access, bottleneck;
};
struct loop_params {
    struct link_params access, ring;
};
struct parking_lot_params {
    int64_t hops;
    struct link_params access, bottleneck;
};
extern const struct topology_kind CHAIN, STAR, DUMBBELL, LOOP, FLOOD, PARKING_LOT;

/* A network as it is written: names, and links a->b or a<->b. */
struct custom_link {
    char name[KEY_PAIR_BYTES];
    struct link_params params;
};
struct custom_params {
    struct key_list hosts, routers; /* of const char * */
    struct key_list links;          /* of struct custom_link */
};
extern const struct topology_kind CUSTOM;
