/* SPDX-License-Identifier: GPL-3.0-or-later
 * results.h -- writes and reads result files in tests: what a query says, the whole as a dump.
 */
#pragma once
#include <sqlite3.h>
#include <stdlib.h>

#include "tests/output/records.h"

static inline struct recorder *open_or_fail(const char *path)
{
    struct err e = {0};
    struct recorder *r = recorder_open(path, &e);
    check_str("opens", e.text, "");
    return r;
}

static inline void close_or_fail(struct recorder *r, const char *status)
{
    struct err e = {0};
    recorder_close(r, status, &e);
    check_str("closes", e.text, "");
}

/* The first value of the first row, as a text ("(none)" when there is no row). */
static const char *query(const char *path, const char *sql)
{
    static char out[4096];
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    snprintf(out, sizeof(out), "(none)");
    check_eq(sql, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        snprintf(out, sizeof(out), "%s", sqlite3_errmsg(db));
    else if (sqlite3_step(s) == SQLITE_ROW)
        snprintf(out, sizeof(out), "%s",
                 sqlite3_column_text(s, 0) ? (const char *)sqlite3_column_text(s, 0) : "NULL");
    sqlite3_finalize(s);
    sqlite3_close(db);
    return out;
}

/* Not inlined: gcc 12 at -O3 takes text, whose address it gave away, for gone. */
static __attribute__((noinline, unused)) char *dump(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    struct err e = {0};
    FILE *f = open_memstream(&text, &size);
    recorder_dump(path, f, &e);
    check_str("dumps", e.text, "");
    fclose(f);
    return text;
}

static inline void emit_transition(struct recorder *r, sim_time at, const char *to,
                                   const char *cause)
{
    emit(r, at, &REC_TRANSITION, &(struct rec_transition){CLIENT, 1, "CLOSED", to, cause});
}

/* A run with one transition. */
static inline int one_run(struct recorder *r, int64_t run, const char *to)
{
    const struct sim sim = two_hosts(MS(30));
    recorder_run_begin(r, run, 1, run - 1, 1);
    emit_transition(r, MS(run), to, "open");
    return recorder_run_end(r, &sim, 0.5);
}
