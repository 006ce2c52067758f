/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/host.h"

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

/* Rows: a host without a way out; packet 2 is the reset with which TCP answers. */
static const struct row {
    const char *story;
    uint32_t dst;
    uint8_t proto;
    int64_t n_sent, n_misdirected;
    const char *log;
} rows[] = {
    {"another's address", 0x0a000003, PROTO_TCP, 0, 1, "drop1@0(not for me)"},
    {"a protocol that it does not speak", 0x0a000001, PROTO_UDP, 0, 1, "drop1@0(no listener)"},
    {"its own: TCP answers, and there is no way out", 0x0a000001, PROTO_TCP, 1, 0,
     "drop2@0(no route)"},
};

static void a_host_takes_what_is_its_own(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct seg_log log = seg_log_new();
        struct host h;
        make_host(&h, sim);
        sim_listen(sim, &log.listener);
        h.sink.recv(&h.sink, syn_to(sim, r->dst, r->proto));
        check_str(r->story, log.text, r->log);
        check_eq(r->story, h.n_received, 1);
        check_eq(r->story, h.n_sent, r->n_sent);
        check_eq(r->story, h.n_misdirected, r->n_misdirected);
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
              &(struct link_params){UNIT_UNLIMITED, MS(10), UNIT_UNLIMITED, UNIT_UNLIMITED, 0},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_takes_what_is_its_own),
        cmocka_unit_test(what_it_sends_bears_its_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
