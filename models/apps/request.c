/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/request.h"

struct request {
    struct client client; /* first */
    int64_t expected;     /* bytes of a reply; 0: up to the end of stream */
    int64_t n_requests, n_replies;
    sim_time request_at, reply_at;
};

struct request_conn {
    struct client_conn client; /* first */
    bool begun, sent, replied;
};

/* clang-format off */
static const struct choice CLOSES[] = {
    {"after-reply",
     "when the reply is complete, or the peer's end of stream says that no more will come"},
    {"after-eof", "when the peer's end of stream has been read"},
    {"after-send",
     "when the send buffer has taken the whole request; the FIN follows its last byte"},
    {"at-once", "right after the first write: what of the request found no room is never sent"},
    {"never", "it holds the connection until the run ends"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct request_params, field)
static const struct key KEYS[] = {
    CLIENT_KEY_ROWS,
    {"close", KEY_CHOICE, AT(client.close), "after-reply", "when close() is called",
     .choices = CLOSES},
    {"send", KEY_QUANTITY, AT(send), "100B", "length of the request, written when connected",
     UNIT_BYTES, 1, INT64_C(1) << 50},
    {"reply", KEY_QUANTITY, AT(reply), "",
     "length of a complete reply; left out: what the server `to` replies, or else all up to "
     "the end of its stream",
     UNIT_BYTES, 1, INT64_C(1) << 50},
    {"half_close", KEY_BOOL, AT(half_close), "no",
     "shutdown(SHUT_WR) once the send buffer has taken the request; after-reply then waits "
     "for the end of stream too"},
    {0},
};

#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct request, field), NULL, 0, help}
static const struct metric METRICS[] = {
    CLIENT_METRIC_ROWS,
    METRIC("requests", UNIT_COUNT, n_requests, "requests written whole"),
    METRIC("request_at", UNIT_TIME, request_at,
           "when the send buffer had taken the first of them"),
    METRIC("replies", UNIT_COUNT, n_replies, "replies read whole"),
    METRIC("reply_at", UNIT_TIME, reply_at, "when it read the last byte of the first reply"),
    {0},
};
/* clang-format on */

static void note_request(struct request *r, struct request_conn *rc)
{
    struct app_conn *c = &rc->client.conn;
    const struct request_params *params = c->app->params;

    if (rc->sent || !rc->begun || c->unwritten > 0)
        return;
    rc->sent = true;
    r->n_requests++;
    r->request_at = time_min(r->request_at, c->app->sim->now);
    if (params->half_close)
        app_conn_shutdown(c, TCP_SHUT_WR);
}

/* A reply of unknown length is known to be whole at the end of stream; its last byte came
 * before. */
static void note_reply(struct request *r, struct request_conn *rc)
{
    const struct app_conn *c = &rc->client.conn;
    const bool is_whole =
        r->expected > 0 ? c->received >= r->expected : c->eof && c->received > 0;

    if (rc->replied || !is_whole)
        return;
    rc->replied = true;
    r->n_replies++;
    r->reply_at = time_min(r->reply_at, c->app->last_byte_at);
}

static bool close_is_due(const struct request *r, const struct request_conn *rc)
{
    const struct app_conn *c = &rc->client.conn;
    const struct request_params *params = c->app->params;

    switch (r->client.close) {
    case CLOSE_AT_ONCE:
        return true;
    case CLOSE_AFTER_SEND:
        return rc->sent;
    case CLOSE_AFTER_REPLY:
        return c->eof || (rc->replied && !params->half_close);
    case CLOSE_AFTER_EOF:
        return c->eof;
    default:
        return false;
    }
}

static void request_progress(struct app_conn *c)
{
    struct request *r = (struct request *)c->app;
    struct request_conn *rc = (struct request_conn *)c;
    const struct request_params *params = c->app->params;

    if (!client_note(c))
        return;
    if (!rc->begun) {
        rc->begun = true;
        app_conn_write(c, params->send);
    }
    note_request(r, rc);
    note_reply(r, rc);
    if (c->error == 0)
        client_close_when(c, close_is_due(r, rc));
}

static const struct app_conn_kind REQUEST_CONN = {.bytes = sizeof(struct request_conn),
                                                  .progress = request_progress,
                                                  .release = client_release};

static void request_start(struct app *a)
{
    struct request *r = (struct request *)a;
    const struct request_params *params = a->params;

    r->expected = params->reply != 0 ? params->reply : a->env.to_reply_bytes;
    r->request_at = SIM_NEVER;
    r->reply_at = SIM_NEVER;
    client_start(a, &REQUEST_CONN);
}

static struct misfit request_check(const void *p)
{
    const struct request_params *params = p;
    const enum close_rule close = close_rule_of(params->client.close);

    if (params->half_close && (close == CLOSE_AFTER_SEND || close == CLOSE_AT_ONCE))
        return (struct misfit){"half_close needs a close that waits: after-reply, after-eof or "
                               "never",
                               .key = "half_close"};
    return (struct misfit){0};
}

const struct app_kind APP_REQUEST = {
    .name = "request",
    .help = "opens a connection, sends a request and reads the reply",
    .keys = KEYS,
    .params_bytes = sizeof(struct request_params),
    .metrics = METRICS,
    .bytes = sizeof(struct request),
    .start = request_start,
    .on_wake = client_on_wake,
    .check = request_check,
};
