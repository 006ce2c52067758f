/* SPDX-License-Identifier: GPL-3.0-or-later
 * dist_keys.c -- the parameters of distributions (dist.h): their keys, and which of them do not
 * go together.
 */
#include "sim/dist_parts.h"

#include "sim/util.h"

#define WAIT(field_name, at, default_value, least, help_text)                                  \
    {                                                                                          \
        .name = (field_name), .kind = KEY_QUANTITY, .offset = (at),                            \
        .default_text = (default_value), .unit = UNIT_TIME, .min = (least), .max = DIST_MAX,   \
        .help = (help_text)                                                                    \
    }

const struct key DIST_CONSTANT_KEYS[] = {
    {
        .name = "value",
        .kind = KEY_QUANTITY,
        .offset = offsetof(struct dist_constant, wait),
        .unit = UNIT_TIME,
        .max = SIM_NEVER,
        .help = "always this; for an application `never` is a wait that does not end",
    },
    {0},
};
const struct key DIST_UNIFORM_KEYS[] = {
    WAIT("min", offsetof(struct dist_range, min), NULL, 0, "the shortest"),
    WAIT("max", offsetof(struct dist_range, max), NULL, 0, "the longest"),
    {0},
};
const struct key DIST_NORMAL_KEYS[] = {
    WAIT("mean", offsetof(struct dist_moments, mean), NULL, 0,
         "the mean; draws below 0 become 0"),
    WAIT("sd", offsetof(struct dist_moments, sd), NULL, 0, "the standard deviation"),
    {0},
};
const struct key DIST_EXPONENTIAL_KEYS[] = {
    WAIT("mean", offsetof(struct dist_moments, mean), NULL, 0, "the mean, offset not counted"),
    WAIT("offset", offsetof(struct dist_moments, offset), "0s", 0, "added to every draw"),
    {0},
};
const struct key DIST_PARETO_KEYS[] = {
    WAIT("min", offsetof(struct dist_tail, min), NULL, 1, "the shortest"),
    WAIT("mean", offsetof(struct dist_tail, mean), NULL, 1,
         "the mean, above min; the shape is mean / (mean - min), and at 2 or less, which is a "
         "mean of twice the minimum or more, the variance is infinite"),
    {0},
};
/* Of lognormal and gamma. */
const struct key DIST_MOMENTS_KEYS[] = {
    WAIT("mean", offsetof(struct dist_moments, mean), NULL, 1, "the mean, offset not counted"),
    WAIT("sd", offsetof(struct dist_moments, sd), NULL, 0, "the standard deviation"),
    WAIT("offset", offsetof(struct dist_moments, offset), "0s", 0, "added to every draw"),
    {0},
};
const struct key DIST_WEIBULL_KEYS[] = {
    WAIT("median", offsetof(struct dist_quantiles, median), NULL, 1,
         "half of the draws are below, offset not counted"),
    WAIT("p90", offsetof(struct dist_quantiles, p90), NULL, 1,
         "nine in ten are below, offset not counted"),
    WAIT("offset", offsetof(struct dist_quantiles, offset), "0s", 0, "added to every draw"),
    {0},
};
const struct key DIST_CAUCHY_KEYS[] = {
    WAIT("median", offsetof(struct dist_quartiles, median), NULL, 0,
         "half of the draws are below; draws below 0 become 0"),
    WAIT("width", offsetof(struct dist_quartiles, width), NULL, 0,
         "half of the draws are nearer to the median than this; there is no mean"),
    {0},
};
const struct key DIST_EMPIRICAL_KEYS[] = {
    {
        .name = "values",
        .kind = KEY_QUANTITIES,
        .offset = offsetof(struct dist_table, values),
        .default_text = NULL,
        .unit = UNIT_TIME,
        .max = DIST_MAX,
        .help = "what may be drawn, ascending",
    },
    {
        .name = "weights",
        .kind = KEY_QUANTITIES,
        .offset = offsetof(struct dist_table, weights),
        .default_text = "",
        .unit = UNIT_COUNT,
        .max = UINT32_MAX,
        .help = "one for each value: how often it is drawn, relative to the others; left out: "
                "all alike",
    },
    {0},
};

/* ---- what does not go together */

struct misfit dist_check_uniform(const void *params)
{
    const struct dist_range *p = params;
    return p->min <= p->max ? (struct misfit){0}
                            : (struct misfit){"min is longer than max", .key = "min"};
}

struct misfit dist_check_pareto(const void *params)
{
    const struct dist_tail *p = params;
    return p->min < p->mean ? (struct misfit){0}
                            : (struct misfit){"the mean must be above min", .key = "mean"};
}

/* Beyond these the shape parameter, (mean / sd)^2, is out of reach of GSL's incomplete gamma
 * function. */
struct misfit dist_check_gamma(const void *params)
{
    const struct dist_moments *p = params;
    if (p->sd >= p->mean / 100 && p->sd / 10 <= p->mean && p->sd > 0)
        return (struct misfit){0};
    return (struct misfit){"sd must be between a hundredth of the mean and ten times the mean",
                           .key = "sd"};
}

struct misfit dist_check_weibull(const void *params)
{
    const struct dist_quantiles *p = params;
    return p->median < p->p90 ? (struct misfit){0}
                              : (struct misfit){"p90 must be above the median", .key = "p90"};
}

int64_t dist_total_weight(const struct key_list *weights)
{
    const int64_t *w = weights->items;
    int64_t sum = 0;
    for (int i = 0; i < weights->n; i++)
        sum += w[i];
    return sum;
}

struct misfit dist_check_empirical(const void *params)
{
    const struct dist_table *p = params;
    const int64_t *v = p->values.items;
    if (p->values.n == 0)
        return (struct misfit){"give at least one value", .key = "values"};
    for (int i = 1; i < p->values.n; i++)
        if (v[i - 1] > v[i])
            return (struct misfit){"the values must ascend", .key = "values"};
    if (p->weights.n != 0 && p->weights.n != p->values.n)
        return (struct misfit){"give as many weights as values", .key = "weights"};
    if (p->weights.n != 0 && dist_total_weight(&p->weights) == 0)
        return (struct misfit){"one weight at least must be above 0", .key = "weights"};
    return (struct misfit){0};
}
