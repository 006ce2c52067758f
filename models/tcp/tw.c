/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/tw.h"

#include "models/tcp/endpoint.h"
#include "models/tcp/timer_based.h"
#include "models/tcp/world.h"

enum {
    TW_PASSIVE = 1,
    TW_FIRST = 2, /* of its account */
    TW_GHOST = 4,
    TW_TIMESTAMPS = 8,
    TW_SACK = 16,
    TW_SCALED = 32,
    TW_ANSWERED = 64, /* a segment that was out of step */
    TW_RESET = 128,
};

/* Instants of answers, of which so many bits are kept: after 2.3 hours they look new again. */
enum { ANSWER_TICK = 8000000, ANSWER_TICKS = 1 << 20 };

/* ---- an endpoint becomes an entry */

static uint8_t flags_of(const struct tcp *t)
{
    return (uint8_t)((t->passive ? TW_PASSIVE : 0) | (t->first_of_account ? TW_FIRST : 0) |
                     (t->ghost ? TW_GHOST : 0) | (t->agreed.timestamps ? TW_TIMESTAMPS : 0) |
                     (t->agreed.sack ? TW_SACK : 0) | (t->agreed.scaled ? TW_SCALED : 0) |
                     (t->rcv.challenged_at != SIM_NEVER ? TW_ANSWERED : 0) |
                     (t->was_reset ? TW_RESET : 0));
}

static void learn(struct tcp_tw *w, const struct tcp *t)
{
    w->entry.flags = flags_of(t);
    w->snd_nxt = t->snd.nxt.v;
    w->rcv_nxt = t->rcv.nxt.v;
    w->rcv_wnd = t->rcv.edge.v - t->rcv.nxt.v;
    w->max_wnd = t->snd.max_wnd;
    w->ts_recent = t->ts.recent;
    w->recent_s = (uint32_t)(t->ts.recent_at / SEC(1));
    w->snd_shift = t->agreed.snd_shift & 0xf; /* at most 14 */
    w->rcv_shift = t->agreed.rcv_shift & 0xf;
    if (t->rcv.challenged_at != SIM_NEVER)
        w->answered = (uint32_t)(t->rcv.challenged_at / ANSWER_TICK) % ANSWER_TICKS;
}

/* The latest instant that it can mean. */
static sim_time answered_at(const struct tcp_tw *w, sim_time now)
{
    if ((w->entry.flags & TW_ANSWERED) == 0)
        return SIM_NEVER;
    const uint32_t ago = (uint32_t)(now / ANSWER_TICK) - w->answered;
    return now - now % ANSWER_TICK - (sim_time)(ago % ANSWER_TICKS) * ANSWER_TICK;
}

/* 2 MSL that begin at this instant keep the line in order. */
static bool fits_an_entry(const struct tcp *t)
{
    const struct tcp_stack *s = t->stack;
    const bool begins_now =
        t->deadline[TCP_TIMER_TIME_WAIT] == time_add(s->sim->now, tcp_tw_wait(t));
    const bool answers_syns = t->passive && t->hs->repeats_answer;
    return begins_now && !answers_syns && t->rcv.ack == ACK_NONE && tcp_unread(t) == 0;
}

static void expired(struct tcp_stack *s, struct tcp_entry *e);

static void begin_wait(struct tcp_stack *s, struct tcp_tw *w, sim_time wait)
{
    tcp_line_add(tcp_line_of(s, &s->tw_lines, wait, expired), &w->entry);
}

/* The application hears now that it is over: it has no socket, and 2 MSL are not its affair. */
static void tell_the_end(struct tcp *t)
{
    struct tcp_user *user = t->user;
    t->user = NULL;
    if (user == NULL)
        return;
    t->busy++;
    user->on_event(user, t, TCP_EV_CLOSED);
    t->busy--;
}

void tcp_tw_take_over(struct tcp *t)
{
    struct tcp_stack *s = t->stack;
    tell_the_end(t);
    if (!fits_an_entry(t))
        return;
    const sim_time wait = tcp_tw_wait(t);
    const struct tcp_addr local = t->local;
    struct tcp_tw *w = pool_take(&s->tw_pool, &s->sim->arena);
    tcp_entry_init(&w->entry, ENTRY_TIME_WAIT, t->local, t->remote);
    w->account = t->account;
    w->number = t->number;
    w->hold = t->hold;
    learn(w, t);
    tcp_unhash(t);
    tcp_free(t);
    tcp_table_add(&s->table, s->sim, &w->entry);
    level_add(&w->account->entries[FORM_TIME_WAIT], s->sim->now, 1);
    tcp_port_take(s, (struct tcp_hold){local.ip, local.port, w->hold});
    begin_wait(s, w, wait);
}

/* ---- and an endpoint again, for one event */

void tcp_tw_revive(struct tcp_stack *s, struct tcp_tw *w, struct tcp *t)
{
    const uint8_t flags = w->entry.flags;
    tcp_endpoint_init(t, s, tcp_entry_local(&w->entry), tcp_entry_remote(&w->entry), NULL);
    t->light = true;
    t->stands_for = &w->entry;
    t->account = w->account;
    t->number = w->number;
    t->state = TCP_TIME_WAIT;
    t->passive = (flags & TW_PASSIVE) != 0;
    t->first_of_account = (flags & TW_FIRST) != 0;
    t->ghost = (flags & TW_GHOST) != 0;
    t->was_reset = (flags & TW_RESET) != 0;
    t->released = t->fin_seen = true;
    t->snd.una = t->snd.nxt = t->snd.max = t->snd.small_end = seq(w->snd_nxt);
    t->iss = seq(w->snd_nxt - 2); /* nothing but a FIN was sent */
    t->snd.max_wnd = w->max_wnd;
    t->snd.fin_queued = t->snd.fin_acked = true;
    t->rcv.nxt = t->ts.last_ack_sent = seq(w->rcv_nxt);
    t->irs = seq(w->rcv_nxt - 2); /* nothing but a FIN has come */
    t->rcv.edge = seq(w->rcv_nxt + w->rcv_wnd);
    t->rcvbuf = w->rcv_wnd;
    t->rcv.fin_at = 0;
    t->rcv.fin_taken = true;
    t->rcv.challenged_at = answered_at(w, s->sim->now);
    t->agreed.timestamps = (flags & TW_TIMESTAMPS) != 0;
    t->agreed.sack = (flags & TW_SACK) != 0;
    t->agreed.scaled = (flags & TW_SCALED) != 0;
    t->agreed.snd_shift = w->snd_shift;
    t->agreed.rcv_shift = w->rcv_shift;
    t->ts.recent = w->ts_recent;
    t->ts.recent_at = w->recent_s * SEC(1);
    t->deadline[TCP_TIMER_TIME_WAIT] = w->entry.due_at;
}

void tcp_tw_keep(struct tcp *t)
{
    struct tcp_tw *w = (struct tcp_tw *)t->stands_for;
    struct tcp_stack *s = t->stack;
    if (w == NULL)
        return;
    learn(w, t);
    if (t->deadline[TCP_TIMER_TIME_WAIT] == w->entry.due_at)
        return;
    tcp_line_remove(s, s->tw_lines, &w->entry);
    begin_wait(s, w, t->deadline[TCP_TIMER_TIME_WAIT] - s->sim->now);
}

void tcp_tw_remove(struct tcp_stack *s, struct tcp_tw *w)
{
    if (w->entry.due_at != SIM_NEVER)
        tcp_line_remove(s, s->tw_lines, &w->entry);
    tcp_table_remove(&s->table, s->sim, &w->entry);
    level_add(&w->account->entries[FORM_TIME_WAIT], s->sim->now, -1);
    const struct tcp_addr local = tcp_entry_local(&w->entry);
    tcp_port_drop(s, (struct tcp_hold){local.ip, local.port, w->hold});
    pool_give(&s->tw_pool, w);
}

static void expired(struct tcp_stack *s, struct tcp_entry *e)
{
    struct tcp t = {0};
    tcp_tw_revive(s, (struct tcp_tw *)e, &t);
    tcp_finish(&t, 0, "2 MSL");
}

static bool is_loopback(ip_addr a)
{
    return a.prefix == 0 && a.low >> 24 == 127;
}

bool tcp_tw_may_yield(const struct tcp_stack *s, ip_addr local, ip_addr remote)
{
    enum { REUSE_ALL = 1, REUSE_LOOPBACK };
    return s->params.tw_reuse == REUSE_ALL || (s->params.tw_reuse == REUSE_LOOPBACK &&
                                               (is_loopback(local) || is_loopback(remote)));
}

/* Timestamps keep old segments out. */
static bool is_stamped(const struct tcp_stack *s, const struct tcp_entry *e)
{
    return e->kind == ENTRY_TIME_WAIT && s->params.timestamps &&
           (e->flags & TW_TIMESTAMPS) != 0;
}

bool tcp_tw_yields(const struct tcp_stack *s, const struct tcp_entry *e)
{
    const sim_time since = e->due_at - 2 * s->params.msl; /* a repeated FIN counts anew */
    return is_stamped(s, e) && tcp_tw_may_yield(s, tcp_entry_local(e).ip, e->remote) &&
           s->sim->now - since > s->params.tw_reuse_delay;
}

bool tcp_tw_yields_to_bound(const struct tcp_stack *s, const struct tcp_entry *e)
{
    return is_stamped(s, e) && s->time_wait->yields_to_bound;
}

void tcp_tw_end(struct tcp_stack *s, struct tcp_entry *e, const char *cause)
{
    struct tcp t = {0};
    tcp_tw_revive(s, (struct tcp_tw *)e, &t);
    tcp_finish(&t, 0, cause);
}

void tcp_tw_succeed(struct tcp *t, const struct tcp_tw *before)
{
    t->iss = seq(before->snd_nxt + 65537);
    t->snd.una = t->snd.nxt = t->snd.max = t->snd.small_end = t->iss;
    t->ts.recent = before->ts_recent;
    t->ts.recent_at = before->recent_s * SEC(1);
}

sim_time tcp_tw_wait(const struct tcp *t)
{
    const struct tcp_stack *s = t->stack;
    const bool full =
        s->params.max_tw_buckets > 0 && (int64_t)s->tw_pool.n >= s->params.max_tw_buckets;
    if (s->hs->by_timer)
        return tcp_record_wait(t);
    return s->time_wait->none || full ? 0 : 2 * s->params.msl;
}
