/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tcp/scenario.h"

#include "models/tcp/ack.h"
#include "models/tcp/cc.h"
#include "models/tcp/handshake.h"
#include "models/tcp/isn.h"
#include "models/tcp/synq.h"
#include "models/tcp/time_wait.h"
#include "tests/random.h"

#include <errno.h>
#include <stdio.h>

/* ---- the actors */

static void check_extent(struct actor *a, const struct tcp_extent *x)
{
    check_eq("a byte of another connection", x->stream, a->peer_stream);
    check_eq("a byte out of place", x->offset, a->n_read);
    a->n_read += x->len;
}

static void read_some(struct actor *a, int64_t max)
{
    struct tcp_extent x[4];
    for (;;) {
        int n = (int)ARRAY_LEN(x);
        const int64_t got = tcp_recv(a->t, max, x, &n);
        for (int i = 0; i < n; i++)
            check_extent(a, &x[i]);
        if (got > 0)
            continue;
        a->error = a->error || (got < 0 && got != -EAGAIN);
        a->eof =
            a->eof || (got == 0 &&
                       !a->error); /* once an error is told, 0 means that nothing more comes */
        return;
    }
}

static void write_some(struct actor *a)
{
    if (a->to_write == 0 || a->shut)
        return;
    const uint32_t flags = rng_chance(&a->rng, 0.2) ? TCP_MORE : 0;
    const int64_t n = tcp_sendmsg(a->t, between(&a->rng, 1, a->to_write), flags);
    a->written += n > 0 ? n : 0;
    a->to_write -= n > 0 ? n : 0;
    a->error = a->error || (n < 0 && n != -EAGAIN);
}

static void let_go(struct actor *a)
{
    struct tcp *t = a->t;
    a->t = NULL;
    if (a->may_abort && rng_chance(&a->rng, 0.3)) {
        a->aborted = a->ended = true;
        tcp_abort(t);
    } else {
        a->closed_early = !a->eof;
        tcp_close(t);
    }
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct actor *a = CONTAINER_OF(user, struct actor, user);
    a->peer_stream = tcp_peer_stream(t);
    if ((bits & TCP_EV_ERROR) != 0)
        a->error = true;
    if ((bits & (TCP_EV_ERROR | TCP_EV_CLOSED)) != 0)
        a->ended = true;
    if (a->t != NULL && a->eager && (bits & (TCP_EV_READABLE | TCP_EV_EOF)) != 0)
        read_some(a, 1 << 20);
    if (a->t != NULL && (bits & TCP_EV_WRITABLE) != 0)
        write_some(a);
}

/* ---- their calls */

enum { MANY_CALLS = 20 };

static void call_recv(struct actor *a)
{
    read_some(a, between(&a->rng, 1, 5000));
}

static void call_set_option(struct actor *a)
{
    static const struct {
        enum tcp_option option;
        int64_t lo, hi;
    } options[] = {
        {TCP_OPT_NODELAY, 0, 1},       {TCP_OPT_CORK, 0, 1},
        {TCP_OPT_MAXSEG, 300, 1460},   {TCP_OPT_RCVBUF, 1000, 65535},
        {TCP_OPT_SNDBUF, 1000, 65535},
    };
    const size_t i = rng_below(&a->rng, ARRAY_LEN(options));
    check_eq(
        "an option is set",
        tcp_set_option(a->t, options[i].option, between(&a->rng, options[i].lo, options[i].hi)),
        0);
}

static void call_shutdown(struct actor *a)
{
    if (a->to_write == 0 || rng_chance(&a->rng, 0.05))
        a->shut = tcp_shutdown(a->t, TCP_SHUT_WR) == 0 || a->shut;
}

static void call_shutdown_rd(struct actor *a)
{
    if (!rng_chance(&a->rng, 0.03))
        return;
    const bool both = rng_chance(&a->rng, 0.3);
    if (tcp_shutdown(a->t, both ? TCP_SHUT_RDWR : TCP_SHUT_RD) != 0)
        return;
    a->shut_rd = true;
    a->shut = a->shut || both;
}

static void call_close(struct actor *a)
{
    if (a->eof || a->error || (a->n_calls > MANY_CALLS && rng_chance(&a->rng, 0.1)) ||
        rng_chance(&a->rng, 0.01))
        let_go(a);
}

/* As often as they stand here. */
static void (*const calls[])(struct actor *a) = {
    write_some, write_some,      write_some,    call_recv,        call_recv,
    call_close, call_set_option, call_shutdown, call_shutdown_rd,
};

static void act(struct sim *sim, struct event *e)
{
    struct actor *a = CONTAINER_OF(e, struct actor, wake);
    if (a->t == NULL)
        return;
    a->n_calls++;
    calls[rng_below(&a->rng, ARRAY_LEN(calls))](a);
    if (a->t != NULL)
        event_at(sim, &a->wake,
                 sim->now + between(&a->rng, 0, a->n_calls > MANY_CALLS ? SEC(10) : MS(80)));
}

static void actor_begin(struct actor *a, struct tcp *t)
{
    a->t = t;
    a->opened = true;
    a->conn = tcp_number(t);
    a->peer_stream = tcp_peer_stream(t);
    event_at(a->scenario->sim, &a->wake, a->scenario->sim->now + between(&a->rng, 0, MS(50)));
}

static void actor_init(struct scenario *s, int i)
{
    struct actor *a = &s->actors[i];
    char name[32];
    snprintf(name, sizeof name, "actor/%d", i);
    *a = (struct actor){.scenario = s, .rng = sim_rng(s->sim, name)};
    tcp_account_init(&a->account, 0);
    a->user = (struct tcp_user){.on_event = on_event, .account = &a->account};
    a->to_write = rng_chance(&a->rng, 0.2)
                      ? 0
                      : between(&a->rng, 1, rng_chance(&a->rng, 0.1) ? 300000 : 20000);
    a->eager = rng_chance(&a->rng, 0.5);
    a->may_abort = rng_chance(&a->rng, 0.1);
    event_init(s->sim, &a->wake, EV_APP, sim_subject(s->sim, "app", name), act);
}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct scenario *s = CONTAINER_OF(user, struct scenario, accepting);
    if (s->n_accepted ==
        s->n_conns) /* a duplicated SYN made one more (two-way): nobody for it */
        tcp_abort(tcp_accept(l, NULL));
    else {
        struct actor *a = &s->actors[2 * s->n_accepted++ + 1];
        actor_begin(a, tcp_accept(l, &a->user));
    }
}

/* ---- the network */

static struct tcp_params random_tcp(struct rng *r, const char *handshake)
{
    struct tcp_params p;
    const char *profiles[] = {"rfc9293", "linux", "bsd", "textbook"};
    tcp_params_init(&p, profiles[rng_below(r, ARRAY_LEN(profiles))]);
    p.handshake = handshake;
    p.isn = pick(r, TCP_ISN_CHOICES);
    p.ack_rule = pick(r, TCP_ACK_RULE_CHOICES);
    p.congestion_control = pick(r, TCP_CC_CHOICES);
    p.msl = SEC(1);
    p.mss = rng_chance(r, 0.5) ? 1460 : between(r, 40, 600);
    p.rcvbuf = rng_chance(r, 0.5) ? 65535 : between(r, 1, 4000);
    p.sndbuf = rng_chance(r, 0.5) ? 131072 : between(r, 1, 4000);
    p.delack = between(r, 0, MS(200));
    p.time_wait = pick(r, TCP_TIME_WAIT_CHOICES);
    p.syn_queue = pick(r, TCP_SYNQ_CHOICES);
    if (strcmp(p.syn_queue, "syn-cookies") == 0) /* may lose the first bytes: cookie.h */
        p.syn_queue = "drop";
    p.syncookies = 0;
    p.backlog = rng_chance(r, 0.5) ? p.backlog : between(r, 1, 4);
    p.reset_time_wait = rng_chance(r, 0.5);
    /* A ghost and TIME-WAIT correct each other without end, and each duplicate doubles it: */
    if (strcmp(handshake, "three-way") != 0)
        p.invalid_ratelimit = MS(500);
    return p;
}

/* Jitter within [0, 60 ms): segments overtake each other. */
static struct key_variant random_delay(struct rng *r)
{
    if (rng_chance(r, 0.7))
        return dist_constant(between(r, 0, MS(40)));
    struct key_variant d = {.variant = &DIST_KINDS[1]}; /* uniform */
    const sim_time range[] = {between(r, 0, MS(20)), MS(20) + between(r, 0, MS(40))};
    memcpy(d.params, range, sizeof range);
    return d;
}

static struct link_params random_link(struct rng *r)
{
    return (struct link_params){
        .rate_bps = rng_chance(r, 0.5) ? UNIT_UNLIMITED : between(r, 100000, 100000000),
        .delay = random_delay(r),
        .queue_packets = rng_chance(r, 0.7) ? UNIT_UNLIMITED : between(r, 2, 20),
        .queue_bytes = UNIT_UNLIMITED,
        .loss = loss_bernoulli(rng_chance(r, 0.3) ? 0 : between(r, 0, FRACTION_ONE / 5)),
        .duplicate = rng_chance(r, 0.8) ? 0 : between(r, 0, FRACTION_ONE / 5),
        .corrupt = rng_chance(r, 0.8) ? 0 : between(r, 0, FRACTION_ONE / 10),
        .reorder = {rng_chance(r, 0.8) ? 0 : between(r, 0, FRACTION_ONE / 5), 1, 0},
    };
}

static const char *random_direction(struct rng *r)
{
    return rng_chance(r, 0.5) ? "client->server" : "server->client";
}

static struct fault_match random_match(struct rng *r)
{
    const uint32_t flags[] = {0, TCP_SYN, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_ACK};
    const uint32_t chosen = flags[rng_below(r, ARRAY_LEN(flags))];
    return (struct fault_match){.flags = chosen == 0 ? 0 : chosen | FAULT_FLAGS_GIVEN,
                                .nth = between(r, 1, 5),
                                .count = between(r, 1, 4),
                                .data = "any"};
}

static void random_fault(struct rng *r, struct fault_spec *f, int i)
{
    *f = (struct fault_spec){.params.match = random_match(r)};
    snprintf(f->name, sizeof f->name, "fault%d", i);
    snprintf(f->params.link, sizeof f->params.link, "%s", random_direction(r));
    switch (rng_below(r, 3)) {
    case 0:
        f->params.drop = true;
        break;
    case 1:
        f->params.delay = between(r, 1, SEC(20));
        break;
    default:
        f->params.duplicate.copies = between(r, 1, 3);
        f->params.duplicate.after = between(r, 0, SEC(5));
        break;
    }
}

static void hold_fired(struct tcp_watch *w)
{
    fault_fire(&CONTAINER_OF(w, struct hold, watch)->fault);
}

/* Old segments of all kinds: until the first connection of some actor has reached some state,
 * and often is no more. */
static void random_hold(struct scenario *s, struct rng *r)
{
    static const uint8_t states[] = {TCP_ESTABLISHED, TCP_FIN_WAIT_1, TCP_CLOSE_WAIT,
                                     TCP_TIME_WAIT, TCP_CLOSED};
    struct hold *h = &s->holds[s->n_holds];
    struct tcp_account *account = &s->actors[rng_below(r, (uint64_t)(2 * s->n_conns))].account;
    struct fault_params params = {
        .match = random_match(r),
        .hold = {.until = {.name = "actor"}, .then = between(r, 0, SEC(20))}};
    char name[32];
    snprintf(name, sizeof name, "hold%d", s->n_holds++);
    fault_init(&h->fault, s->sim, name, &params,
               &s->net->links[rng_below(r, (uint64_t)s->net->n_links)]);
    h->watch = (struct tcp_watch){account->watches, states[rng_below(r, ARRAY_LEN(states))],
                                  hold_fired};
    account->watches = &h->watch;
}

/* ---- the scenario */

static void build_net(struct scenario *s, struct rng *r)
{
    const char *handshake = pick(r, TCP_HANDSHAKE_CHOICES);
    struct host_spec hosts[2] = {{.name = "client", .tcp = random_tcp(r, handshake)},
                                 {.name = "server", .tcp = random_tcp(r, handshake)}};
    struct link_spec links[2] = {
        {.name = "client->server", .from = "client", .to = "server", .params = random_link(r)},
        {.name = "server->client", .from = "server", .to = "client", .params = random_link(r)}};
    struct fault_spec faults[SCENARIO_MAX_FAULTS];
    const int n_faults = (int)between(r, 0, SCENARIO_MAX_FAULTS);
    for (int i = 0; i < n_faults; i++)
        random_fault(r, &faults[i], i);
    const struct net_spec spec = {.hosts = hosts,
                                  .links = links,
                                  .faults = faults,
                                  .n_hosts = 2,
                                  .n_links = 2,
                                  .n_faults = n_faults};
    s->net = net_build(s->sim, &spec);
}

static void connect_actor(struct scenario *s, struct actor *a)
{
    const struct tcp_addr server = {s->net->hosts[1].addr, 80};
    struct tcp *t;
    check_eq("connect", tcp_connect(s->net->hosts[0].tcp, server, 0, &a->user, &t), 0);
    actor_begin(a, t);
}

struct scenario *scenario_new(uint64_t seed, bool shuffle_ties)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed, .shuffle_ties = shuffle_ties});
    struct rng r = sim_rng(sim, "scenario");
    struct scenario *s = sim_alloc(sim, sizeof *s);
    s->sim = sim;
    build_net(s, &r);
    s->n_conns = (int)between(&r, 1, SCENARIO_MAX_CONNS);
    for (int i = 0; i < 2 * s->n_conns; i++)
        actor_init(s, i);
    for (int64_t n = between(&r, 0, SCENARIO_MAX_HOLDS); n > 0; n--)
        random_hold(s, &r);
    tcp_account_init(&s->accept_account, 0);
    s->accepting = (struct tcp_user){.on_accept = on_accept, .account = &s->accept_account};
    tcp_listen(s->net->hosts[1].tcp, 80, 0, &s->accepting, &s->listener);
    for (int i = 0; i < s->n_conns; i++)
        connect_actor(s, &s->actors[2 * i]);
    return s;
}

/* ---- what must hold */

static const struct actor *peer_of(const struct scenario *s, const struct actor *a)
{
    for (int i = 0; i < 2 * s->n_conns; i++)
        if (s->actors[i].opened && s->actors[i].conn == a->peer_stream &&
            s->actors[i].peer_stream == a->conn)
            return &s->actors[i];
    return NULL;
}

static void check_actor(const struct scenario *s, const struct actor *a)
{
    const struct actor *peer = peer_of(s, a);
    if (!a->opened)
        return;
    check_true("every actor lets go in the end", a->t == NULL);
    if (peer != NULL)
        check_true("nothing is read that was not written", a->n_read <= peer->written);
    if (a->eof && !a->shut_rd && peer != NULL)
        check_eq("end of stream means all of it", a->n_read, peer->written);
    if (!a->eof && !a->error && !a->aborted)
        check_true("no end of stream and no error: it closed first", a->closed_early);
    /* without keepalive nothing tells an end in FIN-WAIT-2 that its peer is gone; a close()
     * with unread data is no error to the peer when reset_time_wait is on */
    const bool reset = peer == NULL || peer->aborted || peer->error ||
                       (peer->closed_early && peer->n_read < a->written);
    if (!a->ended && !a->aborted)
        check_true("every connection ends", reset);
}

static void add_to(struct scenario_tally *tally, const struct actor *a)
{
    tally->n_ends += a->opened;
    tally->n_whole += a->eof && !a->shut_rd;
    tally->n_shut_rd += a->shut_rd;
    tally->n_broken += a->error;
    tally->bytes_read += a->n_read;
    tally->retransmissions += a->account.retransmissions;
    tally->resets += a->account.resets_received;
}

void scenario_finish(struct scenario *s, struct scenario_tally *tally)
{
    struct sim *sim = s->sim;
    sim_run_until(sim, SEC(86400));
    for (int i = 0; i < 2 * s->n_conns; i++) {
        check_actor(s, &s->actors[i]);
        add_to(tally, &s->actors[i]);
    }
    for (int i = 0; i < s->n_holds; i++) {
        struct fault *f = &s->holds[i].fault;
        tally->n_released += f->released ? f->n_acted : 0;
        fault_drain(f);
    }
    net_finish(s->net);
    check_eq("packets alive", sim->live_packets, 0);
    sim_free(sim);
}
