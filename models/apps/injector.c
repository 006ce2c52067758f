/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/injector.h"

#include <string.h>

#include "models/apps/forge.h"
#include "models/apps/wait.h"
#include "sim/address.h"

/* What a kind of segment has: `data` of the parameters, acknowledgment numbers. An ICMP message
 * has none of its own: it quotes one. */
struct shape {
    const char *name;
    uint16_t flags;
    bool has_data, is_icmp;
};

struct numbers {
    uint32_t seq, ack;
};

struct injector {
    struct app app; /* first */
    const struct shape *shape;
    uint8_t code; /* of an ICMP message */
    struct arrivals arrivals;
    struct rng seqs, acks; /* of order random */
    bool is_random;
    struct tcp_injection injection; /* in the books of the attacked host's TCP */
    int64_t n_sent, n_resets, n_lowered, bytes_taken;
    int64_t hit; /* number of the first segment that did something; 0: none */
    sim_time hit_at;
};

/* clang-format off */
static const struct choice SEGMENTS[] = {
    {"rst", "resets (RFC 5961 §3)"},
    {"syn", "SYNs (RFC 5961 §4)"},
    {"data", "segments with payload (RFC 5961 §5)"},
    {"icmp", "ICMP errors about segments of `to` (RFC 5927), see message"},
    {NULL, NULL},
};
static const struct choice MESSAGES[] = {
    {"port-unreachable", "a hard error, RFC 5927 §5"},
    {"protocol-unreachable", "another one"},
    {"host-unreachable", "a soft error"},
    {"too-big", "fragmentation needed, RFC 5927 §7"},
    {NULL, NULL},
};
static const uint8_t CODES[] = {ICMP_PORT_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE,
                                ICMP_HOST_UNREACHABLE, ICMP_TOO_BIG}; /* of MESSAGES */
static const struct shape SHAPES[] = {
    {"rst", TCP_RST, false},
    {"syn", TCP_SYN, false},
    {"data", TCP_ACK | TCP_PSH, true},
    {"icmp", 0, false, true},
};
static const struct choice ORDERS[] = {
    {"sweep", "`first`, and each time `step` more"},
    {"random", "each number drawn, of all 2^32"},
    {NULL, NULL},
};

#define NUMBERS (INT64_C(1) << 32)
#define AT(field) offsetof(struct injector_params, field)
static const struct key KEYS[] = {
    {"to", KEY_NAME, AT(to), NULL, "the end that it attacks: an app that listens, or a host (then give port)",
     .refers = REFERS_APP},
    {"port", KEY_PORT, AT(port), "", "the port of that end; left out: that of `to`"},
    {"as", KEY_NAME, AT(as), NULL, "the other end of the connection, whose segments it forges",
     .refers = REFERS_HOST},
    {"as_port", KEY_PORT, AT(as_port), NULL, "the port of that end"},
    {"segment", KEY_CHOICE, AT(segment), "rst", "what it sends", .choices = SEGMENTS},
    {"message", KEY_CHOICE, AT(message), "port-unreachable", "with segment: icmp, what it says",
     .choices = MESSAGES},
    {"mtu", KEY_QUANTITY, AT(mtu), "68B",
     "... of a link that was too narrow; of IPv6 at least 1280B, less is thrown away (RFC 8201 §4)",
     UNIT_BYTES, 0, 65535},
    {"claims", KEY_QUANTITY, AT(claims), "1500B", "... for a packet of this length", UNIT_BYTES, 68,
     65535},
    {"order", KEY_CHOICE, AT(order), "sweep", "how it chooses sequence numbers", .choices = ORDERS},
    {"first", KEY_QUANTITY, AT(first), "0", "the first sequence number of a sweep", UNIT_COUNT, 0,
     NUMBERS - 1},
    {"step", KEY_QUANTITY, AT(step), "65535", "from one sequence number of a sweep to the next",
     UNIT_COUNT, 1, NUMBERS - 1},
    {"acks", KEY_QUANTITY, AT(acks), "2",
     "acknowledgment numbers that data is sent with, each sequence number with all of them in turn, "
     "2^32 / acks apart", UNIT_COUNT, 1, NUMBERS},
    {"data", KEY_QUANTITY, AT(data), "1B", "payload of a segment of data", UNIT_BYTES, 1, 1460},
    {"at", KEY_VARIANT, AT(at), "0s", "from when on `arrivals` count, from the start of the run",
     .variants = DIST_KINDS},
    {"arrivals", KEY_VARIANT, AT(arrivals), NULL, "when segments are sent", .variants = ARRIVAL_KINDS},
    {"segments", KEY_QUANTITY, AT(segments), "unlimited",
     "at most so many; fewer when one has reset the connection, or was taken as data", UNIT_COUNT, 1,
     INT64_MAX},
    {0},
};
/* clang-format on */

static struct value hit(const struct sim *sim, const void *subject, const struct metric *m)
{
    const struct injector *j = subject;
    return (struct value){.kind = j->hit > 0 ? VALUE_INT : VALUE_NONE, .num = j->hit, .den = 1};
}

/* clang-format off */
#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct injector, field), NULL, 0, help}
static const struct metric METRICS[] = {
    METRIC("sent", UNIT_COUNT, n_sent, "segments sent"),
    METRIC("resets", UNIT_COUNT, n_resets, "connections that its segments have ended"),
    METRIC("lowered", UNIT_COUNT, n_lowered, "connections whose segments its messages have made smaller"),
    METRIC("bytes_taken", UNIT_BYTES, bytes_taken,
           "forged payload that the attacked TCP has taken for its peer's"),
    {"hit", UNIT_COUNT, 0, hit, 0, "the number of its first segment that did any of these, from 1"},
    METRIC("hit_at", UNIT_TIME, hit_at, "when that was"),
    {0},
};
/* clang-format on */

static bool is_over(const struct injector *j)
{
    const struct injector_params *params = j->app.params;
    return j->hit > 0 || j->arrivals.n >= params->segments;
}

/* Called from within the attacked host's TCP. */
static void on_hit(struct tcp_injection *in, const struct packet *p, bool reset, int64_t taken)
{
    struct injector *j = CONTAINER_OF(in, struct injector, injection);

    const bool lowered = !reset && taken == 0;

    j->n_resets += reset;
    j->n_lowered += lowered;
    j->bytes_taken += taken;
    if (j->hit > 0)
        return;
    j->hit = p->injected_nth;
    j->hit_at = j->app.sim->now;
    app_event(&j->app, 0, "hit", "segment %u %s", p->injected_nth,
              reset     ? "ended the connection"
              : lowered ? "made its segments smaller"
                        : "was taken");
}

/* The i-th sequence and acknowledgment numbers, i from 0. A segment of an order of chance takes
 * one draw of each stream, whatever its kind. */
static struct numbers numbers_of(struct injector *j, uint64_t i)
{
    const struct injector_params *params = j->app.params;
    const uint64_t n_acks = j->shape->has_data ? (uint64_t)params->acks : 1;
    struct numbers n;

    if (j->is_random) {
        n.seq = (uint32_t)rng_u64(&j->seqs);
        n.ack = (uint32_t)rng_u64(&j->acks);
    } else {
        n.seq = (uint32_t)((uint64_t)params->first + i / n_acks * (uint64_t)params->step);
        n.ack = (uint32_t)(i % n_acks * ((uint64_t)NUMBERS / n_acks));
    }
    if (!j->shape->has_data)
        n.ack = 0;
    return n;
}

static struct packet *forge_segment_of(struct injector *j, struct tcp_addr from,
                                       struct tcp_addr to, struct numbers n)
{
    const struct injector_params *params = j->app.params;
    const uint32_t len = j->shape->has_data ? (uint32_t)params->data : 0;
    struct packet *p = forge_segment(&j->app, from, to, j->shape->flags, len, j->arrivals.n);
    p->seq = n.seq;
    p->ack = n.ack;
    return p;
}

static uint32_t told_mtu(const struct injector *j, struct tcp_addr to)
{
    const struct injector_params *params = j->app.params;
    const int64_t least = address_is_ipv6(to.ip) ? IPV6_LEAST_MTU : 0;
    return (uint32_t)(params->mtu > least ? params->mtu : least);
}

/* About a segment that `to` has sent, as a router on the way would say it. */
static struct packet *forge_message_of(struct injector *j, struct tcp_addr from,
                                       struct tcp_addr to, struct numbers n)
{
    const struct injector_params *params = j->app.params;
    const bool too_big = j->code == ICMP_TOO_BIG;
    const struct icmp_error e = {.type = ICMP_UNREACHABLE,
                                 .code = j->code,
                                 .proto = PROTO_TCP,
                                 .src = to.ip,
                                 .dst = from.ip,
                                 .sport = to.port,
                                 .dport = from.port,
                                 .seq = n.seq,
                                 .mtu = too_big ? told_mtu(j, to) : 0,
                                 .bytes = (uint32_t)params->claims};
    return forge_icmp(&j->app, &e, j->arrivals.n);
}

static void send_one(struct injector *j)
{
    struct app *a = &j->app;
    const struct injector_params *params = a->params;
    const struct tcp_addr from = {a->env.as_host->addr, params->as_port};
    const struct tcp_addr to = {a->env.to_host->addr,
                                params->port != 0 ? params->port : a->env.to_port};
    const struct numbers n = numbers_of(j, (uint64_t)j->arrivals.n - 1);

    j->n_sent++;
    host_send(a->env.host,
              (j->shape->is_icmp ? forge_message_of : forge_segment_of)(j, from, to, n));
}

static void injector_on_wake(struct app *a)
{
    struct injector *j = (struct injector *)a;

    while (j->arrivals.next_at <= a->sim->now && !is_over(j)) {
        arrivals_take(&j->arrivals);
        send_one(j);
    }
    if (!is_over(j))
        event_at(a->sim, &a->wake, j->arrivals.next_at);
}

static void injector_start(struct app *a)
{
    struct injector *j = (struct injector *)a;
    const struct injector_params *params = a->params;
    const struct rng rng = app_rng(a, "arrivals");

    j->shape = SHAPES;
    while (strcmp(j->shape->name, params->segment) != 0)
        j->shape++; /* ends: the name is one of SEGMENTS */
    j->is_random = strcmp(params->order, "random") == 0;
    for (size_t i = 0; j->shape->is_icmp && i < ARRAY_LEN(CODES); i++)
        if (strcmp(MESSAGES[i].name, params->message) == 0)
            j->code = CODES[i];
    j->seqs = app_rng(a, "seqs");
    j->acks = app_rng(a, "acks");
    j->hit_at = SIM_NEVER;
    j->injection = (struct tcp_injection){.by = a->subject, .hit = on_hit};
    tcp_tell_injection(a->env.to_host->tcp, &j->injection);
    arrivals_init(&j->arrivals, &params->arrivals, &rng, app_wait_once(a, "at", &params->at));
    event_at(a->sim, &a->wake, j->arrivals.next_at);
}

static void injector_on_warm_up(struct app *a)
{
    struct injector *j = (struct injector *)a;
    j->n_sent = j->n_resets = j->n_lowered = j->bytes_taken = 0;
}

const struct app_kind APP_INJECTOR = {
    .name = "injector",
    .help = "forges segments of a connection whose sequence numbers it does not know",
    .keys = KEYS,
    .params_bytes = sizeof(struct injector_params),
    .metrics = METRICS,
    .bytes = sizeof(struct injector),
    .start = injector_start,
    .on_wake = injector_on_wake,
    .on_warm_up = injector_on_warm_up,
};
