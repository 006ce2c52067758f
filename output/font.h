/* SPDX-License-Identifier: GPL-3.0-or-later
 * font.h -- how wide a text is in the fonts of our pictures, known before they are drawn:
 * labels must not collide.
 *
 * Advance widths of DejaVu Sans and DejaVu Sans Bold (fonts-dejavu-core); other characters
 * count as wide as the em (CJK ideographs are). Not modelled: kerning, which only narrows.
 */
#pragma once
#include <stdbool.h>

/* Width in the unit of size (pixels) of an UTF-8 text. */
double font_width(const char *text, double size, bool bold);

/* True when text has characters that need a CJK font. */
bool font_is_cjk(const char *text);
