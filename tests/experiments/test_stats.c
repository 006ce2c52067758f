/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/stats.h"

#include <math.h>

#include "sim/util.h"
#include "tests/check.h"

/* Worked by hand; t quantiles from the printed tables (0.975; 1, 4, 9 degrees of
 * freedom: 12.706, 2.776, 2.262). */
static const struct row {
    const char *story;
    int n;
    double x[10];
    double mean, sd, half_width;
} rows[] = {
    /* deviations -1, +1: variance 2/1, sd sqrt 2, error 1 */
    {"two numbers", 2, {3, 5}, 4, 1.41421356, 12.7062},
    /* squares of deviations 4+1+0+1+4 = 10, variance 10/4, error sqrt(2.5/5) = 0.70710678 */
    {"one to five", 5, {1, 2, 3, 4, 5}, 3, 1.58113883, 0.70710678 * 2.7764},
    /* five 0, five 1: variance 2.5/9 = 0.2777778, error sqrt(0.02777778) = 0.16666667 */
    {"a fair coin", 10, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, 0.5, 0.52704628, 0.16666667 * 2.2622},
    {"no spread", 4, {7, 7, 7, 7}, 7, 0, 0},
};

static void check_near(const char *story, const char *what, double got, double want)
{
    if (!(fabs(got - want) <= 1e-4 * fabs(want) + 1e-12)) {
        print_error("%s: %s is %.9g, not %.9g\n", story, what, got, want);
        fail();
    }
}

static void summary_is_right(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        const struct summary s = stats_summary(r->x, r->n);
        check_eq(r->story, s.n, r->n);
        check_near(r->story, "mean", s.mean, r->mean);
        check_near(r->story, "sd", s.sd, r->sd);
        check_near(r->story, "error", s.error, r->sd / sqrt(r->n));
        check_near(r->story, "half_width", s.half_width, r->half_width);
    }
}

static void one_number_tells_no_spread(void **state)
{
    const double x = 42;
    const struct summary s = stats_summary(&x, 1);
    check_near("one number", "mean", s.mean, 42);
    check_true("one number", isinf(s.half_width));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(summary_is_right),
                                       cmocka_unit_test(one_number_tells_no_spread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
