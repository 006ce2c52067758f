/* SPDX-License-Identifier: GPL-3.0-or-later
 * Clients that wait: for random times, on and off, for a month; and snapshots of all of it.
 * 10 ms each way, 2 MSL = 200 ms.
 */
#include "models/apps/cbr.h"
#include "models/apps/connect.h"
#include "models/apps/on_off.h"
#include "models/apps/udp_sink.h"
#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

#include <errno.h>

#define NEVER SIM_NEVER
/* ---- waits of random length */

/* The draws are those of the stream "app/web/reply_after", in the order of the requests,
 * whatever the order of the replies. */
static void random_waits(void **state)
{
    enum { N = 50 };
    const char *story = "uniform, 0 to 200 ms";
    const struct server_params web_params = {
        SERVER_BASE,
        .port = 80,
        .reply = 1000,
        .reply_after = variant_of(DIST_KINDS, "uniform", "min", 0, "max", MS(200)),
        .close = "after-eof",
        .read = true};
    struct request_params users[N];
    struct app *apps[N];
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
    struct rng rng = sim_rng(w.sim, "app/web/reply_after");
    int n_overtaken = 0;

    for (int i = 0; i < N; i++) {
        users[i] = (struct request_params){
            .client = {CLIENT_BASE, .at = dist_constant(MS(i)), .close = "after-reply"},
            .send = 100,
            REQUEST_BASE};
        apps[i] = world_app(&w, CLIENT, "user", &APP_REQUEST, &users[i], web);
    }
    sim_run_until(w.sim, SEC(10));
    for (int i = 0; i < N; i++) {
        const sim_time wait = dist_draw(&web_params.reply_after, &rng);
        check_eq(story, world_metric(&w, apps[i], "reply_at"), MS(40 + i) + wait);
        n_overtaken += i > 0 && world_metric(&w, apps[i], "reply_at") <
                                    world_metric(&w, apps[i - 1], "reply_at");
    }
    check_true("some replies overtake others", n_overtaken > 0);
    check_eq(story, world_metric(&w, web, "replies"), N);
    world_free(&w);
}

/* The same when the connections are reset while they wait: the waits go with them. */
static void random_waits_cut_short(void **state)
{
    const char *story = "reset while it waits";
    const struct server_params web_params = {
        SERVER_BASE,
        .port = 80,
        .reply = 1000,
        .reply_after = variant_of(DIST_KINDS, "uniform", "min", SEC(1), "max", SEC(2)),
        .close = "after-eof",
        .read = true};
    struct request_params params = {
        .client = {CLIENT_BASE, .close = "after-send"}, .send = 100, REQUEST_BASE};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);

    params.client.close_by = "reset";
    params.client.close_after = dist_constant(MS(100));
    params.client.arrivals = per_second(100);
    params.client.connections = 100;
    struct app *users = world_app(&w, CLIENT, "users", &APP_REQUEST, &params, web);
    sim_run_until(w.sim, SEC(10));
    check_eq(story, world_metric(&w, web, "requests"), 100);
    check_eq(story, world_metric(&w, web, "replies"), 0);
    check_eq(story, world_metric(&w, web, "accept_errors"), 100);
    check_eq(story, users->n_errors, 0);
    world_free(&w);
}

/* ---- on and off, and idle */

/* 1000 B a second from 20 ms on: three in the first 2.5 s, three from 3.52 s on, the next would
 * be at 7.02 s. */
static void on_and_off(void **state)
{
    const char *story = "2.5 s on, 1 s off";
    const struct on_off_params params = {
        .client = {CLIENT_BASE, .close = "after-send"},
        .pace = {8000, 1000, dist_constant(MS(2500)), dist_constant(SEC(1))},
        .until = SEC(6)};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_ON_OFF, &params, web);

    sim_run_until(w.sim, MS(5530) - 1);
    check_all_verified(story, web, 5000);
    sim_run_until(w.sim, SEC(30));
    check_all_verified(story, web, 6000);
    check_eq(story, web->first_byte_at, MS(30));
    check_eq(story, web->last_byte_at, MS(5530));
    check_eq(story, world_metric(&w, user, "writes"), 6);
    check_eq(story, world_metric(&w, user, "completed_at"), SEC(6));
    check_eq(story, world_metric(&w, web, "eof_at"), MS(6010));
    check_eq(story, web->account.n_closed, 1);
    world_free(&w);
}

/* A source that goes on is reset: its next write comes to nothing. */
static void on_and_off_and_gone(void **state)
{
    const char *story = "reset at 1 s";
    const struct on_off_params params = {
        .client = {CLIENT_BASE, .close = "never"},
        .pace = {8000, 100, dist_constant(SEC(10)), dist_constant(SEC(1))},
        .until = NEVER};
    const struct server_params deaf = {.port = 80,
                                       .requests = 1,
                                       .close = "at-once",
                                       .close_by = "reset",
                                       .close_after = dist_constant(SEC(1)),
                                       .workers = UNIT_UNLIMITED,
                                       .read = true};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &deaf, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_ON_OFF, &params, web);

    sim_run_until(w.sim, SEC(30));
    /* connected at 20 ms, accepted at 30, reset at 1030 and here at 1040: 20, 120 ... 1020 */
    check_eq(story, world_metric(&w, user, "writes"), 11);
    check_eq(story, user->n_errors, 1);
    check_eq(story, user->first_error, ECONNRESET);
    world_free(&w);
}

/* Nobody sends anything, for a month. */
static void idle_for_a_month(void **state)
{
    const char *story = "idle";
    const struct client_params params = connecting("never");
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_CONNECT, &params, web);

    sim_run_until(w.sim, SEC(30 * 86400));
    check_eq(story, w.links[CLIENT].n_sent, 2); /* SYN and ACK */
    check_eq(story, w.links[SERVER].n_sent, 1);
    check_eq(story, user->account.in_state[TCP_ESTABLISHED].n, 1);
    check_eq(story, web->account.in_state[TCP_ESTABLISHED].n, 1);
    world_free(&w);
}

/* ---- all together */

/* A run goes on from a snapshot as it went on before: every wait, arrival and pace is in it. */
static void snapshots(void **state)
{
    const struct key_variant random_wait =
        variant_of(DIST_KINDS, "uniform", "min", 0, "max", MS(200));
    const struct server_params web_params = {SERVER_BASE,          .port = 80,
                                             .reply = 1000,        .reply_after = random_wait,
                                             .close = "after-eof", .read = true};
    const struct udp_sink_params sink_params = {.port = 9};
    const struct on_off_params talk = {.client = {CLIENT_BASE, .close = "never"},
                                       .pace = {80000, 1000, random_wait, random_wait},
                                       .until = NEVER};
    const struct cbr_params stream = {.pace = {80000, 1000, random_wait, random_wait},
                                      .datagrams = UNIT_UNLIMITED,
                                      .until = NEVER};
    struct request_params asking = {
        .client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE};
    const struct tcp_params tcp = world_tcp();
    struct world w = world_with(&tcp, FRACTION_ONE / 20);
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
    struct app *sink = world_app(&w, SERVER, "sink", &APP_UDP_SINK, &sink_params, NULL);
    struct digest first, second;
    struct snapshot middle;

    asking.client.arrivals =
        variant_of(ARRIVAL_KINDS, "poisson", "rate", 20 * PER_SECOND_ONE, NULL, 0);
    asking.client.reconnect = (struct reconnect_params){2, random_wait, "closed"};
    struct app *users = world_app(&w, CLIENT, "users", &APP_REQUEST, &asking, web);
    world_app(&w, CLIENT, "talk", &APP_ON_OFF, &talk, web);
    world_app(&w, CLIENT, "stream", &APP_CBR, &stream, sink);
    sim_run_until(w.sim, SEC(10));
    assert_int_equal(sim_snapshot(w.sim, &middle), 0);
    digest_init(&first, REC_LIFE | REC_SEGMENT);
    sim_listen(w.sim, &first.listener);
    sim_run_until(w.sim, SEC(20));
    const int64_t n_completed = world_metric(&w, users, "completed");
    sim_restore(w.sim, &middle);
    digest_init(&second, REC_LIFE | REC_SEGMENT);
    sim_listen(w.sim, &second.listener);
    sim_run_until(w.sim, SEC(20));
    assert_true(first.n_records > 1000);
    assert_true(first.n_records == second.n_records);
    assert_true(first.hash == second.hash);
    check_eq("after a snapshot", world_metric(&w, users, "completed"), n_completed);
    snapshot_free(&middle);
    world_free(&w);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_waits),     cmocka_unit_test(random_waits_cut_short),
        cmocka_unit_test(on_and_off),       cmocka_unit_test(on_and_off_and_gone),
        cmocka_unit_test(idle_for_a_month), cmocka_unit_test(snapshots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
