/* SPDX-License-Identifier: GPL-3.0-or-later
 * calls.c -- the table of system calls, their beginning, their waiting and their end.
 *
 * A call's function is called until it says that it is done: a blocking call is one that is
 * asked again after every event of the simulation.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"
#include "drill/symbols.h"

#define STALL                                                                                  \
    SEC(600) /* a call that was not said to block may hold up the script for so long */

static const struct {
    const char *name;
    drill_call_fn *fn;
    int n_args_min, n_args_max;
    bool gives_fd;
} CALLS[] = {
    {"socket", drill_socket, 3, 3, true},
    {"bind", drill_bind, 3, 3},
    {"listen", drill_listen, 2, 2},
    {"accept", drill_accept, 3, 3, true},
    {"connect", drill_connect, 3, 3},
    {"close", drill_close, 1, 1},
    {"shutdown", drill_shutdown, 2, 2},
    {"fcntl", drill_fcntl, 2, 3},
    {"ioctl", drill_ioctl, 3, 3},
    {"read", drill_read, 3, 3},
    {"readv", drill_readv, 3, 3},
    {"recv", drill_recv, 4, 4},
    {"recvfrom", drill_recv, 6, 6},
    {"recvmsg", drill_recvmsg, 3, 3},
    {"write", drill_write, 3, 3},
    {"writev", drill_writev, 3, 3},
    {"send", drill_send, 4, 4},
    {"sendto", drill_send, 6, 6},
    {"sendmsg", drill_sendmsg, 3, 3},
    {"getsockopt", drill_getsockopt, 5, 5},
    {"setsockopt", drill_setsockopt, 5, 5},
    {"poll", drill_poll, 3, 3},
    {"epoll_create", drill_epoll_create, 1, 1, true},
    {"epoll_ctl", drill_epoll_ctl, 4, 4},
    {"epoll_wait", drill_epoll_wait, 4, 4},
};

static int row_of(const char *name)
{
    for (int i = 0; i < (int)ARRAY_LEN(CALLS); i++)
        if (strcmp(CALLS[i].name, name) == 0)
            return i;
    return -1;
}

/* ---- arguments */

int64_t drill_value(struct drill_run *r, const struct drill_expr *e)
{
    int64_t value = 0;
    if (e == NULL || e->kind == EXPR_NULL || e->kind == EXPR_ELLIPSIS)
        return 0;
    if (e->kind == EXPR_INTEGER)
        return e->integer;
    if (e->kind == EXPR_WORD && drill_symbol(e->text, &value))
        return value;
    if (e->kind == EXPR_CALL && e->n_items == 1) /* htons(80), inet_addr("...") */
        return drill_value(r, e->items[0]);
    if (e->kind == EXPR_LIST && e->n_items == 1) /* [5]: what a pointer points to */
        return drill_value(r, e->items[0]);
    if (e->kind == EXPR_OR) {
        for (int i = 0; i < e->n_items; i++)
            value |= drill_value(r, e->items[i]);
        return value;
    }
    drill_lacks(r, &e->at, "'%s' as a number", e->text != NULL ? e->text : "this expression");
    return 0;
}

int64_t drill_int(struct drill_run *r, const struct drill_expr *e)
{
    const int64_t value = drill_value(r, e);
    if (value >= INT32_MIN && value <= INT32_MAX)
        return value;
    drill_fail(r, &e->at, "%lld does not fit an int", (long long)value);
    return 0;
}

int64_t drill_arg(struct drill_run *r, const struct drill_pending *c, int i)
{
    return i < c->call->n_args ? drill_int(r, c->call->args[i]) : 0;
}

bool drill_arg_is_null(const struct drill_pending *c, int i)
{
    return i < c->call->n_args && c->call->args[i]->kind == EXPR_NULL;
}

struct drill_socket *drill_socket_arg(struct drill_run *r, struct drill_pending *c, int other)
{
    struct drill_socket *s = drill_socket_of(r, drill_arg(r, c, 0));
    if (s != NULL && s->kind != SOCKET_EPOLL)
        return s;
    drill_done(c, s == NULL ? -EBADF : other);
    return NULL;
}

bool drill_list_has(struct drill_run *r, const struct drill_pending *c,
                    const struct drill_expr *list, const char *what, int64_t n)
{
    const int actual = list != NULL && list->kind == EXPR_LIST ? list->n_items : 0;
    if (n != actual)
        drill_fail(r, &c->call->at, "%s() says %lld for its %s, which has %d", c->call->name,
                   (long long)n, what, actual);
    return n == actual;
}

const struct drill_expr *drill_member(const struct drill_expr *e, const char *name)
{
    if (e == NULL || e->kind != EXPR_STRUCT)
        return NULL;
    for (int i = 0; i < e->n_items; i++)
        if (e->names != NULL && e->names[i] != NULL && strcmp(e->names[i], name) == 0)
            return e->items[i];
    return NULL;
}

/* A member of an I/O vector: {base, length}, or with names. */
static int64_t iov_len(struct drill_run *r, const struct drill_expr *e)
{
    const struct drill_expr *len = drill_member(e, "iov_len");
    if (len == NULL && e->kind == EXPR_STRUCT && e->n_items == 2)
        len = e->items[1];
    return drill_int(r, len);
}

int64_t drill_iov_bytes(struct drill_run *r, const struct drill_expr *iov)
{
    int64_t sum = 0;
    for (int i = 0; iov != NULL && iov->kind == EXPR_LIST && i < iov->n_items; i++) {
        const int64_t len = iov_len(r, iov->items[i]);
        if (len < 0)
            return -EINVAL;
        sum += len;
    }
    return sum;
}

void drill_check_out(struct drill_run *r, const struct drill_pending *c,
                     const struct drill_expr *want, const char *what, int64_t actual)
{
    if (want == NULL || want->kind == EXPR_ELLIPSIS || want->kind == EXPR_NULL)
        return;
    const int64_t expected = drill_value(r, want);
    if (expected != actual)
        drill_fail(r, &c->call->at, "%s() %s: expected %lld, actual %lld", c->call->name, what,
                   (long long)expected, (long long)actual);
}

enum call_status drill_done(struct drill_pending *c, int64_t value)
{
    c->value = value < 0 ? -1 : value;
    c->error = value < 0 ? (int)-value : 0;
    return CALL_DONE;
}

/* ---- the end of a call */

static void check_result(struct drill_run *r, const struct drill_pending *c)
{
    const struct drill_call *call = c->call;
    const bool gives_fd = CALLS[row_of(call->name)].gives_fd;
    const char *error = drill_errno_name(c->error);
    if (call->result == NULL || call->result->kind == EXPR_ELLIPSIS)
        return;
    const int64_t expected = drill_value(r, call->result);
    if (gives_fd ? (expected >= 0) != (c->value >= 0) : expected != c->value)
        drill_fail(r, &call->at, "%s() result: expected %lld%s%s, actual %lld%s%s", call->name,
                   (long long)expected, call->error != NULL ? " " : "",
                   call->error != NULL ? call->error : "", (long long)c->value,
                   c->error != 0 ? " " : "", c->error != 0 ? error : "");
    int64_t number = 0;
    if (call->error == NULL || r->decided)
        return;
    /* What a script of another system calls by an errno that does not exist here equals
     * nothing. */
    if (!drill_symbol(call->error, &number) || number != c->error)
        drill_fail(r, &call->at, "%s() errno: expected %s, actual %s", call->name, call->error,
                   error);
}

static void check_return_time(struct drill_run *r, const struct drill_pending *c)
{
    const sim_time now = r->sim->now, tolerance = drill_tolerance(r, c->from, c->due);
    if (now < c->due - tolerance || now > time_add(c->due, tolerance))
        drill_fail(r, &c->call->at,
                   "%s() return time: expected %.6f s, actual %.6f s, tolerance %.6f s",
                   c->call->name, (double)c->due / 1e9, (double)now / 1e9,
                   (double)tolerance / 1e9);
}

static void finish(struct drill_run *r, const struct drill_pending *c)
{
    check_result(r, c);
    if (c->call->blocking && !r->decided)
        check_return_time(r, c);
}

/* ---- beginning and waiting */

/* What a call does with a UDP socket; NULL: it is not of sockets, or the same for all. */
static drill_call_fn *udp_call(const struct drill_run *r, const struct drill_pending *c)
{
    const struct drill_expr *fd = c->call->args[0];
    const struct drill_socket *s =
        fd->kind == EXPR_INTEGER ? drill_socket_of(r, fd->integer) : NULL;
    const struct drill_call_row *row = DRILL_UDP_CALLS;
    if (s == NULL || s->kind != SOCKET_DATAGRAM)
        return NULL;
    while (row->name != NULL && strcmp(row->name, c->call->name) != 0)
        row++;
    return row->fn;
}

static enum call_status ask(struct drill_run *r, struct drill_pending *c)
{
    drill_call_fn *udp = udp_call(r, c);
    const enum call_status status =
        udp != NULL ? udp(r, c) : CALLS[row_of(c->call->name)].fn(r, c);
    c->begun = true;
    return r->decided ? CALL_DONE : status;
}

void drill_call_poll(struct drill_run *r)
{
    struct drill_pending *c = &r->pending;
    if (c->call == NULL || r->decided || ask(r, c) == CALL_WAITS)
        return;
    const struct drill_pending done = *c;
    c->call = NULL;
    if (!r->decided)
        finish(r, &done);
}

void drill_call_await(struct drill_run *r)
{
    const sim_time patience =
        time_add(r->pending.due, drill_tolerance(r, r->pending.from, r->pending.due));
    const struct drill_call *call = r->pending.call;
    while (r->pending.call != NULL && !r->decided && drill_step(r, patience))
        ;
    if (r->pending.call != NULL && !r->decided)
        drill_fail(r, &call->at, "%s() did not return: expected at %.6f s", call->name,
                   (double)r->pending.due / 1e9);
}

/* A call that the script does not mark as blocking holds up everything else. */
static void stall(struct drill_run *r, struct drill_pending *c)
{
    const sim_time limit = time_add(r->sim->now, STALL);
    enum call_status status = CALL_WAITS;
    while (status == CALL_WAITS && !r->decided) {
        const sim_time stop = time_min(limit, c->until);
        if (!sim_step(r->sim, stop)) {
            if (stop == limit)
                break;
            sim_run_until(r->sim, stop);
        }
        drill_call_poll(r);
        if (!r->decided)
            status = ask(r, c);
    }
    if (status == CALL_WAITS && !r->decided)
        drill_fail(r, &c->call->at, "%s() blocks, and nothing that could happen lets it go on",
                   c->call->name);
    else if (!r->decided)
        finish(r, c);
}

/* Whether as many arguments are there as the call takes. */
static bool counts(struct drill_run *r, const struct drill_call *call)
{
    const int least = CALLS[row_of(call->name)].n_args_min,
              most = CALLS[row_of(call->name)].n_args_max;
    if (call->n_args >= least && call->n_args <= most)
        return true;
    drill_fail(r, &call->at, "%s() takes %d%s argument%s, not %d", call->name, least,
               most > least ? " or one more" : "", least == 1 ? "" : "s", call->n_args);
    return false;
}

void drill_call_begin(struct drill_run *r, const struct drill_event *e)
{
    struct drill_pending c = {.event = e, .call = e->call, .from = r->due, .until = SIM_NEVER};
    const struct drill_time *until = &e->call->until;
    if (row_of(e->call->name) < 0) {
        drill_lacks(r, &e->call->at, "system call %s()", e->call->name);
        return;
    }
    if (!counts(r, e->call))
        return;
    if (e->call->blocking) {
        drill_call_await(r); /* the runner has one thread for them */
        c.due = e->time.when == WHEN_ABSOLUTE ? until->from
                                              : time_add(r->due - e->time.from, until->from);
    }
    if (r->decided)
        return;
    const enum call_status status = ask(r, &c);
    if (r->decided)
        return;
    if (status == CALL_DONE)
        finish(r, &c);
    else if (e->call->blocking)
        r->pending = c;
    else
        stall(r, &c);
}
