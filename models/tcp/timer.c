/* SPDX-License-Identifier: GPL-3.0-or-later
 * timer.c -- one timer a connection, armed for the earliest of its deadlines; retransmission by
 * RFC 6298.
 */
#include "models/tcp/endpoint.h"
#include "models/tcp/icmp.h"

#include <errno.h>
#include <string.h>

static void rearm(struct tcp *t)
{
    sim_time first = SIM_NEVER;
    if (t->light) /* the line in which its entry stands has the timer */
        return;
    for (int i = 0; i < TCP_N_TIMERS; i++)
        first = time_min(first, t->deadline[i]);
    timer_set(t->stack->sim, &t->timer, first);
}

void tcp_timer_set(struct tcp *t, enum tcp_timer which, sim_time at)
{
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
    return time_add(t->stack->sim->now, time_add(t->rtx.rto, slop));
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
    if (t->deadline[TCP_TIMER_RTX] == SIM_NEVER)
        tcp_rtx_start(t);
    else if (t->stack->params.early_retrans > 0)
        tcp_timer_set(t, TCP_TIMER_RTX, tcp_tail_at(t, t->rtx.rto_at));
}

/* RFC 6298 §2.2 to §2.5, in integers: alpha = 1/8, beta = 1/4, K = 4, G = 1 ns. */
void tcp_rtt_sample(struct tcp *t, sim_time rtt)
{
    const struct tcp_params *params = &t->stack->params;
    if (t->rtx.srtt == 0) {
        t->rtx.srtt = rtt > 0 ? rtt : 1;
        t->rtx.rttvar = rtt / 2;
    } else {
        const sim_time off = t->rtx.srtt > rtt ? t->rtx.srtt - rtt : rtt - t->rtx.srtt;
        t->rtx.rttvar = (3 * t->rtx.rttvar + off) / 4;
        t->rtx.srtt = (7 * t->rtx.srtt + rtt) / 8;
        t->rtx.srtt = t->rtx.srtt > 0 ? t->rtx.srtt : 1;
    }
    const sim_time spread = 4 * t->rtx.rttvar;
    const bool variance = strcmp(params->rto_min_bounds, "variance") == 0;
    const sim_time rto = variance
                             ? t->rtx.srtt + time_max(spread, params->rto_min)
                             : time_max(t->rtx.srtt + time_max(spread, NS(1)), params->rto_min);
    t->rtx.rto = time_min(rto, params->rto_max);
}

static sim_time doubled(const struct tcp *t, sim_time wait)
{
    return time_min(time_add(wait, wait), t->stack->params.rto_max);
}

static int64_t repeats_allowed(const struct tcp *t)
{
    const struct tcp_params *p = &t->stack->params;
    if (t->state == TCP_SYN_SENT || (t->state == TCP_SYN_RECEIVED && !t->passive))
        return (t->opt.syn_retries > 0 ? t->opt.syn_retries : p->syn_retries) +
               p->syn_linear_timeouts;
    if (t->state == TCP_SYN_RECEIVED)
        return t->fo.is_child ? p->synack_retries : tcp_synack_retries(t);
    return t->released ? p->orphan_retries : p->retries2;
}

/* RFC 6298 §5.4 to §5.6. */
void tcp_rtx_expired(struct tcp *t)
{
    if (t->rtx.tail) {
        tcp_tail_expired(t);
        return;
    }
    if (t->rtx.n_repeats >= repeats_allowed(t)) { /* R2, RFC 9293 §3.8.3 */
        tcp_finish(t, tcp_timeout_error(t), "no answer");
        return;
    }
    t->rtx.n_repeats++;
    if (t->state != TCP_SYN_SENT || t->rtx.n_repeats > t->stack->params.syn_linear_timeouts)
        t->rtx.rto = doubled(t, t->rtx.rto);
    if (seq_eq(t->snd.una, t->iss))
        t->rtx.syn_repeated = true;
    else
        tcp_recover_on_timeout(t);
    t->rtx.rto_at = timeout_at(t);
    tcp_timer_set(t, TCP_TIMER_RTX, t->rtx.rto_at);
    tcp_retransmit(t);
}

static void persist_expired(struct tcp *t)
{
    if (t->rtx.n_probes >= repeats_allowed(t)) {
        tcp_finish(t, tcp_timeout_error(t), "no answer to window probes");
        return;
    }
    t->rtx.n_probes++;
    t->rtx.probe_wait = doubled(t, t->rtx.probe_wait);
    tcp_timer_set(t, TCP_TIMER_PERSIST, time_add(t->stack->sim->now, t->rtx.probe_wait));
    tcp_send_probe(t);
}

static void delack_expired(struct tcp *t)
{
    if (t->stack->ack_rule->on_timer != NULL)
        t->stack->ack_rule->on_timer(t);
    tcp_ack_soon(t, ACK_NOW);
}
/* As Linux counts: what lies beyond TIME-WAIT's length passes in the connection, and as much
 * again in the small entry that stands for it. */
void tcp_fin_timeout_start(struct tcp *t)
{
    const sim_time longest = 2 * t->stack->params.msl;
    sim_time wait = t->stack->params.fin_timeout;
    if (wait == SIM_NEVER)
        return;
    if (wait > longest)
        wait = time_add(wait - longest, wait - longest);
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
