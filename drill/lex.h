/* SPDX-License-Identifier: GPL-3.0-or-later
 * lex.h -- the text of a packet script as tokens: words, numbers, strings, commands, code.
 *
 *   "+0.5 > S. 0:0(0) <mss 1460>"  ->  + 0.5 > S . 0 : 0 ( 0 ) < mss 1460 >
 *
 * The one idea: the longest token wins, as in packetdrill's own lexer, so that what is one word
 * there is one word here; a word that has a define is replaced by its one token. After the
 * first mistake there are only TOKEN_BAD tokens, which no rule of the grammar takes. Not
 * modelled: keywords; the parser knows which word it wants where.
 */
#pragma once
#include "drill/memory.h"
#include "drill/script.h"

enum token_kind {
    TOKEN_BAD, /* the error is set */
    TOKEN_END, /* of the script */
    TOKEN_INTEGER,
    TOKEN_HEX,      /* 0x10 */
    TOKEN_FLOAT,    /* 1.5 .5 -1.5; not 1. */
    TOKEN_WORD,     /* letters, digits and _, but neither of the above */
    TOKEN_STRING,   /* text is what stands between the quotes */
    TOKEN_COMMAND,  /* between the backticks */
    TOKEN_CODE,     /* between %{ and }%, without blanks at both ends */
    TOKEN_OPTION,   /* --text or --text=setting */
    TOKEN_ELLIPSIS, /* ... */
    TOKEN_SIGN,     /* any other single character */
};

/* Borrows the script's text, or that of a define. */
struct token {
    enum token_kind kind;
    const char *text;
    size_t n;
    int64_t value;       /* INTEGER, HEX */
    bool too_large;      /* INTEGER, HEX: value does not hold it */
    const char *setting; /* OPTION: behind '=', without quotes around all of it; NULL: no '=' */
    size_t n_setting;
    size_t from, to; /* of the text: bytes [from, to) are the token as written */
    struct mark at;
};

enum { LEX_MAX_IFS = 16 };

struct lex {
    const char *text;
    size_t n, pos;
    const char *path;
    const char **lines; /* for marks; borrowed by them */
    int n_lines;
    struct memory *memory;
    const struct drill_define *defines; /* the first of a name counts; set again at any time */
    int n_defines;
    struct err *e;
    bool failed;
    size_t seen; /* bytes of text that line and column count */
    int line, column;
    struct { /* the #if's around pos */
        struct mark at;
        bool has_else;
    } ifs[LEX_MAX_IFS];
    int n_ifs;
};

/* Borrows text and path, puts the lines into memory. */
void lex_init(struct lex *l, struct memory *memory, const char *path, const char *text,
              size_t n, struct err *e);

/* The next token; TOKEN_END again and again at the end. */
struct token lex_next(struct lex *l);

/* What stands from pos to the next stop on the same line, as a TOKEN_WORD; pos is then behind
 * the stop. before_blank: only a stop with a blank behind it counts. TOKEN_BAD without an error
 * set when the line has no stop. */
struct token lex_until(struct lex *l, char stop, bool before_blank);

/* ---- characters, as in the C locale, whatever the locale is ---- */

static inline bool lex_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool lex_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Of a word: a letter, a digit, or _. */
static inline bool lex_is_word(char c)
{
    const char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || c == '_' || lex_is_digit(c);
}

/* The digit's value, -1 when it is none. */
int lex_hex_digit(char c);

/* From the first mark to the end of the last, or of its own line when last is on another. */
struct mark lex_span(const struct mark *first, const struct mark *last);
