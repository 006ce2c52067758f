/* SPDX-License-Identifier: GPL-3.0-or-later
 * synonyms.h -- words of other tools and other habits, for which this language has its own.
 *
 * The one idea: a word is only looked at when it was not understood, and only gives a hint. It
 * never becomes a second name of anything.
 */
#pragma once
#include <stddef.h>

/* The name among names[0..n) that is called `word` elsewhere (as a sysctl too), or the only one
 * that begins with it. NULL: none. */
const char *synonym_of(const char *word, const char *const *names, size_t n);

/* What to say where no single word translates it; NULL: nothing. The text is const. */
const char *synonym_advice(const char *word, const char *const *names, size_t n);

/* The names that words may be meant for, i = 0, 1, ...; NULL: no more. */
const char *synonym_target(size_t i);
