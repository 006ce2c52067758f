/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim.h -- one simulation: the clock and all that hangs on it.
 *
 * No global state: any number of simulations live in one process. Everything a run knows is in
 * its arena, so sim_snapshot / sim_restore copy a run. Results depend on configuration, seed
 * and replication alone.
 */
#pragma once
#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/event.h"
#include "sim/packet.h"
#include "sim/record.h"
#include "sim/rng.h"
#include "sim/util.h"
#include <stdbool.h>

struct sim_params {
    uint64_t seed;
    uint64_t replication; /* 0, 1, ... */
    uint64_t point_salt;  /* 0: common random numbers; else the hash of a point's parameters */
    bool shuffle_ties;    /* simultaneous events of classes 1-3 in a random order */
};

/* What the rows of results speak about: number 1, 2, ... in the order of declaration, which is
 * also the order of simultaneous events. kind is "host", "router", "link", "route",
 * "fault", "app". */
struct subject {
    const char *kind;
    char name[64 + 48];
};

struct sim {
    sim_time now;
    bool stopping;
    struct arena arena;
    struct event_heap events, timers;
    uint32_t running; /* key of the event under way or run last; 0: none yet */
    uint64_t n_events;
    uint64_t rng_key;
    uint64_t shuffle_key;      /* 0: ties in the declared order */
    struct listener *listener; /* borrowed, outside the arena; NULL: nobody */
    uint32_t levels;           /* of the listener; 0: nobody */
    /* packets */
    struct packet *free_packets;
    uint32_t live_packets, last_packet_id;
    uint8_t (*option_blocks)[BLOCK_BYTES];
    uint32_t n_option_blocks, cap_option_blocks, free_option_block;
    /* IPv6: address.h */
    struct ip_prefix {
        uint32_t word[3];
    } * prefixes; /* [1 .. n_prefixes] */
    uint32_t n_prefixes, cap_prefixes;
    uint32_t *prefix_slots;  /* a hash table of their numbers; 0: free */
    uint32_t n_prefix_slots; /* 0, or a power of two: at least twice n_prefixes */
    /* subjects */
    struct subject *subjects; /* [1 .. n_subjects] */
    uint32_t n_subjects, cap_subjects;
    void *net;       /* the composition's own root (struct net), in the arena */
    void *tcp_world; /* models/tcp's numbers of connections (world.h), in the arena */
};

/* A new run at time 0, in an arena of its own. NULL with errno set when the address space
 * cannot be had. */
struct sim *sim_new(const struct sim_params *params);
void sim_free(struct sim *sim);

/* Runs every event with time <= until, then sets now = until (unless until is SIM_NEVER or
 * sim_stop was called). Returns the number of events run. */
uint64_t sim_run_until(struct sim *sim, sim_time until);

/* Runs one event if there is one at or before until; false if not. */
bool sim_step(struct sim *sim, sim_time until);

/* The time of the next event (SIM_NEVER: none). Timers popped early do not count. */
sim_time sim_next_at(struct sim *sim);

/* Makes sim_run_until return after the present event. */
void sim_stop(struct sim *sim);

/* Declares a subject; the number is its entity for ties. Copies name. */
uint32_t sim_subject(struct sim *sim, const char *kind, const char *name);

/* A stream of this run: rng_init with the run's key. */
struct rng sim_rng(const struct sim *sim, const char *name);

static inline void *sim_alloc(struct sim *sim, size_t bytes)
{
    return arena_alloc(&sim->arena, bytes);
}
static inline void sim_release(struct sim *sim, void *p, size_t bytes)
{
    arena_free(&sim->arena, p, bytes);
}

void sim_listen(struct sim *sim, struct listener *listener); /* NULL: nobody */

static inline bool sim_listens(const struct sim *sim, uint32_t level)
{
    return __builtin_expect((sim->levels & level) != 0, 0);
}
static inline void sim_emit(struct sim *sim, const struct rec_type *type, const void *rec)
{
    if (sim_listens(sim, type->level))
        sim->listener->emit(sim->listener, sim->now, type, rec);
}
/* event(subject, kind, detail), at level REC_LIFE. */
void sim_event(struct sim *sim, uint32_t subject, uint32_t conn, const char *kind,
               const char *detail);

/* A copy of the arena, outside of it. */
struct snapshot {
    void *bytes;
    size_t used;
};
int sim_snapshot(const struct sim *sim, struct snapshot *out); /* 0, or -1 with errno ENOMEM */
/* In place: pointers stay true. The listener stays the one of now. Both only between events, s
 * of this sim. */
void sim_restore(struct sim *sim, const struct snapshot *s);
void snapshot_free(struct snapshot *s);

/* A hash over the records a run emits: two runs are the same run when their digests are equal.
 * */
struct digest {
    struct listener listener; /* first */
    uint64_t hash;
    uint64_t n_records;
};
void digest_init(struct digest *d, uint32_t levels);
