/* SPDX-License-Identifier: GPL-3.0-or-later
 * dist.h -- a wait that may be random: a constant, a named distribution, or a list of values.
 *
 *   delay: 10ms      delay: {normal: {mean: 20ms, sd: 2ms}}
 *
 * The one idea: a distribution is its quantile function. A draw takes one number of its stream,
 * whatever the distribution is, and the same number gives a larger wait where the distribution
 * is larger: two experiments see the same luck. A drawn wait below zero is zero, one above a
 * year is a year. Rounded to nanoseconds before it leaves this file.
 *
 * Draws that depend on the one before keep their distribution: the number's normal score is a
 * first-order chain, z' = rho z + sqrt(1 - rho^2) fresh. So rho is exactly the autocorrelation
 * of normal waits at distance 1 (rho^k at k), and (6 / pi) asin(rho / 2) that of ranks for all
 * continuous ones. tc-netem mixes the uniform numbers instead, u' = rho u + (1 - rho) fresh,
 * which narrows what is drawn: a correlation of 50 % takes 42 % off its standard deviation.
 *
 * They are those of GSL that are told by times. Not here: those told by bare numbers (beta, t,
 * F; chi-squared is a gamma), those without a quantile function in GSL (Landau, Levy,
 * exponential power); distribution tables in files, as tc has them; mixtures.
 */
#pragma once
#include "sim/rng.h"
#include "sim/schema.h"
#include <stdbool.h>

#define DIST_MAX SEC(365 * 86400)

/* constant first, uniform, normal, exponential, pareto, lognormal, gamma, weibull, laplace,
 * logistic, gumbel, rayleigh, cauchy, empirical; ends with {NULL}. */
extern const struct variant DIST_KINDS[];

/* Always this wait. */
struct key_variant dist_constant(sim_time wait);

/* Below, variant NULL (not given) is the constant in its params: 0 when all of it is zero. */
bool dist_is_constant(const struct key_variant *d);

/* What dist_draw returns on average: the closed form, with negative waits as 0, without the
 * bound of a year; a year where there is no mean. */
sim_time dist_mean(const struct key_variant *d);

/* The wait that a fraction u of all draws does not exceed; 0 < u < 1. Never below 0. */
sim_time dist_quantile(const struct key_variant *d, double u);

/* One number of the stream. Never below 0. */
sim_time dist_draw(const struct key_variant *d, struct rng *r);

/* What a draw leaves for the next one. All zero: nothing yet. */
struct dist_chain {
    double score; /* of the last draw: normal, mean 0, sd 1 */
    bool begun;
};

/* As dist_draw, with correlation rho (in FRACTION_ONE parts, below 100 %) to the draw before.
 */
sim_time dist_draw_next(const struct key_variant *d, struct rng *r, int64_t rho,
                        struct dist_chain *chain);
