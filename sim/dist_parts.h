/* SPDX-License-Identifier: GPL-3.0-or-later
 * dist_parts.h -- the inside of dist.h, for dist.c and dist_keys.c: the parameters of
 * distributions, their key rows, and what does not go together.
 */
#pragma once
#include "sim/dist.h"

struct dist_constant {
    sim_time wait;
};
struct dist_range {
    sim_time min, max;
};
struct dist_moments { /* of what comes on top of offset */
    sim_time mean, sd, offset;
};
struct dist_tail {
    sim_time min, mean;
};
struct dist_quantiles {
    sim_time median, p90, offset;
};
struct dist_quartiles {
    sim_time median, width;
};
struct dist_table {
    struct key_list values, weights; /* of int64_t; weights may be empty: all are equal */
};
_Static_assert(sizeof(struct dist_table) <= VARIANT_BYTES,
               "parameters fit a struct key_variant");

extern const struct key DIST_CONSTANT_KEYS[], DIST_UNIFORM_KEYS[], DIST_NORMAL_KEYS[];
extern const struct key DIST_EXPONENTIAL_KEYS[], DIST_PARETO_KEYS[], DIST_WEIBULL_KEYS[];
extern const struct key DIST_MOMENTS_KEYS[]; /* of lognormal and gamma */
extern const struct key DIST_CAUCHY_KEYS[], DIST_EMPIRICAL_KEYS[];

struct misfit dist_check_uniform(const void *params);
struct misfit dist_check_pareto(const void *params);
struct misfit dist_check_gamma(const void *params);
struct misfit dist_check_weibull(const void *params);
struct misfit dist_check_empirical(const void *params);

/* The sum of weights of an empirical distribution. */
int64_t dist_total_weight(const struct key_list *weights);
