/* SPDX-License-Identifier: GPL-3.0-or-later
 * event.c -- two 4-ary heaps of 16-byte entries.
 *
 * Why 4-ary: half the levels of a binary heap, and the four children share one cache line. Why
 * from the bottom: the entry put in at the root is nearly always a late one, so the hole goes
 * down to a leaf by a branch-free choice among four, and the entry climbs from there, seldom by
 * more than a level.
 */
#include "sim/event.h"

#include "sim/sim.h"

enum { CHILDREN = 4, PAD = CHILDREN - 1, N_FIRST = 64, CLASS_SHIFT = ENTITY_BITS };

/* A heap larger than a core's cache: lines are fetched a level ahead, and the owners of entries
 * in the upper three levels (below UPPER_END), whose time comes soon, before it comes. */
enum { N_PREFETCH = 1 << 14, UPPER_END = 24 };

static const union ev_entry NEVER = {.slot = UINT32_MAX, .key = UINT32_MAX, .at = SIM_NEVER};

/* Heap functions are compiled once for each queue; only that of the timers keeps places. */
enum keeps { NO_PLACES, PLACES };

static uint32_t parent_of(uint32_t i)
{
    return i / CHILDREN + 2;
}
static uint32_t children_of(uint32_t i)
{
    return CHILDREN * (i - 2);
}
static uint32_t end_of(const struct event_heap *h)
{
    return HEAP_ROOT + h->n;
}

static inline void put(struct event_heap *h, uint32_t i, union ev_entry x, enum keeps keeps)
{
    h->entries[i] = x;
    if (keeps == PLACES)
        h->places[x.slot] = i;
}

static inline uint32_t earliest_of_four(const union ev_entry *e, uint32_t i)
{
    const uint32_t a = e[i + 1].rank < e[i].rank ? i + 1 : i;
    const uint32_t b = e[i + 3].rank < e[i + 2].rank ? i + 3 : i + 2;
    return e[b].rank < e[a].rank ? b : a;
}

/* The hole at i moves up to where x may stand. The hole of a vacant root stays above all. */
static inline void sift_up(struct event_heap *h, uint32_t i, union ev_entry x, enum keeps keeps)
{
    while (i > HEAP_ROOT && x.rank < h->entries[parent_of(i)].rank) {
        put(h, i, h->entries[parent_of(i)], keeps);
        i = parent_of(i);
    }
    put(h, i, x, keeps);
}

static inline void sift_down(struct event_heap *h, uint32_t i, union ev_entry x,
                             enum keeps keeps)
{
    const uint32_t end = end_of(h), top = i;
    const bool large = h->n >= N_PREFETCH;
    for (uint32_t c = children_of(i); c < end; c = children_of(i)) {
        if (large) {
            const uintptr_t next = (uintptr_t)h->entries + sizeof(*h->entries) * children_of(c);
            for (uintptr_t line = 0; line < CHILDREN; line++)
                __builtin_prefetch((const void *)(next + 64 * line));
        }
        c = earliest_of_four(h->entries, c);
        put(h, i, h->entries[c], keeps);
        if (large && i < UPPER_END)
            __builtin_prefetch(&h->owners[h->entries[i].slot]);
        i = c;
    }
    while (i > top && x.rank < h->entries[parent_of(i)].rank) {
        put(h, i, h->entries[parent_of(i)], keeps);
        i = parent_of(i);
    }
    put(h, i, x, keeps);
}

/* Takes the last entry off the end; the caller finds it another place. */
static union ev_entry cut_last(struct event_heap *h)
{
    const uint32_t last = HEAP_ROOT + --h->n;
    const union ev_entry x = h->entries[last];
    h->entries[last] = NEVER;
    return x;
}

static inline void settle(struct event_heap *h, enum keeps keeps)
{
    if (!h->vacant)
        return;
    h->vacant = false;
    const union ev_entry x = cut_last(h);
    if (h->n > 0)
        sift_down(h, HEAP_ROOT, x, keeps);
}

static void grow(struct sim *sim, struct event_heap *h)
{
    h->entries =
        arena_grow(&sim->arena, h->entries, &h->cap, h->cap + N_FIRST, sizeof(*h->entries));
    for (uint32_t i = end_of(h); i < h->cap; i++)
        h->entries[i] = NEVER;
}

static inline void push(struct sim *sim, struct event_heap *h, union ev_entry x,
                        enum keeps keeps)
{
    if (h->vacant) {
        h->vacant = false;
        const union ev_entry *next = &h->entries[children_of(HEAP_ROOT)];
        if (x.rank < next[0].rank && x.rank < next[1].rank && x.rank < next[2].rank &&
            x.rank < next[3].rank)
            put(h, HEAP_ROOT, x, keeps); /* the next of a train of packets */
        else
            sift_down(h, HEAP_ROOT, x, keeps);
        return;
    }
    if (__builtin_expect(end_of(h) + PAD >= h->cap, 0))
        grow(sim, h);
    h->n++;
    sift_up(h, end_of(h) - 1, x, keeps);
}

/* The root's time has come. The hole it leaves is older than any time. */
static inline void vacate(struct event_heap *h)
{
    h->entries[HEAP_ROOT].rank = 0;
    h->vacant = true;
    if (h->n >= N_PREFETCH)
        for (uint32_t c = children_of(HEAP_ROOT); c < children_of(HEAP_ROOT) + CHILDREN; c++)
            __builtin_prefetch(h->owners[h->entries[c].slot]);
}

static uint32_t take_slot(struct sim *sim, struct event_heap *h, void *owner)
{
    const uint32_t slot = slots_take(&h->slots, &sim->arena);
    h->owners =
        arena_grow(&sim->arena, h->owners, &h->cap_owners, slot + 1, sizeof(*h->owners));
    h->owners[slot] = owner;
    return slot;
}

static void give_slot(struct event_heap *h, uint32_t slot)
{
    h->owners[slot] = NULL;
    slots_give(&h->slots, slot);
}

static uint32_t key_of(const struct sim *sim, enum ev_class class, uint32_t entity)
{
    sim_assert(sim, entity >> ENTITY_BITS == 0);
    return (uint32_t) class << CLASS_SHIFT | entity;
}

/* A random order that depends on who and when alone: lazy re-arming cannot change it. */
static uint32_t shuffled_key(const struct sim *sim, uint32_t key, sim_time at)
{
    if (key >> CLASS_SHIFT == EV_WORLD)
        return key;
    const uint64_t hash = mix64(mix64(sim->shuffle_key, (uint64_t)at), key);
    return 1u << CLASS_SHIFT | (uint32_t)(hash >> (64 - ENTITY_BITS));
}

static inline union ev_entry entry_of(const struct sim *sim, uint32_t slot, uint32_t key,
                                      sim_time at)
{
    if (__builtin_expect(sim->shuffle_key != 0, 0))
        key = shuffled_key(sim, key, at);
    /* one number, not three fields: of these gcc makes code that waits for its own stores */
    return (union ev_entry){.rank = (unsigned __int128)at << 64 | (uint64_t)key << 32 | slot};
}

void event_init(struct sim *sim, struct event *e, enum ev_class class, uint32_t entity,
                void (*fn)(struct sim *, struct event *))
{
    *e = (struct event){.fn = fn, .key = key_of(sim, class, entity), .at = SIM_NEVER};
    e->slot = take_slot(sim, &sim->events, e);
}

void event_fini(struct sim *sim, struct event *e)
{
    sim_assert(sim, e->at == SIM_NEVER);
    give_slot(&sim->events, e->slot);
}

void event_at(struct sim *sim, struct event *e, sim_time at)
{
    sim_assert(sim, e->at == SIM_NEVER && at >= sim->now);
    if (at == SIM_NEVER)
        return;
    e->at = at;
    push(sim, &sim->events, entry_of(sim, e->slot, e->key, at), NO_PLACES);
}

static inline union ev_entry events_top(struct sim *sim)
{
    settle(&sim->events, NO_PLACES);
    return sim->events.entries[HEAP_ROOT];
}

void timer_init(struct sim *sim, struct timer *t, enum ev_class class, uint32_t entity,
                void (*fn)(struct sim *, struct timer *))
{
    struct event_heap *h = &sim->timers;
    *t = (struct timer){.fn = fn,
                        .key = key_of(sim, class, entity),
                        .deadline = SIM_NEVER,
                        .queued_at = SIM_NEVER};
    t->slot = take_slot(sim, h, t);
    h->places =
        arena_grow(&sim->arena, h->places, &h->cap_places, t->slot + 1, sizeof(*h->places));
}

static void queue_timer(struct sim *sim, struct timer *t, sim_time at)
{
    t->queued_at = at;
    push(sim, &sim->timers, entry_of(sim, t->slot, t->key, at), PLACES);
}

/* Puts x in the place of the entry at i, from where it goes up or down. */
static inline void replace(struct event_heap *h, uint32_t i, union ev_entry x, enum keeps keeps)
{
    if (i > HEAP_ROOT && x.rank < h->entries[parent_of(i)].rank)
        sift_up(h, i, x, keeps);
    else
        sift_down(h, i, x, keeps);
}

void event_cancel(struct sim *sim, struct event *e)
{
    struct event_heap *h = &sim->events;
    uint32_t i = HEAP_ROOT;
    if (e->at == SIM_NEVER)
        return;
    settle(h, NO_PLACES);
    while (h->entries[i].slot != e->slot)
        i++;
    const union ev_entry x = cut_last(h);
    if (x.slot != e->slot)
        replace(h, i, x, NO_PLACES);
    e->at = SIM_NEVER;
}

void timer_fini(struct sim *sim, struct timer *t)
{
    struct event_heap *h = &sim->timers;
    if (t->queued_at != SIM_NEVER) {
        const uint32_t place = h->places[t->slot];
        const union ev_entry x = cut_last(h);
        if (x.slot != t->slot)
            replace(h, place, x, PLACES);
    }
    t->deadline = t->queued_at = SIM_NEVER;
    give_slot(h, t->slot);
}

void timer_set(struct sim *sim, struct timer *t, sim_time deadline)
{
    sim_assert(sim, deadline >= sim->now);
    t->deadline = deadline;
    if (deadline >= t->queued_at) /* lazily, or never queued and never due */
        return;
    if (t->queued_at == SIM_NEVER) {
        queue_timer(sim, t, deadline);
        return;
    }
    t->queued_at = deadline;
    sift_up(&sim->timers, sim->timers.places[t->slot], entry_of(sim, t->slot, t->key, deadline),
            PLACES);
}

static inline union ev_entry timers_top(struct sim *sim)
{
    struct event_heap *h = &sim->timers;
    for (;;) {
        settle(h, PLACES);
        const union ev_entry top = h->entries[HEAP_ROOT];
        if (top.at == SIM_NEVER)
            return top;
        struct timer *t = h->owners[top.slot];
        if (t->deadline == top.at)
            return top;
        vacate(h);
        t->queued_at = SIM_NEVER;
        if (t->deadline != SIM_NEVER)
            queue_timer(sim, t, t->deadline);
    }
}

void events_init(struct sim *sim)
{
    grow(sim, &sim->events);
    grow(sim, &sim->timers);
}

/* Slots of two queues are not comparable: at a tie of time and key events come first. */
static inline bool event_is_first(union ev_entry e, union ev_entry t)
{
    return e.at < t.at || (e.at == t.at && e.key <= t.key);
}

sim_time events_next_at(struct sim *sim)
{
    return time_min(events_top(sim).at, timers_top(sim).at);
}

bool events_run_next(struct sim *sim, sim_time until)
{
    const union ev_entry e = events_top(sim);
    settle(&sim->timers, PLACES);
    union ev_entry t = sim->timers.entries[HEAP_ROOT]; /* not later than its timer's deadline */
    bool is_event = event_is_first(e, t);
    if (!is_event) {
        t = timers_top(sim);
        is_event = event_is_first(e, t);
    }
    const union ev_entry first = is_event ? e : t;
    if (first.at > until)
        return false;
    sim->now = first.at;
    sim->n_events++;
    if (is_event) {
        struct event *event = sim->events.owners[e.slot];
        vacate(&sim->events);
        sim->running = event->key;
        event->at = SIM_NEVER;
        event->fn(sim, event);
    } else {
        struct timer *timer = sim->timers.owners[t.slot];
        vacate(&sim->timers);
        sim->running = timer->key;
        timer->deadline = timer->queued_at = SIM_NEVER;
        timer->fn(sim, timer);
    }
    return true;
}
