/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/burst.h"

#include "models/tcp/endpoint.h"

enum { PACKET_BYTES_MAX = 65536, FIRST_MSS = 536 };
enum { PACE_PERCENT_SLOW_START = 200, PACE_PERCENT = 120 };
enum { PACE_WAIT = SEC(1) / 1024, RTT_STEP_US = 512, RTT_STEPS = 32 };

/* Linux's tcp_tso_autosize(). Nothing is paced before the first round trip. */
static int64_t paced_bytes(const struct tcp *t)
{
    if (t->rtx.srtt == 0 || t->cc->init == NULL)
        return PACKET_BYTES_MAX;
    const bool slow_start = t->cwnd < t->ssthresh / 2;
    const int64_t percent = slow_start ? PACE_PERCENT_SLOW_START : PACE_PERCENT;
    const int64_t steps = t->rtx.min_rtt / US(RTT_STEP_US);
    const int64_t near = steps < RTT_STEPS ? PACKET_BYTES_MAX >> steps : 0;
    const int64_t bytes = t->cwnd * percent / 100 * PACE_WAIT / t->rtx.srtt + near;
    return bytes < PACKET_BYTES_MAX ? bytes : PACKET_BYTES_MAX;
}

static int64_t least_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t segments_of(const struct tcp *t, uint32_t mss)
{
    const int64_t paced = paced_bytes(t) / mss, least = t->stack->params.tso_segs;
    const bool small = t->snd.max_wnd <= FIRST_MSS;
    int64_t n = paced > least ? paced : least;
    n = least_of(n, t->snd.max_wnd / (small ? 1 : 2) / mss);
    if (t->cc->init != NULL) /* two packets at least shall be on their way */
        n = least_of(n, t->cwnd / mss / 2);
    return n > 1 ? n : 1;
}

bool tcp_burst_ends(const struct tcp *t, struct burst *b, uint32_t len, uint32_t mss,
                    uint32_t room)
{
    if (len < mss) {
        b->n = 0;
        return false;
    }
    if (b->most == 0)
        b->most = segments_of(t, mss);
    const bool ends = ++b->n == b->most || room - len<mss, several = b->n> 1;
    if (ends)
        b->n = 0;
    return ends && several;
}
