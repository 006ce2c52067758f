/* SPDX-License-Identifier: GPL-3.0-or-later
 * svg.h -- reads what a gnuplot SVG shows: texts, and which of them overlap, as a reader would
 * see it; marks, filled boxes and curves.
 *
 *   <g transform="translate(x,y) rotate(a)" ... font-size="14.00"
 * text-anchor="middle"><text><tspan ...>words</tspan></text>
 *   <use xlink:href='#gpPt6' transform='translate(x,y) scale(s)' color='rgb(  0, 114, 178)'/>
 *   <polygon fill = 'rgb(240, 228,  66)' points = 'x,y x,y x,y x,y '/>
 *   <path stroke='rgb(  0,   0,   0)'  d='Mx,y Lx,y Lx,y '/>
 */
#pragma once
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "output/box.h"
#include "output/font.h"
#include "tests/check.h"

enum { SVG_TEXTS = 2000, SVG_SHAPES = 3000, SVG_POINTS = 8000 };

struct svg_text {
    char words[200];
    double angle; /* degrees, clockwise as SVG counts */
    struct box ink;
};

/* A mark (its middle), a box (its extent), a curve (its extent and points). Colours are red *
 * 65536 + green * 256 + blue. */
struct svg_shape {
    int type; /* of a mark: gnuplot's number, from 0 */
    int color;
    double left, right, top, bottom;
    int n_points, first_point;
};

struct svg {
    double width, height;
    struct svg_text texts[SVG_TEXTS];
    int n;
    struct svg_shape marks[SVG_SHAPES], boxes[SVG_SHAPES], curves[SVG_SHAPES];
    int n_marks, n_boxes, n_curves;
    double x[SVG_POINTS], y[SVG_POINTS]; /* of all curves */
    int n_points;
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

static inline int svg_color(const char *text)
{
    int red = -1, green = -1, blue = -1;
    sscanf(text, "rgb(%d ,%d ,%d", &red, &green, &blue);
    return red << 16 | green << 8 | blue;
}

/* Reads "x,y x,y ..." with letters between them as a shape. */
static inline void svg_points(struct svg *svg, struct svg_shape *shape, const char *p)
{
    shape->first_point = svg->n_points;
    shape->left = shape->top = INFINITY;
    shape->right = shape->bottom = -INFINITY;
    for (; *p != '\'' && svg->n_points < SVG_POINTS; shape->n_points++, svg->n_points++) {
        char *end;
        const double x = strtod(p + strspn(p, " MLZ\n\t"), &end), y = strtod(end + 1, &end);
        shape->left = fmin(shape->left, x);
        shape->right = fmax(shape->right, x);
        shape->top = fmin(shape->top, y);
        shape->bottom = fmax(shape->bottom, y);
        svg->x[svg->n_points] = x;
        svg->y[svg->n_points] = y;
        p = end + strspn(end, " MLZ\n\t");
    }
}

static inline void svg_parse_shape(struct svg *svg, const char *p)
{
    struct svg_shape shape = {.color = -1};
    if (sscanf(p, "<use xlink:href='#gpPt%d' transform='translate(%lf,%lf)", &shape.type,
               &shape.left, &shape.top) == 3) {
        shape.color = svg_color(strstr(p, "rgb("));
        svg->marks[svg->n_marks++] = shape;
    } else if (strncmp(p, "<polygon", 8) == 0) {
        shape.color = svg_color(strstr(p, "rgb("));
        svg_points(svg, &shape, strstr(p, "points = '") + strlen("points = '"));
        svg->boxes[svg->n_boxes++] = shape;
    } else if (strncmp(p, "<path stroke='rgb", 17) == 0) {
        shape.color = svg_color(p + strlen("<path stroke='"));
        svg_points(svg, &shape, strstr(p, " d='") + strlen(" d='"));
        svg->curves[svg->n_curves++] = shape;
    }
    assert_true(svg->n_marks < SVG_SHAPES && svg->n_boxes < SVG_SHAPES &&
                svg->n_curves < SVG_SHAPES && svg->n_points < SVG_POINTS);
}

/* Shapes of data stand in groups of their own; others are axes, arrows and blanks. */
static inline void svg_parse_data(struct svg *svg, const char *source)
{
    static const char begin[] = "<g id=\"gnuplot_plot_", end[] = "</g>\n\t</g>";
    svg->n_marks = svg->n_boxes = svg->n_curves = svg->n_points = 0;
    for (const char *g = strstr(source, begin); g != NULL; g = strstr(g + 1, begin)) {
        const char *last = strstr(g, end);
        for (const char *p = strchr(g + 1, '<'); p != NULL && p < last; p = strchr(p + 1, '<'))
            svg_parse_shape(svg, p);
    }
}

static inline void svg_parse(struct svg *svg, const char *source)
{
    const char *head = strstr(source, "<svg");
    svg->n = 0;
    svg->width = svg->height = INFINITY;
    if (head != NULL)
        sscanf(head, "<svg width=\"%lf\" height=\"%lf\"", &svg->width, &svg->height);
    svg_parse_data(svg, source);
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

/* How many texts lie beyond the picture's edge. */
static inline int svg_clipped(const struct svg *svg, char first[500])
{
    int n = 0;
    first[0] = '\0';
    for (int i = 0; i < svg->n; i++) {
        const struct box *b = &svg->texts[i].ink;
        const double turn = svg->texts[i].angle * M_PI / 180;
        const double dx = fabs(b->width / 2 * cos(turn)) + fabs(b->height / 2 * sin(turn));
        const double dy = fabs(b->width / 2 * sin(turn)) + fabs(b->height / 2 * cos(turn));
        if (b->x >= dx && b->y >= dy && b->x + dx <= svg->width && b->y + dy <= svg->height)
            continue;
        if (n++ == 0)
            snprintf(first, 500, "'%s'", svg->texts[i].words);
    }
    return n;
}
