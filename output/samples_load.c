/* SPDX-License-Identifier: GPL-3.0-or-later
 * samples_load.c -- series, drops and retransmissions out of the database (samples.h).
 */
#include "output/samples.h"

#include <stdlib.h>
#include <string.h>

#include "output/memory.h"

static bool is_series(const struct samples_series *series, int run, const char *subject,
                      const char *name)
{
    return series->run == run && strcmp(series->name, name) == 0 &&
           strcmp(series->subject, subject) == 0;
}

static bool is_wanted(const struct plot_request *req, const char *subject, const char *name)
{
    char full[160];
    snprintf(full, sizeof(full), "%s.%s", subject, name);
    bool named = req->n_of == 0;
    for (int i = 0; i < req->n_of && !named; i++)
        named = strcmp(req->of[i], full) == 0;
    return named;
}

/* The panel of a metric; -1 with e: one too many. */
static int panel_of(struct samples *s, const char *name)
{
    for (int i = 0; i < s->n_panels; i++)
        if (strcmp(s->panels[i].name, name) == 0)
            return i;
    if (s->n_panels == SAMPLES_PANELS)
        return err_set(s->source.e, NULL,
                       "%s: more than %d metrics were sampled, too many for one picture",
                       s->source.req->db_path, SAMPLES_PANELS);
    struct samples_panel *p = &s->panels[s->n_panels];
    snprintf(p->name, sizeof(p->name), "%s", name);
    p->unit = UNIT_COUNT;
    return s->n_panels++;
}

static int new_series(struct samples *s, const char *subject, const char *name)
{
    const int panel = panel_of(s, name);
    if (panel < 0)
        return -1;
    if (s->n_series == SAMPLES_SERIES) {
        err_set(s->source.e, NULL,
                "%s: more than %d quantities were sampled, too many for one picture",
                s->source.req->db_path, SAMPLES_SERIES);
        return err_hint(s->source.e, "name those to show: SUBJECT.METRIC");
    }
    struct samples_series *series = &s->series[s->n_series];
    *series = (struct samples_series){.run = s->run, .panel = panel};
    snprintf(series->subject, sizeof(series->subject), "%s", subject);
    snprintf(series->name, sizeof(series->name), "%s", name);
    return s->n_series++;
}

/* Samples come in turn, so the next series is often the next in the list. Returns its index,
 * -1 with e. */
static int series_of(struct samples *s, const char *subject, const char *name)
{
    for (int i = 1; i <= s->n_series; i++) {
        const int k = (s->latest + i) % s->n_series;
        if (is_series(&s->series[k], s->run, subject, name))
            return k;
    }
    return new_series(s, subject, name);
}

static int on_sample(void *ctx, sqlite3_stmt *stmt)
{
    struct samples *s = ctx;
    const char *subject = db_text(stmt, 0), *name = db_text(stmt, 1);
    if (!is_wanted(s->source.req, subject, name))
        return 0;
    const int k = series_of(s, subject, name);
    if (k < 0)
        return -1;
    struct samples_series *series = &s->series[k];
    s->latest = k;
    series->at = mem_grow(series->at, &series->cap_at, series->n + 1, sizeof(*series->at));
    series->values =
        mem_grow(series->values, &series->cap_values, series->n + 1, sizeof(*series->values));
    series->at[series->n] = sqlite3_column_int64(stmt, 2);
    series->values[series->n++] = sqlite3_column_int64(stmt, 3);
    return 0;
}

/* Samples are of metrics, which know their units. */
static int on_unit(void *ctx, sqlite3_stmt *stmt)
{
    struct samples *s = ctx;
    for (int i = 0; i < s->n_series; i++)
        if (is_series(&s->series[i], s->run, db_text(stmt, 0), db_text(stmt, 1)))
            s->panels[s->series[i].panel].unit = unit_of_base(db_text(stmt, 2));
    return 0;
}

static int on_link(void *ctx, sqlite3_stmt *stmt)
{
    struct samples *s = ctx;
    for (int i = 0; i < s->n_series; i++)
        if (s->series[i].run == s->run && strcmp(s->series[i].subject, db_text(stmt, 0)) == 0)
            s->series[i].is_link = true;
    return 0;
}

/* A mark of a subject, which may have several metrics. */
static int on_mark(void *ctx, sqlite3_stmt *stmt)
{
    struct samples *s = ctx;
    for (struct samples_series *v = s->series; v < s->series + s->n_series; v++) {
        if (v->run != s->run || (strcmp(v->subject, db_text(stmt, 0)) != 0 &&
                                 strcmp(v->subject, db_text(stmt, 1)) != 0))
            continue;
        v->marks_at =
            mem_grow(v->marks_at, &v->cap_marks, v->n_marks + 1, sizeof(*v->marks_at));
        v->marks_at[v->n_marks++] = sqlite3_column_int64(stmt, 2);
    }
    return 0;
}

static int load_marks(struct samples *s)
{
    const int64_t *run = &s->source.runs[s->run].id;
    bool any[2] = {false}; /* [is_link] */
    for (int i = 0; i < s->n_series; i++)
        any[s->series[i].is_link] = true;
    if (any[true] &&
        source_each(&s->source,
                    "SELECT link, '', t_ns FROM segment WHERE run_id = ?1 AND event = 'drop'",
                    run, 1, on_mark, s) != 0)
        return -1;
    return any[false] ? source_each(&s->source,
                                    "SELECT c.app, c.host, r.t_ns FROM retransmission r "
                                    "JOIN conn c ON c.run_id = ?1 AND c.conn = r.stream "
                                    "WHERE r.run_id = ?1 ORDER BY r.t_ns",
                                    run, 1, on_mark, s)
                      : 0;
}

static int load_run(struct samples *s)
{
    const int64_t *run = &s->source.runs[s->run].id;
    if (source_each(&s->source,
                    "SELECT subject, name, t_ns, value FROM sample WHERE run_id = ?1", run, 1,
                    on_sample, s) != 0 ||
        source_each(&s->source, "SELECT subject, name, unit FROM metric WHERE run_id = ?1", run,
                    1, on_unit, s) != 0 ||
        source_each(&s->source, "SELECT name FROM link WHERE run_id = ?1", run, 1, on_link,
                    s) != 0)
        return -1;
    return load_marks(s);
}

struct sampled {
    char **names;
    uint32_t n, cap;
};

static int on_sampled(void *ctx, sqlite3_stmt *stmt)
{
    struct sampled *sampled = ctx;
    sampled->names = mem_grow(sampled->names, &sampled->cap, sampled->n + 1, sizeof(char *));
    sampled->names[sampled->n++] = mem_text(db_text(stmt, 0));
    return 0;
}

static int check_names(struct samples *s)
{
    struct sampled sampled = {0};
    int rc = source_each(&s->source, "SELECT DISTINCT subject || '.' || name FROM sample", NULL,
                         0, on_sampled, &sampled);
    for (int i = 0; i < s->source.req->n_of && rc == 0; i++)
        rc = source_known(&s->source, "sample of", s->source.req->of[i],
                          (const char *const *)sampled.names, (int)sampled.n);
    for (uint32_t i = 0; i < sampled.n; i++)
        free(sampled.names[i]);
    free(sampled.names);
    return rc;
}

int samples_load(struct samples *s, const struct plot_request *req, struct err *e)
{
    *s = (struct samples){.series = mem_zeroed(SAMPLES_SERIES, sizeof(*s->series))};
    if (source_open(&s->source, req, e) != 0 ||
        source_runs(&s->source, "sample",
                    "an experiment takes samples by its `sample` section") != 0 ||
        (req->n_of > 0 && check_names(s) != 0))
        return -1;
    for (s->run = 0; s->run < s->source.n_runs; s->run++)
        if (load_run(s) != 0)
            return -1;
    if (s->n_series == 0)
        return err_set(e, NULL, "%s: run %lld has no samples", req->db_path,
                       (long long)s->source.runs[0].id);
    return 0;
}

void samples_free(struct samples *s)
{
    for (int i = 0; i < s->n_series; i++) {
        free(s->series[i].at);
        free(s->series[i].values);
        free(s->series[i].marks_at);
    }
    free(s->series);
    source_close(&s->source);
}

int64_t samples_value(const struct samples_series *series, sim_time at)
{
    uint32_t low = 0, high = series->n; /* the last one at or before it is in [low, high) */
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (series->at[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return series->values[low];
}
