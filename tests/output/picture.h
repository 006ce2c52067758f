/* SPDX-License-Identifier: GPL-3.0-or-later
 * picture.h -- draws a picture of a test's database as SVG and reads it back: what every
 * picture must keep, and where a value stands by the numbers on its axis.
 */
#pragma once
#include <unistd.h>

#include "output/plot.h"
#include "tests/output/records.h"
#include "tests/output/svg.h"

static char picture_db[128], picture_path[128];
static struct svg picture;

static inline void picture_names(const char *stem)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.db", stem);
    temp_path(picture_db, name);
    snprintf(name, sizeof(name), "%s.svg", stem);
    temp_path(picture_path, name);
}

static inline int picture_remove(void **state)
{
    unlink(picture_db);
    unlink(picture_path);
    return 0;
}

static inline int picture_try(const char *kind, struct plot_request req, struct err *e)
{
    *e = (struct err){0};
    req.db_path = picture_db;
    req.out_path = picture_path;
    req.lang = req.lang != NULL ? req.lang : "en";
    return plot_kind_find(kind)->draw(&req, e);
}

static inline void picture_read(void)
{
    static char source[4000000];
    FILE *f = fopen(picture_path, "r");
    assert_non_null(f);
    source[fread(source, 1, sizeof(source) - 1, f)] = '\0';
    fclose(f);
    svg_parse(&picture, source);
}

/* Draws and reads; no two texts overlap and none is cut off. */
static inline void picture_draw(const char *story, const char *kind, struct plot_request req)
{
    struct err e;
    char first[500];
    picture_try(kind, req, &e);
    check_str(story, e.text, "");
    picture_read();
    svg_overlaps(&picture, first);
    check_str(story, first, "");
    svg_clipped(&picture, first);
    check_str(story, first, "");
}

static inline void picture_refuses(const char *kind, struct plot_request req, const char *says)
{
    struct err e;
    check_eq(says, picture_try(kind, req, &e), -1);
    if (strstr(e.text, says) == NULL && strstr(e.hint, says) == NULL)
        check_str("sentence", e.text, says);
}

/* The pixel at which a number would stand between two numbers written on an axis: x for those
 * below, y for those at the left. Independent of how the axis was drawn. */
static inline double picture_at(double value, double low, const char *low_text, double high,
                                const char *high_text, bool is_y)
{
    const struct svg_text *a = svg_find(&picture, low_text), *b = svg_find(&picture, high_text);
    assert_non_null(a);
    assert_non_null(b);
    const double from = is_y ? a->ink.y : a->ink.x, to = is_y ? b->ink.y : b->ink.x;
    return from + (value - low) / (high - low) * (to - from);
}

#define check_near(story, got, want, tolerance)                                                \
    check_near_at((story), #got, (got), (want), (tolerance), __FILE__, __LINE__)

static inline void check_near_at(const char *story, const char *what, double got, double want,
                                 double tolerance, const char *file, int line)
{
    if (!(fabs(got - want) <= tolerance)) {
        print_error("%s: %s is %g, not %g\n", story, what, got, want);
        _fail(file, line);
    }
}
