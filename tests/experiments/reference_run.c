/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/experiment.h"
#include "models/link.h"
#include "tests/experiments/reference.h"

#include <stdlib.h>

enum { MAX_INJECTED = 320, MAX_CONNS = 1024, DELAY = 50000 /* us: one way */ };
/* Timestamps of an injected segment that comes before any other: none of the clocks here. */
static const uint32_t FORGED_TSVAL = UINT32_C(0x20000000);

struct injection {
    struct event event; /* first */
    struct observer *observer;
    const struct ref_row *row;
};
struct setting {
    struct event event; /* first */
    struct observer *observer;
    const struct ref_sysctl *sysctl;
};
struct observer {
    struct listener listener; /* first */
    struct sim *sim;
    struct net *net;
    const struct ref_trace *measured;
    struct ref_trace *trace;
    struct injection injections[MAX_INJECTED];
    int n_injections;
    bool injecting;
    struct setting settings[REF_SETTINGS];
    struct tcp_params params; /* of the client */
    int conn[MAX_CONNS];      /* by number of the run */
    bool client[MAX_CONNS];
};

static const void *field(const struct rec_type *type, const void *rec, const char *name)
{
    for (uint32_t i = 0; i < type->n_fields; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return (const char *)rec + type->fields[i].offset;
    fail_msg("no field %s", name);
    return NULL;
}

static uint32_t u32(const struct rec_type *type, const void *rec, const char *name)
{
    return *(const uint32_t *)field(type, rec, name);
}

static const char *text(const struct rec_type *type, const void *rec, const char *name)
{
    return *(const char *const *)field(type, rec, name);
}

static const char *subject(const struct observer *o, uint32_t number)
{
    return o->sim->subjects[number].name;
}

/* ---- what is sent */

static uint32_t peer_of(const struct observer *o, ip_addr a)
{
    return ip_eq(a, o->net->hosts[0].addr) ? 0 : a.low;
}

static void on_segment(struct observer *o, int64_t now, const struct rec_type *type,
                       const void *rec)
{
    if (strcmp(text(type, rec, "event"), "send") != 0 || o->injecting)
        return;
    const bool from_client = strcmp(subject(o, u32(type, rec, "link")), "client->server") == 0;
    const ip_addr *peer = field(type, rec, from_client ? "src" : "dst");
    const uint32_t sport = u32(type, rec, "sport"), dport = u32(type, rec, "dport");
    const struct ref_conn conn = {.peer = peer_of(o, *peer),
                                  .client_port = (uint16_t)(from_client ? sport : dport),
                                  .server_port = (uint16_t)(from_client ? dport : sport)};
    struct ref_row r = {.conn = ref_conn_of(o->trace, conn),
                        .from_client = from_client,
                        .sent_at = now,
                        .received_at = now + DELAY,
                        .flags = u32(type, rec, "flags") &
                                 (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST | TCP_PSH),
                        .seq = u32(type, rec, "seq"),
                        .ack = u32(type, rec, "ack"),
                        .len = u32(type, rec, "len"),
                        .win = u32(type, rec, "win")};
    const struct rec_bytes *options = field(type, rec, "options");
    ref_take_options(&r, options->data, options->len);
    ref_add(o->trace, r);
}

/* ---- states */

static void on_conn(struct observer *o, const struct rec_type *type, const void *rec)
{
    const uint32_t number = u32(type, rec, "conn");
    const bool client = strcmp(subject(o, u32(type, rec, "host")), "client") == 0;
    const uint32_t local = u32(type, rec, "local_port"), remote = u32(type, rec, "remote_port");
    const ip_addr *peer = field(type, rec, "remote");
    assert_true(number < MAX_CONNS);
    o->client[number] = client;
    o->conn[number] =
        ref_conn_of(o->trace, (struct ref_conn){client ? 0 : peer_of(o, *peer),
                                                (uint16_t)(client ? local : remote),
                                                (uint16_t)(client ? remote : local)});
}

/* A TIME-WAIT without any wait (no room, 03j) is none that a poll could see. */
static void on_transition(struct observer *o, int64_t now, const struct rec_type *type,
                          const void *rec)
{
    const uint32_t number = u32(type, rec, "conn");
    struct ref_life *life = &o->trace->life[o->conn[number]][o->client[number]];
    if (ref_last_is(life, "TIME-WAIT") && life->at[life->n - 1] == now)
        life->n--;
    ref_live(life, text(type, rec, "to_state"), now);
}

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct observer *o = (struct observer *)self;
    if (strcmp(type->name, "segment") == 0)
        on_segment(o, now / US(1), type, rec);
    else if (strcmp(type->name, "conn") == 0)
        on_conn(o, type, rec);
    else if (strcmp(type->name, "transition") == 0 && u32(type, rec, "conn") != 0)
        on_transition(o, now / US(1), type, rec);
}

/* ---- what is injected */

static bool same_sender(const struct ref_row *a, const struct ref_row *b)
{
    return !b->injected && a->from_client == b->from_client && a->conn == b->conn;
}

/* r's TSval here: that of the same segment when r repeats the TSval of one. */
static uint32_t tsval_of(const struct observer *o, const struct ref_row *r)
{
    const struct ref_row *m = o->measured->row, *got = o->trace->row;
    const struct ref_row *end = got + o->trace->n;
    const struct ref_bases *bases = &o->trace->ts[r->conn][r->from_client];
    for (; m < r; m++) {
        if (!same_sender(r, m))
            continue;
        while (got < end && !same_sender(r, got))
            got++;
        assert_true(got < end);
        if (m->opt.has_timestamps && m->opt.tsval == r->opt.tsval)
            return got->opt.tsval;
        got++;
    }
    return ref_number(bases, r->tsval_at, FORGED_TSVAL + (uint32_t)r->tsval_at.off);
}

/* The segment of one row, with the numbers of the simulated connection. */
static void inject(struct sim *sim, struct event *e)
{
    const struct injection *in = (const struct injection *)e;
    struct observer *o = in->observer;
    struct ref_trace *t = o->trace;
    struct ref_row r = *in->row;
    const bool dir = r.from_client;
    const struct ref_conn *conn = &o->measured->conn[r.conn];
    const ip_addr server = o->net->hosts[1].addr;
    const ip_addr peer = conn->peer == 0 ? o->net->hosts[0].addr : ip4(conn->peer);
    r.conn = ref_conn_of(t, *conn);
    struct packet *p = packet_new(sim, 40 + (uint32_t)r.len);
    p->src = dir ? peer : server;
    p->dst = dir ? server : peer;
    p->ttl = 64;
    p->proto = PROTO_TCP;
    p->sport = dir ? conn->client_port : conn->server_port;
    p->dport = dir ? conn->server_port : conn->client_port;
    p->flags = (uint16_t)r.flags;
    p->seq = r.seq = ref_number(&t->seq[r.conn][dir], r.seq_at, r.seq);
    p->ack = r.ack =
        (r.flags & TCP_ACK) != 0 ? ref_number(&t->seq[r.conn][!dir], r.ack_at, r.ack) : 0;
    p->win = (uint16_t)r.win;
    p->len = (uint32_t)r.len;
    p->payload = PAYLOAD_FORGED;
    if (r.opt.has_timestamps)
        r.opt.tsval = tsval_of(o, in->row);
    if (r.has_echo)
        r.opt.tsecr = ref_number(&t->ts[r.conn][!dir], r.tsecr_at, 0);
    tcp_options_put(sim, p, &r.opt, tcp_option_layout_find("linux"));
    ref_add(t, r);
    o->injecting = true;
    link_send(&o->net->links[!dir], p);
    o->injecting = false;
}

static void plan_injections(struct observer *o)
{
    const struct ref_row *end = o->measured->row + o->measured->n;
    for (const struct ref_row *r = o->measured->row; r < end; r++) {
        if (!r->injected)
            continue;
        assert_true(o->n_injections < MAX_INJECTED);
        struct injection *in = &o->injections[o->n_injections++];
        *in = (struct injection){.observer = o, .row = r};
        event_init(o->sim, &in->event, EV_WORLD, 1u << 16, inject);
        event_at(o->sim, &in->event, US(r->sent_at));
    }
}

/* ---- what is set on the way */

static void set_sysctl(struct sim *sim, struct event *e)
{
    const struct setting *setting = (const struct setting *)e;
    struct observer *o = setting->observer;
    const struct key *k = TCP_KEYS;
    while (k->name != NULL && strcmp(k->name, setting->sysctl->name) != 0)
        k++;
    assert_non_null(k->name);
    void *field = (char *)&o->params + k->offset;
    if (k->kind == KEY_BOOL)
        *(bool *)field = setting->sysctl->value != 0;
    else
        *(int64_t *)field = setting->sysctl->value;
    tcp_stack_configure(o->net->hosts[0].tcp, &o->params);
}

static void plan_settings(struct observer *o)
{
    for (int i = 0; i < o->measured->n_sysctls; i++) {
        struct setting *s = &o->settings[i];
        *s = (struct setting){.observer = o, .sysctl = &o->measured->sysctl[i]};
        event_init(o->sim, &s->event, EV_WORLD, 1u << 16, set_sysctl);
        event_at(o->sim, &s->event, US(s->sysctl->at > 0 ? s->sysctl->at : 0));
    }
}

/* Calls of scripts have given what they gave there. */
static void check_calls(const struct ref_set *set, const struct net *net)
{
    for (int i = 0; i < net->n_apps; i++) {
        const void *app;
        const char *name = net->sim->subjects[net->apps[i]->subject].name;
        const struct metric *m = net_metric(net, name, "mismatches", &app);
        if (m == NULL)
            continue;
        const struct value v = metric_value(net->sim, m, app);
        if (v.num != 0)
            fail_msg("%s: %lld calls of %s gave something else", set->name, (long long)v.num,
                     name);
    }
}

/* With ports that are drawn the connections are numbered as they come, on both sides. */
static void begin(const struct ref_set *set, const struct ref_trace *measured,
                  struct ref_trace *t)
{
    *t = (struct ref_trace){0};
    if ((set->how & REF_ANY_PORT) != 0)
        return;
    t->n_conns = measured->n_conns;
    memcpy(t->conn, measured->conn, sizeof t->conn);
}

void ref_simulate(const struct ref_set *set, const struct ref_trace *measured,
                  struct ref_trace *t)
{
    static struct observer o;
    char path[256];
    struct err e = {0};
    struct point_spec spec;
    snprintf(path, sizeof path, "tests/reference/%s.yaml", set->name);
    struct experiment *x = experiment_load(path, NULL, 0, &e);
    if (x == NULL)
        err_print(&e, stderr, 0);
    assert_non_null(x);
    assert_int_equal(experiment_point(x, 0, &spec, &e), 0);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    begin(set, measured, t);
    o = (struct observer){.listener = {on_record, REC_SEGMENT | REC_LIFE},
                          .sim = sim,
                          .measured = measured,
                          .trace = t};
    t->has_ticks = spec.net.hosts[0].tcp.hz > 0;
    o.net = net_build(sim, &spec.net);
    sim_listen(sim, &o.listener);
    o.params = spec.net.hosts[0].tcp;
    plan_injections(&o);
    plan_settings(&o);
    for (int i = 0; i < o.net->n_apps; i++)
        app_start(o.net->apps[i]);
    sim_run_until(sim, x->stop);
    check_calls(set, o.net);
    net_finish(o.net);
    point_spec_free(&spec);
    experiment_free(x);
    sim_free(sim);
}
