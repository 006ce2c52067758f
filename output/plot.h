/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot.h -- pictures from a result file, drawn by gnuplot, data by pipe.
 *
 * A kind is a row of PLOT_KINDS. The format follows from the ending of the output file: png,
 * svg, pdf.
 */
#pragma once
#include "sim/err.h"
#include <stdbool.h>
#include <stdint.h>

/* What a kind does not name it ignores; zeros and NULLs leave the choice to it. */
struct plot_request {
    const char *db_path;
    const char *out_path; /* ends in .png, .svg or .pdf */
    const char *lang;     /* "en" or "zh" */
    const char *title;    /* NULL: the experiment's name */

    /* ladder, states, samples: the runs shown, a column of a ladder each; none: the first run
     * with something to show */
    const int64_t *runs;
    const char *const *run_titles; /* one each; NULL: the point's label */
    int n_runs;

    /* What is shown: hosts for states (none: all), "subject.name" for samples (none: all that
     * were taken) and sweep (the metrics on the y axis, of one unit; at least one). */
    const char *const *of;
    int n_of;

    /* sweep */
    const char *x;      /* the dimension along x; NULL: the one with the most values */
    const char *series; /* the dimension that tells lines apart; NULL: whatever else varies */
    const int64_t *points; /* those that `where` selects; none: all of the file */
    int n_points;
    int64_t band;        /* confidence of the interval, of FRACTION_ONE; 0: none is drawn */
    bool is_expected_on; /* draw what expectations of `is` want, the closed form, as a line */
};

/* Which fields of a request a kind looks at, besides paths, lang and title. */
enum {
    PLOT_TAKES_RUNS = 1,
    PLOT_TAKES_HOSTS = 2,   /* in `of` */
    PLOT_TAKES_METRICS = 4, /* in `of` */
    PLOT_TAKES_SWEEP = 8,   /* x, series, points, band, is_expected_on */
};

struct plot_kind {
    const char *name, *help;
    int (*draw)(const struct plot_request *req, struct err *e); /* 0, or -1 with e */
    unsigned takes;
};
extern const struct plot_kind PLOT_KINDS[]; /* ends with {NULL} */

const struct plot_kind *plot_kind_find(const char *name);
