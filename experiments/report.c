/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/report.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/stats.h"
#include "experiments/table.h"

enum { CELL_BYTES = 320, LINE_MAX_WIDTH = 110 };

/* All observations of one metric at one point. */
struct sample {
    const struct observed *seen;
    int n;
    enum unit unit;
};

static struct sample sample_of(const struct results *r, int column, int point)
{
    return (struct sample){results_seen(r, column, point), (int)r->plan.x->repeat,
                           r->plan.columns[column].unit};
}

static bool all_equal(const struct sample *s)
{
    char first[CELL_BYTES], other[CELL_BYTES];
    observed_format(&s->seen[0], s->unit, first, sizeof first);
    for (int i = 1; i < s->n; i++)
        if (strcmp(observed_format(&s->seen[i], s->unit, other, sizeof other), first) != 0)
            return false;
    return true;
}

static int n_numbers(const struct sample *s)
{
    int n = 0;
    for (int i = 0; i < s->n; i++)
        n += s->seen[i].kind == VALUE_INT || s->seen[i].kind == VALUE_RATIO;
    return n;
}

/* Only of a sample that is all numbers. */
static struct summary summary_of(const struct sample *s)
{
    double *x = calloc((size_t)s->n, sizeof *x);
    struct summary sum = {.mean = NAN};
    for (int i = 0; x != NULL && i < s->n; i++)
        x[i] = observed_number(&s->seen[i], s->unit);
    if (x != NULL)
        sum = stats_summary(x, s->n);
    free(x);
    return sum;
}

/* One value when all replications agree, else the mean with its 95 % half-width. */
static void cell_text(const struct sample *s, char *buf, size_t size)
{
    if (all_equal(s)) {
        observed_format(&s->seen[0], s->unit, buf, size);
    } else if (n_numbers(s) == s->n) {
        char mean[64], half[64];
        const struct summary sum = summary_of(s);
        snprintf(buf, size, "%s ± %s", number_format(sum.mean, s->unit, mean, sizeof mean),
                 number_format(sum.half_width, s->unit, half, sizeof half));
    } else {
        snprintf(buf, size, "differs");
    }
}

/* Points: one row each; columns are split over several tables when they do not fit a line */

static int column_width(const struct results *r, int column)
{
    char buf[CELL_BYTES];
    snprintf(buf, sizeof buf, "%s.%s", r->plan.columns[column].subject,
             r->plan.columns[column].metric);
    int width = text_width(buf);
    for (int point = 0; point < r->plan.x->n_points; point++) {
        const struct sample s = sample_of(r, column, point);
        cell_text(&s, buf, sizeof buf);
        const int w = text_width(buf) < TABLE_CELL_MAX ? text_width(buf) : TABLE_CELL_MAX;
        width = w > width ? w : width;
    }
    return width + 2;
}

static int labels_width(const struct experiment *x)
{
    int width = 0;
    for (int i = 0; i < x->n_dims; i++) {
        int w = text_width(x->dims[i].name);
        for (int j = 0; j < x->dims[i].n_values; j++)
            w = text_width(x->dims[i].values[j]) > w ? text_width(x->dims[i].values[j]) : w;
        width += w + 2;
    }
    return width;
}

static void print_columns(const struct report *r, int from, int to, FILE *out)
{
    const struct experiment *x = r->x;
    char buf[CELL_BYTES];
    struct table *t = table_new(x->n_dims + to - from);
    if (t == NULL)
        return;
    for (int i = 0; i < x->n_dims; i++)
        table_add(t, x->dims[i].name, TABLE_BOLD);
    for (int i = from; i < to; i++) {
        const struct column *c = &r->results->plan.columns[i];
        snprintf(buf, sizeof buf, "%s.%s", c->subject, c->metric);
        table_add(t, buf, TABLE_BOLD);
    }
    for (int point = 0; point < x->n_points; point++) {
        for (int i = 0; i < x->n_dims; i++)
            table_add(t, x->dims[i].values[x->points[point].value[i]], TABLE_PLAIN);
        for (int i = from; i < to; i++) {
            const struct sample s = sample_of(r->results, i, point);
            cell_text(&s, buf, sizeof buf);
            table_add(t, buf, TABLE_PLAIN);
        }
    }
    table_print(t, out, r->color);
    table_free(t);
    putc('\n', out);
}

/* A single point's values stand among its verdicts already. */
static void print_points(const struct report *r, FILE *out)
{
    const int n = r->results->plan.n_columns;
    if (r->x->n_points < 2)
        return;
    for (int from = 0, to; from < n; from = to) {
        int width = labels_width(r->x) + column_width(r->results, from);
        for (to = from + 1; to < n; to++) {
            width += column_width(r->results, to);
            if (width > LINE_MAX_WIDTH)
                break;
        }
        print_columns(r, from, to, out);
    }
}

/* Verdicts */

static void want_text(const struct verdict *v, char *buf, size_t size)
{
    static const char *const bounds[] = {
        [EXPECT_AT_LEAST] = "at least ", [EXPECT_AT_MOST] = "at most "};
    const enum expect_op op = v->expect->op;
    const bool is_bound = op == EXPECT_AT_LEAST || op == EXPECT_AT_MOST;
    snprintf(buf, size, "%s%s%s%s", is_bound ? bounds[op] : "", v->want,
             v->tol[0] == '\0' ? "" : " ± ", v->tol);
}

static bool shows_points(const struct report *r)
{
    return r->x->n_points > 1 || r->x->n_not_run > 0;
}

static void print_verdict(const struct report *r, const struct verdict *v, struct table *t)
{
    char buf[CELL_BYTES + VERDICT_TEXT_BYTES];
    snprintf(buf, sizeof buf, "%s.%s", v->expect->subject, v->expect->metric);
    table_add(t, buf, TABLE_PLAIN);
    if (shows_points(r))
        table_add(t, r->x->points[v->point].label, TABLE_PLAIN);
    want_text(v, buf, sizeof buf);
    table_add(t, buf, TABLE_PLAIN);
    table_add(t, v->got, TABLE_PLAIN);
    if (r->x->repeat > 1) {
        snprintf(buf, sizeof buf, "%d", v->n);
        table_add(t, buf, TABLE_PLAIN);
    }
    table_add(t, verdict_name(v->kind), v->kind == VERDICT_PASS ? TABLE_GOOD : TABLE_BAD);
    table_add(t, v->expect->source, TABLE_PLAIN);
}

/* What -p has left no point of: it neither holds nor fails. */
static void print_not_run(const struct report *r, const struct not_run *n, struct table *t)
{
    table_add(t, n->metric, TABLE_PLAIN);
    if (shows_points(r))
        table_add(t, n->where, TABLE_PLAIN);
    table_add(t, n->want, TABLE_PLAIN);
    table_add(t, "-", TABLE_PLAIN);
    if (r->x->repeat > 1)
        table_add(t, "0", TABLE_PLAIN);
    table_add(t, "not run", TABLE_PLAIN);
    table_add(t, n->source, TABLE_PLAIN);
}

static void print_verdicts(const struct report *r, FILE *out)
{
    static const char *const titles[] = {"expectation", "where",   "want",  "got",
                                         "n",           "verdict", "source"};
    const bool shown[] = {true, shows_points(r), true, true, r->x->repeat > 1, true, true};
    int n_columns = 0;
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        n_columns += shown[i];
    struct table *t = table_new(n_columns);
    if (t == NULL)
        return;
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (shown[i])
            table_add(t, titles[i], TABLE_BOLD);
    for (int i = 0; i < r->results->n_verdicts; i++)
        print_verdict(r, &r->results->verdicts[i], t);
    for (int i = 0; i < r->x->n_not_run; i++)
        print_not_run(r, &r->x->not_run[i], t);
    table_print(t, out, r->color);
    table_free(t);
    putc('\n', out);
}

void report_failures(const struct report *r, const char *name, FILE *out)
{
    char want[CELL_BYTES + VERDICT_TEXT_BYTES];
    for (int i = 0; i < r->results->n_verdicts; i++) {
        const struct verdict *v = &r->results->verdicts[i];
        const char *label = r->x->points[v->point].label;
        if (v->kind == VERDICT_PASS)
            continue;
        want_text(v, want, sizeof want);
        fprintf(out, "%s: %s.%s%s%s: want %s, got %s: %s (%s)\n", name, v->expect->subject,
                v->expect->metric, label[0] != '\0' ? " at " : "", label, want, v->got,
                verdict_name(v->kind), v->expect->source);
    }
}

void report_warnings(const struct experiment *x, const struct results *r, const char *name,
                     FILE *out)
{
    for (int i = 0; i < r->warnings.n; i++)
        warning_print(&r->warnings.items[i], x, name, out);
}

void report_print(const struct report *r, FILE *out)
{
    const struct results *res = r->results;
    if (res->n_verdicts + r->x->n_not_run > 0) {
        print_points(r, out);
        print_verdicts(r, out);
        fprintf(out, "%d of %d expectations hold", res->n_pass, res->n_verdicts);
        if (r->x->n_not_run > 0)
            fprintf(out, ", %d not run", r->x->n_not_run);
        putc('\n', out);
    } else {
        fprintf(out, "%s expects nothing: the database holds what happened\n", r->x->name);
    }
    fprintf(out, "seed %llu, %lld run%s, %llu events\n", (unsigned long long)r->x->seed,
            (long long)res->n_runs, res->n_runs == 1 ? "" : "s",
            (unsigned long long)res->n_events);
    fprintf(out, "database %s\n", r->db_path);
    for (int i = 0; i < r->pictures->n; i++)
        fprintf(out, "picture %s\n", r->pictures->paths[i]);
    fprintf(out, "%s\n", r->command);
}

/* JSON */

static json_t *number_or_null(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *observed_json(const struct observed *o, enum unit unit)
{
    return o->kind == VALUE_TEXT ? json_string(o->text)
                                 : number_or_null(observed_number(o, unit));
}

static const char *si_name(enum unit unit)
{
    static const char *const names[N_UNITS] = {
        [UNIT_NONE] = "",       [UNIT_COUNT] = "1", [UNIT_TIME] = "s",
        [UNIT_RATE] = "bit/s",  [UNIT_BYTES] = "B", [UNIT_FRACTION] = "1",
        [UNIT_PER_TIME] = "1/s"};
    return names[unit];
}

static json_t *sample_json(const struct sample *s)
{
    json_t *values = json_array();
    for (int i = 0; i < s->n; i++)
        json_array_append_new(values, observed_json(&s->seen[i], s->unit));
    json_t *j = json_pack("{s:s, s:o}", "unit", si_name(s->unit), "values", values);
    if (n_numbers(s) == s->n && s->n > 1) {
        const struct summary sum = summary_of(s);
        json_object_set_new(j, "mean", number_or_null(sum.mean));
        json_object_set_new(j, "half_width_95", number_or_null(sum.half_width));
    }
    return j;
}

/* {"handshake": "two-way", ...} */
static json_t *params_json(const struct experiment *x, int point)
{
    json_t *params = json_object();
    for (int i = 0; i < x->n_dims; i++)
        json_object_set_new(params, x->dims[i].name,
                            json_string(x->dims[i].values[x->points[point].value[i]]));
    return params;
}

static json_t *not_run_json(const struct experiment *x)
{
    json_t *rows = json_array();
    for (const struct not_run *n = x->not_run; n < x->not_run + x->n_not_run; n++)
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:s}", "metric", n->metric, "where",
                                        n->where, "want", n->want, "source", n->source));
    return rows;
}

static json_t *point_json(const struct report *r, int point)
{
    const struct point *p = &r->x->points[point];
    json_t *metrics = json_object();
    char name[2 * NAME_MAX_BYTES + 2];
    for (int i = 0; i < r->results->plan.n_columns; i++) {
        const struct sample s = sample_of(r->results, i, point);
        snprintf(name, sizeof name, "%s.%s", r->results->plan.columns[i].subject,
                 r->results->plan.columns[i].metric);
        json_object_set_new(metrics, name, sample_json(&s));
    }
    return json_pack("{s:I, s:s, s:o, s:o}", "id", (json_int_t)p->id, "label", p->label,
                     "params", params_json(r->x, point), "metrics", metrics);
}

static json_t *verdict_json(const struct report *r, const struct verdict *v)
{
    char metric[2 * NAME_MAX_BYTES + 2];
    snprintf(metric, sizeof metric, "%s.%s", v->expect->subject, v->expect->metric);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "point",
                     (json_int_t)r->x->points[v->point].id, "metric", metric, "op",
                     expect_op_name(v->expect->op), "want", v->want, "tol", v->tol, "got",
                     v->got, "n", v->n, "verdict", verdict_name(v->kind), "source",
                     v->expect->source);
}

/* Takes j. */
static int print_json(json_t *j, FILE *out)
{
    const int rc =
        j == NULL ? -1 : json_dumpf(j, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    putc('\n', out);
    json_decref(j);
    return rc;
}

static json_t *warnings_json(const struct report *r)
{
    json_t *texts = json_array();
    char text[600];
    for (int i = 0; i < r->results->warnings.n; i++)
        json_array_append_new(texts, json_string(warning_text(&r->results->warnings.items[i],
                                                              r->x, text, sizeof text)));
    return texts;
}

json_t *report_object(const struct report *r)
{
    json_t *points = json_array(), *verdicts = json_array(), *pictures = json_array();
    for (int i = 0; i < r->x->n_points; i++)
        json_array_append_new(points, point_json(r, i));
    for (int i = 0; i < r->results->n_verdicts; i++)
        json_array_append_new(verdicts, verdict_json(r, &r->results->verdicts[i]));
    for (int i = 0; i < r->pictures->n; i++)
        json_array_append_new(pictures, json_string(r->pictures->paths[i]));
    return json_pack("{s:s, s:I, s:I, s:I, s:s?, s:o, s:o, s:o, s:i, s:i, s:o, s:o, s:s}",
                     "name", r->x->name, "seed", (json_int_t)r->x->seed, "runs",
                     (json_int_t)r->results->n_runs, "events", (json_int_t)r->results->n_events,
                     "database", r->db_path, "points", points, "expectations", verdicts,
                     "not_run", not_run_json(r->x), "hold", r->results->n_pass, "of",
                     r->results->n_verdicts, "pictures", pictures, "warnings", warnings_json(r),
                     "command", r->command);
}

int report_json(const struct report *r, FILE *out)
{
    return print_json(report_object(r), out);
}

/* Dry run */

void report_plan(const struct experiment *x, const char *db_path, FILE *out)
{
    char stop[64], buf[64];
    struct table *t = table_new(4);
    if (t == NULL)
        return;
    static const char *const titles[] = {"point", "where", "runs", "record"};
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        table_add(t, titles[i], TABLE_BOLD);
    for (int point = 0; point < x->n_points; point++) {
        snprintf(buf, sizeof buf, "%lld", (long long)x->points[point].id);
        table_add(t, buf, TABLE_PLAIN);
        table_add(t, x->points[point].label[0] != '\0' ? x->points[point].label : "-",
                  TABLE_PLAIN);
        snprintf(buf, sizeof buf, "%lld", (long long)x->repeat);
        table_add(t, buf, TABLE_PLAIN);
        const char *first = plan_levels_name(x, point, 0),
                   *others = plan_levels_name(x, point, 1);
        snprintf(buf, sizeof buf, "%s%s%s", first,
                 x->repeat > 1 && first != others ? ", then " : "",
                 x->repeat > 1 && first != others ? others : "");
        table_add(t, buf, TABLE_PLAIN);
    }
    table_print(t, out, 0);
    table_free(t);
    if (x->n_not_run > 0)
        fprintf(out, "\n%d expectations have no point here\n", x->n_not_run);
    fprintf(out, "\n%lld runs to %s with seed %llu would go to %s\n", (long long)plan_n_runs(x),
            unit_format(x->stop, UNIT_TIME, stop, sizeof stop), (unsigned long long)x->seed,
            db_path);
}

int report_plan_json(const struct experiment *x, const char *db_path, FILE *out)
{
    const struct value stop = {.kind = VALUE_INT, .num = x->stop};
    json_t *points = json_array();
    for (int point = 0; point < x->n_points; point++) {
        json_t *record = json_pack("[s]", plan_levels_name(x, point, 0));
        if (x->repeat > 1)
            json_array_append_new(record, json_string(plan_levels_name(x, point, 1)));
        json_array_append_new(points,
                              json_pack("{s:I, s:s, s:o, s:I, s:o}", "id",
                                        (json_int_t)x->points[point].id, "label",
                                        x->points[point].label, "params", params_json(x, point),
                                        "runs", (json_int_t)x->repeat, "record", record));
    }
    return print_json(json_pack("{s:s, s:I, s:I, s:f, s:s, s:o, s:o}", "name", x->name, "seed",
                                (json_int_t)x->seed, "runs", (json_int_t)plan_n_runs(x), "stop",
                                value_number(&stop, UNIT_TIME), "database", db_path, "points",
                                points, "not_run", not_run_json(x)),
                      out);
}
