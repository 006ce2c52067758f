/* SPDX-License-Identifier: GPL-3.0-or-later
 * words.h -- the words of our pictures in the languages that they speak.
 */
#pragma once

enum word {
    WORD_TIME_S,
    WORD_TIME_MS,
    WORD_LOST,
    WORD_REPEAT,
    WORD_COPY,
    WORD_HELD,
    WORD_DELAYED,
    WORD_RESET,
    WORD_SEGMENT,
    WORD_SEGMENTS,
    WORD_ACK,
    WORD_ACKS,
    WORD_GHOST,
    WORD_TIME_CUT_S,
    WORD_TIME_CUT_MS,
    WORD_TIME,
    WORD_TIME_IN_STATE,
    WORD_STAYS,
    WORD_MEAN,
    WORD_AT_ONCE,
    WORD_RANGE,
    WORD_DROP,
    WORD_CLOSED_FORM,
    WORD_MEASURED,
    WORD_NOT_HELD,
    WORD_RUNS,
    WORD_INTERVAL,
    N_WORDS,
};

extern const char *const LANGUAGES[]; /* ends with NULL: "en", "zh" */

/* lang: an index of LANGUAGES. */
const char *word_in(int lang, enum word word);

/* The index of a language's name in LANGUAGES, or -1. */
int language_find(const char *name);
