/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/typed.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "experiments/tree.h"

uint32_t next_character(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;
    const int more = *p < 0x80 ? 0 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : 3;
    static const unsigned char mask[] = {0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = *p & mask[more];
    int i = 1;
    for (; i <= more && (p[i] & 0xC0) == 0x80; i++)
        c = c << 6 | (p[i] & 0x3F);
    *s += i;
    return c;
}

/* ---- bytes ---- */

/* Bytes of the character at p, of which n are left; 0: this is not UTF-8 (RFC 3629 §4). */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    static const struct {
        unsigned char first_lo, first_hi, second_lo, second_hi;
        size_t length;
    } rows[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
    size_t i = 0;
    while (i < ARRAY_LEN(rows) && (p[0] < rows[i].first_lo || p[0] > rows[i].first_hi))
        i++;
    if (i == ARRAY_LEN(rows) || rows[i].length > n)
        return 0;
    if (rows[i].length > 1 && (p[1] < rows[i].second_lo || p[1] > rows[i].second_hi))
        return 0;
    for (size_t k = 2; k < rows[i].length; k++)
        if ((p[k] & 0xC0) != 0x80)
            return 0;
    return rows[i].length;
}

/* What YAML lets stand in a file (YAML 1.1 §5.1), but for a byte order mark within it. */
static bool is_printable(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) || c == 0x85 ||
           (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF) || c >= 0x10000;
}

/* Chinese in GBK nearly always has pairs of high bytes; a text in Latin-1 has single ones. */
static bool looks_like_gbk(const unsigned char *p, size_t n)
{
    size_t pairs = 0, singles = 0;
    for (size_t i = 0; i < n; i++) {
        const bool pair =
            p[i] >= 0xA1 && p[i] <= 0xFE && i + 1 < n && p[i + 1] >= 0xA1 && p[i + 1] <= 0xFE;
        pairs += pair;
        singles += p[i] >= 0x80 && !pair;
        i += pair;
    }
    return pairs > singles;
}

/* What is no text at all, by its first bytes; NULL: it may be one. */
static const char *foreign_hint(const char *text, size_t len)
{
    static const struct {
        const char *begin;
        const char *hint;
    } rows[] = {
        {"SQLite format 3", "this is a result: halfopen plot and halfopen dump read it"},
        {"\x89PNG", "this is a picture: an experiment is a text, NAME.yaml"},
        {"%PDF", "this is a picture: an experiment is a text, NAME.yaml"},
        {"PK\x03\x04", "this is an archive or a document: an experiment is a plain text"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const size_t n = strlen(rows[i].begin);
        if (len >= n && memcmp(text, rows[i].begin, n) == 0)
            return rows[i].hint;
    }
    return NULL;
}

static const char *encoding_hint(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    if (foreign_hint(text, len) != NULL)
        return foreign_hint(text, len);
    if (len >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF)))
        return "the file is UTF-16: save it as UTF-8";
    if (looks_like_gbk(p, len))
        return "the file looks like GBK: save it as UTF-8 (iconv -f GBK -t UTF-8)";
    return "the file looks like Latin-1: save it as UTF-8 (iconv -f LATIN1 -t UTF-8)";
}

const char *typed_bytes(const char *text, size_t len, size_t *offset, const char **hint,
                        char *buf, size_t size)
{
    for (size_t i = 0, n; i < len; i += n) {
        *offset = i;
        n = utf8_length((const unsigned char *)text + i, len - i);
        if (n == 0) {
            *hint = encoding_hint(text, len);
            snprintf(buf, size, "the byte 0x%02X is not UTF-8", (unsigned char)text[i]);
            return buf;
        }
        const char *s = text + i;
        const uint32_t c = next_character(&s);
        if (!is_printable(c)) {
            *hint = foreign_hint(text, len);
            if (*hint == NULL)
                *hint =
                    c != 0 ? "delete it" : "the file is UTF-16 or no text: save it as UTF-8";
            snprintf(buf, size, "a file cannot hold the invisible character U+%04X",
                     (unsigned)c);
            return buf;
        }
    }
    return NULL;
}

/* ---- characters ---- */

static const struct lookalike {
    uint32_t code;
    const char *what, *meant; /* meant "": nothing */
} LOOKALIKES[] = {
    {0x00A0, "a no-break space", " "},
    {0x00B5, "a micro sign", "u"},
    {0x03BC, "a Greek letter", "u"},
    {0x2013, "a dash", "-"},
    {0x2014, "a dash", "-"},
    {0x2018, "a curly quote", "'"},
    {0x2019, "a curly quote", "'"},
    {0x201C, "a curly quote", "\""},
    {0x201D, "a curly quote", "\""},
    {0x2192, "an arrow", "->"},
    {0x2194, "an arrow", "<->"},
    {0x2212, "a minus sign", "-"},
    {0x200B, "a zero-width space", ""},
    {0x200C, "a zero-width sign", ""},
    {0x200D, "a zero-width sign", ""},
    {0x2060, "a zero-width sign", ""},
    {0x3000, "a full-width space", " "},
    {0x3001, "a full-width comma", ","},
    {0x3002, "a full-width stop", "."},
    {0x300C, "a full-width quote", "\""},
    {0x300D, "a full-width quote", "\""},
    {0x3010, "a full-width bracket", "["},
    {0x3011, "a full-width bracket", "]"},
};
/* A copy of ASCII, twice as wide: U+FF01 is '!'. */
enum { WIDE_FIRST = 0xFF01, WIDE_LAST = 0xFF5E, WIDE_SHIFT = 0xFEE0 };

static const struct lookalike *lookalike(uint32_t c)
{
    for (size_t i = 0; i < ARRAY_LEN(LOOKALIKES); i++)
        if (LOOKALIKES[i].code == c)
            return &LOOKALIKES[i];
    return NULL;
}

int typed_lookalike(const char *text)
{
    for (const char *s = text, *from = s; *s != '\0'; from = s) {
        const uint32_t c = next_character(&s);
        if ((c >= WIDE_FIRST && c <= WIDE_LAST) || (c >= 0x80 && lookalike(c) != NULL))
            return (int)(from - text);
    }
    return -1;
}

bool typed_is_prose(const char *key)
{
    static const char *const keys[] = {"description", "source", "title"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

int typed_error(const char *text, const struct mark *at, struct err *e)
{
    const char *end = text;
    const uint32_t c = next_character(&end);
    const struct lookalike *l = lookalike(c);
    const char wide[] = {(char)(c - WIDE_SHIFT), '\0'};
    const char *meant = l != NULL ? l->meant : wide;
    err_set(e, at, "'%.*s' is %s (U+%04X)", (int)(end - text), text,
            l != NULL ? l->what : "a full-width character", (unsigned)c);
    if (meant[0] == '\0')
        return err_hint(e, "delete it");
    if (meant[0] == ' ')
        return err_hint(e, "write an ordinary space");
    if (meant[0] == '"' || meant[0] == '\'')
        return err_hint(e, "write a straight quote");
    return err_hint(e, "write '%s'", meant);
}

/* The text of its line from the mark on. */
static const char *text_at(const struct mark *at)
{
    const char *s = at->line_text;
    for (int column = 1; column < at->column && *s != '\0'; column++)
        next_character(&s);
    return s;
}

int typed_check(const char *text, const struct mark *at, struct err *e)
{
    const int offset = typed_lookalike(text);
    if (offset < 0)
        return 0;
    struct mark here = *at;
    const char *s = at->line_text != NULL ? text_at(at) : "";
    const bool quoted = *s == '"' || *s == '\'';
    if (strncmp(s + quoted, text, (size_t)offset) ==
        0) { /* not broken over lines, no escapes */
        here.column += quoted + tree_n_characters(text, (size_t)offset);
        here.width = 1;
    }
    return typed_error(text + offset, &here, e);
}
