/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/sockopt.h"

#include <errno.h>
#include <string.h>

#include "models/tcp/endpoint.h"

enum { LINGER2_MAX_S = 120 }; /* Linux's TCP_FIN_TIMEOUT_MAX */

/* ---- what is held back leaves */

static void let_go(struct tcp *t)
{
    t->snd.push_now = true;
    tcp_output(t);
    t->snd.push_now = false;
}

static void changed_nodelay(struct tcp *t)
{
    if (t->opt->nodelay)
        let_go(t);
}

static void changed_cork(struct tcp *t)
{
    if (!t->opt->cork && t->opt->nodelay)
        let_go(t);
    else
        tcp_output(t);
}

/* ---- ports */

/* It is another sort of owner of its port from now on. */
static void changed_reuse(struct tcp *t)
{
    const struct tcp_hold old = {t->local.ip, t->local.port, t->hold};
    const uint8_t bits = HOLD_REUSEADDR | HOLD_REUSEPORT;
    t->hold = (uint8_t)((t->hold & ~bits) | tcp_hold_bits(t->opt));
    if (!t->hashed)
        return;
    tcp_port_drop(t->stack, old);
    tcp_port_take(t->stack, (struct tcp_hold){old.ip, old.port, t->hold});
}

/* ---- segments */

enum { MSS_MIN = 88, MSS_MAX = 32767, MSS_DEFAULT = 536 }; /* Linux's */

static int64_t maxseg_from_int(const struct tcp_option_of *o, int64_t value)
{
    return value != 0 && (value < MSS_MIN || value > MSS_MAX) ? -EINVAL : value;
}

static int64_t get_maxseg(const struct tcp_option_of *o)
{
    const int64_t asked = o->opt->maxseg > 0 ? o->opt->maxseg : MSS_DEFAULT;
    return o->t != NULL && o->t->state != TCP_CLOSED ? tcp_send_mss(o->t) : asked;
}

static void changed_maxseg(struct tcp *t)
{
    if (t->opt->maxseg > 0 && t->opt->maxseg < t->snd.mss)
        t->snd.mss = (uint32_t)t->opt->maxseg;
}

/* ---- buffers */

/* Bytes, Linux's with overhead. */
enum {
    LINUX_BUFFER_MAX = 212992, /* net.core.rmem_max, wmem_max */
    LINUX_RCVBUF_MIN = 2304,
    LINUX_SNDBUF_MIN = 4608,
    LINUX_SNDBUF = 16384,     /* tcp_wmem's middle, where no parameter says other */
    BSD_BUFFER_MAX = 2097152, /* kern.ipc.maxsockbuf */
};

static bool linux_buffers(const struct tcp_option_of *o)
{
    return o->stack->rules.linux_buffers;
}

/* Linux doubles what is asked for, since its buffers count their overhead, of which half is
 * taken for the window. */
static int64_t doubled(int64_t value, int64_t least)
{
    const bool over = value < 0 || value > LINUX_BUFFER_MAX; /* compared as unsigned */
    const int64_t twice = 2 * (over ? LINUX_BUFFER_MAX : value);
    return twice > least ? twice : least;
}

static int64_t plain(const struct tcp_option_of *o, int64_t value)
{
    if (value <= 0)
        return -EINVAL;
    return o->stack->rules.freebsd_buffers && value > BSD_BUFFER_MAX ? -ENOBUFS : value;
}

/* A connection's may have grown. */
static int64_t get_rcvbuf(const struct tcp_option_of *o)
{
    return o->t != NULL ? o->t->rcvbuf : o->opt->rcvbuf;
}

static int set_rcvbuf(const struct tcp_option_of *o, int64_t value)
{
    o->opt->rcvbuf = value;
    if (o->t != NULL)
        o->t->rcvbuf = value;
    return 0;
}

static int64_t rcvbuf_from_int(const struct tcp_option_of *o, int64_t value)
{
    const int64_t told = linux_buffers(o) ? doubled(value, LINUX_RCVBUF_MIN) : plain(o, value);
    if (told > 0)
        o->opt->rcvbuf_told = told;
    return linux_buffers(o) ? told / 2 : told;
}

static int64_t rcvbuf_to_int(const struct tcp_option_of *o, int64_t kept)
{
    return o->opt->rcvbuf_told != 0 ? o->opt->rcvbuf_told : kept * (linux_buffers(o) ? 2 : 1);
}

static int64_t sndbuf_from_int(const struct tcp_option_of *o, int64_t value)
{
    const int64_t told = linux_buffers(o) ? doubled(value, LINUX_SNDBUF_MIN) : plain(o, value);
    if (told > 0)
        o->opt->sndbuf_told = told;
    return told;
}

/* The profile's send buffer stands for what Linux lets its own grow to. */
static int64_t sndbuf_to_int(const struct tcp_option_of *o, int64_t kept)
{
    struct tcp_params profile;
    const bool grows =
        linux_buffers(o) && tcp_params_init(&profile, "linux") == 0 && kept == profile.sndbuf;
    return o->opt->sndbuf_told != 0 ? o->opt->sndbuf_told : grows ? LINUX_SNDBUF : kept;
}

/* ---- windows and marks */

enum { LINUX_CLAMP_MIN = LINUX_RCVBUF_MIN / 2 };

static int set_window_clamp(const struct tcp_option_of *o, int64_t value)
{
    if (value == 0 && (o->t != NULL || o->listens))
        return -EINVAL;
    o->opt->window_clamp =
        value > 0 && value < LINUX_CLAMP_MIN && linux_buffers(o) ? LINUX_CLAMP_MIN : value;
    if (o->t != NULL)
        tcp_rcvwnd_clamp(o->t, o->opt->window_clamp);
    return 0;
}

/* More than half the buffer would never be there; Linux's grows, unless SO_RCVBUF has set it.
 */
static int set_rcvlowat(const struct tcp_option_of *o, int64_t value)
{
    const bool is_set = o->opt->rcvbuf_told > 0;
    const int64_t half = !linux_buffers(o) ? get_rcvbuf(o) / 2
                         : is_set          ? get_rcvbuf(o)
                                           : o->stack->params.rcvbuf_max / 2;
    o->opt->rcvlowat = value < half ? value : half;
    if (!linux_buffers(o) || is_set)
        return 0;
    if (o->t != NULL)
        tcp_rcvwnd_make_room(o->t, o->opt->rcvlowat);
    else if (o->opt->rcvbuf < o->opt->rcvlowat)
        o->opt->rcvbuf = o->opt->rcvlowat;
    return 0;
}

/* An unsigned number. */
static int64_t notsent_from_int(const struct tcp_option_of *o, int64_t value)
{
    return (int64_t)(uint32_t)value;
}

static int64_t get_rcvlowat(const struct tcp_option_of *o)
{
    return o->opt->rcvlowat > 0 ? o->opt->rcvlowat : 1;
}

static int64_t rcvlowat_from_int(const struct tcp_option_of *o, int64_t value)
{
    return value < 0 ? INT32_MAX : value;
}

/* ---- opening */

static int64_t get_syncnt(const struct tcp_option_of *o)
{
    return o->opt->syn_retries > 0 ? o->opt->syn_retries : o->stack->params.syn_retries;
}

static int64_t defer_from_int(const struct tcp_option_of *o, int64_t value)
{
    return value > 0 ? SEC(value) : 0;
}

/* What it counts is timeouts of the SYN-ACK, and so it tells a multiple of them: 7 for 5. */
static int64_t defer_to_int(const struct tcp_option_of *o, int64_t kept)
{
    sim_time covered;
    tcp_defer_repeats(&o->stack->params, kept, &covered);
    return covered / SEC(1);
}

static int set_fastopen_connect(const struct tcp_option_of *o, int64_t value)
{
    if (o->t != NULL || o->listens)
        return -EINVAL;
    if (!tcp_fastopen_is_on(o->stack))
        return -EOPNOTSUPP;
    o->opt->fastopen_connect = value == 1;
    return 0;
}

/* ---- time */

static void changed_keepalive(struct tcp *t)
{
    if (t->opt->keepalive)
        tcp_keepalive_start(t);
    else
        tcp_timer_off(t, TCP_TIMER_KEEPALIVE);
}

static void changed_keepidle(struct tcp *t)
{
    if (t->opt->keepalive)
        tcp_keepalive_again(t);
}

/* Linux: none below 0, and no more than two minutes. */
static int64_t linger2_from_int(const struct tcp_option_of *o, int64_t value)
{
    return value < 0 ? SIM_NEVER : value > LINGER2_MAX_S ? SEC(LINGER2_MAX_S) : SEC(value);
}

static int64_t linger2_to_int(const struct tcp_option_of *o, int64_t kept)
{
    const sim_time told = kept == 0 ? o->stack->params.fin_timeout : kept;
    return kept == SIM_NEVER ? -1 : told / SEC(1);
}

/* It is no state of its own: the connection is taken for one that only receives, or for one
 * that answers. */
static int set_quickack(const struct tcp_option_of *o, int64_t value)
{
    if (o->t != NULL)
        tcp_ack_quickly(o->t, value);
    return 0;
}

static int64_t quickack_from_int(const struct tcp_option_of *o, int64_t value)
{
    return value == 0 || value % 2 != 0 ? value != 0 : 2;
}

static int64_t get_quickack(const struct tcp_option_of *o)
{
    return o->t == NULL || !o->t->rcv.pingpong;
}

/* An int of the program's, of which Linux takes the bits for an unsigned one. */
static int64_t linger_from_int(const struct tcp_option_of *o, int64_t value)
{
    return SEC((int64_t)(uint32_t)value);
}

static int64_t linger_to_int(const struct tcp_option_of *o, int64_t kept)
{
    return (int32_t)(uint32_t)(kept / SEC(1));
}

/* An int of which Linux takes the last 8 bits; the two of ECN are not the program's. */
static int64_t tos_from_int(const struct tcp_option_of *o, int64_t value)
{
    return value & 0xfc;
}

static int set_tos(const struct tcp_option_of *o, int64_t value)
{
    o->opt->tos = (uint8_t)(value & 0xfc);
    return 0;
}

static int64_t get_tos(const struct tcp_option_of *o)
{
    return o->opt->tos;
}

/* -1: as before it was set. */
static int64_t ttl_from_int(const struct tcp_option_of *o, int64_t value)
{
    return value == -1 ? 0 : value == 0 ? -EINVAL : value;
}

static int set_ttl(const struct tcp_option_of *o, int64_t value)
{
    o->opt->ttl = (uint8_t)value;
    return 0;
}

static int64_t get_ttl(const struct tcp_option_of *o)
{
    return o->opt->ttl;
}

static int64_t ttl_to_int(const struct tcp_option_of *o, int64_t kept)
{
    enum { DEFAULT = 64 };
    return kept == 0 ? DEFAULT : kept;
}

/* ---- the table */

/* clang-format off */
#define AT(field) offsetof(struct tcp_sockopts, field)
#define BOOL(field) .unit = UNIT_NONE, .step = 1, .max = 1, .offset = AT(field)
#define COUNT(field, least, most) .unit = UNIT_COUNT, .step = 1, .min = least, .max = most, .offset = AT(field)
#define BYTES(field, least, most) .unit = UNIT_BYTES, .step = 1, .min = least, .max = most, .offset = AT(field)
#define WAIT(field, one, least, most) .unit = UNIT_TIME, .step = one, .min = least, .max = most, .offset = AT(field)
const struct tcp_option_row TCP_OPTIONS[TCP_N_OPTIONS] = {
    [TCP_OPT_NODELAY] = {"nodelay", "SOL_TCP", "TCP_NODELAY", "1 turns Nagle's algorithm off",
        BOOL(nodelay), .changed = changed_nodelay},
    [TCP_OPT_RCVBUF] = {"rcvbuf", "SOL_SOCKET", "SO_RCVBUF", "the receive buffer; see tcp.socket_buffers",
        BYTES(rcvbuf, 1, INT64_C(1) << 30), .set = set_rcvbuf, .get = get_rcvbuf, .from_int = rcvbuf_from_int, .to_int = rcvbuf_to_int},
    [TCP_OPT_SNDBUF] = {"sndbuf", "SOL_SOCKET", "SO_SNDBUF", "the send buffer; see tcp.socket_buffers",
        BYTES(sndbuf, 1, INT64_C(1) << 40), .from_int = sndbuf_from_int, .to_int = sndbuf_to_int},
    [TCP_OPT_MAXSEG] = {"maxseg", "SOL_TCP", "TCP_MAXSEG", "at most so many bytes a segment",
        BYTES(maxseg, 0, 65495), .get = get_maxseg, .changed = changed_maxseg, .from_int = maxseg_from_int},
    [TCP_OPT_CORK] = {"cork", "SOL_TCP", "TCP_CORK", "1 holds back what fills no segment",
        BOOL(cork), .changed = changed_cork},
    [TCP_OPT_SYNCNT] = {"syncnt", "SOL_TCP", "TCP_SYNCNT", "repeats of the SYN",
        COUNT(syn_retries, 1, 127), .get = get_syncnt},
    [TCP_OPT_DEFER_ACCEPT] = {"defer_accept", "SOL_TCP", "TCP_DEFER_ACCEPT", "of a listener: how long an ACK without data completes no handshake",
        WAIT(defer_accept, SEC(1), 0, SIM_NEVER), .from_int = defer_from_int, .to_int = defer_to_int},
    [TCP_OPT_FASTOPEN] = {"fastopen", "SOL_TCP", "TCP_FASTOPEN", "of a listener: children of Fast Open at a time",
        COUNT(fastopen_qlen, 0, INT32_MAX)},
    [TCP_OPT_FASTOPEN_CONNECT] = {"fastopen_connect", "SOL_TCP", "TCP_FASTOPEN_CONNECT", "1 lets connect() wait for the first write when it has a cookie",
        BOOL(fastopen_connect), .strict = true, .set = set_fastopen_connect},
    [TCP_OPT_INQ] = {"inq", "SOL_TCP", "TCP_INQ", "1 makes recvmsg() tell what is left to read",
        BOOL(inq), .strict = true},
    [TCP_OPT_RECVERR] = {"recverr", "SOL_IP", "IP_RECVERR", "1 tells an open connection's ICMP errors at once",
        BOOL(recverr)},
    [TCP_OPT_TOS] = {"tos", "SOL_IP", "IP_TOS", "the type of service in its packets; the two bits of ECN are TCP's",
        .unit = UNIT_COUNT, .step = 1, .max = 255, .set = set_tos, .get = get_tos, .from_int = tos_from_int},
    [TCP_OPT_TTL] = {"ttl", "SOL_IP", "IP_TTL", "hops of its packets; 0: as many as the host's",
        .unit = UNIT_COUNT, .step = 1, .max = 255, .set = set_ttl, .get = get_ttl, .from_int = ttl_from_int, .to_int = ttl_to_int},
    [TCP_OPT_REUSEADDR] = {"reuseaddr", "SOL_SOCKET", "SO_REUSEADDR", "1 shares a port with sockets that have it too and do not listen",
        BOOL(reuse_addr), .changed = changed_reuse},
    [TCP_OPT_REUSEPORT] = {"reuseport", "SOL_SOCKET", "SO_REUSEPORT", "1 shares a port with sockets that have it too, listeners among them",
        BOOL(reuse_port), .changed = changed_reuse},
    [TCP_OPT_WINDOW_CLAMP] = {"window_clamp", "SOL_TCP", "TCP_WINDOW_CLAMP", "the largest window it tells, from the next segment on",
        BYTES(window_clamp, 0, INT32_MAX), .set = set_window_clamp},
    [TCP_OPT_NOTSENT_LOWAT] = {"notsent_lowat", "SOL_TCP", "TCP_NOTSENT_LOWAT", "a write waits while so many bytes have not been sent",
        BYTES(notsent_lowat, 0, UINT32_MAX), .from_int = notsent_from_int},
    [TCP_OPT_RCVLOWAT] = {"rcvlowat", "SOL_SOCKET", "SO_RCVLOWAT", "poll() and a blocking read wait for so many bytes",
        BYTES(rcvlowat, 0, INT32_MAX), .set = set_rcvlowat, .get = get_rcvlowat, .from_int = rcvlowat_from_int},
    [TCP_OPT_LINGER_ON] = {"linger_on", NULL, NULL, "SO_LINGER's l_onoff",
        BOOL(linger_on)},
    [TCP_OPT_LINGER] = {"linger", NULL, NULL, "SO_LINGER's l_linger, how long a blocking close() waits; 0 s: it resets",
        WAIT(linger, SEC(1), 0, SIM_NEVER), .from_int = linger_from_int, .to_int = linger_to_int},
    [TCP_OPT_KEEPALIVE] = {"keepalive", "SOL_SOCKET", "SO_KEEPALIVE", "1 asks a silent peer whether it is there, RFC 9293 §3.8.4",
        BOOL(keepalive), .changed = changed_keepalive},
    [TCP_OPT_KEEPIDLE] = {"keepidle", "SOL_TCP", "TCP_KEEPIDLE", "after so long a silence",
        WAIT(keepidle, SEC(1), 1, SEC(32767)), .changed = changed_keepidle},
    [TCP_OPT_KEEPINTVL] = {"keepintvl", "SOL_TCP", "TCP_KEEPINTVL", "and again so long after a question without an answer",
        WAIT(keepintvl, SEC(1), 1, SEC(32767))},
    [TCP_OPT_KEEPCNT] = {"keepcnt", "SOL_TCP", "TCP_KEEPCNT", "so many of these end it",
        COUNT(keepcnt, 1, 127)},
    [TCP_OPT_USER_TIMEOUT] = {"user_timeout", "SOL_TCP", "TCP_USER_TIMEOUT", "how long data may stay unacknowledged, RFC 5482; 0 s: as R2 says",
        WAIT(user_timeout, MS(1), 0, SIM_NEVER)},
    [TCP_OPT_LINGER2] = {"linger2", "SOL_TCP", "TCP_LINGER2", "how long FIN-WAIT-2 lasts when nobody holds it; 0s: fin_timeout; never: it does not, a reset ends it",
        WAIT(linger2, SEC(1), 0, SIM_NEVER), .from_int = linger2_from_int, .to_int = linger2_to_int},
    [TCP_OPT_QUICKACK] = {"quickack", "SOL_TCP", "TCP_QUICKACK", "1 sends the ACK that waits and delays the next ones less, 2 only sends it, 0 lets them wait for an answer",
        .unit = UNIT_COUNT, .step = 1, .max = 2, .set = set_quickack, .get = get_quickack, .from_int = quickack_from_int},
    [TCP_OPT_RTO_MIN] = {"rto_min", "SOL_TCP", "TCP_RTO_MIN_US", "lower bound of the retransmission timeout",
        WAIT(rto_min, US(1), 1, SEC(3600))},
    [TCP_OPT_RTO_MAX] = {"rto_max", "SOL_TCP", "TCP_RTO_MAX_MS", "upper bound of the retransmission timeout",
        WAIT(rto_max, MS(1), SEC(1), SEC(120))},
    [TCP_OPT_KEEPINIT] = {"keepinit", "SOL_TCP", "TCP_KEEPINIT", "an opening of so long is given up (FreeBSD)",
        WAIT(keepinit, SEC(1), 1, SEC(86400) * 365)},
};
/* clang-format on */

/* ---- setting and asking */

static bool is_bool(const struct tcp_option_row *row)
{
    return row->unit == UNIT_NONE;
}

int tcp_option_set(const struct tcp_option_of *o, enum tcp_option option, int64_t value)
{
    if ((size_t)option >= TCP_N_OPTIONS)
        return -EINVAL;
    const struct tcp_option_row *row = &TCP_OPTIONS[option];
    void *field = (char *)o->opt + row->offset;
    if (value < row->min || value > row->max)
        return -EINVAL;
    if (row->set != NULL) {
        const int error = row->set(o, value);
        if (error != 0)
            return error;
    } else if (is_bool(row)) {
        *(bool *)field = value != 0;
    } else {
        *(int64_t *)field = value;
    }
    if (o->t != NULL && row->changed != NULL)
        row->changed(o->t);
    return 0;
}

int64_t tcp_option_get(const struct tcp_option_of *o, enum tcp_option option)
{
    const struct tcp_option_row *row = &TCP_OPTIONS[option];
    const void *field = (const char *)o->opt + row->offset;
    if (row->get != NULL)
        return row->get(o);
    return is_bool(row) ? *(const bool *)field : *(const int64_t *)field;
}

int tcp_option_set_int(const struct tcp_option_of *o, enum tcp_option option, int64_t value)
{
    const struct tcp_option_row *row = &TCP_OPTIONS[option];
    int64_t kept = value * row->step;
    if (row->from_int != NULL)
        kept = row->from_int(o, value);
    else if (is_bool(row) && !row->strict)
        kept = value != 0;
    return kept < 0 && row->from_int != NULL ? (int)kept : tcp_option_set(o, option, kept);
}

int64_t tcp_option_get_int(const struct tcp_option_of *o, enum tcp_option option)
{
    const struct tcp_option_row *row = &TCP_OPTIONS[option];
    const int64_t kept = tcp_option_get(o, option);
    return row->to_int != NULL ? row->to_int(o, kept) : kept / row->step;
}

bool tcp_option_named(const char *name, enum tcp_option *out)
{
    for (int i = 0; i < TCP_N_OPTIONS; i++) {
        if (strcmp(TCP_OPTIONS[i].name, name) != 0)
            continue;
        *out = (enum tcp_option)i;
        return true;
    }
    return false;
}

int tcp_set_option(struct tcp *t, enum tcp_option option, int64_t value)
{
    const struct tcp_option_of o = tcp_option_of(t);
    return tcp_option_set(&o, option, value);
}

int64_t tcp_get_option(const struct tcp *t, enum tcp_option option)
{
    const struct tcp_option_of o = tcp_option_asked(t);
    return tcp_option_get(&o, option);
}

struct tcp_option_of tcp_option_of(struct tcp *t)
{
    return (struct tcp_option_of){t->stack, tcp_sockopts_own(t), t, false};
}

/* Rows do not write when they are asked. */
struct tcp_option_of tcp_option_asked(const struct tcp *t)
{
    return (struct tcp_option_of){t->stack, (struct tcp_sockopts *)t->opt, (struct tcp *)t,
                                  false};
}

struct tcp_sockopts tcp_sockopts_from(const struct tcp_params *p)
{
    return (struct tcp_sockopts){.nodelay = !p->nagle,
                                 .rcvbuf = p->rcvbuf,
                                 .sndbuf = p->sndbuf,
                                 .keepinit = p->keepinit,
                                 .fastopen_qlen = p->fastopen_qlen,
                                 .defer_accept = p->defer_accept,
                                 .keepalive = p->keepalive,
                                 .keepidle = p->keepalive_time,
                                 .keepintvl = p->keepalive_intvl,
                                 .keepcnt = p->keepalive_probes,
                                 .user_timeout = p->user_timeout,
                                 .rto_min = p->rto_min,
                                 .rto_max = p->rto_max};
}

struct tcp_sockopts tcp_sockopts_of(const struct tcp_stack *s)
{
    return s->sockopts;
}

struct tcp_sockopts tcp_sockopts_now(const struct tcp *t)
{
    struct tcp_sockopts now = *t->opt;
    now.rcvbuf = t->rcvbuf;
    return now;
}

/* ---- shared by connections that have the same: most have what the one before them has */

static struct tcp_shared_sockopts *shared_by(const struct tcp *t)
{
    return (struct tcp_shared_sockopts *)t->opt;
}

static struct tcp_shared_sockopts *copy_of(struct tcp_stack *s, const struct tcp_sockopts *opt)
{
    struct tcp_shared_sockopts *copy = sim_alloc(s->sim, sizeof *copy);
    copy->opt = *opt;
    copy->n_owners = 1;
    return copy;
}

static void disown(struct tcp_stack *s, struct tcp_shared_sockopts *o)
{
    if (o != NULL && --o->n_owners == 0)
        sim_release(s->sim, o, sizeof *o);
}

void tcp_sockopts_share(struct tcp *t)
{
    struct tcp_stack *s = t->stack;
    if (s->latest == NULL || memcmp(&s->latest->opt, t->opt, sizeof *t->opt) != 0) {
        disown(s, s->latest);
        s->latest = copy_of(s, t->opt);
    }
    s->latest->n_owners++;
    t->opt = &s->latest->opt;
}

struct tcp_sockopts *tcp_sockopts_own(struct tcp *t)
{
    sim_assert(t->stack->sim, !t->light);
    struct tcp_shared_sockopts *o = shared_by(t);
    if (o->n_owners > 1) {
        t->opt = &copy_of(t->stack, t->opt)->opt;
        disown(t->stack, o);
    }
    return &shared_by(t)->opt;
}

void tcp_sockopts_drop(struct tcp *t)
{
    disown(t->stack, shared_by(t));
}
