/* SPDX-License-Identifier: GPL-3.0-or-later
 * open.c -- segments for CLOSED, LISTEN and SYN-SENT: RFC 9293 §3.10.7.1 to §3.10.7.3, in its
 * order.
 */
#include "models/tcp/cookie.h"
#include "models/tcp/cookie_echo.h"
#include "models/tcp/endpoint.h"
#include "sim/address.h"

#include <errno.h>

void tcp_input_closed(struct tcp_stack *s, const struct segment *g)
{
    s->nobody.segments_received++;
    if ((g->flags & TCP_RST) == 0 && s->rules.closed_ports_reset)
        tcp_reply_reset(s, &s->nobody, g, RESET_NO_CONNECTION);
}

void tcp_round_rcvbuf(struct tcp *t)
{
    const int64_t mss = t->snd.mss;
    if (t->stack->params.rcvbuf_in_mss && t->rcvbuf > mss)
        t->rcvbuf = (t->rcvbuf + mss - 1) / mss * mss;
}

/* What both ends of an opening learn from the other's SYN. */
void tcp_learn_syn(struct tcp *t, const struct segment *g)
{
    t->irs = g->seq;
    t->rcv.nxt = seq_add(g->seq, 1);
    tcp_agree(t, g);
    tcp_ecn_learn(t, g);
    t->rcv.edge = seq_add(t->rcv.nxt, tcp_syn_window(t));
    t->peer_stream = g->p->stream;
    /* RFC 9293 §3.7.1: what the peer takes, never more than we would */
    const uint32_t told = g->opt.mss != 0 ? g->opt.mss : tcp_default_mss(t->remote.ip);
    tcp_path_begin(t, told);
    tcp_round_rcvbuf(t);
    t->snd.wnd = t->snd.max_wnd = g->wnd;
    t->snd.wl1 = g->seq;
    t->snd.wl2 = g->ack;
    if (t->first_of_account) {
        t->account->isn_remote = g->seq.v;
        t->account->window_remote = g->wnd;
        t->account->mss_remote = g->opt.mss != 0 ? g->opt.mss : -1;
    }
}

void tcp_syn_acked(struct tcp *t, const struct segment *g)
{
    const sim_time initial = t->stack->params.rto_initial;
    const bool stamped = !t->rtx.timing && t->stack->rules.stamps_measure;
    const sim_time rtt = stamped         ? tcp_echoed_rtt(t, g)
                         : t->rtx.timing ? t->stack->sim->now - t->rtx.timed_at
                                         : SIM_NEVER;
    t->snd.una = seq_max(t->snd.una, seq_add(t->iss, 1)); /* of data beyond: tcp_take_ack */
    t->n.delivered++;
    if (t->first_of_account && t->account->isn_acked_by < 0)
        t->account->isn_acked_by = (uint32_t)seq_from(t->iss, g->ack);
    if (rtt != SIM_NEVER)
        tcp_rtt_sample(t, rtt);
    else if (t->rtx.srtt == 0) { /* SYN repeated: RFC 6298 §5.7 */
        t->rtx.rto = time_min(time_max(initial, SEC(3)), t->opt->rto_max);
        t->rtx.n_doubled = 0;
    }
    t->rtx.timing = false;
}

void tcp_established(struct tcp *t, const char *cause)
{
    t->rtx.n_repeats = 0;
    t->rcv.heard_at = t->stack->sim->now;
    tcp_rcvwnd_begin(t);
    t->snd.last_data_at = t->rcv.last_data_at = t->rcv.heard_at; /* as Linux counts */
    tcp_set_state(t, TCP_ESTABLISHED, cause);
    t->pending |= t->passive || t->fo.told ? 0 : TCP_EV_CONNECTED;
    if (t->snd.fin_queued)
        tcp_set_state(t, TCP_FIN_WAIT_1, "close() called earlier");
    t->accept_due = t->listener != NULL && !t->fo.is_child;
}

/* Beyond all that the connection before has used, as far as Linux goes. */
static void begin_above(struct tcp *t, tcp_seq last)
{
    t->iss = seq_add(last, 65537);
    t->snd.una = t->snd.nxt = t->snd.max = t->snd.small_end = t->iss;
}

/* What of the SYN is kept needs an endpoint, and so does what the handshake must repeat. */
static bool fits_a_request(const struct tcp_stack *s, const struct segment *g)
{
    const bool keeps = g->len > 1 && s->rules.keeps_syn_data;
    return s->hs->queues_requests && !keeps;
}

/* From LISTEN on, as far as the SYN's own options and numbers. */
static void begin_passive(struct tcp *t, struct tcp_listener *l, const struct segment *g,
                          const tcp_seq *above)
{
    const struct packet *p = g->p;
    tcp_endpoint_init(t, l->stack, (struct tcp_addr){p->dst, p->dport},
                      (struct tcp_addr){p->src, p->sport}, l->user);
    tcp_begin(t, TCP_LISTEN, l->user);
    if (above != NULL && (l->stack->time_wait->isn_follows || !seq_lt(*above, t->iss)))
        begin_above(t, *above);
    t->listener = l;
    l->n_half_open++;
}

static void open_request(struct tcp_listener *l, const struct segment *g, const tcp_seq *above)
{
    struct tcp t = {.light = true};
    begin_passive(&t, l, g, above);
    tcp_announce(&t);
    tcp_count_received(&t, g->p);
    tcp_learn_syn(&t, g);
    tcp_set_state(&t, TCP_SYN_RECEIVED, "SYN");
    if (g->opt.cookie_kind != 0)
        tcp_fastopen_offer(&t, l, g);
    t.hs->answer(&t);
    tcp_request_new(&t);
}

/* RFC 7413 §4.2.2: the SYN brought a right cookie. The window that it tells begins behind our
 * SYN. */
static void open_child(struct tcp_listener *l, const struct segment *g, const tcp_seq *above)
{
    struct tcp *t = tcp_endpoint_take(l->stack);
    begin_passive(t, l, g, above);
    tcp_settle_in(t);
    t->busy++;
    tcp_announce(t);
    tcp_count_received(t, g->p);
    tcp_learn_syn(t, g);
    t->snd.wnd++;
    t->fo.syn_data = t->fo.data_acked = g->p->len > 0;
    tcp_rcvwnd_begin(t);
    tcp_take_text(t, g);
    t->rcv.ato = 0; /* Linux: the SYN-ACK covers this data, the delay of ACKs begins later */
    t->rcv.quick = 0;
    tcp_set_state(t, TCP_SYN_RECEIVED, "SYN with a cookie");
    tcp_fastopen_join(t, l);
    if (tcp_fastopen_is_outdated(l, g))
        tcp_fastopen_offer(t, l, g);
    if (t->cc->init != NULL)
        t->cc->init(t);
    t->hs->answer(t);
    tcp_enqueue_accept(t);
    tcp_settle(t);
    t->busy--;
    tcp_maybe_free(t);
}

static void open_passive(struct tcp_listener *l, const struct segment *g, const tcp_seq *above)
{
    struct tcp_stack *s = l->stack;
    const struct packet *p = g->p;
    struct tcp *t = tcp_endpoint_take(s);
    begin_passive(t, l, g, above);
    tcp_settle_in(t);
    t->busy++;
    tcp_announce(t);
    tcp_count_received(t, p);
    tcp_learn_syn(t, g);
    if (t->hs->by_timer || s->rules.keeps_syn_data)
        tcp_take_text(t, g);
    if (t->hs->established_on_syn) {
        t->hs->answer(t);
        t->snd.una =
            t->snd.nxt; /* nobody will tell it otherwise: its own SYN counts as acknowledged */
        tcp_timer_off(t, TCP_TIMER_RTX);
        t->rtx.timing = false;
        tcp_established(t, "SYN");
    } else {
        tcp_set_state(t, TCP_SYN_RECEIVED, "SYN");
        if (g->opt.cookie_kind != 0)
            tcp_fastopen_offer(t, l, g);
        t->hs->answer(t);
        t->fo.kind = 0; /* a repeat goes without it (Linux) */
    }
    tcp_settle(t);
    t->busy--;
    tcp_maybe_free(t);
}

void tcp_input_listen(struct tcp_listener *l, const struct segment *g, const tcp_seq *above)
{
    struct tcp_account *a = l->user->account;
    struct tcp_stack *s = l->stack;
    if ((g->flags & TCP_RST) != 0)
        return; /* first: nothing that it could be for */
    if (address_is_group(s->sim, g->p->src))
        return; /* MUST-63: nobody that could be answered */
    if ((g->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) && s->rules.syn_ack_ignored)
        return;
    if ((g->flags & TCP_ACK) != 0) {
        a->segments_received++;
        tcp_reply_reset(s, a, g, RESET_NO_CONNECTION);
        return;
    }
    if ((g->flags & TCP_SYN) != 0 && s->hs->echoes_cookie) {
        tcp_echo_answer(l, g);
        return;
    }
    const bool synfin = (g->flags & TCP_FIN) != 0 && s->rules.synfin_opens_not;
    if ((g->flags & TCP_SYN) == 0 || synfin)
        return;
    const enum tcp_synq_verdict verdict = tcp_synq_admit(l, g);
    if (verdict == SYNQ_COOKIE)
        tcp_cookie_answer(l, g);
    else if (verdict == SYNQ_TAKE && tcp_fastopen_admits(l, g))
        open_child(l, g, above);
    else if (verdict == SYNQ_TAKE)
        (fits_a_request(s, g) ? open_request : open_passive)(l, g, above);
}

/* The third segment. Linux: a write that waits since SYN-SENT carries it, else it goes alone.
 */
static void confirm(struct tcp *t)
{
    tcp_ack_soon(t, ACK_NOW);
    if (!t->stack->rules.third_goes_alone)
        return;
    tcp_output(t);
    if (t->rcv.ack != ACK_NONE)
        tcp_send_ack(t);
    else if (!t->fo.syn_data || t->fo.data_acked) /* what is sent again is no answer */
        t->rcv.pingpong = true;
}

static void take_rest(struct tcp *t, const struct segment *g)
{
    tcp_take_text(t, g);
    tcp_take_fin(t);
}

/* What came with a SYN that crossed ours waits for ESTABLISHED: RFC 9293 §3.10.7.3. */
static void take_crossed_text(struct tcp *t, struct segment g)
{
    const struct tcp_rules *rules = &t->stack->rules;
    if (!rules->crossed_fin)
        g.flags &= (uint16_t)~TCP_FIN;
    if (rules->crossed_data)
        tcp_take_text(t, &g);
    t->rcv.ack = ACK_NONE; /* nothing is acknowledged before that either */
}

/* The SYN of an active open has come: with our own SYN acknowledged the connection stands,
 * otherwise both opened at once (RFC 9293 figure 7). */
static void take_syn(struct tcp *t, const struct segment *g)
{
    tcp_learn_syn(t, g);
    t->fo.deferred = false; /* ours waits no longer: it leaves with the answer */
    if (seq_eq(t->snd.una, t->iss)) {
        tcp_set_state(t, TCP_SYN_RECEIVED, "SYN");
        tcp_send_synack(t);
        take_crossed_text(t, *g);
        return;
    }
    tcp_timer_off(t, TCP_TIMER_RTX);
    tcp_established(t, (g->flags & TCP_ACK) != 0 ? "SYN,ACK" : "SYN");
    if (t->fo.asked || t->fo.syn_data)
        tcp_fastopen_synack(t, g);
    const bool text_first = t->fo.data_acked; /* Linux: one ACK for the SYN and its data */
    if (text_first)
        take_rest(t, g);
    if (t->hs->client_acks)
        confirm(t);
    if (!text_first)
        take_rest(t, g);
}

/* Linux: an ACK of nothing that was sent tells of an older connection at the peer, which the
 * reset ends, or did, if the ACK's own reset is lost; the first repeat of the SYN need not wait
 * for its whole timeout. */
static void repeat_soon(struct tcp *t, const struct segment *g)
{
    const sim_time wait = t->stack->params.timeout_min;
    const bool sent = seq_lt(t->iss, g->ack) && seq_leq(g->ack, t->snd.max);
    if (sent || wait == SIM_NEVER || t->rtx.n_repeats > 0 || t->fo.deferred)
        return;
    t->rtx.rto_at = time_add(t->stack->sim->now, wait);
    tcp_timer_set(t, TCP_TIMER_RTX, t->rtx.rto_at);
}

void tcp_input_syn_sent(struct tcp *t, const struct segment *g)
{
    const bool has_ack = (g->flags & TCP_ACK) != 0;
    /* the timestamp: Linux's test, by the same reason */
    const bool acceptable = has_ack && seq_lt(t->iss, g->ack) && seq_leq(g->ack, t->snd.max) &&
                            !tcp_echoes_no_stamp(t, g);
    if (has_ack && !acceptable) { /* first */
        repeat_soon(t, g);
        if ((g->flags & TCP_RST) == 0)
            tcp_reply_reset(t->stack, t->account, g, RESET_BAD_ACK);
        return;
    }
    if ((g->flags & TCP_RST) != 0) { /* second */
        if (has_ack) {
            t->account->resets_that[RESET_REFUSES]++;
            tcp_finish(t, ECONNREFUSED, "RST");
        }
        return;
    }
    const bool syn = (g->flags & TCP_SYN) != 0;
    if (t->hs->echoes_cookie && has_ack && syn) {
        if (tcp_brings_echo(g))
            tcp_echo_cookie(t, g);
        return;
    }
    if (has_ack && (syn || t->hs->keeps_lone_ack)) /* fourth */
        tcp_syn_acked(t, g);
    if (syn)
        take_syn(t, g);
}
