/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/conn.h"

#include "models/apps/wait.h"

#include <errno.h>

enum { EXTENTS_A_CALL = 16 };

static void enter(struct app_conn *c)
{
    c->depth++;
}

static int let_go(struct app_conn *c, int (*call)(struct tcp *t))
{
    struct tcp *t = c->t;

    sim_assert(c->app->sim, t != NULL && !c->let_go);
    c->ended = c->ended || call == tcp_abort; /* after which no event comes */
    c->t = NULL;
    c->let_go = true;
    const int r = call(t);
    if (c->kind->on_let_go != NULL)
        c->kind->on_let_go(c);
    return r;
}

static void give_back(struct app_conn *c)
{
    if (c->kind->release != NULL)
        c->kind->release(c);
    sim_release(c->app->sim, c, c->kind->bytes);
}

/* The last to leave lets go of what is over and gives back what has ended. */
static void leave(struct app_conn *c)
{
    if (c->depth == 1 && c->t != NULL && !c->kind->manual && (c->ended || c->error != 0))
        let_go(c, tcp_close);
    if (--c->depth == 0 && c->ended && c->t == NULL)
        give_back(c);
}

static void fail(struct app_conn *c, const char *what, int error)
{
    if (c->error == 0)
        c->error = error;
    c->unwritten = 0;
    app_note_error(c->app, tcp_number(c->t), what, error);
}

int64_t app_conn_recv(struct app_conn *c, int64_t max)
{
    struct tcp_extent x[EXTENTS_A_CALL];
    int n = EXTENTS_A_CALL;
    const int64_t got = tcp_recv(c->t, max, x, &n);

    for (int i = 0; got > 0 && i < n; i++)
        app_check_extent(c->app, tcp_number(c->t), tcp_peer_stream(c->t), &c->next_offset,
                         &x[i]);
    c->received += got > 0 ? got : 0;
    c->last_byte_at = got > 0 ? c->app->sim->now : c->last_byte_at;
    c->eof = c->eof || got == 0;
    return got;
}

static void read_all(struct app_conn *c)
{
    int64_t got;

    do {
        got = app_conn_recv(c, INT64_MAX);
    } while (got > 0);
    if (got < 0 && got != -EAGAIN)
        fail(c, "recv", (int)-got);
}

/* Goes on until the buffer says that it is full, so that TCP_EV_WRITABLE will come. */
static int write_some(struct app_conn *c)
{
    while (c->unwritten > 0 && c->t != NULL) {
        const int64_t taken = tcp_send(c->t, c->unwritten);
        if (taken == -EAGAIN)
            return 0;
        if (taken < 0) {
            fail(c, "send", (int)-taken);
            return (int)taken;
        }
        if (c->unwritten != UNIT_UNLIMITED)
            c->unwritten -= taken;
    }
    return 0;
}

int app_conn_write(struct app_conn *c, int64_t bytes)
{
    const bool no_end = bytes == UNIT_UNLIMITED || c->unwritten == UNIT_UNLIMITED;

    c->unwritten = no_end ? UNIT_UNLIMITED : c->unwritten + bytes;
    c->acknowledged = false;
    return write_some(c);
}

int app_conn_shutdown(struct app_conn *c, enum tcp_shut how)
{
    return tcp_shutdown(c->t, how);
}

static int let_go_by(struct app_conn *c, int (*call)(struct tcp *t))
{
    enter(c);
    const int r = let_go(c, call);
    leave(c);
    return r;
}

int app_conn_close(struct app_conn *c)
{
    return let_go_by(c, tcp_close);
}

int app_conn_abort(struct app_conn *c)
{
    return let_go_by(c, tcp_abort);
}

int app_conn_disconnect(struct app_conn *c, struct tcp_sock *k)
{
    enter(c);
    c->ended = c->let_go = true;
    c->t = NULL;
    const int r = tcp_sock_disconnect(k);
    if (c->kind->on_let_go != NULL)
        c->kind->on_let_go(c);
    leave(c);
    return r;
}

int app_conn_end_writing(struct app_conn *c)
{
    if (c->shut)
        return 0;
    c->shut = true;
    return app_conn_shutdown(c, TCP_SHUT_WR);
}

static void break_off(struct app_conn *c)
{
    c->ended = true;
    c->broken = true;
    c->unwritten = 0;
    if (!c->kind->manual && c->error == 0)
        fail(c, "connection", tcp_error(c->t));
}

/* What the bits say, in the order in which a program would find it: bytes before their end, the
 * end before CLOSED. */
static void note_events(struct app_conn *c, uint32_t bits)
{
    c->connected = c->connected || (bits & TCP_EV_CONNECTED) != 0;
    c->readable = c->readable || (bits & TCP_EV_READABLE) != 0;
    if (c->reads && !c->eof && (bits & (TCP_EV_READABLE | TCP_EV_EOF)) != 0)
        read_all(c);
    if (!c->reads && (bits & TCP_EV_EOF) != 0)
        c->eof = true;
    if ((bits & TCP_EV_SENT) != 0)
        c->acknowledged = c->unwritten == 0; /* before more is written */
    if ((bits & TCP_EV_WRITABLE) != 0)
        write_some(c);
    if ((bits & TCP_EV_CLOSED) != 0)
        c->ended = true;
    if ((bits & TCP_EV_ERROR) != 0)
        break_off(c);
}

/* The host has failed: there is no socket any more, and no application that could wonder. */
static void lose(struct app_conn *c)
{
    sim_assert(c->app->sim, c->depth == 0);
    c->ended = c->let_go = true;
    c->t = NULL;
    give_back(c);
}

static void conn_on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct app_conn *c = CONTAINER_OF(user, struct app_conn, user);

    if (c->app->is_down) {
        lose(c);
        return;
    }
    enter(c);
    c->number = tcp_number(t);
    c->in_time_wait = (bits & TCP_EV_CLOSED) != 0 && tcp_state_of(t) == TCP_TIME_WAIT;
    if (c->let_go) {
        c->ended = c->ended || (bits & (TCP_EV_CLOSED | TCP_EV_ERROR)) != 0;
    } else {
        c->t = t; /* an event may come before tcp_connect has returned it */
        note_events(c, bits);
        if (c->t != NULL)
            c->kind->progress(c);
    }
    leave(c);
}

struct app_conn *app_conn_new(struct app *a, const struct app_conn_kind *kind)
{
    struct app_conn *c = sim_alloc(a->sim, kind->bytes);
    *c = (struct app_conn){
        .kind = kind,
        .app = a,
        .user = {.on_event = conn_on_event, .account = &a->account},
        .reads = true,
    };
    return c;
}

static void opened(struct app_conn *c, struct tcp *t, int error)
{
    if (error != 0) {
        c->error = error;
        c->ended = true;
        app_note_error(c->app, 0, "connect", error);
    } else if (!c->let_go) {
        c->t = t;
        if (!c->kind->manual)
            c->kind->progress(c);
    }
}

int app_conn_open(struct app_conn *c, struct tcp_addr to, uint16_t local_port)
{
    struct tcp *t = NULL;

    enter(c);
    const int r = tcp_connect(c->app->env.host->tcp, to, local_port, &c->user, &t);
    opened(c, t, -r);
    leave(c);
    return r;
}

int app_conn_open_from(struct app_conn *c, struct tcp_sock *from, struct tcp_addr to,
                       uint16_t local_port)
{
    struct tcp *t = NULL;
    int r;

    enter(c);
    if (local_port != 0) {
        c->user.sockopts = &from->opt;
        r = tcp_connect(from->stack, to, local_port, &c->user, &t);
        if (r == 0)
            tcp_sock_adopt(from, t);
    } else {
        r = tcp_sock_connect(from, to, &c->user);
        r = r == -EINPROGRESS ? 0 : r;
    }
    opened(c, from->t, -r);
    leave(c);
    return r;
}

int app_conn_open_send(struct app_conn *c, struct tcp_addr to, uint16_t local_port,
                       int64_t bytes)
{
    struct tcp *t = NULL;

    enter(c);
    const int64_t n =
        tcp_connect_send(c->app->env.host->tcp, to, local_port, &c->user, bytes, &t);
    c->t = n < 0 ? NULL : t;
    if (n >= 0 && n < bytes)
        app_conn_write(c, bytes - n);
    opened(c, t, n < 0 ? (int)-n : 0);
    leave(c);
    return n < 0 ? (int)n : 0;
}

struct app_conn *app_conn_accept(struct app *a, const struct app_conn_kind *kind,
                                 struct tcp_listener *l, bool reads)
{
    struct app_conn *c = app_conn_new(a, kind);

    c->reads = reads;
    c->connected = true;
    enter(c); /* until app_conn_look */
    c->t = tcp_accept(l, &c->user);
    if (c->t != NULL)
        return c;
    c->ended = true;
    leave(c);
    return NULL;
}

void app_conn_look(struct app_conn *c)
{
    /* Else a close() at once would find it unread, and reset. The error of a dead one is left
     * to its event. */
    if (c->t != NULL && c->reads && tcp_state_of(c->t) != TCP_CLOSED)
        read_all(c);
    if (c->t != NULL)
        c->kind->progress(c);
    leave(c);
}

void app_conn_progress(struct app_conn *c)
{
    if (c->t == NULL)
        return;
    enter(c);
    c->kind->progress(c);
    leave(c);
}

void app_conn_wait_over(struct app_wait *w)
{
    app_conn_progress(w->owner);
}
