/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/sweep_params.h"

#include <stdlib.h>
#include <string.h>

#include "output/memory.h"

const char *sweep_value(const struct sweep_params *p, uint32_t point, uint32_t key)
{
    const char *value = p->values[point * p->n_keys + key];
    return value != NULL ? value : "";
}

struct reading {
    struct sweep_params *p;
    const struct plot_request *req;
    struct param_row {
        uint32_t point, key; /* indices */
        char *value;
    } * rows;
    uint32_t n_rows, cap_rows;
};

static bool is_selected(const struct plot_request *req, int64_t point)
{
    bool selected = req->n_points == 0;
    for (int i = 0; i < req->n_points && !selected; i++)
        selected = req->points[i] == point;
    return selected;
}

static int on_point(void *ctx, sqlite3_stmt *stmt)
{
    struct reading *r = ctx;
    struct sweep_params *p = r->p;
    const int64_t id = sqlite3_column_int64(stmt, 0);
    if (!is_selected(r->req, id))
        return 0;
    p->points = mem_grow(p->points, &p->cap_points, p->n_points + 1, sizeof(*p->points));
    p->points[p->n_points++] = id;
    return 0;
}

static int find(const int64_t *items, uint32_t n, int64_t item)
{
    for (uint32_t i = 0; i < n; i++)
        if (items[i] == item)
            return (int)i;
    return -1;
}

static int find_key(const struct sweep_params *p, const char *key)
{
    for (uint32_t i = 0; i < p->n_keys; i++)
        if (strcmp(p->keys[i], key) == 0)
            return (int)i;
    return -1;
}

static uint32_t key_index(struct sweep_params *p, const char *key)
{
    const int known = find_key(p, key);
    if (known >= 0)
        return (uint32_t)known;
    p->keys = mem_grow(p->keys, &p->cap_keys, p->n_keys + 1, sizeof(*p->keys));
    p->keys[p->n_keys] = mem_text(key);
    return p->n_keys++;
}

static int on_param(void *ctx, sqlite3_stmt *stmt)
{
    struct reading *r = ctx;
    struct sweep_params *p = r->p;
    const int point = find(p->points, p->n_points, sqlite3_column_int64(stmt, 0));
    if (point < 0)
        return 0;
    r->rows = mem_grow(r->rows, &r->cap_rows, r->n_rows + 1, sizeof(*r->rows));
    r->rows[r->n_rows++] = (struct param_row){(uint32_t)point, key_index(p, db_text(stmt, 1)),
                                              mem_text(db_text(stmt, 2))};
    return 0;
}

/* Once all keys are known the rows become a table. */
static void tabulate(struct reading *r)
{
    struct sweep_params *p = r->p;
    p->values = mem_zeroed((size_t)p->n_points * p->n_keys + 1, sizeof(*p->values));
    p->is_series = mem_zeroed(p->n_keys + 1, sizeof(*p->is_series));
    for (uint32_t i = 0; i < r->n_rows; i++) {
        char **value = &p->values[r->rows[i].point * p->n_keys + r->rows[i].key];
        free(*value);
        *value = r->rows[i].value;
    }
    free(r->rows);
}

static int read_params(struct sweep_params *p, const struct source *s)
{
    struct reading r = {.p = p, .req = s->req};
    int rc = source_each(s, "SELECT id FROM point ORDER BY id", NULL, 0, on_point, &r);
    if (rc == 0)
        rc = source_each(s, "SELECT point, key, value FROM param", NULL, 0, on_param, &r);
    tabulate(&r);
    return rc;
}

/* How many different values a key has. */
static uint32_t n_values(const struct sweep_params *p, uint32_t key)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_points; i++) {
        uint32_t k = 0;
        while (strcmp(sweep_value(p, k, key), sweep_value(p, i, key)) != 0)
            k++;
        n += k == i;
    }
    return n;
}

static bool is_same(const struct sweep_params *p, uint32_t a, uint32_t b, uint32_t key)
{
    return strcmp(sweep_value(p, a, key), sweep_value(p, b, key)) == 0;
}

/* Whether two points are on the same line at the same x, whatever `but` says. */
static bool coincide(const struct sweep_params *p, uint32_t a, uint32_t b, uint32_t but)
{
    bool same = is_same(p, a, b, (uint32_t)p->x);
    for (uint32_t key = 0; key < p->n_keys && same; key++)
        same = key == but || !p->is_series[key] || is_same(p, a, b, key);
    return same;
}

/* Whether a key's value follows from those of x and the series: such as a `let` that is
 * computed from them. */
static bool follows(const struct sweep_params *p, uint32_t key)
{
    for (uint32_t a = 0; a < p->n_points; a++)
        for (uint32_t b = 0; b < a; b++)
            if (coincide(p, a, b, key) && !is_same(p, a, b, key))
                return false;
    return true;
}

static int known_key(const struct sweep_params *p, const struct source *s, const char *name,
                     int *out)
{
    if (source_known(s, "dimension", name, (const char *const *)p->keys, (int)p->n_keys) != 0)
        return -1;
    *out = find_key(p, name);
    return 0;
}

static int choose_x(struct sweep_params *p, const struct source *s)
{
    if (s->req->x != NULL)
        return known_key(p, s, s->req->x, &p->x);
    for (uint32_t key = 0; key < p->n_keys; key++)
        if (n_values(p, key) > n_values(p, (uint32_t)p->x))
            p->x = (int)key;
    if (p->n_keys > 0 && n_values(p, (uint32_t)p->x) > 1)
        return 0;
    return err_set(s->e, NULL, "%s: its points differ in nothing, there is no sweep to draw",
                   s->req->db_path);
}

/* All that varies, less what follows from the rest; `let` names come before what is swept. */
static void choose_all(struct sweep_params *p)
{
    for (uint32_t key = 0; key < p->n_keys; key++)
        p->is_series[key] = (int)key != p->x && n_values(p, key) > 1;
    for (uint32_t key = 0; key < p->n_keys; key++)
        p->is_series[key] = p->is_series[key] && !follows(p, key);
}

static int choose_series(struct sweep_params *p, const struct source *s)
{
    int series;
    if (s->req->series == NULL) {
        choose_all(p);
        return 0;
    }
    if (known_key(p, s, s->req->series, &series) != 0)
        return -1;
    p->is_series[series] = series != p->x;
    for (uint32_t key = 0; key < p->n_keys; key++) {
        if (follows(p, key) || (int)key == series)
            continue;
        err_set(s->e, NULL, "%s: %s varies as well as %s and %s", s->req->db_path, p->keys[key],
                p->keys[p->x], p->keys[series]);
        return err_hint(s->e, "select points, or name no series: then each combination is one");
    }
    return 0;
}

int sweep_params_load(struct sweep_params *p, const struct source *s)
{
    *p = (struct sweep_params){0};
    if (read_params(p, s) != 0)
        return -1;
    for (int i = 0; i < s->req->n_points; i++)
        if (find(p->points, p->n_points, s->req->points[i]) < 0)
            return err_set(s->e, NULL, "%s: no point %lld in this file", s->req->db_path,
                           (long long)s->req->points[i]);
    return choose_x(p, s) == 0 ? choose_series(p, s) : -1;
}

void sweep_params_free(struct sweep_params *p)
{
    for (uint32_t i = 0; p->values != NULL && i < p->n_points * p->n_keys; i++)
        free(p->values[i]);
    for (uint32_t i = 0; i < p->n_keys; i++)
        free(p->keys[i]);
    free(p->values);
    free(p->keys);
    free(p->points);
    free(p->is_series);
}

void sweep_series_label(const struct sweep_params *p, uint32_t point, char *buf, size_t size)
{
    size_t length = 0;
    buf[0] = '\0';
    for (uint32_t key = 0; key < p->n_keys && length < size; key++)
        if (p->is_series[key])
            length +=
                (size_t)snprintf(buf + length, size - length, "%s%s %s", length > 0 ? ", " : "",
                                 p->keys[key], sweep_value(p, point, key));
}
