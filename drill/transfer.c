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

/* Flags that need what the endpoint lacks. */
static bool flags_are_modelled(struct drill_run *r, const struct drill_pending *c,
                               int64_t flags)
{
    static const struct {
        int64_t flag;
        const char *what;
    } LACKS[] = {{MSG_OOB, "urgent data"},
                 {MSG_EOR, "MSG_EOR"},
                 {MSG_FASTOPEN, "TCP Fast Open"},
                 {MSG_ERRQUEUE, "the error queue of a socket"},
                 {MSG_ZEROCOPY, "MSG_ZEROCOPY"}};
    for (size_t i = 0; i < ARRAY_LEN(LACKS); i++) {
        if ((flags & LACKS[i].flag) != 0) {
            drill_lacks(r, &c->call->at, "%s", LACKS[i].what);
            return false;
        }
    }
    return true;
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
    } while (!peek && got > 0 && sum < max && tcp_unread(t) > 0);
    return sum > 0 ? sum : got;
}

static enum call_status receive(struct drill_run *r, struct drill_pending *c, int64_t max,
                                int64_t flags)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    if (!flags_are_modelled(r, c, flags))
        return CALL_DONE;
    if (s == NULL)
        return drill_done(c, -EBADF);
    if (s->kind != SOCKET_CONNECTION)
        return drill_done(c, -ENOTCONN);
    const bool waits = !s->nonblock && (flags & MSG_DONTWAIT) == 0;
    const int64_t got =
        max - c->moved > 0 ? take(s->t, max - c->moved, (flags & MSG_PEEK) != 0) : 0;
    if (got == -EAGAIN && waits)
        return CALL_WAITS;
    if (got > 0)
        c->moved += got;
    if (got > 0 && c->moved < max && waits && (flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL)
        return CALL_WAITS;
    return drill_done(c, c->moved > 0 ? c->moved : got);
}

enum call_status drill_read(struct drill_run *r, struct drill_pending *c)
{
    return receive(r, c, drill_arg(r, c, 2), 0);
}

enum call_status drill_recv(struct drill_run *r, struct drill_pending *c)
{
    return receive(r, c, drill_arg(r, c, 2), drill_arg(r, c, 3));
}

enum call_status drill_readv(struct drill_run *r, struct drill_pending *c)
{
    return receive(r, c, drill_iov_bytes(r, c->call->n_args > 1 ? c->call->args[1] : NULL), 0);
}

/* TCP_CM_INQ: bytes left to read, and one more behind them for the end of the stream (Linux's
 * tcp_inq_hint). */
static int64_t inq_hint(const struct drill_socket *s)
{
    const int64_t left = tcp_unread(s->t);
    return left == 0 && (tcp_poll(s->t) & POLLRDHUP) != 0 ? 1 : left;
}

static void check_inq(struct drill_run *r, struct drill_pending *c,
                      const struct drill_expr *control)
{
    const struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    const int n = s->inq ? 1 : 0,
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
    const struct drill_expr *message = c->call->n_args > 1 ? c->call->args[1] : NULL;
    const struct drill_expr *control = drill_member(message, "msg_control");
    const enum call_status status =
        receive(r, c, drill_iov_bytes(r, drill_member(message, "msg_iov")), drill_arg(r, c, 2));
    if (status == CALL_WAITS || r->decided || c->value < 0)
        return status;
    drill_check_out(r, c, drill_member(message, "msg_flags"), "msg_flags", 0);
    if (control != NULL && control->kind != EXPR_ELLIPSIS)
        check_inq(r, c, control);
    return status;
}

/* ---- sending */

/* What stands in the way before a byte is looked at: 0 nothing, -EAGAIN: wait. */
static int not_yet(const struct drill_socket *s)
{
    if (s->kind != SOCKET_CONNECTION)
        return -EPIPE;
    const enum tcp_state state = tcp_state_of(s->t);
    return s->connecting && (state == TCP_SYN_SENT || state == TCP_SYN_RECEIVED) ? -EAGAIN : 0;
}

static enum call_status transmit(struct drill_run *r, struct drill_pending *c, int64_t bytes,
                                 int64_t flags)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    if (!flags_are_modelled(r, c, flags))
        return CALL_DONE;
    if (s == NULL)
        return drill_done(c, -EBADF);
    const bool waits = !s->nonblock && (flags & MSG_DONTWAIT) == 0;
    int64_t got = not_yet(s);
    if (got == 0)
        got = tcp_sendmsg(s->t, bytes - c->moved, (flags & MSG_MORE) != 0 ? TCP_MORE : 0);
    if (got > 0)
        c->moved += got;
    if (waits && (got == -EAGAIN || (got > 0 && c->moved < bytes)))
        return CALL_WAITS;
    return drill_done(c, c->moved > 0 ? c->moved : got);
}

enum call_status drill_write(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_arg(r, c, 2), 0);
}

enum call_status drill_send(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_arg(r, c, 2), drill_arg(r, c, 3));
}

enum call_status drill_sendto(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_arg(r, c, 2), drill_arg(r, c, 3));
}

enum call_status drill_writev(struct drill_run *r, struct drill_pending *c)
{
    return transmit(r, c, drill_iov_bytes(r, c->call->n_args > 1 ? c->call->args[1] : NULL), 0);
}

enum call_status drill_sendmsg(struct drill_run *r, struct drill_pending *c)
{
    const struct drill_expr *message = c->call->n_args > 1 ? c->call->args[1] : NULL;
    const struct drill_expr *control = drill_member(message, "msg_control");
    if (control != NULL && control->kind == EXPR_LIST && control->n_items > 0) {
        drill_lacks(r, &c->call->at, "control messages of sendmsg()");
        return CALL_DONE;
    }
    return transmit(r, c, drill_iov_bytes(r, drill_member(message, "msg_iov")),
                    drill_arg(r, c, 2));
}
