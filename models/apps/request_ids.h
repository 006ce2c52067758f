/* SPDX-License-Identifier: GPL-3.0-or-later
 * request_ids.h -- what a server remembers so that it executes no request twice.
 *
 *   "pay 10, id 4711"   -->   new: execute and remember   known: answer as before
 *
 * TCP delivers each byte of a connection once; a request that is repeated as a whole, on a
 * connection of its own (RFC 7413 §6.1), only the application can recognise. Here an id is the
 * client's connection that first sent the request, and its rank there. Not modelled: ids that
 * are forgotten; a client that asks again by itself under the same id.
 */
#pragma once
#include "sim/sim.h"

struct request_ids {
    uint32_t *n_known; /* by stream: requests of it that have been executed */
    uint32_t n_streams;
};

/* Of this stream the request of this rank, from 0, comes: whether it is new, and from now on it
 * is not. One of stream 0, which is nobody's, is always new. */
bool request_id_is_new(struct request_ids *ids, struct sim *sim, uint32_t stream, int64_t rank);
