/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot.h -- pictures from a result file, drawn by gnuplot, data by pipe.
 *
 * A kind is a row of PLOT_KINDS. The format follows from the ending of the output file: png,
 * svg, pdf.
 */
#pragma once
#include "sim/err.h"
#include <stdint.h>

struct plot_request {
    const char *db_path;
    const char *out_path; /* ends in .png, .svg or .pdf */
    const char *lang;     /* "en" or "zh" */
    const char *title;    /* NULL: the experiment's name */
    const int64_t
        *runs; /* one column of a ladder each; none: the first run with something to show */
    const char *const *run_titles; /* one each; NULL: the point's label */
    int n_runs;
};

struct plot_kind {
    const char *name, *help;
    int (*draw)(const struct plot_request *req, struct err *e); /* 0, or -1 with e */
};
extern const struct plot_kind PLOT_KINDS[]; /* ends with {NULL}: ladder */

const struct plot_kind *plot_kind_find(const char *name);
