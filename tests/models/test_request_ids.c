/* SPDX-License-Identifier: GPL-3.0-or-later
 * A request is new once, whatever else is asked in between, and however large its stream. */
#include "models/apps/request_ids.h"
#include "tests/check.h"

static void known_once(void **state)
{
    static const uint32_t STREAMS[] = {1, 15, 16, 17, 100000};
    struct sim *sim = sim_new(&(struct sim_params){.seed = 3});
    struct request_ids ids = {0};
    for (size_t i = 0; i < sizeof STREAMS / sizeof *STREAMS; i++) {
        assert_true(request_id_is_new(&ids, sim, STREAMS[i], 0));
        assert_true(request_id_is_new(&ids, sim, STREAMS[i], 1));
    }
    for (size_t i = 0; i < sizeof STREAMS / sizeof *STREAMS; i++) {
        assert_false(request_id_is_new(&ids, sim, STREAMS[i], 0));
        assert_false(request_id_is_new(&ids, sim, STREAMS[i], 1));
        assert_true(request_id_is_new(&ids, sim, STREAMS[i], 2));
    }
    assert_true(request_id_is_new(&ids, sim, 18, 0));
    sim_free(sim);
}

static void nobody_is_always_new(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 3});
    struct request_ids ids = {0};
    assert_true(request_id_is_new(&ids, sim, 0, 0));
    assert_true(request_id_is_new(&ids, sim, 0, 0));
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_once),
        cmocka_unit_test(nobody_is_always_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
