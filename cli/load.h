/* SPDX-License-Identifier: GPL-3.0-or-later
 * load.h -- EXP.yaml, -p and --seed: what run, check and show have in common; and the commands
 * that print one thing and are done.
 */
#pragma once
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "experiments/experiment.h"

struct load_args {
    const char *path;
    const char **overrides; /* PATH=VALUE each; --seed N is the last of them */
    int n_overrides;
    char seed[48];
    bool may_lack_path; /* no positional argument will do */
    const char *takes;  /* what the positional argument is; NULL: an experiment */
};

/* A child parser whose input is a struct load_args; it takes the one positional argument. */
extern const struct argp LOAD_ARGP;

/* Loads and checks everything. NULL: the errors are printed. */
struct experiment *load_checked(const struct load_args *args);
void load_args_free(struct load_args *args);

/* The whole of a command that prints something about an experiment, or about nothing but the
 * program: parses argv (doc is its --help), prints, and returns the exit status. print returns
 * 0, or -1 when out could not be written. */
int load_and_print(int argc, char **argv, const char *doc,
                   int (*print)(const struct experiment *x, FILE *out));
int only_print(int argc, char **argv, const char *doc, int (*print)(FILE *out));
