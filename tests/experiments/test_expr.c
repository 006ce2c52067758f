/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/expr.h"

#include <math.h>

#include "tests/check.h"

static const struct param_value NAMES[] = {
    {"rate", "2/s"}, {"hold", "63s"},     {"honest", "0.2/s"},  {"backlog", "128"},
    {"share", "5%"}, {"word", "two-way"}, {"forever", "never"}, {"old-syn", "3"},
    {"neg", "-4ms"}, {"a", "7"},
};

static int eval(const char *text, struct quantity *q, struct err *e)
{
    *e = (struct err){0};
    return expr_eval(text, NAMES, ARRAY_LEN(NAMES), NULL, q, e);
}

/* num / den in the stored integers of the unit. */
static const struct exact_row {
    const char *text;
    enum unit unit;
    long long num, den;
} exact_rows[] = {
    {"20ms", UNIT_TIME, 20000000, 1},
    {"0s", UNIT_TIME, 0, 1},
    {"1s/3", UNIT_TIME, 1000000000, 3},
    {"0.1ns", UNIT_TIME, 1, 10},
    {"1 + 2 * 3", UNIT_COUNT, 7, 1},
    {"(1 + 2) * 3", UNIT_COUNT, 9, 1},
    {"2 - 3 - 4", UNIT_COUNT, -5, 1}, /* from the left */
    {"12 / 3 / 2", UNIT_COUNT, 2, 1},
    {"2^3^2", UNIT_COUNT, 512, 1}, /* from the right */
    {"-2^2", UNIT_COUNT, -4, 1},
    {"2^-1", UNIT_COUNT, 1, 2},
    {"2 * -3", UNIT_COUNT, -6, 1},
    {"0.1 + 0.2", UNIT_COUNT, 3, 10}, /* in doubles it is not 0.3 */
    {"1e3", UNIT_COUNT, 1000, 1},
    {"2.5e-1", UNIT_COUNT, 1, 4},
    {"1e-3 * 1s", UNIT_TIME, 1000000, 1},
    {"$rate * $hold", UNIT_COUNT, 126, 1},
    {"$rate*$hold + $honest * 20ms", UNIT_COUNT, 31501, 250}, /* 126 + 0.004 */
    {"$backlog - 1", UNIT_COUNT, 127, 1},
    {"$a-1", UNIT_COUNT, 6, 1},         /* a dash before a digit is a minus */
    {"2 * $old-syn", UNIT_COUNT, 6, 1}, /* before a letter it is part of the name */
    {"$neg", UNIT_TIME, -4000000, 1},
    {"-$neg", UNIT_TIME, 4000000, 1},
    {"1%", UNIT_FRACTION, 10000000000, 1},
    {"$share + 0.25", UNIT_FRACTION, 300000000000, 1},
    {"10kB / 8Mbit", UNIT_TIME, 10000000, 1}, /* 80 kbit at 8 Mbit/s: 10 ms */
    {"8Mbit * 10ms", UNIT_BYTES, 10000, 1},
    {"8Mbit/s", UNIT_RATE, 8000000, 1},
    {"1500B / 1.2ms", UNIT_RATE, 10000000, 1},
    {"2/s", UNIT_PER_TIME, 2000000000, 1},
    {"6/2s", UNIT_PER_TIME, 3000000000, 1},
    {"6/min", UNIT_PER_TIME, 100000000, 1},
    {"1/h * 1h", UNIT_COUNT, 1, 1},
    {"9d", UNIT_TIME, 777600000000000, 1},
    {"1GiB / 1Gbit", UNIT_TIME, 8589934592, 1},
    {"300%", UNIT_COUNT, 3, 1},
    {"6/min(2, 3)", UNIT_COUNT, 3, 1},
    {"min(5, $old-syn, 4)", UNIT_COUNT, 3, 1},
    {"max(1s, 20ms)", UNIT_TIME, 1000000000, 1},
    {"floor(7/2)", UNIT_COUNT, 3, 1},
    {"floor(-7/2)", UNIT_COUNT, -4, 1},
    {"ceil(7/2)", UNIT_COUNT, 4, 1},
    {"63s - 2*31.5s", UNIT_TIME, 0, 1},
    {"(2s)^2 / 4s", UNIT_TIME, 1000000000, 1},
    {" \t7 ", UNIT_COUNT, 7, 1},
};

static void plain_quantities_are_exact(void **state)
{
    for (const struct exact_row *r = exact_rows; r < exact_rows + ARRAY_LEN(exact_rows); r++) {
        struct quantity q;
        struct err e;
        __int128 num = 0, den = 0;
        const int rc = eval(r->text, &q, &e);
        check_str(r->text, e.text, "");
        check_eq(r->text, rc, 0);
        check_true(r->text, quantity_fits(&q, r->unit));
        check_true(r->text, quantity_stored(&q, r->unit, &num, &den));
        check_eq(r->text, num, r->num);
        check_eq(r->text, den, r->den);
    }
}

/* In the SI unit. */
static const struct near_row {
    const char *text;
    enum unit unit;
    double x;
} near_rows[] = {
    {"sqrt(2)", UNIT_COUNT, 1.4142135623730951},
    {"sqrt(4s * 9s)", UNIT_TIME, 6},
    {"2^0.5", UNIT_COUNT, 1.4142135623730951},
    {"exp(1)", UNIT_COUNT, 2.718281828459045},
    {"log(10)", UNIT_COUNT, 2.302585092994046},
    {"1 - exp(-$rate * 20ms)", UNIT_FRACTION, 0.03921056084767682},
    {"sqrt(16) * 1s", UNIT_TIME, 4},
    {"sqrt(1) * 8Mbit", UNIT_RATE, 8e6},
    {"9e18 * 9e18 * 9e18", UNIT_COUNT, 7.29e56},                            /* past 128 bits */
    {"2^64 * 2^64", UNIT_COUNT, 340282366920938463463374607431768211456.0}, /* 0 mod 2^128 */
};

static void functions_are_near(void **state)
{
    for (const struct near_row *r = near_rows; r < near_rows + ARRAY_LEN(near_rows); r++) {
        struct quantity q;
        struct err e;
        __int128 num, den;
        check_eq(r->text, eval(r->text, &q, &e), 0);
        check_true(r->text, quantity_fits(&q, r->unit));
        check_true(r->text, fabs(quantity_number(&q, r->unit) - r->x) <= 1e-14 * r->x);
        check_true(r->text, !quantity_stored(&q, r->unit, &num, &den));
    }
}

/* Closed forms, against exact fractions: Erlang's a^n/n! over the sum of a^k/k! (of 5, 3: 2.025
 * of 18.4), M/M/1/K's rho^K over its powers, and the definitions of the two distributions. The
 * textbook's numbers: 79.7 % and 6.7 % of a flood are refused, 5.08 % find the queue full. */
static const struct near_row closed_forms[] = {
    {"erlang_b(0, 3)", UNIT_FRACTION, 1},
    {"erlang_b(1, 1)", UNIT_FRACTION, 0.5},
    {"erlang_b(2, 1)", UNIT_FRACTION, 0.2},
    {"erlang_b(5, 3)", UNIT_FRACTION, 2.025 / 18.4},
    {"erlang_b(128, 10/s * 63s + 0.2/s * 20ms)", UNIT_FRACTION, 0.7972294047617444},
    {"erlang_b(128, 128 + 0.2/s * 20ms)", UNIT_FRACTION, 0.06733416546094859},
    {"erlang_b(3, 0)", UNIT_FRACTION, 0},
    {"mm1k(0.9, 10)", UNIT_FRACTION, 0.05081373132741239},
    {"mm1k(1, 9)", UNIT_FRACTION, 0.1},
    {"mm1k(2, 3)", UNIT_FRACTION, 8.0 / 15},
    {"mm1k(0.9, 0)", UNIT_FRACTION, 1},
    {"poisson(0, 2)", UNIT_FRACTION, 0.1353352832366127},
    {"poisson(3, 2)", UNIT_FRACTION, 0.1804470443154836},
    {"poisson(0, 0)", UNIT_FRACTION, 1},
    {"poisson(4, 0)", UNIT_FRACTION, 0},
    {"binomial(2, 4, 0.5)", UNIT_FRACTION, 0.375},
    {"binomial(2, 30, 10%)", UNIT_FRACTION, 0.22765622036690183},
    {"binomial(0, 30, 0)", UNIT_FRACTION, 1},
    {"binomial(30, 30, 1)", UNIT_FRACTION, 1},
    {"binomial(29, 30, 1)", UNIT_FRACTION, 0},
};

static void closed_forms_are_near(void **state)
{
    for (const struct near_row *r = closed_forms; r < closed_forms + ARRAY_LEN(closed_forms);
         r++) {
        struct quantity q;
        struct err e;
        check_eq(r->text, eval(r->text, &q, &e), 0);
        check_true(r->text, fabs(quantity_number(&q, r->unit) - r->x) <= 1e-12 * r->x);
    }
}

static void closed_forms_refuse_what_has_no_meaning(void **state)
{
    static const char *const texts[] = {
        "erlang_b(1.5, 1)", "erlang_b(0 - 1, 1)", "erlang_b(2, 0 - 1)",  "mm1k(0 - 1, 2)",
        "mm1k(0.5, 1e7)",   "poisson(1, 0 - 1)",  "binomial(3, 2, 0.5)", "binomial(1, 2, 2)"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct quantity q;
        struct err e;
        check_eq(texts[i], eval(texts[i], &q, &e), -1);
        check_true(texts[i], strstr(e.text, "not a finite number") != NULL);
    }
}

/* Where in the text the caret stands, and how wide. */
static const struct error_row {
    const char *text;
    int offset, width;
    const char *message, *hint;
} error_rows[] = {
    {"1s + 2", 0, 6, "a time and a plain number cannot be added", ""},
    {"2 * (1s - 3B)", 5, 7, "a time and bytes cannot be subtracted", ""},
    {"$rate + 8Mbit", 0, 13, "a rate per time and a bit rate cannot be added", ""},
    {"1s*1s + 1B*1s", 0, 13, "s^2 and s^1 B^1 cannot be added", ""},
    {"3 * 20xs", 6, 2, "unknown unit 'xs'",
     "units are ns us ms s min h d, B kB MB GB KiB MiB GiB, bit kbit Mbit Gbit, %, /s /min /h"},
    {"2 * $hols", 4, 5, "no let or sweep is called 'hols'", "did you mean '$hold'?"},
    {"$zzzzzz", 0, 7, "no let or sweep is called 'zzzzzz'", ""},
    {"2 * $word", 4, 5, "$word is 'two-way', no quantity to compute with", ""},
    {"$forever + 1s", 0, 8, "$forever is 'never', no quantity to compute with", ""},
    {"2 * $", 4, 1, "a name must follow '$'", ""},
    {"hold * 2", 0, 4, "unknown word 'hold' in arithmetic",
     "a let or sweep is written '$hold'"},
    {"1 + sqr(2)", 4, 3, "unknown function 'sqr'", "did you mean 'sqrt'?"},
    {"2 * web.isn_local + 1", 4, 13, "'web.isn_local' cannot be computed with",
     "a metric of the experiment may only be the whole of is, at_least or at_most"},
    {"sqrt 2", 0, 4, "'(' must follow sqrt", ""},
    {"sqrt(1, 2)", 0, 4, "sqrt takes 1 argument, not 2", ""},
    {"exp(1s)", 0, 3, "exp: its arguments must be plain numbers", ""},
    {"sqrt(1s)", 0, 4, "sqrt: its argument must be a plain number, or a square such as s^2",
     ""},
    {"min(1s, 2)", 0, 3, "min: its arguments must be of one kind", ""},
    {"max(1,2,3,4,5,6,7,8,9)", 0, 3, "max has more than 8 arguments", ""},
    {"max(1, 2", 0, 3, "the '(' of max is not closed", ""},
    {"2 * (1 + 2", 4, 1, "this '(' is not closed", ""},
    {"2 *", 3, 1, "a quantity is missing at the end of '2 *'", ""},
    {"1 + * 2", 4, 1, "a quantity must stand here, not '*'", ""},
    {"1 + é", 4, 1, "a quantity must stand here, not 'é'", ""},
    {"> 0", 0, 1, "a quantity must stand here, not '>'",
     "the key says how to compare: is, at_least or at_most"},
    {"3s ± 1s", 3, 4, "'± 1s' is left over behind the expression",
     "how far off it may be stands in a key of its own, tol"},
    {"2$hold", 1, 5, "'$hold' is left over behind the expression",
     "a product is written with a *"},
    {"None", 0, 4, "unknown word 'None'", "a time at which nothing happens is 'never'"},
    {"sometimes", 0, 9, "unknown word 'sometimes'", ""},
    {"web.gosts", 0, 9, "'web.gosts' is neither a quantity nor a metric of this experiment",
     ""},
    {"1 2", 2, 1, "'2' is left over behind the expression", ""},
    {"1+2+4 s", 6, 1, "'s' is left over behind the expression", ""},
    {"1 / 0", 4, 1, "division by zero", ""},
    {"1 / (2 - 2) + 1", 4, 7, "division by zero", ""},
    {"0 ^ -1", 0, 6, "division by zero", ""},
    {"2 ^ 1s", 0, 6, "an exponent must be a plain number", ""},
    {"2s ^ 0.5", 0, 8, "a quantity with a unit takes whole exponents up to 64", ""},
    {"log(0)", 0, 6, "'log(0)' is not a finite number", ""},
    {"sqrt(-1)", 0, 8, "'sqrt(-1)' is not a finite number", ""},
};

/* The mark is the whole row's; wide characters stand before and in it: columns count
 * characters. */
static void errors_point_at_the_word(void **state)
{
    for (const struct error_row *r = error_rows; r < error_rows + ARRAY_LEN(error_rows); r++) {
        char line[256];
        snprintf(line, sizeof line, "# 半开 - {名: 开, is: \"%s\", source: x}", r->text);
        /* the brace; the text begins in column 20 */
        const struct mark at = {"t.yaml", 7, 8, 1, line};
        struct quantity q;
        struct err e = {0};
        check_eq(r->text, expr_eval(r->text, NAMES, ARRAY_LEN(NAMES), &at, &q, &e), -1);
        check_str(r->text, e.text, r->message);
        check_str(r->text, e.hint, r->hint);
        check_eq(r->text, e.line, 7);
        check_eq(r->text, e.column, 20 + r->offset);
        check_eq(r->text, e.width, r->width);
    }
}

static void deep_nesting_is_an_error(void **state)
{
    char text[20001];
    struct quantity q;
    struct err e;
    memset(text, '(', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    check_eq("(", eval(text, &q, &e), -1);
    check_str("(", e.text, "an expression may be nested 64 deep");
    memset(text, '-', sizeof text - 1);
    check_eq("-", eval(text, &q, &e), -1);
    check_str("-", e.text, "an expression may be nested 64 deep");
}

/* Any text is either a finite quantity or an error with a sentence; the sanitizers watch. */
static void any_text_is_judged(void **state)
{
    static const char *const words[] = {
        "1", "2.5", "9e18", "1e-40", "s", "20ms", "%",     "/s", "/min",   "$rate", "$",
        "(", ")",   ",",    "+",     "-", "*",    "/",     "^",  "min(",   "sqrt(", "x.y",
        "e", ".",   " ",    "\t",    "é", "\xff", "never", "64", "floor(", "exp("};
    struct rng rng;
    rng_init(&rng, 1, "test/expr");
    int n_good = 0;
    for (int i = 0; i < 50000; i++) {
        char text[128] = "";
        for (uint64_t n = rng_below(&rng, 9); n > 0; n--)
            strcat(text, words[rng_below(&rng, ARRAY_LEN(words))]);
        struct quantity q;
        struct err e;
        const int rc = eval(text, &q, &e);
        check_eq(text, rc, e.text[0] == '\0' ? 0 : -1);
        check_true(text, rc != 0 || isfinite(q.x));
        n_good += rc == 0;
    }
    check_true("both kinds were made", n_good > 500 && n_good < 49500);
}

static const struct format_row {
    const char *text;
    enum unit unit;
    const char *want;
} format_rows[] = {
    {"63s", UNIT_TIME, "63s"},
    {"1s + 500ms", UNIT_TIME, "1.5s"},
    {"1s / 3", UNIT_TIME, "333.333ms"},
    {"5 / 2", UNIT_COUNT, "2.5"},
    {"1 / 3", UNIT_FRACTION, "33.3333%"},
    {"20%", UNIT_FRACTION, "20%"},
    {"10kB", UNIT_BYTES, "10kB"},
    {"1GB / 3s", UNIT_RATE, "2.66667Gbit"},
    {"-20ms", UNIT_TIME, "-20ms"},
};

static void quantities_print(void **state)
{
    for (const struct format_row *r = format_rows; r < format_rows + ARRAY_LEN(format_rows);
         r++) {
        struct quantity q;
        struct err e;
        char buf[64];
        check_eq(r->text, eval(r->text, &q, &e), 0);
        check_str(r->text, quantity_format(&q, r->unit, buf, sizeof buf), r->want);
    }
}

static void lone_names_are_texts(void **state)
{
    check_str("a name", expr_lone_name("$word", NAMES, ARRAY_LEN(NAMES)), "two-way");
    check_true("a sum", expr_lone_name("$a + $a", NAMES, ARRAY_LEN(NAMES)) == NULL);
    check_true("no name", expr_lone_name("word", NAMES, ARRAY_LEN(NAMES)) == NULL);
    check_true("unknown", expr_lone_name("$nobody", NAMES, ARRAY_LEN(NAMES)) == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_quantities_are_exact),
        cmocka_unit_test(functions_are_near),
        cmocka_unit_test(closed_forms_are_near),
        cmocka_unit_test(closed_forms_refuse_what_has_no_meaning),
        cmocka_unit_test(errors_point_at_the_word),
        cmocka_unit_test(deep_nesting_is_an_error),
        cmocka_unit_test(quantities_print),
        cmocka_unit_test(lone_names_are_texts),
        cmocka_unit_test(any_text_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
