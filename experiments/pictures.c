/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/pictures.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/plan.h"
#include "experiments/points.h"
#include "output/plot.h"

struct drawing {
    const struct experiment *x;
    const struct plot_spec *plot;
    const struct plot_kind *kind;
    const char *db_path, *dir, *lang;
    int side; /* the dimension that stands side by side; -1: none */
    struct pictures *out;
};

/* Whether two points belong into one picture: they differ in nothing but the dimension that
 * stands side by side. A sweep is of all its points. */
static bool together(const struct drawing *d, int a, int b)
{
    if ((d->kind->takes & PLOT_TAKES_SWEEP) != 0)
        return true;
    for (int i = 0; i < d->x->n_dims; i++)
        if (i != d->side && d->x->points[a].value[i] != d->x->points[b].value[i])
            return false;
    return true;
}

/* The first selected point that goes with this one. */
static int leader(const struct drawing *d, int point)
{
    int first = 0;
    while (!d->plot->selects[first] || !together(d, first, point))
        first++;
    return first;
}

static int n_pictures(const struct drawing *d)
{
    int n = 0;
    for (int point = 0; point < d->x->n_points; point++)
        n += d->plot->selects[point] && leader(d, point) == point;
    return n;
}

/* Whether the selected points take several values in a dimension. */
static bool varies(const struct drawing *d, int dim)
{
    int value = -1;
    for (int point = 0; point < d->x->n_points; point++) {
        if (!d->plot->selects[point])
            continue;
        if (value >= 0 && d->x->points[point].value[dim] != value)
            return true;
        value = d->x->points[point].value[dim];
    }
    return false;
}

/* " answer=rst" for each dimension in which pictures differ. */
static void describe(const struct drawing *d, int point, char *buf, size_t size)
{
    size_t length = 0;
    buf[0] = '\0';
    for (int i = 0; i < d->x->n_dims && length < size; i++)
        if (i != d->side && varies(d, i))
            length +=
                (size_t)snprintf(buf + length, size - length, " %s=%s", d->x->dims[i].name,
                                 d->x->dims[i].values[d->x->points[point].value[i]]);
}

/* What the file's own name ends with should hold no blanks and slashes: '-' instead. */
static char *path_of(const struct drawing *d, const char *what)
{
    const char *slash = strrchr(d->db_path, '/');
    const char *base = slash != NULL ? slash + 1 : d->db_path;
    const size_t length = strlen(base);
    const size_t stem =
        length > 3 && strcmp(base + length - 3, ".db") == 0 ? length - 3 : length;
    const size_t size = strlen(d->dir) + stem + strlen(d->plot->name) + strlen(what) + 16;
    char *path = malloc(size);
    if (path == NULL)
        return NULL;
    const int own =
        snprintf(path, size, "%s%s%.*s-", d->dir, *d->dir != '\0' ? "/" : "", (int)stem, base);
    snprintf(path + own, size - (size_t)own, "%s%s.png", d->plot->name, what);
    for (char *c = path + own; *c != '\0'; c++)
        if (isspace((unsigned char)*c) || *c == '/')
            *c = '-';
    return path;
}

/* The points of one picture, their first runs and headings. */
struct columns {
    int64_t *points, *runs;
    const char **titles;
    int n;
};

static void collect(const struct drawing *d, int first, struct columns *c)
{
    for (int point = first; point < d->x->n_points; point++) {
        if (!d->plot->selects[point] || !together(d, first, point))
            continue;
        c->points[c->n] = d->x->points[point].id;
        c->runs[c->n] = plan_run_id(d->x, point, 0);
        c->titles[c->n++] = d->side >= 0
                                ? d->x->dims[d->side].values[d->x->points[point].value[d->side]]
                                : NULL;
    }
}

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static int draw_picture(const struct drawing *d, int first, struct err *e)
{
    char what[256], title[512];
    struct columns c = {calloc((size_t)d->x->n_points, sizeof *c.points),
                        calloc((size_t)d->x->n_points, sizeof *c.runs),
                        calloc((size_t)d->x->n_points, sizeof *c.titles), 0};
    const bool several = n_pictures(d) > 1;
    describe(d, first, what, sizeof what);
    snprintf(title, sizeof title, "%s:%s", d->x->name, what);
    char *path = path_of(d, several ? what : "");
    int rc = -1;
    if (c.points == NULL || c.runs == NULL || c.titles == NULL || path == NULL) {
        err_set(e, NULL, "out of memory");
        goto out;
    }
    collect(d, first, &c);
    rc = d->kind->draw(&(struct plot_request){.db_path = d->db_path,
                                              .out_path = path,
                                              .lang = d->lang,
                                              .title = several ? title : NULL,
                                              .runs = c.runs,
                                              .run_titles = d->side >= 0 ? c.titles : NULL,
                                              .n_runs = c.n,
                                              .of = d->plot->of,
                                              .n_of = d->plot->n_of,
                                              .x = or_null(d->plot->x),
                                              .series = or_null(d->plot->series),
                                              .points = c.points,
                                              .n_points = c.n,
                                              .band = d->plot->band,
                                              .is_expected_on = d->plot->is_expected_on},
                       e);
    if (rc == 0) {
        d->out->paths = realloc(d->out->paths, (size_t)(d->out->n + 1) * sizeof *d->out->paths);
        d->out->paths[d->out->n++] = path;
        path = NULL;
    }
out:
    free(path);
    free(c.points);
    free(c.runs);
    free(c.titles);
    return rc;
}

int pictures_draw(const struct experiment *x, const char *db_path, const char *dir,
                  const char *lang, struct pictures *out, struct err *e)
{
    *out = (struct pictures){0};
    for (int i = 0; i < x->n_plots; i++) {
        const struct plot_spec *plot = &x->plots[i];
        const struct drawing d = {x,
                                  plot,
                                  plot_kind_find(plot->kind),
                                  db_path,
                                  dir,
                                  lang,
                                  dimension_index(x, plot->side_by_side),
                                  out};
        for (int point = 0; point < x->n_points; point++)
            if (d.plot->selects[point] && leader(&d, point) == point &&
                draw_picture(&d, point, e) != 0)
                return -1;
    }
    return 0;
}

void pictures_free(struct pictures *p)
{
    for (int i = 0; i < p->n; i++)
        free(p->paths[i]);
    free(p->paths);
    *p = (struct pictures){0};
}
