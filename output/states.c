/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/states.h"

#include <math.h>
#include <stdlib.h>

#include "output/font.h"
#include "output/ladder.h"
#include "output/memory.h"
#include "output/words.h"

enum { BAR_HEIGHT = 24, BAR_PITCH = 34, ABOVE = 20, HEADING = 34, MOST_WIDTH = 1250 };
enum { MARGIN = 20, TOP_ROOM = 56, SIZE_BAR_TEXT = 13, INSET = 6, BETWEEN_TICKS = 12 };

struct states_layout {
    const struct states *s;
    struct warp warp;
    struct time_format format;
    double *y; /* [bar]: its middle */
    double left, width, height, axis_y;
    bool unnamed[16]; /* [rank]: some stay of this state has no room for its name */
};

static const struct type_style BAR_LABEL = {SIZE_AXIS, COLOR_BLACK, false},
                               INSTANT_LABEL = {SIZE_TICK, COLOR_GREY, false},
                               CUT_LABEL = {SIZE_TICK, COLOR_VERMILLION, false};

/* "TIME-WAIT 60 s"; of one that the run's end cut short "≥ 60 s". */
static void full_text(const struct stay *stay, char *buf, size_t size)
{
    char wait[40];
    ladder_duration(stay->until - stay->from, wait, sizeof(wait));
    snprintf(buf, size, "%s %s%s", stay->style->name, stay->is_open ? "≥ " : "",
             stay->until == stay->from ? "0 s" : wait);
}

static double text_width(const char *text)
{
    return font_width(text, SIZE_BAR_TEXT, false) + 2 * INSET;
}

static double tick_width(const struct states_layout *l, uint32_t i)
{
    char text[64];
    time_text(&l->format, l->warp.at[i], text, sizeof(text));
    return font_width(text, SIZE_TICK, false);
}

static void cut_text(const struct states_layout *l, uint32_t i, char *buf, size_t size)
{
    char wait[40];
    ladder_duration(l->warp.at[i + 1] - l->warp.at[i], wait, sizeof(wait));
    snprintf(buf, size, "≈ %s", wait);
}

static void add_instants(struct states_layout *l)
{
    warp_add(&l->warp, 0);
    for (const struct state_bar *b = l->s->bars; b < l->s->bars + l->s->n_bars; b++) {
        for (const struct stay *stay = b->stays; stay < b->stays + b->n_stays; stay++) {
            warp_add(&l->warp, stay->from);
            warp_add(&l->warp, stay->until);
        }
    }
}

/* Room for the instants' texts, then for the states' names, then for how long they lasted, as
 * far as the picture may grow. */
static void widen(struct states_layout *l)
{
    struct warp *w = &l->warp;
    char text[128];
    for (uint32_t i = 0; i + 1 < w->n; i++) {
        double need = (tick_width(l, i) + tick_width(l, i + 1)) / 2 + BETWEEN_TICKS;
        if (w->cut[i]) {
            cut_text(l, i, text, sizeof(text));
            need += font_width(text, SIZE_TICK, false) + BETWEEN_TICKS;
        }
        warp_widen(w, w->at[i], w->at[i + 1], need);
    }
    for (int full = 0; full <= 1; full++) {
        for (const struct state_bar *b = l->s->bars; b < l->s->bars + l->s->n_bars; b++) {
            for (const struct stay *stay = b->stays; stay < b->stays + b->n_stays; stay++) {
                full_text(stay, text, sizeof(text));
                warp_widen(w, stay->from, stay->until,
                           text_width(full ? text : stay->style->name));
            }
        }
    }
}

static bool has_moment(const struct state_bar *b)
{
    bool any = false;
    for (uint32_t i = 0; i < b->n_stays; i++)
        any = any || b->stays[i].from == b->stays[i].until;
    return any;
}

static void stack(struct states_layout *l, double top)
{
    const struct states *s = l->s;
    double y = top;
    for (uint32_t i = 0; i < s->n_bars; i++) {
        if (s->source.n_runs > 1 && (i == 0 || s->bars[i].run != s->bars[i - 1].run))
            y += HEADING;
        y += has_moment(&s->bars[i]) ? ABOVE : 0;
        l->y[i] = y + BAR_PITCH / 2.0;
        y += BAR_PITCH;
    }
    l->axis_y = y + 8;
    l->height = l->axis_y + 62;
}

/* What a stay's bar says: as much as there is room for; NULL: nothing. */
static const char *stay_text(const struct states_layout *l, const struct stay *stay, char *buf,
                             size_t size)
{
    const double room = warp_x(&l->warp, stay->until) - warp_x(&l->warp, stay->from);
    full_text(stay, buf, size);
    return text_width(buf) <= room + 0.01                 ? buf
           : text_width(stay->style->name) <= room + 0.01 ? stay->style->name
                                                          : NULL;
}

static int make_key(struct states_layout *l, struct key_item items[16])
{
    char buf[128];
    int n = 0;
    for (const struct state_bar *b = l->s->bars; b < l->s->bars + l->s->n_bars; b++)
        for (const struct stay *stay = b->stays; stay < b->stays + b->n_stays; stay++)
            if (stay->from < stay->until && stay_text(l, stay, buf, sizeof(buf)) == NULL)
                l->unnamed[state_rank(stay->style->name)] = true;
    for (const struct state_bar *b = l->s->bars; b < l->s->bars + l->s->n_bars; b++) {
        for (const struct stay *stay = b->stays; stay < b->stays + b->n_stays; stay++) {
            bool *unnamed = &l->unnamed[state_rank(stay->style->name)];
            if (*unnamed)
                items[n++] = (struct key_item){
                    .text = stay->style->name, .color = stay->style->color, .is_box = true};
            *unnamed = false;
        }
    }
    return n;
}

static void draw_stay(struct canvas *c, const struct states_layout *l, const struct stay *stay,
                      double y)
{
    char buf[128];
    const double from = l->left + warp_x(&l->warp, stay->from),
                 to = l->left + warp_x(&l->warp, stay->until);
    if (from == to)
        return;
    canvas_box(c, (from + to) / 2, y, to - from - 1, BAR_HEIGHT, stay->style->color);
    const char *text = stay_text(l, stay, buf, sizeof(buf));
    const struct type_style style = {SIZE_BAR_TEXT, stay->style->text_color, false};
    if (text != NULL)
        canvas_text(c, (from + to) / 2, y, ANCHOR_CENTER, 0, &style, text);
}

/* States that were left at once have no width: a line and a text above the bar. Returns the
 * right end of the last text. */
static double draw_moments(struct canvas *c, const struct states_layout *l,
                           const struct state_bar *b, double y)
{
    static const struct pen pen = {COLOR_BLACK, "solid", 2};
    static const struct type_style style = {SIZE_BAR_TEXT, COLOR_BLACK, false};
    char text[128];
    double free_from = 0;
    for (const struct stay *stay = b->stays; stay < b->stays + b->n_stays; stay++) {
        if (stay->from != stay->until)
            continue;
        full_text(stay, text, sizeof(text));
        const double x = l->left + warp_x(&l->warp, stay->from);
        const double width = font_width(text, SIZE_BAR_TEXT, false);
        const double left = fmax(free_from, x - width / 2);
        if (c != NULL) {
            canvas_curve(c, (double[]){x, x},
                         (double[]){y - BAR_HEIGHT / 2.0 - 5, y + BAR_HEIGHT / 2.0}, 2, &pen);
            canvas_text(c, left, y - BAR_HEIGHT / 2.0 - 13, ANCHOR_LEFT, 0, &style, text);
        }
        free_from = left + width + 10;
    }
    return free_from;
}

/* Instants with texts that keep clear of each other, the last one first of all. Where there are
 * FEW the others have ticks too. */
static void draw_ticks(struct canvas *c, const struct states_layout *l)
{
    enum { FEW = 40 };
    static const struct pen grid = {COLOR_GRID, "solid", 1}, line = {COLOR_BLACK, "solid", 1};
    const struct warp *w = &l->warp;
    char text[64];
    double free_from = -INFINITY;
    const double last_from = warp_width(w) - tick_width(l, w->n - 1) / 2;
    for (uint32_t i = 0; i < w->n; i++) {
        const double half = tick_width(l, i) / 2, x = l->left + w->x[i];
        const bool is_told =
            w->x[i] - half >= free_from &&
            (i + 1 == w->n || w->x[i] + half + BETWEEN_TICKS / 2.0 <= last_from);
        if (is_told || w->n <= FEW) {
            canvas_line(c, x, l->y[0] - BAR_PITCH / 2.0, x, l->axis_y, &grid);
            canvas_line(c, x, l->axis_y, x, l->axis_y + 5, &line);
        }
        if (!is_told)
            continue;
        time_text(&l->format, w->at[i], text, sizeof(text));
        canvas_text(c, x, l->axis_y + 16, ANCHOR_CENTER, 0, &INSTANT_LABEL, text);
        free_from = w->x[i] + half + BETWEEN_TICKS / 2.0;
    }
}

static void draw_axis(struct canvas *c, const struct states_layout *l)
{
    static const struct pen line = {COLOR_BLACK, "solid", 1};
    const struct warp *w = &l->warp;
    const double right = l->left + warp_width(w);
    char text[64];
    bool any_cut = false;
    draw_ticks(c, l);
    canvas_line(c, l->left, l->axis_y, right, l->axis_y, &line);
    for (uint32_t i = 0; i + 1 < w->n; i++) {
        if (!w->cut[i])
            continue;
        const double middle = l->left + (w->x[i] + w->x[i + 1]) / 2;
        any_cut = true;
        chart_cut(c, middle, l->axis_y, false);
        cut_text(l, i, text, sizeof(text));
        if (font_width(text, SIZE_TICK, false) + 2 * BETWEEN_TICKS <=
            w->x[i + 1] - w->x[i] - (tick_width(l, i) + tick_width(l, i + 1)) / 2)
            canvas_text(c, middle, l->axis_y + 16, ANCHOR_CENTER, 0, &CUT_LABEL, text);
    }
    const enum word words[2][2] = {{WORD_TIME_S, WORD_TIME_MS},
                                   {WORD_TIME_CUT_S, WORD_TIME_CUT_MS}};
    canvas_text(c, (l->left + right) / 2, l->axis_y + 42, ANCHOR_CENTER, 0, &CHART_AXIS,
                word_in(l->s->source.lang, words[any_cut][l->format.in_ms]));
}

static void draw_bars(struct canvas *c, const struct states_layout *l)
{
    const struct states *s = l->s;
    for (uint32_t i = 0; i < s->n_bars; i++) {
        const struct state_bar *b = &s->bars[i];
        if (s->source.n_runs > 1 && (i == 0 || b->run != s->bars[i - 1].run))
            canvas_text(c, MARGIN,
                        l->y[i] - (has_moment(b) ? ABOVE : 0) - (BAR_PITCH + HEADING) / 2.0 + 2,
                        ANCHOR_LEFT, 0, &CHART_PANEL, s->source.runs[b->run].title);
        canvas_text(c, l->left - 12, l->y[i], ANCHOR_RIGHT, 0, &BAR_LABEL, b->label);
        for (uint32_t k = 0; k < b->n_stays; k++)
            draw_stay(c, l, &b->stays[k], l->y[i]);
        draw_moments(c, l, b, l->y[i]);
    }
}

static double right_end(const struct states_layout *l)
{
    double right = l->left + warp_width(&l->warp) + tick_width(l, l->warp.n - 1) / 2;
    for (uint32_t i = 0; i < l->s->n_bars; i++)
        right = fmax(right, draw_moments(NULL, l, &l->s->bars[i], l->y[i]));
    return right;
}

static void lay_out(struct states_layout *l)
{
    for (uint32_t i = 0; i < l->s->n_bars; i++)
        l->left = fmax(l->left, font_width(l->s->bars[i].label, SIZE_AXIS, false));
    l->left += MARGIN + 12;
    add_instants(l);
    warp_place(&l->warp, MOST_WIDTH);
    l->format = warp_format(&l->warp);
    widen(l);
    l->width = fmax(right_end(l) + MARGIN,
                    font_width(l->s->source.title, SIZE_CHART_TITLE, false) + 2 * MARGIN);
}

static int draw(const struct states *s, const char *out_path, struct err *e)
{
    struct canvas canvas;
    struct key_item key[16];
    struct states_layout l = {.s = s, .y = mem_zeroed(s->n_bars, sizeof(*l.y))};
    lay_out(&l);
    const int n_key = make_key(&l, key);
    const double key_top = TOP_ROOM, key_width = l.width - 2 * MARGIN;
    stack(&l, key_top + key_height(key, n_key, key_width));
    int rc = canvas_begin(&canvas, out_path, ceil(l.width), ceil(l.height), e);
    if (rc == 0) {
        canvas_text(&canvas, l.width / 2, 28, ANCHOR_CENTER, 0, &CHART_TITLE, s->source.title);
        key_draw(&canvas, key, n_key, MARGIN, key_top - 8, key_width);
        draw_axis(&canvas, &l);
        draw_bars(&canvas, &l);
        rc = canvas_finish(&canvas, out_path, e);
    }
    warp_free(&l.warp);
    free(l.y);
    return rc;
}

int states_draw(const struct plot_request *req, struct err *e)
{
    struct states s;
    int rc = states_load(&s, req, e);
    if (rc == 0)
        rc = s.is_crowded ? dwell_draw(req, e) : draw(&s, req->out_path, e);
    states_free(&s);
    return rc;
}
