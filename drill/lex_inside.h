/* SPDX-License-Identifier: GPL-3.0-or-later
 * lex_inside.h -- what the two halves of the lexer share: lex.c (tokens) and lex_blank.c (what
 * stands between them).
 */
#pragma once
#include "drill/lex.h"

/* The character at pos + ahead, 0 behind the end. */
static inline char lex_look(const struct lex *l, size_t ahead)
{
    return ahead < l->n - l->pos ? l->text[l->pos + ahead] : '\0';
}

/* True when text stands at pos. */
bool lex_at_text(const struct lex *l, const char *text);

/* Where the two characters stand next, at or behind from; NULL: nowhere. */
const char *lex_find_pair(const struct lex *l, size_t from, const char *pair);

/* Characters of a word from pos on. */
size_t lex_word_length(const struct lex *l);

/* To the next line, or to what is no blank. */
void lex_skip_spaces(struct lex *l);

/* Of what begins at from and ends before to, or with its line. From call to call, from may not
 * decrease: columns are counted on, so that all marks together take linear time. */
struct mark lex_mark(struct lex *l, size_t from, size_t to);

/* The first define of that name, or NULL. */
const struct drill_define *lex_find_define(const struct lex *l, const char *word, size_t n);

/* A mistake at the n bytes from pos on, or at a mark; hint may be "". */
void lex_fail(struct lex *l, size_t n, const char *what);
void lex_fail_at(struct lex *l, const struct mark *at, const char *what, const char *hint);

/* Past blanks, comments and what conditions leave out. */
void lex_skip_blank(struct lex *l);
