/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/samples.h"

#include <math.h>
#include <stdlib.h>

#include "output/font.h"
#include "output/memory.h"
#include "output/words.h"

enum { MARGIN = 20, TOP_ROOM = 52, SPAN = 860, PANEL = 170, ONLY_PANEL = 340, BETWEEN = 30 };
enum { LABEL_ROOM = 44, LABEL_APART = 18, MARK_SIZE = 9, MARK_APART = 5 };

struct samples_layout {
    const struct samples *s;
    struct axis x;
    struct measure x_measure;
    double left, width, height, key_top;
    struct key_item key[2];
    int n_key;
};

static double shown_time(const struct samples_layout *l, sim_time at)
{
    return (double)at / 1e9 * l->x_measure.factor;
}

static double shown_value(const struct samples_panel *p, int64_t value)
{
    return (double)value * units[p->unit].scale * p->measure.factor;
}

static void choose_y(const struct samples *s, struct samples_panel *p)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (const struct samples_series *v = s->series; v < s->series + s->n_series; v++) {
        for (uint32_t i = 0; &s->panels[v->panel] == p && i < v->n; i++) {
            low = v->values[i] < low ? v->values[i] : low;
            high = v->values[i] > high ? v->values[i] : high;
        }
    }
    const double most = fmax(fabs((double)low), fabs((double)high)) * units[p->unit].scale;
    p->measure = measure_choose(p->unit, most);
    axis_linear(&p->y, shown_value(p, low), shown_value(p, high), s->n_panels > 1 ? 5 : 8);
    if (p->unit == UNIT_COUNT)
        axis_whole(&p->y);
}

static void choose_x(struct samples_layout *l)
{
    const struct samples *s = l->s;
    sim_time low = INT64_MAX, high = 0;
    for (const struct samples_series *v = s->series; v < s->series + s->n_series; v++) {
        low = v->at[0] < low ? v->at[0] : low;
        high = v->at[v->n - 1] > high ? v->at[v->n - 1] : high;
    }
    l->x_measure = measure_choose(UNIT_TIME, (double)high / 1e9);
    axis_linear(&l->x, shown_time(l, low), shown_time(l, high), 11);
    const double end = shown_time(l, high); /* a round number that is near stays the end */
    axis_trim(&l->x, fmin(l->x.low, shown_time(l, low)),
              l->x.high - end < 0.02 * (end - l->x.low) || end <= l->x.low ? l->x.high : end);
}

static void series_label(const struct samples *s, const struct samples_series *v, char *buf,
                         size_t size)
{
    const char *title = s->source.runs[v->run].title;
    if (s->source.n_runs > 1 && *title != '\0')
        snprintf(buf, size, "%s, %s", v->subject, title);
    else
        snprintf(buf, size, "%s", v->subject);
}

/* Only the marks that occur are explained. */
static void make_key(struct samples_layout *l)
{
    bool any[2] = {false}; /* [is_link] */
    for (int i = 0; i < l->s->n_series; i++)
        if (l->s->series[i].n_marks > 0)
            any[l->s->series[i].is_link] = true;
    if (any[true])
        l->key[l->n_key++] = (struct key_item){word_in(l->s->source.lang, WORD_DROP), NULL,
                                               MARK_CROSS, COLOR_VERMILLION, false};
    if (any[false])
        l->key[l->n_key++] = (struct key_item){word_in(l->s->source.lang, WORD_REPEAT), NULL,
                                               MARK_TRIANGLE, COLOR_VERMILLION, false};
}

/* As high as its labels at the right need. */
static double panel_height(const struct samples *s, int panel)
{
    int n = 0;
    for (int i = 0; i < s->n_series; i++)
        n += s->series[i].panel == panel;
    return fmax(s->n_panels > 1 ? PANEL : ONLY_PANEL, n * LABEL_APART);
}

static void lay_out(struct samples_layout *l, struct samples *s)
{
    char text[256];
    double label_room = MARGIN, y;
    make_key(l);
    for (int i = 0; i < s->n_panels; i++) {
        choose_y(s, &s->panels[i]);
        l->left = fmax(l->left, chart_left_room(&s->panels[i].y));
    }
    choose_x(l);
    l->left += 10;
    for (const struct samples_series *v = s->series; v < s->series + s->n_series; v++) {
        series_label(s, v, text, sizeof(text));
        label_room = fmax(label_room, font_width(text, SIZE_KEY, false) + LABEL_ROOM + MARGIN);
    }
    l->x.from = l->left;
    l->x.to = l->left + SPAN;
    l->width = l->x.to + label_room;
    l->key_top = TOP_ROOM - 6;
    y = TOP_ROOM + key_height(l->key, l->n_key, SPAN) + 16;
    for (int i = 0; i < s->n_panels; i++) {
        s->panels[i].y.to = y;
        y += panel_height(s, i);
        s->panels[i].y.from = y;
        y += BETWEEN;
    }
    l->height = y - BETWEEN + chart_bottom_room(&l->x, SPAN) + 10;
}

/* Of the values that share a pixel column the first, the lowest, the highest and the last, in
 * the order of time. Returns how many there are; x and y hold 4 a column and one more. */
static size_t reduce(const struct samples_layout *l, const struct samples_series *v, double *x,
                     double *y)
{
    const struct samples_panel *p = &l->s->panels[v->panel];
    size_t n = 0;
    for (uint32_t i = 0, end; i < v->n; i = end) {
        const double column = floor(axis_at(&l->x, shown_time(l, v->at[i])));
        uint32_t low = i, high = i;
        for (end = i; end < v->n && floor(axis_at(&l->x, shown_time(l, v->at[end]))) == column;
             end++) {
            low = v->values[end] < v->values[low] ? end : low;
            high = v->values[end] > v->values[high] ? end : high;
        }
        const uint32_t keep[] = {i, low < high ? low : high, low < high ? high : low, end - 1};
        for (size_t k = 0; k < ARRAY_LEN(keep); k++) {
            if (k > 0 && keep[k] == keep[k - 1])
                continue;
            x[n] = axis_at(&l->x, shown_time(l, v->at[keep[k]]));
            y[n++] = axis_at(&p->y, shown_value(p, v->values[keep[k]]));
        }
    }
    x[n] = l->x.to; /* the last value holds to the end */
    y[n] = y[n - 1];
    return n + 1;
}

/* Marks that would lie on each other are drawn once. */
static void draw_marks(struct canvas *c, const struct samples_layout *l,
                       const struct samples_series *v)
{
    const struct samples_panel *p = &l->s->panels[v->panel];
    double *x = mem_zeroed(v->n_marks, sizeof(*x)), *y = mem_zeroed(v->n_marks, sizeof(*y));
    size_t n = 0;
    for (uint32_t i = 0; i < v->n_marks; i++) {
        x[n] = axis_at(&l->x, shown_time(l, v->marks_at[i]));
        y[n] = axis_at(&p->y, shown_value(p, samples_value(v, v->marks_at[i])));
        if (x[n] < l->x.from - 0.5 || x[n] > l->x.to + 0.5)
            continue;
        n += n == 0 || hypot(x[n] - x[n - 1], y[n] - y[n - 1]) >= MARK_APART;
    }
    if (n > 0)
        canvas_marks(c, x, y, n, v->is_link ? MARK_CROSS : MARK_TRIANGLE, MARK_SIZE,
                     COLOR_VERMILLION);
    free(x);
    free(y);
}

struct end_label {
    double y;
    int series;
    const struct series_look *look;
};

static int by_height(const void *a, const void *b)
{
    const struct end_label *x = a, *y = b;
    return (x->y > y->y) - (x->y < y->y);
}

/* At the right end of each line whose it is. */
static void draw_labels(struct canvas *c, const struct samples_layout *l,
                        struct end_label *labels, int n, const struct axis *y)
{
    double places[SAMPLES_SERIES];
    char text[256];
    qsort(labels, (size_t)n, sizeof(*labels), by_height);
    for (int i = 0; i < n; i++)
        places[i] = labels[i].y;
    keep_apart(places, n, LABEL_APART, y->to, y->from);
    for (int i = 0; i < n; i++) {
        series_label(l->s, &l->s->series[labels[i].series], text, sizeof(text));
        const double x[] = {l->x.to, l->x.to + 10, l->x.to + LABEL_ROOM - 6};
        const double bend[] = {labels[i].y, places[i], places[i]};
        canvas_curve(c, x, bend, 3, &labels[i].look->pen);
        canvas_text(c, l->x.to + LABEL_ROOM, places[i], ANCHOR_LEFT, 0, &CHART_KEY, text);
    }
}

static void draw_panel(struct canvas *c, const struct samples_layout *l, int panel)
{
    const struct samples *s = l->s;
    const struct samples_panel *p = &s->panels[panel];
    struct end_label labels[SAMPLES_SERIES];
    char title[128], x_title[64];
    int n = 0;
    double *x = mem_zeroed(4 * SPAN + 8, sizeof(*x)), *y = mem_zeroed(4 * SPAN + 8, sizeof(*y));
    const bool is_last = panel == s->n_panels - 1;
    measure_title(p->name, &p->measure, title, sizeof(title));
    measure_title(word_in(s->source.lang, WORD_TIME), &l->x_measure, x_title, sizeof(x_title));
    chart_frame(c, is_last ? &l->x : NULL, l->left, l->x.to, &p->y, x_title, title);
    for (int i = 0; i < s->n_series; i++) {
        if (s->series[i].panel != panel)
            continue;
        const struct series_look *look = series_look(n);
        const size_t n_points = reduce(l, &s->series[i], x, y);
        const struct pen thin = {look->pen.color, look->pen.dash, 1.5};
        canvas_steps(c, x, y, n_points, &thin);
        labels[n++] = (struct end_label){y[n_points - 1], i, look};
    }
    for (int i = 0; i < s->n_series; i++)
        if (s->series[i].panel == panel)
            draw_marks(c, l, &s->series[i]);
    draw_labels(c, l, labels, n, &p->y);
    free(x);
    free(y);
}

int samples_draw(const struct plot_request *req, struct err *e)
{
    struct samples s;
    struct canvas c;
    struct samples_layout l = {.s = &s};
    int rc = samples_load(&s, req, e);
    if (rc == 0) {
        lay_out(&l, &s);
        rc = canvas_begin(&c, req->out_path, ceil(l.width), ceil(l.height), e);
    }
    if (rc == 0) {
        canvas_text(&c, l.width / 2, 28, ANCHOR_CENTER, 0, &CHART_TITLE, s.source.title);
        key_draw(&c, l.key, l.n_key, l.left, l.key_top, SPAN);
        for (int i = 0; i < s.n_panels; i++)
            draw_panel(&c, &l, i);
        rc = canvas_finish(&c, req->out_path, e);
    }
    samples_free(&s);
    return rc;
}
