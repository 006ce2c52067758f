/* SPDX-License-Identifier: GPL-3.0-or-later
 * broken.h -- for tests of messages: a row a mistake, and all that err_print must write of it.
 *
 * In a row's text @ stands around the word to blame, from which the place, the line and the
 * caret of the expected message are made; without @ the message has no place. Of `text` and
 * `override` the one that has @ is blamed.
 */
#pragma once
#include "tests/experiments/config.h"

struct broken {
    const char *text; /* of broken.yaml, unless it is in `override` that something is wrong */
    const char *override; /* NULL: none */
    const char *sentence, *hint;
};

struct broken_place {
    int line, column, width;
    char text[FILE_TEXT_MAX]; /* without @ */
    char line_text[FILE_TEXT_MAX];
};

static inline int broken_n_characters(const char *s, const char *end)
{
    int n = 0;
    for (; s < end; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

/* Takes the @ out of a text and tells where they were. line stays 0 when there are none. */
static inline void broken_find(const char *marked, struct broken_place *p)
{
    const char *first = strchr(marked, '@');
    memset(p, 0, sizeof(*p));
    if (first == NULL) {
        strcpy(p->text, marked);
        return;
    }
    const char *second = strchr(first + 1, '@');
    const char *begin = first;
    while (begin > marked && begin[-1] != '\n')
        begin--;
    p->line = 1;
    for (const char *s = marked; s < first; s++)
        p->line += *s == '\n';
    p->column = broken_n_characters(begin, first) + 1;
    p->width = broken_n_characters(first + 1, second);
    const int rest = (int)strcspn(second + 1, "\n");
    snprintf(p->line_text, sizeof(p->line_text), "%.*s%.*s%.*s", (int)(first - begin), begin,
             (int)(second - first - 1), first + 1, rest, second + 1);
    snprintf(p->text, sizeof(p->text), "%.*s%.*s%s", (int)(first - marked), marked,
             (int)(second - first - 1), first + 1, second + 1);
}

/* Cells of a terminal in which the first n characters of a text stand: those of Chinese and the
 * full-width forms, which here begin with the bytes E3 to EF, take two. */
static inline int broken_cells(const char *s, int n)
{
    int cells = 0;
    for (; *s != '\0'; s++) {
        const unsigned char c = (unsigned char)*s;
        if ((c & 0xC0) == 0x80)
            continue;
        if (n-- == 0)
            break;
        cells += c >= 0xE3 && c <= 0xEF ? 2 : 1;
    }
    return cells + (n > 0 ? n : 0);
}

static inline void broken_caret(const struct broken_place *p, FILE *out)
{
    const int before = broken_cells(p->line_text, p->column - 1);
    const int end = broken_cells(p->line_text, p->column - 1 + (p->width > 1 ? p->width : 1));
    fprintf(out, "  %d | %s\n    | ", p->line, p->line_text);
    for (int i = 0; i < before; i++) /* a tab stays one: the terminal knows its width */
        fputc(p->line_text[i] == '\t' ? '\t' : ' ', out);
    fputc('^', out);
    for (int i = before + 1; i < end; i++)
        fputc('~', out);
    fputc('\n', out);
}

/* What err_print must write. */
static inline void broken_message(const struct broken *r, const struct broken_place *p,
                                  const char *path, FILE *out)
{
    if (p->line == 0) {
        fprintf(out, "%s: %s\n", path, r->sentence);
    } else {
        fprintf(out, "%s:%d:%d: %s\n", path, p->line, p->column, r->sentence);
        if (p->line_text[0] != '\0')
            broken_caret(p, out);
    }
    if (r->hint[0] != '\0')
        fprintf(out, "%s\n", r->hint);
}

static inline void broken_check(const struct broken *r)
{
    static struct broken_place text, override;
    char *want, *got;
    size_t size;
    struct err e;
    broken_find(r->text, &text);
    broken_find(r->override != NULL ? r->override : "", &override);
    write_file("broken.yaml", text.text);
    const char *overrides[] = {override.text};

    FILE *f = open_memstream(&want, &size);
    const bool in_override = text.line == 0 && r->override != NULL;
    broken_message(r, in_override ? &override : &text, in_override ? "-p" : "broken.yaml", f);
    fclose(f);
    struct experiment *x = experiment_load("broken.yaml", overrides, r->override != NULL, &e);
    check_true(want, x == NULL);
    f = open_memstream(&got, &size);
    err_print(&e, f, 0);
    fclose(f);
    check_str(text.text, got, want);
    free(want);
    free(got);
}
