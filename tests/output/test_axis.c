/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/axis.h"

#include <math.h>
#include <stdlib.h>

#include "output/chart.h"
#include "tests/check.h"

static void close_to(const char *story, double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * fmax(1, fabs(want)))) {
        print_error("%s: %.12g, not %.12g\n", story, got, want);
        fail();
    }
}

static void linear_axes_end_at_round_numbers(void **state)
{
    static const struct {
        double low, high;
        int n_most;
        const char *first, *second, *last;
    } rows[] = {
        {0, 95, 8, "0", "20", "100"},
        {3, 97, 8, "0", "20", "100"}, /* begins near 0 */
        {1000, 1003, 5, "1000", "1001", "1003"},
        {0, 0.35, 8, "0.00", "0.05", "0.35"},
        {-3, 3, 8, "-3", "-2", "3"},
        {0, 0, 5, "0.0", "0.5", "1.0"},
        {5, 5, 8, "2", "3", "8"}, /* one value in the middle: 2.5 .. 7.5 */
        {0, 12e6, 8, "0", "2000000", "1.2e+07"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct axis a;
        axis_linear(&a, rows[i].low, rows[i].high, rows[i].n_most);
        check_str("first", a.ticks[0].text, rows[i].first);
        check_str("second", a.ticks[1].text, rows[i].second);
        check_str("last", a.ticks[a.n_ticks - 1].text, rows[i].last);
    }
}

/* What can be counted has no ticks between. */
static void whole_axes_have_whole_ticks(void **state)
{
    struct axis a;
    axis_linear(&a, 0, 2, 5); /* 0.0, 0.5 .. 2.0 */
    axis_whole(&a);
    check_eq("ticks", a.n_ticks, 3);
    check_str("second", a.ticks[1].text, "1");
    close_to("its place", a.ticks[1].at, 1);
    close_to("the range stays", a.high, 2);
    axis_linear(&a, 0, 95, 8);
    const int n = a.n_ticks;
    axis_whole(&a);
    check_eq("all of whole ones", a.n_ticks, n);
}

/* Whatever the range: it is covered, ticks are few, evenly spaced and read differently. */
static void random_ranges_are_covered(void **state)
{
    srand48(1);
    for (int i = 0; i < 5000; i++) {
        struct axis a;
        const double size = pow(10, 12 * drand48() - 4), low = size * (drand48() - 0.3),
                     high = low + size * drand48() + 1e-6;
        const int n_most = 4 + (int)(8 * drand48());
        axis_linear(&a, low, high, n_most);
        check_true("covered", a.low <= low + 1e-9 * size && a.high >= high - 1e-9 * size);
        check_true("few", a.n_ticks >= 2 && a.n_ticks <= n_most);
        close_to("even", a.ticks[a.n_ticks - 1].at,
                 a.ticks[0].at + (a.n_ticks - 1) * (a.ticks[1].at - a.ticks[0].at));
        check_true("told apart", strcmp(a.ticks[0].text, a.ticks[1].text) != 0);
        axis_log(&a, size, size * (1 + 1000 * drand48()));
        check_true("log covers",
                   a.low <= size * (1 + 1e-9) && a.high > a.low && a.n_ticks >= 1);
    }
}

static void logarithmic_axes(void **state)
{
    struct axis a;
    axis_log(&a, 16, 1024);
    close_to("from 10", a.low, 10);
    close_to("to 2000", a.high, 2000);
    check_str("with 2", a.ticks[1].text, "20");
    a.from = 100;
    a.to = 100 + 230.1029995663981; /* 100 pixels a decade: log10(200) = 2.30103 */
    close_to("a decade", axis_at(&a, 100), 200);
    axis_log(&a, 1e-3, 1e5); /* 8 decades: powers of ten only */
    check_eq("nine powers", a.n_ticks, 9);
    axis_add_zero(&a);
    a.from = 500;
    a.to = 60; /* upwards: 400 pixels for 8 decades, 40 for the place of 0 */
    close_to("zero", axis_at(&a, 0), 500);
    close_to("the lowest", axis_at(&a, 1e-3), 460);
    close_to("a decade above", axis_at(&a, 1e-2), 410);
    check_str("its tick", a.ticks[0].text, "0");
}

static void names_stand_side_by_side(void **state)
{
    static const char *const names[] = {"two-way", "three-way"};
    struct axis a;
    axis_names(&a, names, 2);
    a.from = 0;
    a.to = 400;
    close_to("first", axis_at(&a, 0), 100);
    close_to("second", axis_at(&a, 1), 300);
}

static void trimmed_axes_keep_what_is_inside(void **state)
{
    struct axis a;
    axis_linear(&a, 0, 19, 11); /* 0, 2 ... 20 */
    axis_trim(&a, 0, 19);
    check_str("last", a.ticks[a.n_ticks - 1].text, "18");
    a.from = 0;
    a.to = 190;
    close_to("to the end", axis_at(&a, 19), 190);
}

static void quantities_are_read(void **state)
{
    static const struct {
        const char *text;
        enum unit unit;
        double value;
    } rows[] = {
        {"20ms", UNIT_TIME, 0.02},
        {"12.3457ms", UNIT_TIME, 0.0123457},
        {"1min", UNIT_TIME, 60},
        {"5.98765%", UNIT_FRACTION, 0.0598765},
        {"1.62e-10%", UNIT_FRACTION, 1.62e-12},
        {"8Mbit", UNIT_RATE, 8e6},
        {"10kB", UNIT_BYTES, 1e4},
        {"2/s", UNIT_PER_TIME, 2},
        {"3.5", UNIT_COUNT, 3.5},
        {"-0.5", UNIT_COUNT, -0.5},
        {"0s", UNIT_TIME, 0},
    };
    static const char *const others[] = {"never", "two-way", "", "5 apples", "web.x: 3", "inf"};
    enum unit unit;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        close_to(rows[i].text, quantity_parse(rows[i].text, &unit), rows[i].value);
        check_eq(rows[i].text, unit, rows[i].unit);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        check_true(others[i], isnan(quantity_parse(others[i], &unit)));
}

static void units_fit_their_numbers(void **state)
{
    static const struct {
        enum unit unit;
        double most;
        const char *title;
        double shown;
    } rows[] = {
        {UNIT_TIME, 0.25, "x (ms)", 250},   {UNIT_TIME, 63, "x (s)", 63},
        {UNIT_TIME, 0, "x (s)", 0},         {UNIT_FRACTION, 0.5, "x (%)", 50},
        {UNIT_RATE, 2e7, "x (Mbit/s)", 20}, {UNIT_BYTES, 9000, "x (B)", 9000},
        {UNIT_BYTES, 64000, "x (kB)", 64},  {UNIT_COUNT, 1e6, "x", 1e6},
        {UNIT_PER_TIME, 2, "x (1/s)", 2},
    };
    char title[64];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct measure m = measure_choose(rows[i].unit, rows[i].most);
        measure_title("x", &m, title, sizeof(title));
        check_str("title", title, rows[i].title);
        close_to(rows[i].title, rows[i].most * m.factor, rows[i].shown);
    }
    for (int unit = UNIT_TIME; unit < N_UNITS; unit++)
        check_eq(units[unit].name, unit_of_base(units[unit].base), unit);
    check_eq("no unit", unit_of_base(""), UNIT_COUNT);
}

static void labels_keep_apart(void **state)
{
    static const struct {
        const char *story;
        double y[3], want[3];
    } rows[] = {
        {"room enough", {10, 50, 90}, {10, 50, 90}},
        {"pushed down", {10, 15, 90}, {10, 30, 90}},
        {"pushed up from the end", {80, 95, 99}, {60, 80, 100}},
        {"all at the begin", {0, 0, 0}, {0, 20, 40}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double y[3];
        memcpy(y, rows[i].y, sizeof(y));
        keep_apart(y, 3, 20, 0, 100);
        for (int k = 0; k < 3; k++)
            close_to(rows[i].story, y[k], rows[i].want[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_axes_end_at_round_numbers),
        cmocka_unit_test(whole_axes_have_whole_ticks),
        cmocka_unit_test(random_ranges_are_covered),
        cmocka_unit_test(logarithmic_axes),
        cmocka_unit_test(names_stand_side_by_side),
        cmocka_unit_test(trimmed_axes_keep_what_is_inside),
        cmocka_unit_test(quantities_are_read),
        cmocka_unit_test(units_fit_their_numbers),
        cmocka_unit_test(labels_keep_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
