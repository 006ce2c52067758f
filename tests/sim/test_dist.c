/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_dist.c -- quantiles and means by hand; what is drawn against distribution functions
 * written down here with libm alone.
 */
#include "sim/dist.h"

#include <math.h>
#include <stdlib.h>

#include "tests/check.h"

struct given {
    const char *key;
    int64_t value;
};

static struct key_variant dist_of(const char *kind, const struct given *given, size_t n)
{
    struct key_variant d = {0};
    for (const struct variant *v = DIST_KINDS; v->name != NULL; v++)
        if (strcmp(v->name, kind) == 0)
            d.variant = v;
    assert_non_null(d.variant);
    for (size_t i = 0; i < n && given[i].key != NULL; i++) {
        const struct key *k = d.variant->keys;
        while (k->name != NULL && strcmp(k->name, given[i].key) != 0)
            k++;
        assert_non_null(k->name);
        memcpy(d.params + k->offset, &given[i].value, sizeof(int64_t));
    }
    return d;
}

static void set_list(struct key_variant *d, const char *key, int64_t *items, int n)
{
    const struct key *k = d->variant->keys;
    while (strcmp(k->name, key) != 0)
        k++;
    memcpy(d->params + k->offset, &(struct key_list){items, n}, sizeof(struct key_list));
}

static void check_near(const char *story, double got, double want, double within)
{
    if (!(fabs(got - want) <= within)) {
        print_error("%s: %.12g is not %.12g within %.3g\n", story, got, want, within);
        fail();
    }
}

/* Of each, one point of its distribution function that can be solved by hand. */
static const struct {
    const char *story, *kind;
    struct given given[3];
    double u;
    sim_time want;
} points[] = {
    {"a quarter of the way", "uniform", {{"min", MS(10)}, {"max", MS(30)}}, 0.25, MS(15)},
    {"one sd up", "normal", {{"mean", MS(20)}, {"sd", MS(2)}}, 0.841344746068543, MS(22)},
    {"far below 0", "normal", {{"mean", MS(1)}, {"sd", MS(2)}}, 0.01, 0},
    {"1 - 1/e", "exponential", {{"mean", MS(10)}}, 0.632120558828558, MS(10)},
    {"and an offset",
     "exponential",
     {{"mean", MS(10)}, {"offset", MS(5)}},
     0.632120558828558,
     MS(15)},
    /* shape 30 / 20: P(X > 20) = (10 / 20)^1.5 */
    {"twice the minimum",
     "pareto",
     {{"min", MS(10)}, {"mean", MS(30)}},
     0.646446609406726,
     MS(20)},
    /* sd / mean = sqrt(e - 1), so sigma is 1: the median is mean / sqrt(e) */
    {"the median", "lognormal", {{"mean", MS(100)}, {"sd", 131083249}}, 0.5, 60653066},
    /* shape 1 is exponential; shape 2, scale 10 ms: P(X <= 10) = 1 - 2 / e */
    {"shape 1", "gamma", {{"mean", MS(10)}, {"sd", MS(10)}}, 0.632120558828558, MS(10)},
    {"shape 2", "gamma", {{"mean", MS(20)}, {"sd", 14142136}}, 0.264241117657115, MS(10)},
    {"its median", "weibull", {{"median", MS(10)}, {"p90", MS(25)}}, 0.5, MS(10)},
    {"its p90", "weibull", {{"median", MS(10)}, {"p90", MS(25)}}, 0.9, MS(25)},
    {"offsets: lognormal",
     "lognormal",
     {{"mean", MS(100)}, {"sd", 131083249}, {"offset", MS(7)}},
     0.5,
     67653066},
    {"gamma",
     "gamma",
     {{"mean", MS(10)}, {"sd", MS(10)}, {"offset", MS(7)}},
     0.632120558828558,
     MS(17)},
    {"and weibull",
     "weibull",
     {{"median", MS(10)}, {"p90", MS(25)}, {"offset", MS(7)}},
     0.5,
     MS(17)},
    /* p90 / median = log2(10): exponential, so three quarters lie below twice the median */
    {"exponent 1", "weibull", {{"median", MS(10)}, {"p90", 33219281}}, 0.75, MS(20)},
    /* sd 2 sqrt(2): P(X > mean + 2) = 1 / (2 e) */
    {"one width up", "laplace", {{"mean", MS(20)}, {"sd", 2828427}}, 0.816060279414279, MS(22)},
    /* sd 2 pi / sqrt(3): P(X <= mean + 2) = e / (1 + e) */
    {"the same", "logistic", {{"mean", MS(20)}, {"sd", 3627599}}, 0.731058578630005, MS(22)},
    /* sd 2 pi / sqrt(6): P(X <= mode) = 1 / e, and the mode is 2 x 0.5772157 below the mean */
    {"its mode", "gumbel", {{"mean", MS(20)}, {"sd", 2565100}}, 0.367879441171442, 18845569},
    /* mean 10 sqrt(pi / 2): P(X <= 10) = 1 - 1 / sqrt(e) */
    {"and an offset",
     "rayleigh",
     {{"mean", 12533141}, {"offset", MS(5)}},
     0.393469340287367,
     MS(15)},
    {"three quarters", "cauchy", {{"median", MS(20)}, {"width", MS(2)}}, 0.75, MS(22)},
    {"far below 0", "cauchy", {{"median", MS(20)}, {"width", MS(2)}}, 0.01, 0},
};

static void quantiles_are_those_of_the_book(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        const struct key_variant d = dist_of(points[i].kind, points[i].given, 3);
        check_near(points[i].story, (double)dist_quantile(&d, points[i].u),
                   (double)points[i].want, 5);
    }
}

/* Where negative draws become 0 the mean is above the parameter. */
static void means_are_closed_forms(void **state)
{
    static const struct {
        const char *story, *kind;
        struct given given[3];
        sim_time want;
    } rows[] = {
        {"half of the range", "uniform", {{"min", MS(10)}, {"max", MS(15)}}, US(12500)},
        {"hardly ever negative", "normal", {{"mean", MS(20)}, {"sd", MS(2)}}, MS(20)},
        {"no spread", "normal", {{"mean", MS(20)}}, MS(20)},
        {"half normal: sd / sqrt(2 pi)", "normal", {{"sd", MS(10)}}, 3989423},
        {"half exponential: width / 2", "laplace", {{"sd", 14142136}}, MS(5)},
        {"no spread", "laplace", {{"mean", MS(20)}}, MS(20)},
        {"with its offset",
         "lognormal",
         {{"mean", MS(7)}, {"sd", MS(9)}, {"offset", MS(1)}},
         MS(8)},
        {"exponent 1: median / ln 2",
         "weibull",
         {{"median", MS(10)}, {"p90", 33219281}},
         14426950},
        {"exponent 2: median / sqrt(ln 2) x sqrt(pi) / 2",
         "weibull",
         {{"median", MS(10)}, {"p90", 18226157}},
         10644670},
        {"as given", "pareto", {{"min", MS(10)}, {"mean", MS(12)}}, MS(12)},
        {"half logistic: width x ln 2", "logistic", {{"sd", 18137994}}, 6931472},
        {"no spread", "logistic", {{"mean", MS(20)}}, MS(20)},
        /* 10 ms x E1(exp(-0.5772157)), summed up over 1 - P(X <= x) */
        {"what is above 0", "gumbel", {{"sd", 12825498}}, 4915343},
        {"seldom negative", "gumbel", {{"mean", MS(10)}, {"sd", 12825498}}, 10962052},
        {"hardly ever negative", "gumbel", {{"mean", SEC(1)}, {"sd", MS(1)}}, SEC(1)},
        {"no spread", "gumbel", {{"mean", MS(20)}}, MS(20)},
        {"with its offset", "rayleigh", {{"mean", MS(7)}, {"offset", MS(1)}}, MS(8)},
        {"no mean", "cauchy", {{"median", MS(20)}, {"width", 1}}, DIST_MAX},
        {"no spread", "cauchy", {{"median", MS(20)}}, MS(20)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct key_variant d = dist_of(rows[i].kind, rows[i].given, 3);
        check_near(rows[i].story, (double)dist_mean(&d), (double)rows[i].want, 5);
    }
}

/* ---- what is drawn, against distribution functions of libm; x in ms */

static double normal_below(double x)
{
    return 0.5 * erfc(-(x - 20) / 2 * M_SQRT1_2);
}
static double uniform_below(double x)
{
    return (x - 10) / 20;
}
static double exponential_below(double x)
{
    return x < 5 ? 0 : 1 - exp(-(x - 5) / 10);
}
static double pareto_below(double x)
{
    return x < 10 ? 0 : 1 - pow(10 / x, 1.5);
}
static double lognormal_below(double x) /* mean 10, sd 10: sigma^2 = ln 2 */
{
    return 0.5 * erfc(-(log(x / 10) + M_LN2 / 2) / sqrt(M_LN2) * M_SQRT1_2);
}
static double gamma_below(double x) /* shape 4, scale 5: Erlang */
{
    const double y = x / 5;
    return 1 - exp(-y) * (1 + y + y * y / 2 + y * y * y / 6);
}
static double weibull_below(double x) /* 1/2 at 10, 9/10 at 25 */
{
    return 1 - exp(-M_LN2 * pow(x / 10, log(M_LN10 / M_LN2) / log(2.5)));
}
static double laplace_below(double x)
{
    const double y = (x - 20) / 2 * M_SQRT2;
    return y < 0 ? exp(y) / 2 : 1 - exp(-y) / 2;
}

static double logistic_below(double x)
{
    return 1 / (1 + exp(-(x - 20) / 2 * M_PI / sqrt(3)));
}
static double gumbel_below(double x) /* width 2 sqrt(6) / pi */
{
    const double width = 2 * sqrt(6) / M_PI, mode = 20 - 0.5772156649 * width;
    return exp(-exp(-(x - mode) / width));
}
static double rayleigh_below(double x) /* sigma 20 / sqrt(pi / 2) */
{
    return 1 - exp(-x * x / 800 * M_PI / 2);
}
static double cauchy_below(double x) /* what is below 0 becomes 0 */
{
    return x <= 0 ? 0.5 + atan(-1000) / M_PI : 0.5 + atan((x - 2000) / 2) / M_PI;
}

static const struct {
    const char *kind;
    struct given given[3];
    double (*below)(double ms);
} drawn[] = {
    {"uniform", {{"min", MS(10)}, {"max", MS(30)}}, uniform_below},
    {"normal", {{"mean", MS(20)}, {"sd", MS(2)}}, normal_below},
    {"exponential", {{"mean", MS(10)}, {"offset", MS(5)}}, exponential_below},
    {"pareto", {{"min", MS(10)}, {"mean", MS(30)}}, pareto_below},
    {"lognormal", {{"mean", MS(10)}, {"sd", MS(10)}}, lognormal_below},
    {"gamma", {{"mean", MS(20)}, {"sd", MS(10)}}, gamma_below},
    {"weibull", {{"median", MS(10)}, {"p90", MS(25)}}, weibull_below},
    {"laplace", {{"mean", MS(20)}, {"sd", MS(2)}}, laplace_below},
    {"logistic", {{"mean", MS(20)}, {"sd", MS(2)}}, logistic_below},
    {"gumbel", {{"mean", MS(20)}, {"sd", MS(2)}}, gumbel_below},
    {"rayleigh", {{"mean", MS(20)}}, rayleigh_below},
    {"cauchy", {{"median", SEC(2)}, {"width", MS(2)}}, cauchy_below},
};

static int by_size(const void *a, const void *b)
{
    const sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov: sqrt(n) D is above 2.2 once in 8,000 samples (2 exp(-2 x 2.2^2)). */
static void draws_are_distributed_so(void **state)
{
    enum { N = 20000 };
    static sim_time x[N];
    for (size_t i = 0; i < ARRAY_LEN(drawn); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            const struct key_variant d = dist_of(drawn[i].kind, drawn[i].given, 3);
            struct rng r;
            rng_init(&r, seed, drawn[i].kind);
            for (int k = 0; k < N; k++)
                x[k] = dist_draw(&d, &r);
            check_eq("one number a draw", r.n, N);
            qsort(x, N, sizeof(x[0]), by_size);
            double worst = 0;
            for (int k = 0; k < N; k++) {
                const double below = drawn[i].below((double)x[k] / 1e6);
                worst = fmax(worst, fmax(below - (double)k / N, (k + 1.0) / N - below));
            }
            check_near(drawn[i].kind, sqrt(N) * worst, 0, 2.2);
        }
}

/* 1, 2, 5 ms with weights 1, 2, 1; then alike. */
static void lists_are_drawn_by_weight(void **state)
{
    int64_t values[] = {MS(1), MS(2), MS(5)}, weights[] = {1, 2, 1};
    struct key_variant d = dist_of("empirical", NULL, 0);
    set_list(&d, "values", values, 3);
    set_list(&d, "weights", weights, 3);
    static const struct {
        double u;
        sim_time want;
    } rows[] = {{1e-9, MS(1)}, {0.24, MS(1)}, {0.26, MS(2)},
                {0.74, MS(2)}, {0.76, MS(5)}, {1 - 1e-9, MS(5)}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_eq("weighted", dist_quantile(&d, rows[i].u), rows[i].want);
    check_eq("mean", dist_mean(&d), US(2500));
    set_list(&d, "weights", NULL, 0);
    check_eq("a third", dist_quantile(&d, 0.34), MS(2));
    check_eq("two thirds", dist_quantile(&d, 0.67), MS(5));
    check_eq("mean of three", dist_mean(&d), 2666667);
}

static void constants_are_exact(void **state)
{
    const sim_time longest = DIST_MAX - 1; /* no double */
    const struct key_variant d = dist_constant(longest), none = {0};
    struct rng r;
    rng_init(&r, 1, "constant");
    check_eq("drawn", dist_draw(&d, &r), longest);
    check_eq("a number all the same", r.n, 1);
    check_eq("mean", dist_mean(&d), longest);
    check_true("constant", dist_is_constant(&d) && dist_is_constant(&none));
    check_eq("not given", dist_mean(&none), 0);
    check_str("the first of its kind", DIST_KINDS[0].name, "constant");
}

/* At the ends of what is accepted, and at the smallest and largest numbers that are drawn. */
static void extremes_ascend_and_stay_in_bounds(void **state)
{
    static const struct {
        const char *kind;
        struct given given[3];
    } rows[] = {
        {"gamma", {{"mean", MS(100)}, {"sd", MS(1)}}},
        {"gamma", {{"mean", MS(100)}, {"sd", SEC(1)}}},
        {"gamma", {{"mean", DIST_MAX}, {"sd", DIST_MAX}}},
        {"gamma", {{"mean", 1}, {"sd", 1}}},
        {"lognormal", {{"mean", 1}, {"sd", DIST_MAX}}},
        {"lognormal", {{"mean", MS(1)}}},
        {"pareto", {{"min", MS(1)}, {"mean", DIST_MAX}}},
        {"pareto", {{"min", DIST_MAX - 1}, {"mean", DIST_MAX}}},
        {"weibull", {{"median", 1}, {"p90", DIST_MAX}}},
        {"weibull", {{"median", DIST_MAX - 1}, {"p90", DIST_MAX}}},
        {"normal", {{"mean", 0}, {"sd", DIST_MAX}}},
        {"exponential", {{"mean", DIST_MAX}, {"offset", DIST_MAX}}},
        {"uniform", {{"min", 0}, {"max", DIST_MAX}}},
        {"logistic", {{"mean", 0}, {"sd", DIST_MAX}}},
        {"gumbel", {{"mean", 0}, {"sd", DIST_MAX}}},
        {"gumbel", {{"mean", DIST_MAX}, {"sd", 1}}},
        {"rayleigh", {{"mean", DIST_MAX}, {"offset", DIST_MAX}}},
        {"cauchy", {{"median", DIST_MAX}, {"width", DIST_MAX}}},
        {"cauchy", {{"median", MS(1)}}},
    };
    static const double u[] = {0x1p-53, 1e-12, 1e-6,     0.001,     0.1,        0.5,
                               0.9,     0.999, 1 - 1e-6, 1 - 1e-12, 1 - 0x1p-53};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct key_variant d = dist_of(rows[i].kind, rows[i].given, 3);
        if (d.variant->check != NULL)
            assert_null(d.variant->check(d.params).sentence);
        check_true(rows[i].kind, dist_mean(&d) >= 0 && dist_mean(&d) <= DIST_MAX);
        sim_time last = 0;
        for (size_t k = 0; k < ARRAY_LEN(u); k++) {
            const sim_time at = dist_quantile(&d, u[k]);
            check_true(rows[i].kind, at >= last && at <= DIST_MAX);
            last = at;
        }
    }
}

/* ---- correlation */

enum { N_CHAIN = 200000 };

/* Autocorrelation of x at a distance. */
static double autocorrelation(const double *x, int distance)
{
    double mean = 0, own = 0, other = 0;
    for (int i = 0; i < N_CHAIN; i++)
        mean += x[i] / N_CHAIN;
    for (int i = 0; i < N_CHAIN; i++) {
        own += (x[i] - mean) * (x[i] - mean);
        if (i >= distance)
            other += (x[i] - mean) * (x[i - distance] - mean);
    }
    return other / own;
}

/* A chain with rho 0.6. The standard error of an autocorrelation is at most (1 + rho^2) /
 * ((1 - rho^2) n)^(1/2) = 0.0033 by Bartlett's formula, taken for all below; a mean has the
 * variance of n (1 - rho) / (1 + rho) independent draws, so 2 ms / sqrt(n / 4) = 0.0089 ms. */
static void neighbours_are_correlated_and_the_rest_stays(void **state)
{
    static double x[N_CHAIN], rank[N_CHAIN];
    const double rho = 0.6, se = 0.0033;
    const struct key_variant normal =
        dist_of("normal", (struct given[]){{"mean", MS(20)}, {"sd", MS(2)}}, 2);
    const struct key_variant exponential =
        dist_of("exponential", (struct given[]){{"mean", MS(10)}}, 1);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct dist_chain a = {0}, b = {0};
        struct rng r, same;
        double mean = 0, variance = 0, tail = 0;
        rng_init(&r, seed, "chain");
        same = r;
        for (int i = 0; i < N_CHAIN; i++) {
            x[i] = (double)dist_draw_next(&normal, &r, 600000000000, &a) / 1e6;
            const sim_time e = dist_draw_next(&exponential, &same, 600000000000, &b);
            rank[i] = 1 - exp(-(double)e / 1e7);
            mean += x[i] / N_CHAIN;
            variance += (x[i] - 20) * (x[i] - 20) / N_CHAIN;
            tail += (e > MS(30)) / (double)N_CHAIN;
        }
        check_eq("one number a draw", r.n, N_CHAIN);
        check_near("at distance 1", autocorrelation(x, 1), rho, 4 * se);
        check_near("at distance 3", autocorrelation(x, 3), rho * rho * rho, 4 * se);
        check_near("ranks", autocorrelation(rank, 1), 6 / M_PI * asin(rho / 2), 4 * se);
        check_near("the mean stays", mean, 20, 4 * 0.0089);
        /* variance 4; its standard error is 4 sqrt(2 (1 + rho^2) / (1 - rho^2) / n) = 0.0184 */
        check_near("the spread stays", variance, 4, 4 * 0.0184);
        /* e^-3; correlation of indicators is below rho */
        check_near("the tail stays", tail, 0.049787, 4 * 2 * sqrt(0.0473 / N_CHAIN));
    }
}

static void without_correlation_it_is_a_plain_draw(void **state)
{
    const struct key_variant d =
        dist_of("normal", (struct given[]){{"mean", MS(20)}, {"sd", MS(2)}}, 2);
    struct dist_chain chain = {0};
    struct rng r, same;
    rng_init(&r, 1, "plain");
    same = r;
    for (int i = 0; i < 1000; i++) /* by way of the normal score, so to a rounding */
        check_near("the same draw", (double)dist_draw_next(&d, &r, 0, &chain),
                   (double)dist_draw(&d, &same), 1);
}

/* ---- mistakes */

static void what_does_not_go_together(void **state)
{
    static const struct {
        const char *kind;
        struct given given[2];
        const char *key; /* NULL: right */
    } rows[] = {
        {"uniform", {{"min", 2}, {"max", 1}}, "min"},
        {"uniform", {{"min", 2}, {"max", 2}}, NULL},
        {"pareto", {{"min", 2}, {"mean", 2}}, "mean"},
        {"pareto", {{"min", 2}, {"mean", 3}}, NULL},
        {"gamma", {{"mean", 1000}, {"sd", 9}}, "sd"},
        {"gamma", {{"mean", 1000}, {"sd", 10}}, NULL},
        {"gamma", {{"mean", 1000}, {"sd", 10010}}, "sd"},
        {"gamma", {{"mean", 1}, {"sd", 0}}, "sd"},
        {"weibull", {{"median", 2}, {"p90", 2}}, "p90"},
        {"weibull", {{"median", 2}, {"p90", 3}}, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct key_variant d = dist_of(rows[i].kind, rows[i].given, 2);
        const struct misfit got = d.variant->check(d.params);
        check_str(rows[i].kind, got.key == NULL ? "right" : got.key,
                  rows[i].key == NULL ? "right" : rows[i].key);
        check_true("a sentence", (got.sentence == NULL) == (rows[i].key == NULL));
    }
}

static void lists_must_ascend_and_match(void **state)
{
    int64_t values[] = {1, 3, 2}, weights[] = {0, 0, 1};
    struct key_variant d = dist_of("empirical", NULL, 0);
    check_str("none", d.variant->check(d.params).key, "values");
    set_list(&d, "values", values, 3);
    check_str("back again", d.variant->check(d.params).key, "values");
    set_list(&d, "values", values, 2);
    assert_null(d.variant->check(d.params).sentence);
    set_list(&d, "weights", weights, 3);
    check_str("one too many", d.variant->check(d.params).key, "weights");
    set_list(&d, "weights", weights, 2);
    check_str("nothing ever", d.variant->check(d.params).key, "weights");
    set_list(&d, "weights", weights + 1, 2);
    assert_null(d.variant->check(d.params).sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_the_book),
        cmocka_unit_test(means_are_closed_forms),
        cmocka_unit_test(draws_are_distributed_so),
        cmocka_unit_test(lists_are_drawn_by_weight),
        cmocka_unit_test(constants_are_exact),
        cmocka_unit_test(extremes_ascend_and_stay_in_bounds),
        cmocka_unit_test(neighbours_are_correlated_and_the_rest_stays),
        cmocka_unit_test(without_correlation_it_is_a_plain_draw),
        cmocka_unit_test(what_does_not_go_together),
        cmocka_unit_test(lists_must_ascend_and_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
