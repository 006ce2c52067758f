/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attackers, over two hosts 10 ms apart: what a flood sends, where a blind sweep hits, what is
 * replayed.
 */
#include "models/apps/injector.h"
#include "models/apps/replayer.h"
#include "models/apps/syn_flood.h"

#include "models/apps/connect.h"
#include "models/tcp/endpoint.h"
#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

/* ---- the flood */

/* Four addresses, in two pieces, and 4000 SYNs: 1000 each. By chance alone the number of one
 * has a standard deviation of sqrt(4000 * 1/4 * 3/4) = 27.4. */
static void all_sources_come_equally_often(void **state)
{
    enum { N = 4000, SIGMAS_4 = 110 };
    struct key_address sources[] = {{0xcb007100, 31}, {0xc6336400, 32}, {0xc6336407, 32}};
    const uint32_t addresses[] = {0xcb007100, 0xcb007101, 0xc6336400, 0xc6336407};
    const struct syn_flood_params params = {
        .port = 80,
        .sources = {sources, 3},
        .arrivals = variant_of(ARRIVAL_KINDS, "burst", "size", 10, "every", MS(1)),
        .syns = N,
        .data = 100,
    };
    struct world w = world_new();
    struct tap tap = tap_to(w.sim);
    static int n[ARRAY_LEN(addresses)];
    int n_seen = 0;
    memset(n, 0, sizeof n);
    w.links[CLIENT].peer = &tap.sink;
    struct app *flood = world_app(&w, CLIENT, "flood", &APP_SYN_FLOOD, &params, NULL);
    for (sim_time at = MS(10); at < SEC(1); at += MS(1)) {
        tap.n = 0;
        sim_run_until(w.sim, at);
        for (size_t i = 0; i < tap.n; i++, n_seen++) {
            const struct packet *p = &tap.packets[i];
            check_true("a SYN", p->flags == TCP_SYN && p->dport == 80 && p->bytes == 140);
            check_true("forged", p->payload == PAYLOAD_FORGED && p->stream == 0);
            check_true("marked", p->injected_by == flood->subject);
            check_eq("numbered", p->injected_nth, n_seen + 1);
            check_true("not a service's port", p->sport >= 1024);
            for (size_t a = 0; a < ARRAY_LEN(addresses); a++)
                n[a] += p->src.low == addresses[a];
        }
    }
    check_eq("SYNs", n_seen, N);
    for (size_t a = 0; a < ARRAY_LEN(addresses); a++)
        check_true("a quarter each", n[a] > N / 4 - SIGMAS_4 && n[a] < N / 4 + SIGMAS_4);
    check_eq("sent", world_metric(&w, flood, "sent"), N);
    check_eq("the first", world_metric(&w, flood, "first_sent_at"), 0);
    check_eq("the last ten", world_metric(&w, flood, "last_sent_at"), MS(399));
    world_free(&w);
}

/* ---- the injector: client's connection from port 4000, attacked from its own host's link */

struct victim {
    struct world w;
    struct app *web, *user;
    struct tcp *t; /* the server's end */
};

static struct tcp_params rules(const char *validation)
{
    struct tcp_params tcp = world_tcp();
    tcp.rst_validation = tcp.syn_validation = tcp.ack_validation = validation;
    return tcp;
}

static struct victim victim_with(const struct tcp_params *tcp)
{
    static const struct server_params web_params = {SERVER_BASE, .port = 80, .read = true,
                                                    .close = "never"};
    static const struct client_params user_params = {CLIENT_BASE, .local_port = 4000,
                                                     .close = "never"};
    struct victim v = {.w = world_with(tcp, 0)};
    v.web = world_app(&v.w, SERVER, "web", &APP_SERVER, &web_params, NULL);
    v.user = world_app(&v.w, CLIENT, "user", &APP_CONNECT, &user_params, v.web);
    sim_run_until(v.w.sim, MS(500));
    const struct host *h = v.w.hosts;
    v.t = tcp_lookup(h[SERVER].tcp, (struct tcp_addr){h[SERVER].addr, 80},
                     (struct tcp_addr){h[CLIENT].addr, 4000});
    assert_non_null(v.t);
    return v;
}

static struct app *inject(struct victim *v, const struct injector_params *params)
{
    const struct app_env env = {.host = &v->w.hosts[CLIENT],
                                .to_host = &v->w.hosts[SERVER],
                                .to_port = 80,
                                .as_host = &v->w.hosts[CLIENT]};
    struct app *a = app_new(v->w.sim, "blind", &APP_INJECTOR, &env, params);
    app_start(a);
    return a;
}

/* The window is 65,535 numbers from RCV.NXT on. A sweep of step 65,535 begins `before` numbers
 * before RCV.NXT: how many segments until one is inside? Data of 2 B reaches in with its last
 * byte. Of two acknowledgment numbers, 0 and 2^31, one is not above SND.NXT. */
static void a_sweep_hits_the_window(void **state)
{
    static const struct {
        const char *story, *segment, *rules;
        int64_t before, data;
        int hit; /* 0: never; of data: one of this and the one before */
    } rows[] = {
        {"the first number of the window", "rst", "rfc793", 0, 1, 1},
        {"its last number", "rst", "rfc793", -65534, 1, 1},
        {"one before the window", "rst", "rfc793", 1, 1, 2},
        {"a whole window before", "rst", "rfc793", 65535, 1, 2},
        {"one more", "rst", "rfc793", 65536, 1, 3},
        {"a SYN", "syn", "rfc793", 1, 1, 2},
        {"data", "data", "rfc793", 1, 1, 4},
        {"data that reaches in", "data", "rfc793", 1, 2, 2},
        {"RFC 5961: the exact number", "rst", "rfc5961", 0, 1, 1},
        {"RFC 5961: another one is challenged", "rst", "rfc5961", -1, 1, 0},
        {"RFC 5961: a SYN is challenged", "syn", "rfc5961", 0, 1, 0},
        {"RFC 5961: and old acknowledgments", "data", "rfc5961", 1, 2, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct tcp_params tcp = rules(rows[i].rules);
        struct victim v = victim_with(&tcp);
        check_eq("window", v.t->rcv.edge.v - v.t->rcv.nxt.v, 65535);
        const bool is_data = strcmp(rows[i].segment, "data") == 0;
        const bool is_zero_taken = (int32_t)(0 - v.t->snd.nxt.v) <= 0;
        const struct injector_params params = {
            .as_port = 4000,
            .segment = rows[i].segment,
            .order = "sweep",
            .first = (uint32_t)(v.t->rcv.nxt.v - rows[i].before),
            .step = 65535,
            .acks = 2,
            .data = rows[i].data,
            .at = dist_constant(MS(500)),
            .arrivals = variant_of(ARRIVAL_KINDS, "constant", "rate", 10 * INT64_C(1000000000),
                                   NULL, 0),
            .segments = 6,
        };
        struct app *blind = inject(&v, &params);
        sim_run_until(v.w.sim, SEC(3));
        int want = rows[i].hit;
        want -= is_data && want > 0 && is_zero_taken; /* the first of the two is the one */
        check_eq(rows[i].story, world_metric(&v.w, blind, "hit"), want > 0 ? want : SIM_NEVER);
        check_eq(rows[i].story, world_metric(&v.w, blind, "sent"), want > 0 ? want : 6);
        check_eq(rows[i].story, world_metric(&v.w, blind, "resets"), want > 0 && !is_data);
        check_eq(rows[i].story, world_metric(&v.w, blind, "bytes_taken"),
                 want > 0 && is_data); /* of two bytes one is inside */
        check_eq(rows[i].story, world_metric(&v.w, v.web, "injected_ends"),
                 want > 0 && !is_data);
        check_eq(rows[i].story, world_metric(&v.w, v.web, "in_established"),
                 want == 0 || is_data);
        if (want > 0)
            check_eq(rows[i].story, world_metric(&v.w, blind, "hit_at"),
                     MS(500) + (want - 1) * MS(100) + MS(10));
        world_free(&v.w);
    }
}

/* 1000 bytes are in flight when three messages come, about numbers 1000 apart, the first of
 * them `before` the first byte: which one does something (RFC 5927 §4.1)? */
static void a_message_hits_what_is_in_flight(void **state)
{
    static const struct {
        const char *story, *message, *rule;
        int64_t before, claims;
        int hit; /* 0: never */
        uint32_t mss;
    } rows[] = {
        {"the first number in flight", "port-unreachable", "rfc9293", 0, 1500, 1, 0},
        {"its last number", "port-unreachable", "rfc9293", -999, 1500, 1, 0},
        {"what comes next", "port-unreachable", "rfc9293", -1000, 1500, 0, 1460},
        {"one before", "protocol-unreachable", "rfc9293", 1, 1500, 2, 0},
        {"a thousand before", "port-unreachable", "rfc9293", 1000, 1500, 2, 0},
        {"one more", "port-unreachable", "rfc9293", 1001, 1500, 3, 0},
        {"a soft error", "host-unreachable", "rfc9293", 0, 1500, 0, 1460},
        {"RFC 5927: open connections do not end so", "port-unreachable", "rfc5927", 0, 1500, 0,
         1460},
        {"a path MTU of 500", "too-big", "rfc5927", 1, 1500, 2, 460},
        {"RFC 5927: of what was never sent", "too-big", "rfc5927", 1, 1501, 0, 1460},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct tcp_params tcp = world_tcp();
        tcp.icmp_errors = rows[i].rule;
        struct victim v = victim_with(&tcp);
        const struct injector_params params = {
            .as_port = 4000,
            .segment = "icmp",
            .message = rows[i].message,
            .mtu = 500,
            .claims = rows[i].claims,
            .order = "sweep",
            .first = (uint32_t)(v.t->snd.nxt.v - rows[i].before),
            .step = 1000,
            .acks = 2,
            .at = dist_constant(MS(500)),
            .arrivals = variant_of(ARRIVAL_KINDS, "burst", "size", 3, "every", SEC(10)),
            .segments = 3,
        };
        const int hit = rows[i].hit;
        const bool ends = hit > 0 && rows[i].mss == 0;
        check_eq("in flight", tcp_send(v.t, 1000), 1000);
        struct app *blind = inject(&v, &params);
        sim_run_until(v.w.sim, SEC(1));
        check_eq(rows[i].story, world_metric(&v.w, blind, "hit"), hit > 0 ? hit : SIM_NEVER);
        check_eq(rows[i].story, world_metric(&v.w, blind, "hit_at"),
                 hit > 0 ? MS(510) : SIM_NEVER);
        check_eq(rows[i].story, world_metric(&v.w, blind, "resets"), ends);
        check_eq(rows[i].story, world_metric(&v.w, blind, "lowered"), hit > 0 && !ends);
        check_eq(rows[i].story, world_metric(&v.w, v.web, "injected_ends"), ends);
        check_eq(rows[i].story, world_metric(&v.w, v.web, "icmp_ends"), ends);
        if (!ends)
            check_eq(rows[i].story, v.t->snd.mss, rows[i].mss);
        world_free(&v.w);
    }
}

/* ---- the replayer */

/* A request of 100 B is seen where it arrives, at 30 ms, and sent again twice, each time after
 * a second: the server has it already, and says so (an ACK each). The bytes are not delivered
 * twice. */
static void what_is_replayed_is_the_old_segment(void **state)
{
    const struct server_params web_params = {SERVER_BASE, .port = 80, .read = true,
                                             .close = "never"};
    const struct request_params user_params = {
        .client = {CLIENT_BASE, .close = "never"}, .send = 100, REQUEST_BASE};
    const struct replayer_params params = {
        .match = {.nth = 1, .count = 1, .data = "yes"},
        .after = dist_constant(SEC(1)),
        .copies = 2,
    };
    struct world w = world_new();
    struct app *web = world_app(&w, SERVER, "web", &APP_SERVER, &web_params, NULL);
    const struct app_env env = {.host = &w.hosts[CLIENT], .link = &w.links[CLIENT]};
    struct app *replayer = app_new(w.sim, "again", &APP_REPLAYER, &env, &params);
    app_start(replayer);
    world_app(&w, CLIENT, "user", &APP_REQUEST, &user_params, web);
    sim_run_until(w.sim, MS(500));
    const int64_t n_acks = w.hosts[CLIENT].n_received;
    sim_run_until(w.sim, SEC(10));
    check_eq("seen", world_metric(&w, replayer, "seen"), 1);
    check_eq("sent", world_metric(&w, replayer, "sent"), 2);
    check_eq("first", world_metric(&w, replayer, "first_sent_at"), MS(1030));
    check_eq("last", world_metric(&w, replayer, "last_sent_at"), MS(2030));
    check_eq("each is answered", w.hosts[CLIENT].n_received - n_acks, 2);
    check_all_verified("once", web, 100);
    check_eq("nothing was taken", world_metric(&w, web, "injected_bytes"), 0);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sources_come_equally_often),
        cmocka_unit_test(a_sweep_hits_the_window),
        cmocka_unit_test(a_message_hits_what_is_in_flight),
        cmocka_unit_test(what_is_replayed_is_the_old_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
