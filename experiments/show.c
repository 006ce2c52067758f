/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/show.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/emit.h"
#include "experiments/forms.h"
#include "experiments/points.h"
#include "experiments/reference.h"
#include "experiments/sections.h"

/* ---- defaults ---- */

static void give(struct pool *pool, struct node *map, const char *key, const char *text)
{
    node_append(map, node_scalar(pool, key, text, NULL));
}

static bool has_compulsory(const struct key *keys)
{
    for (; keys->name != NULL; keys++)
        if (keys->default_text == NULL && keys->kind != KEY_GROUP)
            return true;
    return false;
}

static struct node *filled_value(struct pool *pool, const struct node *n, const struct key *k);

/* Appends the rows' keys in their order: what map (or NULL) gives, else the default. */
static void fill(struct pool *pool, struct node *out, const struct node *map,
                 const struct key *keys)
{
    for (const struct key *k = keys; k->name != NULL; k++) {
        const struct node *n = node_get(map, k->name);
        if (n != NULL) {
            node_append(out, filled_value(pool, n, k));
        } else if (k->kind == KEY_GROUP && k->sub != NULL && !has_compulsory(k->sub)) {
            struct node *group = node_new(pool, NODE_MAP, NULL);
            group->key = k->name;
            fill(pool, group, NULL, k->sub);
            node_append(out, group);
        } else if (k->kind != KEY_GROUP && k->default_text != NULL &&
                   k->default_text[0] != '\0') {
            give(pool, out, k->name, k->default_text);
        }
    }
}

/* A copy without what is not given. */
static struct node *given(struct pool *pool, const struct node *n)
{
    struct node *out = node_copy(pool, n);
    out->first = out->last = NULL;
    for (const struct node *c = n->first; c != NULL; c = c->next)
        if (c->kind != NODE_NULL)
            node_append(out, given(pool, c));
    return out;
}

/* What is no map may stand here all the same, when every point's variant replaces it. */
static struct node *filled_map(struct pool *pool, const struct node *map,
                               const struct key *head, const struct key *keys)
{
    if (map->kind != NODE_MAP)
        return given(pool, map);
    struct node *out = node_new(pool, NODE_MAP, &map->at);
    out->key = map->key;
    fill(pool, out, map, head);
    fill(pool, out, map, keys);
    return out;
}

static const struct key NO_KEYS[] = {{0}};
static const struct key KIND_KEY[] = {{.name = "kind", .kind = KEY_TEXT}, {0}};

/* A kind that is a $name has the keys of none. */
static struct node *filled_variant(struct pool *pool, const struct node *n, const struct key *k)
{
    const struct node *kind = node_get(n, "kind");
    const struct variant *v = kind != NULL && kind->kind == NODE_SCALAR
                                  ? variant_find(k->variants, kind->text)
                                  : NULL;
    return v != NULL ? filled_map(pool, n, KIND_KEY, v->keys) : given(pool, n);
}

/* Each child of a list of maps, or of a map of maps. */
static struct node *filled_children(struct pool *pool, const struct node *n,
                                    const struct key *k)
{
    struct node *out = node_new(pool, n->kind, &n->at);
    out->key = n->key;
    for (const struct node *c = n->first; c != NULL; c = c->next) {
        struct node *child = node_copy(pool, c);
        if (c->kind == NODE_NULL && k->kind == KEY_MAPS && !c->removes)
            child->kind = NODE_MAP; /* a->b alone: all defaults */
        if (child->kind != NODE_NULL)
            node_append(out, filled_map(pool, child, k->sub, NO_KEYS));
    }
    return out;
}

static struct node *filled_value(struct pool *pool, const struct node *n, const struct key *k)
{
    if (k->kind == KEY_VARIANT)
        return filled_variant(pool, n, k);
    if (k->kind == KEY_GROUP && k->sub != NULL)
        return filled_map(pool, n, k->sub, NO_KEYS);
    if ((k->kind == KEY_STEPS && n->kind == NODE_LIST) ||
        (k->kind == KEY_MAPS && n->kind == NODE_MAP))
        return filled_children(pool, n, k);
    return given(pool, n);
}

/* ---- sections ---- */

struct shown {
    const struct experiment *x;
    struct pool *pool;
    struct node *out;
};

/* An empty section says nothing. */
static void put(struct shown *s, struct node *section)
{
    if (section->kind == NODE_SCALAR || section->first != NULL)
        node_append(s->out, section);
}

static void show_given(struct shown *s, const struct node *n)
{
    put(s, given(s->pool, n));
}

/* The text of a key; "" when it is not given, or no scalar. */
static const char *text_of(const struct node *map, const char *key)
{
    const struct node *n = node_get(map, key);
    return n != NULL && n->kind == NODE_SCALAR ? n->text : "";
}

/* A kind that is a $name has the keys of none. */
static void show_topology(struct shown *s, const struct node *n)
{
    const struct topology_kind *k = topology_kind_find(text_of(n, "kind"));
    put(s, k != NULL ? filled_map(s->pool, n, KIND_KEY, k->keys) : given(s->pool, n));
}

static void show_apps(struct shown *s, const struct node *n)
{
    struct node *apps = node_new(s->pool, NODE_MAP, NULL);
    apps->key = n->key;
    for (const struct node *c = n->first; c != NULL; c = c->next) {
        if (c->kind == NODE_NULL)
            continue;
        const struct app_kind *k = app_kind_find(text_of(c, "kind"));
        node_append(apps, k != NULL ? filled_map(s->pool, c, APP_HEAD_KEYS, k->keys)
                                    : given(s->pool, c));
    }
    put(s, apps);
}

/* The entries of a section, each filled by a table. */
static void show_entries(struct shown *s, const struct node *n, const struct key *keys)
{
    struct node *out = node_new(s->pool, NODE_MAP, NULL);
    out->key = n->key;
    for (const struct node *c = n->first; c != NULL; c = c->next)
        if (c->kind != NODE_NULL)
            node_append(out, filled_map(s->pool, c, keys, NO_KEYS));
    put(s, out);
}

static void show_faults(struct shown *s, const struct node *n)
{
    show_entries(s, n, FAULT_KEYS);
}
static void show_routes(struct shown *s, const struct node *n)
{
    show_entries(s, n, ROUTE_KEYS);
}

static void show_expect(struct shown *s, const struct node *n)
{
    struct node *out = node_new(s->pool, n->kind, NULL);
    out->key = n->key;
    for (const struct node *c = n->first; c != NULL; c = c->next)
        if (c->kind != NODE_NULL)
            node_append(out, given(s->pool, filled_map(s->pool, c, EXPECT_KEYS, NO_KEYS)));
    put(s, out);
}

/* Appends the leaves of a tree as dotted paths. */
static void flatten(struct pool *pool, struct node *out, const char *path, const struct node *n)
{
    if (n->kind != NODE_MAP || (n->first == NULL && path[0] != '\0')) {
        struct node *leaf = node_copy(pool, n);
        leaf->key = path;
        node_append(out, leaf);
        return;
    }
    for (const struct node *c = n->first; c != NULL; c = c->next)
        flatten(pool, out, path[0] == '\0' ? c->key : pool_printf(pool, "%s.%s", path, c->key),
                c);
}

static void show_variants(struct shown *s, const struct node *n)
{
    struct node *variants = node_new(s->pool, NODE_MAP, NULL);
    variants->key = n->key;
    for (const struct node *v = n->first; v != NULL; v = v->next) {
        struct node *dimension = node_new(s->pool, NODE_MAP, NULL);
        dimension->key = v->key;
        for (const struct node *a = v->first; a != NULL; a = a->next) {
            struct node *alternative = node_new(s->pool, NODE_MAP, NULL);
            alternative->key = a->key;
            flatten(s->pool, alternative, "", a);
            if (a->kind != NODE_NULL)
                node_append(dimension, alternative);
        }
        if (dimension->first != NULL)
            node_append(variants, dimension);
    }
    put(s, variants);
}

/* ---- tcp ---- */

/* Whether a tree (the base or an alternative) says something about a profile beside the base's
 * `tcp`. */
static bool names_profile(const struct node *root, bool is_base)
{
    const struct node *tcp = node_find(root, "tcp"), *hosts = node_get(root, "hosts");
    if (!is_base && tcp != NULL &&
        (tcp->kind == NODE_NULL || node_find(tcp, "profile") != NULL))
        return true;
    for (const struct node *h = hosts != NULL ? hosts->first : NULL; h != NULL; h = h->next)
        if (node_find(node_find(h, "tcp"), "profile") != NULL)
            return true;
    return false;
}

static bool is_profile(const char *name)
{
    const struct tcp_profile *p = TCP_PROFILES;
    while (p->name != NULL && strcmp(p->name, name) != 0)
        p++;
    return p->name != NULL;
}

static bool has_one_profile(const struct experiment *x)
{
    const struct node *tcp = node_get(x->tree, "tcp"), *profile = node_get(tcp, "profile");
    const struct node *variants = node_get(x->tree, "variants");
    if ((profile != NULL && !is_profile(text_of(tcp, "profile"))) ||
        names_profile(x->tree, true))
        return false;
    for (const struct node *v = variants != NULL ? variants->first : NULL; v != NULL;
         v = v->next)
        for (const struct node *a = v->first; a != NULL; a = a->next)
            if (names_profile(a, false))
                return false;
    return true;
}

static const char *profile_value(const char *profile, const struct key *k)
{
    const struct tcp_profile *p = TCP_PROFILES;
    while (strcmp(p->name, profile) != 0)
        p++; /* ends: the experiment has been checked */
    for (const struct tcp_profile_row *r = p->rows; r->key != NULL; r++)
        if (strcmp(r->key, k->name) == 0)
            return r->value;
    return k->default_text;
}

/* What the profiles of the first point's hosts say, one line a profile. */
static const char *profiles_comment(struct shown *s)
{
    struct err e = {0};
    struct point_spec spec;
    const char *comment = "profiles differ; at the first point the values of";
    if (experiment_point(s->x, 0, &spec, &e) == 0)
        for (int i = 0; i < spec.net.n_hosts; i++) {
            const struct host_spec *h = &spec.net.hosts[i];
            comment = pool_printf(s->pool, "%s\n  %s (%s):", comment, h->name, h->tcp.profile);
            for (const struct key *k = TCP_KEYS + 1; k->name != NULL; k++)
                comment = pool_printf(s->pool, "%s\n    %s: %s", comment, k->name,
                                      profile_value(h->tcp.profile, k));
        }
    point_spec_free(&spec);
    return comment;
}

/* n: NULL when not given. */
static void show_tcp(struct shown *s, const struct node *n)
{
    struct node *tcp = node_new(s->pool, NODE_MAP, NULL);
    const bool one = has_one_profile(s->x);
    const char *own_profile = text_of(n, TCP_KEYS[0].name);
    const char *name = own_profile[0] != '\0' ? own_profile : TCP_KEYS[0].default_text;
    tcp->key = "tcp";
    if (!one)
        tcp->comment = profiles_comment(s);
    for (const struct key *k = TCP_KEYS; k->name != NULL; k++) {
        const struct node *own = node_get(n, k->name);
        if (own != NULL)
            node_append(tcp, node_copy(s->pool, own));
        else if (one)
            give(s->pool, tcp, k->name, k == TCP_KEYS ? name : profile_value(name, k));
        else if (k == TCP_KEYS)
            give(s->pool, tcp, k->name, name);
    }
    put(s, tcp);
}

/* ---- the whole ---- */

static void show_top_key(struct shown *s, const char *name)
{
    const struct key *k = key_find(TOP_KEYS, name);
    const struct node *n = node_get(s->x->tree, name);
    if (n != NULL)
        show_given(s, n);
    else if (strcmp(name, "name") == 0)
        give(s->pool, s->out, name, s->x->name);
    else if (k->default_text[0] != '\0')
        give(s->pool, s->out, name, k->default_text);
}

static const struct {
    const char *name;
    void (*show)(struct shown *s, const struct node *n);
} SHOWN[] = {{"routes", show_routes}, {"topology", show_topology}, {"apps", show_apps},
             {"faults", show_faults}, {"variants", show_variants}, {"expect", show_expect}};

static void show_section(struct shown *s, const char *name)
{
    const struct node *n = node_get(s->x->tree, name);
    if (n == NULL)
        return;
    for (size_t i = 0; i < ARRAY_LEN(SHOWN); i++)
        if (strcmp(SHOWN[i].name, name) == 0) {
            SHOWN[i].show(s, n);
            return;
        }
    show_given(s, n);
}

/* Which of the two comes first decides the order of the points. */
static bool variants_first(const struct experiment *x)
{
    const struct node *n = x->tree->first;
    while (n != NULL && strcmp(n->key, "sweep") != 0 && strcmp(n->key, "variants") != 0)
        n = n->next;
    return n != NULL && strcmp(n->key, "variants") == 0;
}

static const char *swapped(const char *name)
{
    return strcmp(name, "sweep") == 0      ? "variants"
           : strcmp(name, "variants") == 0 ? "sweep"
                                           : name;
}

const char *show_text(const struct experiment *x)
{
    struct shown s = {.x = x, .pool = x->pool, .out = node_new(x->pool, NODE_MAP, NULL)};
    const bool swap = variants_first(x);
    for (const struct section *section = SECTIONS; section->name != NULL; section++) {
        const char *name = swap ? swapped(section->name) : section->name;
        if (strcmp(name, "tcp") == 0)
            show_tcp(&s, node_get(x->tree, name));
        else if (section->help == NULL)
            show_top_key(&s, name);
        else
            show_section(&s, name);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (f == NULL)
        return "";
    emit_yaml(s.out, f);
    fclose(f);
    const char *copy = pool_text(x->pool, text);
    free(text);
    return copy;
}

int experiment_show(const struct experiment *x, FILE *out)
{
    return fputs(x->flat, out) < 0 || fflush(out) != 0 ? -1 : 0;
}
