/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/load.h"
#include "experiments/reference.h"

int command_show(int argc, char **argv)
{
    return load_and_print(argc, argv,
                          "Print an experiment as resolved: one file, every default filled in.",
                          experiment_show);
}
