/* SPDX-License-Identifier: GPL-3.0-or-later
 * gnuplot.h -- a picture on a canvas of pixels, drawn by a gnuplot process that reads its
 * script from a pipe.
 *
 * The canvas is width x height with y downwards, the same in PNG, SVG and PDF; no file is left
 * but the picture, and that only when it is whole.
 */
#pragma once
#include "sim/err.h"
#include <stdbool.h>
#include <stdio.h>

struct canvas {
    FILE *script; /* collects the commands */
    FILE *plots;  /* and what the plot command says of the data, in the order of drawing */
    char *text, *plots_text;
    size_t size, plots_size;
    int n_data;         /* blocks of data so far */
    const char *format; /* "png", "svg", "pdf" */
};

struct pen {
    const char *color; /* "#0072B2" */
    const char *dash;  /* "solid", or lengths "12,6" */
    double width;      /* pixels */
};

/* Sizes of marks are in pixels, about; rings and crosses are lines, the rest is filled. */
enum mark_shape {
    MARK_CIRCLE,
    MARK_SQUARE,
    MARK_TRIANGLE,
    MARK_DIAMOND,
    MARK_WEDGE, /* a triangle that points down */
    MARK_RING,
    MARK_CROSS,
    N_MARK_SHAPES,
};

enum anchor { ANCHOR_LEFT, ANCHOR_CENTER, ANCHOR_RIGHT };
struct type_style {
    double size; /* pixels */
    const char *color;
    bool bold;
};

/* Begins a picture; the format is that of out_path's ending. -1 with e: another ending. */
int canvas_begin(struct canvas *c, const char *out_path, double width, double height,
                 struct err *e);
void canvas_line(struct canvas *c, double x1, double y1, double x2, double y2,
                 const struct pen *pen);
/* A filled arrow head whose point is (x2, y2), seen from (x1, y1). */
void canvas_head(struct canvas *c, double x1, double y1, double x2, double y2,
                 const char *color);
void canvas_dot(struct canvas *c, double x, double y, double radius, const char *color);
/* Paints a rectangle white, over lines drawn before. */
void canvas_blank(struct canvas *c, double x, double y, double width, double height);
/* Data: any number of points in one piece. It lies over lines and boxes, under texts and dots;
 * what comes later lies over what came before. */
void canvas_curve(struct canvas *c, const double *x, const double *y, size_t n,
                  const struct pen *pen);
/* A curve that keeps its height up to the next point. */
void canvas_steps(struct canvas *c, const double *x, const double *y, size_t n,
                  const struct pen *pen);
/* What lies between two curves. */
void canvas_band(struct canvas *c, const double *x, const double *low, const double *high,
                 size_t n, const char *color);
/* A filled rectangle; (x, y) is its middle, as of canvas_blank. */
void canvas_box(struct canvas *c, double x, double y, double width, double height,
                const char *color);
void canvas_marks(struct canvas *c, const double *x, const double *y, size_t n,
                  enum mark_shape shape, double size, const char *color);
/* (x, y): the middle of the text's height, at its left, centre or right; angle in radians,
 * counterclockwise. */
void canvas_text(struct canvas *c, double x, double y, enum anchor anchor, double angle,
                 const struct type_style *style, const char *text);
/* Runs gnuplot and puts the picture at out_path. 0, or -1 with e: no gnuplot, its message, not
 * writable. */
int canvas_finish(struct canvas *c, const char *out_path, struct err *e);
