/* SPDX-License-Identifier: GPL-3.0-or-later
 * yaml_parts.h -- the parts of yaml.c among themselves.
 *
 *   yaml_source.c: the text, its lines, marks -> yaml.c: events to nodes
 *                                             -> yaml_errors.c: what is no YAML, for people
 */
#pragma once
#include <yaml.h>

#include "experiments/tree.h"

/* A text and its lines, which marks point to. */
struct source {
    struct pool *pool;
    const char *path;
    const char *text;
    size_t len, skip; /* YAML begins at text + skip */
    const char **lines;
    int n_lines;
    int skip_columns; /* characters before the YAML on the first line */
};

/* Fills in the lines, where YAML ends them: at LF, CR LF, CR, and Unicode's own. 0, or -1 with
 * e: a character that cannot stand in a file, or no UTF-8. */
int source_split(struct source *s, struct err *e);

/* The mark of what libyaml says lies between two places; on the first line only. */
struct mark source_mark(const struct source *s, yaml_mark_t from, yaml_mark_t to);

/* The text of its line from there on; "" behind the end. */
const char *source_at(const struct source *s, yaml_mark_t at);

/* Why libyaml has stopped: sets e, returns -1. */
int yaml_error(const struct source *s, const yaml_parser_t *y, struct err *e);
