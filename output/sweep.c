/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/sweep.h"

#include <math.h>
#include <stdlib.h>

#include "output/font.h"
#include "output/memory.h"
#include "output/words.h"

enum { MARGIN = 20, KEY_TOP = 46, SPAN = 720, HEIGHT = 400, LABEL_ROOM = 56, LABEL_APART = 19 };
enum { MARK_SIZE = 9, RING_SIZE = 19, CAP = 5, DASH = 17 };

struct sweep_layout {
    struct sweep *s;
    double left, width, height, top;
    bool any_want, any_half, any_broken;
    char means[96]; /* the key's words for the marks */
    struct key_item key[3 + SWEEP_SERIES];
    int n_key;
};

static bool has_names(const struct sweep *s)
{
    return s->x.scale == SCALE_NAMES;
}

/* Lines with labels at their ends; names have no lines, their series stand in the key. */
static bool has_end_labels(const struct sweep *s)
{
    return s->n_series > 1 && !has_names(s);
}

/* What the y axis must show, in SI. */
struct extent {
    double low, high;   /* with intervals and closed forms */
    double least, most; /* means that are positive */
    bool any_zero;
};

static void extend(struct extent *x, double low, double high)
{
    x->low = fmin(x->low, low);
    x->high = fmax(x->high, high);
}

static struct extent extent_of(struct sweep_layout *l)
{
    struct extent x = {INFINITY, -INFINITY, INFINITY, 0, false};
    const struct sweep *s = l->s;
    for (const struct sweep_series *v = s->series; v < s->series + s->n_series; v++) {
        for (const struct sweep_point *p = v->points; p < v->points + v->n_points; p++) {
            l->any_broken = l->any_broken || p->is_broken;
            if (!isnan(p->want)) {
                l->any_want = true;
                x.any_zero = x.any_zero || p->want == 0;
                extend(&x, p->want, p->want);
            }
            if (p->n == 0)
                continue;
            l->any_half = l->any_half || p->half > 0;
            x.any_zero = x.any_zero || p->mean == 0;
            x.least = p->mean > 0 ? fmin(x.least, p->mean) : x.least;
            x.most = fmax(x.most, p->mean);
            /* what cannot be negative has no interval below 0 */
            extend(&x, p->mean >= 0 ? fmax(0, p->mean - p->half) : p->mean - p->half,
                   p->mean + p->half);
        }
    }
    return x;
}

/* Means that span orders of magnitude need a logarithmic axis; fractions end at 1 and do not.
 * It goes one order below the least mean, whatever is drawn there. */
static void choose_y(struct sweep_layout *l)
{
    enum { LOG_FROM = 500, BELOW = 10 };
    struct sweep *s = l->s;
    const struct extent x = extent_of(l);
    s->y_measure = measure_choose(s->y_unit, x.high);
    const double factor = s->y_measure.factor;
    if (s->y_unit == UNIT_FRACTION || x.low < 0 || x.most < LOG_FROM * x.least) {
        axis_linear(&s->y, x.low * factor, x.high * factor, 8);
        return;
    }
    axis_log(&s->y, fmin(x.least, fmax(x.low, x.least / BELOW)) * factor, x.high * factor);
    if (x.any_zero)
        axis_add_zero(&s->y);
}

static double y_at(const struct sweep *s, double value)
{
    const double shown = value * s->y_measure.factor;
    const double low = s->y.has_zero && shown <= 0 ? 0 : s->y.low;
    return axis_at(&s->y, fmin(s->y.high, fmax(low, shown)));
}

/* Series that share a name stand beside each other. */
static double x_at(const struct sweep *s, const struct sweep_series *v, double x)
{
    enum { WIDE = 26 };
    const double place = (double)(v - s->series) - (s->n_series - 1) / 2.0;
    const double slot = (s->x.to - s->x.from) / s->x.n_ticks;
    return axis_at(&s->x, x) +
           (has_names(s) ? place * fmin(WIDE, 0.8 * slot / s->n_series) : 0);
}

static void make_key(struct sweep_layout *l)
{
    static const struct pen closed_form = {COLOR_BLACK, "solid", 1.5};
    const struct sweep *s = l->s;
    const struct series_look *look = series_look(0);
    const int lang = s->source.lang;
    if (has_names(s) && s->n_series > 1)
        for (int i = 0; i < s->n_series; i++)
            l->key[l->n_key++] =
                (struct key_item){s->series[i].label, NULL, series_look(i)->shape,
                                  series_look(i)->pen.color, false};
    int n = snprintf(l->means, sizeof(l->means), s->most_runs > 1 ? "%s (%d %s)" : "%s",
                     word_in(lang, s->most_runs > 1 ? WORD_MEAN : WORD_MEASURED), s->most_runs,
                     word_in(lang, WORD_RUNS));
    if (l->any_half)
        snprintf(l->means + n, sizeof(l->means) - (size_t)n, ", %g%% %s",
                 (double)s->source.req->band / (double)FRACTION_ONE * 100,
                 word_in(lang, WORD_INTERVAL));
    l->key[l->n_key++] = (struct key_item){
        l->means, NULL, look->shape, s->n_series > 1 ? COLOR_GREY : look->pen.color, false};
    if (l->any_want)
        l->key[l->n_key++] =
            (struct key_item){word_in(lang, WORD_CLOSED_FORM), &closed_form, 0, NULL, false};
    if (l->any_broken)
        l->key[l->n_key++] = (struct key_item){word_in(lang, WORD_NOT_HELD), NULL, MARK_RING,
                                               COLOR_VERMILLION, false};
}

static void lay_out(struct sweep_layout *l)
{
    struct sweep *s = l->s;
    double label_room = 2 * MARGIN;
    choose_y(l);
    make_key(l);
    l->left = chart_left_room(&s->y) + 10;
    for (int i = 0; has_end_labels(s) && i < s->n_series; i++)
        label_room = fmax(label_room, font_width(s->series[i].label, SIZE_KEY, false) +
                                          LABEL_ROOM + MARGIN);
    l->top = KEY_TOP + key_height(l->key, l->n_key, SPAN) + 18;
    s->x.from = l->left;
    s->x.to = l->left + SPAN;
    s->y.to = l->top;
    s->y.from = l->top + HEIGHT;
    l->width = fmax(s->x.to + label_room,
                    font_width(s->source.title, SIZE_CHART_TITLE, false) + 2 * MARGIN);
    l->height = s->y.from + chart_bottom_room(&s->x, SPAN) + 10;
}

/* The points of a series that have a mean (or a want), as pixels. Returns their number. */
struct track {
    double *x, *y, *low, *high;
    size_t n;
};

static struct track track_of(const struct sweep *s, const struct sweep_series *v, bool wants)
{
    struct track t = {
        mem_zeroed(v->n_points, sizeof(double)), mem_zeroed(v->n_points, sizeof(double)),
        mem_zeroed(v->n_points, sizeof(double)), mem_zeroed(v->n_points, sizeof(double)), 0};
    for (const struct sweep_point *p = v->points; p < v->points + v->n_points; p++) {
        if (wants ? isnan(p->want) : p->n == 0)
            continue;
        t.x[t.n] = x_at(s, v, p->x);
        t.y[t.n] = y_at(s, wants ? p->want : p->mean);
        t.low[t.n] = y_at(s, p->mean - p->half);
        t.high[t.n] = y_at(s, p->mean + p->half);
        t.n++;
    }
    return t;
}

static void track_free(struct track *t)
{
    free(t->x);
    free(t->y);
    free(t->low);
    free(t->high);
}

/* The closed form where there is one, else what was measured, joined. */
static void draw_line(struct canvas *c, const struct sweep *s, const struct sweep_series *v,
                      const struct series_look *look)
{
    struct track wants = track_of(s, v, true), means = track_of(s, v, false);
    const struct pen *pen =
        s->n_series > 1 ? &look->pen : &(struct pen){COLOR_BLACK, "solid", 1.5};
    const struct track *t = wants.n > 0 ? &wants : &means;
    for (size_t i = 0; has_names(s) && i < wants.n; i++)
        canvas_curve(c, (double[]){wants.x[i] - DASH, wants.x[i] + DASH},
                     (double[]){wants.y[i], wants.y[i]}, 2,
                     &(struct pen){COLOR_BLACK, "solid", 1.5});
    if (!has_names(s) && t->n > 1)
        canvas_curve(c, t->x, t->y, t->n, wants.n > 0 ? pen : &look->pen);
    track_free(&wants);
    track_free(&means);
}

static void draw_band(struct canvas *c, const struct sweep *s, const struct sweep_series *v,
                      const struct series_look *look)
{
    struct track t = track_of(s, v, false);
    if (!has_names(s) && t.n > 1)
        canvas_band(c, t.x, t.low, t.high, t.n, look->tint);
    track_free(&t);
}

static void draw_bars(struct canvas *c, const struct track *t, const char *color)
{
    const struct pen pen = {color, "solid", 1.5};
    for (size_t i = 0; i < t->n; i++) {
        const double x = t->x[i], low = t->low[i], high = t->high[i];
        if (low == high)
            continue;
        canvas_curve(c, (double[]){x - CAP, x + CAP, x, x, x - CAP, x + CAP},
                     (double[]){low, low, low, high, high, high}, 6, &pen);
    }
}

static void draw_points(struct canvas *c, const struct sweep *s, const struct sweep_series *v,
                        const struct series_look *look)
{
    struct track t = track_of(s, v, false);
    draw_bars(c, &t, look->pen.color);
    if (t.n > 0)
        canvas_marks(c, t.x, t.y, t.n, look->shape, MARK_SIZE, look->pen.color);
    track_free(&t);
    for (const struct sweep_point *p = v->points; p < v->points + v->n_points; p++) {
        const double x = x_at(s, v, p->x), y = y_at(s, p->n > 0 ? p->mean : p->want);
        if (p->is_broken && !isnan(y))
            canvas_marks(c, &x, &y, 1, MARK_RING, RING_SIZE, COLOR_VERMILLION);
    }
}

/* The last point of a line, of what was measured or wanted. */
static double end_of(const struct sweep *s, const struct sweep_series *v, double *x)
{
    struct track t = track_of(s, v, false);
    const double y = t.n > 0 ? t.y[t.n - 1] : s->y.from;
    *x = t.n > 0 ? t.x[t.n - 1] : s->x.to;
    track_free(&t);
    return y;
}

static void draw_labels(struct canvas *c, const struct sweep *s)
{
    double y[SWEEP_SERIES], end_x[SWEEP_SERIES], end_y[SWEEP_SERIES];
    int order[SWEEP_SERIES];
    for (int i = 0; i < s->n_series; i++) { /* sorted by insertion: there are few */
        end_y[i] = end_of(s, &s->series[i], &end_x[i]);
        int k = i;
        for (; k > 0 && end_y[order[k - 1]] > end_y[i]; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (int i = 0; i < s->n_series; i++)
        y[i] = end_y[order[i]];
    keep_apart(y, s->n_series, LABEL_APART, s->y.to, s->y.from);
    for (int i = 0; i < s->n_series; i++) {
        const struct series_look *look = series_look(order[i]);
        const struct pen thin = {look->pen.color, "solid", 1};
        const double mark_x = s->x.to + LABEL_ROOM - 14;
        canvas_curve(c, (double[]){end_x[order[i]] + 8, s->x.to + 22, mark_x},
                     (double[]){end_y[order[i]], y[i], y[i]}, 3, &thin);
        canvas_marks(c, &mark_x, &y[i], 1, look->shape, MARK_SIZE, look->pen.color);
        canvas_text(c, s->x.to + LABEL_ROOM, y[i], ANCHOR_LEFT, 0, &CHART_KEY,
                    s->series[order[i]].label);
    }
}

static void draw_all(struct canvas *c, const struct sweep_layout *l)
{
    const struct sweep *s = l->s;
    char x_title[128], y_title[200];
    measure_title(s->params.keys[s->params.x], &s->x_measure, x_title, sizeof(x_title));
    measure_title(s->source.req->n_of == 1 ? s->source.req->of[0] : "", &s->y_measure, y_title,
                  sizeof(y_title));
    canvas_text(c, l->width / 2, 28, ANCHOR_CENTER, 0, &CHART_TITLE, s->source.title);
    key_draw(c, l->key, l->n_key, l->left, KEY_TOP, SPAN);
    chart_frame(c, &s->x, l->left, s->x.to, &s->y, x_title, y_title);
    for (int i = 0; i < s->n_series; i++)
        draw_band(c, s, &s->series[i], series_look(i));
    for (int i = 0; i < s->n_series; i++)
        draw_line(c, s, &s->series[i], series_look(i));
    for (int i = 0; i < s->n_series; i++)
        draw_points(c, s, &s->series[i], series_look(i));
    if (has_end_labels(s))
        draw_labels(c, s);
}

int sweep_draw(const struct plot_request *req, struct err *e)
{
    struct sweep s;
    struct canvas c;
    struct sweep_layout l = {.s = &s};
    int rc = sweep_load(&s, req, e);
    if (rc == 0) {
        lay_out(&l);
        rc = canvas_begin(&c, req->out_path, ceil(l.width), ceil(l.height), e);
    }
    if (rc == 0) {
        draw_all(&c, &l);
        rc = canvas_finish(&c, req->out_path, e);
    }
    sweep_free(&s);
    return rc;
}
