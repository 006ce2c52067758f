/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "tests/experiments/runs.h"

/* A client sends 100 B and closes; the server reads to the end, answers 1 kB and closes. 10 ms
 * each way. */
#define BASE                                                                                   \
    "name: t\n"                                                                                \
    "topology: {two-hosts: {delay: 10ms}}\n"                                                   \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80, reply: 1kB, close: after-eof}\n"            \
    "  user: {kind: request, host: client, to: web, send: 100B, close: after-reply}\n"         \
    "stop: 10min\n"

/* Fails when a .part file was left behind. */
static int remove_folder(void **state)
{
    char dir[256];
    unlink("test.yaml");
    unlink("test.db");
    return getcwd(dir, sizeof dir) == NULL || chdir("/") != 0 ? -1 : rmdir(dir);
}

static struct results *run_well(const struct experiment *x)
{
    return run_loaded(x, 1, "test.db");
}

/* The server is ESTABLISHED when the third segment arrives, 1.5 round trips after the SYN; its
 * reply ends 2 round trips after it. */
static void judges_and_stores(void **state)
{
    struct experiment *x =
        load_text(BASE "repeat: 3\n"
                       "expect:\n"
                       "  - {metric: web.established_at, is: 3 * 10ms, source: by hand}\n"
                       "  - {metric: user.established_at, is: 21ms, source: wrong}\n",
                  NULL);
    struct results *r = run_well(x);
    check_eq("runs", r->n_runs, 3);
    check_eq("verdicts", r->n_verdicts, 2);
    check_eq("pass", r->n_pass, 1);
    check_eq("first", r->verdicts[0].kind, VERDICT_PASS);
    check_str("got", r->verdicts[0].got, "30ms");
    check_eq("second", r->verdicts[1].kind, VERDICT_FAIL);
    check_str("got", r->verdicts[1].got, "20ms (3 of 3 do not hold)");
    for (int i = 0; i < 3; i++)
        check_eq("seen", results_seen(r, 1, 0)[i].num, MS(20));
    check_eq("status",
             query("SELECT count(*) FROM experiment WHERE status = 'failed expectation'"), 1);
    check_eq(
        "runs",
        query("SELECT count(*) FROM run WHERE status = 'ok' AND sim_end_ns = 600000000000"), 3);
    check_eq("verdicts",
             query("SELECT count(*) FROM expectation WHERE verdict = 'pass' AND n = 3"), 1);
    check_eq(
        "metric",
        query("SELECT value FROM metric WHERE subject = 'user' AND name = 'established_at'"),
        MS(20));
    check_eq("a metric once a run",
             query("SELECT max(n) FROM (SELECT count(*) AS n FROM metric GROUP BY run_id, "
                   "subject, name)"),
             1);
    check_eq("metrics alone under a repeat", query("SELECT count(*) FROM segment"), 0);
    results_free(r);
    experiment_free(x);
}

static void records_as_told(void **state)
{
    const struct {
        const char *story, *more;
        const char *first, *second; /* of the first point's replications */
    } rows[] = {
        {"a single run", "", "all", NULL},
        {"repeated", "repeat: 2\n", "metrics", "metrics"},
        {"said", "repeat: 2\nrecord: life\n", "life", "life"},
        {"a ladder of the first", "repeat: 2\nplot: {l: {kind: ladder}}\n", "all", "metrics"},
        {"nothing", "record: none\n", "none", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[1024];
        snprintf(text, sizeof text, "%s%s", BASE, rows[i].more);
        struct experiment *x = load_text(text, NULL);
        struct results *r = run_well(x);
        check_str(rows[i].story, plan_levels_name(x, 0, 0), rows[i].first);
        if (rows[i].second != NULL)
            check_str(rows[i].story, plan_levels_name(x, 0, 1), rows[i].second);
        check_eq(rows[i].story, query("SELECT count(*) > 0 FROM segment"),
                 strcmp(rows[i].first, "all") == 0);
        check_eq(rows[i].story, query("SELECT count(*) > 0 FROM transition"),
                 strcmp(rows[i].first, "all") == 0 || strcmp(rows[i].first, "life") == 0);
        check_eq(rows[i].story, query("SELECT count(*) > 0 FROM metric"),
                 strcmp(rows[i].first, "none") != 0);
        check_eq(rows[i].story, query("SELECT count(DISTINCT run_id) FROM segment"),
                 strcmp(rows[i].first, "all") == 0);
        results_free(r);
        experiment_free(x);
    }
}

struct stopper {
    volatile sig_atomic_t flag;
    double at; /* runs done, the present one by its part */
};

static void stop_there(void *ctx, double done, int64_t total)
{
    struct stopper *s = ctx;
    s->flag = done >= s->at;
}

/* Enough segments that a run is looked up many times: 20 MB, 1460 B each, an ACK for every
 * other. */
#define BULK                                                                                   \
    "name: t\n"                                                                                \
    "topology: {two-hosts: {delay: 10ms}}\n"                                                   \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80, close: after-eof}\n"                        \
    "  user: {kind: bulk, host: client, to: web, bytes: 20MB}\n"                               \
    "stop: 60s\nrepeat: 3\nrecord: all\n"                                                      \
    "expect: [{metric: web.bytes_verified, is: 20MB, source: all of it}]\n"

static void interrupted_rows_roll_back(void **state)
{
    const struct {
        const char *story;
        double at;
        int64_t n_ok;
    } rows[] = {{"before the first has ended", 0, 0},
                {"within the second", 1.0001, 1},
                {"within the last", 2.0001, 2}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct stopper s = {.at = rows[i].at};
        const struct run_options options = {.db_path = "test.db",
                                            .interrupt = &s.flag,
                                            .progress = stop_there,
                                            .progress_ctx = &s};
        struct experiment *x = load_text(BULK, NULL);
        struct results *r = NULL;
        struct err e = {0};
        check_eq(rows[i].story, runner_run(x, &options, &r, &e), RUN_INTERRUPTED);
        check_true(rows[i].story, r == NULL);
        check_eq(rows[i].story,
                 query("SELECT count(*) FROM experiment WHERE status = 'interrupted'"), 1);
        check_eq(rows[i].story, query("SELECT count(*) FROM run WHERE status = 'ok'"),
                 rows[i].n_ok);
        check_eq(rows[i].story, query("SELECT count(*) FROM run WHERE status = 'interrupted'"),
                 1);
        check_eq(rows[i].story, query("SELECT count(DISTINCT run_id) FROM segment"),
                 rows[i].n_ok);
        check_eq(rows[i].story, query("SELECT count(*) FROM expectation"), 0);
        experiment_free(x);
    }
}

/* 50 % loss both ways; the twins are the same network. */
#define LOSSY(random)                                                                          \
    "name: t\n"                                                                                \
    "topology: {two-hosts: {delay: 10ms, loss: 50%}}\n"                                        \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80, reply: 100kB, close: after-eof}\n"          \
    "  user: {kind: request, host: client, to: web, send: 100B, close: after-reply}\n"         \
    "variants: {twin: {first: {}, second: {}}}\n"                                              \
    "random: " random "\nstop: 10min\nrepeat: 2\n"                                             \
    "expect: [{metric: client->server.sent, at_least: 0, source: a column}]\n"

static void random_numbers_are_common_or_not(void **state)
{
    for (int independent = 0; independent <= 1; independent++) {
        const char *text = independent ? LOSSY("independent") : LOSSY("common");
        struct experiment *x = load_text(text, NULL);
        struct results *r = run_well(x);
        const struct observed *a = results_seen(r, 0, 0), *b = results_seen(r, 0, 1);
        const bool same = a[0].num == b[0].num && a[1].num == b[1].num;
        check_eq("twins see the same losses", same, !independent);
        check_true("replications do not", a[0].num != a[1].num || b[0].num != b[1].num);
        results_free(r);
        experiment_free(x);
    }
}

static void idle_faults_are_told(void **state)
{
    struct experiment *x = load_text(
        BASE "faults:\n"
             "  late: {link: client->server, match: {flags: SYN, nth: 2}, drop: yes}\n"
             "  busy: {link: client->server, match: {flags: \"FIN,ACK\"}, delay: $wait}\n"
             "sweep: {wait: [1ms, 2ms]}\nrepeat: 2\n",
        NULL);
    struct results *r = run_well(x);
    char text[600];
    check_eq("once, whatever the number of points", r->warnings.n, 1);
    check_str("the one that waits for a second SYN, which two replications sent once each",
              warning_text(&r->warnings.items[0], x, text, sizeof text),
              "fault 'late' never acted at wait=1ms and 1 more point: 2 segments matched");
    results_free(r);
    experiment_free(x);
}

/* The second sweeps in every packet to the server; nothing goes to the first's prefix. */
static void routes_that_nobody_takes_are_told(void **state)
{
    struct experiment *x = load_text(
        "name: t\ntopology:\n  custom:\n    hosts: [client, server]\n    routers: [middle]\n"
        "    links: {client<->middle: {delay: 1ms}, middle<->server: {delay: 1ms}}\n"
        "routes:\n"
        "  idle: {node: middle, to: 203.0.113.0/24, via: middle->server}\n"
        "  busy: {node: middle, to: server, via: middle->server}\n"
        "apps:\n"
        "  web: {kind: server, host: server, port: 80}\n"
        "  user: {kind: connect, host: client, to: web}\n"
        "warm_up: 1min\nstop: 2min\n",
        NULL); /* all that goes there does so before */
    struct results *r = run_well(x);
    char text[600];
    check_eq("one of the two", r->warnings.n, 1);
    check_str("that one", warning_text(&r->warnings.items[0], x, text, sizeof text),
              "route 'idle' was never used: no packet to its addresses came by while it was "
              "there");
    results_free(r);
    experiment_free(x);
}

/* One line each of what can never happen, before any run; `check` prints it. */
static void what_can_never_happen_is_foreseen(void **state)
{
#define FORESEE "name: t\nstop: 2s\napps:\n  web: {kind: server, host: server, port: 80}\n"
#define PAIR    "topology: {two-hosts: {delay: 10ms}}\n"
    static const struct {
        const char *story, *text, *want; /* NULL: nothing */
    } rows[] = {
        {"all is well", FORESEE "  user: {kind: connect, host: client, to: web, at: 2s}\n" PAIR,
         NULL},
        {"an app", FORESEE "  user: {kind: connect, host: client, to: web, at: 2001ms}\n" PAIR,
         "app 'user': what it has at 2.001s is after the end of the run"},
        {"chance says when",
         FORESEE "  user: {kind: connect, host: client, to: web, at: {exponential: 9s}}\n" PAIR,
         NULL},
        {"the first late step of a script",
         FORESEE
         "  user: {kind: script, host: client, to: web, steps: [{at: 1s, call: connect}, "
         "{at: 3s, call: close}, {at: 4s, call: error}]}\n" PAIR,
         "app 'user': what it has at 3s is after the end of the run"},
        {"a step of a link",
         FORESEE PAIR "links: {client->server: {schedule: [{at: 1s, state: down}, {at: 5s, "
                      "state: up}]}}\n",
         "link 'client->server': what it has at 5s is after the end of the run"},
        {"a failure", FORESEE PAIR "hosts: {server: {crash: {at: 1min}}}\n",
         "host 'server': what it has at 1min is after the end of the run"},
        {"no failure", FORESEE PAIR "hosts: {server: {crash: {at: never}}}\n", NULL},
        {"nothing waits", FORESEE PAIR "links: {server->client: {queue: 5}}\n",
         "link 'server->client': without a `rate` packets leave at once, and its queue is "
         "always "
         "empty"},
        {"something does", FORESEE PAIR "links: {server->client: {queue: 5, rate: 1Mbit}}\n",
         NULL},
        {"it will",
         FORESEE PAIR
         "links: {server->client: {queue: 5, schedule: [{at: 1s, rate: 1Mbit}]}}\n",
         NULL},
        {"no way there",
         FORESEE "  user: {kind: connect, host: client, to: web}\n"
                 "topology: {custom: {hosts: [client, server], links: {server->client: {}}}}\n",
         "app 'user': no links lead from its host to where it sends"},
        {"no way back",
         FORESEE "  user: {kind: connect, host: client, to: web}\n"
                 "topology: {custom: {hosts: [client, server], links: {client->server: {}}}}\n",
         "app 'user': links lead to where it sends, and none lead back"},
        {"it is looked at",
         FORESEE "  user: {kind: connect, host: client, to: web}\n"
                 "topology: {custom: {hosts: [client, server], links: {client->server: {}}}}\n"
                 "expect: [{metric: server.no_route, is: 1, source: x}]\n",
         NULL},
        {"a host forwards nothing",
         FORESEE "  user: {kind: connect, host: client, to: web}\n"
                 "topology: {custom: {hosts: [client, b, server], links: {client<->b: {}, "
                 "b<->server: {}}}}\n",
         "app 'user': no links lead from its host to where it sends"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment *x = load_text(rows[i].text, NULL);
        struct warnings w = {0};
        struct err e = {0};
        char text[600] = "";
        check_eq(rows[i].story, warnings_foresee(&w, x, &e), 0);
        check_eq(rows[i].story, w.n, rows[i].want != NULL);
        if (w.n > 0)
            check_str(rows[i].story, warning_text(&w.items[0], x, text, sizeof text),
                      rows[i].want);
        warnings_fini(&w);
        experiment_free(x);
    }
}

/* The server's answer to a SYN has no way back: a slip, unless somebody expects it or has
 * said so by a route. Where no host drops it, as b does what is not for it, the app is told of.
 */
static void hosts_without_a_way_are_told(void **state)
{
#define ONE_WAY                                                                                \
    "name: t\nstop: 500ms\nrepeat: 2\n"                                                        \
    "apps:\n  web: {kind: server, host: server, port: 80}\n"                                   \
    "  user: {kind: connect, host: client, to: web}\n"                                         \
    "topology: {custom: {hosts: [client, server], links: {client->server: {}"
#define DROPPED                                                                                \
    "host 'server': 2 packets dropped, as no links lead to where they were to go, "            \
    "and nothing expects it"
    static const struct {
        const char *story, *text, *told; /* NULL: nothing */
    } rows[] = {
        {"nobody says it", ONE_WAY "}}}\n", DROPPED},
        {"an expectation does",
         ONE_WAY "}}}\nexpect: [{metric: server.no_route, is: 1, source: x}]\n", NULL},
        {"of another host",
         ONE_WAY "}}}\nexpect: [{metric: client.no_route, is: 0, source: x}]\n", DROPPED},
        {"a route does",
         ONE_WAY ", server->client: {}}}}\n"
                 "routes: {cut: {node: server, to: client, via: none}}\n",
         NULL},
        {"a host forwards nothing",
         "name: t\nstop: 500ms\n"
         "apps:\n  web: {kind: server, host: server, port: 80}\n"
         "  user: {kind: connect, host: client, to: web}\n"
         "topology: {custom: {hosts: [client, b, server], links: {client<->b: {}, b<->server: "
         "{}}}}\n",
         "app 'user': no links lead from its host to where it sends"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment *x = load_text(rows[i].text, NULL);
        struct results *r = run_well(x);
        char text[600];
        check_eq(rows[i].story, r->warnings.n, rows[i].told != NULL);
        if (r->warnings.n > 0)
            check_str(rows[i].story, warning_text(&r->warnings.items[0], x, text, sizeof text),
                      rows[i].told);
        results_free(r);
        experiment_free(x);
    }
}

/* Of two connections with one local port the second cannot be opened. Said or expected, nothing
 * is told; no word of it, and it is. */
static void taken_addresses_are_told(void **state)
{
#define TWICE                                                                                  \
    "name: t\ntopology: {two-hosts: {delay: 10ms}}\nstop: 1s\nrepeat: 2\n"                     \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80}\n"                                          \
    "  one: {kind: connect, host: client, to: web, local_port: 5000}\n"
#define SECOND "  two: {kind: connect, host: client, to: web, local_port: 5000}\n"
#define CALL                                                                                   \
    "  two: {kind: script, host: client, to: web, steps: [{call: connect, local_port: 5000"
    static const struct {
        const char *story, *text;
        int n_taken;
        int64_t n_failed;
    } rows[] = {
        {"nobody says it", TWICE SECOND, 1, 2}, /* a call a replication */
        {"an expectation does",
         TWICE SECOND "expect: [{metric: two.error, is: EADDRNOTAVAIL, source: x}]\n", 0, 0},
        {"an expectation of another app's",
         TWICE SECOND "expect: [{metric: one.errors, is: 0, source: x}]\n", 1, 2},
        {"a call nobody foresees", TWICE CALL "}]}\n", 1, 2},
        {"a call that says it", TWICE CALL ", returns: EADDRNOTAVAIL}]}\n", 0, 0},
        {"a call that says another thing", TWICE CALL ", returns: EPIPE}]}\n", 1, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment *x = load_text(rows[i].text, NULL);
        struct results *r = run_well(x);
        check_eq(rows[i].story, r->warnings.n, rows[i].n_taken);
        if (r->warnings.n > 0) {
            check_str(rows[i].story, r->warnings.items[0].name, "two");
            check_eq(rows[i].story, r->warnings.items[0].n[0], rows[i].n_failed);
            check_eq(rows[i].story, r->warnings.items[0].n[1], EADDRNOTAVAIL);
        }
        results_free(r);
        experiment_free(x);
    }
}

static void failures_leave_the_old_database(void **state)
{
    struct experiment *x = load_text(BASE, NULL);
    struct results *r = run_well(x);
    results_free(r);
    struct err e = {0};
    const struct run_options nowhere = {.db_path = "/nonexistent/t.db"};
    check_eq("no such folder", runner_run(x, &nowhere, &r, &e), RUN_FAILED);
    check_true("no such folder", r == NULL && e.text[0] != '\0');
    experiment_free(x);
    /* 20 MB are 13,699 segments and half as many ACKs, a row for each at both ends of a link:
     * below the limit */
    x = load_text(BULK, NULL);
    x->record = "life";
    r = run_well(x);
    check_eq("20 MB hold", r->n_pass, 1);
    check_eq("life", query("SELECT count(*) FROM segment"), 0);
    results_free(r);
    experiment_free(x);
}

static const struct error_row {
    const char *story, *more;
    const char *message;
    int line, column;
} error_rows[] = {
    {"a time without a unit", "expect: [{metric: web.ghost_time, is: 20, source: x}]\n",
     "'20' is a plain number, but web.ghost_time is a time", 7, 39},
    {"an unknown name in arithmetic",
     "expect: [{metric: web.ghost_time, is: 2 * $rtt, source: x}]\n",
     "no let or sweep is called 'rtt'", 7, 43},
    {"a ladder without segments", "record: life\nplot: {l: {kind: ladder}}\n",
     "a ladder shows segments, but record: life keeps none", 8, 8},
    {"too many samples",
     "sample: {every: 1ms, metrics: [web.in_established, user.in_established]}\n",
     "sample takes 1200002 rows a run, and 1000000 are the most unless record: all is said", 7,
     1},
};

static void checks_before_running(void **state)
{
    for (const struct error_row *r = error_rows; r < error_rows + ARRAY_LEN(error_rows); r++) {
        char text[1024];
        struct err e = {0};
        snprintf(text, sizeof text, "%s%s", BASE, r->more);
        struct experiment *x = load_text(text, NULL);
        check_eq(r->story, runner_check(x, &e), -1);
        check_str(r->story, e.text, r->message);
        check_eq(r->story, e.line, r->line);
        check_eq(r->story, e.column, r->column);
        experiment_free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_and_stores),
        cmocka_unit_test(records_as_told),
        cmocka_unit_test(interrupted_rows_roll_back),
        cmocka_unit_test(random_numbers_are_common_or_not),
        cmocka_unit_test(idle_faults_are_told),
        cmocka_unit_test(routes_that_nobody_takes_are_told),
        cmocka_unit_test(what_can_never_happen_is_foreseen),
        cmocka_unit_test(hosts_without_a_way_are_told),
        cmocka_unit_test(taken_addresses_are_told),
        cmocka_unit_test(failures_leave_the_old_database),
        cmocka_unit_test(checks_before_running),
    };
    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
