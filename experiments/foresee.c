/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/foresee.h"

#include <string.h>

#include "sim/dist.h"

/* The earlier of two, where 0 is none. */
static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int64_t late_in(const struct key *keys, const void *params, sim_time stop);

/* The instant in a row's field, SIM_NEVER when it has none or chance decides. */
static sim_time instant_of(const struct key *k, const void *field)
{
    if (k->kind == KEY_QUANTITY)
        return *(const int64_t *)field;
    const struct key_variant *v = field;
    return v->variant == &DIST_KINDS[0] ? *(const int64_t *)v->params : SIM_NEVER;
}

static int64_t late_steps(const struct key *k, const struct key_list *list, sim_time stop)
{
    int64_t late = 0;
    for (int i = 0; i < list->n; i++)
        late = earlier(
            late,
            late_in(k->sub, (const char *)list->items + (size_t)i * k->item_bytes + k->sub_at,
                    stop));
    return late;
}

/* What is called `at` is an instant of the run, wherever it stands. */
static int64_t late_in(const struct key *keys, const void *params, sim_time stop)
{
    int64_t late = 0;
    for (const struct key *k = keys; k->name != NULL; k++) {
        const void *field = (const char *)params + k->offset;
        const bool is_time = (k->kind == KEY_QUANTITY && k->unit == UNIT_TIME) ||
                             (k->kind == KEY_VARIANT && k->variants == DIST_KINDS);
        if (is_time && strcmp(k->name, "at") == 0) {
            const sim_time at = instant_of(k, field);
            late = earlier(late, at > stop && at != SIM_NEVER ? at : 0);
        } else if (k->kind == KEY_STEPS) {
            late = earlier(late, late_steps(k, field, stop));
        } else if (k->kind == KEY_GROUP) {
            late = earlier(late, late_in(k->sub, (const char *)params + k->sub_at, stop));
        }
    }
    return late;
}

int64_t foresee_late_app(const struct foresight *f, int i)
{
    const struct app_spec *a = &f->spec->apps[i];
    return late_in(a->kind->keys, a->params, f->x->stop);
}

int64_t foresee_late_link(const struct foresight *f, int i)
{
    return late_in(LINK_KEYS, &f->spec->links[i].params, f->x->stop);
}

int64_t foresee_late_host(const struct foresight *f, int i)
{
    return late_in(HOST_KEYS, &f->spec->hosts[i].params, f->x->stop);
}

int64_t foresee_queue(const struct foresight *f, int i)
{
    const struct link_params *p = &f->spec->links[i].params;
    const struct link_step *steps = p->schedule.items;
    bool has_rate = p->rate_bps != UNIT_UNLIMITED;
    for (int k = 0; k < p->schedule.n; k++)
        has_rate = has_rate || (steps[k].rate_bps != 0 && steps[k].rate_bps != UNIT_UNLIMITED);
    return !has_rate &&
           (p->queue_packets != UNIT_UNLIMITED || p->queue_bytes != UNIT_UNLIMITED);
}

/* `to` is a host, or an app on one. */
static const char *host_of(const struct net_spec *spec, const char *to)
{
    for (int i = 0; i < spec->n_apps; i++)
        if (strcmp(spec->apps[i].name, to) == 0)
            return spec->apps[i].host;
    return to;
}

int64_t foresee_no_way(const struct foresight *f, int i)
{
    const struct app_spec *a = &f->spec->apps[i];
    if (a->to[0] == '\0')
        return 0;
    const char *to = host_of(f->spec, a->to);
    if (!reach_has(f->reach, a->host, to))
        return 1;
    return reach_has(f->reach, to, a->host) ? 0 : 2;
}
