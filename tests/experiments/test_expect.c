/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/expect.h"

#include <math.h>

#include "tests/check.h"

static const struct param_value NAMES[] = {
    {"hold", "63s"}, {"forever", "never"}, {"path", "CLOSED SYN-SENT"}, {"k", "5"}};

static struct observed whole(int64_t n)
{
    return (struct observed){.kind = VALUE_INT, .num = n, .den = 1};
}

static struct observed ratio(int64_t num, int64_t den)
{
    return (struct observed){.kind = VALUE_RATIO, .num = num, .den = den};
}

static struct observed text(const char *s)
{
    return (struct observed){.kind = VALUE_TEXT, .den = 1, .text = (char *)s};
}

static const struct observed NONE = {.kind = VALUE_NONE, .den = 1};

static struct expect row(enum expect_op op, const char *want, const char *tol, double z_max,
                         const char *half_width_max)
{
    return (struct expect){.subject = "web",
                           .metric = "x",
                           .op = op,
                           .want = want,
                           .tol = tol,
                           .z_max = z_max,
                           .half_width_max = half_width_max,
                           .source = "by hand"};
}

static const enum verdict_kind P = VERDICT_PASS, F = VERDICT_FAIL, I = VERDICT_INCONCLUSIVE;

static void judge(const char *story, const struct expect *x, enum unit unit,
                  const struct observed *seen, int n, enum verdict_kind want, const char *got)
{
    struct target target;
    struct verdict v = {0};
    struct err e = {0};
    const int rc = expect_target(x, unit, NAMES, ARRAY_LEN(NAMES), &target, &e);
    check_str(story, e.text, "");
    check_eq(story, rc, 0);
    expect_judge(x, unit, &target, seen, NULL, n, &v);
    check_str(story, verdict_name(v.kind), verdict_name(want));
    check_eq(story, v.n, n);
    if (got != NULL)
        check_str(story, v.got, got);
}

/* Single values, times in ns. */
static void exact_values(void **state)
{
    const struct {
        const char *story, *want;
        enum unit unit;
        struct observed seen;
        enum verdict_kind verdict;
        const char *got;
    } rows[] = {
        {"equal", "63s", UNIT_TIME, whole(SEC(63)), P, "63s"},
        {"one nanosecond off", "63s", UNIT_TIME, whole(SEC(63) + 1), F, NULL},
        {"arithmetic", "$hold + 2 * 10ms", UNIT_TIME, whole(63020000000), P, "63.02s"},
        {"beyond a double", "9007199254740993", UNIT_COUNT, whole(9007199254740993), P,
         NULL}, /* 2^53 + 1 */
        {"beyond a double, off by one", "9007199254740993", UNIT_COUNT, whole(9007199254740992),
         F, NULL},
        {"a count is no 3.5", "3.5", UNIT_COUNT, whole(3), F, "3"},
        {"a third", "1/3", UNIT_FRACTION, ratio(10, 30), F,
         NULL}, /* a ratio is of stored integers: 10 of 30 parts */
        {"a third of all parts", "1/3", UNIT_FRACTION, ratio(FRACTION_ONE, 3), P, "33.3333%"},
        {"a mean time", "2.5ns", UNIT_TIME, ratio(5, 2), P, "2.5ns"},
        {"nearly a third", "0.333333333333", UNIT_FRACTION, ratio(FRACTION_ONE, 3), F, NULL},
        {"did not happen", "63s", UNIT_TIME, NONE, F, "never"},
        {"never", "never", UNIT_TIME, NONE, P, "never"},
        {"never by name", "$forever", UNIT_TIME, NONE, P, "never"},
        {"never, but it happened", "never", UNIT_TIME, whole(MS(20)), F, "20ms"},
        {"no count", "0", UNIT_COUNT, NONE, F, "none"},
        {"states", "CLOSED SYN-SENT", UNIT_NONE, text("CLOSED SYN-SENT"), P, "CLOSED SYN-SENT"},
        {"states by name", "$path", UNIT_NONE, text("CLOSED SYN-SENT"), P, NULL},
        {"other states", "CLOSED SYN-SENT", UNIT_NONE, text("CLOSED"), F, "CLOSED"},
        {"no states", "CLOSED", UNIT_NONE, NONE, F, "none"},
        {"no text is wanted", "none", UNIT_NONE, NONE, P, "none"},
        {"no text is wanted, but there is one", "none", UNIT_NONE, text("CLOSED"), F, "CLOSED"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct expect x = row(EXPECT_EXACT, rows[i].want, NULL, 0, NULL);
        judge(rows[i].story, &x, rows[i].unit, &rows[i].seen, 1, rows[i].verdict, rows[i].got);
    }
}

static void every_replication_must_be_exact(void **state)
{
    const struct observed seen[] = {whole(5), whole(5), whole(6), whole(7)};
    const struct expect x = row(EXPECT_EXACT, "$k", NULL, 0, NULL);
    judge("all equal", &x, UNIT_COUNT, seen, 2, P, "5");
    judge("one differs", &x, UNIT_COUNT, seen, 3, F, "6 (1 of 3 do not hold)");
    judge("the first that differs is shown", &x, UNIT_COUNT, seen, 4, F,
          "6 (2 of 4 do not hold)");
}

/* Two replications each, ms. */
static void bounds(void **state)
{
    const struct {
        const char *story;
        enum expect_op op;
        const char *want;
        int64_t ms[2]; /* -1: none */
        enum verdict_kind verdict;
        const char *got;
    } rows[] = {
        {"above both", EXPECT_AT_LEAST, "20ms", {21, 30}, P, "21ms (worst of 2)"},
        {"on the bound", EXPECT_AT_LEAST, "20ms", {30, 20}, P, "20ms (worst of 2)"},
        {"one below", EXPECT_AT_LEAST, "20ms", {30, 19}, F, "19ms (1 of 2 do not hold)"},
        {"below both", EXPECT_AT_MOST, "20ms", {19, 3}, P, "19ms (worst of 2)"},
        {"one above", EXPECT_AT_MOST, "20ms", {21, 3}, F, "21ms (1 of 2 do not hold)"},
        {"one none", EXPECT_AT_MOST, "20ms", {3, -1}, F, "never (1 of 2 do not hold)"},
        {"no exactness needed", EXPECT_AT_MOST, "sqrt(401) * 1ms", {20, 3}, P, NULL}, /* 20.02
                                                                                         ms */
        {"no exactness needed, above", EXPECT_AT_MOST, "sqrt(399) * 1ms", {20, 3}, F, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct observed seen[2];
        for (int j = 0; j < 2; j++)
            seen[j] = rows[i].ms[j] < 0 ? NONE : whole(MS(rows[i].ms[j]));
        const struct expect x = row(rows[i].op, rows[i].want, NULL, 0, NULL);
        judge(rows[i].story, &x, UNIT_TIME, seen, 2, rows[i].verdict, rows[i].got);
    }
}

/* The mean of two, ms. */
static void tolerances(void **state)
{
    const struct {
        const char *story, *want, *tol;
        int64_t ms[2];
        enum verdict_kind verdict;
    } rows[] = {
        {"within 1 %", "100ms", "1%", {99, 101}, P},
        {"on the edge of 1 %", "100ms", "1%", {101, 101}, P},
        {"outside 1 %", "100ms", "1%", {101, 102}, F}, /* mean 101.5 */
        {"only the mean counts", "100ms", "1%", {50, 150}, P},
        {"within 2 ms", "100ms", "2ms", {98, 98}, P},
        {"outside 2 ms", "100ms", "2ms", {97, 98}, F},
        {"around something not exact", "sqrt(2) * 1s", "1ms", {1414, 1414}, P}, /* 1414.21 */
        {"1 % of nothing is nothing", "0s", "1%", {0, 1}, F},
        {"one is missing", "100ms", "1%", {100, -1}, F},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct observed seen[2];
        for (int j = 0; j < 2; j++)
            seen[j] = rows[i].ms[j] < 0 ? NONE : whole(MS(rows[i].ms[j]));
        const struct expect x = row(EXPECT_TOL, rows[i].want, rows[i].tol, 0, NULL);
        judge(rows[i].story, &x, UNIT_TIME, seen, 2, rows[i].verdict, NULL);
    }
}

/* Five counts 1..5: mean 3, standard error 0.7071, half-width 1.9632 (test_stats.c). */
static void standard_errors(void **state)
{
    const struct {
        const char *story, *want, *half_width_max;
        double z_max;
        enum verdict_kind verdict;
    } rows[] = {
        {"the very mean", "3", "2", 4, P},
        {"2 away: z 2.83", "5", "2", 4, P},
        {"2 away, stricter", "5", "2", 2.8, F},
        {"2.9 away: z 4.1", "0.1", "2", 4, F},
        {"too wide an interval", "3", "1.9", 4, I},
        {"too wide and too far is wrong all the same", "10", "1.9", 4, F},
    };
    const struct observed seen[] = {whole(1), whole(2), whole(3), whole(4), whole(5)};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct expect x =
            row(EXPECT_Z_MAX, rows[i].want, NULL, rows[i].z_max, rows[i].half_width_max);
        judge(rows[i].story, &x, UNIT_COUNT, seen, 5, rows[i].verdict, "3 ± 1.96324");
        judge("one replication", &x, UNIT_COUNT, seen + 2, 1, I, "3");
    }
    const struct observed same[] = {whole(3), whole(3), NONE};
    const struct expect x = row(EXPECT_Z_MAX, "3", NULL, 4, "1"),
                        y = row(EXPECT_Z_MAX, "3.001", NULL, 4, "1"),
                        near = row(EXPECT_Z_MAX, "3.0000009", NULL, 4, "1");
    judge("no spread, equal", &x, UNIT_COUNT, same, 2, P, NULL);
    judge("no spread, not equal", &y, UNIT_COUNT, same, 2, F, NULL);
    judge("no spread, a millionth of the width", &near, UNIT_COUNT, same, 2, P, NULL);
    judge("one is missing", &x, UNIT_COUNT, same, 3, F, "none in 1 of 3");
}

/* Each replication against its own value of another metric. */
static void other_metrics(void **state)
{
    const struct observed seen[] = {whole(5), whole(6), ratio(14, 2)},
                          same[] = {whole(5), whole(6), whole(7)},
                          less[] = {whole(4), whole(6), NONE};
    const struct observed texts[] = {text("A B"), text("A B")},
                          others[] = {text("A B"), text("A C")};
    const struct {
        const char *story;
        enum expect_op op;
        enum unit unit;
        const struct observed *seen, *others;
        int n;
        enum verdict_kind verdict;
        const char *got, *want;
    } rows[] = {
        {"equal in each", EXPECT_EXACT, UNIT_COUNT, seen, same, 3, P, "5", "web.y: 5"},
        {"equal in the second alone", EXPECT_EXACT, UNIT_COUNT, seen, less, 2, F,
         "5 (1 of 2 do not hold)", "web.y: 4"},
        {"not less", EXPECT_AT_LEAST, UNIT_COUNT, seen, less, 2, P, "5", "web.y: 4"},
        {"not more", EXPECT_AT_MOST, UNIT_COUNT, seen, less, 2, F, "5 (1 of 2 do not hold)",
         "web.y: 4"},
        {"the other did not happen", EXPECT_AT_LEAST, UNIT_COUNT, seen, less, 3, F,
         "7 (1 of 3 do not hold)", "web.y: none"},
        {"texts", EXPECT_EXACT, UNIT_NONE, texts, others, 1, P, "A B", "web.y: A B"},
        {"other texts", EXPECT_EXACT, UNIT_NONE, texts, others, 2, F,
         "A B (1 of 2 do not hold)", "web.y: A C"},
        {"neither happened", EXPECT_EXACT, UNIT_COUNT, &NONE, &NONE, 1, F, "none",
         "web.y: none"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct expect x = row(rows[i].op, "web.y", NULL, 0, NULL);
        struct target target;
        struct verdict v = {0};
        struct err e = {0};
        check_eq(rows[i].story,
                 expect_target_metric(&x, rows[i].unit, rows[i].unit, &target, &e), 0);
        expect_judge(&x, rows[i].unit, &target, rows[i].seen, rows[i].others, rows[i].n, &v);
        check_str(rows[i].story, verdict_name(v.kind), verdict_name(rows[i].verdict));
        check_str(rows[i].story, v.got, rows[i].got);
        check_str(rows[i].story, v.want, rows[i].want);
    }
}

static void other_metrics_must_fit(void **state)
{
    const struct {
        enum expect_op op;
        enum unit unit, other;
        const char *message;
    } rows[] = {
        {EXPECT_EXACT, UNIT_TIME, UNIT_COUNT, "'web.y' is a plain number, but web.x is a time"},
        {EXPECT_EXACT, UNIT_TIME, UNIT_NONE, "'web.y' is a text, but web.x is a time"},
        {EXPECT_TOL, UNIT_TIME, UNIT_TIME, "tol goes with a quantity, and 'web.y' is a metric"},
        {EXPECT_AT_MOST, UNIT_NONE, UNIT_NONE,
         "web.x is a text: it can only be compared by 'is' alone"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct expect x = row(rows[i].op, "web.y", "1ms", 0, NULL);
        struct target target;
        struct err e = {0};
        check_eq(rows[i].message,
                 expect_target_metric(&x, rows[i].unit, rows[i].other, &target, &e), -1);
        check_str(rows[i].message, e.text, rows[i].message);
    }
}

static const struct error_row {
    const char *story;
    enum unit unit;
    enum expect_op op;
    const char *want, *tol, *half_width_max, *message, *hint, *underlined;
} error_rows[] = {
    {"no unit", UNIT_TIME, EXPECT_EXACT, "63", NULL, NULL,
     "'63' is a plain number, but web.x is a time", "write it with its unit, for example 20ms",
     "63"},
    {"wrong unit", UNIT_COUNT, EXPECT_AT_MOST, "1s", NULL, NULL,
     "'1s' is a time, but web.x is a plain number", "write it without a unit, for example 5",
     "1s"},
    {"not exact", UNIT_COUNT, EXPECT_EXACT, "sqrt(2)", NULL, NULL,
     "'sqrt(2)' is not exact: only + - * / and whole powers of quantities are",
     "say how near it must come, for example tol: 1%", "sqrt(2)"},
    {"unknown name", UNIT_COUNT, EXPECT_EXACT, "2 * $l", NULL, NULL,
     "no let or sweep is called 'l'", "did you mean '$k'?", "$l"},
    {"a text has no bounds", UNIT_NONE, EXPECT_AT_LEAST, "CLOSED", NULL, NULL,
     "web.x is a text: it can only be compared by 'is' alone", "", "CLOSED"},
    {"never of a count", UNIT_COUNT, EXPECT_EXACT, "never", NULL, NULL,
     "'never' is said of a time, and web.x is none", "", "never"},
    {"at least never", UNIT_TIME, EXPECT_AT_LEAST, "never", NULL, NULL,
     "'never' can only be asked by 'is' alone", "", "never"},
    {"never in arithmetic", UNIT_TIME, EXPECT_EXACT, "$forever + 1s", NULL, NULL,
     "$forever is 'never', no quantity to compute with", "", "$forever"},
    {"tolerance of another kind", UNIT_TIME, EXPECT_TOL, "1s", "5", NULL,
     "'5' is a plain number, but web.x is a time", "write it with its unit, for example 20ms",
     "5"},
    {"negative tolerance", UNIT_TIME, EXPECT_TOL, "1s", "-1ms", NULL,
     "a tolerance is not negative", "", "-1ms"},
    {"half-width of another kind", UNIT_TIME, EXPECT_Z_MAX, "1s", NULL, "1%",
     "'1%' is a plain number, but web.x is a time", "write it with its unit, for example 20ms",
     "1%"},
};

/* Of the first place where the line holds text, as the loader makes it. */
static struct mark mark_of(const char *line, const char *text)
{
    const char *found = text != NULL ? strstr(line, text) : NULL;
    if (found == NULL)
        return (struct mark){0};
    return (struct mark){"t.yaml", 3, (int)(found - line) + 1, (int)strlen(text), line};
}

static void errors_point_at_the_value(void **state)
{
    for (const struct error_row *r = error_rows; r < error_rows + ARRAY_LEN(error_rows); r++) {
        char line[400];
        const char *key = r->op == EXPECT_AT_LEAST  ? "at_least"
                          : r->op == EXPECT_AT_MOST ? "at_most"
                                                    : "is";
        snprintf(line, sizeof line,
                 "  - {%s: %s, tol: %s, half_width_max: \"%s\", metric: web.x}", key, r->want,
                 r->tol != NULL ? r->tol : "~",
                 r->half_width_max != NULL ? r->half_width_max : "~");
        struct expect x = row(r->op, r->want, r->tol, 4, r->half_width_max);
        x.want_at = mark_of(line, r->want);
        x.tol_at = mark_of(line, r->tol);
        x.half_width_at = mark_of(line, r->half_width_max);
        struct target target;
        struct err e = {0};
        check_eq(r->story, expect_target(&x, r->unit, NAMES, ARRAY_LEN(NAMES), &target, &e),
                 -1);
        check_str(r->story, e.text, r->message);
        check_str(r->story, e.hint, r->hint);
        check_eq(r->story, e.line, 3);
        check_eq(r->story, e.column, strstr(line, r->underlined) - line + 1);
        check_eq(r->story, e.width, strlen(r->underlined));
    }
}

static void observations_are_copies(void **state)
{
    struct value v = {.kind = VALUE_TEXT};
    struct observed o;
    snprintf(v.text, sizeof v.text, "LISTEN");
    observed_set(&o, &v);
    v.text[0] = 'X';
    check_str("text", o.text, "LISTEN");
    check_true("text", isnan(observed_number(&o, UNIT_NONE)));
    observed_free(&o);
    observed_set(&o, &(struct value){.kind = VALUE_RATIO, .num = MS(3), .den = 2});
    check_true("1.5 ms", fabs(observed_number(&o, UNIT_TIME) - 0.0015) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_values),
        cmocka_unit_test(every_replication_must_be_exact),
        cmocka_unit_test(bounds),
        cmocka_unit_test(tolerances),
        cmocka_unit_test(standard_errors),
        cmocka_unit_test(errors_point_at_the_value),
        cmocka_unit_test(observations_are_copies),
        cmocka_unit_test(other_metrics),
        cmocka_unit_test(other_metrics_must_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
