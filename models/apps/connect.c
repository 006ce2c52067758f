/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/connect.h"

/* clang-format off */
static const struct choice CLOSES[] = {
    {"at-once", "as soon as it is connected"},
    {"after-eof", "when the peer's end of stream has been read"},
    {"never", "it holds the connection until the run ends"},
    {NULL, NULL},
};

static const struct key KEYS[] = {
    CLIENT_KEY_ROWS,
    {"close", KEY_CHOICE, offsetof(struct client_params, close), "after-eof",
     "when close() is called",
     .choices = CLOSES},
    {0},
};

static const struct metric METRICS[] = {CLIENT_METRIC_ROWS, {0}};
/* clang-format on */

static void connect_progress(struct app_conn *c)
{
    const struct client *cl = (const struct client *)c->app;

    if (!client_note(c))
        return;
    client_complete(c);
    client_close_when(c,
                      cl->close == CLOSE_AT_ONCE || (cl->close == CLOSE_AFTER_EOF && c->eof));
}

static const struct app_conn_kind CONNECT_CONN = {.bytes = sizeof(struct client_conn),
                                                  .progress = connect_progress,
                                                  .release = client_release,
                                                  .on_let_go = client_on_let_go};

static struct misfit connect_check(const void *params)
{
    return client_check(params);
}

static void connect_start(struct app *a)
{
    client_start(a, &CONNECT_CONN);
}

const struct app_kind APP_CONNECT = {
    .name = "connect",
    .help = "opens a connection and sends nothing",
    .keys = KEYS,
    .params_bytes = sizeof(struct client_params),
    .metrics = METRICS,
    .bytes = sizeof(struct client),
    .start = connect_start,
    .on_wake = client_on_wake,
    .on_warm_up = client_on_warm_up,
    .check = connect_check,
};
