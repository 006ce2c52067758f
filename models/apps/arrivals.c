/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/arrivals.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

struct rate_params {
    int64_t rate; /* nano-arrivals per second */
};
struct burst_params {
    int64_t size;
    sim_time every;
};
struct times_params {
    struct key_list at; /* of sim_time */
};

_Static_assert(sizeof(struct times_params) <= VARIANT_BYTES, "a list fits beside its variant");

/* 1/s in nano-arrivals, times the nanoseconds of a second. */
#define PERIODS INT64_C(1000000000000000000)

/* clang-format off */
#define RATE_ROW {"rate", KEY_QUANTITY, offsetof(struct rate_params, rate), NULL, \
                  "arrivals per second in the mean", UNIT_PER_TIME, 1, PERIODS}
static const struct key RATE_KEYS[] = {RATE_ROW, {0}};
static const struct key BURST_KEYS[] = {
    {"size", KEY_QUANTITY, offsetof(struct burst_params, size), NULL, "arrivals in a burst, all at one instant",
     UNIT_COUNT, 1, INT64_C(1) << 40},
    {"every", KEY_QUANTITY, offsetof(struct burst_params, every), NULL, "from one burst to the next",
     UNIT_TIME, 1, SIM_NEVER},
    {0},
};
static const struct key TIMES_KEYS[] = {
    {"at", KEY_QUANTITIES, offsetof(struct times_params, at), NULL, "the instants, in order", UNIT_TIME},
    {0},
};
static const struct key TRACE_KEYS[] = {
    {"file", KEY_FILE, offsetof(struct times_params, at), NULL,
     "a file with an instant a line, in order; its name is relative to the file that names it", UNIT_TIME},
    {0},
};

static struct misfit check_times(const void *params)
{
    const struct key_list *list = &((const struct times_params *)params)->at;
    const sim_time *at = list->items;

    for (int i = 1; i < list->n; i++)
        if (at[i] < at[i - 1])
            return (struct misfit){"instants of arrivals must stand in their order"};
    return (struct misfit){0};
}

enum { POISSON, CONSTANT, BURST, TIMES, TRACE };
const struct variant ARRIVAL_KINDS[] = {
    [POISSON]  = {"poisson", "independent arrivals: gaps are exponential, the first one too", RATE_KEYS},
    [CONSTANT] = {"constant", "one at once, then one each 1/rate", RATE_KEYS},
    [BURST]    = {"burst", "`size` at once, then as many each `every`", BURST_KEYS},
    [TIMES]    = {"times", "at the instants of a list", TIMES_KEYS, check_times},
    [TRACE]    = {"trace", "at the instants of a file", TRACE_KEYS, check_times},
    {0},
};
/* clang-format on */

/* The gap is rounded to the clock before it is added: no double is ever a time. */
static sim_time next_poisson(struct arrivals *a)
{
    const struct rate_params *p = (const void *)a->how.params;
    const gsl_rng g = rng_gsl(&a->rng);
    const double gap = gsl_ran_exponential(&g, (double)PERIODS / (double)p->rate);

    return gap >= 0x1p62 ? SIM_NEVER
                         : time_add(a->n == 0 ? a->origin : a->next_at, (sim_time)llround(gap));
}

static sim_time after(const struct arrivals *a, __int128 wait)
{
    return wait >= SIM_NEVER ? SIM_NEVER : time_add(a->origin, (sim_time)wait);
}

/* From the origin each time, so that no rounding adds up. */
static sim_time next_constant(struct arrivals *a)
{
    const struct rate_params *p = (const void *)a->how.params;
    return after(a, (__int128)a->n * PERIODS / p->rate);
}

static sim_time next_burst(struct arrivals *a)
{
    const struct burst_params *p = (const void *)a->how.params;
    return after(a, (__int128)(a->n / p->size) * p->every);
}

static sim_time next_listed(struct arrivals *a)
{
    const struct times_params *p = (const void *)a->how.params;
    const sim_time *at = p->at.items;
    return a->n < p->at.n ? time_add(a->origin, at[a->n]) : SIM_NEVER;
}

static sim_time (*const NEXT[])(struct arrivals *a) = {
    [POISSON] = next_poisson, [CONSTANT] = next_constant, [BURST] = next_burst,
    [TIMES] = next_listed,    [TRACE] = next_listed,
};

static void find_next(struct arrivals *a)
{
    a->next_at = a->origin == SIM_NEVER ? SIM_NEVER : NEXT[a->how.variant - ARRIVAL_KINDS](a);
}

void arrivals_init(struct arrivals *a, const struct key_variant *how, const struct rng *rng,
                   sim_time origin)
{
    *a = (struct arrivals){.how = *how, .rng = *rng, .origin = origin};
    find_next(a);
}

void arrivals_take(struct arrivals *a)
{
    a->n++;
    find_next(a);
}

struct key_variant arrivals_once(void)
{
    struct key_variant how = {.variant = &ARRIVAL_KINDS[BURST]};
    const struct burst_params once = {.size = 1, .every = SIM_NEVER};

    memcpy(how.params, &once, sizeof once);
    return how;
}
