/* SPDX-License-Identifier: GPL-3.0-or-later
 * read.h -- a map of the tree into a parameter struct, by the key rows of its owner.
 *
 * The one idea: nothing here knows any key. A map may be read by several tables at once (an
 * app's head and its kind's), and a key that stands in none of them is an error with the
 * nearest that does.
 *
 * A KEY_GROUP row without sub is a map that its owner reads by itself: it is known here and
 * otherwise left alone.
 */
#pragma once
#include "experiments/tree.h"
#include "sim/schema.h"

/* The names that may be referred to, by enum refers. */
struct scope {
    const char **names[N_REFERS];
    size_t n[N_REFERS];
    bool apps_or_hosts; /* names[REFERS_APP] has the hosts too: `to` names either */
};

struct reader {
    struct pool *pool;         /* where lists go */
    const struct scope *scope; /* borrowed; NULL: names are not checked */
    struct err *e;
};

struct part {
    const struct key *keys;
    void *out;
    bool keep; /* what is not given stays as it is; otherwise it gets its default */
};

/* Reads a map, or NULL (nothing given: defaults), into the parts. `what` is its name in
 * sentences ("app 'web'"), `at` where it stands. 0, or -1 with the reader's e. */
int read_map(const struct reader *r, const struct node *map, const char *what,
             const struct mark *at, const struct part *parts, int n_parts);

/* Reads one value; n must not be NODE_NULL. 0, or -1 with e. */
int read_value(const struct reader *r, const struct key *k, const struct node *n, void *out);

/* Sets the row's default, which is not NULL. */
void read_default(const struct key *k, void *out);

/* 0 when a name of this kind exists, or -1 with e and the nearest at `at`. */
int read_check_name(const struct reader *r, enum refers refers, const char *name,
                    const struct mark *at);

/* 0 when text is letters, digits, - and _, and shorter than NAME_MAX_BYTES. */
int read_check_word(const struct reader *r, const char *text, const struct mark *at);

/* Adds the hint that a misspelt text needs: the nearest of names, else "LEAD a, b, c", unless
 * they are too many to list. Returns -1. */
int read_hint(const struct reader *r, const char *text, const char *const *names, size_t n,
              const char *lead);

/* The same for a key of a map: where `before`, the key that stands before it or NULL, is empty,
 * it may belong to that. Returns -1. */
int read_hint_key(const struct reader *r, const struct node *key, const struct node *before,
                  const char *const *names, size_t n);

/* Sets e: "unknown WHAT 'text'" with such a hint. Returns -1. */
int read_unknown(const struct reader *r, const char *what, const char *text,
                 const char *const *names, size_t n, const struct mark *at);

/* Reports what a check of its owner has found among the parameters that map gives, at the key
 * to blame; 0 when nothing is wrong. `what` begins the sentence. */
int read_misfit(const struct reader *r, const struct node *map, const char *what,
                const struct misfit *wrong);
