/* SPDX-License-Identifier: GPL-3.0-or-later
 * typed.h -- what a keyboard or an editor puts into a file besides what is meant.
 *
 *   stop：1s      a full-width colon, of a Chinese or Japanese input method
 *   “10ms”       curly quotes, of a word processor
 *   \xCD\xA3...  a file in GBK or Latin-1, of an editor that does not know UTF-8
 *
 * The one idea: such characters have no meaning in keys, names and quantities, so they are
 * named there for what they are, before anybody complains that ten milliseconds are no time.
 * Texts for people may have them.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sim/err.h"

/* A text of len bytes that is no UTF-8, or holds a character that no file may hold. Sets the
 * offset and returns an error's sentence, with *hint; NULL: it is all right. The sentence lives
 * in buf. */
const char *typed_bytes(const char *text, size_t len, size_t *offset, const char **hint,
                        char *buf, size_t size);

/* The first character of text that only looks like another one, or like nothing: its offset;
 * -1: there is none. */
int typed_lookalike(const char *text);

/* Whether the value of this key is a text for people, which may have any punctuation. */
bool typed_is_prose(const char *key);

/* Sets e to what the character is that text begins with, of which typed_lookalike has told.
 * Returns -1. */
int typed_error(const char *text, const struct mark *at, struct err *e);

/* text is a whole value or key that stands at `at`, in quotes or not. 0, or -1 with e, which
 * points at the character. */
int typed_check(const char *text, const struct mark *at, struct err *e);

/* Decodes one character of valid UTF-8 and moves *s behind it. */
uint32_t next_character(const char **s);
