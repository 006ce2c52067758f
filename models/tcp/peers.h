/* SPDX-License-Identifier: GPL-3.0-or-later
 * peers.h -- addresses that have completed a handshake with this host: a set that only grows.
 *
 * Linux keeps the last part of its SYN queue for them when it has no cookies. There an address
 * is proven once a connection has left a round trip in the cache of metrics, and is forgotten
 * when that cache is full; here from the handshake on, and for ever.
 */
#pragma once
#include "sim/sim.h"

struct tcp_peers {
    uint64_t *slots; /* open addressing; 0: free. A power of two, at most half full */
    uint32_t n, n_slots;
};

void tcp_peers_add(struct tcp_peers *peers, struct sim *sim, ip_addr addr);
bool tcp_peers_has(const struct tcp_peers *peers, ip_addr addr);
