/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <string.h>

#include "cli/command.h"
#include "experiments/reference.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **word = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (*word != NULL)
        argp_error(state, "one key at a time: '%s' and '%s'", *word, arg);
    *word = arg;
    return 0;
}

int command_explain(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        parse,
        "[KEY|profiles]",
        "Print what the keys of an experiment mean: unit, default, range. KEY is a path such "
        "as tcp.msl, or its end. `profiles` prints those of TCP side by side, with a star at "
        "what "
        "is not rfc9293's.",
        NULL,
        NULL,
        NULL};
    const char *key = NULL;
    struct err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &key);
    if (key != NULL && strcmp(key, "profiles") == 0)
        return profiles_print(stdout) == 0 ? EXIT_DONE : EXIT_RUN;
    return explain_print(key, stdout, &e) == 0 ? EXIT_DONE : complain(&e, EXIT_USAGE);
}
