/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sockets/program.h"

#include "models/tcp/ack.h"
#include "models/tcp/cc.h"
#include "models/tcp/endpoint.h"
#include "models/tcp/handshake.h"
#include "models/tcp/sock.h"
#include "models/tcp/synq.h"
#include "models/tcp/time_wait.h"
#include "tests/random.h"
#include "topologies/net.h"

#include <errno.h>

enum { HOSTS = 2, SOCKS = 6, SERVERS = 2, LIVES = 4096, EXTENTS = 8 };
enum { A_DAY = 86400, RULES = 6, LEAST_RCVBUF = 1152 };

/* One end of a connection, by its number. */
struct life {
    enum tcp_state ended_in; /* TCP_CLOSED: it has not */
    uint32_t peer;           /* stream that it reads */
    int64_t n_read, written;
    bool eof, shut_rd, shut_wr;
};

struct sock {
    struct tcp_user user; /* first */
    struct tcp_sock k;
    struct program *program;
    enum tcp_state left_in; /* by the connection before: where it ended, ESTABLISHED when cut */
    bool open;
};

struct side {
    struct host *host;
    struct tcp_account account;
    struct sock socks[SOCKS];
    sim_time back_at; /* after a crash; 0: it is up */
    bool forged;      /* ICMP errors have come */
};

struct program {
    struct listener listener;
    struct sim *sim;
    struct net *net;
    struct rng rng;
    struct side sides[HOSTS];
    struct life lives[LIVES];
    struct event next;
    struct program_tally *tally;
    int n_left;   /* calls to come */
    int n_polite; /* the last of them only end what there is */
    char story[32];
};

/* ---- what the stacks tell */

static struct life *life_of(struct program *g, uint32_t number)
{
    sim_assert(g->sim, number < LIVES);
    return &g->lives[number];
}

static const void *field(const struct rec_type *type, const void *rec, const char *name)
{
    const struct rec_field *f = type->fields;
    while (strcmp(f->name, name) != 0)
        f++;
    return (const char *)rec + f->offset;
}

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct program *g = CONTAINER_OF(self, struct program, listener);
    enum tcp_state from, to;
    if (type != &REC_TYPE_TRANSITION)
        return;
    const uint32_t conn = *(const uint32_t *)field(type, rec, "conn");
    if (conn == 0 ||
        !tcp_state_named(*(const char *const *)field(type, rec, "from_state"), &from) ||
        !tcp_state_named(*(const char *const *)field(type, rec, "to_state"), &to))
        return;
    if (to == TCP_CLOSED)
        life_of(g, conn)->ended_in = from;
    g->tally->digest = mix64(g->tally->digest ^ (uint64_t)now, conn << 8 | from << 4 | to);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct sock *s = CONTAINER_OF(user, struct sock, user);
    s->program->tally->n_urgent += (bits & TCP_EV_URGENT) != 0;
}

/* ---- what every call gives */

static int state_of(const struct sock *s)
{
    if (s->k.listener != NULL)
        return TCP_LISTEN;
    if (s->k.t != NULL)
        return tcp_state_of(s->k.t);
    return s->k.deferred ? SOCK_DEFERRED : SOCK_NEW;
}

static struct side *side_of(struct sock *s)
{
    return &s->program->sides[s->k.stack == s->program->sides[1].host->tcp];
}

static uint32_t facts_of(struct sock *s, int state)
{
    const struct program *g = s->program;
    const struct side *side = side_of(s);
    const struct tcp_params *p = &side->host->tcp->params;
    const bool listens = s->k.listener != NULL;
    const bool shut = s->k.t != NULL && g->lives[tcp_number(s->k.t)].shut_wr;
    uint32_t facts = strcmp(p->reset_error, "linux") == 0 ? FACT_EPIPE : FACT_ECONNRESET;
    facts |= listens || state == SOCK_DEFERRED || s->k.bound.port != 0 ? FACT_BOUND : 0;
    facts |= side->forged ? FACT_ICMP : 0;
    facts |= tcp_sock_get(&s->k, TCP_OPT_RECVERR) != 0 ? FACT_RECVERR : 0;
    facts |= shut ? FACT_SHUT : 0;
    facts |=
        (p->fastopen & 1) == 0 && strcmp(p->handshake, "fast-open") != 0 ? FACT_NO_CLIENT : 0;
    return facts;
}

static void tally_open(struct program_tally *tally, const struct tcp *t)
{
    tally->n_with_itself += t->local.port == t->remote.port && ip_eq(t->local.ip, t->remote.ip);
    tally->n_with_children += t->fo.is_child;
    tally->n_with_closed_windows += t->snd.wnd == 0;
    tally->n_with_marks += t->ecn.on;
}

/* A socket on which a call is about to be made. */
static struct sock_asked before(struct sock *s)
{
    struct program *g = s->program;
    struct sock_asked b = {.state = state_of(s), .ended_in = TCP_CLOSED};
    if (s->k.t != NULL && b.state == TCP_CLOSED)
        s->left_in = b.ended_in = life_of(g, tcp_number(s->k.t))->ended_in;
    else if (s->k.t != NULL)
        s->left_in = TCP_ESTABLISHED; /* what a disconnect leaves there: ECONNRESET */
    else if (s->k.error != 0)
        b.ended_in = s->left_in;
    b.facts = facts_of(s, b.state);
    g->tally->n_in[b.state]++;
    if (b.state == TCP_ESTABLISHED)
        tally_open(g->tally, s->k.t);
    return b;
}

/* result: what the call gave, which may be a number of bytes. */
static void check_call(struct sock *s, struct sock_asked b, enum sock_call call, int64_t result)
{
    struct program *g = s->program;
    b.call = call;
    g->tally->n_calls[call]++;
    g->tally->n_refused[call] += result < 0;
    if (result >= 0 || errno_is_allowed(b, (int)-result))
        return;
    print_error("%s: %s() in %s, which ended in %s, facts %x: %s\n", g->story,
                sock_call_name(call), sock_state_name(b.state), tcp_state_name(b.ended_in),
                b.facts, strerror((int)-result));
    fail();
}

/* ---- the calls */

static void do_bind(struct program *g, struct sock *s)
{
    const uint16_t ports[] = {0, 80, 81, 1000};
    struct sock_asked b = before(s);
    const ip_addr own = g->sides[s->k.stack == g->sides[1].host->tcp].host->addr;
    const ip_addr ips[] = {ip4(0), own, own, ip4(0x01020304)};
    const struct tcp_addr at = {ips[rng_below(&g->rng, 4)], ports[rng_below(&g->rng, 4)]};
    b.facts |= ip_eq(at.ip, ips[3]) ? FACT_FOREIGN : 0;
    check_call(s, b, CALL_BIND, tcp_sock_bind(&s->k, at));
}

static bool shares_its_port(const struct tcp_listener *l)
{
    const struct tcp_listener *o = l->stack->listeners;
    while (o != NULL && (o == l || o->hold.port != l->hold.port))
        o = o->next;
    return o != NULL;
}

static void do_listen(struct program *g, struct sock *s)
{
    if (rng_chance(&g->rng, 0.3))
        check_eq(g->story, tcp_sock_set(&s->k, TCP_OPT_REUSEPORT, 1), 0);
    struct sock_asked b = before(s);
    if (b.state == SOCK_NEW && s->k.bound.port == 0) /* where somebody will find it */
        check_call(s, b, CALL_BIND, tcp_sock_bind(&s->k, (struct tcp_addr){ip4(0), 80}));
    const int error = tcp_sock_listen(&s->k, (int)between(&g->rng, -1, 4), &s->user);
    check_call(s, b, CALL_LISTEN, error);
    g->tally->n_shared += error == 0 && shares_its_port(s->k.listener);
}

static struct sock *free_sock(struct side *side)
{
    for (struct sock *s = side->socks; s < side->socks + SOCKS; s++)
        if (!s->open)
            return s;
    return NULL;
}

static void do_accept(struct program *g, struct sock *s)
{
    struct sock *child = free_sock(side_of(s));
    if (child == NULL)
        return;
    struct sock_asked b = before(s);
    const int error = tcp_sock_accept(&s->k, &child->k, &child->user);
    check_call(s, b, CALL_ACCEPT, error);
    child->open = error == 0;
}

static struct tcp_addr some_end(struct program *g, struct sock *s)
{
    const uint16_t ports[] = {80, 80, 80, 81, 1000, 9};
    if (rng_chance(&g->rng, 0.03)) /* itself, if it is bound: RFC 9293 figure 7 */
        return (struct tcp_addr){side_of(s)->host->addr,
                                 s->k.bound.port != 0 ? s->k.bound.port : 1000};
    struct side *other = &g->sides[s->k.stack == g->sides[0].host->tcp];
    const ip_addr ip = rng_chance(&g->rng, 0.95) ? other->host->addr : ip4(0x0a070707);
    return (struct tcp_addr){ip, ports[rng_below(&g->rng, ARRAY_LEN(ports))]};
}

static void do_connect(struct program *g, struct sock *s)
{
    struct sock_asked b = before(s);
    check_call(s, b, CALL_CONNECT, tcp_sock_connect(&s->k, some_end(g, s), &s->user));
}

/* The endpoint may be gone by now; what it took counts all the same. */
static void wrote(struct program *g, uint32_t number, int64_t n)
{
    if (n <= 0)
        return;
    life_of(g, number)->written += n;
    g->tally->bytes_written += n;
}

static void do_fastopen(struct program *g, struct sock *s)
{
    struct sock_asked b = before(s);
    const int64_t bytes = between(&g->rng, 0, 3000);
    const int64_t n = tcp_sock_connect_send(&s->k, some_end(g, s), &s->user, bytes);
    check_call(s, b, CALL_FASTOPEN, n);
    check_true(g->story, n <= bytes);
    if (n >= 0)
        wrote(g, tcp_number(s->k.t), n);
}

static void do_send(struct program *g, struct sock *s)
{
    struct sock_asked b = before(s);
    const int64_t bytes = between(&g->rng, 1, rng_chance(&g->rng, 0.1) ? 100000 : 5000);
    const uint32_t flags = (uint32_t)rng_below(&g->rng, 8) == 0 ? TCP_MORE | TCP_OOB
                           : rng_chance(&g->rng, 0.2)           ? TCP_OOB
                                                                : 0;
    const uint32_t number = s->k.t != NULL ? tcp_number(s->k.t) : 0;
    const int64_t n = b.state == SOCK_DEFERRED
                          ? tcp_sock_connect_send(&s->k, s->k.to, &s->user, bytes)
                          : tcp_sock_send(&s->k, bytes, flags);
    check_call(s, b, b.state == SOCK_DEFERRED ? CALL_FASTOPEN : CALL_SEND, n);
    check_true(g->story, n <= bytes);
    if (n > 0)
        wrote(g, b.state == SOCK_DEFERRED ? tcp_number(s->k.t) : number, n);
}

/* A segment of an older connection between the same ends may pass for the ACK of a cookie, and
 * opens a connection in the midst of its stream: the hole of cookie.h. */
static bool takes_cookies(const struct program *g)
{
    return g->sides[0].account.n_cookies_received + g->sides[1].account.n_cookies_received > 0;
}

/* The end of a stream is behind all of it. */
static void check_eof(struct program *g, struct life *l)
{
    const struct life *peer = life_of(g, l->peer);
    l->eof = true;
    if (!l->shut_rd && l->peer != 0 && !takes_cookies(g))
        check_eq(g->story, l->n_read, peer->written);
    g->tally->n_whole += !l->shut_rd;
}

static void check_extents(struct program *g, struct life *l, const struct tcp_extent *x, int n)
{
    int64_t at = l->n_read;
    if (takes_cookies(g))
        return;
    for (int i = 0; i < n; i++) {
        l->peer = l->peer != 0 ? l->peer : x[i].stream;
        check_eq(g->story, x[i].stream, l->peer);
        check_eq(g->story, x[i].offset, at);
        at += x[i].len;
    }
    check_true(g->story, at <= life_of(g, l->peer)->written);
}

/* What recv() gave, or would have given if it had not only looked. */
static int64_t receive(struct program *g, struct sock *s, int64_t max, bool peek)
{
    struct sock_asked b = before(s);
    struct life *l = s->k.t != NULL ? life_of(g, tcp_number(s->k.t)) : NULL;
    struct tcp_extent x[EXTENTS];
    int n = EXTENTS;
    const bool fin = s->k.t != NULL && s->k.t->rcv.fin_taken;
    const int64_t got = tcp_sock_recv(&s->k, max, x, &n, peek);
    check_call(s, b, CALL_RECV, got);
    check_true(g->story, got <= max);
    if (got > 0) {
        check_extents(g, l, x, n);
        l->n_read += peek ? 0 : got;
        g->tally->bytes_read += peek ? 0 : got;
    } else if (got == 0 && max > 0 && fin && !l->eof) {
        check_eof(g, l);
    }
    return got;
}

static void do_recv(struct program *g, struct sock *s)
{
    const int64_t max = between(&g->rng, 1, 10000);
    const bool peeks = rng_chance(&g->rng, 0.2);
    g->tally->n_peeks += peeks;
    const int64_t seen = peeks ? receive(g, s, max, true) : 0;
    if (seen < 0)
        return; /* an error is told once */
    const int64_t got = receive(g, s, max, false);
    if (peeks)
        check_eq(g->story, got, seen);
}

/* A connect() that waited for data is cut, too. */
static void note_cut(struct sock *s, struct sock_asked b)
{
    if (b.state == SOCK_DEFERRED && !s->k.deferred)
        s->left_in = TCP_ESTABLISHED;
}

static void do_shutdown(struct program *g, struct sock *s)
{
    const enum tcp_shut how = (enum tcp_shut)rng_below(&g->rng, 3);
    struct sock_asked b = before(s);
    const uint32_t number = s->k.t != NULL ? tcp_number(s->k.t) : 0;
    const int error = tcp_sock_shutdown(&s->k, how);
    note_cut(s, b);
    check_call(s, b, CALL_SHUTDOWN, error);
    struct life *l = life_of(g, number);
    l->shut_rd = l->shut_rd || (error == 0 && how != TCP_SHUT_WR);
    l->shut_wr = l->shut_wr || (error == 0 && how != TCP_SHUT_RD);
}

static void do_set(struct program *g, struct sock *s)
{
    const enum tcp_option option = (enum tcp_option)rng_below(&g->rng, TCP_N_OPTIONS);
    static const int64_t values[] = {-1, 0, 1, 2, 5, 100, 1000, 5000, 65535, 200000};
    struct sock_asked b = before(s);
    const bool buffer = option == TCP_OPT_RCVBUF || option == TCP_OPT_SNDBUF;
    const struct tcp_params *p = &side_of(s)->host->tcp->params;
    b.facts |= option_has_a_range(option) ? FACT_RANGE : 0;
    b.facts |= buffer && strcmp(p->socket_buffers, "linux") != 0 ? FACT_BUFFER : 0;
    b.facts &= option == TCP_OPT_FASTOPEN_CONNECT ? UINT32_MAX : ~(uint32_t)FACT_NO_CLIENT;
    const int error =
        tcp_sock_set(&s->k, option, values[rng_below(&g->rng, ARRAY_LEN(values))]);
    check_call(s, b, CALL_SETSOCKOPT, error);
    tcp_sock_get(&s->k, option);
}

static void do_ask(struct program *g, struct sock *s)
{
    struct sock_asked b = before(s);
    tcp_sock_poll(&s->k);
    tcp_sock_local(&s->k);
    if (s->k.t != NULL) {
        check_true(g->story, tcp_send_room(s->k.t) >= 0 && tcp_unread(s->k.t) >= 0);
        check_true(g->story, tcp_unsent(s->k.t) <= tcp_unacked(s->k.t));
        check_true(g->story, tcp_urgent(s->k.t) >= 0);
    }
    const int error = tcp_sock_error(&s->k);
    if (error != 0)
        check_true(strerror(error), ending_is_allowed(b.ended_in, b.facts, error));
}

static void do_disconnect(struct program *g, struct sock *s)
{
    struct sock_asked b = before(s);
    g->tally->n_disconnects += s->k.t != NULL;
    check_eq(g->story, tcp_sock_disconnect(&s->k), 0);
    note_cut(s, b);
}

static void do_close(struct program *g, struct sock *s)
{
    s->open = false;
    check_eq(g->story, tcp_sock_close(&s->k), 0);
}

typedef void calling(struct program *g, struct sock *s);

static calling *const CALLS[] = {
    do_bind, do_listen, do_accept, do_connect,  do_fastopen, do_send,
    do_recv, do_set,    do_ask,    do_shutdown, do_close,    do_disconnect,
};

/* What a program that knows what it does would call in a state, as often as it stands here. */
enum { SENSIBLE = 8 };
static calling *const SENSIBLE_CALLS[N_SOCK_STATES][SENSIBLE] = {
    [SOCK_NEW] = {do_connect, do_connect, do_connect, do_connect, do_connect, do_fastopen,
                  do_bind, do_set},
    [SOCK_DEFERRED] = {do_send, do_send, do_recv, do_shutdown, do_bind, do_listen, do_ask,
                       do_set},
    [TCP_LISTEN] = {do_accept, do_accept, do_accept, do_accept, do_accept, do_accept, do_accept,
                    do_ask},
    [TCP_SYN_SENT] = {do_connect, do_connect, do_ask, do_ask, do_set, do_send, do_recv, do_ask},
    [TCP_SYN_RECEIVED] = {do_connect, do_connect, do_ask, do_ask, do_set, do_send, do_recv,
                          do_ask},
    [TCP_ESTABLISHED] = {do_send, do_send, do_send, do_recv, do_recv, do_recv, do_set,
                         do_shutdown},
    [TCP_CLOSE_WAIT] = {do_send, do_send, do_recv, do_recv, do_recv, do_recv, do_shutdown,
                        do_close},
    [TCP_FIN_WAIT_1] = {do_recv, do_recv, do_recv, do_recv, do_recv, do_recv, do_ask, do_close},
    [TCP_FIN_WAIT_2] = {do_recv, do_recv, do_recv, do_recv, do_recv, do_recv, do_ask, do_close},
    [TCP_CLOSING] = {do_recv, do_recv, do_recv, do_recv, do_recv, do_ask, do_ask, do_close},
    [TCP_LAST_ACK] = {do_recv, do_recv, do_recv, do_recv, do_recv, do_ask, do_ask, do_close},
    [TCP_TIME_WAIT] = {do_recv, do_recv, do_recv, do_recv, do_recv, do_ask, do_ask, do_close},
    [TCP_CLOSED] = {do_recv, do_recv, do_send, do_ask, do_ask, do_close, do_close, do_close},
};

static void call_something(struct program *g, struct side *side, struct sock *s)
{
    const int state = state_of(s);
    const size_t i = rng_below(&g->rng, SENSIBLE), j = rng_below(&g->rng, ARRAY_LEN(CALLS));
    const bool serves = s < side->socks + SERVERS && state == SOCK_NEW;
    const bool wild = rng_chance(&g->rng, 0.07);
    (wild ? CALLS[j] : serves ? do_listen : SENSIBLE_CALLS[state][i])(g, s);
}

/* ---- what befalls them */

static void sock_begin(struct program *g, struct side *side, struct sock *s)
{
    *s = (struct sock){.user = {.on_event = on_event, .account = &side->account}, .program = g};
}

/* The host fails, and its programs with it. */
static void crash(struct program *g, struct side *side)
{
    if (side->back_at != 0)
        return;
    host_crash(side->host);
    for (struct sock *s = side->socks; s < side->socks + SOCKS; s++)
        sock_begin(g, side, s);
    side->back_at = g->sim->now + between(&g->rng, SEC(1), SEC(30));
    g->tally->n_crashes++;
}

/* An ICMP error about a segment of some connection, as a router on the way or anybody else may
 * send it; of half of them the sequence number is in flight. */
static void forge(struct program *g, struct side *side)
{
    static const uint8_t types[] = {ICMP_UNREACHABLE,       ICMP_UNREACHABLE,
                                    ICMP_UNREACHABLE,       ICMP_TIME_EXCEEDED,
                                    ICMP_PARAMETER_PROBLEM, ICMP_SOURCE_QUENCH};
    const struct tcp *t = side->host->tcp->all;
    struct tcp_addr local = {side->host->addr, 80}, remote = {ip4(0x0a000001), 1000};
    uint32_t seq = (uint32_t)rng_below(&g->rng, UINT64_C(1) << 32);
    for (int64_t i = between(&g->rng, 0, 3); i > 0 && t != NULL && t->next != NULL; i--)
        t = t->next;
    if (t != NULL) {
        local = t->local;
        remote = t->remote;
        seq = rng_chance(&g->rng, 0.5) ? t->snd.una.v : seq;
    }
    const uint8_t type = types[rng_below(&g->rng, ARRAY_LEN(types))];
    const uint8_t code = (uint8_t)rng_below(&g->rng, 14);
    const struct icmp_error e = {.type = type,
                                 .code = icmp_row_of(type, code) != NULL ? code : 0,
                                 .proto = PROTO_TCP,
                                 .src = local.ip,
                                 .dst = remote.ip,
                                 .sport = local.port,
                                 .dport = remote.port,
                                 .seq = seq,
                                 .mtu = (uint32_t)between(&g->rng, 0, 1500),
                                 .bytes = 1500};
    struct packet *p = icmp_message(g->sim, ip4(0x0a636363), &e);
    p->ttl = 64;
    g->tally->n_messages++;
    side->forged = true;
    side->host->sink.recv(&side->host->sink, p);
}

/* ---- the course of a program */

static void one_call(struct program *g, struct side *side)
{
    struct sock *s = &side->socks[rng_below(&g->rng, SOCKS)];
    const double luck = rng_uniform(&g->rng);
    if (side->back_at != 0)
        return;
    if (luck < 0.002) {
        crash(g, side);
    } else if (luck < 0.03) {
        forge(g, side);
    } else if (!s->open) {
        sock_begin(g, side, s);
        tcp_sock_init(&s->k, side->host->tcp);
        s->open = true;
        call_something(g, side, s);
    } else {
        call_something(g, side, s);
    }
}

/* Before the end most programs say that they have written all, and read what comes. */
static void finish_politely(struct program *g, struct sock *s)
{
    if (!s->open || s->k.t == NULL)
        return;
    if (s->k.t->state == TCP_ESTABLISHED || s->k.t->state == TCP_CLOSE_WAIT)
        check_eq(g->story, tcp_sock_shutdown(&s->k, TCP_SHUT_WR), 0);
    while (receive(g, s, 1 << 20, false) > 0)
        ;
}

static void let_go(struct program *g, bool polite)
{
    for (struct side *side = g->sides; side < g->sides + HOSTS; side++)
        for (struct sock *s = side->socks; s < side->socks + SOCKS; s++) {
            if (polite)
                finish_politely(g, s);
            else if (s->open)
                do_close(g, s);
        }
}

static void come_back(struct program *g, struct side *side)
{
    if (side->back_at == 0 || (g->sim->now < side->back_at && g->n_left > 0))
        return;
    host_reboot(side->host);
    side->back_at = 0;
}

static void on_next(struct sim *sim, struct event *e)
{
    struct program *g = CONTAINER_OF(e, struct program, next);
    come_back(g, &g->sides[0]);
    come_back(g, &g->sides[1]);
    if (g->n_left-- == 0) {
        let_go(g, false);
        return;
    }
    if (g->n_left < g->n_polite)
        let_go(g, true);
    else
        one_call(g, &g->sides[rng_below(&g->rng, HOSTS)]);
    const double luck = rng_uniform(&g->rng);
    const sim_time wait = luck < 0.5   ? between(&g->rng, 0, MS(10))
                          : luck < 0.9 ? between(&g->rng, 0, MS(100))
                                       : between(&g->rng, 0, SEC(20));
    event_at(sim, &g->next, sim->now + wait);
}

/* ---- the network */

/* Any choice or switch of the table, whatever the profile says; but both ends must have the
 * same handshake. */
static void random_rule(struct rng *r, struct tcp_params *p)
{
    size_t n_keys = 0;
    while (TCP_KEYS[n_keys].name != NULL)
        n_keys++;
    const struct key *k = &TCP_KEYS[rng_below(r, n_keys)];
    if (k->kind == KEY_CHOICE && strcmp(k->name, "handshake") != 0)
        *(const char **)((char *)p + k->offset) = pick(r, k->choices);
    else if (k->kind == KEY_BOOL)
        *(bool *)((char *)p + k->offset) = rng_chance(r, 0.5);
}

static struct tcp_params random_tcp(struct rng *r, const char *handshake)
{
    static const char *const profiles[] = {"rfc9293", "linux", "bsd", "textbook"};
    struct tcp_params p;
    tcp_params_init(&p, profiles[rng_below(r, ARRAY_LEN(profiles))]);
    p.handshake = handshake;
    p.isn = rng_chance(r, 0.5) ? "random" : "rfc6528";
    p.ack_rule = rng_chance(r, 0.5) ? p.ack_rule : pick(r, TCP_ACK_RULE_CHOICES);
    p.congestion_control = pick(r, TCP_CC_CHOICES);
    p.mss = rng_chance(r, 0.5) ? 1460 : between(r, 100, 600);
    p.rcvbuf = rng_chance(r, 0.5) ? p.rcvbuf : between(r, 1, 4000);
    p.sndbuf = rng_chance(r, 0.5) ? p.sndbuf : between(r, 1, 4000);
    p.time_wait = rng_chance(r, 0.5) ? p.time_wait : pick(r, TCP_TIME_WAIT_CHOICES);
    p.syn_queue = rng_chance(r, 0.5) ? p.syn_queue : pick(r, TCP_SYNQ_CHOICES);
    p.syncookies = (int64_t)rng_below(r, 3);
    p.fastopen = rng_chance(r, 0.5) ? p.fastopen : 0x407;
    p.reset_time_wait = rng_chance(r, 0.2);
    p.keepalive = rng_chance(r, 0.2);
    p.abort_on_overflow = rng_chance(r, 0.5);
    p.ecn = (int64_t)rng_below(r, 3);
    p.max_syn_backlog = rng_chance(r, 0.7) ? p.max_syn_backlog : between(r, 1, 8);
    p.max_orphans = rng_chance(r, 0.7) ? p.max_orphans : between(r, 1, 3);
    p.challenge_ack_limit = rng_chance(r, 0.7) ? 0 : between(r, 1, 3);
    p.defer_accept = rng_chance(r, 0.9) ? 0 : SEC(between(r, 1, 20));
    for (int i = 0; i < RULES; i++)
        random_rule(r, &p);
    if (strcmp(p.receive_window, "linux") == 0) { /* else its window may never open again */
        p.socket_buffers = "linux";
        p.rcvbuf = p.rcvbuf < LEAST_RCVBUF ? LEAST_RCVBUF : p.rcvbuf; /* SOCK_MIN_RCVBUF */
    }
    if (rng_chance(r, 0.3)) { /* few ports: they run out */
        p.port_min = 40000;
        p.port_max = 40003;
    }
    /* Ends that are out of step correct each other without end, and each duplicate doubles it
     */
    p.invalid_ratelimit = MS(500);
    return p;
}

static struct link_params random_link(struct rng *r, struct link_step steps[2])
{
    struct link_params p = {
        .rate_bps = rng_chance(r, 0.7) ? UNIT_UNLIMITED : between(r, 100000, 100000000),
        .delay = dist_constant(between(r, 0, MS(40))),
        .queue_packets = rng_chance(r, 0.7) ? UNIT_UNLIMITED : between(r, 2, 20),
        .queue_bytes = UNIT_UNLIMITED,
        .loss = loss_bernoulli(rng_chance(r, 0.5) ? 0 : between(r, 0, FRACTION_ONE / 5)),
        .duplicate = rng_chance(r, 0.7) ? 0 : between(r, 0, FRACTION_ONE / 5),
        .corrupt = rng_chance(r, 0.8) ? 0 : between(r, 0, FRACTION_ONE / 10),
        .reorder = {rng_chance(r, 0.8) ? 0 : between(r, 0, FRACTION_ONE / 5), 1, 0},
        .mtu = rng_chance(r, 0.8) ? UNIT_UNLIMITED : between(r, 300, 1500),
    };
    if (rng_chance(r, 0.2)) {
        const sim_time down = between(r, 1, SEC(10));
        steps[0] = (struct link_step){.at = down, .state = "down"};
        steps[1] = (struct link_step){.at = down + between(r, 1, SEC(60)), .state = "up"};
        p.schedule = (struct key_list){steps, 2};
    }
    return p;
}

static void build_net(struct program *g)
{
    struct rng r = sim_rng(g->sim, "network");
    const char *handshake = rng_chance(&r, 0.5) ? "three-way" : pick(&r, TCP_HANDSHAKE_CHOICES);
    struct link_step steps[HOSTS][2];
    struct host_spec hosts[HOSTS] = {{.name = "a", .tcp = random_tcp(&r, handshake)},
                                     {.name = "b", .tcp = random_tcp(&r, handshake)}};
    struct link_spec links[HOSTS] = {
        {.name = "a->b", .from = "a", .to = "b", .params = random_link(&r, steps[0])},
        {.name = "b->a", .from = "b", .to = "a", .params = random_link(&r, steps[1])}};
    const struct net_spec spec = {
        .hosts = hosts, .links = links, .n_hosts = HOSTS, .n_links = HOSTS};
    g->net = net_build(g->sim, &spec);
}

/* ---- the end */

/* Nothing tells an end in FIN-WAIT-2 that its peer is gone, where the profile gives it no
 * fin_timeout. */
static bool has_a_reason(const struct tcp *t)
{
    return t->state == TCP_FIN_WAIT_2 && t->deadline[TCP_TIMER_TIME_WAIT] == SIM_NEVER &&
           t->stack->params.fin_timeout == SIM_NEVER;
}

static void check_side(struct program *g, struct side *side)
{
    const struct tcp_stack *s = side->host->tcp;
    uint32_t n = 0;
    for (const struct tcp *t = s->all; t != NULL; t = t->next, n++) {
        check_true(tcp_state_name(t->state), t->released && has_a_reason(t));
        check_true(g->story, t->deadline[TCP_TIMER_RTX] == SIM_NEVER);
    }
    check_eq(g->story, s->request_pool.n, 0);
    check_eq(g->story, s->tw_pool.n, 0);
    check_eq(g->story, s->ports.n_sockets, 0);
    check_eq(g->story, s->ports.n_owners, n);
    check_true(g->story, s->listeners == NULL);
    g->tally->n_cookies += side->account.n_cookies_sent;
    g->tally->n_connections += side->account.n_opened;
}

void program_run(uint64_t seed, struct program_tally *tally)
{
    struct sim *sim =
        sim_new(&(struct sim_params){.seed = seed, .shuffle_ties = seed % 2 == 0});
    struct program *g = sim_alloc(sim, sizeof *g);
    *g = (struct program){.listener = {on_record, REC_LIFE}, .sim = sim, .tally = tally};
    snprintf(g->story, sizeof g->story, "program %llu", (unsigned long long)seed);
    g->rng = sim_rng(sim, "program");
    build_net(g);
    sim_listen(sim, &g->listener);
    for (int i = 0; i < HOSTS; i++) {
        struct side *side = &g->sides[i];
        side->host = &g->net->hosts[i];
        tcp_account_init(&side->account, 0);
        for (struct sock *s = side->socks; s < side->socks + SOCKS; s++)
            sock_begin(g, side, s);
    }
    g->n_polite = rng_chance(&g->rng, 0.2) ? 0 : 30;
    g->n_left = g->n_polite + (int)between(&g->rng, 30, 150);
    event_init(sim, &g->next, EV_APP, sim_subject(sim, "app", "program"), on_next);
    event_at(sim, &g->next, 0);
    sim_run_until(sim, SEC(A_DAY));
    check_true(g->story, g->n_left < 0);
    for (int i = 0; i < HOSTS; i++)
        check_side(g, &g->sides[i]);
    for (const struct life *l = g->lives; l < g->lives + LIVES; l++)
        tally->n_ended += l->ended_in != TCP_CLOSED && l->ended_in != TCP_TIME_WAIT &&
                          l->ended_in != TCP_LAST_ACK;
    sim_listen(sim, NULL);
    net_finish(g->net);
    check_eq(g->story, sim->live_packets, 0);
    sim_free(sim);
}
