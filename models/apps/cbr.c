/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/cbr.h"

#include "models/apps/wait.h"

struct cbr {
    struct app app; /* first */
    struct udp_user udp;
    struct udp_socket *socket; /* NULL: the port was taken */
    struct pace_source source;
    struct pace pace;
    int64_t n_sent, n_unreachable;
    sim_time last_sent_at;
};

/* clang-format off */
#define AT(field) offsetof(struct cbr_params, field)
static const struct key KEYS[] = {
    {"to", KEY_NAME, AT(to), NULL, "the udp-sink to send to, or a host (then give port)",
     .refers = REFERS_APP},
    {"port", KEY_PORT, AT(port), "", "the remote port; left out: that of `to`"},
    {"local_port", KEY_PORT, AT(local_port), "", "the local port; left out: an ephemeral one"},
    {"at", KEY_VARIANT, AT(at), "0s", "when it sends the first datagram; random: drawn once",
     .variants = DIST_KINDS},
    {"rate", KEY_QUANTITY, AT(pace.rate_bps), NULL, "bits of payload per second", UNIT_RATE, 1,
     INT64_C(1000000000000)},
    {"size", KEY_QUANTITY, AT(pace.size), "1000B",
     "payload of a datagram, to which 28 B of headers come, over IPv6 48 B", UNIT_BYTES, 1, UDP_PAYLOAD_MAX},
    {"on", KEY_VARIANT, AT(pace.on), "", "how long it sends before it falls silent; left out: for ever",
     .variants = DIST_KINDS},
    {"off", KEY_VARIANT, AT(pace.off), "0s", "how long it is silent then", .variants = DIST_KINDS},
    {"datagrams", KEY_QUANTITY, AT(datagrams), "unlimited", "how many it sends", UNIT_COUNT, 1,
     INT64_MAX},
    {"until", KEY_QUANTITY, AT(until), "never", "it sends none at or after this instant", UNIT_TIME,
     1, SIM_NEVER},
    {0},
};

#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct cbr, field), NULL, 0, help}
static const struct metric METRICS[] = {
    METRIC("sent", UNIT_COUNT, n_sent, "datagrams sent"),
    METRIC("last_sent_at", UNIT_TIME, last_sent_at, "when it sent the last of them"),
    METRIC("unreachable", UNIT_COUNT, n_unreachable,
           "times that the network said that one did not get there (ICMP)"),
    {0},
};
/* clang-format on */

static void wait_for_next(struct cbr *b)
{
    const struct cbr_params *params = b->app.params;

    if (udp_n_sent(b->socket) < params->datagrams && b->pace.next_at < params->until)
        event_at(b->app.sim, &b->app.wake, b->pace.next_at);
}

static void cbr_on_wake(struct app *a)
{
    struct cbr *b = (struct cbr *)a;
    const struct cbr_params *params = a->params;
    const uint16_t port = params->port != 0 ? params->port : a->env.to_port;

    udp_send(b->socket, (struct tcp_addr){a->env.to_host->addr, port}, params->pace.size);
    b->n_sent++;
    b->last_sent_at = a->sim->now;
    pace_take(&b->pace, &b->source);
    wait_for_next(b);
}

/* It speaks and does not listen: what comes is passed over. */
static void on_datagram(struct udp_user *user, struct udp_socket *s, const struct packet *p) {}

static void on_error(struct udp_user *user, struct udp_socket *s, int error)
{
    struct cbr *b = CONTAINER_OF(user, struct cbr, udp);

    b->n_unreachable++;
    app_note_error(&b->app, 0, "send", error);
}

static void cbr_start(struct app *a)
{
    struct cbr *b = (struct cbr *)a;
    const struct cbr_params *params = a->params;
    const struct rng on = app_rng(a, "on"), off = app_rng(a, "off");

    b->last_sent_at = SIM_NEVER;
    b->udp = (struct udp_user){on_datagram, on_error};
    const int r = udp_bind(a->env.host->udp, params->local_port, &b->udp, &b->socket);
    if (r < 0) {
        app_note_error(a, 0, "bind", -r);
        return;
    }
    pace_source_init(&b->source, &params->pace, &on, &off);
    pace_begin(&b->pace, &b->source, app_wait_once(a, "at", &params->at));
    wait_for_next(b);
}

static void cbr_on_warm_up(struct app *a)
{
    struct cbr *b = (struct cbr *)a;
    b->n_sent = b->n_unreachable = 0;
}

const struct app_kind APP_CBR = {
    .name = "cbr",
    .help = "sends UDP datagrams of one size at a constant rate",
    .keys = KEYS,
    .params_bytes = sizeof(struct cbr_params),
    .metrics = METRICS,
    .bytes = sizeof(struct cbr),
    .start = cbr_start,
    .on_wake = cbr_on_wake,
    .on_warm_up = cbr_on_warm_up,
    .datagrams = true,
};
