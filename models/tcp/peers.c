/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/peers.h"

enum { FIRST_SLOTS = 16 };

/* 0.0.0.0 completes no handshake. */
static uint64_t key_of(ip_addr addr)
{
    return (uint64_t)addr.prefix << 32 | addr.low;
}

/* Where the key is, or would be. */
static uint32_t slot_of(const struct tcp_peers *peers, uint64_t key)
{
    uint32_t i = (uint32_t)mix64(key, 0) & (peers->n_slots - 1);
    while (peers->slots[i] != 0 && peers->slots[i] != key)
        i = (i + 1) & (peers->n_slots - 1);
    return i;
}

static void grow(struct tcp_peers *peers, struct sim *sim)
{
    const struct tcp_peers old = *peers;
    peers->n_slots = old.n_slots > 0 ? 2 * old.n_slots : FIRST_SLOTS;
    peers->slots = sim_alloc(sim, peers->n_slots * sizeof *peers->slots);
    for (uint32_t i = 0; i < old.n_slots; i++)
        if (old.slots[i] != 0)
            peers->slots[slot_of(peers, old.slots[i])] = old.slots[i];
    sim_release(sim, old.slots, old.n_slots * sizeof *old.slots);
}

void tcp_peers_add(struct tcp_peers *peers, struct sim *sim, ip_addr addr)
{
    const uint64_t key = key_of(addr);
    if (2 * peers->n >= peers->n_slots)
        grow(peers, sim);
    const uint32_t i = slot_of(peers, key);
    peers->n += peers->slots[i] == 0;
    peers->slots[i] = key;
}

bool tcp_peers_has(const struct tcp_peers *peers, ip_addr addr)
{
    return peers->n > 0 && peers->slots[slot_of(peers, key_of(addr))] != 0;
}
