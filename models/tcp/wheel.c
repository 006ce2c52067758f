/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/wheel.h"

#include "models/tcp/params.h"

enum { LEVEL_BITS = 3, BUCKETS = 64 };

static sim_time tick_of(const struct tcp_params *p)
{
    return SEC(1) / p->hz;
}

static int64_t ticks_up(sim_time wait, sim_time tick)
{
    return wait / tick + (wait % tick != 0);
}

/* LVL_START of the next one is too long for it. */
static int level_of(int64_t n_ticks)
{
    int level = 0;
    while (level < WHEEL_LEVELS - 1 && n_ticks >= (int64_t)(BUCKETS - 1)
                                                      << (level * LEVEL_BITS))
        level++;
    return level;
}

sim_time tcp_wheel_at(const struct tcp_params *p, sim_time now, sim_time at)
{
    if (at == SIM_NEVER || at <= now)
        return at;
    const sim_time tick = tick_of(p);
    const int64_t n = ticks_up(at - now, tick);
    const int bits = level_of(n) * LEVEL_BITS;
    const int64_t due = (now + p->uptime) / tick + n;
    return (((due >> bits) + 1) << bits) * tick - p->uptime;
}

int tcp_wheel_level(const struct tcp_params *p, sim_time wait)
{
    return level_of(ticks_up(wait, tick_of(p)));
}

sim_time tcp_wheel_ticks(const struct tcp_params *p, sim_time wait)
{
    return (wait / tick_of(p) + 1) * tick_of(p);
}
