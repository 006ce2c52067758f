/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/play.h"

#include <errno.h>
#include <string.h>

#include "experiments/plan.h"
#include "experiments/replication.h"

/* Events between two looks at goes_on: well below a millisecond. */
enum { SLICE_EVENTS = 4096 };

int play_open(struct play *p, const struct experiment *x, int64_t id, struct err *e)
{
    *p = (struct play){.stop = x->stop};
    if (id < 1 || id > plan_n_runs(x))
        return err_set(e, NULL, "there is no run %lld: this experiment has %lld", (long long)id,
                       (long long)plan_n_runs(x));
    const int point = (int)((id - 1) / x->repeat);
    if (experiment_point(x, point, &p->spec, e) != 0)
        return -1;
    const struct sim_params params = replication_params(x, point, (id - 1) % x->repeat, false);
    p->sim = sim_new(&params);
    if (p->sim == NULL)
        return err_set(e, NULL, "no memory for a run: %s", strerror(errno));
    p->net = net_build(p->sim, &p->spec.net);
    return 0;
}

void play_start(struct play *p, struct listener *listener)
{
    if (listener != NULL)
        sim_listen(p->sim, listener);
    for (int i = 0; i < p->net->n_apps; i++)
        app_start(p->net->apps[i]);
}

void play_until(struct play *p, sim_time until, bool (*goes_on)(void *ctx), void *ctx)
{
    const sim_time last = until < p->stop ? until : p->stop;
    for (bool more = true; more;) {
        for (int i = 0; i < SLICE_EVENTS && more; i++)
            more = sim_step(p->sim, last);
        if (!goes_on(ctx))
            return;
    }
    sim_run_until(p->sim, last); /* nothing is left to run: sets the clock */
}

void play_end(struct play *p)
{
    if (p->net != NULL)
        net_finish(p->net);
    if (p->sim != NULL)
        sim_free(p->sim);
    point_spec_free(&p->spec);
}
