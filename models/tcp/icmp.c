/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/icmp.h"

#include "models/tcp/endpoint.h"
#include "sim/address.h"

#include <errno.h>

/* What was sent did not fit (RFC 1191 §6.4, RFC 8201 §5.2). Believed only of a packet that was
 * larger than the MTU, and of an MTU that there can be (RFC 791, RFC 8200 §5); from then on the
 * connection's segments fit, and what is outstanding is sent again. No SYN is too large.
 */
static bool take_mtu(struct tcp *t, const struct icmp_error *e)
{
    const uint32_t least = address_is_ipv6(e->dst) ? 1280 : 68;
    const uint32_t headers = address_header_bytes(e->dst) + TCP_HEADER_BYTES;
    if (e->mtu < least || e->bytes <= e->mtu || e->mtu - headers >= t->snd.mss ||
        !tcp_states[t->state].synchronized)
        return false;
    t->snd.mss = e->mtu - headers;
    tcp_recover_on_mtu(t);
    return true;
}

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
    if (in_flight && error->type == ICMP_UNREACHABLE && error->code == ICMP_TOO_BIG)
        return take_mtu(t, error) ? t->number : 0;
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
