/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sim.h"

#include <stdio.h>

struct sim *sim_new(const struct sim_params *params)
{
    struct arena arena;
    if (arena_init(&arena) != 0)
        return NULL;
    struct sim *sim = arena_alloc(&arena, sizeof(*sim));
    sim->arena = arena;
    sim->rng_key = mix64(params->seed, params->replication);
    if (params->point_salt != 0)
        sim->rng_key = mix64(sim->rng_key, params->point_salt);
    if (params->shuffle_ties) {
        struct rng ties = sim_rng(sim, "ties");
        sim->shuffle_key = rng_u64(&ties) | 1; /* 0 means: not shuffled */
    }
    events_init(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim != NULL)
        arena_fini(&sim->arena);
}

bool sim_step(struct sim *sim, sim_time until)
{
    return events_run_next(sim, time_min(until, SIM_NEVER - 1));
}

uint64_t sim_run_until(struct sim *sim, sim_time until)
{
    const sim_time last = time_min(until, SIM_NEVER - 1);
    const uint64_t n_before = sim->n_events;
    while (!sim->stopping && events_run_next(sim, last))
        ;
    if (!sim->stopping && until != SIM_NEVER)
        sim->now = time_max(sim->now, until);
    sim->stopping = false;
    return sim->n_events - n_before;
}

sim_time sim_next_at(struct sim *sim)
{
    return events_next_at(sim);
}

void sim_stop(struct sim *sim)
{
    sim->stopping = true;
}

uint32_t sim_subject(struct sim *sim, const char *kind, const char *name)
{
    const uint32_t number = ++sim->n_subjects;
    sim->subjects = arena_grow(&sim->arena, sim->subjects, &sim->cap_subjects, number + 1,
                               sizeof(*sim->subjects));
    struct subject *s = &sim->subjects[number];
    s->kind = kind;
    snprintf(s->name, sizeof(s->name), "%s", name);
    return number;
}

struct rng sim_rng(const struct sim *sim, const char *name)
{
    struct rng r;
    rng_init(&r, sim->rng_key, name);
    return r;
}
