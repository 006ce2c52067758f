/* SPDX-License-Identifier: GPL-3.0-or-later
 * read_kinds.h -- the parts of read.h among themselves: scalars, and what is nested.
 *
 *   read.c: maps and their keys -> read_nested.c: lists, maps of maps, kinds -> read_scalar.c
 */
#pragma once
#include "experiments/read.h"

/* The text of a scalar, which stands at `at` (NULL: a default), into its field. 0, or -1 with
 * e. */
int read_scalar(const struct reader *r, const struct key *k, const char *text,
                const struct mark *at, void *out);

/* A value that is not a scalar, or whose key is not of a scalar's kind. 0, or -1 with e. */
int read_nested(const struct reader *r, const struct key *k, const struct node *n, void *out);

/* Whether the key's value may be several, each read by itself. */
bool key_is_list(const struct key *k);

/* The bit of one TCP flag's name, len bytes long, into *flags. 0, or -1 with e. */
enum { FLAGS_GIVEN = 31 }; /* the bit of a KEY_FLAGS that was given */
int read_flag(const struct reader *r, const char *name, size_t len, const struct mark *at,
              uint32_t *flags);

/* A quantity in the range of k. 0, or -1 with e. */
int read_quantity(const struct reader *r, const struct key *k, const char *text,
                  const struct mark *at, void *out);

/* The quantities of a file, a KEY_FILE, into *out. 0, or -1 with e. */
int read_series(const struct reader *r, const struct key *k, const char *text,
                const struct mark *at, void *out);

/* Sets e to "unknown KEY 'text'" with the nearest kind, or all of them. Returns -1. */
int read_unknown_kind(const struct reader *r, const struct key *k, const char *text,
                      const struct mark *at);

/* The name in names that text means: but for case or a few letters, or in other words than ours
 * (synonyms.h). NULL: nobody knows. */
const char *read_meant(const char *text, const char *const *names, size_t n);
