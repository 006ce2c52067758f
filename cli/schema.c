/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>

#include "cli/command.h"
#include "experiments/reference.h"

int command_schema(int argc, char **argv)
{
    static const struct argp argp = {NULL,
                                     NULL,
                                     NULL,
                                     "Print the JSON Schema (draft-07) of an experiment, for "
                                     "yaml-language-server and other editors.",
                                     NULL,
                                     NULL,
                                     NULL};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    return schema_print(stdout) == 0 ? EXIT_DONE : EXIT_RUN;
}
