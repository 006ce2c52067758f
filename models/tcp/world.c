/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/world.h"

/* One bit a connection: a million connections cost 128 kB. */
struct world {
    uint32_t n;   /* numbers given out */
    uint32_t cap; /* bytes of open */
    uint8_t *open;
};

static struct world *world_of(struct sim *sim)
{
    if (sim->tcp_world == NULL)
        sim->tcp_world = sim_alloc(sim, sizeof(struct world));
    return sim->tcp_world;
}

uint32_t tcp_world_open(struct sim *sim)
{
    struct world *w = world_of(sim);
    const uint32_t number = ++w->n;
    sim_assert(sim, number != 0); /* 2^32 connections in one run */
    if (number / 8 >= w->cap) {
        const uint32_t old = w->cap;
        w->open = arena_grow(&sim->arena, w->open, &w->cap, number / 8 + 1, 1);
        for (uint32_t i = old; i < w->cap; i++)
            w->open[i] = 0;
    }
    w->open[number / 8] |= (uint8_t)(1u << number % 8);
    return number;
}

void tcp_world_close(struct sim *sim, uint32_t number)
{
    struct world *w = world_of(sim);
    w->open[number / 8] &= (uint8_t) ~(1u << number % 8);
}

bool tcp_world_is_open(const struct sim *sim, uint32_t number)
{
    const struct world *w = sim->tcp_world;
    return w != NULL && number <= w->n && (w->open[number / 8] >> number % 8 & 1) != 0;
}
