/* SPDX-License-Identifier: GPL-3.0-or-later
 * apps_world.h -- two hosts, 10 ms apart, for the tests of applications; and a listener that
 * keeps event records.
 *
 * Instants in these tests follow from the 10 ms alone: SYN 0 -> 10, SYN-ACK -> 20, ACK with the
 * request -> 30, reply -> 40 ms.
 */
#pragma once
#include "models/apps/app.h"
#include "tests/check.h"

enum { CLIENT, SERVER, N_HOSTS };

struct world {
    struct sim *sim;
    struct host *hosts; /* [N_HOSTS] */
    struct link *links; /* links[h]: the way out of host h */
};

static inline struct tcp_params world_tcp(void)
{
    struct tcp_params params;
    assert_int_equal(tcp_params_init(&params, "rfc9293"), 0);
    params.msl = MS(100);
    return params;
}

static inline struct world world_with(const struct tcp_params *tcp, int64_t loss)
{
    static const char *const names[] = {"client", "server"};
    static const char *const ways[] = {"client->server", "server->client"};
    const struct link_params params = {UNIT_UNLIMITED, dist_constant(MS(10)), UNIT_UNLIMITED,
                                       UNIT_UNLIMITED, loss_bernoulli(loss)};
    struct world w = {.sim = sim_new(&(struct sim_params){.seed = 1})};

    assert_non_null(w.sim);
    w.hosts = sim_alloc(w.sim, N_HOSTS * sizeof(*w.hosts));
    w.links = sim_alloc(w.sim, N_HOSTS * sizeof(*w.links));
    for (int i = 0; i < N_HOSTS; i++)
        host_init(&w.hosts[i], w.sim, names[i], ip4(0x0a000001 + (uint32_t)i), tcp);
    for (int i = 0; i < N_HOSTS; i++) {
        link_init(&w.links[i], w.sim, ways[i], &params, &w.hosts[1 - i].sink);
        w.hosts[i].out = &w.links[i];
    }
    return w;
}

static inline struct world world_new(void)
{
    const struct tcp_params tcp = world_tcp();
    return world_with(&tcp, 0);
}

/* An app on `host` that talks to the other one, started at once. to: whose port and reply it is
 * told; NULL: none. */
static inline struct app *world_app(struct world *w, int host, const char *name,
                                    const struct app_kind *kind, const void *params,
                                    const struct app *to)
{
    const struct app_env env = {
        .host = &w->hosts[host],
        .to_host = &w->hosts[1 - host],
        .to_port = to == NULL ? 0 : to->kind->port(to->params),
        .to_reply_bytes =
            to == NULL || to->kind->reply_bytes == NULL ? 0 : to->kind->reply_bytes(to->params),
        .to_greeting_bytes = to == NULL || to->kind->greeting_bytes == NULL
                                 ? 0
                                 : to->kind->greeting_bytes(to->params),
    };

    assert_true(kind->check == NULL || kind->check(params).sentence == NULL);
    struct app *a = app_new(w->sim, name, kind, &env, params);
    app_start(a);
    return a;
}

static inline void world_free(struct world *w)
{
    for (int i = 0; i < N_HOSTS; i++)
        tcp_stack_finish(w->hosts[i].tcp);
    for (int i = 0; i < N_HOSTS; i++)
        link_drain(&w->links[i]);
    assert_int_equal(w->sim->live_packets, 0);
    sim_free(w->sim);
}

/* The value of a metric that must exist; SIM_NEVER when it did not happen. */
static inline int64_t world_metric(const struct world *w, const struct app *a, const char *name)
{
    const void *subject;
    const struct metric *m = app_metric(a, name, &subject);

    if (m == NULL)
        fail_msg("no metric %s", name);
    const struct value v = metric_value(w->sim, m, subject);
    return v.kind == VALUE_NONE ? SIM_NEVER : v.num;
}

/* The metric, which must be a ratio, is exactly num / den. */
static inline void check_mean(const char *story, const struct world *w, const struct app *a,
                              const char *name, int64_t den, int64_t num)
{
    const void *subject;
    const struct metric *m = app_metric(a, name, &subject);

    if (m == NULL)
        fail_msg("no metric %s", name);
    const struct value v = metric_value(w->sim, m, subject);
    check_eq(story, v.kind, VALUE_RATIO);
    check_true(name, (__int128)v.num * den == (__int128)num * v.den);
}

/* Every byte that reached an application was the right one in its place. */
static inline void check_all_verified(const char *story, const struct app *a, int64_t bytes)
{
    check_eq(story, a->bytes_verified, bytes);
    check_eq(story, a->bytes_wrong_stream, 0);
    check_eq(story, a->bytes_out_of_place, 0);
}

enum { DIARY_MAX = 32 };

/* Keeps the event records of a run. */
struct diary {
    struct listener listener; /* first */
    int n;
    struct rec_event events[DIARY_MAX];
};

static inline void diary_emit(struct listener *l, sim_time now, const struct rec_type *type,
                              const void *rec)
{
    struct diary *d = (struct diary *)l;
    if (type == &REC_TYPE_EVENT && d->n < DIARY_MAX)
        d->events[d->n++] = *(const struct rec_event *)rec;
}

static inline struct diary diary_new(void)
{
    return (struct diary){.listener = {diary_emit, REC_LIFE}};
}
