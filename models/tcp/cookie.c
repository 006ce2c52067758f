/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/cookie.h"

#include "models/tcp/endpoint.h"
#include "sim/address.h"

enum { COOKIE_BITS = 24, MAX_AGE = 2 /* minutes */, STAMP_BITS = 6 };
enum {
    STAMP_NO_SCALE = 0xf,
    STAMP_SACK = 1 << 4,
    STAMP_ECN = 1 << 5,
    STAMP_SET = 1 << STAMP_BITS
};
static const uint32_t COOKIE_MASK = (1u << COOKIE_BITS) - 1;

enum { N_MSS = 4 };
static const uint16_t MSS_TABLE[2][N_MSS] = {
    {536, 1300, 1440, 1460},  /* Linux: IPv4's most frequent */
    {1220, 1420, 1440, 8940}, /* IPv6: of MTUs of 1280, 1480, 1500 and 9000 bytes */
};

/* ---- the sequence number */

static uint32_t minute(const struct tcp_stack *s)
{
    return (uint32_t)(s->sim->now / SEC(60));
}

static uint32_t hash(const struct tcp_stack *s, const struct packet *p, uint32_t which,
                     uint32_t count)
{
    const uint64_t hosts = (uint64_t)p->src.low << 32 | p->dst.low;
    const uint64_t ports = (uint64_t)p->sport << 48 | (uint64_t)p->dport << 32 | count;
    const uint64_t prefixes = (uint64_t)p->src.prefix << 32 | p->dst.prefix;
    return (uint32_t)mix64(mix64(mix64(s->cookie_secret[which], hosts), prefixes), ports);
}

static uint32_t cookie_of(const struct tcp_stack *s, const struct packet *p, uint32_t irs,
                          uint32_t index)
{
    const uint32_t now = minute(s);
    return hash(s, p, 0, 0) + irs + (now << COOKIE_BITS) +
           ((hash(s, p, 1, now) + index) & COOKIE_MASK);
}

/* The index that the cookie carries; one beyond the table when it is no cookie of ours. */
static uint32_t index_of(const struct tcp_stack *s, const struct packet *p, uint32_t irs,
                         uint32_t cookie)
{
    const uint32_t rest = cookie - hash(s, p, 0, 0) - irs;
    const uint32_t age = (minute(s) - (rest >> COOKIE_BITS)) & (UINT32_MAX >> COOKIE_BITS);
    if (age >= MAX_AGE)
        return N_MSS;
    return (rest - hash(s, p, 1, minute(s) - age)) & COOKIE_MASK;
}

static uint32_t mss_index(const struct packet *p, uint32_t mss)
{
    uint32_t i = N_MSS - 1;
    while (i > 0 && MSS_TABLE[address_is_ipv6(p->src)][i] > mss)
        i--;
    return i;
}

/* ---- the timestamp */

static uint8_t stamp_of(const struct tcp *t)
{
    return (uint8_t)(STAMP_SET | (t->agreed.scaled ? t->agreed.snd_shift : STAMP_NO_SCALE) |
                     (t->agreed.sack ? STAMP_SACK : 0) | (t->ecn.on ? STAMP_ECN : 0));
}

uint32_t tcp_cookie_stamp(uint32_t clock, uint8_t agreed)
{
    const uint32_t low = agreed & (STAMP_SET - 1);
    const uint32_t stamp = (clock & ~(uint32_t)(STAMP_SET - 1)) | low;
    return stamp > clock ? stamp - STAMP_SET : stamp;
}

/* What the SYN offered, as far as the ACK brings it back. */
static void read_stamp(struct segment *syn)
{
    const uint32_t bits = syn->opt.tsecr & (STAMP_SET - 1);
    if (!syn->opt.has_timestamps)
        return;
    syn->opt.sack_permitted = (bits & STAMP_SACK) != 0;
    syn->opt.has_wscale = (bits & STAMP_NO_SCALE) != STAMP_NO_SCALE;
    syn->opt.wscale = syn->opt.has_wscale ? bits & STAMP_NO_SCALE : 0;
}

/* ---- out */

void tcp_cookie_answer(struct tcp_listener *l, const struct segment *g)
{
    struct tcp_stack *s = l->stack;
    struct tcp t = {0};
    struct segment syn = *g;
    if (!g->opt.has_timestamps || !s->params.timestamps) {
        syn.flags = TCP_SYN;
        syn.opt = (struct tcp_options){.mss = g->opt.mss};
    }
    tcp_endpoint_init(&t, s, (struct tcp_addr){g->p->dst, g->p->dport},
                      (struct tcp_addr){g->p->src, g->p->sport}, l->user);
    t.light = t.passive = true;
    t.account = l->user->account;
    t.state = TCP_SYN_RECEIVED;
    tcp_count_received(&t, g->p);
    tcp_learn_syn(&t, &syn);
    t.iss = seq(cookie_of(s, g->p, g->seq.v, mss_index(g->p, t.snd.mss)));
    t.snd.una = t.snd.nxt = t.iss;
    t.ts.cookie = t.agreed.timestamps ? stamp_of(&t) : 0;
    l->cookie_at = s->sim->now;
    t.account->n_cookies_sent++;
    tcp_send_synack(&t);
}

/* ---- in */

void tcp_embryo_of(struct tcp *t, struct tcp_listener *l, const struct segment *syn,
                   tcp_seq iss, const char *cause)
{
    tcp_begin(t, TCP_LISTEN, l->user);
    t->light = true;
    t->listener = l;
    l->n_half_open++;
    tcp_announce(t);
    tcp_learn_syn(t, syn);
    t->iss = t->snd.una = t->snd.small_end = iss;
    t->snd.nxt = t->snd.max = seq_add(iss, 1);
    t->snd.mss = t->snd.mss < syn->opt.mss ? t->snd.mss : syn->opt.mss;
    t->ts.last_ack_sent = t->rcv.nxt;
    tcp_set_state(t, TCP_SYN_RECEIVED, cause);
}

static bool expects_cookies(const struct tcp_listener *l)
{
    return l->cookie_at != SIM_NEVER && l->stack->sim->now - l->cookie_at <= SEC(60) * MAX_AGE;
}

/* Linux counts the window anew, in whole segments of the size that the cookie tells. */
static uint32_t window_by_cookie(const struct tcp *t, uint32_t mss)
{
    const int64_t room = t->rcvbuf > (int64_t)mss ? t->rcvbuf / mss * mss : t->rcvbuf;
    return (uint32_t)(room < UINT16_MAX ? room : UINT16_MAX);
}

bool tcp_cookie_input(struct tcp_listener *l, struct segment *g)
{
    struct tcp_stack *s = l->stack;
    const uint16_t flags = g->flags & (TCP_SYN | TCP_ACK | TCP_RST);
    if (flags != TCP_ACK || !expects_cookies(l))
        return false;
    const uint32_t index = index_of(s, g->p, g->seq.v - 1, g->ack.v - 1);
    if (index >= N_MSS)
        return false;
    if (tcp_accept_queue_full(l)) { /* as if it had been lost */
        sim_event(s->sim, s->host, 0, "listen overflow", "accept queue full, ACK ignored");
        return true;
    }
    struct segment syn = *g;
    syn.seq = seq(g->seq.v - 1);
    syn.opt.mss = MSS_TABLE[address_is_ipv6(g->p->src)][index];
    read_stamp(&syn);
    struct tcp *t = tcp_endpoint_take(s);
    tcp_endpoint_init(t, s, (struct tcp_addr){g->p->dst, g->p->dport},
                      (struct tcp_addr){g->p->src, g->p->sport}, l->user);
    if (s->rules.window_grows)
        t->rcv.syn_window = window_by_cookie(t, syn.opt.mss);
    tcp_embryo_of(t, l, &syn, seq(g->ack.v - 1), "ACK of a cookie");
    t->ecn.on = t->agreed.timestamps && s->params.ecn > 0 && (g->opt.tsecr & STAMP_ECN) != 0;
    t->account->n_cookies_received++;
    tcp_settle_in(t);
    tcp_input_endpoint(t, g);
    return true;
}
