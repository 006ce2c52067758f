/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/syn_flood.h"

#include "models/apps/forge.h"
#include "models/apps/wait.h"
#include "sim/address.h"

enum { PORT_MIN = 1024, N_PORTS = 65536 - PORT_MIN };

struct syn_flood {
    struct app app; /* first */
    struct arrivals arrivals;
    struct rng sources, ports, isns;
    uint64_t n_sources; /* addresses */
    int64_t n_sent;
    sim_time first_sent_at, last_sent_at;
};

/* clang-format off */
#define AT(field) offsetof(struct syn_flood_params, field)
static const struct key KEYS[] = {
    {"to", KEY_NAME, AT(to), NULL, "the server under attack, or a host (then give port)",
     .refers = REFERS_APP},
    {"port", KEY_PORT, AT(port), "", "the port under attack; left out: that of `to`"},
    {"sources", KEY_ADDRESSES, AT(sources), NULL,
     "addresses and prefixes from which SYNs seem to come, each address equally often; of "
     "an IPv6 prefix at most the first 2^32"},
    {"source_port", KEY_PORT, AT(source_port), "",
     "the port from which they seem to come; left out: drawn, 1024 to 65535"},
    {"at", KEY_VARIANT, AT(at), "0s", "from when on `arrivals` count, from the start of the run",
     .variants = DIST_KINDS},
    {"arrivals", KEY_VARIANT, AT(arrivals), NULL, "when SYNs are sent", .variants = ARRIVAL_KINDS},
    {"syns", KEY_QUANTITY, AT(syns), "unlimited", "at most so many", UNIT_COUNT, 1, INT64_MAX},
    {"data", KEY_QUANTITY, AT(data), "0B", "payload of each SYN", UNIT_BYTES, 0, 1460},
    {0},
};

#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct syn_flood, field), NULL, 0, help}
static const struct metric METRICS[] = {
    METRIC("sent", UNIT_COUNT, n_sent, "SYNs sent"),
    METRIC("first_sent_at", UNIT_TIME, first_sent_at, "when the first of them was"),
    METRIC("last_sent_at", UNIT_TIME, last_sent_at, "when the last of them was"),
    {0},
};
/* clang-format on */

/* Of an IPv6 prefix the first 2^32 addresses, if it has more. */
static uint64_t size_of(struct key_address a)
{
    const unsigned bits = address_bits(a) - a.prefix_bits;
    return UINT64_C(1) << (bits < 32 ? bits : 32);
}

/* The i-th of all addresses of the list. */
static ip_addr nth_source(struct sim *sim, const struct key_list *sources, uint64_t i)
{
    const struct key_address *a = sources->items;

    for (; i >= size_of(*a); a++)
        i -= size_of(*a);
    return address_intern(sim, address_plus(*a, (uint32_t)i));
}

static void send_syn(struct syn_flood *f)
{
    struct app *a = &f->app;
    const struct syn_flood_params *params = a->params;
    const uint16_t drawn = (uint16_t)(PORT_MIN + rng_below(&f->ports, N_PORTS));
    const struct tcp_addr from = {
        nth_source(a->sim, &params->sources, rng_below(&f->sources, f->n_sources)),
        params->source_port != 0 ? params->source_port : drawn};
    const struct tcp_addr to = {a->env.to_host->addr,
                                params->port != 0 ? params->port : a->env.to_port};
    struct packet *p =
        forge_segment(a, from, to, TCP_SYN, (uint32_t)params->data, f->arrivals.n);

    p->seq = (uint32_t)rng_u64(&f->isns);
    f->n_sent++;
    f->first_sent_at = time_min(f->first_sent_at, a->sim->now);
    f->last_sent_at = a->sim->now;
    host_send(a->env.host, p);
}

static void wait_for_next(struct syn_flood *f)
{
    const struct syn_flood_params *params = f->app.params;

    if (f->arrivals.n < params->syns)
        event_at(f->app.sim, &f->app.wake, f->arrivals.next_at);
}

static void syn_flood_on_wake(struct app *a)
{
    struct syn_flood *f = (struct syn_flood *)a;
    const struct syn_flood_params *params = a->params;

    while (f->arrivals.next_at <= a->sim->now && f->arrivals.n < params->syns) {
        arrivals_take(&f->arrivals);
        send_syn(f);
    }
    wait_for_next(f);
}

static void syn_flood_start(struct app *a)
{
    struct syn_flood *f = (struct syn_flood *)a;
    const struct syn_flood_params *params = a->params;
    const struct key_address *sources = params->sources.items;
    const struct rng rng = app_rng(a, "arrivals");

    f->sources = app_rng(a, "sources");
    f->ports = app_rng(a, "ports");
    f->isns = app_rng(a, "isns");
    f->n_sources = 0;
    for (int i = 0; i < params->sources.n; i++)
        f->n_sources += size_of(sources[i]);
    f->first_sent_at = f->last_sent_at = SIM_NEVER;
    arrivals_init(&f->arrivals, &params->arrivals, &rng, app_wait_once(a, "at", &params->at));
    wait_for_next(f);
}

static void syn_flood_on_warm_up(struct app *a)
{
    ((struct syn_flood *)a)->n_sent = 0;
}

static struct misfit syn_flood_check(const void *params)
{
    if (((const struct syn_flood_params *)params)->sources.n == 0)
        return (struct misfit){"a flood needs sources that its SYNs seem to come from",
                               .key = "sources"};
    return (struct misfit){0};
}

const struct app_kind APP_SYN_FLOOD = {
    .name = "syn-flood",
    .help = "sends SYNs from forged addresses and never answers",
    .keys = KEYS,
    .params_bytes = sizeof(struct syn_flood_params),
    .metrics = METRICS,
    .bytes = sizeof(struct syn_flood),
    .start = syn_flood_start,
    .on_wake = syn_flood_on_wake,
    .on_warm_up = syn_flood_on_warm_up,
    .check = syn_flood_check,
};
