/* SPDX-License-Identifier: GPL-3.0-or-later
 * socket.c -- the application's calls, RFC 9293 §3.10.1 to §3.10.6; errno as Linux's calls give
 * it.
 */
#define _GNU_SOURCE /* POLLRDHUP */
#include "models/tcp/endpoint.h"
#include "models/tcp/icmp.h"
#include "sim/address.h"

#include <errno.h>
#include <poll.h>

/* Every call that may end the connection or owe an ACK leaves through here. */
static void leave(struct tcp *t)
{
    if (t->busy > 0)
        return; /* the caller up the stack settles */
    tcp_settle(t);
    tcp_maybe_free(t);
}

static int take_error(struct tcp *t)
{
    const int error = t->error;
    t->error = 0;
    return error;
}

/* ---- open */

/* Where the way to `to` begins, in *from, or -errno. */
static int route(const struct tcp_stack *s, ip_addr to, ip_addr *from)
{
    if (!ip_eq(*from, ip4(0)))
        return s->network.route != NULL ? s->network.route(s->ctx, to, &(ip_addr){0}) : 0;
    *from = s->addr;
    return s->network.route != NULL ? s->network.route(s->ctx, to, from) : 0;
}

/* The entry between these ends that gives way to a new connection, in *old: NULL, there is
 * none. False: it does not. */
static bool gives_way(const struct tcp_stack *s, const struct tcp_opening *o,
                      struct tcp_addr from, struct tcp_entry **old)
{
    struct tcp_entry *e = tcp_table_find(&s->table, s->sim, from, o->to);
    *old = e;
    return e == NULL || tcp_tw_yields(s, e) || (o->bound && tcp_tw_yields_to_bound(s, e));
}

/* The local end. */
static int choose_end(struct tcp_stack *s, const struct tcp_opening *o, struct tcp_addr *from)
{
    *from = o->from;
    const int error = route(s, o->to.ip, &from->ip);
    if (error == 0 && from->port == 0)
        from->port = tcp_port_for_connect(s, from->ip, o->to);
    return error != 0 ? error : from->port == 0 ? -EADDRNOTAVAIL : 0;
}

/* SYN-SENT, and nothing has been sent. */
static int begin_active(struct tcp_stack *s, const struct tcp_opening *o, struct tcp_user *user,
                        struct tcp **out)
{
    struct tcp_addr from;
    struct tcp_entry *old;
    if (address_is_group(s->sim, o->to.ip))
        return -ENETUNREACH; /* RFC 9293 MUST-46; Linux's errno */
    const int error = choose_end(s, o, &from);
    if (error != 0)
        return error;
    if (!gives_way(s, o, from, &old))
        return -EADDRNOTAVAIL;
    const struct tcp_tw before = old != NULL ? *(struct tcp_tw *)old : (struct tcp_tw){0};
    if (old != NULL)
        tcp_tw_end(s, old, "connect()");
    struct tcp *t = tcp_new(s, from, o->to, o->from.port != 0, TCP_CLOSED, user);
    if (old != NULL)
        tcp_tw_succeed(t, &before);
    t->user = user;
    tcp_announce(t);
    *out = t;
    tcp_set_state(t, TCP_SYN_SENT, "connect()");
    return 0;
}

int tcp_open(struct tcp_stack *s, const struct tcp_opening *o, struct tcp_user *user,
             struct tcp **out)
{
    const int error = begin_active(s, o, user, out);
    if (error != 0)
        return error;
    struct tcp *t = *out;
    if (!s->hs->fast_open && !s->hs->by_timer) {
        tcp_send_syn(t);
    } else if (!s->hs->by_timer && !tcp_fastopen_is_ready(s, o->to.ip)) {
        tcp_send_first_syn(t);
    } else {
        t->fo.deferred = t->fo.told = true;
        t->pending |= TCP_EV_CONNECTED;
        tcp_timer_set(t, TCP_TIMER_NOTIFY, s->sim->now);
    }
    return 0;
}

int tcp_connect(struct tcp_stack *s, struct tcp_addr to, uint16_t local_port,
                struct tcp_user *user, struct tcp **out)
{
    const struct tcp_opening o = {{ip4(0), local_port}, to, false};
    return tcp_open(s, &o, user, out);
}

int64_t tcp_open_send(struct tcp_stack *s, const struct tcp_opening *o, struct tcp_user *user,
                      int64_t bytes, struct tcp **out)
{
    if (!tcp_fastopen_is_on(s))
        return -EOPNOTSUPP;
    const int error = begin_active(s, o, user, out);
    if (error != 0)
        return error;
    struct tcp *t = *out;
    const uint32_t room = tcp_fastopen_begin(t);
    const int64_t n = bytes < room ? bytes : room;
    if (n > 0)
        sndq_write(s->sim, &t->sndq, (uint64_t)n, WRITE_ENDS_RECORD); /* the SYN's */
    tcp_send_first_syn(t);
    return n;
}

int64_t tcp_connect_send(struct tcp_stack *s, struct tcp_addr to, uint16_t local_port,
                         struct tcp_user *user, int64_t bytes, struct tcp **out)
{
    const struct tcp_opening o = {{ip4(0), local_port}, to, false};
    return tcp_open_send(s, &o, user, bytes, out);
}

/* ---- send and receive */

/* TCP_NOTSENT_LOWAT. Below the mark a segment may be written whole, as Linux fills a buffer
 * that it has begun. */
static __attribute__((noinline)) int64_t below_the_mark(const struct tcp *t, int64_t room)
{
    const int64_t left = t->opt->notsent_lowat - tcp_unsent(t);
    const int64_t most = left > 0 && left < t->snd.mss ? t->snd.mss : left;
    return most < room ? most : room;
}

int64_t tcp_send_room(const struct tcp *t)
{
    int64_t room = t->opt->sndbuf - (int64_t)(t->sndq.end - t->sndq.una);
    if (__builtin_expect(t->opt->notsent_lowat > 0, 0))
        room = below_the_mark(t, room);
    return room > 0 ? room : 0;
}

int64_t tcp_send(struct tcp *t, int64_t bytes)
{
    return tcp_sendmsg(t, bytes, 0);
}

int64_t tcp_sendmsg(struct tcp *t, int64_t bytes, uint32_t flags)
{
    if (t->error != 0)
        return -take_error(t);
    const bool opening = t->state == TCP_SYN_SENT || t->state == TCP_SYN_RECEIVED;
    if ((!opening && !tcp_states[t->state].may_send) || t->snd.fin_queued)
        return -EPIPE;
    if (bytes <= 0)
        return 0;
    const int64_t room = tcp_send_room(t);
    const int64_t n = bytes < room ? bytes : room;
    t->snd.want_room = n < bytes;
    if (n == 0)
        return -EAGAIN;
    t->snd.more = (flags & TCP_MORE) != 0;
    sndq_write(t->stack->sim, &t->sndq, (uint64_t)n,
               t->snd.more                            ? WRITE_GOES_ON
               : (flags & TCP_EOR) != 0 && n == bytes ? WRITE_ENDS_RECORD
                                                      : WRITE_ENDS);
    if ((flags & TCP_OOB) != 0)
        t->snd.urgent = t->sndq.end;
    if (t->fo.deferred)
        tcp_send_first_syn(t);
    tcp_output(t);
    t->snd.more = false; /* an ACK may let it go */
    return n;
}

/* What came with a SYN waits for ESTABLISHED: RFC 9293 §3.10.3. */
static bool may_read(const struct tcp *t)
{
    return t->state != TCP_SYN_RECEIVED || t->fo.is_child;
}

/* What a call says that found no bytes; the pending error is told once. */
static int64_t no_bytes(struct tcp *t)
{
    if (!may_read(t))
        return t->error != 0 ? -take_error(t) : -EAGAIN;
    if (tcp_unread(t) > 0) /* the caller had no room */
        return 0;
    if (t->error != 0 && !t->rcv.fin_taken)
        return -take_error(t);
    return t->rcv.fin_taken || t->read_shut || t->state == TCP_CLOSED ? 0 : -EAGAIN;
}

/* How much of max may be read at once: not past the urgent byte, tcp(7). */
static int64_t readable(const struct tcp *t, int64_t max)
{
    const int64_t before = t->rcv.urgent > 0 ? (int64_t)(t->rcv.urgent - 1 - t->rcvq.read) : 0;
    if (!may_read(t))
        return 0;
    return before > 0 && before < max ? before : max;
}

int64_t tcp_peek(struct tcp *t, int64_t max, struct tcp_extent *out, int *n)
{
    const int64_t bytes = rcvq_peek(&t->rcvq, readable(t, max), out, n);
    return bytes > 0 ? bytes : no_bytes(t);
}

int64_t tcp_recv(struct tcp *t, int64_t max, struct tcp_extent *out, int *n)
{
    const bool empty = t->rcvq.ready == t->rcvq.read; /* as often as not: who reads all asks */
    const int64_t bytes =
        empty ? 0 : rcvq_read(t->stack->sim, &t->rcvq, readable(t, max), out, n);
    if (empty)
        *n = 0;
    if (bytes > 0) {
        t->account->bytes_delivered += bytes;
        if (t->rw.on)
            tcp_rcvwnd_on_read(t, bytes);
        if (t->stack->ack_rule->on_read != NULL)
            t->stack->ack_rule->on_read(t);
        if (tcp_states[t->state].may_receive && tcp_window_opened(t))
            tcp_ack_soon(t, ACK_NOW);
        if (t->rcv.ack == ACK_NOW)
            leave(t);
        return bytes;
    }
    return no_bytes(t);
}

/* ---- close */

/* Our FIN goes after what is queued; with data queued in SYN-RECEIVED it waits for ESTABLISHED
 * (RFC 9293 §3.10.4). */
static void begin_close(struct tcp *t, const char *cause)
{
    if (t->snd.fin_queued)
        return;
    t->snd.fin_queued = true;
    const bool nothing_queued =
        t->state == TCP_SYN_RECEIVED && t->sndq.una == t->sndq.end && t->fo.kind != OPTION_ECHO;
    if (t->state == TCP_ESTABLISHED || nothing_queued)
        tcp_set_state(t, TCP_FIN_WAIT_1, cause);
    else if (t->state == TCP_CLOSE_WAIT)
        tcp_set_state(t, TCP_LAST_ACK, cause);
    tcp_output(t);
}

int tcp_shutdown(struct tcp *t, enum tcp_shut how)
{
    if (t->state == TCP_CLOSED)
        return -ENOTCONN;
    if (how != TCP_SHUT_WR)
        t->read_shut = true;
    if (how != TCP_SHUT_RD) {
        if (t->state == TCP_SYN_SENT)
            tcp_finish(t, 0, "shutdown()");
        else
            begin_close(t, "shutdown()");
    }
    leave(t);
    return 0;
}

/* RFC 9293 §3.5.2: the side that resets should enter TIME-WAIT. What it holds is of use to
 * nobody any more: all that was sent is done with, and all that came. */
static void wait_after_reset(struct tcp *t, const char *cause)
{
    sndq_clear(t->stack->sim, &t->sndq);
    rcvq_pass_over(t->stack->sim, &t->rcvq);
    t->rcv.ack = ACK_NONE;
    t->snd.una = t->snd.nxt = t->snd.max;
    t->snd.fin_acked = t->snd.fin_queued;
    t->was_reset = true;
    tcp_set_state(t, TCP_TIME_WAIT, cause);
}

/* Tells the peer, and is done with it. */
static void reset(struct tcp *t, enum tcp_reset_cause why, const char *cause)
{
    tcp_send_reset(t, why);
    if (t->stack->params.reset_time_wait && t->state != TCP_SYN_RECEIVED)
        wait_after_reset(t, cause);
    else
        tcp_finish(t, ECONNABORTED, cause);
}

int tcp_close(struct tcp *t)
{
    t->released = true;
    if (t->state == TCP_SYN_SENT) {
        tcp_finish(t, 0, "close()");
    } else if (t->rcvq.ready > t->rcvq.read && t->state != TCP_CLOSED &&
               t->state != TCP_TIME_WAIT) {
        /* what was received is never read: the peer must know (RFC 2525 §2.17) */
        reset(t, RESET_UNREAD, "close() with unread data");
    } else {
        begin_close(t, "close()");
        if (t->state == TCP_FIN_WAIT_2 && t->opt->linger2 == SIM_NEVER)
            reset(t, RESET_ORPHAN, "close(), TCP_LINGER2");
        else if (t->state == TCP_FIN_WAIT_2) /* shutdown() has been there before */
            tcp_fin_timeout_start(t);
    }
    if (tcp_orphan_is_one_too_many(t))
        reset(t, RESET_ORPHAN, "max_orphans");
    leave(t);
    return 0;
}

/* RFC 9293 §3.10.5. From CLOSING on both FINs are sent and there is nothing to reset; but here
 * our FIN may still wait behind data, which in the RFC is a close() that is queued. */
bool tcp_abort_tells(const struct tcp *t)
{
    const bool fin_waits = !seq_lt(tcp_seq_of(t, t->sndq.end), t->snd.max);
    return t->state == TCP_SYN_RECEIVED || t->state == TCP_ESTABLISHED ||
           t->state == TCP_CLOSE_WAIT || t->state == TCP_FIN_WAIT_1 ||
           t->state == TCP_FIN_WAIT_2 ||
           ((t->state == TCP_CLOSING || t->state == TCP_LAST_ACK) && fin_waits);
}

int tcp_abort(struct tcp *t)
{
    const bool tell_peer = tcp_abort_tells(t);
    t->released = true;
    if (tell_peer)
        reset(t, RESET_ABORT, "abort()");
    else if (t->state != TCP_CLOSED)
        tcp_finish(t, ECONNABORTED, "abort()");
    t->pending = 0;
    t->user = NULL;
    if (t->busy == 0)
        tcp_maybe_free(t);
    return 0;
}

/* ---- questions */

int64_t tcp_unread(const struct tcp *t)
{
    return (int64_t)(t->rcvq.ready - t->rcvq.read);
}

int64_t tcp_at_mark(const struct tcp *t)
{
    return t->rcv.urgent > 0 && t->rcvq.read + 1 == t->rcv.urgent;
}

int64_t tcp_urgent(const struct tcp *t)
{
    return t->rcv.urgent > t->rcvq.read ? (int64_t)(t->rcv.urgent - t->rcvq.read) : 0;
}

int64_t tcp_unacked(const struct tcp *t)
{
    return (int64_t)(t->sndq.end - t->sndq.una) + (t->snd.fin_queued && !t->snd.fin_acked);
}

int64_t tcp_unsent(const struct tcp *t)
{
    const int32_t from_una = seq_from(tcp_seq_of(t, t->sndq.una), t->snd.nxt);
    const int64_t left = tcp_unacked(t);
    const int64_t sent = from_una > 0 ? from_una : 0; /* CLOSED has thrown away the rest */
    return left > sent ? left - sent : 0;
}

/* SO_RCVLOWAT, unless the window has nearly closed on the way there. */
static bool has_enough(const struct tcp *t)
{
    const int64_t least = t->opt->rcvlowat > 1 ? t->opt->rcvlowat : 1, unread = tcp_unread(t);
    const int32_t window = seq_from(t->rcv.nxt, t->rcv.edge);
    return unread >= least || (unread > 0 && window <= (int32_t)t->rcv.mss_seen);
}

static bool is_writable(const struct tcp *t)
{
    if (t->opt->notsent_lowat > 0 && tcp_unsent(t) >= t->opt->notsent_lowat)
        return false;
    return t->opt->sndbuf - (int64_t)(t->sndq.end - t->sndq.una) >= t->opt->sndbuf / 3;
}

/* As Linux's tcp_poll answers. */
uint32_t tcp_poll(const struct tcp *t)
{
    const bool read_done = t->rcv.fin_taken || t->read_shut || t->state == TCP_CLOSED;
    const bool write_done = t->snd.fin_queued || t->state == TCP_CLOSED;
    const bool open = tcp_states[t->state].synchronized || t->fo.is_child;
    uint32_t events = 0;
    if ((read_done && write_done) || t->state == TCP_CLOSED)
        events |= POLLHUP;
    if (read_done)
        events |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (open && has_enough(t))
        events |= POLLIN | POLLRDNORM;
    if (write_done || (open && is_writable(t)))
        events |= POLLOUT | POLLWRNORM;
    if (t->error != 0)
        events |= POLLERR;
    return events;
}

enum tcp_state tcp_state_of(const struct tcp *t)
{
    return t->state;
}
uint32_t tcp_number(const struct tcp *t)
{
    return t->number;
}
uint32_t tcp_peer_stream(const struct tcp *t)
{
    return t->peer_stream;
}
struct tcp_addr tcp_local(const struct tcp *t)
{
    return t->local;
}
struct tcp_addr tcp_remote(const struct tcp *t)
{
    return t->remote;
}
int tcp_error(struct tcp *t)
{
    const int error = take_error(t);
    return error != 0 ? error : tcp_take_soft_error(t);
}
