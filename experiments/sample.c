/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/sample.h"

#include <stdio.h>
#include <string.h>

#include "experiments/experiment.h"
#include "experiments/network.h"
#include "experiments/rows.h"
#include "experiments/tree.h"

/* clang-format off */
#define AT(field) offsetof(struct sample_params, field)
const struct key SAMPLE_KEYS[] = {
    {.name = "every", .kind = KEY_QUANTITY, .offset = AT(every), .default_text = NULL, .unit = UNIT_TIME, .min = 1, .max = SIM_NEVER - 1, .help = "the time from one sample to the next; the first is at 0s"},
    {.name = "metrics", .kind = KEY_NAMES, .offset = AT(metrics), .default_text = NULL, .refers = REFERS_METRIC, .help = "SUBJECT.METRIC of each quantity; any metric that is a number"},
    {0},
};
#undef AT
/* clang-format on */

bool sample_split(const char *text, char subject[SAMPLE_SUBJECT_BYTES], const char **metric)
{
    const char *dot = strrchr(text, '.');
    if (dot == NULL || dot == text || dot[1] == '\0' || dot - text >= SAMPLE_SUBJECT_BYTES)
        return false;
    snprintf(subject, SAMPLE_SUBJECT_BYTES, "%.*s", (int)(dot - text), text);
    *metric = dot + 1;
    return true;
}

static const char *item_text(const struct sample_params *p, int i)
{
    return ((const char *const *)p->metrics.items)[i];
}

static int check_item(const struct experiment *x, const char *text, const struct mark *at,
                      const struct net_spec *net, struct err *e)
{
    char subject[SAMPLE_SUBJECT_BYTES];
    const char *name;
    const struct metric *m;
    if (!sample_split(text, subject, &name)) {
        err_set(e, at, "a metric is SUBJECT.METRIC, not '%s'", text);
        return err_hint(e, "for example web.in_time_wait");
    }
    if (metric_find(x, net, subject, name, at, &m, e) != 0)
        return -1;
    return m->unit != UNIT_NONE
               ? 0
               : err_set(e, at, "%s is a text, and a sample is a number", text);
}

int sample_check(const struct experiment *x, const struct net_spec *net, struct err *e)
{
    const struct node *list = node_get(node_get(x->tree, "sample"), "metrics");
    const struct node *n = list != NULL ? list->first : NULL;
    for (int i = 0; i < x->sample.metrics.n; i++) {
        const struct mark *at = n != NULL ? &n->at : list != NULL ? &list->at : NULL;
        if (check_item(x, item_text(&x->sample, i), at, net, e) != 0)
            return -1;
        n = n != NULL ? n->next : NULL;
    }
    return 0;
}

int64_t sample_n_rows(const struct experiment *x)
{
    int64_t n;
    if (x->sample.every == 0 ||
        __builtin_mul_overflow(x->stop / x->sample.every + 1, x->sample.metrics.n, &n))
        return x->sample.every == 0 ? 0 : INT64_MAX;
    return n;
}

/* ---- while a run goes on ---- */

/* To the nearest stored integer, halves up; the numerators of metrics are far below 2^126. */
static int64_t rounded(const struct value *v)
{
    const __int128 twice = 2 * (__int128)v->num + v->den;
    const __int128 den = 2 * (__int128)v->den;
    return (int64_t)(twice / den - (twice % den < 0));
}

static void take(struct sampler *s, struct sampled *item)
{
    struct value v = metric_value(s->sim, item->metric, item->of);
    if (v.kind == VALUE_INT)
        v.den = 1;
    else if (v.kind != VALUE_RATIO)
        return;
    item->n_rows++;
    sim_emit(s->sim, &REC_TYPE_SAMPLE,
             &(struct rec_sample){item->subject, item->metric->name, rounded(&v)});
}

static void take_all(struct sim *sim, struct event *event)
{
    struct sampler *s = CONTAINER_OF(event, struct sampler, event);
    for (int i = 0; i < s->n; i++)
        take(s, &s->items[i]);
    if (sim->now < SIM_NEVER - 1 - s->every)
        event_at(sim, event, sim->now + s->every);
}

static uint32_t subject_named(const struct sim *sim, const char *name)
{
    uint32_t i = 1;
    while (i <= sim->n_subjects && strcmp(sim->subjects[i].name, name) != 0)
        i++;
    sim_assert(sim, i <= sim->n_subjects);
    return i;
}

struct sampler *sampler_new(struct net *net, const struct sample_params *params)
{
    struct sim *sim = net->sim;
    struct sampler *s = sim_alloc(sim, sizeof(*s));
    *s = (struct sampler){.sim = sim, .every = params->every, .n = params->metrics.n};
    s->items = sim_alloc(sim, (size_t)s->n * sizeof(*s->items));
    for (int i = 0; i < s->n; i++) {
        char subject[SAMPLE_SUBJECT_BYTES];
        const char *name;
        const void *of;
        const bool whole = sample_split(item_text(params, i), subject, &name);
        const struct metric *m = whole ? net_metric(net, subject, name, &of) : NULL;
        sim_assert(sim, m != NULL); /* sample_check has found it */
        s->items[i] = (struct sampled){m, of, subject_named(sim, subject), 0};
    }
    /* behind the changes of every subject */
    event_init(sim, &s->event, EV_WORLD, sim->n_subjects + 1, take_all);
    event_at(sim, &s->event, 0);
    return s;
}
