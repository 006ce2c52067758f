/* SPDX-License-Identifier: GPL-3.0-or-later
 * The keys of applications, as they arrive in the parameters of their kinds: what is given, and
 * what is left out.
 */
#include "models/apps/arrivals.h"
#include "models/apps/cbr.h"
#include "models/apps/on_off.h"
#include "models/apps/request.h"
#include "models/apps/server.h"
#include "models/apps/udp_sink.h"
#include "tests/experiments/config.h"

static void clients(void **state)
{
    struct experiment *x = load_text(
        TOP
        "apps:\n"
        "  web: {kind: server, host: server, port: 80, reply: 1kB}\n"
        "  plain: {kind: request, host: client, to: web}\n"
        "  full: {kind: request, host: client, to: web, at: 2s, arrivals: 5/s,\n"
        "         connections: 7, reconnect: {times: 3, after: 4s, since: let-go}, read: no,\n"
        "         close: never, close_by: reset, close_after: never, send_when: greeting,\n"
        "         send_after: 6ms, think: {uniform: {min: 1ms, max: 3ms}}}\n",
        NULL);
    struct point_spec s = point_of(x, 0);
    const struct request_params *plain = s.net.apps[1].params, *full = s.net.apps[2].params;

    assert_true(dist_is_constant(&plain->client.at));
    assert_int_equal(dist_mean(&plain->client.at), 0);
    assert_null(plain->client.arrivals.variant);
    assert_true(plain->client.connections == UNIT_UNLIMITED);
    assert_int_equal(plain->client.reconnect.times, 0);
    assert_true(plain->client.read);
    assert_string_equal(plain->client.close_by, "close");
    assert_int_equal(plain->requests, 1);
    assert_string_equal(plain->send_when, "connected");

    assert_int_equal(dist_mean(&full->client.at), SEC(2));
    assert_string_equal(full->client.arrivals.variant->name, "poisson");
    assert_int_equal(full->client.connections, 7);
    assert_int_equal(full->client.reconnect.times, 3);
    assert_int_equal(dist_mean(&full->client.reconnect.after), SEC(4));
    assert_string_equal(full->client.reconnect.since, "let-go");
    assert_false(full->client.read);
    assert_string_equal(full->client.close_by, "reset");
    assert_true(dist_is_constant(&full->client.close_after));
    assert_true(dist_mean(&full->client.close_after) >= DIST_MAX); /* never: see wait.h */
    assert_string_equal(full->send_when, "greeting");
    assert_int_equal(dist_mean(&full->send_after), MS(6));
    assert_int_equal(dist_mean(&full->think), MS(2));
    point_spec_free(&s);
    experiment_free(x);
}

static void servers(void **state)
{
    struct experiment *x = load_text(
        TOP
        "apps:\n"
        "  plain: {kind: server, host: server, port: 80}\n"
        "  full: {kind: server, host: server, port: 81, request: 10B, requests: unlimited,\n"
        "         greeting: 5B, accept_after: 1ms, workers: 2, close_by: shutdown}\n",
        NULL);
    struct point_spec s = point_of(x, 0);
    const struct server_params *plain = s.net.apps[0].params, *full = s.net.apps[1].params;

    assert_int_equal(plain->requests, 1);
    assert_int_equal(plain->greeting, 0);
    assert_true(plain->workers == UNIT_UNLIMITED);
    assert_int_equal(dist_mean(&plain->accept_after), 0);
    assert_true(full->requests == UNIT_UNLIMITED);
    assert_int_equal(s.net.apps[1].kind->greeting_bytes(full), 5);
    assert_int_equal(dist_mean(&full->accept_after), MS(1));
    assert_int_equal(full->workers, 2);
    assert_string_equal(full->close_by, "shutdown");
    point_spec_free(&s);
    experiment_free(x);
}

static void datagrams(void **state)
{
    struct experiment *x = load_text(
        TOP "apps:\n"
            "  sink: {kind: udp-sink, host: server, port: 9}\n"
            "  web: {kind: server, host: server, port: 9}\n" /* its own namespace of ports */
            "  plain: {kind: cbr, host: client, to: sink, rate: 1Mbit}\n"
            "  full: {kind: cbr, host: client, to: sink, rate: 1Mbit, size: 99B, at: 1s,\n"
            "         on: 2s, off: 3s, datagrams: 4, until: 5s, local_port: 6}\n"
            "  talk: {kind: on-off, host: client, to: web, rate: 2Mbit, on: 7s, off: 8s}\n",
        NULL);
    struct point_spec s = point_of(x, 0);
    const struct cbr_params *plain = s.net.apps[2].params, *full = s.net.apps[3].params;
    const struct on_off_params *talk = s.net.apps[4].params;

    assert_int_equal(plain->pace.size, 1000);
    assert_null(plain->pace.on.variant); /* for ever */
    assert_true(plain->datagrams == UNIT_UNLIMITED);
    assert_true(plain->until == SIM_NEVER);
    assert_int_equal(full->pace.rate_bps, 1000000);
    assert_int_equal(full->pace.size, 99);
    assert_int_equal(dist_mean(&full->at), SEC(1));
    assert_int_equal(dist_mean(&full->pace.on), SEC(2));
    assert_int_equal(dist_mean(&full->pace.off), SEC(3));
    assert_int_equal(full->datagrams, 4);
    assert_int_equal(full->until, SEC(5));
    assert_int_equal(full->local_port, 6);
    assert_int_equal(talk->pace.rate_bps, 2000000);
    assert_int_equal(talk->pace.size, 1460);
    assert_int_equal(dist_mean(&talk->pace.on), SEC(7));
    assert_string_equal(talk->client.close, "after-send");
    point_spec_free(&s);
    experiment_free(x);
}

/* Every way to say when connections come; what comes of them is the arrivals' own test. */
static void arrivals(void **state)
{
    static const struct {
        const char *text, *kind;
        sim_time third; /* the third instant, where it is not random */
    } rows[] = {
        {"10/s", "poisson", -1},
        {"{poisson: 10/s}", "poisson", -1},
        {"{constant: 10/s}", "constant", MS(200)},
        {"{constant: {rate: 10/s}}", "constant", MS(200)},
        {"{kind: burst, size: 2, every: 63s}", "burst", SEC(63)},
        {"{burst: {size: 3, every: 63s}}", "burst", 0},
        {"{times: [0s, 1s, 5s]}", "times", SEC(5)},
        {"{times: 1s}", "times", SIM_NEVER},
        {"{trace: instants.txt}", "trace", MS(2500)},
        {"{trace: marked.txt}", "trace", MS(2500)},
    };

    write_file("instants.txt", "# measured\n0s\n1s\n2.5s\n");
    write_file("marked.txt", "\xEF\xBB\xBF"
                             "0s\r\n1s\r\n\r\n2.5s\r\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[500];
        snprintf(text, sizeof text,
                 TOP "apps:\n"
                     "  web: {kind: server, host: server, port: 80}\n"
                     "  users: {kind: connect, host: client, to: web, arrivals: %s}\n",
                 rows[i].text);
        struct experiment *x = load_text(text, NULL);
        struct point_spec s = point_of(x, 0);
        const struct client_params *params = s.net.apps[1].params;
        struct arrivals a;
        struct rng rng;
        check_str(rows[i].text, params->arrivals.variant->name, rows[i].kind);
        rng_init(&rng, 1, "app/users/arrivals");
        arrivals_init(&a, &params->arrivals, &rng, 0);
        while (a.n < 2 && a.next_at != SIM_NEVER)
            arrivals_take(&a);
        if (rows[i].third >= 0)
            check_eq(rows[i].text, a.next_at, rows[i].third);
        point_spec_free(&s);
        experiment_free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients),
        cmocka_unit_test(servers),
        cmocka_unit_test(datagrams),
        cmocka_unit_test(arrivals),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
