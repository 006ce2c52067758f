/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/plot.h"

#include <string.h>

#include "output/ladder.h"

const struct plot_kind PLOT_KINDS[] = {
    {"ladder", "segments between hosts and the states that they bring about, in order of time",
     ladder_draw},
    {NULL},
};

const struct plot_kind *plot_kind_find(const char *name)
{
    for (const struct plot_kind *kind = PLOT_KINDS; kind->name != NULL; kind++)
        if (strcmp(kind->name, name) == 0)
            return kind;
    return NULL;
}
