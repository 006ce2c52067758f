/* SPDX-License-Identifier: GPL-3.0-or-later
 * timer.c -- one timer a connection, armed for the earliest of its deadlines; retransmission by
 * RFC 6298, window probes, the end of FIN-WAIT-2. When it is enough: give_up.c.
 */
#include "models/tcp/endpoint.h"
#include "models/tcp/wheel.h"

#include <errno.h>

/* Where the host's own queue is full: Linux's TCP_RESOURCE_PROBE_INTERVAL. */
#define LOCAL_WAIT MS(500)

static void rearm(struct tcp *t)
{
    sim_time first = SIM_NEVER;
    if (t->light) /* the line in which its entry stands has the timer */
        return;
    for (int i = 0; i < TCP_N_TIMERS; i++)
        first = time_min(first, t->deadline[i]);
    timer_set(t->stack->sim, &t->timer, first);
}

/* An entry's line (table.h) knows of ticks itself, and what waits for nothing has none. */
__attribute__((noinline)) static sim_time in_ticks(const struct tcp *t, enum tcp_timer which,
                                                   sim_time at)
{
    const bool exact = t->light || which == TCP_TIMER_NOTIFY || t->state == TCP_TIME_WAIT;
    return exact ? at : tcp_wheel_at(&t->stack->params, t->stack->sim->now, at);
}

void tcp_timer_set(struct tcp *t, enum tcp_timer which, sim_time at)
{
    if (__builtin_expect(t->stack->params.hz != 0, 0))
        at = in_ticks(t, which, at);
    if (t->deadline[which] == at)
        return;
    t->deadline[which] = at;
    rearm(t);
}

void tcp_timers_off(struct tcp *t)
{
    for (int i = 0; i < TCP_N_TIMERS; i++)
        if (i != TCP_TIMER_NOTIFY)
            t->deadline[i] = SIM_NEVER;
    rearm(t);
}

/* FreeBSD's SYN cache knows no slop. */
static sim_time timeout_at(const struct tcp *t)
{
    const bool embryo = t->passive && t->state == TCP_SYN_RECEIVED;
    const sim_time slop = embryo ? 0 : t->stack->params.rto_slop;
    const sim_time at = time_add(t->stack->sim->now, time_add(t->rtx.rto, slop));
    return tcp_within_limits(t, at);
}

/* RFC 6298 §5.1 to §5.3. */
void tcp_rtx_start(struct tcp *t)
{
    const bool outstanding = seq_lt(t->snd.una, t->snd.nxt);
    t->rtx.rto_at = outstanding ? timeout_at(t) : SIM_NEVER;
    tcp_timer_set(t, TCP_TIMER_RTX, tcp_tail_at(t, t->rtx.rto_at));
}

void tcp_rtx_sent(struct tcp *t)
{
    if (t->deadline[TCP_TIMER_RTX] == SIM_NEVER) {
        t->rtx.since = t->stack->sim->now;
        tcp_rtx_start(t);
    } else if (t->stack->params.early_retrans > 0) {
        tcp_timer_set(t, TCP_TIMER_RTX, tcp_tail_at(t, t->rtx.rto_at));
    }
}

/* RFC 6298 §2.2 to §2.5, in integers: alpha = 1/8, beta = 1/4, K = 4, G = 1 ns. */
static sim_time measured_rto(const struct tcp *t)
{
    const sim_time least = t->opt->rto_min, spread = 4 * t->rtx.rttvar;
    const sim_time wait = t->stack->rules.variance_has_min
                              ? t->rtx.srtt + time_max(spread, least)
                              : time_max(t->rtx.srtt + time_max(spread, NS(1)), least);
    const sim_time rto = time_min(wait, t->opt->rto_max);
    const bool has_ticks = __builtin_expect(t->stack->params.hz != 0, 0);
    return has_ticks ? tcp_wheel_ticks(&t->stack->params, rto) : rto;
}

void tcp_rtt_sample(struct tcp *t, sim_time rtt)
{
    t->rtx.min_rtt = t->rtx.srtt == 0 ? rtt : time_min(rtt, t->rtx.min_rtt);
    if (t->rtx.srtt == 0) {
        t->rtx.srtt = rtt > 0 ? rtt : 1;
        t->rtx.rttvar = rtt / 2;
    } else {
        const sim_time off = t->rtx.srtt > rtt ? t->rtx.srtt - rtt : rtt - t->rtx.srtt;
        t->rtx.rttvar = (3 * t->rtx.rttvar + off) / 4;
        t->rtx.srtt = (7 * t->rtx.srtt + rtt) / 8;
        t->rtx.srtt = t->rtx.srtt > 0 ? t->rtx.srtt : 1;
    }
    t->rtx.rto = measured_rto(t);
    t->rtx.n_doubled = 0;
}

static bool covers_repeats(const struct tcp *t)
{
    return t->rtx.n_repeats > 0 || t->rtx.fast || t->rtx.recovering ||
           (t->rtx.tail_out && t->rtx.tail_again);
}

/* RFC 6298 §3, Karn: one segment at a time, and never one that was sent again, unless a
 * timestamp tells which of the two was answered (RFC 7323 §4.1). */
bool tcp_measure(struct tcp *t, const struct segment *g)
{
    const struct tcp_rules *rules = &t->stack->rules;
    const bool timed = t->rtx.timing && seq_leq(t->rtx.timed, g->ack);
    const bool asks = rules->stamps_measure_all || (!timed && rules->stamps_measure);
    sim_time rtt = SIM_NEVER;
    if (asks && (rules->stamps_measure_all || covers_repeats(t)))
        rtt = tcp_echoed_rtt(t, g);
    if (rtt == SIM_NEVER && timed)
        rtt = t->stack->sim->now - t->rtx.timed_at;
    t->rtx.timing = t->rtx.timing && !timed;
    if (rtt != SIM_NEVER)
        tcp_rtt_sample(t, rtt);
    return rtt != SIM_NEVER;
}

static sim_time doubled(const struct tcp *t, sim_time wait)
{
    return time_min(time_add(wait, wait), t->opt->rto_max);
}

static void back_off(struct tcp *t)
{
    t->rtx.n_doubled += t->rtx.n_doubled < UINT8_MAX;
    t->rtx.rto = doubled(t, t->rtx.rto);
}

void tcp_rtx_halve(struct tcp *t)
{
    if (t->rtx.tail || t->rtx.n_doubled == 0 || t->deadline[TCP_TIMER_RTX] == SIM_NEVER)
        return;
    const sim_time sent_at = t->rtx.rto_at - t->rtx.rto;
    t->rtx.n_doubled--;
    t->rtx.rto = t->rtx.srtt > 0 ? measured_rto(t) : t->stack->params.rto_initial;
    for (int i = 0; i < t->rtx.n_doubled && t->rtx.rto < t->opt->rto_max; i++)
        t->rtx.rto = doubled(t, t->rtx.rto);
    t->rtx.rto_at = time_max(time_add(sent_at, t->rtx.rto), t->stack->sim->now);
    tcp_timer_set(t, TCP_TIMER_RTX, t->rtx.rto_at);
}

/* RFC 6298 §5.4 to §5.6. */
void tcp_rtx_expired(struct tcp *t)
{
    if (t->rtx.tail) {
        tcp_tail_expired(t);
        return;
    }
    if (tcp_gives_up(t)) { /* R2, RFC 9293 §3.8.3 */
        tcp_give_up(t, "no answer");
        return;
    }
    if (t->rtx.doubted)
        tcp_path_suspect(t);
    t->n.timeouts++;
    t->n.timeout_recoveries += t->rtx.n_repeats == 0;
    if (t->rtx.n_repeats++ == 0 && t->stack->rules.gives_up_by_time && t->state != TCP_SYN_SENT)
        t->rtx.since = t->stack->sim->now;
    if (t->stack->blocked) {
        t->rtx.rto_at = time_add(t->stack->sim->now, LOCAL_WAIT);
        tcp_timer_set(t, TCP_TIMER_RTX, t->rtx.rto_at);
        return;
    }
    if (t->state != TCP_SYN_SENT || t->rtx.n_repeats > t->stack->params.syn_linear_timeouts)
        back_off(t);
    if (seq_eq(t->snd.una, t->iss))
        t->rtx.syn_repeated = true;
    else
        tcp_recover_on_timeout(t);
    t->rtx.rto_at = timeout_at(t);
    tcp_timer_set(t, TCP_TIMER_RTX, t->rtx.rto_at);
    tcp_retransmit(t);
}

/* ---- window probes: RFC 9293 §3.8.6.1. By Linux's rule each answer begins the wait anew. */

/* FreeBSD's waits double from so little that the first ones are mostly persmin. */
static sim_time next_probe_in(const struct tcp *t)
{
    const struct tcp_params *p = &t->stack->params;
    const sim_time wait = t->rtx.probe_wait;
    if (p->persmin == 0)
        return wait;
    return time_min(time_max(wait + p->rto_slop, p->persmin), p->persmax);
}

static void persist_in(struct tcp *t, sim_time wait)
{
    const sim_time at = time_add(t->stack->sim->now, wait);
    const sim_time since = t->rtx.probing_since;
    tcp_timer_set(t, TCP_TIMER_PERSIST,
                  since == SIM_NEVER ? at : tcp_within_user_timeout(t, since, at));
}

static sim_time first_probe_wait(const struct tcp *t)
{
    if (t->stack->params.persmin > 0) /* tcp_setpersist() */
        return t->rtx.srtt > 0 ? 4 * t->rtx.srtt + 8 * t->rtx.rttvar : 4 * t->rtx.rto;
    const bool linux_like = t->stack->rules.probes_by_old_ack;
    return linux_like ? time_max(t->rtx.rto, t->opt->rto_min) : t->rtx.rto;
}

/* Linux: doubled retries2 times at most. */
static sim_time next_probe_wait(const struct tcp *t)
{
    if (t->stack->params.persmin > 0)
        return time_min(2 * t->rtx.probe_wait, t->stack->params.persmax);
    sim_time most = first_probe_wait(t);
    for (int64_t i = 0; i < t->stack->params.retries2 && most < t->opt->rto_max; i++)
        most = doubled(t, most);
    const sim_time next = doubled(t, t->rtx.probe_wait);
    return t->stack->rules.probes_by_old_ack ? time_min(next, most) : next;
}

void tcp_persist_start(struct tcp *t, bool open)
{
    const bool whole = t->stack->rules.probes_by_old_ack;
    const sim_time rto = first_probe_wait(t);
    /* §3.8.6.2.1: what the window has room for leaves after at most 1 s */
    t->rtx.probe_wait = open && !whole ? time_min(rto, SEC(1)) : rto;
    t->rtx.probing_since = t->stack->rules.gives_up_by_time ? SIM_NEVER : t->stack->sim->now;
    persist_in(t, next_probe_in(t));
}

void tcp_persist_on_ack(struct tcp *t)
{
    if (t->snd.wnd == 0 && t->stack->rules.probes_by_old_ack)
        persist_in(t, next_probe_in(t));
}

static void persist_expired(struct tcp *t)
{
    if (tcp_gives_up_probing(t)) {
        tcp_give_up(t, "no answer to window probes");
        return;
    }
    t->rtx.n_probes++;
    if (t->stack->blocked) {
        persist_in(t, LOCAL_WAIT);
        return;
    }
    t->rtx.probe_wait = next_probe_wait(t);
    persist_in(t, next_probe_in(t));
    tcp_send_probe(t);
}

static void delack_expired(struct tcp *t)
{
    if (t->stack->ack_rule->on_timer != NULL)
        t->stack->ack_rule->on_timer(t);
    tcp_ack_soon(t, ACK_NOW);
}

/* As Linux counts: what lies beyond TIME-WAIT's length passes in the connection, an orphan, and
 * as much again in the small entry that stands for it. */
static sim_time linux_fin_timeout(struct tcp *t, sim_time wait)
{
    const sim_time longest = 2 * t->stack->params.msl;
    wait = time_max(wait, 7 * t->rtx.rto / 2);
    if (wait > longest)
        return time_add(wait - longest, wait - longest);
    tcp_orphan_end(t);
    return wait;
}

void tcp_fin_timeout_start(struct tcp *t)
{
    sim_time wait = t->opt->linger2 > 0 ? t->opt->linger2 : t->stack->params.fin_timeout;
    if (wait == SIM_NEVER)
        return;
    if (t->stack->rules.fin_timeout_linux)
        wait = linux_fin_timeout(t, wait);
    else
        tcp_orphan_end(t);
    tcp_timer_off(t, TCP_TIMER_KEEPALIVE);
    tcp_timer_set(t, TCP_TIMER_TIME_WAIT, time_add(t->stack->sim->now, wait));
}

static void time_wait_expired(struct tcp *t)
{
    tcp_finish(t, 0, t->state == TCP_FIN_WAIT_2 ? "fin_timeout" : "2 MSL");
}

/* tcp_settle tells. Of a SYN that waits for data, that is done here, before it leaves. */
static void notify(struct tcp *t)
{
    if (!t->fo.deferred)
        return;
    tcp_settle(t);
    if (t->fo.deferred && t->state == TCP_SYN_SENT)
        tcp_send_first_syn(t);
}

static void (*const expired[TCP_N_TIMERS])(struct tcp *t) = {
    [TCP_TIMER_NOTIFY] = notify,
    [TCP_TIMER_RTX] = tcp_rtx_expired,
    [TCP_TIMER_PERSIST] = persist_expired,
    [TCP_TIMER_DELACK] = delack_expired,
    [TCP_TIMER_TIME_WAIT] = time_wait_expired,
    [TCP_TIMER_KEEPALIVE] = tcp_keepalive_expired,
};

void tcp_timer_fired(struct sim *sim, struct timer *timer)
{
    struct tcp *t = CONTAINER_OF(timer, struct tcp, timer);
    t->busy++;
    for (int i = 0; i < TCP_N_TIMERS; i++) {
        if (t->deadline[i] > sim->now)
            continue;
        t->deadline[i] = SIM_NEVER;
        expired[i](t);
    }
    rearm(t);
    tcp_settle(t);
    t->busy--;
    tcp_maybe_free(t);
}
