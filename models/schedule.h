/* SPDX-License-Identifier: GPL-3.0-or-later
 * schedule.h -- how a link changes while the run goes on: steps at given times, and flapping.
 *
 *   schedule: [{at: 1s, state: down}, {at: 3s, state: up, rate: 1Mbit}]
 *   flap: {up: 10s, down: {exponential: 500ms}}
 *
 *   flap:  ____up____      ____up____
 *                    |down|          |down| ...      the first time up begins with the run
 *
 * Changes of the world come before everything else of their instant. What a change does to the
 * packets on the link is said in link.h.
 */
#pragma once
#include "sim/dist.h"
#include "sim/sim.h"

struct link;

struct link_step {
    sim_time at;
    const char *state;              /* choice: "same", "up", "down" */
    int64_t rate_bps;               /* 0: not given */
    struct key_variant delay, loss; /* variant NULL: not given */
};
extern const struct key LINK_STEP_KEYS[]; /* at, state, rate, delay, loss */

struct flap_params {
    struct key_variant up, down; /* how long; both or neither. A draw of 0 lasts 1 ns */
};
extern const struct key FLAP_KEYS[]; /* up, down */

/* Whether the steps ascend, and flapping leaves time in between. */
struct misfit schedule_check(const struct key_list *steps, const struct flap_params *flap);

struct schedule {
    struct link *link;
    struct link_step *steps; /* in the arena */
    int n, next;
    struct flap_params flap;
    struct rng rng;          /* "link/NAME/flap": one draw a change */
    struct event step, turn; /* class EV_WORLD */
};

/* Copies steps and flap; name: "link/NAME". In the arena of l's sim, for the whole run. */
void schedule_new(struct link *l, const char *name, const struct key_list *steps,
                  const struct flap_params *flap);
