/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/util.h"

struct cell {
    char *text;
    enum table_style style;
};

struct table {
    int n_columns;
    struct cell *cells;
    size_t n_cells, cap_cells;
};

static const char *const ANSI[] = {[TABLE_PLAIN] = "",
                                   [TABLE_BOLD] = "\033[1m",
                                   [TABLE_GOOD] = "\033[32m",
                                   [TABLE_BAD] = "\033[1;31m"};

struct table *table_new(int n_columns)
{
    struct table *t = calloc(1, sizeof *t);
    if (t != NULL)
        t->n_columns = n_columns;
    return t;
}

void table_free(struct table *t)
{
    for (size_t i = 0; t != NULL && i < t->n_cells; i++)
        free(t->cells[i].text);
    if (t != NULL)
        free(t->cells);
    free(t);
}

static void *need(void *p)
{
    if (p == NULL) {
        fputs("halfopen: out of memory\n", stderr);
        abort();
    }
    return p;
}

void table_add(struct table *t, const char *text, enum table_style style)
{
    if (t->n_cells == t->cap_cells) {
        t->cap_cells = 2 * t->cap_cells + 64;
        t->cells = need(realloc(t->cells, t->cap_cells * sizeof *t->cells));
    }
    t->cells[t->n_cells++] = (struct cell){need(strdup(text)), style};
}

/* Decodes one UTF-8 character; a broken byte counts as one character. */
static uint32_t take_character(const char **s)
{
    const unsigned char first = (unsigned char)*(*s)++;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t c = more > 0 ? first & (0x3fu >> more) : first;
    for (int i = 0; i < more && ((unsigned char)**s & 0xc0) == 0x80; i++)
        c = c << 6 | ((unsigned char)*(*s)++ & 0x3f);
    return c;
}

/* Hangul, CJK and full-width forms. */
static int character_width(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } wide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},  {0xf900, 0xfaff},
                {0xfe30, 0xfe4f}, {0xff00, 0xff60}, {0x20000, 0x3fffd}};
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (c >= wide[i].from && c <= wide[i].to)
            return 2;
    return 1;
}

static int width_of(const char *text, size_t bytes)
{
    int width = 0;
    for (const char *s = text; s < text + bytes;)
        width += character_width(take_character(&s));
    return width;
}

int text_width(const char *text)
{
    return width_of(text, strlen(text));
}

/* Bytes of the next line of a cell: up to the last space at which it still fits, at least one
 * word. */
static size_t line_bytes(const char *text)
{
    size_t best = strcspn(text, " ");
    for (size_t end = best; text[end] == ' ';) {
        end += 1 + strcspn(text + end + 1, " ");
        if (width_of(text, end) > TABLE_CELL_MAX)
            break;
        best = end;
    }
    return best;
}

static int cell_width(const char *text)
{
    int width = 0;
    while (*text != '\0') {
        const size_t n = line_bytes(text);
        const int w = width_of(text, n);
        width = w > width ? w : width;
        text += n + (text[n] == ' ');
    }
    return width;
}

static int *column_widths(const struct table *t)
{
    int *widths = need(calloc((size_t)t->n_columns, sizeof *widths));
    for (size_t i = 0; i < t->n_cells; i++) {
        int *w = &widths[i % (size_t)t->n_columns];
        const int width = cell_width(t->cells[i].text);
        *w = width > *w ? width : *w;
    }
    return widths;
}

/* One line of each cell; rest[] moves on behind it. Trailing blanks are not printed. True: some
 * cell goes on. */
static int print_line(const struct table *t, const struct cell *row, const char **rest,
                      const int *widths, FILE *out, int color)
{
    int more = 0, pad = 0;
    for (int i = 0; i < t->n_columns; i++) {
        const size_t n = line_bytes(rest[i]);
        const char *style = color && n > 0 ? ANSI[row[i].style] : "";
        if (n > 0)
            fprintf(out, "%*s%s%.*s%s", pad, "", style, (int)n, rest[i],
                    *style != '\0' ? "\033[0m" : "");
        pad = (n > 0 ? 0 : pad) + 2 + widths[i] - width_of(rest[i], n);
        rest[i] += n + (rest[i][n] == ' ');
        more |= *rest[i] != '\0';
    }
    putc('\n', out);
    return more;
}

void table_print(const struct table *t, FILE *out, int color)
{
    int *widths = column_widths(t);
    const char **rest = need(calloc((size_t)t->n_columns, sizeof *rest));
    for (size_t at = 0; at + (size_t)t->n_columns <= t->n_cells; at += (size_t)t->n_columns) {
        for (int i = 0; i < t->n_columns; i++)
            rest[i] = t->cells[at + (size_t)i].text;
        while (print_line(t, &t->cells[at], rest, widths, out, color))
            ;
    }
    free(rest);
    free(widths);
}
