/* SPDX-License-Identifier: GPL-3.0-or-later
 * suite.h -- `run DIR` and `run --all`: many experiments, one table.
 *
 *   experiment      points  runs  expectations  verdict
 *   half-close      1       1     9 of 9        pass
 *   stale-syn       6       6     17 of 18      FAIL
 */
#pragma once
#include <stdbool.h>

#include "cli/load.h"

struct suite_options {
    struct load_args load; /* path: the folder; overrides and seed go to every experiment */
    const char
        *out_dir; /* databases and pictures, made if it is not there; NULL: none is kept */
    const char *plot_dir; /* NULL: out_dir */
    bool json, quiet, shuffle_ties, no_plot;
    int n_workers;
};

/* Where the shipped experiments are: beside the program as installed, or where it was built.
 * malloc'd. */
char *suite_shipped_dir(void);

/* Runs every *.yaml of the folder, in the order of their names. The exit status: the worst of
 * the single ones. */
int suite_run(const struct suite_options *options);
