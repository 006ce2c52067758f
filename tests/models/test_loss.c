/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_loss.c -- each model's measured rate and bursts against its closed form (models/loss.h),
 * and what is exact, exactly.
 */
#include "models/loss.h"

#include <math.h>

#include "tests/check.h"

enum { N = 400000 };
#define PERCENT(x) ((int64_t)((x)*1e10 + 0.5))

struct given {
    const char *key;
    int64_t value;
};

static struct key_variant model_of(const char *name, const struct given *given, size_t n)
{
    struct key_variant m = {0};
    for (const struct variant *v = LOSS_MODELS; v->name != NULL; v++)
        if (strcmp(v->name, name) == 0)
            m.variant = v;
    assert_non_null(m.variant);
    for (size_t i = 0; i < n && given[i].key != NULL; i++) {
        const struct key *k = m.variant->keys;
        while (k->name != NULL && strcmp(k->name, given[i].key) != 0)
            k++;
        assert_non_null(k->name);
        memcpy(m.params + k->offset, &given[i].value, sizeof(int64_t));
    }
    return m;
}

static struct key_variant list_of(int64_t *packets, int n)
{
    struct key_variant m = model_of("list", NULL, 0);
    memcpy(m.params + m.variant->keys[0].offset, &(struct key_list){packets, n},
           sizeof(struct key_list));
    return m;
}

static struct loss loss_of(const struct key_variant *model, uint64_t seed)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
    struct loss s;
    loss_init(&s, sim, "link/a->b", model);
    sim_free(sim);
    return s;
}

static void check_near(const char *story, double got, double want, double within)
{
    if (!(fabs(got - want) <= within)) {
        print_error("%s: %.12g is not %.12g within %.3g\n", story, got, want, within);
        fail();
    }
}

/* rate, burst: by hand from the formulas in loss.h. A sequence whose correlation falls as rho^k
 * has the standard error sqrt(rate (1 - rate) (1 + rho) / (1 - rho) / n); rho is that of the
 * two-state chain, 1 - p - r, taken as a bound for what only follows the state at random. A
 * burst of mean length 1 / r has the standard deviation sqrt(1 - r) / r; n rate / burst of them
 * are seen. */
static const struct {
    const char *story, *model;
    struct given given[5];
    double rate, rho;
    double burst; /* mean number lost in a row */
} rows[] = {
    {"independent: 1 / (1 - p) in a row", "bernoulli", {{"p", PERCENT(10)}}, 0.1, 0, 1 / 0.9},
    {"Gilbert: p / (p + r), 1 / r in a row",
     "gilbert-elliott",
     {{"p", PERCENT(1)}, {"r", PERCENT(25)}, {"h", 0}, {"k", PERCENT(100)}},
     0.01 / 0.26,
     0.74,
     4},
    /* bad: 0.05 / 0.25 = 0.2; 0.2 x 0.6 + 0.8 x 0.01 */
    {"Gilbert and Elliott",
     "gilbert-elliott",
     {{"p", PERCENT(5)}, {"r", PERCENT(20)}, {"h", PERCENT(40)}, {"k", PERCENT(99)}},
     0.128,
     0.75,
     0},
    {"p = 1 - r is Bernoulli",
     "gilbert-elliott",
     {{"p", PERCENT(20)}, {"r", PERCENT(80)}, {"h", 0}, {"k", PERCENT(100)}},
     0.2,
     0,
     1.25},
    /* p32 0, p14 0: Gilbert's model again */
    {"two of the four states",
     "markov",
     {{"p13", PERCENT(1)}, {"p31", PERCENT(25)}, {"p23", PERCENT(100)}},
     0.01 / 0.26,
     0.74,
     4},
    /* s3 = 0.02 / 0.2 = 0.1, s2 = 0.1 x 0.3 / 0.6 = 0.05, s4 = 0.01: 0.11 / 1.16 */
    {"all four",
     "markov",
     {{"p13", PERCENT(2)},
      {"p31", PERCENT(20)},
      {"p32", PERCENT(30)},
      {"p23", PERCENT(60)},
      {"p14", PERCENT(1)}},
     0.11 / 1.16,
     0.8,
     0},
};

static void frequencies_are_the_closed_forms(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            const struct key_variant model = model_of(rows[i].model, rows[i].given, 5);
            struct loss s = loss_of(&model, seed);
            int64_t n_lost = 0, n_bursts = 0;
            bool before = false;
            for (int k = 0; k < N; k++) {
                const bool lost = loss_strikes(&s);
                n_lost += lost;
                n_bursts += lost && !before;
                before = lost;
            }
            const double rate = rows[i].rate, rho = rows[i].rho, burst = rows[i].burst;
            check_near(rows[i].story, (double)n_lost / N, rate,
                       4 * sqrt(rate * (1 - rate) * (1 + rho) / (1 - rho) / N));
            if (burst > 0)
                check_near(rows[i].story, (double)n_lost / (double)n_bursts, burst,
                           4 * burst * sqrt(1 - 1 / burst) / sqrt(N * rate / burst));
            check_true("one number of each stream a packet, or none",
                       (s.fate.n == N || s.fate.n == 0) &&
                           (s.change.n == N || s.change.n == 0));
        }
}

/* In four states a loss is followed by another: from state 3 with 1 - p31 - p32 = 0.5, from
 * state 4 never. Of losses 10 in 11 are of state 3. */
static void a_burst_of_the_four_states_goes_on(void **state)
{
    const struct key_variant model = model_of("markov", rows[5].given, 5);
    const double want = 10.0 / 11 * 0.5;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct loss s = loss_of(&model, seed);
        int64_t n_lost = 0, n_again = 0;
        bool before = false;
        for (int k = 0; k < N; k++) {
            const bool lost = loss_strikes(&s);
            n_again += lost && before;
            n_lost += before;
            before = lost;
        }
        check_near("lost again", (double)n_again / (double)n_lost, want,
                   4 * sqrt(want * (1 - want) / (double)n_lost));
    }
}

/* Writes 1 for lost and 0 for not. */
static void fates(const struct key_variant *model, char *out, int n)
{
    struct loss s = loss_of(model, 1);
    for (int i = 0; i < n; i++)
        out[i] = loss_strikes(&s) ? '1' : '0';
    out[n] = '\0';
}

static void exact_models_are_exact(void **state)
{
    static const struct {
        const char *story, *model;
        struct given given[5];
        const char *fates;
    } exact[] = {
        {"every third", "periodic", {{"every", 3}}, "001001001001"},
        {"after two", "periodic", {{"every", 3}, {"offset", 2}}, "000010010010"},
        {"every one", "periodic", {{"every", 1}, {"offset", 4}}, "000011111111"},
        {"never", "bernoulli", {{"p", 0}}, "000000000000"},
        {"always", "bernoulli", {{"p", FRACTION_ONE}}, "111111111111"},
        /* the fate is drawn in the state that a packet finds: good first, then in turns */
        {"in turns",
         "gilbert-elliott",
         {{"p", FRACTION_ONE}, {"r", FRACTION_ONE}, {"k", FRACTION_ONE}},
         "010101010101"},
        /* the state changes before: 1 3 2 3 2 ... */
        {"3 and 2",
         "markov",
         {{"p13", FRACTION_ONE}, {"p32", FRACTION_ONE}, {"p23", FRACTION_ONE}},
         "101010101010"},
        {"2 for ever",
         "markov",
         {{"p13", FRACTION_ONE}, {"p32", FRACTION_ONE}, {"p23", 0}},
         "100000000000"},
        /* 1 4 1 4 ... */
        {"lost alone",
         "markov",
         {{"p14", FRACTION_ONE}, {"p31", FRACTION_ONE}},
         "101010101010"},
    };
    char got[16];
    for (size_t i = 0; i < ARRAY_LEN(exact); i++) {
        const struct key_variant model = model_of(exact[i].model, exact[i].given, 5);
        fates(&model, got, 12);
        check_str(exact[i].story, got, exact[i].fates);
    }
    const struct key_variant list = list_of((int64_t[]){3, 7, 12}, 3);
    fates(&list, got, 13);
    check_str("listed", got, "0010001000010");
}

static void a_model_set_anew_begins_anew(void **state)
{
    const struct key_variant list = list_of((int64_t[]){2}, 1);
    struct loss s = loss_of(&list, 1);
    check_true("the first passes", !loss_strikes(&s));
    check_true("the second does not", loss_strikes(&s));
    loss_set(&s, &list);
    check_true("the first again", !loss_strikes(&s));
    check_true("the second again", loss_strikes(&s));
}

static void none_is_none(void **state)
{
    const struct key_variant none = {0}, zero = loss_bernoulli(0), some = loss_bernoulli(1);
    check_true("not given", loss_is_none(&none));
    check_true("0%", loss_is_none(&zero));
    check_true("the least there is", !loss_is_none(&some));
    const struct key_variant list = list_of(NULL, 0);
    check_true("another model may lose", !loss_is_none(&list));
    struct loss s = loss_of(&none, 1);
    check_true("passes", !loss_strikes(&s));
}

static void what_does_not_go_together(void **state)
{
    static const struct {
        const char *story;
        struct given given[5];
        const char *key; /* NULL: right */
    } wrong[] = {
        {"100 % of state 1", {{"p13", PERCENT(60)}, {"p14", PERCENT(40)}}, NULL},
        {"more", {{"p13", PERCENT(60)}, {"p14", PERCENT(41)}}, "p14"},
        {"100 % of state 3", {{"p31", PERCENT(60)}, {"p32", PERCENT(40)}}, NULL},
        {"more", {{"p31", PERCENT(60)}, {"p32", PERCENT(41)}}, "p32"},
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const struct key_variant m = model_of("markov", wrong[i].given, 5);
        const struct misfit got = m.variant->check(m.params);
        check_str(wrong[i].story, got.key == NULL ? "right" : got.key,
                  wrong[i].key == NULL ? "right" : wrong[i].key);
    }
    const struct key_variant twice = list_of((int64_t[]){3, 3}, 2);
    check_str("twice", twice.variant->check(twice.params).key, "packets");
    const struct key_variant ascending = list_of((int64_t[]){3, 4}, 2);
    assert_null(ascending.variant->check(ascending.params).sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_are_the_closed_forms),
        cmocka_unit_test(a_burst_of_the_four_states_goes_on),
        cmocka_unit_test(exact_models_are_exact),
        cmocka_unit_test(a_model_set_anew_begins_anew),
        cmocka_unit_test(none_is_none),
        cmocka_unit_test(what_does_not_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
