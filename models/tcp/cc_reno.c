/* SPDX-License-Identifier: GPL-3.0-or-later
 * cc_reno.c -- RFC 5681: slow start, congestion avoidance, halving; the initial window of RFC
 * 6928.
 *
 * cwnd grows only while it is what limits the sender (RFC 7661 tells why). Congestion avoidance
 * counts bytes (RFC 5681 §3.1, third way).
 */
#include "models/tcp/endpoint.h"

static uint32_t flight(const struct tcp *t)
{
    return t->snd.nxt.v - t->snd.una.v;
}

/* RFC 6928 §2, with init_cwnd in place of 10; one segment when the SYN was lost (RFC 5681
 * §3.1). */
static void reno_init(struct tcp *t)
{
    const uint32_t mss = tcp_send_mss(t);
    const bool syn_lost = t->rtx.syn_repeated;
    t->cwnd = syn_lost ? mss : (uint32_t)t->stack->params.init_cwnd * mss;
    t->ssthresh = UINT32_MAX;
}

/* RFC 3042: two more segments may leave on the first two duplicate ACKs. */
static uint32_t reno_window(const struct tcp *t)
{
    const uint32_t extra = !t->rtx.fast && t->rtx.n_dupacks < 3 ? t->rtx.n_dupacks : 0;
    return t->cwnd + extra * tcp_send_mss(t);
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

static void halve(struct tcp *t)
{
    const uint32_t half = flight(t) / 2, least = 2 * tcp_send_mss(t);
    t->ssthresh = half > least ? half : least; /* RFC 5681 (4) */
    t->cwnd_acked = 0;
}

static void reno_on_loss(struct tcp *t)
{
    halve(t);
    t->cwnd = t->ssthresh + 3 * tcp_send_mss(t);
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
    .on_ack = reno_on_ack,
    .on_loss = reno_on_loss,
    .on_timeout = reno_on_timeout,
};
