/* SPDX-License-Identifier: GPL-3.0-or-later
 * subst.h -- `$name`: a whole scalar that stands for a value of `let` or `sweep`.
 *
 * The one idea: a value keeps the marks of the place where it was written, so an error in it
 * points there. Names inside a longer text are an error, except in the expressions of `expect`,
 * which are evaluated elsewhere (expr.h).
 */
#pragma once
#include "experiments/tree.h"

struct binding {
    const char *name;
    const struct node *value; /* a scalar, perhaps itself a $name */
};
struct bindings {
    struct binding *items;
    int n;
};

/* The name when text is exactly "$name", else NULL. */
const char *subst_name(const char *text);

/* The value of a name, through names of names; NULL with e set: unknown (`at`), or it refers to
 * itself. */
const struct node *subst_value(const struct bindings *b, const char *name,
                               const struct mark *at, struct err *e);

/* Replaces every $name in the tree n, in place. 0, or -1 with e. */
int subst_tree(const struct bindings *b, struct node *n, struct err *e);

/* Calls visit for each $name anywhere in the text: "$rate * $hold" has two. name is len bytes
 * long. */
void subst_each(const char *text, void (*visit)(void *ctx, const char *name, size_t len),
                void *ctx);

/* Letters, digits and _, not beginning with a digit: what $name can reach. */
bool subst_is_identifier(const char *text);
