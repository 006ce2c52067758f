/* SPDX-License-Identifier: GPL-3.0-or-later
 * lex_blank.c -- what stands between tokens: blanks, comments, and the lines that a condition
 * leaves out.
 *
 *   #ifdef WORD     or #ifndef WORD
 *   ...             kept when a define names WORD
 *   #else
 *   ...             kept when none does
 *   #endif
 *
 * Not modelled: more of C's preprocessor. packetdrill has no conditions; some scripts of the
 * BSD suite have them, for a preprocessor that is run first.
 */
#include "drill/lex_inside.h"

#include <stdio.h>
#include <string.h>

enum directive { IFDEF, IFNDEF, ELSE, ENDIF, N_DIRECTIVES };

static const char *const DIRECTIVES[N_DIRECTIVES] = {"ifdef", "ifndef", "else", "endif"};

static void skip_line(struct lex *l)
{
    const char *newline = memchr(l->text + l->pos, '\n', l->n - l->pos);
    l->pos = newline != NULL ? (size_t)(newline - l->text) + 1 : l->n;
}

/* Reads "#name" at pos; N_DIRECTIVES when it is none of them. */
static enum directive read_directive(struct lex *l)
{
    l->pos++;
    lex_skip_spaces(l);
    const size_t n = lex_word_length(l);
    enum directive d = 0;
    while (d < N_DIRECTIVES &&
           (strlen(DIRECTIVES[d]) != n || memcmp(DIRECTIVES[d], l->text + l->pos, n) != 0))
        d++;
    l->pos += n;
    return d;
}

/* True the first time within one #ifdef. */
static bool may_else(struct lex *l, const struct mark *at)
{
    if (l->ifs[l->n_ifs - 1].has_else)
        lex_fail_at(l, at, "this #ifdef already has its #else",
                    "#ifdef WORD ... #else ... #endif");
    l->ifs[l->n_ifs - 1].has_else = true;
    return !l->failed;
}

/* Goes on behind the #else or #endif that belongs to the last #ifdef. */
static void skip_branch(struct lex *l)
{
    int depth = 0;
    while (l->pos < l->n) {
        lex_skip_spaces(l);
        const size_t from = l->pos;
        const enum directive d = lex_look(l, 0) == '#' ? read_directive(l) : N_DIRECTIVES;
        const struct mark at = lex_mark(l, from, l->pos);
        skip_line(l);
        if (d == IFDEF || d == IFNDEF) {
            depth++;
        } else if (d == ELSE && depth == 0) {
            may_else(l, &at);
            return;
        } else if (d == ENDIF && depth-- == 0) {
            l->n_ifs--;
            return;
        }
    }
}

static void on_if(struct lex *l, enum directive d, const struct mark *at)
{
    lex_skip_spaces(l);
    const size_t n = lex_word_length(l);
    if (n == 0) {
        lex_fail_at(l, at, "the condition lacks its word", "#ifdef WORD, with --define=WORD=1");
        return;
    }
    if (l->n_ifs == LEX_MAX_IFS) {
        lex_fail_at(l, at, "conditions are nested too deeply", "at most 16 levels");
        return;
    }
    l->ifs[l->n_ifs].at = *at;
    l->ifs[l->n_ifs++].has_else = false;
    const bool defined = lex_find_define(l, l->text + l->pos, n) != NULL;
    skip_line(l);
    if (defined != (d == IFDEF))
        skip_branch(l);
}

/* At "#word", which began at from. */
static void on_unknown(struct lex *l, size_t from, const struct mark *at)
{
    char word[16] = "";
    size_t n = 0;
    while (from < l->n && !lex_is_word(l->text[from]) && l->text[from] != '\n')
        from++;
    for (; n + 1 < sizeof(word) && from + n < l->n && lex_is_word(l->text[from + n]); n++)
        word[n] = l->text[from + n];
    char hint[96] = "comments are // and /* */, conditions #ifdef, #ifndef, #else, #endif";
    const char *near = nearest_name(word, DIRECTIVES, N_DIRECTIVES);
    if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '#%s'?", near);
    lex_fail_at(l, at, "'#' begins no comment", hint);
}

static void on_directive(struct lex *l)
{
    const size_t from = l->pos;
    const enum directive d = read_directive(l);
    const struct mark at = lex_mark(l, from, l->pos);
    if (d == IFDEF || d == IFNDEF) {
        on_if(l, d, &at);
        return;
    }
    skip_line(l);
    if (d == N_DIRECTIVES)
        on_unknown(l, from, &at);
    else if (l->n_ifs == 0)
        lex_fail_at(l, &at, "there is no #ifdef before it", "#ifdef WORD ... #else ... #endif");
    else if (d == ENDIF)
        l->n_ifs--;
    else if (may_else(l, &at))
        skip_branch(l);
}

static bool begins_line(const struct lex *l)
{
    size_t i = l->pos;
    while (i > 0 && l->text[i - 1] != '\n' && lex_is_blank(l->text[i - 1]))
        i--;
    return i == 0 || l->text[i - 1] == '\n';
}

void lex_skip_blank(struct lex *l)
{
    while (!l->failed) {
        if (lex_is_blank(lex_look(l, 0))) {
            l->pos++;
        } else if (lex_at_text(l, "//")) {
            skip_line(l);
        } else if (lex_at_text(l, "/*")) {
            const char *end = lex_find_pair(l, l->pos + 2, "*/");
            if (end == NULL)
                lex_fail(l, 2, "this comment has no end");
            else
                l->pos = (size_t)(end - l->text) + 2;
        } else if (lex_look(l, 0) == '#' && begins_line(l)) {
            on_directive(l);
        } else {
            return;
        }
    }
}
