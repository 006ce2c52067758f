/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>

#include "cli/command.h"
#include "experiments/reference.h"

int command_models(int argc, char **argv)
{
    static const struct argp argp = {NULL,
                                     NULL,
                                     NULL,
                                     "List what an experiment can name: handshakes, profiles, "
                                     "applications, topologies and more.",
                                     NULL,
                                     NULL,
                                     NULL};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    return models_print(stdout) == 0 ? EXIT_DONE : EXIT_RUN;
}
