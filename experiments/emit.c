/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/emit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/typed.h"

enum { COLUMNS = 96, INDENT = 2 };

/* Characters that must be escaped, for YAML or because nobody sees them. */
static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0xA0) || (c >= 0x2000 && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFF);
}

static bool is_plain(const char *text)
{
    static const char *const nulls[] = {"null", "Null", "NULL"};
    const size_t len = strlen(text);
    for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
        if (strcmp(text, nulls[i]) == 0)
            return false;
    if (len == 0 ||
        strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789$_/.(",
               text[0]) == NULL)
        return false;
    if (strpbrk(text, ",[]{}") != NULL || strstr(text, ": ") != NULL ||
        strstr(text, " #") != NULL || text[len - 1] == ':' || text[len - 1] == ' ')
        return false;
    for (const char *s = text; *s != '\0';)
        if (is_hidden(next_character(&s)))
            return false;
    return true;
}

static void write_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (const char *s = text, *from = s; *s != '\0'; from = s) {
        const uint32_t c = next_character(&s);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (char)c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (is_hidden(c))
            fprintf(out, c > 0xFFFF ? "\\U%08X" : "\\u%04X", (unsigned)c);
        else
            fwrite(from, 1, (size_t)(s - from), out);
    }
    fputc('"', out);
}

static void write_text(const char *text, FILE *out)
{
    if (is_plain(text))
        fputs(text, out);
    else
        write_quoted(text, out);
}

static void write_flow(const struct node *n, FILE *out)
{
    if (n->kind == NODE_NULL)
        fputc('~', out);
    if (n->kind == NODE_SCALAR)
        write_text(n->text, out);
    if (n->kind == NODE_NULL || n->kind == NODE_SCALAR)
        return;
    fputc(n->kind == NODE_MAP ? '{' : '[', out);
    for (const struct node *c = n->first; c != NULL; c = c->next) {
        if (n->kind == NODE_MAP) {
            write_text(c->key, out);
            fputs(": ", out);
        }
        write_flow(c, out);
        if (c->next != NULL)
            fputs(", ", out);
    }
    fputc(n->kind == NODE_MAP ? '}' : ']', out);
}

/* Whether n stands on the line that has `column` bytes already. */
static bool fits(const struct node *n, int column)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (f == NULL)
        return false;
    write_flow(n, f);
    fclose(f);
    free(text);
    return column + (int)size <= COLUMNS;
}

static void write_block(const struct node *n, int indent, FILE *out);

/* A value behind "key:" or "-", where the line has `column` bytes; `beside`: a map may begin on
 * this very line. */
static void write_value(const struct node *n, int indent, int column, bool beside, FILE *out)
{
    const bool inner = n->kind == NODE_MAP || n->kind == NODE_LIST;
    if (!inner || n->first == NULL || (indent > 0 && fits(n, column + 1))) {
        fputc(' ', out);
        write_flow(n, out);
        fputc('\n', out);
        return;
    }
    if (beside && n->kind == NODE_MAP)
        fputc(' ', out);
    else
        fprintf(out, "\n%*s", indent + INDENT, "");
    write_block(n, indent + INDENT, out);
}

/* The children of n, the first of which begins where the line stands. */
static void write_block(const struct node *n, int indent, FILE *out)
{
    for (const struct node *c = n->first; c != NULL; c = c->next) {
        if (c != n->first)
            fprintf(out, "%*s", indent, "");
        if (n->kind == NODE_LIST) {
            fputc('-', out);
            write_value(c, indent, indent + 1, true, out);
            continue;
        }
        write_text(c->key, out);
        fputc(':', out);
        write_value(c, indent, indent + (int)strlen(c->key) + 1, false, out);
    }
}

static void write_comment(const char *comment, FILE *out)
{
    for (const char *line = comment; *line != '\0'; line += strspn(line, "\n")) {
        const int len = (int)strcspn(line, "\n");
        fprintf(out, "# %.*s\n", len, line);
        line += len;
    }
}

void emit_yaml(const struct node *root, FILE *out)
{
    for (const struct node *c = root->first; c != NULL; c = c->next) {
        if (c->comment != NULL)
            write_comment(c->comment, out);
        write_text(c->key, out);
        fputc(':', out);
        write_value(c, 0, (int)strlen(c->key) + 1, false, out);
    }
}
