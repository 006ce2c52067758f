/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/cookie_echo.h"

#include "models/tcp/cookie.h"
#include "models/tcp/endpoint.h"
#include "models/tcp/siphash.h"

#include <string.h>

/* The option's 16 bytes: signature 8, instant in ms 4, MSS 2, flags 1, shift 1. */
enum { SIGNATURE = 8, MADE_AT = 8, MSS = 12, FLAGS = 14, SHIFT = 15, COOKIE_BYTES = 16 };
enum { FLAG_SACK = 1, FLAG_SCALED = 2, FLAG_TIMESTAMPS = 4 };
_Static_assert((int)COOKIE_BYTES == (int)FASTOPEN_MAX, "it stands where Fast Open's does");

static void put(uint8_t *at, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at, int n)
{
    uint64_t value = 0;
    for (int i = 0; i < n; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* Of the ends of p, which comes from the client, and of what is given. */
static uint64_t hash_of(const struct tcp_stack *s, const struct packet *p, uint32_t irs,
                        uint32_t iss, const uint8_t *rest, size_t n_rest)
{
    const uint32_t words[] = {p->src.prefix, p->src.low, p->sport, p->dst.prefix,
                              p->dst.low,    p->dport,   irs,      iss};
    uint8_t bytes[sizeof words + COOKIE_BYTES] = {0};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        put(bytes + 4 * i, words[i], 4);
    if (n_rest > 0)
        memcpy(bytes + sizeof words, rest, n_rest);
    return siphash24(s->echo_key, bytes, sizeof words + n_rest);
}

static uint64_t signature_of(const struct tcp_stack *s, const struct packet *p, uint32_t irs,
                             uint32_t iss, const uint8_t cookie[COOKIE_BYTES])
{
    return hash_of(s, p, irs, iss, cookie + SIGNATURE, COOKIE_BYTES - SIGNATURE);
}

static uint32_t clock_ms(const struct tcp_stack *s)
{
    return (uint32_t)(s->sim->now / MS(1));
}

/* ---- server */

static void write_cookie(struct tcp *t, const struct packet *p)
{
    uint8_t *cookie = t->fo.cookie;
    put(cookie + MADE_AT, clock_ms(t->stack), 4);
    put(cookie + MSS, t->snd.mss, 2);
    cookie[FLAGS] =
        (uint8_t)((t->agreed.sack ? FLAG_SACK : 0) | (t->agreed.scaled ? FLAG_SCALED : 0) |
                  (t->agreed.timestamps ? FLAG_TIMESTAMPS : 0));
    cookie[SHIFT] = t->agreed.snd_shift;
    put(cookie, signature_of(t->stack, p, t->irs.v, t->iss.v, cookie), SIGNATURE);
    t->fo.kind = OPTION_ECHO;
    t->fo.n = COOKIE_BYTES;
}

void tcp_echo_answer(struct tcp_listener *l, const struct segment *g)
{
    struct tcp_stack *s = l->stack;
    struct tcp t = {0};
    if (tcp_accept_queue_full(l)) {
        sim_event(s->sim, s->host, 0, "listen overflow", "accept queue full, SYN dropped");
        return;
    }
    tcp_endpoint_init(&t, s, (struct tcp_addr){g->p->dst, g->p->dport},
                      (struct tcp_addr){g->p->src, g->p->sport}, l->user);
    t.light = t.passive = true;
    t.account = l->user->account;
    t.state = TCP_SYN_RECEIVED;
    tcp_count_received(&t, g->p);
    tcp_learn_syn(&t, g);
    /* a function of the SYN: one that comes again gets the same answer */
    t.iss = seq((uint32_t)hash_of(s, g->p, g->seq.v, 0, NULL, 0));
    t.snd.una = t.snd.nxt = t.iss;
    write_cookie(&t, g->p);
    t.account->n_cookies_sent++;
    tcp_send_synack(&t);
}

bool tcp_brings_echo(const struct segment *g)
{
    return g->opt.cookie_kind == OPTION_ECHO && g->opt.n_cookie == COOKIE_BYTES;
}

static bool is_good(const struct tcp_stack *s, const struct segment *g)
{
    const uint8_t *cookie = g->opt.cookie;
    const uint32_t age = clock_ms(s) - (uint32_t)get(cookie + MADE_AT, 4);
    return age <= s->params.cookie_life / MS(1) &&
           get(cookie, SIGNATURE) == signature_of(s, g->p, g->seq.v - 1, g->ack.v - 1, cookie);
}

/* The SYN, as far as the cookie has kept it. */
static struct segment syn_of(const struct segment *g)
{
    const uint8_t *cookie = g->opt.cookie, flags = cookie[FLAGS];
    struct segment syn = *g;
    syn.seq = seq(g->seq.v - 1);
    syn.opt = (struct tcp_options){.mss = (uint16_t)get(cookie + MSS, 2),
                                   .sack_permitted = (flags & FLAG_SACK) != 0,
                                   .has_wscale = (flags & FLAG_SCALED) != 0,
                                   .wscale = cookie[SHIFT],
                                   .has_timestamps = (flags & FLAG_TIMESTAMPS) != 0,
                                   .tsval = g->opt.tsval};
    return syn;
}

bool tcp_echo_input(struct tcp_listener *l, struct segment *g)
{
    struct tcp_stack *s = l->stack;
    const uint16_t flags = g->flags & (TCP_SYN | TCP_ACK | TCP_RST);
    if (flags != TCP_ACK || !tcp_brings_echo(g) || !is_good(s, g))
        return false;
    if (tcp_accept_queue_full(l)) { /* as if it had been lost */
        sim_event(s->sim, s->host, 0, "listen overflow", "accept queue full, echo ignored");
        return true;
    }
    const struct segment syn = syn_of(g);
    struct tcp *t = tcp_endpoint_take(s);
    tcp_endpoint_init(t, s, (struct tcp_addr){g->p->dst, g->p->dport},
                      (struct tcp_addr){g->p->src, g->p->sport}, l->user);
    tcp_embryo_of(t, l, &syn, seq(g->ack.v - 1), "ACK with a cookie");
    t->account->n_cookies_received++;
    tcp_settle_in(t);
    tcp_input_endpoint(t, g);
    return true;
}

/* ---- client */

void tcp_echo_cookie(struct tcp *t, const struct segment *g)
{
    tcp_learn_syn(t, g);
    t->ts.last_ack_sent = t->rcv.nxt;
    t->fo.kind = OPTION_ECHO;
    t->fo.n = COOKIE_BYTES;
    memcpy(t->fo.cookie, g->opt.cookie, COOKIE_BYTES);
    t->rtx.n_repeats = 0; /* the echo's own, as SCTP's T1-cookie */
    t->rtx.rto = t->stack->params.rto_initial;
    t->rtx.n_doubled = 0;
    tcp_timer_off(t, TCP_TIMER_RTX);
    tcp_set_state(t, TCP_SYN_RECEIVED, "SYN,ACK with a cookie");
    tcp_send_echo(t);
}
