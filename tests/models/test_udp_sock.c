/* SPDX-License-Identifier: GPL-3.0-or-later
 * A UDP socket as a program has it: udp(7), ip(7); errno by Linux's icmp_err_convert.
 */
#include "models/udp_sock.h"

#include <errno.h>
#include <poll.h>

#include "sim/address.h"
#include "tests/check.h"

enum { LOCAL = 0x0a000001, PEER = 0x0a000002, MTU = 1500 };

struct world {
    struct sim *sim;
    struct udp_stack *udp;
    struct udp_sock k;
    uint32_t sent_bytes; /* of the latest packet, headers and all */
    int n_sent;
};

static void output(void *ctx, struct packet *p)
{
    struct world *w = ctx;
    w->sent_bytes = p->bytes;
    w->n_sent++;
    packet_free(w->sim, p);
}

static const struct tcp_addr peer = {{0, PEER}, 53};

static void world_new(struct world *w, bool connected)
{
    const struct sim_params seed = {.seed = 1};
    *w = (struct world){.sim = sim_new(&seed)};
    assert_non_null(w->sim);
    w->udp = udp_stack_new(w->sim, ip4(LOCAL), output, w);
    udp_sock_init(&w->k, w->sim, w->udp, MTU);
    if (connected)
        check_eq("connect", udp_sock_connect(&w->k, peer), 0);
}

static void world_end(struct world *w)
{
    udp_sock_close(&w->k);
    sim_free(w->sim);
}

static void arrive(struct world *w, uint32_t from, uint32_t bytes)
{
    struct packet *p = packet_new(w->sim, IP4_HEADER_BYTES + UDP_HEADER_BYTES + bytes);
    p->proto = PROTO_UDP;
    p->src = ip4(from);
    p->dst = ip4(LOCAL);
    p->sport = peer.port;
    p->dport = udp_port(w->k.socket);
    p->len = bytes;
    check_true("somebody is there", udp_input(w->udp, p));
}

static void message(struct world *w, uint8_t type, uint8_t code, uint32_t mtu)
{
    const struct icmp_error e = {.type = type,
                                 .code = code,
                                 .proto = PROTO_UDP,
                                 .src = ip4(LOCAL),
                                 .dst = peer.ip,
                                 .sport = udp_port(w->k.socket),
                                 .dport = peer.port,
                                 .mtu = mtu,
                                 .bytes = MTU};
    udp_sock_icmp(&w->k, &e);
}

/* What a socket is told of a message, by SO_ERROR: connected, with IP_RECVERR and without a
 * peer, with both and with neither. */
static void errors(void **unused)
{
    static const struct {
        const char *story;
        uint8_t type, code;
        int connected, asked;
    } ROWS[] = {
        {"net", 3, 0, 0, ENETUNREACH},
        {"host", 3, 1, 0, EHOSTUNREACH},
        {"protocol", 3, 2, ENOPROTOOPT, ENOPROTOOPT},
        {"port", 3, 3, ECONNREFUSED, ECONNREFUSED},
        {"too big", 3, 4, EMSGSIZE, EMSGSIZE},
        {"source route", 3, 5, 0, EOPNOTSUPP},
        {"host unknown", 3, 7, EHOSTDOWN, EHOSTDOWN},
        {"prohibited", 3, 13, EHOSTUNREACH, EHOSTUNREACH},
        {"for this TOS", 3, 11, 0, ENETUNREACH},
        {"time exceeded", 11, 0, 0, EHOSTUNREACH},
        {"parameter problem", 12, 0, EPROTO, EPROTO},
        {"source quench", 4, 0, 0, 0},
    };
    for (size_t i = 0; i < 4 * ARRAY_LEN(ROWS); i++) {
        const size_t row = i / 4;
        const bool connected = (i & 1) != 0, asked = (i & 2) != 0;
        struct world w;
        world_new(&w, connected);
        w.k.recverr = asked;
        check_eq("a port", udp_sock_send(&w.k, &peer, 5), 5);
        message(&w, ROWS[row].type, ROWS[row].code, 1300);
        check_eq(ROWS[row].story, udp_sock_error(&w.k),
                 asked       ? ROWS[row].asked
                 : connected ? ROWS[row].connected
                             : 0);
        check_eq("only once", udp_sock_error(&w.k), 0);
        world_end(&w);
    }
}

/* RFC 1191: 20 + 8 bytes of headers; Linux believes no less than 552. */
static void sizes(void **unused)
{
    struct world w;
    struct udp_report report;
    world_new(&w, true);
    check_true("in pieces", udp_sock_fragments(&w.k, peer.ip, 1473));
    check_true("as it is", !udp_sock_fragments(&w.k, peer.ip, 1472));
    w.k.mtu_discover = UDP_PMTUDISC_DO;
    check_eq("too large", udp_sock_send(&w.k, NULL, 1473), -EMSGSIZE);
    check_eq("nobody asked", udp_sock_report(&w.k, &report), -EAGAIN);
    check_eq("it fits", udp_sock_send(&w.k, NULL, 1472), 1472);
    check_eq("with headers", w.sent_bytes, MTU);
    message(&w, ICMP_UNREACHABLE, ICMP_TOO_BIG, 1000);
    check_eq("told first", udp_sock_send(&w.k, NULL, 5), -EMSGSIZE);
    check_eq("the path's", udp_sock_send(&w.k, NULL, 973), -EMSGSIZE);
    check_eq("fits the path", udp_sock_send(&w.k, NULL, 972), 972);
    message(&w, ICMP_UNREACHABLE, ICMP_TOO_BIG, 1200);
    check_eq("not larger", w.k.mtu, 1000);
    message(&w, ICMP_UNREACHABLE, ICMP_TOO_BIG, 68);
    check_eq("not that small", w.k.mtu, 552);
    check_eq("beyond UDP", udp_sock_send(&w.k, NULL, 65536), -EMSGSIZE);
    check_eq("only what fits has left", w.n_sent, 2);
    world_end(&w);
}

static void reading(void **unused)
{
    struct world w;
    struct udp_waiting d;
    world_new(&w, true);
    check_eq("nothing", udp_sock_recv(&w.k, false, &d), -EAGAIN);
    check_true("not readable", (udp_sock_poll(&w.k) & (POLLIN | POLLERR)) == 0);
    arrive(&w, PEER + 1, 9); /* of another host: not for a connected socket */
    check_eq("still nothing", udp_sock_recv(&w.k, false, &d), -EAGAIN);
    arrive(&w, PEER, 5);
    arrive(&w, PEER, 0);
    check_true("readable", (udp_sock_poll(&w.k) & POLLIN) != 0);
    check_eq("a look", udp_sock_recv(&w.k, true, &d), 0);
    check_eq("a look's", d.bytes, 5);
    check_eq("the first", udp_sock_recv(&w.k, false, &d), 0);
    check_eq("the first's", d.bytes, 5);
    check_eq("the second, empty", udp_sock_recv(&w.k, false, &d), 0);
    check_eq("the second's", d.bytes, 0);
    message(&w, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, 0);
    check_true("an error", (udp_sock_poll(&w.k) & POLLERR) != 0);
    arrive(&w, PEER, 7);
    check_eq("the error first", udp_sock_recv(&w.k, false, &d), -ECONNREFUSED);
    check_eq("then what came", udp_sock_recv(&w.k, false, &d), 0);
    world_end(&w);
}

/* AF_UNSPEC gives back what connect() took, and not what bind() was asked for. */
static void ports(void **unused)
{
    struct world w;
    world_new(&w, true);
    check_true("one was chosen", udp_port(w.k.socket) >= 32768);
    udp_sock_disconnect(&w.k);
    check_true("and given back", w.k.socket == NULL);
    check_eq("nobody to send to", udp_sock_send(&w.k, NULL, 5), -EDESTADDRREQ);
    check_eq("bind", udp_sock_bind(&w.k, 53), 0);
    check_eq("twice", udp_sock_bind(&w.k, 54), -EINVAL);
    check_eq("connect", udp_sock_connect(&w.k, peer), 0);
    udp_sock_disconnect(&w.k);
    check_eq("kept", udp_port(w.k.socket), 53);
    check_eq("port 0", udp_sock_send(&w.k, &(struct tcp_addr){peer.ip, 0}, 5), -EINVAL);
    check_eq("no peer", udp_sock_shutdown(&w.k, false, true), -ENOTCONN);
    check_eq("shut", udp_sock_send(&w.k, &peer, 5), -EPIPE);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors),
        cmocka_unit_test(sizes),
        cmocka_unit_test(reading),
        cmocka_unit_test(ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
