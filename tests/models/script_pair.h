/* SPDX-License-Identifier: GPL-3.0-or-later
 * script_pair.h -- two scripts against each other, by what each call must return.
 */
#pragma once
#include "models/apps/script.h"
#include "tests/models/apps_world.h"

enum { MAX_STEPS = 12 };

/* A step without a call ends the list. */
struct side {
    bool read;
    struct script_step steps[MAX_STEPS];
};

static inline struct script_params params_of(struct side *side)
{
    struct script_params params = {
        .to = "other", .steps = {.items = side->steps}, .read = side->read};

    while (params.steps.n < MAX_STEPS && side->steps[params.steps.n].call != NULL)
        params.steps.n++;
    return params;
}

struct pair {
    struct world world;
    struct side sides[N_HOSTS];
    struct script_params params[N_HOSTS];
    struct app *apps[N_HOSTS];
};

static inline void pair_with(struct pair *p, const struct side *client,
                             const struct side *server, int64_t loss)
{
    const struct tcp_params tcp = world_tcp();

    p->world = world_with(&tcp, loss);
    p->sides[CLIENT] = *client;
    p->sides[SERVER] = *server;
    for (int i = 0; i < N_HOSTS; i++)
        p->params[i] = params_of(&p->sides[i]);
    p->apps[SERVER] =
        world_app(&p->world, SERVER, "server", &APP_SCRIPT, &p->params[SERVER], NULL);
    p->apps[CLIENT] = world_app(&p->world, CLIENT, "client", &APP_SCRIPT, &p->params[CLIENT],
                                p->apps[SERVER]);
}

static inline void pair_init(struct pair *p, const struct side *client,
                             const struct side *server)
{
    pair_with(p, client, server, 0);
}

static inline int64_t metric_of(const struct pair *p, int side, const char *name)
{
    return world_metric(&p->world, p->apps[side], name);
}
