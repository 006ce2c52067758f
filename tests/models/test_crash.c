/* SPDX-License-Identifier: GPL-3.0-or-later
 * Hosts that fail in the midst of things: nothing is left, nothing is said, and what comes back
 * starts anew.
 */
#include "models/apps/cbr.h"
#include "models/apps/crash.h"
#include "models/apps/request.h"
#include "models/apps/udp_sink.h"
#include "models/tcp/endpoint.h"

#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

/* A busy world: half-open requests, connections that wait for accept(), that are served, that
 * wait for something random, that are in TIME-WAIT. */
struct town {
    struct world w;
    struct app *apps[2]; /* web, users */
    struct crash crash;
};

static struct server_params web_params(void)
{
    return (struct server_params){
        SERVER_BASE,
        .port = 80,
        .read = true,
        .request = 100,
        .reply = 3000,
        .close = "after-reply",
        .accept_after = dist_constant(MS(9)),
        .reply_after = variant_of(DIST_KINDS, "exponential", "mean", MS(40), NULL, 0)};
}

static struct request_params user_params(void)
{
    return (struct request_params){
        .client = {CLIENT_BASE, .close = "after-reply",
                   .close_after =
                       variant_of(DIST_KINDS, "exponential", "mean", MS(30), NULL, 0),
                   .reconnect = {.times = 3, .after = dist_constant(MS(20)), .since = "closed"},
                   .arrivals = variant_of(ARRIVAL_KINDS, "poisson", "rate",
                                          100 * INT64_C(1000000000), NULL, 0)},
        .send = 100,
        REQUEST_BASE};
}

static void town_init(struct town *t, const struct server_params *web,
                      const struct request_params *users, const char *handshake, int host,
                      const struct crash_params *crash)
{
    struct tcp_params tcp = world_tcp();
    tcp.handshake = handshake;
    tcp.backlog = 1000;
    t->w = world_with(&tcp, FRACTION_ONE / 50);
    t->w.hosts[host].crash = *crash;
    t->apps[0] = world_app(&t->w, SERVER, "web", &APP_SERVER, web, NULL);
    t->apps[1] = world_app(&t->w, CLIENT, "users", &APP_REQUEST, users, t->apps[0]);
    crash_init(&t->crash, &t->w.hosts[host], t->apps, 2);
}

/* At a hundred instants, on either side, by every handshake: just after it there is no
 * connection, no entry and no listener; until it is back the host is silent; then it works
 * again. */
static void nothing_is_left_and_nothing_is_said(void **state)
{
    const struct server_params web = web_params();
    const struct request_params users = user_params();
    int n_handshakes = 0;
    while (TCP_HANDSHAKE_CHOICES[n_handshakes].name != NULL)
        n_handshakes++;
    for (int i = 0; i < 100; i++) {
        const int host = i % 2;
        const struct crash_params crash = {MS(400) + i * MS(3), SEC(1), MS(500)};
        static struct town t;
        const char *handshake = TCP_HANDSHAKE_CHOICES[i / 2 % n_handshakes].name;
        town_init(&t, &web, &users, handshake, host, &crash);
        const struct host *h = &t.w.hosts[host];
        sim_run_until(t.w.sim, crash.at);
        const int64_t n_sent = h->n_sent, n_done = world_metric(&t.w, t.apps[1], "completed");
        check_eq("connections and entries", h->tcp->table.n, 0);
        check_true("endpoints", h->tcp->all == NULL && h->tcp->listeners == NULL);
        const struct app *own = t.apps[host == SERVER ? 0 : 1];
        const int64_t n_opened = own->account.n_opened;
        check_true("something was going on", n_opened > 0);
        for (int k = 0; k < TCP_N_STATES; k++)
            check_eq("connections in its account", own->account.in_state[k].n, 0);
        sim_run_until(t.w.sim, crash.at + SEC(1) - 1);
        check_eq("silence", h->n_sent, n_sent);
        check_true("it hears nothing", h->n_down_drops > 0);
        sim_run_until(t.w.sim, crash.at + SEC(1) + MS(500) - 1);
        check_eq("no application yet", own->account.n_opened, n_opened);
        check_true("no listener yet", h->tcp->listeners == NULL);
        sim_run_until(t.w.sim, crash.at + SEC(8));
        check_true("as before", world_metric(&t.w, t.apps[1], "completed") > n_done + 100);
        check_eq("nothing of the wrong stream",
                 t.apps[0]->bytes_wrong_stream + t.apps[1]->bytes_wrong_stream, 0);
        world_free(&t.w);
    }
}

/* Datagrams each 10 ms from 0 on; the sender fails at 95 ms, is back at 195, and starts at 245:
 * ten before, and then again one each 10 ms, which the sink takes for another sender's. The
 * receiver's sockets are gone for as long. */
static void datagrams(void **state)
{
    static const struct {
        const char *story;
        int host, n_sent, n_received;
    } rows[] = {
        {"the sender fails", CLIENT, 10 + 26, 10 + 25},
        /* arrivals 10 ms later: at 10 .. 90 ms; from 245 ms on: 250 .. 500 */
        {"the receiver fails", SERVER, 51, 9 + 26},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static const struct udp_sink_params sink_params = {.port = 9};
        const struct cbr_params cbr_params = {
            .port = 9,
            .pace = {.rate_bps = 800000, .size = 1000}, /* one each 10 ms */
            .datagrams = UNIT_UNLIMITED,
            .until = SIM_NEVER};
        struct world w = world_new();
        w.hosts[rows[i].host].crash = (struct crash_params){MS(95), MS(100), MS(50)};
        struct app *apps[2];
        apps[0] = world_app(&w, SERVER, "sink", &APP_UDP_SINK, &sink_params, NULL);
        apps[1] = world_app(&w, CLIENT, "cbr", &APP_CBR, &cbr_params, NULL);
        struct crash crash;
        crash_init(&crash, &w.hosts[rows[i].host], apps, 2);
        sim_run_until(w.sim, MS(500));
        check_eq(rows[i].story, world_metric(&w, apps[1], "sent"), rows[i].n_sent);
        check_eq(rows[i].story, world_metric(&w, apps[0], "received"), rows[i].n_received);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_and_nothing_is_said),
        cmocka_unit_test(datagrams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
