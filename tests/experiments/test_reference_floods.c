/* SPDX-License-Identifier: GPL-3.0-or-later
 * Profile linux against what Linux 6.18 did for a minute or two (tests/reference, 14): floods
 * of forged SYNs with honest clients among them, and a client that runs out of ports.
 *
 * The one idea: of so many segments the counts are compared, sampled at the instants of the
 * measurement. Where Linux's timers are late (up to 2.05 s beyond 16 s) the counts lag so far
 * behind; where a flood meets the ticks of its timers, chance decides who gets a place, and
 * only the number of places is compared.
 */
#include "experiments/experiment.h"
#include "models/link.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_POINTS = 700, LINE_BYTES = 200 };

/* What a run is, and its metrics. */
struct run {
    struct experiment *x;
    struct point_spec spec;
    struct sim *sim;
    struct net *net;
};

static void begin(struct run *r, const char *set)
{
    char path[256];
    struct err e = {0};
    snprintf(path, sizeof path, "tests/reference/%s.yaml", set);
    r->x = experiment_load(path, NULL, 0, &e);
    if (r->x == NULL)
        err_print(&e, stderr, 0);
    assert_non_null(r->x);
    assert_int_equal(experiment_point(r->x, 0, &r->spec, &e), 0);
    r->sim = sim_new(&(struct sim_params){.seed = 1});
    r->net = net_build(r->sim, &r->spec.net);
    for (int i = 0; i < r->net->n_apps; i++)
        app_start(r->net->apps[i]);
}

static void end(struct run *r)
{
    sim_run_until(r->sim, r->x->stop);
    net_finish(r->net);
    point_spec_free(&r->spec);
    experiment_free(r->x);
    sim_free(r->sim);
}

static int64_t metric(struct run *r, const char *app, const char *name)
{
    const void *subject;
    const struct metric *m = net_metric(r->net, app, name, &subject);
    assert_non_null(m);
    return metric_value(r->sim, m, subject).num;
}

/* ---- the measured side: t and a value, or a word, in two columns */

struct dot {
    double t;
    int64_t value;
};
struct series {
    int n;
    struct dot point[MAX_POINTS];
};

/* word: what counts as 1; NULL: numbers. */
static void read_series(const char *set, const char *file, int t_column, const char *word,
                        struct series *s)
{
    char path[256], line[LINE_BYTES];
    snprintf(path, sizeof path, "tests/reference/linux-6.18/%s/%s", set, file);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    s->n = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        char *field = line;
        for (int i = 0; i < t_column; i++)
            field = strchr(field, ',') + 1;
        const char *value = strchr(field, ',') + 1;
        const bool is_word = word != NULL && strncmp(value, word, strlen(word)) == 0;
        assert_true(s->n < MAX_POINTS);
        s->point[s->n++] =
            (struct dot){strtod(field, NULL), word != NULL ? is_word : atoll(value)};
    }
    fclose(f);
}

static int64_t sum(const struct series *s)
{
    int64_t n = 0;
    for (int i = 0; i < s->n; i++)
        n += s->point[i].value;
    return n;
}

/* The same instants here. */
static void sample(struct run *r, const struct series *at, const char *app, const char *name,
                   struct series *out)
{
    out->n = at->n;
    for (int i = 0; i < at->n; i++) {
        out->point[i].t = at->point[i].t;
        sim_run_until(r->sim, (sim_time)llround(fmax(at->point[i].t, 0) * 1e9));
        out->point[i].value = metric(r, app, name);
    }
}

/* ---- floods */

static double mean_from(const struct series *s, double from)
{
    double total = 0;
    int n = 0;
    for (int i = 0; i < s->n; i++)
        if (s->point[i].t >= from) {
            total += (double)s->point[i].value;
            n++;
        }
    return total / n;
}

static int64_t greatest(const struct series *s)
{
    int64_t most = 0;
    for (int i = 0; i < s->n; i++)
        most = s->point[i].value > most ? s->point[i].value : most;
    return most;
}

enum { CLIENTS = 58, QUEUE = 65 };

/* 14c: where eight times the young are fewer than all, the old are pruned after three SYN-ACKs,
 * else after four. A SYN comes every 200 ms: five are young for exactly 1 s, six for 1 s and a
 * tick, and the bound is 40 or 48. Means: 39.1 here, 47.4 with `rto_initial: 1.03s`, the
 * greatest lateness of such a timer there, and 44.3 there, in between. */
static const struct flood {
    const char *name;
    int64_t may_fill;  /* how far apart the first samples may be: SYNs of one sampling */
    double mean_apart; /* likewise the means from 20 s on */
    int64_t n_taken;   /* SYNs that found a place; 0: all clients did */
} floods[] = {
    {"14b_flood20_backlog64_cookie", 1, 1},
    {"14c_flood5_backlog64_nocookie", 1, 8},
    {"14d_flood100_backlog64_nocookie", 2, 1, 445 + 12},
};

/* Nothing leaves the queue for 7 s: three SYN-ACKs and their waits of 1, 2 and 4 s. */
static void check_queue(const struct flood *f, const struct series *linux_did,
                        const struct series *here)
{
    for (int i = 0; i < here->n && here->point[i].t < 7; i++) {
        const int64_t apart = linux_did->point[i].value - here->point[i].value;
        if (llabs(apart) > f->may_fill)
            print_error("%s at %g s: %lld here, %lld there\n", f->name, here->point[i].t,
                        (long long)here->point[i].value, (long long)linux_did->point[i].value);
        check_true(f->name, llabs(apart) <= f->may_fill);
    }
    const double apart = mean_from(linux_did, 20) - mean_from(here, 20);
    if (fabs(apart) > f->mean_apart)
        print_error("%s: mean %g here, %g there\n", f->name, mean_from(here, 20),
                    mean_from(linux_did, 20));
    check_true(f->name, fabs(apart) <= f->mean_apart);
    if (greatest(linux_did) == QUEUE)
        check_eq(f->name, greatest(here), QUEUE);
}

/* Of a queue that is always full (14d) only the places that come free are given away. Linux
 * looks at requests of 7 s every 256 ms, and drops all that it finds then before one of them
 * has been replaced and counts as young: a few more. Whether a client's SYN is the next to come
 * is a matter of the ticks there (12 of 58), and of phases here. */
static void check_clients(const struct flood *f, struct run *r, const struct series *clients)
{
    check_eq(f->name, metric(r, "users", "attempts"), CLIENTS);
    check_eq(f->name, clients->n, CLIENTS);
    if (f->n_taken == 0) {
        check_eq(f->name, metric(r, "users", "connected"), CLIENTS);
        check_eq(f->name, sum(clients), CLIENTS);
        check_eq(f->name, metric(r, "users", "connect_delay_max"), MS(100));
        return;
    }
    const int64_t n = metric(r, "web", "connections");
    const double share = (double)n / (double)f->n_taken;
    if (fabs(share - 1) > 0.15)
        print_error("%s: %lld SYNs taken here, %lld there\n", f->name, (long long)n,
                    (long long)f->n_taken);
    check_true(f->name, fabs(share - 1) <= 0.15);
}

static void queues_fill_as_there(void **state)
{
    static struct series linux_did, here, clients;
    for (const struct flood *f = floods; f < floods + ARRAY_LEN(floods); f++) {
        struct run r;
        begin(&r, f->name);
        read_series(f->name, "halfopen.csv", 0, NULL, &linux_did);
        read_series(f->name, "clients.csv", 1, "ok", &clients);
        sample(&r, &linux_did, "web", "in_syn_received", &here);
        sim_run_until(r.sim, SEC(90));
        check_queue(f, &linux_did, &here);
        check_clients(f, &r, &clients);
        end(&r);
    }
}

/* ---- ports */

enum { TIME_WAIT_S = 60, A_SECOND = 5 };
static const double LATE = 2.05; /* s: a timer of a minute */

static int64_t ok_until(const struct series *s, double t)
{
    int64_t n = 0;
    for (int i = 0; i < s->n && s->point[i].t <= t; i++)
        n += s->point[i].value;
    return n;
}

/* Ports come back late by as much as their timers, each time round. */
static void check_connects(const char *name, const struct series *linux_did,
                           const struct series *here)
{
    for (int i = 0; i < linux_did->n; i++) {
        const double t = linux_did->point[i].t;
        const double lag = LATE * floor(t / TIME_WAIT_S);
        const int64_t n = ok_until(linux_did, t);
        const bool bounded = n <= ok_until(here, t) && n >= ok_until(here, t - lag);
        if (!bounded)
            print_error("%s at %g s: %lld connected there, here %lld, and %lld %g s before\n",
                        name, t, (long long)n, (long long)ok_until(here, t),
                        (long long)ok_until(here, t - lag), lag);
        check_true(name, bounded);
    }
}

static void check_time_wait(const char *name, const struct series *linux_did,
                            const struct series *here)
{
    const int64_t late = (int64_t)(A_SECOND * LATE) + 1;
    for (int i = 0; i < linux_did->n; i++) {
        const double t = linux_did->point[i].t;
        const int64_t more = linux_did->point[i].value - here->point[i].value;
        const int64_t most = late * (int64_t)floor(t / TIME_WAIT_S) + 1;
        if (llabs(more) > most)
            print_error("%s at %g s: %lld in TIME-WAIT there, here %lld\n", name, t,
                        (long long)linux_did->point[i].value, (long long)here->point[i].value);
        check_true(name, llabs(more) <= most);
    }
}

/* How many attempts had succeeded at each, 0.15 s after it: a connection stands after 0.1 s. */
static void count_connects(struct run *r, const struct series *attempts, struct series *out)
{
    int64_t before = 0;
    out->n = attempts->n;
    for (int i = 0; i < attempts->n; i++) {
        sim_run_until(r->sim, (sim_time)llround((attempts->point[i].t + 0.15) * 1e9));
        const int64_t n = metric(r, "users", "connected");
        out->point[i] = (struct dot){attempts->point[i].t, n - before};
        before = n;
    }
}

static void ports_come_back_as_there(void **state)
{
    static const char *const names[] = {"14e_port_exhaustion_200_5ps_reuse0",
                                        "14g_timewait_accumulation"};
    static struct series linux_did, here;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct run r;
        begin(&r, names[i]);
        read_series(names[i], "timewait.csv", 0, NULL, &linux_did);
        sample(&r, &linux_did, "users", "in_time_wait", &here);
        check_time_wait(names[i], &linux_did, &here);
        end(&r);
        begin(&r, names[i]);
        read_series(names[i], "connects.csv", 1, "ok", &linux_did);
        count_connects(&r, &linux_did, &here);
        check_connects(names[i], &linux_did, &here);
        end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(queues_fill_as_there),
                                       cmocka_unit_test(ports_come_back_as_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
