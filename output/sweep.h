/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep.h -- a metric against a swept dimension: the mean over the replications of each point
 * with its confidence interval, and what the expectations want there, the closed form.
 *
 *   param:    point -> key=value      x, and what tells lines apart (series)
 *   metric_by_point: point -> n, mean, variance      y and t(n-1) * sd / sqrt(n)
 *   expectation: point -> want, verdict      the closed form; a ring where it does not hold
 *
 * Values of x that are quantities of one unit stand on a scale, logarithmic when they span it;
 * others are names side by side. The interval assumes that a mean over replications is about
 * normal, as the expectations' own does.
 */
#pragma once
#include "output/chart.h"
#include "output/sweep_params.h"

enum { SWEEP_SERIES = 16, SWEEP_LABEL = 160 };

struct sweep_point {
    int64_t id;        /* of the point */
    double x;          /* shown: in the axis's measure, or the place of its name */
    int n;             /* replications with a value; 0: none, and no mean */
    double mean, half; /* SI, until shown; half: of the interval, 0 when n < 2 */
    double want;       /* NAN: no expectation of `is` at this point */
    bool is_broken;    /* an expectation about it does not hold */
};

struct sweep_series {
    char label[SWEEP_LABEL];    /* "" when it is the only one */
    const char *metric;         /* borrowed from the request */
    struct sweep_point *points; /* by x */
    uint32_t n_points, cap_points;
};

struct sweep {
    struct source source;
    struct sweep_params params;
    struct axis x;
    struct measure x_measure, y_measure;
    enum unit y_unit;   /* UNIT_NONE: not known yet */
    char y_metric[160]; /* the one that has told it */
    int most_runs;      /* replications behind a mean */
    struct axis y;
    struct sweep_series series[SWEEP_SERIES];
    int n_series;
};

/* Reads the file. 0, or -1 with e: no such dimension or metric, nothing that varies, units that
 * differ, lines that the request does not tell apart. sweep_free either way. */
int sweep_load(struct sweep *s, const struct plot_request *req, struct err *e);
void sweep_free(struct sweep *s);

/* The half-width of the interval of a mean over n >= 2 replications; confidence as of
 * plot_request.band. */
double sweep_half_width(int n, double variance, int64_t confidence);

/* The plot kind. */
int sweep_draw(const struct plot_request *req, struct err *e);
