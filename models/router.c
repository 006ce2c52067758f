/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/router.h"

enum { ROUTER_TTL = 64 }; /* of its own messages; RFC 1700, "IP time to live parameter" */

#define AT(field) offsetof(struct router_params, field)
const struct key ROUTER_KEYS[] = {
    {
        .name = "icmp",
        .kind = KEY_BOOL,
        .offset = AT(icmp),
        .default_text = "yes",
        .help = "whether it tells the sender what it drops: time exceeded, net unreachable, "
                "fragmentation needed; no makes it a black hole",
    },
    {
        .name = "icmp_wait",
        .kind = KEY_QUANTITY,
        .offset = AT(icmp_wait),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .help = "least time between two such messages (RFC 1812 §4.3.2.8); 0s: no limit",
    },
    {
        .name = "middlebox",
        .kind = KEY_VARIANT,
        .offset = AT(middlebox),
        .default_text = "",
        .help = "what it does with packets before it forwards them; left out: nothing",
        .variants = MIDDLEBOX_KINDS,
    },
    {0},
};
#undef AT

#define AT(field) offsetof(struct router, field)
const struct metric ROUTER_METRICS[] = {
    {
        .name = "received",
        .unit = UNIT_COUNT,
        .offset = AT(n_received),
        .help = "packets that came by its links",
    },
    {
        .name = "forwarded",
        .unit = UNIT_COUNT,
        .offset = AT(n_forwarded),
        .help = "packets handed to the next link",
    },
    {
        .name = "ttl_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_ttl_drops),
        .help = "packets dropped because their time to live was over",
    },
    {
        .name = "ttl_drop_at",
        .unit = UNIT_TIME,
        .offset = AT(ttl_drop_at),
        .help = "when the first of these was dropped",
    },
    {
        .name = "mtu_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_mtu_drops),
        .help = "packets dropped because they were larger than the next link's mtu",
    },
    {
        .name = "no_route",
        .unit = UNIT_COUNT,
        .offset = AT(n_no_route),
        .help = "packets dropped for want of a route",
    },
    {
        .name = "ended_here",
        .unit = UNIT_COUNT,
        .offset = AT(n_ended_here),
        .help = "packets for the router itself, dropped",
    },
    {
        .name = "icmp_sent",
        .unit = UNIT_COUNT,
        .offset = AT(icmp.n_sent),
        .help = "ICMP messages that it sent",
    },
    {
        .name = "filtered",
        .unit = UNIT_COUNT,
        .get = middlebox_metric,
        .arg = BOX_FILTERED,
        .help = "packets that its middlebox has dropped",
    },
    {
        .name = "answered",
        .unit = UNIT_COUNT,
        .get = middlebox_metric,
        .arg = BOX_ANSWERED,
        .help = "segments that its middlebox has made: resets, a proxy's handshakes",
    },
    {
        .name = "table_full",
        .unit = UNIT_COUNT,
        .get = middlebox_metric,
        .arg = BOX_FULL,
        .help = "packets among those dropped for which its table had no room",
    },
    {
        .name = "entries",
        .unit = UNIT_COUNT,
        .get = middlebox_metric,
        .arg = BOX_ENTRIES,
        .help = "connections that its middlebox remembers now",
    },
    {
        .name = "entries_max",
        .unit = UNIT_COUNT,
        .get = middlebox_metric,
        .arg = BOX_ENTRIES_MAX,
        .help = "... at once, at most",
    },
    {0},
};
#undef AT

struct router_params router_defaults(void)
{
    return (struct router_params){.icmp = true};
}

static void discard(struct router *r, struct packet *p, const char *cause, int64_t *count)
{
    (*count)++;
    segment_emit(r->sim, SEG_DROP, r->subject, p, cause);
    packet_free(r->sim, p);
}

/* Its address of the version of p: in a network of both it has one of each, fd00:0:0:1::i and
 * 172.16.0.0 + i, as where there is one. */
static ip_addr source_for(const struct router *r, const struct packet *p)
{
    enum { FIRST_ROUTER = 0xac100000, NUMBER = 0xfffff };
    if (address_is_ipv6(p->src) == address_is_ipv6(r->addr))
        return r->addr;
    if (address_is_ipv6(r->addr))
        return ip4(FIRST_ROUTER + r->addr.low);
    return address_intern(r->sim, (struct key_address){.high = {0xfd000000, 1, 0},
                                                       .low = r->addr.low & NUMBER,
                                                       .prefix_bits = 128,
                                                       .is_ipv6 = true});
}

void router_tell(struct router *r, const struct packet *p, uint8_t type, uint8_t code,
                 uint32_t mtu)
{
    struct link *via = route_via(&r->routes, p->src);
    struct packet *message = NULL;
    if (via != NULL) {
        const ip_addr from = source_for(r, p);
        message = mtu != 0 ? icmp_too_big(r->sim, &r->icmp, p, from, mtu)
                           : icmp_about(r->sim, &r->icmp, p, from, type, code);
    }
    if (message == NULL)
        return;
    message->ttl = ROUTER_TTL;
    link_send(via, message);
}

/* What does not simply go on: it is for the router, or at its end. Sending the message comes
 * after the drop, as its cause. */
static __attribute__((noinline)) void end_here(struct router *r, struct packet *p,
                                               const struct link *via)
{
    const struct packet about = *p; /* the quote needs no options */
    if (ip_eq(p->dst, r->addr)) {
        discard(r, p, "no listener", &r->n_ended_here);
    } else if (via == NULL) {
        discard(r, p, "no route", &r->n_no_route);
        router_tell(r, &about, ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE, 0);
    } else if (p->ttl > 1) {
        discard(r, p, "mtu", &r->n_mtu_drops);
        router_tell(r, &about, ICMP_UNREACHABLE, ICMP_TOO_BIG, via->mtu);
    } else {
        r->ttl_drop_at = time_min(r->ttl_drop_at, r->sim->now);
        discard(r, p, "ttl", &r->n_ttl_drops);
        router_tell(r, &about, ICMP_TIME_EXCEEDED, 0, 0);
    }
}

static inline void forward(struct router *r, struct packet *p)
{
    struct link *via = route_via(&r->routes, p->dst);
    if (__builtin_expect(via == NULL || p->ttl <= 1 || link_is_too_small(via, p), 0)) {
        end_here(r, p, via);
        return;
    }
    p->ttl--;
    r->n_forwarded++;
    link_send(via, p);
}

static void router_recv(struct sink *sink, struct packet *p)
{
    struct router *r = CONTAINER_OF(sink, struct router, sink);
    r->n_received++;
    forward(r, p);
}

static void router_recv_boxed(struct sink *sink, struct packet *p)
{
    struct router *r = CONTAINER_OF(sink, struct router, sink);
    r->n_received++;
    p = r->box->kind->pass(r->box, p);
    if (p != NULL)
        forward(r, p);
}

void router_send(struct router *r, struct packet *p)
{
    p->ttl++; /* forwarding takes one */
    r->n_sent++;
    forward(r, p);
}

void router_init(struct router *r, struct sim *sim, const char *name, ip_addr addr,
                 const struct router_params *params)
{
    *r = (struct router){
        .sink = {router_recv},
        .sim = sim,
        .addr = addr,
        .icmp = {.on = params->icmp, .wait = params->icmp_wait},
        .ttl_drop_at = SIM_NEVER,
    };
    r->subject = sim_subject(sim, "router", name);
    route_table_init(&r->routes, sim);
    if (params->middlebox.variant == NULL)
        return;
    r->sink.recv = router_recv_boxed;
    r->box = middlebox_new(r, &params->middlebox);
}

void router_warm_up(struct router *r)
{
    r->n_received = r->n_forwarded = 0;
    r->n_ttl_drops = r->n_no_route = r->n_ended_here = r->n_mtu_drops = 0;
    r->n_sent = 0;
    r->icmp.n_sent = 0;
    if (r->box != NULL)
        middlebox_warm_up(r->box);
}
