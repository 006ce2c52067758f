/* SPDX-License-Identifier: GPL-3.0-or-later
 * text.h -- how wide a text is in the fonts of our pictures, known before they are drawn: labels must not collide.
 *
 * Advance widths of DejaVu Sans and DejaVu Sans Bold (fonts-dejavu-core); other characters count as wide as the em
 * (CJK ideographs are). Not modelled: kerning, which only narrows.
 */
#pragma once
#include <stdbool.h>

/* Width in the unit of size (pixels) of an UTF-8 text. */
double text_width(const char *text, double size, bool bold);

/* True when text has characters that need a CJK font. */
bool text_is_cjk(const char *text);

/* A text's rectangle about its centre, turned by angle (radians, counterclockwise on a screen with y down). */
struct box {
    double x, y, width, height, angle;
};

/* True when the two overlap; touching edges do not. */
bool box_overlap(const struct box *a, const struct box *b);

/* True when the segment from (x1, y1) to (x2, y2) enters the box. */
bool box_crossed(const struct box *b, double x1, double y1, double x2, double y2);
