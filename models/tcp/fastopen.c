/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/fastopen.h"

#include "models/tcp/endpoint.h"
#include "models/tcp/siphash.h"
#include "sim/address.h"

#include <errno.h>
#include <string.h>

enum { FIRST_SLOTS = 16 };

/* What a client remembers of a server. */
struct tcp_fastopen_peer {
    uint64_t key; /* 0: free */
    uint16_t mss; /* of its last SYN-ACK */
    uint8_t kind; /* OPTION_FASTOPEN or its experimental form: what brought the cookie */
    uint8_t n;    /* bytes of the cookie; 0: none */
    uint8_t cookie[FASTOPEN_MAX];
    uint8_t tried; /* Linux's try_exp: 1: ask by the experimental option; 2: that was in vain */
    sim_time off_until; /* FreeBSD: nothing is asked of it before */
};

static uint64_t key_of(ip_addr addr)
{
    return (uint64_t)addr.prefix << 32 | addr.low;
}

static struct tcp_fastopen_peer *slot_of(const struct tcp_fastopen *f, uint64_t key)
{
    uint32_t i = (uint32_t)mix64(key, 0) & (f->n_slots - 1);
    while (f->peers[i].key != 0 && f->peers[i].key != key)
        i = (i + 1) & (f->n_slots - 1);
    return &f->peers[i];
}

/* NULL: nothing is known. */
static struct tcp_fastopen_peer *peer_of(const struct tcp_fastopen *f, ip_addr addr)
{
    struct tcp_fastopen_peer *p = f->n > 0 ? slot_of(f, key_of(addr)) : NULL;
    return p != NULL && p->key != 0 ? p : NULL;
}

static void grow(struct tcp_fastopen *f, struct sim *sim)
{
    const struct tcp_fastopen old = *f;
    f->n_slots = old.n_slots > 0 ? 2 * old.n_slots : FIRST_SLOTS;
    f->peers = sim_alloc(sim, f->n_slots * sizeof *f->peers);
    for (uint32_t i = 0; i < old.n_slots; i++)
        if (old.peers[i].key != 0)
            *slot_of(f, old.peers[i].key) = old.peers[i];
    sim_release(sim, old.peers, old.n_slots * sizeof *old.peers);
}

static struct tcp_fastopen_peer *peer_made(struct tcp_stack *s, ip_addr addr)
{
    struct tcp_fastopen *f = &s->fastopen;
    if (2 * f->n >= f->n_slots)
        grow(f, s->sim);
    struct tcp_fastopen_peer *p = slot_of(f, key_of(addr));
    f->n += p->key == 0;
    p->key = key_of(addr);
    return p;
}

void tcp_fastopen_flush(struct tcp_stack *s)
{
    struct tcp_fastopen *f = &s->fastopen;
    sim_release(s->sim, f->peers, f->n_slots * sizeof *f->peers);
    f->peers = NULL;
    f->n = f->n_slots = 0;
}

/* ---- client */

static bool has_bit(const struct tcp_stack *s, enum fastopen_bits bit)
{
    return (s->params.fastopen & bit) != 0;
}

bool tcp_fastopen_is_on(const struct tcp_stack *s)
{
    return s->hs->fast_open || has_bit(s, FASTOPEN_CLIENT);
}

bool tcp_fastopen_is_ready(const struct tcp_stack *s, ip_addr to)
{
    const struct tcp_fastopen_peer *p = peer_of(&s->fastopen, to);
    return tcp_fastopen_is_on(s) &&
           (has_bit(s, FASTOPEN_CLIENT_NO_COOKIE) || (p != NULL && p->n > 0));
}

/* As Linux: the MSS that the server told last, within our own, and room for 40 bytes of options
 * that somebody on the way may add. */
static uint32_t room_of(const struct tcp *t, const struct tcp_fastopen_peer *p)
{
    const int64_t own = tcp_announced_mss(t);
    const int64_t mss = p != NULL && p->mss > 0 && p->mss < own ? p->mss : own;
    return mss > OPTION_BYTES ? (uint32_t)(mss - OPTION_BYTES) : 0;
}

uint32_t tcp_fastopen_begin(struct tcp *t)
{
    const struct tcp_stack *s = t->stack;
    const struct tcp_fastopen_peer *p = peer_of(&s->fastopen, t->remote.ip);
    if (has_bit(s, FASTOPEN_CLIENT_NO_COOKIE) || s->hs->by_timer)
        return room_of(t, p);
    if (p != NULL && p->off_until > s->sim->now)
        return 0;
    t->fo.asked = true;
    t->fo.kind = p != NULL && (p->n > 0 ? p->kind == OPTION_FASTOPEN_EXP : p->tried == 1)
                     ? OPTION_FASTOPEN_EXP
                     : OPTION_FASTOPEN;
    t->fo.experimental = t->fo.kind == OPTION_FASTOPEN_EXP;
    t->fo.n = p != NULL ? p->n : 0;
    if (t->fo.n == 0)
        return 0;
    memcpy(t->fo.cookie, p->cookie, t->fo.n);
    return room_of(t, p);
}

/* Of an unlawful length it counts as absent (Linux). */
static bool brings_cookie(const struct segment *g)
{
    const uint8_t kind = g->opt.cookie_kind;
    return (kind == OPTION_FASTOPEN || kind == OPTION_FASTOPEN_EXP) &&
           g->opt.n_cookie >= FASTOPEN_MIN && g->opt.n_cookie <= FASTOPEN_MAX &&
           g->opt.n_cookie % 2 == 0;
}

/* FreeBSD: a server that has no lawful cookie and did not take the data, or there was none, is
 * left alone for a while. */
static void leave_alone(const struct tcp *t, const struct segment *g,
                        struct tcp_fastopen_peer *p)
{
    const bool has_ack = (g->flags & TCP_ACK) != 0;
    const bool took_data = t->fo.syn_data && has_ack && seq_eq(g->ack, t->snd.nxt);
    if (!t->fo.asked || took_data)
        return;
    p->n = 0;
    p->off_until = time_add(t->stack->sim->now, t->stack->params.fastopen_path_disable_time);
}

static void remember(struct tcp *t, const struct segment *g)
{
    struct tcp_fastopen_peer *p = peer_made(t->stack, t->remote.ip);
    p->mss = g->opt.mss != 0 ? g->opt.mss : (uint16_t)tcp_default_mss(t->remote.ip);
    if (t->fo.asked && brings_cookie(g)) {
        p->kind = g->opt.cookie_kind;
        p->n = g->opt.n_cookie;
        memcpy(p->cookie, g->opt.cookie, p->n);
        return;
    }
    if (t->stack->params.fastopen_path_disable_time > 0) {
        leave_alone(t, g, p);
        return;
    }
    const bool in_vain = t->fo.asked && !t->fo.syn_data && !t->rtx.syn_repeated;
    const uint8_t tried = t->fo.experimental ? 2 : 1;
    if (in_vain && p->n == 0 && tried > p->tried)
        p->tried = tried;
}

/* RFC 7413 §4.2.2: what was not acknowledged with the SYN was thrown away by the server, and is
 * sent again at once, as if for the first time. */
void tcp_fastopen_synack(struct tcp *t, const struct segment *g)
{
    if (t->hs->fast_open || tcp_fastopen_is_on(t->stack))
        remember(t, g);
    t->fo.kind = 0;
    if (!t->fo.syn_data)
        return;
    if ((g->flags & TCP_ACK) != 0 && seq_lt(t->snd.una, g->ack)) /* of four-way: a bare SYN */
        tcp_take_ack(t, g);
    t->fo.data_acked = seq_eq(t->snd.una, t->snd.nxt);
    if (t->fo.data_acked)
        return;
    t->account->bytes_sent -= t->snd.nxt.v - t->snd.una.v;
    t->account->retransmissions++;
    t->n.repeats++;
    t->n.repeated_bytes += t->snd.nxt.v - t->snd.una.v;
    t->fo.syn_data_end = t->snd.nxt;
    t->fo.again = true;
    t->snd.nxt = t->snd.max = t->snd.small_end = t->snd.una;
    tcp_timer_off(t, TCP_TIMER_RTX);
}

/* ---- server */

static size_t put_words(uint8_t *bytes, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < 4 * n; i++)
        bytes[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
    return 4 * n;
}

static size_t put_address(const struct sim *sim, ip_addr addr, uint8_t *bytes)
{
    const struct key_address a = address_of(sim, addr);
    const size_t n = a.is_ipv6 ? put_words(bytes, a.high, ARRAY_LEN(a.high)) : 0;
    return n + put_words(bytes + n, &a.low, 1);
}

/* Linux: of the SYN's addresses in network order. */
static void cookie_of(const struct sim *sim, const uint64_t key[2], const struct packet *p,
                      uint8_t cookie[FASTOPEN_BYTES])
{
    uint8_t bytes[32];
    size_t n = put_address(sim, p->src, bytes);
    n += put_address(sim, p->dst, bytes + n);
    const uint64_t hash = siphash24(key, bytes, n);
    for (int i = 0; i < FASTOPEN_BYTES; i++)
        cookie[i] = (uint8_t)(hash >> 8 * i);
}

/* Children that the listener may have in SYN-RECEIVED. */
static int64_t limit_of(const struct tcp_listener *l)
{
    const struct tcp_stack *s = l->stack;
    const int64_t own =
        l->user->sockopts != NULL ? l->user->sockopts->fastopen_qlen : s->params.fastopen_qlen;
    if (own > 0 || (!s->hs->fast_open && !has_bit(s, FASTOPEN_EVERY_LISTENER)))
        return own;
    return l->backlog;
}

static bool serves(const struct tcp_listener *l)
{
    const struct tcp_stack *s = l->stack;
    return (s->hs->fast_open || has_bit(s, FASTOPEN_SERVER)) && l->n_children < limit_of(l);
}

int tcp_fastopen_read_keys(const uint8_t *bytes, size_t n, struct tcp_fastopen_keys *out)
{
    if (n == 0 || n % 16 != 0 || n / 16 > FASTOPEN_KEYS_MAX)
        return -EINVAL;
    *out = (struct tcp_fastopen_keys){.n = (int)(n / 16)};
    for (size_t i = 0; i < n; i++)
        out->words[i / 8] |= (uint64_t)bytes[i] << 8 * (i % 8);
    return 0;
}

static const struct tcp_fastopen_keys *keys_of(const struct tcp_listener *l)
{
    const struct tcp_sockopts *opt = l->user->sockopts;
    return opt != NULL && opt->fastopen_keys.n > 0 ? &opt->fastopen_keys
                                                   : &l->stack->fastopen.keys;
}

/* Of which key the cookie is, from 1; 0: of none. */
static int key_of_cookie(const struct tcp_listener *l, const struct segment *g)
{
    const struct tcp_fastopen_keys *keys = keys_of(l);
    if (!brings_cookie(g) || g->opt.n_cookie != FASTOPEN_BYTES)
        return 0;
    for (int i = 0; i < keys->n; i++) {
        uint8_t right[FASTOPEN_BYTES];
        cookie_of(l->stack->sim, &keys->words[2 * i], g->p, right);
        if (memcmp(g->opt.cookie, right, FASTOPEN_BYTES) == 0)
            return i + 1;
    }
    return 0;
}

/* A SYN that asks for a cookie, or brings one. */
static bool has_option(const struct segment *g)
{
    return g->opt.cookie_kind == OPTION_FASTOPEN || g->opt.cookie_kind == OPTION_FASTOPEN_EXP;
}

bool tcp_fastopen_admits(const struct tcp_listener *l, const struct segment *g)
{
    const bool freely = has_bit(l->stack, FASTOPEN_SERVER_NO_COOKIE);
    if (!(has_option(g) || (freely && g->p->len > 0)) || !serves(l))
        return false;
    return freely || key_of_cookie(l, g) > 0;
}

void tcp_fastopen_offer(struct tcp *t, const struct tcp_listener *l, const struct segment *g)
{
    const bool asks = has_option(g) && (g->opt.n_cookie == 0 || brings_cookie(g));
    if (!asks || !serves(l))
        return;
    t->fo.kind = g->opt.cookie_kind;
    t->fo.n = FASTOPEN_BYTES;
    cookie_of(l->stack->sim, keys_of(l)->words, g->p, t->fo.cookie);
}

bool tcp_fastopen_is_outdated(const struct tcp_listener *l, const struct segment *g)
{
    return key_of_cookie(l, g) > 1;
}

void tcp_fastopen_join(struct tcp *t, struct tcp_listener *l)
{
    t->fo.is_child = true;
    t->fo.listener = l;
    l->n_children++;
}

void tcp_fastopen_leave(struct tcp *t)
{
    t->fo.listener->n_children--;
    t->fo.listener = NULL;
}

void tcp_fastopen_close(struct tcp_listener *l)
{
    for (struct tcp *t = l->stack->all; t != NULL; t = t->next)
        if (t->fo.listener == l)
            tcp_fastopen_leave(t);
}
