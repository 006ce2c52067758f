/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/err.h"

#include <stdlib.h>

#include "tests/check.h"

static void check_print(const char *story, const struct err *e, int color, const char *want)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    err_print(e, out, color);
    fclose(out);
    check_str(story, text, want);
    free(text);
}

/* clang-format off */
static const struct row {
    const char *story;
    struct mark at;
    const char *text, *hint;
    const char *want;
} ROWS[] = {
    {"place, line, caret and hint",
     {"exp.yaml", 3, 24, 5, "topology: {two-hosts: {dealy: 10ms}}"},
     "unknown key 'dealy' in topology two-hosts",
     "did you mean 'delay'?",
     "exp.yaml:3:24: unknown key 'dealy' in topology two-hosts\n"
     "  3 | topology: {two-hosts: {dealy: 10ms}}\n"
     "    |                        ^~~~~\n"
     "did you mean 'delay'?\n"},
    {"no hint, three digits",
     {"a.yaml", 120, 1, 1, "x: 1"},
     "unknown key 'x'",
     NULL,
     "a.yaml:120:1: unknown key 'x'\n"
     "  120 | x: 1\n"
     "      | ^\n"},
    {"no place", {0}, "no seed", NULL, "no seed\n"},
    {"a place without a line", {.path = "-p"},
     "tcp.mls is unknown", NULL, "-p: tcp.mls is unknown\n"},
    {"a line without its text", {"a.yaml", 7, 2, 1, NULL}, "no", NULL, "a.yaml:7:2: no\n"},
    {"a line without a column", {"a.yaml", 7, 0, 1, "stop: 5"},
     "no", NULL, "a.yaml:7: no\n  7 | stop: 5\n"},
    {"width 0 underlines one", {"a.yaml", 1, 2, 0, "abc"},
     "no", NULL, "a.yaml:1:2: no\n  1 | abc\n    |  ^\n"},
    {"not past the end of the line",
     {"a.yaml", 1, 3, 9, "abc"},
     "no",
     NULL,
     "a.yaml:1:3: no\n  1 | abc\n    |   ^\n"},
    {"the end of the line itself", {"a.yaml", 1, 4, 1, "abc"},
     "no", NULL, "a.yaml:1:4: no\n  1 | abc\n    |    ^\n"},
    {"tabs stay tabs", {"a.yaml", 1, 3, 2, "\ta\tbc"},
     "no", NULL, "a.yaml:1:3: no\n  1 | \ta\tbc\n    | \t ^~\n"},
    {"columns are characters",
     {"a.yaml", 1, 6, 2, "né: ü12"},
     "no",
     NULL,
     "a.yaml:1:6: no\n  1 | né: ü12\n    |      ^~\n"},
    {"wide characters take two cells",
     {"a.yaml", 1, 3, 2, "网络延迟"},
     "no",
     NULL,
     "a.yaml:1:3: no\n  1 | 网络延迟\n    |     ^~~~\n"},
    {"broken UTF-8 counts byte by byte",
     {"a.yaml", 1, 4, 1, "\x80\xff" "ab"},
     "no",
     NULL,
     "a.yaml:1:4: no\n  1 | \x80\xff" "ab\n    |    ^\n"},
};
/* clang-format on */

static void errors_print_their_place(void **state)
{
    for (const struct row *r = ROWS; r < ROWS + ARRAY_LEN(ROWS); r++) {
        struct err e = {0};
        check_eq(r->story, err_set(&e, &r->at, "%s", r->text), -1);
        if (r->hint != NULL)
            err_hint(&e, "%s", r->hint);
        check_print(r->story, &e, 0, r->want);
    }
}

static void colours_mark_place_and_caret(void **state)
{
    struct err e = {0};
    err_set(&e, &(struct mark){"a.yaml", 1, 1, 2, "ab"}, "no");
    check_print("colour", &e, 1,
                "\033[1ma.yaml:1:1:\033[0m no\n"
                "  1 | ab\n"
                "    | \033[31m^~\033[0m\n");
}

static void the_first_error_stays(void **state)
{
    struct err e = {0};
    err_set(&e, NULL, "first");
    err_hint(&e, "hint %d", 1);
    check_eq("still -1", err_set(&e, &(struct mark){.path = "x", .line = 1}, "second"), -1);
    err_hint(&e, "hint %d", 2);
    check_print("first", &e, 0, "first\nhint 1\n");
}

/* A line of 1000 characters of two bytes, the mark near its end: the caret stands under the
 * marked character. */
static void long_lines_show_the_mark(void **state)
{
    char line[2001] = "", want[1000];
    for (int i = 0; i < 1000; i++)
        memcpy(line + 2 * i, i == 900 ? "\xc3\xa4" : "\xc3\xb6", 2); /* ä among ö */
    struct err e = {0};
    err_set(&e, &(struct mark){"a.yaml", 1, 901, 1, line}, "no");
    const char *marked = strstr(e.line_text, "\xc3\xa4");
    assert_non_null(marked);
    check_eq("cut at the front", strncmp(e.line_text, "...\xc3\xb6", 5), 0);
    const int before = 3 + (int)(marked - e.line_text - 3) / 2;
    check_eq("the caret's column", e.caret, before + 1);
    check_eq("the place stays true", e.column, 901);
    snprintf(want, sizeof(want), "a.yaml:1:901: no\n  1 | %s\n    | %*s^\n", e.line_text,
             before, "");
    check_print("long line", &e, 0, want);
    check_eq("whole characters only", (strlen(e.line_text) - 3) % 2, 0);
}

static void long_texts_are_cut(void **state)
{
    struct err e = {0};
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&e, &(struct mark){.path = text, .line = 1, .column = 1, .line_text = text}, "%s",
            text);
    err_hint(&e, "%s", text);
    check_eq("text", strlen(e.text), sizeof(e.text) - 1);
    check_eq("hint", strlen(e.hint), sizeof(e.hint) - 1);
    check_eq("path", strlen(e.path), sizeof(e.path) - 1);
    check_eq("line", strlen(e.line_text), sizeof(e.line_text) - 1);
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        text[i] = i % 2 == 0 ? '\xc3' : '\xb6'; /* ö */
    text[sizeof(text) - 2] = '\0';
    struct err cut = {0};
    err_set(&cut, &(struct mark){.path = text}, "no");
    check_eq("between characters: 127 of two bytes in 255", strlen(cut.path), 254);
}

static void the_nearest_name_is_found(void **state)
{
    static const char *const NAMES[] = {"delay",         "loss", "rate",
                                        "queue_packets", "Mbit", "kbit"};
    static const struct {
        const char *word, *want;
    } NEAR[] = {
        {"dealy", "delay"}, /* two letters swapped: one edit */
        {"delya", "delay"}, {"delay", "delay"},
        {"del", NULL}, /* two edits, one allowed */
        {"los", "loss"},    {"rates", "rate"},
        {"lass", "loss"},   {"queue-packet", "queue_packets"}, /* two edits, four allowed */
        {"queues", NULL},   {"mbit", "Mbit"},
        {"Kbit", "kbit"},   {"DELAY", NULL}, /* five half edits, two allowed */
        {"", NULL},         {"xyz", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(NEAR); i++) {
        const char *got = nearest_name(NEAR[i].word, NAMES, ARRAY_LEN(NAMES));
        check_str(NEAR[i].word, got == NULL ? "-" : got,
                  NEAR[i].want == NULL ? "-" : NEAR[i].want);
    }
    static const char *const EQUALLY_NEAR[] = {"aaaaxx", "aaaax", "aaaay"};
    check_str("the nearest, and the first of equals", nearest_name("aaaaz", EQUALLY_NEAR, 3),
              "aaaax");
    char endless[200];
    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    const char *const long_names[] = {endless};
    check_true("endless words are near to nothing",
               nearest_name(endless, NAMES, ARRAY_LEN(NAMES)) == NULL);
    check_true("endless names neither", nearest_name("a", long_names, 1) == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_print_their_place),
        cmocka_unit_test(colours_mark_place_and_caret),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(long_lines_show_the_mark),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(the_nearest_name_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
