/* SPDX-License-Identifier: GPL-3.0-or-later
 * kinds.c -- the registry of topologies: one row each.
 */
#include "topologies/two_hosts.h"

const struct topology_kind *const TOPOLOGY_KINDS[] = {&TWO_HOSTS, NULL};
