/* SPDX-License-Identifier: GPL-3.0-or-later
 * chart.h -- what the pictures with axes share: colours, a frame with ticks and titles, labels
 * that keep apart, the key.
 *
 *   title
 *   key: ---o--- mean, 95 %   - - - closed form
 *   y title |   .---- series label
 *           |__/_____
 *            x title
 */
#pragma once
#include "output/axis.h"
#include "output/gnuplot.h"
#include <stdbool.h>

/* clang-format off */
enum {
    SIZE_CHART_TITLE = 20, SIZE_PANEL = 15, SIZE_AXIS = 14, SIZE_TICK = 13, SIZE_KEY = 13,
    N_SERIES_LOOKS = 8,
};
/* clang-format on */

/* Okabe and Ito's colours, which colour-blind readers tell apart; no text is sky or orange. */
#define COLOR_BLUE       "#0072B2"
#define COLOR_VERMILLION "#D55E00"
#define COLOR_GREEN      "#009E73"
#define COLOR_PURPLE     "#AA4499"
#define COLOR_ORANGE     "#E69F00"
#define COLOR_SKY        "#56B4E9"
#define COLOR_BLACK      "#000000"
#define COLOR_GREY       "#5A5A5A"
#define COLOR_GRID       "#E4E4E4"

extern const struct type_style CHART_TITLE, CHART_PANEL, CHART_AXIS, CHART_TICK, CHART_KEY;

/* How the lines of a chart are told apart: by colour, dash and mark at once, so that they are
 * in grey too. Looks repeat after N_SERIES_LOOKS. */
struct series_look {
    struct pen pen;
    enum mark_shape shape;
    const char *tint; /* of the band around it: the colour on white */
};
const struct series_look *series_look(int i);

/* Axes at the left and the bottom with ticks, numbers and titles; y runs from a->from at the
 * bottom to a->to at the top. x NULL: a frame that shares the x axis of one below. grid: light
 * lines at y's ticks. */
void chart_frame(struct canvas *c, const struct axis *x, double left, double right,
                 const struct axis *y, const char *x_title, const char *y_title);

/* Blanks an axis line at (x, y) and marks that it is not to scale there. */
void chart_cut(struct canvas *c, double x, double y, bool is_upright);

/* The width of the widest tick text. */
double axis_text_width(const struct axis *a);

/* Room that a frame takes left of its y axis, and below its x axis: long names on the x axis
 * are turned. */
double chart_left_room(const struct axis *y);
double chart_bottom_room(const struct axis *x, double width);

/* Moves places of labels so that neighbours are at least `apart` from each other, in their
 * order, all between low and high if there is room; each as little as can be told simply. */
void keep_apart(double *y, int n, double apart, double low, double high);

/* A key: items from left to right, on as many lines as they need. */
struct key_item {
    const char *text;
    const struct pen *pen; /* a line; NULL: none */
    enum mark_shape shape;
    const char *color; /* of the mark, or the box; NULL: no mark */
    bool is_box;       /* a filled box instead of a mark */
};
/* The height that it takes. */
double key_height(const struct key_item *items, int n, double width);
void key_draw(struct canvas *c, const struct key_item *items, int n, double left, double top,
              double width);
