/* SPDX-License-Identifier: GPL-3.0-or-later
 * Profile linux against what Linux 6.18 did for a minute or two (tests/reference, 14): floods
 * of forged SYNs with honest clients among them, and a client that runs out of ports.
 *
 * The one idea: of so many segments the counts are compared, at the instants of the
 * measurement, and the timers here are Linux's (`hz`, models/tcp/wheel.h): who leaves a
 * full queue when, and which port comes back when, is their doing. Of the wheel nobody knows
 * how it stood when the measurement began, so each set is run for phases that are evenly spaced
 * over what its timers can tell apart; the measurement is one more of them.
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

enum { HZ = 250 };

static void begin(struct run *r, const char *set, int64_t hz, sim_time uptime)
{
    char path[256];
    struct err e = {0};
    snprintf(path, sizeof path, "tests/reference/%s.yaml", set);
    r->x = experiment_load(path, NULL, 0, &e);
    if (r->x == NULL)
        err_print(&e, stderr, 0);
    assert_non_null(r->x);
    assert_int_equal(experiment_point(r->x, 0, &r->spec, &e), 0);
    for (int i = 0; i < r->spec.net.n_hosts; i++) {
        r->spec.net.hosts[i].tcp.hz = hz;
        r->spec.net.hosts[i].tcp.uptime = uptime;
    }
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

/* ---- floods

Every instant of a flood is a multiple of 2 ms, 10 ms or 8 ms beside the 256 ms of the wheel's
level for waits of 4 s and 8 s, and a tick is 4 ms: phases further apart than 8 ms are the same.
*/

enum { CLIENTS = 58, QUEUE = 65, PHASES = 8, BATCHES = 4, BATCH_S = 10 };
static const sim_time PHASE_STEP = MS(1);
static const double FROM = 20, T_BATCHES = 3.182, T_PHASES = 2.365; /* 97.5 %, n - 1 */

static const struct flood {
    const char *name;
    int64_t n_taken, n_connected; /* SYNs that found a place, and clients: in the measurement;
                                     0: all clients */
} floods[] = {
    {"14b_flood20_backlog64_cookie"},
    {"14c_flood5_backlog64_nocookie"},
    {"14d_flood100_backlog64_nocookie", 445 + 12, 12},
};

/* What the phases gave. */
struct phases {
    double half_open[MAX_POINTS]; /* their mean, at each instant of the measurement */
    double taken[PHASES], connected[PHASES];
    int64_t most;
};

static int64_t greatest(const struct series *s)
{
    int64_t most = 0;
    for (int i = 0; i < s->n; i++)
        most = s->point[i].value > most ? s->point[i].value : most;
    return most;
}

static void run_phase(const struct flood *f, int64_t hz, int phase, const struct series *at,
                      struct phases *out)
{
    static struct series here;
    struct run r;
    begin(&r, f->name, hz, phase * PHASE_STEP);
    sample(&r, at, "web", "in_syn_received", &here);
    sim_run_until(r.sim, SEC(90));
    for (int i = 0; i < here.n; i++)
        out->half_open[i] += (double)here.point[i].value / PHASES;
    out->most = greatest(&here) > out->most ? greatest(&here) : out->most;
    out->taken[phase] = (double)metric(&r, "web", "connections");
    out->connected[phase] = (double)metric(&r, "users", "connected");
    check_eq(f->name, metric(&r, "users", "attempts"), CLIENTS);
    end(&r);
}

static double mean(const double *x, int n)
{
    double total = 0;
    for (int i = 0; i < n; i++)
        total += x[i];
    return total / n;
}

static double deviation(const double *x, int n)
{
    double total = 0;
    for (int i = 0; i < n; i++)
        total += (x[i] - mean(x, n)) * (x[i] - mean(x, n));
    return sqrt(total / (n - 1));
}

/* How many more there are in the queue on average, in standard errors: of the differences, in
 * batches that are longer than the queue remembers. */
static double queue_apart(const struct series *linux_did, const struct phases *here)
{
    double sum_of[BATCHES] = {0};
    int n_of[BATCHES] = {0};
    for (int i = 0; i < linux_did->n; i++) {
        const int batch = (int)floor((linux_did->point[i].t - FROM) / BATCH_S);
        if (batch < 0 || batch >= BATCHES)
            continue;
        sum_of[batch] += (double)linux_did->point[i].value - here->half_open[i];
        n_of[batch]++;
    }
    for (int b = 0; b < BATCHES; b++)
        sum_of[b] /= n_of[b];
    return mean(sum_of, BATCHES) * sqrt(BATCHES) / deviation(sum_of, BATCHES);
}

/* Nothing leaves the queue for 7 s: three SYN-ACKs and their waits of 1, 2 and 4 s. */
static void check_queue(const struct flood *f, const struct series *linux_did,
                        const struct phases *here)
{
    const double apart = queue_apart(linux_did, here);
    for (int i = 0; i < linux_did->n && linux_did->point[i].t < 7; i++)
        check_true(f->name,
                   fabs((double)linux_did->point[i].value - here->half_open[i]) < 1e-9);
    if (fabs(apart) > T_BATCHES)
        print_error("%s: the queue is %g standard errors longer there\n", f->name, apart);
    check_true(f->name, fabs(apart) <= T_BATCHES);
    if (greatest(linux_did) == QUEUE)
        check_eq(f->name, here->most, QUEUE);
}

/* One more of these? */
static void check_is_one_of(const struct flood *f, const char *what, const double *x,
                            double value)
{
    const double off = value - mean(x, PHASES);
    const double margin = T_PHASES * deviation(x, PHASES) * sqrt(1 + 1.0 / PHASES);
    if (fabs(off) > margin)
        print_error("%s: %g %s there, %g +- %g here\n", f->name, value, what, value - off,
                    margin);
    check_true(f->name, fabs(off) <= margin);
}

static void check_clients(const struct flood *f, const struct series *clients,
                          const struct phases *here)
{
    check_eq(f->name, clients->n, CLIENTS);
    if (f->n_taken == 0) {
        check_eq(f->name, sum(clients), CLIENTS);
        check_true(f->name, mean(here->connected, PHASES) == CLIENTS);
        return;
    }
    check_eq(f->name, sum(clients), f->n_connected);
    check_is_one_of(f, "SYNs taken", here->taken, (double)f->n_taken);
    check_is_one_of(f, "clients connected", here->connected, (double)f->n_connected);
}

static void queues_fill_as_there(void **state)
{
    static struct series linux_did, clients;
    static struct phases here;
    for (const struct flood *f = floods; f < floods + ARRAY_LEN(floods); f++) {
        here = (struct phases){0};
        read_series(f->name, "halfopen.csv", 0, NULL, &linux_did);
        read_series(f->name, "clients.csv", 1, "ok", &clients);
        for (int phase = 0; phase < PHASES; phase++)
            run_phase(f, HZ, phase, &linux_did, &here);
        check_queue(f, &linux_did, &here);
        check_clients(f, &clients, &here);
    }
}

/* The comparison is sharp enough to tell exact timers, with which eight times the five young of
 * 14c are fewer than its queue a little more often: the old are pruned earlier. */
static void exact_timers_would_show(void **state)
{
    static struct series linux_did;
    static struct phases here;
    const struct flood *f = &floods[1];
    read_series(f->name, "halfopen.csv", 0, NULL, &linux_did);
    for (int phase = 0; phase < PHASES; phase++)
        run_phase(f, 0, phase, &linux_did, &here);
    check_true(f->name, queue_apart(&linux_did, &here) > T_BATCHES);
}

/* ---- ports

A port comes back after a minute, which the wheel tells in 2.048 s. */

enum { PORT_PHASES = 16 };
static const sim_time PORT_PHASE_STEP = MS(128);

/* Least and most over the phases, at each instant. */
struct band {
    int64_t least[MAX_POINTS], most[MAX_POINTS];
};

static void widen(struct band *b, const struct series *s, bool first)
{
    for (int i = 0; i < s->n; i++) {
        const int64_t v = s->point[i].value;
        b->least[i] = first || v < b->least[i] ? v : b->least[i];
        b->most[i] = first || v > b->most[i] ? v : b->most[i];
    }
}

/* One either way: a sample and a connection fall on the same instant. */
static void check_within(const char *name, const struct series *linux_did,
                         const struct band *here)
{
    for (int i = 0; i < linux_did->n; i++) {
        const int64_t v = linux_did->point[i].value;
        const bool within = v >= here->least[i] - 1 && v <= here->most[i] + 1;
        if (!within)
            print_error("%s at %g s: %lld there, %lld to %lld here\n", name,
                        linux_did->point[i].t, (long long)v, (long long)here->least[i],
                        (long long)here->most[i]);
        check_true(name, within);
    }
}

/* How many attempts had succeeded 0.15 s after each: a connection stands after 0.1 s. */
static void count_connects(struct run *r, const struct series *attempts, struct series *out)
{
    out->n = attempts->n;
    for (int i = 0; i < attempts->n; i++) {
        sim_run_until(r->sim, (sim_time)llround((attempts->point[i].t + 0.15) * 1e9));
        out->point[i] = (struct dot){attempts->point[i].t, metric(r, "users", "connected")};
    }
}

static void add_up(struct series *s)
{
    for (int i = 1; i < s->n; i++)
        s->point[i].value += s->point[i - 1].value;
}

static void ports_come_back_as_there(void **state)
{
    static const char *const names[] = {"14e_port_exhaustion_200_5ps_reuse0",
                                        "14g_timewait_accumulation"};
    static struct series waiting, connected, here;
    static struct band of_waiting, of_connected;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        read_series(names[i], "timewait.csv", 0, NULL, &waiting);
        read_series(names[i], "connects.csv", 1, "ok", &connected);
        add_up(&connected);
        for (int phase = 0; phase < PORT_PHASES; phase++) {
            struct run r;
            begin(&r, names[i], HZ, phase * PORT_PHASE_STEP);
            sample(&r, &waiting, "users", "in_time_wait", &here);
            widen(&of_waiting, &here, phase == 0);
            end(&r);
            begin(&r, names[i], HZ, phase * PORT_PHASE_STEP);
            count_connects(&r, &connected, &here);
            widen(&of_connected, &here, phase == 0);
            end(&r);
        }
        check_within(names[i], &waiting, &of_waiting);
        check_within(names[i], &connected, &of_connected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(queues_fill_as_there),
                                       cmocka_unit_test(exact_timers_would_show),
                                       cmocka_unit_test(ports_come_back_as_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
