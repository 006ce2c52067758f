/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/db.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

int db_fail(sqlite3 *db, const char *path, const char *doing, struct err *e)
{
    const int code = sqlite3_errcode(db);
    const int system_errno = sqlite3_system_errno(db);
    const bool from_system =
        code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
    /* SQLite reports a short write as FULL without an errno */
    const char *reason = from_system && system_errno != 0 ? strerror(system_errno)
                         : code == SQLITE_FULL            ? strerror(ENOSPC)
                                                          : sqlite3_errmsg(db);
    err_set(e, NULL, "%s: %s: %s", path, doing, reason);
    return from_system ? err_failure(e) : -1;
}

sqlite3_stmt *db_prepare(sqlite3 *db, const char *path, const char *sql, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        db_fail(db, path, "cannot query", e);
    return stmt;
}

const char *db_text(sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    return text != NULL ? text : "";
}

int db_each(sqlite3 *db, const char *path, const char *sql, const int64_t *args, int n_args,
            int (*row)(void *ctx, sqlite3_stmt *s), void *ctx, struct err *e)
{
    sqlite3_stmt *s = db_prepare(db, path, sql, e);
    if (s == NULL)
        return -1;
    for (int i = 0; i < n_args; i++)
        sqlite3_bind_int64(s, i + 1, args[i]);
    int rc, result = 0;
    while (result == 0 && (rc = sqlite3_step(s)) != SQLITE_DONE)
        result = rc == SQLITE_ROW ? row(ctx, s) : db_fail(db, path, "cannot read", e);
    sqlite3_finalize(s);
    return result;
}

static int pragma_int(sqlite3 *db, const char *path, const char *sql, int *out, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int(stmt, 0);
    else
        db_fail(db, path, "cannot read", e);
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? 0 : -1;
}

static int check_result(sqlite3 *db, const char *path, struct err *e)
{
    int application, version;
    if (pragma_int(db, path, "PRAGMA application_id", &application, e) != 0 ||
        pragma_int(db, path, "PRAGMA user_version", &version, e) != 0)
        return -1;
    if (application != DB_APPLICATION_ID)
        return err_set(e, NULL, "%s: not a result file of halfopen", path);
    if (version > DB_USER_VERSION)
        return err_set(e, NULL,
                       "%s: written by a newer halfopen (schema %d, this one knows %d)", path,
                       version, DB_USER_VERSION);
    return 0;
}

int db_require_current(sqlite3 *db, const char *path, struct err *e)
{
    int version;
    if (pragma_int(db, path, "PRAGMA user_version", &version, e) != 0)
        return -1;
    if (version == DB_USER_VERSION)
        return 0;
    err_set(e, NULL, "%s: written by an older halfopen (schema %d, this picture needs %d)",
            path, version, DB_USER_VERSION);
    return err_hint(e, "run the experiment again");
}

sqlite3 *db_open_result(const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) != 0) { /* SQLite would only say "unable to open" */
        err_set(e, NULL, "%s: %s", path, strerror(errno));
        return NULL;
    }
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        db_fail(db, path, "cannot open", e);
        sqlite3_close(db);
        return NULL;
    }
    if (check_result(db, path, e) != 0) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}

static int on_id(void *ctx, sqlite3_stmt *s)
{
    *(int64_t *)ctx = sqlite3_column_int64(s, 0);
    return 0;
}

int db_choose_run(sqlite3 *db, const char *path, const char *view, const char *hint,
                  int64_t *run, struct err *e)
{
    char sql[200];
    int64_t n_runs = 0, found = 0;
    snprintf(sql, sizeof(sql),
             "SELECT r.id FROM run r WHERE (?1 = 0 OR r.id = ?1) AND EXISTS "
             "(SELECT 1 FROM %s v WHERE v.run_id = r.id) ORDER BY r.id LIMIT 1",
             view);
    if (db_each(db, path, "SELECT count(*) FROM run WHERE ?1 = 0 OR id = ?1", run, 1, on_id,
                &n_runs, e) != 0 ||
        db_each(db, path, sql, run, 1, on_id, &found, e) != 0)
        return -1;
    if (n_runs == 0)
        return err_set(e, NULL, "%s: no run %lld in this file", path, (long long)*run);
    if (found == 0 && *run == 0)
        err_set(e, NULL, "%s: no run has a %s recorded", path, view);
    else if (found == 0)
        err_set(e, NULL, "%s: run %lld has no %s recorded", path, (long long)*run, view);
    *run = found;
    return found != 0 ? 0 : err_hint(e, "%s", hint);
}
