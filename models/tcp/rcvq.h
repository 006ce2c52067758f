/* SPDX-License-Identifier: GPL-3.0-or-later
 * rcvq.h -- the receive queue: which payload stands where, in order or not.
 *
 *   position  0 ......... read ######### ready      ####      ##
 *                              for the application   out of order
 *
 * Positions count payload bytes of the connection in 64 bits, so sequence numbers may wrap. An
 * extent keeps the stream and offset that the segment named: a byte of an older incarnation is
 * recognised when it is read. What came first stays (as Linux and BSD do); extents never
 * overlap and are sorted.
 */
#pragma once
#include "models/tcp/tcp.h"

struct rcvq_extent {
    struct rcvq_extent *next;
    uint64_t at; /* position of its first byte */
    struct tcp_extent data;
};

struct rcvq {
    struct rcvq_extent *head; /* by at, disjoint */
    uint64_t read;            /* bytes handed to the application */
    uint64_t ready;           /* bytes in order; read <= ready */
    uint64_t held;            /* bytes of all extents */
    struct {
        uint64_t left, right;
    } overlap; /* of the last insert: the first run that was there already; left == right: none
                */
};

/* Puts data at position `at` (>= q->read), keeping what is there already; returns how many
 * bytes were new. */
uint32_t rcvq_insert(struct sim *sim, struct rcvq *q, uint64_t at, struct tcp_extent data);
/* Moves up to max ready bytes out as at most *n extents (adjacent bytes of one stream are one);
 * returns bytes. */
uint32_t rcvq_read(struct sim *sim, struct rcvq *q, int64_t max, struct tcp_extent *out,
                   int *n);
/* The run of adjacent extents around position `at`, which must be held: [*left, *right). */
void rcvq_run(const struct rcvq *q, uint64_t at, uint64_t *left, uint64_t *right);
bool rcvq_holds(const struct rcvq *q, uint64_t at);
uint32_t rcvq_peek(const struct rcvq *q, int64_t max, struct tcp_extent *out, int *n);
void rcvq_clear(struct sim *sim, struct rcvq *q);
/* Where the last extent ends, at least `ready`. */
uint64_t rcvq_end(const struct rcvq *q);
/* Nobody will read any more: what is in order counts as read, the rest has not come. */
void rcvq_pass_over(struct sim *sim, struct rcvq *q);
static inline bool rcvq_has_gap(const struct rcvq *q)
{
    return q->held != q->ready - q->read;
}
