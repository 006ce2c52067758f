/* SPDX-License-Identifier: GPL-3.0-or-later
 * yaml_errors.c -- what is wrong with a text that is no YAML, in the words of those who wrote
 * it.
 *
 * libyaml says what its grammar wanted next, which is often lines behind the slip. So first the
 * usual slips are looked for around the place where it stopped: a tab, a full-width colon, no
 * space behind a colon. What remains is translated, row by row.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "experiments/typed.h"
#include "experiments/yaml_parts.h"

/* ---- slips ---- */

static yaml_mark_t line_start(size_t line)
{
    return (yaml_mark_t){.line = line};
}

/* The place of offset bytes behind the start of a line. */
static struct mark mark_in_line(const struct source *s, size_t line, size_t offset)
{
    yaml_mark_t at = {.line = line};
    at.column = (size_t)tree_n_characters(source_at(s, at), offset);
    return source_mark(s, at, at);
}

static int tab_error(const struct source *s, const yaml_parser_t *y, struct err *e)
{
    const char *line = source_at(s, line_start(y->problem_mark.line));
    const size_t blanks = strspn(line, " \t");
    const char *tab = memchr(line, '\t', blanks);
    if (tab == NULL)
        return 0;
    const struct mark at = mark_in_line(s, y->problem_mark.line, (size_t)(tab - line));
    err_set(e, &at, "a tab stands in the indentation");
    return err_hint(e, "indent with spaces");
}

/* A line whose first key has a text for people. */
static bool is_prose(const char *line)
{
    char word[16];
    line += strspn(line, " -{");
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, ":"), line);
    return typed_is_prose(word);
}

/* The offset of the first lookalike in a line that stands neither in quotes nor behind a #; -1:
 * there is none. */
static int lookalike_in(const char *line)
{
    char quote = '\0';
    for (const char *p = line; *p != '\0'; next_character(&p)) {
        const int found = typed_lookalike(p);
        if (found < 0 || (quote == '\0' && *p == '#' && (p == line || p[-1] == ' ')))
            return -1;
        if (quote == '\0' && found == 0)
            return (int)(p - line);
        if (quote != '\0' ? *p == quote : *p == '"' || *p == '\'')
            quote = quote != '\0' ? '\0' : *p;
    }
    return -1;
}

static int lookalike_error(const struct source *s, size_t line, struct err *e)
{
    const char *text = source_at(s, line_start(line));
    const int offset = is_prose(text) ? -1 : lookalike_in(text);
    if (offset < 0)
        return 0;
    const struct mark at = mark_in_line(s, line, (size_t)offset);
    return typed_error(text + offset, &at, e);
}

/* A line such as stop:1s, all of which YAML takes for one word. */
static int space_error(const struct source *s, size_t line, struct err *e)
{
    const char *text = source_at(s, line_start(line));
    const char *word = text + strspn(text, " ");
    const char *p = word;
    while (isalnum((unsigned char)*p) || *p == '_' || *p == '-')
        p++;
    if (p == word || *p != ':' || p[1] == '\0' || p[1] == ' ')
        return 0;
    const struct mark at = mark_in_line(s, line, (size_t)(p - text));
    err_set(e, &at, "a space is missing behind the ':'");
    return err_hint(e, "write %.*s: %.40s", (int)(p - word), word, p + 1);
}

/* ${name}, as shells write it: to YAML the brace begins a map within a word. */
static int brace_error(const struct source *s, const yaml_parser_t *y, struct err *e)
{
    const char *line = source_at(s, line_start(y->problem_mark.line));
    const char *stop = source_at(s, y->problem_mark);
    if (*stop != '{' || stop == line || stop[-1] != '$')
        return 0;
    const struct mark at = mark_in_line(s, y->problem_mark.line, (size_t)(stop - line - 1));
    err_set(e, &at, "a $name has no braces");
    return err_hint(e, "write $%.*s", (int)strcspn(stop + 1, "} ,"), stop + 1);
}

/* The file ends within brackets, behind one that opens or a comma. */
static int end_error(const struct source *s, const yaml_parser_t *y, struct err *e)
{
    if (*source_at(s, y->problem_mark) != '\0' || (int)y->problem_mark.line < s->n_lines - 1 ||
        strcmp(y->problem, "did not find expected node content") != 0)
        return 0;
    const struct mark at = source_mark(s, y->problem_mark, y->problem_mark);
    err_set(e, &at, "the file ends where a value should stand");
    return err_hint(e, "a '[' or a '{' is not closed");
}

/* On the line where libyaml stopped, where what it was about began, and the one above. */
static int slip_error(const struct source *s, const yaml_parser_t *y, struct err *e)
{
    const size_t stop = y->problem_mark.line;
    const size_t lines[] = {stop, y->context != NULL ? y->context_mark.line : stop,
                            stop > 0 ? stop - 1 : 0};
    if (tab_error(s, y, e) != 0 || brace_error(s, y, e) != 0 || end_error(s, y, e) != 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (lookalike_error(s, lines[i], e) != 0 || space_error(s, lines[i], e) != 0)
            return -1;
    return 0;
}

/* ---- translations ---- */

/* clang-format off */
static const struct translation {
    const char *problem; /* libyaml's */
    char begins;         /* only if the place has this character; 0: any */
    bool at_context;     /* blame the place where what it was about begins */
    const char *sentence, *hint;
    const char *begun; /* what begins at the context, for a hint with its place; NULL: no such hint */
} TRANSLATIONS[] = {
    {"did not find expected ',' or '}'", 0, false, "',' or '}' is missing before this", NULL, "the '{' stands"},
    {"did not find expected ',' or ']'", 0, false, "',' or ']' is missing before this", NULL, "the '[' stands"},
    {"found unexpected end of stream", 0, true, "the quote that begins here is not closed", "a text ends with the quote with which it begins", NULL},
    {"mapping values are not allowed in this context", 0, false, "a ':' cannot stand here", "keys of a map stand below one another, and a text with a ': ' in quotes", NULL},
    {"could not find expected ':'", 0, true, "this is neither 'key: value' nor an item of a list", "a key ends with a colon and a space", NULL},
    {"did not find expected key", '}', false, "this '}' closes nothing", "", NULL},
    {"did not find expected key", ']', false, "this ']' closes nothing", "", NULL},
    {"did not find expected key", 0, false, "no key can begin here", NULL, "those of this map begin"},
    {"did not find expected '-' indicator", 0, false, "an item of the list begins with '- '", NULL, "its items begin"},
    {"block sequence entries are not allowed in this context", 0, false, "a list cannot begin here", "begin it on a line of its own, or write [a, b]", NULL},
    {"found character that cannot start any token", 0, false, "a value cannot begin with this character", "put the text in quotes", NULL},
    {"did not find expected alphabetic or numeric character", 0, true, "a value cannot begin with this character", "put the text in quotes", NULL},
    {"found unknown escape character", 0, false, "unknown escape in double quotes", "write \\\\ for a backslash, or put the text in single quotes", NULL},
    {"did not find expected node content", 0, false, "a value is missing before this", "", NULL},
};
/* clang-format on */

static const struct translation *translate(const struct source *s, const yaml_parser_t *y)
{
    const char first = *source_at(s, y->problem_mark);
    for (size_t i = 0; i < ARRAY_LEN(TRANSLATIONS); i++)
        if (y->problem != NULL && strcmp(y->problem, TRANSLATIONS[i].problem) == 0 &&
            (TRANSLATIONS[i].begins == '\0' || TRANSLATIONS[i].begins == first))
            return &TRANSLATIONS[i];
    return NULL;
}

int yaml_error(const struct source *s, const yaml_parser_t *y, struct err *e)
{
    if (y->problem == NULL)
        return err_set(e, NULL, "out of memory");
    if (slip_error(s, y, e) != 0)
        return -1;
    const struct translation *t = translate(s, y);
    const yaml_mark_t where = t != NULL && t->at_context ? y->context_mark : y->problem_mark;
    const struct mark at = source_mark(s, where, where);
    if (t == NULL)
        return err_set(e, &at, "this is not YAML: %s", y->problem);
    err_set(e, &at, "%s", t->sentence);
    if (t->begun != NULL) {
        const struct mark begun = source_mark(s, y->context_mark, y->context_mark);
        return err_hint(e, "%s at line %d, column %d", t->begun, begun.line, begun.column);
    }
    return t->hint[0] != '\0' ? err_hint(e, "%s", t->hint) : -1;
}
