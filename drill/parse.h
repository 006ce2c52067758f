/* SPDX-License-Identifier: GPL-3.0-or-later
 * parse.h -- what the parts of the script parser share: one token ahead, and how to refuse it.
 *
 * A function that reads a piece of the grammar begins with its first token in p->token and ends
 * with the first token behind it there. int functions return 0, or -1 with the error set.
 */
#pragma once
#include "drill/lex.h"

struct parser {
    struct lex lex;
    struct token token; /* the next one, not yet taken */
    struct mark last;   /* of the one taken last; line 0: none yet */
    struct drill_script *script;
    struct memory *memory;
    int n_given; /* of lex.defines: those of the command line */
    struct err *e;
};

void parse_next(struct parser *p);

bool parse_is_sign(const struct parser *p, char c);
bool parse_is_word(const struct parser *p, const char *word);
/* The same, and takes it if so. */
bool parse_sign(struct parser *p, char c);
bool parse_word(struct parser *p, const char *word);
int parse_want_sign(struct parser *p, char c, const char *where);

/* "expected EXPECTED, not 'TOKEN'" at the next token; returns -1. hint may be NULL. */
int parse_wrong(struct parser *p, const char *expected, const char *hint);

/* The hint for an error of the grammar; nothing when the lexer failed, whose error it would not
 * fit. Returns -1. */
int parse_hint(struct parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A whole number from 0 to max, decimal or 0x; what names it in messages: "the window". */
int parse_unsigned(struct parser *p, const char *what, uint32_t max, uint32_t *out);

/* Decimal seconds as nanoseconds. */
int parse_seconds(struct parser *p, sim_time *out);

/* The next token's text in the script's memory. */
char *parse_copy(struct parser *p);

/* From '<' or '>' on; sets event->packet. */
int parse_packet(struct parser *p, struct drill_event *event);

/* From '<' to '>': options into packet. */
int parse_options(struct parser *p, struct drill_packet *packet);

/* From the name of a system call on; sets what is event->call's own: not its blocking. */
int parse_call(struct parser *p, struct drill_event *event);
