/* SPDX-License-Identifier: GPL-3.0-or-later
 * sockopt.c -- socket options: what the endpoint does, and what it may pass over because
 * nothing depends on it.
 *
 * An option that matters and has no model is unsupported: to accept it would be a lie.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "drill/inside.h"
#include "drill/symbols.h"
#include "models/tcp/pmtu.h"
#include "models/tcp/sockopt.h"

typedef void (*getter)(struct drill_run *r, struct drill_socket *s, int64_t *value);
/* 0 or -errno. */
typedef int (*setter)(struct drill_run *r, struct drill_socket *s, int64_t value);

/* ---- the runner's */

static void get_error(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = tcp_sock_error(&s->sock);
}

static void get_type(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = SOCK_STREAM;
}
static void get_protocol(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = PROTO_TCP;
}
static void get_domain(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = r->config.ip_version == DRILL_IPV4 ? AF_INET : AF_INET6;
}
static void get_sndlowat(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = 1;
}
static void get_listening(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->kind == SOCKET_LISTENER;
}

/* ---- IPv6's names of IP_TOS and IP_TTL; -1 is the default */

static int set_tclass(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    return tcp_sock_set(&s->sock, TCP_OPT_TOS, value < 0 ? 0 : value);
}
static void get_tclass(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = tcp_sock_get(&s->sock, TCP_OPT_TOS);
}
static int set_hops(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    return tcp_sock_set(&s->sock, TCP_OPT_TTL, value);
}
static void get_hops(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = tcp_sock_get(&s->sock, TCP_OPT_TTL);
}

/* Of a connection alone, as far as its path is known; -errno. */
static void get_mtu(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    const int64_t path = tcp_path_mtu(r->stack, r->config.remote);
    *value = s->sock.t == NULL ? -ENOTCONN : path < r->config.mtu ? path : r->config.mtu;
}

static int set_mtu_discover(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    s->mtu_discover = value;
    return 0;
}
static void get_mtu_discover(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->mtu_discover;
}

/* Urgent bytes stay in the stream. */
static int set_oobinline(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (value == 0)
        drill_lacks(r, NULL, "reading urgent data out of line");
    return 0;
}

static int pass_over(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    return 0;
}

static const struct {
    const char *level, *name;
    getter get; /* NULL: unsupported */
    setter set;
    const char *why;     /* of what is passed over */
    int32_t least, most; /* else EINVAL; 0 and 0: all */
} OPTIONS[] = {
    {"SOL_SOCKET", "SO_ERROR", get_error, NULL, NULL},
    {"SOL_SOCKET", "SO_TYPE", get_type, NULL, NULL},
    {"SOL_SOCKET", "SO_PROTOCOL", get_protocol, NULL, NULL},
    {"SOL_SOCKET", "SO_DOMAIN", get_domain, NULL, NULL},
    {"SOL_SOCKET", "SO_SNDLOWAT", get_sndlowat, NULL, NULL},
    {"SOL_SOCKET", "SO_ACCEPTCONN", get_listening, NULL, NULL},
    {"SOL_SOCKET", "SO_OOBINLINE", NULL, set_oobinline, NULL},
    {"SOL_SOCKET", "SO_DEBUG", NULL, pass_over, "about logging only"},
    {"SOL_SOCKET", "SO_PRIORITY", NULL, pass_over, "about queues of the sending host only"},
    {"SOL_SOCKET", "SO_MARK", NULL, pass_over, "about filters of the sending host only"},
    {"SOL_IP", "IP_MTU_DISCOVER", get_mtu_discover, set_mtu_discover,
     "about the DF bit only, which is not modelled", 0, 5},
    {"SOL_IP", "IP_MTU", get_mtu, NULL, NULL},
    {"SOL_IPV6", "IPV6_MTU", get_mtu, NULL, NULL},
    {"SOL_IPV6", "IPV6_TCLASS", get_tclass, set_tclass, NULL, -1, 255},
    {"SOL_IPV6", "IPV6_UNICAST_HOPS", get_hops, set_hops, NULL, -1, 255},
    {"SOL_IPV6", "IPV6_V6ONLY", NULL, pass_over, "one version of IP at a time"},
};

bool drill_option_is(const char *row_level, const char *row_name, int64_t level, int64_t option)
{
    int64_t level_number = -1, number = -1;
    return row_name != NULL && drill_symbol(row_level, &level_number) &&
           drill_symbol(row_name, &number) && level_number == level && number == option;
}

static int find(int64_t level, int64_t option)
{
    for (int i = 0; i < (int)ARRAY_LEN(OPTIONS); i++)
        if (drill_option_is(OPTIONS[i].level, OPTIONS[i].name, level, option))
            return i;
    return -1;
}

/* ---- the endpoint's: models/tcp/sockopt.h */

static int find_endpoints(int64_t level, int64_t option)
{
    for (int i = 0; i < TCP_N_OPTIONS; i++)
        if (drill_option_is(TCP_OPTIONS[i].level, TCP_OPTIONS[i].socket, level, option))
            return i;
    return -1;
}

static int set_endpoints(struct drill_run *r, struct drill_socket *s, int option, int64_t value)
{
    return tcp_sock_set(&s->sock, (enum tcp_option)option, value);
}

static int64_t get_endpoints(struct drill_run *r, struct drill_socket *s, int option)
{
    const struct tcp *t = s->sock.t;
    if (option == TCP_OPT_SNDBUF && t != NULL && s->sock.opt.sndbuf_told == 0 && r->linux_like)
        drill_lacks(r, NULL, "a send buffer that grows");
    return tcp_sock_get(&s->sock, (enum tcp_option)option);
}

static enum call_status lack(struct drill_run *r, const struct drill_pending *c)
{
    const struct drill_expr *option = c->call->args[2];
    drill_lacks(r, &c->call->at, "%s %s", c->call->name,
                option->text != NULL ? option->text : "option");
    return CALL_DONE;
}

/* ---- the calls */

enum { INT_BYTES = 4 };

/* The least length that a setter takes: options of IP read a single byte too. */
static int64_t least_length(int64_t level)
{
    return level == IPPROTO_IP ? 1 : INT_BYTES;
}

static enum call_status get_odd(struct drill_run *r, struct drill_pending *c,
                                struct drill_socket *s, const struct drill_odd_option *odd)
{
    if (odd->least > 0)
        drill_check_out(r, c, c->call->args[4], "length", odd->least);
    if (c->call->args[3]->kind != EXPR_ELLIPSIS)
        odd->get(r, c, s);
    return drill_done(c, 0);
}

enum call_status drill_getsockopt(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_arg(r, c, -ENOTSOCK);
    const int64_t level = drill_arg(r, c, 1), option = drill_arg(r, c, 2);
    int64_t value = 0;
    if (s == NULL)
        return CALL_DONE;
    const struct drill_odd_option *odd = drill_odd_option(level, option);
    const int own = find_endpoints(level, option), row = find(level, option);
    const bool told =
        odd != NULL ? odd->get != NULL : own >= 0 || (row >= 0 && OPTIONS[row].get != NULL);
    if (!told)
        return lack(r, c);
    if (drill_arg_is_null(c, 3) || drill_arg_is_null(c, 4))
        return drill_done(c, -EFAULT);
    if (odd != NULL)
        return get_odd(r, c, s, odd);
    drill_check_out(r, c, c->call->args[4], "length", INT_BYTES);
    if (own >= 0)
        value = get_endpoints(r, s, own);
    else
        OPTIONS[row].get(r, s, &value);
    if (own < 0 && value < 0)
        return drill_done(c, value);
    if (own != TCP_OPT_RCVBUF || !r->options->relax_freebsd)
        drill_check_out(r, c, c->call->args[3], "value", value);
    return drill_done(c, 0);
}

static bool in_range(int row, int64_t value)
{
    const int32_t least = OPTIONS[row].least, most = OPTIONS[row].most;
    return least == most || (value >= least && value <= most);
}

enum call_status drill_setsockopt(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_arg(r, c, -ENOTSOCK);
    const int64_t level = drill_arg(r, c, 1), option = drill_arg(r, c, 2);
    const struct drill_expr *length = c->call->args[4];
    if (s == NULL)
        return CALL_DONE;
    const struct drill_odd_option *odd = drill_odd_option(level, option);
    const int own = find_endpoints(level, option), row = find(level, option);
    if (odd == NULL && own < 0 && (row < 0 || OPTIONS[row].set == NULL))
        return lack(r, c);
    const int64_t least = odd != NULL ? odd->least : least_length(level);
    if (length->kind != EXPR_ELLIPSIS && drill_int(r, length) < least)
        return drill_done(c, -EINVAL);
    if (drill_arg_is_null(c, 3))
        return drill_done(c, -EFAULT);
    if (odd != NULL)
        return drill_done(c, odd->set(r, c, s));
    const int64_t value = drill_arg(r, c, 3);
    if (own >= 0)
        return drill_done(c, set_endpoints(r, s, own, value));
    return drill_done(c, in_range(row, value) ? OPTIONS[row].set(r, s, value) : -EINVAL);
}
