/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/slots.h"

#include "tests/check.h"

enum { N = 70000 }; /* past two levels of 64: 4096 and 262144 bits */

/* The reference: an array of flags, searched from the start. */
static bool taken[N];

static uint32_t lowest_free(void)
{
    uint32_t s = 0;
    while (s < N && taken[s])
        s++;
    return s;
}

static void the_lowest_free_number_is_taken(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 3});
    struct rng r = sim_rng(sim, "test");
    struct slots slots = {0};
    for (uint32_t i = 0; i < N; i++) {
        check_eq("nothing free: the next new one", slots_take(&slots, &sim->arena), i);
        taken[i] = true;
    }
    for (int round = 0; round < 60; round++) {
        for (uint64_t n = rng_below(&r, 200); n > 0; n--) {
            const uint32_t s = (uint32_t)rng_below(&r, round % 2 ? N : 200);
            if (taken[s])
                slots_give(&slots, s);
            taken[s] = false;
        }
        for (uint64_t n = rng_below(&r, 150); n > 0; n--) {
            const uint32_t want = lowest_free();
            if (want == N)
                break;
            check_eq("the lowest free", slots_take(&slots, &sim->arena), want);
            taken[want] = true;
        }
    }
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_lowest_free_number_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
