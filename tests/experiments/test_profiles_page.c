/* SPDX-License-Identifier: GPL-3.0-or-later
 * docs/profiles.md has a line of every key of TCP, with the values that the profiles have and a
 * source: what `halfopen explain profiles` prints is compared with it, word by word.
 */
#include "experiments/reference.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROFILES = 4, LINE_BYTES = 400 };

struct row {
    char key[64], value[PROFILES][40];
};

/* A line as printed: words with a star behind what is not the default. */
static bool take_printed(const char *line, struct row *r)
{
    if (sscanf(line, "%63s %39s %39s %39s %39s", r->key, r->value[0], r->value[1], r->value[2],
               r->value[3]) != 1 + PROFILES)
        return false;
    for (int i = 0; i < PROFILES; i++)
        r->value[i][strcspn(r->value[i], "*")] = '\0';
    return true;
}

/* A line of the page: "| `key` | value | ... | source |"; false: it is none. */
static bool take_told(const char *line, struct row *r, char *source)
{
    return sscanf(line,
                  "| `%63[^`]` | %39[^ |] | %39[^ |] | %39[^ |] | %39[^ |] | %199[^|\n] |",
                  r->key, r->value[0], r->value[1], r->value[2], r->value[3],
                  source) == 2 + PROFILES;
}

static bool same(const struct row *a, const struct row *b)
{
    for (int i = 0; i < PROFILES; i++)
        if (strcmp(a->value[i], b->value[i]) != 0)
            return false;
    return strcmp(a->key, b->key) == 0;
}

/* The next line of the page that tells of a key; false: there is none. */
static bool next_told(FILE *page, struct row *r)
{
    char line[LINE_BYTES], source[200];
    while (fgets(line, sizeof line, page) != NULL)
        if (take_told(line, r, source))
            return true;
    return false;
}

/* In the same order; how many lines of what is printed the page does not have. */
static int n_missing(const char *printed, FILE *page)
{
    int n = 0;
    const char *line = strchr(printed, '\n') + 1; /* behind the head */
    for (; *line != '\0'; line = strchr(line, '\n') + 1) {
        struct row want, got = {0};
        assert_true(take_printed(line, &want));
        if (next_told(page, &got) && same(&want, &got))
            continue;
        print_error("docs/profiles.md: not the line of %s, or not its values\n", want.key);
        return n + 1;
    }
    struct row more;
    return next_told(page, &more) ? n + 1 : n;
}

static char *printed_profiles(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(profiles_print(out), 0);
    fclose(out);
    return text;
}

static void the_page_is_true(void **state)
{
    char *printed = printed_profiles();
    FILE *page = fopen("docs/profiles.md", "r");
    assert_non_null(page);
    assert_int_equal(n_missing(printed, page), 0);
    fclose(page);
    free(printed);
}

static void a_wrong_page_is_found(void **state)
{
    static const char printed[] = "* head a b c d\nmsl 2min 30s* 30s* 2min\n";
    static const struct {
        const char *story, *page;
        int n_missing;
    } pages[] = {
        {"true", "| `msl` | 2min | 30s | 30s | 2min | RFC |\n", 0},
        {"another value", "| `msl` | 2min | 30s | 31s | 2min | RFC |\n", 1},
        {"another key", "| `mss` | 2min | 30s | 30s | 2min | RFC |\n", 1},
        {"no source", "| `msl` | 2min | 30s | 30s | 2min | |\n", 1},
        {"nothing", "text\n", 1},
        {"a line more",
         "| `msl` | 2min | 30s | 30s | 2min | RFC |\n| `x` | 1 | 1 | 1 | 1 | RFC |\n", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        FILE *page = fmemopen((void *)pages[i].page, strlen(pages[i].page), "r");
        check_eq(pages[i].story, n_missing(printed, page), pages[i].n_missing);
        fclose(page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_is_true),
                                       cmocka_unit_test(a_wrong_page_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
