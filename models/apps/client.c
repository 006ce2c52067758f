/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/client.h"

#include <string.h>

#include "sim/address.h"

/* clang-format off */
static const struct choice SINCE[] = {
    {"closed", "from when the connection is CLOSED, after any TIME-WAIT"},
    {"let-go", "from its close(), or from when it broke: its own ends may then be in TIME-WAIT"},
    {NULL, NULL},
};

const struct key RECONNECT_KEYS[] = {
    {"times", KEY_QUANTITY, CLIENT_AT(reconnect.times), NULL,
     "how often, after each of the `arrivals`", UNIT_COUNT, 1, INT64_MAX},
    {"after", KEY_VARIANT, CLIENT_AT(reconnect.after), "0s", "how long it waits before",
     .variants = DIST_KINDS},
    {"since", KEY_CHOICE, CLIENT_AT(reconnect.since), "closed", "when that wait begins",
     .choices = SINCE},
    {0},
};
/* clang-format on */

/* What is left of a connection that will be opened again. */
struct client_pause {
    struct app_wait wait; /* its owner is the client */
    int64_t n_left;
    uint32_t number;           /* of the connection, while it is in TIME-WAIT */
    struct client_pause *next; /* in client.first */
};

static ip_addr next_address(struct client *cl)
{
    const struct client_params *params = cl->app.params;
    const struct key_list *list = &params->address;
    if (list->n == 0)
        return cl->app.env.to_host->addr;
    const struct key_address *items = list->items;
    return address_intern(cl->app.sim, items[cl->n_opened++ % list->n]);
}

static void open_one(struct client *cl, int64_t n_left)
{
    struct app *a = &cl->app;
    const struct client_params *params = a->params;
    const uint16_t port = params->port != 0 ? params->port : a->env.to_port;
    struct app_conn *c = app_conn_new(a, cl->conn_kind);
    struct client_conn *cc = (struct client_conn *)c;

    c->reads = params->read;
    cc->opened_at = a->sim->now;
    cc->n_left = n_left;
    cl->tally.n_attempts++;
    const struct tcp_addr to = {next_address(cl), port};
    if (cl->first_write > 0)
        app_conn_open_send(c, to, params->local_port, cl->first_write);
    else
        app_conn_open(c, to, params->local_port);
}

static void pause_over(struct app_wait *w)
{
    struct client_pause *pause = (struct client_pause *)w;
    struct client *cl = w->owner;
    const int64_t n_left = pause->n_left;

    sim_release(cl->app.sim, pause, sizeof *pause);
    open_one(cl, n_left);
}

/* Through the queue of events, so that attempts that fail at once do not pile up on the stack.
 */
static void go_on(struct client *cl, struct client_conn *cc)
{
    if (cc->has_gone_on || cc->n_left == 0)
        return;
    cc->has_gone_on = true;
    struct client_pause *pause = sim_alloc(cl->app.sim, sizeof *pause);
    pause->n_left = cc->n_left == UNIT_UNLIMITED ? UNIT_UNLIMITED : cc->n_left - 1;
    if (!cc->conn.in_time_wait || cl->again_when_let_go) {
        app_wait_queue(&cl->pausing, &pause->wait, cl);
        return;
    }
    pause->number = cc->conn.number;
    *cl->end = pause;
    cl->end = &pause->next;
}

/* Most often it is the first: TIME-WAIT ends in the order in which it began. */
static void closed_fired(struct tcp_watch *w)
{
    struct client *cl = CONTAINER_OF(w, struct client, closed);
    struct client_pause **link = &cl->first;

    while (*link != NULL && (*link)->number != w->conn)
        link = &(*link)->next;
    struct client_pause *pause = *link;
    if (pause == NULL)
        return;
    *link = pause->next;
    if (cl->end == &pause->next)
        cl->end = link;
    app_wait_queue(&cl->pausing, &pause->wait, cl);
}

static void watch_closed(struct client *cl)
{
    struct tcp_account *account = &cl->app.account;

    cl->first = NULL;
    cl->end = &cl->first;
    if (cl->closed.fired != NULL)
        return; /* from an earlier life of its host */
    cl->closed = (struct tcp_watch){account->watches, TCP_CLOSED, closed_fired, 0};
    account->watches = &cl->closed;
}

void client_start(struct app *a, const struct app_conn_kind *conn_kind)
{
    struct client *cl = (struct client *)a;
    const struct client_params *params = a->params;
    const struct key_variant once = arrivals_once();
    const bool is_once = params->arrivals.variant == NULL;
    const struct rng rng = app_rng(a, "arrivals");

    cl->conn_kind = conn_kind;
    cl->close = close_rule_of(params->close);
    cl->ending = app_ending_of(params->close_by);
    cl->again_when_let_go =
        params->reconnect.times > 0 && strcmp(params->reconnect.since, "let-go") == 0;
    if (params->reconnect.times > 0 && !cl->again_when_let_go)
        watch_closed(cl);
    cl->connected_at = cl->eof_at = cl->completed_at = SIM_NEVER;
    app_wait_line_init(&cl->closing, a, "close_after", &params->close_after,
                       app_conn_wait_over);
    app_wait_line_init(&cl->pausing, a, "reconnect", &params->reconnect.after, pause_over);
    arrivals_init(&cl->arrivals, is_once ? &once : &params->arrivals, &rng,
                  app_wait_once(a, "at", &params->at));
    event_at(a->sim, &a->wake, cl->arrivals.next_at);
}

void client_on_wake(struct app *a)
{
    struct client *cl = (struct client *)a;
    const struct client_params *params = a->params;
    struct arrivals *arrivals = &cl->arrivals;

    while (arrivals->next_at <= a->sim->now && arrivals->n < params->connections) {
        arrivals_take(arrivals);
        open_one(cl, params->reconnect.times);
    }
    if (arrivals->n < params->connections)
        event_at(a->sim, &a->wake, arrivals->next_at);
}

void client_on_warm_up(struct app *a)
{
    ((struct client *)a)->tally = (struct client_tally){.since = a->sim->now};
}

struct misfit client_check(const struct client_params *params)
{
    const struct reconnect_params *again = &params->reconnect;

    if (again->times == UNIT_UNLIMITED && dist_mean(&again->after) == 0)
        return (struct misfit){"an unlimited reconnect needs an `after`: an attempt that fails "
                               "at once would be followed by the next without end",
                               .key = "reconnect"};
    return (struct misfit){0};
}

bool client_counts(const struct app_conn *c)
{
    const struct client *cl = (const struct client *)c->app;
    return ((const struct client_conn *)c)->opened_at >= cl->tally.since;
}

static void note_connected(struct client *cl, struct client_conn *cc)
{
    const sim_time now = cl->app.sim->now, delay = now - cc->opened_at;

    cc->was_connected = true;
    cl->connected_at = time_min(cl->connected_at, now);
    if (!client_counts(&cc->conn))
        return;
    cl->tally.n_connected++;
    cl->tally.n_decided++;
    cl->tally.connect_delay += delay;
    cl->tally.connect_delay_max = time_max(cl->tally.connect_delay_max, delay);
}

void client_complete(struct app_conn *c)
{
    struct client *cl = (struct client *)c->app;
    const struct client_params *params = cl->app.params;
    struct client_conn *cc = (struct client_conn *)c;
    const sim_time now = cl->app.sim->now, delay = now - cc->opened_at;

    if (cc->was_completed)
        return;
    cc->was_completed = true;
    cl->completed_at = now;
    if (!client_counts(c))
        return;
    cl->tally.n_completed++;
    cl->tally.n_over++;
    cl->tally.n_late += delay > params->late_after;
    cl->tally.completion_delay += delay;
    cl->tally.completion_delay_max = time_max(cl->tally.completion_delay_max, delay);
}

bool client_note(struct app_conn *c)
{
    struct client *cl = (struct client *)c->app;
    struct client_conn *cc = (struct client_conn *)c;

    if (c->connected && !cc->was_connected)
        note_connected(cl, cc);
    if (c->eof)
        cl->eof_at = time_min(cl->eof_at, c->app->sim->now);
    return c->connected && c->error == 0;
}

void client_close_when(struct app_conn *c, bool due)
{
    struct client_conn *cc = (struct client_conn *)c;
    struct client *cl = (struct client *)c->app;

    if (due)
        app_wait_begin(&cl->closing, &cc->close, c);
    if (cc->close.over)
        cl->ending->call(c);
}

void client_on_let_go(struct app_conn *c)
{
    struct client *cl = (struct client *)c->app;

    if (cl->again_when_let_go)
        go_on(cl, (struct client_conn *)c);
}

void client_release(struct app_conn *c)
{
    struct client *cl = (struct client *)c->app;
    struct client_conn *cc = (struct client_conn *)c;

    app_wait_cancel(&cc->close);
    if (!cc->was_completed && client_counts(c)) {
        cl->tally.n_unserved++;
        cl->tally.n_over++;
    }
    if (!cc->was_connected && client_counts(c)) {
        cl->tally.n_failed++;
        cl->tally.n_decided++;
    }
    go_on(cl, cc);
}
