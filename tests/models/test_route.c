/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/route.h"

#include "sim/address.h"
#include "tests/check.h"

enum { A = 0x0a000001 };

static struct sim *new_sim(uint64_t seed)
{
    return sim_new(&(struct sim_params){.seed = seed});
}

static void the_longest_prefix_wins(void **state)
{
    struct sim *sim = new_sim(1);
    struct link links[4];
    struct route_table t;
    route_table_init(&t, sim);
    check_true("an empty table", route_via(&t, ip4(A)) == NULL);
    route_table_add(&t, (struct key_address){0x0a000000, 8}, &links[1]);
    route_table_add(&t, (struct key_address){0x0a000001, 32}, &links[3]);
    route_table_add(&t, (struct key_address){0x0a000000, 24}, &links[2]);
    check_true("32 bits", route_via(&t, ip4(A)) == &links[3]);
    check_true("24 bits", route_via(&t, ip4(A + 1)) == &links[2]);
    check_true("8 bits", route_via(&t, ip4(0x0a010001)) == &links[1]);
    check_true("none", route_via(&t, ip4(0x0b000001)) == NULL);
    route_table_add(&t, (struct key_address){0, 0}, &links[0]);
    check_true("all the rest", route_via(&t, ip4(0x0b000001)) == &links[0]);
    check_true("not IPv6", route_via(&t, (ip_addr){1, A}) == NULL);
    route_table_add(&t, (struct key_address){0x0a000001, 32}, &links[0]);
    check_true("the first stays", route_via(&t, ip4(A)) == &links[3]);
    sim_free(sim);
}

static struct route_params from_to(sim_time at, sim_time until)
{
    return (struct route_params){.at = at, .until = until};
}

/* Own: via 0. x: via 1 from 1 s to 4 s. y, declared later: into nothing from 2 s to 3 s. z: via
 * 2 from the start to 0.5 s. w: for a prefix that the table has not, from 1 s on. */
static void routes_come_and_go(void **state)
{
    static const struct key_address a = {A, 32}, other = {0x0b000000, 8};
    static const struct {
        int64_t ms;
        int via; /* -1: none */
        bool other;
    } rows[] = {
        {0, 2, false},    {499, 2, false},  {500, 0, false}, {999, 0, false}, {1000, 1, true},
        {2000, -1, true}, {2999, -1, true}, {3000, 1, true}, {4000, 0, true},
    };
    struct sim *sim = new_sim(1);
    struct link links[4];
    struct route_table t;
    struct route x, y, z, w;
    const struct route_params when_x = from_to(SEC(1), SEC(4)),
                              when_y = from_to(SEC(2), SEC(3)), when_z = from_to(0, MS(500)),
                              when_w = from_to(SEC(1), SIM_NEVER);
    route_table_init(&t, sim);
    route_table_add(&t, a, &links[0]);
    route_init(&x, &t, "x", &when_x, &a, 1, &links[1]);
    route_init(&y, &t, "y", &when_y, &a, 1, NULL);
    route_init(&z, &t, "z", &when_z, &a, 1, &links[2]);
    route_init(&w, &t, "w", &when_w, &other, 1, &links[3]);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        sim_run_until(sim, MS(rows[i].ms));
        const struct link *via = route_via(&t, ip4(A));
        check_eq("via", via == NULL ? -1 : via - links, rows[i].via);
        check_eq("the other prefix", route_via(&t, ip4(0x0b000001)) == &links[3],
                 rows[i].other);
    }
    check_eq("x used at 1000 and 3000", x.n_used, 2);
    check_eq("y used at 2000 and 2999", y.n_used, 2);
    check_eq("z used at 0 and 499", z.n_used, 2);
    check_eq("w used at 1000 to 4000", w.n_used, 5);
    sim_free(sim);
}

/* At one instant the last declared wins, whatever came first. */
static void the_last_declared_is_in_force(void **state)
{
    static const struct key_address a = {A, 32};
    struct sim *sim = new_sim(1);
    struct link links[2];
    struct route_table t;
    struct route early, late;
    const struct route_params early_from = from_to(SEC(2), SIM_NEVER),
                              late_from = from_to(SEC(1), SIM_NEVER);
    route_table_init(&t, sim);
    route_init(&early, &t, "early", &early_from, &a, 1, &links[0]);
    route_init(&late, &t, "late", &late_from, &a, 1, &links[1]);
    sim_run_until(sim, SEC(3));
    check_true("declared later, came earlier", route_via(&t, ip4(A)) == &links[1]);
    sim_free(sim);
}

static void a_route_must_come_before_it_goes(void **state)
{
    const struct route_params good = from_to(SEC(1), SEC(2)), bad = from_to(SEC(1), SEC(1));
    check_true("comes, goes", route_check(&good).sentence == NULL);
    check_true("at once", route_check(&bad).sentence != NULL);
    check_str("its key", route_check(&bad).key, "until");
}

/* ---- against a list that is searched from end to end */

enum { N_OWN = 300, N_ROUTES = 60, N_LINKS = 8, N_ASKED = 2000 };

struct plain_row {
    struct key_address to;
    const struct link *via;
    sim_time at, until;
    bool is_own;
};

static bool bit_of(const struct key_address *a, int i)
{
    const uint32_t words[] = {a->high[0], a->high[1], a->high[2], a->low};
    const int at = a->is_ipv6 ? i : 96 + i;
    return words[at / 32] >> (31 - at % 32) & 1;
}

static bool plain_holds(const struct key_address *prefix, const struct key_address *a)
{
    bool holds = prefix->is_ipv6 == a->is_ipv6;
    for (int i = 0; i < prefix->prefix_bits && holds; i++)
        holds = bit_of(prefix, i) == bit_of(a, i);
    return holds;
}

/* Of the rows that hold a now the longest; of these a configured one, the last; else the
 * first. */
static const struct link *plain_via(const struct plain_row *rows, int n,
                                    const struct key_address *a, sim_time now)
{
    const struct plain_row *best = NULL;
    for (int i = 0; i < n; i++) {
        const struct plain_row *r = &rows[i];
        if (!plain_holds(&r->to, a) || now < r->at || now >= r->until)
            continue;
        if (best == NULL || r->to.prefix_bits > best->to.prefix_bits ||
            (r->to.prefix_bits == best->to.prefix_bits && !r->is_own))
            best = r;
    }
    return best == NULL ? NULL : best->via;
}

/* Few bits vary, so that prefixes nest and repeat. */
static uint32_t random_word(struct rng *r)
{
    return (uint32_t)rng_below(r, 4) << 30 | (uint32_t)rng_below(r, 3) << 16 |
           (uint32_t)rng_below(r, 8);
}

static struct key_address random_address(struct rng *r)
{
    struct key_address a = {.low = random_word(r), .prefix_bits = 32};
    if (rng_below(r, 2) == 0)
        return a;
    a.is_ipv6 = true;
    a.prefix_bits = 128;
    for (int i = 0; i < 3; i++) /* most are in one network */
        a.high[i] = rng_below(r, 4) == 0 ? random_word(r) : 0xc0000000;
    return a;
}

static struct key_address random_prefix(struct rng *r)
{
    const struct key_address a = random_address(r);
    return address_cut(a, (unsigned)rng_below(r, address_bits(a) + 1));
}

static void a_table_is_a_list_that_is_searched_fast(void **state)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sim *sim = new_sim(seed);
        struct rng r = sim_rng(sim, "test");
        struct link links[N_LINKS];
        struct plain_row rows[N_OWN + N_ROUTES];
        struct route routes[N_ROUTES];
        struct route_table t;
        int n = 0, n_found[2] = {0};
        route_table_init(&t, sim);
        for (; n < N_OWN; n++) {
            rows[n] = (struct plain_row){random_prefix(&r), &links[rng_below(&r, N_LINKS)], 0,
                                         SIM_NEVER, true};
            route_table_add(&t, rows[n].to, (struct link *)rows[n].via);
        }
        for (int i = 0; i < N_ROUTES; i++, n++) {
            const sim_time at = MS(rng_below(&r, 1000));
            const sim_time until = at + MS(1 + rng_below(&r, 500));
            struct link *via = rng_below(&r, 4) == 0 ? NULL : &links[rng_below(&r, N_LINKS)];
            const struct route_params params = from_to(at, until);
            rows[n] = (struct plain_row){random_prefix(&r), via, at, until, false};
            route_init(&routes[i], &t, "route", &params, &rows[n].to, 1, via);
        }
        for (int i = 0; i < N_ASKED; i++) {
            const struct key_address asked = random_address(&r);
            sim_run_until(sim, MS(i));
            const struct link *via = route_via(&t, address_intern(sim, asked));
            const struct link *want = plain_via(rows, n, &asked, sim->now);
            check_eq("the same", via == NULL ? -1 : via - links,
                     want == NULL ? -1 : want - links);
            n_found[asked.is_ipv6] += via != NULL;
        }
        for (int v = 0; v < 2; v++)
            check_true("many have a way, of either version", n_found[v] > N_ASKED / 20);
        sim_free(sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_prefix_wins),
        cmocka_unit_test(routes_come_and_go),
        cmocka_unit_test(the_last_declared_is_in_force),
        cmocka_unit_test(a_route_must_come_before_it_goes),
        cmocka_unit_test(a_table_is_a_list_that_is_searched_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
