/* SPDX-License-Identifier: GPL-3.0-or-later
 * stats.h -- a sample in four numbers: how many, their mean, their spread, and how well the
 * mean is known.
 *
 * half_width is that of the 95 % confidence interval of the mean by Student's t, so it holds
 * for independent, roughly normal observations: one number a replication, not one a connection.
 */
#pragma once

struct summary {
    int n;
    double mean;
    double sd;         /* of the sample, n - 1 below; 0 when n < 2 */
    double error;      /* standard error of the mean, sd / sqrt(n) */
    double half_width; /* of the 95 % interval; INFINITY when n < 2: one observation tells no
                          spread */
};

/* x[0..n), n >= 1, all finite. */
struct summary stats_summary(const double *x, int n);
