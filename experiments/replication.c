/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/replication.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "sim/address.h"

/* Events between two looks at the outlet: well below a millisecond. */
enum { SLICE_EVENTS = 4096 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
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

/* The end of the warm-up, before all other changes of its instant: the first subject of a
 * network is a host. */
enum { FIRST_ENTITY = 1 };

struct warm_up {
    struct event event;
    struct net *net;
    struct tally *tally; /* borrowed, outside the arena, as a listener is */
};

/* What happened before is no part of the metrics, and yet it happened. */
static void warm_up_over(struct sim *sim, struct event *event)
{
    const struct warm_up *w = CONTAINER_OF(event, struct warm_up, event);
    tally_run(w->tally, w->net, NULL);
    net_warm_up(w->net);
}

static void queue_warm_up(struct net *net, struct tally *tally, sim_time at)
{
    struct warm_up *w = sim_alloc(net->sim, sizeof(*w));
    w->net = net;
    w->tally = tally;
    event_init(net->sim, &w->event, EV_WORLD, FIRST_ENTITY, warm_up_over);
    event_at(net->sim, &w->event, at);
}

/* False: the outlet wanted no more. */
static bool run_events(struct sim *sim, sim_time stop, struct outlet *outlet)
{
    for (bool more = true; more;) {
        for (int i = 0; i < SLICE_EVENTS && more; i++)
            more = sim_step(sim, stop);
        if (!outlet->goes_on(outlet, sim))
            return false;
    }
    sim_run_until(sim, stop); /* nothing is left to run: sets the clock */
    return true;
}

static int tell_metrics(struct outlet *o, const struct sim *sim, uint32_t number,
                        const struct metric *rows, const void *subject)
{
    for (const struct metric *m = rows; m != NULL && m->name != NULL; m++) {
        const struct value v = metric_value(sim, m, subject);
        if (o->metric(o, sim->subjects[number].name, m->name, &v, m->unit) != 0)
            return -1;
    }
    return 0;
}

static int tell_app(struct outlet *o, const struct sim *sim, const struct app *a)
{
    return tell_metrics(o, sim, a->subject, a->kind->metrics, a) != 0 ||
                   tell_metrics(o, sim, a->subject, APP_METRICS, a) != 0 ||
                   tell_metrics(o, sim, a->subject, TCP_METRICS, &a->account) != 0
               ? -1
               : 0;
}

/* All metrics of all subjects, in the order of declaration. */
static int tell_all_metrics(struct outlet *o, const struct net *net)
{
    const struct sim *sim = net->sim;
    int rc = 0;
    for (int i = 0; rc == 0 && i < net->n_hosts; i++)
        rc = tell_metrics(o, sim, net->hosts[i].subject, HOST_METRICS, &net->hosts[i]);
    for (int i = 0; rc == 0 && i < net->n_routers; i++)
        rc = tell_metrics(o, sim, net->routers[i].subject, ROUTER_METRICS, &net->routers[i]);
    for (int i = 0; rc == 0 && i < net->n_links; i++)
        rc = tell_metrics(o, sim, net->links[i].subject, LINK_METRICS, &net->links[i]);
    for (int i = 0; rc == 0 && i < net->n_routes; i++)
        rc = tell_metrics(o, sim, net->routes[i].subject, ROUTE_METRICS, &net->routes[i]);
    for (int i = 0; rc == 0 && i < net->n_faults; i++)
        rc = tell_metrics(o, sim, net->faults[i].subject, FAULT_METRICS, &net->faults[i]);
    for (int i = 0; rc == 0 && i < net->n_apps; i++)
        rc = tell_app(o, sim, net->apps[i]);
    return rc;
}

static void observe(const struct plan *plan, const struct net *net, struct observed *seen)
{
    for (int i = 0; i < plan->n_columns; i++) {
        const struct column *c = &plan->columns[i];
        const void *subject = NULL;
        const struct metric *m = net_metric(net, c->subject, c->metric, &subject);
        const struct value v =
            m != NULL ? metric_value(net->sim, m, subject) : (struct value){0};
        observed_set(&seen[i], &v);
    }
}

static enum run_end run(const struct job *job, struct sim *sim, struct outlet *outlet,
                        struct outcome *out)
{
    const struct experiment *x = job->plan->x;
    const double began = cpu_seconds();
    const uint32_t levels = plan_levels(x, job->point, job->replication);
    struct net *net = net_build(sim, &job->spec->net);
    const struct sampler *sampler =
        (levels & REC_SAMPLE) != 0 ? sampler_new(net, &x->sample) : NULL;
    if (x->warm_up > 0)
        queue_warm_up(net, out->tally, x->warm_up);
    sim_listen(sim, outlet->listen(outlet, levels));
    address_tell_prefixes(sim);
    for (int i = 0; i < net->n_apps; i++)
        app_start(net->apps[i]);
    if (!run_events(sim, x->stop, outlet))
        return RUN_STOPPED;
    net_finish(net);
    sim_assert(sim, sim->live_packets == 0);
    if (plan_stores_metrics(x) && tell_all_metrics(outlet, net) != 0)
        return RUN_STOPPED;
    if (outlet->end(outlet, sim, cpu_seconds() - began) != 0)
        return RUN_STOPPED;
    observe(job->plan, net, out->seen);
    tally_run(out->tally, net, sampler);
    out->n_events = sim->n_events;
    return RUN_WHOLE;
}

struct sim_params replication_params(const struct experiment *x, int point, int64_t replication,
                                     bool shuffle_ties)
{
    return (struct sim_params){.seed = x->seed,
                               .replication = (uint64_t)replication,
                               .point_salt = x->independent ? point_salt(x, point) : 0,
                               .shuffle_ties = shuffle_ties};
}

enum run_end replication_run(const struct job *job, struct outlet *outlet, struct outcome *out,
                             struct err *e)
{
    const struct sim_params params =
        replication_params(job->plan->x, job->point, job->replication, job->shuffle_ties);
    struct sim *sim = sim_new(&params);
    if (sim == NULL) {
        err_set(e, NULL, "no memory for a run: %s", strerror(errno));
        return RUN_BROKEN;
    }
    const enum run_end end = run(job, sim, outlet, out);
    sim_free(sim);
    return end;
}
