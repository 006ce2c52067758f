/* SPDX-License-Identifier: GPL-3.0-or-later
 * runner.h -- runs an experiment: every point, every replication, into one database, and judges
 * what came out.
 *
 *   for each point and replication: replication_run, here or in a worker - commit
 *   for each point: verdicts, warnings
 *
 * The one idea: a run's rows land whole or not at all; whatever stops the runs (Ctrl-C, a full
 * disk), the database at the target path is either the old one or one that says what happened.
 */
#pragma once
#include <signal.h>

#include "experiments/plan.h"
#include "experiments/warnings.h"

struct results {
    struct plan plan;
    struct observed *seen;    /* [column][point][replication]; see results_seen */
    struct verdict *verdicts; /* by expectation, then by point */
    int n_verdicts, n_pass;
    struct warnings warnings;
    int64_t n_runs;
    uint64_t n_events;
};

/* Processes of one experiment. */
enum { RUNNER_MAX_WORKERS = 256 };

struct run_options {
    const char *db_path; /* written through PATH.part, renamed at the end */
    bool shuffle_ties;
    int n_workers; /* processes, at most RUNNER_MAX_WORKERS; 0, 1: this one alone. Results are
                      the same */
    const volatile sig_atomic_t *interrupt; /* looked at often; not 0: stop. NULL: never */
    /* Told how many runs of how many are done, the present one by its simulated time; often.
     * NULL: nobody. */
    void (*progress)(void *ctx, double done, int64_t total);
    void *progress_ctx;
};

enum run_status { RUN_OK, RUN_BAD_CONFIG, RUN_FAILED, RUN_INTERRUPTED };

/* A run with more segment rows than this, or more samples, needs `record: all` in so many
 * words.
 */
enum { RUNNER_MAX_SEGMENTS = PLAN_MAX_ROWS };

/* Runs x. RUN_OK: *out is set (free with results_free), whatever the verdicts are.
 * RUN_BAD_CONFIG, RUN_FAILED: e is set, nothing is at db_path that was not there before.
 * RUN_INTERRUPTED: the database holds the runs that were done. */
enum run_status runner_run(const struct experiment *x, const struct run_options *options,
                           struct results **out, struct err *e);
void results_free(struct results *r);

/* The observations of a column at a point: repeat of them. */
struct observed *results_seen(const struct results *r, int column, int point);

/* All that experiment_load cannot see by itself. 0, or -1 with e. */
int runner_check(const struct experiment *x, struct err *e);
