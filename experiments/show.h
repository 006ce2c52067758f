/* SPDX-License-Identifier: GPL-3.0-or-later
 * show.h -- the flattened file: what `show` prints.
 *
 * Everything that has a default stands in it, and the values of a TCP profile too unless hosts
 * or variants name profiles of their own: then a value beside them would change what they mean,
 * and the values stand as comments. `sweep`, `variants` and `let` stay as they are, so that the
 * file has the same points.
 */
#pragma once
#include "experiments/experiment.h"

/* The text, in x->pool. */
const char *show_text(const struct experiment *x);
