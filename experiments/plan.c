/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/plan.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/network.h"
#include "experiments/pool.h"
#include "experiments/tree.h"

/* What `record:` means; auto is decided a run. */
static const struct record_row {
    const char *name, *with_samples;
    uint32_t levels;
} RECORD[] = {
    {"all", "all", REC_LIFE | REC_SEGMENT},
    {"life", "life and samples", REC_LIFE},
    {"metrics", "metrics and samples", 0},
    {"none", "none", 0},
};
enum { RECORD_ALL, RECORD_LIFE, RECORD_METRICS, RECORD_NONE };

int64_t plan_n_runs(const struct experiment *x)
{
    return x->n_points * x->repeat;
}

int64_t plan_run_id(const struct experiment *x, int point, int64_t replication)
{
    return point * x->repeat + replication + 1;
}

/* What pictures are made of: levels that the first run of their points must have. Kinds that
 * are not here draw metrics. */
static const struct need {
    const char *kind;
    uint32_t levels;
    const char *shows;
} NEEDS[] = {
    {"ladder", REC_LIFE | REC_SEGMENT, "a ladder shows segments"},
    {"states", REC_LIFE, "bars of states show changes of state"},
    {"dwell", REC_LIFE, "times in states come from changes of state"},
    {"samples", REC_SAMPLE, "lines of samples show samples"},
};

static const struct need *need_of(const struct plot_spec *plot)
{
    for (size_t i = 0; i < ARRAY_LEN(NEEDS); i++)
        if (strcmp(NEEDS[i].kind, plot->kind) == 0)
            return &NEEDS[i];
    return NULL;
}

static uint32_t levels_of_pictures(const struct experiment *x, int point)
{
    uint32_t levels = 0;
    for (int i = 0; i < x->n_plots; i++)
        if (x->plots[i].selects[point] && need_of(&x->plots[i]) != NULL)
            levels |= need_of(&x->plots[i])->levels;
    return levels;
}

static bool is_auto(const struct experiment *x)
{
    return strcmp(x->record, "auto") == 0;
}

static const struct record_row *record_row(const struct experiment *x, int point,
                                           int64_t replication)
{
    for (size_t i = 0; i < ARRAY_LEN(RECORD); i++)
        if (strcmp(RECORD[i].name, x->record) == 0)
            return &RECORD[i];
    const uint32_t drawn = replication == 0 ? levels_of_pictures(x, point) : 0;
    const bool all = plan_n_runs(x) == 1 || (drawn & REC_SEGMENT) != 0;
    return &RECORD[all ? RECORD_ALL : (drawn & REC_LIFE) != 0 ? RECORD_LIFE : RECORD_METRICS];
}

static bool has_samples(const struct experiment *x, int point, int64_t replication)
{
    return x->sample.every > 0 && (replication == 0 || !is_auto(x)) &&
           record_row(x, point, replication) != &RECORD[RECORD_NONE];
}

uint32_t plan_levels(const struct experiment *x, int point, int64_t replication)
{
    return record_row(x, point, replication)->levels |
           (has_samples(x, point, replication) ? REC_SAMPLE : 0);
}

const char *plan_levels_name(const struct experiment *x, int point, int64_t replication)
{
    const struct record_row *row = record_row(x, point, replication);
    return has_samples(x, point, replication) ? row->with_samples : row->name;
}

bool plan_stores_metrics(const struct experiment *x)
{
    return strcmp(x->record, "none") != 0;
}

bool plan_is_unlimited(const struct experiment *x)
{
    return strcmp(x->record, "all") == 0;
}

const struct metric *plan_metric(const struct net_spec *spec, const char *subject,
                                 const char *metric)
{
    const struct metric *tables[METRIC_TABLES];
    if (!network_metrics(spec, subject, tables))
        return NULL;
    for (int i = 0; i < METRIC_TABLES; i++)
        for (const struct metric *m = tables[i]; m != NULL && m->name != NULL; m++)
            if (strcmp(m->name, metric) == 0)
                return m;
    return NULL;
}

/* The column of a metric, a new one if it is named for the first time. */
static int column_for(struct plan *p, const char *subject, const char *metric, enum unit unit)
{
    int i = 0;
    while (i < p->n_columns && (strcmp(p->columns[i].subject, subject) != 0 ||
                                strcmp(p->columns[i].metric, metric) != 0))
        i++;
    if (i == p->n_columns)
        p->columns[p->n_columns++] = (struct column){subject, metric, unit};
    return i;
}

/* The column of the metric that the expectation compares with; -1 when `want` names none. */
static int other_column(struct plan *p, const struct expect *x, const struct net_spec *net)
{
    const char *dot = strrchr(x->want, '.');
    if (dot == NULL || dot == x->want)
        return -1;
    const char *subject = pool_slice(p->x->pool, x->want, (size_t)(dot - x->want));
    const struct metric *m = plan_metric(net, subject, dot + 1);
    return m != NULL ? column_for(p, subject, dot + 1, m->unit) : -1;
}

int plan_target(const struct plan *p, int i, const struct point_spec *spec, struct target *out,
                struct err *e)
{
    const struct expect *x = &p->x->expects[i];
    const enum unit unit = p->columns[p->column_of[i]].unit;
    if (p->other_of[i] >= 0)
        return expect_target_metric(x, unit, p->columns[p->other_of[i]].unit, out, e);
    return expect_target(x, unit, spec->let, spec->n_let, out, e);
}

/* Every expectation that selects the point is readable there. */
static int check_point(struct plan *p, int point, const struct point_spec *spec, struct err *e)
{
    for (int i = 0; i < p->x->n_expects; i++) {
        const struct expect *x = &p->x->expects[i];
        struct target target;
        if (!x->selects[point])
            continue;
        const struct metric *m = plan_metric(&spec->net, x->subject, x->metric);
        if (m == NULL)
            return err_set(e, &x->at, "there is no metric %s.%s at the point '%s'", x->subject,
                           x->metric, p->x->points[point].label);
        p->column_of[i] = column_for(p, x->subject, x->metric, m->unit);
        p->other_of[i] = other_column(p, x, &spec->net);
        p->n_verdicts++;
        if (plan_target(p, i, spec, &target, e) != 0)
            return -1;
    }
    return 0;
}

static int check_plot(const struct experiment *x, const struct plot_spec *plot, struct err *e)
{
    const struct need *need = need_of(plot);
    if (need == NULL && !plan_stores_metrics(x)) {
        err_set(e, &plot->at, "a %s shows metrics, but record: none keeps none", plot->kind);
        return err_hint(e, "leave record out, or write record: metrics");
    }
    for (int point = 0; need != NULL && point < x->n_points; point++)
        if (plot->selects[point] && (need->levels & ~plan_levels(x, point, 0)) != 0) {
            err_set(e, &plot->at, "%s, but record: %s keeps none", need->shows, x->record);
            return err_hint(e, "leave record out, or write record: all");
        }
    return 0;
}

/* Pictures of what is not recorded would be empty. */
static int check_plots(const struct experiment *x, struct err *e)
{
    for (int i = 0; i < x->n_plots; i++)
        if (check_plot(x, &x->plots[i], e) != 0)
            return -1;
    return 0;
}

/* Known before anything runs: a row a metric and instant. */
static int check_samples(const struct experiment *x, struct err *e)
{
    const struct node *n = node_get(x->tree, "sample");
    const int64_t n_rows = sample_n_rows(x);
    if (n_rows <= PLAN_MAX_ROWS || plan_is_unlimited(x))
        return 0;
    err_set(e, n != NULL ? &n->key_at : NULL,
            "sample takes %lld rows a run, and %d are the most unless record: all is said",
            (long long)n_rows, PLAN_MAX_ROWS);
    return err_hint(e, "sample less often, or write record: all");
}

int plan_init(struct plan *p, const struct experiment *x, struct err *e)
{
    *p = (struct plan){.x = x};
    p->columns = calloc(2 * (size_t)x->n_expects + 1, sizeof *p->columns);
    p->column_of = calloc((size_t)x->n_expects + 1, sizeof *p->column_of);
    p->other_of = calloc((size_t)x->n_expects + 1, sizeof *p->other_of);
    if (p->columns == NULL || p->column_of == NULL || p->other_of == NULL)
        return err_set(e, NULL, "out of memory");
    if (check_samples(x, e) != 0 || check_plots(x, e) != 0)
        return -1;
    for (int point = 0; point < x->n_points; point++) {
        struct point_spec spec;
        if (experiment_point(x, point, &spec, e) != 0)
            return -1;
        const int rc = check_point(p, point, &spec, e);
        point_spec_free(&spec);
        if (rc != 0)
            return -1;
    }
    return 0;
}

void plan_fini(struct plan *p)
{
    free(p->columns);
    free(p->column_of);
    free(p->other_of);
    *p = (struct plan){0};
}
