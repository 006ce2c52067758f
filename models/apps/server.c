/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/server.h"

#include <errno.h>

struct server {
    struct app app; /* first */
    enum close_rule close;
    struct app_wait_line replying, closing;
    struct tcp_listener *listener; /* NULL: listen() failed */
    int64_t n_accepted, n_requests, n_replies, n_accept_errors;
    sim_time accepted_at, first_request_at, first_reply_at, eof_at;
};

struct server_conn {
    struct app_conn conn; /* first */
    struct app_wait reply, close;
    bool replying; /* the reply has been handed to app_conn_write */
    bool replied;  /* and the send buffer has taken it all */
};

/* clang-format off */
static const struct choice CLOSES[] = {
    {"after-eof",
     "when the peer's end of stream has been read and a reply that is due has been written"},
    {"after-reply",
     "when the send buffer has taken the whole reply, whose last byte the FIN follows; or "
     "when the peer's end of stream comes before a complete request"},
    {"at-once", "right after accept(); what has arrived by then is read first"},
    {"never", "it holds the connection until the run ends"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct server_params, field)
static const struct key KEYS[] = {
    {"port", KEY_PORT, AT(port), NULL, "the port it listens on, from time 0"},
    {"request", KEY_QUANTITY, AT(request), "0B",
     "bytes that make a request complete; 0B: whatever comes first; unlimited: all up to the "
     "end of stream", UNIT_BYTES},
    {"reply", KEY_QUANTITY, AT(reply), "0B",
     "length of the reply to a complete request; 0B: none", UNIT_BYTES, 0, INT64_C(1) << 50},
    {"reply_after", KEY_QUANTITY, AT(reply_after), "0s",
     "how long it works on a request before it replies", UNIT_TIME},
    {"close", KEY_CHOICE, AT(close), "after-eof", "when close() is called on a connection",
     .choices = CLOSES},
    {"close_after", KEY_QUANTITY, AT(close_after), "0s",
     "how long it waits before the close() of `close`, once that is due", UNIT_TIME},
    {"read", KEY_BOOL, AT(read), "yes",
     "whether it ever reads; if not, its window fills, and close() with unread bytes resets "
     "(RFC 2525 §2.17)"},
    {"backlog", KEY_QUANTITY, AT(backlog), "",
     "its accept queue; left out: the host's tcp.backlog", UNIT_COUNT, 1, 1 << 20},
    {0},
};

#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct server, field), NULL, 0, help}
static const struct metric METRICS[] = {
    METRIC("accepted", UNIT_COUNT, n_accepted, "connections that accept() returned"),
    METRIC("accepted_at", UNIT_TIME, accepted_at, "when the first of them was"),
    METRIC("requests", UNIT_COUNT, n_requests, "complete requests"),
    METRIC("first_request_at", UNIT_TIME, first_request_at,
           "when the first of them was complete"),
    METRIC("replies", UNIT_COUNT, n_replies, "replies written whole"),
    METRIC("first_reply_at", UNIT_TIME, first_reply_at,
           "when the send buffer had taken the first of them"),
    METRIC("eof_at", UNIT_TIME, eof_at, "when the first end of a peer's stream was read"),
    METRIC("accept_errors", UNIT_COUNT, n_accept_errors,
           "accepted connections that ended with ECONNRESET"),
    {0},
};
/* clang-format on */

static bool request_is_complete(const struct app_conn *c)
{
    const struct server_params *params = c->app->params;

    if (params->request == UNIT_UNLIMITED)
        return c->eof;
    if (params->request == 0)
        return c->readable || c->received > 0;
    return c->received >= params->request;
}

static void serve(struct server *s, struct server_conn *sc)
{
    struct app_conn *c = &sc->conn;
    const struct server_params *params = c->app->params;
    const sim_time now = c->app->sim->now;

    if (request_is_complete(c) && app_wait_begin(&s->replying, &sc->reply, c)) {
        s->n_requests++;
        s->first_request_at = time_min(s->first_request_at, now);
    }
    if (params->reply == 0)
        return;
    if (sc->reply.over && !sc->replying) {
        sc->replying = true;
        app_conn_write(c, params->reply);
    }
    if (sc->replying && !sc->replied && c->unwritten == 0 && c->error == 0) {
        sc->replied = true;
        s->n_replies++;
        s->first_reply_at = time_min(s->first_reply_at, now);
    }
}

static bool close_is_due(const struct server *s, const struct server_conn *sc)
{
    const struct server_params *params = sc->conn.app->params;
    const bool owes_reply = sc->reply.begun && params->reply > 0 && !sc->replied;

    switch (s->close) {
    case CLOSE_AT_ONCE:
        return true;
    case CLOSE_AFTER_REPLY:
        return sc->replied || (sc->conn.eof && !owes_reply);
    case CLOSE_AFTER_EOF:
        return sc->conn.eof && !owes_reply;
    default:
        return false;
    }
}

static void server_progress(struct app_conn *c)
{
    struct server *s = (struct server *)c->app;
    struct server_conn *sc = (struct server_conn *)c;

    if (c->eof)
        s->eof_at = time_min(s->eof_at, c->app->sim->now);
    if (c->error == 0)
        serve(s, sc);
    if (c->error == 0 && close_is_due(s, sc))
        app_wait_begin(&s->closing, &sc->close, c);
    if (sc->close.over)
        app_conn_close(c);
}

static void server_release(struct app_conn *c)
{
    struct server *s = (struct server *)c->app;
    struct server_conn *sc = (struct server_conn *)c;

    s->n_accept_errors += c->error == ECONNRESET;
    app_wait_cancel(&sc->reply);
    app_wait_cancel(&sc->close);
}

static const struct app_conn_kind SERVER_CONN = {.bytes = sizeof(struct server_conn),
                                                 .progress = server_progress,
                                                 .release = server_release};

static void server_on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct app *a = CONTAINER_OF(user, struct app, user);
    struct server *s = (struct server *)a;
    const struct server_params *params = a->params;
    struct app_conn *c;

    while ((c = app_conn_accept(a, &SERVER_CONN, l, params->read)) != NULL) {
        s->n_accepted++;
        s->accepted_at = time_min(s->accepted_at, a->sim->now);
        app_conn_look(c);
    }
}

static void server_start(struct app *a)
{
    struct server *s = (struct server *)a;
    const struct server_params *params = a->params;

    s->close = close_rule_of(params->close);
    s->accepted_at = s->first_request_at = s->first_reply_at = s->eof_at = SIM_NEVER;
    app_wait_line_init(&s->replying, a->sim, a->subject, params->reply_after);
    app_wait_line_init(&s->closing, a->sim, a->subject, params->close_after);
    a->user.on_accept = server_on_accept;
    const int r = tcp_listen(a->env.host->tcp, params->port, (int)params->backlog, &a->user,
                             &s->listener);
    if (r < 0)
        app_note_error(a, 0, "listen", -r);
}

static uint16_t server_port(const void *params)
{
    return ((const struct server_params *)params)->port;
}

static int64_t server_reply_bytes(const void *params)
{
    return ((const struct server_params *)params)->reply;
}

static struct misfit server_check(const void *p)
{
    const struct server_params *params = p;

    if (!params->read && params->request > 0 && params->request != UNIT_UNLIMITED)
        return (struct misfit){"a server with read: no cannot count a request's bytes: leave "
                               "request out",
                               .key = "request"};
    if (params->reply == 0 && close_rule_of(params->close) == CLOSE_AFTER_REPLY)
        return (struct misfit){"close: after-reply needs a reply", .key = "close"};
    return (struct misfit){0};
}

const struct app_kind APP_SERVER = {
    .name = "server",
    .help = "accepts every connection, reads a request and replies",
    .keys = KEYS,
    .params_bytes = sizeof(struct server_params),
    .metrics = METRICS,
    .bytes = sizeof(struct server),
    .start = server_start,
    .port = server_port,
    .reply_bytes = server_reply_bytes,
    .check = server_check,
};
