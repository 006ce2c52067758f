/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/request.h"

#include <string.h>

struct request {
    struct client client; /* first */
    int64_t expected;     /* bytes of a reply; 0: up to the end of stream */
    int64_t greeting;     /* bytes that come before the first reply */
    bool awaits_greeting;
    bool is_early; /* it does not wait for the connection */
    struct app_wait_line sending, thinking;
    int64_t n_requests, n_replies; /* of attempts that count */
    sim_time reply_delay, reply_delay_max;
    sim_time request_at, reply_at, last_reply_at;
};

struct request_conn {
    struct client_conn client; /* first */
    struct app_wait send;      /* before the next request */
    int64_t n_asked, n_written, n_answered;
    sim_time asked_at; /* the last request */
};

/* clang-format off */
static const struct choice CLOSES[] = {
    {"after-reply",
     "when the last reply is complete, or the peer's end of stream says that no more will come"},
    {"after-eof", "when the peer's end of stream has been read"},
    {"after-send",
     "when the send buffer has taken all of the last request; the FIN follows its last byte"},
    {"at-once", "right after the first write: what of the request found no room is never sent"},
    {"never", "it holds the connection until the run ends"},
    {NULL, NULL},
};

static const struct choice WHEN[] = {
    {"connected", "as soon as it is connected"},
    {"greeting",
     "when it has read what the server `to` sends first; of a host, whatever comes first"},
    {"opening", "right after connect(): it rides on whatever first segment may carry data"},
    {"fast-open", "nothing: it goes with connect(), sendto(MSG_FASTOPEN), RFC 7413"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct request_params, field)
static const struct key KEYS[] = {
    CLIENT_KEY_ROWS,
    {"close", KEY_CHOICE, AT(client.close), "after-reply", "when close() is called",
     .choices = CLOSES},
    {"send", KEY_QUANTITY, AT(send), "100B", "length of a request", UNIT_BYTES, 1,
     INT64_C(1) << 50},
    {"reply", KEY_QUANTITY, AT(reply), "",
     "length of a complete reply; left out: what the server `to` replies, or else all up to "
     "the end of its stream",
     UNIT_BYTES, 1, INT64_C(1) << 50},
    {"requests", KEY_QUANTITY, AT(requests), "1",
     "how many on one connection, each when the reply to the one before is complete, whose "
     "length must be known",
     UNIT_COUNT, 1, INT64_MAX},
    {"send_when", KEY_CHOICE, AT(send_when), "connected", "what the first request waits for",
     .choices = WHEN},
    {"send_after", KEY_VARIANT, AT(send_after), "0s", "how long it waits after that",
     .variants = DIST_KINDS},
    {"think", KEY_VARIANT, AT(think), "0s", "how long it waits between a reply and a request",
     .variants = DIST_KINDS},
    {"half_close", KEY_BOOL, AT(half_close), "no",
     "shutdown(SHUT_WR) once the send buffer has taken the last request; after-reply then "
     "waits for the end of stream too"},
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
    METRIC("last_reply_at", UNIT_TIME, last_reply_at, "the same of the last reply"),
    {"reply_delay", UNIT_TIME, offsetof(struct request, reply_delay), app_mean,
     offsetof(struct request, n_replies), "mean time from the first write of a request to the "
     "last byte of its reply"},
    {"reply_delay_max", UNIT_TIME, offsetof(struct request, reply_delay_max), app_max,
     offsetof(struct request, n_replies), "the longest of these"},
    {0},
};
/* clang-format on */

/* A reply of unknown length is known to be whole at the end of stream; its last byte came
 * before. */
static bool reply_is_whole(const struct request *r, const struct request_conn *rc)
{
    const struct app_conn *c = &rc->client.conn;
    const int64_t got = c->received - r->greeting;

    if (rc->n_answered >= rc->n_asked)
        return false;
    if (r->expected > 0)
        return got >= (rc->n_answered + 1) * r->expected;
    return c->eof && got > 0 && rc->n_answered == 0;
}

static void note_reply(struct request *r, struct request_conn *rc)
{
    const struct app_conn *c = &rc->client.conn;
    const struct request_params *params = c->app->params;
    const sim_time delay = c->last_byte_at - rc->asked_at;

    rc->n_answered++;
    app_wait_again(&rc->send);
    r->reply_at = time_min(r->reply_at, c->last_byte_at);
    r->last_reply_at = c->last_byte_at;
    if (client_counts(c)) {
        r->n_replies++;
        r->reply_delay += delay;
        r->reply_delay_max = time_max(r->reply_delay_max, delay);
    }
    if (rc->n_answered == params->requests)
        client_complete(&rc->client.conn);
}

static bool greeting_is_in(const struct request *r, const struct app_conn *c)
{
    return !r->awaits_greeting || c->received >= (r->greeting > 0 ? r->greeting : 1);
}

/* The next request, when it is time for one. */
static void ask(struct request *r, struct request_conn *rc)
{
    struct app_conn *c = &rc->client.conn;
    const struct request_params *params = c->app->params;
    const bool is_first = rc->n_asked == 0;

    if (rc->n_asked == params->requests || rc->n_asked > rc->n_answered || c->shut ||
        (is_first && !greeting_is_in(r, c)))
        return;
    app_wait_begin(is_first ? &r->sending : &r->thinking, &rc->send, c);
    if (!rc->send.over)
        return;
    rc->n_asked++;
    rc->asked_at = c->app->sim->now;
    if (!is_first || r->client.first_write == 0)
        app_conn_write(c, params->send);
}

static void note_request(struct request *r, struct request_conn *rc)
{
    struct app_conn *c = &rc->client.conn;
    const struct request_params *params = c->app->params;

    if (rc->n_written == rc->n_asked || c->unwritten > 0)
        return;
    rc->n_written = rc->n_asked;
    r->n_requests += client_counts(c);
    r->request_at = time_min(r->request_at, c->app->sim->now);
    if (params->half_close && rc->n_written == params->requests)
        app_conn_end_writing(c);
}

static bool close_is_due(const struct request *r, const struct request_conn *rc)
{
    const struct app_conn *c = &rc->client.conn;
    const struct request_params *params = c->app->params;

    switch (r->client.close) {
    case CLOSE_AT_ONCE:
        return rc->n_asked > 0;
    case CLOSE_AFTER_SEND:
        return rc->n_written == params->requests;
    case CLOSE_AFTER_REPLY:
        return c->eof || (rc->n_answered == params->requests && !params->half_close);
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

    if (!client_note(c) && !(r->is_early && c->error == 0))
        return;
    while (reply_is_whole(r, rc))
        note_reply(r, rc);
    ask(r, rc);
    note_request(r, rc);
    if (c->error == 0 && c->connected)
        client_close_when(c, close_is_due(r, rc));
}

static void request_release(struct app_conn *c)
{
    app_wait_cancel(&((struct request_conn *)c)->send);
    client_release(c);
}

static const struct app_conn_kind REQUEST_CONN = {.bytes = sizeof(struct request_conn),
                                                  .progress = request_progress,
                                                  .release = request_release,
                                                  .on_let_go = client_on_let_go};

static void request_start(struct app *a)
{
    struct request *r = (struct request *)a;
    const struct request_params *params = a->params;

    r->expected = params->reply != 0 ? params->reply : a->env.to_reply_bytes;
    r->greeting = a->env.to_greeting_bytes;
    r->awaits_greeting = strcmp(params->send_when, "greeting") == 0;
    const bool with_connect = strcmp(params->send_when, "fast-open") == 0;
    r->client.first_write = with_connect ? params->send : 0;
    r->is_early = with_connect || strcmp(params->send_when, "opening") == 0;
    r->request_at = r->reply_at = r->last_reply_at = SIM_NEVER;
    app_wait_line_init(&r->sending, a, "send_after", &params->send_after, app_conn_wait_over);
    app_wait_line_init(&r->thinking, a, "think", &params->think, app_conn_wait_over);
    client_start(a, &REQUEST_CONN);
}

static void request_on_warm_up(struct app *a)
{
    struct request *r = (struct request *)a;

    r->n_requests = r->n_replies = 0;
    r->reply_delay = r->reply_delay_max = 0;
    client_on_warm_up(a);
}

static struct misfit request_check(const void *p)
{
    const struct request_params *params = p;
    const enum close_rule close = close_rule_of(params->client.close);

    if (params->half_close && (close == CLOSE_AFTER_SEND || close == CLOSE_AT_ONCE))
        return (struct misfit){"half_close needs a close that waits: after-reply, after-eof or "
                               "never",
                               .key = "half_close"};
    if (params->half_close && strcmp(params->send_when, "opening") == 0)
        return (struct misfit){"half_close ends what may not have begun: it does not go with "
                               "send_when: opening",
                               .key = "half_close"};
    if (params->requests > 1 && close == CLOSE_AT_ONCE)
        return (struct misfit){"close: at-once leaves no time for a second request",
                               .key = "requests"};
    if (!params->client.read && params->requests > 1)
        return (struct misfit){"with read: no it never sees the reply that its second request "
                               "waits for",
                               .key = "requests"};
    return client_check(&params->client);
}

static struct misfit request_check_to(const void *p, int64_t reply_bytes)
{
    const struct request_params *params = p;

    if (params->requests > 1 && params->reply == 0 && reply_bytes == 0)
        return (struct misfit){"the second request waits for a reply, and `to` has none of a "
                               "known length: give reply",
                               .key = "requests"};
    return (struct misfit){0};
}

const struct app_kind APP_REQUEST = {
    .name = "request",
    .help = "opens a connection, sends requests and reads the replies",
    .keys = KEYS,
    .params_bytes = sizeof(struct request_params),
    .metrics = METRICS,
    .bytes = sizeof(struct request),
    .start = request_start,
    .on_wake = client_on_wake,
    .on_warm_up = request_on_warm_up,
    .check = request_check,
    .check_to = request_check_to,
};
