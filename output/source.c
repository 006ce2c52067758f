/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/source.h"

#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/words.h"

int source_each(const struct source *s, const char *sql, const int64_t *args, int n_args,
                int (*row)(void *ctx, sqlite3_stmt *stmt), void *ctx)
{
    return db_each(s->db, s->req->db_path, sql, args, n_args, row, ctx, s->e);
}

static int on_title(void *ctx, sqlite3_stmt *stmt)
{
    struct source *s = ctx;
    snprintf(s->title, sizeof(s->title), "%s", db_text(stmt, 0));
    return 0;
}

int source_open(struct source *s, const struct plot_request *req, struct err *e)
{
    *s = (struct source){.req = req, .lang = language_find(req->lang), .e = e};
    if (s->lang < 0)
        return err_set(e, NULL, "no language '%s'; there are en and zh", req->lang);
    s->db = db_open_result(req->db_path, e);
    if (s->db == NULL || db_require_current(s->db, req->db_path, e) != 0)
        return -1;
    if (req->title == NULL)
        return source_each(s, "SELECT name FROM experiment", NULL, 0, on_title, s);
    snprintf(s->title, sizeof(s->title), "%s", req->title);
    return 0;
}

void source_close(struct source *s)
{
    free(s->runs);
    sqlite3_close(s->db);
}

static int on_first(void *ctx, sqlite3_stmt *stmt)
{
    *(int64_t *)ctx = sqlite3_column_int64(stmt, 0);
    return 0;
}

static int on_run(void *ctx, sqlite3_stmt *stmt)
{
    struct source_run *run = ctx;
    run->end_ns = sqlite3_column_int64(stmt, 0);
    snprintf(run->title, sizeof(run->title), "%s", db_text(stmt, 1));
    return 0;
}

/* The id of the first run with a row in the view, 0 when there is none. */
static int first_run(const struct source *s, const char *view, int64_t *id)
{
    char sql[200];
    *id = 0;
    snprintf(sql, sizeof(sql),
             "SELECT r.id FROM run r WHERE EXISTS (SELECT 1 FROM %s v WHERE v.run_id = r.id) "
             "ORDER BY r.id LIMIT 1",
             view);
    return source_each(s, sql, NULL, 0, on_first, id);
}

/* Fills in run i of this id. */
static int set_run(struct source *s, int i, int64_t id)
{
    struct source_run *run = &s->runs[i];
    *run = (struct source_run){.id = id, .end_ns = -1};
    if (source_each(s,
                    "SELECT coalesce(r.sim_end_ns, 0), p.label FROM run r JOIN point p ON p.id "
                    "= r.point WHERE r.id = ?1",
                    &id, 1, on_run, run) != 0)
        return -1;
    if (run->end_ns < 0)
        return err_set(s->e, NULL, "%s: no run %lld in this file", s->req->db_path,
                       (long long)id);
    if (s->req->run_titles != NULL && s->req->run_titles[i] != NULL)
        snprintf(run->title, sizeof(run->title), "%s", s->req->run_titles[i]);
    return 0;
}

int source_runs(struct source *s, const char *view, const char *hint)
{
    const struct plot_request *req = s->req;
    int64_t first;
    s->n_runs = req->n_runs > 0 ? req->n_runs : 1;
    s->runs = mem_zeroed((size_t)s->n_runs, sizeof(*s->runs));
    for (int i = 0; i < req->n_runs; i++)
        if (set_run(s, i, req->runs[i]) != 0)
            return -1;
    if (req->n_runs > 0)
        return 0;
    if (first_run(s, view, &first) != 0)
        return -1;
    if (first != 0)
        return set_run(s, 0, first);
    err_set(s->e, NULL, "%s: no run has a %s recorded", req->db_path, view);
    return err_hint(s->e, "%s", hint);
}

int source_known(const struct source *s, const char *what, const char *name,
                 const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return 0;
    err_set(s->e, NULL, "%s: there is no %s '%s'", s->req->db_path, what, name);
    const char *meant = nearest_name(name, names, (size_t)n);
    if (meant != NULL)
        return err_hint(s->e, "did you mean '%s'?", meant);
    char list[300] = "";
    size_t length = 0;
    for (int i = 0; i < n && length < sizeof(list); i++)
        length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
                                   i > 0 ? ", " : "", names[i]);
    return err_hint(s->e, "there are: %s%s", list, length < sizeof(list) ? "" : "...");
}
