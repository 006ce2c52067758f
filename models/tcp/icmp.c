/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/icmp.h"

#include <errno.h>
#include <string.h>

#include "models/tcp/endpoint.h"
#include "models/tcp/pmtu.h"
#include "sim/address.h"

/* ---- the rules */

static int linux_error(const struct icmp_error *e, const struct icmp_row *row)
{
    return icmp_errno(e);
}

static int freebsd_error(const struct icmp_error *e, const struct icmp_row *row)
{
    return row->bsd_error;
}

/* MUST-56, SHLD-25, SHLD-26. */
static enum tcp_icmp_verdict judge_rfc9293(const struct tcp_icmp_case *c)
{
    return c->row->hard ? ICMP_FATAL : ICMP_NOTED;
}

static enum tcp_icmp_verdict judge_rfc5927(const struct tcp_icmp_case *c)
{
    return c->row->hard && c->stage != ICMP_OF_OPEN ? ICMP_FATAL : ICMP_NOTED;
}

/* tcp_v4_err() and icmpv6_err_convert(): of IPv4 what tells that nothing can be brought there,
 * of IPv6 what tells that nothing may. */
static bool ends_linux_request(const struct tcp_icmp_case *c)
{
    const struct icmp_error *e = c->message;
    if (address_is_ipv6(e->src))
        return c->error == EACCES || c->error == ECONNREFUSED || c->error == EPROTO;
    return e->type == ICMP_PARAMETER_PROBLEM || e->type == ICMP_TIME_EXCEEDED ||
           (e->type == ICMP_UNREACHABLE &&
            (e->code == ICMP_NET_UNREACHABLE || e->code == ICMP_HOST_UNREACHABLE));
}

static enum tcp_icmp_verdict judge_linux(const struct tcp_icmp_case *c)
{
    if (c->stage == ICMP_OF_REQUEST)
        return ends_linux_request(c) ? ICMP_FATAL : ICMP_IGNORED;
    return c->stage == ICMP_OF_OPENING ? ICMP_FATAL : ICMP_NOTED;
}

/* syncache_unreach(): an outage of a moment is no reason. */
static enum tcp_icmp_verdict judge_syncache(const struct tcp_icmp_case *c)
{
    return c->again && c->n_repeats >= 3 ? ICMP_FATAL : ICMP_NOTED;
}

/* tcp_ctlinput(), tcp_drop_syn_sent(), tcp_notify(). */
static enum tcp_icmp_verdict judge_freebsd(const struct tcp_icmp_case *c)
{
    const bool unreachable =
        c->error == EHOSTUNREACH || c->error == ENETUNREACH || c->error == EHOSTDOWN;
    if (c->stage == ICMP_OF_REQUEST)
        return judge_syncache(c);
    if (c->may_reset && (c->error == ECONNREFUSED || c->message->type == ICMP_TIME_EXCEEDED))
        return c->state == TCP_SYN_SENT ? ICMP_FATAL : ICMP_IGNORED;
    if (c->state == TCP_ESTABLISHED && unreachable)
        return ICMP_IGNORED;
    return c->stage == ICMP_OF_OPENING && c->again && c->n_repeats > 3 ? ICMP_FATAL
                                                                       : ICMP_NOTED;
}

/* RFC 1191 §7.1; FreeBSD's ip_next_mtu() has one more. */
static const uint16_t PLATEAUS[] = {65535, 32000, 17914, 8166, 4352, 2002,
                                    1492,  1006,  508,   296,  68,   0};
static const uint16_t FREEBSD_PLATEAUS[] = {65535, 32000, 17914, 8166, 4352, 2002, 1492,
                                            1280,  1006,  508,   296,  68,   0};

#define RFC9293_HELP "protocol and port unreachable end a connection, the rest are soft errors"
#define RFC5927_HELP "so too while it opens; once it is open all are soft errors, RFC 5927 §5.2"
#define LINUX_HELP                                                                             \
    "all end what opens; once it is open all are soft errors, and take back a doubled "        \
    "timeout (RFC 6069)"
#define FREEBSD_HELP "refusals end what opens (icmp_may_rst), else the second after 4 repeats"

static const struct tcp_icmp_rule registry[] = {
    {.name = "rfc9293",
     .help = RFC9293_HELP,
     .judge = judge_rfc9293,
     .error_of = linux_error,
     .told_by_so_error = true,
     .doubts_sizes = true,
     .grows_back = true,
     .plateaus = PLATEAUS},
    {.name = "rfc5927",
     .help = RFC5927_HELP,
     .judge = judge_rfc5927,
     .error_of = linux_error,
     .told_by_so_error = true,
     .doubts_sizes = true,
     .grows_back = true,
     .plateaus = PLATEAUS},
    {.name = "linux",
     .help = LINUX_HELP,
     .judge = judge_linux,
     .error_of = linux_error,
     .told_by_so_error = true,
     .takes_back = true,
     .announces_path = true,
     .grows_back = true},
    {.name = "freebsd",
     .help = FREEBSD_HELP,
     .judge = judge_freebsd,
     .error_of = freebsd_error,
     .announces_path = true,
     .counts_with_default = true,
     .plateaus = FREEBSD_PLATEAUS},
};

const struct choice TCP_ICMP_RULE_CHOICES[] = {{"rfc9293", RFC9293_HELP},
                                               {"rfc5927", RFC5927_HELP},
                                               {"linux", LINUX_HELP},
                                               {"freebsd", FREEBSD_HELP},
                                               {NULL, NULL}};

const struct tcp_icmp_rule *tcp_icmp_rule_find(const char *name)
{
    const struct tcp_icmp_rule *r = registry;
    while (strcmp(r->name, name) != 0)
        r++;
    return r;
}

/* ---- soft errors */

static bool soft_error_holds(const struct tcp *t)
{
    return t->soft.error != 0 && seq_eq(t->soft.una, t->snd.una);
}

static void note(struct tcp *t, int error)
{
    t->soft.error = error;
    t->soft.una = t->snd.una;
}

int tcp_timeout_error(const struct tcp *t)
{
    return soft_error_holds(t) ? t->soft.error : ETIMEDOUT;
}

int tcp_take_soft_error(struct tcp *t)
{
    const bool tells = t->stack->icmp->told_by_so_error && soft_error_holds(t);
    const int error = tells ? t->soft.error : 0;
    if (tells)
        t->soft.error = 0;
    return error;
}

/* RFC 6069 §3, §4.1. tcp_v6_err() leaves out that an address cannot be reached. */
static bool tells_of_an_outage(const struct tcp *t, const struct icmp_error *e)
{
    const uint8_t last = address_is_ipv6(e->dst) ? ICMP_NET_UNREACHABLE : ICMP_HOST_UNREACHABLE;
    return e->type == ICMP_UNREACHABLE && e->code <= last &&
           tcp_states[t->state].synchronized && seq_eq(seq(e->seq), t->snd.una) &&
           t->rtx.n_repeats > 0;
}

/* ---- what becomes of whom */

static bool is_too_big(const struct icmp_error *e)
{
    return e->type == ICMP_UNREACHABLE && e->code == ICMP_TOO_BIG;
}

/* A child of Fast Open that has been accepted is open (Linux). */
static enum tcp_icmp_stage stage_of(const struct tcp *t)
{
    if (t->state == TCP_SYN_SENT)
        return ICMP_OF_OPENING;
    if (t->state != TCP_SYN_RECEIVED)
        return ICMP_OF_OPEN;
    if (t->fo.is_child)
        return t->listener != NULL ? ICMP_OF_OPENING : ICMP_OF_OPEN;
    return t->passive ? ICMP_OF_REQUEST : ICMP_OF_OPENING;
}

static enum tcp_icmp_verdict judge(const struct tcp *t, const struct icmp_error *e, int *error)
{
    const struct tcp_stack *s = t->stack;
    const struct icmp_row *row = icmp_row_of(e->type, e->code);
    const struct tcp_icmp_case c = {
        .message = e,
        .row = row,
        .error = row != NULL ? s->icmp->error_of(e, row) : 0,
        .stage = stage_of(t),
        .state = t->state,
        .n_repeats = t->rtx.n_repeats,
        .again = t->soft.error != 0,
        .may_reset = s->params.icmp_may_rst,
    };
    *error = c.error;
    return c.error != 0 ? s->icmp->judge(&c) : ICMP_IGNORED;
}

/* Who is open tells its peer, RFC 9293 §3.10.5. */
static void end(struct tcp *t, int error)
{
    t->busy++;
    t->account->n_icmp_ends++;
    if (tcp_states[t->state].synchronized)
        tcp_send_reset(t, RESET_ABORT);
    tcp_finish(t, error, "ICMP");
    tcp_settle(t);
    t->busy--;
    tcp_maybe_free(t);
}

static uint32_t take(struct tcp *t, const struct icmp_error *e)
{
    const uint32_t number = t->number;
    int error;
    const enum tcp_icmp_verdict verdict = judge(t, e, &error);
    if (verdict == ICMP_IGNORED)
        return 0;
    if (verdict == ICMP_FATAL) {
        end(t, error);
        return number;
    }
    if (t->stack->icmp->takes_back && tells_of_an_outage(t, e))
        tcp_rtx_halve(t);
    if (t->opt->recverr)
        t->error = error;
    else
        note(t, error);
    return number;
}

/* Nobody could be told of a soft error: a request remembers that there was one. */
static uint32_t take_for_request(struct tcp_stack *s, struct tcp_request *r,
                                 const struct icmp_error *e)
{
    struct tcp t = {0};
    const uint32_t number = r->number;
    int error;
    tcp_request_revive(s, r, &t);
    t.soft.error = r->unreachable;
    const enum tcp_icmp_verdict verdict =
        is_too_big(e) ? ICMP_IGNORED : judge(&t, e, &error); /* no SYN-ACK is */
    if (verdict == ICMP_NOTED)
        r->unreachable = true;
    else if (verdict == ICMP_FATAL)
        tcp_request_evict(r, "ICMP");
    return verdict == ICMP_IGNORED ? 0 : number;
}

/* RFC 5927 §4.1. Linux counts among what is in flight what will be next: an ACK's number. */
static bool in_flight(const struct tcp *t, tcp_seq quoted)
{
    const bool is_next = t->stack->icmp->takes_back && seq_eq(quoted, t->snd.max) &&
                         tcp_states[t->state].synchronized;
    return (seq_leq(t->snd.una, quoted) && seq_lt(quoted, t->snd.max)) || is_next;
}

uint32_t tcp_icmp(struct tcp_stack *s, const struct icmp_error *error)
{
    const struct tcp_addr local = {error->src, error->sport};
    const struct tcp_addr remote = {error->dst, error->dport};
    struct tcp_entry *e = tcp_table_find(&s->table, s->sim, local, remote);
    if (e == NULL || e->kind == ENTRY_TIME_WAIT)
        return 0;
    struct tcp *t = e->kind == ENTRY_ENDPOINT ? CONTAINER_OF(e, struct tcp, entry) : NULL;
    struct tcp_request *r = t == NULL ? (struct tcp_request *)e : NULL;
    if (t != NULL && t->state == TCP_TIME_WAIT)
        return 0;
    const tcp_seq quoted = seq(error->seq);
    const bool fits = t != NULL ? in_flight(t, quoted) : quoted.v == r->iss;
    s->n_icmp_outside += !fits;
    if (!fits)
        return 0;
    if (r != NULL)
        return take_for_request(s, r, error);
    if (is_too_big(error))
        return tcp_path_shrinks(t, error) ? t->number : 0;
    return take(t, error);
}

uint32_t tcp_icmp_forged(struct tcp_stack *s, const struct icmp_error *error,
                         const struct packet *p)
{
    const struct tcp_addr local = {error->src, error->sport};
    const struct tcp_addr remote = {error->dst, error->dport};
    struct tcp *t = tcp_lookup(s, local, remote);
    struct tcp_account *account = t != NULL ? t->account : NULL;
    const uint32_t number = tcp_icmp(s, error);
    const bool ended = t != NULL && tcp_lookup(s, local, remote) == NULL;
    if (number == 0 || (!ended && !is_too_big(error)))
        return number;
    if (ended)
        account->n_injected_ends++;
    for (struct tcp_injection *i = s->injections; i != NULL; i = i->next)
        if (i->by == p->injected_by)
            i->hit(i, p, ended, 0);
    return number;
}

int64_t tcp_icmp_outside(const struct tcp_stack *s)
{
    return s->n_icmp_outside;
}
