/* SPDX-License-Identifier: GPL-3.0-or-later
 * forms.h -- one form for the several in which a choice among kinds may be written.
 *
 *   {normal: {mean: 20ms, sd: 2ms}}  ->  {kind: normal, mean: 20ms, sd: 2ms}
 *   {periodic: 100}                  ->  {kind: periodic, every: 100}     (its first key)
 *
 * The one idea: it happens before anything is merged, so that another kind replaces the whole
 * and a key alone changes that key. A scalar stays one: over anything else it replaces it.
 */
#pragma once
#include "experiments/tree.h"
#include "sim/schema.h"

/* The row of this name; NULL: none such. */
const struct variant *variant_find(const struct variant *variants, const char *name);

/* All their names; how many. */
enum { VARIANTS_MAX = 40 };
size_t variant_names(const struct variant *variants, const char *names[VARIANTS_MAX]);

/* Rewrites n if it is a map with a single key that names one of the variants. */
void form_variant(struct pool *pool, struct node *n, const struct variant *variants);

/* The same for every KEY_VARIANT in a map that keys describe, and below it. */
void form_keys(struct pool *pool, struct node *map, const struct key *keys);

/* The same for a whole experiment. Where a tree does not say the kind of a topology or an app,
 * the keys of all kinds count. */
void form_experiment(struct pool *pool, struct node *root);
