/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/server.h"
#include "tests/models/apps_base.h"
#include "tests/models/script_pair.h"

#include <errno.h>

/* Rows: what a pair of scripts does, all calls returning what they say, and what must have
 * happened by 10 s. */
/* clang-format off */
static const struct row {
    const char *story;
    struct side client, server;
    int64_t blocked;                       /* of both */
    int64_t client_bytes, server_bytes;    /* verified */
    sim_time connected, server_eof, client_eof, client_error;
    int64_t abandoned;                     /* a blocked connect() whose socket was closed */
} rows[] = {
    {"a conversation, read by hand",
     {false, {{.at = 0, .call = "connect", .returns = "0"},
              {.at = MS(25), .call = "send", .bytes = 100, .returns = "100"},
              {.at = MS(30), .call = "recv", .returns = "EAGAIN"},
              {.at = MS(60), .call = "recv", .bytes = 20, .returns = "20B"},
              {.at = MS(60), .call = "recv", .returns = "30"},
              {.at = MS(70), .call = "close", .returns = "0"}}},
     {false, {{.at = 0, .call = "listen", .port = 80, .returns = "0"},
              {.at = 0, .call = "accept", .returns = "0"},
              {.at = MS(34), .call = "recv", .returns = "EAGAIN"},
              {.at = MS(36), .call = "recv", .returns = "100"},
              {.at = MS(40), .call = "send", .bytes = 50, .returns = "50"},
              {.at = MS(90), .call = "recv", .returns = "0"},
              {.at = MS(90), .call = "close", .returns = "0"}}},
     0, 50, 100, MS(20), MS(80), SIM_NEVER, SIM_NEVER},
    {"send_more waits for what completes it, peek leaves what recv takes, poll tells of both",
     {false, {{.at = 0, .call = "connect", .returns = "0"},
              {.at = MS(25), .call = "send_more", .bytes = 100, .returns = "100"},
              {.at = MS(27), .call = "send", .bytes = 50, .returns = "50"},
              {.at = MS(27), .call = "poll", .returns = "4"},
              {.at = MS(60), .call = "poll", .returns = "8197"}, /* IN, OUT, RDHUP */
              {.at = MS(60), .call = "peek", .returns = "0"}}},
     {false, {{.at = 0, .call = "listen", .port = 80, .returns = "0"},
              {.at = 0, .call = "accept", .returns = "0"},
              {.at = MS(36), .call = "peek", .returns = "EAGAIN"},
              {.at = MS(36), .call = "poll", .returns = "4"},
              {.at = MS(38), .call = "poll", .returns = "5"},
              {.at = MS(38), .call = "peek", .bytes = 20, .returns = "20"},
              {.at = MS(38), .call = "peek", .returns = "150"},
              {.at = MS(38), .call = "recv", .returns = "150"},
              {.at = MS(38), .call = "peek", .returns = "EAGAIN"},
              {.at = MS(40), .call = "shutdown", .how = "wr", .returns = "0"}}},
     0, 0, 150, MS(20), SIM_NEVER, MS(50), SIM_NEVER},
    {"one recv() takes what 42 segments brought",
     {true, {{.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(25), .call = "send", .bytes = 60000, .returns = "60000"}}},
     {false, {{.at = 0, .call = "listen", .port = 80},
              {.at = 0, .call = "accept"},
              {.at = MS(500), .call = "recv", .returns = "60000"},
              {.at = MS(500), .call = "recv", .returns = "EAGAIN"}}},
     0, 0, 60000, MS(20), SIM_NEVER, SIM_NEVER, SIM_NEVER},
    {"shutdown closes one direction: the other goes on, a second send has EPIPE",
     {true, {{.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(100), .call = "shutdown", .how = "wr", .returns = "0"},
             {.at = MS(101), .call = "send", .bytes = 1, .returns = "EPIPE"},
             {.at = MS(300), .call = "close", .returns = "0"}}},
     {true, {{.at = 0, .call = "listen", .port = 80},
             {.at = 0, .call = "accept"},
             {.at = MS(200), .call = "send", .bytes = 14600, .returns = "14600"},
             {.at = MS(240), .call = "close", .returns = "0"}}},
     0, 14600, 0, MS(20), MS(110), MS(250), SIM_NEVER},
    {"nobody listens: connect returns when the reset has come, and the socket may try again",
     {true, {{.at = 0, .call = "connect", .port = 80, .returns = "ECONNREFUSED"},
             {.at = MS(30), .call = "connect", .port = 80, .returns = "ECONNREFUSED"},
             {.at = MS(40), .call = "connect", .port = 80, .returns = "EALREADY"},
             {.at = MS(60), .call = "send", .bytes = 1, .returns = "EPIPE"},
             {.at = MS(60), .call = "shutdown", .how = "wr", .returns = "ENOTCONN"},
             {.at = MS(60), .call = "close", .returns = "0"},
             {.at = MS(60), .call = "close", .returns = "EBADF"},
             {.at = MS(60), .call = "send", .bytes = 1, .returns = "EBADF"}}},
     {true, {{.at = 0, .call = "error", .returns = "EBADF"}}},
     0, 0, 0, SIM_NEVER, SIM_NEVER, SIM_NEVER, MS(20)},
    {"the wrong port: an accept that never returns",
     {true, {{.at = 0, .call = "connect", .port = 80}}},
     {true, {{.at = 0, .call = "listen", .port = 81},
             {.at = 0, .call = "accept", .returns = "0"}}},
     1, 0, 0, SIM_NEVER, SIM_NEVER, SIM_NEVER, MS(20)},
    {"abort: the pending error is handed out once, after that there is only EPIPE",
     {true, {{.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(120), .call = "send", .bytes = 1, .returns = "ECONNRESET"},
             {.at = MS(120), .call = "send", .bytes = 1, .returns = "EPIPE"},
             {.at = MS(120), .call = "error", .returns = "0"},
             {.at = MS(130), .call = "close", .returns = "0"}}},
     {true, {{.at = 0, .call = "listen", .port = 80},
             {.at = 0, .call = "accept"},
             {.at = MS(100), .call = "abort", .returns = "0"},
             {.at = MS(100), .call = "abort", .returns = "EBADF"}}},
     0, 0, 0, MS(20), SIM_NEVER, SIM_NEVER, MS(110)},
    {"SO_ERROR hands it out too",
     {true, {{.at = 0, .call = "connect"},
             {.at = MS(50), .call = "error", .returns = "0"},
             {.at = MS(120), .call = "error", .returns = "ECONNRESET"},
             {.at = MS(120), .call = "error", .returns = "0"}}},
     {true, {{.at = 0, .call = "listen", .port = 80},
             {.at = 0, .call = "accept"},
             {.at = MS(100), .call = "abort"}}},
     0, 0, 0, MS(20), SIM_NEVER, SIM_NEVER, MS(110)},
    {"the connection breaks before accept(): accept returns it all the same",
     {true, {{.at = 0, .call = "connect"}, {.at = MS(100), .call = "abort"}}},
     {true, {{.at = 0, .call = "listen", .port = 80},
             {.at = MS(200), .call = "accept", .returns = "0"},
             {.at = MS(210), .call = "send", .bytes = 1, .returns = "ECONNRESET"},
             {.at = MS(210), .call = "close", .returns = "0"}}},
     0, 0, 0, MS(20), SIM_NEVER, SIM_NEVER, SIM_NEVER},
    {"one connection at a time: no connect() while accept() waits",
     {true, {{.at = 0, .call = "listen", .port = 81, .returns = "0"}}},
     {true, {{.at = 0, .call = "listen", .port = 80},
             {.at = 0, .call = "accept"},
             {.at = 0, .call = "accept", .returns = "EINVAL"},
             {.at = MS(1), .call = "connect", .port = 81, .returns = "EISCONN"}}},
     1, 0, 0, SIM_NEVER, SIM_NEVER, SIM_NEVER, SIM_NEVER},
    {"a connect that fails within the call: its local port is still in FIN-WAIT-2",
     {true, {{.at = 0, .call = "connect", .local_port = 4000, .returns = "0"},
             {.at = MS(100), .call = "close"},
             {.at = MS(130), .call = "connect", .local_port = 4000,
              .returns = "EADDRNOTAVAIL"}}},
     {true, {{.at = 0, .call = "listen", .port = 80}, {.at = 0, .call = "accept"}}},
     0, 0, 0, MS(20), MS(110), SIM_NEVER, SIM_NEVER},
    {"closed while it connects",
     {true, {{.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(5), .call = "close", .returns = "0"}}},
     {true, {{.at = 0, .call = "listen", .port = 80}}},
     0, 0, 0, SIM_NEVER, SIM_NEVER, SIM_NEVER, SIM_NEVER, 1},
    {"closed while it connects, then once more",
     {true, {{.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(5), .call = "close", .returns = "0"},
             {.at = MS(50), .call = "connect", .returns = "0"}}},
     {true, {{.at = 0, .call = "listen", .port = 80}}},
     0, 0, 0, MS(70), SIM_NEVER, SIM_NEVER, SIM_NEVER, 1},
    {"simultaneous open (RFC 9293 figure 7): both connect, nobody listens",
     {true, {{.at = 0, .call = "connect", .port = 5000, .local_port = 5000, .returns = "0"},
             {.at = MS(50), .call = "send", .bytes = 10}}},
     {true, {{.at = MS(4), .call = "connect", .port = 5000, .local_port = 5000, .returns = "0"},
             {.at = MS(50), .call = "send", .bytes = 20}}},
     0, 20, 10, MS(20), SIM_NEVER, SIM_NEVER, SIM_NEVER},
    {"a port in FIN-WAIT-2: bind() wants SO_REUSEADDR on both sockets (Linux, 08a)",
     {true, {{.at = 0, .call = "set", .option = "reuseaddr", .value = 1, .returns = "0"},
             {.at = 0, .call = "bind", .port = 4000, .returns = "0"},
             {.at = 0, .call = "bind", .port = 4001, .returns = "EINVAL"},
             {.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(100), .call = "close", .returns = "0"},
             {.at = MS(130), .socket = "b", .call = "bind", .port = 4000,
              .returns = "EADDRINUSE"},
             {.at = MS(130), .socket = "b", .call = "set", .option = "reuseaddr", .value = 1},
             {.at = MS(130), .socket = "b", .call = "bind", .port = 4000, .returns = "0"},
             {.at = MS(130), .socket = "b", .call = "get", .option = "reuseaddr",
              .returns = "1"},
             {.at = MS(130), .socket = "b", .call = "connect", .returns = "EADDRNOTAVAIL"},
             {.at = MS(130), .socket = "b", .call = "close", .returns = "0"}}},
     {true, {{.at = 0, .call = "listen", .port = 80}, {.at = 0, .call = "accept"}}},
     0, 0, 0, MS(20), MS(110), SIM_NEVER, SIM_NEVER},
    {"three sockets at a time",
     {true, {{.at = 0, .socket = "a", .call = "connect", .returns = "0"},
             {.at = 0, .socket = "b", .call = "connect", .returns = "0"},
             {.at = MS(50), .socket = "a", .call = "send", .bytes = 5, .returns = "5"},
             {.at = MS(50), .socket = "b", .call = "send", .bytes = 7, .returns = "7"}}},
     {true, {{.at = 0, .socket = "x", .call = "listen", .port = 80, .returns = "0"},
             {.at = 0, .socket = "y", .call = "listen", .port = 80, .returns = "EADDRINUSE"},
             {.at = 0, .socket = "x", .call = "accept", .returns = "0"},
             {.at = MS(100), .socket = "x", .call = "close", .returns = "0"},
             {.at = MS(100), .socket = "x", .call = "accept", .returns = "0"}}},
     0, 0, 12, MS(20), SIM_NEVER, MS(110), SIM_NEVER},
    {"AF_UNSPEC: a reset for the peer, and the socket connects again from its port",
     {true, {{.at = 0, .call = "bind", .port = 4000},
             {.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(100), .call = "disconnect", .returns = "0"},
             {.at = MS(100), .call = "error", .returns = "ECONNRESET"},
             {.at = MS(120), .call = "connect", .returns = "0"},
             {.at = MS(200), .call = "send", .bytes = 5}}},
     {true, {{.at = 0, .call = "listen", .port = 80},
             {.at = 0, .call = "accept"},
             {.at = MS(115), .call = "error", .returns = "ECONNRESET"},
             {.at = MS(116), .call = "close", .returns = "0"},
             {.at = MS(150), .call = "accept", .returns = "0"}}},
     0, 0, 5, MS(20), SIM_NEVER, SIM_NEVER, SIM_NEVER},
    {"one socket after the other, and the listener's own close",
     {true, {{.at = 0, .call = "connect", .returns = "0"},
             {.at = MS(100), .call = "close"},
             {.at = MS(100), .call = "connect", .returns = "0"},
             {.at = MS(150), .call = "send", .bytes = 5},
             {.at = MS(160), .call = "close"}}},
     {true, {{.at = 0, .call = "listen", .port = 80},
             {.at = 0, .call = "listen", .port = 81, .returns = "EINVAL"},
             {.at = MS(50), .call = "accept", .returns = "0"},
             {.at = MS(111), .call = "close", .returns = "0"},
             {.at = MS(112), .call = "accept", .returns = "0"},
             {.at = MS(180), .call = "close", .returns = "0"},
             {.at = MS(180), .call = "close", .returns = "0"},
             {.at = MS(180), .call = "close", .returns = "EBADF"}}},
     0, 0, 5, MS(20), MS(110), SIM_NEVER, SIM_NEVER},
};
/* clang-format on */

static void calls_return_what_they_should(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct diary diary = diary_new();
        struct pair p;
        pair_init(&p, &r->client, &r->server);
        sim_listen(p.world.sim, &diary.listener);
        sim_run_until(p.world.sim, SEC(10));
        for (int i = 0; i < diary.n; i++)
            if (strcmp(diary.events[i].kind, "mismatch") == 0)
                print_error("%s: %s\n", r->story, diary.events[i].detail);
        check_eq(r->story,
                 metric_of(&p, CLIENT, "mismatches") + metric_of(&p, SERVER, "mismatches"), 0);
        check_eq(r->story, metric_of(&p, CLIENT, "blocked") + metric_of(&p, SERVER, "blocked"),
                 r->blocked);
        check_eq(r->story,
                 metric_of(&p, CLIENT, "returned") + metric_of(&p, SERVER, "returned") +
                     r->blocked + r->abandoned,
                 p.params[CLIENT].steps.n + p.params[SERVER].steps.n);
        check_all_verified(r->story, p.apps[CLIENT], r->client_bytes);
        check_all_verified(r->story, p.apps[SERVER], r->server_bytes);
        check_eq(r->story, metric_of(&p, CLIENT, "connected_at"), r->connected);
        check_eq(r->story, metric_of(&p, SERVER, "eof_at"), r->server_eof);
        check_eq(r->story, metric_of(&p, CLIENT, "eof_at"), r->client_eof);
        check_eq(r->story, metric_of(&p, CLIENT, "error_at"), r->client_error);
        sim_listen(p.world.sim, NULL);
        world_free(&p.world);
    }
}

/* The deliberate faults: five wrong expectations, of calls that return at once and of those
 * that block, and a right one. */
static void mismatches_are_found(void **state)
{
    const char *story = "wrong expectations";
    const struct side client = {
        true,
        {{.at = 0, .call = "send", .bytes = 1, .returns = "1"},
         {.at = 0, .call = "connect", .port = 80, .returns = "ECONNREFUSED"},
         {.at = MS(50), .call = "send", .bytes = 7, .returns = "8"},
         {.at = MS(60), .call = "close", .returns = "EBADF"}}};
    const struct side server = {true,
                                {{.at = 0, .call = "listen", .port = 80, .returns = "0"},
                                 {.at = 0, .call = "accept", .returns = "EAGAIN"}}};
    static const char *const texts[] = {
        "step 1: send returned EBADF, not 1",    "step 2: connect returned 0, not ECONNREFUSED",
        "step 2: accept returned 0, not EAGAIN", "step 3: send returned 7, not 8",
        "step 4: close returned 0, not EBADF",
    };
    struct diary diary = diary_new();
    struct pair p;
    int n = 0;

    pair_init(&p, &client, &server);
    sim_listen(p.world.sim, &diary.listener);
    sim_run_until(p.world.sim, SEC(1));
    for (int i = 0; i < diary.n; i++) {
        if (strcmp(diary.events[i].kind, "mismatch") != 0)
            continue;
        assert_true(n < (int)ARRAY_LEN(texts));
        check_str(story, diary.events[i].detail, texts[n++]);
    }
    check_eq(story, n, ARRAY_LEN(texts));
    check_eq(story, metric_of(&p, CLIENT, "mismatches"), 4);
    check_eq(story, metric_of(&p, SERVER, "mismatches"), 1);
    sim_listen(p.world.sim, NULL);
    world_free(&p.world);
}

/* clang-format off */
static const struct check_row {
    const char *story;
    bool read;
    const char *to;
    struct script_step steps[2];
    const char *want; /* NULL: nothing is wrong */
    int item;         /* and where */
    const char *key;
} check_rows[] = {
    {"good", true, "x",
     {{.call = "connect", .returns = "ECONNREFUSED"}, {.call = "close", .returns = "0"}}, NULL},
    {"a port of its own choice", true, "", {{.call = "listen"}, {.call = "accept"}}, NULL},
    {"an option of another world", true, "",
     {{.call = "get", .option = "so_reuseaddr"}, {.call = "close"}},
     "option names no socket option; docs/sockets.md lists them", 0, "option"},
    {"no bytes", true, "", {{.call = "send"}, {.call = "close"}}, "a send step needs bytes", 0, "call"},
    {"no how", true, "", {{.call = "shutdown"}, {.call = "close"}},
     "a shutdown step needs how: rd, wr or rdwr", 0, "call"},
    {"no option", true, "", {{.call = "close"}, {.call = "set"}},
     "a set step needs an option", 1, "call"},
    {"recv with read: yes", true, "", {{.call = "recv"}, {.call = "close"}},
     "a recv or peek step needs read: no, else the bytes are read already", 0, "call"},
    {"recv with read: no", false, "", {{.call = "recv"}, {.call = "close"}}, NULL},
    {"nobody to connect to", true, "", {{.call = "connect"}, {.call = "close"}},
     "a connect step needs the script's to", 0, "call"},
    {"unknown errno", true, "", {{.call = "close", .returns = "EWHAT"}, {.call = "close"}},
     "returns is neither the name of a socket call's errno nor a count", 0, "returns"},
    {"a key that is another call's", true, "",
     {{.call = "close", .bytes = 1}, {.call = "close"}},
     "the call of this step does not take this key", 0, "bytes"},
    {"another", true, "", {{.call = "listen", .port = 1, .how = "wr"}, {.call = "close"}},
     "the call of this step does not take this key", 0, "how"},
    {"the last of all", true, "", {{.call = "close"}, {.call = "close", .value = 1}},
     "the call of this step does not take this key", 1, "value"},
    {"a time", true, "", {{.call = "close", .returns = "1s"}, {.call = "close"}},
     "returns is neither the name of a socket call's errno nor a count", 0, "returns"},
    {"out of order", true, "", {{.at = MS(2), .call = "close"}, {.at = MS(1), .call = "close"}},
     "steps must stand in the order of their times", 1, "at"},
};
/* clang-format on */

static void bad_scripts_are_refused(void **state)
{
    for (const struct check_row *r = check_rows; r < check_rows + ARRAY_LEN(check_rows); r++) {
        struct script_step steps[2] = {r->steps[0], r->steps[1]};
        struct script_params params = {.steps = {steps, 2}, .read = r->read};
        snprintf(params.to, sizeof params.to, "%s", r->to);
        const struct misfit got = APP_SCRIPT.check(&params);
        check_str(r->story, got.sentence == NULL ? "nothing" : got.sentence,
                  r->want == NULL ? "nothing" : r->want);
        if (r->want == NULL)
            continue;
        check_str(r->story, got.list, "steps");
        check_eq(r->story, got.item, r->item);
        check_str(r->story, got.key, r->key);
    }
}

static void port_of_a_script(void **state)
{
    struct script_step steps[] = {
        {.call = "connect"}, {.call = "listen", .port = 7}, {.call = "listen", .port = 8}};
    const struct script_params params = {.steps = {steps, 3}}, without = {.steps = {steps, 1}};

    check_eq("the first listen", APP_SCRIPT.port(&params), 7);
    check_eq("no listen", APP_SCRIPT.port(&without), 0);
}

/* 1 MB through a send buffer of 128 KiB: send is the call of a program that blocks. */
static void send_goes_on_in_the_background(void **state)
{
    const char *story = "a send larger than the buffer";
    const struct side client = {
        true,
        {{.at = 0, .call = "connect"},
         {.at = MS(50), .call = "send", .bytes = 1000000, .returns = "1000000"}}};
    const struct side server = {
        true, {{.at = 0, .call = "listen", .port = 80}, {.at = 0, .call = "accept"}}};
    struct pair p;

    pair_init(&p, &client, &server);
    sim_run_until(p.world.sim, MS(60));
    check_true(story, p.apps[SERVER]->bytes_verified < 1000000);
    sim_run_until(p.world.sim, SEC(60));
    check_all_verified(story, p.apps[SERVER], 1000000);
    world_free(&p.world);
}

enum { N_ABORTS = 40 };

/* After an abort() no event comes on which the memory could be given back. */
static void aborted_connections_leave_nothing(void **state)
{
    const char *story = "connect and abort, once a second";
    const struct server_params web = {SERVER_BASE, .port = 80, .close = "after-eof",
                                      .read = true};
    struct script_step steps[2 * N_ABORTS];
    const struct script_params params = {
        .to = "web", .steps = {steps, 2 * N_ABORTS}, .read = true};
    struct world w = world_new();

    for (int i = 0; i < N_ABORTS; i++) {
        steps[2 * i] = (struct script_step){.at = SEC(i), .call = "connect", .returns = "0"};
        steps[2 * i + 1] = (struct script_step){.at = SEC(i) + MS(500), .call = "abort"};
    }
    struct app *server = world_app(&w, SERVER, "web", &APP_SERVER, &web, NULL);
    struct app *script = world_app(&w, CLIENT, "script", &APP_SCRIPT, &params, server);
    sim_run_until(w.sim, SEC(3));
    const size_t used = w.sim->arena.used;
    sim_run_until(w.sim, SEC(N_ABORTS + 1));
    check_eq(story, w.sim->arena.used, used);
    check_eq(story, world_metric(&w, script, "mismatches"), 0);
    check_eq(story, world_metric(&w, server, "accepted"), N_ABORTS);
    check_eq(story, world_metric(&w, server, "accept_errors"), N_ABORTS);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_return_what_they_should),
        cmocka_unit_test(mismatches_are_found),
        cmocka_unit_test(bad_scripts_are_refused),
        cmocka_unit_test(port_of_a_script),
        cmocka_unit_test(send_goes_on_in_the_background),
        cmocka_unit_test(aborted_connections_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
