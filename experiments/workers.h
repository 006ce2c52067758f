/* SPDX-License-Identifier: GPL-3.0-or-later
 * workers.h -- runs in several processes at once, told to one in their order.
 *
 *   worker 0: run 1, 4, 7 ... ==pipe==\
 *   worker 1: run 2, 5, 8 ... ==pipe==== relay_read, run by run --> recorder
 *   worker 2: run 3, 6, 9 ... ==pipe==/
 *
 * The one idea: who does which run is fixed, and the reader takes the runs in the order of
 * their ranks, so the database cannot tell how many there were. A worker that is ahead waits at
 * its full pipe. Workers are forks: they share the experiment as loaded, and end when this
 * process does.
 */
#pragma once
#include <sys/types.h>

#include "experiments/relay.h"

struct workers {
    struct worker {
        pid_t pid;
        struct relay_reader reader;
    } * items;
    int n;
};

/* Forks n workers for all runs of the plan. 0, or -1 with e. Free with workers_stop, after an
 * error too. */
int workers_start(struct workers *w, int n, const struct plan *plan, bool shuffle_ties,
                  struct err *e);

/* The run of this rank, from 0, handed on to the outlet. Ranks in order. As replication_run. */
enum run_end workers_next(struct workers *w, int64_t rank, const struct plan *plan,
                          struct outlet *outlet, struct outcome *out, struct err *e);

/* Ends those that still run, and waits for all. */
void workers_stop(struct workers *w);
