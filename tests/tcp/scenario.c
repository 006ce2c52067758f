/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tcp/scenario.h"

#include "models/tcp/handshake.h"
#include "models/tcp/isn.h"

#include <errno.h>
#include <stdio.h>

static int64_t between(struct rng *r, int64_t lo, int64_t hi)
{
    return lo + (int64_t)rng_below(r, (uint64_t)(hi - lo + 1));
}

static const char *pick(struct rng *r, const struct choice *choices)
{
    size_t n = 0;
    while (choices[n].name != NULL)
        n++;
    return choices[rng_below(r, n)].name;
}

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
    const int64_t n = tcp_send(a->t, between(&a->rng, 1, a->to_write));
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

static void act(struct sim *sim, struct event *e)
{
    struct actor *a = CONTAINER_OF(e, struct actor, wake);
    if (a->t == NULL)
        return;
    const bool late = ++a->n_calls > 20;
    switch (rng_below(&a->rng, 8)) {
    case 0:
    case 1:
    case 2:
        write_some(a);
        break;
    case 3:
    case 4:
        read_some(a, between(&a->rng, 1, 5000));
        break;
    case 5:
        tcp_set_option(a->t, TCP_OPT_NODELAY, between(&a->rng, 0, 1));
        break;
    case 6:
        if (a->to_write == 0 || rng_chance(&a->rng, 0.05))
            a->shut = tcp_shutdown(a->t, TCP_SHUT_WR) == 0 || a->shut;
        break;
    default:
        if (a->eof || a->error || (late && rng_chance(&a->rng, 0.1)) ||
            rng_chance(&a->rng, 0.01))
            let_go(a);
        break;
    }
    if (a->t != NULL)
        event_at(sim, &a->wake, sim->now + between(&a->rng, 0, late ? SEC(10) : MS(80)));
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
    p.msl = SEC(1);
    p.mss = rng_chance(r, 0.5) ? 1460 : between(r, 40, 600);
    p.rcvbuf = rng_chance(r, 0.5) ? 65535 : between(r, 1, 4000);
    p.sndbuf = rng_chance(r, 0.5) ? 131072 : between(r, 1, 4000);
    p.delack = between(r, 0, MS(200));
    return p;
}

static struct link_params random_link(struct rng *r)
{
    return (struct link_params){
        .rate_bps = rng_chance(r, 0.5) ? UNIT_UNLIMITED : between(r, 100000, 100000000),
        .delay = between(r, 0, MS(40)),
        .queue_packets = rng_chance(r, 0.7) ? UNIT_UNLIMITED : between(r, 2, 20),
        .queue_bytes = UNIT_UNLIMITED,
        .loss = rng_chance(r, 0.3) ? 0 : between(r, 0, FRACTION_ONE / 5),
    };
}

static void random_fault(struct rng *r, struct fault_spec *f, int i)
{
    const uint32_t flags[] = {0, TCP_SYN, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_ACK};
    *f = (struct fault_spec){0};
    snprintf(f->name, sizeof f->name, "fault%d", i);
    snprintf(f->params.link, sizeof f->params.link, "%s",
             rng_chance(r, 0.5) ? "client->server" : "server->client");
    const uint32_t chosen = flags[rng_below(r, ARRAY_LEN(flags))];
    f->params.match = (struct fault_match){.flags = chosen == 0 ? 0 : chosen | 1u << 31,
                                           .nth = between(r, 1, 5),
                                           .count = between(r, 1, 4),
                                           .data = "any"};
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

struct scenario *scenario_new(uint64_t seed, bool shuffle_ties)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed, .shuffle_ties = shuffle_ties});
    struct rng r = sim_rng(sim, "scenario");
    const char *handshake = pick(&r, TCP_HANDSHAKE_CHOICES);
    struct host_spec hosts[2] = {{.name = "client", .tcp = random_tcp(&r, handshake)},
                                 {.name = "server", .tcp = random_tcp(&r, handshake)}};
    struct link_spec links[2] = {
        {.name = "client->server", .from = "client", .to = "server", .params = random_link(&r)},
        {.name = "server->client",
         .from = "server",
         .to = "client",
         .params = random_link(&r)}};
    struct fault_spec faults[SCENARIO_MAX_FAULTS];
    const int n_faults = (int)between(&r, 0, SCENARIO_MAX_FAULTS);
    for (int i = 0; i < n_faults; i++)
        random_fault(&r, &faults[i], i);
    const struct net_spec spec = {.hosts = hosts,
                                  .links = links,
                                  .faults = faults,
                                  .n_hosts = 2,
                                  .n_links = 2,
                                  .n_faults = n_faults};
    struct scenario *s = sim_alloc(sim, sizeof *s);
    s->sim = sim;
    s->net = net_build(sim, &spec);
    s->n_conns = (int)between(&r, 1, SCENARIO_MAX_CONNS);
    for (int i = 0; i < 2 * s->n_conns; i++)
        actor_init(s, i);
    tcp_account_init(&s->accept_account, 0);
    s->accepting = (struct tcp_user){.on_accept = on_accept, .account = &s->accept_account};
    tcp_listen(s->net->hosts[1].tcp, 80, 0, &s->accepting, &s->listener);
    for (int i = 0; i < s->n_conns; i++) {
        struct actor *a = &s->actors[2 * i];
        struct tcp *t;
        check_eq("connect",
                 tcp_connect(s->net->hosts[0].tcp, (struct tcp_addr){s->net->hosts[1].addr, 80},
                             0, &a->user, &t),
                 0);
        actor_begin(a, t);
    }
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
    if (a->eof && peer != NULL)
        check_eq("end of stream means all of it", a->n_read, peer->written);
    if (!a->eof && !a->error && !a->aborted)
        check_true("no end of stream and no error: it closed first", a->closed_early);
    /* without keepalive nothing tells an end in FIN-WAIT-2 that its peer is gone */
    if (!a->ended && !a->aborted)
        check_true("every connection ends", peer == NULL || peer->aborted || peer->error);
}

static void add_to(struct scenario_tally *tally, const struct actor *a)
{
    tally->n_ends += a->opened;
    tally->n_whole += a->eof;
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
    net_finish(s->net);
    check_eq("packets alive", sim->live_packets, 0);
    sim_free(sim);
}
