/* SPDX-License-Identifier: GPL-3.0-or-later
 * flows.h -- what a middlebox remembers of the connections that pass through it.
 *
 *   stage   opening --both sides have answered--> open --RST, or FIN of both--> closing
 *             |                                     |                              |
 *             `---- idle for this stage's timeout --+------------------------------'--> gone
 *
 * A flow has two looks: `near`, the ends as those behind the box see them, and `far`, as the
 * others do. They differ in a NAT only. Both are keys, each of a hash table of its own.
 *
 * The one idea: all flows of a stage have the same timeout, so that they stand in a line by
 * their last use; what is too old is taken from its head whenever somebody looks, and a table
 * needs no timer.
 */
#pragma once
#include "sim/sim.h"

enum flow_stage { FLOW_OPENING, FLOW_OPEN, FLOW_CLOSING, N_FLOW_STAGES };
enum flow_look { FLOW_NEAR, FLOW_FAR, N_FLOW_LOOKS };

struct flow_ends {
    ip_addr here, there; /* here: behind the box */
    uint16_t here_port, there_port;
    uint8_t proto;
};

struct flow {
    struct flow *next[N_FLOW_LOOKS]; /* in their buckets */
    struct flow *older, *newer;      /* of its stage */
    struct flow_ends ends[N_FLOW_LOOKS];
    sim_time used_at;
    uint8_t stage;       /* enum flow_stage */
    bool begun_here;     /* the first packet came from behind the box */
    bool answered;       /* one came the other way */
    bool fin[2];         /* seen: from there, from here */
    uint8_t step;        /* the kind's own */
    uint32_t isn, other; /* likewise */
    uint16_t window;     /* likewise */
};

struct flow_table {
    struct sim *sim;
    struct flow **buckets[N_FLOW_LOOKS];
    uint32_t n_buckets; /* a power of two */
    int64_t n, max, limit;
    sim_time timeouts[N_FLOW_STAGES];
    struct {
        struct flow *oldest, *newest;
    } lines[N_FLOW_STAGES];
};

void flow_table_init(struct flow_table *t, struct sim *sim, int64_t limit, sim_time opening,
                     sim_time open, sim_time closing);

/* The flow that is known by these ends in this look; NULL: none, or it was idle too long. */
struct flow *flow_find(struct flow_table *t, enum flow_look look, const struct flow_ends *ends);

/* A new one, in FLOW_OPENING, used now; its ends must be nobody's. NULL: the table is full. */
struct flow *flow_add(struct flow_table *t, const struct flow_ends *near_ends,
                      const struct flow_ends *far_ends);

/* A packet of f has passed, from behind the box or not: its stage follows, and it was used now.
 */
void flow_pass(struct flow_table *t, struct flow *f, const struct packet *p, bool from_here);

/* Used now, in this stage. */
void flow_set_stage(struct flow_table *t, struct flow *f, enum flow_stage stage);

void flow_remove(struct flow_table *t, struct flow *f);

/* Flows that are not idle too long now. */
int64_t flow_count(const struct flow_table *t);
