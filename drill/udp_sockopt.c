/* SPDX-License-Identifier: GPL-3.0-or-later
 * udp_sockopt.c -- options of a UDP socket.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "drill/inside.h"
#include "drill/symbols.h"

static int64_t get_error(struct drill_run *r, struct udp_sock *k)
{
    return udp_sock_error(k);
}
static int64_t get_type(struct drill_run *r, struct udp_sock *k)
{
    return SOCK_DGRAM;
}
static int64_t get_protocol(struct drill_run *r, struct udp_sock *k)
{
    return PROTO_UDP;
}
static int64_t get_domain(struct drill_run *r, struct udp_sock *k)
{
    return r->config.ip_version == DRILL_IPV4 ? AF_INET : AF_INET6;
}
static int64_t get_recverr(struct drill_run *r, struct udp_sock *k)
{
    return k->recverr;
}
/* Off it forgets what has not been read: ip_sockglue.c's IP_RECVERR. */
static int set_recverr(struct drill_run *r, struct udp_sock *k, int64_t value)
{
    k->recverr = value != 0;
    if (!k->recverr)
        k->n_told = k->n_reports;
    return 0;
}
static int64_t get_mtu_discover(struct drill_run *r, struct udp_sock *k)
{
    return k->mtu_discover;
}
static int set_mtu_discover(struct drill_run *r, struct udp_sock *k, int64_t value)
{
    if (value < UDP_PMTUDISC_DONT || value > UDP_PMTUDISC_OMIT)
        return -EINVAL;
    k->mtu_discover = value;
    return 0;
}
static int64_t get_mtu(struct drill_run *r, struct udp_sock *k)
{
    return k->connected ? k->mtu : -ENOTCONN;
}
static int pass_over(struct drill_run *r, struct udp_sock *k, int64_t value)
{
    return 0;
}

/* What is passed over has no effect here: buffers have no limit, there is no broadcast, and a
 * second socket on a port is refused. */
static const struct {
    const char *level, *name;
    int64_t (*get)(struct drill_run *r, struct udp_sock *k); /* -errno; NULL: unsupported */
    int (*set)(struct drill_run *r, struct udp_sock *k, int64_t value);
} OPTIONS[] = {
    {"SOL_SOCKET", "SO_ERROR", get_error, NULL},
    {"SOL_SOCKET", "SO_TYPE", get_type, NULL},
    {"SOL_SOCKET", "SO_PROTOCOL", get_protocol, NULL},
    {"SOL_SOCKET", "SO_DOMAIN", get_domain, NULL},
    {"SOL_SOCKET", "SO_RCVBUF", NULL, pass_over},
    {"SOL_SOCKET", "SO_SNDBUF", NULL, pass_over},
    {"SOL_SOCKET", "SO_BROADCAST", NULL, pass_over},
    {"SOL_SOCKET", "SO_REUSEADDR", NULL, pass_over},
    {"SOL_IP", "IP_RECVERR", get_recverr, set_recverr},
    {"SOL_IPV6", "IPV6_RECVERR", get_recverr, set_recverr},
    {"SOL_IP", "IP_MTU_DISCOVER", get_mtu_discover, set_mtu_discover},
    {"SOL_IPV6", "IPV6_MTU_DISCOVER", get_mtu_discover, set_mtu_discover},
    {"SOL_IP", "IP_MTU", get_mtu, NULL},
    {"SOL_IPV6", "IPV6_MTU", get_mtu, NULL},
    {"SOL_IPV6", "IPV6_V6ONLY", NULL, pass_over},
};

/* The row of arguments 1 and 2; -1 with the verdict decided. */
static int row_of(struct drill_run *r, const struct drill_pending *c, bool sets)
{
    const int64_t level = drill_arg(r, c, 1), option = drill_arg(r, c, 2);
    for (int i = 0; i < (int)ARRAY_LEN(OPTIONS); i++) {
        int64_t l, n;
        if (drill_symbol(OPTIONS[i].level, &l) && drill_symbol(OPTIONS[i].name, &n) &&
            l == level && n == option &&
            (sets ? OPTIONS[i].set != NULL : OPTIONS[i].get != NULL))
            return i;
    }
    const char *name = c->call->args[2]->text;
    drill_lacks(r, &c->call->at, "%s %s of UDP", c->call->name, name != NULL ? name : "option");
    return -1;
}

enum call_status drill_udp_getsockopt(struct drill_run *r, struct drill_pending *c)
{
    const int row = row_of(r, c, false);
    if (row < 0)
        return CALL_DONE;
    if (drill_arg_is_null(c, 3) || drill_arg_is_null(c, 4))
        return drill_done(c, -EFAULT);
    const int64_t value = OPTIONS[row].get(r, drill_socket_of(r, drill_arg(r, c, 0))->udp);
    if (value < 0)
        return drill_done(c, value);
    drill_check_out(r, c, c->call->args[4], "length", sizeof(int));
    drill_check_out(r, c, c->call->args[3], "value", value);
    return drill_done(c, 0);
}

enum call_status drill_udp_setsockopt(struct drill_run *r, struct drill_pending *c)
{
    const int row = row_of(r, c, true);
    const struct drill_expr *length = c->call->args[4];
    if (row < 0)
        return CALL_DONE;
    const bool is_short = length->kind != EXPR_ELLIPSIS &&
                          drill_int(r, length) < (int64_t)sizeof(int) &&
                          drill_arg(r, c, 1) == SOL_SOCKET;
    if (is_short)
        return drill_done(c, -EINVAL);
    if (drill_arg_is_null(c, 3))
        return drill_done(c, -EFAULT);
    return drill_done(c, OPTIONS[row].set(r, drill_socket_of(r, drill_arg(r, c, 0))->udp,
                                          drill_arg(r, c, 3)));
}
