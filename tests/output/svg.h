/* SPDX-License-Identifier: GPL-3.0-or-later
 * svg.h -- reads the texts of a gnuplot SVG and tells which of them overlap, as a reader would
 * see it.
 *
 *   <g transform="translate(x,y) rotate(a)" ... font-size="14.00"
 * text-anchor="middle"><text><tspan ...>words</tspan></text>
 */
#pragma once
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "output/box.h"
#include "output/font.h"
#include "tests/check.h"

enum { SVG_TEXTS = 2000 };

struct svg_text {
    char words[200];
    double angle; /* degrees, clockwise as SVG counts */
    struct box ink;
};

struct svg {
    struct svg_text texts[SVG_TEXTS];
    int n;
};

static inline double svg_number(const char *from, const char *end, const char *name,
                                double otherwise)
{
    const char *at = strstr(from, name);
    return at != NULL && at < end ? strtod(at + strlen(name), NULL) : otherwise;
}

/* The characters between tags, up to </text>. */
static inline void svg_words(const char *text, char *out, size_t size)
{
    size_t n = 0;
    bool in_tag = false;
    for (const char *p = text; strncmp(p, "</text>", 7) != 0 && *p != '\0' && n + 1 < size;
         p++) {
        in_tag = *p == '<' || (in_tag && p[-1] != '>');
        if (!in_tag && *p != '\n' && *p != '\t')
            out[n++] = *p;
    }
    out[n] = '\0';
}

/* Between the tops of capitals and the feet of g: 0.73 em above the baseline, 0.21 em below. */
static inline struct box svg_ink(const char *g, const char *end, const char *words,
                                 double angle)
{
    const double x = svg_number(g, end, "translate(", 0),
                 size = svg_number(g, end, "font-size=\"", 12);
    const char *comma = strchr(strstr(g, "translate("), ',');
    const double y = strtod(comma + 1, NULL), turn = angle * M_PI / 180;
    const bool bold = strstr(end, "font-weight=\"bold\"") != NULL &&
                      strstr(end, "font-weight=\"bold\"") < strstr(end, "</text>");
    const double width = font_width(words, size, bold);
    const char *anchor = strstr(g, "text-anchor=\"") + strlen("text-anchor=\"");
    const double along = *anchor == 's'   ? width / 2
                         : *anchor == 'e' ? -width / 2
                                          : 0,
                 up = -0.26 * size;
    return (struct box){x + along * cos(turn) - up * sin(turn),
                        y + along * sin(turn) + up * cos(turn), width, 0.94 * size, -turn};
}

static inline void svg_parse(struct svg *svg, const char *source)
{
    svg->n = 0;
    for (const char *text = strstr(source, "<text>"); text != NULL;
         text = strstr(text + 1, "<text>")) {
        const char *g = text;
        while (strncmp(g, "<g transform", 12) != 0)
            g--;
        struct svg_text *t = &svg->texts[svg->n];
        svg_words(text, t->words, sizeof(t->words));
        if (t->words[0] == '\0')
            continue;
        t->angle = svg_number(g, text, "rotate(", 0);
        t->ink = svg_ink(g, text, t->words, t->angle);
        svg->n++;
        assert_true(svg->n < SVG_TEXTS);
    }
}

/* How many pairs of texts overlap; tells the first when it is not wanted. */
static inline int svg_overlaps(const struct svg *svg, char first[500])
{
    int n = 0;
    first[0] = '\0';
    for (int i = 0; i < svg->n; i++) {
        for (int k = i + 1; k < svg->n; k++) {
            if (!box_overlap(&svg->texts[i].ink, &svg->texts[k].ink))
                continue;
            if (n++ == 0)
                snprintf(first, 500, "'%s' on '%s'", svg->texts[i].words, svg->texts[k].words);
        }
    }
    return n;
}

/* How many texts read exactly so. */
static inline int svg_count(const struct svg *svg, const char *words)
{
    int n = 0;
    for (int i = 0; i < svg->n; i++)
        n += strcmp(svg->texts[i].words, words) == 0;
    return n;
}

static inline const struct svg_text *svg_find(const struct svg *svg, const char *words)
{
    for (int i = 0; i < svg->n; i++)
        if (strcmp(svg->texts[i].words, words) == 0)
            return &svg->texts[i];
    return NULL;
}
