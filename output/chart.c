/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/chart.h"

#include <math.h>

#include "output/font.h"

const struct type_style CHART_TITLE = {SIZE_CHART_TITLE, COLOR_BLACK, false},
                        CHART_PANEL = {SIZE_PANEL, COLOR_BLACK, true},
                        CHART_AXIS = {SIZE_AXIS, COLOR_BLACK, false},
                        CHART_TICK = {SIZE_TICK, COLOR_GREY, false},
                        CHART_KEY = {SIZE_KEY, COLOR_BLACK, false};

/* clang-format off */
static const struct series_look LOOKS[N_SERIES_LOOKS] = {
    {{COLOR_BLUE, "solid", 2}, MARK_CIRCLE, "#CCE3F0"},
    {{COLOR_VERMILLION, "8,4", 2}, MARK_SQUARE, "#F7DFCC"},
    {{COLOR_GREEN, "2,3", 2.5}, MARK_TRIANGLE, "#CCECE3"},
    {{COLOR_PURPLE, "12,4,2,4", 2}, MARK_DIAMOND, "#EEDAEB"},
    {{COLOR_BLACK, "solid", 1.5}, MARK_WEDGE, "#D9D9D9"},
    {{COLOR_ORANGE, "solid", 3}, MARK_SQUARE, "#FAECCC"},
    {{COLOR_SKY, "10,3", 3}, MARK_DIAMOND, "#DDF0FB"},
    {{COLOR_GREY, "4,2", 2}, MARK_TRIANGLE, "#DEDEDE"},
};
/* clang-format on */

const struct series_look *series_look(int i)
{
    return &LOOKS[i % N_SERIES_LOOKS];
}

double axis_text_width(const struct axis *a)
{
    double width = 0;
    for (int i = 0; i < a->n_ticks; i++)
        width = fmax(width, font_width(a->ticks[i].text, SIZE_TICK, false));
    return width;
}

enum { TICK_LENGTH = 5, TICK_ROOM = 9, TITLE_ROOM = 30 };
static const double TURN = 0.6; /* of long names, in radians */

double chart_left_room(const struct axis *y)
{
    return axis_text_width(y) + TICK_ROOM + TITLE_ROOM;
}

/* Names that are wider than their places are turned. */
static bool is_turned(const struct axis *x, double width)
{
    enum { BETWEEN = 10 };
    return x->scale == SCALE_NAMES && axis_text_width(x) + BETWEEN > width / x->n_ticks;
}

double chart_bottom_room(const struct axis *x, double width)
{
    enum { PLAIN = 50 };
    return PLAIN + (is_turned(x, width) ? axis_text_width(x) * sin(TURN) : 0);
}

void chart_cut(struct canvas *c, double x, double y, bool is_upright)
{
    static const struct pen pen = {COLOR_BLACK, "solid", 1.5};
    const double dx = is_upright ? 6 : 3, dy = is_upright ? -3 : -6;
    canvas_blank(c, x, y, is_upright ? 6 : 8, is_upright ? 8 : 6);
    for (int side = -4; side <= 4; side += 8) {
        const double mx = x + (is_upright ? 0 : side), my = y + (is_upright ? side : 0);
        canvas_line(c, mx - dx, my - dy, mx + dx, my + dy, &pen);
    }
}

static void draw_y(struct canvas *c, double left, double right, const struct axis *y)
{
    static const struct pen grid = {COLOR_GRID, "solid", 1}, line = {COLOR_BLACK, "solid", 1};
    for (int i = 0; i < y->n_ticks; i++) {
        const double at = axis_at(y, y->ticks[i].at);
        canvas_line(c, left, at, right, at, &grid);
        canvas_line(c, left - TICK_LENGTH, at, left, at, &line);
        canvas_text(c, left - TICK_ROOM, at, ANCHOR_RIGHT, 0, &CHART_TICK, y->ticks[i].text);
    }
    canvas_line(c, left, y->from, left, y->to, &line);
    if (y->has_zero)
        chart_cut(c, left, y->from - AXIS_ZERO_ROOM / 2.0, true);
}

static void draw_x(struct canvas *c, const struct axis *x, double y)
{
    enum { NAME_DOWN = 16 };
    static const struct pen line = {COLOR_BLACK, "solid", 1};
    const bool turned = is_turned(x, x->to - x->from);
    for (int i = 0; i < x->n_ticks; i++) {
        const double at = axis_at(x, x->ticks[i].at);
        canvas_line(c, at, y, at, y + TICK_LENGTH, &line);
        canvas_text(c, at, y + NAME_DOWN, turned ? ANCHOR_RIGHT : ANCHOR_CENTER,
                    turned ? TURN : 0, &CHART_TICK, x->ticks[i].text);
    }
}

void chart_frame(struct canvas *c, const struct axis *x, double left, double right,
                 const struct axis *y, const char *x_title, const char *y_title)
{
    static const struct pen line = {COLOR_BLACK, "solid", 1};
    draw_y(c, left, right, y);
    canvas_line(c, left, y->from, right, y->from, &line);
    canvas_text(c, left - axis_text_width(y) - TICK_ROOM - 16, (y->from + y->to) / 2,
                ANCHOR_CENTER, M_PI / 2, &CHART_AXIS, y_title);
    if (x == NULL)
        return;
    draw_x(c, x, y->from);
    canvas_text(c, (left + right) / 2, y->from + chart_bottom_room(x, x->to - x->from) - 12,
                ANCHOR_CENTER, 0, &CHART_AXIS, x_title);
}

void keep_apart(double *y, int n, double apart, double low, double high)
{
    for (int i = 0; i < n; i++) /* down, then what hangs over the end up again */
        y[i] = fmax(i > 0 ? y[i - 1] + apart : low, y[i]);
    for (int i = n - 1; i >= 0; i--)
        y[i] = fmin(i + 1 < n ? y[i + 1] - apart : high, y[i]);
}

enum { KEY_SAMPLE = 36, KEY_BOX = 14, KEY_GAP = 7, KEY_BETWEEN = 26, KEY_LINE = 22 };

static double item_width(const struct key_item *item)
{
    return (item->is_box ? KEY_BOX : KEY_SAMPLE) + KEY_GAP +
           font_width(item->text, SIZE_KEY, false);
}

/* The item's place; x and y begin at the top left. */
static void key_next(const struct key_item *item, double left, double width, double *x,
                     double *y)
{
    if (*x > left && *x + item_width(item) > left + width) {
        *x = left;
        *y += KEY_LINE;
    }
}

double key_height(const struct key_item *items, int n, double width)
{
    double x = 0, y = 0;
    for (int i = 0; i < n; i++) {
        key_next(&items[i], 0, width, &x, &y);
        x += item_width(&items[i]) + KEY_BETWEEN;
    }
    return n > 0 ? y + KEY_LINE : 0;
}

static void draw_item(struct canvas *c, const struct key_item *item, double x, double y)
{
    const double sample = item->is_box ? KEY_BOX : KEY_SAMPLE;
    const double middle = x + sample / 2;
    if (item->pen != NULL)
        canvas_line(c, x, y, x + sample, y, item->pen);
    if (item->is_box)
        canvas_box(c, middle, y, sample, KEY_BOX, item->color);
    else if (item->color != NULL)
        canvas_marks(c, &middle, &y, 1, item->shape, 9, item->color);
    canvas_text(c, x + sample + KEY_GAP, y, ANCHOR_LEFT, 0, &CHART_KEY, item->text);
}

void key_draw(struct canvas *c, const struct key_item *items, int n, double left, double top,
              double width)
{
    double x = left, y = top + KEY_LINE / 2.0;
    for (int i = 0; i < n; i++) {
        key_next(&items[i], left, width, &x, &y);
        draw_item(c, &items[i], x, y);
        x += item_width(&items[i]) + KEY_BETWEEN;
    }
}
