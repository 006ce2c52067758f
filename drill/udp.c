/* SPDX-License-Identifier: GPL-3.0-or-later
 * udp.c -- the system calls of a UDP socket, over models/udp_sock.h.
 *
 * A datagram is of the flow under test when it has its ports; where a script does not say whom
 * a socket talks to, that is the peer's connect port.
 *
 * Not modelled: datagrams that IP would cut into fragments, two sockets on one port, control
 * messages but those of the error queue.
 */
#include <errno.h>
#include <time.h>

#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "drill/inside.h"

enum call_status drill_udp_open(struct drill_run *r, struct drill_pending *c, bool nonblock)
{
    struct drill_socket *s = drill_socket_new(r, c, SOCKET_DATAGRAM);
    s->udp = sim_alloc(r->sim, sizeof *s->udp);
    udp_sock_init(s->udp, r->sim, r->udp, r->config.mtu);
    s->nonblock = nonblock;
    s->flow = drill_flow_new(r, FLOW_OPEN);
    s->flow->proto = PROTO_UDP;
    s->flow->remote_port = (uint16_t)r->config.connect_port;
    return drill_done(c, s->fd >= 0 ? s->fd : 0);
}

static struct drill_socket *socket_of(struct drill_run *r, const struct drill_pending *c)
{
    return drill_socket_of(r, drill_arg(r, c, 0));
}

/* A call may have given the socket a port. */
static enum call_status done(struct drill_pending *c, struct drill_socket *s, int64_t value)
{
    s->flow->local_port = s->udp->socket != NULL ? udp_port(s->udp->socket) : 0;
    return drill_done(c, value);
}

void drill_udp_icmp(struct drill_run *r, const struct icmp_error *e)
{
    for (uint32_t i = 0; i < r->n_sockets; i++) {
        struct drill_socket *s = r->sockets[i];
        if (s->kind == SOCKET_DATAGRAM && s->udp->socket != NULL &&
            udp_port(s->udp->socket) == e->sport)
            udp_sock_icmp(s->udp, e);
    }
}

/* ---- addresses */

/* Of argument i and the length behind it: 0 with *out, or -errno. */
static int address_of_call(struct drill_run *r, const struct drill_pending *c, int i,
                           int64_t port_choice, struct tcp_addr *out)
{
    const struct drill_expr *addr = c->call->args[i];
    const int64_t family = drill_family_of(r, addr);
    const int error = drill_check_address(r, c, i, drill_least_length(r, addr));
    if (error != 0)
        return error;
    if (family != AF_INET && family != AF_INET6)
        return -EAFNOSUPPORT;
    drill_ip_of(r, addr, &out->ip);
    out->port = drill_port_of(r, addr, port_choice);
    return 0;
}

static enum call_status call_bind(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = socket_of(r, c);
    struct tcp_addr at = {.ip = ip4(INADDR_ANY)};
    const int error = address_of_call(r, c, 1, r->config.bind_port, &at);
    if (error != 0)
        return drill_done(c, error);
    if (!ip_eq(at.ip, ip4(INADDR_ANY)) && !ip_eq(at.ip, r->config.local))
        return drill_done(c, -EADDRNOTAVAIL);
    return done(c, s, udp_sock_bind(s->udp, at.port));
}

/* Of argument i: the peer, or another port of it. */
static int peer_of_call(struct drill_run *r, const struct drill_pending *c, int i,
                        struct tcp_addr *out)
{
    *out = (struct tcp_addr){.ip = r->config.remote};
    const int error = address_of_call(r, c, i, r->config.connect_port, out);
    if (error == 0 && !ip_eq(out->ip, r->config.remote))
        drill_lacks(r, &c->call->args[i]->at, "a second host");
    return error;
}

static enum call_status call_connect(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = socket_of(r, c);
    struct tcp_addr to;
    if (drill_family_of(r, c->call->args[1]) == AF_UNSPEC) {
        udp_sock_disconnect(s->udp);
        return done(c, s, 0);
    }
    const int error = peer_of_call(r, c, 1, &to);
    if (error != 0)
        return drill_done(c, error);
    s->flow->remote_port = to.port;
    r->flow = s->flow;
    return done(c, s, udp_sock_connect(s->udp, to));
}

static enum call_status call_close(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = socket_of(r, c);
    s->open = false;
    udp_sock_close(s->udp);
    return drill_done(c, 0);
}

static enum call_status call_shutdown(struct drill_run *r, struct drill_pending *c)
{
    const int64_t how = drill_arg(r, c, 1);
    if (how < SHUT_RD || how > SHUT_RDWR)
        return drill_done(c, -EINVAL);
    return drill_done(c,
                      udp_sock_shutdown(socket_of(r, c)->udp, how != SHUT_WR, how != SHUT_RD));
}

static enum call_status not_supported(struct drill_run *r, struct drill_pending *c)
{
    return drill_done(c, -EOPNOTSUPP);
}

/* ---- receiving */

static bool flags_are_known(struct drill_run *r, const struct drill_pending *c, int64_t flags)
{
    static const int64_t KNOWN = MSG_PEEK | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL |
                                 MSG_TRUNC | MSG_CONFIRM | MSG_ERRQUEUE | MSG_CMSG_CLOEXEC;
    if ((flags & ~KNOWN) != 0)
        drill_lacks(r, &c->call->at, "flags 0x%llx of a UDP socket",
                    (long long)(flags & ~KNOWN));
    return !r->decided;
}

/* What came, for the checks of recvmsg(). */
struct message {
    bool truncated;
    bool has_report;
    struct udp_report report;
};

static enum call_status take_report(struct drill_pending *c, struct drill_socket *s,
                                    struct message *m)
{
    const int error = udp_sock_report(s->udp, &m->report);
    m->has_report = error == 0;
    return drill_done(c, error); /* a message quotes no payload: 0 bytes */
}

static enum call_status receive(struct drill_run *r, struct drill_pending *c,
                                struct drill_buffer buffer, int64_t flags, struct message *m)
{
    struct drill_socket *s = socket_of(r, c);
    struct udp_waiting d;
    *m = (struct message){0};
    if (!flags_are_known(r, c, flags))
        return CALL_DONE;
    if (buffer.error != 0)
        return drill_done(c, buffer.error);
    if ((flags & MSG_ERRQUEUE) != 0)
        return take_report(c, s, m);
    const int error = udp_sock_recv(s->udp, (flags & MSG_PEEK) != 0, &d);
    const bool waits = !s->nonblock && (flags & MSG_DONTWAIT) == 0;
    if (error == -EAGAIN && waits)
        return s->udp->shut_rd ? drill_done(c, 0) : CALL_WAITS;
    if (error != 0)
        return drill_done(c, error);
    const int64_t taken = d.bytes < buffer.bytes ? d.bytes : buffer.bytes;
    m->truncated = taken < d.bytes;
    if (buffer.null && taken > 0)
        return drill_done(c, -EFAULT);
    return drill_done(c, (flags & MSG_TRUNC) != 0 ? d.bytes : taken);
}

static enum call_status call_read(struct drill_run *r, struct drill_pending *c)
{
    struct message m;
    return receive(r, c, drill_flat(r, c), 0, &m);
}

static enum call_status call_readv(struct drill_run *r, struct drill_pending *c)
{
    struct message m;
    return receive(r, c, drill_vector(r, c), 0, &m);
}

static enum call_status call_recv(struct drill_run *r, struct drill_pending *c)
{
    struct message m;
    return receive(r, c, drill_flat(r, c), drill_arg(r, c, 3), &m);
}

/* struct sock_extended_err, and the address of its sender behind it. */
static void check_report(struct drill_run *r, struct drill_pending *c,
                         const struct drill_expr *want, const struct udp_report *report)
{
    enum { IP4_BYTES = 48, IP6_BYTES = 60 };
    const bool is_ipv6 = address_is_ipv6(r->config.local);
    const struct drill_expr *e = drill_member(want, "cmsg_data");
    const int origin = report->local ? SO_EE_ORIGIN_LOCAL
                       : is_ipv6     ? SO_EE_ORIGIN_ICMP6
                                     : SO_EE_ORIGIN_ICMP;
    const struct {
        const struct drill_expr *of;
        const char *name;
        int64_t actual;
    } MEMBERS[] = {
        {want, "cmsg_len", is_ipv6 ? IP6_BYTES : IP4_BYTES},
        {want, "cmsg_level", is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP},
        {want, "cmsg_type", is_ipv6 ? IPV6_RECVERR : IP_RECVERR},
        {e, "ee_errno", report->error},
        {e, "ee_origin", origin},
        {e, "ee_type", report->type},
        {e, "ee_code", report->code},
        {e, "ee_info", report->info},
        {e, "ee_data", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(MEMBERS); i++)
        drill_check_out(r, c, drill_member(MEMBERS[i].of, MEMBERS[i].name), MEMBERS[i].name,
                        MEMBERS[i].actual);
}

static void check_message(struct drill_run *r, struct drill_pending *c, const struct message *m)
{
    const struct drill_expr *want = c->call->args[1];
    const struct drill_expr *control = drill_member(want, "msg_control");
    const bool looked_at = control != NULL && control->kind != EXPR_ELLIPSIS;
    const int n = control != NULL && control->kind == EXPR_LIST ? control->n_items : 0;
    drill_check_out(r, c, drill_member(want, "msg_flags"), "msg_flags",
                    (m->truncated ? MSG_TRUNC : 0) | (m->has_report ? MSG_ERRQUEUE : 0));
    if (looked_at && n != m->has_report)
        drill_fail(r, &c->call->at, "recvmsg() control messages: expected %d, actual %d", n,
                   m->has_report);
    else if (looked_at && m->has_report)
        check_report(r, c, control->items[0], &m->report);
}

static enum call_status call_recvmsg(struct drill_run *r, struct drill_pending *c)
{
    struct message m;
    const enum call_status status = receive(r, c, drill_message(r, c), drill_arg(r, c, 2), &m);
    if (status == CALL_DONE && !r->decided && c->value >= 0)
        check_message(r, c, &m);
    return status;
}

/* ---- sending */

/* to NULL: to the peer that connect() named. */
static enum call_status transmit(struct drill_run *r, struct drill_pending *c,
                                 struct drill_buffer buffer, int64_t flags,
                                 const struct tcp_addr *to)
{
    struct drill_socket *s = socket_of(r, c);
    if (!flags_are_known(r, c, flags & ~(int64_t)MSG_OOB))
        return CALL_DONE;
    if (buffer.error != 0)
        return drill_done(c, buffer.error);
    if ((flags & MSG_OOB) != 0)
        return drill_done(c, -EOPNOTSUPP);
    if (udp_sock_fragments(s->udp, r->config.remote, buffer.bytes)) {
        drill_lacks(r, &c->call->at, "fragments of IP");
        return CALL_DONE;
    }
    if (buffer.null && buffer.bytes > 0)
        return drill_done(c, -EFAULT);
    if (to != NULL) {
        s->flow->remote_port = to->port;
        r->flow = s->flow;
    }
    return done(c, s, udp_sock_send(s->udp, to, buffer.bytes));
}

static enum call_status call_write(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_flat(r, c), 0, NULL);
}

static enum call_status call_writev(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_vector(r, c), 0, NULL);
}

static enum call_status call_send(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_flat(r, c), drill_arg(r, c, 3), NULL);
}

static bool is_no_address(const struct drill_expr *e)
{
    return e->kind == EXPR_NULL || (e->kind == EXPR_INTEGER && e->integer == 0);
}

static enum call_status call_sendto(struct drill_run *r, struct drill_pending *c)
{
    struct tcp_addr to;
    if (is_no_address(c->call->args[4]))
        return call_send(r, c);
    const int error = peer_of_call(r, c, 4, &to);
    if (error != 0 || r->decided)
        return drill_done(c, error);
    return transmit(r, c, drill_flat(r, c), drill_arg(r, c, 3), &to);
}

static enum call_status call_sendmsg(struct drill_run *r, struct drill_pending *c)
{
    const struct drill_expr *control = drill_member(c->call->args[1], "msg_control");
    if (control != NULL && control->kind == EXPR_LIST && control->n_items > 0) {
        drill_lacks(r, &c->call->at, "control messages of sendmsg()");
        return CALL_DONE;
    }
    return transmit(r, c, drill_message(r, c), drill_arg(r, c, 2), NULL);
}

/* The bytes of the next datagram; nothing waits to leave. */
static enum call_status call_ioctl(struct drill_run *r, struct drill_pending *c)
{
    const struct udp_sock *k = socket_of(r, c)->udp;
    const int64_t request = drill_arg(r, c, 1);
    const struct drill_expr *out = c->call->args[2];
    if (request != SIOCINQ && request != SIOCOUTQ)
        return drill_ioctl(r, c);
    if (out->kind == EXPR_NULL)
        return drill_done(c, -EFAULT);
    const int64_t next = k->n_read < k->n_queue ? k->queue[k->n_read].bytes : 0;
    drill_check_out(r, c, out, "value", request == SIOCINQ ? next : 0);
    return drill_done(c, 0);
}

const struct drill_call_row DRILL_UDP_CALLS[] = {
    {"bind", call_bind},
    {"connect", call_connect},
    {"listen", not_supported},
    {"accept", not_supported},
    {"close", call_close},
    {"shutdown", call_shutdown},
    {"read", call_read},
    {"readv", call_readv},
    {"recv", call_recv},
    {"recvfrom", call_recv},
    {"recvmsg", call_recvmsg},
    {"write", call_write},
    {"writev", call_writev},
    {"send", call_send},
    {"sendto", call_sendto},
    {"sendmsg", call_sendmsg},
    {"ioctl", call_ioctl},
    {"getsockopt", drill_udp_getsockopt},
    {"setsockopt", drill_udp_setsockopt},
    {NULL, NULL},
};
