/* SPDX-License-Identifier: GPL-3.0-or-later
 * sockets.c -- socket, bind, listen, accept, connect, shutdown, close, fcntl, ioctl; errno as
 * Linux's calls give it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "drill/inside.h"
#include "models/tcp/fastopen.h"

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
    s->fd = (int)drill_int(r, c->call->result);
    s->kind = kind;
    s->open = true;
    s->mtu_discover = IP_PMTUDISC_WANT;
    tcp_sock_init(&s->sock, r->stack);
    s->user = (struct tcp_user){
        .on_event = on_event, .account = &r->account, .sockopts = &s->sock.opt};
    r->sockets = arena_grow(&r->sim->arena, r->sockets, &r->cap_sockets, r->n_sockets + 1,
                            sizeof(struct drill_socket *));
    r->sockets[r->n_sockets++] = s;
    return s;
}

/* ---- socket, bind, listen */

enum { LINUX_FAMILIES = 46 /* AF_MAX */ };

enum call_status drill_socket(struct drill_run *r, struct drill_pending *c)
{
    const int64_t type = drill_arg(r, c, 1), protocol = drill_arg(r, c, 2);
    const int64_t family =
        c->call->args[0]->kind == EXPR_ELLIPSIS ? AF_INET : drill_arg(r, c, 0);
    if ((type & ~(int64_t)(0xf | SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0)
        return drill_done(c, -EINVAL);
    if (family <= AF_UNSPEC || family >= LINUX_FAMILIES)
        return drill_done(c, -EAFNOSUPPORT);
    const bool nonblock = (type & SOCK_NONBLOCK) != 0,
               is_ip = family == AF_INET || family == AF_INET6;
    if (is_ip && (type & 0xf) == SOCK_DGRAM && (protocol == 0 || protocol == PROTO_UDP))
        return drill_udp_open(r, c, nonblock);
    if (!is_ip || (type & 0xf) != SOCK_STREAM || (protocol != 0 && protocol != PROTO_TCP)) {
        drill_lacks(r, &c->call->at, "a socket that is neither TCP nor UDP");
        return CALL_DONE;
    }
    struct drill_socket *s = drill_socket_new(r, c, SOCKET_NEW);
    s->nonblock = nonblock;
    s->flow = drill_flow_new(r, FLOW_NEW);
    return drill_done(c, s->fd >= 0 ? s->fd : 0);
}

/* The address that bind() names: 0, or -errno. */
static int check_local(struct drill_run *r, const struct drill_expr *addr, ip_addr *out)
{
    const int64_t family = drill_family_of(r, addr);
    ip_addr ip = ip4(INADDR_ANY);
    if (family != AF_INET && family != AF_INET6)
        return -EAFNOSUPPORT;
    if (drill_ip_of(r, addr, &ip) && ip.low >> 24 == IN_LOOPBACKNET)
        drill_lacks(r, &addr->at, "the loopback address");
    *out = ip;
    return 0; /* whose it is the endpoint knows */
}

/* What it is now that a call has changed it. */
static enum call_status done(struct drill_pending *c, struct drill_socket *s, int64_t value)
{
    s->kind = s->sock.listener != NULL ? SOCKET_LISTENER
              : s->sock.t != NULL      ? SOCKET_CONNECTION
                                       : SOCKET_NEW;
    return drill_done(c, value);
}

enum call_status drill_bind(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_arg(r, c, -ENOTSOCK);
    if (s == NULL)
        return CALL_DONE;
    const struct drill_expr *addr = c->call->args[1];
    ip_addr ip = ip4(INADDR_ANY);
    int error = drill_check_address(r, c, 1, drill_least_length(r, addr));
    if (error == 0)
        error = check_local(r, addr, &ip);
    if (error != 0)
        return drill_done(c, error);
    const uint16_t port = drill_port_of(r, addr, r->config.bind_port);
    return done(c, s, tcp_sock_bind(&s->sock, (struct tcp_addr){ip, port}));
}

enum call_status drill_listen(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_arg(r, c, -ENOTSOCK);
    const int64_t backlog = drill_arg(r, c, 1);
    if (s == NULL)
        return CALL_DONE;
    const int error = tcp_sock_listen(&s->sock, (int)backlog, &s->user);
    if (error == 0)
        s->flow->state = FLOW_LISTENING;
    return done(c, s, error);
}

/* ---- accept, connect */

enum call_status drill_accept(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *l = drill_socket_arg(r, c, -ENOTSOCK);
    if (l == NULL)
        return CALL_DONE;
    if (l->kind != SOCKET_LISTENER)
        return drill_done(c, -EINVAL);
    const bool waits = drill_may_wait(r, c, l, l->timeout.receive);
    /* the descriptor is made first, since events go to it from the moment of acceptance */
    struct drill_socket *s = c->socket;
    if (s == NULL) {
        if (drill_value(r, c->call->result) < 0) { /* the script expects none: a probe */
            struct tcp *probe = tcp_accept(l->sock.listener, &l->user);
            return probe != NULL ? drill_done(c, 0)
                   : waits       ? CALL_WAITS
                                 : drill_done(c, -EAGAIN);
        }
        s = c->socket = drill_socket_new(r, c, SOCKET_CONNECTION);
        s->open = false;
    }
    if (tcp_sock_accept(&l->sock, &s->sock, &s->user) == -EAGAIN)
        return waits ? CALL_WAITS : drill_done(c, -EAGAIN);
    s->open = true;
    s->timeout = l->timeout;
    s->mtu_discover = l->mtu_discover;
    s->flow = r->flow;
    return drill_done(c, s->fd);
}

/* connect(AF_UNSPEC): as new. A connection's reset is still of the flow under test; what a
 * listener has given goes on. */
static enum call_status disconnect(struct drill_run *r, struct drill_pending *c,
                                   struct drill_socket *s)
{
    tcp_sock_disconnect(&s->sock);
    s->flow->state = FLOW_NEW;
    if (s->kind == SOCKET_CONNECTION)
        r->flow = s->flow;
    return done(c, s, 0);
}

static int begin_connect(struct drill_run *r, struct drill_socket *s,
                         const struct drill_expr *addr)
{
    const int64_t family = drill_family_of(r, addr);
    ip_addr peer;
    if (family != AF_INET && family != AF_INET6)
        return -EAFNOSUPPORT;
    if (drill_ip_of(r, addr, &peer) && !ip_eq(peer, r->config.remote))
        drill_lacks(r, &addr->at, "a second host");
    const struct tcp_addr to = {r->config.remote,
                                drill_port_of(r, addr, r->config.connect_port)};
    s->flow = drill_flow_new(r, FLOW_CONNECTING);
    s->flow->remote_port = to.port;
    return tcp_sock_connect(&s->sock, to, &s->user);
}

int64_t drill_open_by_write(struct drill_run *r, struct drill_socket *s, int64_t bytes)
{
    const struct tcp_addr to = {r->config.remote, (uint16_t)r->config.connect_port};
    if (!tcp_fastopen_is_on(r->stack))
        return -EOPNOTSUPP;
    if (!s->sock.deferred)
        s->flow = drill_flow_new(r, FLOW_CONNECTING);
    s->flow->remote_port = to.port;
    const int64_t n = tcp_sock_connect_send(&s->sock, to, &s->user, bytes);
    s->kind = s->sock.t != NULL ? SOCKET_CONNECTION : SOCKET_NEW;
    return n;
}

int drill_progress_of(struct drill_socket *s)
{
    const int progress = tcp_sock_progress(&s->sock);
    s->kind = s->sock.t != NULL ? SOCKET_CONNECTION : SOCKET_NEW;
    return progress;
}

enum call_status drill_connect(struct drill_run *r, struct drill_pending *c)
{
    enum { FAMILY_BYTES = 2 };
    struct drill_socket *s = drill_socket_arg(r, c, -ENOTSOCK);
    const struct drill_expr *addr = c->call->args[1];
    if (s == NULL)
        return CALL_DONE;
    int error = drill_check_address(r, c, 1, FAMILY_BYTES);
    if (error != 0)
        return drill_done(c, error);
    if (drill_family_of(r, addr) == AF_UNSPEC)
        return disconnect(r, c, s);
    if (s->kind == SOCKET_NEW && !s->sock.deferred) {
        error = drill_check_address(r, c, 1, drill_least_length(r, addr));
        if (error == 0)
            error = begin_connect(r, s, addr);
    } else {
        error = tcp_sock_connect(&s->sock, (struct tcp_addr){r->config.remote, 0}, &s->user);
    }
    const bool goes_on = error == -EINPROGRESS || error == -EALREADY;
    if (goes_on && c->begun) /* when its time is over it says what it would have at once */
        error = -c->error;
    const enum call_status status = done(c, s, error);
    return goes_on && drill_may_wait(r, c, s, s->timeout.send) ? CALL_WAITS : status;
}

/* ---- shutdown, close */

enum call_status drill_shutdown(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_arg(r, c, -ENOTSOCK);
    const int64_t how = drill_arg(r, c, 1);
    static const enum tcp_shut HOW[] = {
        [SHUT_RD] = TCP_SHUT_RD, [SHUT_WR] = TCP_SHUT_WR, [SHUT_RDWR] = TCP_SHUT_RDWR};
    if (s == NULL)
        return CALL_DONE;
    if (how < 0 || how >= (int64_t)ARRAY_LEN(HOW))
        return drill_done(c, -EINVAL);
    if (s->kind == SOCKET_LISTENER && how != SHUT_WR)
        return disconnect(r, c, s);
    return done(c, s, tcp_sock_shutdown(&s->sock, HOW[how]));
}

/* SO_LINGER with a time: until all is acknowledged, our FIN too. */
static enum call_status linger(struct drill_run *r, struct drill_pending *c,
                               struct drill_socket *s)
{
    if (s->gone || r->sim->now >= c->until || tcp_unacked(s->closing) == 0)
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
    s->closing = s->sock.t;
    const struct tcp_sockopts opt =
        s->closing != NULL ? tcp_sockopts_now(s->closing) : s->sock.opt;
    const bool waits = opt.linger_on && opt.linger != 0 && !s->nonblock;
    tcp_sock_close(&s->sock);
    if (s->closing != NULL && waits && !s->gone) {
        c->socket = s;
        c->until = time_add(r->sim->now, opt.linger);
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

/* Linux: of a connection under way there is nothing to tell. */
static bool is_open(const struct tcp *t)
{
    return t != NULL && tcp_state_of(t) != TCP_SYN_SENT && tcp_state_of(t) != TCP_SYN_RECEIVED;
}

/* Questions that have a number for an answer. */
static const struct {
    unsigned long request;
    int64_t (*ask)(const struct tcp *t);
} QUESTIONS[] = {{SIOCINQ, tcp_unread},
                 {SIOCOUTQ, tcp_unacked},
                 {SIOCOUTQNSD, tcp_unsent},
                 {SIOCATMARK, tcp_at_mark}};

enum call_status drill_ioctl(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const unsigned long request = (unsigned long)drill_arg(r, c, 1);
    const struct drill_expr *out = c->call->args[2];
    if (s == NULL)
        return drill_done(c, -EBADF);
    if (out->kind == EXPR_NULL)
        return drill_done(c, -EFAULT);
    if (request == FIONBIO) {
        s->nonblock = drill_int(r, out) != 0;
        return drill_done(c, 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(QUESTIONS); i++) {
        if (QUESTIONS[i].request != request)
            continue;
        if (s->kind == SOCKET_LISTENER || s->kind == SOCKET_EPOLL)
            return drill_done(c, -EINVAL);
        drill_check_out(r, c, out, "value",
                        is_open(s->sock.t) ? QUESTIONS[i].ask(s->sock.t) : 0);
        return drill_done(c, 0);
    }
    drill_lacks(r, &c->call->at, "ioctl() request %lu", request);
    return CALL_DONE;
}
