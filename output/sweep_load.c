/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_load.c -- points, means, intervals and what was expected, out of a database (sweep.h).
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/sweep.h"

double sweep_half_width(int n, double variance, int64_t confidence)
{
    const double outside = 1 - (double)confidence / (double)FRACTION_ONE;
    return gsl_cdf_tdist_Qinv(outside / 2, n - 1) * sqrt(variance / n);
}

struct names {
    char **items;
    uint32_t n, cap;
};

static int on_name(void *ctx, sqlite3_stmt *stmt)
{
    struct names *names = ctx;
    names->items = mem_grow(names->items, &names->cap, names->n + 1, sizeof(*names->items));
    names->items[names->n++] = mem_text(db_text(stmt, 0));
    return 0;
}

static int check_metrics(const struct sweep *s)
{
    const struct plot_request *req = s->source.req;
    struct names names = {0};
    int rc = source_each(&s->source, "SELECT DISTINCT subject || '.' || name FROM metric", NULL,
                         0, on_name, &names);
    if (rc == 0 && req->n_of == 0) {
        rc = err_set(s->source.e, NULL, "a sweep needs a metric for its y axis");
        if (names.n > 0)
            err_hint(s->source.e, "for example --y %s", names.items[0]);
    }
    for (int i = 0; i < req->n_of && rc == 0; i++)
        rc = source_known(&s->source, "metric", req->of[i], (const char *const *)names.items,
                          (int)names.n);
    for (uint32_t i = 0; i < names.n; i++)
        free(names.items[i]);
    free(names.items);
    return rc;
}

/* The line to which a point's value of a metric belongs. NULL with e: one too many. */
static struct sweep_series *series_of(struct sweep *s, const char *metric, uint32_t point)
{
    char label[SWEEP_LABEL], told[SWEEP_LABEL];
    sweep_series_label(&s->params, point, told, sizeof(told));
    if (s->source.req->n_of > 1)
        snprintf(label, sizeof(label), told[0] != '\0' ? "%.79s, %.79s" : "%.79s", metric,
                 told);
    else
        memcpy(label, told, sizeof(label));
    for (int i = 0; i < s->n_series; i++)
        if (s->series[i].metric == metric && strcmp(s->series[i].label, label) == 0)
            return &s->series[i];
    if (s->n_series == SWEEP_SERIES) {
        err_set(s->source.e, NULL, "%s: more than %d lines, too many for one picture",
                s->source.req->db_path, SWEEP_SERIES);
        err_hint(s->source.e, "select points or metrics");
        return NULL;
    }
    struct sweep_series *series = &s->series[s->n_series++];
    series->metric = metric;
    memcpy(series->label, label, sizeof(label));
    return series;
}

/* Every selected point has its place in a line of each metric, whether it has a value or not.
 */
static int make_series(struct sweep *s)
{
    for (int i = 0; i < s->source.req->n_of; i++) {
        for (uint32_t point = 0; point < s->params.n_points; point++) {
            struct sweep_series *series = series_of(s, s->source.req->of[i], point);
            if (series == NULL)
                return -1;
            series->points = mem_grow(series->points, &series->cap_points, series->n_points + 1,
                                      sizeof(*series->points));
            series->points[series->n_points++] =
                (struct sweep_point){.id = s->params.points[point], .want = NAN, .x = point};
        }
    }
    return 0;
}

/* The place of a metric's value at a point; NULL: not drawn. */
static struct sweep_point *point_of(struct sweep *s, const char *metric, int64_t id)
{
    for (struct sweep_series *series = s->series; series < s->series + s->n_series; series++)
        for (uint32_t i = 0; strcmp(series->metric, metric) == 0 && i < series->n_points; i++)
            if (series->points[i].id == id)
                return &series->points[i];
    return NULL;
}

enum { METRIC_POINT, METRIC, METRIC_N, METRIC_MEAN, METRIC_VARIANCE, METRIC_UNIT };

static int on_metric(void *ctx, sqlite3_stmt *stmt)
{
    struct sweep *s = ctx;
    const char *metric = db_text(stmt, METRIC);
    struct sweep_point *p = point_of(s, metric, sqlite3_column_int64(stmt, METRIC_POINT));
    if (p == NULL)
        return 0;
    const enum unit unit = unit_of_base(db_text(stmt, METRIC_UNIT));
    if (s->y_unit != UNIT_NONE && s->y_unit != unit)
        return err_set(s->source.e, NULL, "%s has another unit than %s: no axis shows both",
                       s->y_metric, metric);
    s->y_unit = unit;
    snprintf(s->y_metric, sizeof(s->y_metric), "%s", metric);
    const double scale = units[unit].scale;
    const double variance = sqlite3_column_double(stmt, METRIC_VARIANCE) * scale * scale;
    p->n = sqlite3_column_int(stmt, METRIC_N);
    p->mean = sqlite3_column_double(stmt, METRIC_MEAN) * scale;
    if (p->n >= 2 && s->source.req->band > 0)
        p->half = sweep_half_width(p->n, variance, s->source.req->band);
    s->most_runs = p->n > s->most_runs ? p->n : s->most_runs;
    return 0;
}

enum { EXPECT_POINT, EXPECT_METRIC, EXPECT_OP_NAME, EXPECT_WANT, EXPECT_VERDICT };

/* What is wanted is a closed form unless it is a bound or another metric. */
static int on_expectation(void *ctx, sqlite3_stmt *stmt)
{
    struct sweep *s = ctx;
    struct sweep_point *p =
        point_of(s, db_text(stmt, EXPECT_METRIC), sqlite3_column_int64(stmt, EXPECT_POINT));
    if (p == NULL)
        return 0;
    enum unit unit;
    const char *op = db_text(stmt, EXPECT_OP_NAME);
    const double want = quantity_parse(db_text(stmt, EXPECT_WANT), &unit);
    p->is_broken = p->is_broken || strcmp(db_text(stmt, EXPECT_VERDICT), "pass") != 0;
    if (s->source.req->is_expected_on && strncmp(op, "at_", 3) != 0 && !isnan(want))
        p->want = want;
    return 0;
}

/* True, and the numbers of all values of x, when they are quantities of one unit. */
static bool are_quantities(const struct sweep *s, double *x, enum unit *unit)
{
    for (uint32_t i = 0; i < s->params.n_points; i++) {
        enum unit this_unit;
        x[i] = quantity_parse(sweep_value(&s->params, i, (uint32_t)s->params.x), &this_unit);
        if (isnan(x[i]) || (i > 0 && this_unit != *unit))
            return false;
        *unit = this_unit;
    }
    return true;
}

static void scale_axis(struct sweep *s, const double *x, enum unit unit)
{
    enum { LOG_FROM = 20 };
    double low = INFINITY, high = -INFINITY;
    bool are_whole = unit == UNIT_COUNT;
    for (uint32_t i = 0; i < s->params.n_points; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        are_whole = are_whole && x[i] == round(x[i]);
    }
    s->x_measure = measure_choose(unit, high);
    low *= s->x_measure.factor;
    high *= s->x_measure.factor;
    if (low > 0 && high >= LOG_FROM * low)
        axis_log(&s->x, low, high);
    else
        axis_linear(&s->x, low, high, 11);
    if (are_whole)
        axis_whole(&s->x);
}

/* Places x[i] of names: each distinct one the next. -1 with e: too many. */
static int name_axis(struct sweep *s, double *x)
{
    const char *names[AXIS_TICKS];
    int n = 0;
    for (uint32_t i = 0; i < s->params.n_points; i++) {
        const char *value = sweep_value(&s->params, i, (uint32_t)s->params.x);
        int k = 0;
        while (k < n && strcmp(names[k], value) != 0)
            k++;
        if (k == AXIS_TICKS)
            return err_set(s->source.e, NULL,
                           "%s: %s has more than %d values that are no numbers",
                           s->source.req->db_path, s->params.keys[s->params.x], AXIS_TICKS);
        names[k] = value;
        n = k == n ? n + 1 : n;
        x[i] = k;
    }
    s->x_measure = (struct measure){1, ""};
    axis_names(&s->x, names, n);
    return 0;
}

static int by_x(const void *a, const void *b)
{
    const struct sweep_point *p = a, *q = b;
    return (p->x > q->x) - (p->x < q->x);
}

/* Until now a point's x is its index. */
static int place_points(struct sweep *s)
{
    enum unit unit = UNIT_COUNT;
    int rc = 0;
    double *x = mem_zeroed(s->params.n_points, sizeof(*x));
    if (are_quantities(s, x, &unit))
        scale_axis(s, x, unit);
    else
        rc = name_axis(s, x);
    for (struct sweep_series *series = s->series; series < s->series + s->n_series; series++) {
        for (struct sweep_point *p = series->points; p < series->points + series->n_points; p++)
            p->x = x[(uint32_t)p->x] * s->x_measure.factor;
        qsort(series->points, series->n_points, sizeof(*series->points), by_x);
    }
    free(x);
    return rc;
}

int sweep_load(struct sweep *s, const struct plot_request *req, struct err *e)
{
    *s = (struct sweep){0};
    if (source_open(&s->source, req, e) != 0 || check_metrics(s) != 0 ||
        sweep_params_load(&s->params, &s->source) != 0 || make_series(s) != 0 ||
        source_each(&s->source,
                    "SELECT point, subject || '.' || name, n, mean, variance, unit "
                    "FROM metric_by_point",
                    NULL, 0, on_metric, s) != 0 ||
        source_each(&s->source, "SELECT point, metric, op, want, verdict FROM expectation",
                    NULL, 0, on_expectation, s) != 0)
        return -1;
    if (s->most_runs == 0)
        return err_set(e, NULL, "%s: %s has no number at any of these points", req->db_path,
                       req->of[0]);
    return place_points(s);
}

void sweep_free(struct sweep *s)
{
    for (int i = 0; i < s->n_series; i++)
        free(s->series[i].points);
    sweep_params_free(&s->params);
    source_close(&s->source);
}
