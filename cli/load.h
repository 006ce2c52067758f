/* SPDX-License-Identifier: GPL-3.0-or-later
 * load.h -- EXP.yaml, -p and --seed: what run, check and show have in common.
 */
#pragma once
#include <argp.h>

#include "experiments/experiment.h"

struct load_args {
    const char *path;
    const char **overrides; /* PATH=VALUE each; --seed N is the last of them */
    int n_overrides;
    char seed[48];
};

/* A child parser whose input is a struct load_args; it takes the one positional argument. */
extern const struct argp LOAD_ARGP;

/* Loads and checks everything. NULL: the errors are printed. */
struct experiment *load_checked(const struct load_args *args);
void load_args_free(struct load_args *args);
