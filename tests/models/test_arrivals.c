/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/arrivals.h"

#include "models/apps/pace.h"
#include "tests/models/apps_base.h"

#include <math.h>

static struct arrivals begin(const struct key_variant *how, sim_time origin)
{
    struct arrivals a;
    struct rng rng;

    rng_init(&rng, 1, "app/users/arrivals");
    arrivals_init(&a, how, &rng, origin);
    return a;
}

enum { ENOUGH = 8 };

/* Rows: what is due next, again and again; the first SIM_NEVER ends a process for good. */
static void instants(void **state)
{
    static const sim_time listed[] = {0, MS(3), MS(3), SEC(9)};
    const struct {
        const char *story;
        struct key_variant how;
        sim_time origin;
        sim_time want[ENOUGH];
        int n;
    } rows[] = {
        {"4 a second: the first at the origin",
         variant_of(ARRIVAL_KINDS, "constant", "rate", 4 * PER_SECOND_ONE, NULL, 0),
         MS(5),
         {MS(5), MS(255), MS(505), MS(755), MS(1005)},
         5},
        {"3 a second: thirds of a second, cut to the nanosecond, do not add up",
         variant_of(ARRIVAL_KINDS, "constant", "rate", 3 * PER_SECOND_ONE, NULL, 0),
         0,
         {0, NS(333333333), NS(666666666), SEC(1)},
         4},
        {"one in 128 s",
         variant_of(ARRIVAL_KINDS, "constant", "rate", PER_SECOND_ONE / 128, NULL, 0),
         0,
         {0, SEC(128), SEC(256)},
         3},
        {"three each 63 s",
         variant_of(ARRIVAL_KINDS, "burst", "size", 3, "every", SEC(63)),
         SEC(1),
         {SEC(1), SEC(1), SEC(1), SEC(64), SEC(64), SEC(64), SEC(127)},
         7},
        {"a burst that does not come again",
         variant_of(ARRIVAL_KINDS, "burst", "size", 2, "every", SIM_NEVER),
         SEC(1),
         {SEC(1), SEC(1), SIM_NEVER},
         3},
        {"a list, from the origin on",
         arrivals_at(listed, ARRAY_LEN(listed)),
         SEC(1),
         {SEC(1), MS(1003), MS(1003), SEC(10), SIM_NEVER},
         5},
        {"an empty list", arrivals_at(listed, 0), SEC(1), {SIM_NEVER}, 1},
        {"once", arrivals_once(), MS(7), {MS(7), SIM_NEVER}, 2},
        {"an origin that never comes",
         variant_of(ARRIVAL_KINDS, "constant", "rate", PER_SECOND_ONE, NULL, 0),
         SIM_NEVER,
         {SIM_NEVER},
         1},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arrivals a = begin(&rows[i].how, rows[i].origin);
        for (int n = 0; n < rows[i].n; n++) {
            check_eq(rows[i].story, a.next_at, rows[i].want[n]);
            if (a.next_at != SIM_NEVER)
                arrivals_take(&a);
        }
    }
}

/* 10^6 thirds of a second, less than 1 ns off. */
static void constant_rates_do_not_drift(void **state)
{
    const struct key_variant how =
        variant_of(ARRIVAL_KINDS, "constant", "rate", 3 * PER_SECOND_ONE, NULL, 0);
    struct arrivals a = begin(&how, 0);

    while (a.n < 1000000)
        arrivals_take(&a);
    check_eq("the millionth and first", a.next_at, INT64_C(333333333333333));
}

/* Gaps of mean and standard deviation 100 ms, half of them below 100 ms ln 2, each one without
 * a memory of the one before; all within 4 standard errors. */
static void poisson_gaps_are_exponential(void **state)
{
    enum { N = 100000 };
    const struct key_variant how =
        variant_of(ARRIVAL_KINDS, "poisson", "rate", 10 * PER_SECOND_ONE, NULL, 0);
    struct arrivals a = begin(&how, 0);
    double sum = 0, squares = 0, products = 0, before = 0;
    sim_time at = 0;
    int n_below = 0;

    for (int i = 0; i < N; i++) {
        const double gap = (double)(a.next_at - at) / 1e8 - 1; /* of mean 0 and sd 1 */
        at = a.next_at;
        sum += gap;
        squares += gap * gap;
        products += gap * before;
        n_below += gap + 1 < M_LN2;
        before = gap;
        arrivals_take(&a);
    }
    check_true("mean", fabs(sum / N) < 4 / sqrt(N));
    check_true("variance", fabs(squares / N - 1) < 4 * sqrt(8.0 / N)); /* kurtosis 9 */
    check_true("median", fabs((double)n_below / N - 0.5) < 4 * 0.5 / sqrt(N));
    check_true("autocorrelation", fabs(products / N) < 4 / sqrt(N));
    check_true("it is not all the same", squares > N / 2.0);
}

static void lists_are_in_order(void **state)
{
    static const sim_time good[] = {SEC(1), SEC(1), SEC(2)}, bad[] = {SEC(2), SEC(1)};
    const struct key_variant right = arrivals_at(good, 3), wrong = arrivals_at(bad, 2);

    assert_null(right.variant->check(right.params).sentence);
    assert_non_null(wrong.variant->check(wrong.params).sentence);
}

/* 1000 B at 8 kbit/s are one a second. */
static void paces(void **state)
{
    const struct {
        const char *story;
        struct pace_params params;
        sim_time want[ENOUGH];
    } rows[] = {
        {"on for ever",
         {.rate_bps = 8000, .size = 1000},
         {SEC(5), SEC(6), SEC(7), SEC(8), SEC(9), SEC(10), SEC(11), SEC(12)}},
        {"no multiple of a nanosecond: thirds do not add up",
         {.rate_bps = 24000, .size = 1000},
         {SEC(5), NS(5333333333), NS(5666666666), SEC(6), NS(6333333333), NS(6666666666),
          SEC(7), NS(7333333333)}},
        {"2.5 s on, 1 s off: a phase begins with a piece",
         {8000, 1000, dist_constant(MS(2500)), dist_constant(SEC(1))},
         {SEC(5), SEC(6), SEC(7), MS(8500), MS(9500), MS(10500), SEC(12), SEC(13)}},
        {"phases shorter than a distance do not make it faster",
         {8000, 1000, dist_constant(MS(100)), dist_constant(MS(200))},
         {SEC(5), SEC(6), SEC(7), SEC(8), SEC(9), SEC(10), SEC(11), SEC(12)}},
        {"a silence without end",
         {8000, 1000, dist_constant(MS(1500)), dist_constant(SIM_NEVER)},
         {SEC(5), SEC(6), SIM_NEVER, SIM_NEVER, SIM_NEVER, SIM_NEVER, SIM_NEVER, SIM_NEVER}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pace_source source;
        struct pace p;
        struct rng rng;
        rng_init(&rng, 1, "app/source/on");
        pace_source_init(&source, &rows[i].params, &rng, &rng);
        pace_begin(&p, &source, SEC(5));
        for (int n = 0; n < ENOUGH; n++) {
            check_eq(rows[i].story, p.next_at, rows[i].want[n]);
            if (p.next_at != SIM_NEVER)
                pace_take(&p, &source);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants),
        cmocka_unit_test(constant_rates_do_not_drift),
        cmocka_unit_test(poisson_gaps_are_exponential),
        cmocka_unit_test(lists_are_in_order),
        cmocka_unit_test(paces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
