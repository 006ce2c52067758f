/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/points.h"

#include <string.h>

#include "experiments/merge.h"
#include "experiments/read.h"
#include "experiments/sections.h"

/* ---- dimensions ---- */

static int check_list(const struct node *list, struct err *e)
{
    if (list->kind != NODE_LIST || list->first == NULL) {
        err_set(e, &list->key_at, "the sweep '%s' must be a list of values", list->key);
        return err_hint(e, "for example %s: [1, 2, 5]", list->key);
    }
    for (const struct node *c = list->first; c != NULL; c = c->next) {
        if (c->kind != NODE_SCALAR)
            return err_set(e, &c->at,
                           "a value of the sweep '%s' must be a single word or quantity",
                           list->key);
        for (const struct node *d = list->first; d != c; d = d->next)
            if (strcmp(c->text, d->text) == 0)
                return err_set(e, &c->at, "the value '%s' stands twice in the sweep '%s'",
                               c->text, list->key);
    }
    return 0;
}

static bool is_word(const char *text)
{
    return text[0] != '\0' && strlen(text) < NAME_MAX_BYTES &&
           strcspn(text, " \t\r\n$=") == strlen(text);
}

static int check_alternatives(const struct node *map, struct err *e)
{
    if (map->kind != NODE_MAP || map->first == NULL) {
        err_set(e, &map->key_at, "the variant '%s' needs alternatives", map->key);
        return err_hint(e, "for example %s: {plain: {}, strict: {tcp.nagle: no}}", map->key);
    }
    for (const struct node *c = map->first; c != NULL; c = c->next)
        if (!is_word(c->key))
            return err_set(e, &c->key_at,
                           "the name of an alternative must be one word, not '%s'", c->key);
    return 0;
}

static int check_name(const struct experiment *x, const struct node *n, bool in_variants,
                      struct err *e)
{
    if (in_variants ? !is_word(n->key) : !subst_is_identifier(n->key)) {
        err_set(e, &n->key_at, "'%s' cannot be a name", n->key);
        if (in_variants)
            return err_hint(e, "a name is one word");
        const char *last = strrchr(n->key, '.');
        return last != NULL && subst_is_identifier(last + 1)
                   ? err_hint(e, "name it %s, and write $%s where the value stands", last + 1,
                              last + 1)
                   : err_hint(e, "a name has letters, digits and _ only");
    }
    if (strlen(n->key) >= NAME_MAX_BYTES)
        return err_set(e, &n->key_at, "the name is longer than %d bytes", NAME_MAX_BYTES - 1);
    const struct node *let = node_get(node_get(x->tree, "let"), n->key);
    if (dimension_index(x, n->key) >= 0 || (let != NULL && let != n)) {
        err_set(e, &n->key_at, "the name '%s' is given twice", n->key);
        return err_hint(e, "'let', 'sweep' and 'variants' share their names");
    }
    return 0;
}

static int read_dimension(struct experiment *x, const struct node *n, bool is_variant,
                          struct err *e)
{
    if (check_name(x, n, is_variant, e) != 0 ||
        (is_variant ? check_alternatives(n, e) : check_list(n, e)) != 0)
        return -1;
    struct dimension *d = &x->dims[x->n_dims];
    *d = (struct dimension){.is_variant = is_variant, .at = n->key_at};
    memcpy(d->name, n->key, strlen(n->key) + 1);
    d->values = pool_array(x->pool, (size_t)node_n_children(n), sizeof(*d->values));
    for (const struct node *c = n->first; c != NULL; c = c->next)
        if (c->kind != NODE_NULL)
            d->values[d->n_values++] = is_variant ? c->key : c->text;
    if (d->n_values == 0)
        return err_set(e, &n->key_at, "the variant '%s' needs alternatives", n->key);
    x->n_dims++;
    return 0;
}

static int check_let(const struct experiment *x, struct err *e)
{
    const struct node *let = node_get(x->tree, "let");
    if (let == NULL)
        return 0;
    if (let->kind != NODE_MAP)
        return err_set(e, &let->key_at, "'let' is a map of names and values");
    for (const struct node *n = let->first; n != NULL; n = n->next) {
        if (check_name(x, n, false, e) != 0)
            return -1;
        if (n->kind == NODE_MAP || n->kind == NODE_LIST) {
            err_set(e, &n->key_at, "'let' names one value, and '%s' is %s", n->key,
                    node_describe(x->pool, n));
            return n->kind == NODE_MAP ? -1 : err_hint(e, "a list of values stands in 'sweep'");
        }
    }
    return 0;
}

/* Sweeps and variants in the order in which the file has them. */
static int read_dimensions(struct experiment *x, struct err *e)
{
    const struct node *sweep = node_get(x->tree, "sweep"),
                      *variants = node_get(x->tree, "variants");
    if (sweep != NULL && sweep->kind != NODE_MAP)
        return err_set(e, &sweep->key_at, "'sweep' is a map of names and lists");
    const int n = (sweep != NULL ? node_n_children(sweep) : 0) +
                  (variants != NULL ? node_n_children(variants) : 0);
    x->dims = pool_array(x->pool, (size_t)n, sizeof(*x->dims));
    for (const struct node *s = x->tree->first; s != NULL; s = s->next)
        for (const struct node *d = s == sweep || s == variants ? s->first : NULL; d != NULL;
             d = d->next)
            if (d->kind != NODE_NULL && read_dimension(x, d, s == variants, e) != 0)
                return -1;
    return 0;
}

int dimension_index(const struct experiment *x, const char *name)
{
    for (int i = 0; i < x->n_dims; i++)
        if (strcmp(x->dims[i].name, name) == 0)
            return i;
    return -1;
}

/* ---- points ---- */

static void label_point(const struct experiment *x, struct point *p)
{
    size_t used = 0;
    for (int d = 0; d < x->n_dims && used < sizeof(p->label); d++) {
        const int n =
            snprintf(p->label + used, sizeof(p->label) - used, "%s%s=%s", d == 0 ? "" : " ",
                     x->dims[d].name, x->dims[d].values[p->value[d]]);
        used += (size_t)n;
    }
}

static int make_points(struct experiment *x, struct err *e)
{
    x->n_points = 1;
    for (int d = 0; d < x->n_dims; d++) {
        if (x->dims[d].n_values > POINTS_MAX / x->n_points)
            return err_set(e, &x->dims[d].at, "sweeps and variants make more than %d points",
                           POINTS_MAX);
        x->n_points *= x->dims[d].n_values;
    }
    x->points = pool_array(x->pool, (size_t)x->n_points, sizeof(*x->points));
    for (int i = 0; i < x->n_points; i++) {
        struct point *p = &x->points[i];
        p->id = i + 1;
        p->value = pool_array(x->pool, (size_t)x->n_dims, sizeof(*p->value));
        for (int d = x->n_dims - 1, rest = i; d >= 0; rest /= x->dims[d].n_values, d--)
            p->value[d] = rest % x->dims[d].n_values;
        label_point(x, p);
    }
    return 0;
}

/* ---- names ---- */

static const struct node *child_at(const struct node *n, int index)
{
    const struct node *c = n->first;
    while (index-- > 0)
        c = c->next;
    return c;
}

/* The names of `let`, in a table with room for more. */
static struct bindings let_names(struct pool *pool, const struct node *root, int room)
{
    const struct node *let = node_get(root, "let");
    struct bindings b = {0};
    b.items = pool_array(pool, (size_t)((let != NULL ? node_n_children(let) : 0) + room),
                         sizeof(*b.items));
    for (const struct node *c = let != NULL ? let->first : NULL; c != NULL; c = c->next)
        if (c->kind == NODE_SCALAR)
            b.items[b.n++] = (struct binding){c->key, c};
    return b;
}

struct bindings points_let_names(struct pool *pool, const struct node *root)
{
    return let_names(pool, root, 0);
}

/* What $name can reach in this tree: `let`, then the sweeps with their values at a point. */
static struct bindings names_at(struct pool *pool, const struct experiment *x,
                                const struct node *root, const struct point *point)
{
    const struct node *sweep = node_get(root, "sweep");
    struct bindings b = let_names(pool, root, x->n_dims);
    for (int d = 0; d < x->n_dims; d++)
        if (!x->dims[d].is_variant)
            b.items[b.n++] = (struct binding){
                x->dims[d].name, child_at(node_get(sweep, x->dims[d].name), point->value[d])};
    return b;
}

struct usage {
    struct bindings names; /* of every point: only the names matter here */
    bool *used;
    struct err *e;
};

static void use_name(void *ctx, const char *name, size_t len)
{
    struct usage *u = ctx;
    for (int i = 0; i < u->names.n; i++)
        if (strncmp(u->names.items[i].name, name, len) == 0 &&
            u->names.items[i].name[len] == '\0')
            u->used[i] = true;
}

static void use_tree(struct usage *u, const struct node *n)
{
    if (n == NULL)
        return;
    if (n->kind == NODE_SCALAR)
        subst_each(n->text, use_name, u);
    for (const struct node *c = n->first; c != NULL; c = c->next)
        use_tree(u, c);
}

static const char *const EXPRESSIONS[] = {"is", "at_least", "at_most", "tol", "half_width_max"};

/* A name counts as used where it stands for a value, of other names too, and in expressions;
 * not in `where`, `each`. */
static void find_used(struct usage *u, const struct node *root)
{
    for (const struct section *s = SECTIONS; s->name != NULL; s++)
        if (s->takes != TAKES_NO_NAMES)
            use_tree(u, node_get(root, s->name));
    use_tree(u, node_get(root, "let"));
    use_tree(u, node_get(root, "sweep"));
    use_tree(u, node_get(root, "variants"));
    const struct node *expect = node_get(root, "expect");
    for (const struct node *row = expect != NULL ? expect->first : NULL; row != NULL;
         row = row->next)
        for (size_t i = 0; i < ARRAY_LEN(EXPRESSIONS); i++)
            use_tree(u, node_get(row, EXPRESSIONS[i]));
}

/* Why nothing uses it: -p may have put something else in the place of $name. */
static int hint_unused(const struct experiment *x, int i, const struct usage *now,
                       const struct usage *before, struct err *e)
{
    const char *name = now->names.items[i].name;
    const int d = dimension_index(x, name);
    if (!before->used[i])
        return err_hint(e, "use it as $%s", name);
    if (d < 0)
        return err_hint(e, "-p has replaced it where it stood: change it by -p let.%s=%s", name,
                        now->names.items[i].value->text);
    return err_hint(e, "-p has replaced it where it stood: choose values by -p 'sweep.%s=[%s]'",
                    name, x->dims[d].values[0]);
}

static int check_used(struct experiment *x, struct err *e)
{
    struct usage u = {.names = names_at(x->pool, x, x->tree, &x->points[0])};
    struct usage before = u;
    u.used = pool_array(x->pool, (size_t)u.names.n, sizeof(*u.used));
    before.used = pool_array(x->pool, (size_t)u.names.n, sizeof(*u.used));
    find_used(&u, x->tree);
    find_used(&before, x->file);
    for (int i = 0; i < u.names.n; i++) {
        const char *name = u.names.items[i].name;
        const int d = dimension_index(x, name);
        if (u.used[i])
            continue;
        err_set(e, d >= 0 ? &x->dims[d].at : &u.names.items[i].value->key_at,
                "the %s '%s' is never used", d >= 0 ? "sweep" : "let name", name);
        return hint_unused(x, i, &u, &before, e);
    }
    return 0;
}

int points_read(struct experiment *x, struct err *e)
{
    return check_let(x, e) != 0 || read_dimensions(x, e) != 0 || make_points(x, e) != 0 ||
                   check_used(x, e) != 0
               ? -1
               : 0;
}

struct node *point_tree(struct pool *pool, const struct experiment *x, int point,
                        struct bindings *names, struct err *e)
{
    const struct point *p = &x->points[point];
    const struct node *variants = node_get(x->tree, "variants");
    struct node *root = node_copy(pool, x->tree);
    for (int d = 0; d < x->n_dims; d++)
        if (x->dims[d].is_variant)
            root = node_merge(
                pool, root,
                node_find(node_get(variants, x->dims[d].name), x->dims[d].values[p->value[d]]));
    root->at = x->tree->at;
    *names = names_at(pool, x, root, p);
    for (const struct section *s = SECTIONS; s->name != NULL; s++) {
        struct node *n = s->takes == TAKES_POINT_NAMES ? node_get(root, s->name) : NULL;
        if (n != NULL && subst_tree(names, n, e) != 0)
            return NULL;
    }
    return root;
}

/* ---- where ---- */

static int select_value(const struct experiment *x, const struct dimension *d,
                        const struct node *value, bool *wanted, struct err *e)
{
    if (value->kind != NODE_SCALAR)
        return err_set(e, &value->at, "'where' takes values of '%s', one or a list", d->name);
    for (int i = 0; i < d->n_values; i++)
        if (strcmp(d->values[i], value->text) == 0) {
            wanted[i] = true;
            return 0;
        }
    const struct reader r = {.pool = x->pool, .e = e};
    err_set(e, &value->at, "'%s' has no value '%s'", d->name, value->text);
    return read_hint(&r, value->text, d->values, (size_t)d->n_values, "one of");
}

static int select_dimension(const struct experiment *x, const struct node *n, bool *selects,
                            struct err *e)
{
    const int index = dimension_index(x, n->key);
    if (index < 0)
        return points_unknown_dimension(x, n->key, &n->key_at, e);
    const struct dimension *d = &x->dims[index];
    bool *wanted = pool_array(x->pool, (size_t)d->n_values, sizeof(*wanted));
    for (const struct node *v = n->kind == NODE_LIST ? n->first : n; v != NULL;
         v = n->kind == NODE_LIST ? v->next : NULL)
        if (select_value(x, d, v, wanted, e) != 0)
            return -1;
    for (int i = 0; i < x->n_points; i++)
        selects[i] &= wanted[x->points[i].value[index]];
    return 0;
}

int points_unknown_dimension(const struct experiment *x, const char *name,
                             const struct mark *at, struct err *e)
{
    const char **names = pool_array(x->pool, (size_t)x->n_dims, sizeof(*names));
    for (int i = 0; i < x->n_dims; i++)
        names[i] = x->dims[i].name;
    const struct reader r = {.pool = x->pool, .e = e};
    err_set(e, at, "there is no sweep or variant '%s'", name);
    if (node_get(node_get(x->tree, "let"), name) != NULL)
        return err_hint(e, "'let' gives it one value, the same at every point");
    return x->n_dims > 0 ? read_hint(&r, name, names, (size_t)x->n_dims, "one of") : -1;
}

int points_select(const struct experiment *x, const struct node *where, const struct mark *at,
                  bool *selects, struct err *e)
{
    memset(selects, true, (size_t)x->n_points * sizeof(*selects));
    if (where == NULL)
        return 0;
    if (where->kind != NODE_MAP)
        return err_set(e, &where->key_at, "'where' is a map of dimensions and their values");
    for (const struct node *n = where->first; n != NULL; n = n->next)
        if (n->kind != NODE_NULL && select_dimension(x, n, selects, e) != 0)
            return -1;
    if (memchr(selects, true, (size_t)x->n_points) == NULL)
        return err_set(e, at, "'where' selects no point");
    return 0;
}
