/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/narrow.h"

#include <string.h>

#include "experiments/points.h"
#include "experiments/tree.h"

/* Whether the dimension has the value no more, but had it in the file. */
static bool is_gone(const struct experiment *x, const struct dimension *d, const char *value)
{
    for (int i = 0; i < d->n_values; i++)
        if (strcmp(d->values[i], value) == 0)
            return false;
    const struct node *had =
        node_get(node_get(x->file, d->is_variant ? "variants" : "sweep"), d->name);
    for (const struct node *n = had != NULL ? had->first : NULL; n != NULL; n = n->next) {
        const char *name = d->is_variant ? n->key : n->text; /* of no scalar: NULL */
        if (n->kind != NODE_NULL && name != NULL && strcmp(name, value) == 0)
            return true;
    }
    return false;
}

static bool is_gone_value(const struct experiment *x, const struct dimension *d,
                          const struct node *n)
{
    return n->kind == NODE_SCALAR && is_gone(x, d, n->text);
}

/* Takes what is gone out of one value or list of a `where`. True: nothing is left of it. */
static bool narrow_values(const struct experiment *x, struct node *n)
{
    const int index = dimension_index(x, n->key);
    if (index < 0)
        return false;
    const struct dimension *d = &x->dims[index];
    if (n->kind != NODE_LIST)
        return is_gone_value(x, d, n);
    struct node *item = n->first;
    const bool had_any = item != NULL;
    n->first = n->last = NULL;
    while (item != NULL) {
        struct node *next = item->next;
        if (!is_gone_value(x, d, item))
            node_append(n, item);
        item = next;
    }
    return had_any && n->first == NULL;
}

/* "handshake=[two-way, three-way] answer=rst", as the file has it. */
static const char *where_text(struct pool *pool, const struct node *where)
{
    const char *text = "";
    for (const struct node *n = where->first; n != NULL; n = n->next) {
        const char *values = n->kind == NODE_SCALAR ? n->text : "";
        for (const struct node *v = n->kind == NODE_LIST ? n->first : NULL; v != NULL;
             v = v->next)
            values = pool_printf(pool, "%s%s%s%s", v == n->first ? "[" : values,
                                 v == n->first ? "" : ", ", v->text != NULL ? v->text : "",
                                 v->next == NULL ? "]" : "");
        if (n->kind != NODE_NULL)
            text =
                pool_printf(pool, "%s%s%s=%s", text, *text != '\0' ? " " : "", n->key, values);
    }
    return text;
}

static const char *text_of(const struct node *row, const char *key)
{
    const struct node *n = node_get(row, key);
    return n != NULL && n->kind == NODE_SCALAR ? n->text : "";
}

static void keep_not_run(struct experiment *x, const struct node *row, const char *where)
{
    static const struct {
        const char *key, *lead;
    } bounds[] = {{"is", ""}, {"at_least", "at least "}, {"at_most", "at most "}};
    struct not_run *r = &x->not_run[x->n_not_run++];
    *r = (struct not_run){text_of(row, "metric"), where, "", text_of(row, "source")};
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        if (node_get(row, bounds[i].key) != NULL)
            r->want = pool_printf(x->pool, "%s%s", bounds[i].lead, text_of(row, bounds[i].key));
}

/* True: the row has no point left. *where: what it had said. */
static bool narrow_row(struct experiment *x, const struct node *row, const char **where)
{
    const struct node *map = row->kind == NODE_MAP ? node_get(row, "where") : NULL;
    bool gone = false;
    if (map == NULL || map->kind != NODE_MAP)
        return false;
    *where = where_text(x->pool, map);
    for (struct node *n = map->first; n != NULL; n = n->next)
        gone |= narrow_values(x, n);
    return gone;
}

static void narrow_section(struct experiment *x, const char *name, bool tells)
{
    struct node *section = node_get(x->tree, name);
    if (section == NULL || section->kind == NODE_SCALAR)
        return;
    struct node *row = section->first;
    if (tells)
        x->not_run = pool_array(x->pool, (size_t)node_n_children(section), sizeof(*x->not_run));
    section->first = section->last = NULL;
    while (row != NULL) {
        struct node *next = row->next;
        const char *where;
        if (!narrow_row(x, row, &where))
            node_append(section, row);
        else if (tells)
            keep_not_run(x, row, where);
        row = next;
    }
}

void narrow_rows(struct experiment *x)
{
    narrow_section(x, "expect", true);
    narrow_section(x, "plot", false);
}
