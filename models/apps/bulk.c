/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/bulk.h"

struct bulk {
    struct client client; /* first */
    sim_time written_at, acknowledged_at;
};

struct bulk_conn {
    struct client_conn client; /* first */
    bool begun;
};

/* clang-format off */
static const struct choice CLOSES[] = {
    {"after-ack", "when the peer's TCP has acknowledged the last byte"},
    {"after-send", "when the send buffer has taken the last byte; the FIN follows it"},
    {"after-eof",
     "when the peer's end of stream has been read; what found no room by then is never sent"},
    {"never", "it holds the connection until the run ends"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct bulk_params, field)
static const struct key KEYS[] = {
    CLIENT_KEY_ROWS,
    {"close", KEY_CHOICE, AT(client.close), "after-ack", "when close() is called",
     .choices = CLOSES},
    {"bytes", KEY_QUANTITY, AT(bytes), "unlimited", "how much it writes", UNIT_BYTES, 1,
     INT64_MAX},
    {0},
};

#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct bulk, field), NULL, 0, help}
static const struct metric METRICS[] = {
    CLIENT_METRIC_ROWS,
    METRIC("written_at", UNIT_TIME, written_at, "when the send buffer had taken the last byte"),
    METRIC("acknowledged_at", UNIT_TIME, acknowledged_at,
           "when the last byte was acknowledged; not seen with close: after-send, whose socket "
           "is gone by then"),
    {0},
};
/* clang-format on */

static bool close_is_due(const struct app_conn *c)
{
    const struct client *cl = (const struct client *)c->app;

    switch (cl->close) {
    case CLOSE_AFTER_ACK:
        return c->acknowledged;
    case CLOSE_AFTER_SEND:
        return c->unwritten == 0;
    case CLOSE_AFTER_EOF:
        return c->eof;
    default:
        return false;
    }
}

static void bulk_progress(struct app_conn *c)
{
    struct bulk *b = (struct bulk *)c->app;
    struct bulk_conn *bc = (struct bulk_conn *)c;
    const struct bulk_params *params = c->app->params;
    const sim_time now = c->app->sim->now;

    if (!client_note(c))
        return;
    if (!bc->begun) {
        bc->begun = true;
        app_conn_write(c, params->bytes);
    }
    if (c->error != 0)
        return;
    if (c->unwritten == 0)
        b->written_at = time_min(b->written_at, now);
    if (c->acknowledged) {
        b->acknowledged_at = time_min(b->acknowledged_at, now);
        client_complete(c);
    }
    client_close_when(c, close_is_due(c));
}

static const struct app_conn_kind BULK_CONN = {.bytes = sizeof(struct bulk_conn),
                                               .progress = bulk_progress,
                                               .release = client_release,
                                               .on_let_go = client_on_let_go};

static struct misfit bulk_check(const void *params)
{
    return client_check(params);
}

static void bulk_start(struct app *a)
{
    struct bulk *b = (struct bulk *)a;

    b->written_at = SIM_NEVER;
    b->acknowledged_at = SIM_NEVER;
    client_start(a, &BULK_CONN);
}

const struct app_kind APP_BULK = {
    .name = "bulk",
    .help = "opens a connection and writes as fast as the send buffer takes it",
    .keys = KEYS,
    .params_bytes = sizeof(struct bulk_params),
    .metrics = METRICS,
    .bytes = sizeof(struct bulk),
    .start = bulk_start,
    .on_wake = client_on_wake,
    .on_warm_up = client_on_warm_up,
    .check = bulk_check,
};
