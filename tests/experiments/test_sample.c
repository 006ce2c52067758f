/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sample:`: when samples are taken, what they see, and what is said of those that cannot be.
 */
#include "tests/experiments/runs.h"

/* SYN at 0, SYN-ACK at 10 ms, ACK with the request at 20 ms, reply at 30 ms. */
#define BASE                                                                                   \
    "topology: {two-hosts: {delay: 10ms}}\n"                                                   \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80, reply: 1kB, close: never}\n"                \
    "  user: {kind: request, host: client, to: web, send: 100B, close: never}\n"               \
    "stop: 45ms\n"

static int64_t value_at(const char *name, int64_t ms)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT value FROM sample WHERE subject || '.' || name = '%s' AND t_ns = %lld",
             name, (long long)ms * 1000000);
    return query(sql);
}

/* Before what arrives at the same instant: the server's SYN-RECEIVED lasts from 10 to 30 ms. */
static void samples_see_the_state_before_their_instant(void **state)
{
    static const int64_t half_open[] = {0, 0, 1, 1, 0}, established[] = {0, 0, 0, 0, 1};
    struct ran r = run_text(BASE "sample: {every: 10ms, metrics: [web.in_syn_received, "
                                 "web.in_established, client->server.sent, "
                                 "user.established_at, user.mean_syn_sent]}\n");
    for (int i = 0; i < 5; i++) {
        check_eq("half-open", value_at("web.in_syn_received", i * 10), half_open[i]);
        check_eq("established", value_at("web.in_established", i * 10), established[i]);
    }
    check_eq("0, 10, 20, 30, 40 ms",
             query("SELECT count(*) FROM sample WHERE name = 'in_established'"), 5);
    check_eq("the SYN", value_at("client->server.sent", 10), 1);
    check_eq("no value, no row", value_at("user.established_at", 20), -1);
    check_eq("a time in ns", value_at("user.established_at", 30), MS(20));
    check_eq("no time, no mean", value_at("user.mean_syn_sent", 0), -1);
    check_eq("2/3 is nearer to 1", value_at("user.mean_syn_sent", 30), 1);
    check_eq("20/45 would be nearer to 0, and 2/4 goes up", value_at("user.mean_syn_sent", 40),
             1);
    ran_free(&r);
}

static void samples_go_where_they_are_wanted(void **state)
{
    static const struct {
        const char *story, *more;
        int64_t n_rows; /* five instants a run */
        const char *first, *second;
    } rows[] = {
        {"a single run", "", 5, "all", NULL},
        {"of several the first", "repeat: 3\n", 5, "metrics and samples", "metrics"},
        {"said", "repeat: 3\nrecord: metrics\n", 15, "metrics and samples",
         "metrics and samples"},
        {"with states", "repeat: 2\nrecord: life\n", 10, "life and samples",
         "life and samples"},
        {"nothing", "record: none\n", 0, "none", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[1024];
        snprintf(text, sizeof text, "%ssample: {every: 10ms, metrics: [web.in_closing]}\n%s",
                 BASE, rows[i].more);
        struct ran r = run_text(text);
        check_eq(rows[i].story, query("SELECT count(*) FROM sample"), rows[i].n_rows);
        check_str(rows[i].story, plan_levels_name(r.x, 0, 0), rows[i].first);
        if (rows[i].second != NULL)
            check_str(rows[i].story, plan_levels_name(r.x, 0, 1), rows[i].second);
        ran_free(&r);
    }
}

/* At the same instant a sample comes after the end of the warm-up. */
static void samples_come_after_the_warm_up(void **state)
{
    struct ran r = run_text(BASE "warm_up: 20ms\n"
                                 "sample: {every: 10ms, metrics: [client->server.sent]}\n");
    check_eq("before", value_at("client->server.sent", 10), 1);
    check_eq("at its end", value_at("client->server.sent", 20), 0);
    check_true("after", value_at("client->server.sent", 30) >= 1);
    ran_free(&r);
}

static void samples_that_never_were_are_told(void **state)
{
    struct ran r = run_text(
        BASE "sample: {every: 10ms, metrics: [web.in_established, user.eof_at]}\nrepeat: 2\n");
    char text[600];
    check_eq("one", r.results->warnings.n, 1);
    check_str("which", warning_text(&r.results->warnings.items[0], r.x, text, sizeof text),
              "sample 'user.eof_at' was never taken: what it measures had not happened "
              "whenever it was looked at");
    ran_free(&r);
}

static void what_cannot_be_sampled(void **state)
{
    static const struct {
        const char *sample, *message, *hint;
        int column;
    } rows[] = {
        {"{every: 1s, metrics: [web.in_establised]}",
         "unknown metric of 'web': 'in_establised'", "did you mean 'in_established'?", 31},
        {"{every: 1s, metrics: [wbe.in_established]}", "unknown subject of a metric 'wbe'",
         "did you mean 'web'?", 31},
        {"{every: 1s, metrics: [web.states]}", "web.states is a text, and a sample is a number",
         "", 31},
        {"{every: 1s, metrics: [web]}", "a metric is SUBJECT.METRIC, not 'web'",
         "for example web.in_time_wait", 31},
        {"{every: 1s, metrics: []}", "metrics is empty", "", 30},
        {"{every: 0s, metrics: [web.closed]}", "every is out of range: '0s'", "at least 1ns",
         17},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[1024];
        struct err e;
        snprintf(text, sizeof text, "%ssample: %s\n", BASE, rows[i].sample);
        write_file("test.yaml", text);
        struct experiment *x = experiment_load("test.yaml", NULL, 0, &e);
        check_true(rows[i].sample, x == NULL);
        check_str(rows[i].sample, e.text, rows[i].message);
        check_str(rows[i].sample, e.hint, rows[i].hint);
        check_eq(rows[i].sample, e.line, 6);
        check_eq(rows[i].sample, e.column, rows[i].column);
        experiment_free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_see_the_state_before_their_instant),
        cmocka_unit_test(samples_go_where_they_are_wanted),
        cmocka_unit_test(samples_come_after_the_warm_up),
        cmocka_unit_test(samples_that_never_were_are_told),
        cmocka_unit_test(what_cannot_be_sampled),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
