/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/host.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "models/tcp/icmp.h"
#include "models/tcp/look.h"
#include "models/tcp/ports.h"
#include "sim/address.h"

enum { HOST_TTL = 64 }; /* RFC 1700, "IP time to live parameter" */

/* Offsets are from the start of struct crash_params. */
#define AT(field) offsetof(struct crash_params, field)
static const struct key CRASH_KEYS[] = {
    {
        .name = "at",
        .kind = KEY_QUANTITY,
        .offset = AT(at),
        .default_text = "never",
        .unit = UNIT_TIME,
        .min = 1,
        .max = SIM_NEVER,
        .help = "when it fails: connections, listeners and applications are gone without a "
                "packet",
    },
    {
        .name = "reboot_after",
        .kind = KEY_QUANTITY,
        .offset = AT(reboot_after),
        .default_text = "never",
        .unit = UNIT_TIME,
        .max = SIM_NEVER,
        .help = "how long it drops all that comes; then it answers again, and its applications "
                "start anew",
    },
    {
        .name = "quiet_time",
        .kind = KEY_QUANTITY,
        .offset = AT(quiet_time),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .max = SIM_NEVER,
        .help = "how much later they do; by RFC 9293 §3.4.3 an MSL, so that no old segment is "
                "left",
    },
    {0},
};
#undef AT

#define AT(field) offsetof(struct host_params, field)
const struct key HOST_KEYS[] = {
    {
        .name = "addresses",
        .kind = KEY_ADDRESSES,
        .offset = AT(addresses),
        .default_text = "",
        .help = "addresses and prefixes that it owns, all of them; it sends from the first. "
                "Left out: one by its place among the hosts, of 10.0.0.0/8, or of fd00::/64 by "
                "`ip: 6`",
    },
    {
        .name = "ttl",
        .kind = KEY_QUANTITY,
        .offset = AT(ttl),
        .default_text = "64",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = UINT8_MAX,
        .help = "time to live of what it sends: routers on the way, and one more",
    },
    {
        .name = "icmp",
        .kind = KEY_BOOL,
        .offset = AT(icmp),
        .default_text = "yes",
        .help = "whether it answers 'port unreachable' where nobody listens (UDP)",
    },
    {
        .name = "crash",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = CRASH_KEYS,
        .sub_at = AT(crash),
        .help = "it fails, once, and may come back",
    },
    {0},
};
#undef AT

/* An int64_t of the ports of its TCP. */
static struct value port_count(const struct sim *sim, const void *subject,
                               const struct metric *m)
{
    const struct host *h = subject;
    int64_t n;
    memcpy(&n, (const char *)tcp_ports_of(h->tcp) + m->arg, sizeof n);
    return n == SIM_NEVER ? (struct value){.kind = VALUE_NONE}
                          : (struct value){.kind = VALUE_INT, .num = n};
}

static struct value stray_resets(const struct sim *sim, const void *subject,
                                 const struct metric *m)
{
    const struct tcp_account *nobody = tcp_nobody(((const struct host *)subject)->tcp);
    return (struct value){.kind = VALUE_INT, .num = nobody->resets_sent, .den = 1};
}

static void add_held(void *ctx, const struct tcp_socket *k)
{
    if (k->t != NULL)
        *(int64_t *)ctx += tcp_memory_of(k->t).received;
}

static struct value held_bytes(const struct sim *sim, const void *subject,
                               const struct metric *m)
{
    struct value v = {.kind = VALUE_INT, .num = 0, .den = 1};
    tcp_look(((const struct host *)subject)->tcp, add_held, &v.num);
    return v;
}

#define AT(field) offsetof(struct host, field)
const struct metric HOST_METRICS[] = {
    {
        .name = "sent",
        .unit = UNIT_COUNT,
        .offset = AT(n_sent),
        .help = "packets that it sent",
    },
    {
        .name = "received",
        .unit = UNIT_COUNT,
        .offset = AT(n_received),
        .help = "packets that came by its links",
    },
    {
        .name = "down_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_down_drops),
        .help = "packets that came while it had failed",
    },
    {
        .name = "misdirected",
        .unit = UNIT_COUNT,
        .offset = AT(n_misdirected),
        .help = "packets dropped because it does not own their destination",
    },
    {
        .name = "no_listener",
        .unit = UNIT_COUNT,
        .offset = AT(n_no_listener),
        .help = "packets dropped because nothing on it takes them",
    },
    {
        .name = "checksum_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_checksum_drops),
        .help = "packets dropped because they were corrupted on the way",
    },
    {
        .name = "no_route",
        .unit = UNIT_COUNT,
        .offset = AT(n_no_route),
        .help = "packets of its own dropped for want of a route",
    },
    {
        .name = "icmp_sent",
        .unit = UNIT_COUNT,
        .offset = AT(icmp.n_sent),
        .help = "ICMP messages that it sent",
    },
    {
        .name = "icmp_received",
        .unit = UNIT_COUNT,
        .offset = AT(n_icmp_received),
        .help = "ICMP messages that reached it",
    },
    {
        .name = "resets_sent",
        .unit = UNIT_COUNT,
        .get = stray_resets,
        .help =
            "resets for segments that were for no connection and no listener of an application",
    },
    {
        .name = "held_bytes",
        .unit = UNIT_BYTES,
        .get = held_bytes,
        .help = "payload in its receive queues, now: at the end of the run or of a sample",
    },
    {
        .name = "ports_in_use",
        .unit = UNIT_COUNT,
        .get = port_count,
        .arg = offsetof(struct tcp_ports, in_use.n),
        .help = "local ports of TCP with an owner: a bound socket, a listener, a connection "
                "until the end of TIME-WAIT",
    },
    {
        .name = "ports_in_use_max",
        .unit = UNIT_COUNT,
        .get = port_count,
        .arg = offsetof(struct tcp_ports, in_use.max),
        .help = "the most of these at a time",
    },
    {
        .name = "no_port",
        .unit = UNIT_COUNT,
        .get = port_count,
        .arg = offsetof(struct tcp_ports, n_exhausted),
        .help = "calls that found no ephemeral port: connect() gave EADDRNOTAVAIL, bind() "
                "EADDRINUSE",
    },
    {
        .name = "no_port_at",
        .unit = UNIT_TIME,
        .get = port_count,
        .arg = offsetof(struct tcp_ports, exhausted_at),
        .help = "when the first of them was made",
    },
    {0},
};
#undef AT

struct host_params host_defaults(void)
{
    return (struct host_params){.ttl = HOST_TTL, .icmp = true};
}

struct key_address host_address(const struct host_params *params, struct key_address otherwise)
{
    const struct key_address *first = params->addresses.items;
    if (params->addresses.n == 0)
        return otherwise;
    return address_plus(*first, first->prefix_bits + 1u < address_bits(*first));
}

bool host_owns(const struct host *h, ip_addr addr)
{
    bool owns = ip_eq(addr, h->addr);
    for (int i = 0; i < h->n_addresses && !owns; i++)
        owns = address_has(h->sim, h->addresses[i], addr);
    return owns;
}

static void host_recv_down(struct sink *sink, struct packet *p);

static void discard(struct host *h, struct packet *p, const char *cause, int64_t *count)
{
    (*count)++;
    segment_emit(h->sim, SEG_DROP, h->subject, p, cause);
    packet_free(h->sim, p);
}

void host_send(struct host *h, struct packet *p)
{
    struct link *via = h->out != NULL ? h->out : route_via(&h->routes, p->dst);
    h->n_sent++;
    if (__builtin_expect(via == NULL, 0))
        discard(h, p, "no route", &h->n_no_route);
    else
        link_send(via, p);
}

/* Whether a packet for dst never leaves the host. */
static inline bool stays(const struct host *h, ip_addr dst)
{
    return ip_eq(dst, h->addr) || loopback_is(dst) || (h->n_addresses > 0 && host_owns(h, dst));
}

static void host_output(void *ctx, struct packet *p)
{
    struct host *h = ctx;
    p->ttl = p->ttl != 0 ? p->ttl : h->ttl;
    if (__builtin_expect(stays(h, p->dst), 0))
        loopback_send(&h->loopback, p);
    else
        host_send(h, p);
}

/* ---- what its TCP asks */

static bool network_owns(void *ctx, ip_addr addr)
{
    return stays(ctx, addr);
}

static bool leads_somewhere(const struct host *h, ip_addr to)
{
    const struct route_entry *e = h->out == NULL ? route_table_find(&h->routes, to) : NULL;
    return h->out != NULL || (e != NULL && e->via != NULL);
}

/* An address of its own of the same version as `to`; false: it has none. */
static bool address_like(const struct host *h, ip_addr to, ip_addr *from)
{
    const bool is_ipv6 = address_is_ipv6(to);
    *from = h->addr;
    for (int i = 0; i < h->n_addresses && address_is_ipv6(*from) != is_ipv6; i++)
        *from = address_intern(h->sim, h->addresses[i]);
    return address_is_ipv6(*from) == is_ipv6;
}

static int network_route(void *ctx, ip_addr to, ip_addr *from)
{
    const struct host *h = ctx;
    if (loopback_is(to))
        *from = ip4(INADDR_LOOPBACK);
    else if (stays(h, to))
        *from = to;
    else if (!leads_somewhere(h, to) || !address_like(h, to, from))
        return -ENETUNREACH;
    return 0;
}

static uint32_t network_mtu(void *ctx, ip_addr to)
{
    const struct host *h = ctx;
    const struct link *via = h->out != NULL ? h->out : route_via(&h->routes, to);
    return via != NULL && !stays(h, to) ? via->mtu : UINT32_MAX;
}

void host_unreachable(struct host *h, struct packet *p, uint8_t code)
{
    const struct packet about = *p; /* the quote needs no options */
    discard(h, p, "no listener", &h->n_no_listener);
    struct packet *message =
        icmp_about(h->sim, &h->icmp, &about, about.dst, ICMP_UNREACHABLE, code);
    if (message != NULL)
        host_output(h, message);
}

/* ---- what comes in */

/* A record may keep the text's address (record.h), so it lies in the arena, until the end of
 * the run. */
static void record_icmp(struct host *h, const struct packet *p, const struct icmp_error *e,
                        uint32_t conn)
{
    char dst[ADDRESS_TEXT_BYTES], from[ADDRESS_TEXT_BYTES], text[192];
    if (!sim_listens(h->sim, REC_TYPE_EVENT.level))
        return;
    address_text(h->sim, e->dst, dst, sizeof(dst));
    address_text(h->sim, p->src, from, sizeof(from));
    const int n =
        snprintf(text, sizeof(text), "%s: %s, says %s", dst, icmp_name(e->type, e->code), from);
    const size_t bytes = (size_t)n + 1;
    sim_event(h->sim, h->subject, conn, "icmp", memcpy(sim_alloc(h->sim, bytes), text, bytes));
}

/* Told to the transport whose packet is quoted: RFC 1122 §3.2.2. */
static bool take_icmp(struct host *h, struct packet *p)
{
    struct icmp_error e;
    uint32_t conn = 0;
    if (!icmp_read(h->sim, p, &e))
        return false;
    h->n_icmp_received++;
    if (e.proto == PROTO_TCP)
        conn = p->injected_by != 0 ? tcp_icmp_forged(h->tcp, &e, p) : tcp_icmp(h->tcp, &e);
    record_icmp(h, p, &e, conn);
    if (e.proto == PROTO_UDP)
        udp_on_unreachable(h->udp, e.sport, icmp_errno(&e));
    packet_free(h->sim, p);
    return true;
}

static void recv_datagram(struct host *h, struct packet *p)
{
    if (!udp_input(h->udp, p))
        host_unreachable(h, p, ICMP_PORT_UNREACHABLE);
}

/* What is not a whole TCP segment for the first address. */
static __attribute__((noinline)) void recv_other(struct host *h, struct packet *p)
{
    if (!host_owns(h, p->dst))
        discard(h, p, "not for me", &h->n_misdirected);
    else if ((p->marks & PACKET_CORRUPT) != 0)
        discard(h, p, "checksum", &h->n_checksum_drops);
    else if (p->proto == PROTO_TCP)
        tcp_input(h->tcp, p);
    else if (p->proto == PROTO_UDP)
        recv_datagram(h, p);
    else if (!(icmp_is(p) && take_icmp(h, p)))
        host_unreachable(h, p, ICMP_PROTOCOL_UNREACHABLE);
}

/* It is for the host, and whole. */
static void recv_own(struct loopback *l, struct packet *p)
{
    struct host *h = CONTAINER_OF(l, struct host, loopback);
    if (h->sink.recv == host_recv_down)
        discard(h, p, "down", &h->n_down_drops);
    else if (p->proto == PROTO_TCP)
        tcp_input(h->tcp, p);
    else if (p->proto == PROTO_UDP)
        recv_datagram(h, p);
    else if (!(icmp_is(p) && take_icmp(h, p)))
        discard(h, p, "no listener", &h->n_no_listener);
}

static void host_recv(struct sink *sink, struct packet *p)
{
    struct host *h = CONTAINER_OF(sink, struct host, sink);
    h->n_received++;
    if (ip_eq(p->dst, h->addr) && p->proto == PROTO_TCP && (p->marks & PACKET_CORRUPT) == 0)
        tcp_input(h->tcp, p);
    else
        recv_other(h, p);
}

static void host_recv_down(struct sink *sink, struct packet *p)
{
    struct host *h = CONTAINER_OF(sink, struct host, sink);
    h->n_received++;
    discard(h, p, "down", &h->n_down_drops);
}

void host_crash(struct host *h)
{
    tcp_stack_crash(h->tcp);
    udp_stack_crash(h->udp);
    h->sink.recv = host_recv_down;
}

void host_reboot(struct host *h)
{
    h->sink.recv = host_recv;
}

void host_init(struct host *h, struct sim *sim, const char *name, ip_addr addr,
               const struct tcp_params *tcp)
{
    const struct host_params params = host_defaults();
    *h = (struct host){.sink = {host_recv}, .sim = sim, .addr = addr};
    h->subject = sim_subject(sim, "host", name);
    route_table_init(&h->routes, sim);
    host_configure(h, &params);
    loopback_init(&h->loopback, sim, h->subject, recv_own);
    h->tcp = tcp_stack_new(sim, h->subject, addr, tcp, host_output, h);
    tcp_stack_ask(h->tcp, &(struct tcp_network){network_route, network_owns, network_mtu});
    h->udp = udp_stack_new(sim, addr, host_output, h);
}

void host_configure(struct host *h, const struct host_params *params)
{
    h->ttl = (uint8_t)(params->ttl != 0 ? params->ttl : HOST_TTL);
    h->icmp.on = params->icmp;
    h->crash = params->crash;
    h->addresses = params->addresses.items;
    h->n_addresses = params->addresses.n;
    sim_assert(h->sim, h->n_addresses == 0 || host_owns(h, h->addr));
}

void host_drain(struct host *h)
{
    loopback_drain(&h->loopback);
}

void host_warm_up(struct host *h)
{
    tcp_stack_warm_up(h->tcp);
    h->n_received = h->n_sent = h->n_misdirected = h->n_no_listener = 0;
    h->n_down_drops = 0;
    h->n_checksum_drops = h->n_no_route = h->n_icmp_received = h->icmp.n_sent = 0;
}
