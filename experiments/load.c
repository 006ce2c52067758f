/* SPDX-License-Identifier: GPL-3.0-or-later
 * load.c -- an experiment from its file (experiment.h): parents and overrides become one tree,
 * then points, then rows that are judged; each point's network is made once, to find what is
 * wrong before anything runs, and again when it is run.
 */
#include <string.h>

#include "experiments/experiment.h"
#include "experiments/merge.h"
#include "experiments/narrow.h"
#include "experiments/network.h"
#include "experiments/points.h"
#include "experiments/read.h"
#include "experiments/rows.h"
#include "experiments/sections.h"
#include "experiments/show.h"

static bool is_section(const char *name)
{
    const struct section *s = SECTIONS;
    while (s->name != NULL && strcmp(s->name, name) != 0)
        s++;
    return s->name != NULL;
}

/* A path such as tcp.msl, which a variant or -p would understand. */
static const char *path_as_map(const struct experiment *x, const struct node *n)
{
    const size_t length = strcspn(n->key, ".");
    const char *section = pool_slice(x->pool, n->key, length);
    const char *map = n->kind == NODE_SCALAR ? n->text : "...";
    if (n->key[length] != '.' || !is_section(section))
        return NULL;
    const char *rest = strrchr(n->key, '.');
    map = pool_printf(x->pool, "%s: %s", rest + 1, map);
    while (rest > n->key + length) {
        const char *end = rest;
        while (*--rest != '.')
            continue;
        map = pool_printf(x->pool, "%.*s: {%s}", (int)(end - rest - 1), rest + 1, map);
    }
    return pool_printf(x->pool, "%s: {%s}", section, map);
}

/* before: the key that stands before it, or NULL. */
static int unknown_section(const struct experiment *x, const struct node *n,
                           const struct node *before, struct err *e)
{
    static const char *const dimensions[] = {"let", "sweep", "variants"};
    const struct reader r = {.pool = x->pool, .e = e};
    const char *names[32];
    size_t n_names = 0;
    for (; SECTIONS[n_names].name != NULL && n_names < ARRAY_LEN(names); n_names++)
        names[n_names] = SECTIONS[n_names].name;
    err_set(e, &n->key_at, "unknown key '%s' in an experiment", n->key);
    if (nearest_name(n->key, names, n_names) == NULL)
        for (size_t i = 0; i < ARRAY_LEN(dimensions); i++)
            if (node_get(node_get(x->tree, dimensions[i]), n->key) != NULL)
                return err_hint(e, "did you mean '%s.%s'?", dimensions[i], n->key);
    const char *map = path_as_map(x, n);
    return map != NULL ? err_hint(e, "paths stand in variants and -p alone: here write %s", map)
                       : read_hint_key(&r, n, before, names, n_names);
}

static int check_sections(const struct experiment *x, struct err *e)
{
    const struct node *before = NULL;
    for (const struct node *n = x->tree->first; n != NULL; before = n, n = n->next)
        if (!is_section(n->key))
            return unknown_section(x, n, before, e);
    return 0;
}

/* The top's simple keys, names of `let` replaced; those that points may change are theirs. */
static int top_tree(struct experiment *x, struct node **out, struct err *e)
{
    const struct bindings let = points_let_names(x->pool, x->tree);
    *out = node_new(x->pool, NODE_MAP, &x->tree->at);
    for (const struct section *s = SECTIONS; s->name != NULL; s++) {
        const bool is_simple = s->help == NULL && s->takes != TAKES_POINT_NAMES;
        const struct node *n = is_simple ? node_find(x->tree, s->name) : NULL;
        if (n == NULL)
            continue;
        struct node *copy = node_copy(x->pool, n);
        const char *name =
            n->kind == NODE_SCALAR && s->takes == TAKES_LET_NAMES ? subst_name(n->text) : NULL;
        if (name != NULL && dimension_index(x, name) >= 0)
            return err_set(e, &n->at,
                           "'%s' is the same at every point, and the sweep '$%s' is not",
                           s->name, name);
        if (s->takes == TAKES_LET_NAMES && subst_tree(&let, copy, e) != 0)
            return -1;
        node_append(*out, copy);
    }
    return 0;
}

/* The file's name without folder and ending, other characters than a name's replaced. */
static void name_after_file(struct experiment *x)
{
    const char *slash = strrchr(x->path, '/');
    const char *base = slash != NULL ? slash + 1 : x->path;
    const char *dot = strrchr(base, '.');
    const size_t len = dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);
    snprintf(x->name, sizeof(x->name), "%.*s", (int)len, base);
    for (char *c = x->name; *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c) ==
            NULL)
            *c = '-';
}

static int read_top(struct experiment *x, struct err *e)
{
    const struct reader r = {.pool = x->pool, .e = e};
    struct top_params p = {0};
    const struct part part = {.keys = TOP_KEYS, .out = &p};
    struct node *tree;
    if (top_tree(x, &tree, e) != 0 ||
        read_map(&r, tree, "the experiment", &x->tree->at, &part, 1) != 0)
        return -1;
    memcpy(x->name, p.name, sizeof(x->name));
    memcpy(x->description, p.description, sizeof(x->description));
    if (x->name[0] == '\0')
        name_after_file(x);
    x->seed = (uint64_t)p.seed;
    x->repeat = p.repeat;
    x->warm_up = p.warm_up;
    x->stop = p.stop;
    x->independent = strcmp(p.random, "independent") == 0;
    x->record = p.record;
    x->sample = p.sample;
    if (p.warm_up >= p.stop)
        return err_set(e, &node_get(tree, "warm_up")->at, "warm_up must be shorter than stop");
    return 0;
}

/* Every point, in memory that goes again: the specs are made anew when they are run. */
static int check_points(const struct experiment *x, struct err *e)
{
    for (int i = 0; i < x->n_points; i++) {
        struct point_spec spec;
        const int bad =
            experiment_point(x, i, &spec, e) != 0 || expects_check(x, i, &spec.net, e) != 0 ||
            sample_check(x, &spec.net, e) != 0 || plots_check(x, i, &spec.net, e) != 0;
        point_spec_free(&spec);
        if (bad && i > 0)
            return err_hint(e, "at the point %s", x->points[i].label);
        if (bad)
            return -1;
    }
    return 0;
}

static int load(struct experiment *x, const char *path, const char *const *overrides,
                int n_overrides, struct err *e)
{
    snprintf(x->path, sizeof(x->path), "%s", path);
    if (tree_load(x->pool, path, &x->tree, e) != 0 || variants_expand(x->pool, x->tree, e) != 0)
        return -1;
    x->file = node_copy(x->pool, x->tree);
    if (tree_override(x->pool, &x->tree, overrides, n_overrides, e) != 0 ||
        check_sections(x, e) != 0 || points_read(x, e) != 0 || read_top(x, e) != 0)
        return -1;
    narrow_rows(x);
    if (expects_read(x, e) != 0 || plots_read(x, e) != 0 || check_points(x, e) != 0)
        return -1;
    x->flat = show_text(x);
    return 0;
}

struct experiment *experiment_load(const char *path, const char *const *overrides,
                                   int n_overrides, struct err *e)
{
    struct pool *pool = pool_new();
    struct experiment *x = pool_alloc(pool, sizeof(*x));
    *e = (struct err){0};
    x->pool = pool;
    if (load(x, path, overrides, n_overrides, e) == 0)
        return x;
    experiment_free(x);
    return NULL;
}

void experiment_free(struct experiment *x)
{
    if (x != NULL)
        pool_free(x->pool);
}

int experiment_point(const struct experiment *x, int point, struct point_spec *out,
                     struct err *e)
{
    struct pool *pool = pool_new();
    struct bindings names;
    *out = (struct point_spec){.memory = pool};
    const struct node *root = point_tree(pool, x, point, &names, e);
    if (root == NULL || network_read(pool, root, &out->net, e) != 0)
        return -1;
    out->let = pool_array(pool, (size_t)names.n, sizeof(*out->let));
    for (; out->n_let < names.n; out->n_let++) {
        const struct node *value = subst_value(&names, names.items[out->n_let].name, NULL, e);
        if (value == NULL)
            return -1;
        out->let[out->n_let] = (struct param_value){names.items[out->n_let].name, value->text};
    }
    return 0;
}

void point_spec_free(struct point_spec *s)
{
    pool_free(s->memory);
    *s = (struct point_spec){.memory = NULL};
}
