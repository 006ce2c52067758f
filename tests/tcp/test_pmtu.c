/* SPDX-License-Identifier: GPL-3.0-or-later
 * Path MTUs: what a message does to a connection, to those that begin later and for how long;
 * black holes. Headers are 40 bytes, so that an MTU of 1000 leaves 960.
 */
#include "models/tcp/pmtu.h"

#include "models/tcp/icmp.h"
#include "tests/tcp/puppet.h"

/* 2000 bytes where the peer takes 1460: a full segment, and 540 that wait (Nagle). */
#define OPEN  "connect; < SA 0 ack 1 mss 1460; send 2000"
#define SIZES "S 0, A 1 ack 1, A 1(1460) ack 1"
/* ... and again, between the same ends, when that is over. */
#define AGAIN "abort; connect; < SA 0 ack 1 mss 1460; send 2000"
/* clang-format off */
static const struct play plays[] = {
    /* RFC 1191 §6.4: at once. 960 of the 1460 and what is left of them; the 540 behind them wait for Nagle. */
    {"what was too large leaves again at once", "",
     {{0, OPEN, SIZES, "connected", NULL},
      {MS(20), "icmp 3 4 1 mtu 1000 bytes 1500", "A 1(960) ack 1, A 961(500) ack 1", "taken", NULL},
      {MS(40), "icmp 3 4 1 mtu 1000 bytes 1500", "", "ignored", NULL},
      {MS(60), "< A 1 ack 1461", "PA 1461(540) ack 1", "", NULL}}},
    {"a new connection begins with it", "",
     {{0, OPEN, SIZES, "connected", NULL},
      {MS(20), "icmp 3 4 1 mtu 1000 bytes 1500", "A 1(960) ack 1, A 961(500) ack 1", "taken", NULL},
      {MS(40), "show mss; " AGAIN, "RA 1461 ack 1, S 0 mss 1460, A 1 ack 1, A 1(960) ack 1, A 961(960) ack 1", "connected", NULL}}},
    {"... and tells it, by Linux and FreeBSD", "icmp_errors=linux",
     {{0, OPEN, SIZES, "connected", NULL},
      {MS(20), "icmp 3 4 1 mtu 1000", "A 1(960) ack 1, A 961(500) ack 1", "taken", NULL},
      {MS(40), "show mss; abort; connect", "RA 1461 ack 1, S 0 mss 960", "", NULL}}},
    {"... for ten minutes: RFC 1191 §6.3", "",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 mtu 1000 bytes 1500; abort", "A 1(960) ack 1, A 961(500) ack 1, RA 1461 ack 1", "taken", NULL},
      {MS(599500), "connect; < SA 0 ack 1 mss 1460; send 2000", "S 0, A 1 ack 1, A 1(960) ack 1, A 961(960) ack 1", "connected", NULL},
      {SEC(600), AGAIN, "RA 1921 ack 1, " SIZES, "connected", NULL}}},
    {"a connection forgets with it", "mtu_expires=10s",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 mtu 1000 bytes 1500; < A 1 ack 1461; < A 1 ack 2001", "A 1(960) ack 1, A 961(500) ack 1, PA 1461(540) ack 1", "taken", NULL},
      {SEC(9), "send 2000; < A 1 ack 3921; < A 1 ack 4001", "A 2001(960) ack 1, A 2961(960) ack 1, PA 3921(80) ack 1", "", NULL},
      {SEC(10), "send 2000", "A 4001(1460) ack 1", "", NULL}}},
    {"... FreeBSD's does not", "icmp_errors=freebsd mtu_expires=10s",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 mtu 1000; < A 1 ack 1461; < A 1 ack 2001", "A 1(960) ack 1, A 961(500) ack 1, PA 1461(540) ack 1", "taken", NULL},
      {SEC(10), "send 2000", "A 2001(960) ack 1, A 2961(960) ack 1", "", NULL}}},
    {"it is switched off", "mtu_discovery=no",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 mtu 1000 bytes 1500; show mss; " AGAIN, "RA 1461 ack 1, S 0 mss 1460, A 1 ack 1, A 1(1460) ack 1", "ignored connected", NULL}}},
    {"no smaller than min_pmtu", "min_pmtu=552B icmp_errors=linux",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 mtu 300", "A 1(512) ack 1, A 513(512) ack 1, A 1025(436) ack 1", "taken", NULL}}},
    /* RFC 1191 §5, §7.1: below 1500 comes 1492, below 1492 1006 and for FreeBSD 1280; Linux takes its least */
    {"no MTU told", "",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 bytes 1500", "A 1(1452) ack 1, A 1453(8) ack 1", "taken", NULL},
      {0, "icmp 3 4 1 bytes 1492", "A 1(966) ack 1, A 967(494) ack 1", "taken", NULL}}},
    {"... FreeBSD", "icmp_errors=freebsd",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 bytes 1492", "A 1(1240) ack 1, A 1241(220) ack 1", "taken", NULL}}},
    {"... Linux", "icmp_errors=linux min_pmtu=552B",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 bytes 1500", "A 1(512) ack 1, A 513(512) ack 1, A 1025(436) ack 1", "taken", NULL}}},
    /* RFC 5927 §4.1, §7.2: it fits; no link is so narrow; nothing so large was sent; not in flight */
    {"what cannot be is not believed", "",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 mtu 1000 bytes 1000; icmp 3 4 1 mtu 67 bytes 1500; icmp 3 4 1 mtu 1400 bytes 1501", "", "ignored ignored ignored", NULL},
      {0, "icmp 3 4 1461 mtu 1000 bytes 1500; icmp 3 4 0 mtu 1000 bytes 1500", "", "ignored ignored", NULL},
      {0, "icmp 3 4 1460 mtu 1499 bytes 1500", "A 1(1459) ack 1, A 1460(1) ack 1", "taken", NULL}}},
    {"... but by Linux", "icmp_errors=linux",
     {{0, OPEN, SIZES, "connected", NULL},
      {0, "icmp 3 4 1 mtu 1000 bytes 900", "A 1(960) ack 1, A 961(500) ack 1", "taken", NULL}}},
    /* Of SYNs nothing is too large; FreeBSD counts with 576 bytes */
    {"a SYN", "", {{0, "connect; icmp 3 4 0 mtu 1000 bytes 1500; < SA 0 ack 1 mss 1460; send 2000",
        "S 0, A 1 ack 1, A 1(960) ack 1, A 961(960) ack 1", "taken connected", NULL}}},
    {"... that was not so large", "", {{0, "connect; icmp 3 4 0 mtu 1000 bytes 44; < SA 0 ack 1 mss 1460; send 2000",
        "S 0, A 1 ack 1, A 1(1460) ack 1", "ignored connected", NULL}}},
    {"... FreeBSD's", "icmp_errors=freebsd", {{0, "connect; icmp 3 4 0 mtu 1234; icmp 3 4 0 mtu 500; < SA 0 ack 1 mss 1460; send 1000",
        "S 0, A 1 ack 1, A 1(460) ack 1, A 461(460) ack 1", "ignored taken connected", NULL}}},
    /* RFC 4821 §7.7: the fourth timeout is beyond R1, at 1 + 2 + 4 + 8 s */
    {"a black hole", "mtu_probing=1",
     {{0, OPEN, SIZES, "connected", NULL},
      {SEC(14), "", "@1000ms A 1(1460) ack 1, @3000ms A 1(1460) ack 1, @7000ms A 1(1460) ack 1", "", NULL},
      {SEC(16), "< A 1 ack 1025", "@15000ms A 1(1024) ack 1, A 1025(436) ack 1", "", NULL}}},
    {"... that is deeper", "mtu_probing=1 mtu_probe_floor=300B",
     {{0, OPEN, SIZES, "connected", NULL},
      {SEC(14), "", "@1000ms A 1(1460) ack 1, @3000ms A 1(1460) ack 1, @7000ms A 1(1460) ack 1", "", NULL},
      {SEC(100), "", "@15000ms A 1(1024) ack 1, @31000ms A 1(512) ack 1, @63000ms A 1(300) ack 1", "", NULL}}},
    {"... below another base", "mtu_probing=1 base_mss=700B",
     {{0, OPEN, SIZES, "connected", NULL},
      {SEC(14), "", "@1000ms A 1(1460) ack 1, @3000ms A 1(1460) ack 1, @7000ms A 1(1460) ack 1", "", NULL},
      {SEC(16), "", "@15000ms A 1(700) ack 1", "", NULL}}},
    {"... with timestamps, which come out of the MSS", "mtu_probing=1 timestamps=yes",
     {{0, "connect; < SA 0 ack 1 mss 1460 ts 1 ecr 0; send 2000", "S 0, A 1 ack 1, A 1(1448) ack 1", "connected", NULL},
      {SEC(14), "", "@1000ms A 1(1448) ack 1, @3000ms A 1(1448) ack 1, @7000ms A 1(1448) ack 1", "", NULL},
      {SEC(16), "", "@15000ms A 1(1024) ack 1", "", NULL}}},
    {"... that nobody looks for", "",
     {{0, OPEN, SIZES, "connected", NULL},
      {SEC(14), "", "@1000ms A 1(1460) ack 1, @3000ms A 1(1460) ack 1, @7000ms A 1(1460) ack 1", "", NULL},
      {SEC(16), "", "@15000ms A 1(1460) ack 1", "", NULL}}},
};
/* clang-format on */

static void paths(void **state)
{
    for (const struct play *p = plays; p < plays + ARRAY_LEN(plays); p++)
        puppet_play(p, 1000, 5000);
}

/* ---- many destinations, and IPv6 */

enum { HERE = 0x0a000001, FAR = 0xc0000200, DESTINATIONS = 200, PORT = 4000 };

struct sender {
    struct tcp_user user; /* first */
    struct sim *sim;
    struct tcp_stack *stack;
    struct tcp_account account;
    uint32_t last_seq, last_len;
};

static void on_output(void *ctx, struct packet *p)
{
    struct sender *s = ctx;
    s->last_seq = p->seq;
    s->last_len = p->len;
    packet_free(s->sim, p);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

static struct sender *sender_new(void)
{
    struct tcp_params params;
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct sender *s = sim_alloc(sim, sizeof *s);
    assert_int_equal(tcp_params_init(&params, "rfc9293"), 0);
    s->sim = sim;
    tcp_account_init(&s->account, 0);
    s->user = (struct tcp_user){.on_event = on_event, .account = &s->account};
    s->stack =
        tcp_stack_new(sim, sim_subject(sim, "host", "here"), ip4(HERE), &params, on_output, s);
    return s;
}

static void sender_free(struct sender *s)
{
    tcp_stack_finish(s->stack);
    check_eq("packets", s->sim->live_packets, 0);
    sim_free(s->sim);
}

/* A connection that has sent a full segment, of what the peer takes: 1460. */
static struct tcp *open_to(struct sender *s, ip_addr to)
{
    static const uint8_t mss[] = {2, 4, 1460 / 256, 1460 % 256};
    struct tcp *t;
    assert_int_equal(tcp_connect(s->stack, (struct tcp_addr){to, 80}, PORT, &s->user, &t), 0);
    struct packet *p = packet_new(s->sim, 44);
    p->proto = PROTO_TCP;
    p->src = to;
    p->dst = tcp_local(t).ip;
    p->sport = 80;
    p->dport = PORT;
    p->flags = TCP_SYN | TCP_ACK;
    p->ack = s->last_seq + 1;
    p->win = 65535;
    packet_set_options(s->sim, p, mss, sizeof mss);
    tcp_input(s->stack, p);
    check_true("sent", tcp_send(t, 1460) > 0);
    return t;
}

static bool tell(struct sender *s, const struct tcp *t, uint32_t mtu)
{
    const struct icmp_error e = {.type = ICMP_UNREACHABLE,
                                 .code = ICMP_TOO_BIG,
                                 .proto = PROTO_TCP,
                                 .src = tcp_local(t).ip,
                                 .dst = tcp_remote(t).ip,
                                 .sport = PORT,
                                 .dport = 80,
                                 .seq = s->last_seq,
                                 .mtu = mtu,
                                 .bytes = 1500};
    return tcp_icmp(s->stack, &e) != 0;
}

/* Each is told of its own MTU, one a second, and forgotten 600 s later. */
static void every_destination_has_its_own(void **state)
{
    struct sender *s = sender_new();
    for (uint32_t i = 0; i < DESTINATIONS; i++) {
        sim_run_until(s->sim, SEC(i));
        struct tcp *t = open_to(s, ip4(FAR + i));
        check_true("taken", tell(s, t, 1000 + i));
        tcp_abort(t);
    }
    for (uint32_t at = 599; at < 602 + DESTINATIONS; at++) {
        sim_run_until(s->sim, SEC(at));
        for (uint32_t i = 0; i <= DESTINATIONS; i++)
            check_eq("MTU", tcp_path_mtu(s->stack, ip4(FAR + i)),
                     i < DESTINATIONS && at < 600 + i ? 1000 + i : UINT32_MAX);
    }
    sender_free(s);
}

static void a_flush_forgets_all(void **state)
{
    struct sender *s = sender_new();
    struct tcp *t = open_to(s, ip4(FAR));
    check_true("taken", tell(s, t, 1000));
    tcp_paths_flush(s->stack);
    check_eq("MTU", tcp_path_mtu(s->stack, ip4(FAR)), UINT32_MAX);
    tcp_abort(t);
    t = open_to(s, ip4(FAR));
    check_eq("a full segment", s->last_len, 1460);
    tcp_abort(t);
    sender_free(s);
}

/* RFC 8201 §4: none is below 1280. Headers are 60 bytes, and the MSS 1440 of what this end
 * takes bounds what it sends. */
static void ipv6_has_a_least_mtu(void **state)
{
    struct sender *s = sender_new();
    const struct key_address there = {
        .high = {0x20010db8, 0, 0}, .low = 1, .prefix_bits = 128, .is_ipv6 = true};
    struct tcp *t = open_to(s, address_intern(s->sim, there));
    check_eq("so much left", s->last_len, 1440);
    check_true("1279 is not believed", !tell(s, t, 1279));
    check_true("1280 is", tell(s, t, 1280));
    check_eq("what was behind 1220", s->last_len, 220);
    tcp_abort(t);
    sender_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(every_destination_has_its_own),
        cmocka_unit_test(a_flush_forgets_all),
        cmocka_unit_test(ipv6_has_a_least_mtu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
