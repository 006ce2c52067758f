/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/load.h"
#include "experiments/reference.h"

int command_models(int argc, char **argv)
{
    return only_print(argc, argv,
                      "List what an experiment can name: handshakes, profiles, applications, "
                      "topologies and more.",
                      models_print);
}
