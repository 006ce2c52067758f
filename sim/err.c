/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/err.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/* Bytes of the UTF-8 character at s; a broken one counts as a character of its own. */
static size_t char_bytes(const char *s)
{
    size_t n = 1;
    while ((s[n] & 0xc0) == 0x80 && (*s & 0xc0) == 0xc0 && n < 4)
        n++;
    return n;
}

static uint32_t code_point(const char *s, size_t n)
{
    static const unsigned char LEAD_BITS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)*s & LEAD_BITS[n];
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    return c;
}

/* Cells of a terminal: wide characters take two, combining marks none (Unicode TR 11, roughly).
 */
static int cells(uint32_t c)
{
    static const struct {
        uint32_t from, to;
        int cells;
    } RANGES[] = {
        {0x300, 0x36f, 0},   {0x1100, 0x115f, 2}, {0x200b, 0x200d, 0},   {0x2e80, 0xa4cf, 2},
        {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},
        {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2}, {0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(RANGES); i++)
        if (c >= RANGES[i].from && c <= RANGES[i].to)
            return RANGES[i].cells;
    return 1;
}

/* Byte offset of the character in column (from 1) of text, or the text's end. */
static size_t offset_of(const char *text, int column)
{
    size_t at = 0;
    for (int c = 1; c < column && text[at] != '\0'; c++)
        at += char_bytes(text + at);
    return at;
}

/* Copies what fits of text from a character's start to a character's end. */
static void copy_chars(char *to, size_t size, const char *text)
{
    size_t n = 0;
    while (text[n] != '\0' && n + char_bytes(text + n) < size)
        n += char_bytes(text + n);
    memcpy(to, text, n);
    to[n] = '\0';
}

/* Of a line too long to keep, the part around the mark, and "..." for what is before it. */
static void copy_line(struct err *e, const struct mark *at)
{
    enum { BEFORE = 60 };
    static const char DOTS[] = "...";
    e->caret = at->column;
    if (offset_of(at->line_text, at->column + at->width) < sizeof(e->line_text)) {
        copy_chars(e->line_text, sizeof(e->line_text), at->line_text);
        return;
    }
    const int from = at->column > BEFORE ? at->column - BEFORE : 1;
    strcpy(e->line_text, DOTS);
    copy_chars(e->line_text + strlen(DOTS), sizeof(e->line_text) - strlen(DOTS),
               at->line_text + offset_of(at->line_text, from));
    e->caret = at->column - from + 1 + (int)strlen(DOTS);
}

/* A user's text within a sentence may hold anything: a sentence is one line. */
static void one_line(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

int err_set(struct err *e, const struct mark *at, const char *fmt, ...)
{
    if (e->text[0] != '\0')
        return -1;
    *e = (struct err){0};
    if (at != NULL && at->path != NULL) {
        copy_chars(e->path, sizeof(e->path), at->path);
        e->line = at->line;
        e->column = at->column;
        e->width = at->width < 1 ? 1 : at->width;
        if (at->line_text != NULL)
            copy_line(e, at);
    }
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, args);
    va_end(args);
    one_line(e->text);
    return -1;
}

int err_failure(struct err *e)
{
    e->is_failure = true;
    return -1;
}

int err_hint(struct err *e, const char *fmt, ...)
{
    if (e->hint[0] != '\0')
        return -1;
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->hint, sizeof(e->hint), fmt, args);
    va_end(args);
    one_line(e->hint);
    return -1;
}

/* Blanks as wide as the first bytes of the line; tabs stay, the terminal knows their width. */
static void print_blanks(const char *line, size_t bytes, FILE *out)
{
    for (size_t at = 0; at < bytes; at += char_bytes(line + at)) {
        if (line[at] == '\t')
            fputc('\t', out);
        else
            fprintf(out, "%*s", cells(code_point(line + at, char_bytes(line + at))), "");
    }
}

static void print_caret(const struct err *e, FILE *out, int color)
{
    const size_t from = offset_of(e->line_text, e->caret);
    const size_t to = offset_of(e->line_text, e->caret + e->width);
    int width = 0;
    for (size_t at = from; at < to; at += char_bytes(e->line_text + at))
        width += cells(code_point(e->line_text + at, char_bytes(e->line_text + at)));
    print_blanks(e->line_text, from, out);
    fputs(color ? "\033[31m^" : "^", out);
    for (int i = 1; i < width; i++)
        fputc('~', out);
    fputs(color ? "\033[0m\n" : "\n", out);
}

static void print_place(const struct err *e, FILE *out, int color)
{
    if (e->path[0] == '\0')
        return;
    fprintf(out, "%s%s:", color ? "\033[1m" : "", e->path);
    if (e->line > 0)
        fprintf(out, "%d:", e->line);
    if (e->line > 0 && e->column > 0)
        fprintf(out, "%d:", e->column);
    fputs(color ? "\033[0m " : " ", out);
}

void err_print(const struct err *e, FILE *out, int color)
{
    print_place(e, out, color);
    fprintf(out, "%s\n", e->text);
    if (e->line > 0 && e->line_text[0] != '\0') {
        const int gutter = fprintf(out, "  %d ", e->line);
        fprintf(out, "| %s\n", e->line_text);
        if (e->column > 0) {
            fprintf(out, "%*s| ", gutter, "");
            print_caret(e, out, color);
        }
    }
    if (e->hint[0] != '\0')
        fprintf(out, "%s\n", e->hint);
}

enum { MAX_WORD = 63 };

static int min3(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* In halves of an edit, so that 'mbit' is nearer to 'Mbit' than to 'kbit'. */
enum { EDIT = 2, CASE = 1 };

static int change_cost(char a, char b)
{
    if (a == b)
        return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? CASE : EDIT;
}

/* Damerau-Levenshtein, no substring edited twice. Both at most MAX_WORD long. */
static int distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    int d[MAX_WORD + 1][MAX_WORD + 1];
    for (size_t i = 0; i <= n_a; i++)
        d[i][0] = EDIT * (int)i;
    for (size_t j = 0; j <= n_b; j++)
        d[0][j] = EDIT * (int)j;
    for (size_t i = 1; i <= n_a; i++) {
        for (size_t j = 1; j <= n_b; j++) {
            d[i][j] = min3(d[i - 1][j] + EDIT, d[i][j - 1] + EDIT,
                           d[i - 1][j - 1] + change_cost(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = d[i][j] < d[i - 2][j - 2] + EDIT ? d[i][j] : d[i - 2][j - 2] + EDIT;
        }
    }
    return d[n_a][n_b];
}

const char *nearest_name(const char *word, const char *const *names, size_t n)
{
    const size_t len = strlen(word);
    int limit = EDIT * (len < 6 ? 1 : (int)(len / 3));
    const char *nearest = NULL;
    for (size_t i = 0; i < n && len <= MAX_WORD; i++) {
        const size_t name_len = strlen(names[i]);
        if (name_len > MAX_WORD)
            continue;
        const int d = distance(word, len, names[i], name_len);
        if (d <= limit) {
            nearest = names[i];
            limit = d - 1;
        }
    }
    return nearest;
}
