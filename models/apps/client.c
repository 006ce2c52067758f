/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/client.h"

void client_start(struct app *a, const struct app_conn_kind *conn_kind)
{
    struct client *cl = (struct client *)a;
    const struct client_params *params = a->params;

    cl->conn_kind = conn_kind;
    cl->close = close_rule_of(params->close);
    cl->connected_at = SIM_NEVER;
    cl->eof_at = SIM_NEVER;
    app_wait_line_init(&cl->closing, a->sim, a->subject, params->close_after);
    if (params->at != SIM_NEVER)
        event_at(a->sim, &a->wake, params->at);
}

void client_on_wake(struct app *a)
{
    const struct client *cl = (const struct client *)a;
    const struct client_params *params = a->params;
    const uint16_t port = params->port != 0 ? params->port : a->env.to_port;

    app_conn_open(app_conn_new(a, cl->conn_kind), (struct tcp_addr){a->env.to_host->addr, port},
                  params->local_port);
}

bool client_note(struct app_conn *c)
{
    struct client *cl = (struct client *)c->app;
    const sim_time now = c->app->sim->now;

    if (c->connected)
        cl->connected_at = time_min(cl->connected_at, now);
    if (c->eof)
        cl->eof_at = time_min(cl->eof_at, now);
    return c->connected && c->error == 0;
}

void client_close_when(struct app_conn *c, bool due)
{
    struct client_conn *cc = (struct client_conn *)c;
    struct client *cl = (struct client *)c->app;

    if (due)
        app_wait_begin(&cl->closing, &cc->close, c);
    if (cc->close.over)
        app_conn_close(c);
}

void client_release(struct app_conn *c)
{
    app_wait_cancel(&((struct client_conn *)c)->close);
}
