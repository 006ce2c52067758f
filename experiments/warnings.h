/* SPDX-License-Identifier: GPL-3.0-or-later
 * warnings.h -- what a run did not do although it was written down: a fault that never acted, a
 * route that nobody took, a sample that never had a value, an address that was not free; and
 * what foresee.h sees before it.
 *
 * Counted in every replication of a point and judged at its end; what an expectation is about
 * is foreseen, and no warning. Not here: errors (before a run) and verdicts (after it).
 */
#pragma once
#include "experiments/experiment.h"

struct warning_kind; /* a row of warnings.c */

/* Of one thing that may be warned of: what its runs counted. */
struct tally_row {
    const struct warning_kind *kind;
    const char *name; /* borrowed from the spec or the experiment */
    int64_t n[2];
};
struct tally {
    struct tally_row *rows;
    int n;
};

/* One row for each thing of spec, counts 0. 0, or -1: no memory. Free with tally_fini. */
int tally_init(struct tally *t, const struct experiment *x, const struct net_spec *spec);
void tally_fini(struct tally *t);
/* Adds what a run has counted, at its end and before its counts begin anew; sampler: NULL when
 * there is none, or its rows are still to be counted. */
void tally_run(struct tally *t, const struct net *net, const struct sampler *sampler);
/* Adds the counts of one run to row i. */
void tally_add(struct tally *t, int i, const int64_t n[2]);

struct warning {
    const struct warning_kind *kind;
    char name[SAMPLE_SUBJECT_BYTES + NAME_MAX_BYTES];
    int point;    /* index of the first at which it came */
    int n_points; /* at how many it came */
    int64_t n[2]; /* at the first */
};
struct warnings {
    struct warning *items; /* one a kind and name */
    int n;
};
/* What the tally of a point says. */
void warnings_add(struct warnings *w, const struct experiment *x, int point,
                  const struct tally *t);
/* What is wrong with no run at all, at each point of x. 0, or -1 with e. warnings_fini in
 * either case. */
int warnings_foresee(struct warnings *w, const struct experiment *x, struct err *e);
void warnings_fini(struct warnings *w);

/* "fault 'late' never acted at n=1: 1 segment matched". Returns buf. */
const char *warning_text(const struct warning *w, const struct experiment *x, char *buf,
                         size_t size);

/* A line with FILE:LINE:COLUMN of what it is about: of a link or a host that is not written
 * down, of the topology. name: of the experiment, NULL where there is only one. */
void warning_print(const struct warning *w, const struct experiment *x, const char *name,
                   FILE *out);
