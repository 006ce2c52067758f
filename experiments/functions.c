/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/functions.h"

#include <math.h>

static const char *extreme(const struct quantity *x, int n, struct quantity *out, double sign)
{
    *out = x[0];
    for (int i = 1; i < n; i++) {
        if (!quantity_same_dimension(&x[0], &x[i]))
            return "its arguments must be of one kind";
        if (sign * x[i].x > sign * out->x)
            *out = x[i];
    }
    return NULL;
}

static const char *fn_min(const struct quantity *x, int n, struct quantity *out)
{
    return extreme(x, n, out, -1);
}

static const char *fn_max(const struct quantity *x, int n, struct quantity *out)
{
    return extreme(x, n, out, 1);
}

static const char *fn_sqrt(const struct quantity *x, int n, struct quantity *out)
{
    if (x[0].time % 2 != 0 || x[0].bytes % 2 != 0)
        return "its argument must be a plain number, or a square such as s^2";
    *out = quantity_inexact(sqrt(x[0].x), x[0].time / 2, x[0].bytes / 2);
    return NULL;
}

static const char *whole(const struct quantity *x, struct quantity *out,
                         double (*round_to)(double))
{
    if (!quantity_is_pure(x))
        return "its argument must be a plain number";
    const double whole_x = round_to(x->x);
    *out = fabs(whole_x) < 0x1p53 ? quantity_fraction((__int128)whole_x, 1, 0, 0)
                                  : quantity_inexact(whole_x, 0, 0);
    return NULL;
}

static const char *fn_floor(const struct quantity *x, int n, struct quantity *out)
{
    return whole(x, out, floor);
}

static const char *fn_ceil(const struct quantity *x, int n, struct quantity *out)
{
    return whole(x, out, ceil);
}

static double fn_exp(const double *x, int n)
{
    return exp(x[0]);
}

static double fn_log(const double *x, int n)
{
    return log(x[0]);
}

/* A whole number from 0 to a bound that keeps the recursions below short; -1: it is none. */
static int whole_count(double x)
{
    return x >= 0 && x <= 1e6 && x == floor(x) ? (int)x : -1;
}

/* Erlang's loss formula by its recursion, which never overflows: the share of Poisson arrivals
 * that find all n places taken, whatever the distribution of the holding time. */
static double fn_erlang_b(const double *x, int n)
{
    const int n_places = whole_count(x[0]);
    const double load = x[1];
    if (n_places < 0 || !(load >= 0))
        return NAN;
    double blocked = 1;
    for (int i = 1; i <= n_places; i++)
        blocked = load * blocked / (i + load * blocked);
    return blocked;
}

/* rho^K / (1 + rho + ... + rho^K), summed from the last term so that nothing overflows. */
static double fn_mm1k(const double *x, int n)
{
    const double rho = x[0];
    const int room = whole_count(x[1]);
    if (room < 0 || !(rho >= 0))
        return NAN;
    double blocked = 1;
    for (int i = 0; i < room; i++)
        blocked = rho * blocked / (1 + rho * blocked);
    return blocked;
}

/* In logarithms: the terms themselves overflow. */
static double fn_poisson(const double *x, int n)
{
    const int k = whole_count(x[0]);
    const double mean = x[1];
    if (k < 0 || !(mean >= 0))
        return NAN;
    return mean > 0 ? exp(k * log(mean) - mean - lgamma(k + 1.0)) : k == 0;
}

static double fn_binomial(const double *x, int n)
{
    const int k = whole_count(x[0]), trials = whole_count(x[1]);
    const double p = x[2];
    if (k < 0 || k > trials || !(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? k == 0 : k == trials;
    const double ways = lgamma(trials + 1.0) - lgamma(k + 1.0) - lgamma(trials - k + 1.0);
    return exp(ways + k * log(p) + (trials - k) * log1p(-p));
}

/* clang-format off */
const struct function FUNCTIONS[] = {
    {"min",   1, FUNCTION_MAX_ARGS, NULL,   fn_min,   "the smallest of its arguments"},
    {"max",   1, FUNCTION_MAX_ARGS, NULL,   fn_max,   "the largest of its arguments"},
    {"sqrt",  1, 1,             NULL,   fn_sqrt,  "the square root"},
    {"exp",   1, 1,             fn_exp, NULL,     "e to the power of its argument"},
    {"log",   1, 1,             fn_log, NULL,     "the natural logarithm"},
    {"floor", 1, 1,             NULL,   fn_floor, "the largest whole number not above its argument"},
    {"ceil",  1, 1,             NULL,   fn_ceil,  "the smallest whole number not below its argument"},
    {"erlang_b", 2, 2, fn_erlang_b, NULL, "erlang_b(n, a): the share of Poisson arrivals, a in a holding time, that find n places taken"},
    {"mm1k",     2, 2, fn_mm1k,     NULL, "mm1k(rho, K): the share of arrivals that find an M/M/1 queue full, K in it counting the one served"},
    {"poisson",  2, 2, fn_poisson,  NULL, "poisson(k, m): the probability of exactly k events where m are the mean"},
    {"binomial", 3, 3, fn_binomial, NULL, "binomial(k, n, p): the probability of exactly k successes in n trials"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
/* clang-format on */
