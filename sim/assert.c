/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assert.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/sim.h"
#include "sim/units.h"

static const char *const CLASS_NAMES[] = {
    [EV_WORLD] = "change", [EV_ARRIVAL] = "arrival", [EV_TIMER] = "timer", [EV_APP] = "call"};

static void print_event(const struct sim *sim)
{
    const uint32_t entity = sim->running & ((1u << ENTITY_BITS) - 1);
    char now[32];
    fprintf(stderr, "  at %s (%lld ns), event %llu: %s of ",
            unit_format(sim->now, UNIT_TIME, now, sizeof(now)), (long long)sim->now,
            (unsigned long long)sim->n_events, CLASS_NAMES[sim->running >> ENTITY_BITS]);
    if (entity > 0 && entity <= sim->n_subjects)
        fprintf(stderr, "%s %s\n", sim->subjects[entity].kind, sim->subjects[entity].name);
    else if (entity >= ENTITY_DYNAMIC)
        fprintf(stderr, "connection %u\n", entity - ENTITY_DYNAMIC);
    else
        fprintf(stderr, "entity %u\n", entity);
}

_Noreturn void sim_assert_fail(const struct sim *sim, const char *cond, const char *file,
                               int line)
{
    fprintf(stderr, "%s:%d: this must hold and does not: %s\n", file, line, cond);
    if (sim != NULL && sim->n_events > 0)
        print_event(sim);
    fflush(NULL);
    abort();
}
