/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/dist.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_expint.h>
#include <gsl/gsl_sf_gamma.h>

#include "sim/util.h"

/* ---- parameters and their keys */

struct constant {
    sim_time wait;
};
struct range {
    sim_time min, max;
};
struct moments { /* of what comes on top of offset */
    sim_time mean, sd, offset;
};
struct tail {
    sim_time min, mean;
};
struct quantiles {
    sim_time median, p90, offset;
};
struct quartiles {
    sim_time median, width;
};
struct table {
    struct key_list values, weights; /* of int64_t; weights may be empty: all are equal */
};
_Static_assert(sizeof(struct table) <= VARIANT_BYTES, "parameters fit a struct key_variant");

#define WAIT(field_name, at, default_value, least, help_text)                                  \
    {                                                                                          \
        .name = (field_name), .kind = KEY_QUANTITY, .offset = (at),                            \
        .default_text = (default_value), .unit = UNIT_TIME, .min = (least), .max = DIST_MAX,   \
        .help = (help_text)                                                                    \
    }

static const struct key CONSTANT_KEYS[] = {
    {
        .name = "value",
        .kind = KEY_QUANTITY,
        .offset = offsetof(struct constant, wait),
        .unit = UNIT_TIME,
        .max = SIM_NEVER,
        .help = "always this; for an application `never` is a wait that does not end",
    },
    {0},
};
static const struct key UNIFORM_KEYS[] = {
    WAIT("min", offsetof(struct range, min), NULL, 0, "the shortest"),
    WAIT("max", offsetof(struct range, max), NULL, 0, "the longest"),
    {0},
};
static const struct key NORMAL_KEYS[] = {
    WAIT("mean", offsetof(struct moments, mean), NULL, 0, "the mean; draws below 0 become 0"),
    WAIT("sd", offsetof(struct moments, sd), NULL, 0, "the standard deviation"),
    {0},
};
static const struct key EXPONENTIAL_KEYS[] = {
    WAIT("mean", offsetof(struct moments, mean), NULL, 0, "the mean, offset not counted"),
    WAIT("offset", offsetof(struct moments, offset), "0s", 0, "added to every draw"),
    {0},
};
static const struct key PARETO_KEYS[] = {
    WAIT("min", offsetof(struct tail, min), NULL, 1, "the shortest"),
    WAIT("mean", offsetof(struct tail, mean), NULL, 1,
         "the mean, above min; the shape is mean / (mean - min), and at 2 or less, which is a "
         "mean of twice the minimum or more, the variance is infinite"),
    {0},
};
/* Of lognormal and gamma. */
static const struct key MOMENTS_KEYS[] = {
    WAIT("mean", offsetof(struct moments, mean), NULL, 1, "the mean, offset not counted"),
    WAIT("sd", offsetof(struct moments, sd), NULL, 0, "the standard deviation"),
    WAIT("offset", offsetof(struct moments, offset), "0s", 0, "added to every draw"),
    {0},
};
static const struct key WEIBULL_KEYS[] = {
    WAIT("median", offsetof(struct quantiles, median), NULL, 1,
         "half of the draws are below, offset not counted"),
    WAIT("p90", offsetof(struct quantiles, p90), NULL, 1,
         "nine in ten are below, offset not counted"),
    WAIT("offset", offsetof(struct quantiles, offset), "0s", 0, "added to every draw"),
    {0},
};
static const struct key CAUCHY_KEYS[] = {
    WAIT("median", offsetof(struct quartiles, median), NULL, 0,
         "half of the draws are below; draws below 0 become 0"),
    WAIT("width", offsetof(struct quartiles, width), NULL, 0,
         "half of the draws are nearer to the median than this; there is no mean"),
    {0},
};
static const struct key EMPIRICAL_KEYS[] = {
    {
        .name = "values",
        .kind = KEY_QUANTITIES,
        .offset = offsetof(struct table, values),
        .default_text = NULL,
        .unit = UNIT_TIME,
        .max = DIST_MAX,
        .help = "what may be drawn, ascending",
    },
    {
        .name = "weights",
        .kind = KEY_QUANTITIES,
        .offset = offsetof(struct table, weights),
        .default_text = "",
        .unit = UNIT_COUNT,
        .max = UINT32_MAX,
        .help = "one for each value: how often it is drawn, relative to the others; left out: "
                "all alike",
    },
    {0},
};

/* ---- what does not go together */

static struct misfit check_uniform(const void *params)
{
    const struct range *p = params;
    return p->min <= p->max ? (struct misfit){0}
                            : (struct misfit){"min is longer than max", .key = "min"};
}

static struct misfit check_pareto(const void *params)
{
    const struct tail *p = params;
    return p->min < p->mean ? (struct misfit){0}
                            : (struct misfit){"the mean must be above min", .key = "mean"};
}

/* Beyond these the shape parameter, (mean / sd)^2, is out of reach of GSL's incomplete gamma
 * function. */
static struct misfit check_gamma(const void *params)
{
    const struct moments *p = params;
    if (p->sd >= p->mean / 100 && p->sd / 10 <= p->mean && p->sd > 0)
        return (struct misfit){0};
    return (struct misfit){"sd must be between a hundredth of the mean and ten times the mean",
                           .key = "sd"};
}

static struct misfit check_weibull(const void *params)
{
    const struct quantiles *p = params;
    return p->median < p->p90 ? (struct misfit){0}
                              : (struct misfit){"p90 must be above the median", .key = "p90"};
}

static int64_t total(const struct key_list *weights)
{
    const int64_t *w = weights->items;
    int64_t sum = 0;
    for (int i = 0; i < weights->n; i++)
        sum += w[i];
    return sum;
}

static struct misfit check_empirical(const void *params)
{
    const struct table *p = params;
    const int64_t *v = p->values.items;
    if (p->values.n == 0)
        return (struct misfit){"give at least one value", .key = "values"};
    for (int i = 1; i < p->values.n; i++)
        if (v[i - 1] > v[i])
            return (struct misfit){"the values must ascend", .key = "values"};
    if (p->weights.n != 0 && p->weights.n != p->values.n)
        return (struct misfit){"give as many weights as values", .key = "weights"};
    if (p->weights.n != 0 && total(&p->weights) == 0)
        return (struct misfit){"one weight at least must be above 0", .key = "weights"};
    return (struct misfit){0};
}

/* ---- quantile functions and means, in ns */

static double uniform_at(const void *params, double u)
{
    const struct range *p = params;
    return (double)p->min + u * (double)(p->max - p->min);
}

static double uniform_mean(const void *params)
{
    return uniform_at(params, 0.5);
}

static double normal_at(const void *params, double u)
{
    const struct moments *p = params;
    return (double)p->mean + (double)p->sd * gsl_cdf_ugaussian_Pinv(u);
}

/* Of max(0, X). */
static double normal_mean(const void *params)
{
    const struct moments *p = params;
    if (p->sd == 0)
        return (double)p->mean;
    const double x = (double)p->mean / (double)p->sd;
    return (double)p->mean * gsl_cdf_ugaussian_P(x) +
           (double)p->sd * exp(-x * x / 2) / sqrt(2 * M_PI);
}

static double exponential_at(const void *params, double u)
{
    const struct moments *p = params;
    return (double)p->offset + gsl_cdf_exponential_Pinv(u, (double)p->mean);
}

/* Of lognormal and gamma too. */
static double moments_mean(const void *params)
{
    const struct moments *p = params;
    return (double)p->offset + (double)p->mean;
}

static double pareto_at(const void *params, double u)
{
    const struct tail *p = params;
    const double shape = (double)p->mean / (double)(p->mean - p->min);
    return gsl_cdf_pareto_Pinv(u, shape, (double)p->min);
}

static double pareto_mean(const void *params)
{
    return (double)((const struct tail *)params)->mean;
}

static double lognormal_at(const void *params, double u)
{
    const struct moments *p = params;
    const double cv = (double)p->sd / (double)p->mean, variance = log1p(cv * cv);
    return (double)p->offset +
           gsl_cdf_lognormal_Pinv(u, log((double)p->mean) - variance / 2, sqrt(variance));
}

/* By halving down to a nanosecond: GSL's own inverse may give up, and then aborts. */
static double gamma_at(const void *params, double u)
{
    const struct moments *p = params;
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
    const struct moments *p = params;
    return (double)p->mean + gsl_cdf_laplace_Pinv(u, (double)p->sd * M_SQRT1_2);
}

/* Of max(0, X). */
static double laplace_mean(const void *params)
{
    const struct moments *p = params;
    const double width = (double)p->sd * M_SQRT1_2;
    return (double)p->mean + (p->sd == 0 ? 0 : width / 2 * exp(-(double)p->mean / width));
}

/* Its spread about its centre, s in 1 / (1 + exp(-(x - mean) / s)). */
static double logistic_width(const struct moments *p)
{
    return (double)p->sd * sqrt(3) / M_PI;
}

static double logistic_at(const void *params, double u)
{
    const struct moments *p = params;
    return (double)p->mean + gsl_cdf_logistic_Pinv(u, logistic_width(p));
}

/* Of max(0, X). */
static double logistic_mean(const void *params)
{
    const struct moments *p = params;
    const double width = logistic_width(p);
    return (double)p->mean + (p->sd == 0 ? 0 : width * log1p(exp(-(double)p->mean / width)));
}

/* The largest of many: P(X <= x) = exp(-exp(-(x - mode) / width)). */
static double gumbel_width(const struct moments *p)
{
    return (double)p->sd * sqrt(6) / M_PI;
}

static double gumbel_mode(const struct moments *p)
{
    return (double)p->mean - M_EULER * gumbel_width(p);
}

static double gumbel_at(const void *params, double u)
{
    const struct moments *p = params;
    return gumbel_mode(p) + gsl_cdf_gumbel1_Pinv(u, 1 / gumbel_width(p), 1);
}

/* Of max(0, X): the integral of 1 - exp(-t) over dt / t up to t = exp(mode / width) is E1(t) +
 * log t + Euler's constant. Beyond t = e^6 E1 is below 10^-170, and GSL's soon underflows. */
static double gumbel_mean(const void *params)
{
    const struct moments *p = params;
    const double width = gumbel_width(p);
    if (p->sd == 0 || gumbel_mode(p) > 6 * width)
        return (double)p->mean;
    return (double)p->mean + width * gsl_sf_expint_E1(exp(gumbel_mode(p) / width));
}

static double rayleigh_at(const void *params, double u)
{
    const struct moments *p = params;
    return (double)p->offset + gsl_cdf_rayleigh_Pinv(u, (double)p->mean / sqrt(M_PI_2));
}

static double cauchy_at(const void *params, double u)
{
    const struct quartiles *p = params;
    return (double)p->median + gsl_cdf_cauchy_Pinv(u, (double)p->width);
}

/* Of max(0, X), which has none either. */
static double cauchy_mean(const void *params)
{
    const struct quartiles *p = params;
    return p->width == 0 ? (double)p->median : INFINITY;
}

/* P(X > x) = exp(-(x / scale)^exponent) is 1/2 at the median and 1/10 at p90. */
static double weibull_exponent(const struct quantiles *p)
{
    return log(M_LN10 / M_LN2) / log((double)p->p90 / (double)p->median);
}

static double weibull_scale(const struct quantiles *p)
{
    return (double)p->median / pow(M_LN2, 1 / weibull_exponent(p));
}

static double weibull_at(const void *params, double u)
{
    const struct quantiles *p = params;
    return (double)p->offset + gsl_cdf_weibull_Pinv(u, weibull_scale(p), weibull_exponent(p));
}

static double weibull_mean(const void *params)
{
    const struct quantiles *p = params;
    return (double)p->offset + weibull_scale(p) * gsl_sf_gamma(1 + 1 / weibull_exponent(p));
}

static double empirical_at(const void *params, double u)
{
    const struct table *p = params;
    const int64_t *values = p->values.items, *weights = p->weights.items;
    int i = 0;
    if (p->weights.n == 0)
        return (double)values[(int)(u * p->values.n)];
    for (double left = u * (double)total(&p->weights); i < p->values.n - 1; i++) {
        left -= (double)weights[i];
        if (left < 0)
            break;
    }
    return (double)values[i];
}

static double empirical_mean(const void *params)
{
    const struct table *p = params;
    const int64_t *values = p->values.items, *weights = p->weights.items;
    double sum = 0;
    for (int i = 0; i < p->values.n; i++)
        sum += (double)values[i] * (p->weights.n == 0 ? 1 : (double)weights[i]);
    return sum / (double)(p->weights.n == 0 ? p->values.n : total(&p->weights));
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
    [CONSTANT]    = {"constant", "always the same", CONSTANT_KEYS},
    [UNIFORM]     = {"uniform", "anything between two bounds", UNIFORM_KEYS, check_uniform},
    [NORMAL]      = {"normal", "a sum of many small things", NORMAL_KEYS},
    [EXPONENTIAL] = {"exponential", "without memory", EXPONENTIAL_KEYS},
    [PARETO]      = {"pareto", "mostly short, now and then very long", PARETO_KEYS, check_pareto},
    [LOGNORMAL]   = {"lognormal", "a product of many small things", MOMENTS_KEYS},
    [GAMMA]       = {"gamma", "a sum of exponential waits", MOMENTS_KEYS, check_gamma},
    [WEIBULL]     = {"weibull", "by its median and 90th percentile", WEIBULL_KEYS, check_weibull},
    [LAPLACE]     = {"laplace", "as normal, with heavier tails", NORMAL_KEYS},
    [LOGISTIC]    = {"logistic", "as normal, with tails as an exponential has", NORMAL_KEYS},
    [GUMBEL]      = {"gumbel", "the longest of many: GSL's type 1", NORMAL_KEYS},
    [RAYLEIGH]    = {"rayleigh", "how far away, where both coordinates are normal", EXPONENTIAL_KEYS},
    [CAUCHY]      = {"cauchy", "tails so heavy that no mean exists", CAUCHY_KEYS},
    [EMPIRICAL]   = {"empirical", "one of a list of values", EMPIRICAL_KEYS, check_empirical},
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
    memcpy(d.params, &(struct constant){wait}, sizeof(struct constant));
    return d;
}

bool dist_is_constant(const struct key_variant *d)
{
    return d->variant == NULL || d->variant == &DIST_KINDS[CONSTANT];
}

/* Exact: a double knows nanoseconds up to 104 days only. */
static sim_time constant_wait(const struct key_variant *d)
{
    struct constant c;
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
