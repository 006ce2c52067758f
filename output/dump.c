/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The views of schema.sql come in a fixed order, those of other record types after them by
 * name. A view's rows come as its nested loops find them, by key: nothing is sorted, so a file
 * of any size passes through.
 */
#include "output/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "output/db.h"

static const char *const VIEWS[] = {"experiment", "point",   "param",  "run",
                                    "subject",    "conn",    "metric", "expectation",
                                    "transition", "segment", "sample", "event"};
/* The rest of schema.sql's: host_fact, prefix, whose texts stand in the views above, and what
 * only joins or selects from them. */
/* clang-format off */
static const char OTHERS[] =
    "SELECT v.name FROM sqlite_schema v "
    "JOIN sqlite_schema t ON t.type = 'table' AND t.name = 'row_' || v.name "
    "WHERE v.type = 'view' AND v.name NOT IN ('host_fact', 'prefix', 'experiment', 'point', "
    "'param', 'run', 'subject', 'conn', 'metric', 'expectation', 'transition', 'segment', 'sample', "
    "'event') "
    "ORDER BY v.name";
/* clang-format on */

static void put_text(const char *text, FILE *out)
{
    if (*text == '\0')
        fputs("\"\"", out);
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '|' || *text == '\n')
            putc('\\', out);
        putc(*text == '\n' ? 'n' : *text, out);
    }
}

static void put_bytes(sqlite3_stmt *s, int column, FILE *out)
{
    const unsigned char *bytes = sqlite3_column_blob(s, column);
    for (int i = 0; i < sqlite3_column_bytes(s, column); i++)
        fprintf(out, "%02x", bytes[i]);
}

static void put_value(sqlite3_stmt *s, int column, FILE *out)
{
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
        fprintf(out, "%" PRId64, (int64_t)sqlite3_column_int64(s, column));
        break;
    case SQLITE_FLOAT:
        fprintf(out, "%.17g", sqlite3_column_double(s, column));
        break;
    case SQLITE_TEXT:
        put_text((const char *)sqlite3_column_text(s, column), out);
        break;
    case SQLITE_BLOB:
        put_bytes(s, column, out);
        break;
    default: /* NULL */
        break;
    }
}

static int dump_view(sqlite3 *db, const char *path, const char *view, FILE *out, struct err *e)
{
    char sql[160];
    snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\"", view);
    sqlite3_stmt *s = db_prepare(db, path, sql, e);
    if (s == NULL)
        return -1;
    const int n = sqlite3_column_count(s);
    fprintf(out, "# %s", view);
    for (int i = 0; i < n; i++)
        fprintf(out, "|%s", sqlite3_column_name(s, i));
    putc('\n', out);
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW && !ferror(out)) {
        fputs(view, out);
        for (int i = 0; i < n; i++) {
            putc('|', out);
            put_value(s, i, out);
        }
        putc('\n', out);
    }
    const int result =
        rc == SQLITE_DONE || ferror(out) ? 0 : db_fail(db, path, "cannot read", e);
    sqlite3_finalize(s);
    return result;
}

static int dump_others(sqlite3 *db, const char *path, FILE *out, struct err *e)
{
    sqlite3_stmt *s = db_prepare(db, path, OTHERS, e);
    if (s == NULL)
        return -1;
    int result = 0;
    while (result == 0 && sqlite3_step(s) == SQLITE_ROW)
        result = dump_view(db, path, (const char *)sqlite3_column_text(s, 0), out, e);
    sqlite3_finalize(s);
    return result;
}

int recorder_dump(const char *path, FILE *out, struct err *e)
{
    sqlite3 *db = db_open_result(path, e);
    if (db == NULL)
        return -1;
    int result = 0;
    for (size_t i = 0; i < ARRAY_LEN(VIEWS) && result == 0; i++)
        result = dump_view(db, path, VIEWS[i], out, e);
    if (result == 0)
        result = dump_others(db, path, out, e);
    if (result == 0 && fflush(out) != 0)
        result = err_set(e, NULL, "cannot write the dump: %s", strerror(errno));
    sqlite3_close(db);
    return result;
}

int recorder_check(const char *path, struct err *e)
{
    sqlite3 *db = db_open_result(path, e);
    if (db == NULL)
        return -1;
    sqlite3_close(db);
    return 0;
}
