/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/load.h"
#include "experiments/plan.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

static const struct argp_child CHILDREN[] = {{&LOAD_ARGP, 0, NULL, 0}, {0}};

int command_check(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,     parse, "EXP.yaml", "Say whether an experiment is valid, and where it is not.",
        CHILDREN, NULL,  NULL};
    struct load_args args = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    struct experiment *x = load_checked(&args);
    if (x != NULL)
        printf("%s: OK, %d point%s, %lld run%s\n", args.path, x->n_points,
               x->n_points == 1 ? "" : "s", (long long)plan_n_runs(x),
               plan_n_runs(x) == 1 ? "" : "s");
    const int status = x != NULL ? EXIT_DONE : EXIT_USAGE;
    if (x != NULL)
        experiment_free(x);
    load_args_free(&args);
    return status;
}
