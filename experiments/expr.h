/* SPDX-License-Identifier: GPL-3.0-or-later
 * expr.h -- arithmetic with units: `$rate * $hold + 20ms`, as `is:`, `at_least:` and `tol:`
 * write it.
 *
 *   sum     = product {(+|-) product}
 *   product = power {(*|/) power}
 *   power   = - power | atom [^ power]
 *   atom    = 20ms | 1% | 2/s | 0.9 | $name | function(sum, ...) | (sum)
 *
 * Dimensions are checked: a time and a count cannot be added. Not modelled: comparisons,
 * strings, names of metrics.
 */
#pragma once
#include "experiments/experiment.h"
#include "experiments/quantity.h"

/* Evaluates text, with $names from names[0..n). Returns 0, or -1 with e set at the offending
 * word: `at` is where the expression stands, or the row it stands in (then it is looked for in
 * that line). at may be NULL. */
int expr_eval(const char *text, const struct param_value *names, int n, const struct mark *at,
              struct quantity *out, struct err *e);

/* The text of the name when text is exactly `$name`, and the name is known; else NULL. */
const char *expr_lone_name(const char *text, const struct param_value *names, int n);
