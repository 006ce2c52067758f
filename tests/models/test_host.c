/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/host.h"

#include <errno.h>

#include "tests/models/seg_log.h"

static const uint32_t HERE = 0x0a000001, THERE = 0x0a000002;

/* A SYN from THERE to dst, port 80, on which nobody listens. */
static struct packet *syn_to(struct sim *sim, uint32_t dst, uint8_t proto)
{
    struct packet *p = packet_new(sim, 40);
    p->src = ip4(THERE);
    p->dst = ip4(dst);
    p->proto = proto;
    p->flags = TCP_SYN;
    p->sport = 1000;
    p->dport = 80;
    p->seq = 7;
    return p;
}

static void make_host(struct host *h, struct sim *sim)
{
    struct tcp_params tcp;
    assert_int_equal(tcp_params_init(&tcp, "rfc9293"), 0);
    host_init(h, sim, "here", ip4(HERE), &tcp);
}

/* Rows: a host without a way out; packet 2 is its answer: TCP's reset, an ICMP message. It owns
 * 10.0.0.1 and 203.0.113.0/24. */
static const struct row {
    const char *story;
    uint32_t dst;
    uint8_t proto, marks;
    const char *log;
    const char *metric; /* that is 1 */
} rows[] = {
    {"another's address", 0x0a000003, PROTO_TCP, 0, "drop1@0(not for me)", "misdirected"},
    {"a group's (RFC 9293 MUST-57)", 0xe0000001, PROTO_TCP, 0, "drop1@0(not for me)",
     "misdirected"},
    {"everybody's", 0xffffffff, PROTO_TCP, 0, "drop1@0(not for me)", "misdirected"},
    {"its own: TCP answers", HERE, PROTO_TCP, 0, "drop2@0(no route)", "sent"},
    {"the first of its prefix", 0xcb007100, PROTO_TCP, 0, "drop2@0(no route)", "sent"},
    {"the last of its prefix", 0xcb0071ff, PROTO_TCP, 0, "drop2@0(no route)", "no_route"},
    {"beyond its prefix", 0xcb007200, PROTO_TCP, 0, "drop1@0(not for me)", "misdirected"},
    {"a port without a listener", HERE, PROTO_UDP, 0, "drop1@0(no listener) drop2@0(no route)",
     "icmp_sent"},
    {"a protocol that it does not speak", HERE, 99, 0, "drop1@0(no listener) drop2@0(no route)",
     "no_listener"},
    {"ICMP that is no message: nothing is said about it", HERE, PROTO_ICMP, 0,
     "drop1@0(no listener)", "no_listener"},
    {"a corrupt segment", HERE, PROTO_TCP, PACKET_CORRUPT, "drop1@0(checksum)",
     "checksum_drops"},
    {"a corrupt datagram", HERE, PROTO_UDP, PACKET_CORRUPT, "drop1@0(checksum)",
     "checksum_drops"},
    {"a corrupt segment for another", 0x0a000003, PROTO_TCP, PACKET_CORRUPT,
     "drop1@0(not for me)", "misdirected"},
};

static int64_t metric(const struct sim *sim, const struct host *h, const char *name)
{
    const struct metric *m = HOST_METRICS;
    while (strcmp(m->name, name) != 0)
        m++;
    return metric_value(sim, m, h).num;
}

static void a_host_takes_what_is_its_own(void **state)
{
    struct key_address owned[] = {{HERE, 32}, {0xcb007100, 24}};
    const struct host_params params = {.addresses = {owned, 2}, .ttl = 64, .icmp = true};
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct seg_log log = seg_log_new();
        struct host h;
        make_host(&h, sim);
        host_configure(&h, &params);
        sim_listen(sim, &log.listener);
        struct packet *p = syn_to(sim, r->dst, r->proto);
        p->marks = r->marks;
        h.sink.recv(&h.sink, p);
        check_str(r->story, log.text, r->log);
        check_eq(r->story, metric(sim, &h, "received"), 1);
        check_eq(r->story, metric(sim, &h, r->metric), 1);
        host_warm_up(&h);
        for (const struct metric *m = HOST_METRICS; m->name != NULL; m++)
            check_eq(m->name, metric(sim, &h, m->name), 0);
        tcp_stack_finish(h.tcp);
        check_eq(r->story, sim->live_packets, 0);
        sim_free(sim);
    }
}

static void what_it_sends_bears_its_address(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link out;
    struct host h;
    make_host(&h, sim);
    link_init(&out, sim, "here->there",
              &(struct link_params){UNIT_UNLIMITED, dist_constant(MS(10)), UNIT_UNLIMITED,
                                    UNIT_UNLIMITED},
              &tap.sink);
    h.out = &out;
    h.sink.recv(&h.sink, syn_to(sim, HERE, PROTO_TCP));
    sim_run_until(sim, SEC(1));
    check_eq("one reset", tap.n, 1);
    check_eq("at", tap.at[0], MS(10));
    check_eq("from", tap.packets[0].src.low, HERE);
    check_eq("to", tap.packets[0].dst.low, THERE);
    check_eq("hops left", tap.packets[0].ttl, 64);
    check_eq("flags", tap.packets[0].flags, TCP_RST | TCP_ACK);
    tcp_stack_finish(h.tcp);
    sim_free(sim);
}

static const struct key_address here = {HERE, 32};

/* A reset comes from the address that the segment was for, with the TTL of the host. */
static void a_prefix_answers_for_each_of_its_addresses(void **state)
{
    struct key_address owned[] = {{0xcb007100, 24}};
    const struct host_params params = {.addresses = {owned, 1}, .ttl = 7};
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct tcp_params tcp;
    struct link out;
    struct host h;
    assert_int_equal(tcp_params_init(&tcp, "rfc9293"), 0);
    check_eq("it sends from", host_address(&params, here).low, 0xcb007101);
    host_init(&h, sim, "here", address_intern(sim, host_address(&params, here)), &tcp);
    host_configure(&h, &params);
    link_init(&out, sim, "here->there",
              &(struct link_params){UNIT_UNLIMITED, dist_constant(MS(10)), UNIT_UNLIMITED,
                                    UNIT_UNLIMITED},
              &tap.sink);
    h.out = &out;
    h.sink.recv(&h.sink, syn_to(sim, 0xcb007142, PROTO_TCP));
    h.sink.recv(&h.sink, syn_to(sim, 0xcb007142, PROTO_UDP));
    sim_run_until(sim, SEC(1));
    check_eq("one reset, and silence", tap.n, 1);
    check_eq("from", tap.packets[0].src.low, 0xcb007142);
    check_eq("hops left", tap.packets[0].ttl, 7);
    check_eq("flags", tap.packets[0].flags, TCP_RST | TCP_ACK);
    tcp_stack_finish(h.tcp);
    sim_free(sim);
}

static void the_address_of_a_host(void **state)
{
    static const struct {
        const char *story;
        struct key_address first;
        uint32_t addr;
    } cases[] = {
        {"a single one", {0x0a000007, 32}, 0x0a000007},
        {"of a prefix the first host's", {0xcb007100, 24}, 0xcb007101},
        {"of four the first but one", {0xcb007104, 30}, 0xcb007105},
        {"of two (RFC 3021) the first", {0xcb007100, 31}, 0xcb007100},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct key_address first = cases[i].first;
        const struct host_params params = {.addresses = {&first, 1}};
        check_eq(cases[i].story, host_address(&params, here).low, cases[i].addr);
    }
    const struct host_params none = host_defaults();
    check_eq("none given", host_address(&none, here).low, HERE);
}

struct udp_ear {
    struct udp_user user;
    int error;
};

static void on_udp_error(struct udp_user *user, struct udp_socket *s, int error)
{
    CONTAINER_OF(user, struct udp_ear, user)->error = error;
}

/* The message's own port, in turn from 32768, is told; the record has the address and who says
 * it. */
static void icmp_reaches_the_socket(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct udp_ear ear = {.user = {.on_error = on_udp_error}};
    struct icmp_source router = {.on = true};
    struct udp_socket *socket;
    struct host h;
    make_host(&h, sim);
    assert_int_equal(udp_bind(h.udp, 0, &ear.user, &socket), 0);
    struct packet *sent = syn_to(sim, THERE, PROTO_UDP);
    sent->src = ip4(HERE);
    sent->sport = udp_port(socket);
    h.sink.recv(&h.sink, icmp_about(sim, &router, sent, ip4(0xac100001), ICMP_UNREACHABLE,
                                    ICMP_HOST_UNREACHABLE));
    check_eq("told", ear.error, EHOSTUNREACH);
    check_eq("counted", h.n_icmp_received, 1);
    packet_free(sim, sent);
    udp_close(socket);
    tcp_stack_finish(h.tcp);
    check_eq("packets", sim->live_packets, 0);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_takes_what_is_its_own),
        cmocka_unit_test(what_it_sends_bears_its_address),
        cmocka_unit_test(a_prefix_answers_for_each_of_its_addresses),
        cmocka_unit_test(the_address_of_a_host),
        cmocka_unit_test(icmp_reaches_the_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
