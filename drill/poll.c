/* SPDX-License-Identifier: GPL-3.0-or-later
 * poll.c -- poll() and epoll, level-triggered.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

#include "drill/inside.h"

uint32_t drill_events_of(const struct drill_socket *s)
{
    return s->kind == SOCKET_DATAGRAM ? udp_sock_poll(s->udp) : tcp_sock_poll(&s->sock);
}

/* Milliseconds, negative: without end. */
static void set_timeout(struct drill_run *r, struct drill_pending *c, int64_t ms)
{
    if (!c->begun && ms >= 0)
        c->until = time_add(r->sim->now, MS(ms));
}

static bool must_end(const struct drill_run *r, const struct drill_pending *c)
{
    return r->sim->now >= c->until;
}

/* ---- poll */

static const struct drill_expr *member_at(const struct drill_expr *e, const char *name,
                                          int position)
{
    const struct drill_expr *m = drill_member(e, name);
    return m != NULL || e->kind != EXPR_STRUCT || position >= e->n_items ||
                   e->names[position][0] != '\0'
               ? m
               : e->items[position];
}

static uint32_t revents_of(struct drill_run *r, const struct drill_expr *entry)
{
    const int64_t fd = drill_int(r, member_at(entry, "fd", 0));
    const struct drill_socket *s = drill_socket_of(r, fd);
    const uint32_t events = (uint32_t)drill_value(r, member_at(entry, "events", 1));
    if (fd < 0) /* an entry that is switched off */
        return 0;
    if (s != NULL && s->kind == SOCKET_EPOLL)
        drill_lacks(r, &entry->at, "poll() of an epoll");
    return s == NULL ? POLLNVAL : drill_events_of(s) & (events | POLLERR | POLLHUP);
}

enum call_status drill_poll(struct drill_run *r, struct drill_pending *c)
{
    const struct drill_expr *entries = c->call->args[0];
    const int64_t n_entries = drill_arg(r, c, 1);
    int64_t n = 0;
    set_timeout(r, c, drill_arg(r, c, 2));
    if (entries->kind != EXPR_LIST && n_entries != 0)
        return drill_done(c, n_entries < 0 ? -EINVAL : -EFAULT);
    if (!drill_list_has(r, c, entries, "list", n_entries))
        return CALL_DONE;
    for (int i = 0; i < entries->n_items; i++)
        n += revents_of(r, entries->items[i]) != 0;
    if (n == 0 && !must_end(r, c))
        return CALL_WAITS;
    for (int i = 0; i < entries->n_items; i++)
        drill_check_out(r, c, member_at(entries->items[i], "revents", 2), "revents",
                        revents_of(r, entries->items[i]));
    return drill_done(c, n);
}

/* ---- epoll */

enum call_status drill_epoll_create(struct drill_run *r, struct drill_pending *c)
{
    if (drill_arg(r, c, 0) <= 0)
        return drill_done(c, -EINVAL);
    const struct drill_socket *s = drill_socket_new(r, c, SOCKET_EPOLL);
    return drill_done(c, s->fd >= 0 ? s->fd : 0);
}

static struct drill_interest *interest_in(const struct drill_socket *ep, int64_t fd)
{
    for (uint32_t i = 0; i < ep->n_interests; i++)
        if (ep->interests[i].fd == fd)
            return &ep->interests[i];
    return NULL;
}

static int64_t data_of(struct drill_run *r, const struct drill_expr *event)
{
    static const char *const NAMES[] = {"fd", "u32", "u64", "ptr"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        if (drill_member(event, NAMES[i]) != NULL)
            return drill_value(r, drill_member(event, NAMES[i]));
    return 0;
}

static int add_interest(struct drill_run *r, struct drill_socket *ep, int64_t fd,
                        const struct drill_expr *event)
{
    struct drill_interest *x = interest_in(ep, fd);
    if (x == NULL) {
        ep->interests = arena_grow(&r->sim->arena, ep->interests, &ep->cap_interests,
                                   ep->n_interests + 1, sizeof *ep->interests);
        x = &ep->interests[ep->n_interests++];
    }
    *x = (struct drill_interest){(int)fd,
                                 (uint32_t)drill_value(r, drill_member(event, "events")),
                                 data_of(r, event), false};
    return 0;
}

static int remove_interest(struct drill_socket *ep, struct drill_interest *x)
{
    *x = ep->interests[--ep->n_interests];
    return 0;
}

enum call_status drill_epoll_ctl(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *ep = drill_socket_of(r, drill_arg(r, c, 0));
    const int64_t op = drill_arg(r, c, 1), fd = drill_arg(r, c, 2);
    const struct drill_expr *event = c->call->args[3];
    const struct drill_socket *s = drill_socket_of(r, fd);
    if (op != EPOLL_CTL_DEL && event->kind == EXPR_NULL)
        return drill_done(c, -EFAULT);
    if (ep == NULL || s == NULL)
        return drill_done(c, -EBADF);
    if (ep->kind != SOCKET_EPOLL || ep == s ||
        (op != EPOLL_CTL_ADD && op != EPOLL_CTL_MOD && op != EPOLL_CTL_DEL))
        return drill_done(c, -EINVAL);
    if (s->kind == SOCKET_EPOLL)
        drill_lacks(r, &c->call->at, "an epoll in an epoll");
    struct drill_interest *x = interest_in(ep, fd);
    if (op == EPOLL_CTL_ADD && x != NULL)
        return drill_done(c, -EEXIST);
    if (op != EPOLL_CTL_ADD && x == NULL)
        return drill_done(c, -ENOENT);
    if (op == EPOLL_CTL_DEL)
        return drill_done(c, remove_interest(ep, x));
    if (((uint32_t)drill_value(r, drill_member(event, "events")) & (uint32_t)EPOLLET) != 0)
        drill_lacks(r, &c->call->at, "edge-triggered epoll");
    return drill_done(c, add_interest(r, ep, fd, event));
}

static uint32_t ready(const struct drill_run *r, const struct drill_interest *x)
{
    const struct drill_socket *s = drill_socket_of(r, x->fd);
    return s == NULL || x->disarmed ? 0
                                    : drill_events_of(s) & (x->events | EPOLLERR | EPOLLHUP);
}

/* One event of the answer against what the script expects. */
static void check_event(struct drill_run *r, struct drill_pending *c,
                        const struct drill_expr *want, struct drill_interest *x)
{
    drill_check_out(r, c, drill_member(want, "events"), "events", ready(r, x));
    if (want->n_items > 1 && data_of(r, want) != x->data)
        drill_fail(r, &c->call->at, "epoll_wait() data: expected %lld, actual %lld",
                   (long long)data_of(r, want), (long long)x->data);
    x->disarmed = (x->events & EPOLLONESHOT) != 0;
}

enum call_status drill_epoll_wait(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *ep = drill_socket_of(r, drill_arg(r, c, 0));
    const struct drill_expr *want = c->call->args[1];
    const int64_t max = drill_arg(r, c, 2);
    int64_t n = 0;
    set_timeout(r, c, drill_arg(r, c, 3));
    if (ep == NULL || ep->kind != SOCKET_EPOLL || max <= 0)
        return drill_done(c, ep == NULL ? -EBADF : -EINVAL);
    for (uint32_t i = 0; i < ep->n_interests; i++)
        n += ready(r, &ep->interests[i]) != 0;
    if (n == 0 && !must_end(r, c))
        return CALL_WAITS;
    if (n > 0 && want->kind == EXPR_NULL)
        return drill_done(c, -EFAULT);
    const int n_want = want->kind == EXPR_LIST ? want->n_items : want->kind == EXPR_STRUCT;
    int told = 0;
    for (uint32_t i = 0; i < ep->n_interests && told < max; i++) {
        if (ready(r, &ep->interests[i]) == 0)
            continue;
        if (told < n_want)
            check_event(r, c, want->kind == EXPR_LIST ? want->items[told] : want,
                        &ep->interests[i]);
        told++;
    }
    return drill_done(c, told);
}
