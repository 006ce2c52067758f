/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/network.h"
#include "experiments/points.h"
#include "experiments/read.h"
#include "experiments/sections.h"
#include "output/plot.h"

/* ---- expect ---- */

static const struct {
    const char *key;
    enum expect_op op;
} BOUNDS[] = {{"is", EXPECT_EXACT}, {"at_least", EXPECT_AT_LEAST}, {"at_most", EXPECT_AT_MOST}};

/* Exactly one of is, at_least, at_most. */
static int read_bound(const struct node *n, struct expect *out, struct err *e)
{
    const struct node *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(BOUNDS); i++) {
        const struct node *bound = node_get(n, BOUNDS[i].key);
        if (bound != NULL && found != NULL) {
            err_set(e, &bound->key_at, "'%s' and '%s' exclude each other", found->key,
                    bound->key);
            return err_hint(e, "write two rows");
        }
        if (bound == NULL)
            continue;
        found = bound;
        out->op = BOUNDS[i].op;
        out->want = bound->text;
        out->want_at = bound->at;
    }
    return found != NULL
               ? 0
               : err_set(e, &n->at, "the row needs one of 'is', 'at_least' and 'at_most'");
}

static int read_z_max(const struct node *z, struct expect *out, struct err *e)
{
    char *end;
    out->z_max = strtod(z->text, &end);
    if (end == z->text || *end != '\0' || !isfinite(out->z_max) || out->z_max <= 0)
        return err_set(e, &z->at, "z_max is a number above 0, e.g. 4, not '%s'", z->text);
    out->op = EXPECT_Z_MAX;
    return 0;
}

/* How near `is` must be: tol, or z_max with half_width_max. */
static int read_nearness(const struct experiment *x, const struct node *n, struct expect *out,
                         struct err *e)
{
    const struct node *tol = node_get(n, "tol"), *z = node_get(n, "z_max"),
                      *width = node_get(n, "half_width_max");
    const struct node *any = tol != NULL ? tol : z != NULL ? z : width;
    if (any != NULL && out->op != EXPECT_EXACT)
        return err_set(e, &any->key_at, "'%s' goes with 'is'", any->key);
    if (tol != NULL && (z != NULL || width != NULL))
        return err_set(e, &tol->key_at, "'tol' and '%s' exclude each other",
                       z != NULL ? z->key : width->key);
    if ((z == NULL) != (width == NULL)) {
        err_set(e, &any->key_at, "'z_max' and 'half_width_max' go together");
        return err_hint(e, "a wide interval contains anything: say how narrow it must be");
    }
    if (z != NULL && x->repeat < 2)
        return err_set(e, &z->key_at, "'z_max' needs a 'repeat' of at least 2");
    if (z != NULL && read_z_max(z, out, e) != 0)
        return -1;
    if (tol != NULL) {
        out->op = EXPECT_TOL;
        out->tol = tol->text;
        out->tol_at = tol->at;
    }
    if (width != NULL) {
        out->half_width_max = width->text;
        out->half_width_at = width->at;
    }
    return 0;
}

static int read_metric(const struct node *n, struct expect *out, struct err *e)
{
    const char *dot = strrchr(n->text, '.');
    const size_t len = dot != NULL ? (size_t)(dot - n->text) : 0;
    if (len == 0 || len >= sizeof(out->subject) || dot[1] == '\0' ||
        strlen(dot + 1) >= sizeof(out->metric)) {
        err_set(e, &n->at, "a metric is SUBJECT.METRIC, not '%s'", n->text);
        return err_hint(e, "for example web.established_at");
    }
    memcpy(out->subject, n->text, len);
    memcpy(out->metric, dot + 1, strlen(dot + 1) + 1);
    return 0;
}

static int read_expect(struct experiment *x, const struct node *n, int number,
                       struct expect *out, struct err *e)
{
    const struct reader r = {.pool = x->pool, .e = e};
    struct expect_row row;
    const struct part part = {.keys = EXPECT_KEYS, .out = &row};
    const char *what = pool_printf(x->pool, "row %d of expect", number);
    out->at = n->at;
    if (n->kind != NODE_MAP)
        return err_set(e, &n->at, "%s must be a map, not %s", what, node_describe(x->pool, n));
    if (read_map(&r, n, what, &n->at, &part, 1) != 0 ||
        read_metric(node_get(n, "metric"), out, e) != 0 || read_bound(n, out, e) != 0 ||
        read_nearness(x, n, out, e) != 0)
        return -1;
    const struct node *each = node_get(n, "each");
    if (each != NULL && dimension_index(x, each->text) < 0)
        return points_unknown_dimension(x, each->text, &each->at, e);
    out->each = each != NULL ? each->text : NULL;
    out->source = node_get(n, "source")->text;
    if (out->source[0] == '\0')
        return err_set(e, &node_get(n, "source")->at,
                       "%s needs a source: where does the number come from?", what);
    out->selects = pool_array(x->pool, (size_t)x->n_points, sizeof(*out->selects));
    return points_select(x, node_get(n, "where"), &n->at, out->selects, e);
}

int expects_read(struct experiment *x, struct err *e)
{
    const struct node *list = node_get(x->tree, "expect");
    if (list == NULL)
        return 0;
    if (list->kind != NODE_LIST) {
        err_set(e, &list->key_at, "'expect' is a list of rows, not %s",
                node_describe(x->pool, list));
        return err_hint(e,
                        "for example expect: [{metric: web.ghosts, is: 0, source: RFC 9293}]");
    }
    x->expects = pool_array(x->pool, (size_t)node_n_children(list), sizeof(*x->expects));
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        if (read_expect(x, n, x->n_expects + 1, &x->expects[x->n_expects], e) != 0)
            return -1;
        x->n_expects++;
    }
    return 0;
}

/* ---- metrics ---- */

static int unknown_metric(const struct experiment *x, const char *subject, const char *metric,
                          const struct mark *at, const struct metric *const *tables,
                          struct err *e)
{
    const struct reader r = {.pool = x->pool, .e = e};
    size_t n = 0;
    for (int t = 0; t < METRIC_TABLES; t++)
        for (const struct metric *m = tables[t]; m != NULL && m->name != NULL; m++)
            n++;
    const char **names = pool_array(x->pool, n, sizeof(*names));
    n = 0;
    for (int t = 0; t < METRIC_TABLES; t++)
        for (const struct metric *m = tables[t]; m != NULL && m->name != NULL; m++)
            names[n++] = m->name;
    return read_unknown(&r, pool_printf(x->pool, "metric of '%s':", subject), metric, names, n,
                        at);
}

static int unknown_subject(const struct experiment *x, const char *subject,
                           const struct mark *at, const struct net_spec *net, struct err *e)
{
    const struct reader r = {.pool = x->pool, .e = e};
    const struct {
        const void *items; /* each begins with its name */
        int n;
        size_t item_bytes;
    } kinds[] = {{net->apps, net->n_apps, sizeof(*net->apps)},
                 {net->links, net->n_links, sizeof(*net->links)},
                 {net->faults, net->n_faults, sizeof(*net->faults)},
                 {net->hosts, net->n_hosts, sizeof(*net->hosts)},
                 {net->routers, net->n_routers, sizeof(*net->routers)},
                 {net->routes, net->n_routes, sizeof(*net->routes)}};
    size_t n = 0;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        n += (size_t)kinds[k].n;
    const char **names = pool_array(x->pool, n, sizeof(*names));
    n = 0;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (int i = 0; i < kinds[k].n; i++)
            names[n++] = pool_text(x->pool, (const char *)kinds[k].items +
                                                (size_t)i * kinds[k].item_bytes);
    return read_unknown(&r, "subject of a metric", subject, names, n, at);
}

int metric_find(const struct experiment *x, const struct net_spec *net, const char *subject,
                const char *metric, const struct mark *at, const struct metric **out,
                struct err *e)
{
    const struct metric *tables[METRIC_TABLES];
    if (!network_metrics(net, subject, tables))
        return unknown_subject(x, subject, at, net, e);
    for (int t = 0; t < METRIC_TABLES; t++)
        for (const struct metric *m = tables[t]; m != NULL && m->name != NULL; m++)
            if (strcmp(m->name, metric) == 0) {
                *out = m;
                return 0;
            }
    return unknown_metric(x, subject, metric, at, tables, e);
}

int expects_check(const struct experiment *x, int point, const struct net_spec *net,
                  struct err *e)
{
    const struct node *n = x->n_expects > 0 ? node_get(x->tree, "expect")->first : NULL;
    for (int i = 0; i < x->n_expects; i++, n = n->next) {
        const struct expect *row = &x->expects[i];
        const struct metric *m;
        if (row->selects[point] && metric_find(x, net, row->subject, row->metric,
                                               &node_get(n, "metric")->at, &m, e) != 0)
            return -1;
    }
    return 0;
}
