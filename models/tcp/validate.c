/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/validate.h"

#include "models/tcp/endpoint.h"

/* Too soon after the last one of this connection. */
static bool is_too_soon(struct tcp *t)
{
    const sim_time now = t->stack->sim->now, least = t->stack->params.invalid_ratelimit;
    if (least == 0)
        return false;
    if (t->rcv.challenged_at != SIM_NEVER && now - t->rcv.challenged_at < least)
        return true;
    t->rcv.challenged_at = now;
    return false;
}

/* This second has had enough of them. */
static bool is_too_many(struct tcp_stack *s)
{
    const int64_t most = s->params.challenge_ack_limit;
    const sim_time second = s->sim->now / SEC(1);
    if (most == 0)
        return false;
    if (second != s->challenges.second)
        s->challenges = (struct tcp_challenges){.second = second};
    return s->challenges.n++ >= most;
}

void tcp_challenge(struct tcp *t)
{
    if (is_too_soon(t) || is_too_many(t->stack)) {
        t->account->n_challenges_skipped++;
        return;
    }
    t->account->n_challenges++;
    tcp_ack_soon(t, ACK_NOW);
}

bool tcp_may_answer(struct tcp *t, const struct segment *g)
{
    if ((g->len > 0 && (g->flags & TCP_SYN) == 0) || !is_too_soon(t))
        return true;
    t->account->n_challenges_skipped++;
    return false;
}

void tcp_answer_invalid(struct tcp *t, const struct segment *g)
{
    if (tcp_may_answer(t, g))
        tcp_ack_soon(t, ACK_NOW);
}
