/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/load.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "experiments/runner.h"

enum { KEY_SEED = 's' + 256 };

static const struct argp_option OPTIONS[] = {
    {NULL, 'p', "PATH=VALUE", 0, "Override one value of the file, e.g. -p repeat=30", 0},
    {"seed", KEY_SEED, "N", 0, "The same as -p seed=N, and stronger", 0},
    {0},
};

static void add_override(struct load_args *a, const char *text)
{
    a->overrides = realloc(a->overrides, (size_t)(a->n_overrides + 2) * sizeof *a->overrides);
    a->overrides[a->n_overrides++] = text;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct load_args *a = state->input;
    switch (key) {
    case 'p':
        if (strchr(arg, '=') == NULL)
            argp_error(state, "-p takes PATH=VALUE, not '%s'", arg);
        add_override(a, arg);
        return 0;
    case KEY_SEED:
        if (arg[0] == '\0' || arg[strspn(arg, "0123456789")] != '\0' || strlen(arg) > 20)
            argp_error(state, "--seed takes a whole number, not '%s'", arg);
        snprintf(a->seed, sizeof a->seed, "seed=%s", arg);
        return 0;
    case ARGP_KEY_ARG:
        if (a->path != NULL)
            argp_error(state, "one experiment at a time: '%s' and '%s'", a->path, arg);
        a->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->path == NULL && !a->may_lack_path)
            argp_error(state, "%s is missing", a->takes != NULL ? a->takes : "an experiment");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp LOAD_ARGP = {OPTIONS, parse, NULL, NULL, NULL, NULL, NULL};

struct experiment *load_checked(const struct load_args *args)
{
    struct err e = {0};
    int n = args->n_overrides;
    const char **overrides = calloc((size_t)n + 1, sizeof *overrides);
    if (overrides == NULL)
        return NULL;
    for (int i = 0; i < n; i++)
        overrides[i] = args->overrides[i];
    if (args->seed[0] != '\0')
        overrides[n++] = args->seed;
    struct experiment *x = experiment_load(args->path, overrides, n, &e);
    if (x != NULL && runner_check(x, &e) != 0) {
        experiment_free(x);
        x = NULL;
    }
    if (x == NULL)
        complain(&e, EXIT_USAGE);
    free(overrides);
    return x;
}

void load_args_free(struct load_args *args)
{
    free(args->overrides);
    *args = (struct load_args){0};
}

static error_t parse_load_alone(int key, char *arg, struct argp_state *state)
{
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

int load_and_print(int argc, char **argv, const char *doc,
                   int (*print)(const struct experiment *x, FILE *out))
{
    const struct argp_child children[] = {{&LOAD_ARGP, 0, NULL, 0}, {0}};
    const struct argp argp = {NULL, parse_load_alone, "EXP.yaml", doc, children, NULL, NULL};
    struct load_args args = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    struct experiment *x = load_checked(&args);
    const int status = x == NULL ? EXIT_USAGE : print(x, stdout) == 0 ? EXIT_DONE : EXIT_RUN;
    experiment_free(x);
    load_args_free(&args);
    return status;
}

int only_print(int argc, char **argv, const char *doc, int (*print)(FILE *out))
{
    const struct argp argp = {NULL, NULL, NULL, doc, NULL, NULL, NULL};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    return print(stdout) == 0 ? EXIT_DONE : EXIT_RUN;
}
