/* SPDX-License-Identifier: GPL-3.0-or-later
 * sockopt_odd.c -- socket options that are no int: a struct linger, a struct timeval, a name, a
 * key.
 *
 * The timeouts are the calls' and not the endpoint's, which never blocks.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "drill/inside.h"
#include "drill/symbols.h"
#include "models/tcp/fastopen.h"

/* The members of a struct may stand in brackets, as an int does. */
static const struct drill_expr *pointee(const struct drill_expr *e)
{
    return e != NULL && e->kind == EXPR_LIST && e->n_items == 1 ? e->items[0] : e;
}

/* A member under one of its names; NULL with the verdict decided: there is none. */
static const struct drill_expr *member(struct drill_run *r, const struct drill_pending *c,
                                       const char *name, const char *full_name)
{
    const struct drill_expr *e = c->call->args[3];
    const struct drill_expr *m = drill_member(pointee(e), name);
    if (m == NULL)
        m = drill_member(pointee(e), full_name);
    if (m == NULL)
        drill_lacks(r, &e->at, "%s without '%s='",
                    drill_odd_option(drill_arg(r, c, 1), drill_arg(r, c, 2))->name, name);
    return m;
}

/* ---- SO_LINGER */

static int set_linger(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    const struct drill_expr *on = member(r, c, "onoff", "l_onoff"),
                            *seconds = member(r, c, "linger", "l_linger");
    tcp_sock_set(&s->sock, TCP_OPT_LINGER_ON, drill_int(r, on));
    tcp_sock_set(&s->sock, TCP_OPT_LINGER, drill_int(r, seconds));
    return 0;
}

static void get_linger(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    drill_check_out(r, c, member(r, c, "onoff", "l_onoff"), "l_onoff",
                    tcp_sock_get(&s->sock, TCP_OPT_LINGER_ON));
    drill_check_out(r, c, member(r, c, "linger", "l_linger"), "l_linger",
                    tcp_sock_get(&s->sock, TCP_OPT_LINGER));
}

/* ---- SO_RCVTIMEO, SO_SNDTIMEO */

#define AT_ONCE NS(1) /* what Linux makes of a time below 0; told as 0 */

static int timeout_of(struct drill_run *r, struct drill_pending *c, sim_time *out)
{
    enum { US_A_SECOND = 1000000 };
    const int64_t s = drill_value(r, member(r, c, "tv_sec", "sec")),
                  us = drill_value(r, member(r, c, "tv_usec", "usec"));
    if (us < 0 || us >= US_A_SECOND)
        return -EDOM;
    *out = s < 0 ? AT_ONCE : time_add(s < SIM_NEVER / SEC(1) ? SEC(s) : SIM_NEVER, US(us));
    return 0;
}

static void tell_timeout(struct drill_run *r, struct drill_pending *c, sim_time kept)
{
    drill_check_out(r, c, member(r, c, "tv_sec", "sec"), "tv_sec", kept / SEC(1));
    drill_check_out(r, c, member(r, c, "tv_usec", "usec"), "tv_usec", kept % SEC(1) / US(1));
}

static int set_rcvtimeo(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    return timeout_of(r, c, &s->timeout.receive);
}
static void get_rcvtimeo(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    tell_timeout(r, c, s->timeout.receive);
}
static int set_sndtimeo(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    return timeout_of(r, c, &s->timeout.send);
}
static void get_sndtimeo(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    tell_timeout(r, c, s->timeout.send);
}

bool drill_may_wait(struct drill_run *r, struct drill_pending *c, const struct drill_socket *s,
                    sim_time timeout)
{
    if (s->nonblock)
        return false;
    if (!c->begun && timeout > 0)
        c->until = time_add(r->sim->now, timeout);
    return r->sim->now < c->until && timeout != AT_ONCE;
}

/* ---- TCP_FASTOPEN_KEY: bytes */

static int set_fastopen_key(struct drill_run *r, struct drill_pending *c,
                            struct drill_socket *s)
{
    const struct drill_expr *bytes = c->call->args[3];
    const int64_t n = drill_int(r, c->call->args[4]);
    if (bytes->kind != EXPR_STRING) {
        drill_lacks(r, &bytes->at, "TCP_FASTOPEN_KEY that is no string");
        return 0;
    }
    if (n < 0 || n > bytes->n_text)
        return -EINVAL;
    return tcp_fastopen_read_keys((const uint8_t *)bytes->text, (size_t)n,
                                  &s->sock.opt.fastopen_keys);
}

/* ---- TCP_CONGESTION: a name */

enum { CA_NAME_BYTES = 16 }; /* TCP_CA_NAME_MAX, with the 0 behind it */

static int set_congestion(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    const struct drill_expr *e = c->call->args[3], *length = c->call->args[4];
    const int64_t n = length->kind == EXPR_ELLIPSIS ? CA_NAME_BYTES : drill_int(r, length);
    const int most = n < CA_NAME_BYTES ? (int)n : CA_NAME_BYTES - 1;
    char name[CA_NAME_BYTES];
    if (n < 1)
        return -EINVAL;
    snprintf(name, sizeof name, "%.*s", most, e->kind == EXPR_STRING ? e->text : "");
    if (tcp_sock_set_congestion(&s->sock, name) != 0) /* Linux may have it */
        drill_lacks(r, &e->at, "TCP_CONGESTION \"%s\"", name);
    return 0;
}

static void get_congestion(struct drill_run *r, struct drill_pending *c, struct drill_socket *s)
{
    const struct drill_expr *e = c->call->args[3];
    const char *want = e->kind == EXPR_STRING ? e->text : "",
               *actual = tcp_sock_congestion(&s->sock);
    if (strcmp(want, actual) != 0)
        drill_fail(r, &c->call->at, "getsockopt() name: expected %s, actual %s", want, actual);
}

/* ---- the table */

static const struct drill_odd_option OPTIONS[] = {
    {"SOL_SOCKET", "SO_LINGER", 8, set_linger, get_linger},
    {"SOL_SOCKET", "SO_RCVTIMEO", 16, set_rcvtimeo, get_rcvtimeo},
    {"SOL_SOCKET", "SO_SNDTIMEO", 16, set_sndtimeo, get_sndtimeo},
    {"SOL_TCP", "TCP_FASTOPEN_KEY", 0, set_fastopen_key, NULL},
    {"SOL_TCP", "TCP_CONGESTION", 0, set_congestion, get_congestion},
};

const struct drill_odd_option *drill_odd_option(int64_t level, int64_t option)
{
    for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++)
        if (drill_option_is(OPTIONS[i].level, OPTIONS[i].name, level, option))
            return &OPTIONS[i];
    return NULL;
}
