/* SPDX-License-Identifier: GPL-3.0-or-later
 * source.h -- what a picture is drawn from: an open result file, the runs that were asked for,
 * their titles.
 */
#pragma once
#include "output/db.h"
#include "output/plot.h"

enum { SOURCE_TEXT = 160 };

struct source_run {
    int64_t id, end_ns;
    char title[SOURCE_TEXT];
};

struct source {
    sqlite3 *db;
    const struct plot_request *req; /* borrowed */
    int lang;                       /* an index of LANGUAGES */
    char title[SOURCE_TEXT];
    struct source_run *runs;
    int n_runs;
    struct err *e; /* borrowed: where failures go */
};

/* Opens the file. 0, or -1 with e: no file, no such language. source_close either way. */
int source_open(struct source *s, const struct plot_request *req, struct err *e);
void source_close(struct source *s);

/* Fills in the runs asked for; when none is, the first of which `view` (a view of schema.sql)
 * has a row. 0, or -1 with e: no such run, or not one run has anything, and `hint` says how to
 * get it. */
int source_runs(struct source *s, const char *view, const char *hint);

/* db_each on this file. */
int source_each(const struct source *s, const char *sql, const int64_t *args, int n_args,
                int (*row)(void *ctx, sqlite3_stmt *stmt), void *ctx);

/* Refuses a name that is none of names[0..n), with the nearest of them: "FILE: there is no WHAT
 * 'NAME'". 0, or -1 with e. */
int source_known(const struct source *s, const char *what, const char *name,
                 const char *const *names, int n);
