/* SPDX-License-Identifier: GPL-3.0-or-later
 * yaml_source.c -- the bytes of a file before YAML sees them (yaml_parts.h): lines, and what no
 * line may hold.
 */
#include <string.h>

#include "experiments/typed.h"
#include "experiments/yaml_parts.h"

/* Bytes of the end of line at p, of which n are left; 0: none. */
static size_t break_length(const char *p, size_t n)
{
    static const char *const breaks[] = {"\r\n",     "\n",           "\r",
                                         "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    for (size_t i = 0; i < ARRAY_LEN(breaks); i++) {
        const size_t len = strlen(breaks[i]);
        if (len <= n && memcmp(p, breaks[i], len) == 0)
            return len;
    }
    return 0;
}

/* The bytes of the line that begins at p, without its end; *end: those of its end. */
static size_t line_length(const char *p, size_t n, size_t *end)
{
    size_t len = 0;
    while (len < n && (*end = break_length(p + len, n - len)) == 0)
        len++;
    if (len == n)
        *end = 0;
    return len;
}

static int count_lines(const struct source *s)
{
    int n = 0;
    for (size_t i = 0, end = 1; i <= s->len && end > 0; n++)
        i += line_length(s->text + i, s->len - i, &end) + end;
    return n;
}

/* The line of text that is not printable is not shown. */
static int check_bytes(const struct source *s, struct err *e)
{
    char sentence[120];
    const char *hint;
    size_t offset, begin = 0, end, len;
    const char *wrong =
        typed_bytes(s->text, s->len, &offset, &hint, sentence, sizeof(sentence));
    if (wrong == NULL)
        return 0;
    struct mark at = {.path = s->path, .line = 1, .width = 1};
    while ((len = line_length(s->text + begin, s->len - begin, &end)) + begin < offset &&
           begin + len + end <= offset && end > 0) {
        begin += len + end;
        at.line++;
    }
    at.column = tree_n_characters(s->text + begin, offset - begin) + 1;
    err_set(e, &at, "%s", wrong);
    return err_hint(e, "%s", hint);
}

int source_split(struct source *s, struct err *e)
{
    if (check_bytes(s, e) != 0)
        return -1;
    const int n = count_lines(s);
    s->lines = pool_array(s->pool, (size_t)n, sizeof(*s->lines));
    for (size_t i = 0, end; s->n_lines < n; s->n_lines++) {
        const size_t len = line_length(s->text + i, s->len - i, &end);
        s->lines[s->n_lines] = pool_slice(s->pool, s->text + i, len);
        i += len + end;
    }
    return 0;
}

struct mark source_mark(const struct source *s, yaml_mark_t from, yaml_mark_t to)
{
    if ((int)from.line >= s->n_lines) { /* behind the last line's end: show where it ends */
        const char *last = s->lines[s->n_lines - 1];
        return (struct mark){s->path, s->n_lines, tree_n_characters(last, strlen(last)) + 1, 1,
                             last};
    }
    const int line = (int)from.line;
    const int shift = line == 0 ? s->skip_columns : 0;
    const char *line_text = s->lines[line];
    const int rest = tree_n_characters(line_text, strlen(line_text)) - (int)from.column - shift;
    const int width = to.line == from.line ? (int)(to.column - from.column) : rest;
    return (struct mark){s->path, line + 1, (int)from.column + shift + 1, width > 1 ? width : 1,
                         line_text};
}

const char *source_at(const struct source *s, yaml_mark_t at)
{
    if ((int)at.line >= s->n_lines)
        return "";
    const char *p = s->lines[at.line];
    const int column = (int)at.column + (at.line == 0 ? s->skip_columns : 0);
    for (int i = 0; i < column && *p != '\0'; i++)
        next_character(&p);
    return p;
}
