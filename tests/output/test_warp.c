/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/warp.h"

#include <math.h>
#include <stdlib.h>

#include "tests/check.h"

static struct warp axis_of(const sim_time *at, int n, double most)
{
    struct warp w = {0};
    for (int i = 0; i < n; i++)
        warp_add(&w, at[i]);
    warp_place(&w, most);
    return w;
}

/* 10 ms is what waits are like here; 300 ms and 240 s would dwarf it. */
static void long_waits_are_cut(void **state)
{
    const sim_time at[] = {SEC(240), MS(20), 0, MS(10), MS(30), MS(330), MS(10)};
    struct warp w = axis_of(at, ARRAY_LEN(at), 1000);
    check_eq("distinct", w.n, 6);
    for (uint32_t i = 0; i + 1 < w.n; i++)
        check_eq("cut", w.cut[i], w.at[i] >= MS(30));
    check_true("equal waits are equally wide", w.x[1] - w.x[0] == w.x[3] - w.x[2]);
    check_true("a cut one is wider", w.x[4] - w.x[3] > w.x[3] - w.x[2]);
    check_true("cut ones are equal", w.x[5] - w.x[4] == w.x[4] - w.x[3]);
    warp_free(&w);
}

/* Without a wait that dwarfs the others widths are proportional. */
static void near_waits_are_to_scale(void **state)
{
    struct warp w = axis_of((const sim_time[]){0, MS(10), MS(30), MS(50)}, 4, 1000);
    check_true("no cut", !w.cut[0] && !w.cut[1] && !w.cut[2]);
    check_true("half as wide", 2 * (w.x[1] - w.x[0]) == w.x[2] - w.x[1]);
    warp_free(&w);
}

/* 100 waits of 1 to 9 ms and one of 2 min: that alone is cut. */
static void only_what_dwarfs_is_cut(void **state)
{
    sim_time at[102] = {0};
    int n_cut = 0;
    for (int i = 1; i <= 100; i++)
        at[i] = at[i - 1] + MS(1 + i * 7 % 9);
    at[101] = at[100] + SEC(120);
    struct warp w = axis_of(at, ARRAY_LEN(at), 1200);
    for (uint32_t i = 0; i + 1 < w.n; i++)
        n_cut += w.cut[i];
    check_eq("cut", n_cut, 1);
    check_true("the last", w.cut[w.n - 2]);
    check_true("the others to scale", /* at[k] for 9 and 18 of them: the same waits twice */
               fabs(w.x[18] / w.x[9] - 2) < 1e-9);
    warp_free(&w);
}

/* 50 times three waits of 0.1 ms and one of 10 ms: on 1200 pixels these have 23 each, less than
 * a cut would take. */
static void what_a_cut_would_not_shorten_is_kept(void **state)
{
    sim_time at[201] = {0};
    for (int i = 1; i <= 200; i++)
        at[i] = at[i - 1] + (i % 4 == 0 ? MS(10) : US(100));
    struct warp w = axis_of(at, ARRAY_LEN(at), 1200);
    for (uint32_t i = 0; i + 1 < w.n; i++)
        check_eq("cut", w.cut[i], false);
    warp_free(&w);
}

static void widening_has_a_limit(void **state)
{
    struct warp w = axis_of((const sim_time[]){0, MS(10), MS(20), MS(30)}, 4, 200);
    const double before = w.x[3] - w.x[2], width = warp_width(&w);
    check_true("fits", warp_widen(&w, 0, MS(20), w.x[2] + 50));
    check_true("grown by that", fabs(warp_width(&w) - width - 50) < 1e-9);
    check_true("shared", fabs(w.x[1] - w.x[2] / 2) < 1e-9);
    check_true("others as before", fabs(w.x[3] - w.x[2] - before) < 1e-9);
    check_true("no room", !warp_widen(&w, 0, MS(30), 201));
    check_true("nothing happened", fabs(warp_width(&w) - width - 50) < 1e-9);
    check_true("an instant has no width", !warp_widen(&w, MS(10), MS(10), 5));
    check_true("wide enough already", warp_widen(&w, 0, MS(30), 10));
    warp_free(&w);
}

/* Whatever comes: time runs to the right and the axis keeps within its room. */
static void order_is_kept(void **state)
{
    srand48(1);
    for (int round = 0; round < 300; round++) {
        sim_time at[60];
        for (size_t i = 0; i < ARRAY_LEN(at); i++)
            at[i] = (sim_time)pow(10, 11 * drand48());
        struct warp w = axis_of(at, ARRAY_LEN(at), 700);
        for (int i = 0; i < 40; i++) {
            const uint32_t a = (uint32_t)(drand48() * (w.n - 1)), b = a + 1;
            const double had = w.x[b] - w.x[a], want = 30 * drand48();
            const bool done = warp_widen(&w, w.at[a], w.at[b], want);
            check_true("as said", done == (w.x[b] - w.x[a] >= want - 1e-9));
            check_true("never narrower", w.x[b] - w.x[a] >= had - 1e-9);
        }
        for (uint32_t i = 0; i + 1 < w.n; i++)
            check_true("order", w.x[i + 1] > w.x[i]);
        check_true("room", warp_width(&w) <= 700 + 1e-6);
        warp_free(&w);
    }
}

static void instants_are_told_apart(void **state)
{
    static const struct {
        sim_time at[3];
        const char *texts[3];
    } rows[] = {
        {{0, MS(10), MS(20)}, {"0", "10", "20"}},
        {{0, MS(10), MS(20) + US(500)}, {"0.0", "10.0", "20.5"}},
        {{0, MS(1020), SEC(61)}, {"0.00", "1.02", "61.00"}},
        {{0, 5, 10}, {"0.000000", "0.000005", "0.000010"}},
        {{0, MS(10) + 1, MS(20)}, {"0.000", "10.000", "20.000"}}, /* a ns more is not told */
    };
    char text[64];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct warp w = axis_of(rows[i].at, 3, 500);
        const struct time_format f = warp_format(&w);
        for (int k = 0; k < 3; k++) {
            time_text(&f, rows[i].at[k], text, sizeof(text));
            check_str("instant", text, rows[i].texts[k]);
        }
        warp_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_waits_are_cut),
        cmocka_unit_test(near_waits_are_to_scale),
        cmocka_unit_test(only_what_dwarfs_is_cut),
        cmocka_unit_test(what_a_cut_would_not_shorten_is_kept),
        cmocka_unit_test(widening_has_a_limit),
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(instants_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
