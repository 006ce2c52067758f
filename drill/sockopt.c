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
#include "models/tcp/fastopen.h"
#include "models/tcp/info.h"

/* Both give 0 or -errno. */
typedef int (*getter)(struct drill_run *r, struct drill_socket *s, int64_t *value);
typedef int (*setter)(struct drill_run *r, struct drill_socket *s, int64_t value);

/* Bytes, Linux's with overhead. */
enum {
    LINUX_BUFFER_MAX = 212992,
    LINUX_RCVBUF_MIN = 2304,
    LINUX_SNDBUF_MIN = 4608,
    LINUX_SNDBUF = 16384,     /* tcp_wmem's middle, where no sysctl says other */
    BSD_BUFFER_MAX = 2097152, /* kern.ipc.maxsockbuf */
};
enum { LINUX_MSS_MIN = 88, LINUX_MSS_MAX = 32767, MSS_DEFAULT = 536 };

/* ---- the endpoint's */

static int set_on_both(struct drill_socket *s, enum tcp_option option, int64_t value)
{
    return s->t != NULL ? tcp_set_option(s->t, option, value) : 0;
}

static int set_nodelay(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    s->opt.nodelay = value != 0;
    return set_on_both(s, TCP_OPT_NODELAY, value != 0);
}
static int get_nodelay(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->opt.nodelay;
    return 0;
}

static int set_cork(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    s->opt.cork = value != 0;
    return set_on_both(s, TCP_OPT_CORK, value != 0);
}
static int get_cork(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->opt.cork;
    return 0;
}

static int set_defer_accept(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    s->opt.defer_accept = value > 0 ? SEC(value) : 0;
    return 0;
}
static int get_defer_accept(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->opt.defer_accept / SEC(1); /* Linux: rounded to SYN-ACK timeouts */
    return 0;
}

static int set_fastopen(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (value < 0)
        return -EINVAL;
    s->opt.fastopen_qlen = value;
    return 0;
}
static int get_fastopen(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->opt.fastopen_qlen;
    return 0;
}

static int set_fastopen_connect(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (value < 0 || value > 1 || s->kind != SOCKET_NEW)
        return -EINVAL;
    if ((r->params.fastopen & FASTOPEN_CLIENT) == 0)
        return -EOPNOTSUPP;
    s->fastopen_connect = value == 1;
    return 0;
}
static int get_fastopen_connect(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->fastopen_connect;
    return 0;
}

static int set_syncnt(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (value < 1 || value > 127)
        return -EINVAL;
    s->opt.syn_retries = value;
    return set_on_both(s, TCP_OPT_SYNCNT, value);
}
static int get_syncnt(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->opt.syn_retries > 0 ? s->opt.syn_retries : r->params.syn_retries;
    return 0;
}

static int set_maxseg(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (value != 0 && (value < LINUX_MSS_MIN || value > LINUX_MSS_MAX))
        return -EINVAL;
    s->opt.maxseg = value;
    return value != 0 ? set_on_both(s, TCP_OPT_MAXSEG, value) : 0;
}

static int64_t info(const struct tcp *t, const char *name)
{
    const struct tcp_info_row *row = TCP_INFO_ROWS;
    while (strcmp(row->name, name) != 0)
        row++;
    return row->get(t);
}

static int get_maxseg(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->t != NULL        ? info(s->t, "tcpi_snd_mss")
             : s->opt.maxseg > 0 ? s->opt.maxseg
                                 : MSS_DEFAULT;
    return 0;
}

/* Linux doubles what is asked for, since its buffers count their overhead, of which half is
 * taken for the window. */
static int64_t doubled(int64_t value, int64_t least)
{
    const bool over = value < 0 || value > LINUX_BUFFER_MAX; /* compared as unsigned */
    const int64_t twice = 2 * (over ? LINUX_BUFFER_MAX : value);
    return twice > least ? twice : least;
}

static int set_rcvbuf(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (!r->linux_like && (value <= 0 || value > BSD_BUFFER_MAX))
        return value <= 0 ? -EINVAL : -ENOBUFS;
    s->rcvbuf_set = r->linux_like ? doubled(value, LINUX_RCVBUF_MIN) : value;
    s->opt.rcvbuf = r->linux_like ? s->rcvbuf_set / 2 : value;
    return set_on_both(s, TCP_OPT_RCVBUF, s->opt.rcvbuf);
}
static int get_rcvbuf(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->rcvbuf_set != 0 ? s->rcvbuf_set : s->opt.rcvbuf * (r->linux_like ? 2 : 1);
    return 0;
}

static int set_sndbuf(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (!r->linux_like && (value <= 0 || value > BSD_BUFFER_MAX))
        return value <= 0 ? -EINVAL : -ENOBUFS;
    s->sndbuf_set = r->linux_like ? doubled(value, LINUX_SNDBUF_MIN) : value;
    s->opt.sndbuf = s->sndbuf_set;
    return set_on_both(s, TCP_OPT_SNDBUF, s->opt.sndbuf);
}

/* The profile's send buffer stands for what Linux lets its own grow to. */
static int64_t linux_sndbuf(const struct drill_run *r)
{
    struct tcp_params profile;
    return tcp_params_init(&profile, "linux") == 0 && r->params.sndbuf == profile.sndbuf
               ? LINUX_SNDBUF
               : r->params.sndbuf;
}

static int get_sndbuf(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->sndbuf_set != 0 ? s->sndbuf_set
             : r->linux_like    ? linux_sndbuf(r)
                                : s->opt.sndbuf;
    if (s->sndbuf_set == 0 && r->linux_like && s->t != NULL)
        drill_lacks(r, NULL, "a send buffer that grows");
    return 0;
}

static int get_error(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->t != NULL ? tcp_error(s->t) : 0;
    return 0;
}

/* ---- the runner's */

static int set_reuse_addr(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    s->reuse_addr = value != 0;
    return 0;
}
static int get_reuse_addr(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->reuse_addr;
    return 0;
}
static int set_reuse_port(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    s->reuse_port = value != 0;
    return 0;
}
static int get_reuse_port(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->reuse_port;
    return 0;
}
static int set_inq(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    if (value < 0 || value > 1)
        return -EINVAL;
    s->inq = value != 0;
    return 0;
}
static int get_inq(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->inq;
    return 0;
}
static int get_type(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = SOCK_STREAM;
    return 0;
}
static int get_protocol(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = PROTO_TCP;
    return 0;
}
static int get_listening(struct drill_run *r, struct drill_socket *s, int64_t *value)
{
    *value = s->kind == SOCKET_LISTENER;
    return 0;
}

static int set_ttl(struct drill_run *r, struct drill_socket *s, int64_t value)
{
    enum { DEFAULT = -1, MODEL = 64 /* output.c's */ };
    if (value != DEFAULT && (value < 1 || value > UINT8_MAX))
        return -EINVAL;
    if (value != DEFAULT && value != MODEL)
        drill_lacks(r, NULL, "a TTL of %lld", (long long)value);
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
    int32_t least, most; /* of what is passed over, else EINVAL; 0 and 0: all */
} OPTIONS[] = {
    {"SOL_SOCKET", "SO_ERROR", get_error, NULL, NULL},
    {"SOL_SOCKET", "SO_RCVBUF", get_rcvbuf, set_rcvbuf, NULL},
    {"SOL_SOCKET", "SO_SNDBUF", get_sndbuf, set_sndbuf, NULL},
    {"SOL_SOCKET", "SO_REUSEADDR", get_reuse_addr, set_reuse_addr, NULL},
    {"SOL_SOCKET", "SO_REUSEPORT", get_reuse_port, set_reuse_port, NULL},
    {"SOL_SOCKET", "SO_TYPE", get_type, NULL, NULL},
    {"SOL_SOCKET", "SO_PROTOCOL", get_protocol, NULL, NULL},
    {"SOL_SOCKET", "SO_ACCEPTCONN", get_listening, NULL, NULL},
    {"SOL_SOCKET", "SO_DEBUG", NULL, pass_over, "about logging only"},
    {"SOL_SOCKET", "SO_PRIORITY", NULL, pass_over, "about queues of the sending host only"},
    {"SOL_SOCKET", "SO_MARK", NULL, pass_over, "about filters of the sending host only"},
    {"SOL_TCP", "TCP_NODELAY", get_nodelay, set_nodelay, NULL},
    {"SOL_TCP", "TCP_CORK", get_cork, set_cork, NULL},
    {"SOL_TCP", "TCP_MAXSEG", get_maxseg, set_maxseg, NULL},
    {"SOL_TCP", "TCP_DEFER_ACCEPT", get_defer_accept, set_defer_accept, NULL},
    {"SOL_TCP", "TCP_SYNCNT", get_syncnt, set_syncnt, NULL},
    {"SOL_TCP", "TCP_FASTOPEN", get_fastopen, set_fastopen, NULL},
    {"SOL_TCP", "TCP_FASTOPEN_CONNECT", get_fastopen_connect, set_fastopen_connect, NULL},
    {"SOL_TCP", "TCP_INQ", get_inq, set_inq, NULL},
    {"SOL_TCP", "TCP_KEEPIDLE", NULL, pass_over, "nothing while SO_KEEPALIVE is off", 1, 32767},
    {"SOL_TCP", "TCP_KEEPINTVL", NULL, pass_over, "nothing while SO_KEEPALIVE is off", 1,
     32767},
    {"SOL_TCP", "TCP_KEEPCNT", NULL, pass_over, "nothing while SO_KEEPALIVE is off", 1, 127},
    {"SOL_IP", "IP_TOS", NULL, pass_over, "a packet that a script looks at has TOS 0"},
    {"SOL_IP", "IP_TTL", NULL, set_ttl, NULL},
    {"SOL_IP", "IP_MTU_DISCOVER", NULL, pass_over,
     "about the DF bit only, which is not modelled", 0, 5},
    {"SOL_IPV6", "IPV6_TCLASS", NULL, pass_over, "a packet that a script looks at has class 0",
     -1, 255},
    {"SOL_IPV6", "IPV6_V6ONLY", NULL, pass_over, "one version of IP at a time"},
};

static int find(int64_t level, int64_t option)
{
    for (int i = 0; i < (int)ARRAY_LEN(OPTIONS); i++) {
        int64_t row_level = 0, row_option = 0;
        drill_symbol(OPTIONS[i].level, &row_level);
        drill_symbol(OPTIONS[i].name, &row_option);
        if (row_level == level && row_option == option)
            return i;
    }
    return -1;
}

static enum call_status lack(struct drill_run *r, const struct drill_pending *c)
{
    const struct drill_expr *option = c->call->args[2];
    drill_lacks(r, &c->call->at, "%s %s", c->call->name,
                option->text != NULL ? option->text : "option");
    return CALL_DONE;
}

/* ---- SO_LINGER is a struct */

static bool is_linger(int64_t level, int64_t option)
{
    return level == SOL_SOCKET && option == SO_LINGER;
}

static const struct drill_expr *pointee(const struct drill_expr *e)
{
    return e != NULL && e->kind == EXPR_LIST && e->n_items == 1 ? e->items[0] : e;
}

/* A member under one of its two names; NULL with the verdict decided: there is none. */
static const struct drill_expr *linger_member(struct drill_run *r, const struct drill_expr *e,
                                              const char *name, const char *full_name)
{
    const struct drill_expr *m = drill_member(pointee(e), name);
    if (m == NULL)
        m = drill_member(pointee(e), full_name);
    if (m == NULL)
        drill_lacks(r, &e->at, "SO_LINGER without '%s='", name);
    return m;
}

static enum call_status set_linger(struct drill_run *r, struct drill_pending *c,
                                   struct drill_socket *s)
{
    const struct drill_expr *e = c->call->args[3];
    const struct drill_expr *on = linger_member(r, e, "onoff", "l_onoff"),
                            *seconds = linger_member(r, e, "linger", "l_linger");
    s->linger = drill_int(r, on) != 0;
    s->linger_s = drill_int(r, seconds);
    return drill_done(c, 0);
}

static enum call_status get_linger(struct drill_run *r, struct drill_pending *c,
                                   const struct drill_socket *s)
{
    const struct drill_expr *e = c->call->args[3];
    if (e->kind != EXPR_ELLIPSIS) {
        drill_check_out(r, c, linger_member(r, e, "onoff", "l_onoff"), "l_onoff", s->linger);
        drill_check_out(r, c, linger_member(r, e, "linger", "l_linger"), "l_linger",
                        s->linger_s);
    }
    return drill_done(c, 0);
}

/* ---- the calls */

enum { INT_BYTES = 4, LINGER_BYTES = 8 };

/* The least length that a setter takes: options of IP read a single byte too. */
static int64_t least_length(int64_t level, int64_t option)
{
    return is_linger(level, option) ? LINGER_BYTES : level == IPPROTO_IP ? 1 : INT_BYTES;
}

static bool value_counts(const struct drill_run *r, const char *name)
{
    return !(r->options->relax_freebsd && strcmp(name, "SO_RCVBUF") == 0);
}

enum call_status drill_getsockopt(struct drill_run *r, struct drill_pending *c)
{
    struct drill_socket *s = drill_socket_arg(r, c, -ENOTSOCK);
    const int64_t level = drill_arg(r, c, 1), option = drill_arg(r, c, 2);
    int64_t value = 0;
    if (s == NULL)
        return CALL_DONE;
    const int row = is_linger(level, option) ? -1 : find(level, option);
    if (!is_linger(level, option) && (row < 0 || OPTIONS[row].get == NULL))
        return lack(r, c);
    if (drill_arg_is_null(c, 3) || drill_arg_is_null(c, 4))
        return drill_done(c, -EFAULT);
    drill_check_out(r, c, c->call->args[4], "length",
                    is_linger(level, option) ? LINGER_BYTES : INT_BYTES);
    if (is_linger(level, option))
        return get_linger(r, c, s);
    const int error = OPTIONS[row].get(r, s, &value);
    if (error == 0 && value_counts(r, OPTIONS[row].name))
        drill_check_out(r, c, c->call->args[3], "value", value);
    return drill_done(c, error);
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
    const int row = is_linger(level, option) ? -1 : find(level, option);
    if (!is_linger(level, option) && (row < 0 || OPTIONS[row].set == NULL))
        return lack(r, c);
    if (length->kind != EXPR_ELLIPSIS && drill_int(r, length) < least_length(level, option))
        return drill_done(c, -EINVAL);
    if (drill_arg_is_null(c, 3))
        return drill_done(c, -EFAULT);
    if (is_linger(level, option))
        return set_linger(r, c, s);
    const int64_t value = drill_arg(r, c, 3);
    return drill_done(c, in_range(row, value) ? OPTIONS[row].set(r, s, value) : -EINVAL);
}
