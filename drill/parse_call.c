/* SPDX-License-Identifier: GPL-3.0-or-later
 * parse_call.c -- system calls: name(arguments) = result [ERRNO] [(note)].
 *
 *   expression := primary { '|' primary }  |  name '=' expression
 *   primary    := ... | integer | "string" { "string" } | word | word(arguments) | [list]
 *                | {struct}
 *
 * The one idea: braces hold names, counts and values of any kind; which struct they are, the
 * call tells, and that is the runner's knowledge. So all structs of both dialects are one rule.
 */
#include "drill/parse.h"

#include <string.h>

enum {
    DEPTH_MAX = 32 /* of lists and structs within each other */
};

static struct drill_expr *read_expr(struct parser *p, int depth);

static struct drill_expr *new_expr(struct parser *p, enum drill_expr_kind kind)
{
    struct drill_expr *x = memory_alloc(p->memory, sizeof(*x));
    x->kind = kind;
    x->at = p->token.at;
    return x;
}

/* ---- strings ---- */

/* What stands behind a backslash at text[0..n), n > 0, into *out; bytes read, 0: unknown. */
static size_t unescape(const char *text, size_t n, char *out)
{
    static const char LETTERS[] = "abfnrtv\\\"'?", BYTES[] = "\a\b\f\n\r\t\v\\\"'?";
    const char *letter = text[0] != '\0' ? strchr(LETTERS, text[0]) : NULL;
    size_t i = 0;
    int value = 0;
    if (letter != NULL) {
        *out = BYTES[letter - LETTERS];
        return 1;
    }
    if (text[0] == 'x') {
        for (i = 1; i < n && i < 3 && lex_hex_digit(text[i]) >= 0; i++)
            value = value * 16 + lex_hex_digit(text[i]);
        i = i > 1 ? i : 0;
    } else {
        for (; i < n && i < 3 && text[i] >= '0' && text[i] <= '7'; i++)
            value = value * 8 + (text[i] - '0');
    }
    *out = (char)value;
    return i;
}

/* Adds the next token, a string, to what x holds already. */
static int add_string(struct parser *p, struct drill_expr *x)
{
    const struct token *t = &p->token;
    char *text = memory_alloc(p->memory, x->n_text + t->n + 1);
    if (x->n_text > 0)
        memcpy(text, x->text, x->n_text);
    x->text = text;
    for (size_t i = 0; i < t->n; i++) {
        if (t->text[i] != '\\') {
            text[x->n_text++] = t->text[i];
            continue;
        }
        const size_t n = unescape(t->text + i + 1, t->n - i - 1, &text[x->n_text]);
        if (n == 0) {
            err_set(p->e, &t->at, "this string has an unknown escape");
            return parse_hint(p, "those of C: \\n \\t \\r \\\\ \\\" \\x41 \\101 ...");
        }
        x->n_text++;
        i += n;
    }
    parse_next(p);
    return 0;
}

/* Adjacent strings are one; an ellipsis behind it only tells that the real one is longer. */
static struct drill_expr *read_string(struct parser *p)
{
    struct drill_expr *x = new_expr(p, EXPR_STRING);
    while (p->token.kind == TOKEN_STRING)
        if (add_string(p, x) != 0)
            return NULL;
    if (p->token.kind == TOKEN_ELLIPSIS)
        parse_next(p);
    return x;
}

/* ---- lists ---- */

static void add_item(struct parser *p, struct drill_expr *x, struct drill_expr *item)
{
    x->items = memory_grow(p->memory, x->items, x->n_items, sizeof(*x->items));
    x->items[x->n_items++] = item;
}

/* Items behind an opening sign that was taken, and the closing one. */
static int read_items(struct parser *p, struct drill_expr *x, char close, int depth)
{
    if (parse_sign(p, close))
        return 0;
    do {
        struct drill_expr *item = read_expr(p, depth + 1);
        if (item == NULL)
            return -1;
        add_item(p, x, item);
    } while (parse_sign(p, ','));
    if (parse_sign(p, close))
        return 0;
    return parse_wrong(p, close == ')' ? "',' or ')' behind an argument" : "',' or ']'", NULL);
}

/* ---- structs ---- */

/* A name, count and value; x->n_items is still that of the items before. */
static void add_member(struct parser *p, struct drill_expr *x, char *name, int64_t count,
                       struct drill_expr *value)
{
    x->names = memory_grow(p->memory, x->names, x->n_items, sizeof(*x->names));
    x->counts = memory_grow(p->memory, x->counts, x->n_items, sizeof(*x->counts));
    x->names[x->n_items] = name;
    x->counts[x->n_items] = count;
    add_item(p, x, value);
}

/* "msg_iov(2)" of "msg_iov(2)=[...]" was read as a call: its argument is the count. */
static bool is_counted(const struct drill_expr *x)
{
    return x->kind == EXPR_CALL && x->n_items == 1 &&
           (x->items[0]->kind == EXPR_INTEGER || x->items[0]->kind == EXPR_ELLIPSIS);
}

/* Behind the name, at '='. */
static int read_member_value(struct parser *p, struct drill_expr *x, struct drill_expr *name,
                             int depth)
{
    if (name->kind != EXPR_WORD && !is_counted(name))
        return parse_wrong(p, "',' or '}'", "before '=' stands a name, or name(count)");
    const bool has_count = name->kind == EXPR_CALL && name->items[0]->kind == EXPR_INTEGER;
    const int64_t count = has_count ? name->items[0]->integer : -1;
    parse_next(p);
    struct drill_expr *value = read_expr(p, depth + 1);
    if (value == NULL)
        return -1;
    add_member(p, x, name->text, count, value);
    return 0;
}

static struct drill_expr *read_alternatives(struct parser *p, int depth);

static int read_member(struct parser *p, struct drill_expr *x, int depth)
{
    struct drill_expr *item = read_alternatives(p, depth + 1);
    if (item == NULL)
        return -1;
    if (parse_is_sign(p, '='))
        return read_member_value(p, x, item, depth);
    add_member(p, x, memory_slice(p->memory, "", 0), -1, item);
    return 0;
}

static struct drill_expr *read_struct(struct parser *p, int depth)
{
    struct drill_expr *x = new_expr(p, EXPR_STRUCT);
    parse_next(p);
    if (parse_sign(p, '}'))
        return x;
    do {
        if (read_member(p, x, depth) != 0)
            return NULL;
    } while (parse_sign(p, ','));
    if (parse_sign(p, '}'))
        return x;
    parse_wrong(p, "',' or '}'", NULL);
    return NULL;
}

/* ---- expressions ---- */

static struct drill_expr *read_integer(struct parser *p)
{
    struct drill_expr *x = new_expr(p, EXPR_INTEGER);
    if (p->token.too_large) {
        err_set(p->e, &p->token.at, "this number is too large");
        return NULL;
    }
    x->integer = p->token.value;
    parse_next(p);
    return x;
}

static struct drill_expr *read_word(struct parser *p, int depth)
{
    struct drill_expr *x = new_expr(p, parse_is_word(p, "NULL") ? EXPR_NULL : EXPR_WORD);
    x->text = parse_copy(p);
    x->n_text = (uint32_t)p->token.n;
    parse_next(p);
    const bool is_result = depth == 0; /* a note follows it */
    if (x->kind == EXPR_NULL || is_result || !parse_sign(p, '('))
        return x;
    x->kind = EXPR_CALL;
    return read_items(p, x, ')', depth) == 0 ? x : NULL;
}

static struct drill_expr *read_list(struct parser *p, int depth)
{
    struct drill_expr *x = new_expr(p, EXPR_LIST);
    parse_next(p);
    return read_items(p, x, ']', depth) == 0 ? x : NULL;
}

static struct drill_expr *read_bare(struct parser *p, int depth)
{
    if (depth > DEPTH_MAX) {
        err_set(p->e, &p->token.at, "lists and structs are nested too deeply");
        parse_hint(p, "at most %d levels", DEPTH_MAX);
        return NULL;
    }
    if (parse_is_sign(p, '['))
        return read_list(p, depth);
    if (parse_is_sign(p, '{'))
        return read_struct(p, depth);
    struct drill_expr *x = NULL;
    switch (p->token.kind) {
    case TOKEN_INTEGER:
    case TOKEN_HEX:
        return read_integer(p);
    case TOKEN_STRING:
        return read_string(p);
    case TOKEN_WORD:
        return read_word(p, depth);
    case TOKEN_ELLIPSIS:
        x = new_expr(p, EXPR_ELLIPSIS);
        parse_next(p);
        return x;
    default:
        parse_wrong(p, "a value", NULL);
        return NULL;
    }
}

static struct drill_expr *read_primary(struct parser *p, int depth)
{
    struct drill_expr *x = read_bare(p, depth);
    if (x != NULL)
        x->at = lex_span(&x->at, &p->last);
    return x;
}

/* "A|B|C" is one OR of three. */
static struct drill_expr *read_alternatives(struct parser *p, int depth)
{
    struct drill_expr *x = read_primary(p, depth);
    if (x == NULL || !parse_is_sign(p, '|'))
        return x;
    struct drill_expr *any = memory_alloc(p->memory, sizeof(*any));
    any->kind = EXPR_OR;
    any->at = x->at;
    add_item(p, any, x);
    while (parse_sign(p, '|')) {
        x = read_primary(p, depth);
        if (x == NULL)
            return NULL;
        add_item(p, any, x);
    }
    any->at = lex_span(&any->at, &p->last);
    return any;
}

/* At depth 0 it is a result, else within a call, list or struct. "name=value" outside of braces
 * is a struct of one member. */
static struct drill_expr *read_expr(struct parser *p, int depth)
{
    struct drill_expr *x = read_alternatives(p, depth);
    if (x == NULL || x->kind != EXPR_WORD || depth == 0 || !parse_is_sign(p, '='))
        return x;
    struct drill_expr *one = memory_alloc(p->memory, sizeof(*one));
    one->kind = EXPR_STRUCT;
    one->at = x->at;
    return read_member_value(p, one, x, depth) == 0 ? one : NULL;
}

/* ---- the call ---- */

static int read_arguments(struct parser *p, struct drill_call *call)
{
    struct drill_expr *x = new_expr(p, EXPR_LIST);
    if (parse_want_sign(p, '(', "behind the name of the call") != 0 ||
        read_items(p, x, ')', 0) != 0)
        return -1;
    call->args = x->items;
    call->n_args = x->n_items;
    return 0;
}

/* Any text up to ')' on the same line. */
static int read_note(struct parser *p, struct drill_call *call)
{
    if (!parse_is_sign(p, '('))
        return 0;
    const struct token note = lex_until(&p->lex, ')', false);
    if (note.kind == TOKEN_BAD) {
        err_set(p->e, &p->token.at, "this note has no end");
        return parse_hint(p, "a note in parentheses ends on its line");
    }
    if (call->note == NULL)
        call->note = memory_slice(p->memory, note.text, note.n);
    p->token.at = lex_span(&p->token.at, &note.at);
    p->token.at.width++; /* the parenthesis */
    parse_next(p);
    return 0;
}

/* "EAGAIN (Resource temporarily unavailable) (a note of the author)" */
static int read_error(struct parser *p, struct drill_call *call)
{
    if (p->token.kind == TOKEN_WORD) {
        if (p->token.text[0] != 'E')
            return parse_wrong(p, "an error such as EAGAIN, or the next event", NULL);
        call->error = parse_copy(p);
        parse_next(p);
        if (read_note(p, call) != 0)
            return -1;
    }
    return read_note(p, call);
}

int parse_call(struct parser *p, struct drill_event *event)
{
    struct drill_call *call = memory_alloc(p->memory, sizeof(*call));
    const struct mark first = p->token.at;
    event->kind = DRILL_CALL;
    event->call = call;
    call->name = parse_copy(p);
    parse_next(p);
    if (read_arguments(p, call) != 0 ||
        parse_want_sign(p, '=', "before the call's result") != 0)
        return -1;
    call->result = read_expr(p, 0);
    if (call->result == NULL || read_error(p, call) != 0)
        return -1;
    call->at = lex_span(&first, &p->last);
    return 0;
}
