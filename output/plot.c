/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/plot.h"

#include <string.h>

#include "output/ladder.h"
#include "output/samples.h"
#include "output/states.h"
#include "output/sweep.h"

const struct plot_kind PLOT_KINDS[] = {
    {"ladder", "segments between hosts and the states that they bring about, in order of time",
     ladder_draw, PLOT_TAKES_RUNS},
    {"states", "the states of each connection as bars over time; of very many, as dwell does",
     states_draw, PLOT_TAKES_RUNS | PLOT_TAKES_HOSTS},
    {"dwell", "how long connections stay in each state, and how many are in it", dwell_draw,
     PLOT_TAKES_RUNS | PLOT_TAKES_HOSTS},
    {"samples", "sampled metrics over time, with drops and retransmissions", samples_draw,
     PLOT_TAKES_RUNS | PLOT_TAKES_METRICS},
    {"sweep", "a metric against a swept parameter: means, intervals, the closed form",
     sweep_draw, PLOT_TAKES_METRICS | PLOT_TAKES_SWEEP},
    {NULL},
};

const struct plot_kind *plot_kind_find(const char *name)
{
    for (const struct plot_kind *kind = PLOT_KINDS; kind->name != NULL; kind++)
        if (strcmp(kind->name, name) == 0)
            return kind;
    return NULL;
}
