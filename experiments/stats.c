/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stddef.h>

struct summary stats_summary(const double *x, int n)
{
    struct summary s = {
        .n = n, .mean = gsl_stats_mean(x, 1, (size_t)n), .half_width = INFINITY};
    if (n < 2)
        return s;
    s.sd = gsl_stats_sd_m(x, 1, (size_t)n, s.mean);
    s.error = s.sd / sqrt(n);
    s.half_width = gsl_cdf_tdist_Pinv(0.975, n - 1) * s.error;
    return s;
}
