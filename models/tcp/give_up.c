/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/give_up.h"

#include "models/tcp/endpoint.h"

enum { LINUX_ORPHAN_RETRIES = 8 }; /* where orphan_retries says 0 */

static bool is_opening(const struct tcp *t)
{
    return t->state == TCP_SYN_SENT || t->state == TCP_SYN_RECEIVED;
}

/* ---- R2 */

static int64_t syn_repeats_allowed(const struct tcp *t)
{
    const struct tcp_params *p = &t->stack->params;
    if (t->state == TCP_SYN_RECEIVED && t->passive)
        return t->fo.is_child ? p->synack_retries : tcp_synack_retries(t);
    return (t->opt->syn_retries > 0 ? t->opt->syn_retries : p->syn_retries) +
           p->syn_linear_timeouts;
}

/* Linux's 0 for orphans: 8, which is 102 s, unless the timeout has come to its largest. */
static int64_t repeats_allowed(const struct tcp *t, sim_time wait)
{
    const struct tcp_params *p = &t->stack->params;
    if (!t->released)
        return p->retries2;
    const bool by_linux = p->orphan_retries == 0 && t->stack->rules.gives_up_by_time;
    return by_linux && wait < t->opt->rto_max ? LINUX_ORPHAN_RETRIES : p->orphan_retries;
}

/* How long n repeats and the wait after them take: `wait`, doubled up to rto_max. */
static sim_time time_of(const struct tcp *t, sim_time wait, int64_t n)
{
    sim_time sum = 0;
    for (int64_t i = 0; i <= n; i++) {
        sum = time_add(sum, wait);
        const sim_time next = time_add(wait, wait);
        wait = next <= t->opt->rto_max ? next : t->opt->rto_max;
    }
    return sum;
}

static bool is_reached(const struct tcp *t, int64_t n)
{
    const sim_time silent = t->stack->sim->now - t->rtx.since;
    if (t->stack->rules.gives_up_by_time)
        return t->rtx.n_repeats > 0 && silent >= time_of(t, t->stack->params.rto_min, n);
    return t->rtx.n_repeats >= n;
}

/* Linux's first repeats, which do not double, may not make a connect() longer than it would be
 * without them. */
static bool syn_is_reached(const struct tcp *t)
{
    const struct tcp_params *p = &t->stack->params;
    const sim_time silent = t->stack->sim->now - t->rtx.since;
    if (t->rtx.n_repeats >= syn_repeats_allowed(t))
        return true;
    return t->state == TCP_SYN_SENT && t->stack->rules.gives_up_by_time &&
           silent >=
               time_of(t, p->rto_initial, syn_repeats_allowed(t) - p->syn_linear_timeouts);
}

/* ---- the user timeout */

static bool user_timeout_over(const struct tcp *t, sim_time since)
{
    return t->opt->user_timeout > 0 && t->stack->sim->now - since >= t->opt->user_timeout;
}

/* By Linux's rule only what has been repeated is late. */
static bool user_gives_up(const struct tcp *t)
{
    const bool counts = t->rtx.n_repeats > 0 || !t->stack->rules.gives_up_by_time;
    return counts && user_timeout_over(t, t->rtx.since);
}

/* TCP_KEEPINIT: no later is an active open given up. */
static sim_time opening_ends_at(const struct tcp *t)
{
    const bool limited =
        is_opening(t) && t->opt->keepinit > 0 && (t->state == TCP_SYN_SENT || !t->passive);
    return limited ? time_add(t->state_since, t->opt->keepinit) : SIM_NEVER;
}

/* By Linux's rule the user timeout bounds no first timeout. */
sim_time tcp_within_limits(const struct tcp *t, sim_time at)
{
    const bool first = t->rtx.n_repeats == 0 && t->stack->rules.gives_up_by_time;
    if (__builtin_expect(t->opt->user_timeout > 0, 0) && !first)
        at = tcp_within_user_timeout(t, t->rtx.since, at);
    return __builtin_expect(t->opt->keepinit > 0, 0) ? time_min(at, opening_ends_at(t)) : at;
}

sim_time tcp_within_user_timeout(const struct tcp *t, sim_time since, sim_time at)
{
    const sim_time now = t->stack->sim->now, limit = time_add(since, t->opt->user_timeout);
    if (t->opt->user_timeout == 0 || at == SIM_NEVER)
        return at;
    return time_min(at, limit > now ? limit : now + 1);
}

/* ---- which */

/* The peer has shrunk its window to nothing: repeats are probes. Linux gives up when nothing at
 * all has come for long. */
static bool shut_out(const struct tcp *t)
{
    const sim_time most = t->opt->user_timeout > 0 ? t->opt->user_timeout : 2 * t->opt->rto_max;
    const sim_time now = t->stack->sim->now;
    return now - t->rcv.heard_at > most && now - t->rtx.since > most;
}

/* R1: RFC 9293 MUST-20. What the route is, is the network's affair. */
static void doubt(struct tcp *t)
{
    if (t->rtx.doubted || !is_reached(t, t->stack->params.retries1))
        return;
    t->rtx.doubted = true;
    t->pending |= TCP_EV_DOUBT;
    sim_event(t->stack->sim, t->stack->host, t->number, "R1", "the route is in doubt");
}

bool tcp_gives_up(struct tcp *t)
{
    if (is_opening(t))
        return syn_is_reached(t) || user_gives_up(t) ||
               t->stack->sim->now >= opening_ends_at(t);
    if (t->snd.wnd == 0 && !t->released && t->stack->rules.gives_up_by_time)
        return shut_out(t);
    doubt(t);
    if (t->opt->user_timeout > 0)
        return user_gives_up(t);
    return is_reached(t, repeats_allowed(t, t->rtx.rto));
}

bool tcp_gives_up_probing(struct tcp *t)
{
    const int64_t allowed = repeats_allowed(t, t->rtx.probe_wait);
    if (t->rtx.probing_since == SIM_NEVER) /* Linux: from the first probe on */
        t->rtx.probing_since = t->stack->sim->now;
    else if (user_timeout_over(t, t->rtx.probing_since))
        return true;
    /* Linux: an orphan does not wait for ever, though its peer is alive */
    const bool tired =
        t->released && t->stack->rules.gives_up_by_time && t->rtx.probe_wait >= t->opt->rto_max;
    return tired || t->rtx.n_probes >= allowed;
}

/* ---- orphans */

/* FIN-WAIT-2 that has begun its fin_timeout is as cheap as TIME-WAIT. */
bool tcp_orphan_is_one_too_many(struct tcp *t)
{
    const int64_t most = t->stack->params.max_orphans;
    const bool over = t->state == TCP_CLOSED || t->state == TCP_LISTEN ||
                      t->state == TCP_TIME_WAIT ||
                      t->deadline[TCP_TIMER_TIME_WAIT] != SIM_NEVER;
    if (over)
        return false;
    t->orphan = true;
    t->stack->n_orphans++;
    return most > 0 && t->stack->n_orphans > most;
}

void tcp_orphan_end(struct tcp *t)
{
    t->stack->n_orphans -= t->orphan;
    t->orphan = false;
}
