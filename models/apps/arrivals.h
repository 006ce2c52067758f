/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrivals.h -- when something comes next: connections that a client opens, SYNs of a flood.
 *
 *   origin |--gap--| 1st |--gap--| 2nd ...   poisson: gaps are exponential
 *          | 1st |--gap--| 2nd ...           constant, burst; times and trace as they say
 *
 * The one idea: a process of arrivals is asked for one instant after the other and knows
 * nothing of what arrives. Instants never decrease; many may be the same.
 *
 * Not modelled: rates that change over time (write the instants into a trace).
 */
#pragma once
#include "sim/rng.h"
#include "sim/schema.h"

/* poisson, constant, burst, times, trace. Ends with {NULL}. */
extern const struct variant ARRIVAL_KINDS[];

struct arrivals {
    struct key_variant how; /* a row of ARRIVAL_KINDS; what it points to is borrowed */
    struct rng rng;
    sim_time origin;  /* the time from which instants count */
    sim_time next_at; /* of the next arrival; SIM_NEVER: there is none */
    int64_t n;        /* arrivals taken */
};

/* how: not NULL in its variant. rng: its random numbers. */
void arrivals_init(struct arrivals *a, const struct key_variant *how, const struct rng *rng,
                   sim_time origin);

/* Takes the arrival at next_at (not SIM_NEVER), and finds the one after it. */
void arrivals_take(struct arrivals *a);

/* One arrival, at the origin. */
struct key_variant arrivals_once(void);
