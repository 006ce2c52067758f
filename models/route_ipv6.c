/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/route_ipv6.h"

enum { FIRST_SLOTS = 16, N_LENGTHS = 129 };

struct slot {
    struct route_entry entry;
    struct key_address to;
};

/* Invariant: n <= cap / 2; cap is a power of two. */
struct route_ipv6 {
    struct slot *slots;
    uint32_t n, cap;
    uint8_t lengths[N_LENGTHS]; /* that occur, falling */
    int n_lengths;
};

/* Where the prefix stands, or would. */
static struct slot *probe(const struct route_ipv6 *x, struct key_address to)
{
    const uint64_t net = (uint64_t)to.high[0] << 32 | to.high[1];
    const uint64_t rest = (uint64_t)to.high[2] << 32 | to.low;
    uint32_t at = (uint32_t)mix64(net, rest + to.prefix_bits) & (x->cap - 1);
    while (x->slots[at].entry.is_used && address_compare(x->slots[at].to, to) != 0)
        at = (at + 1) & (x->cap - 1);
    return &x->slots[at];
}

static void grow(struct route_ipv6 *x, struct sim *sim)
{
    struct slot *old = x->slots;
    const uint32_t n_old = x->cap;
    x->cap = n_old == 0 ? FIRST_SLOTS : 2 * n_old;
    x->slots = sim_alloc(sim, x->cap * sizeof(*x->slots));
    for (uint32_t i = 0; i < n_old; i++)
        if (old[i].entry.is_used)
            *probe(x, old[i].to) = old[i];
    sim_release(sim, old, n_old * sizeof(*old));
}

static void note_length(struct route_ipv6 *x, uint8_t bits)
{
    int at = 0;
    while (at < x->n_lengths && x->lengths[at] > bits)
        at++;
    if (at < x->n_lengths && x->lengths[at] == bits)
        return;
    for (int i = x->n_lengths++; i > at; i--)
        x->lengths[i] = x->lengths[i - 1];
    x->lengths[at] = bits;
}

struct route_entry *route_ipv6_entry(struct route_table *t, struct key_address to)
{
    if (t->ipv6 == NULL)
        t->ipv6 = sim_alloc(t->sim, sizeof(*t->ipv6));
    struct route_ipv6 *x = t->ipv6;
    if (2 * (x->n + 1) > x->cap)
        grow(x, t->sim);
    struct slot *s = probe(x, to);
    if (!s->entry.is_used) {
        *s = (struct slot){.entry = {.low = to.low, .bits = to.prefix_bits, .is_used = true},
                           .to = to};
        x->n++;
        note_length(x, to.prefix_bits);
    }
    return &s->entry;
}

struct route_entry *route_ipv6_find(const struct route_table *t, ip_addr dst)
{
    if (t->ipv6 == NULL)
        return NULL;
    const struct key_address whole = address_of(t->sim, dst);
    for (int i = 0; i < t->ipv6->n_lengths; i++) {
        struct slot *s = probe(t->ipv6, address_cut(whole, t->ipv6->lengths[i]));
        if (route_entry_leads(&s->entry))
            return &s->entry;
    }
    return NULL;
}
