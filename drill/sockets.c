/* SPDX-License-Identifier: GPL-3.0-or-later
 * sockets.c -- socket, bind, listen, accept, connect, shutdown, close, fcntl, ioctl; errno as
 * Linux's calls give it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "drill/inside.h"

/* ---- the table of descriptors */

/* A number given twice is that of the later one: a script may forget a descriptor without
 * closing it. */
struct drill_socket *drill_socket_of(const struct drill_run *r, int64_t fd)
{
    for (uint32_t i = r->n_sockets; i > 0; i--)
        if (r->sockets[i - 1]->open && r->sockets[i - 1]->fd == fd)
            return r->sockets[i - 1];
    return NULL;
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct drill_socket *s = CONTAINER_OF(user, struct drill_socket, user);
    if ((bits & (TCP_EV_CLOSED | TCP_EV_ERROR)) != 0)
        s->gone = true;
}

struct drill_socket *drill_socket_new(struct drill_run *r, struct drill_pending *c,
                                      enum socket_kind kind)
{
    struct drill_socket *s = sim_alloc(r->sim, sizeof *s);
    s->fd = (int)drill_value(r, c->call->result);
    s->kind = kind;
    s->open = true;
    s->opt = tcp_sockopts_of(r->stack);
    s->user =
        (struct tcp_user){.on_event = on_event, .account = &r->account, .sockopts = &s->opt};
    r->sockets = arena_grow(&r->sim->arena, r->sockets, &r->cap_sockets, r->n_sockets + 1,
                            sizeof(struct drill_socket *));
    r->sockets[r->n_sockets++] = s;
    return s;
}

/* ---- socket, bind, listen */

enum call_status drill_socket(struct drill_run *r, struct drill_pending *c)
{
    const int64_t type = drill_arg(r, c, 1), protocol = drill_arg(r, c, 2);
    if ((type & 0xf) != SOCK_STREAM || (protocol != 0 && protocol != PROTO_TCP)) {
        drill_lacks(r, &c->call->at, "a socket that is not TCP");
        return CALL_DONE;
    }
    struct drill_socket *s = drill_socket_new(r, c, SOCKET_NEW);
    s->nonblock = (type & SOCK_NONBLOCK) != 0;
    s->flow = drill_flow_new(r, FLOW_NEW);
    return drill_done(c, s->fd >= 0 ? s->fd : 0);
}

/* The port of a struct sockaddr_in; "..." is the runner's choice. */
static uint16_t port_of(struct drill_run *r, const struct drill_expr *addr, int64_t choice)
{
    const struct drill_expr *port = drill_member(addr, "sin_port");
    if (port == NULL)
        port = drill_member(addr, "sin6_port");
    return (uint16_t)(port != NULL ? drill_value(r, port) : choice);
}

/* Whether another socket of this host stands in the way. */
static bool port_is_taken(const struct drill_run *r, const struct drill_socket *me,
                          uint16_t port)
{
    for (uint32_t i = 0; i < r->n_sockets; i++) {
        const struct drill_socket *s = r->sockets[i];
        const bool both_may = (s->reuse_port && me->reuse_port) ||
                              (s->reuse_addr && me->reuse_addr && s->listener == NULL);
        if (s != me && s->open && s->bound && s->port == port && !both_may)
            return true;
    }
    return false;
}

enum call_status drill_bind(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    if (s == NULL)
        return drill_done(c, -EBADF);
    const uint16_t port =
        port_of(r, c->call->n_args > 1 ? c->call->args[1] : NULL, r->config.bind_port);
    if (s->bound || s->kind != SOCKET_NEW)
        return drill_done(c, -EINVAL);
    if (port_is_taken(r, s, port))
        return drill_done(c, -EADDRINUSE);
    s->bound = true;
    s->port = port;
    return drill_done(c, 0);
}

enum call_status drill_listen(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const int64_t backlog = drill_arg(r, c, 1);
    if (s == NULL)
        return drill_done(c, -EBADF);
    if (s->kind == SOCKET_LISTENER)
        return drill_done(c, 0);
    if (s->kind != SOCKET_NEW)
        return drill_done(c, -EINVAL);
    if (!s->bound)
        s->port = (uint16_t)r->params.port_min;
    const int error =
        tcp_listen(r->stack, s->port, (int)(backlog > 0 ? backlog : 1), &s->user, &s->listener);
    if (error != 0)
        return drill_done(c, error);
    s->bound = true;
    s->kind = SOCKET_LISTENER;
    s->flow->state = FLOW_LISTENING;
    return drill_done(c, 0);
}

/* ---- accept, connect */

enum call_status drill_accept(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *l = drill_socket_of(r, drill_arg(r, c, 0));
    if (l == NULL)
        return drill_done(c, -EBADF);
    if (l->kind != SOCKET_LISTENER)
        return drill_done(c, -EINVAL);
    /* the descriptor is made first, since events go to it from the moment of acceptance */
    struct drill_socket *s = c->socket;
    if (s == NULL) {
        if (drill_value(r, c->call->result) < 0) { /* the script expects none: a probe */
            struct tcp *probe = tcp_accept(l->listener, &l->user);
            return probe != NULL ? drill_done(c, 0)
                   : l->nonblock ? drill_done(c, -EAGAIN)
                                 : CALL_WAITS;
        }
        s = c->socket = drill_socket_new(r, c, SOCKET_CONNECTION);
        s->open = false;
    }
    s->t = tcp_accept(l->listener, &s->user);
    if (s->t == NULL)
        return l->nonblock ? drill_done(c, -EAGAIN) : CALL_WAITS;
    s->open = true;
    s->linger = l->linger;
    s->linger_s = l->linger_s;
    s->inq = l->inq;
    s->opt = l->opt;
    s->rcvbuf_set = l->rcvbuf_set;
    s->sndbuf_set = l->sndbuf_set;
    s->flow = r->flow;
    return drill_done(c, s->fd);
}

/* connect(AF_UNSPEC): as new. Its reset is still of the flow under test. */
static enum call_status disconnect(struct drill_run *r, struct drill_pending *c,
                                   struct drill_socket *s)
{
    if (s->t != NULL)
        tcp_abort(s->t);
    if (s->listener != NULL)
        tcp_listener_close(s->listener);
    s->t = NULL;
    s->listener = NULL;
    s->connecting = false;
    s->kind = SOCKET_NEW;
    s->flow->state = FLOW_NEW;
    r->flow = s->flow;
    return drill_done(c, 0);
}

static bool is_unspecified(struct drill_run *r, const struct drill_expr *addr)
{
    const struct drill_expr *family = drill_member(addr, "sa_family");
    return family != NULL && drill_value(r, family) == AF_UNSPEC;
}

static int begin_connect(struct drill_run *r, struct drill_socket *s,
                         const struct drill_expr *addr)
{
    const struct tcp_addr to = {r->config.remote, port_of(r, addr, r->config.connect_port)};
    s->flow = drill_flow_new(r, FLOW_CONNECTING);
    s->flow->remote_port = to.port;
    const int error = tcp_connect(r->stack, to, s->bound ? s->port : 0, &s->user, &s->t);
    if (error == 0) {
        s->kind = SOCKET_CONNECTION;
        s->connecting = true;
    }
    return error;
}

/* How an active open stands: 0 done, -EINPROGRESS, or why it failed. */
static int progress_of(struct drill_socket *s)
{
    const enum tcp_state state = tcp_state_of(s->t);
    if (state == TCP_SYN_SENT || state == TCP_SYN_RECEIVED)
        return -EINPROGRESS;
    s->connecting = false;
    const int error = tcp_error(s->t);
    return error != 0 ? -error : state == TCP_CLOSED ? -ECONNABORTED : 0;
}

enum call_status drill_connect(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const struct drill_expr *addr = c->call->n_args > 1 ? c->call->args[1] : NULL;
    if (s == NULL)
        return drill_done(c, -EBADF);
    if (s->kind == SOCKET_EPOLL)
        return drill_done(c, -ENOTSOCK);
    if (is_unspecified(r, addr))
        return disconnect(r, c, s);
    if (s->kind == SOCKET_NEW) {
        const int error = begin_connect(r, s, addr);
        if (error != 0)
            return drill_done(c, error);
        return s->nonblock ? drill_done(c, -EINPROGRESS) : CALL_WAITS;
    }
    if (s->kind == SOCKET_LISTENER || !s->connecting)
        return drill_done(c, -EISCONN);
    const int progress = progress_of(s);
    if (progress == -EINPROGRESS)
        return s->nonblock ? drill_done(c, -EALREADY) : CALL_WAITS;
    return drill_done(c, progress);
}

/* ---- shutdown, close */

enum call_status drill_shutdown(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const int64_t how = drill_arg(r, c, 1);
    static const enum tcp_shut HOW[] = {
        [SHUT_RD] = TCP_SHUT_RD, [SHUT_WR] = TCP_SHUT_WR, [SHUT_RDWR] = TCP_SHUT_RDWR};
    if (s == NULL)
        return drill_done(c, -EBADF);
    if (how < 0 || how >= (int64_t)ARRAY_LEN(HOW))
        return drill_done(c, -EINVAL);
    if (s->kind == SOCKET_LISTENER && how != SHUT_WR)
        return disconnect(r, c, s);
    if (s->kind != SOCKET_CONNECTION)
        return drill_done(c, s->kind == SOCKET_LISTENER ? 0 : -ENOTCONN);
    return drill_done(c, tcp_shutdown(s->t, HOW[how]));
}

/* SO_LINGER with a time: until all is acknowledged, our FIN too. */
static enum call_status linger(struct drill_run *r, struct drill_pending *c,
                               struct drill_socket *s)
{
    if (s->gone || r->sim->now >= c->until || tcp_unacked(s->t) == 0)
        return drill_done(c, 0);
    return CALL_WAITS;
}

enum call_status drill_close(struct drill_run *r, struct drill_pending *c)
{
    if (c->begun)
        return linger(r, c, c->socket);
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    if (s == NULL)
        return drill_done(c, -EBADF);
    s->open = false;
    if (s->listener != NULL)
        tcp_listener_close(s->listener);
    s->listener = NULL;
    if (s->t == NULL)
        return drill_done(c, 0);
    const bool waits = s->linger && s->linger_s > 0 && !s->nonblock;
    if (s->linger && s->linger_s == 0)
        tcp_abort(s->t);
    else
        tcp_close(s->t);
    if (waits && !s->gone) {
        c->socket = s;
        c->until = time_add(r->sim->now, SEC(s->linger_s));
        return linger(r, c, s);
    }
    return drill_done(c, 0);
}

/* ---- fcntl, ioctl */

enum call_status drill_fcntl(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const int64_t command = drill_arg(r, c, 1), value = drill_arg(r, c, 2);
    if (s == NULL)
        return drill_done(c, -EBADF);
    if (command == F_GETFL)
        return drill_done(c, O_RDWR | (s->nonblock ? O_NONBLOCK : 0));
    if (command == F_SETFL)
        s->nonblock = (value & O_NONBLOCK) != 0;
    else if (command != F_SETFD && command != F_GETFD)
        drill_lacks(r, &c->call->at, "fcntl() command %lld", (long long)command);
    return drill_done(c, 0);
}

/* Questions that have a number for an answer. */
static const struct {
    unsigned long request;
    int64_t (*ask)(const struct tcp *t);
} QUESTIONS[] = {{SIOCINQ, tcp_unread}, {SIOCOUTQ, tcp_unacked}, {SIOCOUTQNSD, tcp_unsent}};

enum call_status drill_ioctl(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const unsigned long request = (unsigned long)drill_arg(r, c, 1);
    const struct drill_expr *out = c->call->n_args > 2 ? c->call->args[2] : NULL;
    if (s == NULL)
        return drill_done(c, -EBADF);
    if (request == FIONBIO) {
        s->nonblock = drill_value(r, out) != 0;
        return drill_done(c, 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(QUESTIONS); i++) {
        if (QUESTIONS[i].request != request)
            continue;
        if (s->kind == SOCKET_LISTENER)
            return drill_done(c, -EINVAL);
        drill_check_out(r, c, out, "value", s->t != NULL ? QUESTIONS[i].ask(s->t) : 0);
        return drill_done(c, 0);
    }
    drill_lacks(r, &c->call->at, "ioctl() request %lu", request);
    return CALL_DONE;
}
