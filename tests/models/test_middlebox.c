/* SPDX-License-Identifier: GPL-3.0-or-later
 * Middleboxes in a router with two links: `back` to those inside, `on` to the rest. 1 ms each.
 * All is played twice, the second time by IPv6: the same numbers behind 2001:db8::/96.
 */
#include "models/middlebox_rows.h"
#include "models/router.h"
#include "sim/address.h"

#include "tests/models/seg_log.h"

enum { INSIDE = 0x0a000001, OTHER = 0x0a000002, SERVER = 0xc0000209, ROUTER = 0xac100001 };
enum { NOWHERE = 0xcb007105 };

static bool is_ipv6;

/* The prefix of n bits, of a single address 32, of the version of the day. */
static struct key_address net(uint32_t low, uint8_t n)
{
    const struct key_address a = {low, n};
    return is_ipv6 ? (struct key_address){low, (uint8_t)(96 + n), true, {0x20010db8, 0, 0}} : a;
}

struct scene {
    struct sim *sim;
    struct tap back, on; /* behind the links */
    struct link back_link, on_link;
    struct router router;
};

static const struct variant *kind_of(const char *name)
{
    const struct variant *v = MIDDLEBOX_KINDS;
    while (strcmp(v->name, name) != 0)
        v++;
    return v;
}

static void scene_init(struct scene *s, const char *name, const void *params, size_t bytes)
{
    const struct link_params wire = {UNIT_UNLIMITED, dist_constant(MS(1)), UNIT_UNLIMITED,
                                     UNIT_UNLIMITED};
    struct router_params router = router_defaults();
    router.icmp = false;
    router.middlebox.variant = kind_of(name);
    memcpy(router.middlebox.params, params, bytes);
    s->sim = sim_new(&(struct sim_params){.seed = 1});
    s->back = tap_to(s->sim);
    s->on = tap_to(s->sim);
    router_init(&s->router, s->sim, "r", address_intern(s->sim, net(ROUTER, 32)), &router);
    link_init(&s->back_link, s->sim, "r->inside", &wire, &s->back.sink);
    link_init(&s->on_link, s->sim, "r->server", &wire, &s->on.sink);
    route_table_add(&s->router.routes, net(ROUTER, 32), NULL);
    route_table_add(&s->router.routes, net(0x0a000000, 24), &s->back_link);
    route_table_add(&s->router.routes, net(SERVER, 32), &s->on_link);
}

static void scene_fini(struct scene *s)
{
    check_eq("packets", s->sim->live_packets, 0);
    sim_free(s->sim);
}

static int64_t metric(const struct scene *s, const char *name)
{
    const struct metric *m = ROUTER_METRICS;
    while (strcmp(m->name, name) != 0)
        m++;
    const struct value v = metric_value(s->sim, m, &s->router);
    return v.kind == VALUE_NONE ? -1 : v.num;
}

/* Where a segment has come out, and as what. */
struct out {
    const struct packet *back, *on; /* NULL: none has come there */
};

static struct out pass(struct scene *s, uint32_t src, uint16_t sport, uint32_t dst,
                       uint16_t dport, uint16_t flags, uint32_t seq, uint32_t ack)
{
    const size_t n_back = s->back.n, n_on = s->on.n;
    struct packet *p = packet_new(s->sim, 40);
    p->proto = PROTO_TCP;
    p->src = address_intern(s->sim, net(src, 32));
    p->dst = address_intern(s->sim, net(dst, 32));
    p->sport = sport;
    p->dport = dport;
    p->flags = flags;
    p->seq = seq;
    p->ack = ack;
    p->win = 1000;
    p->ttl = 64;
    s->router.sink.recv(&s->router.sink, p);
    sim_run_until(s->sim, s->sim->now + MS(1));
    check_true("one at most on each side", s->back.n <= n_back + 1 && s->on.n <= n_on + 1);
    return (struct out){s->back.n > n_back ? &s->back.packets[n_back] : NULL,
                        s->on.n > n_on ? &s->on.packets[n_on] : NULL};
}

static bool is_plain(const struct packet *p, uint32_t src, uint16_t sport, uint32_t dst,
                     uint16_t dport)
{
    return p != NULL && p->src.low == src && p->sport == sport && p->dst.low == dst &&
           p->dport == dport && address_is_ipv6(p->src) == is_ipv6 &&
           p->dst.prefix == p->src.prefix;
}

/* ---- ingress filter */

/* 10,000 suspects, half of which are caught: sd 50. Who belongs there passes whatever is drawn.
 */
static void a_filter_catches_its_part(void **state)
{
    enum { N = 10000, SIGMAS_4 = 200 };
    const struct ingress_filter_params params = {.chance = FRACTION_ONE / 2};
    static struct scene s;
    int n_passed = 0;
    scene_init(&s, "ingress-filter", &params, sizeof(params));
    for (int i = 0; i < N; i++) {
        s.on.n = s.back.n = 0;
        n_passed += pass(&s, NOWHERE, 1, SERVER, 80, TCP_SYN, 0, 0).on != NULL;
        check_true("a route back", pass(&s, INSIDE, 1, SERVER, 80, TCP_SYN, 0, 0).on != NULL);
    }
    check_true("half", n_passed > N / 2 - SIGMAS_4 && n_passed < N / 2 + SIGMAS_4);
    check_eq("the others", metric(&s, "filtered"), N - n_passed);
    check_eq("it has no table", metric(&s, "entries"), -1);
    scene_fini(&s);
}

static void a_filter_may_know_its_sources(void **state)
{
    struct key_address known[] = {net(INSIDE, 32)};
    const struct ingress_filter_params params = {FRACTION_ONE, {known, 1}};
    static struct scene s;
    scene_init(&s, "ingress-filter", &params, sizeof(params));
    check_true("known", pass(&s, INSIDE, 1, SERVER, 80, TCP_SYN, 0, 0).on != NULL);
    check_true("there is a route", pass(&s, OTHER, 1, SERVER, 80, TCP_SYN, 0, 0).on == NULL);
    check_eq("filtered", metric(&s, "filtered"), 1);
    router_warm_up(&s.router);
    check_eq("counts anew", metric(&s, "filtered"), 0);
    scene_fini(&s);
}

/* ---- firewall and NAT */

static struct key_address inside[1];

static struct firewall_params wall(const char *unknown, const char *begins)
{
    inside[0] = net(0x0a000000, 24);
    return (struct firewall_params){.inside = {inside, 1},
                                    .timeout = SEC(100),
                                    .opening_timeout = SEC(10),
                                    .closing_timeout = SEC(5),
                                    .entries = 2,
                                    .unknown = unknown,
                                    .begins = begins};
}

/* SYN, SYN-ACK, ACK from inside port `port`; each passes. */
static void open_connection(struct scene *s, uint16_t port)
{
    check_true("SYN", pass(s, INSIDE, port, SERVER, 80, TCP_SYN, 100, 0).on != NULL);
    check_true("SYN-ACK",
               pass(s, SERVER, 80, INSIDE, port, TCP_SYN | TCP_ACK, 500, 101).back != NULL);
    check_true("ACK", pass(s, INSIDE, port, SERVER, 80, TCP_ACK, 101, 501).on != NULL);
}

/* Silent for the timeout of its stage and it is forgotten; 1 ms less and it is not. pass()
 * takes 1 ms. */
static void a_wall_forgets(void **state)
{
    static const struct {
        const char *story;
        bool is_open, is_closed;
        sim_time timeout;
    } rows[] = {
        {"opening", false, false, SEC(10)},
        {"open", true, false, SEC(100)},
        {"closing", true, true, SEC(5)},
    };
    const struct firewall_params params = wall("drop", "inside");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int late = 0; late <= 1; late++) {
            static struct scene s;
            scene_init(&s, "firewall", &params, sizeof(params));
            if (rows[i].is_open)
                open_connection(&s, 4000);
            else
                pass(&s, INSIDE, 4000, SERVER, 80, TCP_SYN, 100, 0);
            if (rows[i].is_closed)
                pass(&s, INSIDE, 4000, SERVER, 80, TCP_RST, 101, 0);
            sim_run_until(s.sim, s.sim->now - MS(1) + rows[i].timeout - MS(1) + late * MS(1));
            check_eq(rows[i].story, metric(&s, "entries"), !late);
            const struct out out = pass(&s, SERVER, 80, INSIDE, 4000, TCP_ACK, 501, 101);
            check_eq(rows[i].story, out.back != NULL, !late);
            check_eq(rows[i].story, metric(&s, "filtered"), late);
            scene_fini(&s);
        }
}

/* What belongs to no connection: dropped, or reset by RFC 9293's rule for CLOSED. */
static void what_a_wall_does_not_know(void **state)
{
    static const struct {
        const char *story, *unknown, *begins;
        uint32_t src;
        uint16_t flags;
        bool passes, is_reset;
        uint32_t seq, ack; /* of the reset */
    } rows[] = {
        {"a SYN from outside", "drop", "inside", SERVER, TCP_SYN, false, false, 0, 0},
        {"the same, refused", "reset", "inside", SERVER, TCP_SYN, false, true, 0, 78},
        {"the same, allowed", "drop", "anybody", SERVER, TCP_SYN, true, false, 0, 0},
        {"an ACK from outside", "reset", "anybody", SERVER, TCP_ACK, false, true, 99, 0},
        {"an ACK from inside", "reset", "inside", INSIDE, TCP_ACK, false, true, 99, 0},
        {"an ACK from inside, dropped", "drop", "inside", INSIDE, TCP_ACK, false, false, 0, 0},
        {"a FIN counts one", "reset", "inside", INSIDE, TCP_FIN, false, true, 0, 78},
        {"a reset is not answered", "reset", "inside", INSIDE, TCP_RST, false, false, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct firewall_params params = wall(rows[i].unknown, rows[i].begins);
        const bool from_inside = rows[i].src == INSIDE;
        static struct scene s;
        scene_init(&s, "firewall", &params, sizeof(params));
        const struct out out =
            pass(&s, rows[i].src, 7, from_inside ? SERVER : INSIDE, 8, rows[i].flags, 77, 99);
        const struct packet *beyond = from_inside ? out.on : out.back;
        const struct packet *reset = from_inside ? out.back : out.on;
        check_eq(rows[i].story, beyond != NULL, rows[i].passes);
        check_eq(rows[i].story, reset != NULL, rows[i].is_reset);
        check_eq(rows[i].story, metric(&s, "answered"), rows[i].is_reset);
        check_eq(rows[i].story, metric(&s, "filtered"), !rows[i].passes);
        if (reset != NULL) {
            check_true(rows[i].story,
                       is_plain(reset, from_inside ? SERVER : INSIDE, 8, rows[i].src, 7));
            check_eq(rows[i].story, reset->flags,
                     rows[i].ack != 0 ? TCP_RST | TCP_ACK : TCP_RST);
            check_eq(rows[i].story, reset->seq, rows[i].seq);
            check_eq(rows[i].story, reset->ack, rows[i].ack);
        }
        scene_fini(&s);
    }
}

/* Reads messages: a tap keeps none of their bytes. */
struct ear {
    struct sink sink; /* first */
    struct sim *sim;
    struct icmp_error heard;
    int n;
};

static void hear(struct sink *sink, struct packet *p)
{
    struct ear *ear = (struct ear *)sink;
    ear->n += icmp_read(ear->sim, p, &ear->heard);
    packet_free(ear->sim, p);
}

/* With which message a SYN from outside is refused, in the numbers of RFC 792. */
static void a_wall_says_so(void **state)
{
    static const struct {
        const char *unknown;
        uint8_t code;
    } rows[] = {{"prohibited", 13}, {"port-unreachable", 3}, {"drop", 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct firewall_params params = wall(rows[i].unknown, "inside");
        static struct scene s;
        scene_init(&s, "firewall", &params, sizeof(params));
        struct ear ear = {.sink = {hear}, .sim = s.sim};
        s.router.icmp.on = true;
        s.on_link.peer = &ear.sink;
        check_true("it does not pass",
                   pass(&s, SERVER, 7, INSIDE, 8, TCP_SYN, 77, 0).back == NULL);
        check_eq(rows[i].unknown, ear.n, rows[i].code != 0);
        check_eq(rows[i].unknown, ear.heard.type, rows[i].code != 0 ? 3 : 0);
        check_eq(rows[i].unknown, ear.heard.code, rows[i].code);
        check_true("of its segment",
                   ear.n == 0 || (ear.heard.sport == 7 && ear.heard.seq == 77));
        check_eq("no segment of its own", metric(&s, "answered"), 0);
        check_eq("filtered", metric(&s, "filtered"), 1);
        scene_fini(&s);
    }
}

/* Two entries fit; the third SYN does not pass until the first is forgotten. */
static void a_table_is_full(void **state)
{
    const struct firewall_params params = wall("drop", "inside");
    static struct scene s;
    scene_init(&s, "firewall", &params, sizeof(params));
    for (uint16_t port = 1; port <= 3; port++)
        check_eq("two", pass(&s, INSIDE, port, SERVER, 80, TCP_SYN, 0, 0).on != NULL, port < 3);
    check_eq("full", metric(&s, "table_full"), 1);
    check_eq("most", metric(&s, "entries_max"), 2);
    sim_run_until(s.sim, SEC(10));
    check_true("the first is gone", pass(&s, INSIDE, 3, SERVER, 80, TCP_SYN, 0, 0).on != NULL);
    check_eq("most", metric(&s, "entries_max"), 2);
    scene_fini(&s);
}

/* Two hosts inside have the same port: the second gets another one, and each its answers. */
static void a_nat_rewrites(void **state)
{
    const struct firewall_params params = wall("reset", NULL);
    static struct scene s;
    scene_init(&s, "nat", &params, sizeof(params));
    struct out out = pass(&s, INSIDE, 4000, SERVER, 80, TCP_SYN, 1, 0);
    check_true("its port", is_plain(out.on, ROUTER, 4000, SERVER, 80));
    out = pass(&s, OTHER, 4000, SERVER, 80, TCP_SYN, 2, 0);
    check_true("the first free one", is_plain(out.on, ROUTER, 1024, SERVER, 80));
    out = pass(&s, SERVER, 80, ROUTER, 4000, TCP_SYN | TCP_ACK, 5, 2);
    check_true("to the one", is_plain(out.back, SERVER, 80, INSIDE, 4000));
    out = pass(&s, SERVER, 80, ROUTER, 1024, TCP_SYN | TCP_ACK, 6, 3);
    check_true("to the other", is_plain(out.back, SERVER, 80, OTHER, 4000));
    out = pass(&s, SERVER, 80, ROUTER, 4001, TCP_ACK, 7, 8);
    check_true("for nobody", is_plain(out.on, ROUTER, 4001, SERVER, 80));
    check_eq("is refused", out.on->flags, TCP_RST);
    out = pass(&s, SERVER, 80, INSIDE, 4000, TCP_ACK, 7, 8);
    check_true("inside is not known by name", out.back == NULL);
    out = pass(&s, INSIDE, 1, OTHER, 2, TCP_ACK, 7, 8);
    check_true("inside it has nothing to do", is_plain(out.back, INSIDE, 1, OTHER, 2));
    scene_fini(&s);
}

/* ---- SYN proxies: client NOWHERE has no way back; INSIDE is the client, SERVER the server */

static struct key_address servers[1];

static struct syn_proxy_params proxy(int64_t entries)
{
    servers[0] = net(SERVER, 32);
    return (struct syn_proxy_params){.servers = {servers, 1},
                                     .timeout = SEC(100),
                                     .opening_timeout = SEC(10),
                                     .closing_timeout = SEC(5),
                                     .entries = entries,
                                     .mss = 1000};
}

/* The client begins at 100, the server at 700; the proxy at whatever it is. */
static void a_proxy_joins_two_handshakes(void **state)
{
    static const char *const names[] = {"syn-proxy", "syn-proxy-stateless"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct syn_proxy_params params = proxy(10);
        const char *story = names[i];
        static struct scene s;
        scene_init(&s, story, &params, sizeof(params));

        struct out out = pass(&s, INSIDE, 4000, SERVER, 80, TCP_SYN, 100, 0);
        check_true(story, out.on == NULL && is_plain(out.back, SERVER, 80, INSIDE, 4000));
        check_true(story, out.back->flags == (TCP_SYN | TCP_ACK) && out.back->ack == 101);
        check_eq("nothing may be sent yet", out.back->win, 0);
        check_eq("the MSS alone", out.back->bytes, is_ipv6 ? 64 : 44);
        check_eq("who remembers", metric(&s, "entries"), i == 0);
        const uint32_t isn = out.back->seq;

        out = pass(&s, INSIDE, 4000, SERVER, 80, TCP_ACK, 101, isn + 2);
        if (i == 0) /* the stateless one leaves it to the server to refuse */
            check_true("a guess does not open anything", out.on == NULL);
        out = pass(&s, INSIDE, 4000, SERVER, 80, TCP_ACK, 101, isn + 1);
        check_true(story, out.back == NULL && is_plain(out.on, INSIDE, 4000, SERVER, 80));
        check_true(story, out.on->flags == TCP_SYN && out.on->seq == 100);

        out = pass(&s, SERVER, 80, INSIDE, 4000, TCP_SYN | TCP_ACK, 700, 101);
        check_true("to the server", out.on->flags == TCP_ACK && out.on->seq == 101);
        check_eq("to the server", out.on->ack, 701);
        check_true("to the client", out.back->flags == TCP_ACK && out.back->seq == isn + 1);
        check_eq("its window opens", out.back->win, 1000);

        out = pass(&s, INSIDE, 4000, SERVER, 80, TCP_ACK | TCP_PSH, 101, isn + 1);
        check_eq("what the server said", out.on->ack, 701);
        out = pass(&s, SERVER, 80, INSIDE, 4000, TCP_ACK | TCP_PSH, 701, 102);
        check_eq("in the proxy's numbers", out.back->seq, isn + 1);
        check_eq("the client's own", out.back->ack, 102);
        check_eq(story, metric(&s, "entries"), 1);
        scene_fini(&s);
    }
}

/* The table has two places. Who resets gives his back; who is silent keeps it for 10 s. */
static void a_flood_meets_a_proxy(void **state)
{
    static const struct {
        const char *name;
        int n_full; /* of four SYNs */
    } rows[] = {{"syn-proxy", 2}, {"syn-proxy-stateless", 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct syn_proxy_params params = proxy(2);
        static struct scene s;
        scene_init(&s, rows[i].name, &params, sizeof(params));
        for (uint16_t port = 1; port <= 4; port++)
            pass(&s, NOWHERE, port, SERVER, 80, TCP_SYN, 100, 0);
        check_eq("the server hears of nothing", s.on.n, 0);
        check_eq(rows[i].name, metric(&s, "table_full"), rows[i].n_full);
        pass(&s, NOWHERE, 1, SERVER, 80, TCP_RST, 101, 0);
        pass(&s, INSIDE, 9, SERVER, 80, TCP_SYN, 100, 0);
        check_eq("there is a place again", metric(&s, "table_full"), rows[i].n_full);
        check_eq("and an answer", s.back.n, 1);
        scene_fini(&s);
    }
}

/* The server refuses: the client hears of it in the numbers that it knows. */
static void a_server_refuses_behind_a_proxy(void **state)
{
    const struct syn_proxy_params params = proxy(2);
    static struct scene s;
    scene_init(&s, "syn-proxy-stateless", &params, sizeof(params));
    struct out out = pass(&s, INSIDE, 4000, SERVER, 81, TCP_SYN, 100, 0);
    const uint32_t isn = out.back->seq;
    pass(&s, INSIDE, 4000, SERVER, 81, TCP_ACK, 101, isn + 1);
    out = pass(&s, SERVER, 81, INSIDE, 4000, TCP_RST | TCP_ACK, 0, 101);
    check_true("a reset", (out.back->flags & TCP_RST) != 0);
    check_eq("in the window", out.back->seq, isn + 1);
    check_eq("forgotten", metric(&s, "entries"), 0);
    scene_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_catches_its_part),
        cmocka_unit_test(a_filter_may_know_its_sources),
        cmocka_unit_test(a_wall_forgets),
        cmocka_unit_test(what_a_wall_does_not_know),
        cmocka_unit_test(a_wall_says_so),
        cmocka_unit_test(a_table_is_full),
        cmocka_unit_test(a_nat_rewrites),
        cmocka_unit_test(a_proxy_joins_two_handshakes),
        cmocka_unit_test(a_flood_meets_a_proxy),
        cmocka_unit_test(a_server_refuses_behind_a_proxy),
    };
    const int failed = cmocka_run_group_tests_name("IPv4", tests, NULL, NULL);
    is_ipv6 = true;
    return failed + cmocka_run_group_tests_name("IPv6", tests, NULL, NULL);
}
