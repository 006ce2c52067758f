/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/forms.h"

#include <string.h>

#include "experiments/sections.h"

const struct variant *variant_find(const struct variant *variants, const char *name)
{
    while (variants->name != NULL && strcmp(variants->name, name) != 0)
        variants++;
    return variants->name == NULL ? NULL : variants;
}

size_t variant_names(const struct variant *variants, const char *names[VARIANTS_MAX])
{
    size_t n = 0;
    for (; variants[n].name != NULL; n++) {
        sim_assert(NULL, n < VARIANTS_MAX);
        names[n] = variants[n].name;
    }
    return n;
}

/* Whether value is meant for the first key of v: anything but a map of v's own keys. */
static bool is_first_key(const struct variant *v, const struct node *value)
{
    if (value->kind != NODE_MAP)
        return true;
    return v->keys->kind == KEY_VARIANT && value->first != NULL &&
           key_find(v->keys, value->first->key) == NULL;
}

void form_variant(struct pool *pool, struct node *n, const struct variant *variants)
{
    struct node *one = n->kind == NODE_MAP ? n->first : NULL;
    const struct variant *v = one != NULL ? variant_find(variants, one->key) : NULL;
    if (v == NULL || one->next != NULL || one->kind == NODE_NULL ||
        (v->keys->name == NULL && one->kind != NODE_MAP))
        return;
    n->first = n->last = NULL;
    node_append(n, node_scalar(pool, "kind", v->name, &one->key_at));
    if (is_first_key(v, one)) {
        one->key = v->keys->name;
        node_append(n, one);
        return;
    }
    for (struct node *c = one->first, *next; c != NULL; c = next) {
        next = c->next;
        node_append(n, c);
    }
}

static void form_value(struct pool *pool, struct node *n, const struct key *k)
{
    if (k->kind == KEY_GROUP && k->sub != NULL)
        form_keys(pool, n, k->sub);
    if (k->kind == KEY_STEPS || k->kind == KEY_MAPS)
        for (struct node *c = n->first; c != NULL; c = c->next)
            form_keys(pool, c, k->sub);
    if (k->kind != KEY_VARIANT)
        return;
    form_variant(pool, n, k->variants);
    const struct node *kind = node_get(n, "kind");
    const struct variant *v = kind != NULL && kind->kind == NODE_SCALAR
                                  ? variant_find(k->variants, kind->text)
                                  : NULL;
    if (v != NULL)
        form_keys(pool, n, v->keys);
}

void form_keys(struct pool *pool, struct node *map, const struct key *keys)
{
    for (const struct key *k = keys; k->name != NULL; k++) {
        struct node *n = node_get(map, k->name);
        if (n != NULL)
            form_value(pool, n, k);
    }
}

static void form_topology(struct pool *pool, struct node *n)
{
    for (const struct topology_kind *const *k = TOPOLOGY_KINDS; *k != NULL; k++)
        form_keys(pool, n, (*k)->keys);
}

static void form_app(struct pool *pool, struct node *n)
{
    const struct node *kind = node_get(n, "kind");
    const struct app_kind *own =
        kind != NULL && kind->kind == NODE_SCALAR ? app_kind_find(kind->text) : NULL;
    for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++)
        if (own == NULL || own == *k)
            form_keys(pool, n, (*k)->keys);
}

static void form_host(struct pool *pool, struct node *n)
{
    form_keys(pool, n, HOST_KEYS);
    form_keys(pool, node_get(n, "tcp"), TCP_KEYS);
}
static void form_link(struct pool *pool, struct node *n)
{
    form_keys(pool, n, LINK_KEYS);
}
static void form_router(struct pool *pool, struct node *n)
{
    form_keys(pool, n, ROUTER_KEYS);
}
static void form_fault(struct pool *pool, struct node *n)
{
    form_keys(pool, n, FAULT_KEYS);
}

void form_experiment(struct pool *pool, struct node *root)
{
    static const struct {
        const char *section;
        void (*form)(struct pool *pool, struct node *n);
    } named[] = {{"hosts", form_host},
                 {"routers", form_router},
                 {"links", form_link},
                 {"apps", form_app},
                 {"faults", form_fault}};
    struct node *topology = node_get(root, "topology");
    if (topology != NULL)
        form_topology(pool, topology);
    form_keys(pool, node_get(root, "tcp"), TCP_KEYS);
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        const struct node *map = node_get(root, named[i].section);
        for (struct node *n = map != NULL ? map->first : NULL; n != NULL; n = n->next)
            if (n->kind == NODE_MAP)
                named[i].form(pool, n);
    }
}
