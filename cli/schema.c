/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/load.h"
#include "experiments/reference.h"

int command_schema(int argc, char **argv)
{
    return only_print(argc, argv,
                      "Print the JSON Schema (draft-07) of an experiment, for "
                      "yaml-language-server and other editors.",
                      schema_print);
}
