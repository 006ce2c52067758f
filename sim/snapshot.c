/* SPDX-License-Identifier: GPL-3.0-or-later
 * snapshot.c -- a copy of a run (sim.h): the bytes of its arena, and back.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

int sim_snapshot(const struct sim *sim, struct snapshot *out)
{
    const struct arena *a = &sim->arena;
    *out = (struct snapshot){.bytes = malloc(a->used), .used = a->used};
    if (out->bytes == NULL)
        return -1;
    arena_show(a->base, a->used); /* freed blocks are copied too */
    memcpy(out->bytes, a->base, a->used);
    return 0;
}

void sim_restore(struct sim *sim, const struct snapshot *s)
{
    struct listener *listener = sim->listener;
    char *base = sim->arena.base;
    const size_t used = sim->arena.used;
    arena_show(base, used);
    memcpy(base, s->bytes, s->used);
    if (used > s->used)
        memset(base + s->used, 0, used - s->used); /* the arena's invariant */
    sim_listen(sim, listener);
}

void snapshot_free(struct snapshot *s)
{
    free(s->bytes);
    *s = (struct snapshot){0};
}
