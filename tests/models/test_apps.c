/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/bulk.h"
#include "models/apps/connect.h"
#include "models/apps/request.h"
#include "models/apps/server.h"
#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

#include <errno.h>

#define NEVER SIM_NEVER

/* Which instants a pair of applications must see; -1 in a row: not looked at. */
struct times {
    sim_time connected, request, reply, client_eof, server_eof;
};

static void check_times(const char *story, const struct world *w, const struct app *client,
                        const struct app *server, const struct times *want)
{
    check_eq(story, world_metric(w, client, "connected_at"), want->connected);
    check_eq(story, world_metric(w, server, "first_request_at"), want->request);
    if (client->kind == &APP_REQUEST)
        check_eq(story, world_metric(w, client, "reply_at"), want->reply);
    check_eq(story, world_metric(w, client, "eof_at"), want->client_eof);
    check_eq(story, world_metric(w, server, "eof_at"), want->server_eof);
}

/* A close() at T is seen by the other end's application at T + 10 ms, by its own socket no
 * more. */
struct request_row {
    const char *story;
    struct request_params user;
    struct server_params web;
    struct times want;
    int64_t server_bytes, client_bytes;
    int64_t stays_open; /* the server's connection does not get to CLOSED */
    bool stranger;      /* the client knows the server's port alone */
};

static void request_and_reply(void **state)
{
    /* clang-format off */
    const struct request_row request_rows[] = {
        {"close after the reply",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-eof", .read = true},
         {MS(20), MS(30), MS(40), NEVER, MS(50)}, 100, 1000},
        {"a reply of ten segments",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 14600, .close = "after-eof", .read = true},
         {MS(20), MS(30), MS(40), NEVER, MS(50)}, 100, 14600},
        {"the server works for 100 ms",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 1000, .reply_after = dist_constant(MS(100)), .close = "after-eof", .read = true},
         {MS(20), MS(30), MS(140), NEVER, MS(150)}, 100, 1000},
        {"a wait before the close",
         {.client = {CLIENT_BASE, .close = "after-reply", .close_after = dist_constant(MS(7))}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-eof", .read = true},
         {MS(20), MS(30), MS(40), NEVER, MS(57)}, 100, 1000},
        {"opens later",
         {.client = {CLIENT_BASE, .at = dist_constant(MS(5)), .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-eof", .read = true},
         {MS(25), MS(35), MS(45), NEVER, MS(55)}, 100, 1000},
        {"the server closes after the reply, the client after that",
         {.client = {CLIENT_BASE, .close = "after-eof"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-reply", .read = true},
         {MS(20), MS(30), MS(40), MS(40), NEVER}, 100, 1000},
        {"a reply of a stated length, shorter than what is sent",
         {.client = {CLIENT_BASE, .close = "never"}, .send = 100, REQUEST_BASE, .reply = 999},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "never", .read = true},
         {MS(20), MS(30), MS(40), NEVER, NEVER}, 100, 1000, 1},
        {"a reply of a stated length, longer: it never gets whole",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE, .reply = 1001},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-reply", .read = true},
         {MS(20), MS(30), NEVER, MS(40), NEVER}, 100, 1000},
        {"close right behind the request",
         {.client = {CLIENT_BASE, .close = "after-send"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .close = "after-eof", .read = true},
         {MS(20), MS(30), NEVER, NEVER, MS(30)}, 100, 0},
        {"the same with at-once",
         {.client = {CLIENT_BASE, .close = "at-once"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .close = "after-eof", .read = true},
         {MS(20), MS(30), NEVER, NEVER, MS(30)}, 100, 0},
        {"half close: the reply comes after the request's end of stream, then the server's",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE, .half_close = true},
         {SERVER_BASE, .port = 80, .request = UNIT_UNLIMITED, .reply = 11680, .reply_after = dist_constant(MS(100)),
          .close = "after-eof", .read = true},
         {MS(20), MS(30), MS(140), MS(140), MS(30)}, 100, 11680},
        {"half close, the server lingers: reply and end of stream are two moments",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE, .half_close = true},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-reply", .close_after = dist_constant(MS(40)), .read = true},
         {MS(20), MS(30), MS(40), MS(80), MS(30)}, 100, 1000},
        {"a request of several segments is complete with its 2000th byte, in the second",
         {.client = {CLIENT_BASE, .close = "never"}, .send = 2920, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .request = 2000, .reply = 1, .close = "never", .read = true},
         {MS(20), MS(30), MS(40), NEVER, NEVER}, 2920, 1, 1},
        {"a request that never gets complete has no reply",
         {.client = {CLIENT_BASE, .close = "after-send"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .request = 101, .reply = 1000, .close = "after-reply", .read = true},
         {MS(20), NEVER, NEVER, NEVER, MS(30)}, 100, 0},
        {"a reply of unknown length is whole at the end of stream; its last byte came before",
         {.client = {CLIENT_BASE, .port = 80, .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-reply", .close_after = dist_constant(MS(40)), .read = true},
         {MS(20), MS(30), MS(40), MS(80), NEVER}, 100, 1000, .stranger = true},
        {"close at once: the request that came with the ACK is read first, so there is no reset",
         {.client = {CLIENT_BASE, .close = "after-eof"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .close = "at-once", .read = true},
         {MS(20), MS(30), NEVER, MS(40), NEVER}, 100, 0},
    };
    /* clang-format on */

    for (const struct request_row *r = request_rows; r < request_rows + ARRAY_LEN(request_rows);
         r++) {
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &r->web, NULL);
        struct app *user =
            world_app(&w, CLIENT, "user", &APP_REQUEST, &r->user, r->stranger ? NULL : web);
        sim_run_until(w.sim, SEC(10));
        check_times(r->story, &w, user, web, &r->want);
        check_all_verified(r->story, web, r->server_bytes);
        check_all_verified(r->story, user, r->client_bytes);
        check_eq(r->story, world_metric(&w, web, "accepted"), 1);
        check_eq(r->story, world_metric(&w, user, "requests"), 1);
        check_eq(r->story, world_metric(&w, user, "replies"), r->want.reply != NEVER);
        check_eq(r->story, user->n_errors + web->n_errors, 0);
        check_eq(r->story, web->account.n_closed, !r->stays_open);
        world_free(&w);
    }
}

/* One write of 1000 B into a buffer of 400 B, then close: 400 B are sent, and their end. */
static void at_once_loses_what_found_no_room(void **state)
{
    const char *story = "at-once";
    const struct request_params params = {
        .client = {CLIENT_BASE, .close = "at-once"}, .send = 1000, REQUEST_BASE};
    struct tcp_params tcp = world_tcp();
    tcp.sndbuf = 400;
    struct world w = world_with(&tcp, 0);
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);

    sim_run_until(w.sim, SEC(10));
    check_all_verified(story, web, 400);
    check_eq(story, world_metric(&w, web, "eof_at"), MS(30));
    check_eq(story, world_metric(&w, user, "requests"), 0);
    world_free(&w);
}

/* The same write with after-send goes on as room comes: 400 B a round trip of 20 ms, from 20 ms
 * on. */
static void after_send_writes_as_room_comes(void **state)
{
    const char *story = "after-send";
    const struct request_params params = {
        .client = {CLIENT_BASE, .close = "after-send"}, .send = 1000, REQUEST_BASE};
    struct tcp_params tcp = world_tcp();
    tcp.sndbuf = 400;
    tcp.delack = 0;
    struct world w = world_with(&tcp, 0);
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);

    sim_run_until(w.sim, SEC(10));
    check_all_verified(story, web, 1000);
    check_eq(story, world_metric(&w, user, "request_at"), MS(60));
    check_eq(story, world_metric(&w, web, "eof_at"), MS(70));
    world_free(&w);
}

/* And bulk: the last byte, written at 60 ms, is acknowledged at 80 ms; that of the first two
 * writes does not count. */
static void after_ack_waits_for_the_last_byte(void **state)
{
    const char *story = "after-ack";
    const struct bulk_params params = {.client = {CLIENT_BASE, .close = "after-ack"},
                                       .bytes = 1000};
    struct tcp_params tcp = world_tcp();
    tcp.sndbuf = 400;
    tcp.delack = 0;
    struct world w = world_with(&tcp, 0);
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
    struct app *bulk = world_app(&w, CLIENT, "bulk", &APP_BULK, &params, web);

    sim_run_until(w.sim, SEC(10));
    check_all_verified(story, web, 1000);
    check_eq(story, world_metric(&w, bulk, "written_at"), MS(60));
    check_eq(story, world_metric(&w, bulk, "acknowledged_at"), MS(80));
    check_eq(story, world_metric(&w, web, "eof_at"), MS(90));
    world_free(&w);
}

struct connect_row {
    const char *story;
    struct client_params user;
    struct server_params web;
    struct times want;
};

static void connect_opens(void **state)
{
    /* clang-format off */
    const struct connect_row connect_rows[] = {
        {"the client closes at once", {CLIENT_BASE, .close = "at-once"},
         {SERVER_BASE, .port = 80, .close = "after-eof", .read = true}, {MS(20), NEVER, 0, NEVER, MS(30)}},
        {"the client closes 50 ms later", {CLIENT_BASE, .close = "at-once", .close_after = dist_constant(MS(50))},
         {SERVER_BASE, .port = 80, .close = "after-eof", .read = true}, {MS(20), NEVER, 0, NEVER, MS(80)}},
        {"the server closes 5 ms after accept", {CLIENT_BASE, .close = "after-eof"},
         {SERVER_BASE, .port = 80, .close = "at-once", .close_after = dist_constant(MS(5)), .read = true},
         {MS(20), NEVER, 0, MS(45), NEVER}},
        {"nobody closes", {CLIENT_BASE, .close = "never"},
         {SERVER_BASE, .port = 80, .close = "never", .read = true}, {MS(20), NEVER, 0, NEVER, NEVER}},
        {"a close that never comes", {CLIENT_BASE, .close = "at-once", .close_after = dist_constant(NEVER)},
         {SERVER_BASE, .port = 80, .close = "after-eof", .read = true}, {MS(20), NEVER, 0, NEVER, NEVER}},
        {"never opens", {CLIENT_BASE, .close = "at-once", .at = dist_constant(NEVER)},
         {SERVER_BASE, .port = 80, .close = "after-eof", .read = true}, {NEVER, NEVER, 0, NEVER, NEVER}},
    };
    /* clang-format on */

    for (const struct connect_row *r = connect_rows; r < connect_rows + ARRAY_LEN(connect_rows);
         r++) {
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &r->web, NULL);
        struct app *user = world_app(&w, CLIENT, "user", &APP_CONNECT, &r->user, web);
        sim_run_until(w.sim, SEC(10));
        check_times(r->story, &w, user, web, &r->want);
        check_eq(r->story, user->n_errors + web->n_errors, 0);
        world_free(&w);
    }
}

static void refused(void **state)
{
    const char *story = "nobody listens";
    const struct client_params params = {CLIENT_BASE, .port = 81, .close = "at-once"};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_CONNECT, &params,
                                 web); /* its port wins over web's */

    sim_run_until(w.sim, SEC(10));
    check_eq(story, world_metric(&w, user, "connected_at"), NEVER);
    check_eq(story, user->n_errors, 1);
    check_eq(story, user->first_error, ECONNREFUSED);
    check_eq(story, world_metric(&w, web, "accepted"), 0);
    world_free(&w);
}

static void port_in_use(void **state)
{
    const char *story = "two servers on a port, two clients from one";
    const struct client_params params = {CLIENT_BASE, .local_port = 4000, .close = "never"};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &SINK, NULL);
    struct app *second = world_app(&w, SERVER, "second", &APP_SERVER, &SINK, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_CONNECT, &params, web);
    struct app *late = world_app(&w, CLIENT, "late", &APP_CONNECT, &params, web);

    sim_run_until(w.sim, SEC(1));
    check_eq(story, second->first_error, EADDRINUSE);
    check_eq(story, user->n_errors, 0);
    check_eq(story, late->first_error, EADDRNOTAVAIL);
    check_eq(story, late->n_errors, 1);
    check_eq(story, world_metric(&w, web, "accepted"), 1);
    world_free(&w);
}

/* 685 segments over lossy links: whatever is repeated and reordered below, the stream arrives
 * once and in order. */
static void bulk_with_loss(void **state)
{
    static const int64_t losses[] = {0, FRACTION_ONE / 100, FRACTION_ONE / 10};
    const struct bulk_params params = {.client = {CLIENT_BASE, .close = "after-ack"},
                                       .bytes = 1000000};
    const struct tcp_params tcp = world_tcp();

    for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
        const char *story = "bulk";
        struct world w = world_with(&tcp, losses[i]);
        struct app *sink = world_app(&w, SERVER, "sink", &APP_SERVER, &SINK, NULL);
        struct app *bulk = world_app(&w, CLIENT, "bulk", &APP_BULK, &params, sink);
        sim_run_until(w.sim, SEC(36000));
        check_all_verified(story, sink, 1000000);
        check_true(story,
                   world_metric(&w, bulk, "acknowledged_at") >= sink->last_byte_at + MS(10));
        check_true(story, world_metric(&w, bulk, "acknowledged_at") < NEVER);
        check_true(story, world_metric(&w, bulk, "written_at") <
                              world_metric(&w, bulk, "acknowledged_at"));
        check_true(story, world_metric(&w, sink, "eof_at") >=
                              world_metric(&w, bulk, "acknowledged_at") + MS(10));
        check_eq(story, bulk->n_errors, 0);
        world_free(&w);
    }
}

/* The window alone limits it: 44 segments of 1460 B (64,240 B) fit in 65,535 B, the 45th gets
 * the 1295 B left. */
static void bulk_against_a_reader_that_does_not_read(void **state)
{
    const char *story = "read: no";
    const struct bulk_params params = {.client = {CLIENT_BASE, .close = "after-ack"},
                                       .bytes = UNIT_UNLIMITED};
    struct server_params deaf = {SERVER_BASE, .port = 80, .close = "never", .read = false};
    struct world w = world_new();
    struct app *sink = world_app(&w, SERVER, "sink", &APP_SERVER, &deaf, NULL);
    struct app *bulk = world_app(&w, CLIENT, "bulk", &APP_BULK, &params, sink);

    sim_run_until(w.sim, SEC(5));
    check_all_verified(story, sink, 0);
    check_eq(story, world_metric(&w, sink, "requests"),
             1); /* it sees that something has come */
    check_eq(story, world_metric(&w, bulk, "written_at"), NEVER);
    check_eq(story, world_metric(&w, bulk, "acknowledged_at"), NEVER);
    check_eq(story, bulk->account.bytes_sent, 65535);
    check_eq(story, bulk->n_errors, 0);
    world_free(&w);
}

enum { N_USERS = 40 };

/* One user a second: each connection has come and gone (TIME-WAIT: 200 ms) before the next, so
 * that after the first few the memory of those before serves. */
struct memory_row {
    const char *story;
    struct request_params user;
    struct server_params web;
    int64_t accepted, replies, errors;
};

static void memory_is_given_back(void **state)
{
    /* clang-format off */
    const struct memory_row memory_rows[] = {
        {"each closes",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .reply = 1000, .reply_after = dist_constant(MS(3)), .close = "after-eof",
          .close_after = dist_constant(MS(4)), .read = true},
         N_USERS, N_USERS, 0},
        {"refused",
         {.client = {CLIENT_BASE, .port = 81, .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .close = "after-eof", .read = true},
         0, 0, N_USERS},
        {"reset by a server that does not read",
         {.client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE},
         {SERVER_BASE, .port = 80, .close = "at-once", .close_after = dist_constant(MS(4)), .read = false},
         N_USERS, 0, N_USERS},
        {"shut down on both sides, closed by neither",
         {.client = {CLIENT_BASE, .close = "never"}, .send = 100, REQUEST_BASE, .half_close = true},
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-eof", .read = true},
         N_USERS, N_USERS, 0},
    };
    /* clang-format on */

    for (const struct memory_row *r = memory_rows; r < memory_rows + ARRAY_LEN(memory_rows);
         r++) {
        struct request_params users[N_USERS];
        struct app *apps[N_USERS];
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &r->web, NULL);
        int64_t errors = 0;

        for (int i = 0; i < N_USERS; i++) {
            users[i] = r->user;
            users[i].client.at = dist_constant(SEC(i));
            apps[i] = world_app(&w, CLIENT, "user", &APP_REQUEST, &users[i], web);
        }
        sim_run_until(w.sim, SEC(3));
        const size_t used = w.sim->arena.used;
        sim_run_until(w.sim, SEC(N_USERS + 1));
        check_eq(r->story, w.sim->arena.used, used);
        for (int i = 0; i < N_USERS; i++)
            errors += apps[i]->n_errors;
        check_eq(r->story, errors, r->errors);
        check_eq(r->story, world_metric(&w, web, "accepted"), r->accepted);
        check_eq(r->story, world_metric(&w, web, "replies"), r->replies);
        world_free(&w);
    }
}

/* At the same time instead: the replies of all stand in one line. */
static void many_at_once(void **state)
{
    const char *story = "many at once";
    const struct server_params params = {
        SERVER_BASE,          .port = 80,  .reply = 1000, .reply_after = dist_constant(MS(100)),
        .close = "after-eof", .read = true};
    struct request_params users[N_USERS];
    struct app *apps[N_USERS];
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &params, NULL);

    for (int i = 0; i < N_USERS; i++) {
        users[i] = (struct request_params){
            .client = {CLIENT_BASE, .at = dist_constant(MS(i)), .close = "after-reply"},
            .send = 100,
            REQUEST_BASE};
        apps[i] = world_app(&w, CLIENT, "user", &APP_REQUEST, &users[i], web);
    }
    sim_run_until(w.sim, SEC(10));
    for (int i = 0; i < N_USERS; i++) {
        check_eq(story, world_metric(&w, apps[i], "reply_at"), MS(140 + i));
        check_all_verified(story, apps[i], 1000);
    }
    check_eq(story, world_metric(&w, web, "replies"), N_USERS);
    world_free(&w);
}

static void ignore_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

/* A client whose reset meets the server while it waits for a second, 30 ms after the beginning:
 * before its reply, or before its close. What was due is forgotten with its connection, not
 * done to the one that has its memory now. */
struct reset_row {
    const char *story;
    struct server_params web;
    struct times want;
};

static void reset_while_it_waits(void **state)
{
    /* clang-format off */
    const struct reset_row reset_rows[] = {
        {"before the reply",
         {SERVER_BASE, .port = 80, .reply = 1000, .reply_after = dist_constant(SEC(1)), .close = "after-eof", .read = true},
         {MS(520), MS(30), MS(1540), NEVER, MS(1550)}},
        {"before the close",
         {SERVER_BASE, .port = 80, .reply = 1000, .close = "at-once", .close_after = dist_constant(SEC(1)), .read = true},
         {MS(520), MS(30), MS(540), MS(1540), NEVER}},
    };
    /* clang-format on */

    const struct request_params patient = {
        .client = {CLIENT_BASE, .at = dist_constant(MS(500)), .close = "after-reply"},
        .send = 100,
        REQUEST_BASE};
    const struct request_params slow = {
        .client = {CLIENT_BASE, .at = dist_constant(MS(500)), .close = "after-eof"},
        .send = 100,
        REQUEST_BASE};

    for (const struct reset_row *r = reset_rows; r < reset_rows + ARRAY_LEN(reset_rows); r++) {
        struct tcp *t;
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &r->web, NULL);
        const struct request_params *params = r->want.client_eof == NEVER ? &patient : &slow;
        struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, params, web);
        struct tcp_account account;
        struct tcp_user raw = {.on_event = ignore_event, .account = &account};

        tcp_account_init(&account, 0);
        assert_int_equal(tcp_connect(w.hosts[CLIENT].tcp,
                                     (struct tcp_addr){w.hosts[SERVER].addr, 80}, 0, &raw, &t),
                         0);
        assert_int_equal(tcp_send(t, 100), 100);
        sim_run_until(w.sim, MS(300));
        tcp_abort(t);
        sim_run_until(w.sim, SEC(10));
        check_eq(r->story, web->n_errors, 1);
        check_eq(r->story, web->first_error, ECONNRESET);
        check_eq(r->story, world_metric(&w, web, "accept_errors"), 1);
        check_eq(r->story, world_metric(&w, web, "requests"), 2);
        check_times(r->story, &w, user, web, &r->want);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_reply),
        cmocka_unit_test(at_once_loses_what_found_no_room),
        cmocka_unit_test(after_send_writes_as_room_comes),
        cmocka_unit_test(after_ack_waits_for_the_last_byte),
        cmocka_unit_test(connect_opens),
        cmocka_unit_test(refused),
        cmocka_unit_test(port_in_use),
        cmocka_unit_test(bulk_with_loss),
        cmocka_unit_test(bulk_against_a_reader_that_does_not_read),
        cmocka_unit_test(memory_is_given_back),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(reset_while_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
