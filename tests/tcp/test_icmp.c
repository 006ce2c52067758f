/* SPDX-License-Identifier: GPL-3.0-or-later
 * ICMP errors: RFC 9293 §3.9.2.2, RFC 1122 §4.2.3.9, RFC 5927, RFC 6069. A connection to a host
 * that does not answer: SYN at 0 and 1 s, given up at 3 s (one repeat).
 */
#include "models/tcp/icmp.h"

#include <errno.h>

#include "models/tcp/endpoint.h"
#include "sim/address.h"
#include "tests/tcp/puppet.h"

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

static void end_init_with(struct end *e, const char *rule, int retries)
{
    struct tcp_params params;
    assert_int_equal(tcp_params_init(&params, "rfc9293"), 0);
    params.icmp_errors = rule;
    params.syn_retries = retries;
    params.retries2 = retries;
    *e = (struct end){.sim = sim_new(&(struct sim_params){.seed = 1})};
    e->stack = tcp_stack_new(e->sim, sim_subject(e->sim, "host", "here"), ip4(HERE), &params,
                             on_output, e);
    tcp_account_init(&e->account, 0);
    e->user = (struct tcp_user){.on_event = on_event, .account = &e->account};
    assert_int_equal(
        tcp_connect(e->stack, (struct tcp_addr){ip4(THERE), 80}, PORT, &e->user, &e->t), 0);
}

static void end_init(struct end *e)
{
    end_init_with(e, "rfc9293", 1);
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
    {"a filter", ICMP_UNREACHABLE, ICMP_ADMIN_PROHIBITED, 0, PORT, true, EHOSTUNREACH},
    {"a bad header", ICMP_PARAMETER_PROBLEM, 0, 0, PORT, true, EPROTO},
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

static void segment_of(struct end *e, const struct tcp *t, uint16_t flags, uint32_t seq,
                       uint32_t ack)
{
    struct packet *p = packet_new(e->sim, address_header_bytes(t->local.ip) + 20);
    p->proto = PROTO_TCP;
    p->src = t->remote.ip;
    p->dst = t->local.ip;
    p->sport = t->remote.port;
    p->dport = t->local.port;
    p->flags = flags;
    p->seq = seq;
    p->ack = ack;
    p->win = 65535;
    tcp_input(e->stack, p);
}

static void segment(struct end *e, uint16_t flags, uint32_t seq, uint32_t ack)
{
    segment_of(e, e->t, flags, seq, ack);
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

/* ---- every rule, on who opens, who is open and who is asked */

#define OPEN  "connect; < SA 0 ack 1; send 10"
#define ASKED "listen; < S 0"
/* clang-format off */
static const struct verdict {
    const char *story, *params, *before, *message; /* of the message everything is looked at */
    const char *sends, *tells, *state;
} verdicts[] = {
    /* RFC 9293 §3.9.2.2: MUST-56, SHLD-25, SHLD-26 */
    {"soft in SYN-SENT", "", "connect", "icmp 3 1 0", "", "taken", "SYN-SENT"},
    {"hard in SYN-SENT: port", "", "connect", "icmp 3 3 0", "", "error:ECONNREFUSED taken", "CLOSED"},
    {"hard in SYN-SENT: protocol", "", "connect", "icmp 3 2 0", "", "error:ENOPROTOOPT taken", "CLOSED"},
    {"soft in ESTABLISHED", "", OPEN, "icmp 3 1 1", "", "taken", "ESTABLISHED"},
    {"source route failed is soft", "", OPEN, "icmp 3 5 1", "", "taken", "ESTABLISHED"},
    {"time exceeded is soft", "", OPEN, "icmp 11 0 1", "", "taken", "ESTABLISHED"},
    {"parameter problem is soft", "", OPEN, "icmp 12 0 1", "", "taken", "ESTABLISHED"},
    {"source quench: MUST-55", "", OPEN, "icmp 4 0 1", "", "ignored", "ESTABLISHED"},
    {"hard in ESTABLISHED", "", OPEN, "icmp 3 3 1", "RA 11 ack 1", "error:ECONNREFUSED taken", "CLOSED"},
    {"hard in SYN-RECEIVED", "", ASKED, "icmp 3 3 0; < A 1 ack 1", "R 1", "taken", "LISTEN"},
    {"soft in SYN-RECEIVED", "", ASKED, "icmp 3 1 0; < A 1 ack 1", "", "taken accepted", "ESTABLISHED"},
    {"of an embryo with data", "", "listen; < S 0(10)", "icmp 3 3 0; < A 11 ack 1", "R 1", "taken", "LISTEN"},
    /* RFC 5927 §5.2 */
    {"hard in SYN-SENT", "icmp_errors=rfc5927", "connect", "icmp 3 3 0", "", "error:ECONNREFUSED taken", "CLOSED"},
    {"hard in ESTABLISHED is soft", "icmp_errors=rfc5927", OPEN, "icmp 3 3 1", "", "taken", "ESTABLISHED"},
    {"... and in FIN-WAIT-1", "icmp_errors=rfc5927", OPEN "; shutdown wr", "icmp 3 2 11", "", "taken", "FIN-WAIT-1"},
    /* Linux, tcp_v4_err() */
    {"every one ends a connect()", "icmp_errors=linux", "connect", "icmp 3 1 0", "", "error:EHOSTUNREACH taken", "CLOSED"},
    {"... net unreachable", "icmp_errors=linux", "connect", "icmp 3 0 0", "", "error:ENETUNREACH taken", "CLOSED"},
    {"... time exceeded", "icmp_errors=linux", "connect", "icmp 11 0 0", "", "error:EHOSTUNREACH taken", "CLOSED"},
    {"... a filter", "icmp_errors=linux", "connect", "icmp 3 13 0", "", "error:EHOSTUNREACH taken", "CLOSED"},
    {"... parameter problem", "icmp_errors=linux", "connect", "icmp 12 0 0", "", "error:EPROTO taken", "CLOSED"},
    {"... in a simultaneous open", "icmp_errors=linux", "connect; < S 0", "icmp 3 1 0", "", "error:EHOSTUNREACH taken", "CLOSED"},
    {"nothing ends what is open", "icmp_errors=linux", OPEN, "icmp 3 3 1; error; error", "", "taken =ECONNREFUSED =0", "ESTABLISHED"},
    {"unreachable ends a request", "icmp_errors=linux", ASKED, "icmp 3 1 0; < A 1 ack 1", "R 1", "taken", "LISTEN"},
    {"... and so does time exceeded", "icmp_errors=linux", ASKED, "icmp 11 0 0; < A 1 ack 1", "R 1", "taken", "LISTEN"},
    {"a closed port does not", "icmp_errors=linux", ASKED, "icmp 3 3 0; < A 1 ack 1", "", "ignored accepted", "ESTABLISHED"},
    {"nor a filter", "icmp_errors=linux", ASKED, "icmp 3 13 0; < A 1 ack 1", "", "ignored accepted", "ESTABLISHED"},
    {"IP_RECVERR", "icmp_errors=linux", OPEN "; set recverr 1", "icmp 3 1 1; send 5; send 5", "", "taken =EHOSTUNREACH", "ESTABLISHED"},
    /* FreeBSD, tcp_ctlinput() */
    {"a filter refuses", "icmp_errors=freebsd", "connect", "icmp 3 13 0", "", "error:ECONNREFUSED taken", "CLOSED"},
    {"time exceeded", "icmp_errors=freebsd", "connect", "icmp 11 0 0", "", "error:EHOSTUNREACH taken", "CLOSED"},
    {"reassembly says nothing", "icmp_errors=freebsd", "connect", "icmp 11 1 0", "", "ignored", "SYN-SENT"},
    {"unreachable is soft", "icmp_errors=freebsd", "connect", "icmp 3 1 0; error", "", "taken =0", "SYN-SENT"},
    {"it may not", "icmp_errors=freebsd icmp_may_rst=no", "connect", "icmp 3 13 0", "", "taken", "SYN-SENT"},
    {"not what is open", "icmp_errors=freebsd", OPEN, "icmp 3 3 1", "", "ignored", "ESTABLISHED"},
    {"... to which routes come and go", "icmp_errors=freebsd", OPEN, "icmp 3 1 1", "", "ignored", "ESTABLISHED"},
    {"a bad header is soft", "icmp_errors=freebsd", OPEN, "icmp 12 0 1; error", "", "taken =0", "ESTABLISHED"},
    {"a request waits", "icmp_errors=freebsd", ASKED, "icmp 3 3 0; icmp 3 3 0; < A 1 ack 1", "", "taken taken accepted", "ESTABLISHED"},
    /* RFC 5927 §4.1: SND.UNA =< SEG.SEQ < SND.NXT */
    {"below what is in flight", "", OPEN, "icmp 3 3 0", "", "ignored", "ESTABLISHED"},
    {"the last byte in flight", "", OPEN, "icmp 3 1 10", "", "taken", "ESTABLISHED"},
    {"what will be next", "", OPEN, "icmp 3 1 11", "", "ignored", "ESTABLISHED"},
    {"... Linux takes it, for ACKs", "icmp_errors=linux", OPEN, "icmp 3 1 11; icmp 3 1 12", "", "taken ignored", "ESTABLISHED"},
    {"... but of SYNs", "icmp_errors=linux", "connect", "icmp 3 1 1", "", "ignored", "SYN-SENT"},
    {"of a request only its SYN-ACK", "icmp_errors=linux", ASKED, "icmp 3 1 1; icmp 3 1 -1", "", "ignored ignored", "SYN-RECEIVED"},
    /* nobody is meant */
    {"LISTEN", "", "listen", "icmp 3 3 0", "", "ignored", "LISTEN"},
    {"another port", "", OPEN, "icmp 3 3 1 from 1", "", "ignored", "ESTABLISHED"},
    {"TIME-WAIT", "icmp_errors=linux", "connect; < SA 0 ack 1; shutdown wr; < FA 1 ack 2", "icmp 3 1 2", "", "ignored", "TIME-WAIT"},
    {"no such code", "", OPEN, "icmp 3 99 1", "", "ignored", "ESTABLISHED"},
};
/* clang-format on */

static void rules_differ(void **state)
{
    for (const struct verdict *v = verdicts; v < verdicts + ARRAY_LEN(verdicts); v++) {
        struct puppet p;
        puppet_init(&p, v->story, v->params, 1000, 5000);
        puppet_do(&p, 0, v->before);
        puppet_do(&p, 0, v->message);
        check_str(v->story, p.sent, v->sends);
        check_str(v->story, p.told, v->tells);
        check_str(v->story, puppet_state(&p), v->state);
        puppet_fini(&p);
    }
}

/* SYNs leave at 0, 1, 3, 7 and 15 s: FreeBSD lets four repeats pass, and then one message more.
 * SYN-ACKs leave at 0, 1, 3 and 7 s: three. */
static const struct play second_messages[] = {
    {"the second message after four repeats ends a connect()",
     "icmp_errors=freebsd",
     {{0, "connect; icmp 3 1 0", "S 0", "taken", "SYN-SENT"},
      {SEC(8), "icmp 3 1 0", "@1000ms S 0, @3000ms S 0, @7000ms S 0", "taken", "SYN-SENT"},
      {SEC(16), "icmp 3 0 0", "@15000ms S 0", "error:EHOSTUNREACH taken", "CLOSED"}}},
    {"the first does not",
     "icmp_errors=freebsd",
     {{0, "connect", "S 0", "", "SYN-SENT"},
      {SEC(16), "icmp 3 1 0", "@1000ms S 0, @3000ms S 0, @7000ms S 0, @15000ms S 0", "taken",
       "SYN-SENT"},
      {SEC(17), "icmp 3 1 0", "", "error:EHOSTUNREACH taken", "CLOSED"}}},
    {"a request",
     "icmp_errors=freebsd",
     {{0, "listen; < S 0; icmp 3 1 0", "SA 0 ack 1", "taken", "SYN-RECEIVED"},
      {SEC(6), "icmp 3 1 0", "@1000ms SA 0 ack 1, @3000ms SA 0 ack 1", "taken", "SYN-RECEIVED"},
      {SEC(8), "icmp 3 1 0; < A 1 ack 1", "@7000ms SA 0 ack 1, R 1", "taken", "LISTEN"}}},
    {"a request of which nothing was said before",
     "icmp_errors=freebsd",
     {{0, "listen; < S 0", "SA 0 ack 1", "", "SYN-RECEIVED"},
      {SEC(8), "icmp 3 1 0; < A 1 ack 1",
       "@1000ms SA 0 ack 1, @3000ms SA 0 ack 1, @7000ms SA 0 ack 1", "taken accepted",
       "ESTABLISHED"}}},
};

/* RFC 6069: repeats at 1, 3 and 7 s. The message comes while 4 s are waited for from 3 s on: 2
 * s again. When these are over, at once; other messages, and those about other segments, say
 * nothing. */
static const struct play outages[] = {
    {"a doubling is taken back",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {SEC(4), "icmp 3 0 1", "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1", "taken", NULL},
      {SEC(10), "", "@5000ms PA 1(10) ack 1, @9000ms PA 1(10) ack 1", "", NULL}}},
    {"when its time is over",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {MS(5500), "icmp 3 1 1", "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1", "taken", NULL},
      {SEC(10), "", "@5500ms PA 1(10) ack 1, @9500ms PA 1(10) ack 1", "", NULL}}},
    {"time exceeded",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {SEC(4), "icmp 11 0 1", "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1", "taken", NULL},
      {SEC(10), "", "@7000ms PA 1(10) ack 1", "", NULL}}},
    {"another segment",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {SEC(4), "icmp 3 0 2", "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1", "taken", NULL},
      {SEC(10), "", "@7000ms PA 1(10) ack 1", "", NULL}}},
    {"nothing was repeated",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {MS(500), "icmp 3 0 1", "", "taken", NULL},
      {SEC(4), "", "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1", "", NULL}}},
    {"no more than there were: two",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {SEC(4), "icmp 3 0 1; icmp 3 0 1; icmp 3 0 1; icmp 3 0 1",
       "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1", "taken taken taken taken", NULL},
      {SEC(9), "", "@4000ms PA 1(10) ack 1, @6000ms PA 1(10) ack 1", "", NULL}}},
    {"of what was doubled for the segment before, which nobody measured",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {MS(1500), "< A 1 ack 11; send 10", "@1000ms PA 1(10) ack 1, PA 11(10) ack 1", "", NULL},
      {SEC(2), "icmp 3 0 11", "", "taken", NULL},
      {SEC(4), "", "@3500ms PA 11(10) ack 1", "", NULL}}},
    {"nor what was doubled before it was measured again",
     "icmp_errors=linux",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {MS(1500), "< A 1 ack 11; send 10; < A 1 ack 21; send 10",
       "@1000ms PA 1(10) ack 1, PA 11(10) ack 1, PA 21(10) ack 1", "", NULL},
      {SEC(3), "icmp 3 0 21", "@2500ms PA 21(10) ack 1", "taken", NULL},
      {SEC(4), "", "@3500ms PA 21(10) ack 1", "", NULL}}},
    {"a third doubling, of which rto_max left nothing: min(4 s, 3 s)",
     "icmp_errors=linux rto_max=3s",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {SEC(7), "icmp 3 0 1",
       "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1, @6000ms PA 1(10) ack 1", "taken", NULL},
      {SEC(10), "", "@9000ms PA 1(10) ack 1", "", NULL}}},
    {"by RFC 9293",
     "",
     {{0, "connect; < SA 0 ack 1; send 10", "S 0, A 1 ack 1, PA 1(10) ack 1", "connected",
       NULL},
      {SEC(4), "icmp 3 0 1", "@1000ms PA 1(10) ack 1, @3000ms PA 1(10) ack 1", "taken", NULL},
      {SEC(10), "", "@7000ms PA 1(10) ack 1", "", NULL}}},
};

static void the_second_message_is_believed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(second_messages); i++)
        puppet_play_wrapped(&second_messages[i]);
}

static void an_outage_is_no_congestion(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(outages); i++)
        puppet_play_wrapped(&outages[i]);
}

/* Of IPv6 by "no route" (1, 0), not by "address unreachable" (1, 3), which here are named as
 * IPv4's. After 0, 1 and 3 s the next repeat is due at 7 s, or at 5 s. */
static void of_ipv6_no_route_is_an_outage(void **state)
{
    for (uint8_t code = ICMP_NET_UNREACHABLE; code <= ICMP_HOST_UNREACHABLE; code++) {
        struct end e;
        struct tcp *t;
        const struct key_address there = {
            .high = {0x20010db8, 0, 0}, .low = 1, .prefix_bits = 128, .is_ipv6 = true};
        end_init_with(&e, "linux", 15);
        const ip_addr to = address_intern(e.sim, there);
        assert_int_equal(tcp_connect(e.stack, (struct tcp_addr){to, 80}, PORT + 1, &e.user, &t),
                         0);
        segment_of(&e, t, TCP_SYN | TCP_ACK, 1000, t->iss.v + 1);
        check_eq("sent", tcp_send(t, 10), 10);
        const struct icmp_error error = {.type = ICMP_UNREACHABLE,
                                         .code = code,
                                         .proto = PROTO_TCP,
                                         .src = t->local.ip,
                                         .dst = to,
                                         .sport = PORT + 1,
                                         .dport = 80,
                                         .seq = t->iss.v + 1};
        sim_run_until(e.sim, SEC(4));
        const sim_time due = t->rtx.rto_at;
        check_true("it is taken", tcp_icmp(e.stack, &error) != 0);
        check_eq(code == ICMP_NET_UNREACHABLE ? "no route" : "address unreachable",
                 due - t->rtx.rto_at, code == ICMP_NET_UNREACHABLE ? SEC(2) : 0);
        tcp_abort(t);
        tcp_abort(e.t);
        end_fini(&e);
    }
}

/* icmpv6_err_convert(): what forbids ends a request, what cannot be reached does not; IPv4 has
 * it the other way round ("nor a filter" above). */
static void of_ipv6_what_forbids_ends_a_request(void **state)
{
    static const struct {
        const char *story;
        uint8_t code;
        bool taken;
    } cases[] = {{"admin prohibited", ICMP_ADMIN_PROHIBITED, true},
                 {"port unreachable", ICMP_PORT_UNREACHABLE, true},
                 {"no route", ICMP_NET_UNREACHABLE, false},
                 {"address unreachable", ICMP_HOST_UNREACHABLE, false}};
    const struct key_address prefix = {
        .high = {0x20010db8, 0, 0}, .low = 1, .prefix_bits = 128, .is_ipv6 = true};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct end e;
        struct tcp_listener *l;
        end_init_with(&e, "linux", 1);
        const struct tcp_addr here = {address_intern(e.sim, prefix), 80};
        const struct tcp_addr there = {address_intern(e.sim, address_plus(prefix, 1)), PORT};
        check_eq("listen", tcp_listen(e.stack, 80, 8, &e.user, &l), 0);
        const struct tcp client = {.local = here, .remote = there};
        segment_of(&e, &client, TCP_SYN, 1000, 0);
        const struct icmp_error error = {.type = ICMP_UNREACHABLE,
                                         .code = cases[i].code,
                                         .proto = PROTO_TCP,
                                         .src = here.ip,
                                         .dst = there.ip,
                                         .sport = 80,
                                         .dport = PORT,
                                         .seq = e.last_seq};
        check_eq(cases[i].story, tcp_icmp(e.stack, &error) != 0, cases[i].taken);
        check_eq(cases[i].story, tcp_icmp(e.stack, &error) != 0, false);
        tcp_listener_close(l);
        tcp_abort(e.t);
        end_fini(&e);
    }
}

/* What was not in flight is counted, as Linux's TcpExtOutOfWindowIcmps; nobody's is not. */
static void outside_is_counted(void **state)
{
    struct puppet p;
    puppet_init(&p, "counted", "", 1000, 5000);
    puppet_do(&p, 0, OPEN "; icmp 3 1 0; icmp 3 1 1; icmp 3 1 11; icmp 3 1 1 from 1");
    check_eq("outside", tcp_icmp_outside(p.stack), 2);
    puppet_do(&p, 0, "icmp 3 3 1");
    check_eq("ended by ICMP", p.account.n_icmp_ends, 1);
    check_eq("which is no timeout", p.account.n_timed_out, 0);
    puppet_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hint_is_told_when_all_is_over),
        cmocka_unit_test(an_acknowledgment_refutes_the_hint),
        cmocka_unit_test(rules_differ),
        cmocka_unit_test(the_second_message_is_believed),
        cmocka_unit_test(an_outage_is_no_congestion),
        cmocka_unit_test(of_ipv6_no_route_is_an_outage),
        cmocka_unit_test(of_ipv6_what_forbids_ends_a_request),
        cmocka_unit_test(outside_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
