/* SPDX-License-Identifier: GPL-3.0-or-later
 * Runs in several processes: the same database, and the same ends when something goes wrong.
 */
#include <sys/resource.h>
#include <unistd.h>

#include "experiments/workers.h"
#include "output/recorder.h"
#include "tests/experiments/runs.h"

/* Losses, a hold and a warning, so that every kind of record, metric and count crosses a pipe.
 */
#define LOSSY                                                                                  \
    "topology: {two-hosts: {delay: 10ms, loss: 20%}}\n"                                        \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80, reply: 20kB, close: after-eof}\n"           \
    "  user: {kind: request, host: client, to: web, send: 100B, close: after-reply}\n"         \
    "faults:\n"                                                                                \
    "  idle: {link: client->server, match: {flags: SYN, nth: 99}, drop: yes}\n"                \
    "tcp: {msl: $msl}\nsweep: {msl: [1s, 2s, 3s]}\n"                                           \
    "stop: 2min\nrepeat: 4\nrecord: all\n"                                                     \
    "sample: {every: 10s, metrics: [web.segments_sent, user.in_time_wait]}\n"                  \
    "expect:\n"                                                                                \
    "  - {metric: user.states, is: CLOSED, source: never}\n"                                   \
    "  - {metric: web.mean_established, at_least: 0, source: a column}\n"

static char *dump_of(const char *db_path)
{
    char *text;
    size_t size;
    struct err e = {0};
    FILE *f = open_memstream(&text, &size);
    assert_int_equal(recorder_dump(db_path, f, &e), 0);
    fclose(f);
    return text;
}

static void results_are_the_same(void **state)
{
    static const int n_workers[] = {2, 3, 5, 12, 40};
    struct experiment *x = load_text(LOSSY, NULL);
    struct results *first = run_loaded(x, 1, "test.db");
    char *want = dump_of("test.db");
    check_true("something is compared",
               query("SELECT count(*) FROM segment WHERE cause = 'loss'") > 0 &&
                   query("SELECT count(*) FROM sample") == 12 * 13 * 2);
    for (size_t i = 0; i < ARRAY_LEN(n_workers); i++) {
        struct results *r = run_loaded(x, n_workers[i], "other.db");
        char *got = dump_of("other.db");
        check_true("the same dump", strcmp(got, want) == 0);
        check_eq("runs", r->n_runs, 12);
        check_eq("events", r->n_events, first->n_events);
        check_eq("warnings", r->warnings.n, first->warnings.n);
        check_eq("at all points", r->warnings.items[0].n_points, 3);
        check_eq("what it counted", r->warnings.items[0].n[0], first->warnings.items[0].n[0]);
        check_eq("verdicts", r->n_verdicts, first->n_verdicts);
        for (int v = 0; v < r->n_verdicts; v++)
            check_str("verdict", r->verdicts[v].got, first->verdicts[v].got);
        results_free(r);
        free(got);
    }
    free(want);
    results_free(first);
    experiment_free(x);
}

/* The outlet of a test: takes everything. */
static int take_metric(struct outlet *o, const char *subject, const char *name,
                       const struct value *v, enum unit unit)
{
    return 0;
}
static int take_end(struct outlet *o, const struct sim *sim, double cpu_s)
{
    return 0;
}
static bool go_on(struct outlet *o, const struct sim *sim)
{
    return true;
}
static void take_record(struct listener *self, sim_time now, const struct rec_type *type,
                        const void *rec)
{
}
static struct listener *listen_to_all(struct outlet *o, uint32_t levels)
{
    static struct listener all = {.emit = take_record};
    return &all;
}

static void a_worker_that_dies_is_told(void **state)
{
    struct experiment *x = load_text(LOSSY "random: independent\n", "repeat=100000");
    struct outlet outlet = {listen_to_all, go_on, take_metric, take_end};
    struct observed seen[4] = {0};
    struct tally tally;
    struct point_spec spec = point_of(x, 0);
    struct plan plan;
    struct workers w;
    struct err e = {0};
    enum run_end end = RUN_WHOLE;
    assert_int_equal(plan_init(&plan, x, &e), 0);
    assert_int_equal(tally_init(&tally, x, &spec.net), 0);
    struct outcome out = {.seen = seen, .tally = &tally};
    assert_int_equal(workers_start(&w, 2, &plan, false, &e), 0);
    kill(w.items[1].pid, SIGKILL);
    int64_t rank = 0;
    for (; end == RUN_WHOLE && rank < 100000; rank++) {
        end = workers_next(&w, rank, &plan, &outlet, &out, &e);
        for (int i = 0; i < plan.n_columns; i++)
            observed_free(&seen[i]);
    }
    check_eq("broken", end, RUN_BROKEN);
    check_eq("the second worker's", rank % 2, 0);
    check_true("in a sentence", strstr(e.text, "at msl=1s: its process ended with signal 9"));
    workers_stop(&w);
    tally_fini(&tally);
    plan_fini(&plan);
    point_spec_free(&spec);
    experiment_free(x);
}

/* A disk that fills up: the sentence is the recorder's, and nothing is left. */
static void failures_are_the_same(void **state)
{
    struct experiment *x = load_text(LOSSY, "repeat=1000");
    struct rlimit old;
    char first[600] = "";
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit full = {.rlim_cur = 1 << 19, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    for (int n_workers = 1; n_workers <= 3; n_workers += 2) {
        const struct run_options options = {.db_path = "full.db", .n_workers = n_workers};
        struct results *r;
        struct err e = {0};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
        check_eq("fails", runner_run(x, &options, &r, &e), RUN_FAILED);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        check_true("says where", strstr(e.text, "full.db.part: cannot write") != NULL);
        check_str("in the same words", e.text, first[0] == '\0' ? e.text : first);
        snprintf(first, sizeof first, "%s", e.text);
        check_true("nothing",
                   access("full.db", F_OK) != 0 && access("full.db.part", F_OK) != 0);
    }
    experiment_free(x);
}

struct stopper {
    volatile sig_atomic_t flag;
    double at;
};

static void stop_there(void *ctx, double done, int64_t total)
{
    struct stopper *s = ctx;
    s->flag = s->flag || done >= s->at;
}

static void an_interrupt_leaves_what_was_done(void **state)
{
    struct experiment *x = load_text(LOSSY, "repeat=1000");
    struct stopper stopper = {.at = 7};
    const struct run_options options = {.db_path = "test.db",
                                        .n_workers = 3,
                                        .interrupt = &stopper.flag,
                                        .progress = stop_there,
                                        .progress_ctx = &stopper};
    struct results *r;
    struct err e = {0};
    check_eq("interrupted", runner_run(x, &options, &r, &e), RUN_INTERRUPTED);
    check_eq("seven", query("SELECT count(*) FROM run WHERE status = 'ok'"), 7);
    check_eq("the first ones", query("SELECT max(id) FROM run WHERE status = 'ok'"), 7);
    check_eq("and the one under way", query("SELECT id FROM run WHERE status = 'interrupted'"),
             8);
    check_eq("whole", query("SELECT count(DISTINCT run_id) FROM metric"), 7);
    experiment_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_the_same),
        cmocka_unit_test(a_worker_that_dies_is_told),
        cmocka_unit_test(failures_are_the_same),
        cmocka_unit_test(an_interrupt_leaves_what_was_done),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
