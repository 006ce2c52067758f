/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/table.h"

#include <stdlib.h>

#include "tests/check.h"

/* The table as text; the caller frees it. */
static char *printed(const char *const *cells, int n_cells, int n_columns, int color)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct table *t = table_new(n_columns);
    for (int i = 0; i < n_cells; i++)
        table_add(t, cells[i], i < n_columns ? TABLE_BOLD : TABLE_PLAIN);
    table_print(t, out, color);
    table_free(t);
    fclose(out);
    return text;
}

#define TEN "0123456789"

static const struct row {
    const char *story;
    int n_columns, color;
    const char *cells[8]; /* NULL ends */
    const char *want;
} rows[] = {
    {"as wide as the widest", 2, 0, {"a", "b", "longer", "x"}, "a       b\nlonger  x\n"},
    {"no blanks at the end", 2, 0, {"a", "b", "c", ""}, "a  b\nc\n"},
    {"an empty cell keeps its place",
     3,
     0,
     {"a", "", "b", "c", "dd", "e"},
     "a      b\nc  dd  e\n"},
    {"accents count once", 2, 0, {"é", "b", "ab", "c"}, "é   b\nab  c\n"},
    {"wide characters twice", 2, 0, {"半开", "b", "abcde", "c"}, "半开   b\nabcde  c\n"},
    {"36 fit", 2, 0, {TEN TEN TEN " 12345", "b"}, TEN TEN TEN " 12345  b\n"},
    {"37 are broken at the space",
     2,
     0,
     {TEN TEN TEN " 123456", "b"},
     TEN TEN TEN "  b\n123456\n"},
    {"a long word stays whole", 2, 0, {TEN TEN TEN TEN, "b"}, TEN TEN TEN TEN "  b\n"},
    {"lines of one row",
     2,
     0,
     {"a", TEN TEN TEN " one two", "b", "c"},
     "a  " TEN TEN TEN " one\n   two\nb  c\n"},
    {"styles around the text alone",
     2,
     1,
     {"a", "b", "longer", "x"},
     "\033[1ma\033[0m       \033[1mb\033[0m\nlonger  x\n"},
};

static void tables_print(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        int n = 0;
        while (n < (int)ARRAY_LEN(r->cells) && r->cells[n] != NULL)
            n++;
        char *text = printed(r->cells, n, r->n_columns, r->color);
        check_str(r->story, text, r->want);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_print)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
