/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/runner.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/workers.h"
#include "output/recorder.h"

struct runner {
    struct outlet outlet;
    struct workers workers; /* none: runs are done here */
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
    warnings_fini(&r->warnings);
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

/* The outlet of this process: the recorder. */

static struct runner *runner_of(struct outlet *o)
{
    return CONTAINER_OF(o, struct runner, outlet);
}

static struct listener *outlet_listen(struct outlet *o, uint32_t levels)
{
    return recorder_listener(runner_of(o)->recorder, levels);
}

/* sim: NULL when a worker has it. */
static bool outlet_goes_on(struct outlet *o, const struct sim *sim)
{
    const struct runner *r = runner_of(o);
    if (recorder_failed(r->recorder, NULL))
        return false;
    const double part = sim == NULL ? 0 : (double)sim->now / (double)r->x->stop;
    if (r->options->progress != NULL)
        r->options->progress(r->options->progress_ctx, (double)r->n_done + part,
                             plan_n_runs(r->x));
    return !interrupted(r);
}

static int outlet_metric(struct outlet *o, const char *subject, const char *name,
                         const struct value *v, enum unit unit)
{
    return recorder_metric(runner_of(o)->recorder, subject, name, v, unit);
}

static int outlet_end(struct outlet *o, const struct sim *sim, double cpu_s)
{
    return recorder_run_end(runner_of(o)->recorder, sim, cpu_s);
}

/* Its values go where the judge finds them. */
static void keep(struct runner *r, const struct job *job, struct outcome *out)
{
    for (int i = 0; i < r->results->plan.n_columns; i++)
        results_seen(r->results, i, job->point)[job->replication] = out->seen[i];
    r->results->n_runs++;
    r->results->n_events += out->n_events;
    r->n_done++;
}

/* 0, or -1 with e; interrupted: 0, and the run's rows are not kept. seen: room for a run's
 * values. */
static int run_one(struct runner *r, const struct job *job, struct tally *tally,
                   struct observed *seen)
{
    const struct experiment *x = r->x;
    const int64_t rank = plan_run_id(x, job->point, job->replication) - 1;
    struct outcome out = {.seen = seen, .tally = tally};
    if (recorder_run_begin(r->recorder, rank + 1, x->points[job->point].id, job->replication,
                           x->seed) != 0)
        return -1;
    const enum run_end end =
        r->workers.n > 0 ? workers_next(&r->workers, rank, job->plan, &r->outlet, &out, r->e)
                         : replication_run(job, &r->outlet, &out, r->e);
    if (end == RUN_WHOLE) {
        keep(r, job, &out);
        return 0;
    }
    const bool failed = end == RUN_BROKEN || recorder_failed(r->recorder, r->e);
    recorder_run_abort(r->recorder, failed ? "failed" : "interrupted");
    return failed ? -1 : 0;
}

/* A point: all its replications */

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
    struct tally tally = {0};
    struct job job = {.plan = &r->results->plan,
                      .spec = &spec,
                      .point = point,
                      .shuffle_ties = r->options->shuffle_ties};
    struct observed *seen = calloc((size_t)job.plan->n_columns + 1, sizeof *seen);
    int rc = experiment_point(r->x, point, &spec, r->e);
    if (rc == 0 && (seen == NULL || tally_init(&tally, r->x, &spec.net) != 0))
        rc = err_set(r->e, NULL, "out of memory");
    for (; rc == 0 && job.replication < r->x->repeat && !interrupted(r); job.replication++)
        rc = run_one(r, &job, &tally, seen);
    if (rc == 0 && !interrupted(r)) {
        warnings_add(&r->results->warnings, r->x, point, &tally);
        rc = judge_point(r, &spec, point);
    }
    free(seen);
    tally_fini(&tally);
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

static int n_workers(const struct runner *r)
{
    const int64_t n_runs = plan_n_runs(r->x);
    return n_runs < r->options->n_workers ? (int)n_runs : r->options->n_workers;
}

static int run_all(struct runner *r)
{
    if (!plan_is_unlimited(r->x))
        recorder_limit(r->recorder, REC_TYPE_SEGMENT.name, RUNNER_MAX_SEGMENTS);
    int rc = recorder_experiment(r->recorder, r->x->name, r->x->flat, r->x->seed);
    if (rc == 0 && n_workers(r) > 1)
        rc = workers_start(&r->workers, n_workers(r), &r->results->plan,
                           r->options->shuffle_ties, r->e);
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
    struct runner r = {.outlet = {outlet_listen, outlet_goes_on, outlet_metric, outlet_end},
                       .x = x,
                       .options = options,
                       .e = e,
                       .results = results_new(x, e)};
    *out = NULL;
    if (r.results == NULL)
        return RUN_BAD_CONFIG;
    r.recorder = recorder_open(options->db_path, e);
    const int rc = r.recorder == NULL ? -1 : run_all(&r);
    workers_stop(&r.workers);
    const enum run_status status = r.recorder == NULL ? RUN_FAILED : finish(&r, rc);
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
