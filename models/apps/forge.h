/* SPDX-License-Identifier: GPL-3.0-or-later
 * forge.h -- segments that no TCP has made: what an attacker hands to its host below TCP.
 *
 *   attacker --forge_segment--> host_send --> the network     (its own TCP knows nothing of it)
 *
 * The one idea: an injected segment is a packet like any other but for its mark: injected_by is
 * the attacker's subject, and injected_nth tells its segments apart, from 1. So whoever it
 * reaches can say what it did there (tcp.h: struct tcp_injection), though no one on the wire
 * could tell.
 *
 * Not modelled: options of forged segments.
 */
#pragma once
#include "models/apps/app.h"

/* A segment that says it comes from `from`: SEQ and ACK 0, window 65535, the TTL of a's host,
 * len bytes of forged payload that belong to no stream. nth: which of a's it is. */
struct packet *forge_segment(struct app *a, struct tcp_addr from, struct tcp_addr to,
                             uint16_t flags, uint32_t len, int64_t nth);

/* The message e to e->src, from a's host; nth as above. */
struct packet *forge_icmp(struct app *a, const struct icmp_error *e, int64_t nth);
