/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/udp.h"

#include "models/apps/cbr.h"
#include "models/apps/udp_sink.h"
#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

#include <errno.h>

enum { N_KEPT = 4 };

/* A user that keeps what it is told. */
struct reader {
    struct udp_user user; /* first */
    struct sim *sim;
    int n, n_errors, error;
    sim_time at[N_KEPT];
    struct packet kept[N_KEPT];
};

static void keep(struct udp_user *user, struct udp_socket *s, const struct packet *p)
{
    struct reader *r = (struct reader *)user;

    assert_true(r->n < N_KEPT);
    r->at[r->n] = r->sim->now;
    r->kept[r->n++] = *p;
}

static void keep_error(struct udp_user *user, struct udp_socket *s, int error)
{
    struct reader *r = (struct reader *)user;

    r->n_errors++;
    r->error = error;
}

static struct reader reader_of(const struct world *w)
{
    return (struct reader){.user = {keep, keep_error}, .sim = w->sim};
}

static void datagrams_know_who_they_are(void **state)
{
    const char *story = "two datagrams";
    struct world w = world_new();
    struct reader here = reader_of(&w), there = reader_of(&w);
    struct udp_socket *from, *to;

    assert_int_equal(udp_bind(w.hosts[CLIENT].udp, 5000, &here.user, &from), 0);
    assert_int_equal(udp_bind(w.hosts[SERVER].udp, 53, &there.user, &to), 0);
    assert_int_equal(udp_send(from, (struct tcp_addr){w.hosts[SERVER].addr, 53}, 100), 0);
    assert_int_equal(udp_send(from, (struct tcp_addr){w.hosts[SERVER].addr, 53}, 0), 0);
    assert_int_equal(
        udp_send(from, (struct tcp_addr){w.hosts[SERVER].addr, 53}, UDP_PAYLOAD_MAX + 1),
        -EMSGSIZE);
    sim_run_until(w.sim, SEC(1));
    check_eq(story, there.n, 2);
    for (int i = 0; i < there.n; i++) {
        check_eq(story, there.at[i], MS(10));
        check_eq(story, there.kept[i].seq, i);
        check_eq(story, there.kept[i].offset, i * 100);
        check_eq(story, there.kept[i].len, i == 0 ? 100 : 0);
        check_eq(story, there.kept[i].bytes, i == 0 ? 128 : 28); /* RFC 791, RFC 768 */
        check_eq(story, there.kept[i].stream, udp_stream(from));
        check_eq(story, there.kept[i].sport, 5000);
        check_true(story, ip_eq(there.kept[i].src, w.hosts[CLIENT].addr));
    }
    check_true(story, udp_stream(from) != udp_stream(to));
    check_eq(story, udp_n_sent(from), 2);
    check_eq(story, here.n + here.n_errors + there.n_errors, 0);
    world_free(&w);
}

static void ports(void **state)
{
    const char *story = "ports";
    struct world w = world_new();
    struct reader r = reader_of(&w);
    struct udp_socket *first, *second, *third;
    struct udp_stack *u = w.hosts[CLIENT].udp;

    assert_int_equal(udp_bind(u, 53, &r.user, &first), 0);
    assert_int_equal(udp_bind(u, 53, &r.user, &second), -EADDRINUSE);
    assert_int_equal(udp_bind(u, 53 + 64, &r.user, &second), 0);
    udp_close(first);
    assert_int_equal(udp_bind(u, 53, &r.user, &first), 0);
    assert_int_equal(udp_bind(u, 32769, &r.user, &second), 0);
    assert_int_equal(udp_bind(u, 0, &r.user, &second), 0);
    assert_int_equal(udp_bind(u, 0, &r.user, &third), 0);
    check_eq(story, udp_port(second), 32768);
    check_eq(story, udp_port(third), 32770); /* the one between is taken */
    for (int i = 32771; i <= 60999; i++)
        assert_int_equal(udp_bind(u, 0, &r.user, &third), 0);
    check_eq(story, udp_port(third), 60999);
    assert_int_equal(udp_bind(u, 0, &r.user, &third), -EADDRINUSE);
    world_free(&w);
}

/* The answer to a datagram that nobody wants is there after a round trip. */
static void nobody_listens(void **state)
{
    const char *story = "port unreachable";
    const struct cbr_params params = {.port = 9,
                                      .pace = {.rate_bps = 8000, .size = 1000},
                                      .datagrams = 3,
                                      .until = SIM_NEVER};
    struct world w = world_new();
    struct app *source = world_app(&w, CLIENT, "source", &APP_CBR, &params, NULL);

    sim_run_until(w.sim, MS(20) - 1);
    check_eq(story, source->n_errors, 0);
    sim_run_until(w.sim, MS(20));
    check_eq(story, source->n_errors, 1);
    check_eq(story, source->first_error, ECONNREFUSED);
    sim_run_until(w.sim, SEC(10));
    check_eq(story, world_metric(&w, source, "unreachable"), 3);
    check_eq(story, world_metric(&w, source, "sent"), 3);
    check_eq(story, world_metric(&w, source, "last_sent_at"), SEC(2));
    world_free(&w);
}

static const struct udp_sink_params PORT_9 = {.port = 9};

/* A datagram of stream 77, born 10 ms ago. */
static void hand_over(struct world *w, uint32_t number)
{
    struct packet *p = packet_new(w->sim, 128);

    p->proto = PROTO_UDP;
    p->dport = PORT_9.port;
    p->stream = 77;
    p->seq = number;
    p->len = 100;
    p->born_at = w->sim->now - MS(10);
    assert_true(udp_input(w->hosts[SERVER].udp, p));
}

enum { N_NUMBERS = 8 };

static void sinks_tell_lost_doubled_and_late(void **state)
{
    static const struct {
        const char *story;
        int numbers[N_NUMBERS], n;
        int64_t received, distinct, doubled, late, lost;
    } rows[] = {
        {"in order", {0, 1, 2}, 3, 3, 3, 0, 0, 0},
        {"the picture of udp_sink.h", {0, 1, 2, 4, 5, 3, 5}, 7, 7, 6, 1, 1, 0},
        {"three lost, the first one too", {1, 2, 5}, 3, 3, 3, 0, 0, 3},
        {"a copy of one that was late is doubled, not late twice",
         {0, 2, 1, 1},
         4,
         4,
         3,
         1,
         1,
         0},
        {"a copy that comes later is not late", {0, 1, 2, 0}, 4, 4, 3, 1, 0, 0},
        {"all behind the last", {7, 6, 5}, 3, 3, 3, 0, 2, 5},
        {"far apart", {0, 7000}, 2, 2, 2, 0, 0, 6999},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        struct world w = world_new();
        struct app *sink = world_app(&w, SERVER, "sink", &APP_UDP_SINK, &PORT_9, NULL);
        sim_run_until(w.sim, SEC(1));
        for (int n = 0; n < rows[i].n; n++)
            hand_over(&w, (uint32_t)rows[i].numbers[n]);
        check_eq(story, world_metric(&w, sink, "received"), rows[i].received);
        check_eq(story, world_metric(&w, sink, "distinct"), rows[i].distinct);
        check_eq(story, world_metric(&w, sink, "doubled"), rows[i].doubled);
        check_eq(story, world_metric(&w, sink, "late"), rows[i].late);
        check_eq(story, world_metric(&w, sink, "lost"), rows[i].lost);
        check_eq(story, world_metric(&w, sink, "bytes_received"), 100 * rows[i].distinct);
        check_mean(story, &w, sink, "delay", 1, MS(10));
        check_mean(story, &w, sink, "lost_fraction", rows[i].distinct + rows[i].lost,
                   rows[i].lost * FRACTION_ONE);
        check_mean(story, &w, sink, "late_fraction", rows[i].distinct,
                   rows[i].late * FRACTION_ONE);
        check_mean(story, &w, sink, "doubled_fraction", rows[i].distinct,
                   rows[i].doubled * FRACTION_ONE);
        check_mean(story, &w, sink, "received_fraction", rows[i].distinct + rows[i].lost,
                   rows[i].received * FRACTION_ONE);
        world_free(&w);
    }
}

/* 1000 B at 8 Mbit/s: one a millisecond, from 5 ms on, 10 ms on the way. */
static void constant_rate(void **state)
{
    const char *story = "ten datagrams";
    const struct cbr_params params = {.at = dist_constant(MS(5)),
                                      .pace = {.rate_bps = 8000000, .size = 1000},
                                      .datagrams = 10,
                                      .until = SIM_NEVER};
    struct world w = world_new();
    struct app *sink = world_app(&w, SERVER, "sink", &APP_UDP_SINK, &PORT_9, NULL);
    struct app *source = world_app(&w, CLIENT, "source", &APP_CBR, &params, sink);

    sim_run_until(w.sim, SEC(1));
    check_eq(story, world_metric(&w, sink, "distinct"), 10);
    check_eq(story, world_metric(&w, sink, "lost"), 0);
    check_eq(story, sink->first_byte_at, MS(15));
    check_eq(story, sink->last_byte_at, MS(24));
    check_eq(story, world_metric(&w, sink, "delay_max"), MS(10));
    check_eq(story, world_metric(&w, source, "last_sent_at"), MS(14));
    check_eq(story, source->n_errors + sink->n_errors, 0);
    world_free(&w);
}

/* Those sent at 0, 1, 2 ms and not at 3 ms. */
static void until_is_an_end(void **state)
{
    const struct cbr_params params = {.pace = {.rate_bps = 8000000, .size = 1000},
                                      .datagrams = UNIT_UNLIMITED,
                                      .until = MS(3)};
    struct world w = world_new();
    struct app *sink = world_app(&w, SERVER, "sink", &APP_UDP_SINK, &PORT_9, NULL);

    world_app(&w, CLIENT, "source", &APP_CBR, &params, sink);
    sim_run_until(w.sim, SEC(1));
    check_eq("until 3 ms", world_metric(&w, sink, "received"), 3);
    world_free(&w);
}

/* What the sink finds missing is what the link has lost, but for the tail, which it cannot see;
 * two senders are told apart. */
static void a_sink_and_its_link_agree(void **state)
{
    enum { N = 20000, N_SOURCES = 2 };
    const char *story = "loss 5 %";
    const struct cbr_params params = {
        .pace = {.rate_bps = 8000000, .size = 100}, .datagrams = N, .until = SIM_NEVER};
    const struct tcp_params tcp = world_tcp();
    struct world w = world_with(&tcp, FRACTION_ONE / 20);
    struct app *sink = world_app(&w, SERVER, "sink", &APP_UDP_SINK, &PORT_9, NULL);

    for (int i = 0; i < N_SOURCES; i++)
        world_app(&w, CLIENT, i == 0 ? "a" : "b", &APP_CBR, &params, sink);
    sim_run_until(w.sim, SEC(100));
    const struct link *link = &w.links[CLIENT];
    const int64_t n_lost = world_metric(&w, sink, "lost");
    check_eq(story, link->n_sent, N_SOURCES * N);
    check_eq(story, world_metric(&w, sink, "received"), link->n_delivered);
    check_eq(story, world_metric(&w, sink, "distinct"), link->n_delivered);
    check_true(story, n_lost <= link->n_lost && n_lost > link->n_lost - 20);
    check_eq(story, world_metric(&w, sink, "late"), 0);
    world_free(&w);
}

/* Counts begin anew; what was sent before the highest number so far is passed over. */
static void warm_up(void **state)
{
    const char *story = "warm-up";
    struct world w = world_new();
    struct app *sink = world_app(&w, SERVER, "sink", &APP_UDP_SINK, &PORT_9, NULL);

    sim_run_until(w.sim, SEC(1));
    hand_over(&w, 0);
    hand_over(&w, 4);
    app_warm_up(sink);
    hand_over(&w, 3);
    hand_over(&w, 4);
    check_eq(story, world_metric(&w, sink, "received"), 0);
    hand_over(&w, 6);
    check_eq(story, world_metric(&w, sink, "received"), 1);
    check_eq(story, world_metric(&w, sink, "lost"), 1);
    hand_over(&w, 5);
    hand_over(&w, 5);
    check_eq(story, world_metric(&w, sink, "late"), 1);
    check_eq(story, world_metric(&w, sink, "doubled"), 1);
    check_eq(story, world_metric(&w, sink, "lost"), 0);
    check_eq(story, sink->first_byte_at, SEC(1));
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_know_who_they_are),
        cmocka_unit_test(ports),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(sinks_tell_lost_doubled_and_late),
        cmocka_unit_test(constant_rate),
        cmocka_unit_test(until_is_an_end),
        cmocka_unit_test(a_sink_and_its_link_agree),
        cmocka_unit_test(warm_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
