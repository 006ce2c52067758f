/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/server.h"

#include "models/apps/request_ids.h"

#include <errno.h>

struct server {
    struct app app; /* first */
    enum close_rule close;
    const struct app_ending *ending;
    struct app_wait_line replying, closing, accepting;
    struct tcp_listener *listener; /* NULL: listen() failed */
    int64_t n_busy;                /* workers, each with a connection that is not let go */
    bool in_accept;                /* accept_more is under way */
    int64_t n_accepted, n_requests, n_executed, n_replies, n_accept_errors;
    struct request_ids ids;
    sim_time accepted_at, first_request_at, first_reply_at, eof_at;
};

struct server_conn {
    struct app_conn conn; /* first */
    struct app_wait reply, close;
    int64_t n_served; /* requests that have had all they get */
    bool greeted;
    bool replying; /* the reply has been handed to app_conn_write */
};

/* clang-format off */
static const struct choice CLOSES[] = {
    {"after-eof",
     "when the peer's end of stream has been read and a reply that is due has been written"},
    {"after-reply",
     "when the send buffer has taken the whole reply to the last of `requests`, whose last byte "
     "the FIN follows; or when the peer's end of stream comes before a complete request"},
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
    {"requests", KEY_QUANTITY, AT(requests), "1",
     "how many it replies to on one connection; more than one need `request` in bytes",
     UNIT_COUNT, 1, INT64_MAX},
    {"reply", KEY_QUANTITY, AT(reply), "0B",
     "length of the reply to a complete request; 0B: none", UNIT_BYTES, 0, INT64_C(1) << 50},
    {"greeting", KEY_QUANTITY, AT(greeting), "0B",
     "what it sends right after accept(), before any request; 0B: nothing", UNIT_BYTES, 0,
     INT64_C(1) << 50},
    {"reply_after", KEY_VARIANT, AT(reply_after), "0s",
     "how long it works on a request before it replies", .variants = DIST_KINDS},
    {"close", KEY_CHOICE, AT(close), "after-eof", "when close() is called on a connection",
     .choices = CLOSES},
    {"close_by", KEY_CHOICE, AT(close_by), "close", "what it calls when `close` is due",
     .choices = APP_ENDING_CHOICES},
    {"close_after", KEY_VARIANT, AT(close_after), "0s",
     "how long it waits before the call of `close`, once that is due", .variants = DIST_KINDS},
    {"accept_after", KEY_VARIANT, AT(accept_after), "0s",
     "how long it takes to come round to each accept(), one after the other",
     .variants = DIST_KINDS},
    {"accept_from", KEY_QUANTITY, AT(accept_from), "0s",
     "from when on it calls accept(), the first time at once; it listens from the start", UNIT_TIME},
    {"workers", KEY_QUANTITY, AT(workers), "unlimited",
     "connections that it serves at a time, each from accept() to close(); further ones wait in "
     "the accept queue", UNIT_COUNT, 1, INT64_MAX},
    {"read", KEY_BOOL, AT(read), "yes",
     "whether it ever reads; if not, its window fills, and close() with unread bytes resets "
     "(RFC 2525 §2.17)"},
    {"backlog", KEY_QUANTITY, AT(backlog), "",
     "its accept queue; left out: the host's tcp.backlog", UNIT_COUNT, 1, 1 << 20},
    {"request_ids", KEY_BOOL, AT(request_ids), "no",
     "requests carry ids, and one that it has executed before is answered, not executed again"},
    {0},
};

#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct server, field), NULL, 0, help}
static const struct metric METRICS[] = {
    METRIC("accepted", UNIT_COUNT, n_accepted, "connections that accept() returned"),
    METRIC("accepted_at", UNIT_TIME, accepted_at, "when the first of them was"),
    METRIC("requests", UNIT_COUNT, n_requests, "complete requests"),
    METRIC("executed", UNIT_COUNT, n_executed,
           "of these, the ones that it executed: all, or each once where it knows request_ids"),
    METRIC("first_request_at", UNIT_TIME, first_request_at,
           "when the first of them was complete"),
    METRIC("replies", UNIT_COUNT, n_replies, "replies written whole"),
    METRIC("first_reply_at", UNIT_TIME, first_reply_at,
           "when the send buffer had taken the first of them"),
    METRIC("eof_at", UNIT_TIME, eof_at, "when the first end of a peer's stream was read"),
    METRIC("accept_errors", UNIT_COUNT, n_accept_errors,
           "accepted connections that ended with ECONNRESET"),
    METRIC("busy", UNIT_COUNT, n_busy,
           "workers that serve a connection now, from accept() to close()"),
    {0},
};
/* clang-format on */

static bool request_is_complete(const struct server_conn *sc)
{
    const struct app_conn *c = &sc->conn;
    const struct server_params *params = c->app->params;

    if (params->request == UNIT_UNLIMITED)
        return c->eof;
    if (params->request == 0)
        return c->readable || c->received > 0;
    return c->received >= (sc->n_served + 1) * params->request;
}

static void note_served(struct server *s, struct server_conn *sc)
{
    const struct server_params *params = s->app.params;

    sc->n_served++;
    sc->replying = false;
    app_wait_again(&sc->reply);
    if (params->reply == 0)
        return;
    s->n_replies++;
    s->first_reply_at = time_min(s->first_reply_at, s->app.sim->now);
}

static void note_request(struct server *s, const struct server_conn *sc)
{
    const struct server_params *params = s->app.params;
    struct sim *sim = s->app.sim;

    s->n_requests++;
    s->first_request_at = time_min(s->first_request_at, sim->now);
    if (!params->request_ids ||
        request_id_is_new(&s->ids, sim, tcp_peer_stream(sc->conn.t), sc->n_served))
        s->n_executed++;
}

/* One step of one request. True: it has had all it gets, there may be another. */
static bool serve(struct server *s, struct server_conn *sc)
{
    struct app_conn *c = &sc->conn;
    const struct server_params *params = c->app->params;

    if (sc->n_served == params->requests || c->error != 0)
        return false;
    if (request_is_complete(sc) && app_wait_begin(&s->replying, &sc->reply, c))
        note_request(s, sc);
    if (sc->reply.over && !sc->replying) {
        sc->replying = true;
        if (params->reply > 0)
            app_conn_write(c, params->reply);
    }
    if (!sc->replying || c->unwritten > 0 || c->error != 0)
        return false;
    note_served(s, sc);
    return true;
}

static bool close_is_due(const struct server *s, const struct server_conn *sc)
{
    const struct server_params *params = sc->conn.app->params;
    const bool owes_reply = sc->reply.begun && params->reply > 0;

    switch (s->close) {
    case CLOSE_AT_ONCE:
        return true;
    case CLOSE_AFTER_REPLY:
        return (sc->n_served == params->requests || sc->conn.eof) && !owes_reply;
    case CLOSE_AFTER_EOF:
        return sc->conn.eof && !owes_reply;
    default:
        return false;
    }
}

static void greet(struct server_conn *sc)
{
    const struct server_params *params = sc->conn.app->params;

    if (sc->greeted || params->greeting == 0)
        return;
    sc->greeted = true;
    app_conn_write(&sc->conn, params->greeting);
}

static void server_progress(struct app_conn *c)
{
    struct server *s = (struct server *)c->app;
    struct server_conn *sc = (struct server_conn *)c;

    if (c->eof)
        s->eof_at = time_min(s->eof_at, c->app->sim->now);
    if (c->error == 0 && !c->shut)
        greet(sc);
    while (!c->shut && serve(s, sc))
        ;
    if (c->error == 0 && close_is_due(s, sc))
        app_wait_begin(&s->closing, &sc->close, c);
    if (sc->close.over)
        s->ending->call(c);
}

static void server_release(struct app_conn *c)
{
    struct server *s = (struct server *)c->app;
    struct server_conn *sc = (struct server_conn *)c;

    s->n_accept_errors += c->error == ECONNRESET;
    app_wait_cancel(&sc->reply);
    app_wait_cancel(&sc->close);
}

static void accept_more(struct server *s);

static void server_on_let_go(struct app_conn *c)
{
    struct server *s = (struct server *)c->app;

    s->n_busy--;
    accept_more(s);
}

static const struct app_conn_kind SERVER_CONN = {.bytes = sizeof(struct server_conn),
                                                 .progress = server_progress,
                                                 .release = server_release,
                                                 .on_let_go = server_on_let_go};

static bool may_accept(const struct server *s)
{
    const struct server_params *params = s->app.params;
    return s->app.sim->now >= params->accept_from && s->n_busy < params->workers &&
           s->listener != NULL && tcp_waiting(s->listener) > 0;
}

static void accept_one(struct server *s)
{
    struct app *a = &s->app;
    const struct server_params *params = a->params;
    struct app_conn *c = app_conn_accept(a, &SERVER_CONN, s->listener, params->read);

    if (c == NULL)
        return;
    s->n_busy++;
    s->n_accepted++;
    s->accepted_at = time_min(s->accepted_at, a->sim->now);
    app_conn_look(c);
}

/* Called again from within, when a connection ends at once: the loop below goes on then, so
 * that a long queue does not pile up on the stack. */
static void accept_more(struct server *s)
{
    struct event *wake = &s->app.wake;
    const bool is_slow = !s->accepting.constant || s->accepting.length > 0;

    if (s->in_accept)
        return;
    s->in_accept = true;
    while (!is_slow && may_accept(s))
        accept_one(s);
    if (is_slow && may_accept(s) && wake->at == SIM_NEVER)
        event_at(s->app.sim, wake, time_add(s->app.sim->now, app_wait_draw(&s->accepting)));
    s->in_accept = false;
}

static void server_on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    accept_more((struct server *)CONTAINER_OF(user, struct app, user));
}

/* It has come round to accept(). */
static void server_on_wake(struct app *a)
{
    struct server *s = (struct server *)a;

    s->in_accept = true;
    if (may_accept(s))
        accept_one(s);
    s->in_accept = false;
    accept_more(s);
}

static void server_start(struct app *a)
{
    struct server *s = (struct server *)a;
    const struct server_params *params = a->params;

    s->close = close_rule_of(params->close);
    s->ending = app_ending_of(params->close_by);
    s->n_busy = 0;
    s->accepted_at = s->first_request_at = s->first_reply_at = s->eof_at = SIM_NEVER;
    app_wait_line_init(&s->replying, a, "reply_after", &params->reply_after,
                       app_conn_wait_over);
    app_wait_line_init(&s->closing, a, "close_after", &params->close_after, app_conn_wait_over);
    app_wait_line_init(&s->accepting, a, "accept_after", &params->accept_after, NULL);
    a->user.on_accept = server_on_accept;
    const int r = tcp_listen(a->env.host->tcp, params->port, (int)params->backlog, &a->user,
                             &s->listener);
    if (r < 0)
        app_note_error(a, 0, "listen", -r);
    if (params->accept_from > a->sim->now && params->accept_from != SIM_NEVER)
        event_at(a->sim, &a->wake, params->accept_from);
}

static void server_on_warm_up(struct app *a)
{
    struct server *s = (struct server *)a;
    s->n_accepted = s->n_requests = s->n_executed = s->n_replies = s->n_accept_errors = 0;
}

static uint16_t server_port(const void *params)
{
    return ((const struct server_params *)params)->port;
}

static int64_t server_reply_bytes(const void *params)
{
    return ((const struct server_params *)params)->reply;
}

static int64_t server_greeting_bytes(const void *params)
{
    return ((const struct server_params *)params)->greeting;
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
    if (params->requests > 1 && (params->request == 0 || params->request == UNIT_UNLIMITED))
        return (struct misfit){"several requests on a connection need the length of one: give "
                               "request in bytes",
                               .key = "requests"};
    return (struct misfit){0};
}

const struct app_kind APP_SERVER = {
    .name = "server",
    .help = "accepts connections, reads requests and replies",
    .keys = KEYS,
    .params_bytes = sizeof(struct server_params),
    .metrics = METRICS,
    .bytes = sizeof(struct server),
    .start = server_start,
    .on_wake = server_on_wake,
    .on_warm_up = server_on_warm_up,
    .port = server_port,
    .reply_bytes = server_reply_bytes,
    .greeting_bytes = server_greeting_bytes,
    .check = server_check,
};
