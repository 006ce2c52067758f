/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/schema.h"

#include <math.h>

#include "sim/level.h"
#include "tests/check.h"

struct thing {
    int64_t n, at;
    struct level ghosts;
};

static struct value mean_level(const struct sim *sim, const void *subject,
                               const struct metric *m)
{
    const struct thing *t = subject;
    return (struct value){
        .kind = VALUE_RATIO, .num = (int64_t)level_area(&t->ghosts, sim->now), .den = m->arg};
}

static const struct metric METRICS[] = {
    {"n", UNIT_COUNT, offsetof(struct thing, n), NULL, 0, "a count"},
    {"at", UNIT_TIME, offsetof(struct thing, at), NULL, 0, "an instant"},
    {"mean", UNIT_COUNT, 0, mean_level, 40, "mean level over 40 ns"},
};

static void metrics_read_their_subject(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct thing t = {.n = 3, .at = SIM_NEVER};
    level_add(&t.ghosts, 10, 2);  /* 2 from 10 to 25 */
    level_add(&t.ghosts, 25, -1); /* 1 from 25 on */
    sim_run_until(sim, 40);
    const struct value n = metric_value(sim, &METRICS[0], &t),
                       at = metric_value(sim, &METRICS[1], &t),
                       mean = metric_value(sim, &METRICS[2], &t);
    check_true("a count", n.kind == VALUE_INT && n.num == 3);
    check_eq("never: nothing", at.kind, VALUE_NONE);
    check_true("by its own function: 2 x 15 + 1 x 15",
               mean.kind == VALUE_RATIO && mean.num == 45 && mean.den == 40);
    check_eq("the highest level", t.ghosts.max, 2);
    t.at = 0;
    check_eq("the start is an instant", metric_value(sim, &METRICS[1], &t).kind, VALUE_INT);
    sim_free(sim);
}

/* clang-format off */
static const struct row {
    const char *story;
    struct value value;
    enum unit unit;
    double want;
} ROWS[] = {
    {"20 ms are 0.02 s to the last bit", {VALUE_INT, 20000000, 0, ""}, UNIT_TIME, 0.02},
    {"63 s", {VALUE_INT, INT64_C(63000000000), 0, ""}, UNIT_TIME, 63},
    {"bits per second", {VALUE_INT, 8000000, 0, ""}, UNIT_RATE, 8e6},
    {"bytes", {VALUE_INT, 10, 0, ""}, UNIT_BYTES, 10},
    {"1 %", {VALUE_INT, FRACTION_ONE / 100, 0, ""}, UNIT_FRACTION, 0.01},
    {"0.2/s", {VALUE_INT, PER_SECOND_ONE / 5, 0, ""}, UNIT_PER_TIME, 0.2},
    {"a ratio of counts", {VALUE_RATIO, 1, 4, ""}, UNIT_COUNT, 0.25},
    {"a mean time: 30 ms / 4", {VALUE_RATIO, 30000000, 4, ""}, UNIT_TIME, 0.0075},
};
/* clang-format on */

static void values_are_in_si_units(void **state)
{
    for (const struct row *r = ROWS; r < ROWS + ARRAY_LEN(ROWS); r++)
        check_true(r->story, value_number(&r->value, r->unit) == r->want);
    const struct value none = {0}, text = {.kind = VALUE_TEXT, .num = 1, .den = 1};
    check_true("none is no number", isnan(value_number(&none, UNIT_TIME)));
    check_true("a text is no number", isnan(value_number(&text, UNIT_NONE)));
}

static void sums_of_times_end_at_never(void **state)
{
    check_eq("plain", time_add(MS(1), MS(2)), MS(3));
    check_eq("never + a wait", time_add(SIM_NEVER, 1), SIM_NEVER);
    check_eq("a time + never", time_add(5, SIM_NEVER), SIM_NEVER);
    check_eq("past the end of time", time_add(SIM_NEVER - 5, 6), SIM_NEVER);
    check_eq("just before it", time_add(SIM_NEVER - 5, 4), SIM_NEVER - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_read_their_subject),
        cmocka_unit_test(values_are_in_si_units),
        cmocka_unit_test(sums_of_times_end_at_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
