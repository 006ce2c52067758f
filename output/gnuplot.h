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
    char *text;
    size_t size;
    const char *format; /* "png", "svg", "pdf" */
};

struct pen {
    const char *color; /* "#0072B2" */
    const char *dash;  /* "solid", or lengths "12,6" */
    double width;      /* pixels */
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
/* (x, y): the middle of the text's height, at its left, centre or right; angle in radians,
 * counterclockwise. */
void canvas_text(struct canvas *c, double x, double y, enum anchor anchor, double angle,
                 const struct type_style *style, const char *text);
/* Runs gnuplot and puts the picture at out_path. 0, or -1 with e: no gnuplot, its message, not
 * writable. */
int canvas_finish(struct canvas *c, const char *out_path, struct err *e);
