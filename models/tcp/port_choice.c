/* SPDX-License-Identifier: GPL-3.0-or-later
 * port_choice.c -- ephemeral ports: RFC 6056's algorithms, Linux's, and one after the other.
 *
 * Each algorithm says where among the ports the search begins, and goes on from there to the
 * first that will do. The search itself is one for all: first port by port; where a
 * destination has taken many, by the bits of a crowd (crowd.h).
 */
#include "models/tcp/crowd.h"
#include "models/tcp/endpoint.h"
#include "models/tcp/siphash.h"

#include <string.h>

/* ---- the algorithms */

static uint32_t n_ports(const struct tcp_stack *s)
{
    return (uint32_t)(s->params.port_max - s->params.port_min + 1);
}

/* F of RFC 6056 §3.3.3. */
static uint64_t keyed_hash(const struct tcp_stack *s, ip_addr from, struct tcp_addr to)
{
    const uint32_t words[] = {from.prefix, from.low, to.ip.prefix, to.ip.low, to.port};
    uint8_t bytes[sizeof words];
    memcpy(bytes, words, sizeof bytes); /* of one order on all machines that are built for */
    return siphash24(s->ports.key, bytes, sizeof bytes);
}

static uint32_t counter(struct tcp_stack *s, ip_addr from, struct tcp_addr to)
{
    return s->ports.next;
}

static void count_on(struct tcp_stack *s, ip_addr from, struct tcp_addr to, uint16_t port,
                     uint32_t n_taken)
{
    s->ports.next = (uint32_t)(port - s->params.port_min) + 1;
}

static uint32_t drawn(struct tcp_stack *s, ip_addr from, struct tcp_addr to)
{
    return (uint32_t)rng_below(&s->ports.rng, n_ports(s));
}

static uint32_t hashed(struct tcp_stack *s, ip_addr from, struct tcp_addr to)
{
    return (uint32_t)keyed_hash(s, from, to) + s->ports.next;
}

static void count_all(struct tcp_stack *s, ip_addr from, struct tcp_addr to, uint16_t port,
                      uint32_t n_taken)
{
    s->ports.next += n_taken + 1;
}

/* The counter of this destination's group; they begin anywhere. */
static uint32_t *perturb(struct tcp_stack *s, ip_addr from, struct tcp_addr to)
{
    if (s->ports.perturb == NULL) {
        s->ports.perturb = sim_alloc(s->sim, PORT_PERTURB * sizeof *s->ports.perturb);
        for (int i = 0; i < PORT_PERTURB; i++)
            s->ports.perturb[i] = (uint32_t)rng_u64(&s->ports.rng);
    }
    return &s->ports.perturb[keyed_hash(s, from, to) % PORT_PERTURB];
}

static uint32_t doubly_hashed(struct tcp_stack *s, ip_addr from, struct tcp_addr to)
{
    return (uint32_t)(keyed_hash(s, from, to) >> 32) + *perturb(s, from, to);
}

static void count_group(struct tcp_stack *s, ip_addr from, struct tcp_addr to, uint16_t port,
                        uint32_t n_taken)
{
    *perturb(s, from, to) += n_taken + 1;
}

/* Linux's __inet_hash_connect(): as many as were passed, but a random few at least. */
static void count_some(struct tcp_stack *s, ip_addr from, struct tcp_addr to, uint16_t port,
                       uint32_t n_taken)
{
    enum { SOME = 8 };
    const uint32_t few = (uint32_t)rng_below(&s->ports.rng, SOME);
    *perturb(s, from, to) += 2 * (n_taken > few ? n_taken : few) + 2;
}

/* clang-format off */
#define SEQUENTIAL_HELP "one after the other"
#define RANDOM_HELP "from a random one on, RFC 6056 §3.3.1 (FreeBSD)"
#define SIMPLE_HELP "from a hash of the destination and a counter on, RFC 6056 §3.3.3"
#define DOUBLE_HELP "so too, and a counter for each group of destinations, RFC 6056 §3.3.4"
#define LINUX_HELP "so too, by random steps; even ports for connect(), odd ones for bind() (Linux)"
static const struct tcp_port_choice registry[] = {
    {"sequential", SEQUENTIAL_HELP, "4.4BSD", counter, count_on, false},
    {"random", RANDOM_HELP, "RFC 6056 algorithm 1", drawn, NULL, false},
    {"simple-hash", SIMPLE_HELP, "RFC 6056 algorithm 3", hashed, count_all, false},
    {"double-hash", DOUBLE_HELP, "RFC 6056 algorithm 4", doubly_hashed, count_group, false},
    {"linux", LINUX_HELP, "Linux 6.18, __inet_hash_connect()", doubly_hashed, count_some, true},
};
const struct choice TCP_PORT_CHOICES[] = {
    {"sequential", SEQUENTIAL_HELP}, {"random", RANDOM_HELP}, {"simple-hash", SIMPLE_HELP},
    {"double-hash", DOUBLE_HELP}, {"linux", LINUX_HELP}, {NULL, NULL},
};
/* clang-format on */

const struct tcp_port_choice *tcp_port_choice_find(const char *name)
{
    const struct tcp_port_choice *c = registry;
    while (strcmp(c->name, name) != 0)
        c++;
    return c;
}

/* ---- the order of a search */

/* n ports from low on, beginning at offset; in two passes over every second one, or in one. An
 * odd one out is left out of two passes, as by Linux. */
struct walk {
    uint32_t low, n, offset;
    bool halves;
};

static struct walk walk_from(const struct tcp_stack *s, uint32_t offset, bool odd_first)
{
    struct walk w = {(uint32_t)s->params.port_min, n_ports(s), 0, s->ports.choice->halves};
    if (w.halves && w.n > 1)
        w.n &= ~1u;
    w.halves = w.halves && w.n > 1;
    w.offset = offset % w.n;
    if (w.halves)
        w.offset = odd_first ? w.offset | 1 : w.offset & ~1u;
    return w;
}

/* The i-th port of the search. */
static uint16_t walk_port(const struct walk *w, uint32_t i)
{
    const uint32_t half = w->n / 2;
    const uint32_t at = !w->halves ? w->offset + i
                        : i < half ? w->offset + 2 * i
                                   : (w->offset ^ 1) + 2 * (i - half);
    return (uint16_t)(w->low + at % w->n);
}

/* Its inverse. */
static uint32_t walk_place(const struct walk *w, uint16_t port)
{
    const uint32_t at = port - w->low, half = w->n / 2;
    if (!w->halves)
        return (at + w->n - w->offset) % w->n;
    return ((at ^ w->offset) & 1) == 0 ? (at + w->n - w->offset) % w->n / 2
                                       : half + (at + w->n - (w->offset ^ 1)) % w->n / 2;
}

/* ---- searching by bits, 64 ports at a time */

/* What is taken: for bind() ports with an owner, for connect() those that bind() has given and
 * the crowd's. */
struct taken {
    const struct tcp_ports *ports;
    const uint64_t *crowd; /* NULL: for bind() */
};

static uint64_t word(struct taken t, uint32_t i)
{
    const struct tcp_port_page *page = t.ports->pages[i];
    if (t.crowd == NULL)
        return page != NULL ? page->owned : 0;
    return t.crowd[i] | (page != NULL ? page->bound : 0);
}

/* The first port in [from, to) that is free, of the parity (0, 1; 2: of both); else to. */
static uint32_t next_zero(struct taken t, uint32_t from, uint32_t to, int parity)
{
    static const uint64_t wanted[] = {UINT64_C(0x5555555555555555),
                                      UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_MAX};
    for (uint32_t at = from; at < to; at = (at | 63) + 1) {
        const uint64_t zeros = ~word(t, at >> 6) & wanted[parity] & UINT64_MAX << (at & 63);
        const uint32_t port = (at & ~63u) + (zeros != 0 ? (uint32_t)__builtin_ctzll(zeros) : 0);
        if (zeros != 0)
            return port < to ? port : to;
    }
    return to;
}

/* The same around the walk's ports, from an offset on. 0: none. */
static uint16_t zero_around(const struct walk *w, struct taken t, uint32_t offset, int parity)
{
    const uint32_t begin = w->low + offset, end = w->low + w->n;
    uint32_t port = next_zero(t, begin, end, parity);
    if (port < end)
        return (uint16_t)port;
    port = next_zero(t, w->low, begin, parity);
    return (uint16_t)(port < begin ? port : 0);
}

static uint16_t zero_of_walk(const struct walk *w, struct taken t)
{
    if (!w->halves)
        return zero_around(w, t, w->offset, 2);
    const int parity = (w->low + w->offset) & 1;
    const uint16_t port = zero_around(w, t, w->offset, parity);
    return port != 0 ? port : zero_around(w, t, w->offset ^ 1, !parity);
}

/* ---- the calls */

static uint16_t none(struct tcp_stack *s)
{
    s->ports.n_exhausted++;
    s->ports.exhausted_at = time_min(s->ports.exhausted_at, s->sim->now);
    return 0;
}

/* Ports are tried one by one so often, at least; then a crowd is made. */
static uint32_t patience(const struct walk *w)
{
    enum { LEAST = 64, SHARE = 16 };
    const uint32_t n = w->n / SHARE > LEAST ? w->n / SHARE : LEAST;
    return n < w->n ? n : w->n;
}

static uint16_t try_ports(struct tcp_stack *s, const struct walk *w, struct tcp_addr from,
                          struct tcp_addr to, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        from.port = walk_port(w, i);
        if (tcp_port_serves(s, from, to))
            return from.port;
    }
    return 0;
}

/* Bits tell what is free; what is not may still yield. */
static __attribute__((noinline)) uint16_t search_crowd(struct tcp_stack *s,
                                                       const struct walk *w,
                                                       struct tcp_addr from, struct tcp_addr to)
{
    const struct tcp_crowd *c = tcp_crowd_of(s, from.ip, to);
    const uint16_t port = zero_of_walk(w, (struct taken){&s->ports, c->taken});
    return port == 0 && tcp_tw_may_yield(s, from.ip, to.ip) ? try_ports(s, w, from, to, w->n)
                                                            : port;
}

static uint16_t search(struct tcp_stack *s, const struct walk *w, struct tcp_addr from,
                       struct tcp_addr to)
{
    if (s->table.crowds != NULL && tcp_is_crowd(s, from.ip, to))
        return search_crowd(s, w, from, to);
    const uint16_t port = try_ports(s, w, from, to, patience(w));
    return port == 0 && patience(w) < w->n ? search_crowd(s, w, from, to) : port;
}

uint16_t tcp_port_for_connect(struct tcp_stack *s, ip_addr from, struct tcp_addr to)
{
    const struct tcp_port_choice *choice = s->ports.choice;
    const struct walk w = walk_from(s, choice->offset(s, from, to), false);
    const uint16_t port = search(s, &w, (struct tcp_addr){from, 0}, to);
    if (port == 0)
        return none(s);
    const uint32_t place = walk_place(&w, port), half = w.n / 2;
    if (choice->found != NULL)
        choice->found(s, from, to, port, w.halves && place >= half ? place - half : place);
    return port;
}

/* Where ports have owners at other addresses alone they may do, too. */
static uint16_t search_shared(const struct tcp_stack *s, const struct walk *w,
                              const struct tcp_hold *want)
{
    struct tcp_hold h = *want;
    h.bits = 0; /* nothing is shared with whoever has the address */
    for (uint32_t i = 0; i < w->n; i++) {
        h.port = walk_port(w, i);
        if (tcp_port_admits(s, &h))
            return h.port;
    }
    return 0;
}

uint16_t tcp_port_for_bind(struct tcp_stack *s, const struct tcp_hold *want)
{
    const struct tcp_addr nobody = {ip4(0), 0};
    const struct tcp_port_choice *choice = s->ports.choice;
    const bool one_after_the_other = choice->offset == counter;
    const struct walk w =
        walk_from(s, one_after_the_other ? s->ports.next : drawn(s, want->ip, nobody), true);
    uint16_t port = zero_of_walk(&w, (struct taken){&s->ports, NULL});
    if (port == 0 && !ip_eq(want->ip, ip4(0)))
        port = search_shared(s, &w, want);
    if (port == 0)
        return none(s);
    if (one_after_the_other)
        count_on(s, want->ip, nobody, port, 0);
    return port;
}
