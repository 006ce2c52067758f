/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/pmtu.h"

#include "models/tcp/endpoint.h"
#include "models/tcp/icmp.h"
#include "sim/address.h"

enum { FIRST_SLOTS = 16 };

/* ---- the table of destinations */

/* Where the destination is, or would be. */
static struct tcp_path *slot_of(const struct tcp_paths *paths, ip_addr to)
{
    const uint64_t key = (uint64_t)to.prefix << 32 | to.low;
    uint32_t i = (uint32_t)mix64(key, 0) & (paths->n_slots - 1);
    while (paths->slots[i].mtu != 0 && !ip_eq(paths->slots[i].to, to))
        i = (i + 1) & (paths->n_slots - 1);
    return &paths->slots[i];
}

static bool has_expired(const struct tcp_path *p, sim_time now)
{
    return p->expires_at <= now;
}

/* All that has not expired, in a table of n_slots. */
static void rebuild(struct tcp_paths *paths, uint32_t n_slots)
{
    struct sim *sim = paths->stack->sim;
    const struct tcp_paths old = *paths;
    paths->n_slots = n_slots;
    paths->n = 0;
    paths->slots = sim_alloc(sim, n_slots * sizeof *paths->slots);
    for (uint32_t i = 0; i < old.n_slots; i++) {
        const struct tcp_path *p = &old.slots[i];
        if (p->mtu == 0 || has_expired(p, sim->now))
            continue;
        *slot_of(paths, p->to) = *p;
        paths->n++;
    }
    if (old.slots != NULL)
        sim_release(sim, old.slots, old.n_slots * sizeof *old.slots);
}

static void set_timer(struct tcp_paths *paths)
{
    sim_time first = SIM_NEVER;
    for (uint32_t i = 0; i < paths->n_slots; i++)
        if (paths->slots[i].mtu != 0)
            first = time_min(first, paths->slots[i].expires_at);
    timer_set(paths->stack->sim, &paths->timer, first);
}

static void learn(struct tcp_stack *s, ip_addr to, uint32_t mtu)
{
    struct tcp_paths *paths = &s->paths;
    if (2 * paths->n >= paths->n_slots)
        rebuild(paths, paths->n_slots > 0 ? 2 * paths->n_slots : FIRST_SLOTS);
    struct tcp_path *p = slot_of(paths, to);
    paths->n += p->mtu == 0;
    *p = (struct tcp_path){to, mtu, time_add(s->sim->now, s->params.mtu_expires)};
    timer_set(s->sim, &paths->timer, time_min(paths->timer.deadline, p->expires_at));
}

uint32_t tcp_path_mtu(const struct tcp_stack *s, ip_addr to)
{
    const struct tcp_paths *paths = &s->paths;
    const struct tcp_path *p = paths->n > 0 ? slot_of(paths, to) : NULL;
    const bool known = p != NULL && p->mtu != 0 && !has_expired(p, s->sim->now);
    return known ? p->mtu : UINT32_MAX;
}

/* ---- connections */

static uint32_t headers_of(const struct tcp *t)
{
    return address_header_bytes(t->remote.ip) + TCP_HEADER_BYTES;
}

/* What Linux counts without options, and the MSS with them: RFC 6691. */
static uint32_t stamp_bytes(const struct tcp *t)
{
    return t->agreed.timestamps ? TIMESTAMPS_BYTES : 0;
}

static uint32_t mss_on_path(const struct tcp *t)
{
    const int64_t own = tcp_announced_mss(t);
    const uint32_t path = tcp_path_mtu(t->stack, t->remote.ip);
    uint32_t mss = t->snd.agreed_mss < own ? t->snd.agreed_mss : (uint32_t)own;
    if (path != UINT32_MAX && path - headers_of(t) < mss)
        mss = path - headers_of(t);
    if (t->snd.probe_mss != 0 && t->snd.probe_mss + stamp_bytes(t) < mss)
        mss = t->snd.probe_mss + stamp_bytes(t);
    return mss;
}

void tcp_path_begin(struct tcp *t, uint32_t peer_mss)
{
    t->snd.agreed_mss = (uint16_t)peer_mss;
    t->snd.mss = mss_on_path(t);
}

static void expired(struct sim *sim, struct timer *timer)
{
    struct tcp_paths *paths = CONTAINER_OF(timer, struct tcp_paths, timer);
    struct tcp_stack *s = paths->stack;
    rebuild(paths, paths->n_slots);
    set_timer(paths);
    for (struct tcp *t = s->all; t != NULL && s->icmp->grows_back; t = t->next)
        if (tcp_states[t->state].synchronized)
            t->snd.mss = mss_on_path(t);
}

void tcp_paths_init(struct tcp_stack *s)
{
    s->paths.stack = s;
    timer_init(s->sim, &s->paths.timer, EV_TIMER, s->host, expired);
}

void tcp_paths_flush(struct tcp_stack *s)
{
    for (uint32_t i = 0; i < s->paths.n_slots; i++)
        s->paths.slots[i].mtu = 0;
    s->paths.n = 0;
    timer_set(s->sim, &s->paths.timer, SIM_NEVER);
}

/* ---- a message says that it was too large */

/* The largest plateau below what the packet had. */
static uint32_t guess(const uint16_t *plateaus, uint32_t bytes)
{
    if (plateaus == NULL)
        return 0;
    while (*plateaus >= bytes && *plateaus != 0)
        plateaus++;
    return *plateaus;
}

/* RFC 5927 §7.2: it fits there, there is no such link, or nothing so large has been sent. */
static bool is_absurd(const struct tcp *t, const struct icmp_error *e, uint32_t mtu)
{
    const bool opening = !tcp_states[t->state].synchronized;
    const uint32_t most =
        headers_of(t) + (opening ? (uint32_t)tcp_announced_mss(t) : t->snd.agreed_mss);
    return mtu < IPV4_LEAST_MTU || e->bytes <= mtu || e->bytes > most;
}

/* 0: it is not believed. */
static uint32_t believed_mtu(const struct tcp *t, const struct icmp_error *e)
{
    const struct tcp_icmp_rule *rule = t->stack->icmp;
    const uint32_t mtu = e->mtu != 0 ? e->mtu : guess(rule->plateaus, e->bytes);
    const uint32_t least = (uint32_t)t->stack->params.min_pmtu;
    if (rule->doubts_sizes && is_absurd(t, e, mtu))
        return 0;
    if (address_is_ipv6(e->dst)) /* RFC 8201 §4 */
        return mtu >= IPV6_LEAST_MTU ? mtu : 0;
    return mtu > least ? mtu : least;
}

/* In SYN-SENT nothing of the peer is known; FreeBSD then counts with 536. */
static uint32_t mss_now(const struct tcp *t)
{
    const bool counts = t->state != TCP_SYN_SENT || t->stack->icmp->counts_with_default;
    return counts ? t->snd.mss : (uint32_t)tcp_announced_mss(t);
}

bool tcp_path_shrinks(struct tcp *t, const struct icmp_error *e)
{
    const uint32_t mtu = t->stack->params.mtu_discovery ? believed_mtu(t, e) : 0;
    if (mtu == 0 || mtu - headers_of(t) >= mss_now(t))
        return false;
    learn(t->stack, e->dst, mtu);
    if (t->state == TCP_SYN_SENT && t->fo.syn_data)
        tcp_retransmit(t); /* without its data, as after a timeout */
    if (t->state == TCP_SYN_SENT)
        return true;
    t->snd.mss = mtu - headers_of(t);
    if (tcp_states[t->state].synchronized)
        tcp_recover_on_mtu(t);
    return true;
}

/* ---- nothing says so, and nothing arrives */

/* RFC 4821 §7.7 as Linux does it: tcp_mtu_probing(). */
void tcp_path_suspect(struct tcp *t)
{
    const struct tcp_params *p = &t->stack->params;
    const uint32_t base = (uint32_t)p->base_mss, least = (uint32_t)p->mtu_probe_floor;
    if (p->mtu_probing == 0 || !tcp_states[t->state].synchronized)
        return;
    const uint32_t half = t->snd.probe_mss / 2u < base ? t->snd.probe_mss / 2u : base;
    const uint32_t next = t->snd.probe_mss == 0 ? base : half > least ? half : least;
    t->snd.probe_mss = (uint16_t)next;
    t->snd.mss = mss_on_path(t);
    sim_event(t->stack->sim, t->stack->host, t->number, "black hole", "segments get smaller");
}
