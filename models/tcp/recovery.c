/* SPDX-License-Identifier: GPL-3.0-or-later
 * recovery.c -- what is sent again and when: RFC 5681 §3.2 and RFC 6582 (NewReno) on duplicate
 * ACKs, and the way back after a timeout.
 *
 * Not modelled: the sender's use of SACK blocks (RFC 6675, RFC 8985).
 */
#include "models/tcp/endpoint.h"

bool tcp_is_duplicate_ack(const struct tcp *t, const struct segment *g)
{
    const uint32_t window = g->wnd << t->agreed.snd_shift;
    return seq_eq(g->ack, t->snd.una) && g->len == 0 && window == t->snd.wnd &&
           seq_lt(t->snd.una, t->snd.nxt);
}

/* RFC 6582 §3.2, steps 1 to 3. */
static void begin_fast_recovery(struct tcp *t)
{
    t->cc->on_loss(t);
    t->rtx.fast = true;
    t->rtx.recover = t->snd.nxt;
    tcp_retransmit(t);
    tcp_rtx_start(t);
}

void tcp_duplicate_ack(struct tcp *t)
{
    if (t->cc->on_loss == NULL || t->rtx.recovering)
        return;
    t->rtx.n_dupacks++;
    if (t->rtx.fast)
        t->cwnd += tcp_send_mss(t); /* a segment has left the network */
    else if (t->rtx.n_dupacks == 3)
        begin_fast_recovery(t);
}

/* RFC 6582 §3.2, step 3: a full ACK ends it, a partial one shows the next hole. */
static void ack_in_fast_recovery(struct tcp *t, uint32_t acked)
{
    const uint32_t mss = tcp_send_mss(t), flight = t->snd.nxt.v - t->snd.una.v;
    if (!seq_lt(t->snd.una, t->rtx.recover)) {
        const uint32_t left = (flight > mss ? flight : mss) + mss;
        t->cwnd = t->ssthresh < left ? t->ssthresh : left;
        t->rtx.fast = false;
        t->rtx.n_dupacks = 0;
        return;
    }
    tcp_retransmit(t);
    t->cwnd = t->cwnd > acked ? t->cwnd - acked : mss;
    t->cwnd += acked >= mss ? mss : 0;
}

/* After a timeout all that was outstanding is sent again as ACKs come: as much as the
 * congestion window allows, or two segments an ACK. */
static void ack_after_timeout(struct tcp *t)
{
    t->rtx.recovering = seq_lt(t->snd.una, t->rtx.recover);
    if (!t->rtx.recovering)
        return;
    t->rtx.next = seq_max(t->rtx.next, t->snd.una);
    const uint32_t repeated = (uint32_t)seq_from(t->snd.una, t->rtx.next);
    const uint32_t window = t->cc->window(t), mss = tcp_send_mss(t);
    const uint32_t room = window > repeated ? window - repeated : 0;
    tcp_repeat_more(t, t->cc->on_loss != NULL ? (int)(room / mss) : 2);
}

void tcp_recover_on_ack(struct tcp *t, uint32_t acked)
{
    if (t->rtx.fast) {
        ack_in_fast_recovery(t, acked);
        return;
    }
    t->rtx.n_dupacks = 0;
    if (t->cc->on_ack != NULL)
        t->cc->on_ack(t, acked);
    if (t->rtx.recovering)
        ack_after_timeout(t);
}

void tcp_recover_on_timeout(struct tcp *t)
{
    if (t->cc->on_timeout != NULL)
        t->cc->on_timeout(t);
    t->rtx.fast = false;
    t->rtx.n_dupacks = 0;
    t->rtx.recovering = true;
    t->rtx.recover = t->snd.nxt;
}
