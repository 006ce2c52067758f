/* SPDX-License-Identifier: GPL-3.0-or-later
 * event.h -- what happens next: two queues, one total order.
 *
 *   events: sources that are queued once and fire (a link's head packet, an app's next call)
 *   timers: one a connection, re-armed by storing a deadline; a heap that knows their places
 *
 * The order of simultaneous events is part of the model: (time, class, entity), and FIFO within
 * the entity, which is the entity's own affair since each keeps only its head here; of one
 * entity events go before timers. Never an insertion counter. A queue entry is 16 bytes; read
 * as one little-endian 128-bit number it is its own rank.
 *
 * With shuffled ties (`--ties shuffle`) classes 1 to 3 become one, and the entity's place is a
 * keyed hash of (entity, time).
 */
#pragma once
#include "sim/slots.h"
#include "sim/time.h"
#include <stdbool.h>

struct sim;
struct event;
struct timer;

enum ev_class { EV_WORLD, EV_ARRIVAL, EV_TIMER, EV_APP };
enum { ENTITY_BITS = 28, ENTITY_DYNAMIC = 1 << 27 }; /* from there up: connections by number */

/* rank = at || class || entity || slot; slot: index to the queue's owners. */
union ev_entry {
    struct {
        uint32_t slot;
        uint32_t key; /* class << 28 | entity */
        int64_t at;
    };
    unsigned __int128 rank;
};

enum { HEAP_ROOT = 3 };

/* A source with at most one entry in the queue, which always fires at its time. */
struct event {
    void (*fn)(struct sim *sim, struct event *e);
    uint32_t key;
    uint32_t slot;
    sim_time at; /* SIM_NEVER: not queued */
};

/* A deadline that moves often. Invariant: queued when deadline != SIM_NEVER, at queued_at <=
 * deadline; popped early it is queued again without a call. When fn is called the deadline is
 * SIM_NEVER. */
struct timer {
    void (*fn)(struct sim *sim, struct timer *t);
    uint32_t key;
    uint32_t slot;
    sim_time deadline;
    sim_time queued_at; /* SIM_NEVER: not queued */
};

/* Invariants: the root is entries[HEAP_ROOT], the children of entries[i] are the four from
 * entries[4 * (i - 2)] on (one cache line), and the three behind the last are later than any
 * time. While vacant the root is a hole, older than any time: the event that was there runs,
 * and the next one queued most often takes its place. */
struct event_heap {
    union ev_entry *entries; /* 4-ary, in the arena */
    void **owners;           /* slot -> struct event or struct timer */
    uint32_t *places;        /* slot -> index in entries; timers only */
    uint32_t n, cap;         /* n counts the hole */
    uint32_t cap_owners, cap_places;
    bool vacant;
    struct slots slots;
};

void event_init(struct sim *sim, struct event *e, enum ev_class class, uint32_t entity,
                void (*fn)(struct sim *, struct event *));
/* Takes e out of the queue's books. It must not be queued. */
void event_fini(struct sim *sim, struct event *e);
/* Queues e; at >= now, e not queued. SIM_NEVER: e stays unqueued. */
void event_at(struct sim *sim, struct event *e, sim_time at);

/* Takes e out of the queue if it is there. Looks through all of it: for what is rare. */
void event_cancel(struct sim *sim, struct event *e);

/* The deadline is SIM_NEVER. Timers of one class and entity fire in the order of their init, if
 * no timer_fini came in between: a new slot is the lowest free one. */
void timer_init(struct sim *sim, struct timer *t, enum ev_class class, uint32_t entity,
                void (*fn)(struct sim *, struct timer *));
/* Takes t out of the queue and its books, armed or not. */
void timer_fini(struct sim *sim, struct timer *t);
/* Moves the deadline (>= now); SIM_NEVER disarms. Later or disarmed costs a store; earlier
 * costs a sift in the heap. */
void timer_set(struct sim *sim, struct timer *t, sim_time deadline);

/* For sim.c: two empty queues; the time of the next call (SIM_NEVER: none); makes that call if
 * it is due by until, which is before SIM_NEVER. */
void events_init(struct sim *sim);
sim_time events_next_at(struct sim *sim);
bool events_run_next(struct sim *sim, sim_time until);
