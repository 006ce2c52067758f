/* SPDX-License-Identifier: GPL-3.0-or-later
 * Soft errors: RFC 1122 §4.2.3.9, RFC 5927 §4.1. A connection to a host that does not answer:
 * SYN at 0 and 1 s, given up at 3 s (one repeat).
 */
#include "models/tcp/icmp.h"

#include <errno.h>

#include "tests/check.h"

enum { HERE = 0x0a000001, THERE = 0x0a000002, PORT = 40001 };

/* One stack, what it sends noted and thrown away. */
struct end {
    struct sim *sim;
    struct tcp_stack *stack;
    struct tcp *t;
    struct tcp_user user;
    struct tcp_account account;
    uint32_t last_seq, last_len; /* of the last segment sent */
    int n_sent;
    int error; /* that the application was told; 0: none */
    sim_time error_at;
};

static void on_output(void *ctx, struct packet *p)
{
    struct end *e = ctx;
    e->last_seq = p->seq;
    e->last_len = p->len;
    e->n_sent++;
    packet_free(e->sim, p);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct end *e = CONTAINER_OF(user, struct end, user);
    if ((bits & TCP_EV_ERROR) == 0)
        return;
    e->error = tcp_error(t);
    e->error_at = e->sim->now;
}

static void end_init(struct end *e)
{
    struct tcp_params params;
    assert_int_equal(tcp_params_init(&params, "rfc9293"), 0);
    params.syn_retries = 1;
    params.retries2 = 1;
    *e = (struct end){.sim = sim_new(&(struct sim_params){.seed = 1})};
    e->stack = tcp_stack_new(e->sim, sim_subject(e->sim, "host", "here"), ip4(HERE), &params,
                             on_output, e);
    tcp_account_init(&e->account, 0);
    e->user = (struct tcp_user){.on_event = on_event, .account = &e->account};
    assert_int_equal(
        tcp_connect(e->stack, (struct tcp_addr){ip4(THERE), 80}, PORT, &e->user, &e->t), 0);
}

static void end_fini(struct end *e)
{
    tcp_stack_finish(e->stack);
    check_eq("packets", e->sim->live_packets, 0);
    sim_free(e->sim);
}

static struct icmp_error about(uint8_t type, uint8_t code, uint32_t seq)
{
    return (struct icmp_error){.type = type,
                               .code = code,
                               .proto = PROTO_TCP,
                               .src = ip4(HERE),
                               .dst = ip4(THERE),
                               .sport = PORT,
                               .dport = 80,
                               .seq = seq};
}

static const struct row {
    const char *story;
    uint8_t type, code;
    int32_t beyond; /* the SYN's sequence number */
    uint16_t sport;
    bool taken;
    int error;
} rows[] = {
    {"host unreachable", ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, 0, PORT, true, EHOSTUNREACH},
    {"net unreachable", ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE, 0, PORT, true, ENETUNREACH},
    {"time exceeded", ICMP_TIME_EXCEEDED, 0, 0, PORT, true, EHOSTUNREACH},
    {"sent below what is in flight", ICMP_UNREACHABLE, 1, -1, PORT, false, ETIMEDOUT},
    {"never sent", ICMP_UNREACHABLE, 1, 1, PORT, false, ETIMEDOUT},
    {"another connection", ICMP_UNREACHABLE, 1, 0, PORT + 1, false, ETIMEDOUT},
    {"a hard error", ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, 0, PORT, false, ETIMEDOUT},
    {"an unknown code", ICMP_UNREACHABLE, 99, 0, PORT, false, ETIMEDOUT},
};

static void the_hint_is_told_when_all_is_over(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct end e;
        end_init(&e);
        sim_run_until(e.sim, MS(500));
        struct icmp_error error = about(r->type, r->code, e.last_seq + (uint32_t)r->beyond);
        error.sport = r->sport;
        check_eq(r->story, tcp_icmp(e.stack, &error) != 0, r->taken);
        check_eq(r->story, tcp_state_of(e.t), TCP_SYN_SENT);
        sim_run_until(e.sim, SEC(3) - 1);
        check_eq("the SYN was repeated all the same", e.n_sent, 2);
        check_eq("it is not given up before its time", e.error, 0);
        sim_run_until(e.sim, SEC(3));
        check_eq(r->story, e.error, r->error);
        check_eq(r->story, e.error_at, SEC(3));
        check_eq("timed out", e.account.n_timed_out, 1);
        tcp_close(e.t);
        end_fini(&e);
    }
}

static void segment(struct end *e, uint16_t flags, uint32_t seq, uint32_t ack)
{
    struct packet *p = packet_new(e->sim, 40);
    p->proto = PROTO_TCP;
    p->src = ip4(THERE);
    p->dst = ip4(HERE);
    p->sport = 80;
    p->dport = PORT;
    p->flags = flags;
    p->seq = seq;
    p->ack = ack;
    p->win = 65535;
    tcp_input(e->stack, p);
}

/* 10 bytes are reported undeliverable, acknowledged after all; the next 10 are never answered.
 */
static void an_acknowledgment_refutes_the_hint(void **state)
{
    for (int again = 0; again < 2; again++) {
        struct end e;
        end_init(&e);
        const uint32_t iss = e.last_seq;
        segment(&e, TCP_SYN | TCP_ACK, 1000, iss + 1);
        check_eq("sent", tcp_send(e.t, 10), 10);
        struct icmp_error error = about(ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, iss + 1);
        check_true("in flight", tcp_icmp(e.stack, &error) != 0);
        segment(&e, TCP_ACK, 1001, iss + 11);
        check_true("not any more", tcp_icmp(e.stack, &error) == 0);
        check_eq("sent", tcp_send(e.t, 10), 10);
        error.seq = iss + 11;
        if (again)
            tcp_icmp(e.stack, &error);
        sim_run_until(e.sim, SEC(60));
        check_eq("in the end", e.error, again ? EHOSTUNREACH : ETIMEDOUT);
        tcp_close(e.t);
        end_fini(&e);
    }
}

/* RFC 1191 §6.4: five segments of 536 are in flight (the peer's SYN told no MSS), Nagle's rule
 * holds back the rest; the router's MTU is 500. Then all of them leave again, in segments of
 * 500
 * - 40 and one of 2680 - 5 * 460, at once. What nobody can have said of them changes nothing:
 * that a packet did not fit where it fits, an MTU below 68, a number that is not in flight (RFC
 * 5927 §4.1, §7.2). */
static void segments_fit(void **state)
{
    static const struct {
        const char *story;
        uint32_t mtu, bytes;
        int32_t beyond;
        int n_sent;
        uint32_t len; /* of the last */
    } cases[] = {
        {"the MTU", 500, 576, 0, 6, 380},
        {"of the second segment", 500, 576, 536, 6, 380},
        {"the packet was not larger", 500, 500, 0, 0, 0},
        {"no MTU", 67, 576, 0, 0, 0},
        {"not told", 0, 576, 0, 0, 0},
        {"larger than all that is sent", 1500, 9000, 0, 0, 0},
        {"not in flight", 500, 576, 2680, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct end e;
        end_init(&e);
        const uint32_t first = e.last_seq + 1;
        segment(&e, TCP_SYN | TCP_ACK, 1000, first);
        check_eq("sent", tcp_send(e.t, 3000), 3000);
        struct icmp_error error =
            about(ICMP_UNREACHABLE, ICMP_TOO_BIG, first + (uint32_t)cases[i].beyond);
        error.mtu = cases[i].mtu;
        error.bytes = cases[i].bytes;
        e.n_sent = 0;
        e.last_len = 0;
        check_eq(cases[i].story, tcp_icmp(e.stack, &error) != 0, cases[i].n_sent > 0);
        check_eq(cases[i].story, e.n_sent, cases[i].n_sent);
        check_eq(cases[i].story, e.last_len, cases[i].len);
        check_eq("told again", tcp_icmp(e.stack, &error), 0);
        tcp_abort(e.t);
        end_fini(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hint_is_told_when_all_is_over),
        cmocka_unit_test(an_acknowledgment_refutes_the_hint),
        cmocka_unit_test(segments_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
