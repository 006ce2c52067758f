/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/injector.h"

#include <string.h>

#include "models/apps/forge.h"
#include "models/apps/wait.h"

/* What a kind of segment has: `data` of the parameters, acknowledgment numbers. */
struct shape {
    const char *name;
    uint16_t flags;
    bool has_data;
};

struct injector {
    struct app app; /* first */
    const struct shape *shape;
    struct arrivals arrivals;
    struct rng seqs, acks; /* of order random */
    bool is_random;
    struct tcp_injection injection; /* in the books of the attacked host's TCP */
    int64_t n_sent, n_resets, bytes_taken;
    int64_t hit; /* number of the first segment that did something; 0: none */
    sim_time hit_at;
};

/* clang-format off */
static const struct choice SEGMENTS[] = {
    {"rst", "resets (RFC 5961 §3)"},
    {"syn", "SYNs (RFC 5961 §4)"},
    {"data", "segments with payload (RFC 5961 §5)"},
    {NULL, NULL},
};
static const struct shape SHAPES[] = {
    {"rst", TCP_RST, false},
    {"syn", TCP_SYN, false},
    {"data", TCP_ACK | TCP_PSH, true},
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
    METRIC("bytes_taken", UNIT_BYTES, bytes_taken,
           "forged payload that the attacked TCP has taken for its peer's"),
    {"hit", UNIT_COUNT, 0, hit, 0, "the number of its first segment that did either, from 1"},
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

    j->n_resets += reset;
    j->bytes_taken += taken;
    if (j->hit > 0)
        return;
    j->hit = p->injected_nth;
    j->hit_at = j->app.sim->now;
    app_event(&j->app, 0, "hit", "segment %u %s", p->injected_nth,
              reset ? "ended the connection" : "was taken");
}

/* The i-th sequence and acknowledgment numbers, i from 0. A segment of an order of chance takes
 * one draw of each stream, whatever its kind. */
static void number_segment(struct injector *j, struct packet *p, uint64_t i)
{
    const struct injector_params *params = j->app.params;
    const uint64_t n_acks = j->shape->has_data ? (uint64_t)params->acks : 1;

    if (j->is_random) {
        p->seq = (uint32_t)rng_u64(&j->seqs);
        p->ack = (uint32_t)rng_u64(&j->acks);
    } else {
        p->seq = (uint32_t)((uint64_t)params->first + i / n_acks * (uint64_t)params->step);
        p->ack = (uint32_t)(i % n_acks * ((uint64_t)NUMBERS / n_acks));
    }
    if (!j->shape->has_data)
        p->ack = 0;
}

static void send_one(struct injector *j)
{
    struct app *a = &j->app;
    const struct injector_params *params = a->params;
    const struct tcp_addr from = {a->env.as_host->addr, params->as_port};
    const struct tcp_addr to = {a->env.to_host->addr,
                                params->port != 0 ? params->port : a->env.to_port};
    const uint32_t len = j->shape->has_data ? (uint32_t)params->data : 0;
    struct packet *p = forge_segment(a, from, to, j->shape->flags, len, j->arrivals.n);

    number_segment(j, p, (uint64_t)j->arrivals.n - 1);
    j->n_sent++;
    host_send(a->env.host, p);
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
    j->n_sent = j->n_resets = j->bytes_taken = 0;
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
