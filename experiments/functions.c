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

/* clang-format off */
const struct function FUNCTIONS[] = {
    {"min",   1, FUNCTION_MAX_ARGS, NULL,   fn_min,   "the smallest of its arguments"},
    {"max",   1, FUNCTION_MAX_ARGS, NULL,   fn_max,   "the largest of its arguments"},
    {"sqrt",  1, 1,             NULL,   fn_sqrt,  "the square root"},
    {"exp",   1, 1,             fn_exp, NULL,     "e to the power of its argument"},
    {"log",   1, 1,             fn_log, NULL,     "the natural logarithm"},
    {"floor", 1, 1,             NULL,   fn_floor, "the largest whole number not above its argument"},
    {"ceil",  1, 1,             NULL,   fn_ceil,  "the smallest whole number not below its argument"},
    {NULL, 0, 0, NULL, NULL, NULL},
};
/* clang-format on */
