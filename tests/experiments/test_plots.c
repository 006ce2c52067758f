/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rows of `plot`: what goes with which kind, what must exist, what is recorded for them,
 * and how many pictures come of a row.
 */
#include <unistd.h>

#include "experiments/pictures.h"
#include "tests/experiments/runs.h"

#define BASE                                                                                   \
    "topology: {two-hosts: {delay: $d}}\n"                                                     \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80, reply: 1kB, close: after-eof}\n"            \
    "  user: {kind: request, host: client, to: web, send: 100B, close: after-reply}\n"         \
    "sweep: {d: [5ms, 10ms]}\n"                                                                \
    "variants: {side: {a: {}, b: {}, c: {}}}\n"                                                \
    "stop: 1s\n"
#define SAMPLE "sample: {every: 10ms, metrics: [web.in_established, web.segments_sent]}\n"

static void what_cannot_be_drawn(void **state)
{
    static const struct {
        const char *more, *message, *hint;
        int line, column;
    } rows[] = {
        {"plot: {p: {kind: swep}}\n", "unknown plot kind 'swep'", "did you mean 'sweep'?", 8,
         18},
        {"plot: {p: {kind: ladder, y: web.closed}}\n",
         "'y' does not go with ladder, but with sweep", "", 8, 26},
        {"plot: {p: {kind: sweep, y: web.closed, side_by_side: d}}\n",
         "'side_by_side' does not go with sweep, but with ladder, states, dwell, samples", "",
         8, 40},
        {"plot: {p: {kind: sweep, metrics: [web.closed]}}\n",
         "'metrics' does not go with sweep, but with samples", "", 8, 25},
        {"plot: {p: {kind: samples, hosts: [client]}}\n",
         "'hosts' does not go with samples, but with states, dwell", "", 8, 27},
        {"plot: {p: {kind: sweep, x: d}}\n", "plot 'p' needs the key 'y'",
         "for example y: web.mean_syn_received", 8, 8},
        {"plot: {p: {kind: sweep, x: dd, y: web.closed}}\n",
         "there is no sweep or variant 'dd'", "did you mean 'd'?", 8, 28},
        {"plot: {p: {kind: sweep, series: dd, y: web.closed}}\n",
         "there is no sweep or variant 'dd'", "did you mean 'd'?", 8, 33},
        {"plot: {p: {kind: sweep, y: [web.closed, web.closd]}}\n",
         "unknown metric of 'web': 'closd'", "did you mean 'closed'?", 8, 41},
        {"plot: {p: {kind: sweep, y: web.states}}\n",
         "web.states is a text: it cannot be drawn", "", 8, 28},
        {"plot: {p: {kind: sweep, y: web.closed, band: 100%}}\n",
         "band is out of range: '100%'", "0% to 99.9%", 8, 46},
        {"plot: {p: {kind: sweep, y: web.closed, line: expect}}\n",
         "no row of 'expect' says what web.closed is", "line: expect draws what such rows want",
         8, 40},
        {"expect: [{metric: web.closed, at_least: 1, source: x}]\n"
         "plot: {p: {kind: sweep, y: web.closed, line: expect}}\n",
         "no row of 'expect' says what web.closed is", "line: expect draws what such rows want",
         9, 40},
        {"plot: {p: {kind: states, hosts: [cleint]}}\n", "unknown host 'cleint'",
         "did you mean 'client'?", 8, 34},
        {"plot: {p: {kind: samples}}\n", "plot 'p' draws samples, and none are taken",
         "for example sample: {every: 10ms, metrics: [web.in_time_wait]}", 8, 8},
        {SAMPLE "plot: {p: {kind: samples, metrics: web.closed}}\n",
         "web.closed is not among the metrics of 'sample'", "", 9, 36},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[2048];
        struct err e;
        snprintf(text, sizeof text, BASE "%s", rows[i].more);
        write_file("test.yaml", text);
        struct experiment *x = experiment_load("test.yaml", NULL, 0, &e);
        check_true(rows[i].more, x == NULL);
        check_str(rows[i].more, e.text, rows[i].message);
        check_str(rows[i].more, e.hint, rows[i].hint);
        check_eq(rows[i].more, e.line, rows[i].line);
        check_eq(rows[i].more, e.column, rows[i].column);
    }
}

static void what_is_recorded_for_pictures(void **state)
{
    static const struct {
        const char *more, *first, *second; /* replications of the first point; NULL: an error */
        const char *message;
    } rows[] = {
        {"plot: {p: {kind: ladder}}\n", "all", "metrics", NULL},
        {"plot: {p: {kind: states}}\n", "life", "metrics", NULL},
        {"plot: {p: {kind: dwell}}\n", "life", "metrics", NULL},
        {"plot: {p: {kind: sweep, y: web.closed}}\n", "metrics", "metrics", NULL},
        {SAMPLE "plot: {p: {kind: samples}}\n", "metrics and samples", "metrics", NULL},
        {SAMPLE "plot: {p: {kind: samples}, q: {kind: ladder}}\n", "all", "metrics", NULL},
        {"plot: {p: {kind: states}}\nrecord: metrics\n", NULL, NULL,
         "bars of states show changes of state, but record: metrics keeps none"},
        {"plot: {p: {kind: ladder}}\nrecord: life\n", NULL, NULL,
         "a ladder shows segments, but record: life keeps none"},
        {"plot: {p: {kind: sweep, y: web.closed}}\nrecord: none\n", NULL, NULL,
         "a sweep shows metrics, but record: none keeps none"},
        {SAMPLE "plot: {p: {kind: samples}}\nrecord: none\n", NULL, NULL,
         "lines of samples show samples, but record: none keeps none"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[2048];
        struct err e = {0};
        snprintf(text, sizeof text, BASE "repeat: 2\n%s", rows[i].more);
        struct experiment *x = load_text(text, NULL);
        check_eq(rows[i].more, runner_check(x, &e), rows[i].message == NULL ? 0 : -1);
        check_str(rows[i].more, e.text, rows[i].message == NULL ? "" : rows[i].message);
        if (rows[i].message == NULL) {
            check_str(rows[i].more, plan_levels_name(x, 0, 0), rows[i].first);
            check_str(rows[i].more, plan_levels_name(x, 0, 1), rows[i].second);
        }
        experiment_free(x);
    }
}

/* Six points. A sweep is one picture of them all; what shows runs has one a combination of what
 * does not stand side by side. */
static void pictures_of_a_row(void **state)
{
    static const struct {
        const char *plot;
        int n;
    } rows[] = {
        {"{kind: sweep, y: user.connected_at, band: 95%, line: expect}", 1},
        {"{kind: sweep, y: user.connected_at, where: {side: a}}", 1},
        {"{kind: states, side_by_side: side}", 2},
        {"{kind: dwell, where: {d: 5ms}}", 3},
        {"{kind: samples, metrics: web.in_established, where: {side: [a, b]}}", 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[2048];
        struct pictures pictures;
        struct err e = {0};
        snprintf(text, sizeof text,
                 BASE SAMPLE
                 "expect: [{metric: user.connected_at, is: 2 * $d, source: 1 RTT}]\n"
                 "repeat: 2\nplot: {p: %s}\n",
                 rows[i].plot);
        struct ran r = run_text(text);
        check_eq(rows[i].plot, pictures_draw(r.x, "test.db", ".", "en", &pictures, &e), 0);
        check_str(rows[i].plot, e.text, "");
        check_eq(rows[i].plot, pictures.n, rows[i].n);
        for (int k = 0; k < pictures.n; k++)
            check_eq(rows[i].plot, unlink(pictures.paths[k]), 0);
        pictures_free(&pictures);
        ran_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_drawn),
        cmocka_unit_test(what_is_recorded_for_pictures),
        cmocka_unit_test(pictures_of_a_row),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
