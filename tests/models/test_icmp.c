/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/icmp.h"

#include "tests/check.h"

enum { CLIENT = 0x0a000001, SERVER = 0x0a000002, ROUTER = 0xac100001 };

static struct packet *packet(struct sim *sim, uint8_t proto, uint32_t src, uint32_t dst)
{
    struct packet *p = packet_new(sim, 60);
    p->proto = proto;
    p->src = ip4(src);
    p->dst = ip4(dst);
    p->sport = 40001;
    p->dport = 80;
    p->seq = 0x01020304;
    p->ttl = 1;
    return p;
}

/* RFC 792, p. 6, and RFC 791 §3.1, written out by hand. Checksums, too: header 0x4500 + 0x003c
 * + 0x4000 + 0x0106 + 0x0a00 + 0x0001 + 0x0a00 + 0x0002 = 0x9a45, its complement 0x65ba; the
 * message's words 0x0b00, and the header with its checksum (which add up to 0xffff), 0x9c41 +
 * 0x0050 + 0x0102 + 0x0304: 0x0b00 + 0x9c41 + 0x0050 + 0x0102 + 0x0304 = 0xab97, complement
 * 0x5468. */
static void the_wire_form_is_that_of_rfc_792(void **state)
{
    static const uint8_t want[ICMP_BYTES] = {
        11,   0, 0x54, 0x68, 0,    0,    0,    0,  /* time exceeded in transit */
        0x45, 0, 0,    60,   0,    0,    0x40, 0,  /* version, length, DF */
        1,    6, 0x65, 0xba, 10,   0,    0,    1,  /* TTL, TCP, checksum, source */
        10,   0, 0,    2,    0x9c, 0x41, 0,    80, /* destination, ports */
        1,    2, 3,    4,                          /* sequence number */
    };
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct icmp_source source = {.on = true};
    struct packet *p = packet(sim, PROTO_TCP, CLIENT, SERVER);
    struct packet *m = icmp_about(sim, &source, p, ip4(ROUTER), ICMP_TIME_EXCEEDED, 0);
    struct icmp_error e;
    check_eq("length", m->options_len, ICMP_BYTES);
    for (int i = 0; i < ICMP_BYTES; i++)
        check_eq("byte", packet_options(sim, m)[i], want[i]);
    check_eq("with the IP header", m->bytes, 56);
    check_eq("protocol", m->proto, PROTO_ICMP);
    check_eq("from", m->src.low, ROUTER);
    check_eq("to", m->dst.low, CLIENT);
    check_true("it is read", icmp_read(sim, m, &e));
    check_eq("type", e.type, ICMP_TIME_EXCEEDED);
    check_eq("code", e.code, 0);
    check_eq("quoted protocol", e.proto, PROTO_TCP);
    check_eq("quoted source", e.src.low, CLIENT);
    check_eq("quoted destination", e.dst.low, SERVER);
    check_eq("quoted source port", e.sport, 40001);
    check_eq("quoted port", e.dport, 80);
    check_eq("quoted sequence number", e.seq, 0x01020304);
    check_true("a TCP segment is no message", !icmp_read(sim, p, &e));
    packet_free(sim, p);
    packet_free(sim, m);
    sim_free(sim);
}

static void udp_is_quoted_with_its_length(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct icmp_source source = {.on = true};
    struct packet *p = packet(sim, PROTO_UDP, CLIENT, SERVER);
    struct packet *m =
        icmp_about(sim, &source, p, ip4(SERVER), ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE);
    const uint8_t *bytes = packet_options(sim, m);
    check_eq("60 bytes less the IP header", bytes[32] << 8 | bytes[33], 40);
    check_eq("no checksum", bytes[34] << 8 | bytes[35], 0);
    packet_free(sim, p);
    packet_free(sim, m);
    sim_free(sim);
}

/* RFC 1122 §3.2.2. */
static const struct row {
    const char *story;
    bool on;
    uint8_t proto;
    uint32_t src, dst;
    bool sent;
} rows[] = {
    {"a segment", true, PROTO_TCP, CLIENT, SERVER, true},
    {"a datagram", true, PROTO_UDP, CLIENT, SERVER, true},
    {"a source that is off", false, PROTO_TCP, CLIENT, SERVER, false},
    {"an ICMP error", true, PROTO_ICMP, CLIENT, SERVER, false},
    {"from 0.0.0.0", true, PROTO_TCP, 0, SERVER, false},
    {"from a group", true, PROTO_TCP, 0xe0000001, SERVER, false},
    {"from itself", true, PROTO_TCP, 0x7f000001, SERVER, false},
    {"to a group", true, PROTO_TCP, CLIENT, 0xe0000001, false},
    {"to all", true, PROTO_TCP, CLIENT, 0xffffffff, false},
    {"the last address below the groups", true, PROTO_TCP, 0xdfffffff, SERVER, true},
};

static void not_everything_is_told(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct icmp_source source = {.on = r->on};
        struct packet *p = packet(sim, r->proto, r->src, r->dst);
        struct packet *m = icmp_about(sim, &source, p, ip4(ROUTER), ICMP_UNREACHABLE, 0);
        check_eq(r->story, m != NULL, r->sent);
        check_eq(r->story, source.n_sent, r->sent);
        packet_free(sim, p);
        if (m != NULL)
            packet_free(sim, m);
        check_eq(r->story, sim->live_packets, 0);
        sim_free(sim);
    }
}

/* Asked every 10 ms with a wait of 25 ms: at 0, 30, 60, 90. */
static void messages_keep_their_distance(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct icmp_source source = {.on = true, .wait = MS(25)};
    struct packet *p = packet(sim, PROTO_TCP, CLIENT, SERVER);
    for (int ms = 0; ms < 100; ms += 10) {
        sim_run_until(sim, MS(ms));
        struct packet *m = icmp_about(sim, &source, p, ip4(ROUTER), ICMP_UNREACHABLE, 0);
        check_eq("told", m != NULL, ms % 30 == 0);
        if (m != NULL)
            packet_free(sim, m);
    }
    check_eq("four", source.n_sent, 4);
    packet_free(sim, p);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wire_form_is_that_of_rfc_792),
        cmocka_unit_test(udp_is_quoted_with_its_length),
        cmocka_unit_test(not_everything_is_told),
        cmocka_unit_test(messages_keep_their_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
