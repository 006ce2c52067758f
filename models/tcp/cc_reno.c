/* SPDX-License-Identifier: GPL-3.0-or-later
 * cc_reno.c -- RFC 5681: slow start, congestion avoidance, halving; RFC 6582 (NewReno) within
 * fast recovery; the initial window of RFC 6928.
 *
 * cwnd grows only while it is what limits the sender (RFC 7661 tells why): what counts is the
 * most that was outstanding in the present window of data (Linux's rule). Slow start counts
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
    t->usage_end = t->snd.una;
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

static void reno_on_sent(struct tcp *t)
{
    const uint32_t pipe = t->board == NULL ? flight(t) : tcp_pipe(t);
    const bool near = pipe + t->snd.mss > t->cwnd; /* options come out of it */
    const bool full = near && pipe + tcp_send_mss(t) > t->cwnd;
    const bool more = !t->was_full && flight(t) > t->most_out;
    if (seq_lt(t->snd.una, t->usage_end) && !full && !more)
        return;
    t->was_full = full;
    t->most_out = flight(t);
    t->usage_end = t->snd.nxt;
}

static void reno_on_ack(struct tcp *t, uint32_t acked_bytes)
{
    const uint32_t mss = tcp_send_mss(t);
    const bool slow_start = t->cwnd < t->ssthresh;
    if (!t->was_full && !(slow_start && t->cwnd < 2 * (uint64_t)t->most_out))
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

/* A loss of which nothing is to be sent again. */
static void reno_reduce(struct tcp *t)
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
    .on_sent = reno_on_sent,
    .on_ack = reno_on_ack,
    .on_loss = reno_on_loss,
    .on_dupack = reno_on_dupack,
    .on_partial_ack = reno_on_partial_ack,
    .on_recovered = reno_on_recovered,
    .on_tail_loss = reno_reduce,
    .on_mark = reno_reduce,
    .on_timeout = reno_on_timeout,
};
