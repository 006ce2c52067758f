/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drill/lex.h"

#include <stdio.h>
#include <string.h>

/* ---- characters: the C locale's, whatever the locale is ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

int lex_hex_digit(char c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool is_word(char c) { return is_letter(c) || is_digit(c); }

/* A byte that begins a character, so that columns count characters (UTF-8). */
static bool begins_character(char c) { return ((unsigned char)c & 0xc0) != 0x80; }

/* The character at pos + ahead, 0 behind the end. */
static char look(const struct lex *l, size_t ahead)
{
    return ahead < l->n - l->pos ? l->text[l->pos + ahead] : '\0';
}

static bool at_text(const struct lex *l, const char *word)
{
    const size_t n = strlen(word);
    return l->n - l->pos >= n && memcmp(l->text + l->pos, word, n) == 0;
}

/* Where the two characters stand next, at or behind from; NULL: nowhere. */
static const char *find_pair(const struct lex *l, size_t from, const char *pair)
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

/* Marks are asked for in the order of the text, so that counting columns takes linear time. */
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

/* Of what begins at from and ends before to, or with its line. */
static struct mark mark_of(struct lex *l, size_t from, size_t to)
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

/* ---- mistakes ---- */

/* At n bytes of pos. */
static void fail(struct lex *l, size_t n, const char *what)
{
    const struct mark at = mark_of(l, l->pos, l->pos + n);
    err_set(l->e, &at, "%s", what);
    l->failed = true;
}

static void fail_at(struct lex *l, const struct mark *at, const char *what, const char *hint)
{
    err_set(l->e, at, "%s", what);
    err_hint(l->e, "%s", hint);
    l->failed = true;
}

/* ---- #ifdef and its like ---- */

enum directive { IFDEF, IFNDEF, ELSE, ENDIF, N_DIRECTIVES };

static const char *const DIRECTIVES[N_DIRECTIVES] = {"ifdef", "ifndef", "else", "endif"};

static size_t word_length(const struct lex *l)
{
    size_t n = 0;
    while (is_word(look(l, n)))
        n++;
    return n;
}

static void skip_spaces(struct lex *l)
{
    while (look(l, 0) != '\n' && is_blank(look(l, 0)))
        l->pos++;
}

static void skip_line(struct lex *l)
{
    const char *newline = memchr(l->text + l->pos, '\n', l->n - l->pos);
    l->pos = newline != NULL ? (size_t)(newline - l->text) + 1 : l->n;
}

/* Reads "#name" at pos; N_DIRECTIVES when it is none of them. */
static enum directive read_directive(struct lex *l)
{
    l->pos++;
    skip_spaces(l);
    const size_t n = word_length(l);
    enum directive d = 0;
    while (d < N_DIRECTIVES &&
           (strlen(DIRECTIVES[d]) != n || memcmp(DIRECTIVES[d], l->text + l->pos, n) != 0))
        d++;
    l->pos += n;
    return d;
}

static const struct drill_define *find_define(const struct lex *l, const char *word, size_t n)
{
    for (const struct drill_define *d = l->defines; d < l->defines + l->n_defines; d++)
        if (strlen(d->word) == n && memcmp(d->word, word, n) == 0)
            return d;
    return NULL;
}

/* True the first time within one #ifdef. */
static bool may_else(struct lex *l, const struct mark *at)
{
    if (l->ifs[l->n_ifs - 1].has_else)
        fail_at(l, at, "this #ifdef already has its #else", "#ifdef WORD ... #else ... #endif");
    l->ifs[l->n_ifs - 1].has_else = true;
    return !l->failed;
}

/* Goes on behind the #else or #endif that belongs to the last #ifdef. */
static void skip_branch(struct lex *l)
{
    int depth = 0;
    while (l->pos < l->n) {
        skip_spaces(l);
        const size_t from = l->pos;
        const enum directive d = look(l, 0) == '#' ? read_directive(l) : N_DIRECTIVES;
        const struct mark at = mark_of(l, from, l->pos);
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
    skip_spaces(l);
    const size_t n = word_length(l);
    if (n == 0) {
        fail_at(l, at, "the condition lacks its word", "write #ifdef WORD, and give --define=WORD=1");
        return;
    }
    if (l->n_ifs == LEX_MAX_IFS) {
        fail_at(l, at, "conditions are nested too deeply", "at most 16 levels");
        return;
    }
    l->ifs[l->n_ifs].at = *at;
    l->ifs[l->n_ifs++].has_else = false;
    const bool defined = find_define(l, l->text + l->pos, n) != NULL;
    skip_line(l);
    if (defined != (d == IFDEF))
        skip_branch(l);
}

static void on_directive(struct lex *l)
{
    const size_t from = l->pos;
    const enum directive d = read_directive(l);
    const struct mark at = mark_of(l, from, l->pos);
    if (d == IFDEF || d == IFNDEF) {
        on_if(l, d, &at);
        return;
    }
    skip_line(l);
    if (d == N_DIRECTIVES)
        fail_at(l, &at, "'#' begins no comment",
                "comments begin with // or /*; conditions are #ifdef, #ifndef, #else, #endif");
    else if (l->n_ifs == 0)
        fail_at(l, &at, "there is no #ifdef before it", "#ifdef WORD ... #else ... #endif");
    else if (d == ENDIF)
        l->n_ifs--;
    else if (may_else(l, &at))
        skip_branch(l);
}

static bool begins_line(const struct lex *l)
{
    size_t i = l->pos;
    while (i > 0 && l->text[i - 1] != '\n' && is_blank(l->text[i - 1]))
        i--;
    return i == 0 || l->text[i - 1] == '\n';
}

/* Blanks, comments and conditions. */
static void skip_blank(struct lex *l)
{
    while (!l->failed) {
        if (is_blank(look(l, 0))) {
            l->pos++;
        } else if (at_text(l, "//")) {
            skip_line(l);
        } else if (at_text(l, "/*")) {
            const char *end = find_pair(l, l->pos + 2, "*/");
            if (end == NULL)
                fail(l, 2, "this comment has no end");
            else
                l->pos = (size_t)(end - l->text) + 2;
        } else if (look(l, 0) == '#' && begins_line(l)) {
            on_directive(l);
        } else {
            return;
        }
    }
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

static bool is_hex_digit(char c) { return lex_hex_digit(c) >= 0; }

/* A sign, digits, a point and digits: how many bytes; 0 when there is no point with a digit. */
static size_t float_length(const struct lex *l)
{
    size_t n = look(l, 0) == '-';
    while (is_digit(look(l, n)))
        n++;
    if (look(l, n) != '.' || !is_digit(look(l, n + 1)))
        return 0;
    n++;
    while (is_digit(look(l, n)))
        n++;
    return n;
}

static void take_word_or_integer(struct lex *l, struct token *t)
{
    const char *text = l->text + l->pos;
    const size_t minus = text[0] == '-';
    size_t n = minus;
    while (is_word(look(l, n)))
        n++;
    t->kind = TOKEN_WORD;
    if (is_all(text + minus, n - minus, is_digit))
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
        fail(l, 1, l->text[l->pos] == '"' ? "this string has no end" : "this command has no end");
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
    const char *to = find_pair(l, l->pos + 2, "}%");
    if (to == NULL) {
        fail(l, 2, "this code has no end: }%");
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
    while (l->pos < l->n && !is_blank(l->text[l->pos]) && !at_text(l, "//") && !at_text(l, "/*")) {
        const char c = l->text[l->pos];
        const size_t n = c == '"' || c == '`' ? quoted_length(l, l->pos) : 1;
        if (n == 0) {
            fail(l, 1, "these quotes have no end");
            return;
        }
        l->pos += n;
    }
    t->setting = l->text + from;
    t->n_setting = l->pos - from;
    if (t->n_setting >= 2 && t->setting[0] == '"' &&
        quoted_length(l, from) == t->n_setting) {
        t->setting++;
        t->n_setting -= 2;
    }
}

static void take_option(struct lex *l, struct token *t)
{
    t->kind = TOKEN_OPTION;
    l->pos += 2;
    t->text = l->text + l->pos;
    t->n = word_length(l);
    l->pos += t->n;
    if (look(l, 0) == '=')
        take_setting(l, t);
}

static void take_end(struct lex *l, struct token *t)
{
    t->kind = TOKEN_END;
    if (l->n_ifs > 0)
        fail_at(l, &l->ifs[l->n_ifs - 1].at, "this condition has no #endif", "");
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
    const char c = look(l, 0);
    const size_t n_float = float_length(l);
    if (l->pos == l->n) {
        take_end(l, t);
    } else if (at_text(l, "...")) {
        *t = (struct token){.kind = TOKEN_ELLIPSIS, .text = l->text + l->pos, .n = 3};
        l->pos += 3;
    } else if (n_float > 0) {
        *t = (struct token){.kind = TOKEN_FLOAT, .text = l->text + l->pos, .n = n_float};
        l->pos += n_float;
    } else if (is_word(c) || (c == '-' && is_digit(look(l, 1)))) {
        take_word_or_integer(l, t);
    } else if (c == '-' && look(l, 1) == '-' && is_word(look(l, 2))) {
        take_option(l, t);
    } else if (c == '"' || c == '`') {
        take_quoted(l, t);
    } else if (at_text(l, "%{")) {
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
        err_set(l->e, &t->at, "the text of the define %s cannot stand here: %s", d->word, d->text);
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
    skip_blank(l);
    const size_t from = l->pos;
    if (!l->failed)
        take(l, &t);
    if (l->failed)
        return (struct token){.kind = TOKEN_BAD};
    t.from = from;
    t.to = l->pos;
    t.at = mark_of(l, t.from, t.to);
    if (t.kind == TOKEN_WORD) {
        const struct drill_define *d = find_define(l, t.text, t.n);
        if (d != NULL)
            substitute(l, &t, d);
    }
    if (l->failed)
        t.kind = TOKEN_BAD;
    return t;
}

struct token lex_until(struct lex *l, char stop, bool before_blank)
{
    skip_spaces(l);
    size_t n = 0;
    while (l->pos + n < l->n && look(l, n) != '\n' &&
           !(look(l, n) == stop && (!before_blank || is_blank(look(l, n + 1)))))
        n++;
    if (l->pos + n == l->n || look(l, n) != stop)
        return (struct token){.kind = TOKEN_BAD};
    struct token t = {.kind = TOKEN_WORD, .text = l->text + l->pos, .n = n};
    t.from = l->pos;
    t.to = l->pos + n;
    t.at = mark_of(l, t.from, t.to);
    while (t.n > 0 && is_blank(t.text[t.n - 1]))
        t.n--;
    l->pos += n + 1;
    return t;
}

void lex_init(struct lex *l, struct memory *memory, const char *path, const char *text,
              size_t n, struct err *e)
{
    *l = (struct lex){.text = text, .n = n, .path = path, .memory = memory, .e = e,
                      .line = 1, .column = 1};
    if (memory != NULL)
        split_lines(l);
}
