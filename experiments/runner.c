/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/recorder.h"

/* Events between two looks at the interrupt flag and at the recorder: well below a millisecond.
 */
enum { SLICE_EVENTS = 4096 };

struct runner {
    const struct experiment *x;
    const struct run_options *options;
    struct recorder *recorder;
    struct results *results;
    struct err *e;
    int64_t n_done;
};

/* Results */

struct observed *results_seen(const struct results *r, int column, int point)
{
    const struct experiment *x = r->plan.x;
    return &r->seen[((size_t)column * (size_t)x->n_points + (size_t)point) * (size_t)x->repeat];
}

static size_t n_seen(const struct results *r)
{
    return (size_t)r->plan.n_columns * (size_t)plan_n_runs(r->plan.x);
}

void results_free(struct results *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; r->seen != NULL && i < n_seen(r); i++)
        observed_free(&r->seen[i]);
    free(r->seen);
    free(r->verdicts);
    free(r->idle);
    free(r->taken);
    plan_fini(&r->plan);
    free(r);
}

static struct results *results_new(const struct experiment *x, struct err *e)
{
    struct results *r = calloc(1, sizeof *r);
    if (r == NULL || plan_init(&r->plan, x, e) != 0)
        goto failed;
    r->seen = calloc(n_seen(r) + 1, sizeof *r->seen);
    r->verdicts = calloc((size_t)r->plan.n_verdicts + 1, sizeof *r->verdicts);
    if (r->seen != NULL && r->verdicts != NULL)
        return r;
failed:
    err_set(e, NULL, "out of memory"); /* changes nothing when e says something already */
    results_free(r);
    return NULL;
}

/* One run */

static bool interrupted(const struct runner *r)
{
    return r->options->interrupt != NULL && *r->options->interrupt != 0;
}

static void tell_progress(const struct runner *r, const struct sim *sim)
{
    const double part =
        r->x->stop == SIM_NEVER || r->x->stop == 0 ? 0 : (double)sim->now / (double)r->x->stop;
    if (r->options->progress != NULL)
        r->options->progress(r->options->progress_ctx, (double)r->n_done + part,
                             plan_n_runs(r->x));
}

/* Runs to `stop`, looking up every SLICE_EVENTS. 0, or -1 with e. Stops early when interrupted.
 */
static int run_events(struct runner *r, struct sim *sim)
{
    for (bool more = true; more && !interrupted(r);) {
        for (int i = 0; i < SLICE_EVENTS && more; i++)
            more = sim_step(sim, r->x->stop);
        if (recorder_failed(r->recorder, r->e))
            return -1;
        tell_progress(r, sim);
    }
    if (!interrupted(r))
        sim_run_until(sim, r->x->stop); /* nothing is left to run: sets the clock */
    return 0;
}

static const char *subject_name(const struct sim *sim, uint32_t subject)
{
    return sim->subjects[subject].name;
}

static int store_metrics(struct runner *r, const struct sim *sim, const char *name,
                         const struct metric *rows, const void *subject)
{
    for (const struct metric *m = rows; m != NULL && m->name != NULL; m++) {
        const struct value v = metric_value(sim, m, subject);
        if (recorder_metric(r->recorder, name, m->name, &v, m->unit) != 0)
            return -1;
    }
    return 0;
}

/* All metrics of all subjects, in the order of declaration. */
static int store_all_metrics(struct runner *r, const struct net *net)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < net->n_links; i++)
        rc = store_metrics(r, net->sim, subject_name(net->sim, net->links[i].subject),
                           LINK_METRICS, &net->links[i]);
    for (int i = 0; rc == 0 && i < net->n_faults; i++)
        rc = store_metrics(r, net->sim, subject_name(net->sim, net->faults[i].subject),
                           FAULT_METRICS, &net->faults[i]);
    for (int i = 0; rc == 0 && i < net->n_apps; i++) {
        const struct app *a = net->apps[i];
        const char *name = subject_name(net->sim, a->subject);
        rc = store_metrics(r, net->sim, name, a->kind->metrics, a);
        rc = rc == 0 ? store_metrics(r, net->sim, name, APP_METRICS, a) : rc;
        rc = rc == 0 ? store_metrics(r, net->sim, name, TCP_METRICS, &a->account) : rc;
    }
    return rc;
}

static void observe(struct runner *r, const struct net *net, int point, int64_t replication)
{
    for (int i = 0; i < r->results->plan.n_columns; i++) {
        const struct column *c = &r->results->plan.columns[i];
        const void *subject = NULL;
        const struct metric *m = net_metric(net, c->subject, c->metric, &subject);
        const struct value v =
            m != NULL ? metric_value(net->sim, m, subject) : (struct value){0};
        observed_set(&results_seen(r->results, i, point)[replication], &v);
    }
}

/* What may be told as a warning, over all replications of a point: by fault and by app. */
struct tally {
    struct fault_tally {
        int64_t n_matched, n_acted;
    } * faults;
    struct app_tally {
        int64_t n_taken;
        int error;
    } * apps;
};

static void tally_run(const struct net *net, struct tally *tally)
{
    for (int i = 0; i < net->n_faults; i++) {
        tally->faults[i].n_matched += net->faults[i].n_matched;
        tally->faults[i].n_acted += net->faults[i].n_acted;
    }
    for (int i = 0; i < net->n_apps; i++) {
        tally->apps[i].n_taken += net->apps[i]->n_taken;
        if (tally->apps[i].error == 0)
            tally->apps[i].error = net->apps[i]->taken_error;
    }
}

/* `random: independent`: what makes the point this point, and nothing that depends on its rank.
 */
static uint64_t point_salt(const struct experiment *x, int point)
{
    uint64_t salt = hash64(x->name);
    for (int i = 0; i < x->n_dims; i++) {
        salt = mix64(salt, hash64(x->dims[i].name));
        salt = mix64(salt, hash64(x->dims[i].values[x->points[point].value[i]]));
    }
    return salt | 1;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* 0, or -1 with e; interrupted: 0, and the run's rows are not kept. */
static int run_one(struct runner *r, const struct point_spec *spec, int point,
                   int64_t replication, struct tally *tally)
{
    const struct experiment *x = r->x;
    const double began = cpu_seconds();
    const struct sim_params params = {.seed = x->seed,
                                      .replication = (uint64_t)replication,
                                      .point_salt = x->independent ? point_salt(x, point) : 0,
                                      .shuffle_ties = r->options->shuffle_ties};
    struct sim *sim = sim_new(&params);
    if (sim == NULL)
        return err_set(r->e, NULL, "no memory for a run: %s", strerror(errno));
    int rc = recorder_run_begin(r->recorder, plan_run_id(x, point, replication),
                                x->points[point].id, replication, x->seed);
    struct net *net = net_build(sim, &spec->net);
    sim_listen(sim, recorder_listener(r->recorder, plan_levels(x, point, replication)));
    for (int i = 0; i < net->n_apps; i++)
        app_start(net->apps[i]);
    rc = rc == 0 ? run_events(r, sim) : rc;
    const bool whole = rc == 0 && !interrupted(r);
    if (whole) {
        net_finish(net);
        sim_assert(sim, sim->live_packets == 0);
        rc = plan_stores_metrics(x) ? store_all_metrics(r, net) : 0;
        observe(r, net, point, replication);
        tally_run(net, tally);
        rc = rc == 0 ? recorder_run_end(r->recorder, sim, cpu_seconds() - began) : rc;
        r->results->n_runs++;
        r->results->n_events += sim->n_events;
        r->n_done++;
    } else {
        recorder_run_abort(r->recorder, rc == 0 ? "interrupted" : "failed");
    }
    sim_free(sim);
    return rc;
}

/* A point: all its replications */

static void keep_idle(struct results *results, const struct net_spec *spec, int point,
                      const struct fault_tally *tally)
{
    for (int i = 0; i < spec->n_faults; i++) {
        if (tally[i].n_acted > 0)
            continue;
        results->idle =
            realloc(results->idle, (size_t)(results->n_idle + 1) * sizeof *results->idle);
        struct idle_fault *f = &results->idle[results->n_idle++];
        *f = (struct idle_fault){.point = point, .n_matched = tally[i].n_matched};
        memcpy(f->name, spec->faults[i].name, sizeof f->name);
    }
}

/* Whether an expectation about the errors of this app selects the point. */
static bool expects_errors(const struct experiment *x, const char *app, int point)
{
    for (const struct expect *row = x->expects; row < x->expects + x->n_expects; row++)
        if (row->selects[point] && strcmp(row->subject, app) == 0 &&
            (strcmp(row->metric, "error") == 0 || strcmp(row->metric, "errors") == 0))
            return true;
    return false;
}

static void keep_taken(struct results *results, const struct net_spec *spec, int point,
                       const struct app_tally *tally)
{
    for (int i = 0; i < spec->n_apps; i++) {
        if (tally[i].n_taken == 0 || expects_errors(results->plan.x, spec->apps[i].name, point))
            continue;
        results->taken =
            realloc(results->taken, (size_t)(results->n_taken + 1) * sizeof *results->taken);
        struct taken_address *t = &results->taken[results->n_taken++];
        *t = (struct taken_address){
            .point = point, .n_failed = tally[i].n_taken, .error = tally[i].error};
        memcpy(t->name, spec->apps[i].name, sizeof t->name);
    }
}

/* The verdicts of a point. */
static int judge_point(struct runner *r, const struct point_spec *spec, int point)
{
    struct results *results = r->results;
    const struct plan *plan = &results->plan;
    for (int i = 0; i < r->x->n_expects; i++) {
        struct target target;
        if (!r->x->expects[i].selects[point])
            continue;
        if (plan_target(plan, i, spec, &target, r->e) != 0)
            return -1;
        const int column = plan->column_of[i], other = plan->other_of[i];
        struct verdict *v = &results->verdicts[results->n_verdicts++];
        v->point = point;
        expect_judge(&r->x->expects[i], plan->columns[column].unit, &target,
                     results_seen(results, column, point),
                     other >= 0 ? results_seen(results, other, point) : NULL, (int)r->x->repeat,
                     v);
        results->n_pass += v->kind == VERDICT_PASS;
    }
    return 0;
}

static int run_point(struct runner *r, int point)
{
    struct point_spec spec;
    if (experiment_point(r->x, point, &spec, r->e) != 0)
        return -1;
    struct tally tally = {calloc((size_t)spec.net.n_faults + 1, sizeof *tally.faults),
                          calloc((size_t)spec.net.n_apps + 1, sizeof *tally.apps)};
    int rc =
        tally.faults != NULL && tally.apps != NULL ? 0 : err_set(r->e, NULL, "out of memory");
    for (int64_t i = 0; rc == 0 && i < r->x->repeat && !interrupted(r); i++)
        rc = run_one(r, &spec, point, i, &tally);
    if (rc == 0 && !interrupted(r)) {
        keep_idle(r->results, &spec.net, point, tally.faults);
        keep_taken(r->results, &spec.net, point, tally.apps);
        rc = judge_point(r, &spec, point);
    }
    free(tally.faults);
    free(tally.apps);
    point_spec_free(&spec);
    return rc;
}

/* The whole */

/* The names of the variants that make up a point, in declared order. */
static void variant_name(const struct experiment *x, int point, char *buf, size_t size)
{
    size_t length = 0;
    buf[0] = '\0';
    for (int i = 0; i < x->n_dims && length < size; i++)
        if (x->dims[i].is_variant)
            length +=
                (size_t)snprintf(buf + length, size - length, "%s%s", length > 0 ? " " : "",
                                 x->dims[i].values[x->points[point].value[i]]);
}

static int describe_point(struct runner *r, int point)
{
    const struct experiment *x = r->x;
    const struct point *p = &x->points[point];
    struct point_spec spec;
    char variant[256];
    if (experiment_point(x, point, &spec, r->e) != 0)
        return -1;
    variant_name(x, point, variant, sizeof variant);
    int rc = recorder_point(r->recorder, p->id, variant[0] != '\0' ? variant : NULL, p->label);
    for (int i = 0; rc == 0 && i < spec.n_let; i++)
        rc = recorder_param(r->recorder, p->id, spec.let[i].name, spec.let[i].value);
    for (int i = 0; rc == 0 && i < x->n_dims; i++)
        if (x->dims[i].is_variant)
            rc = recorder_param(r->recorder, p->id, x->dims[i].name,
                                x->dims[i].values[p->value[i]]);
    point_spec_free(&spec);
    return rc;
}

static int by_expectation(const void *a, const void *b)
{
    const struct verdict *v = a, *w = b;
    return v->expect != w->expect ? (v->expect > w->expect) - (v->expect < w->expect)
                                  : v->point - w->point;
}

static int store_verdicts(struct runner *r)
{
    int rc = 0;
    qsort(r->results->verdicts, (size_t)r->results->n_verdicts, sizeof *r->results->verdicts,
          by_expectation);
    for (int i = 0; rc == 0 && i < r->results->n_verdicts; i++) {
        const struct verdict *v = &r->results->verdicts[i];
        char metric[2 * NAME_MAX_BYTES + 2];
        snprintf(metric, sizeof metric, "%s.%s", v->expect->subject, v->expect->metric);
        rc = recorder_expectation(r->recorder,
                                  &(struct expectation_row){.point = r->x->points[v->point].id,
                                                            .metric = metric,
                                                            .op = expect_op_name(v->expect->op),
                                                            .want = v->want,
                                                            .tol = v->tol,
                                                            .got = v->got,
                                                            .verdict = verdict_name(v->kind),
                                                            .source = v->expect->source,
                                                            .n = v->n});
    }
    return rc;
}

static int run_all(struct runner *r)
{
    if (!plan_is_unlimited(r->x))
        recorder_limit(r->recorder, REC_TYPE_SEGMENT.name, RUNNER_MAX_SEGMENTS);
    int rc = recorder_experiment(r->recorder, r->x->name, r->x->flat, r->x->seed);
    for (int point = 0; rc == 0 && point < r->x->n_points; point++)
        rc = describe_point(r, point);
    for (int point = 0; rc == 0 && point < r->x->n_points && !interrupted(r); point++)
        rc = run_point(r, point);
    return rc == 0 && !interrupted(r) ? store_verdicts(r) : rc;
}

static enum run_status finish(struct runner *r, int rc)
{
    if (rc != 0) {
        recorder_failed(r->recorder, r->e); /* the first cause, when no other was told */
        err_set(r->e, NULL, "the run failed");
        recorder_discard(r->recorder);
        return RUN_FAILED;
    }
    const bool stopped = r->results->n_runs < plan_n_runs(r->x);
    const bool all_hold = r->results->n_pass == r->results->n_verdicts;
    if (recorder_close(r->recorder,
                       stopped    ? "interrupted"
                       : all_hold ? "ok"
                                  : "failed expectation",
                       r->e) != 0)
        return RUN_FAILED;
    return stopped ? RUN_INTERRUPTED : RUN_OK;
}

enum run_status runner_run(const struct experiment *x, const struct run_options *options,
                           struct results **out, struct err *e)
{
    struct runner r = {.x = x, .options = options, .e = e, .results = results_new(x, e)};
    *out = NULL;
    if (r.results == NULL)
        return RUN_BAD_CONFIG;
    r.recorder = recorder_open(options->db_path, e);
    const enum run_status status = r.recorder == NULL ? RUN_FAILED : finish(&r, run_all(&r));
    if (status == RUN_OK)
        *out = r.results;
    else
        results_free(r.results);
    return status;
}

int runner_check(const struct experiment *x, struct err *e)
{
    struct plan p;
    const int rc = plan_init(&p, x, e);
    plan_fini(&p);
    return rc;
}
