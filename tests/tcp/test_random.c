/* SPDX-License-Identifier: GPL-3.0-or-later
 * Random lives of connections: every byte once and in order, or the connection says that it is
 * broken.
 */
#include "tests/tcp/scenario.h"

#include <stdlib.h>

enum { N_SCENARIOS = 10000, N_SNAPSHOTS = 100 };

static void ten_thousand_lives(void **state)
{
    const char *one = getenv("SCENARIO"); /* to look into one that failed */
    const uint64_t first = one != NULL ? strtoull(one, NULL, 10) : 1;
    const uint64_t last = one != NULL ? first : N_SCENARIOS;
    struct scenario_tally tally = {0};
    for (uint64_t seed = first; seed <= last; seed++) {
        if (one != NULL)
            print_message("scenario %llu\n", (unsigned long long)seed);
        scenario_finish(scenario_new(seed, seed % 2 == 0), &tally);
    }
    print_message("%lld ends: %lld whole streams, %lld broken, %lld shut for reading; %lld "
                  "bytes, %lld retransmissions, %lld resets, %lld released\n",
                  (long long)tally.n_ends, (long long)tally.n_whole, (long long)tally.n_broken,
                  (long long)tally.n_shut_rd, (long long)tally.bytes_read,
                  (long long)tally.retransmissions, (long long)tally.resets,
                  (long long)tally.n_released);
    if (one == NULL) { /* else the lives were too dull to test anything */
        check_true("whole streams", tally.n_whole > tally.n_ends / 4);
        check_true("broken ones", tally.n_broken > tally.n_ends / 100);
        check_true("shut for reading", tally.n_shut_rd > tally.n_ends / 100);
        check_true("repeats", tally.retransmissions > N_SCENARIOS);
        check_true("resets", tally.resets > N_SCENARIOS / 100);
        check_true("held ones that came", tally.n_released > N_SCENARIOS / 10);
    }
}

/* A snapshot at a random event, run on, restore, run again: the same records. */
static void snapshots_repeat(void **state)
{
    struct scenario_tally tally = {0};
    for (uint64_t i = 0; i < 2 * N_SNAPSHOTS; i++) {
        const uint64_t seed = 1 + i / 2;
        const bool shuffle_ties = i % 2 == 1;
        struct scenario *s = scenario_new(seed, shuffle_ties);
        struct sim *sim = s->sim;
        struct rng r = {.key = i};
        for (uint64_t n = rng_below(&r, 2000); n > 0 && sim_step(sim, SEC(3600)); n--)
            ;
        struct snapshot shot;
        check_eq("snapshot", sim_snapshot(sim, &shot), 0);
        uint64_t hash[2], n_records[2];
        for (int run = 0; run < 2; run++) {
            struct digest d;
            digest_init(&d, REC_LIFE | REC_SEGMENT | REC_SAMPLE);
            sim_listen(sim, &d.listener);
            sim_run_until(sim, SEC(3600));
            hash[run] = d.hash;
            n_records[run] = d.n_records;
            sim_restore(sim, &shot);
        }
        check_eq("records of both runs", n_records[0], n_records[1]);
        check_true("the same digest", hash[0] == hash[1]);
        sim_listen(sim, NULL);
        snapshot_free(&shot);
        scenario_finish(s, &tally);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ten_thousand_lives),
                                       cmocka_unit_test(snapshots_repeat)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
