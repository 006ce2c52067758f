/* SPDX-License-Identifier: GPL-3.0-or-later
 * Packets that no endpoint of ours would send, against a script: what the script cannot write
 * down must be right too, and our initial number is learnt once.
 */
#include "tests/check.h"

#include "drill/inside.h"

enum { PEER_PORT = 40001, ISN = 1000, MAX_LIVE = 2 };
enum { LOCAL = 0xc0a80001, ELSEWHERE = 0x0a000001 };

/* A packet as it leaves; 100 bytes of payload are 140 in all. */
struct live {
    uint16_t flags;
    uint32_t seq, ack, len, offset, bytes, src;
    uint8_t proto;
    uint16_t sport;
    uint8_t stamp; /* TS val; 0: no option */
};

struct row {
    const char *story;
    enum flow_state state;
    const char *script; /* an expected packet for each line */
    struct live live[MAX_LIVE];
    const char *text; /* "": passes */
};

static void send_out(struct drill_run *r, const struct live *x)
{
    const uint8_t stamp[] = {1, 1, 8, 10, 0, 0, 0, x->stamp, 0, 0, 0, 6};
    struct packet *p = packet_new(r->sim, x->bytes);
    p->src = ip4(x->src);
    p->dst = r->config.remote;
    p->proto = x->proto;
    p->sport = x->sport;
    p->dport = PEER_PORT;
    p->flags = x->flags;
    p->seq = x->seq;
    p->ack = x->ack;
    p->len = x->len;
    p->offset = x->offset;
    if (x->stamp != 0)
        packet_set_options(r->sim, p, stamp, sizeof stamp);
    drill_wire_output(r, p);
}

static void check_row(const struct row *row)
{
    const struct sim_params seed = {.seed = 1};
    const struct drill_options options = {.profile = "rfc9293"};
    const char *lacks;
    struct err e = {0};
    struct drill_verdict v = {.outcome = DRILL_PASS};
    struct drill_run r = {.options = &options, .verdict = &v, .sim = sim_new(&seed)};
    struct drill_script *s =
        drill_script_parse("test.pkt", row->script, strlen(row->script), NULL, 0, &e);
    assert_non_null(s);
    assert_non_null(r.sim);
    assert_int_equal(drill_config_read(&r.config, NULL, 0, NULL, 0, &lacks, &e), 0);
    r.config.local = ip4(r.config.local_given.low);
    r.config.remote = ip4(r.config.remote_given.low);
    struct drill_flow *f = drill_flow_new(&r, row->state);
    f->local_port = 8080;
    f->remote_port = PEER_PORT;
    f->local_isn = row->state == FLOW_OPEN ? ISN : 0;
    for (int i = 0; i < MAX_LIVE && row->live[i].bytes > 0; i++)
        send_out(&r, &row->live[i]);
    for (int i = 0; i < s->n_events && !r.decided; i++) {
        r.event = &s->events[i];
        drill_expect(&r, s->events[i].packet);
    }
    check_str(row->story, v.text, row->text);
    check_eq(row->story, v.outcome, row->text[0] != '\0' ? DRILL_FAIL : DRILL_PASS);
    drill_script_free(s);
    sim_free(r.sim);
}

static const char DATA[] = "0 > . 1:101(100) ack 1\n";
static const char BURST[] = "0 > . 1:201(200) ack 1 <nop,nop,TS val 5 ecr 6>\n";
static const char SYN_ACKS[] = "0 > S. 0:0(0) ack 1\n+0 > S. 0:0(0) ack 1\n";
static const char SYNS[] = "0 > S 0:0(0)\n+0 > S 0:0(0)\n";

/* clang-format off */
static const struct row ROWS[] = {
    {"as it should be", FLOW_OPEN, DATA, {{TCP_ACK, 1001, 1, 100, 0, 140, LOCAL, PROTO_TCP, 8080, 0}}, ""},
    {"another protocol", FLOW_OPEN, DATA, {{TCP_ACK, 1001, 1, 100, 0, 140, LOCAL, PROTO_UDP, 8080, 0}},
     "no packet was sent within 2 s after its time"},
    {"from somewhere else", FLOW_OPEN, DATA, {{TCP_ACK, 1001, 1, 100, 0, 140, ELSEWHERE, PROTO_TCP, 8080, 0}},
     "source address: expected 0xc0a80001, actual 0x0a000001"},
    {"a byte too many on the wire", FLOW_OPEN, DATA, {{TCP_ACK, 1001, 1, 100, 0, 141, LOCAL, PROTO_TCP, 8080, 0}},
     "total length: expected 140, actual 141"},
    {"bytes of another place in the stream", FLOW_OPEN, DATA, {{TCP_ACK, 1001, 1, 100, 7, 140, LOCAL, PROTO_TCP, 8080, 0}},
     "payload: expected the bytes from 0 on, actual from 7 on"},
    {"an acknowledgment number without ACK", FLOW_OPEN, "0 > R 1:1(0)\n", {{TCP_RST, 1001, 5, 0, 0, 40, LOCAL, PROTO_TCP, 8080, 0}},
     "ack: expected 0, actual 5"},
    {"parts with the same options", FLOW_OPEN, BURST,
     {{TCP_ACK, 1001, 1, 100, 0, 152, LOCAL, PROTO_TCP, 8080, 5}, {TCP_ACK, 1101, 1, 100, 100, 152, LOCAL, PROTO_TCP, 8080, 5}}, ""},
    {"parts with other bytes in them", FLOW_OPEN, BURST,
     {{TCP_ACK, 1001, 1, 100, 0, 152, LOCAL, PROTO_TCP, 8080, 5}, {TCP_ACK, 1101, 1, 100, 100, 152, LOCAL, PROTO_TCP, 8080, 6}},
     "a part of the expected packet differs from the part before it in its options"},
    {"the same SYN-ACK again", FLOW_PASSIVE, SYN_ACKS,
     {{TCP_SYN | TCP_ACK, 1000, 1, 0, 0, 40, LOCAL, PROTO_TCP, 8080, 0}, {TCP_SYN | TCP_ACK, 1000, 1, 0, 0, 40, LOCAL, PROTO_TCP, 8080, 0}}, ""},
    {"a SYN-ACK with another number", FLOW_PASSIVE, SYN_ACKS,
     {{TCP_SYN | TCP_ACK, 1000, 1, 0, 0, 40, LOCAL, PROTO_TCP, 8080, 0}, {TCP_SYN | TCP_ACK, 1001, 1, 0, 0, 40, LOCAL, PROTO_TCP, 8080, 0}},
     "seq: expected 0, actual 1"},
    {"the script's own number changes", FLOW_PASSIVE, "0 > S. 0:0(0) ack 1\n+0 > S. 7:7(0) ack 1\n",
     {{TCP_SYN | TCP_ACK, 1000, 1, 0, 0, 40, LOCAL, PROTO_TCP, 8080, 0}, {TCP_SYN | TCP_ACK, 1000, 1, 0, 0, 40, LOCAL, PROTO_TCP, 8080, 0}},
     "seq: expected 7, actual 0"},
    {"the same SYN again, from whatever port it has", FLOW_CONNECTING, SYNS,
     {{TCP_SYN, 1000, 0, 0, 0, 40, LOCAL, PROTO_TCP, 50000, 0}, {TCP_SYN, 1000, 0, 0, 0, 40, LOCAL, PROTO_TCP, 50000, 0}}, ""},
    {"a SYN with another number", FLOW_CONNECTING, SYNS,
     {{TCP_SYN, 1000, 0, 0, 0, 40, LOCAL, PROTO_TCP, 50000, 0}, {TCP_SYN, 1001, 0, 0, 0, 40, LOCAL, PROTO_TCP, 50000, 0}},
     "seq: expected 0, actual 1"},
    {"a SYN from another port is no repeat", FLOW_CONNECTING, SYNS,
     {{TCP_SYN, 1000, 0, 0, 0, 40, LOCAL, PROTO_TCP, 50000, 0}, {TCP_SYN, 1000, 0, 0, 0, 40, LOCAL, PROTO_TCP, 50001, 0}},
     "no packet was sent within 2 s after its time"},
};
/* clang-format on */

static void test_live_packets(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        check_row(&ROWS[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_live_packets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
