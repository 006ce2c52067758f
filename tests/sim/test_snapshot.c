/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_snapshot.c -- run, copy, run on, go back, run again: the same run, told by its digest.
 */
#include <stdlib.h>

#include "tests/check.h"

/* A toy of everything that has state in the arena: nodes that hold packets, call each other by
 * events, watch over themselves by timers, and beget further nodes. */
struct node {
    struct event call;
    struct timer watch;
    struct rng rng;
    struct packet_fifo held;
    struct node *other;
    uint32_t subject;
    uint64_t *table;
    uint32_t cap_table;
};

static sim_time random_wait(struct node *n)
{
    return (sim_time)rng_below(&n->rng, 5);
}

static void tell(struct sim *sim, const struct node *n, const char *kind)
{
    char detail[64];
    snprintf(detail, sizeof(detail), "packet %u of %u, table %u", sim->last_packet_id,
             sim->live_packets, n->cap_table);
    sim_event(sim, n->subject, 0, kind, detail);
}

static struct node *node_new(struct sim *sim, struct node *other);

static void on_watch(struct sim *sim, struct timer *t)
{
    struct node *n = CONTAINER_OF(t, struct node, watch);
    tell(sim, n, "watch");
    if (n->held.head != NULL)
        packet_free(sim, fifo_pop(&n->held));
    if (rng_chance(&n->rng, 0.1) && sim->n_subjects < 40)
        n->other = node_new(sim, n->other);
}

static void on_call(struct sim *sim, struct event *e)
{
    struct node *n = CONTAINER_OF(e, struct node, call);
    struct packet *p = packet_new(sim, (uint32_t)rng_below(&n->rng, 1500));
    packet_set_options(sim, p, (const uint8_t[]){1, 1, 1, 1}, 4);
    fifo_push(&n->held, p);
    n->table =
        arena_grow(&sim->arena, n->table, &n->cap_table, p->id / 4 + 1, sizeof(uint64_t));
    n->table[p->id / 4] += p->bytes;
    tell(sim, n, "call");
    event_at(sim, e, sim->now + 1 + random_wait(n));
    timer_set(sim, &n->other->watch, sim->now + random_wait(n) * 2);
}

static struct node *node_new(struct sim *sim, struct node *other)
{
    char name[32];
    struct node *n = sim_alloc(sim, sizeof(*n));
    snprintf(name, sizeof(name), "node%u", sim->n_subjects + 1);
    n->subject = sim_subject(sim, "host", name);
    n->rng = sim_rng(sim, name);
    n->other = other == NULL ? n : other;
    event_init(sim, &n->call, EV_ARRIVAL, n->subject, on_call);
    timer_init(sim, &n->watch, EV_TIMER, n->subject, on_watch);
    event_at(sim, &n->call, sim->now);
    return n;
}

enum { END = 600 };

static struct sim *toy(uint64_t seed, bool shuffle)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed, .shuffle_ties = shuffle});
    struct node *n = NULL;
    for (int i = 0; i < 5; i++)
        n = node_new(sim, n);
    return sim;
}

static void step(struct sim *sim, uint64_t n)
{
    while (n-- > 0 && sim_step(sim, END))
        ;
}

/* The arena beyond its end must be zero: blocks come from there without being cleared. */
static bool is_clean_behind(const struct sim *sim, size_t bytes)
{
    const char *p = sim->arena.base + sim->arena.used;
    for (size_t i = 0; i < bytes; i++)
        if (p[i] != 0)
            return false;
    return true;
}

static struct digest rest_of_run(struct sim *sim)
{
    struct digest d;
    digest_init(&d, REC_LIFE);
    sim_listen(sim, &d.listener);
    sim_run_until(sim, END);
    sim_listen(sim, NULL);
    return d;
}

static void a_restored_run_is_the_same_run(void **state)
{
    struct rng r;
    rng_init(&r, 1, "snapshots");
    for (uint64_t i = 0; i < 100; i++) {
        struct sim *sim = toy(i / 2, i % 2);
        struct snapshot s;
        step(sim, rng_below(&r, 3000));
        assert_int_equal(sim_snapshot(sim, &s), 0);
        const size_t used = sim->arena.used;
        const struct digest first = rest_of_run(sim);
        const size_t used_later = sim->arena.used;
        sim_restore(sim, &s);
        check_eq("used as then", sim->arena.used, used);
        check_true("clean behind", is_clean_behind(sim, used_later - used));
        check_true("the run did grow", used_later > used);
        const struct digest second = rest_of_run(sim);
        check_true("equal digests", first.hash == second.hash);
        check_eq("of as many records", first.n_records, second.n_records);
        check_true("of a real run", first.n_records > 1000);
        snapshot_free(&s);
        sim_free(sim);
    }
}

/* Back to the start from the end, then forward to a later snapshot: both directions of time. */
static void snapshots_go_both_ways(void **state)
{
    struct sim *sim = toy(1, false);
    struct snapshot early, late;
    sim_snapshot(sim, &early);
    step(sim, 1500);
    sim_snapshot(sim, &late);
    const struct digest from_late = rest_of_run(sim);
    sim_restore(sim, &early);
    check_eq("the start", sim->n_events, 0);
    sim_restore(sim, &late);
    check_eq("the later one", sim->n_events, 1500);
    check_true("which runs as it did", rest_of_run(sim).hash == from_late.hash);
    sim_restore(sim, &early);
    struct sim *fresh = toy(1, false);
    check_true("the start runs as a fresh one",
               rest_of_run(sim).hash == rest_of_run(fresh).hash);
    snapshot_free(&early);
    snapshot_free(&late);
    sim_free(fresh);
    sim_free(sim);
}

static void a_restored_run_talks_to_the_listener_of_now(void **state)
{
    struct sim *sim = toy(1, false);
    struct digest before, after;
    struct snapshot s;
    digest_init(&before, REC_LIFE);
    digest_init(&after, REC_LIFE);
    sim_listen(sim, &before.listener);
    sim_snapshot(sim, &s);
    sim_listen(sim, &after.listener);
    sim_restore(sim, &s);
    step(sim, 1);
    check_eq("not to the one of then", before.n_records, 0);
    check_eq("to the one of now", after.n_records, 1);
    snapshot_free(&s);
    sim_free(sim);
}

static uint64_t toy_digest(uint64_t seed, bool shuffle)
{
    struct sim *sim = toy(seed, shuffle);
    const uint64_t hash = rest_of_run(sim).hash;
    sim_free(sim);
    return hash;
}

static void runs_repeat_and_differ_by_seed(void **state)
{
    check_true("the same again", toy_digest(1, false) == toy_digest(1, false));
    check_true("shuffled, the same again", toy_digest(1, true) == toy_digest(1, true));
    check_true("another seed", toy_digest(1, false) != toy_digest(2, false));
    check_true("shuffled is another run", toy_digest(1, false) != toy_digest(1, true));
}

/* A fault on purpose: one number in the arena is changed, the digest must tell. */
static void the_digest_finds_a_changed_run(void **state)
{
    struct sim *sim = toy(1, false);
    struct snapshot s;
    step(sim, 500);
    sim_snapshot(sim, &s);
    const struct digest whole = rest_of_run(sim);
    sim_restore(sim, &s);
    sim->last_packet_id++;
    check_true("found", rest_of_run(sim).hash != whole.hash);
    snapshot_free(&s);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_run_is_the_same_run),
        cmocka_unit_test(snapshots_go_both_ways),
        cmocka_unit_test(a_restored_run_talks_to_the_listener_of_now),
        cmocka_unit_test(runs_repeat_and_differ_by_seed),
        cmocka_unit_test(the_digest_finds_a_changed_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
