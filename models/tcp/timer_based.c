/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/timer_based.h"

#include "models/tcp/endpoint.h"

enum { RECEIVER = 2, SENDER = 3 };

static sim_time times(int n, sim_time wait)
{
    sim_time sum = 0;
    for (int i = 0; i < n; i++)
        sum = time_add(sum, wait);
    return sum;
}

sim_time tcp_delta_t(const struct tcp_params *p)
{
    sim_time longest = 0, wait = time_min(p->rto_initial, p->rto_max);
    for (int64_t i = 0; i <= p->retries2; i++) {
        longest = time_add(longest, wait);
        wait = time_min(time_add(wait, wait), p->rto_max);
    }
    return time_add(time_add(p->msl, longest), p->delack);
}

sim_time tcp_record_wait(const struct tcp *t)
{
    return times(t->passive ? RECEIVER : SENDER, tcp_delta_t(&t->stack->params));
}

sim_time tcp_crash_silence(const struct tcp_params *p)
{
    return tcp_handshake_find(p->handshake)->by_timer ? times(SENDER, tcp_delta_t(p)) : 0;
}
