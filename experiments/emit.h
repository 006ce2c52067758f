/* SPDX-License-Identifier: GPL-3.0-or-later
 * emit.h -- a tree as YAML for people, which reads back to the same tree.
 *
 * Sections stand in block style; below them whatever fits on a line stands on one. Nodes of
 * NODE_NULL in a map are written as ~. Comments stand before the keys of sections only.
 */
#pragma once
#include <stdio.h>

#include "experiments/tree.h"

/* root is a map. Output errors stay in out (ferror). */
void emit_yaml(const struct node *root, FILE *out);
