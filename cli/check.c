/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/load.h"
#include "experiments/plan.h"

static int print_ok(const struct experiment *x, FILE *out)
{
    const long long n_runs = (long long)plan_n_runs(x);
    return fprintf(out, "%s: OK, %d point%s, %lld run%s\n", x->path, x->n_points,
                   x->n_points == 1 ? "" : "s", n_runs, n_runs == 1 ? "" : "s") < 0
               ? -1
               : 0;
}

int command_check(int argc, char **argv)
{
    return load_and_print(argc, argv,
                          "Say whether an experiment is valid, and where it is not.", print_ok);
}
