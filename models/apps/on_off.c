/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/on_off.h"

struct on_off {
    struct client client; /* first */
    struct pace_source source;
    int64_t n_writes;
};

struct on_off_conn {
    struct client_conn client; /* first */
    struct pace pace;
    struct timer timer; /* the next write; in the books from `begun` on */
    bool begun;
};

/* clang-format off */
static const struct choice CLOSES[] = {
    {"after-send", "at `until`, when the send buffer has taken the last byte"},
    {"after-eof", "when the peer's end of stream has been read"},
    {"never", "it holds the connection until the run ends"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct on_off_params, field)
static const struct key KEYS[] = {
    CLIENT_KEY_ROWS,
    {"close", KEY_CHOICE, AT(client.close), "after-send", "when close() is called",
     .choices = CLOSES},
    {"rate", KEY_QUANTITY, AT(pace.rate_bps), NULL, "what it writes while it is on", UNIT_RATE, 1,
     INT64_C(1000000000000)},
    {"size", KEY_QUANTITY, AT(pace.size), "1460B", "bytes of one write", UNIT_BYTES, 1, 1 << 30},
    {"on", KEY_VARIANT, AT(pace.on), NULL, "how long it writes, which begins when it is connected",
     .variants = DIST_KINDS},
    {"off", KEY_VARIANT, AT(pace.off), NULL, "how long it does not", .variants = DIST_KINDS},
    {"until", KEY_QUANTITY, AT(until), "never", "no write at or after this instant", UNIT_TIME, 1,
     SIM_NEVER},
    {0},
};

static const struct metric METRICS[] = {
    CLIENT_METRIC_ROWS,
    {"writes", UNIT_COUNT, offsetof(struct on_off, n_writes), NULL, 0, "pieces written"},
    {0},
};
/* clang-format on */

static bool is_done(const struct on_off_conn *oc)
{
    const struct on_off_params *params = oc->client.conn.app->params;
    return oc->begun && oc->pace.next_at >= params->until;
}

static void wait_for_next(struct on_off_conn *oc)
{
    const struct on_off_params *params = oc->client.conn.app->params;

    timer_set(oc->client.conn.app->sim, &oc->timer,
              is_done(oc) ? time_max(params->until, oc->client.conn.app->sim->now)
                          : oc->pace.next_at);
}

static void timer_fired(struct sim *sim, struct timer *t)
{
    struct on_off_conn *oc = CONTAINER_OF(t, struct on_off_conn, timer);
    struct app_conn *c = &oc->client.conn;
    struct on_off *o = (struct on_off *)c->app;
    const struct on_off_params *params = o->client.app.params;

    if (c->t == NULL || c->error != 0)
        return;
    if (!is_done(oc)) {
        o->n_writes++;
        app_conn_write(c, params->pace.size);
        pace_take(&oc->pace, &o->source);
        wait_for_next(oc);
    }
    app_conn_progress(c);
}

static void begin(struct on_off *o, struct on_off_conn *oc)
{
    struct app *a = &o->client.app;

    oc->begun = true;
    timer_init(a->sim, &oc->timer, EV_APP, a->subject, timer_fired);
    pace_begin(&oc->pace, &o->source, a->sim->now);
    wait_for_next(oc);
}

static void on_off_progress(struct app_conn *c)
{
    struct on_off *o = (struct on_off *)c->app;
    struct on_off_conn *oc = (struct on_off_conn *)c;
    const struct on_off_params *params = o->client.app.params;

    if (!client_note(c))
        return;
    if (!oc->begun)
        begin(o, oc);
    const bool is_over = c->app->sim->now >= params->until && c->unwritten == 0;
    if (is_over)
        client_complete(c);
    client_close_when(c, o->client.close == CLOSE_AFTER_SEND
                             ? is_over
                             : o->client.close == CLOSE_AFTER_EOF && c->eof);
}

static void on_off_release(struct app_conn *c)
{
    struct on_off_conn *oc = (struct on_off_conn *)c;

    if (oc->begun)
        timer_fini(c->app->sim, &oc->timer);
    client_release(c);
}

static const struct app_conn_kind ON_OFF_CONN = {.bytes = sizeof(struct on_off_conn),
                                                 .progress = on_off_progress,
                                                 .release = on_off_release,
                                                 .on_let_go = client_on_let_go};

static void on_off_start(struct app *a)
{
    struct on_off *o = (struct on_off *)a;
    const struct on_off_params *params = a->params;
    const struct rng on = app_rng(a, "on"), off = app_rng(a, "off");

    pace_source_init(&o->source, &params->pace, &on, &off);
    client_start(a, &ON_OFF_CONN);
}

static void on_off_on_warm_up(struct app *a)
{
    ((struct on_off *)a)->n_writes = 0;
    client_on_warm_up(a);
}

static struct misfit on_off_check(const void *p)
{
    const struct on_off_params *params = p;
    return client_check(&params->client);
}

const struct app_kind APP_ON_OFF = {
    .name = "on-off",
    .help =
        "opens a connection and writes at a constant rate, by turns for a while and not at all",
    .keys = KEYS,
    .params_bytes = sizeof(struct on_off_params),
    .metrics = METRICS,
    .bytes = sizeof(struct on_off),
    .start = on_off_start,
    .on_wake = client_on_wake,
    .on_warm_up = on_off_on_warm_up,
    .check = on_off_check,
};
