/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_link_random.c -- links with faults against a reference that keeps every packet for ever
 * and scans.
 *
 * Times and sizes are round, so that simultaneous events are the normal case. The loss draws
 * are shared: the reference reads the same stream, one draw a packet. Half of the links vary,
 * for a lifetime that no packet reaches: that differs in the order of simultaneous arrivals.
 */
#include "models/fault.h"

#include <stdlib.h>

#include "tests/models/seg_log.h"

enum { TRIALS = 3000, SENDS = 60, FAULTS = 2, ALL = SENDS * 4 };

/* ---- the reference */

enum fate { ARRIVES, LOST, FAULT_DROPPED, QUEUE_DROPPED, HELD };

struct ref_packet {
    uint32_t id, bytes;
    enum fate fate;
    bool late;          /* out of FIFO order */
    int rank;           /* in the FIFO */
    sim_time starts_at; /* -1: takes no turn on the wire */
    sim_time arrives_at;
};

struct ref {
    struct link_params params;
    int64_t loss;
    struct rng loss_rng;
    struct fault_params faults[FAULTS];
    int64_t n_matched[FAULTS];
    sim_time release_at[FAULTS]; /* SIM_NEVER: not fired yet */
    bool released[FAULTS];
    int holder[ALL]; /* which fault acts on it, -1: none */
    struct ref_packet packets[ALL];
    int n;
    uint32_t last_id;
    sim_time free_at;
};

static void ref_waiting(const struct ref *r, sim_time now, int64_t *packets, int64_t *bytes)
{
    *packets = *bytes = 0;
    for (int i = 0; i < r->n; i++) {
        const struct ref_packet *p = &r->packets[i];
        *packets += p->starts_at > now;
        *bytes += p->starts_at > now ? p->bytes : 0;
    }
}

/* Everything that the world does by itself up to `until`, included. */
static void ref_advance(struct ref *r, sim_time until)
{
    for (int f = 0; f < FAULTS; f++) {
        if (r->released[f] || r->release_at[f] > until)
            continue;
        r->released[f] = true;
        for (int i = 0; i < r->n; i++) {
            struct ref_packet *p = &r->packets[i];
            if (p->fate != HELD || r->holder[i] != f)
                continue;
            p->fate = ARRIVES;
            p->late = true;
            p->arrives_at = r->release_at[f] + dist_mean(&r->params.delay);
        }
    }
}

/* Index of the fault that acts on the packet, or -1. Every packet of this test matches every
 * fault. */
static int ref_fault(struct ref *r)
{
    int acts = -1;
    for (int f = 0; f < FAULTS; f++) {
        const struct fault_match *m = &r->faults[f].match;
        const int64_t k = ++r->n_matched[f];
        if (k >= m->nth && k < m->nth + m->count && !r->released[f] && acts < 0)
            acts = f;
    }
    return acts;
}

static sim_time ref_tx(const struct ref *r, uint32_t bytes)
{
    const int64_t bit_ns = (int64_t)bytes * 8 * SEC(1);
    return r->params.rate_bps == UNIT_UNLIMITED
               ? 0
               : bit_ns / r->params.rate_bps + (bit_ns % r->params.rate_bps != 0);
}

static void ref_copies(struct ref *r, const struct fault_params *f,
                       const struct ref_packet *original)
{
    for (int64_t k = 1; k <= f->duplicate.copies; k++) {
        r->packets[r->n] = (struct ref_packet){
            .id = ++r->last_id,
            .bytes = original->bytes,
            .fate = ARRIVES,
            .late = f->duplicate.after > 0 || r->params.lifetime > 0,
            .rank = r->n,
            .starts_at = -1,
            .arrives_at = original->arrives_at + k * f->duplicate.after,
        };
        r->n++;
    }
}

static void ref_send(struct ref *r, sim_time now, uint32_t bytes)
{
    static const struct fault_params NONE;
    int64_t waiting, waiting_bytes;
    ref_waiting(r, now, &waiting, &waiting_bytes);
    struct ref_packet *p = &r->packets[r->n];
    *p = (struct ref_packet){.id = ++r->last_id, .bytes = bytes, .rank = r->n, .starts_at = -1};
    const int acts = ref_fault(r);
    const struct fault_params *f = acts < 0 ? &NONE : &r->faults[acts];
    const bool lost = r->loss > 0 && rng_below(&r->loss_rng, FRACTION_ONE) < (uint64_t)r->loss;
    r->holder[r->n++] = acts;
    if (f->hold.until.name[0] != '\0') {
        p->fate = HELD;
        return;
    }
    const sim_time starts_at = time_max(now, r->free_at);
    if (starts_at > now && (waiting + 1 > r->params.queue_packets ||
                            waiting_bytes > r->params.queue_bytes - bytes)) {
        p->fate = QUEUE_DROPPED;
        return;
    }
    p->starts_at = starts_at;
    r->free_at = starts_at + ref_tx(r, bytes);
    p->fate = f->drop ? FAULT_DROPPED : lost ? LOST : ARRIVES;
    p->late = f->delay > 0 || r->params.lifetime > 0;
    p->arrives_at = r->free_at + dist_mean(&r->params.delay) + f->delay;
    ref_copies(r, f, p);
}

/* By time; at one instant the FIFO first, then the late ones by id. */
static int by_arrival(const void *a, const void *b)
{
    const struct ref_packet *p = a, *q = b;
    if (p->arrives_at != q->arrives_at)
        return p->arrives_at < q->arrives_at ? -1 : 1;
    if (p->late != q->late)
        return p->late ? 1 : -1;
    return p->late ? (p->id > q->id) - (p->id < q->id) : p->rank - q->rank;
}

/* ---- random scenarios */

static int64_t pick(struct rng *rng, const int64_t *from, size_t n)
{
    return from[rng_below(rng, n)];
}
#define PICK(rng, ...)                                                                         \
    pick((rng), (const int64_t[]){__VA_ARGS__},                                                \
         sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static struct link_params random_link(struct rng *rng, int64_t *loss)
{
    *loss = PICK(rng, 0, FRACTION_ONE / 5, FRACTION_ONE);
    return (struct link_params){
        .rate_bps = PICK(rng, 8000000, 4000000, 3000000, UNIT_UNLIMITED),
        .delay = dist_constant(
            PICK(rng, US(500), MS(1), MS(2),
                 MS(10))), /* not 0: a send comes after all that happens at its instant */
        .queue_packets = PICK(rng, 0, 1, 3, UNIT_UNLIMITED),
        .queue_bytes = PICK(rng, 0, 1000, 2500, UNIT_UNLIMITED),
        .loss = loss_bernoulli(*loss),
        .lifetime = PICK(rng, 0, SEC(1000)),
    };
}

static struct fault_params random_fault(struct rng *rng)
{
    struct fault_params f = {
        .match = {.nth = PICK(rng, 1, 2, 5, 20), .count = PICK(rng, 1, 2, 10), .data = "any"}};
    switch (rng_below(rng, 4)) {
    case 0:
        f.drop = true;
        break;
    case 1:
        f.delay = PICK(rng, US(500), MS(1), MS(3));
        break;
    case 2:
        f.duplicate.copies = PICK(rng, 1, 2);
        f.duplicate.after = PICK(rng, 0, US(500), MS(2));
        break;
    default:
        strcpy(f.hold.until.name, "user");
        f.hold.then = PICK(rng, 0, MS(1), MS(7));
    }
    return f;
}

static int64_t count_fate(const struct ref *r, enum fate fate)
{
    int64_t n = 0;
    for (int i = 0; i < r->n; i++)
        n += r->packets[i].fate == fate;
    return n;
}

static void compare(const char *story, struct ref *r, const struct link *l,
                    const struct tap *tap)
{
    check_eq(story, l->n_sent, SENDS);
    check_eq(story, l->n_sent + l->n_copies, r->n);
    check_eq(story, l->n_lost, count_fate(r, LOST));
    check_eq(story, l->n_fault_drops, count_fate(r, FAULT_DROPPED));
    check_eq(story, l->n_queue_drops, count_fate(r, QUEUE_DROPPED));
    check_eq(story, l->n_ended, count_fate(r, HELD));
    check_eq(story, l->n_delivered, count_fate(r, ARRIVES));
    check_eq(story, link_books(l), 0);
    check_eq(story, tap->n, l->n_delivered);
    qsort(r->packets, (size_t)r->n, sizeof(r->packets[0]), by_arrival);
    size_t arrived = 0;
    for (int i = 0; i < r->n; i++) {
        if (r->packets[i].fate != ARRIVES)
            continue;
        check_eq(story, tap->packets[arrived].id, r->packets[i].id);
        check_eq(story, tap->at[arrived], r->packets[i].arrives_at);
        check_eq(story, tap->packets[arrived].marks & ~PACKET_HELD, 0);
        arrived++;
    }
}

static void trial(uint64_t seed)
{
    char story[32];
    snprintf(story, sizeof(story), "trial %llu", (unsigned long long)seed);
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
    struct rng rng = sim_rng(sim, "test");
    struct tap tap = tap_to(sim);
    struct link l;
    struct fault faults[FAULTS];
    static struct ref r; /* a few kB */
    r = (struct ref){.loss_rng = sim_rng(sim, "link/a->b/loss"),
                     .release_at = {SIM_NEVER, SIM_NEVER}};
    r.params = random_link(&rng, &r.loss);
    link_init(&l, sim, "a->b", &r.params, &tap.sink);
    for (int f = 0; f < FAULTS; f++) {
        r.faults[f] = random_fault(&rng);
        fault_init(&faults[f], sim, f == 0 ? "first" : "second", &r.faults[f], &l);
    }
    const uint64_t fire_before[FAULTS] = {rng_below(&rng, SENDS + 30),
                                          rng_below(&rng, SENDS + 30)};
    sim_time at = 0;
    for (uint64_t i = 0; i < SENDS; i++) {
        at += PICK(&rng, 0, 0, US(500), MS(1), MS(3));
        sim_run_until(sim, at);
        ref_advance(&r, at);
        for (int f = 0; f < FAULTS; f++) {
            if (i != fire_before[f] || r.faults[f].hold.until.name[0] == '\0')
                continue;
            fault_fire(&faults[f]);
            r.release_at[f] = at + r.faults[f].hold.then;
        }
        const uint32_t bytes = (uint32_t)PICK(&rng, 40, 500, 1000);
        link_send(&l, packet_new(sim, bytes));
        ref_send(&r, at, bytes);
        if (r.packets[r.n - 1].starts_at >=
            0) { /* the counters were brought up to date by this packet */
            int64_t waiting, waiting_bytes;
            ref_waiting(&r, at, &waiting, &waiting_bytes);
            check_eq(story, l.n_waiting, waiting);
            check_eq(story, l.waiting_bytes, waiting_bytes);
        }
    }
    sim_run_until(sim, SEC(10));
    ref_advance(&r, SEC(10));
    for (int f = 0; f < FAULTS; f++)
        fault_drain(&faults[f]);
    link_drain(&l);
    compare(story, &r, &l, &tap);
    check_eq(story, sim->live_packets, 0);
    sim_free(sim);
}

static void links_equal_the_reference(void **state)
{
    for (uint64_t seed = 1; seed <= TRIALS; seed++)
        trial(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(links_equal_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
