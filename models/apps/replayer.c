/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/replayer.h"

#include <string.h>

#include "models/apps/wait.h"

/* What is kept is no packet: none of those lives when the run ends. */
struct kept {
    struct app_wait wait;
    struct replayer *replayer;
    int64_t n_left;
    struct packet image;
    uint8_t options[BLOCK_BYTES];
};

struct replayer {
    struct app app; /* first */
    struct sink tap;
    struct sink *peer; /* of the link, whom the tap hands on to */
    struct app_wait_line waiting;
    int64_t n_matched, n_all_sent; /* since the start of the run */
    int64_t n_seen, n_sent;
    sim_time first_sent_at, last_sent_at;
};

/* clang-format off */
#define AT(field) offsetof(struct replayer_params, field)
static const struct key KEYS[] = {
    {"link", KEY_NAME, AT(link), NULL, "the direction that it sees, a->b: where it ends",
     .refers = REFERS_LINK},
    {"match", KEY_GROUP, 0, "", "which segments it sends again", .sub = FAULT_MATCH_KEYS,
     .sub_at = AT(match)},
    {"after", KEY_VARIANT, AT(after), NULL, "how long it waits before it sends one again",
     .variants = DIST_KINDS},
    {"copies", KEY_QUANTITY, AT(copies), "1", "how often it sends each, one wait after the other",
     UNIT_COUNT, 1, INT64_C(1) << 20},
    {0},
};

#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct replayer, field), NULL, 0, help}
static const struct metric METRICS[] = {
    METRIC("seen", UNIT_COUNT, n_seen, "segments that matched, of which `match` may take some only"),
    METRIC("sent", UNIT_COUNT, n_sent, "segments sent again"),
    METRIC("first_sent_at", UNIT_TIME, first_sent_at, "when the first of them was"),
    METRIC("last_sent_at", UNIT_TIME, last_sent_at, "when the last of them was"),
    {0},
};
/* clang-format on */

static void send_again(struct replayer *r, const struct kept *k)
{
    struct app *a = &r->app;
    struct packet *p = packet_copy(a->sim, &k->image); /* its parent is the one that was seen */

    packet_set_options(a->sim, p, k->options, k->image.options_len);
    p->born_at = a->sim->now;
    p->ttl = a->env.host->ttl;
    p->marks = 0;
    p->fault = 0;
    p->injected_by = a->subject;
    p->injected_nth = (uint32_t)++r->n_all_sent;
    r->n_sent++;
    r->first_sent_at = time_min(r->first_sent_at, a->sim->now);
    r->last_sent_at = a->sim->now;
    host_send(a->env.host, p);
}

/* A wait of no length ends in an event of its own too: the copy comes after the original. */
static void on_due(struct app_wait *w)
{
    struct kept *k = w->owner;
    struct replayer *r = k->replayer;

    send_again(r, k);
    if (--k->n_left == 0) {
        sim_release(r->app.sim, k, sizeof *k);
        return;
    }
    app_wait_again(&k->wait);
    app_wait_queue(&r->waiting, &k->wait, k);
}

static void keep(struct replayer *r, const struct packet *p)
{
    const struct replayer_params *params = r->app.params;
    struct kept *k = sim_alloc(r->app.sim, sizeof *k);

    *k = (struct kept){.replayer = r, .image = *p, .n_left = params->copies};
    if (p->options != 0)
        memcpy(k->options, packet_options(r->app.sim, p), p->options_len);
    k->image.options = 0;
    app_wait_queue(&r->waiting, &k->wait, k);
}

/* What an attacker has sent is not taken for more. */
static bool is_wanted(struct replayer *r, const struct packet *p)
{
    const struct replayer_params *params = r->app.params;
    const struct fault_match *m = &params->match;

    if (p->proto != PROTO_TCP || p->injected_by != 0 || !fault_match_is(m, p, r->app.sim->now))
        return false;
    r->n_seen++;
    r->n_matched++;
    return r->n_matched >= m->nth && r->n_matched - m->nth < m->count;
}

static void tap_recv(struct sink *sink, struct packet *p)
{
    struct replayer *r = CONTAINER_OF(sink, struct replayer, tap);

    if (is_wanted(r, p))
        keep(r, p);
    r->peer->recv(r->peer, p);
}

static void replayer_start(struct app *a)
{
    struct replayer *r = (struct replayer *)a;
    const struct replayer_params *params = a->params;
    struct link *l = a->env.link;

    r->first_sent_at = r->last_sent_at = SIM_NEVER;
    app_wait_line_init(&r->waiting, a, "after", &params->after, on_due);
    if (r->peer != NULL)
        return; /* its host has started anew: the tap is where it was */
    r->tap = (struct sink){tap_recv};
    r->peer = l->peer;
    l->peer = &r->tap;
}

static void replayer_on_warm_up(struct app *a)
{
    struct replayer *r = (struct replayer *)a;
    r->n_seen = r->n_sent = 0;
}

const struct app_kind APP_REPLAYER = {
    .name = "replayer",
    .help = "sees the segments of a link and sends some again later, from its own host",
    .keys = KEYS,
    .params_bytes = sizeof(struct replayer_params),
    .metrics = METRICS,
    .bytes = sizeof(struct replayer),
    .start = replayer_start,
    .on_warm_up = replayer_on_warm_up,
};
