/* SPDX-License-Identifier: GPL-3.0-or-later
 * report.h -- what came out, on one screen: a row a point, a row a verdict, and how to have it
 * again.
 */
#pragma once
#include <stdio.h>

#include "experiments/pictures.h"
#include "experiments/runner.h"

/* Borrows everything. */
struct report {
    const struct experiment *x;
    const struct results *results;
    const struct pictures *pictures;
    const char *db_path; /* NULL: it is not kept; JSON only */
    const char *command; /* that repeats the run */
    int color;           /* ANSI sequences wanted */
};

/* As text; the last line is the command. The caller looks at ferror(out). */
void report_print(const struct report *r, FILE *out);

/* As one JSON document: numbers in SI units (s, B, bit/s), null for what did not happen. 0, or
 * -1: no memory, or out could not be written. */
int report_json(const struct report *r, FILE *out);

/* The same, for others to put into theirs. NULL: no memory. */
struct json_t;
struct json_t *report_object(const struct report *r);

/* A line for each expectation that does not hold, of the experiment `name`. */
void report_failures(const struct report *r, const char *name, FILE *out);

/* A line for each warning; name: of the experiment, NULL where there is only one. */
void report_warnings(const struct experiment *x, const struct results *r, const char *name,
                     FILE *out);

/* --dry-run: what would be run and recorded. */
void report_plan(const struct experiment *x, const char *db_path, FILE *out);
/* The same as one JSON document; `record` of a point: of its first run, then of the others. 0,
 * or -1. */
int report_plan_json(const struct experiment *x, const char *db_path, FILE *out);
