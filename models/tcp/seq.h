/* SPDX-License-Identifier: GPL-3.0-or-later
 * seq.h -- sequence numbers: arithmetic modulo 2^32, RFC 9293 §3.4.
 *
 * A type of its own, so that a < b does not compile. Comparisons hold for numbers less than
 * 2^31 apart.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t v;
} tcp_seq;

static inline tcp_seq seq(uint32_t v)
{
    return (tcp_seq){v};
}
static inline tcp_seq seq_add(tcp_seq a, uint32_t n)
{
    return (tcp_seq){a.v + n};
}

/* How far a is behind b: b - a; positive when b is later. */
static inline int32_t seq_from(tcp_seq a, tcp_seq b)
{
    return (int32_t)(b.v - a.v);
}

static inline bool seq_eq(tcp_seq a, tcp_seq b)
{
    return a.v == b.v;
}
static inline bool seq_lt(tcp_seq a, tcp_seq b)
{
    return seq_from(a, b) > 0;
}
static inline bool seq_leq(tcp_seq a, tcp_seq b)
{
    return seq_from(a, b) >= 0;
}
static inline tcp_seq seq_max(tcp_seq a, tcp_seq b)
{
    return seq_lt(a, b) ? b : a;
}

/* lo <= s < lo + n */
static inline bool seq_in(tcp_seq s, tcp_seq lo, uint32_t n)
{
    return s.v - lo.v < n;
}
