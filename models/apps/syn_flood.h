/* SPDX-License-Identifier: GPL-3.0-or-later
 * syn_flood.h -- SYNs from addresses that are not the attacker's (RFC 4987).
 *
 *   arrivals --> SYN from (any of sources, any port) --> `to`
 *
 * The one idea: each SYN is one draw of an address, a port and an ISN, and nothing is kept.
 * What becomes of the SYN-ACKs is the network's affair: sources without a route are silent, and
 * half of a handshake stays with the server; sources that a host owns (hosts.X.addresses)
 * answer by a reset, and those of a victim get what they never asked for.
 */
#pragma once
#include "models/apps/app.h"
#include "models/apps/arrivals.h"

struct syn_flood_params {
    char to[NAME_MAX_BYTES];
    uint16_t port;               /* 0: that of `to` */
    uint16_t source_port;        /* 0: drawn, 1024 .. 65535 */
    struct key_list sources;     /* of struct key_address, not empty */
    struct key_variant at;       /* of DIST_KINDS */
    struct key_variant arrivals; /* of ARRIVAL_KINDS */
    int64_t syns;                /* UNIT_UNLIMITED */
    int64_t data;                /* bytes of payload on each SYN */
};
extern const struct app_kind APP_SYN_FLOOD;
