/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* POLLRDNORM */
#include "models/tcp/sock.h"

#include <errno.h>
#include <poll.h>

#include "models/tcp/endpoint.h"

void tcp_sock_init(struct tcp_sock *k, struct tcp_stack *s)
{
    *k = (struct tcp_sock){.stack = s, .opt = tcp_sockopts_of(s)};
}

static const struct tcp_addr nowhere = {{0, 0}, 0};

/* ---- its place among the owners of its port */

static void count_in(struct tcp_sock *k)
{
    sim_assert(k->stack->sim, !k->counted);
    k->bound.bits = (uint8_t)(HOLD_BOUND | tcp_hold_bits(&k->opt));
    tcp_port_take(k->stack, k->bound);
    tcp_port_mark(k->stack, k->bound.port, k->opt.tos, k->opt.ttl);
    k->stack->ports.n_sockets++;
    k->counted = true;
}

static void count_out(struct tcp_sock *k)
{
    if (!k->counted)
        return;
    tcp_port_mark(k->stack, k->bound.port, 0, 0); /* before the port is nobody's */
    tcp_port_drop(k->stack, k->bound);
    k->stack->ports.n_sockets--;
    k->counted = false;
}

/* A port that was given, not asked for, goes with what it was given for (Linux's
 * SOCK_BINDPORT_LOCK). */
static void unbind(struct tcp_sock *k)
{
    count_out(k);
    if (!k->port_asked)
        k->bound.port = 0;
    if (!k->ip_asked)
        k->bound.ip = ip4(0);
    if (k->bound.port != 0)
        count_in(k);
}

static bool is_own(const struct tcp_stack *s, ip_addr ip)
{
    return ip_eq(ip, ip4(0)) || ip_eq(ip, s->addr) ||
           (s->network.owns != NULL && s->network.owns(s->ctx, ip));
}

int tcp_sock_bind(struct tcp_sock *k, struct tcp_addr at)
{
    struct tcp_hold want = {at.ip, at.port, tcp_hold_bits(&k->opt) | HOLD_BOUND};
    if (!is_own(k->stack, at.ip))
        return -EADDRNOTAVAIL;
    if (k->t != NULL || k->listener != NULL || k->bound.port != 0 || k->deferred)
        return -EINVAL;
    if (at.port == 0)
        want.port = tcp_port_for_bind(k->stack, &want);
    if (want.port == 0 || !tcp_port_admits(k->stack, &want))
        return -EADDRINUSE;
    k->bound = want;
    k->ip_asked = !ip_eq(at.ip, ip4(0));
    k->port_asked = at.port != 0;
    count_in(k);
    return 0;
}

/* ---- listening */

/* As a listener it is another owner: of the sockets that were bound beside it one may. */
static bool become_listener(struct tcp_sock *k, int backlog, struct tcp_user *user)
{
    struct tcp_hold hold = k->bound;
    hold.bits |= HOLD_LISTENS;
    count_out(k);
    const bool admits = tcp_port_admits(k->stack, &hold);
    if (admits)
        k->listener = tcp_listener_new(k->stack, hold, backlog, user);
    else
        count_in(k);
    return admits;
}

int tcp_sock_listen(struct tcp_sock *k, int backlog, struct tcp_user *user)
{
    const int room = backlog < 0 ? INT32_MAX : backlog > 0 ? backlog : 1;
    if (k->t != NULL || k->deferred)
        return -EINVAL;
    if (k->listener != NULL) {
        k->listener->backlog = room;
        return 0;
    }
    user->sockopts = &k->opt;
    if (k->bound.port == 0) {
        const int error = tcp_sock_bind(k, nowhere);
        if (error != 0)
            return error;
    }
    return become_listener(k, room, user) ? 0 : -EADDRINUSE;
}

static void stop_listening(struct tcp_sock *k)
{
    tcp_listener_close(k->listener);
    k->listener = NULL;
}

int tcp_sock_accept(struct tcp_sock *k, struct tcp_sock *child, struct tcp_user *user)
{
    if (k->listener == NULL)
        return -EINVAL;
    struct tcp *t = tcp_accept(k->listener, user);
    if (t == NULL)
        return -EAGAIN;
    tcp_sock_init(child, k->stack);
    tcp_sock_adopt(child, t);
    return 0;
}

/* ---- connecting */

/* A child has all of its listener but what listening alone needs (Linux's
 * inet_csk_clone_lock()). */
static void forget_listening(struct tcp *t)
{
    if (t->opt->defer_accept == 0 && t->opt->fastopen_qlen == 0 && t->opt->fastopen_keys.n == 0)
        return;
    struct tcp_sockopts *own = tcp_sockopts_own(t);
    own->defer_accept = 0;
    own->fastopen_qlen = 0;
    own->fastopen_keys = (struct tcp_fastopen_keys){0};
}

void tcp_sock_adopt(struct tcp_sock *k, struct tcp *t)
{
    if (t->passive)
        forget_listening(t);
    k->t = t;
    k->opt = tcp_sockopts_now(t);
    k->connecting = t->state == TCP_SYN_SENT;
}

void tcp_sock_lose(struct tcp_sock *k)
{
    k->t = NULL;
    k->connecting = k->deferred = false;
    unbind(k);
}

/* connect() has failed: the socket is as before it. */
static void come_back(struct tcp_sock *k)
{
    struct tcp *t = k->t;
    k->opt = tcp_sockopts_now(t);
    tcp_sock_lose(k);
    tcp_close(t);
}

int tcp_sock_progress(struct tcp_sock *k)
{
    const enum tcp_state state = k->t->state;
    if (state == TCP_SYN_SENT || state == TCP_SYN_RECEIVED)
        return -EINPROGRESS;
    k->connecting = false;
    if (state != TCP_CLOSED && k->t->error == 0)
        return 0;
    const int error = tcp_error(k->t);
    come_back(k);
    return error != 0 ? -error : -ECONNABORTED;
}

static struct tcp_opening opening(const struct tcp_sock *k, struct tcp_addr to)
{
    return (struct tcp_opening){{k->bound.ip, k->bound.port}, to, k->bound.port != 0};
}

/* The endpoint is there: a socket of every address has become one of this. */
static void hold_at_its_end(struct tcp_sock *k)
{
    k->connecting = true;
    k->deferred = false;
    k->error = 0; /* of the connection before */
    if (k->bound.port == 0)
        return;
    count_out(k);
    k->bound.ip = k->t->local.ip;
    count_in(k);
}

int64_t tcp_sock_connect_send(struct tcp_sock *k, struct tcp_addr to, struct tcp_user *user,
                              int64_t bytes)
{
    const struct tcp_opening o = opening(k, k->deferred ? k->to : to);
    if (k->connecting) { /* as a connect() that asks again, and then a write */
        const int progress = tcp_sock_progress(k);
        return progress == -EINPROGRESS ? -EALREADY
               : progress < 0           ? progress
                                        : tcp_sock_send(k, bytes, 0);
    }
    if (k->t != NULL || k->listener != NULL)
        return -EISCONN;
    user->sockopts = &k->opt;
    const int64_t n = tcp_open_send(k->stack, &o, user, bytes, &k->t);
    if (n >= 0)
        hold_at_its_end(k);
    return n;
}

static int begin_connect(struct tcp_sock *k, struct tcp_addr to, struct tcp_user *user)
{
    const struct tcp_opening o = opening(k, to);
    if (k->opt.fastopen_connect && tcp_fastopen_is_ready(k->stack, to.ip)) {
        k->deferred = true;
        k->to = to;
        return 0;
    }
    if (k->opt.fastopen_connect) {
        const int64_t n = tcp_sock_connect_send(k, to, user, 0);
        return n < 0 ? (int)n : -EINPROGRESS;
    }
    user->sockopts = &k->opt;
    const int error = tcp_open(k->stack, &o, user, &k->t);
    if (error == 0)
        hold_at_its_end(k);
    return error != 0 ? error : -EINPROGRESS;
}

int tcp_sock_connect(struct tcp_sock *k, struct tcp_addr to, struct tcp_user *user)
{
    if (k->deferred || k->listener != NULL || (k->t != NULL && !k->connecting))
        return -EISCONN;
    if (k->t == NULL)
        return begin_connect(k, to, user);
    const int progress = tcp_sock_progress(k);
    return progress == -EINPROGRESS ? -EALREADY : progress;
}

/* What a program that still has the socket reads then (Linux's tcp_disconnect()): what it has
 * not read yet, where there was nothing to cut. */
static int error_of_disconnect(const struct tcp *t)
{
    return t->state == TCP_SYN_SENT || tcp_abort_tells(t) ? ECONNRESET : t->error;
}

int tcp_sock_disconnect(struct tcp_sock *k)
{
    struct tcp *t = k->t;
    if (k->listener != NULL)
        stop_listening(k);
    if (t != NULL) {
        k->opt = tcp_sockopts_now(t);
        k->error = error_of_disconnect(t);
    } else if (k->deferred) {
        k->error = ECONNRESET;
    }
    tcp_sock_lose(k);
    return t != NULL ? tcp_abort(t) : 0;
}

/* ---- the end */

int tcp_sock_shutdown(struct tcp_sock *k, enum tcp_shut how)
{
    if (k->listener != NULL)
        return how == TCP_SHUT_WR ? 0 : tcp_sock_disconnect(k);
    if (k->deferred)
        return tcp_sock_disconnect(k);
    if (k->t == NULL || k->t->state == TCP_TIME_WAIT)
        return -ENOTCONN;
    if (k->t->state == TCP_SYN_SENT)
        return tcp_sock_disconnect(k);
    return tcp_shutdown(k->t, how);
}

int tcp_sock_close(struct tcp_sock *k)
{
    struct tcp *t = k->t;
    k->t = NULL;
    if (k->listener != NULL)
        stop_listening(k);
    count_out(k);
    k->bound = (struct tcp_hold){0};
    if (t == NULL)
        return 0;
    const bool resets = t->opt->linger_on && t->opt->linger == 0;
    return resets ? tcp_abort(t) : tcp_close(t);
}

/* ---- writing and reading */

static int take_error(struct tcp_sock *k)
{
    const int error = k->error;
    k->error = 0;
    return error;
}

int64_t tcp_sock_send(struct tcp_sock *k, int64_t bytes, uint32_t flags)
{
    if (k->t == NULL)
        return k->error != 0 ? -take_error(k) : -EPIPE;
    const bool opening = k->t->state == TCP_SYN_SENT || k->t->state == TCP_SYN_RECEIVED;
    if (k->connecting && opening)
        return -EAGAIN;
    return tcp_sendmsg(k->t, bytes, flags);
}

int64_t tcp_sock_recv(struct tcp_sock *k, int64_t max, struct tcp_extent *out, int *n,
                      bool peek)
{
    if (k->t != NULL)
        return (peek ? tcp_peek : tcp_recv)(k->t, max, out, n);
    *n = 0;
    if (k->deferred)
        return -EAGAIN;
    return k->error != 0 && k->listener == NULL ? -take_error(k) : -ENOTCONN;
}

/* ---- options and questions */

static struct tcp_option_of own_options(struct tcp_sock *k)
{
    return (struct tcp_option_of){
        .stack = k->stack, .opt = &k->opt, .listens = k->listener != NULL};
}

/* What SO_REUSEADDR and SO_REUSEPORT say to the other owners of the port, IP_TOS and IP_TTL to
 * its resets. */
static void tell_owners(struct tcp_sock *k)
{
    if (k->counted) {
        count_out(k);
        count_in(k);
    }
    if (k->listener == NULL)
        return;
    struct tcp_hold *hold = &k->listener->hold;
    const struct tcp_hold old = *hold;
    hold->bits = (uint8_t)(HOLD_BOUND | HOLD_LISTENS | tcp_hold_bits(&k->opt));
    tcp_port_take(k->stack, *hold); /* first: a port without owners has no listeners either */
    tcp_port_drop(k->stack, old);
}

int tcp_sock_set(struct tcp_sock *k, enum tcp_option option, int64_t value)
{
    const struct tcp_option_of o = k->t != NULL ? tcp_option_of(k->t) : own_options(k);
    const int error = tcp_option_set_int(&o, option, value);
    if (k->t != NULL)
        k->opt = tcp_sockopts_now(k->t); /* for what it does after a disconnect */
    if (error == 0 && (option == TCP_OPT_REUSEADDR || option == TCP_OPT_REUSEPORT ||
                       option == TCP_OPT_TOS || option == TCP_OPT_TTL))
        tell_owners(k);
    return error;
}

int64_t tcp_sock_get(struct tcp_sock *k, enum tcp_option option)
{
    const struct tcp_option_of o = k->t != NULL ? tcp_option_asked(k->t) : own_options(k);
    return tcp_option_get_int(&o, option);
}

int tcp_sock_set_congestion(struct tcp_sock *k, const char *name)
{
    const struct tcp_cc *cc = tcp_cc_find(name);
    if (cc == NULL)
        return -ENOENT;
    if (k->t != NULL)
        tcp_cc_choose(k->t, cc);
    k->opt.cc = cc;
    return 0;
}

const char *tcp_sock_congestion(const struct tcp_sock *k)
{
    const struct tcp_cc *own = k->opt.cc != NULL ? k->opt.cc : k->stack->cc;
    return k->t != NULL ? k->t->cc->name : own->name;
}

int tcp_sock_error(struct tcp_sock *k)
{
    return k->t != NULL ? tcp_error(k->t) : take_error(k);
}

uint32_t tcp_sock_poll(const struct tcp_sock *k)
{
    if (k->listener != NULL)
        return tcp_waiting(k->listener) > 0 ? POLLIN | POLLRDNORM : 0;
    if (k->t != NULL)
        return tcp_poll(k->t);
    if (k->deferred)
        return POLLOUT | POLLWRNORM;
    return POLLOUT | POLLWRNORM | POLLHUP | (k->error != 0 ? POLLERR : 0);
}

struct tcp_addr tcp_sock_local(const struct tcp_sock *k)
{
    return k->t != NULL ? k->t->local : (struct tcp_addr){k->bound.ip, k->bound.port};
}
