/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/keepalive.h"

#include "models/tcp/endpoint.h"

static void look_in(struct tcp *t, sim_time wait)
{
    tcp_timer_set(t, TCP_TIMER_KEEPALIVE, time_add(t->stack->sim->now, wait));
}

static sim_time silence(const struct tcp *t)
{
    return t->stack->sim->now - t->rcv.heard_at;
}

static bool may_ask(const struct tcp *t)
{
    return tcp_states[t->state].synchronized && t->state != TCP_TIME_WAIT;
}

void tcp_keepalive_start(struct tcp *t)
{
    if (may_ask(t))
        look_in(t, t->opt->keepidle);
}

void tcp_keepalive_again(struct tcp *t)
{
    const sim_time silent = silence(t), idle = t->opt->keepidle;
    if (may_ask(t))
        look_in(t, idle > silent ? idle - silent : 0);
}

/* What is outstanding or waits has timers of its own, which find out. */
static bool is_busy(const struct tcp *t)
{
    return seq_lt(t->snd.una, t->snd.nxt) || t->sndq.una < t->sndq.end;
}

static bool has_failed(const struct tcp *t)
{
    const sim_time limit = t->opt->user_timeout;
    if (limit > 0)
        return t->rtx.n_probes > 0 && silence(t) >= limit;
    return t->rtx.n_probes >= t->opt->keepcnt;
}

void tcp_keepalive_expired(struct tcp *t)
{
    const sim_time silent = silence(t);
    if (!t->opt->keepalive)
        return;
    if (is_busy(t)) {
        look_in(t, t->opt->keepidle);
    } else if (silent < t->opt->keepidle) {
        look_in(t, t->opt->keepidle - silent);
    } else if (has_failed(t)) {
        tcp_send_reset(t, RESET_TIMEOUT);
        tcp_give_up(t, "no answer to keepalive");
    } else {
        t->rtx.n_probes++;
        tcp_send_keepalive(t);
        look_in(t, t->opt->keepintvl);
    }
}
