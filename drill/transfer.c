/* SPDX-License-Identifier: GPL-3.0-or-later
 * transfer.c -- read, write and their kin; errno as Linux's calls give it.
 *
 * Payload of scripts is all zeros: what is read has nothing that could differ but its length.
 */
#define _GNU_SOURCE /* POLLRDHUP */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "drill/inside.h"

enum { EXTENTS = 64, CM_INQ = 36 /* Linux's TCP_CM_INQ */ };

/* Flags that do something here, or nothing on a TCP socket. */
static const int64_t KNOWN_FLAGS = MSG_PEEK | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL |
                                   MSG_TRUNC | MSG_MORE | MSG_EOR | MSG_FASTOPEN | MSG_CONFIRM |
                                   MSG_CMSG_CLOEXEC;

/* Flags that need what the endpoint lacks. */
static bool flags_are_modelled(struct drill_run *r, const struct drill_pending *c,
                               int64_t flags)
{
    static const struct {
        int64_t flag;
        const char *what;
    } LACKS[] = {{MSG_OOB, "reading urgent data out of line"},
                 {MSG_ERRQUEUE, "the error queue of a socket"},
                 {MSG_ZEROCOPY, "MSG_ZEROCOPY"},
                 {MSG_DONTROUTE, "MSG_DONTROUTE"}};
    for (size_t i = 0; i < ARRAY_LEN(LACKS); i++) {
        if ((flags & LACKS[i].flag) != 0) {
            drill_lacks(r, &c->call->at, "%s", LACKS[i].what);
            return false;
        }
    }
    if ((flags & ~KNOWN_FLAGS) != 0) {
        drill_lacks(r, &c->call->at, "flags 0x%llx", (long long)(flags & ~KNOWN_FLAGS));
        return false;
    }
    return true;
}

/* Whether recvfrom() and sendto() are given no address of a script's own. */
static bool no_address(struct drill_run *r, const struct drill_pending *c)
{
    for (int i = 4; i < c->call->n_args; i++) {
        const enum drill_expr_kind kind = c->call->args[i]->kind;
        const bool zero = kind == EXPR_INTEGER && c->call->args[i]->integer == 0;
        if (kind != EXPR_ELLIPSIS && kind != EXPR_NULL && !zero) {
            drill_lacks(r, &c->call->args[i]->at, "an address in %s()", c->call->name);
            return false;
        }
    }
    return true;
}

/* ---- buffers */

/* Arguments 1 and 2: a length beyond the address space is a fault. */
struct drill_buffer drill_flat(struct drill_run *r, const struct drill_pending *c)
{
    const int64_t bytes = drill_arg(r, c, 2);
    if (bytes < 0 && c->call->n_args > 3) /* recv() and send() cut it to 2 GiB first */
        drill_lacks(r, &c->call->at, "%s() of %lld bytes", c->call->name, (long long)bytes);
    return (struct drill_buffer){bytes, bytes < 0 ? -EFAULT : 0, drill_arg_is_null(c, 1)};
}

static struct drill_buffer vector_of(struct drill_run *r, const struct drill_pending *c,
                                     const struct drill_expr *list, int64_t n)
{
    if (!drill_list_has(r, c, list, "I/O vector", n))
        return (struct drill_buffer){0, -EINVAL, false};
    const int64_t bytes = drill_iov_bytes(r, list);
    return (struct drill_buffer){bytes, bytes < 0 ? -EINVAL : 0, false};
}

struct drill_buffer drill_vector(struct drill_run *r, const struct drill_pending *c)
{
    return vector_of(r, c, c->call->args[1], drill_arg(r, c, 2));
}

/* Its length may stand behind the name, msg_iov(2). */
struct drill_buffer drill_message(struct drill_run *r, const struct drill_pending *c)
{
    const struct drill_expr *message = c->call->args[1];
    const struct drill_expr *list = drill_member(message, "msg_iov");
    if (list == NULL || list->kind != EXPR_LIST) {
        drill_lacks(r, &message->at, "a message without msg_iov=[...]");
        return (struct drill_buffer){0, -EINVAL, false};
    }
    int64_t n = list->n_items;
    for (int i = 0; i < message->n_items; i++)
        if (message->items[i] == list && message->counts[i] >= 0)
            n = message->counts[i];
    return vector_of(r, c, list, n);
}

/* ---- receiving */

/* As much as is there, up to max; else why not. */
static int64_t take(struct tcp *t, int64_t max, bool peek)
{
    struct tcp_extent extents[EXTENTS];
    int64_t sum = 0, got;
    do {
        int n = EXTENTS;
        got = peek ? tcp_peek(t, max, extents, &n) : tcp_recv(t, max - sum, extents, &n);
        sum += got > 0 ? got : 0;
    } while (!peek && got > 0 && sum < max && tcp_unread(t) > 0 && !tcp_at_mark(t));
    return sum > 0 ? sum : got;
}

/* The pending error of what was a connection, or this. */
static int no_connection(struct drill_socket *s, int error)
{
    const int pending = s->kind == SOCKET_NEW ? tcp_sock_error(&s->sock) : 0;
    return pending != 0 ? -pending : -error;
}

/* How many bytes a blocking read waits for, once it has some (Linux's sock_rcvlowat()). */
static int64_t wanted(struct drill_socket *s, int64_t bytes, int64_t flags)
{
    const int64_t mark = tcp_sock_get(&s->sock, TCP_OPT_RCVLOWAT);
    return (flags & MSG_WAITALL) != 0 || mark > bytes ? bytes : mark;
}

/* `other`: what an epoll says. */
static enum call_status receive(struct drill_run *r, struct drill_pending *c,
                                struct drill_buffer buffer, int64_t flags, int other)
{
    struct drill_socket *s = drill_socket_arg(r, c, other);
    if (!flags_are_modelled(r, c, flags) || !no_address(r, c) || s == NULL)
        return CALL_DONE;
    if (buffer.error != 0)
        return drill_done(c, buffer.error);
    if (s->kind != SOCKET_CONNECTION)
        return drill_done(c, no_connection(s, ENOTCONN));
    const bool waits =
        (flags & MSG_DONTWAIT) == 0 && drill_may_wait(r, c, s, s->timeout.receive);
    const bool faults = buffer.null && (flags & MSG_TRUNC) == 0; /* which throws away */
    const bool peek = (flags & MSG_PEEK) != 0 || faults;
    const int64_t left = buffer.bytes - c->moved;
    const int64_t got = left > 0 ? take(s->sock.t, left, peek) : 0;
    if (got == -EAGAIN && waits)
        return CALL_WAITS;
    if (got > 0 && faults)
        return drill_done(c, -EFAULT);
    if (got > 0)
        c->moved += got;
    if (got > 0 && waits && (flags & MSG_PEEK) == 0 &&
        c->moved < wanted(s, buffer.bytes, flags))
        return CALL_WAITS;
    return drill_done(c, c->moved > 0 ? c->moved : got);
}

enum call_status drill_read(struct drill_run *r, struct drill_pending *c)
{
    return receive(r, c, drill_flat(r, c), 0, -EINVAL);
}

enum call_status drill_recv(struct drill_run *r, struct drill_pending *c)
{
    return receive(r, c, drill_flat(r, c), drill_arg(r, c, 3), -ENOTSOCK);
}

enum call_status drill_readv(struct drill_run *r, struct drill_pending *c)
{
    return receive(r, c, drill_vector(r, c), 0, -EINVAL);
}

/* TCP_CM_INQ: bytes left to read, and one more behind them for the end of the stream (Linux's
 * tcp_inq_hint). */
static int64_t inq_hint(const struct drill_socket *s)
{
    const int64_t left = tcp_unread(s->sock.t);
    return left == 0 && (tcp_poll(s->sock.t) & POLLRDHUP) != 0 ? 1 : left;
}

static void check_inq(struct drill_run *r, struct drill_pending *c,
                      const struct drill_expr *control)
{
    const struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const int n = s->sock.opt.inq ? 1 : 0,
              n_expected = control->kind == EXPR_LIST ? control->n_items : 0;
    if (n != n_expected) {
        drill_fail(r, &c->call->at, "recvmsg() control messages: expected %d, actual %d",
                   n_expected, n);
        return;
    }
    if (n == 0)
        return;
    const struct drill_expr *m = control->items[0];
    drill_check_out(r, c, drill_member(m, "cmsg_level"), "cmsg_level", IPPROTO_TCP);
    drill_check_out(r, c, drill_member(m, "cmsg_type"), "cmsg_type", CM_INQ);
    drill_check_out(r, c, drill_member(m, "cmsg_data"), "cmsg_data", inq_hint(s));
}

enum call_status drill_recvmsg(struct drill_run *r, struct drill_pending *c)
{
    const struct drill_expr *message = c->call->args[1];
    const struct drill_expr *control = drill_member(message, "msg_control");
    const enum call_status status =
        receive(r, c, drill_message(r, c), drill_arg(r, c, 2), -ENOTSOCK);
    if (status == CALL_WAITS || r->decided || c->value < 0)
        return status;
    drill_check_out(r, c, drill_member(message, "msg_flags"), "msg_flags", 0);
    if (control != NULL && control->kind != EXPR_ELLIPSIS)
        check_inq(r, c, control);
    return status;
}

/* ---- sending */

/* What stands in the way before a byte is looked at: 0 nothing, -EAGAIN: wait. */
static int not_yet(struct drill_socket *s)
{
    if (s->kind != SOCKET_CONNECTION)
        return no_connection(s, EPIPE);
    const enum tcp_state state = tcp_state_of(s->sock.t);
    const bool opening = state == TCP_SYN_SENT || state == TCP_SYN_RECEIVED;
    return s->sock.connecting && opening ? -EAGAIN : 0;
}

/* A write that opens the connection (MSG_FASTOPEN, or the first after a deferred connect()), as
 * Linux's tcp_sendmsg_fastopen. What the SYN does not take waits for its answer, with a
 * blocking call. */
static enum call_status open_by_write(struct drill_run *r, struct drill_pending *c,
                                      struct drill_socket *s, int64_t bytes, bool waits)
{
    const int64_t n = drill_open_by_write(r, s, bytes);
    if (!waits || n < 0)
        return drill_done(c, n != 0 ? n : -EINPROGRESS);
    const int64_t rest = tcp_sendmsg(s->sock.t, bytes - n, 0);
    c->moved = n + (rest > 0 ? rest : 0);
    c->opens = true;
    return CALL_WAITS;
}

/* FreeBSD: sendto() on a socket with TCP_FASTOPEN connects, and what the SYN does not take
 * waits in the send buffer. */
static enum call_status connect_by_sendto(struct drill_run *r, struct drill_pending *c,
                                          struct drill_socket *s, int64_t bytes)
{
    const int64_t n = drill_open_by_write(r, s, bytes);
    if (n < 0)
        return drill_done(c, n);
    const int64_t rest = tcp_sendmsg(s->sock.t, bytes - n, 0);
    return drill_done(c, n + (rest > 0 ? rest : 0));
}

/* ... and a later look at it. */
static int64_t opening_of(struct drill_pending *c, struct drill_socket *s)
{
    const int progress = drill_progress_of(s);
    if (progress == -EINPROGRESS)
        return -EAGAIN;
    c->opens = false;
    c->moved = progress < 0 ? 0 : c->moved;
    return progress;
}

static uint32_t how_of(int64_t flags)
{
    return ((flags & MSG_MORE) != 0 ? TCP_MORE : 0) | ((flags & MSG_EOR) != 0 ? TCP_EOR : 0) |
           ((flags & MSG_OOB) != 0 ? TCP_OOB : 0);
}

/* As much as there is room for; else why not. */
static int64_t put(struct tcp *t, const struct drill_buffer *buffer, int64_t bytes,
                   int64_t flags)
{
    if (!buffer->null || bytes == 0)
        return tcp_sendmsg(t, bytes, how_of(flags));
    const int64_t error = tcp_sendmsg(t, 0, 0);
    return error < 0 ? error : tcp_send_room(t) > 0 ? -EFAULT : -EAGAIN;
}

static enum call_status transmit(struct drill_run *r, struct drill_pending *c,
                                 struct drill_buffer buffer, int64_t flags, int other)
{
    struct drill_socket *s = drill_socket_arg(r, c, other);
    if (!flags_are_modelled(r, c, flags & ~(int64_t)MSG_OOB) || !no_address(r, c) || s == NULL)
        return CALL_DONE;
    if (buffer.error != 0)
        return drill_done(c, buffer.error);
    const bool waits = (flags & MSG_DONTWAIT) == 0 && drill_may_wait(r, c, s, s->timeout.send);
    if (s->kind == SOCKET_NEW && (s->sock.deferred || (flags & MSG_FASTOPEN) != 0))
        return open_by_write(r, c, s, buffer.bytes, waits);
    if (s->kind == SOCKET_NEW && !r->linux_like && s->sock.opt.fastopen_qlen > 0)
        return connect_by_sendto(r, c, s, buffer.bytes);
    if ((flags & MSG_FASTOPEN) != 0 && !c->begun && not_yet(s) == -EAGAIN)
        return drill_done(c, -EALREADY);
    int64_t got = c->opens ? opening_of(c, s) : not_yet(s);
    if (got == 0)
        got = put(s->sock.t, &buffer, buffer.bytes - c->moved, flags);
    if (got > 0)
        c->moved += got;
    if (waits && (got == -EAGAIN || (got > 0 && c->moved < buffer.bytes)))
        return CALL_WAITS;
    return drill_done(c, c->moved > 0 ? c->moved : got);
}

enum call_status drill_write(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_flat(r, c), 0, -EINVAL);
}

enum call_status drill_send(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_flat(r, c), drill_arg(r, c, 3), -ENOTSOCK);
}

enum call_status drill_writev(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_vector(r, c), 0, -EINVAL);
}

enum call_status drill_sendmsg(struct drill_run *r, struct drill_pending *c)
{
    const struct drill_expr *control = drill_member(c->call->args[1], "msg_control");
    if (control != NULL && control->kind == EXPR_LIST && control->n_items > 0) {
        drill_lacks(r, &c->call->at, "control messages of sendmsg()");
        return CALL_DONE;
    }
    return transmit(r, c, drill_message(r, c), drill_arg(r, c, 2), -ENOTSOCK);
}
