/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/udp_sink.h"

#include <string.h>

/* What came of one sender's stream. */
struct source {
    struct source *next;
    uint32_t stream;
    int64_t first; /* numbers below were sent during the warm-up */
    int64_t end;   /* one above the highest number that came; >= first */
    uint8_t *came; /* bit n: number first + n came */
    uint32_t cap;  /* bytes */
};

struct udp_sink {
    struct app app; /* first */
    struct udp_user udp;
    struct udp_socket *socket; /* NULL: the port was taken */
    struct source *sources;    /* the one of the last datagram first */
    int64_t n_received, n_distinct, n_doubled, n_late;
    int64_t n_numbers; /* numbers up to the highest of each source */
    int64_t n_lost;    /* of these, those that never came */
    int64_t n_bytes;   /* of distinct ones */
    sim_time delay, delay_max;
};

/* clang-format off */
static const struct key KEYS[] = {
    {"port", KEY_PORT, offsetof(struct udp_sink_params, port), NULL,
     "the UDP port it listens on, from time 0"},
    {0},
};

#define FIELD(field) offsetof(struct udp_sink, field)
#define COUNT(name, field, help) {name, UNIT_COUNT, FIELD(field), NULL, 0, help}
#define SHARE(name, field, of, help) {name, UNIT_FRACTION, FIELD(field), app_share, FIELD(of), help}
static const struct metric METRICS[] = {
    COUNT("received", n_received, "datagrams that came, copies included"),
    COUNT("distinct", n_distinct, "datagrams that came, each counted once"),
    COUNT("doubled", n_doubled, "arrivals of datagrams that had come before"),
    COUNT("late", n_late, "first arrivals after one that was sent later (RFC 4737 §3.3)"),
    COUNT("lost", n_lost, "datagrams that never came, though one sent later did"),
    SHARE("received_fraction", n_received, n_numbers, "received, per datagram up to the last that came"),
    SHARE("lost_fraction", n_lost, n_numbers, "lost, per datagram up to the last that came"),
    SHARE("doubled_fraction", n_doubled, n_distinct, "doubled, per distinct one"),
    SHARE("late_fraction", n_late, n_distinct, "late, per distinct one"),
    {"bytes_received", UNIT_BYTES, FIELD(n_bytes), NULL, 0, "payload of distinct ones"},
    {"delay", UNIT_TIME, FIELD(delay), app_mean, FIELD(n_received),
     "mean time from sending to arrival, copies included"},
    {"delay_max", UNIT_TIME, FIELD(delay_max), app_max, FIELD(n_received), "the longest of these"},
    {0},
};
/* clang-format on */

static struct source *source_of(struct udp_sink *k, uint32_t stream)
{
    struct source **link = &k->sources;

    while (*link != NULL && (*link)->stream != stream)
        link = &(*link)->next;
    struct source *s = *link;
    if (s == NULL) {
        s = sim_alloc(k->app.sim, sizeof *s);
        s->stream = stream;
    } else {
        *link = s->next;
    }
    s->next = k->sources;
    k->sources = s;
    return s;
}

/* packet.seq has 32 bits: the number that is nearest to the highest one so far. */
static int64_t number_of(const struct source *s, const struct packet *p)
{
    return s->end + (int32_t)(p->seq - (uint32_t)s->end);
}

/* Marks the number. True: it had come before. */
static bool mark(struct udp_sink *k, struct source *s, int64_t number)
{
    const uint64_t bit = (uint64_t)(number - s->first);
    const uint8_t mask = (uint8_t)(1u << bit % 8);

    if (bit / 8 >= s->cap) {
        const uint32_t old = s->cap;
        s->came = arena_grow(&k->app.sim->arena, s->came, &s->cap, (uint32_t)(bit / 8) + 1, 1);
        memset(s->came + old, 0, s->cap - old);
    }
    const bool had_come = (s->came[bit / 8] & mask) != 0;
    s->came[bit / 8] |= mask;
    return had_come;
}

static void count_distinct(struct udp_sink *k, struct source *s, int64_t number,
                           const struct packet *p)
{
    k->n_distinct++;
    k->n_bytes += p->len;
    if (number < s->end) {
        k->n_late++;
        k->n_lost--;
        return;
    }
    k->n_lost += number - s->end;
    k->n_numbers += number + 1 - s->end;
    s->end = number + 1;
}

static void on_datagram(struct udp_user *user, struct udp_socket *socket,
                        const struct packet *p)
{
    struct udp_sink *k = CONTAINER_OF(user, struct udp_sink, udp);
    struct source *s = source_of(k, p->stream);
    const sim_time now = k->app.sim->now, delay = now - p->born_at;
    const int64_t number = number_of(s, p);

    k->app.first_byte_at = time_min(k->app.first_byte_at, now);
    k->app.last_byte_at = now;
    if (number < s->first)
        return;
    k->n_received++;
    k->delay += delay;
    k->delay_max = time_max(k->delay_max, delay);
    if (mark(k, s, number))
        k->n_doubled++;
    else
        count_distinct(k, s, number, p);
}

static void udp_sink_start(struct app *a)
{
    struct udp_sink *k = (struct udp_sink *)a;
    const struct udp_sink_params *params = a->params;

    k->udp = (struct udp_user){on_datagram, NULL};
    const int r = udp_bind(a->env.host->udp, params->port, &k->udp, &k->socket);
    if (r < 0)
        app_note_error(a, 0, "bind", -r);
}

/* What had been sent before the highest number so far is passed over from now on. */
static void udp_sink_on_warm_up(struct app *a)
{
    struct udp_sink *k = (struct udp_sink *)a;

    k->n_received = k->n_distinct = k->n_doubled = k->n_late = 0;
    k->n_numbers = k->n_lost = k->n_bytes = 0;
    k->delay = k->delay_max = 0;
    for (struct source *s = k->sources; s != NULL; s = s->next) {
        s->first = s->end;
        memset(s->came, 0, s->cap);
    }
}

static uint16_t udp_sink_port(const void *params)
{
    return ((const struct udp_sink_params *)params)->port;
}

const struct app_kind APP_UDP_SINK = {
    .name = "udp-sink",
    .help = "receives UDP datagrams and tells which were lost, doubled or late",
    .keys = KEYS,
    .params_bytes = sizeof(struct udp_sink_params),
    .metrics = METRICS,
    .bytes = sizeof(struct udp_sink),
    .start = udp_sink_start,
    .on_warm_up = udp_sink_on_warm_up,
    .port = udp_sink_port,
    .datagrams = true,
};
