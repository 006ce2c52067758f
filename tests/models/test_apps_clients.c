/* SPDX-License-Identifier: GPL-3.0-or-later
 * Clients that open many connections, or one again and again; requests one after the other; who
 * speaks first; servers that are slow to accept. 10 ms each way.
 */
#include "models/apps/connect.h"
#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

#include <errno.h>

#define NEVER SIM_NEVER

/* ---- when connections are opened */

static void arrivals(void **state)
{
    static const sim_time times[] = {MS(0), MS(0), MS(700)};
    /* clang-format off */
    const struct {
        const char *story;
        struct key_variant at, arrivals;
        int64_t connections, n;
        sim_time first, last; /* completed */
    } rows[] = {
        {"one", {0}, {0}, UNIT_UNLIMITED, 1, MS(20), MS(20)},
        {"10 a second, from 5 ms on, three of them", dist_constant(MS(5)), per_second(10), 3,
         3, MS(25), MS(225)},
        {"10 a second to the end", {0}, per_second(10), UNIT_UNLIMITED, 100, MS(20), MS(9920)},
        {"three at once, each 6 s", {0}, variant_of(ARRIVAL_KINDS, "burst", "size", 3, "every",
         SEC(6)), UNIT_UNLIMITED, 6, MS(20), MS(6020)},
        {"a burst cut short", {0}, variant_of(ARRIVAL_KINDS, "burst", "size", 3, "every",
         SEC(6)), 5, 5, MS(20), MS(6020)},
        {"at listed instants", dist_constant(MS(1)), arrivals_at(times, 3), UNIT_UNLIMITED, 3,
         MS(21), MS(721)},
        {"none", dist_constant(NEVER), per_second(10), UNIT_UNLIMITED, 0, NEVER, NEVER},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        struct client_params params = connecting("at-once");
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
        params.at = rows[i].at;
        params.arrivals = rows[i].arrivals;
        params.connections = rows[i].connections;
        struct app *users = world_app(&w, CLIENT, "users", &APP_CONNECT, &params, web);
        sim_run_until(w.sim, SEC(10) - 1);
        check_eq(story, world_metric(&w, users, "attempts"), rows[i].n);
        check_eq(story, world_metric(&w, users, "connected"), rows[i].n);
        check_eq(story, world_metric(&w, users, "completed"), rows[i].n);
        check_eq(story, world_metric(&w, users, "failed"), 0);
        check_eq(story, world_metric(&w, users, "connected_at"), rows[i].first);
        check_eq(story, world_metric(&w, users, "completed_at"), rows[i].last);
        check_eq(story, world_metric(&w, web, "accepted"), rows[i].n);
        if (rows[i].n > 0)
            check_mean(story, &w, users, "connect_delay", 1, MS(20));
        check_eq(story, users->n_errors, 0);
        world_free(&w);
    }
}

/* A connection a millisecond, each gone after 20 + 20 + 200 ms: after the first second no more
 * memory is taken. */
static void finished_connections_give_back_their_memory(void **state)
{
    struct client_params params = connecting("at-once");
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);

    params.arrivals = per_second(1000);
    params.connections = 20000;
    struct app *users = world_app(&w, CLIENT, "users", &APP_CONNECT, &params, web);
    sim_run_until(w.sim, SEC(1));
    const size_t used = w.sim->arena.used;
    sim_run_until(w.sim, SEC(21));
    check_eq("20,000 connections", world_metric(&w, users, "completed"), 20000);
    /* tables that have grown, and a bit a connection for the numbers given out (world.h); the
     * least block that each could have left behind is 16 bytes */
    check_true("memory", w.sim->arena.used < used + 2 * 19000);
    world_free(&w);
}

/* ---- again */

/* Closed first by the client: CLOSED at 240 ms, after 2 MSL. */
static void reconnect(void **state)
{
    /* clang-format off */
    const struct {
        const char *story;
        struct reconnect_params again;
        int64_t attempts, connected, errors;
        sim_time completed_at;
    } rows[] = {
        {"twice, 1 s after CLOSED: connect at 0, 1.24, 2.48 s", {2, dist_constant(SEC(1)),
         "closed"}, 3, 3, 0, MS(2500)},
        {"at once after CLOSED", {1, dist_constant(0), "closed"}, 2, 2, 0, MS(260)},
        {"its own ends are in the way until 240 ms: at 120 and 220 ms in vain, at 320 ms not",
         {3, dist_constant(MS(100)), "let-go"}, 4, 2, 2, MS(340)},
        {"without end, 1 s after CLOSED: 0, 1.24 ... 9.92 s", {UNIT_UNLIMITED,
         dist_constant(SEC(1)), "closed"}, 9, 9, 0, MS(9940)},
        {"not at all", {0, {0}, "closed"}, 1, 1, 0, MS(20)},
        {"never again", {1, dist_constant(NEVER), "closed"}, 1, 1, 0, MS(20)},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        struct client_params params = connecting("at-once");
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
        params.local_port = 40001;
        params.reconnect = rows[i].again;
        struct app *user = world_app(&w, CLIENT, "user", &APP_CONNECT, &params, web);
        sim_run_until(w.sim, SEC(10));
        check_eq(story, world_metric(&w, user, "attempts"), rows[i].attempts);
        check_eq(story, world_metric(&w, user, "connected"), rows[i].connected);
        check_eq(story, world_metric(&w, user, "failed"), rows[i].errors);
        check_eq(story, world_metric(&w, user, "errors"), rows[i].errors);
        check_eq(story, user->first_error, rows[i].errors > 0 ? EADDRNOTAVAIL : 0);
        check_mean(story, &w, user, "refused_fraction", rows[i].attempts,
                   rows[i].errors * FRACTION_ONE);
        check_eq(story, world_metric(&w, user, "completed_at"), rows[i].completed_at);
        world_free(&w);
    }
}

/* Refused at 20 ms and, 1 s after each, at 1.04 and 2.06 s. */
static void reconnect_after_failure(void **state)
{
    const char *story = "nobody listens";
    struct client_params params = connecting("at-once");
    struct world w = world_new();

    params.port = 81;
    params.reconnect = (struct reconnect_params){2, dist_constant(SEC(1)), "let-go"};
    struct app *user = world_app(&w, CLIENT, "user", &APP_CONNECT, &params, NULL);
    sim_run_until(w.sim, MS(2060) - 1);
    check_eq(story, world_metric(&w, user, "failed"), 2);
    sim_run_until(w.sim, SEC(10));
    check_eq(story, world_metric(&w, user, "attempts"), 3);
    check_eq(story, world_metric(&w, user, "failed"), 3);
    check_eq(story, world_metric(&w, user, "refused"), 3);
    check_mean(story, &w, user, "refused_fraction", 1, FRACTION_ONE);
    check_eq(story, world_metric(&w, user, "connect_delay_max"), NEVER);
    world_free(&w);
}

static void endless_failure_is_a_mistake(void **state)
{
    struct client_params params = connecting("at-once");

    params.reconnect = (struct reconnect_params){UNIT_UNLIMITED, dist_constant(0), "closed"};
    assert_non_null(APP_CONNECT.check(&params).sentence);
    params.reconnect.after = dist_constant(1);
    assert_null(APP_CONNECT.check(&params).sentence);
}

/* ---- counts */

/* The first SYN gets lost, and is repeated after 1 s; the second attempt finds the way free. */
static void delays_are_of_all_attempts(void **state)
{
    static const sim_time times[] = {0, SEC(2)};
    const char *story = "1020 and 20 ms";
    struct client_params params = connecting("at-once");
    struct world w = world_new();
    struct tap nowhere = tap_to(w.sim);
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);

    params.arrivals = arrivals_at(times, 2);
    struct app *users = world_app(&w, CLIENT, "users", &APP_CONNECT, &params, web);
    w.links[CLIENT].peer = &nowhere.sink;
    sim_run_until(w.sim, MS(500));
    w.links[CLIENT].peer = &w.hosts[SERVER].sink;
    sim_run_until(w.sim, SEC(10));
    check_eq(story, nowhere.n, 1);
    check_mean(story, &w, users, "connect_delay", 2, MS(1040));
    check_eq(story, world_metric(&w, users, "connect_delay_max"), MS(1020));
    check_mean(story, &w, users, "completion_delay", 2, MS(1040));
    check_eq(story, world_metric(&w, users, "completion_delay_max"), MS(1020));
    world_free(&w);
}

/* An attempt counts if it began at or after the end of the warm-up, whenever it is decided. */
static void warm_up(void **state)
{
    static const sim_time times[] = {MS(0), MS(995), MS(1000), MS(2000)};
    const char *story = "the warm-up ends at 1 s";
    struct request_params params = {
        .client = {CLIENT_BASE, .close = "after-reply"}, REQUEST_BASE, .send = 100};
    const struct server_params answering = {SERVER_BASE, .port = 80, .reply = 1000,
                                            .close = "after-eof", .read = true};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &answering, NULL);

    params.client.arrivals = arrivals_at(times, 4);
    struct app *users = world_app(&w, CLIENT, "users", &APP_REQUEST, &params, web);
    sim_run_until(w.sim, SEC(1) - 1);
    check_eq(story, world_metric(&w, users, "attempts"), 2);
    w.sim->now = SEC(1); /* as an event of class 0 finds it */
    app_warm_up(users);
    app_warm_up(web);
    sim_run_until(w.sim, SEC(10));
    check_eq(story, world_metric(&w, users, "attempts"), 2);
    check_eq(story, world_metric(&w, users, "connected"), 2);
    check_eq(story, world_metric(&w, users, "requests"), 2);
    check_eq(story, world_metric(&w, users, "replies"), 2);
    check_eq(story, world_metric(&w, users, "completed"), 2);
    check_mean(story, &w, users, "reply_delay", 1, MS(20));
    check_eq(story, world_metric(&w, users, "connected_at"), MS(20)); /* instants stay */
    check_eq(story, world_metric(&w, web, "accepted"), 3);
    check_eq(story, world_metric(&w, web, "replies"), 3);
    world_free(&w);
}

/* ---- requests and who speaks first */

static void requests(void **state)
{
    /* clang-format off */
    const struct {
        const char *story;
        int64_t requests, reconnects;
        struct key_variant think, send_after;
        const char *send_when;
        int64_t greeting;
        sim_time first_reply, last_reply;
        int64_t n_replies;
        sim_time reply_delay;
    } rows[] = {
        {"an answer in the cache: one request", 1, 0, {0}, {0}, "connected", 0, MS(40), MS(40),
         1, MS(20)},
        {"preflight and request on one connection", 2, 0, {0}, {0}, "connected", 0, MS(40),
         MS(60), 2, MS(20)},
        {"each on a connection of its own", 1, 1, {0}, {0}, "connected", 0, MS(40), MS(80), 2, MS(20)},
        {"three, and 5 ms to think", 3, 0, dist_constant(MS(5)), {0}, "connected", 0, MS(40),
         MS(90), 3, MS(20)},
        {"once the server is ESTABLISHED", 1, 0, {0}, dist_constant(MS(10)), "connected", 0,
         MS(50), MS(50), 1, MS(20)},
        {"the server speaks first", 1, 0, {0}, {0}, "greeting", 10, MS(60), MS(60), 1, MS(20)},
        {"it speaks first, the client does not wait: Nagle keeps the reply back for 200 ms", 1, 0,
         {0}, {0}, "connected", 10, MS(260), MS(260), 1, MS(240)},
        {"a greeting whose rest waits for a delayed ACK: 40 + 200 + 20 ms, then 3 ms", 1, 0, {0},
         dist_constant(MS(3)), "greeting", 2000, MS(283), MS(283), 1, MS(20)},
        {"written after connect(): it rides on the third segment", 1, 0, {0}, {0}, "opening", 0,
         MS(40), MS(40), 1, MS(40)},
        {"written 5 ms later, in SYN-SENT", 1, 0, {0}, dist_constant(MS(5)), "opening", 0, MS(40),
         MS(40), 1, MS(35)},
        {"a greeting that does not come", 1, 0, {0}, {0}, "greeting", 0, NEVER, NEVER, 0, 0},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        struct request_params params = {.client = {CLIENT_BASE, .close = "after-reply"},
                                        .send = 100,
                                        .requests = rows[i].requests,
                                        .think = rows[i].think,
                                        .send_when = rows[i].send_when,
                                        .send_after = rows[i].send_after};
        struct server_params web_params = {SERVER_BASE,   .port = 80,           .request = 100,
                                           .reply = 1000, .close = "after-eof", .read = true};
        struct world w = world_new();
        web_params.requests = rows[i].requests;
        web_params.greeting = rows[i].greeting;
        params.client.reconnect =
            (struct reconnect_params){rows[i].reconnects, dist_constant(0), "let-go"};
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
        struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);
        sim_run_until(w.sim, SEC(10));
        check_eq(story, world_metric(&w, user, "reply_at"), rows[i].first_reply);
        check_eq(story, world_metric(&w, user, "last_reply_at"), rows[i].last_reply);
        check_eq(story, world_metric(&w, user, "replies"), rows[i].n_replies);
        check_eq(story, world_metric(&w, web, "requests"), rows[i].n_replies);
        check_eq(story, world_metric(&w, web, "replies"), rows[i].n_replies);
        check_eq(story, world_metric(&w, user, "completed_at"), rows[i].last_reply);
        if (rows[i].n_replies > 0) {
            check_mean(story, &w, user, "reply_delay", 1, rows[i].reply_delay);
            check_all_verified(story, user, rows[i].greeting + 1000 * rows[i].n_replies);
        }
        check_eq(story, user->n_errors + web->n_errors, 0);
        world_free(&w);
    }
}

/* A server that takes no more requests than it says; further ones have no reply. */
static void requests_beyond_the_last(void **state)
{
    const char *story = "three asked, two answered";
    const struct request_params params = {.client = {CLIENT_BASE, .close = "after-reply"},
                                          .send = 100,
                                          .requests = 3,
                                          .send_when = "connected"};
    const struct server_params web_params = {.close_by = "close",
                                             .workers = 1,
                                             .port = 80,
                                             .request = 100,
                                             .requests = 2,
                                             .reply = 1000,
                                             .close = "after-reply",
                                             .read = true};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);

    sim_run_until(w.sim, SEC(10));
    check_eq(story, world_metric(&w, user, "last_reply_at"), MS(60));
    check_eq(story, world_metric(&w, user, "eof_at"), MS(60));
    check_eq(story, world_metric(&w, user, "replies"), 2);
    check_eq(story, world_metric(&w, user, "completed"), 0);
    check_eq(story, world_metric(&w, web, "requests"), 2);
    world_free(&w);
}

/* sendto(MSG_FASTOPEN), RFC 7413: without a cookie the request rides on the third segment
 * (reply at 40 ms), with one on the SYN (another 20 ms later). */
static void fast_open(void **state)
{
    enum { CLIENT_BIT = 1, SERVER_BIT = 2 };
    static const struct {
        const char *story;
        int64_t fastopen, n_replies, n_errors;
        sim_time last_reply;
    } rows[] = {
        {"both use it", CLIENT_BIT | SERVER_BIT, 2, 0, MS(60)},
        {"the server does not: each request waits for the handshake", CLIENT_BIT, 2, 0, MS(80)},
        {"the client may not: EOPNOTSUPP", SERVER_BIT, 0, 1, NEVER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        struct tcp_params tcp = world_tcp();
        tcp.fastopen = rows[i].fastopen;
        tcp.fastopen_qlen = 5;
        struct world w = world_with(&tcp, 0);
        const struct server_params web_params = {SERVER_BASE,          .port = 80,
                                                 .request = 100,       .reply = 1000,
                                                 .close = "after-eof", .read = true};
        struct request_params params = {.client = {CLIENT_BASE, .close = "after-reply"},
                                        .send = 100,
                                        .requests = 1,
                                        .send_when = "fast-open"};
        params.client.reconnect =
            (struct reconnect_params){rows[i].n_replies > 0, dist_constant(0), "let-go"};
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
        struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);
        sim_run_until(w.sim, SEC(10));
        check_eq(story, world_metric(&w, user, "replies"), rows[i].n_replies);
        check_eq(story, world_metric(&w, user, "last_reply_at"), rows[i].last_reply);
        check_eq(story, user->n_errors, rows[i].n_errors);
        check_all_verified(story, user, 1000 * rows[i].n_replies);
        world_free(&w);
    }
}

/* ---- servers that are slow to accept */

static void slow_servers(void **state)
{
    enum { N = 3 };
    /* clang-format off */
    const struct {
        const char *story;
        int64_t workers;
        struct key_variant reply_after, accept_after;
        sim_time accepted, replies[N], accept_from;
    } rows[] = {
        {"as many workers as it needs", UNIT_UNLIMITED, dist_constant(MS(100)), {0}, MS(30),
         {MS(140), MS(141), MS(142)}},
        {"one worker, 100 ms a request", 1, dist_constant(MS(100)), {0}, MS(30), {MS(140),
         MS(240), MS(340)}},
        {"two of them", 2, dist_constant(MS(100)), {0}, MS(30), {MS(140), MS(141), MS(240)}},
        {"50 ms to come round to accept()", UNIT_UNLIMITED, {0}, dist_constant(MS(50)), MS(80),
         {MS(90), MS(140), MS(190)}},
        {"both", 1, dist_constant(MS(100)), dist_constant(MS(50)), MS(80), {MS(190), MS(340),
         MS(490)}},
        {"never", UNIT_UNLIMITED, {0}, dist_constant(NEVER), NEVER, {NEVER, NEVER, NEVER}},
        {"nothing before 50 ms", UNIT_UNLIMITED, {0}, {0}, MS(50), {MS(60), MS(60), MS(60)}, MS(50)},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        const struct server_params web_params = {.port = 80,
                                                 .requests = 1,
                                                 .reply = 1000,
                                                 .reply_after = rows[i].reply_after,
                                                 .accept_after = rows[i].accept_after,
                                                 .accept_from = rows[i].accept_from,
                                                 .workers = rows[i].workers,
                                                 .close = "after-reply",
                                                 .close_by = "close",
                                                 .read = true};
        struct request_params users[N];
        struct app *apps[N];
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
        for (int n = 0; n < N; n++) {
            users[n] = (struct request_params){
                .client = {CLIENT_BASE, .at = dist_constant(MS(n)), .close = "after-reply"},
                .send = 100,
                REQUEST_BASE};
            apps[n] = world_app(&w, CLIENT, "user", &APP_REQUEST, &users[n], web);
        }
        sim_run_until(w.sim, SEC(10));
        check_eq(story, world_metric(&w, web, "accepted_at"), rows[i].accepted);
        for (int n = 0; n < N; n++)
            check_eq(story, world_metric(&w, apps[n], "reply_at"), rows[i].replies[n]);
        check_eq(story, world_metric(&w, web, "busy"), 0);
        world_free(&w);
    }
}

/* A thousand connections wait for the one worker, which then serves them all at one instant:
 * one after the other, not one within the other. */
static void a_long_queue(void **state)
{
    enum { N = 1000 };
    const struct server_params web_params = {.port = 80,
                                             .requests = 1,
                                             .reply = 10,
                                             .close = "after-reply",
                                             .close_by = "close",
                                             .workers = 1,
                                             .read = true,
                                             .backlog = 2 * N};
    const struct request_params slow = {.client = {CLIENT_BASE, .close = "after-reply"},
                                        .send = 100,
                                        .requests = 1,
                                        .send_when = "connected",
                                        .send_after = dist_constant(SEC(1))};
    struct request_params params = {
        .client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);

    world_app(&w, CLIENT, "first", &APP_REQUEST, &slow, web);
    params.client.at = dist_constant(MS(1));
    params.client.arrivals = variant_of(ARRIVAL_KINDS, "burst", "size", N, "every", NEVER);
    struct app *users = world_app(&w, CLIENT, "users", &APP_REQUEST, &params, web);
    sim_run_until(w.sim, MS(1030) - 1);
    check_eq("while the worker waits", world_metric(&w, web, "accepted"), 1);
    check_eq("while the worker waits", world_metric(&w, users, "connected"), N);
    sim_run_until(w.sim, MS(1040));
    check_eq("at once", world_metric(&w, web, "accepted"), 1 + N);
    check_eq("at once", world_metric(&w, users, "completed"), N);
    world_free(&w);
}

/* A connection takes 20 ms: that is late after 20 ms less 1 ns, and after 20 ms it is not. */
static void late(void **state)
{
    for (int early = 0; early <= 1; early++) {
        struct client_params params = connecting("at-once");
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);

        params.arrivals = per_second(10);
        params.connections = 8;
        params.late_after = MS(20) - early;
        struct app *users = world_app(&w, CLIENT, "users", &APP_CONNECT, &params, web);
        sim_run_until(w.sim, SEC(5));
        check_eq("completed", world_metric(&w, users, "completed"), 8);
        check_eq("late", world_metric(&w, users, "late"), early ? 8 : 0);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals),
        cmocka_unit_test(late),
        cmocka_unit_test(finished_connections_give_back_their_memory),
        cmocka_unit_test(reconnect),
        cmocka_unit_test(reconnect_after_failure),
        cmocka_unit_test(endless_failure_is_a_mistake),
        cmocka_unit_test(delays_are_of_all_attempts),
        cmocka_unit_test(warm_up),
        cmocka_unit_test(requests),
        cmocka_unit_test(fast_open),
        cmocka_unit_test(requests_beyond_the_last),
        cmocka_unit_test(slow_servers),
        cmocka_unit_test(a_long_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
