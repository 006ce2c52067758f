/* SPDX-License-Identifier: GPL-3.0-or-later
 * db.h -- SQLite with sentences: opening a result file, and errors that name the file and the
 * reason.
 */
#pragma once
#include "sim/err.h"
#include <sqlite3.h>
#include <stdint.h>

enum { DB_APPLICATION_ID = 0x68616c66, DB_USER_VERSION = 2 }; /* as in schema.sql */

/* "PATH: DOING: reason", the system's reason when there is one ("No space left on device").
 * Returns -1. */
int db_fail(sqlite3 *db, const char *path, const char *doing, struct err *e);

/* Opens a finished result file for reading. NULL with e: not there, not a database, not a
 * result file, or written by a version whose schema this one does not know. */
sqlite3 *db_open_result(const char *path, struct err *e);

/* Refuses a file whose schema is older than this one's: it lacks views. 0, or -1 with e. */
int db_require_current(sqlite3 *db, const char *path, struct err *e);

/* A prepared statement, or NULL with e. Only for SQL of our own: a failure to prepare is the
 * file's. */
sqlite3_stmt *db_prepare(sqlite3 *db, const char *path, const char *sql, struct err *e);

/* Calls row(ctx, s) for each row of a query; args[0..n_args) are its ?1, ?2 ... 0, or -1 with
 * e: the file's failure, or row returned -1, which has set e. */
int db_each(sqlite3 *db, const char *path, const char *sql, const int64_t *args, int n_args,
            int (*row)(void *ctx, sqlite3_stmt *s), void *ctx, struct err *e);

/* *run, or the first run that has a row in this view ("segment") when *run is 0. Refuses a file
 * without this run, or without such rows: the hint says how to get one. 0, or -1 with e. */
int db_choose_run(sqlite3 *db, const char *path, const char *view, const char *hint,
                  int64_t *run, struct err *e);

/* A column's text, "" for NULL; valid until the next row. */
const char *db_text(sqlite3_stmt *s, int column);
