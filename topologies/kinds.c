/* SPDX-License-Identifier: GPL-3.0-or-later
 * kinds.c -- the registry of topologies: one row each.
 */
#include "topologies/shapes.h"
#include "topologies/two_hosts.h"

const struct topology_kind *const TOPOLOGY_KINDS[] = {
    &TWO_HOSTS, &CHAIN, &STAR, &DUMBBELL, &LOOP, &FLOOD, &PARKING_LOT, &CUSTOM, NULL,
};
