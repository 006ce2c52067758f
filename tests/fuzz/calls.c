/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/ends.h"

/* ---- what the application reads */

static bool was_delivered(const struct end *e, uint32_t at, uint32_t stream, uint32_t offset,
                          uint32_t *run)
{
    *run = 0;
    for (const struct seen *s = e->seen; s < e->seen + e->n_seen; s++) {
        const uint32_t into = at - s->seq;
        if (into < s->len && s->stream == stream && (uint32_t)s->offset + into == offset &&
            s->len - into > *run)
            *run = s->len - into;
    }
    return *run > 0;
}

static bool fin_was_delivered(const struct end *e, uint32_t at)
{
    for (const struct seen *s = e->seen; s < e->seen + e->n_seen; s++)
        if (s->fin && s->seq + s->len == at)
            return true;
    return false;
}

static void check_extent(const struct sock *k, uint64_t position, const struct tcp_extent *x)
{
    const uint32_t first = k->t->irs.v + 1 + (uint32_t)position;
    sim_assert(k->end->world->sim, x->len > 0);
    for (uint32_t done = 0, run; done < x->len; done += run)
        sim_assert(k->end->world->sim, was_delivered(k->end, first + done, x->stream,
                                                     (uint32_t)x->offset + done, &run));
}

typedef int64_t reading(struct tcp *t, int64_t max, struct tcp_extent *out, int *n);

static int64_t look(const struct sock *k, reading *how, int64_t max)
{
    struct sim *sim = k->end->world->sim;
    struct tcp_extent x[4];
    int n = (int)ARRAY_LEN(x);
    const int64_t got = how(k->t, max, x, &n);
    int64_t sum = 0;
    for (int i = 0; got > 0 && i < n; i++) {
        check_extent(k, k->n_read + (uint64_t)sum, &x[i]);
        sum += x[i].len;
    }
    sim_assert(sim, got <= max && (got <= 0 || got == sum));
    if (got == 0 && max > 0 && !k->read_shut && k->t->state != TCP_CLOSED)
        sim_assert(sim, fin_was_delivered(k->end, k->t->irs.v + 1 + (uint32_t)k->n_read));
    return got;
}

/* ---- applications */

const int64_t SIZES[N_SIZES] = {1, 10, 100, 536, 1000, 1460, 3000, 9000};

static int64_t some_size(struct input *in)
{
    return SIZES[u8(in) % N_SIZES];
}

static void call_send(struct sock *k, struct input *in)
{
    const int64_t bytes = some_size(in);
    const int64_t sent = tcp_sendmsg(k->t, bytes, u8(in) % 4 == 0 ? TCP_MORE : 0);
    sim_assert(k->end->world->sim, sent != 0 && sent <= bytes);
}

static void call_recv(struct sock *k, struct input *in)
{
    const int64_t max = some_size(in);
    const int64_t seen = look(k, tcp_peek, max);
    if (seen < 0)
        return; /* an error is told once */
    const int64_t got = look(k, tcp_recv, max);
    sim_assert(k->end->world->sim, got == seen);
    k->n_read += (uint64_t)got;
}

static void call_peek(struct sock *k, struct input *in)
{
    look(k, tcp_peek, some_size(in));
}

void sock_shutdown(struct sock *k, struct input *in)
{
    static const enum tcp_shut hows[] = {TCP_SHUT_WR, TCP_SHUT_WR, TCP_SHUT_RD, TCP_SHUT_RDWR};
    const enum tcp_shut how = hows[u8(in) % ARRAY_LEN(hows)];
    const bool before = k->read_shut;
    k->read_shut = before || how != TCP_SHUT_WR; /* events may come within the call */
    if (tcp_shutdown(k->t, how) != 0)
        k->read_shut = before;
}

void sock_close(struct sock *k, struct input *in)
{
    struct tcp *t = k->t;
    k->t = NULL;
    tcp_close(t);
}

void sock_abort(struct sock *k, struct input *in)
{
    struct tcp *t = k->t;
    k->t = NULL;
    tcp_abort(t);
}

static void call_set_option(struct sock *k, struct input *in)
{
    const enum tcp_option option = (enum tcp_option)(u8(in) % (TCP_OPT_CORK + 1));
    const uint8_t pick = u8(in);
    const bool on_off = option == TCP_OPT_NODELAY || option == TCP_OPT_CORK;
    const int64_t value = on_off ? pick % 2 : SIZES[pick % N_SIZES];
    sim_assert(k->end->world->sim, tcp_set_option(k->t, option, value) == 0);
}

static void call_ask(struct sock *k, struct input *in)
{
    struct sim *sim = k->end->world->sim;
    sim_assert(sim, tcp_send_room(k->t) >= 0 && tcp_unread(k->t) >= 0);
    sim_assert(sim, tcp_unsent(k->t) <= tcp_unacked(k->t));
    tcp_poll(k->t);
    tcp_error(k->t);
}

/* As often as they stand here. */
static void (*const calls[])(struct sock *k, struct input *in) = {
    call_send,     call_send,  call_recv,  call_recv,       call_peek,
    sock_shutdown, sock_close, sock_abort, call_set_option, call_ask,
};

static struct sock *free_sock(struct end *e)
{
    for (struct sock *k = e->socks; k < e->socks + SOCKS; k++)
        if (k->t == NULL)
            return k;
    return NULL;
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits);

static void sock_begin(struct end *e, struct sock *k)
{
    *k = (struct sock){.user = {.on_event = on_event, .account = &e->account}, .end = e};
}

void op_accept(struct end *e, struct input *in)
{
    struct sock *k = free_sock(e);
    if (e->listener == NULL || k == NULL)
        return;
    const int waiting = tcp_waiting(e->listener);
    sock_begin(e, k);
    k->t = tcp_accept(e->listener, &k->user);
    sim_assert(e->world->sim, (k->t != NULL) == (waiting > 0));
}

void op_listen(struct end *e, struct input *in)
{
    if (e->listener == NULL)
        tcp_listen(e->stack, PORT, 3, &e->listening, &e->listener);
}

void op_unlisten(struct end *e, struct input *in)
{
    struct tcp_listener *l = e->listener;
    e->listener = NULL;
    if (l != NULL)
        tcp_listener_close(l);
}

void op_hold(struct end *e, struct input *in)
{
    e->holds = !e->holds;
}

void connect_from(struct end *e, uint16_t port)
{
    struct sock *k = free_sock(e);
    if (k == NULL)
        return;
    sock_begin(e, k);
    if (tcp_connect(e->stack, (struct tcp_addr){e->other->stack->addr, PORT}, port, &k->user,
                    &k->t) != 0)
        k->t = NULL;
}

/* Both ends on the same two ports meet in a simultaneous open. */
void op_connect(struct end *e, struct input *in)
{
    static const uint16_t ports[] = {PEER_PORT, PORT, PEER_PORT + 1, 0};
    connect_from(e, ports[u8(in) % ARRAY_LEN(ports)]);
}

void op_call(struct end *e, struct input *in)
{
    const uint8_t pick = u8(in);
    struct sock *k = &e->socks[pick % SOCKS];
    for (int i = 0; i < SOCKS && k->t == NULL; i++)
        k = &e->socks[i];
    if (k->t != NULL)
        calls[pick / SOCKS % ARRAY_LEN(calls)](k, in);
}

void op_react(struct end *e, struct input *in)
{
    e->reaction = u8(in);
}

/* ---- what they are told, and do at once */

static void (*const reactions[])(struct end *e, struct input *in) = {
    op_unlisten,
    op_listen,
    op_connect,
    op_call,
};
enum { ABOUT_OTHERS = 192 }; /* from here up a reaction is one of these, else a call */

static uint8_t take_reaction(struct end *e)
{
    const uint8_t reaction = e->reaction;
    e->reaction = 0;
    return reaction;
}

/* A released connection still tells how it ended; its place may be another's by then. */
static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct sock *k = CONTAINER_OF(user, struct sock, user);
    struct end *e = k->end;
    struct life *l = life_of(e, t);
    const uint8_t reaction = take_reaction(e);
    sim_assert(e->world->sim, bits != 0 && !l->ended);
    l->ended = (bits & (TCP_EV_ERROR | TCP_EV_CLOSED)) != 0;
    sim_assert(e->world->sim, !l->ended || t->state == TCP_CLOSED || t->state == TCP_TIME_WAIT);
    if (reaction >= ABOUT_OTHERS)
        reactions[reaction % ARRAY_LEN(reactions)](e, &e->world->in);
    else if (k->t == t && reaction != 0)
        calls[reaction % ARRAY_LEN(calls)](k, &e->world->in);
}

void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct end *e = CONTAINER_OF(user, struct end, listening);
    if (!e->holds)
        op_accept(e, NULL);
    else if (e->reaction >= ABOUT_OTHERS)
        reactions[take_reaction(e) % ARRAY_LEN(reactions)](e, &e->world->in);
}
