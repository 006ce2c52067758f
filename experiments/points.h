/* SPDX-License-Identifier: GPL-3.0-or-later
 * points.h -- `let`, `sweep` and `variants`: one tree becomes one tree a point.
 *
 *   sweep: {rate: [1/s, 2/s]}  variants: {answer: {rst: {}, silent: {...}}}  ->  4 points
 *
 * A point's tree is the base, then the overrides of its alternatives in declared order, then
 * $names.
 */
#pragma once
#include "experiments/experiment.h"
#include "experiments/subst.h"

enum { POINTS_MAX = 100000 };

/* Fills x->dims and x->points from x->tree; checks names, and that each is used. 0, or -1 with
 * e. */
int points_read(struct experiment *x, struct err *e);

/* The tree of a point, in pool; *names are its let and sweep values. NULL with e. */
struct node *point_tree(struct pool *pool, const struct experiment *x, int point,
                        struct bindings *names, struct err *e);

/* The names of `let` alone. */
struct bindings points_let_names(struct pool *pool, const struct node *root);

/* x->dims[i] by name, or -1. */
int dimension_index(const struct experiment *x, const char *name);

/* Reports that x has no such dimension, with the nearest; returns -1. */
int points_unknown_dimension(const struct experiment *x, const char *name,
                             const struct mark *at, struct err *e);

/* Which points a `where` map selects, into selects[0..n_points); NULL selects all. Unknown
 * dimensions and values are errors, and so is selecting nothing (`at` is then where the row
 * stands). 0, or -1 with e. */
int points_select(const struct experiment *x, const struct node *where, const struct mark *at,
                  bool *selects, struct err *e);
