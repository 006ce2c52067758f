/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drill/lex.h"

#include <stdio.h>
#include <string.h>

#include "drill/lex_inside.h"

/* ---- characters ---- */

int lex_hex_digit(char c)
{
    return lex_is_digit(c)        ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* A byte that begins a character, so that columns count characters (UTF-8). */
static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

bool lex_at_text(const struct lex *l, const char *word)
{
    const size_t n = strlen(word);
    return l->n - l->pos >= n && memcmp(l->text + l->pos, word, n) == 0;
}

const char *lex_find_pair(const struct lex *l, size_t from, const char *pair)
{
    for (size_t i = from; i + 1 < l->n; i++)
        if (l->text[i] == pair[0] && l->text[i + 1] == pair[1])
            return l->text + i;
    return NULL;
}

/* ---- lines and marks ---- */

/* One line without its end, fit to be printed. */
static const char *line_text(struct memory *m, const char *from, size_t n)
{
    if (n > 0 && from[n - 1] == '\r')
        n--;
    char *line = memory_slice(m, from, n);
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
            line[i] = '?';
    return line;
}

static void split_lines(struct lex *l)
{
    const char *p = l->text, *end = l->text + l->n;
    for (;;) {
        const char *newline = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
        const size_t n = (size_t)((newline != NULL ? newline : end) - p);
        l->lines = memory_grow(l->memory, l->lines, l->n_lines, sizeof(*l->lines));
        l->lines[l->n_lines++] = line_text(l->memory, p, n);
        if (newline == NULL)
            return;
        p = newline + 1;
    }
}

static void count_to(struct lex *l, size_t pos)
{
    for (; l->seen < pos; l->seen++) {
        if (l->text[l->seen] == '\n') {
            l->line++;
            l->column = 1;
        } else if (begins_character(l->text[l->seen])) {
            l->column++;
        }
    }
}

struct mark lex_mark(struct lex *l, size_t from, size_t to)
{
    count_to(l, from);
    struct mark at = {l->path, l->line, l->column, 0,
                      l->lines != NULL ? l->lines[l->line - 1] : NULL};
    for (size_t i = from; i < to && l->text[i] != '\n'; i++)
        at.width += begins_character(l->text[i]);
    if (at.width < 1)
        at.width = 1;
    return at;
}

struct mark lex_span(const struct mark *first, const struct mark *last)
{
    struct mark at = *first;
    if (last->line == first->line) {
        at.width = last->column + last->width - first->column;
    } else if (first->line_text != NULL) {
        int n = 0;
        for (const char *c = first->line_text; *c != '\0'; c++)
            n += begins_character(*c);
        at.width = n - first->column + 1;
    }
    return at;
}

const struct drill_define *lex_find_define(const struct lex *l, const char *word, size_t n)
{
    for (int i = 0; i < l->n_defines; i++)
        if (strlen(l->defines[i].word) == n && memcmp(l->defines[i].word, word, n) == 0)
            return &l->defines[i];
    return NULL;
}

/* ---- mistakes ---- */

void lex_fail(struct lex *l, size_t n, const char *what)
{
    const struct mark at = lex_mark(l, l->pos, l->pos + n);
    err_set(l->e, &at, "%s", what);
    l->failed = true;
}

void lex_fail_at(struct lex *l, const struct mark *at, const char *what, const char *hint)
{
    err_set(l->e, at, "%s", what);
    err_hint(l->e, "%s", hint);
    l->failed = true;
}

size_t lex_word_length(const struct lex *l)
{
    size_t n = 0;
    while (lex_is_word(lex_look(l, n)))
        n++;
    return n;
}

void lex_skip_spaces(struct lex *l)
{
    while (lex_look(l, 0) != '\n' && lex_is_blank(lex_look(l, 0)))
        l->pos++;
}

/* ---- tokens ---- */

static int64_t number_value(const char *text, size_t n, int base, bool *too_large)
{
    const bool negative = text[0] == '-';
    int64_t value = 0;
    for (size_t i = negative; i < n; i++) {
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, lex_hex_digit(text[i]), &value))
            *too_large = true;
    }
    return *too_large ? 0 : negative ? -value : value;
}

static bool is_all(const char *text, size_t n, bool (*is)(char))
{
    for (size_t i = 0; i < n; i++)
        if (!is(text[i]))
            return false;
    return true;
}

static bool is_hex_digit(char c)
{
    return lex_hex_digit(c) >= 0;
}

/* A sign, digits, a point and digits: how many bytes; 0 when there is no point with a digit. */
static size_t float_length(const struct lex *l)
{
    size_t n = lex_look(l, 0) == '-';
    while (lex_is_digit(lex_look(l, n)))
        n++;
    if (lex_look(l, n) != '.' || !lex_is_digit(lex_look(l, n + 1)))
        return 0;
    n++;
    while (lex_is_digit(lex_look(l, n)))
        n++;
    return n;
}

static void take_word_or_integer(struct lex *l, struct token *t)
{
    const char *text = l->text + l->pos;
    const size_t minus = text[0] == '-';
    size_t n = minus;
    while (lex_is_word(lex_look(l, n)))
        n++;
    t->kind = TOKEN_WORD;
    if (is_all(text + minus, n - minus, lex_is_digit))
        t->kind = TOKEN_INTEGER;
    else if (n > 2 && text[0] == '0' && text[1] == 'x' && is_all(text + 2, n - 2, is_hex_digit))
        t->kind = TOKEN_HEX;
    t->text = text;
    t->n = n;
    if (t->kind == TOKEN_INTEGER)
        t->value = number_value(text, n, 10, &t->too_large);
    else if (t->kind == TOKEN_HEX)
        t->value = number_value(text + 2, n - 2, 16, &t->too_large);
    l->pos += n;
}

/* From the opening quote at text[pos] to the same one, past what a backslash protects. */
static size_t quoted_length(const struct lex *l, size_t pos)
{
    const char quote = l->text[pos];
    for (size_t i = pos + 1; i < l->n; i++) {
        if (l->text[i] == quote)
            return i + 1 - pos;
        if (l->text[i] == '\\')
            i++;
    }
    return 0;
}

static void take_quoted(struct lex *l, struct token *t)
{
    const size_t n = quoted_length(l, l->pos);
    if (n == 0) {
        lex_fail(l, 1,
                 l->text[l->pos] == '"' ? "this string has no end" : "this command has no end");
        return;
    }
    t->kind = l->text[l->pos] == '"' ? TOKEN_STRING : TOKEN_COMMAND;
    t->text = l->text + l->pos + 1;
    t->n = n - 2;
    l->pos += n;
}

static void take_code(struct lex *l, struct token *t)
{
    const char *from = l->text + l->pos + 2;
    const char *to = lex_find_pair(l, l->pos + 2, "}%");
    if (to == NULL) {
        lex_fail(l, 2, "this code has no end: }%");
        return;
    }
    l->pos = (size_t)(to - l->text) + 2;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (from < to && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    t->kind = TOKEN_CODE;
    t->text = from;
    t->n = (size_t)(to - from);
}

/* A setting ends at a blank or comment outside of quotes: an address is no word. */
static void take_setting(struct lex *l, struct token *t)
{
    const size_t from = ++l->pos;
    while (l->pos < l->n && !lex_is_blank(l->text[l->pos]) && !lex_at_text(l, "//") &&
           !lex_at_text(l, "/*")) {
        const char c = l->text[l->pos];
        const size_t n = c == '"' || c == '`' ? quoted_length(l, l->pos) : 1;
        if (n == 0) {
            lex_fail(l, 1, "these quotes have no end");
            return;
        }
        l->pos += n;
    }
    t->setting = l->text + from;
    t->n_setting = l->pos - from;
    if (t->n_setting >= 2 && t->setting[0] == '"' && quoted_length(l, from) == t->n_setting) {
        t->setting++;
        t->n_setting -= 2;
    }
}

static void take_option(struct lex *l, struct token *t)
{
    t->kind = TOKEN_OPTION;
    l->pos += 2;
    t->text = l->text + l->pos;
    t->n = lex_word_length(l);
    l->pos += t->n;
    if (lex_look(l, 0) == '=')
        take_setting(l, t);
}

static void take_end(struct lex *l, struct token *t)
{
    t->kind = TOKEN_END;
    if (l->n_ifs > 0)
        lex_fail_at(l, &l->ifs[l->n_ifs - 1].at, "this condition has no #endif", "");
}

static void take_single(struct lex *l, struct token *t)
{
    t->kind = TOKEN_SIGN;
    t->text = l->text + l->pos;
    t->n = 1;
    l->pos++;
    while (l->pos < l->n && !begins_character(l->text[l->pos])) {
        l->pos++; /* a character that is no sign of the language is shown whole */
        t->n++;
    }
}

static void take(struct lex *l, struct token *t)
{
    const char c = lex_look(l, 0);
    const size_t n_float = float_length(l);
    if (l->pos == l->n) {
        take_end(l, t);
    } else if (lex_at_text(l, "...")) {
        *t = (struct token){.kind = TOKEN_ELLIPSIS, .text = l->text + l->pos, .n = 3};
        l->pos += 3;
    } else if (n_float > 0) {
        *t = (struct token){.kind = TOKEN_FLOAT, .text = l->text + l->pos, .n = n_float};
        l->pos += n_float;
    } else if (lex_is_word(c) || (c == '-' && lex_is_digit(lex_look(l, 1)))) {
        take_word_or_integer(l, t);
    } else if (c == '-' && lex_look(l, 1) == '-' && lex_is_word(lex_look(l, 2))) {
        take_option(l, t);
    } else if (c == '"' || c == '`') {
        take_quoted(l, t);
    } else if (lex_at_text(l, "%{")) {
        take_code(l, t);
    } else {
        take_single(l, t);
    }
}

/* The one token that a define's text is, at the place of the word. */
static void substitute(struct lex *l, struct token *t, const struct drill_define *d)
{
    struct err none = {0};
    struct lex sub;
    lex_init(&sub, NULL, NULL, d->text, strlen(d->text), &none);
    struct token put = lex_next(&sub);
    const bool single = lex_next(&sub).kind == TOKEN_END;
    if (!single || put.kind < TOKEN_INTEGER || put.kind > TOKEN_COMMAND) {
        err_set(l->e, &t->at, "the text of the define %s cannot stand here: %s", d->word,
                d->text);
        err_hint(l->e, "a define's text is one word, number, \"string\" or `command`");
        l->failed = true;
        return;
    }
    put.from = t->from;
    put.to = t->to;
    put.at = t->at;
    *t = put;
}

struct token lex_next(struct lex *l)
{
    struct token t = {0};
    lex_skip_blank(l);
    const size_t from = l->pos;
    if (!l->failed)
        take(l, &t);
    if (l->failed)
        return (struct token){.kind = TOKEN_BAD};
    t.from = from;
    t.to = l->pos;
    t.at = lex_mark(l, t.from, t.to);
    if (t.kind == TOKEN_WORD) {
        const struct drill_define *d = lex_find_define(l, t.text, t.n);
        if (d != NULL)
            substitute(l, &t, d);
    }
    if (l->failed)
        t.kind = TOKEN_BAD;
    return t;
}

struct token lex_until(struct lex *l, char stop, bool before_blank)
{
    lex_skip_spaces(l);
    size_t n = 0;
    while (l->pos + n < l->n && lex_look(l, n) != '\n' &&
           !(lex_look(l, n) == stop && (!before_blank || lex_is_blank(lex_look(l, n + 1)))))
        n++;
    if (l->pos + n == l->n || lex_look(l, n) != stop)
        return (struct token){.kind = TOKEN_BAD};
    struct token t = {.kind = TOKEN_WORD, .text = l->text + l->pos, .n = n};
    t.from = l->pos;
    t.to = l->pos + n;
    t.at = lex_mark(l, t.from, t.to);
    while (t.n > 0 && lex_is_blank(t.text[t.n - 1]))
        t.n--;
    l->pos += n + 1;
    return t;
}

void lex_init(struct lex *l, struct memory *memory, const char *path, const char *text,
              size_t n, struct err *e)
{
    *l = (struct lex){.path = path, .memory = memory, .e = e, .line = 1, .column = 1};
    l->text = n > 0 ? text : ""; /* no arithmetic with NULL */
    l->n = n;
    if (memory != NULL)
        split_lines(l);
}
