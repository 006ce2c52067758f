/* SPDX-License-Identifier: GPL-3.0-or-later
 * sndq.h -- the send queue: how much the application has written, and where its writes end.
 *
 *   offset  0 ...... una ######### end
 *                    unacknowledged and unsent
 *
 * Payload has an identity, not bytes: the queue is two offsets in the connection's stream and
 * the ends of the writes that are not acknowledged yet (a segment that ends a write carries
 * PSH, RFC 9293 §3.9.1.2). A write may end a record (MSG_EOR): no segment has bytes of two.
 */
#pragma once
#include "sim/sim.h"

struct sndq {
    uint64_t una, end; /* una <= end */
    uint64_t
        *writes; /* ring: ends of writes, ascending, all > una; twice, + 1 for a record's */
    uint32_t first, n, cap;
    uint32_t n_records; /* of these, ends of records */
    uint32_t near; /* <= n: what the last sndq_ends_write found; the next is there or behind */
};

enum sndq_end { WRITE_GOES_ON /* MSG_MORE */, WRITE_ENDS, WRITE_ENDS_RECORD };
/* The application writes bytes (> 0). */
void sndq_write(struct sim *sim, struct sndq *q, uint64_t bytes, enum sndq_end ends);
/* Everything before offset is acknowledged; una <= offset <= end. */
void sndq_ack(struct sndq *q, uint64_t offset);
/* Whether a segment [from, to) carries the end of a write. */
bool sndq_ends_write(struct sndq *q, uint64_t from, uint64_t to);
/* Where the record ends that the byte at offset belongs to; UINT64_MAX: not yet. */
uint64_t sndq_record_end(const struct sndq *q, uint64_t offset);
void sndq_clear(struct sim *sim, struct sndq *q);
