/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/load.h"
#include "experiments/plan.h"
#include "experiments/warnings.h"

static void print_warnings(const struct experiment *x)
{
    struct warnings w = {0};
    struct err e = {0};
    if (warnings_foresee(&w, x, &e) != 0)
        complain(&e, EXIT_RUN);
    for (int i = 0; i < w.n; i++)
        warning_print(&w.items[i], x, NULL, stderr);
    warnings_fini(&w);
}

static int print_ok(const struct experiment *x, FILE *out)
{
    print_warnings(x);
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
