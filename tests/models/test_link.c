/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/link.h"

#include "tests/models/seg_log.h"

static const int64_t ANY = UNIT_UNLIMITED;

/* Rows: 10 ms delay. Times derived by hand: a 1000 B packet at 8 Mbit/s takes 1 ms. */
static const struct row {
    const char *story;
    int64_t rate_bps, queue_packets, queue_bytes;
    struct {
        sim_time at;
        uint32_t bytes; /* 0 ends */
    } send[5];
    sim_time arrive_at[5]; /* 0: nothing more arrives */
    int64_t n_queue_drops;
} rows[] = {
    {"the second waits its turn", 8000000, 1, ANY, {{0, 1000}, {0, 1000}}, {MS(11), MS(12)}, 0},
    {"the third finds no room",
     8000000,
     1,
     ANY,
     {{0, 1000}, {0, 1000}, {0, 1000}},
     {MS(11), MS(12)},
     1},
    {"room again once one departs",
     8000000,
     1,
     ANY,
     {{0, 1000}, {0, 1000}, {MS(1), 1000}},
     {MS(11), MS(12), MS(13)},
     0},
    {"a nanosecond before it departs there is none",
     8000000,
     1,
     ANY,
     {{0, 1000}, {0, 1000}, {MS(1) - 1, 1000}, {MS(1), 1000}},
     {MS(11), MS(12), MS(13)},
     1},
    {"no queue: the wire alone",
     8000000,
     0,
     ANY,
     {{0, 1000}, {MS(1) - 1, 1000}, {MS(1), 1000}},
     {MS(11), MS(12)},
     1},
    {"an idle wire sends at once",
     8000000,
     1,
     ANY,
     {{0, 1000}, {MS(5), 1000}},
     {MS(11), MS(16)},
     0},
    {"bytes that wait: 1000 + 600 is too much, 1000 + 500 is not",
     8000000,
     ANY,
     1500,
     {{0, 1000}, {0, 1000}, {0, 600}, {0, 500}},
     {MS(11), MS(12), MS(12) + US(500)},
     1},
    {"bytes on the wire do not wait", 8000000, ANY, 0, {{0, 9000}, {0, 1}}, {MS(19)}, 1},
    {"both limits hold",
     8000000,
     1,
     1500,
     {{0, 1000}, {0, 100}, {0, 100}},
     {MS(11), MS(11) + US(100)},
     1},
    {"never faster than the rate", 3000000, 1, ANY, {{0, 1}}, {MS(10) + 2667}, 0}, /* 8/3 us */
    {"a full 64 kB at the slowest rate",
     100,
     1,
     ANY,
     {{0, 65535}},
     {SEC(5242) + MS(810)},
     0}, /* 524280 bit / 100 */
    {"unlimited: delay alone, in order",
     ANY,
     0,
     0,
     {{0, 9000}, {0, 9001}},
     {MS(10), MS(10)},
     0},
};

static void link_delivers(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct tap tap = tap_to(sim);
        const struct link_params params = {r->rate_bps, dist_constant(MS(10)), r->queue_packets,
                                           r->queue_bytes};
        struct link l;
        link_init(&l, sim, "a->b", &params, &tap.sink);
        for (size_t i = 0; i < ARRAY_LEN(r->send) && r->send[i].bytes != 0; i++) {
            sim_run_until(sim, r->send[i].at);
            link_send(&l, packet_new(sim, r->send[i].bytes));
        }
        sim_run_until(sim, SIM_NEVER);
        size_t n = 0;
        while (n < ARRAY_LEN(r->arrive_at) && r->arrive_at[n] != 0)
            n++;
        check_eq(r->story, tap.n, n);
        for (size_t i = 0; i < n; i++)
            check_eq(r->story, tap.at[i], r->arrive_at[i]);
        for (size_t i = 1; i < n; i++)
            check_true(r->story, tap.packets[i - 1].id < tap.packets[i].id);
        check_eq(r->story, l.n_queue_drops, r->n_queue_drops);
        check_eq(r->story, l.n_delivered, n);
        check_eq(r->story, link_books(&l), 0);
        check_eq(r->story, sim->live_packets, 0);
        sim_free(sim);
    }
}

static void a_lost_packet_takes_its_time(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct seg_log log = seg_log_new();
    sim_listen(sim, &log.listener);
    struct link l;
    link_init(&l, sim, "a->b",
              &(struct link_params){8000000, dist_constant(MS(10)), 1, ANY,
                                    loss_bernoulli(FRACTION_ONE)},
              &tap.sink);
    for (int i = 0; i < 3; i++)
        link_send(&l, packet_new(sim, 1000));
    sim_run_until(sim, SIM_NEVER);
    check_str("a full queue drops at once, the wire when the last bit would have come",
              log.text, "drop3@0(queue) drop1@11(loss) drop2@12(loss)");
    check_eq("lost", l.n_lost, 2);
    check_eq("in the queue", l.n_queue_drops, 1);
    check_eq("nothing lives", sim->live_packets, 0);
    sim_free(sim);
}

/* Which of 1000 packets of a link are lost, as a string of 0 and 1. */
static void losses(const char *name, uint64_t seed, char out[1001])
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
    struct tap tap = tap_to(sim);
    struct link l;
    link_init(&l, sim, name,
              &(struct link_params){ANY, dist_constant(MS(10)), ANY, ANY,
                                    loss_bernoulli(FRACTION_ONE / 10)},
              &tap.sink);
    for (int i = 0; i < 1000; i++) {
        const int64_t before = l.n_lost;
        link_send(&l, packet_new(sim, 1000));
        sim_run_until(sim, MS(10 * (i + 1)));
        out[i] = l.n_lost > before ? '1' : '0';
    }
    out[1000] = '\0';
    sim_free(sim);
}

static void loss_has_a_stream_of_its_own(void **state)
{
    char a[1001], again[1001], other_link[1001], other_seed[1001];
    losses("a->b", 1, a);
    losses("a->b", 1, again);
    losses("b->a", 1, other_link);
    losses("a->b", 2, other_seed);
    check_str("the same seed, the same losses", again, a);
    check_true("another link, other losses", strcmp(a, other_link) != 0);
    check_true("another seed, other losses", strcmp(a, other_seed) != 0);
}

/* 20,000 draws at 10 %: mean 2000, standard deviation sqrt(20000 x 0.1 x 0.9) = 42.4; five of
 * them are 212. */
static void loss_is_bernoulli(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link l;
    link_init(&l, sim, "a->b",
              &(struct link_params){ANY, {0}, ANY, ANY, loss_bernoulli(FRACTION_ONE / 10)},
              &tap.sink);
    for (int i = 0; i < 20000; i++)
        link_send(&l, packet_new(sim, 40));
    sim_run_until(sim, SIM_NEVER);
    check_true("at least", l.n_lost > 2000 - 212);
    check_true("at most", l.n_lost < 2000 + 212);
    check_eq("one draw a packet", l.impair->loss.fate.n, 20000);
    sim_free(sim);
}

static void a_full_queue_draws_too(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link l;
    link_init(&l, sim, "a->b",
              &(struct link_params){8000000, dist_constant(MS(10)), 0, ANY,
                                    loss_bernoulli(FRACTION_ONE / 10)},
              &tap.sink);
    for (int i = 0; i < 100; i++)
        link_send(&l, packet_new(sim, 1000));
    check_eq("99 found no room", l.n_queue_drops, 99);
    check_eq("100 drew", l.impair->loss.fate.n, 100);
    link_drain(&l);
    sim_free(sim);
}

static void late_ones_come_by_time_then_id(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct seg_log log = seg_log_new();
    sim_listen(sim, &log.listener);
    struct link l;
    link_init(&l, sim, "a->b", &(struct link_params){ANY, dist_constant(MS(10)), ANY, ANY},
              &tap.sink);
    struct packet *p[6];
    for (int i = 0; i < 6; i++)
        p[i] = packet_new(sim, 40);
    link_send_late(&l, p[3], MS(10));
    link_send_late(&l, p[4], MS(10));
    link_send_late(&l, p[1], MS(12));
    link_send_late(&l, p[2], MS(10));
    link_send_late(&l, p[0], MS(7));
    link_send(&l, p[5]);
    sim_run_until(sim, SIM_NEVER);
    check_str("the flight is first among equals", log.text,
              "recv1@7 recv6@10 recv3@10 recv4@10 recv5@10 recv2@12");
    check_eq("nothing lives", sim->live_packets, 0);
    sim_free(sim);
}

static void what_is_inside_at_the_end_is_dropped(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct seg_log log = seg_log_new();
    sim_listen(sim, &log.listener);
    struct link l;
    link_init(&l, sim, "a->b",
              &(struct link_params){8000000, dist_constant(MS(10)), ANY, ANY,
                                    loss_bernoulli(FRACTION_ONE)},
              &tap.sink);
    for (int i = 0; i < 3; i++)
        link_send(&l, packet_new(sim, 1000));
    sim_run_until(sim, MS(11));
    link_send_late(&l, packet_new(sim, 1000), MS(20));
    l.n_sent++;
    link_drain(&l);
    check_str("on the wire, waiting and late", log.text,
              "drop1@11(loss) drop2@11(end) drop3@11(end) drop4@11(end)");
    check_eq("inside", link_books(&l), 0);
    check_eq("nothing lives", sim->live_packets, 0);
    sim_free(sim);
}

/* A tap that sends the next packet into the same link from within recv. */
struct echo {
    struct sink sink; /* first */
    struct link *link;
    int left;
};

static void echo_recv(struct sink *sink, struct packet *p)
{
    struct echo *e = CONTAINER_OF(sink, struct echo, sink);
    if (e->left-- > 0)
        link_send(e->link, p);
    else
        packet_free(e->link->sim, p);
}

static void a_receiver_may_send_at_once(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct link l;
    struct echo echo = {{echo_recv}, &l, 5};
    link_init(&l, sim, "a->a", &(struct link_params){8000000, dist_constant(MS(10)), 0, ANY},
              &echo.sink);
    link_send(&l, packet_new(sim, 1000));
    sim_run_until(sim, MS(66));
    check_eq("six trips of 11 ms", l.n_delivered, 6);
    check_eq("nothing lives", sim->live_packets, 0);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_delivers),
        cmocka_unit_test(a_lost_packet_takes_its_time),
        cmocka_unit_test(loss_has_a_stream_of_its_own),
        cmocka_unit_test(loss_is_bernoulli),
        cmocka_unit_test(a_full_queue_draws_too),
        cmocka_unit_test(late_ones_come_by_time_then_id),
        cmocka_unit_test(what_is_inside_at_the_end_is_dropped),
        cmocka_unit_test(a_receiver_may_send_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
