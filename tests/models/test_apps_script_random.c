/* SPDX-License-Identifier: GPL-3.0-or-later
 * Scripts drawn at random: polite ones, of which everything must arrive, and any calls at any
 * time, after which nothing may be left over.
 */
#include "tests/models/script_pair.h"

enum { N_RANDOM = 1000 };

/* Opens, sends at random moments once the connection is surely there, shuts down, closes long
 * after. */
static struct side polite_side(struct rng *rng, int which, int64_t *n_sent)
{
    struct side side = {true,
                        {{.call = "listen", .port = 80}, {.call = "accept", .returns = "0"}}};
    sim_time at = SEC(300);
    int n = 2;

    if (which == CLIENT) {
        side.steps[0] = (struct script_step){.call = "connect", .returns = "0"};
        n = 1;
    }
    *n_sent = 0;
    for (int i = (int)rng_below(rng, 6); i >= 0; i--) {
        const int64_t bytes = 1 + (int64_t)rng_below(rng, 20000);
        at += (sim_time)rng_below(rng, SEC(1));
        side.steps[n++] = (struct script_step){.at = at, .call = "send", .bytes = bytes};
        *n_sent += bytes;
    }
    side.steps[n++] =
        (struct script_step){.at = at, .call = "shutdown", .how = "wr", .returns = "0"};
    side.steps[n] = (struct script_step){.at = SEC(9000), .call = "close"};
    return side;
}

/* Over links that lose up to a fifth: all bytes of both arrive once and in order, and then the
 * end, or the connection is reported broken. (A buffer of 128 KiB takes all that a side sends,
 * so that shutdown() cuts nothing off.) */
static void random_conversations(void **state)
{
    struct rng rng;
    int n_broken = 0;

    rng_init(&rng, 1, "conversations");
    for (int round = 0; round < N_RANDOM; round++) {
        char story[40];
        int64_t n_sent[N_HOSTS];
        const struct side client = polite_side(&rng, CLIENT, &n_sent[CLIENT]);
        const struct side server = polite_side(&rng, SERVER, &n_sent[SERVER]);
        struct pair p;
        snprintf(story, sizeof story, "conversation %d", round);
        pair_with(&p, &client, &server, (int64_t)rng_below(&rng, FRACTION_ONE / 5));
        sim_run_until(p.world.sim, SEC(10000));
        const bool broken = p.apps[CLIENT]->n_errors + p.apps[SERVER]->n_errors > 0;
        n_broken += broken;
        for (int i = 0; i < N_HOSTS && !broken; i++) {
            check_all_verified(story, p.apps[i], n_sent[1 - i]);
            check_true(story, metric_of(&p, i, "eof_at") < SEC(9000));
            check_eq(story, metric_of(&p, i, "mismatches"), 0);
        }
        world_free(&p.world);
    }
    check_true("nearly all get through",
               n_broken <= N_RANDOM / 100); /* 9 losses in a row at 20 %: 5e-7 a segment */
}

/* Any call at any time. */
static struct side random_side(struct rng *rng, int which)
{
    static const struct script_step calls[] = {
        {.call = "accept"},
        {.call = "connect", .port = 80},
        {.call = "connect", .port = 80, .local_port = 80},
        {.call = "send", .bytes = 1},
        {.call = "send", .bytes = 1},
        {.call = "send", .bytes = 1},
        {.call = "shutdown", .how = "rd"},
        {.call = "shutdown", .how = "wr"},
        {.call = "shutdown", .how = "rdwr"},
        {.call = "close"},
        {.call = "abort"},
        {.call = "error"},
        {.call = "recv", .bytes = 1}, /* the last: not with read: yes */
    };
    struct side side = {rng_chance(rng, 0.7),
                        {{.call = which == CLIENT ? "connect" : "listen", .port = 80},
                         {.call = which == CLIENT ? "error" : "accept"}}};

    for (int i = 2; i < MAX_STEPS; i++) {
        struct script_step *step = &side.steps[i];
        *step = calls[rng_below(rng, ARRAY_LEN(calls) - side.read)];
        step->at = step[-1].at + (sim_time)rng_below(rng, 5) * MS(5);
        step->bytes *= 1 + (int64_t)rng_below(rng, 5000);
    }
    return side;
}

/* How it ends is open, but no byte is ever wrong, and nothing is left over. */
static void random_calls(void **state)
{
    struct rng rng;
    int64_t verified = 0;

    rng_init(&rng, 2, "calls");
    for (int round = 0; round < 10 * N_RANDOM; round++) {
        char story[40];
        const struct side client = random_side(&rng, CLIENT),
                          server = random_side(&rng, SERVER);
        struct pair p;
        snprintf(story, sizeof story, "calls %d", round);
        pair_with(&p, &client, &server, (int64_t)rng_below(&rng, FRACTION_ONE / 5));
        sim_run_until(p.world.sim, SEC(1000));
        for (int i = 0; i < N_HOSTS; i++) {
            check_all_verified(story, p.apps[i], p.apps[i]->bytes_verified);
            verified += p.apps[i]->bytes_verified;
        }
        world_free(&p.world);
    }
    check_true("some get somewhere", verified > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_conversations),
        cmocka_unit_test(random_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
