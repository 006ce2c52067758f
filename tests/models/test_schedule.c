/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_schedule.c -- a link that changes while packets are on it: down and up, rate, delay,
 * loss; flapping. Times by hand: a 1000 B packet at 8 Mbit/s takes 1 ms, the delay is 10 ms.
 */
#include "models/fault.h"

#include <math.h>

#include "tests/models/seg_log.h"

static const int64_t ANY = UNIT_UNLIMITED;

struct row {
    const char *story;
    int64_t rate_bps;
    struct link_step steps[4]; /* state NULL ends */
    struct {
        sim_time at;
        int n;
    } send[4]; /* n packets of 1000 B; 0 ends */
    int64_t duplicate;
    const char *log;
};

static void run_case(const struct row *c)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct seg_log log = seg_log_new();
    struct link l;
    struct link_step steps[4];
    int n_steps = 0;
    for (; n_steps < 4 && c->steps[n_steps].state != NULL; n_steps++)
        steps[n_steps] = c->steps[n_steps];
    struct link_params params = {c->rate_bps, dist_constant(MS(10)), ANY, ANY};
    params.schedule = (struct key_list){steps, n_steps};
    params.duplicate = c->duplicate;
    assert_null(link_check(&params).sentence);
    sim_listen(sim, &log.listener);
    link_init(&l, sim, "a->b", &params, &tap.sink);
    for (size_t i = 0; i < ARRAY_LEN(c->send) && c->send[i].n != 0; i++) {
        sim_run_until(sim, c->send[i].at);
        for (int k = 0; k < c->send[i].n; k++)
            link_send(&l, packet_new(sim, 1000));
    }
    sim_run_until(sim, SEC(1));
    check_str(c->story, log.text, c->log);
    check_eq(c->story, l.n_waiting, 0);
    check_eq(c->story, l.waiting_bytes, 0);
    check_eq(c->story, link_books(&l), 0);
    check_eq(c->story, sim->live_packets, 0);
    sim_free(sim);
}

static void changes_do_to_packets(void **state)
{
    const struct key_variant ms2 = dist_constant(MS(2)), all = loss_bernoulli(FRACTION_ONE),
                             none = loss_bernoulli(0);
    const struct row cases[] = {
        {"down: the one on the wire and those that wait are dropped, what has left arrives",
         8000000,
         {{US(2500), "down"}, {MS(5), "up"}},
         {{0, 4}, {MS(3), 1}, {MS(6), 1}},
         0,
         "drop3@2.5(down) drop4@2.5(down) drop5@3(down) recv1@11 recv2@12 recv6@17"},
        {"the wire is free again at once",
         8000000,
         {{US(500), "down"}, {US(600), "up"}},
         {{0, 2}, {US(700), 1}},
         0,
         "drop1@0.5(down) drop2@0.5(down) recv3@11.7"},
        {"a change comes before the last bit of its instant",
         8000000,
         {{MS(1), "down"}},
         {{0, 1}},
         0,
         "drop1@1(down)"},
        {"without a rate all have left at once",
         ANY,
         {{MS(1), "down"}, {MS(2), "up"}},
         {{0, 1}, {MS(1), 1}, {MS(2), 1}},
         0,
         "drop2@1(down) recv1@10 recv3@12"},
        {"down from the start", ANY, {{0, "down"}}, {{0, 1}}, 0, "drop1@0(down)"},
        {"half the rate: half of the first is left, 1 ms of it now, then 2 ms",
         8000000,
         {{US(500), "same", 4000000}},
         {{0, 2}},
         0,
         "recv1@11.5 recv2@13.5"},
        {"and twice the rate",
         8000000,
         {{US(500), "same", 16000000}},
         {{0, 3}},
         0,
         "recv1@10.75 recv2@11.25 recv3@11.75"},
        {"two changes of one packet",
         8000000,
         {{US(250), "same", 4000000}, {US(750), "same", 8000000}},
         {{0, 1}},
         0,
         "recv1@11.25"}, /* 2 of 8 kbit in 250 us, 2 in 500 us, 4 in 500 us */
        {"no rate: all that wait leave now",
         8000000,
         {{US(500), "same", UNIT_UNLIMITED}},
         {{0, 3}, {MS(1), 1}},
         0,
         "recv1@10.5 recv2@10.5 recv3@10.5 recv4@11"},
        {"a rate where there was none",
         ANY,
         {{MS(1), "same", 8000000}},
         {{0, 2}, {MS(2), 2}},
         0,
         "recv1@10 recv2@10 recv3@13 recv4@14"},
        {"a copy goes with its original",
         8000000,
         {{US(500), "same", 4000000}},
         {{0, 2}},
         FRACTION_ONE,
         "dup2<1@0(duplicate) dup4<3@0(duplicate) recv1@11.5 recv2@11.5 recv3@13.5 "
         "recv4@13.5"},
        {"down with it too",
         8000000,
         {{MS(1) + 1, "down"}},
         {{0, 2}},
         FRACTION_ONE,
         "dup2<1@0(duplicate) dup4<3@0(duplicate) drop3@1.000001(down) "
         "drop4@1.000001(down) recv1@11 recv2@11"},
        {"a shorter way overtakes",
         ANY,
         {{MS(1), "same", 0, ms2}},
         {{0, 1}, {MS(1), 1}},
         0,
         "recv2@3 recv1@10"},
        {"what waits keeps the delay that it was sent with",
         8000000,
         {{US(500), "same", 0, ms2}},
         {{0, 2}, {MS(1), 1}},
         0,
         "recv3@5 recv1@11 recv2@12"},
        {"a bad minute",
         ANY,
         {{MS(1), "same", .loss = all}, {MS(2), "same", .loss = none}},
         {{0, 1}, {MS(1), 1}, {MS(2), 1}},
         0,
         "recv1@10 drop2@11(loss) recv3@12"},
        {"several at one time, in order",
         ANY,
         {{MS(1), "down"}, {MS(1), "up"}, {MS(1), "same", .delay = ms2}},
         {{MS(1), 1}},
         0,
         "recv1@3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        run_case(&cases[i]);
}

/* Up 2 ms, down 1 ms: down in [2, 3), [5, 6), ... A packet each half millisecond. */
static void flapping_goes_on(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link l;
    struct link_params params = {ANY, dist_constant(MS(10)), ANY, ANY};
    params.flap = (struct flap_params){dist_constant(MS(2)), dist_constant(MS(1))};
    link_init(&l, sim, "a->b", &params, &tap.sink);
    for (int i = 0; i < 60; i++) {
        sim_run_until(sim, US(500) * i);
        check_eq("up or down", l.is_up, i % 6 < 4);
        link_send(&l, packet_new(sim, 1000));
    }
    sim_run_until(sim, MS(100));
    check_eq("two in three", l.n_delivered, 40);
    check_eq("one in three", l.n_down_drops, 20);
    check_eq("books", link_books(&l), 0);
    sim_free(sim);
}

/* `never` is no instant to add to: the link goes down at 2 ms and stays there. */
static void flapping_may_end(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link l;
    struct link_params params = {ANY, dist_constant(MS(10)), ANY, ANY};
    params.flap = (struct flap_params){dist_constant(MS(2)), dist_constant(SIM_NEVER)};
    assert_null(link_check(&params).sentence);
    link_init(&l, sim, "a->b", &params, &tap.sink);
    sim_run_until(sim, MS(2) - 1);
    check_eq("up at first", l.is_up, true);
    sim_run_until(sim, SEC(86400));
    check_eq("down for good", l.is_up, false);
    sim_free(sim);
}

/* A normal wait without mean and spread is always 0: down at 1 ms, and up 1 ns later. */
static void no_time_is_a_nanosecond(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link l;
    struct link_params params = {ANY, dist_constant(MS(10)), ANY, ANY};
    params.flap = (struct flap_params){dist_constant(MS(1)), {.variant = &DIST_KINDS[2]}};
    check_str("the kind", params.flap.down.variant->name, "normal");
    link_init(&l, sim, "a->b", &params, &tap.sink);
    sim_run_until(sim, MS(1));
    check_eq("down", l.is_up, false);
    sim_run_until(sim, MS(1) + 1);
    check_eq("and up", l.is_up, true);
    sim_free(sim);
}

/* Half of 1 ms at 8 Mbit/s is left: at 3 Mbit/s 1,333,333.3 ns, and never less than that. */
static void what_is_left_is_rounded_up(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link l;
    struct link_step slower = {US(500), "same", .rate_bps = 3000000};
    struct link_params params = {8000000, dist_constant(MS(10)), ANY, ANY};
    params.schedule = (struct key_list){&slower, 1};
    link_init(&l, sim, "a->b", &params, &tap.sink);
    link_send(&l, packet_new(sim, 1000));
    sim_run_until(sim, MS(10) + US(500) + 1333333);
    check_eq("not yet", l.n_delivered, 0);
    sim_run_until(sim, MS(10) + US(500) + 1333334);
    check_eq("now", l.n_delivered, 1);
    sim_free(sim);
}

static struct key_variant exponential(sim_time mean)
{
    struct key_variant d = {.variant = &DIST_KINDS[3]};
    memcpy(d.params, &mean, sizeof(mean));
    assert_string_equal(d.variant->name, "exponential");
    return d;
}

/* Exponential, 30 ms up and 10 ms down on average: a packet finds it up with 3/4. The share of
 * a time T has the variance 2 p (1 - p) tau / T with tau = 30 x 10 / 40 = 7.5 ms (an
 * alternating renewal process: covariance p (1 - p) exp(-t / tau)). */
static void flapping_at_random_is_up_as_often_as_told(void **state)
{
    enum { N = 100000 };
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
        struct tap tap = tap_to(sim);
        struct link l;
        struct link_params params = {ANY, dist_constant(MS(10)), ANY, ANY};
        params.flap = (struct flap_params){exponential(MS(30)), exponential(MS(10))};
        link_init(&l, sim, "a->b", &params, &tap.sink);
        for (int i = 0; i < N; i++) {
            sim_run_until(sim, MS(1) * i);
            link_send(&l, packet_new(sim, 1000));
        }
        const double se = sqrt(2 * 0.75 * 0.25 * 7.5 / N);
        const double up = 1 - (double)l.n_down_drops / N;
        check_true("three in four", fabs(up - 0.75) < 4 * se);
        link_drain(&l);
        sim_free(sim);
    }
}

/* What a fault holds is let out onto a link that is down, or too old. */
static void released_onto_a_link_that_changed(void **state)
{
    static const struct {
        const char *story;
        struct link_step step;
        sim_time lifetime;
        const char *log;
    } rows[] = {
        {"down", {MS(3), "down"}, 0, "hold1@0(fault:f) release1@5(fault:f) drop1@5(down)"},
        {"too old",
         {MS(3), "same"},
         MS(14),
         "hold1@0(fault:f) release1@5(fault:f) drop1@15(lifetime)"},
        {"old enough to arrive",
         {MS(3), "same"},
         MS(15),
         "hold1@0(fault:f) release1@5(fault:f) recv1@15"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct tap tap = tap_to(sim);
        struct seg_log log = seg_log_new();
        struct link l;
        struct fault f;
        struct link_step step = rows[i].step;
        struct link_params params = {ANY, dist_constant(MS(10)), ANY, ANY};
        params.schedule = (struct key_list){&step, 1};
        params.lifetime = rows[i].lifetime;
        sim_listen(sim, &log.listener);
        link_init(&l, sim, "a->b", &params, &tap.sink);
        fault_init(&f, sim, "f",
                   &(struct fault_params){.match = {.nth = 1, .count = 1, .data = "any"},
                                          .hold = {.until = {"user", "CLOSED"}}},
                   &l);
        link_send(&l, packet_new(sim, 1000));
        sim_run_until(sim, MS(5));
        fault_fire(&f);
        sim_run_until(sim, SEC(1));
        check_str(rows[i].story, log.text, rows[i].log);
        check_eq(rows[i].story, link_books(&l), 0);
        sim_free(sim);
    }
}

/* A run goes on from a snapshot as it went. */
static void a_changing_link_can_be_copied(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link *l = sim_alloc(sim, sizeof(*l));
    struct link_params params = {8000000, exponential(MS(10)), 3, ANY,
                                 loss_bernoulli(FRACTION_ONE / 10)};
    params.flap = (struct flap_params){exponential(MS(30)), exponential(MS(10))};
    link_init(l, sim, "a->b", &params, &tap.sink);
    for (int i = 0; i < 40; i++)
        link_send(l, packet_new(sim, 100));
    sim_run_until(sim, MS(2));
    struct snapshot s;
    int64_t n_delivered[2], n_changes[2];
    assert_int_equal(sim_snapshot(sim, &s), 0);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 1000; i++) {
            sim_run_until(sim, MS(3) + US(700) * i);
            link_send(l, packet_new(sim, 1000));
        }
        n_delivered[turn] = l->n_delivered;
        n_changes[turn] = l->n_down_drops;
        if (turn == 0)
            sim_restore(sim, &s);
    }
    check_eq("delivered", n_delivered[1], n_delivered[0]);
    check_eq("dropped", n_changes[1], n_changes[0]);
    check_true("it flapped", n_changes[0] > 0);
    link_drain(l);
    check_eq("books", link_books(l), 0);
    snapshot_free(&s);
    sim_free(sim);
}

static void what_does_not_go_together(void **state)
{
    struct link_step back[] = {{MS(2), "down"}, {MS(1), "up"}};
    struct link_params params = {ANY, dist_constant(MS(10)), ANY, ANY};
    params.schedule = (struct key_list){back, 2};
    struct misfit got = link_check(&params);
    check_str("back in time", got.key, "at");
    check_str("back in time", got.list, "schedule");
    check_eq("the second", got.item, 1);
    back[1].at = MS(2);
    assert_null(link_check(&params).sentence);
    back[1].state = "same";
    check_str("a step without a change", link_check(&params).key, "at");
    check_eq("the second", link_check(&params).item, 1);
    back[1].delay = dist_constant(LINK_DELAY_MAX);
    check_str("a year", link_check(&params).key, "delay");
    check_str("a year", link_check(&params).list, "schedule");
    back[1].delay = dist_constant(LINK_DELAY_MAX - 1);
    assert_null(link_check(&params).sentence);
    params.flap = (struct flap_params){dist_constant(MS(2)), dist_constant(MS(1))};
    check_str("two masters", link_check(&params).key, "state");
    params.schedule.n = 0;
    assert_null(link_check(&params).sentence);
    params.flap.down = dist_constant(0);
    check_str("no time down", link_check(&params).key, "flap");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_do_to_packets),
        cmocka_unit_test(flapping_goes_on),
        cmocka_unit_test(flapping_may_end),
        cmocka_unit_test(no_time_is_a_nanosecond),
        cmocka_unit_test(what_is_left_is_rounded_up),
        cmocka_unit_test(flapping_at_random_is_up_as_often_as_told),
        cmocka_unit_test(released_onto_a_link_that_changed),
        cmocka_unit_test(a_changing_link_can_be_copied),
        cmocka_unit_test(what_does_not_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
