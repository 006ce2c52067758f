/* SPDX-License-Identifier: GPL-3.0-or-later
 * report.h -- what became of many scripts, as text, TAP, JUnit's XML or JSON.
 */
#pragma once
#include "drill/run.h"

enum drill_format { DRILL_AS_TEXT, DRILL_AS_TAP, DRILL_AS_JSON };

struct drill_result {
    const char *name; /* borrowed: the path as it was given */
    struct drill_verdict verdict;
};

struct drill_summary {
    int n, n_pass, n_fail, n_unsupported, n_broken;
};

/* "pass", "FAIL", "unsupported", "broken". */
const char *drill_outcome_name(enum drill_outcome outcome);

void drill_summary_add(struct drill_summary *s, const struct drill_verdict *v);

/* What comes before all results, after each and at the end. n: how many there will be. quiet:
 * as text, passes are left out. */
void drill_report_begin(FILE *out, enum drill_format format, int n);
void drill_report_one(FILE *out, enum drill_format format, int number,
                      const struct drill_result *result, bool quiet);
void drill_report_end(FILE *out, enum drill_format format, const struct drill_summary *s);

/* JUnit's XML, as build servers read it; what is unsupported is an error there, since it is not
 * a pass. */
void drill_report_junit(FILE *out, const struct drill_result *results,
                        const struct drill_summary *s);
