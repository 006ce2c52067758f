/* SPDX-License-Identifier: GPL-3.0-or-later
 * tree.h -- a configuration as nodes that remember where they were written.
 *
 *   apps: {web: {kind: server}}   root -first-> apps -first-> web -first-> kind "server"
 *                                   |next         |next     each carries its key and two marks
 *
 * The one idea: every later step (extends, overrides, variants, $names) only makes new trees of
 * nodes that keep their marks, so an error found at the very end still points into the file
 * that a person wrote.
 *
 * Not modelled: anchors, aliases, tags, merge keys, several documents (yaml.c refuses them).
 */
#pragma once
#include "experiments/pool.h"
#include "sim/err.h"
#include <stdbool.h>

enum node_kind {
    NODE_NULL, /* ~, null or nothing: "not given"; over something that is given it removes it */
    NODE_SCALAR,
    NODE_MAP,
    NODE_LIST,
};

struct node {
    enum node_kind kind;
    bool removes;           /* NODE_NULL: it took something away */
    const char *text;       /* NODE_SCALAR; NULL otherwise */
    const char *key;        /* in a map; NULL: an item of a list, or a root */
    const char *comment;    /* for emit.h: lines that stand before its key; NULL: none */
    struct mark key_at, at; /* of the key (items and roots: of the value) and of the value */
    struct node *first, *last, *next;
};

enum { TREE_DEPTH_MAX = 40 };

/* Reads a YAML file; the root is a map. Sets *root and returns 0, or -1 with e. Texts and marks
 * live in pool. */
int tree_read_file(struct pool *pool, const char *path, struct node **root, struct err *e);

/* The same from memory; `path` is what marks call it. */
int tree_read_text(struct pool *pool, const char *path, const char *text, struct node **root,
                   struct err *e);

/* A value of any kind out of line[skip..], as in "PATH=VALUE"; marks show the whole line.
 * Nothing: NODE_NULL. */
int tree_read_value(struct pool *pool, const char *path, const char *line, size_t skip,
                    struct node **root, struct err *e);

/* Characters of UTF-8 in len bytes: what columns count. */
int tree_n_characters(const char *text, size_t len);

struct node *node_new(struct pool *pool, enum node_kind kind, const struct mark *at);
struct node *node_scalar(struct pool *pool, const char *key, const char *text,
                         const struct mark *at);
void node_append(struct node *parent, struct node *child);
struct node *node_copy(struct pool *pool, const struct node *n); /* deep; next is NULL */

/* A map's child; NULL if there is none or it is NODE_NULL (then it counts as not given). map
 * may be NULL. */
struct node *node_get(const struct node *map, const char *key);
/* The same, but finds a NODE_NULL too. */
struct node *node_find(const struct node *map, const char *key);
int node_n_children(const struct node *n);

/* "a map", "a list", "nothing", "'20ms'": for sentences. Lives in pool. */
const char *node_describe(struct pool *pool, const struct node *n);

/* The keys of a map's children that are given, *n of them, in pool. */
const char *const *node_keys(struct pool *pool, const struct node *map, size_t *n);
