/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.h -- rows of text in columns as wide as they need, for a terminal.
 *
 * A cell longer than TABLE_CELL_MAX is broken at spaces onto further lines of its row. Widths
 * count characters, wide East Asian ones twice. Not modelled: borders, alignment to the right.
 */
#pragma once
#include <stdio.h>

enum table_style { TABLE_PLAIN, TABLE_BOLD, TABLE_GOOD, TABLE_BAD };
enum { TABLE_CELL_MAX = 36 };

struct table; /* opaque: grows as cells come */

/* NULL: no memory. Running out of it later ends the program with a sentence. */
struct table *table_new(int n_columns);
void table_free(struct table *t);

/* The next cell, row by row from the left. Copies text. */
void table_add(struct table *t, const char *text, enum table_style style);

/* color: styles as ANSI sequences. The caller looks at ferror(out). */
void table_print(const struct table *t, FILE *out, int color);

/* Columns that text takes on a terminal. */
int text_width(const char *text);
