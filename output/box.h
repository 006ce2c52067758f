/* SPDX-License-Identifier: GPL-3.0-or-later
 * box.h -- turned rectangles on a canvas: do two labels overlap, does a line run through one.
 */
#pragma once
#include <stdbool.h>

/* A text's rectangle about its centre, turned by angle (radians, counterclockwise on a screen
 * with y down). */
struct box {
    double x, y, width, height, angle;
};

/* True when the two overlap; touching edges do not. */
bool box_overlap(const struct box *a, const struct box *b);

/* True when the segment from (x1, y1) to (x2, y2) enters the box. */
bool box_crossed(const struct box *b, double x1, double y1, double x2, double y2);
