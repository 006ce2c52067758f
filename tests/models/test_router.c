/* SPDX-License-Identifier: GPL-3.0-or-later
 * A router with two links: `in` back to the sender's side, `out` to the rest.
 */
#include "models/router.h"

#include "tests/models/seg_log.h"

enum { CLIENT = 0x0a000001, SERVER = 0x0a000002, ROUTER = 0xac100001 };

struct scene {
    struct sim *sim;
    struct seg_log log;
    struct tap back, on; /* behind the links */
    struct link back_link, on_link;
    struct router router;
};

static void scene_init(struct scene *s, const struct router_params *params)
{
    const struct link_params wire = {UNIT_UNLIMITED, dist_constant(MS(1)), UNIT_UNLIMITED,
                                     UNIT_UNLIMITED};
    s->sim = sim_new(&(struct sim_params){.seed = 1});
    s->log = seg_log_new();
    s->back = tap_to(s->sim);
    s->on = tap_to(s->sim);
    router_init(&s->router, s->sim, "r", ip4(ROUTER), params);
    link_init(&s->back_link, s->sim, "r->client", &wire, &s->back.sink);
    link_init(&s->on_link, s->sim, "r->server", &wire, &s->on.sink);
    route_table_add(&s->router.routes, (struct key_address){ROUTER, 32}, NULL);
    route_table_add(&s->router.routes, (struct key_address){CLIENT, 32}, &s->back_link);
    route_table_add(&s->router.routes, (struct key_address){SERVER, 32}, &s->on_link);
}

static void scene_fini(struct scene *s)
{
    const struct router *r = &s->router;
    check_eq("every packet has a fate", r->n_received,
             r->n_forwarded + r->n_ttl_drops + r->n_no_route + r->n_ended_here);
    check_eq("packets", s->sim->live_packets, 0);
    sim_free(s->sim);
}

static void arrive(struct scene *s, uint8_t proto, uint32_t src, uint32_t dst, uint8_t ttl)
{
    struct packet *p = packet_new(s->sim, 40);
    p->proto = proto;
    p->src = ip4(src);
    p->dst = ip4(dst);
    p->ttl = ttl;
    s->router.sink.recv(&s->router.sink, p);
}

/* The message is packet 2, and arrives after 1 ms. */
static const struct row {
    const char *story;
    uint32_t src, dst;
    uint8_t proto, ttl;
    const char *log;
    int n_on, type, code; /* type -1: no message */
} rows[] = {
    {"on its way", CLIENT, SERVER, PROTO_TCP, 64, "recv1@1", 1, -1, 0},
    {"with its last hop but one", CLIENT, SERVER, PROTO_TCP, 2, "recv1@1", 1, -1, 0},
    {"with its last hop", CLIENT, SERVER, PROTO_TCP, 1, "drop1@0(ttl) recv2@1", 0,
     ICMP_TIME_EXCEEDED, 0},
    {"with none at all", CLIENT, SERVER, PROTO_TCP, 0, "drop1@0(ttl) recv2@1", 0,
     ICMP_TIME_EXCEEDED, 0},
    {"to nowhere", CLIENT, 0x0b000001, PROTO_TCP, 64, "drop1@0(no route) recv2@1", 0,
     ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE},
    {"a message to nowhere", CLIENT, 0x0b000001, PROTO_ICMP, 64, "drop1@0(no route)", 0, -1, 0},
    {"a message's last hop", CLIENT, SERVER, PROTO_ICMP, 1, "drop1@0(ttl)", 0, -1, 0},
    {"from nowhere to nowhere", 0x0b000001, 0x0b000002, PROTO_TCP, 64, "drop1@0(no route)", 0,
     -1, 0},
    {"to the router itself", CLIENT, ROUTER, PROTO_TCP, 1, "drop1@0(no listener)", 0, -1, 0},
};

static void a_packet_goes_on_or_its_sender_is_told(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        const struct router_params params = router_defaults();
        static struct scene s;
        scene_init(&s, &params);
        sim_listen(s.sim, &s.log.listener);
        arrive(&s, r->proto, r->src, r->dst, r->ttl);
        sim_run_until(s.sim, SEC(1));
        check_str(r->story, s.log.text, r->log);
        check_eq(r->story, s.on.n, r->n_on);
        check_eq(r->story, s.back.n, r->type >= 0);
        if (r->n_on == 1)
            check_eq("one hop less", s.on.packets[0].ttl, r->ttl - 1);
        if (r->type >= 0) {
            check_eq("a message", s.back.packets[0].proto, PROTO_ICMP);
            check_eq("from the router", s.back.packets[0].src.low, ROUTER);
            check_eq("to the sender", s.back.packets[0].dst.low, r->src);
            check_eq("with a TTL", s.back.packets[0].ttl, 64);
        }
        scene_fini(&s);
    }
}

/* One packet without a route each 10 ms, from 0 to 90 ms. */
static void it_may_be_silent_or_slow(void **state)
{
    static const struct {
        const char *story;
        struct router_params params;
        int n_sent;
    } cases[] = {
        {"as it comes", {true, 0}, 10},
        {"each 30 ms: 0, 30, 60, 90", {true, MS(30)}, 4},
        {"silent", {false, 0}, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static struct scene s;
        scene_init(&s, &cases[i].params);
        for (int ms = 0; ms < 100; ms += 10) {
            sim_run_until(s.sim, MS(ms));
            arrive(&s, PROTO_TCP, CLIENT, 0x0b000001, 64);
        }
        sim_run_until(s.sim, SEC(1));
        check_eq(cases[i].story, s.back.n, cases[i].n_sent);
        check_eq(cases[i].story, s.router.icmp.n_sent, cases[i].n_sent);
        check_eq(cases[i].story, s.router.n_no_route, 10);
        router_warm_up(&s.router);
        check_eq("counts anew", s.router.n_no_route + s.router.icmp.n_sent, 0);
        scene_fini(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_goes_on_or_its_sender_is_told),
        cmocka_unit_test(it_may_be_silent_or_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
