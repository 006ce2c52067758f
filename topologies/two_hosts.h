/* SPDX-License-Identifier: GPL-3.0-or-later
 * two_hosts.h -- hosts client and server with a link each way; its parameters are a struct
 * link_params.
 */
#pragma once
#include "topologies/net.h"

extern const struct topology_kind TWO_HOSTS;
