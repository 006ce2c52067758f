/* SPDX-License-Identifier: GPL-3.0-or-later
 * merge.h -- one tree laid over another: how `extends`, `-p` and variants all change a
 * configuration.
 *
 *   base {tcp: {msl: 30s, nagle: no}}  over {tcp: {msl: 60s, nagle: ~}}  = {tcp: {msl: 60s}}
 *
 * The one idea: an override `a.b.c = value` is the small tree {a: {b: {c: value}}}, so that
 * there is one mechanism: maps are merged deep, everything else is replaced, `~` removes, and a
 * map that names another `kind` replaces the whole, because the keys of the old kind mean
 * nothing to the new one.
 *
 * A choice as a one-key map, `topology: {two-hosts: {...}}`, `apps: {web: {server: {...}}}`,
 * becomes {kind: two-hosts, ...} before anything is merged; so does `topology: two-hosts`.
 */
#pragma once
#include "experiments/tree.h"

/* A new tree; base (which may be NULL) and over stay as they are. Key and marks are those of
 * over. */
struct node *node_merge(struct pool *pool, const struct node *base, const struct node *over);

/* The tree {a: {b: {c: value}}} of the path "a.b.c", which stands at `at`. *out is its root. 0,
 * or -1 with e. */
int path_expand(struct pool *pool, const char *path, const struct mark *at,
                const struct node *value, struct node **out, struct err *e);

/* Whether some value of over stands at, above or below some value of base. */
bool node_overlaps(const struct node *base, const struct node *over);

/* Reads a file and the chain of its parents (`extends`) into one tree. 0, or -1 with e. */
int tree_load(struct pool *pool, const char *path, struct node **out, struct err *e);

/* Lays "PATH=VALUE" texts over root, and over each alternative of `variants` that changes the
 * same value, since -p wins over variants. The alternatives must be trees already
 * (variants_expand). 0, or -1 with e. */
int tree_override(struct pool *pool, struct node **root, const char *const *overrides,
                  int n_overrides, struct err *e);

/* Replaces each alternative of `variants`, {dotted.path: value, ...}, by its tree. 0, or -1
 * with e. */
int variants_expand(struct pool *pool, struct node *root, struct err *e);
