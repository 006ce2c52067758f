/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/tree.h"

#include <string.h>

int tree_n_characters(const char *text, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80; /* not a continuation byte */
    return n;
}

struct node *node_new(struct pool *pool, enum node_kind kind, const struct mark *at)
{
    struct node *n = pool_alloc(pool, sizeof(*n));
    n->kind = kind;
    if (at != NULL)
        n->at = n->key_at = *at;
    return n;
}

struct node *node_scalar(struct pool *pool, const char *key, const char *text,
                         const struct mark *at)
{
    struct node *n = node_new(pool, NODE_SCALAR, at);
    n->key = key;
    n->text = text;
    return n;
}

void node_append(struct node *parent, struct node *child)
{
    child->next = NULL;
    *(parent->first == NULL ? &parent->first : &parent->last->next) = child;
    parent->last = child;
}

struct node *node_copy(struct pool *pool, const struct node *n)
{
    struct node *copy = node_new(pool, n->kind, NULL);
    *copy = *n;
    copy->first = copy->last = copy->next = NULL;
    for (const struct node *c = n->first; c != NULL; c = c->next)
        node_append(copy, node_copy(pool, c));
    return copy;
}

struct node *node_find(const struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP)
        return NULL;
    struct node *c = map->first;
    while (c != NULL && strcmp(c->key, key) != 0)
        c = c->next;
    return c;
}

struct node *node_get(const struct node *map, const char *key)
{
    struct node *n = node_find(map, key);
    return n == NULL || n->kind == NODE_NULL ? NULL : n;
}

int node_n_children(const struct node *n)
{
    int count = 0;
    for (const struct node *c = n->first; c != NULL; c = c->next)
        count++;
    return count;
}

const char *node_describe(struct pool *pool, const struct node *n)
{
    static const char *const names[] = {
        [NODE_NULL] = "nothing", [NODE_MAP] = "a map", [NODE_LIST] = "a list"};
    return n->kind == NODE_SCALAR ? pool_printf(pool, "'%s'", n->text) : names[n->kind];
}

const char *const *node_keys(struct pool *pool, const struct node *map, size_t *n)
{
    *n = 0;
    if (map == NULL || map->kind != NODE_MAP)
        return NULL;
    const char **keys = pool_array(pool, (size_t)node_n_children(map), sizeof(*keys));
    for (const struct node *c = map->first; c != NULL; c = c->next)
        if (c->kind != NODE_NULL)
            keys[(*n)++] = c->key;
    return keys;
}
