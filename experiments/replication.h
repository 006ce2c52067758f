/* SPDX-License-Identifier: GPL-3.0-or-later
 * replication.h -- one replication of a point: built, run to `stop`, measured.
 *
 *   sim_new - net_build - warm-up and samples queued - listener - apps - events - net_finish
 *   - metrics - outlet.end - what the expectations look at, what may be warned of
 *
 * The one idea: where the rows go is not its business. An outlet is the recorder of this
 * process (runner.c) or a pipe to the process that has it (relay.h).
 */
#pragma once
#include "experiments/expect.h"
#include "experiments/plan.h"
#include "experiments/warnings.h"

struct outlet {
    struct listener *(*listen)(struct outlet *o, uint32_t levels);
    /* Asked often; false: nothing more is wanted, and the run ends where it is. */
    bool (*goes_on)(struct outlet *o, const struct sim *sim);
    /* 0, or -1: nothing more is wanted. */
    int (*metric)(struct outlet *o, const char *subject, const char *name,
                  const struct value *v, enum unit unit);
    int (*end)(struct outlet *o, const struct sim *sim, double cpu_s);
};

struct job {
    const struct plan *plan; /* borrowed, as all here */
    const struct point_spec *spec;
    int point; /* index */
    int64_t replication;
    bool shuffle_ties;
};

/* What the judge needs of a run. */
struct outcome {
    struct observed *seen; /* [plan's columns]; texts are the receiver's to free */
    struct tally *tally;   /* of the point: the run's counts are added */
    uint64_t n_events;
};

enum run_end { RUN_WHOLE, RUN_STOPPED, RUN_BROKEN };

/* RUN_WHOLE: *out is filled, and all rows went to the outlet. RUN_STOPPED: the outlet wanted no
 * more. RUN_BROKEN: e is set. */
enum run_end replication_run(const struct job *job, struct outlet *outlet, struct outcome *out,
                             struct err *e);

/* What tells the random streams and ties of a replication of a point from those of others. */
struct sim_params replication_params(const struct experiment *x, int point, int64_t replication,
                                     bool shuffle_ties);
