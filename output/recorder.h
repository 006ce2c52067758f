/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder.h -- results to SQLite: the tables of schema.sql, a run's rows whole or not at all.
 *
 *   recorder_open FILE.db.part ... recorder_experiment, _point, _param
 *     per run: _run_begin (BEGIN) ... listener gets records ... _metric ... _run_end (COMMIT)
 *   _expectation ... recorder_close: renamed to FILE.db
 *
 * The one idea: it only walks the rec_field rows of the types it is handed; a new record type
 * is a new table without a word here. Integer-keyed row tables carry the data, views carry the
 * public names (schema.sql), so storage can change.
 */
#pragma once
#include "sim/err.h"
#include "sim/schema.h"
#include "sim/sim.h"

struct recorder; /* opaque: SQLite inside */

/* Creates path ".part" beside path (an older one is replaced; path itself stays until
 * recorder_close). NULL with e: not writable, being written by another process, or path is
 * there and is no result file, which is never overwritten. */
struct recorder *recorder_open(const char *path, struct err *e);

/* From now on a run with more than max records of type `name` fails, with a sentence that names
 * `record: all`. */
void recorder_limit(struct recorder *r, const char *name, int64_t max);

/* These return 0, or -1 once anything has failed (recorder_failed tells what); subject and
 * texts are copied. */
int recorder_experiment(struct recorder *r, const char *name, const char *config_text,
                        uint64_t seed);
int recorder_point(struct recorder *r, int64_t point, const char *variant, const char *label);
int recorder_param(struct recorder *r, int64_t point, const char *key, const char *value);

/* Begins a transaction; id = rank of (point, replication), from 1. */
int recorder_run_begin(struct recorder *r, int64_t run, int64_t point, int64_t replication,
                       uint64_t seed);
/* The listener to hand to sim_listen for this run; levels of record.h. */
struct listener *recorder_listener(struct recorder *r, uint32_t levels);
int recorder_metric(struct recorder *r, const char *subject, const char *name,
                    const struct value *v, enum unit unit);
/* Writes the dimensions from sim's subjects, the run's row with status "ok", and commits. 0, or
 * -1 (disk full, ...): the run's rows are rolled back. */
int recorder_run_end(struct recorder *r, const struct sim *sim, double cpu_s);
/* Rolls the run's rows back and leaves its row in `run` with this status ("interrupted",
 * "failed"). */
int recorder_run_abort(struct recorder *r, const char *status);

struct expectation_row {
    int64_t point;
    const char *metric, *op, *want, *tol, *got, *verdict, *source;
    int64_t n;
};
int recorder_expectation(struct recorder *r, const struct expectation_row *row);

/* Finishes with the experiment's status ("ok", "failed expectation", "interrupted"), fsyncs and
 * renames to path. Frees r. 0, or -1 with e (NULL: not wanted): any failure so far comes out
 * here too; path is then untouched, and the runs that were whole, if any, stay in the .part
 * file. */
int recorder_close(struct recorder *r, const char *status, struct err *e);
/* Removes the .part file; path is untouched. Frees r. */
void recorder_discard(struct recorder *r);
/* The first failure so far as an err; false: none. */
bool recorder_failed(const struct recorder *r, struct err *e);

/* Prints every public view but host_fact and the derived ones, rows in a fixed order: equal
 * dumps are equal results. A line "# view|column|..." before each view's rows "view|value|...":
 * a NULL is empty, an empty text is "", and backslash, bar and newline in a text are \\, \| and
 * \n. Needs no memory beyond one row. 0, or -1 with e. */
int recorder_dump(const char *path, FILE *out, struct err *e);

/* 0 when path is a result file that this version reads, or -1 with e. */
int recorder_check(const char *path, struct err *e);
