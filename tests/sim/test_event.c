/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_event.c -- the two queues against a list that is searched from end to end.
 */
#include <stdlib.h>

#include "tests/check.h"

/* A source as the reference sees it: what the contract of event.h says about it and nothing of
 * heaps. */
struct item {
    struct rig *rig;
    struct event event;
    struct timer timer;
    bool is_timer;
    enum ev_class class;
    uint32_t entity;
    uint32_t number; /* the lowest that was free among its kind when it was made */
    sim_time due;    /* SIM_NEVER: not due */
};

enum { N_CLASSES = EV_APP + 1, N_ENTITIES = 5, SPREAD = 12 };

struct rig {
    struct sim *sim;
    struct item *items;
    uint32_t n;
    struct rng rng;
    struct item *fired;
    int n_fired;
};

static bool comes_before(const struct item *a, const struct item *b)
{
    if (a->due != b->due)
        return a->due < b->due;
    if (a->class != b->class)
        return a->class < b->class;
    if (a->entity != b->entity)
        return a->entity < b->entity;
    if (a->is_timer != b->is_timer)
        return b->is_timer;
    return a->number < b->number;
}

static struct item *next_due(const struct rig *rig)
{
    struct item *next = NULL;
    for (struct item *i = rig->items; i < rig->items + rig->n; i++)
        if (i->due != SIM_NEVER && (next == NULL || comes_before(i, next)))
            next = i;
    return next;
}

static void change_something(struct rig *rig, struct item *item);

static void on_fired(struct item *item)
{
    struct rig *rig = item->rig;
    rig->fired = item;
    rig->n_fired++;
    check_eq("fires when it is due", rig->sim->now, item->due);
    item->due = SIM_NEVER;
    for (uint64_t n = rng_below(&rig->rng, 3); n > 0; n--)
        change_something(rig, n == 1 ? item : &rig->items[rng_below(&rig->rng, rig->n)]);
}

static void on_event(struct sim *sim, struct event *e)
{
    on_fired(CONTAINER_OF(e, struct item, event));
}
static void on_timer(struct sim *sim, struct timer *t)
{
    check_eq("disarmed when it is called", t->deadline, SIM_NEVER);
    on_fired(CONTAINER_OF(t, struct item, timer));
}

static uint32_t lowest_free_number(const struct rig *rig, bool is_timer)
{
    for (uint32_t number = 0;; number++) {
        const struct item *i = rig->items;
        while (i < rig->items + rig->n &&
               (i->rig == NULL || i->is_timer != is_timer || i->number != number))
            i++;
        if (i == rig->items + rig->n)
            return number;
    }
}

static void make(struct rig *rig, struct item *i, uint32_t number)
{
    i->number = number;
    i->rig = rig;
    i->due = SIM_NEVER;
    i->class = (enum ev_class)rng_below(&rig->rng, N_CLASSES);
    i->entity = (uint32_t)rng_below(&rig->rng, N_ENTITIES);
    if (i->is_timer)
        timer_init(rig->sim, &i->timer, i->class, i->entity, on_timer);
    else
        event_init(rig->sim, &i->event, i->class, i->entity, on_event);
}

/* Takes the item away, queued or not, and makes another one that has its lowest free number. */
static void make_anew(struct rig *rig, struct item *i)
{
    if (i->is_timer)
        timer_fini(rig->sim, &i->timer);
    else
        event_fini(rig->sim, &i->event);
    i->rig = NULL;
    make(rig, i, lowest_free_number(rig, i->is_timer));
}

static void change_something(struct rig *rig, struct item *item)
{
    const sim_time at = rig->sim->now + (sim_time)rng_below(&rig->rng, SPREAD);
    const uint64_t dice = rng_below(&rig->rng, 20);
    if (!item->is_timer && item->due != SIM_NEVER) {
        if (dice < 4) {
            event_cancel(rig->sim, &item->event);
            item->due = SIM_NEVER;
        }
        return;
    }
    if (dice == 0 && rig->n < 1000) {
        make_anew(rig, item);
    } else if (item->is_timer) {
        item->due = dice < 4 ? SIM_NEVER : at;
        timer_set(rig->sim, &item->timer, item->due);
    } else {
        item->due = at;
        event_at(rig->sim, &item->event, at);
    }
}

static void compare_with_reference(uint64_t seed, uint32_t n, int steps)
{
    struct rig rig = {.n = n, .items = calloc(n, sizeof(struct item))};
    rig.sim = sim_new(&(struct sim_params){.seed = seed});
    rig.rng = sim_rng(rig.sim, "test");
    uint32_t n_made[2] = {0, 0};
    for (struct item *i = rig.items; i < rig.items + n; i++) {
        i->is_timer = rng_below(&rig.rng, 2);
        make(&rig, i, n_made[i->is_timer]++);
        change_something(&rig, i);
    }
    for (int step = 0; step < steps; step++) {
        change_something(&rig, &rig.items[rng_below(&rig.rng, n)]);
        change_something(&rig, &rig.items[rng_below(&rig.rng, n)]);
        struct item *want = next_due(&rig);
        check_eq("next_at", sim_next_at(rig.sim), want == NULL ? SIM_NEVER : want->due);
        rig.fired = NULL;
        const bool ran = sim_step(rig.sim, SIM_NEVER);
        check_eq("something ran", ran, want != NULL);
        check_true("the one that was due ran", rig.fired == want);
    }
    check_eq("events are counted, early pops are not", rig.sim->n_events, rig.n_fired);
    check_true("the test did run events", rig.n_fired > steps / 2);
    sim_free(rig.sim);
    free(rig.items);
}

static void order_is_that_of_the_reference(void **state)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        compare_with_reference(seed, 1 + (uint32_t)seed % 4, 300);
        compare_with_reference(seed, 60, 2000);
    }
    compare_with_reference(21, 40000,
                           1000); /* past the size from which lines are fetched ahead */
}

/* A log of who fired, by entity. */
enum { LOG_MAX = 512 };
struct log {
    uint32_t who[LOG_MAX];
    sim_time at[LOG_MAX];
    int n;
};
static struct log *journal; /* of the test that runs */

static void note_who(struct sim *sim, uint32_t who)
{
    journal->who[journal->n] = who;
    journal->at[journal->n++] = sim->now;
}
static void log_event(struct sim *sim, struct event *e)
{
    note_who(sim, e->key);
}
static void log_timer(struct sim *sim, struct timer *t)
{
    note_who(sim, t->key);
}

/* clang-format off */
/* At one instant all of these; letters in the order in which they must run. */
static const struct tie_row {
    char letter;
    bool is_timer;
    enum ev_class class;
    uint32_t entity;
} TIES[] = {
    {'d', false, EV_ARRIVAL, 2}, {'h', true, EV_TIMER, 1},   {'k', false, EV_APP, 1},
    {'b', false, EV_WORLD, 9},   {'c', true, EV_ARRIVAL, 1}, {'g', false, EV_TIMER, 1},
    {'a', true, EV_WORLD, 3},    {'e', true, EV_ARRIVAL, 2}, {'i', true, EV_TIMER, 1},
    {'f', true, EV_ARRIVAL, 2},  {'j', true, EV_TIMER, ENTITY_DYNAMIC + 7},
};
/* clang-format on */
static char tie_letters[ARRAY_LEN(TIES) + 1];

struct tie {
    struct event event;
    struct timer timer;
    char letter;
};

static void tie_event(struct sim *sim, struct event *e)
{
    strncat(tie_letters, &CONTAINER_OF(e, struct tie, event)->letter, 1);
}
static void tie_timer(struct sim *sim, struct timer *t)
{
    strncat(tie_letters, &CONTAINER_OF(t, struct tie, timer)->letter, 1);
}

static void simultaneous_events_run_by_class_and_entity(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct tie ties[ARRAY_LEN(TIES)];
    tie_letters[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(TIES); i++) {
        const struct tie_row *r = &TIES[i];
        ties[i].letter = r->letter;
        if (r->is_timer) {
            timer_init(sim, &ties[i].timer, r->class, r->entity, tie_timer);
            timer_set(sim, &ties[i].timer, MS(1));
        } else {
            event_init(sim, &ties[i].event, r->class, r->entity, tie_event);
            event_at(sim, &ties[i].event, MS(1));
        }
    }
    check_eq("all run", sim_run_until(sim, MS(1)), ARRAY_LEN(TIES));
    check_str("class, entity, events before timers, order of init", tie_letters, "abcdefghijk");
    sim_free(sim);
}

enum { N_TIMERS = 40 };

/* Arms N_TIMERS timers for the same few deadlines by way of a history that depends on
 * `detours`. */
static void run_by_detours(struct log *log, uint64_t detours, bool shuffle)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 5, .shuffle_ties = shuffle});
    struct timer timers[N_TIMERS];
    struct rng r;
    rng_init(&r, detours, "detours");
    journal = log;
    *log = (struct log){0};
    for (uint32_t i = 0; i < N_TIMERS; i++)
        timer_init(sim, &timers[i], i % 2 ? EV_TIMER : EV_APP, N_TIMERS - i, log_timer);
    for (sim_time now = 0; now < 100 && detours != 0; now += 10) {
        for (uint32_t i = 0; i < N_TIMERS; i++)
            if (rng_chance(&r, 0.7))
                timer_set(sim, &timers[i],
                          rng_chance(&r, 0.2) ? SIM_NEVER
                                              : now + 10 + (sim_time)rng_below(&r, 200));
        /* Up to a place before the next deadline: early pops happen, calls do not. */
        for (uint32_t i = 0; i < N_TIMERS; i++)
            if (timers[i].deadline <= now + 10)
                timer_set(sim, &timers[i], now + 11);
        check_eq("nothing fires on the way", sim_run_until(sim, now + 10), 0);
    }
    sim_run_until(sim, 100);
    for (uint32_t i = 0; i < N_TIMERS; i++)
        timer_set(sim, &timers[i], 200 + i % 3);
    check_eq("every timer fires once", sim_run_until(sim, SIM_NEVER), N_TIMERS);
    sim_free(sim);
}

static void lazy_rearming_leaves_no_trace(void **state)
{
    struct log straight, by_detours;
    for (int shuffle = 0; shuffle <= 1; shuffle++) {
        run_by_detours(&straight, 0, shuffle);
        for (uint64_t detours = 1; detours <= 50; detours++) {
            run_by_detours(&by_detours, detours, shuffle);
            assert_memory_equal(straight.who, by_detours.who, sizeof(straight.who));
            assert_memory_equal(straight.at, by_detours.at, sizeof(straight.at));
        }
    }
}

enum { N_TIED = 30, N_INSTANTS = 3 };

/* At each of three instants one EV_WORLD event and N_TIED others, classes in turn. */
static void run_ties(struct log *log, uint64_t seed, bool shuffle)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed, .shuffle_ties = shuffle});
    struct event events[N_INSTANTS][N_TIED + 1];
    journal = log;
    *log = (struct log){0};
    for (uint32_t i = 0; i < N_INSTANTS; i++) {
        for (uint32_t k = 0; k <= N_TIED; k++) {
            event_init(sim, &events[i][k], k == 0 ? EV_WORLD : 1 + k % 3, 100 + k, log_event);
            event_at(sim, &events[i][k], MS(1) + i);
        }
    }
    sim_run_until(sim, SIM_NEVER);
    sim_free(sim);
}

static bool same_order(const struct log *a, const struct log *b)
{
    return memcmp(a->who, b->who, sizeof(a->who)) == 0;
}

static void shuffling_permutes_ties_and_nothing_else(void **state)
{
    struct log declared, a, again, b;
    run_ties(&declared, 1, false);
    run_ties(&a, 1, true);
    run_ties(&again, 1, true);
    run_ties(&b, 2, true);
    check_true("the declared order does not depend on the seed",
               (run_ties(&again, 2, false), same_order(&declared, &again)));
    run_ties(&again, 1, true);
    check_true("same seed, same order", same_order(&a, &again));
    check_true("another seed, another order", !same_order(&a, &b));
    check_true("not the declared order", !same_order(&a, &declared));
    check_true("each instant has an order of its own",
               memcmp(&a.who[1], &a.who[1 + N_TIED + 1], N_TIED * sizeof(uint32_t)) != 0);
    bool class_mixed = false;
    for (int i = 0; i < a.n; i++) {
        check_eq("time is never shuffled", a.at[i], MS(1) + i / (N_TIED + 1));
        if (i % (N_TIED + 1) == 0)
            check_eq("changes of the world stay first", a.who[i] >> ENTITY_BITS, EV_WORLD);
        else if (i % (N_TIED + 1) > 1)
            class_mixed = class_mixed || a.who[i] >> ENTITY_BITS < a.who[i - 1] >> ENTITY_BITS;
    }
    check_eq("nobody is lost", a.n, N_INSTANTS * (N_TIED + 1));
    check_true("an arrival may come after a timer", class_mixed);
}

static void stop_here(struct sim *sim, struct event *e)
{
    sim_stop(sim);
}

static void the_clock_stops_where_it_is_told(void **state)
{
    struct log log = {0};
    journal = &log;
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct event a, b;
    struct timer t;
    event_init(sim, &a, EV_APP, 1, stop_here);
    event_init(sim, &b, EV_APP, 2, log_event);
    timer_init(sim, &t, EV_TIMER, 1, log_timer);
    event_at(sim, &a, 50);
    event_at(sim, &b, 50);
    timer_set(sim, &t, 20);
    timer_set(sim, &t, 90);
    check_eq("a timer popped early is no event", sim_run_until(sim, 49), 0);
    check_eq("the clock goes on to until", sim->now, 49);
    check_eq("stop: the present event is the last", sim_run_until(sim, 60), 1);
    check_eq("the clock stays at the event that stopped it", sim->now, 50);
    check_eq("the next run goes on", sim_run_until(sim, 60), 1);
    check_eq("next_at is the true deadline", sim_next_at(sim), 90);
    check_eq("sim_step does not pass until", sim_step(sim, 89), false);
    check_eq("a run without end leaves the clock at the last event",
             sim_run_until(sim, SIM_NEVER), 1);
    check_eq("at its time", sim->now, 90);
    event_at(sim, &b, SIM_NEVER);
    check_eq("never is not queued", sim_next_at(sim), SIM_NEVER);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_that_of_the_reference),
        cmocka_unit_test(simultaneous_events_run_by_class_and_entity),
        cmocka_unit_test(lazy_rearming_leaves_no_trace),
        cmocka_unit_test(shuffling_permutes_ties_and_nothing_else),
        cmocka_unit_test(the_clock_stops_where_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
