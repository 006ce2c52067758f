/* SPDX-License-Identifier: GPL-3.0-or-later
 * cc_reno.c -- RFC 5681: slow start, congestion avoidance, halving; RFC 6582 (NewReno) within
 * fast recovery; the initial window of RFC 6928.
 *
 * cwnd grows only while it is what limits the sender (RFC 7661 tells why). Slow start counts
 * bytes up to slow_start_segments an ACK (RFC 3465's L), congestion avoidance counts bytes (RFC
 * 5681 §3.1, third way).
 */
#include "models/tcp/endpoint.h"

static uint32_t flight(const struct tcp *t)
{
    return t->snd.nxt.v - t->snd.una.v;
}

static uint32_t initial_window(const struct tcp *t)
{
    return (uint32_t)t->stack->params.init_cwnd * tcp_send_mss(t);
}

/* RFC 6928 §2, with init_cwnd in place of 10; one segment when the SYN was lost (RFC 5681
 * §3.1). */
static void reno_init(struct tcp *t)
{
    t->cwnd = t->rtx.syn_repeated ? tcp_send_mss(t) : initial_window(t);
    t->ssthresh = UINT32_MAX;
}

/* RFC 3042: two more segments may leave on the first two duplicate ACKs. With SACK what they
 * tell of is not outstanding any more. */
static uint32_t reno_window(const struct tcp *t)
{
    if (t->rtx.n_dupacks == 0 || t->rtx.fast || t->rtx.n_dupacks > 2 || t->agreed.sack)
        return t->cwnd;
    return t->cwnd + t->rtx.n_dupacks * tcp_send_mss(t);
}

/* RFC 5681 §4.1: what was learnt an RTO ago says nothing about now. */
static void reno_on_idle(struct tcp *t)
{
    const uint32_t first = initial_window(t);
    t->cwnd = t->cwnd < first ? t->cwnd : first;
}

static void reno_on_ack(struct tcp *t, uint32_t acked_bytes)
{
    const uint32_t mss = tcp_send_mss(t);
    const uint32_t was_out = flight(t) + acked_bytes;
    const bool slow_start = t->cwnd < t->ssthresh;
    if (slow_start ? 2 * (uint64_t)was_out <= t->cwnd : was_out + mss <= t->cwnd)
        return; /* it was not the limit: RFC 7661 §4.1 */
    if (slow_start) {
        const int64_t most = t->stack->params.slow_start_segments * mss; /* 0: no limit */
        t->cwnd += most > 0 && acked_bytes > most ? (uint32_t)most : acked_bytes;
        return;
    }
    t->cwnd_acked += acked_bytes;
    if (t->cwnd_acked >= t->cwnd) {
        t->cwnd_acked -= t->cwnd;
        t->cwnd += mss;
    }
}

/* RFC 5681 (4). What left beyond cwnd on duplicate ACKs is not counted (§3.2, step 2). */
static void halve(struct tcp *t)
{
    const uint32_t out = flight(t) < t->cwnd ? flight(t) : t->cwnd;
    const uint32_t half = out / 2, least = 2 * tcp_send_mss(t);
    t->ssthresh = half > least ? half : least;
    t->cwnd_acked = 0;
}

static void reno_on_loss(struct tcp *t)
{
    halve(t);
    t->cwnd = t->ssthresh + (t->rtx.sacking ? 0 : 3 * tcp_send_mss(t));
}

/* RFC 5681 §3.2, step 4: a segment has left the network. */
static void reno_on_dupack(struct tcp *t)
{
    t->cwnd += tcp_send_mss(t);
}

/* RFC 6582 §3.2, step 3: deflated by what was acknowledged, less the segment sent again. */
static void reno_on_partial_ack(struct tcp *t, uint32_t acked_bytes)
{
    const uint32_t mss = tcp_send_mss(t);
    t->cwnd = t->cwnd > acked_bytes ? t->cwnd - acked_bytes : mss;
    t->cwnd += acked_bytes >= mss ? mss : 0;
}

/* RFC 6582 §3.2, step 3, first way: no burst of what the ACK has let go. With SACK the window
 * was ssthresh all along: RFC 6675 §5. */
static void reno_on_recovered(struct tcp *t)
{
    const uint32_t mss = tcp_send_mss(t);
    const uint32_t left = (flight(t) > mss ? flight(t) : mss) + mss;
    t->cwnd = t->rtx.sacking || t->ssthresh < left ? t->ssthresh : left;
}

static void reno_on_tail_loss(struct tcp *t)
{
    halve(t);
    t->cwnd = t->ssthresh;
}

static void reno_on_timeout(struct tcp *t)
{
    if (t->rtx.n_repeats <= 1) /* a segment repeated again halves no more */
        halve(t);
    t->cwnd = tcp_send_mss(t);
}

const struct tcp_cc TCP_CC_RENO = {
    .name = "reno",
    .help = "slow start and congestion avoidance, RFC 5681, with NewReno, RFC 6582",
    .init = reno_init,
    .window = reno_window,
    .on_idle = reno_on_idle,
    .on_ack = reno_on_ack,
    .on_loss = reno_on_loss,
    .on_dupack = reno_on_dupack,
    .on_partial_ack = reno_on_partial_ack,
    .on_recovered = reno_on_recovered,
    .on_tail_loss = reno_on_tail_loss,
    .on_timeout = reno_on_timeout,
};
