/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/ecn.h"

#include "models/tcp/endpoint.h"

enum { ASKS = TCP_ECE | TCP_CWR, QUICK_ACKS = 2 };
enum { ECN_NEVER, ECN_ASK, ECN_GRANT }; /* the parameter */

/* ---- opening: RFC 3168 §6.1.1 */

static uint8_t codepoint(const struct segment *g)
{
    return g->p->tos & ECN_CE;
}

uint16_t tcp_ecn_of_syn(struct tcp *t, uint16_t flags, bool first)
{
    if ((flags & TCP_ACK) != 0)
        return t->ecn.on ? flags | TCP_ECE : flags;
    t->ecn.on = first && !t->passive && t->stack->params.ecn == ECN_ASK;
    return t->ecn.on ? flags | ASKS : flags;
}

/* A SYN that is ECT is none of RFC 3168's; one that asks for AccECN, too, may be (Linux). */
static bool is_asked(const struct tcp *t, const struct segment *g)
{
    return t->stack->params.ecn != ECN_NEVER && (g->flags & ASKS) == ASKS &&
           (codepoint(g) == 0 || (g->flags & TCP_AE) != 0);
}

void tcp_ecn_learn(struct tcp *t, const struct segment *g)
{
    if ((g->flags & TCP_ACK) != 0) /* the broken kind echoes both bits */
        t->ecn.on = t->ecn.on && (g->flags & ASKS) == TCP_ECE;
    else
        t->ecn.on = (t->passive || t->ecn.on) && is_asked(t, g);
}

/* ---- the receiver: RFC 3168 §6.1.3 */

/* Linux: a sender whose window is small waits for every ACK. */
static void hurry(struct tcp *t)
{
    t->rcv.pingpong = false;
    t->rcv.quick = t->rcv.quick > QUICK_ACKS ? t->rcv.quick : QUICK_ACKS;
}

void tcp_ecn_on_data(struct tcp *t, const struct segment *g)
{
    if ((g->flags & TCP_CWR) != 0) {
        t->ecn.owes_echo = false;
        tcp_ack_soon(t, ACK_NOW);
    }
    if (codepoint(g) == 0) {
        if (t->ecn.seen) /* sent again, perhaps: a loss */
            hurry(t);
        return;
    }
    t->ecn.seen = true;
    if (codepoint(g) == ECN_CE && !t->ecn.owes_echo) {
        t->ecn.owes_echo = true;
        hurry(t);
    }
}

/* ---- the sender: RFC 3168 §6.1.2 */

void tcp_ecn_mark(struct tcp *t, struct packet *p, bool fresh)
{
    if (t->ecn.owes_echo)
        p->flags |= TCP_ECE;
    if (!fresh)
        return;
    p->tos |= ECN_ECT0;
    if (t->ecn.owes_cwr)
        p->flags |= TCP_CWR;
    t->ecn.owes_cwr = false;
}

void tcp_ecn_reduced(struct tcp *t)
{
    t->ecn.owes_cwr = t->ecn.on;
    t->ecn.reducing = false; /* recovery counts from here on */
}

void tcp_ecn_on_ack(struct tcp *t, const struct segment *g)
{
    if (t->ecn.reducing && !seq_lt(g->ack, t->ecn.high))
        t->ecn.reducing = false;
    const bool busy = t->ecn.reducing || t->rtx.fast || t->rtx.recovering;
    if ((g->flags & TCP_ECE) == 0 || busy)
        return;
    if (t->cc->on_mark != NULL)
        t->cc->on_mark(t);
    t->ecn.reducing = t->ecn.owes_cwr = true;
    t->ecn.high = t->snd.nxt;
}
