/* SPDX-License-Identifier: GPL-3.0-or-later
 * world.h -- what no host knows and the simulator does: which connections exist, over all hosts
 * of a run.
 *
 * A connection's number names the stream it sends. A server that opens for a SYN can be told
 * whether the SYN's sender still has that connection: if not, what it opens is a ghost.
 */
#pragma once
#include "sim/sim.h"

/* The next number, from 1; the connection counts as open until tcp_world_close. */
uint32_t tcp_world_open(struct sim *sim);
/* The sender of this stream has the connection no more (CLOSED or TIME-WAIT). Idempotent. */
void tcp_world_close(struct sim *sim, uint32_t number);
bool tcp_world_is_open(const struct sim *sim, uint32_t number);
