/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan.h -- what an experiment will run, record and look at, known before anything runs.
 */
#pragma once
#include "experiments/expect.h"

/* A metric that an expectation is about or compares with: a column of the table of results. */
struct column {
    const char *subject, *metric; /* borrowed from the experiment */
    enum unit unit;
};

struct plan {
    const struct experiment *x; /* borrowed */
    struct column *columns;
    int n_columns;
    int *column_of; /* per expectation: index into columns */
    int *other_of;  /* per expectation: the column of the metric it compares with; -1: none */
    int n_verdicts; /* one for each expectation and selected point */
};

/* Checks what only meets here: units of expectations, pictures and the record level. 0, or -1
 * with e. Free with plan_fini, after an error too. */
int plan_init(struct plan *p, const struct experiment *x, struct err *e);
void plan_fini(struct plan *p);

/* points x repeat. A run's id is the rank of (point, replication), from 1. */
int64_t plan_n_runs(const struct experiment *x);
int64_t plan_run_id(const struct experiment *x, int point, int64_t replication);

/* What is recorded of a run: `record:`, or by default everything of a single run and of the
 * runs that a picture shows (its points' first replication), and the metrics alone of all
 * others. Samples go with every level but none; by default with a point's first run. Levels of
 * sim/record.h. */
uint32_t plan_levels(const struct experiment *x, int point, int64_t replication);
/* "all", "life", "metrics" or "none", and "life and samples", "metrics and samples". */
const char *plan_levels_name(const struct experiment *x, int point, int64_t replication);

/* Rows of segments, or of samples, that a run may have unless `record: all` is said. */
enum { PLAN_MAX_ROWS = 1000000 };

/* Whether metrics are stored (all but `record: none`), and whether any number of segments is
 * wanted by name. */
bool plan_stores_metrics(const struct experiment *x);
bool plan_is_unlimited(const struct experiment *x);

/* Reads expectation i at a point whose spec this is. 0, or -1 with e. */
int plan_target(const struct plan *p, int i, const struct point_spec *spec, struct target *out,
                struct err *e);

/* The metric of a subject that spec describes; NULL: none such. */
const struct metric *plan_metric(const struct net_spec *spec, const char *subject,
                                 const char *metric);
