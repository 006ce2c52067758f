/* SPDX-License-Identifier: GPL-3.0-or-later
 * runs.h -- for tests that run an experiment and look into its database. Within enter_folder of
 * config.h; the database is test.db unless said.
 */
#pragma once
#include <sqlite3.h>

#include "experiments/runner.h"
#include "tests/experiments/config.h"

/* Runs a text; the test fails when it cannot be run. Free both. */
struct ran {
    struct experiment *x;
    struct results *results;
};

static inline struct results *run_loaded(const struct experiment *x, int n_workers,
                                         const char *db_path)
{
    const struct run_options options = {.db_path = db_path, .n_workers = n_workers};
    struct results *results;
    struct err e = {0};
    const enum run_status status = runner_run(x, &options, &results, &e);
    check_str("running", e.text, "");
    check_eq("running", status, RUN_OK);
    return results;
}

static inline struct ran run_text(const char *text)
{
    struct experiment *x = load_text(text, NULL);
    return (struct ran){x, run_loaded(x, 1, "test.db")};
}

static inline void ran_free(struct ran *r)
{
    results_free(r->results);
    experiment_free(r->x);
}

/* The one number that a query gives; -1: no row. */
static inline int64_t query(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_open_v2("test.db", &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    const int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}
