/* SPDX-License-Identifier: GPL-3.0-or-later
 * err.h -- a user's mistake: where it is, what was wrong, what was meant.
 *
 *   exp.yaml:3:12: unknown key 'dealy' in topology two-hosts
 *     3 | topology: {two-hosts: {dealy: 10ms}}
 *       |                        ^~~~~
 *   did you mean 'delay'?
 *
 * The other two kinds are elsewhere: a simulated outcome is a value and a record; our own bug
 * is sim_assert (assert.h).
 */
#pragma once
#include "sim/util.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A place in a text. Borrows path and line_text, which must outlive the mark. */
struct mark {
    const char *path;      /* file name, "-p", or NULL: no place */
    int line, column;      /* both from 1; 0: unknown; columns count characters, not bytes */
    int width;             /* characters to underline, at least 1 */
    const char *line_text; /* the whole text of that line, without its end; NULL: not shown */
};

/* Invariant: text is "" exactly when no error was set. Fixed size: reporting an error never
 * allocates. */
struct err {
    char path[256];
    int line, column, width;
    char line_text[400]; /* "..." and the part around the mark when the line is longer */
    int caret;           /* column in line_text */
    char text[600];      /* one sentence, no newline, no full stop */
    char hint[400];      /* "did you mean 'delay'?", a range, an example; "" if none */
    bool is_failure;     /* the machine's, not the user's: a full disk, a missing program */
};

/* Sets e and returns -1, so that a parser can `return err_set(e, &mark, "...")`. mark may be
 * NULL. The first error stays: a later call on an error already set changes nothing. */
int err_set(struct err *e, const struct mark *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* What is set is the machine's failure; returns -1. */
int err_failure(struct err *e);

/* Adds the hint line; returns -1. Only the first hint stays. */
int err_hint(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Writes "path:line:col: text", the source line with a caret, and the hint to out. color: ANSI
 * colours. */
void err_print(const struct err *e, FILE *out, int color);

/* The nearest of names[0..n) to word by edit distance (Damerau-Levenshtein, at most a third of
 * the word's length, at least 1; a letter in the wrong case counts half), or NULL when none is
 * near. The first of equals. */
const char *nearest_name(const char *word, const char *const *names, size_t n);
