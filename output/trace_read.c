/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where rows come from: a result file, by a cursor over its view, one row at a time; or the
 * records of a run under way, whose fields are found by their names.
 */
#include "output/trace.h"

#include <stdlib.h>
#include <string.h>

#include "output/db.h"
#include "output/memory.h"
#include "sim/address.h"

/* clang-format off */
#define AT(field) offsetof(struct trace_row, field)
const struct trace_column TRACE_COLUMNS[TRACE_N_COLUMNS] = {
    {"link",   AT(link),   true},  {"event", AT(event), true}, {"cause", AT(cause), true},
    {"injected_by", AT(injected_by), true}, {"src", AT(src), true}, {"dst", AT(dst), true},
    {"packet", AT(packet), false}, {"parent", AT(parent), false}, {"proto", AT(proto), false},
    {"ttl",    AT(ttl),    false}, {"flags", AT(flags), false}, {"seq",   AT(seq),   false},
    {"ack",    AT(ack),    false}, {"len",   AT(len),   false}, {"win",   AT(win),   false},
    {"sport",  AT(sport),  false}, {"dport", AT(dport), false}, {"bytes", AT(bytes), false},
};
#undef AT
/* clang-format on */

static void put_number(struct trace_row *row, const struct trace_column *c, uint32_t value)
{
    *(uint32_t *)((char *)row + c->at) = value;
}

static void put_text(struct trace_row *row, const struct trace_column *c, const char *text)
{
    *(const char **)((char *)row + c->at) = text != NULL ? text : "";
}

/* ---- a file */

struct reading {
    struct trace *t;
    sqlite3 *db;
    const char *path;
    int64_t run;
    struct err *e;
};

static int on_subject(void *ctx, sqlite3_stmt *s)
{
    trace_add(ctx, db_text(s, 0), db_text(s, 1));
    return 0;
}

static sqlite3_stmt *open_cursor(const struct reading *r)
{
    char sql[400] = "SELECT t_ns, options";
    size_t n = strlen(sql);
    for (int i = 0; i < TRACE_N_COLUMNS; i++)
        n += (size_t)snprintf(sql + n, sizeof(sql) - n, ", %s", TRACE_COLUMNS[i].name);
    snprintf(sql + n, sizeof(sql) - n, " FROM segment WHERE run_id = ?1");
    sqlite3_stmt *s = db_prepare(r->db, r->path, sql, r->e);
    if (s != NULL)
        sqlite3_bind_int64(s, 1, r->run);
    return s;
}

static void fetch(sqlite3_stmt *s, struct trace_row *row)
{
    row->at = sqlite3_column_int64(s, 0);
    row->options = sqlite3_column_blob(s, 1);
    row->options_len = (uint32_t)sqlite3_column_bytes(s, 1);
    for (int i = 0; i < TRACE_N_COLUMNS; i++)
        if (TRACE_COLUMNS[i].is_text)
            put_text(row, &TRACE_COLUMNS[i], db_text(s, i + 2));
        else
            put_number(row, &TRACE_COLUMNS[i], (uint32_t)sqlite3_column_int64(s, i + 2));
}

static int read_rows(const struct reading *r, bool (*goes_on)(void *ctx), void *ctx)
{
    sqlite3_stmt *s = open_cursor(r);
    if (s == NULL)
        return -1;
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW && !trace_is_over(r->t) && goes_on(ctx)) {
        struct trace_row row;
        fetch(s, &row);
        trace_row(r->t, &row);
    }
    const int result = rc == SQLITE_DONE || rc == SQLITE_ROW
                           ? 0
                           : db_fail(r->db, r->path, "cannot read", r->e);
    sqlite3_finalize(s);
    return result;
}

static int read_run(struct reading *r, bool (*goes_on)(void *ctx), void *ctx)
{
    if (db_choose_run(
            r->db, r->path, "segment",
            "record: all keeps them; or trace the experiment itself, not its database", &r->run,
            r->e) != 0)
        return -1;
    if (db_each(r->db, r->path, "SELECT kind, name FROM subject WHERE run_id = ?1", &r->run, 1,
                on_subject, r->t, r->e) != 0 ||
        trace_ready(r->t, r->e) != 0)
        return -1;
    return read_rows(r, goes_on, ctx);
}

int trace_file(struct trace *t, const char *path, int64_t run, bool (*goes_on)(void *ctx),
               void *ctx, struct err *e)
{
    struct reading r = {t, db_open_result(path, e), path, run, e};
    if (r.db == NULL)
        return -1;
    const int result = read_run(&r, goes_on, ctx);
    sqlite3_close(r.db);
    return result;
}

/* ---- a run under way */

struct tracing {
    struct listener listener; /* first */
    struct trace *t;
    const struct sim *sim;
    const struct rec_field *fields[TRACE_N_COLUMNS]; /* NULL: not known yet */
    const struct rec_field *options;
};

static void find_fields(struct tracing *k, const struct rec_type *type)
{
    for (uint32_t f = 0; f < type->n_fields; f++) {
        const struct rec_field *field = &type->fields[f];
        if (strcmp(field->name, "options") == 0)
            k->options = field;
        for (int i = 0; i < TRACE_N_COLUMNS; i++)
            if (strcmp(field->name, TRACE_COLUMNS[i].name) == 0)
                k->fields[i] = field;
    }
}

/* An address goes to buf. */
static const char *text_of(const struct sim *sim, const struct rec_field *f, const void *rec,
                           char *buf)
{
    const char *at = (const char *)rec + f->offset;
    if (f->kind == REC_TEXT)
        return *(const char *const *)at;
    if (f->kind == REC_ADDR)
        return address_format(address_of(sim, *(const ip_addr *)at), buf, TRACE_ADDRESS);
    const uint32_t subject = *(const uint32_t *)at;
    return subject != 0 ? sim->subjects[subject].name : NULL;
}

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct tracing *k = (struct tracing *)self;
    char addresses[TRACE_N_COLUMNS][TRACE_ADDRESS];
    if (strcmp(type->name, "segment") != 0)
        return;
    if (k->options == NULL)
        find_fields(k, type);
    const struct rec_bytes *options =
        (const struct rec_bytes *)((const char *)rec + k->options->offset);
    struct trace_row row = {.at = now, .options = options->data, .options_len = options->len};
    for (int i = 0; i < TRACE_N_COLUMNS; i++)
        if (TRACE_COLUMNS[i].is_text)
            put_text(&row, &TRACE_COLUMNS[i], text_of(k->sim, k->fields[i], rec, addresses[i]));
        else
            put_number(&row, &TRACE_COLUMNS[i],
                       *(const uint32_t *)((const char *)rec + k->fields[i]->offset));
    trace_row(k->t, &row);
}

struct listener *trace_listen(struct trace *t, const struct sim *sim)
{
    struct tracing *k = mem_zeroed(1, sizeof(*k));
    *k = (struct tracing){
        .listener = {.emit = on_record, .levels = REC_SEGMENT}, .t = t, .sim = sim};
    return &k->listener;
}

void trace_listen_free(struct listener *listener)
{
    free(listener);
}
