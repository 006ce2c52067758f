/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_events.c -- the event queue against the plainest program that does the same.
 *
 * Hold model: P events are pending, each one that runs queues itself again after an exponential
 * wait from a table. With timers, each one also moves its own timer to a thousand mean waits
 * from now, so that a timer is popped early once in a thousand events and never fires.
 *
 * The floor is a binary heap of {at, id} in a malloc'd array and a table of functions, all
 * static in this file: no order of ties, no classes, no checks, no second queue unless there
 * are timers. Both run in turns, medians count.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/sim.h"

enum { N_WAITS = 1 << 20, ROUNDS = 7, HOLDS = 2000000 };
#define MEAN_WAIT  MS(1)
#define TIMER_WAIT SEC(1)

static sim_time waits[N_WAITS];
static uint32_t next_wait_index;

static void draw_waits(void)
{
    struct rng r;
    rng_init(&r, 1, "waits");
    for (int i = 0; i < N_WAITS; i++)
        waits[i] = 1 + (sim_time)(-log1p(-rng_uniform(&r)) * (double)MEAN_WAIT);
}

static inline sim_time next_wait(void)
{
    return waits[next_wait_index++ % N_WAITS];
}

/* The floor. */

struct floor_entry {
    int64_t at;
    uint32_t id;
};

struct floor_heap {
    struct floor_entry *entries; /* binary, from 1 */
    uint32_t n;
};

struct floor_source {
    void (*fn)(uint32_t id);
    int64_t deadline, queued_at;
};

static struct {
    int64_t now;
    struct floor_heap events, timers;
    struct floor_source *sources;
} flr;

static void floor_push(struct floor_heap *h, int64_t at, uint32_t id)
{
    uint32_t i = ++h->n;
    for (; i > 1 && at < h->entries[i / 2].at; i /= 2)
        h->entries[i] = h->entries[i / 2];
    h->entries[i] = (struct floor_entry){at, id};
}

static struct floor_entry floor_pop(struct floor_heap *h)
{
    const struct floor_entry top = h->entries[1], last = h->entries[h->n--];
    uint32_t i = 1;
    for (uint32_t c = 2; c <= h->n; c = 2 * i) {
        if (c < h->n && h->entries[c + 1].at < h->entries[c].at)
            c++;
        if (last.at <= h->entries[c].at)
            break;
        h->entries[i] = h->entries[c];
        i = c;
    }
    h->entries[i] = last;
    return top;
}

static void floor_hold(uint32_t id)
{
    floor_push(&flr.events, flr.now + next_wait(), id);
}

static void floor_hold_and_arm(uint32_t id)
{
    flr.sources[id].deadline = flr.now + TIMER_WAIT;
    floor_hold(id);
}

static void floor_init(uint32_t pending, bool timers)
{
    flr.now = 0;
    flr.events =
        (struct floor_heap){.entries = malloc((pending + 2) * sizeof(struct floor_entry))};
    flr.timers =
        (struct floor_heap){.entries = malloc((pending + 2) * sizeof(struct floor_entry))};
    flr.sources = calloc(pending, sizeof(struct floor_source));
    for (uint32_t id = 0; id < pending; id++) {
        flr.sources[id].fn = timers ? floor_hold_and_arm : floor_hold;
        floor_push(&flr.events, next_wait(), id);
        if (timers) {
            flr.sources[id].deadline = TIMER_WAIT;
            floor_push(&flr.timers, TIMER_WAIT, id);
        }
    }
}

static void floor_fini(void)
{
    free(flr.events.entries);
    free(flr.timers.entries);
    free(flr.sources);
}

static void floor_run(uint32_t holds)
{
    while (holds > 0) {
        if (flr.timers.n > 0 && flr.timers.entries[1].at < flr.events.entries[1].at) {
            const uint32_t id = floor_pop(&flr.timers).id;
            floor_push(&flr.timers, flr.sources[id].deadline, id); /* here always later */
            continue;
        }
        const struct floor_entry top = floor_pop(&flr.events);
        flr.now = top.at;
        flr.sources[top.id].fn(top.id);
        holds--;
    }
}

/* Ours. */

struct source {
    struct event event;
    struct timer timer;
};

static struct sim *sim;
static struct source *sources;

static void hold(struct sim *s, struct event *e)
{
    event_at(s, e, s->now + next_wait());
}

static void hold_and_arm(struct sim *s, struct event *e)
{
    timer_set(s, &CONTAINER_OF(e, struct source, event)->timer, s->now + TIMER_WAIT);
    hold(s, e);
}

static void never_fires(struct sim *s, struct timer *t)
{
    sim_assert(s, t == NULL);
}

static void ours_init(uint32_t pending, bool timers)
{
    sim = sim_new(&(struct sim_params){.seed = 1});
    if (sim == NULL)
        abort();
    sources = sim_alloc(sim, pending * sizeof(*sources));
    for (uint32_t i = 0; i < pending; i++) {
        event_init(sim, &sources[i].event, EV_ARRIVAL, i + 1, timers ? hold_and_arm : hold);
        event_at(sim, &sources[i].event, next_wait());
        if (timers) {
            timer_init(sim, &sources[i].timer, EV_TIMER, i + 1, never_fires);
            timer_set(sim, &sources[i].timer, TIMER_WAIT);
        }
    }
}

static void ours_fini(void)
{
    sim_free(sim);
}

static void ours_run(uint32_t holds)
{
    while (holds-- > 0)
        sim_step(sim, SIM_NEVER);
}

/* The comparison. */

static const struct program {
    void (*init)(uint32_t pending, bool timers);
    void (*run)(uint32_t holds);
    void (*fini)(void);
} PROGRAMS[] = {{floor_init, floor_run, floor_fini}, {ours_init, ours_run, ours_fini}};

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double ns_per_event(const struct program *p, uint32_t pending, bool timers)
{
    next_wait_index = 0;
    p->init(pending, timers);
    p->run(2 * pending + HOLDS / 10);
    const double from = cpu_ns();
    p->run(HOLDS);
    const double ns = (cpu_ns() - from) / HOLDS;
    p->fini();
    return ns;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench(uint32_t pending, bool timers)
{
    double ns[ARRAY_LEN(PROGRAMS)][ROUNDS];
    for (int round = 0; round < ROUNDS; round++)
        for (size_t p = 0; p < ARRAY_LEN(PROGRAMS); p++)
            ns[p][round] = ns_per_event(&PROGRAMS[p], pending, timers);
    for (size_t p = 0; p < ARRAY_LEN(PROGRAMS); p++)
        qsort(ns[p], ROUNDS, sizeof(double), compare);
    const double floor_ns = ns[0][ROUNDS / 2], our_ns = ns[1][ROUNDS / 2];
    printf("%-14s %8u pending: floor %6.1f  halfopen %6.1f ns/event  ratio %.2f\n",
           timers ? "hold + timers" : "hold", pending, floor_ns, our_ns, our_ns / floor_ns);
    fflush(stdout);
}

int main(void)
{
    static const uint32_t PENDING[] = {1000, 100000, 1000000};
    draw_waits();
    for (int timers = 0; timers <= 1; timers++)
        for (size_t i = 0; i < ARRAY_LEN(PENDING); i++)
            bench(PENDING[i], timers);
    return 0;
}
