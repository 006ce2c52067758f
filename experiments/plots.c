/* SPDX-License-Identifier: GPL-3.0-or-later
 * plots.c -- the rows of `plot`: read, and held against what the experiment has.
 */
#include <string.h>

#include "experiments/points.h"
#include "experiments/read.h"
#include "experiments/rows.h"
#include "experiments/sections.h"
#include "output/plot.h"

/* Which kinds a key goes with: those that take all of `takes` and nothing of `lacks`. */
static const struct {
    const char *key;
    unsigned takes, lacks;
} GOES_WITH[] = {
    {"side_by_side", PLOT_TAKES_RUNS, 0},
    {"hosts", PLOT_TAKES_HOSTS, 0},
    {"metrics", PLOT_TAKES_METRICS, PLOT_TAKES_SWEEP},
    {"x", PLOT_TAKES_SWEEP, 0},
    {"y", PLOT_TAKES_SWEEP, 0},
    {"series", PLOT_TAKES_SWEEP, 0},
    {"band", PLOT_TAKES_SWEEP, 0},
    {"line", PLOT_TAKES_SWEEP, 0},
};

static bool goes_with(size_t i, const struct plot_kind *kind)
{
    return (kind->takes & GOES_WITH[i].takes) == GOES_WITH[i].takes &&
           (kind->takes & GOES_WITH[i].lacks) == 0;
}

static int check_keys(const struct experiment *x, const struct node *n,
                      const struct plot_kind *kind, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(GOES_WITH); i++) {
        const struct node *key = node_get(n, GOES_WITH[i].key);
        const char *kinds = "";
        if (key == NULL || goes_with(i, kind))
            continue;
        for (const struct plot_kind *other = PLOT_KINDS; other->name != NULL; other++)
            if (goes_with(i, other))
                kinds = pool_printf(x->pool, "%s%s%s", kinds, kinds[0] != '\0' ? ", " : "",
                                    other->name);
        return err_set(e, &key->key_at, "'%s' does not go with %s, but with %s", key->key,
                       kind->name, kinds);
    }
    if ((kind->takes & PLOT_TAKES_SWEEP) != 0 && node_get(n, "y") == NULL) {
        err_set(e, &n->key_at, "plot '%s' needs the key 'y'", n->key);
        return err_hint(e, "for example y: web.mean_syn_received");
    }
    return 0;
}

static int find_kind(const struct reader *r, const struct node *n, const struct plot_kind **out)
{
    const char *names[16];
    size_t n_names = 0;
    *out = plot_kind_find(n->text);
    if (*out != NULL)
        return 0;
    for (; n_names < ARRAY_LEN(names) && PLOT_KINDS[n_names].name != NULL; n_names++)
        names[n_names] = PLOT_KINDS[n_names].name;
    return read_unknown(r, "plot kind", n->text, names, n_names, &n->at);
}

/* A dimension by its name, into out; "" when the key is not given. */
static int read_dimension(const struct experiment *x, const struct node *n, const char *key,
                          char out[NAME_MAX_BYTES], struct err *e)
{
    const struct node *name = node_get(n, key);
    if (name != NULL && dimension_index(x, name->text) < 0)
        return points_unknown_dimension(x, name->text, &name->at, e);
    snprintf(out, NAME_MAX_BYTES, "%s", name != NULL ? name->text : "");
    return 0;
}

/* `line: expect` draws what `is` wants of a metric; without such a row there would be no line.
 */
static int check_line(const struct experiment *x, const struct plot_spec *plot,
                      const struct node *n, struct err *e)
{
    for (int i = 0; i < plot->n_of; i++)
        for (int k = 0; k < x->n_expects; k++) {
            const struct expect *row = &x->expects[k];
            const char *metric = pool_printf(x->pool, "%s.%s", row->subject, row->metric);
            if (strcmp(metric, plot->of[i]) == 0 && row->op != EXPECT_AT_LEAST &&
                row->op != EXPECT_AT_MOST)
                return 0;
        }
    err_set(e, &node_get(n, "line")->key_at, "no row of 'expect' says what %s is", plot->of[0]);
    return err_hint(e, "line: expect draws what such rows want");
}

static int read_plot(struct experiment *x, const struct node *n, struct plot_spec *out,
                     struct err *e)
{
    const struct reader r = {.pool = x->pool, .e = e};
    struct plot_row row;
    const struct plot_kind *kind;
    const struct part part = {.keys = PLOT_KEYS, .out = &row};
    const char *what = pool_printf(x->pool, "plot '%s'", n->key);
    memset(&row, 0, sizeof(row));
    if (read_check_word(&r, n->key, &n->key_at) != 0 ||
        read_map(&r, n, what, &n->key_at, &part, 1) != 0 ||
        find_kind(&r, node_get(n, "kind"), &kind) != 0 || check_keys(x, n, kind, e) != 0 ||
        read_dimension(x, n, "side_by_side", out->side_by_side, e) != 0 ||
        read_dimension(x, n, "x", out->x, e) != 0 ||
        read_dimension(x, n, "series", out->series, e) != 0)
        return -1;
    const struct key_list *of = row.y.n > 0         ? &row.y
                                : row.metrics.n > 0 ? &row.metrics
                                                    : &row.hosts;
    memcpy(out->name, n->key, strlen(n->key) + 1);
    out->kind = kind->name;
    out->of = of->items;
    out->n_of = of->n;
    out->band = row.band;
    out->is_expected_on = strcmp(row.line, "expect") == 0;
    out->at = n->key_at;
    out->selects = pool_array(x->pool, (size_t)x->n_points, sizeof(*out->selects));
    if (points_select(x, node_get(n, "where"), &n->key_at, out->selects, e) != 0)
        return -1;
    return out->is_expected_on ? check_line(x, out, n, e) : 0;
}

int plots_read(struct experiment *x, struct err *e)
{
    const struct node *map = node_get(x->tree, "plot");
    if (map == NULL)
        return 0;
    if (map->kind != NODE_MAP) {
        err_set(e, &map->key_at, "'plot' is a map of names, not %s",
                node_describe(x->pool, map));
        return err_hint(e, "for example plot: {lives: {kind: ladder}}");
    }
    x->plots = pool_array(x->pool, (size_t)node_n_children(map), sizeof(*x->plots));
    for (const struct node *n = map->first; n != NULL; n = n->next) {
        if (n->kind == NODE_NULL)
            continue;
        if (read_plot(x, n, &x->plots[x->n_plots], e) != 0)
            return -1;
        x->n_plots++;
    }
    return 0;
}

/* ---- what they show ---- */

/* The place of the i-th of a list, or of a name that stands alone. */
static const struct mark *mark_of(const struct node *list, int i)
{
    const struct node *n = list->first;
    for (; i > 0 && n != NULL; i--)
        n = n->next;
    return n != NULL ? &n->at : &list->at;
}

static int check_host(const struct experiment *x, const struct net_spec *net, const char *name,
                      const struct mark *at, struct err *e)
{
    const struct reader r = {.pool = x->pool, .e = e};
    const char **names = pool_array(x->pool, (size_t)net->n_hosts, sizeof(*names));
    for (int i = 0; i < net->n_hosts; i++) {
        if (strcmp(net->hosts[i].name, name) == 0)
            return 0;
        names[i] = pool_text(x->pool, net->hosts[i].name);
    }
    return read_unknown(&r, "host", name, names, (size_t)net->n_hosts, at);
}

static bool is_sampled(const struct experiment *x, const char *metric)
{
    const char *const *sampled = x->sample.metrics.items;
    for (int i = 0; i < x->sample.metrics.n; i++)
        if (strcmp(sampled[i], metric) == 0)
            return true;
    return false;
}

static int check_metric(const struct experiment *x, const struct net_spec *net,
                        const char *text, const struct mark *at, struct err *e)
{
    char subject[SAMPLE_SUBJECT_BYTES];
    const char *name;
    const struct metric *m;
    if (!sample_split(text, subject, &name))
        return err_set(e, at, "a metric is SUBJECT.METRIC, not '%s'", text);
    if (metric_find(x, net, subject, name, at, &m, e) != 0)
        return -1;
    return m->unit != UNIT_NONE ? 0 : err_set(e, at, "%s is a text: it cannot be drawn", text);
}

static int check_shown(const struct experiment *x, const struct plot_spec *plot,
                       const struct node *n, const struct net_spec *net, struct err *e)
{
    const unsigned takes = plot_kind_find(plot->kind)->takes;
    const bool is_sweep = (takes & PLOT_TAKES_SWEEP) != 0;
    const bool is_samples = (takes & PLOT_TAKES_METRICS) != 0 && !is_sweep;
    const struct node *list = node_get(n, is_sweep ? "y" : is_samples ? "metrics" : "hosts");
    if (is_samples && x->sample.every == 0) {
        err_set(e, &plot->at, "plot '%s' draws samples, and none are taken", plot->name);
        return err_hint(e, "for example sample: {every: 10ms, metrics: [web.in_time_wait]}");
    }
    for (int i = 0; i < plot->n_of; i++) {
        const struct mark *at = mark_of(list, i);
        if (takes & PLOT_TAKES_METRICS ? check_metric(x, net, plot->of[i], at, e) != 0
                                       : check_host(x, net, plot->of[i], at, e) != 0)
            return -1;
        if (is_samples && !is_sampled(x, plot->of[i]))
            return err_set(e, at, "%s is not among the metrics of 'sample'", plot->of[i]);
    }
    return 0;
}

int plots_check(const struct experiment *x, int point, const struct net_spec *net,
                struct err *e)
{
    const struct node *map = node_get(x->tree, "plot");
    for (int i = 0; i < x->n_plots; i++)
        if (x->plots[i].selects[point] &&
            check_shown(x, &x->plots[i], node_get(map, x->plots[i].name), net, e) != 0)
            return -1;
    return 0;
}
