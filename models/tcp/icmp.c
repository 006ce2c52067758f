/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/icmp.h"

#include "models/tcp/endpoint.h"

#include <errno.h>

uint32_t tcp_icmp(struct tcp_stack *s, const struct icmp_error *error)
{
    const struct tcp_addr local = {error->src, error->sport};
    const struct tcp_addr remote = {error->dst, error->dport};
    struct tcp *t = tcp_lookup(s, local, remote);
    const tcp_seq quoted = seq(error->seq);
    if (t == NULL)
        return 0;
    const int errnum = icmp_errno(error);
    const bool in_flight = seq_leq(t->snd.una, quoted) && seq_lt(quoted, t->snd.max);
    s->n_icmp_outside += !in_flight;
    if (!in_flight || (errnum != EHOSTUNREACH && errnum != ENETUNREACH))
        return 0;
    t->soft.error = errnum;
    t->soft.una = t->snd.una;
    return t->number;
}

int64_t tcp_icmp_outside(const struct tcp_stack *s)
{
    return s->n_icmp_outside;
}

int tcp_timeout_error(const struct tcp *t)
{
    const bool holds = t->soft.error != 0 && seq_eq(t->soft.una, t->snd.una);
    return holds ? t->soft.error : ETIMEDOUT;
}
