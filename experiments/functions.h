/* SPDX-License-Identifier: GPL-3.0-or-later
 * functions.h -- what an expression may call: a row each.
 */
#pragma once
#include "experiments/quantity.h"

/* Either pure (plain numbers to a plain number, never exact) or any (looks at dimensions
 * itself; returns what is wrong, or NULL). A result that is not finite is the caller's to
 * refuse. */
struct function {
    const char *name;
    int min_args, max_args;
    double (*pure)(const double *x, int n);
    const char *(*any)(const struct quantity *x, int n, struct quantity *out);
    const char *help;
};
enum { FUNCTION_MAX_ARGS = 8 };
extern const struct function FUNCTIONS[]; /* ends with {NULL} */
