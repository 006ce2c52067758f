/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/rng.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "tests/check.h"

/* Random123's kat_vectors, philox4x32 10: the counter's four words are (n, name), the key's two
 * are the key; of the four words that come out a draw is the first two. */
static const struct {
    const char *story;
    struct rng r;
    uint64_t want;
} KNOWN[] = {
    {"zeros", {0, 0, 0}, UINT64_C(0xe169c58d6627e8d5)},
    {"ones", {UINT64_MAX, UINT64_MAX, UINT64_MAX}, UINT64_C(0x41c83b0e408f276d)},
    {"digits of pi",
     {UINT64_C(0x299f31d0a4093822), UINT64_C(0x0370734413198a2e), UINT64_C(0x85a308d3243f6a88)},
     UINT64_C(0x94fdccebd16cfe09)},
};

static void draws_are_philox(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++) {
        struct rng r = KNOWN[i].r;
        check_eq(KNOWN[i].story, rng_u64(&r), KNOWN[i].want);
        check_eq(KNOWN[i].story, r.n, KNOWN[i].r.n + 1);
    }
}

static void a_stream_is_its_name_and_key(void **state)
{
    struct rng a, b, other_name, other_key;
    rng_init(&a, 7, "link/a->b/loss");
    rng_init(&b, 7, "link/a->b/loss");
    rng_init(&other_name, 7, "link/b->a/loss");
    rng_init(&other_key, 8, "link/a->b/loss");
    const uint64_t first = rng_u64(&a);
    check_true("same name and key, same draws", first == rng_u64(&b));
    check_true("another name", first != rng_u64(&other_name));
    check_true("another key", first != rng_u64(&other_key));
    check_true("the next draw is another", first != rng_u64(&a));
}

static void replications_and_points_have_keys_of_their_own(void **state)
{
    static const struct sim_params PARAMS[] = {{.seed = 1},
                                               {.seed = 2},
                                               {.seed = 1, .replication = 1},
                                               {.seed = 1, .point_salt = 1},
                                               {.seed = 0, .replication = 1}};
    uint64_t keys[ARRAY_LEN(PARAMS)];
    for (size_t i = 0; i < ARRAY_LEN(PARAMS); i++) {
        struct sim *sim = sim_new(&PARAMS[i]);
        keys[i] = sim->rng_key;
        sim_free(sim);
        for (size_t k = 0; k < i; k++)
            check_true("keys differ", keys[i] != keys[k]);
    }
}

/* Chi-square over 64 cells, 64000 draws: 63 degrees of freedom. A fixed seed: the test is
 * repeatable. */
static double chi_square(uint64_t (*cell)(struct rng *))
{
    enum { CELLS = 64, DRAWS = 64000 };
    int n[CELLS] = {0};
    struct rng r;
    rng_init(&r, 1, "chi");
    for (int i = 0; i < DRAWS; i++)
        n[cell(&r)]++;
    double x = 0;
    for (int i = 0; i < CELLS; i++)
        x += (n[i] - 1000.0) * (n[i] - 1000.0) / 1000.0;
    return gsl_cdf_chisq_Q(x, CELLS - 1);
}

static uint64_t high_bits(struct rng *r)
{
    return rng_u64(r) >> 58;
}
static uint64_t low_bits(struct rng *r)
{
    return rng_u64(r) & 63;
}
static uint64_t by_uniform(struct rng *r)
{
    return (uint64_t)(rng_uniform(r) * 64);
}
static uint64_t by_below(struct rng *r)
{
    return rng_below(r, 64);
}
static uint64_t next_name(struct rng *r)
{
    char name[32];
    snprintf(name, sizeof(name), "link/%d", (int)r->n++);
    struct rng other;
    rng_init(&other, 1, name);
    return rng_u64(&other) & 63;
}
static uint64_t biased(struct rng *r)
{
    return rng_below(r, 64 * 64) % 65 % 64;
} /* cell 0 is twice as likely */

static void draws_are_uniform(void **state)
{
    uint64_t (*const cells[])(struct rng *) = {high_bits, low_bits, by_uniform, by_below,
                                               next_name};
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        const double p = chi_square(cells[i]);
        check_true("neither uneven nor too even", p > 0.001 && p < 0.999);
    }
    check_true("the test finds a bias", chi_square(biased) < 0.001);
}

static void ranges_hold(void **state)
{
    struct rng r;
    rng_init(&r, 1, "ranges");
    for (int i = 0; i < 10000; i++) {
        const double u = rng_uniform(&r);
        check_true("[0, 1)", u >= 0 && u < 1);
        check_true("a multiple of 2^-53", u * 0x1p53 == floor(u * 0x1p53));
        check_true("below", rng_below(&r, 3) < 3);
        check_true("p = 0 never", !rng_chance(&r, 0));
        check_true("p = 1 always", rng_chance(&r, 1));
    }
    check_eq("each takes one draw", r.n, 4 * 10000);
}

static void gsl_draws_from_it(void **state)
{
    enum { N = 20000 };
    struct rng r, same;
    rng_init(&r, 1, "gsl");
    rng_init(&same, 1, "gsl");
    gsl_rng g = rng_gsl(&r);
    double sum = 0;
    for (int i = 0; i < N; i++) {
        const double x = gsl_ran_exponential(&g, 2.0);
        /* GSL's own definition: -mu log1p(-u). */
        check_true("the stream's own number, transformed",
                   fabs(x + 2.0 * log1p(-rng_uniform(&same))) <= 1e-12 * x);
        sum += x;
    }
    check_eq("one draw each", r.n, N);
    /* The mean's standard error is 2 / sqrt(20000) = 0.0141; four of them. */
    check_true("mean", fabs(sum / N - 2.0) < 0.057);
    const uint64_t next = rng_u64(&same) >> 32;
    check_eq("gsl_rng_get: the high 32 bits", gsl_rng_get(&g), next);
    check_eq("range", gsl_rng_max(&g) - gsl_rng_min(&g), UINT32_MAX);
    gsl_rng_set(&g, 99);
    check_eq("set: a new key from the first draw", r.key == 99 && r.n == 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_philox),
        cmocka_unit_test(a_stream_is_its_name_and_key),
        cmocka_unit_test(replications_and_points_have_keys_of_their_own),
        cmocka_unit_test(draws_are_uniform),
        cmocka_unit_test(ranges_hold),
        cmocka_unit_test(gsl_draws_from_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
