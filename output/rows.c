/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "output/db.h"
#include "output/memory.h"
#include "sim/assert.h"
#include "sim/packet.h"

/* How a field of each kind is stored, and how its column reads in a view (r: row_run, t: the
 * row table). */
static int bind_i64(struct texts *texts, sqlite3_stmt *s, int i, const void *field)
{
    int64_t v;
    memcpy(&v, field, sizeof(v));
    return sqlite3_bind_int64(s, i, v);
}

static int bind_u32(struct texts *texts, sqlite3_stmt *s, int i, const void *field)
{
    uint32_t v;
    memcpy(&v, field, sizeof(v));
    return sqlite3_bind_int64(s, i, v);
}

static int bind_subject(struct texts *texts, sqlite3_stmt *s, int i, const void *field)
{
    uint32_t v;
    memcpy(&v, field, sizeof(v));
    return v != 0 ? sqlite3_bind_int64(s, i, v) : sqlite3_bind_null(s, i);
}

static int bind_addr(struct texts *texts, sqlite3_stmt *s, int i, const void *field)
{
    ip_addr a;
    memcpy(&a, field, sizeof(a));
    return sqlite3_bind_int64(s, i, (int64_t)((uint64_t)a.prefix << 32 | a.low));
}

static int bind_text(struct texts *texts, sqlite3_stmt *s, int i, const void *field)
{
    const char *v;
    memcpy(&v, field, sizeof(v));
    if (v == NULL)
        return sqlite3_bind_null(s, i);
    const int64_t id = texts_id(texts, v);
    return id >= 0 ? sqlite3_bind_int64(s, i, id) : SQLITE_ERROR;
}

static int bind_bytes(struct texts *texts, sqlite3_stmt *s, int i, const void *field)
{
    struct rec_bytes v;
    memcpy(&v, field, sizeof(v));
    return v.len > 0 ? sqlite3_bind_blob(s, i, v.data, (int)v.len, SQLITE_STATIC)
                     : sqlite3_bind_null(s, i);
}

static const struct storage {
    int (*bind)(struct texts *texts, sqlite3_stmt *s, int i, const void *field);
    const char *column_type;
    const char *view; /* %1$s: the column */
} STORAGE[] = {
    [REC_I64] = {bind_i64, "INTEGER", "t.\"%1$s\""},
    [REC_U64] = {bind_i64, "INTEGER", "t.\"%1$s\""},
    [REC_U32] = {bind_u32, "INTEGER", "t.\"%1$s\""},
    [REC_SUBJECT] = {bind_subject, "INTEGER",
                     "(SELECT name FROM row_subject WHERE id = (r.id << 32) + t.\"%1$s\")"},
    [REC_ADDR] =
        {bind_addr, "INTEGER",
         "iif(t.\"%1$s\" >> 32 = 0, "
         "format('%%d.%%d.%%d.%%d', t.\"%1$s\" >> 24 & 255, t.\"%1$s\" >> 16 & 255, "
         "t.\"%1$s\" >> 8 & 255, t.\"%1$s\" & 255), "
         "(SELECT iif(t.\"%1$s\" & 0xffffffff = 0, p.zero, "
         "iif(t.\"%1$s\" & 0xffff0000 = 0, p.low || format('%%x', t.\"%1$s\" & 65535), "
         "p.high || format('%%x:%%x', t.\"%1$s\" >> 16 & 65535, t.\"%1$s\" & 65535))) "
         "FROM prefix p WHERE p.run_id = r.id AND p.prefix = t.\"%1$s\" >> 32))"},
    [REC_TEXT] = {bind_text, "INTEGER", "(SELECT value FROM row_text WHERE id = t.\"%1$s\")"},
    [REC_BYTES] = {bind_bytes, "BLOB", "t.\"%1$s\""},
};

/* SQL as a growing text. */
static char *sql_finish(FILE *f, char **text)
{
    fclose(f);
    return *text;
}

static char *sql_create(const struct row_table *t)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    fprintf(f, "CREATE TABLE row_%s (id INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL", t->name);
    for (uint32_t i = 0; i < t->type->n_fields; i++)
        fprintf(f, ", \"%s\" %s", t->type->fields[i].name,
                STORAGE[t->type->fields[i].kind].column_type);
    fprintf(f, ") STRICT; CREATE VIEW %s AS SELECT r.id AS run_id, t.t_ns", t->name);
    for (uint32_t i = 0; i < t->type->n_fields; i++) {
        const struct rec_field *field = &t->type->fields[i];
        fputs(", ", f);
        fprintf(f, STORAGE[field->kind].view, field->name);
        fprintf(f, " AS \"%s\"", field->name);
    }
    fprintf(f,
            " FROM row_run r CROSS JOIN row_%s t ON t.id BETWEEN r.id << 32 AND (r.id << 32) + "
            "0xffffffff",
            t->name);
    return sql_finish(f, &text);
}

static char *sql_insert(const struct row_table *t)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    fprintf(f, "INSERT INTO row_%s (id, t_ns", t->name);
    for (uint32_t i = 0; i < t->type->n_fields; i++)
        fprintf(f, ", \"%s\"", t->type->fields[i].name);
    fputs(") VALUES (?, ?", f);
    for (uint32_t i = 0; i < t->type->n_fields; i++)
        fputs(", ?", f);
    fputs(")", f);
    return sql_finish(f, &text);
}

/* 1: a table or view of this name is there; 0: none; -1 with e. */
static int exists(const struct rows *rows, const char *kind, const char *name, struct err *e)
{
    sqlite3_stmt *s =
        db_prepare(rows->db, rows->path,
                   "SELECT count(*) FROM sqlite_schema WHERE type = ? AND name = ?", e);
    if (s == NULL)
        return -1;
    sqlite3_bind_text(s, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, name, -1, SQLITE_STATIC);
    int found = -1;
    if (sqlite3_step(s) == SQLITE_ROW)
        found = sqlite3_column_int(s, 0) > 0;
    else
        db_fail(rows->db, rows->path, "cannot query", e);
    sqlite3_finalize(s);
    return found;
}

static int create(const struct rows *rows, struct row_table *t, struct err *e)
{
    const int taken = exists(rows, "view", t->name, e);
    if (taken != 0)
        return taken < 0 ? -1
                         : err_set(e, NULL,
                                   "record type '%s': schema.sql has another view of this name",
                                   t->type->name);
    char *sql = sql_create(t);
    const int rc = sqlite3_exec(rows->db, sql, NULL, NULL, NULL);
    free(sql);
    t->made_in_run = true;
    return rc == SQLITE_OK ? 0 : db_fail(rows->db, rows->path, t->name, e);
}

static int open_table(const struct rows *rows, struct row_table *t, struct err *e)
{
    char table[ROW_NAME_BYTES + 4];
    snprintf(table, sizeof(table), "row_%s", t->name);
    const int there = exists(rows, "table", table, e);
    if (there < 0 || (there == 0 && create(rows, t, e) != 0))
        return -1;
    char *sql = sql_insert(t);
    t->insert = db_prepare(rows->db, rows->path, sql, e);
    free(sql);
    return t->insert != NULL ? 0 : -1;
}

void rows_init(struct rows *rows, sqlite3 *db, struct texts *texts, const char *path)
{
    *rows = (struct rows){.db = db, .texts = texts, .path = path};
}

void rows_fini(struct rows *rows)
{
    for (uint32_t i = 0; i < rows->n; i++)
        sqlite3_finalize(rows->tables[i].insert);
    free(rows->tables);
}

void rows_limit(struct rows *rows, const char *type, int64_t max)
{
    sim_assert(NULL, rows->n_limits < ROW_LIMITS);
    rows->limits[rows->n_limits++] = (struct row_limit){type, max};
}

static int64_t limit_of(const struct rows *rows, const struct rec_type *type)
{
    for (uint32_t i = 0; i < rows->n_limits; i++)
        if (strcmp(rows->limits[i].type, type->name) == 0)
            return rows->limits[i].max;
    return INT64_MAX;
}

struct row_table *rows_table(struct rows *rows, const struct rec_type *type, struct err *e)
{
    for (uint32_t i = 0; i < rows->n; i++)
        if (rows->tables[i].type == type)
            return &rows->tables[i];
    rows->tables = mem_grow(rows->tables, &rows->cap, rows->n + 1, sizeof(*rows->tables));
    struct row_table *t = &rows->tables[rows->n];
    *t = (struct row_table){.type = type, .max = limit_of(rows, type)};
    snprintf(t->name, sizeof(t->name), "%s", type->name);
    for (char *c = t->name; *c != '\0'; c++)
        *c = isalnum((unsigned char)*c) ? *c : '_';
    if (open_table(rows, t, e) != 0)
        return NULL;
    rows->n++;
    return t;
}

int rows_insert(struct rows *rows, struct row_table *t, int64_t run, sim_time now,
                const void *rec)
{
    sim_assert(NULL, rows->n_in_run < UINT32_MAX); /* or a key would be the next run's */
    sqlite3_bind_int64(t->insert, 1, (run << ROW_RUN_SHIFT) + ++rows->n_in_run);
    sqlite3_bind_int64(t->insert, 2, now);
    for (uint32_t i = 0; i < t->type->n_fields; i++) {
        const struct rec_field *field = &t->type->fields[i];
        if (STORAGE[field->kind].bind(rows->texts, t->insert, (int)i + 3,
                                      (const char *)rec + field->offset) != SQLITE_OK)
            return -1;
    }
    const int rc = sqlite3_step(t->insert);
    sqlite3_reset(t->insert);
    t->n++;
    return rc == SQLITE_DONE ? 0 : -1;
}

void rows_end_run(struct rows *rows, bool rolled_back)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows->n; i++) {
        struct row_table *t = &rows->tables[i];
        if (t->made_in_run && rolled_back) {
            sqlite3_finalize(t->insert);
            continue;
        }
        t->made_in_run = false;
        t->n = 0;
        rows->tables[kept++] = *t;
    }
    rows->n = kept;
    rows->n_in_run = 0;
}
