/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/load.h"
#include "experiments/reference.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

static const struct argp_child CHILDREN[] = {{&LOAD_ARGP, 0, NULL, 0}, {0}};

int command_show(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,       parse,
        "EXP.yaml", "Print an experiment as resolved: one file, every default filled in.",
        CHILDREN,   NULL,
        NULL};
    struct load_args args = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    struct experiment *x = load_checked(&args);
    int status = x != NULL ? EXIT_DONE : EXIT_USAGE;
    if (x != NULL && experiment_show(x, stdout) != 0)
        status = EXIT_RUN;
    if (x != NULL)
        experiment_free(x);
    load_args_free(&args);
    return status;
}
