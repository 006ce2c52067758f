/* SPDX-License-Identifier: GPL-3.0-or-later
 * How applications end a connection: close, shutdown, reset, with bytes unread or something
 * due. 10 ms each way, 2 MSL = 200 ms.
 */
#include "models/apps/connect.h"
#include "models/apps/request.h"
#include "models/apps/server.h"
#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

#include <errno.h>

static void endings(void **state)
{
    /* clang-format off */
    const struct {
        const char *story;
        const char *user_by, *web_by;
        bool user_reads;
        int web_error;
        sim_time user_closed_at;
        int64_t web_busy; /* at 100 ms */
    } rows[] = {
        {"close: TIME-WAIT until 40 + 20 + 200 ms", "close", "close", true, 0, MS(260), 0},
        {"SO_LINGER 0: CLOSED at once, the server is reset", "reset", "close", true,
         ECONNRESET, MS(40), 0},
        {"shutdown is a close whose socket is kept", "shutdown", "close", true, 0, MS(260), 0},
        {"the server keeps its socket until its last ACK", "close", "shutdown", true, 0,
         MS(260), 0},
        {"a reply that is never read: close() resets", "close", "close", false, ECONNRESET,
         MS(70), 0},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        struct request_params params = {
            .client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE};
        struct server_params web_params = {.port = 80,
                                           .requests = 1,
                                           .reply = 1000,
                                           .close = "after-eof",
                                           .read = true,
                                           .workers = UNIT_UNLIMITED,
                                           .close_by = rows[i].web_by};
        struct world w = world_new();
        params.client.read = rows[i].user_reads;
        params.client.close_by = rows[i].user_by;
        if (!rows[i].user_reads) {
            params.client.close = "after-send";
            params.client.close_after = dist_constant(MS(50));
        }
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
        struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);
        sim_run_until(w.sim, MS(100));
        check_eq(story, world_metric(&w, web, "busy"), rows[i].web_busy);
        sim_run_until(w.sim, SEC(10));
        check_eq(story, world_metric(&w, user, "closed_at"), rows[i].user_closed_at);
        check_eq(story, user->n_errors, 0);
        check_eq(story, web->first_error, rows[i].web_error);
        world_free(&w);
    }
}

/* The server ends first: its shutdown keeps the socket, and the worker, for as long as the
 * connection is in TIME-WAIT (50 + 200 ms); its close() does not. */
static void a_socket_that_is_kept(void **state)
{
    static const char *const by[] = {"close", "shutdown"};

    for (int i = 0; i < 2; i++) {
        const struct server_params web_params = {.port = 80,
                                                 .requests = 1,
                                                 .close = "at-once",
                                                 .close_by = by[i],
                                                 .workers = UNIT_UNLIMITED,
                                                 .read = true};
        const struct client_params params = connecting("after-eof");
        struct world w = world_new();
        struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
        world_app(&w, CLIENT, "user", &APP_CONNECT, &params, web);
        sim_run_until(w.sim, MS(250) - 1);
        check_eq(by[i], world_metric(&w, web, "busy"), i);
        sim_run_until(w.sim, MS(250));
        check_eq(by[i], world_metric(&w, web, "busy"), 0);
        world_free(&w);
    }
}

/* RFC 2525 §2.17: close() with unread bytes resets. The server closes at 30 + 50 ms, the
 * client knows at 90 ms. */
static void close_with_unread_bytes(void **state)
{
    const char *story = "unread bytes";
    const struct request_params params = {
        .client = {CLIENT_BASE, .close = "after-reply"}, .send = 100, REQUEST_BASE};
    struct server_params deaf = {SERVER_BASE, .port = 80, .close = "at-once",
                                 .close_after = dist_constant(MS(50)), .read = false};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &deaf, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);

    sim_run_until(w.sim, MS(90) - 1);
    check_eq(story, user->n_errors, 0);
    sim_run_until(w.sim, MS(90));
    check_eq(story, user->n_errors, 1);
    check_eq(story, user->first_error, ECONNRESET);
    world_free(&w);
}

/* A client that waits before close() and is reset meanwhile: the server resets at 80 ms, while
 * the client waits until 140 ms. */
static void client_reset_while_it_waits(void **state)
{
    const char *story = "reset before the client's close";
    const struct request_params params = {
        .client = {CLIENT_BASE, .close = "after-send", .close_after = dist_constant(MS(120))},
        .send = 100,
        REQUEST_BASE};
    struct server_params deaf = {SERVER_BASE, .port = 80, .close = "at-once",
                                 .close_after = dist_constant(MS(50)), .read = false};
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &deaf, NULL);
    struct app *user = world_app(&w, CLIENT, "user", &APP_REQUEST, &params, web);

    sim_run_until(w.sim, SEC(1));
    check_eq(story, user->n_errors, 1);
    check_eq(story, user->account.n_reset, 1);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings),
        cmocka_unit_test(a_socket_that_is_kept),
        cmocka_unit_test(close_with_unread_bytes),
        cmocka_unit_test(client_reset_while_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
