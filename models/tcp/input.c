/* SPDX-License-Identifier: GPL-3.0-or-later
 * input.c -- a segment for a connection in any state from SYN-RECEIVED on: the steps of RFC
 * 9293 §3.10.7.4, in its order, and what follows them. Each step either goes on or has dealt
 * with the segment; sixth to eighth are in text.c.
 *
 * Security and precedence (third) went with RFC 9293.
 */
#include "models/tcp/endpoint.h"
#include "models/tcp/text.h"

#include <errno.h>

/* ---- first: check sequence number */

static bool is_acceptable(const struct tcp *t, const struct segment *g)
{
    const uint32_t wnd = t->rcv.edge.v - t->rcv.nxt.v;
    if (wnd == 0)
        return g->len == 0 && seq_eq(g->seq, t->rcv.nxt);
    if (g->len == 0)
        return seq_in(g->seq, t->rcv.nxt, wnd);
    return seq_in(g->seq, t->rcv.nxt, wnd) ||
           seq_in(seq_add(g->seq, g->len - 1), t->rcv.nxt, wnd);
}

static void strip_syn(struct segment *g)
{
    g->seq = seq_add(g->seq, 1);
    g->len--;
    g->flags &= (uint16_t)~TCP_SYN;
}

static bool repeats_syn(const struct tcp *t, const struct segment *g)
{
    return (g->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN && seq_eq(g->seq, t->irs);
}

/* Eighth: the FIN again, 2 MSL from now; by Linux's policy whatever acknowledges. */
static void restart_time_wait(struct tcp *t, const struct segment *g)
{
    const bool same_fin =
        (g->flags & TCP_FIN) != 0 && seq_eq(seq_add(g->seq, g->len), t->rcv.nxt);
    const bool any = (g->flags & TCP_ACK) != 0 && t->stack->time_wait->any_ack_restarts;
    if (t->state == TCP_TIME_WAIT && (same_fin || any))
        tcp_timer_set(t, TCP_TIMER_TIME_WAIT, time_add(t->stack->sim->now, tcp_tw_wait(t)));
}

/* The SYN of a request again: by Linux's rule and FreeBSD's the SYN-ACK again. */
static bool answers_again(struct tcp *t, const struct segment *g)
{
    if (t->state != TCP_SYN_RECEIVED || !repeats_syn(t, g) ||
        (!t->fo.is_child && !t->stack->rules.syn_ack_again))
        return false;
    if (!tcp_may_answer(t, g))
        return true;
    tcp_retransmit(t);
    if (!t->fo.is_child || !t->stack->rules.syn_ack_again) /* Linux: a child's own goes on */
        tcp_timer_set(t, TCP_TIMER_RTX, time_add(t->stack->sim->now, t->rtx.rto));
    return true;
}

/* Not acceptable: answered by an ACK, unless it resets. */
static enum step refuse(struct tcp *t, const struct segment *g)
{
    if ((g->flags & TCP_RST) != 0)
        return STEP_STOP;
    if ((t->light || t->fo.is_child) && answers_again(t, g))
        return STEP_STOP;
    if (t->hs->repeats_answer && t->passive && repeats_syn(t, g)) {
        t->account->retransmissions++;
        t->hs->answer(t);
        return STEP_STOP;
    }
    restart_time_wait(t, g);
    if (g->p->len > 0 && seq_lt(g->seq, t->rcv.nxt))
        tcp_note_duplicate(t, g->seq, seq_add(g->seq, g->p->len));
    tcp_answer_invalid(t, g);
    return STEP_STOP;
}

/* FreeBSD's window is the room of the buffer, told or not; here for what has no data, which may
 * be more than was announced where windows are not scaled. Of a segment that lies before the
 * window nothing is left but its ACK; and ours is due. */
__attribute__((noinline)) static bool survives_trimming(struct tcp *t, struct segment *g)
{
    const bool opens = t->state == TCP_SYN_RECEIVED && t->passive;
    if (!t->stack->rules.trims || opens || t->state == TCP_TIME_WAIT)
        return false;
    const int64_t room = t->rcvbuf - (int64_t)(t->rcvq.ready - t->rcvq.read);
    if ((g->p->len == 0 || (g->flags & (TCP_RST | TCP_SYN)) != 0) &&
        (g->flags & TCP_FIN) == 0 && room > 0 && seq_in(g->seq, t->rcv.nxt, (uint32_t)room))
        return true;
    if (g->len == 0 && seq_eq(g->seq, t->rcv.edge)) /* the peer has filled the window */
        return true;
    const bool old = g->len > 0 && seq_leq(seq_add(g->seq, g->len), t->rcv.nxt);
    if (!old || (g->flags & (TCP_RST | TCP_SYN)) != 0)
        return false;
    if (g->p->len > 0)
        tcp_note_duplicate(t, g->seq, seq_add(g->seq, g->p->len));
    g->len = 0;
    g->flags &= (uint16_t)~TCP_FIN;
    tcp_ack_soon(t, ACK_NOW);
    return true;
}

/* Linux's tcp_sequence() for what ends beyond the window: data that begins in it is taken
 * whole, or, where some waits to be read, not at all; a FIN behind it is taken. What was
 * announced stays: the right edge moves when RCV.NXT gets there. */
__attribute__((noinline)) static enum step check_end(struct tcp *t, struct segment *g)
{
    const bool fin = (g->flags & TCP_FIN) != 0;
    const tcp_seq text_end = seq_add(g->seq, g->len - fin);
    const bool closed = seq_eq(t->rcv.edge, t->rcv.nxt);
    if ((g->flags & (TCP_SYN | TCP_RST)) != 0 || !tcp_states[t->state].may_receive ||
        seq_lt(t->rcv.edge, g->seq) || (closed && g->p->len > 0))
        return STEP_ON;
    const bool overrun = seq_lt(t->rcv.edge, text_end);
    if (overrun && tcp_unread(t) > 0)
        return refuse(t, g);
    t->rcv.overrun = overrun;
    g->whole = true;
    if (closed)
        tcp_ack_soon(t, ACK_NOW);
    return STEP_ON;
}

static enum step check_sequence(struct tcp *t, struct segment *g)
{
    const uint16_t syn_ack = TCP_SYN | TCP_ACK;
    /* Deviation: the literal test would only answer a SYN-ACK that meets SYN-RECEIVED
     * (simultaneous open, four-way) with an ACK; taken without its SYN it is what RFC figure 7
     * and Linux show. It is answered all the same. */
    const bool meets_syn = !t->passive || t->hs->keeps_lone_ack;
    const bool syn_unacked =
        meets_syn && (t->state == TCP_SYN_RECEIVED || seq_eq(t->snd.una, t->iss));
    if (syn_unacked && (g->flags & (syn_ack | TCP_RST)) == syn_ack && seq_eq(g->seq, t->irs)) {
        if (t->fo.kind == OPTION_ECHO) { /* the server has nothing yet */
            tcp_retransmit(t);
            return STEP_STOP;
        }
        tcp_note_duplicate(t, g->seq, t->rcv.nxt);
        strip_syn(g);
        tcp_ack_soon(t, ACK_NOW);
    }
    if (tcp_paws_rejects(t, g))
        return refuse(t, g);
    const bool beyond = seq_lt(t->rcv.edge, seq_add(g->seq, g->len));
    if (beyond && t->stack->rules.takes_whole && check_end(t, g) == STEP_STOP)
        return STEP_STOP;
    const bool zero_window = g->len > 0 && seq_eq(t->rcv.edge, t->rcv.nxt) &&
                             seq_eq(g->seq, t->rcv.nxt) && !g->whole;
    if (!zero_window && !g->whole && !is_acceptable(t, g) && !survives_trimming(t, g))
        return refuse(t, g);
    tcp_note_timestamp(t, g);
    if (zero_window) { /* "special allowance should be made to accept valid ACKs, URGs, and
                          RSTs" */
        tcp_ack_soon(t, ACK_NOW);
        g->len = 0;
        g->flags &= (uint16_t) ~(TCP_SYN | TCP_FIN);
    }
    return STEP_ON;
}

/* ---- second: check the RST bit. RFC 5961 §3: exactly the next number resets, elsewhere in the
 * window is challenged; by RFC 793 the whole window resets. */

static int reset_error(const struct tcp *t)
{
    switch (t->state) {
    case TCP_SYN_RECEIVED:
        return t->fo.is_child || t->stack->rules.linux_reset_error ? ECONNRESET : ECONNREFUSED;
    case TCP_CLOSE_WAIT:
        return t->stack->rules.linux_reset_error ? EPIPE : ECONNRESET;
    case TCP_TIME_WAIT:
        return 0;
    default:
        return ECONNRESET;
    }
}

static enum step check_rst(struct tcp *t, struct segment *g)
{
    if ((g->flags & TCP_RST) == 0)
        return STEP_ON;
    if (!seq_eq(g->seq, t->rcv.nxt) && t->stack->rules.exact_resets) {
        if (t->state != TCP_TIME_WAIT || !t->stack->time_wait->exact_resets) {
            t->account->resets_that[RESET_CHALLENGED]++;
            tcp_challenge(t);
        }
        return STEP_STOP;
    }
    t->account->resets_that[t->state == TCP_SYN_RECEIVED ? RESET_HALF_OPEN
                            : t->state == TCP_TIME_WAIT  ? RESET_TIME_WAIT
                                                         : RESET_ENDS]++;
    t->account->n_reset +=
        (t->state != TCP_SYN_RECEIVED || t->fo.is_child) && t->state != TCP_TIME_WAIT;
    tcp_finish(t, reset_error(t), "RST");
    return STEP_STOP;
}

/* ---- fourth: check the SYN bit. RFC 5961 §4: a challenge, whatever its number; by RFC 793 one
 * in the window resets. */

static enum step check_syn(struct tcp *t, struct segment *g)
{
    if ((g->flags & TCP_SYN) == 0)
        return STEP_ON;
    if (t->state == TCP_SYN_RECEIVED && t->passive) {
        tcp_finish(t, ECONNRESET, "SYN in window");
    } else if (t->stack->rules.syns_challenged ||
               (t->state == TCP_TIME_WAIT && t->stack->time_wait->never_resets)) {
        restart_time_wait(t, g);
        tcp_challenge(t);
    } else {
        tcp_send_reset(t, RESET_SYN);
        t->account->n_reset++;
        tcp_finish(t, ECONNRESET, "SYN in window");
    }
    return STEP_STOP;
}

/* ---- fifth: check the ACK field */

static void update_send_window(struct tcp *t, const struct segment *g)
{
    if (!seq_lt(t->snd.wl1, g->seq) &&
        !(seq_eq(t->snd.wl1, g->seq) && seq_leq(t->snd.wl2, g->ack)))
        return; /* an older segment */
    t->snd.wnd = g->wnd << t->agreed.snd_shift;
    t->snd.wl1 = g->seq;
    t->snd.wl2 = g->ack;
    t->snd.max_wnd = t->snd.wnd > t->snd.max_wnd ? t->snd.wnd : t->snd.max_wnd;
}

static enum step ack_in_syn_received(struct tcp *t, const struct segment *g)
{
    if (!seq_lt(t->snd.una, g->ack) || !seq_leq(g->ack, t->snd.max)) {
        tcp_reply_reset(t->stack, t->account, g, RESET_BAD_ACK);
        return STEP_STOP;
    }
    if (t->passive && !t->fo.is_child && !tcp_may_complete(t, g))
        return STEP_STOP;
    tcp_syn_acked(t, g);
    t->snd.wnd = t->snd.max_wnd = g->wnd << t->agreed.snd_shift;
    t->snd.wl1 = g->seq;
    t->snd.wl2 = g->ack;
    tcp_timer_off(t, TCP_TIMER_RTX);
    tcp_established(t, "ACK");
    if (seq_lt(t->ts.last_ack_sent, t->rcv.nxt)) /* came with a SYN that crossed ours */
        tcp_ack_soon(t, ACK_DELAYED);
    t->fo.kind = 0;
    if (seq_lt(t->snd.una, t->snd.nxt)) /* a child has sent data */
        tcp_rtx_start(t);
    return STEP_ON;
}

void tcp_take_ack(struct tcp *t, const struct segment *g)
{
    struct sndq *q = &t->sndq;
    const uint32_t acked = g->ack.v - t->snd.una.v;
    const uint64_t offset = q->una + (g->ack.v - tcp_seq_of(t, q->una).v);
    t->snd.una = g->ack;
    t->rtx.since = t->stack->sim->now;
    t->snd.small_end =
        seq_max(t->snd.small_end, t->snd.una); /* never so far behind that it looks later */
    if (seq_lt(t->snd.nxt, t->snd.una)) {      /* a window probe was taken */
        t->snd.nxt = t->snd.una;
        t->account->bytes_sent += offset <= q->end;
    }
    t->snd.fin_acked = t->snd.fin_queued && offset > q->end;
    if (t->snd.fin_acked) /* taken as a window probe, perhaps */
        tcp_timer_off(t, TCP_TIMER_PERSIST);
    sndq_ack(q, offset < q->end ? offset : q->end);
    tcp_measure(t, g);
    t->rtx.n_repeats = 0;
    t->rtx.doubted = false;
    tcp_recover_on_ack(t, acked);
    tcp_tail_on_ack(t, g);
    tcp_rtx_start(t);
    if (q->una == q->end)
        t->pending |= TCP_EV_SENT;
    if (t->snd.want_room && tcp_send_room(t) > 0) {
        t->snd.want_room = false;
        t->pending |= TCP_EV_WRITABLE;
    }
}

/* TCP_LINGER2 below 0: nobody waits for the peer's FIN (Linux). */
static bool abandons(struct tcp *t, const struct segment *g)
{
    if (t->state != TCP_FIN_WAIT_2 || !t->released || t->opt->linger2 != SIM_NEVER)
        return false;
    tcp_reply_reset(t->stack, t->account, g, RESET_ORPHAN);
    tcp_finish(t, ECONNABORTED, "TCP_LINGER2");
    return true;
}

/* What the acknowledgment of our FIN does. */
static enum step ack_of_fin(struct tcp *t, const struct segment *g)
{
    const bool straight = t->stack->rules.straight_to_wait;
    switch (t->state) {
    case TCP_FIN_WAIT_1:
        if (!straight || (g->flags & TCP_FIN) == 0 || !seq_eq(g->seq, t->rcv.nxt))
            tcp_set_state(t, TCP_FIN_WAIT_2, "ACK of FIN");
        return abandons(t, g) ? STEP_STOP : STEP_ON;
    case TCP_CLOSING:
        tcp_set_state(t, TCP_TIME_WAIT, "ACK of FIN");
        return STEP_STOP;
    case TCP_LAST_ACK:
        if (t->hs->by_timer)
            tcp_set_state(t, TCP_TIME_WAIT, "ACK of FIN");
        else
            tcp_finish(t, 0, "ACK of FIN");
        return STEP_STOP;
    default:
        return STEP_ON;
    }
}

/* RFC 5961 §5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT; by RFC 793 whatever is old is a
 * duplicate, so that half of all numbers will do. */
static bool is_ack_out_of_range(const struct tcp *t, const struct segment *g)
{
    const tcp_seq oldest = seq(t->snd.una.v - t->snd.max_wnd);
    return seq_lt(t->snd.max, g->ack) ||
           (seq_lt(g->ack, oldest) && t->stack->rules.old_acks_refused);
}

static enum step check_ack(struct tcp *t, struct segment *g)
{
    if ((g->flags & TCP_ACK) == 0)
        return STEP_STOP;
    restart_time_wait(t, g);
    if (t->state == TCP_TIME_WAIT && (g->len > 0 || !seq_eq(g->seq, t->rcv.nxt)))
        tcp_answer_invalid(t, g); /* whatever it is, the peer is out of step */
    if (t->state == TCP_SYN_RECEIVED && ack_in_syn_received(t, g) == STEP_STOP)
        return STEP_STOP;
    if (is_ack_out_of_range(t, g)) {
        const bool unsent = seq_lt(t->snd.max, g->ack);
        if (!unsent || t->state != TCP_ESTABLISHED || !t->stack->rules.unsent_acks_lost)
            tcp_challenge(t);
        return STEP_STOP;
    }
    if (g->opt.cookie_kind == OPTION_ECHO) /* SCTP's COOKIE-ACK, as often as it is asked for */
        tcp_ack_soon(t, ACK_NOW);
    t->rtx.n_probes = 0;
    t->rcv.heard_at = t->stack->sim->now;
    tcp_look_for_loss(t, g);
    if (t->ecn.on)
        tcp_ecn_on_ack(t, g);
    if (seq_leq(t->snd.una, g->ack))
        update_send_window(t, g);
    if (t->snd.wnd == 0)
        t->rtx.n_repeats =
            0; /* the repeats are window probes then, and answered: RFC 9293 MUST-35, MUST-37 */
    if (__builtin_expect(t->deadline[TCP_TIMER_PERSIST] != SIM_NEVER, 0))
        tcp_persist_on_ack(t);
    if (seq_lt(t->snd.una, g->ack))
        tcp_take_ack(t, g);
    return t->snd.fin_acked ? ack_of_fin(t, g) : STEP_ON;
}

static enum step (*const steps[])(struct tcp *t, struct segment *g) = {
    check_sequence, check_rst,      check_syn,     check_ack,
    tcp_check_urg,  tcp_check_text, tcp_check_fin,
};

void tcp_input_steps(struct tcp *t, struct segment *g)
{
    const struct tcp_time_wait *policy = t->stack->time_wait;
    const bool rst = (g->flags & TCP_RST) != 0, ack = (g->flags & TCP_ACK) != 0;
    const bool deaf = policy->ignores_resets || t->stack->params.rfc1337;
    const bool thrown_away = rst ? deaf : policy->needs_ack && !ack;
    if (t->state == TCP_TIME_WAIT && thrown_away)
        return;
    if (t->was_reset && !rst && (g->len > 0 || !seq_eq(g->seq, t->rcv.nxt))) {
        /* it goes on, or asks: our reset was lost, and an ACK would keep it waiting */
        tcp_reply_reset(t->stack, t->account, g, RESET_NO_CONNECTION);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i](t, g) == STEP_STOP)
            break;
}

/* ---- after the steps */

/* Data that came with a SYN waits for ESTABLISHED (RFC 9293 §3.10.7.3); who has let go hears
 * only of the end. */
static uint32_t may_be_told(const struct tcp *t)
{
    if (t->state == TCP_SYN_RECEIVED && !t->fo.is_child)
        return 0;
    return t->released ? TCP_EV_CLOSED | TCP_EV_ERROR : UINT32_MAX;
}

static void tell(struct tcp *t)
{
    while ((t->pending & may_be_told(t)) != 0 && t->user != NULL) {
        const uint32_t bits = t->pending & may_be_told(t);
        t->pending &= ~bits;
        t->user->on_event(t->user, t, bits);
    }
}

static void settle_output(struct tcp *t)
{
    const struct tcp_ack_rule *rule = t->stack->ack_rule;
    tcp_output(t);
    const sim_time wait = t->rcv.ack == ACK_DELAYED ? rule->wait(t) : 0;
    if (t->rcv.ack != ACK_NONE && wait == 0)
        tcp_send_ack(t);
    else if (t->rcv.ack == ACK_DELAYED &&
             t->stack->sim->now + wait < t->deadline[TCP_TIMER_DELACK])
        tcp_timer_set(t, TCP_TIMER_DELACK, t->stack->sim->now + wait);
}

/* By the RFC's rule the application is told before the ACK leaves, so that what it does at once
 * (a reply, a close) can carry it: three segments close a connection whose server closes on
 * EOF. */
void tcp_settle(struct tcp *t)
{
    t->busy++;
    if (t->rcv.ack == ACK_NOW && t->stack->ack_rule->before_application)
        tcp_send_ack(t);
    if (t->accept_due) {
        t->accept_due = false;
        tcp_enqueue_accept(t);
    }
    tell(t);
    if (t->state != TCP_CLOSED && t->state != TCP_LISTEN)
        settle_output(t);
    t->busy--;
}
