/* SPDX-License-Identifier: GPL-3.0-or-later
 * recovery.c -- what is lost and sent again: on duplicate ACKs by RFC 5681 §3.2 and RFC 6582
 * (NewReno), with SACK by RFC 6675; on a timeout; at the tail by RFC 8985 §7 (TLP).
 *
 *                  three duplicate ACKs, or SACKs that say so
 *      (nothing lost) ---------------------> fast -----------> (nothing lost)
 *             |                                |   una = recover
 *             +------ timeout -> recovering <--+ timeout
 *                                    una = recover
 *
 * How much may leave is congestion control's matter (cc.h). A row without on_loss has no fast
 * recovery: two segments an ACK are repeated after a timeout.
 *
 * Not modelled: RACK (RFC 8985 §6), proportional rate reduction (RFC 9937), undoing what was
 * not lost (RFC 4015, RFC 5682), limits of bursts.
 */
#include "models/tcp/endpoint.h"

/* ---- SACK: RFC 6675 */

/* RFC 6675 §4, Update(). Returns how many bytes the blocks tell of for the first time; blocks
 * below SND.UNA (RFC 2883) and of what was never sent say nothing. */
static uint32_t take_blocks(struct tcp *t, const struct segment *g)
{
    struct sim *sim = t->stack->sim;
    uint32_t fresh = 0;
    for (int i = 0; i < g->opt.n_sack; i++) {
        const tcp_seq left = seq_max(seq(g->opt.sack[i].left), t->snd.una);
        const tcp_seq right = seq(g->opt.sack[i].right);
        if (!seq_lt(left, right) || seq_lt(t->snd.nxt, right))
            continue;
        if (t->board == NULL)
            t->board = scoreboard_new(sim, t->snd.una);
        fresh += scoreboard_add(sim, t->board, left, right);
    }
    return fresh;
}

static tcp_seq lost_below(const struct tcp *t)
{
    uint32_t above;
    return scoreboard_lost_below(t->board, t->snd.una, tcp_send_mss(t), &above);
}

/* RFC 6675 §4, SetPipe(): what was sent and is not lost, and what was sent again, less what has
 * arrived. After a timeout all that was sent before is lost. */
uint32_t tcp_pipe(const struct tcp *t)
{
    const struct scoreboard *b = t->board;
    const uint32_t flight = t->snd.nxt.v - t->snd.una.v;
    if (t->rtx.sacking) {
        uint32_t above;
        const tcp_seq lost = scoreboard_lost_below(b, t->snd.una, tcp_send_mss(t), &above);
        const uint32_t again = b->mark.v - t->snd.una.v - b->below_bytes;
        return t->snd.nxt.v - lost.v - above + again;
    }
    if (!t->rtx.recovering)
        return flight - b->bytes;
    if (seq_lt(t->rtx.next, t->rtx.recover))
        return flight;
    return flight - b->below_bytes;
}

/* What is to be sent again next: the first hole at or after rtx.next, below limit. */
static bool next_hole(const struct tcp *t, tcp_seq limit, struct sack_run *hole)
{
    const tcp_seq from = seq_max(t->rtx.next, t->snd.una);
    *hole = (struct sack_run){from, limit};
    if (t->board != NULL && !scoreboard_hole(t->board, from, hole))
        *hole = (struct sack_run){seq_max(from, scoreboard_high(t->board, from)), limit};
    hole->right = seq_lt(limit, hole->right) ? limit : hole->right;
    return seq_lt(hole->left, hole->right);
}

static void set_next(struct tcp *t, tcp_seq next)
{
    t->rtx.next = next;
    if (t->board != NULL)
        scoreboard_mark(t->board, next);
}

/* False: the window, which shrank, ends before it. */
static bool repeat_hole(struct tcp *t, struct sack_run hole)
{
    const uint32_t len = tcp_resend(t, hole.left, hole.right.v - hole.left.v);
    set_next(t, seq_add(hole.left, len));
    return len > 0;
}

void tcp_repeat_first(struct tcp *t)
{
    struct sack_run hole;
    t->rtx.next = t->snd.una;
    if (!next_hole(t, t->snd.nxt, &hole) || !seq_eq(hole.left, t->snd.una))
        hole = (struct sack_run){t->snd.una, t->snd.nxt};
    repeat_hole(t, hole);
}

static bool has_room(const struct tcp *t)
{
    return tcp_pipe(t) + (uint64_t)tcp_send_mss(t) <= t->cc->window(t);
}

void tcp_repeat_lost(struct tcp *t)
{
    struct sack_run hole;
    const tcp_seq limit = lost_below(t);
    while (has_room(t) && next_hole(t, limit, &hole) && repeat_hole(t, hole))
        ;
}

/* RFC 6675 §4, NextSeg(), rule 4, once a recovery: the tail, of which no SACK can tell. Holes
 * have been repeated by then. */
static void rescue(struct tcp *t)
{
    const uint32_t mss = tcp_send_mss(t);
    const tcp_seq high = scoreboard_high(t->board, t->snd.una);
    const uint32_t tail = t->snd.nxt.v - high.v;
    if (t->rtx.rescued || tail == 0 || !has_room(t))
        return;
    t->rtx.rescued = true;
    tcp_resend(t, tail > mss ? seq(t->snd.nxt.v - mss) : high, mss);
}

void tcp_repeat_rest(struct tcp *t)
{
    struct sack_run hole;
    const tcp_seq high = scoreboard_high(t->board, t->snd.una);
    while (has_room(t) && next_hole(t, high, &hole) && repeat_hole(t, hole))
        ;
    if (!next_hole(t, high, &hole))
        rescue(t);
}

/* ---- fast recovery begins and ends */

/* RFC 6582 §3.2, steps 1 to 3; RFC 6675 §5, step 4. */
static void begin_fast_recovery(struct tcp *t)
{
    t->rtx.fast = true;
    t->rtx.sacking = t->board != NULL && t->board->bytes > 0;
    t->rtx.rescued = false;
    t->cc->on_loss(t);
    tcp_ecn_reduced(t);
    t->rtx.recover = t->snd.nxt;
    if (t->board != NULL)
        scoreboard_mark(t->board, t->snd.una);
    tcp_retransmit(t);
    tcp_rtx_start(t);
}

static void end_fast_recovery(struct tcp *t)
{
    t->cc->on_recovered(t);
    t->rtx.fast = t->rtx.sacking = false;
    t->rtx.n_dupacks = 0;
}

static bool is_duplicate_ack(const struct tcp *t, const struct segment *g)
{
    const uint32_t window = g->wnd << t->agreed.snd_shift;
    return seq_eq(g->ack, t->snd.una) && g->len == 0 && window == t->snd.wnd &&
           seq_lt(t->snd.una, t->snd.nxt);
}

/* RFC 6582 §3.2, step 1, the careful variant: duplicates of what was outstanding at a timeout
 * or in a recovery may be the echo of segments repeated in vain. SACK tells them apart. */
static bool is_echo(const struct tcp *t)
{
    return t->rtx.careful && !t->agreed.sack && seq_leq(t->snd.una, t->rtx.recover);
}

static void duplicate_ack(struct tcp *t)
{
    if (t->cc->on_loss == NULL || t->rtx.recovering)
        return;
    t->rtx.n_dupacks++;
    if (t->rtx.fast) {
        if (!t->rtx.sacking)
            t->cc->on_dupack(t);
        return;
    }
    const bool lost = t->board != NULL && seq_lt(t->snd.una, lost_below(t));
    if ((lost || t->rtx.n_dupacks == 3) && !is_echo(t))
        begin_fast_recovery(t);
}

/* Segments of that many bytes have arrived. */
static void count_delivered(struct tcp *t, uint32_t bytes)
{
    const uint32_t mss = tcp_send_mss(t);
    t->n.delivered += bytes <= mss ? 1 : (bytes + mss - 1) / mss;
}

/* RFC 2883 §4: a first block below the ACK, or within the second, tells what has come twice.
 * Linux counts segments, and believes none that is larger than a window was. */
static void count_duplicates(struct tcp *t, const struct segment *g)
{
    const struct sack_block *b = g->opt.sack;
    const bool old = seq_lt(seq(b->left), g->ack);
    const bool within = g->opt.n_sack > 1 && seq_leq(seq(b[1].left), seq(b->left)) &&
                        seq_leq(seq(b->right), seq(b[1].right));
    const uint32_t bytes = b->right - b->left, mss = tcp_send_mss(t);
    if ((old || within) && bytes > 0 && bytes <= t->snd.max_wnd)
        t->n.duplicates += bytes <= mss ? 1 : (bytes + mss - 1) / mss;
}

void tcp_look_for_loss(struct tcp *t, const struct segment *g)
{
    if (!t->agreed.sack) {
        if (is_duplicate_ack(t, g)) {
            t->n.delivered++;
            duplicate_ack(t);
        }
    } else if (g->opt.n_sack > 0) {
        count_duplicates(t, g);
        const uint32_t fresh = take_blocks(t, g);
        if (fresh > 0)
            count_delivered(t, fresh);
        if (fresh > 0 && !seq_lt(t->snd.una, g->ack))
            duplicate_ack(t);
    }
}

/* ---- SND.UNA goes forward */

/* RFC 6582 §3.2, step 3: a full ACK ends it, a partial one shows the next hole. */
static void ack_in_fast_recovery(struct tcp *t, uint32_t acked)
{
    if (!seq_lt(t->snd.una, t->rtx.recover)) {
        end_fast_recovery(t);
        t->rtx.careful = true;
        return;
    }
    if (t->rtx.sacking)
        return; /* tcp_output repeats what is lost */
    tcp_retransmit(t);
    t->cc->on_partial_ack(t, acked);
}

static void repeat_segments(struct tcp *t, int n)
{
    struct sack_run hole;
    for (int i = 0; i < n && next_hole(t, t->rtx.recover, &hole); i++)
        if (!repeat_hole(t, hole))
            break;
}

/* After a timeout all that was outstanding is sent again as ACKs come: as much as the
 * congestion window allows, or two segments an ACK. */
static void ack_after_timeout(struct tcp *t)
{
    t->rtx.recovering = seq_lt(t->snd.una, t->rtx.recover);
    if (!t->rtx.recovering)
        return;
    t->rtx.next = seq_max(t->rtx.next, t->snd.una);
    const uint32_t arrived = t->board != NULL ? t->board->below_bytes : 0;
    const uint32_t repeated = (uint32_t)seq_from(t->snd.una, t->rtx.next) - arrived;
    const uint32_t window = t->cc->window(t), mss = tcp_send_mss(t);
    const uint32_t room = window > repeated ? window - repeated : 0;
    repeat_segments(t, t->cc->on_loss != NULL ? (int)(room / mss) : 2);
}

/* Of what is acknowledged, that of which nothing was known. Without SACK each duplicate ACK
 * told of a segment, and one at least is new (Linux). */
__attribute__((noinline)) static uint32_t not_told(struct tcp *t, uint32_t acked)
{
    const uint32_t mss = tcp_send_mss(t);
    if (t->board != NULL) {
        const uint32_t known = t->board->bytes;
        scoreboard_ack(t->board, t->snd.una);
        return acked - (known - t->board->bytes);
    }
    const uint64_t told = t->agreed.sack ? 0 : (uint64_t)t->rtx.n_dupacks * mss;
    return told + mss < acked ? acked - (uint32_t)told : acked < mss ? acked : mss;
}

void tcp_recover_on_ack(struct tcp *t, uint32_t acked)
{
    const uint32_t all = acked;
    if (t->board != NULL || t->rtx.n_dupacks > 0)
        acked = not_told(t, acked);
    if (acked > 0)
        count_delivered(t, acked);
    if (t->rtx.fast) {
        ack_in_fast_recovery(t, all);
        return;
    }
    t->rtx.n_dupacks = 0;
    t->rtx.careful = t->rtx.careful && seq_leq(t->snd.una, t->rtx.recover);
    if (t->cc->on_ack != NULL && !t->ecn.reducing)
        t->cc->on_ack(t, t->stack->params.cwnd_by_delivery ? acked : all);
    if (t->rtx.recovering)
        ack_after_timeout(t);
}

/* A peer that has thrown away what it told of (RFC 2018 §8) shows when the byte at SND.UNA is
 * SACKed: it is not trusted any more. Deviation: otherwise its blocks are kept, as by Linux,
 * where RFC 2018 says that they SHOULD be forgotten. */
static void board_on_timeout(struct tcp *t)
{
    if (t->board == NULL)
        return;
    scoreboard_mark(t->board, t->snd.una);
    if (scoreboard_holds(t->board, t->snd.una))
        scoreboard_clear(t->board, t->snd.una);
}

/* All that is outstanding is sent again. */
static void begin_again(struct tcp *t)
{
    board_on_timeout(t);
    t->rtx.fast = t->rtx.sacking = false;
    t->rtx.n_dupacks = 0;
    t->rtx.recovering = t->rtx.careful = true;
    t->rtx.recover = t->snd.nxt;
}

void tcp_recover_on_timeout(struct tcp *t)
{
    if (t->cc->on_timeout != NULL)
        t->cc->on_timeout(t);
    tcp_ecn_reduced(t);
    begin_again(t);
}

void tcp_recover_on_mtu(struct tcp *t)
{
    begin_again(t);
    t->rtx.next = t->snd.una;
    ack_after_timeout(t);
    tcp_rtx_start(t);
}
