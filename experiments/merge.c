/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/merge.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/forms.h"
#include "experiments/sections.h"
#include "output/plot.h"

enum { EXTENDS_MAX = 16 };

static bool names_another_kind(const struct node *base, const struct node *over)
{
    const struct node *a = node_get(base, "kind"), *b = node_get(over, "kind");
    return a != NULL && b != NULL && a->kind == NODE_SCALAR && b->kind == NODE_SCALAR &&
           strcmp(a->text, b->text) != 0;
}

struct node *node_merge(struct pool *pool, const struct node *base, const struct node *over)
{
    if (base == NULL || base->kind != NODE_MAP || over->kind != NODE_MAP ||
        names_another_kind(base, over)) {
        struct node *copy = node_copy(pool, over);
        copy->removes |= base != NULL && over->kind == NODE_NULL &&
                         (base->kind != NODE_NULL || base->removes);
        return copy;
    }
    struct node *out = node_new(pool, NODE_MAP, &over->at);
    out->key = over->key;
    out->key_at = over->key_at;
    for (const struct node *c = base->first; c != NULL; c = c->next) {
        const struct node *o = node_find(over, c->key);
        node_append(out, o != NULL ? node_merge(pool, c, o) : node_copy(pool, c));
    }
    for (const struct node *c = over->first; c != NULL; c = c->next)
        if (node_find(base, c->key) == NULL)
            node_append(out, node_copy(pool, c));
    return out;
}

bool node_overlaps(const struct node *base, const struct node *over)
{
    if (base->kind != NODE_MAP || over->kind != NODE_MAP)
        return true;
    for (const struct node *c = over->first; c != NULL; c = c->next) {
        const struct node *b = node_find(base, c->key);
        if (b != NULL && node_overlaps(b, c))
            return true;
    }
    return false;
}

int path_expand(struct pool *pool, const char *path, const struct mark *at,
                const struct node *value, struct node **out, struct err *e)
{
    struct node *map = *out = node_new(pool, NODE_MAP, at);
    struct mark part_at = *at;
    const char *p = path;
    part_at.column += at->width == tree_n_characters(path, strlen(path)) + 2; /* a quoted key */
    for (int n_parts = 1;; n_parts++, p++) {
        const size_t len = strcspn(p, ".");
        part_at.width = len > 0 ? tree_n_characters(p, len) : 1;
        if (len == 0)
            return err_set(e, &part_at, "the path '%s' has an empty part", path);
        if (n_parts > TREE_DEPTH_MAX)
            return err_set(e, &part_at, "a path has at most %d parts", TREE_DEPTH_MAX);
        const bool leaf = p[len] == '\0';
        struct node *n = leaf ? node_copy(pool, value) : node_new(pool, NODE_MAP, &part_at);
        n->key = pool_slice(pool, p, len);
        n->key_at = part_at;
        node_append(map, n);
        if (leaf)
            return 0;
        map = n;
        p += len;
        part_at.column += part_at.width + 1;
    }
}

static bool is_topology(const char *name)
{
    return topology_kind_find(name) != NULL;
}
static bool is_app_kind(const char *name)
{
    return app_kind_find(name) != NULL;
}
static bool is_plot_kind(const char *name)
{
    return plot_kind_find(name) != NULL;
}

/* {NAME: {...}} to {kind: NAME, ...}. A single key whose value is no map is a parameter, and in
 * an override it may be one in any case: there only what the registry has is a kind. */
static void normalize_choice(struct pool *pool, struct node *n, bool override,
                             bool (*is_kind)(const char *name))
{
    const struct node *one = n->kind == NODE_MAP ? n->first : NULL;
    if (one == NULL || one->next != NULL || one->kind != NODE_MAP ||
        strcmp(one->key, "kind") == 0 || (override && !is_kind(one->key)))
        return;
    n->first = n->last = NULL;
    node_append(n, node_scalar(pool, "kind", one->key, &one->key_at));
    for (const struct node *c = one->first; c != NULL; c = c->next)
        node_append(n, node_copy(pool, c));
}

/* Here a kind may also stand alone, as a word or as a key without parameters. */
static void normalize_topology(struct pool *pool, struct node *t, bool override)
{
    if (t->kind == NODE_SCALAR) {
        t->kind = NODE_MAP;
        node_append(t, node_scalar(pool, "kind", t->text, &t->at));
        t->text = NULL;
    } else if (t->kind == NODE_MAP && t->first != NULL && t->first->next == NULL &&
               t->first->kind == NODE_NULL && is_topology(t->first->key)) {
        t->first->kind = NODE_MAP;
    }
    normalize_choice(pool, t, override, is_topology);
}

/* Every choice of the tree to {kind: NAME, ...}. */
static void normalize(struct pool *pool, struct node *root, bool override)
{
    static const struct {
        const char *section;
        bool (*is_kind)(const char *name);
    } named[] = {{"apps", is_app_kind}, {"plot", is_plot_kind}};
    struct node *topology = node_get(root, "topology");
    if (topology != NULL)
        normalize_topology(pool, topology, override);
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        const struct node *map = node_get(root, named[i].section);
        /* a plot row has a map among its keys, `where` */
        const bool known_only = override || named[i].is_kind == is_plot_kind;
        for (struct node *n = map != NULL ? map->first : NULL; n != NULL; n = n->next)
            normalize_choice(pool, n, known_only, named[i].is_kind);
    }
    form_experiment(pool, root);
}

/* Apps, faults, routes and let names that an override changes must be there, or come whole. */
static int check_targets(struct pool *pool, const struct node *root, const struct node *over,
                         struct err *e)
{
    static const struct {
        const char *section, *what, *whole;
    } sections[] = {{"apps", "app", "kind"},
                    {"faults", "fault", "link"},
                    {"routes", "route", "node"},
                    {"let", "let name", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const struct node *base = node_get(root, sections[i].section);
        const struct node *section = node_get(over, sections[i].section);
        const struct node *c =
            section != NULL && section->kind == NODE_MAP ? section->first : NULL;
        for (; c != NULL; c = c->next) {
            if (node_find(base, c->key) != NULL ||
                (sections[i].whole != NULL && node_get(c, sections[i].whole)))
                continue;
            size_t n;
            const char *const *names = node_keys(pool, base, &n);
            const char *near = nearest_name(c->key, names, n);
            err_set(e, &c->key_at, "there is no %s '%s' to change", sections[i].what, c->key);
            return near == NULL ? -1 : err_hint(e, "did you mean '%s'?", near);
        }
    }
    return 0;
}

/* ---- extends ---- */

struct chain {
    char *paths[EXTENDS_MAX]; /* as realpath tells them */
    int n;
};

static char *beside(struct pool *pool, const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    return slash == NULL || name[0] == '/'
               ? pool_text(pool, name)
               : pool_printf(pool, "%.*s%s", (int)(slash - file + 1), file, name);
}

/* from: the `extends` value that led here, NULL for the file that the user named. */
static int load_chain(struct pool *pool, const char *path, const struct node *from,
                      struct chain *chain, struct node **out, struct err *e)
{
    char *real = realpath(path, NULL);
    if (real == NULL && from != NULL)
        return err_set(e, &from->at, "there is no file '%s' to extend", path);
    chain->paths[chain->n] = pool_text(pool, real != NULL ? real : path);
    free(real);
    for (int i = 0; i < chain->n; i++)
        if (strcmp(chain->paths[i], chain->paths[chain->n]) == 0)
            return err_set(e, &from->at, "'%s' extends itself", path);
    if (++chain->n == EXTENDS_MAX)
        return err_set(e, &from->at, "more than %d files extend one another", EXTENDS_MAX - 1);

    if (tree_read_file(pool, path, out, e) != 0)
        return -1;
    normalize(pool, *out, false);
    const struct node *extends = node_find(*out, "extends");
    if (extends == NULL)
        return 0;
    if (extends->kind != NODE_SCALAR)
        return err_set(e, &extends->key_at, "'extends' names one file");
    struct node *parent;
    if (load_chain(pool, beside(pool, path, extends->text), extends, chain, &parent, e) != 0)
        return -1;
    *out = node_merge(pool, parent, *out);
    return 0;
}

static void drop_key(struct node *map, const char *key)
{
    struct node *c = map->first;
    map->first = map->last = NULL;
    while (c != NULL) {
        struct node *next = c->next;
        if (strcmp(c->key, key) != 0)
            node_append(map, c);
        c = next;
    }
}

int tree_load(struct pool *pool, const char *path, struct node **out, struct err *e)
{
    struct chain chain = {.n = 0};
    if (load_chain(pool, path, NULL, &chain, out, e) != 0)
        return -1;
    drop_key(*out, "extends");
    return 0;
}

/* ---- -p and variants ---- */

static int read_override(struct pool *pool, const char *text, struct node **out, struct err *e)
{
    const char *line = pool_text(pool, text);
    const char *equals = strchr(line, '=');
    struct mark at = {"-p", 1, 1, 1, line};
    struct node *value;
    if (equals == NULL || equals == line) {
        err_set(e, &at, "an override is PATH=VALUE");
        return err_hint(e, "for example -p topology.delay=20ms");
    }
    const size_t len = (size_t)(equals - line);
    if (tree_read_value(pool, "-p", line, len + 1, &value, e) != 0 ||
        path_expand(pool, pool_slice(pool, line, len), &at, value, out, e) != 0)
        return -1;
    if (node_find(*out, "extends") != NULL)
        return err_set(e, &at, "'extends' cannot be changed by -p");
    normalize(pool, *out, true);
    return 0;
}

/* Where an alternative changes the same value, it must now say what -p says. */
static void override_alternatives(struct pool *pool, struct node *root, const struct node *over)
{
    struct node *variants = node_get(root, "variants");
    for (struct node *v = variants != NULL ? variants->first : NULL; v != NULL; v = v->next)
        for (struct node *a = v->first; a != NULL; a = a->next)
            if (a->kind == NODE_MAP && node_overlaps(a, over)) {
                const struct node *merged = node_merge(pool, a, over);
                a->first = merged->first;
                a->last = merged->last;
            }
}

int tree_override(struct pool *pool, struct node **root, const char *const *overrides,
                  int n_overrides, struct err *e)
{
    for (int i = 0; i < n_overrides; i++) {
        struct node *over;
        if (read_override(pool, overrides[i], &over, e) != 0 ||
            check_targets(pool, *root, over, e) != 0)
            return -1;
        const struct mark at = (*root)->at; /* the file stays what is spoken of as a whole */
        *root = node_merge(pool, *root, over);
        (*root)->at = at;
        if (node_find(over, "variants") != NULL && variants_expand(pool, *root, e) != 0)
            return -1;
        override_alternatives(pool, *root, over);
    }
    return 0;
}

static int check_section(const struct node *path, const char *text, struct err *e)
{
    static const char *const allowed[] = {"topology", "ip",     "tcp",  "hosts",  "routers",
                                          "links",    "routes", "apps", "faults", "let"};
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (strcmp(path->key, allowed[i]) == 0)
            return 0;
    const char *near = nearest_name(path->key, allowed, ARRAY_LEN(allowed));
    err_set(e, &path->key_at, "a variant cannot change '%s'", text);
    if (near != NULL)
        return err_hint(e, "did you mean '%s'?", near);
    return err_hint(e, "it can change topology, ip, tcp, hosts, routers, links, routes, apps, "
                       "faults and let");
}

static int expand_alternative(struct pool *pool, const struct node *root, struct node *a,
                              struct err *e)
{
    if (a->kind == NODE_NULL && a->removes)
        return 0;
    if (a->kind != NODE_MAP)
        return err_set(e, &a->key_at, "the alternative '%s' must be a map of overrides",
                       a->key);
    struct node *tree = node_new(pool, NODE_MAP, &a->at);
    for (const struct node *c = a->first; c != NULL; c = c->next) {
        struct node *over;
        if (path_expand(pool, c->key, &c->key_at, c, &over, e) != 0 ||
            check_section(over->first, c->key, e) != 0)
            return -1;
        normalize(pool, over, true);
        tree = node_merge(pool, tree, over);
    }
    if (check_targets(pool, root, tree, e) != 0) /* all paths together may make a new app */
        return -1;
    a->first = tree->first;
    a->last = tree->last;
    return 0;
}

int variants_expand(struct pool *pool, struct node *root, struct err *e)
{
    const struct node *variants = node_get(root, "variants");
    if (variants == NULL)
        return 0;
    if (variants->kind != NODE_MAP)
        return err_set(e, &variants->key_at, "'variants' is a map of dimensions");
    for (const struct node *v = variants->first; v != NULL; v = v->next) {
        if (v->kind != NODE_MAP && v->kind != NODE_NULL)
            return err_set(e, &v->key_at, "the variant '%s' is a map of alternatives", v->key);
        for (struct node *a = v->first; a != NULL; a = a->next)
            if (expand_alternative(pool, root, a, e) != 0)
                return -1;
    }
    return 0;
}
