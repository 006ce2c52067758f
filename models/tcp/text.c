/* SPDX-License-Identifier: GPL-3.0-or-later
 * text.c -- what a segment brings: where urgent data ends, its text, its FIN. Sixth to eighth
 * of the steps of RFC 9293 §3.10.7.4; also for what a SYN brings.
 */
#include "models/tcp/text.h"

#include <errno.h>

/* ---- sixth: check the URG bit. Where urgent data ends is told; its bytes stay in the stream
 * (RFC 6093 §6: SO_OOBINLINE). */

enum step tcp_check_urg(struct tcp *t, struct segment *g)
{
    if ((g->flags & TCP_URG) == 0 || !tcp_states[t->state].may_receive)
        return STEP_ON;
    const tcp_seq end = seq_add(g->seq, g->p->urg); /* RFC 6093 §3.1: one past the last */
    const int64_t at = (int64_t)t->rcvq.ready + seq_from(tcp_seq_at(t, t->rcvq.ready), end);
    if (at > (int64_t)t->rcv.urgent) {
        t->rcv.urgent = (uint64_t)at;
        t->pending |= TCP_EV_URGENT;
    }
    return STEP_ON;
}

/* ---- seventh: process the segment text */

/* The part of g's payload that is new and within the window, as a position and an extent; g's
 * FIN goes when it is cut. */
static struct tcp_extent trim(const struct tcp *t, const struct segment *g, uint64_t *at,
                              bool *fin_cut)
{
    const struct packet *p = g->p;
    struct tcp_extent x = {p->offset, p->stream, g->len > 0 ? p->len : 0, p->payload};
    const tcp_seq first = seq_add(g->seq, (g->flags & TCP_SYN) != 0);
    const tcp_seq ready_seq = seq(t->irs.v + 1 + (uint32_t)t->rcvq.ready);
    int64_t pos = (int64_t)t->rcvq.ready + seq_from(ready_seq, first);
    /* behind a segment that is taken whole nothing is cut */
    const tcp_seq edge = g->whole ? seq_add(first, g->len + 1) : t->rcv.edge;
    const int64_t end = (int64_t)t->rcvq.ready + seq_from(ready_seq, edge);
    const int64_t skip = (int64_t)t->rcvq.ready - pos;
    if (skip > 0) {
        const uint32_t cut = skip < (int64_t)x.len ? (uint32_t)skip : x.len;
        pos += cut;
        x.offset += cut;
        x.len -= cut;
    }
    const int64_t limit = t->rcv.fin_at < (uint64_t)end ? (int64_t)t->rcv.fin_at : end;
    *fin_cut = pos + (int64_t)x.len >= end; /* the FIN takes a place in the window too */
    if (pos + (int64_t)x.len > limit)
        x.len = pos < limit ? (uint32_t)(limit - pos) : 0;
    *at = (uint64_t)(pos > 0 ? pos : 0);
    return x;
}

/* What the peer's segments hold, as far as it shows; no more than we said that they may. */
static inline void note_segment_size(struct tcp *t, uint32_t len)
{
    if (len <= t->rcv.mss_seen)
        return;
    const struct tcp_params *p = &t->stack->params;
    const int64_t most = p->coalesced_mss > 0 ? p->coalesced_mss : tcp_announced_mss(t);
    t->rcv.mss_seen = len < most ? len : (uint32_t)most;
}

void tcp_take_text(struct tcp *t, const struct segment *g)
{
    uint64_t at;
    bool fin_cut;
    const struct tcp_extent x = trim(t, g, &at, &fin_cut);
    if ((g->flags & TCP_FIN) != 0 && !fin_cut && t->rcv.fin_at == UINT64_MAX)
        t->rcv.fin_at = at + x.len;
    if (g->len == 0 || g->p->len == 0)
        return;
    if (t->peer_stream == 0) /* the SYN-ACK was a cookie: cookie.h */
        t->peer_stream = g->p->stream;
    if (t->ecn.on)
        tcp_ecn_on_data(t, g);
    const bool had_gap = rcvq_has_gap(&t->rcvq);
    const bool in_order = at == t->rcvq.ready && !had_gap;
    const uint32_t new_bytes = rcvq_insert(t->stack->sim, &t->rcvq, at, x);
    const tcp_seq first = seq_add(g->seq, (g->flags & TCP_SYN) != 0);
    if (seq_lt(first, t->rcv.nxt))
        tcp_note_duplicate(t, first, t->rcv.nxt);
    else if (t->rcvq.overlap.left != t->rcvq.overlap.right)
        tcp_note_duplicate(t, tcp_seq_at(t, t->rcvq.overlap.left),
                           tcp_seq_at(t, t->rcvq.overlap.right));
    if (at > t->rcvq.ready) {
        t->sack.n_early++;
        tcp_note_arrival(t, at);
    }
    const uint32_t mss_before = tcp_rcv_mss(t);
    note_segment_size(t, g->p->len);
    t->rcv.nxt = seq(t->irs.v + 1 + (uint32_t)t->rcvq.ready);
    t->rcv.edge = seq_max(t->rcv.edge, t->rcv.nxt);
    if (t->rcvq.ready > t->rcvq.read)
        t->pending |= TCP_EV_READABLE;
    if (t->rw.on && new_bytes > 0)
        tcp_rcvwnd_on_data(t, g, mss_before, at > t->rcvq.ready);
    t->stack->ack_rule->on_data(t, new_bytes, in_order);
    t->rcv.last_data_at = t->stack->sim->now;
}

enum step tcp_check_text(struct tcp *t, struct segment *g)
{
    if (!tcp_states[t->state].may_receive)
        return STEP_ON;
    const bool nobody_reads = t->released || t->read_shut;
    const tcp_seq text_end = seq_add(g->seq, g->len - ((g->flags & TCP_FIN) != 0));
    if (nobody_reads && t->state != TCP_ESTABLISHED && g->p->len > 0 &&
        seq_lt(t->rcv.nxt, text_end)) {
        /* RFC 9293 SHLD-3: data after close() is lost, the peer must know. As for no connection
         * (Linux, FreeBSD): where our FIN is still on its way SEG.ACK may be too old for the
         * peer to believe, and then the answer to its next segment will do. */
        tcp_reply_reset(t->stack, t->account, g, RESET_LATE_DATA);
        /* who still holds it is told as by Linux's tcp_reset() */
        tcp_finish(t, t->released ? ECONNABORTED : ECONNRESET, "data after close()");
        return STEP_STOP;
    }
    tcp_take_text(t, g);
    return STEP_ON;
}

/* ---- eighth: check the FIN bit */

/* FINs have crossed: as FreeBSD's output does in CLOSING, what acknowledges the peer's carries
 * ours again. */
static void repeat_crossed_fin(struct tcp *t)
{
    const bool fin_alone = seq_eq(seq_add(t->snd.una, 1), t->snd.nxt);
    if (t->state == TCP_CLOSING && fin_alone && t->stack->ack_rule->repeats_fin)
        tcp_retransmit(t);
}

void tcp_take_fin(struct tcp *t)
{
    if (t->rcv.fin_taken || t->rcv.fin_at != t->rcvq.ready)
        return; /* none, or something before it is still missing */
    t->rcv.fin_taken = true;
    t->rcv.nxt = seq_add(t->rcv.nxt, 1);
    t->rcv.edge = seq_max(t->rcv.edge, t->rcv.nxt);
    t->pending |= TCP_EV_EOF;
    if (t->state == TCP_ESTABLISHED)
        t->stack->ack_rule->on_fin(t);
    else
        tcp_ack_soon(t, ACK_NOW);
    switch (t->state) {
    case TCP_ESTABLISHED:
        tcp_set_state(t, TCP_CLOSE_WAIT, "FIN");
        break;
    case TCP_FIN_WAIT_1:
        tcp_set_state(t, t->snd.fin_acked ? TCP_TIME_WAIT : TCP_CLOSING, "FIN");
        repeat_crossed_fin(t);
        break;
    default:
        tcp_set_state(t, TCP_TIME_WAIT, "FIN");
        break;
    }
}

enum step tcp_check_fin(struct tcp *t, struct segment *g)
{
    tcp_take_fin(t);
    if ((g->flags & TCP_FIN) != 0 && !t->rcv.fin_taken)
        tcp_ack_soon(t, ACK_NOW); /* something before it is missing: RFC 5681 §4.2 */
    return STEP_ON;
}
