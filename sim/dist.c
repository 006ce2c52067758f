/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/dist.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_expint.h>
#include <gsl/gsl_sf_gamma.h>

#include "sim/dist_parts.h"
#include "sim/util.h"

/* ---- quantile functions and means, in ns */

static double uniform_at(const void *params, double u)
{
    const struct dist_range *p = params;
    return (double)p->min + u * (double)(p->max - p->min);
}

static double uniform_mean(const void *params)
{
    return uniform_at(params, 0.5);
}

static double normal_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    return (double)p->mean + (double)p->sd * gsl_cdf_ugaussian_Pinv(u);
}

/* Of max(0, X). */
static double normal_mean(const void *params)
{
    const struct dist_moments *p = params;
    if (p->sd == 0)
        return (double)p->mean;
    const double x = (double)p->mean / (double)p->sd;
    return (double)p->mean * gsl_cdf_ugaussian_P(x) +
           (double)p->sd * exp(-x * x / 2) / sqrt(2 * M_PI);
}

static double exponential_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    return (double)p->offset + gsl_cdf_exponential_Pinv(u, (double)p->mean);
}

/* Of lognormal and gamma too. */
static double moments_mean(const void *params)
{
    const struct dist_moments *p = params;
    return (double)p->offset + (double)p->mean;
}

static double pareto_at(const void *params, double u)
{
    const struct dist_tail *p = params;
    const double shape = (double)p->mean / (double)(p->mean - p->min);
    return gsl_cdf_pareto_Pinv(u, shape, (double)p->min);
}

static double pareto_mean(const void *params)
{
    return (double)((const struct dist_tail *)params)->mean;
}

static double lognormal_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    const double cv = (double)p->sd / (double)p->mean, variance = log1p(cv * cv);
    return (double)p->offset +
           gsl_cdf_lognormal_Pinv(u, log((double)p->mean) - variance / 2, sqrt(variance));
}

/* By halving down to a nanosecond: GSL's own inverse may give up, and then aborts. */
static double gamma_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    const double mean = (double)p->mean, sd = (double)p->sd;
    const double shape = mean / sd * (mean / sd), scale = sd / mean * sd;
    double low = 0, high = mean;
    while (high < (double)DIST_MAX && gsl_cdf_gamma_P(high, shape, scale) < u) {
        low = high;
        high *= 2;
    }
    while (high - low > 0.5 + high * DBL_EPSILON) { /* a double may be coarser than 1 ns */
        const double middle = low + (high - low) / 2;
        *(gsl_cdf_gamma_P(middle, shape, scale) < u ? &low : &high) = middle;
    }
    return (double)p->offset + high;
}

static double laplace_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    return (double)p->mean + gsl_cdf_laplace_Pinv(u, (double)p->sd * M_SQRT1_2);
}

/* Of max(0, X). */
static double laplace_mean(const void *params)
{
    const struct dist_moments *p = params;
    const double width = (double)p->sd * M_SQRT1_2;
    return (double)p->mean + (p->sd == 0 ? 0 : width / 2 * exp(-(double)p->mean / width));
}

/* Its spread about its centre, s in 1 / (1 + exp(-(x - mean) / s)). */
static double logistic_width(const struct dist_moments *p)
{
    return (double)p->sd * sqrt(3) / M_PI;
}

static double logistic_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    return (double)p->mean + gsl_cdf_logistic_Pinv(u, logistic_width(p));
}

/* Of max(0, X). */
static double logistic_mean(const void *params)
{
    const struct dist_moments *p = params;
    const double width = logistic_width(p);
    return (double)p->mean + (p->sd == 0 ? 0 : width * log1p(exp(-(double)p->mean / width)));
}

/* The largest of many: P(X <= x) = exp(-exp(-(x - mode) / width)). */
static double gumbel_width(const struct dist_moments *p)
{
    return (double)p->sd * sqrt(6) / M_PI;
}

static double gumbel_mode(const struct dist_moments *p)
{
    return (double)p->mean - M_EULER * gumbel_width(p);
}

static double gumbel_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    return gumbel_mode(p) + gsl_cdf_gumbel1_Pinv(u, 1 / gumbel_width(p), 1);
}

/* Of max(0, X): the integral of 1 - exp(-t) over dt / t up to t = exp(mode / width) is E1(t) +
 * log t + Euler's constant. Beyond t = e^6 E1 is below 10^-170, and GSL's soon underflows. */
static double gumbel_mean(const void *params)
{
    const struct dist_moments *p = params;
    const double width = gumbel_width(p);
    if (p->sd == 0 || gumbel_mode(p) > 6 * width)
        return (double)p->mean;
    return (double)p->mean + width * gsl_sf_expint_E1(exp(gumbel_mode(p) / width));
}

static double rayleigh_at(const void *params, double u)
{
    const struct dist_moments *p = params;
    return (double)p->offset + gsl_cdf_rayleigh_Pinv(u, (double)p->mean / sqrt(M_PI_2));
}

static double cauchy_at(const void *params, double u)
{
    const struct dist_quartiles *p = params;
    return (double)p->median + gsl_cdf_cauchy_Pinv(u, (double)p->width);
}

/* Of max(0, X), which has none either. */
static double cauchy_mean(const void *params)
{
    const struct dist_quartiles *p = params;
    return p->width == 0 ? (double)p->median : INFINITY;
}

/* P(X > x) = exp(-(x / scale)^exponent) is 1/2 at the median and 1/10 at p90. */
static double weibull_exponent(const struct dist_quantiles *p)
{
    return log(M_LN10 / M_LN2) / log((double)p->p90 / (double)p->median);
}

static double weibull_scale(const struct dist_quantiles *p)
{
    return (double)p->median / pow(M_LN2, 1 / weibull_exponent(p));
}

static double weibull_at(const void *params, double u)
{
    const struct dist_quantiles *p = params;
    return (double)p->offset + gsl_cdf_weibull_Pinv(u, weibull_scale(p), weibull_exponent(p));
}

static double weibull_mean(const void *params)
{
    const struct dist_quantiles *p = params;
    return (double)p->offset + weibull_scale(p) * gsl_sf_gamma(1 + 1 / weibull_exponent(p));
}

static double empirical_at(const void *params, double u)
{
    const struct dist_table *p = params;
    const int64_t *values = p->values.items, *weights = p->weights.items;
    int i = 0;
    if (p->weights.n == 0)
        return (double)values[(int)(u * p->values.n)];
    for (double left = u * (double)dist_total_weight(&p->weights); i < p->values.n - 1; i++) {
        left -= (double)weights[i];
        if (left < 0)
            break;
    }
    return (double)values[i];
}

static double empirical_mean(const void *params)
{
    const struct dist_table *p = params;
    const int64_t *values = p->values.items, *weights = p->weights.items;
    double sum = 0;
    for (int i = 0; i < p->values.n; i++)
        sum += (double)values[i] * (p->weights.n == 0 ? 1 : (double)weights[i]);
    return sum / (double)(p->weights.n == 0 ? p->values.n : dist_total_weight(&p->weights));
}

/* ---- the registry */

enum dist_kind {
    CONSTANT,
    UNIFORM,
    NORMAL,
    EXPONENTIAL,
    PARETO,
    LOGNORMAL,
    GAMMA,
    WEIBULL,
    LAPLACE,
    LOGISTIC,
    GUMBEL,
    RAYLEIGH,
    CAUCHY,
    EMPIRICAL,
    N_KINDS,
};

/* clang-format off */
const struct variant DIST_KINDS[] = {
    [CONSTANT]    = {"constant", "always the same", DIST_CONSTANT_KEYS},
    [UNIFORM]     = {"uniform", "anything between two bounds", DIST_UNIFORM_KEYS, dist_check_uniform},
    [NORMAL]      = {"normal", "a sum of many small things", DIST_NORMAL_KEYS},
    [EXPONENTIAL] = {"exponential", "without memory", DIST_EXPONENTIAL_KEYS},
    [PARETO]      = {"pareto", "mostly short, now and then very long", DIST_PARETO_KEYS, dist_check_pareto},
    [LOGNORMAL]   = {"lognormal", "a product of many small things", DIST_MOMENTS_KEYS},
    [GAMMA]       = {"gamma", "a sum of exponential waits", DIST_MOMENTS_KEYS, dist_check_gamma},
    [WEIBULL]     = {"weibull", "by its median and 90th percentile", DIST_WEIBULL_KEYS, dist_check_weibull},
    [LAPLACE]     = {"laplace", "as normal, with heavier tails", DIST_NORMAL_KEYS},
    [LOGISTIC]    = {"logistic", "as normal, with tails as an exponential has", DIST_NORMAL_KEYS},
    [GUMBEL]      = {"gumbel", "the longest of many: GSL's type 1", DIST_NORMAL_KEYS},
    [RAYLEIGH]    = {"rayleigh", "how far away, where both coordinates are normal", DIST_EXPONENTIAL_KEYS},
    [CAUCHY]      = {"cauchy", "tails so heavy that no mean exists", DIST_CAUCHY_KEYS},
    [EMPIRICAL]   = {"empirical", "one of a list of values", DIST_EMPIRICAL_KEYS, dist_check_empirical},
    [N_KINDS]     = {NULL, NULL, NULL},
};

static const struct rule {
    double (*at)(const void *params, double u);
    double (*mean)(const void *params);
} RULES[N_KINDS] = {
    [UNIFORM]     = {uniform_at, uniform_mean},
    [NORMAL]      = {normal_at, normal_mean},
    [EXPONENTIAL] = {exponential_at, moments_mean},
    [PARETO]      = {pareto_at, pareto_mean},
    [LOGNORMAL]   = {lognormal_at, moments_mean},
    [GAMMA]       = {gamma_at, moments_mean},
    [WEIBULL]     = {weibull_at, weibull_mean},
    [LAPLACE]     = {laplace_at, laplace_mean},
    [LOGISTIC]    = {logistic_at, logistic_mean},
    [GUMBEL]      = {gumbel_at, gumbel_mean},
    [RAYLEIGH]    = {rayleigh_at, moments_mean},
    [CAUCHY]      = {cauchy_at, cauchy_mean},
    [EMPIRICAL]   = {empirical_at, empirical_mean},
};
/* clang-format on */

struct key_variant dist_constant(sim_time wait)
{
    struct key_variant d = {.variant = &DIST_KINDS[CONSTANT]};
    memcpy(d.params, &(struct dist_constant){wait}, sizeof(struct dist_constant));
    return d;
}

bool dist_is_constant(const struct key_variant *d)
{
    return d->variant == NULL || d->variant == &DIST_KINDS[CONSTANT];
}

/* Exact: a double knows nanoseconds up to 104 days only. */
static sim_time constant_wait(const struct key_variant *d)
{
    struct dist_constant c;
    memcpy(&c, d->params, sizeof(c));
    return c.wait;
}

static const struct rule *rule_of(const struct key_variant *d)
{
    return &RULES[d->variant - DIST_KINDS];
}

static sim_time to_wait(double ns)
{
    if (!(ns > 0))
        return 0;
    return ns < (double)DIST_MAX ? (sim_time)llrint(ns) : DIST_MAX;
}

sim_time dist_mean(const struct key_variant *d)
{
    return dist_is_constant(d) ? constant_wait(d) : to_wait(rule_of(d)->mean(d->params));
}

sim_time dist_quantile(const struct key_variant *d, double u)
{
    return dist_is_constant(d) ? constant_wait(d) : to_wait(rule_of(d)->at(d->params, u));
}

/* Strictly between 0 and 1: an odd multiple of 2^-53. */
static double open_uniform(struct rng *r)
{
    return ((double)(rng_u64(r) >> 12) + 0.5) * 0x1p-52;
}

sim_time dist_draw(const struct key_variant *d, struct rng *r)
{
    return dist_quantile(d, open_uniform(r));
}

sim_time dist_draw_next(const struct key_variant *d, struct rng *r, int64_t rho,
                        struct dist_chain *chain)
{
    const double share = (double)rho / (double)FRACTION_ONE;
    const double fresh = gsl_cdf_ugaussian_Pinv(open_uniform(r));
    chain->score =
        chain->begun ? share * chain->score + sqrt(1 - share * share) * fresh : fresh;
    chain->begun = true;
    const double u = gsl_cdf_ugaussian_P(chain->score);
    return dist_quantile(d, fmin(fmax(u, DBL_MIN), 1 - DBL_EPSILON / 2));
}
