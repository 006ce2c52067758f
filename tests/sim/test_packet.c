/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/packet.h"

#include "tests/check.h"

static void a_packet_comes_zeroed_and_numbered(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    sim_run_until(sim, MS(3));
    struct packet *p = packet_new(sim, 40);
    const struct packet want = {.born_at = MS(3), .bytes = 40, .id = 1};
    assert_memory_equal(p, &want, sizeof(want));
    memset(p, 0xff, sizeof(*p));
    p->options = 0;
    packet_free(sim, p);
    struct packet *again = packet_new(sim, 40);
    const struct packet next = {.born_at = MS(3), .bytes = 40, .id = 2};
    assert_memory_equal(again, &next, sizeof(next));
    check_eq("one cache line from its start", (uintptr_t)again % 64, 0);
    check_eq("alive", sim->live_packets, 1);
    packet_free(sim, again);
    check_eq("none alive", sim->live_packets, 0);
    sim_free(sim);
}

static void a_copy_has_options_of_its_own(void **state)
{
    static const uint8_t MSS[] = {2, 4, 5, 180}, NOPS[] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct packet *p = packet_new(sim, 44);
    p->seq = 7;
    p->next = p;
    packet_set_options(sim, p, MSS, sizeof(MSS));
    sim_run_until(sim, MS(1));
    struct packet *copy = packet_copy(sim, p);
    check_eq("an id of its own", copy->id, 2);
    check_eq("parent", copy->parent, p->id);
    check_eq("born when the original was", copy->born_at, 0);
    check_eq("in no list", copy->next == NULL, 1);
    check_eq("the rest is copied", copy->seq, 7);
    packet_set_options(sim, copy, NOPS, sizeof(NOPS));
    assert_memory_equal(packet_options(sim, p), MSS, sizeof(MSS));
    check_eq("length", p->options_len, 4);
    packet_free(sim, p);
    assert_memory_equal(packet_options(sim, copy), NOPS, sizeof(NOPS));
    check_eq("length", copy->options_len, 8);
    packet_set_options(sim, copy, NULL, 0);
    check_true("no options", packet_options(sim, copy) == NULL && copy->options_len == 0 &&
                                 copy->options == 0);
    packet_free(sim, copy);
    sim_free(sim);
}

/* Many packets with options come and go; each keeps its own, blocks are used again. */
static void option_blocks_do_not_mix(void **state)
{
    enum { N = 50, STEPS = 20000 };
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rng r = sim_rng(sim, "test");
    struct packet *packets[N] = {0};
    for (int step = 0; step < STEPS; step++) {
        const uint64_t i = rng_below(&r, N);
        uint8_t bytes[OPTION_BYTES];
        if (packets[i] != NULL) {
            const uint8_t *options = packet_options(sim, packets[i]);
            for (uint8_t k = 0; k < packets[i]->options_len; k++)
                check_eq("its own bytes", options[k], (uint8_t)(packets[i]->seq + k));
            packet_free(sim, packets[i]);
            packets[i] = NULL;
            continue;
        }
        packets[i] = packet_new(sim, 40);
        packets[i]->seq = (uint32_t)step;
        for (uint8_t k = 0; k < OPTION_BYTES; k++)
            bytes[k] = (uint8_t)(step + k);
        packet_set_options(sim, packets[i], bytes, (uint8_t)(4 * rng_below(&r, 11)));
    }
    check_true("blocks are used again", sim->n_option_blocks <= N);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_comes_zeroed_and_numbered),
        cmocka_unit_test(a_copy_has_options_of_its_own),
        cmocka_unit_test(option_blocks_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
