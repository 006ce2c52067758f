/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>

#include "cli/command.h"
#include "output/recorder.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **path = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (*path != NULL)
            argp_error(state, "one database at a time: '%s' and '%s'", *path, arg);
        *path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a database is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_dump(int argc, char **argv)
{
    static const struct argp argp = {NULL,
                                     parse,
                                     "FILE.db",
                                     "Print all of a database but the facts about the machine, "
                                     "in a fixed order: equal dumps are equal results.",
                                     NULL,
                                     NULL,
                                     NULL};
    const char *path = NULL;
    struct err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &path);
    if (recorder_check(path, &e) != 0)
        return complain(&e, EXIT_USAGE);
    return recorder_dump(path, stdout, &e) == 0 ? EXIT_DONE : complain(&e, EXIT_RUN);
}
