/* SPDX-License-Identifier: GPL-3.0-or-later
 * A great many short connections in one run, one after the other at each of 64 clients, and
 * what is left of them: nothing. CONNECTIONS=1000000 makes so many.
 *
 *   client 1 ... 64 --- loss, duplicates, reordering ---> server
 *     connect, write, read, FIN, connect, ...
 *
 * Each is one of a few kinds: both ends close at the same instant; the reader sleeps, so that
 * its window closes; the peer vanishes, which only a timer can tell. ISNs lie just before a
 * wrap, data and FINs are lost and come twice. Every byte that is read must be the next one of
 * the peer's stream. What memory a connection had serves the next: the second half of the run
 * takes no more than the first.
 */
#include "models/tcp/endpoint.h"
#include "tests/check.h"
#include "tests/random.h"
#include "topologies/net.h"

#include <stdlib.h>

enum { CLIENTS = 64, PORT = 80, N_CONNECTIONS = 20000, MOST_BYTES = 3000, EXTENTS = 8 };
#define TICK     MS(50)
#define PATIENCE SEC(300)

enum kind { KIND_PLAIN, KIND_TOGETHER, KIND_SLEEPY, KIND_VANISHES, N_KINDS };

struct end {
    struct tcp_user user; /* first */
    struct turnover *run;
    struct end *prev, *next; /* of all that are not over */
    struct tcp *t;           /* NULL: let go */
    struct end **slot;       /* of a client */
    enum kind kind;
    sim_time acts_at; /* reads or closes not before */
    int64_t to_write;
    uint64_t n_read;
    uint32_t stream;
    bool eof, shut;
};

struct turnover {
    struct sim *sim;
    struct net *net;
    struct rng rng;
    struct tcp_user door;
    struct tcp_account accounts[2];
    struct tcp_listener *listener;
    struct event tick;
    struct end *ends, *clients[CLIENTS];
    void (*output[2])(void *ctx, struct packet *p);
    bool silent[1 << 16]; /* client ports whose connection the network has lost */
    int64_t n_left, n_kind[N_KINDS], n_whole, n_errors;
};

/* Stacks hand their segments to functions without a name: one run at a time. */
static struct turnover *present;

static void on_output(void *ctx, struct packet *p, int side)
{
    const uint16_t port = side == 0 ? p->sport : p->dport;
    if (present->silent[port])
        packet_free(present->sim, p);
    else
        present->output[side](ctx, p);
}

static void on_client_output(void *ctx, struct packet *p)
{
    on_output(ctx, p, 0);
}
static void on_server_output(void *ctx, struct packet *p)
{
    on_output(ctx, p, 1);
}

/* Up to 2000 before the wrap: no two in a row are the same. */
static tcp_seq before_the_wrap(struct tcp_stack *s, const struct tcp *t)
{
    return seq((uint32_t)-between(&s->isn_rng, 1, 2000));
}
static const struct tcp_isn NEAR_WRAP = {.name = "wrap", .next = before_the_wrap};

/* ---- one end */

static void end_over(struct end *e)
{
    if (e->prev != NULL)
        e->prev->next = e->next;
    else
        e->run->ends = e->next;
    if (e->next != NULL)
        e->next->prev = e->prev;
    sim_release(e->run->sim, e, sizeof *e);
}

static void end_let_go(struct end *e)
{
    struct tcp *t = e->t;
    e->t = NULL;
    if (e->slot != NULL)
        *e->slot = NULL; /* the next one */
    tcp_close(t);
}

static void end_read(struct end *e)
{
    struct tcp_extent x[EXTENTS];
    int n = EXTENTS;
    while (tcp_recv(e->t, 1 << 20, x, &n) > 0) {
        for (int i = 0; i < n; i++) {
            e->stream = e->stream != 0 ? e->stream : x[i].stream;
            check_eq("the peer's stream", x[i].stream, e->stream);
            check_eq("the next byte", x[i].offset, e->n_read);
            e->n_read += x[i].len;
        }
        n = EXTENTS;
    }
    e->eof = e->eof || e->t->rcv.fin_taken;
}

static void end_work(struct end *e)
{
    const bool due = e->run->sim->now >= e->acts_at;
    if (due || e->kind != KIND_SLEEPY)
        end_read(e);
    const int64_t n = e->to_write > 0 ? tcp_send(e->t, e->to_write) : 0;
    e->to_write -= n > 0 ? n : 0;
    if (e->to_write == 0 && due && !e->shut)
        e->shut = tcp_shutdown(e->t, TCP_SHUT_WR) == 0;
    if (e->shut && e->eof && e->t != NULL) {
        e->run->n_whole++;
        end_let_go(e);
    }
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct end *e = CONTAINER_OF(user, struct end, user);
    if ((bits & (TCP_EV_ERROR | TCP_EV_CLOSED)) != 0) {
        e->run->n_errors += (bits & TCP_EV_ERROR) != 0;
        if (e->t != NULL)
            end_let_go(e);
        end_over(e);
    } else if (e->t != NULL) {
        end_work(e);
    }
}

static struct end *end_new(struct turnover *r, enum kind kind, int side)
{
    struct end *e = sim_alloc(r->sim, sizeof *e);
    *e = (struct end){.user = {.on_event = on_event, .account = &r->accounts[side]},
                      .run = r,
                      .next = r->ends,
                      .kind = kind,
                      .to_write =
                          rng_chance(&r->rng, 0.2) ? 0 : between(&r->rng, 1, MOST_BYTES)};
    if (r->ends != NULL)
        r->ends->prev = e;
    r->ends = e;
    return e;
}

/* ---- both */

/* At the same instants for both ends. */
static sim_time act_time(const struct turnover *r, enum kind kind)
{
    const sim_time now = r->sim->now;
    return kind == KIND_PLAIN ? now : (now / SEC(1) + 2) * SEC(1);
}

static enum kind some_kind(struct rng *r)
{
    return rng_chance(r, 0.01) ? KIND_VANISHES : (enum kind)rng_below(r, KIND_VANISHES);
}

static void begin_one(struct turnover *r, struct end **slot)
{
    const enum kind kind = some_kind(&r->rng);
    struct end *e = end_new(r, kind, 0);
    const struct tcp_addr to = {r->net->hosts[1].addr, PORT};
    e->slot = slot;
    *slot = e;
    e->acts_at = act_time(r, kind);
    check_eq("connect", tcp_connect(r->net->hosts[0].tcp, to, 0, &e->user, &e->t), 0);
    r->silent[e->t->local.port] = false;
    r->n_kind[kind]++;
    r->n_left--;
}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct turnover *r = CONTAINER_OF(user, struct turnover, door);
    struct end *e = end_new(r, some_kind(&r->rng), 1);
    e->kind = e->kind == KIND_VANISHES ? KIND_PLAIN : e->kind; /* clients say so */
    e->acts_at = act_time(r, e->kind);
    e->t = tcp_accept(l, &e->user);
}

/* From here on nobody hears of the other; the server fails, the client waits. */
static void vanish(struct turnover *r, struct end *e)
{
    r->silent[e->t->local.port] = true;
    e->to_write += e->shut ? 0 : 100;
    e->kind = KIND_PLAIN;
}

static void on_tick(struct sim *sim, struct event *ev)
{
    struct turnover *r = CONTAINER_OF(ev, struct turnover, tick);
    for (struct end *e = r->ends, *next; e != NULL; e = next) {
        next = e->next;
        if (e->t != NULL && e->kind == KIND_VANISHES && sim->now >= e->acts_at - SEC(1))
            vanish(r, e);
        if (e->t != NULL && tcp_states[e->t->state].synchronized)
            end_work(e);
        if (e->t != NULL && e->shut && sim->now > e->acts_at + PATIENCE)
            end_let_go(e); /* no FIN came, nor will one */
    }
    for (int i = 0; i < CLIENTS; i++)
        if (r->clients[i] == NULL && r->n_left > 0)
            begin_one(r, &r->clients[i]);
    if (r->n_left > 0 || r->ends != NULL)
        event_at(sim, ev, sim->now + TICK);
}

/* ---- the run */

static struct tcp_params params_of(const char *profile)
{
    struct tcp_params p;
    check_eq(profile, tcp_params_init(&p, profile), 0);
    p.fin_timeout = SEC(60); /* the RFC has none, and who vanishes leaves FIN-WAIT-2 behind */
    p.rcvbuf = 2000;
    p.msl = SEC(5);
    p.backlog = p.somaxconn = 1000;
    return p;
}

static struct turnover *turnover_new(const char *profile)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct turnover *r = present = sim_alloc(sim, sizeof *r);
    struct host_spec hosts[] = {{.name = "client", .tcp = params_of(profile)},
                                {.name = "server", .tcp = params_of(profile)}};
    const struct link_params way = {.rate_bps = UNIT_UNLIMITED,
                                    .delay = dist_constant(MS(5)),
                                    .queue_packets = UNIT_UNLIMITED,
                                    .queue_bytes = UNIT_UNLIMITED,
                                    .loss = loss_bernoulli(FRACTION_ONE / 20),
                                    .duplicate = FRACTION_ONE / 20,
                                    .reorder = {FRACTION_ONE / 20, 1, 0},
                                    .mtu = UNIT_UNLIMITED};
    struct link_spec links[] = {
        {.name = "to", .from = "client", .to = "server", .params = way},
        {.name = "fro", .from = "server", .to = "client", .params = way}};
    const struct net_spec spec = {.hosts = hosts, .links = links, .n_hosts = 2, .n_links = 2};
    *r = (struct turnover){.sim = sim, .rng = sim_rng(sim, "turnover")};
    r->net = net_build(sim, &spec);
    for (int i = 0; i < 2; i++) {
        struct tcp_stack *s = r->net->hosts[i].tcp;
        tcp_account_init(&r->accounts[i], 0);
        r->output[i] = s->output;
        s->output = i == 0 ? on_client_output : on_server_output;
        s->isn = &NEAR_WRAP;
    }
    r->door = (struct tcp_user){.on_accept = on_accept, .account = &r->accounts[1]};
    tcp_listen(r->net->hosts[1].tcp, PORT, 0, &r->door, &r->listener);
    event_init(sim, &r->tick, EV_APP, sim_subject(sim, "app", "all"), on_tick);
    return r;
}

/* So many more, to the end of the last one's timers. */
static void turn_over(struct turnover *r, int64_t n)
{
    r->n_left = n;
    event_at(r->sim, &r->tick, r->sim->now);
    while (sim_step(r->sim, SIM_NEVER))
        ;
    check_true("none is left", r->ends == NULL);
    for (int i = 0; i < 2; i++) {
        const struct tcp_stack *s = r->net->hosts[i].tcp;
        check_true("no endpoint", s->all == NULL);
        check_eq("no request", s->request_pool.n, 0);
        check_eq("no TIME-WAIT", s->tw_pool.n, 0);
        check_eq("no ends", s->table.n, 0);
        check_eq("no port, but the listener's", s->ports.n_owners, i);
        check_eq("no orphan", s->n_orphans, 0);
    }
    check_eq("no packet", r->sim->live_packets, 0);
}

static int64_t n_connections(void)
{
    const char *text = getenv("CONNECTIONS");
    return text != NULL ? strtoll(text, NULL, 10) : N_CONNECTIONS;
}

static void nothing_is_left(const char *profile)
{
    struct turnover *r = turnover_new(profile);
    const int64_t half = n_connections() / 2;
    turn_over(r, half);
    const size_t used = r->sim->arena.used;
    turn_over(r, half);
    const size_t more = r->sim->arena.used - used;
    print_message(
        "%s: %lld connections in %lld s; %lld KiB, in the second half %lld more; %lld "
        "ends read all, %lld broken\n",
        profile, (long long)(2 * half), (long long)(r->sim->now / SEC(1)),
        (long long)(used >> 10), (long long)(more >> 10), (long long)r->n_whole,
        (long long)r->n_errors);
    /* the world's bits a connection, doubled, and blocks of a size that was not free just then
     */
    check_true("the second half lives in the first one's memory",
               (int64_t)more <= half + (64 << 10));
    for (int i = 0; i < N_KINDS; i++)
        check_true("each kind", r->n_kind[i] > half / 200);
    check_true("most are whole", r->n_whole > 2 * half);
    check_true("who loses its peer is told", r->n_errors > half / 200);
    check_true("segments were lost", r->accounts[0].retransmissions > half / 10);
    net_finish(r->net);
    sim_free(r->sim);
}

static void rfc9293(void **state)
{
    nothing_is_left("rfc9293");
}
static void linux_profile(void **state)
{
    nothing_is_left("linux");
}
static void bsd(void **state)
{
    nothing_is_left("bsd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rfc9293),
                                       cmocka_unit_test(linux_profile), cmocka_unit_test(bsd)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
