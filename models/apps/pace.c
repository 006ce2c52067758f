/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/pace.h"

/* n pieces later; SIM_NEVER when the clock does not reach so far. */
static sim_time later(const struct pace_params *params, sim_time from, int64_t n)
{
    const __int128 bits = (__int128)n * params->size * 8;
    const __int128 wait = bits * SEC(1) / params->rate_bps;

    return wait >= SIM_NEVER ? SIM_NEVER : time_add(from, (sim_time)wait);
}

static sim_time draw(const struct key_variant *d, struct rng *r)
{
    const sim_time wait = dist_draw(d, r);
    return wait >= DIST_MAX ? SIM_NEVER : wait;
}

static void begin_phase(struct pace *p, struct pace_source *s, sim_time at)
{
    const bool for_ever = s->params->on.variant == NULL || at == SIM_NEVER;

    p->phase_at = p->next_at = at;
    p->phase_ends_at = for_ever ? SIM_NEVER : time_add(at, draw(&s->params->on, &s->on));
    p->n = 0;
}

void pace_source_init(struct pace_source *s, const struct pace_params *params,
                      const struct rng *on, const struct rng *off)
{
    *s = (struct pace_source){params, *on, *off};
}

void pace_begin(struct pace *p, struct pace_source *s, sim_time at)
{
    begin_phase(p, s, at);
}

void pace_take(struct pace *p, struct pace_source *s)
{
    p->n++;
    p->next_at = later(s->params, p->phase_at, p->n);
    if (p->next_at < p->phase_ends_at)
        return;
    const sim_time on_again = time_add(p->phase_ends_at, draw(&s->params->off, &s->off));
    begin_phase(p, s,
                p->phase_ends_at == SIM_NEVER ? SIM_NEVER : time_max(on_again, p->next_at));
}
