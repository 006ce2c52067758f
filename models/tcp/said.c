/* SPDX-License-Identifier: GPL-3.0-or-later
 * said.c -- what a segment says in its options: RFC 7323 (window scale, timestamps, PAWS), RFC
 * 2018 and 2883 (SACK).
 *
 * An option is used when both SYNs carried it. Of SACK the receiver's half is here; what a
 * sender makes of blocks is in recovery.c.
 */
#include "models/tcp/cookie.h"
#include "models/tcp/endpoint.h"
#include "models/tcp/icmp.h"
#include "sim/address.h"

enum { TS_CLOCK = 1000000 }; /* ns a tick: 1 ms, RFC 7323 §5.4 */
#define TS_OUTDATED                                                                            \
    (SEC(24) * 60 * 60 * 24) /* 24 days: TS.Recent says nothing any more, RFC 7323 §5.5 */

static uint32_t clock_now(const struct tcp *t)
{
    return (uint32_t)(t->stack->sim->now / TS_CLOCK);
}

/* The least that tells the buffer, were it at its largest; Linux's does not grow once SO_RCVBUF
 * has been set. */
static uint8_t shift_to_offer(const struct tcp *t)
{
    uint8_t shift = t->stack->rcv_shift;
    if (t->stack->rules.linux_buffers && t->opt->rcvbuf_told > 0)
        while (shift > 0 && t->rcvbuf <= INT64_C(65535) << (shift - 1))
            shift--;
    return shift;
}

void tcp_agree(struct tcp *t, const struct segment *g)
{
    const struct tcp_params *params = &t->stack->params;
    const bool scaled = params->window_scaling && g->opt.has_wscale;
    t->agreed.timestamps = params->timestamps && g->opt.has_timestamps;
    t->agreed.sack = params->sack && g->opt.sack_permitted;
    t->agreed.scaled = scaled;
    t->agreed.snd_shift = scaled ? g->opt.wscale : 0;
    t->agreed.rcv_shift = scaled ? shift_to_offer(t) : 0;
    t->ts.recent = g->opt.tsval;
    t->ts.recent_at = t->stack->sim->now;
}

uint32_t tcp_default_mss(ip_addr peer)
{
    return address_is_ipv6(peer) ? 1220 : 536;
}

int64_t tcp_own_mss(const struct tcp *t)
{
    const struct tcp_stack *s = t->stack;
    const int64_t header = address_header_bytes(t->remote.ip);
    const int64_t same_mtu = s->params.mss - (header - IP4_HEADER_BYTES);
    const int64_t first =
        s->network.mtu != NULL ? s->network.mtu(s->ctx, t->remote.ip) : UINT32_MAX;
    const int64_t path = s->icmp->announces_path ? tcp_path_mtu(s, t->remote.ip) : UINT32_MAX;
    const int64_t mtu = first < path ? first : path;
    const int64_t fits = mtu - header - TCP_HEADER_BYTES;
    const int64_t own = same_mtu < fits ? same_mtu : fits;
    return own > 0 ? own : 1;
}

int64_t tcp_announced_mss(const struct tcp *t)
{
    const int64_t own = tcp_own_mss(t);
    return t->opt->maxseg > 0 && t->opt->maxseg < own ? t->opt->maxseg : own;
}

int64_t tcp_advised_mss(const struct tcp *t)
{
    return tcp_announced_mss(t) - (t->agreed.timestamps ? TIMESTAMPS_BYTES : 0);
}

/* ---- SACK */

tcp_seq tcp_seq_at(const struct tcp *t, uint64_t position)
{
    return seq(t->irs.v + 1 + (uint32_t)position);
}

void tcp_note_arrival(struct tcp *t, uint64_t at)
{
    uint64_t left, right, kept[MAX_SACK_BLOCKS] = {at};
    int n = 1;
    if (!rcvq_holds(&t->rcvq, at))
        return;
    rcvq_run(&t->rcvq, at, &left, &right);
    for (int i = 0; i < t->sack.n_recent && n < MAX_SACK_BLOCKS; i++) {
        const uint64_t other = t->sack.recent[i];
        if (other >= t->rcvq.ready && (other < left || other >= right))
            kept[n++] = other;
    }
    for (int i = 0; i < n; i++)
        t->sack.recent[i] = kept[i];
    t->sack.n_recent = n;
}

void tcp_note_duplicate(struct tcp *t, tcp_seq left, tcp_seq right)
{
    if (t->stack->params.dsack && t->state != TCP_TIME_WAIT) /* whose entry has no queue */
        t->sack.duplicate = (struct sack_block){left.v, right.v};
}

static void say_blocks(const struct tcp *t, struct tcp_options *o)
{
    if (t->sack.duplicate.left != t->sack.duplicate.right)
        o->sack[o->n_sack++] = t->sack.duplicate;
    for (int i = 0; i < t->sack.n_recent && o->n_sack < MAX_SACK_BLOCKS; i++) {
        uint64_t left, right;
        if (t->sack.recent[i] < t->rcvq.ready)
            continue; /* the hole before it was filled */
        rcvq_run(&t->rcvq, t->sack.recent[i], &left, &right);
        o->sack[o->n_sack++] =
            (struct sack_block){tcp_seq_at(t, left).v, tcp_seq_at(t, right).v};
    }
}

/* ---- what is said */

static struct tcp_options options_of(const struct tcp *t, uint16_t flags)
{
    const struct tcp_params *params = &t->stack->params;
    const bool syn = (flags & TCP_SYN) != 0, answer = (flags & TCP_ACK) != 0;
    struct tcp_options o = {0};
    if (syn) { /* an answer has only what was offered */
        o.mss = (uint16_t)tcp_announced_mss(t);
        o.sack_permitted = answer ? t->agreed.sack : params->sack;
        o.has_wscale = answer ? t->agreed.scaled : params->window_scaling;
        o.wscale = answer ? t->agreed.rcv_shift : shift_to_offer(t);
    } else if (t->agreed.sack && answer) {
        say_blocks(t, &o);
    }
    if (t->fo.kind != 0) {
        o.cookie_kind = t->fo.kind;
        o.n_cookie = t->fo.n;
        o.cookie = t->fo.cookie;
    }
    o.has_timestamps = syn && !answer ? params->timestamps : t->agreed.timestamps;
    if (o.has_timestamps) {
        o.tsval = clock_now(t);
        if (t->ts.cookie != 0)
            o.tsval = tcp_cookie_stamp(o.tsval, t->ts.cookie);
        o.tsecr = t->ts.recent; /* of a SYN 0, or TIME-WAIT's that it follows (Linux) */
    }
    return o;
}

void tcp_say(struct tcp *t, struct packet *p)
{
    if ((p->flags & TCP_SYN) == 0 && tcp_is_silent(t))
        return;
    const struct tcp_options o = options_of(t, p->flags);
    tcp_options_put(t->stack->sim, p, &o, t->stack->layout);
    t->sack.duplicate.left = t->sack.duplicate.right; /* told once */
}

uint32_t tcp_mss_beside_options(const struct tcp *t)
{
    const struct tcp_options o = options_of(t, TCP_ACK);
    const uint32_t bytes = tcp_options_bytes(&o, t->stack->layout);
    return t->snd.mss > bytes ? t->snd.mss - bytes
                              : 1; /* RFC 6691 §2: options come out of the segment */
}

/* ---- timestamps that arrive */

static bool is_older(const struct tcp *t, const struct segment *g)
{
    return (int32_t)(g->opt.tsval - t->ts.recent) < 0 &&
           t->stack->sim->now - t->ts.recent_at <= TS_OUTDATED;
}

bool tcp_echoes_no_stamp(const struct tcp *t, const struct segment *g)
{
    const uint32_t first = (uint32_t)(t->state_since / TS_CLOCK);
    return t->stack->params.timestamps && g->opt.has_timestamps && g->opt.tsecr != 0 &&
           g->opt.tsecr - first > clock_now(t) - first;
}

bool tcp_paws_rejects(const struct tcp *t, const struct segment *g)
{
    return t->agreed.timestamps && g->opt.has_timestamps && (g->flags & TCP_RST) == 0 &&
           is_older(t, g);
}

sim_time tcp_echoed_rtt(const struct tcp *t, const struct segment *g)
{
    const bool opening = t->state == TCP_SYN_SENT && t->stack->params.timestamps;
    if ((!t->agreed.timestamps && !opening) || !g->opt.has_timestamps || g->opt.tsecr == 0)
        return SIM_NEVER;
    const uint32_t ticks = clock_now(t) - g->opt.tsecr;
    if (ticks > INT32_MAX / 1000) /* not ours (Linux: what fits no µs) */
        return SIM_NEVER;
    return (sim_time)TS_CLOCK * (ticks > 0 ? ticks : 1);
}

/* RFC 7323 §4.3 (2) and (3): of the segments that cover what was last acknowledged, the latest.
 * A SYN among them is not believed (RFC 5961 §4), nor is its timestamp: Linux, FreeBSD; neither
 * is the timestamp of a segment that acknowledges what was never sent (Linux).
 */
void tcp_note_timestamp(struct tcp *t, const struct segment *g)
{
    if (!t->agreed.timestamps || !g->opt.has_timestamps || seq_lt(t->ts.last_ack_sent, g->seq))
        return;
    const bool blind = (g->flags & TCP_ACK) != 0 && seq_lt(t->snd.max, g->ack);
    if ((g->flags & TCP_SYN) != 0 || blind || is_older(t, g))
        return;
    t->ts.recent = g->opt.tsval;
    t->ts.recent_at = t->stack->sim->now;
}
