/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/experiments/reference_pair.h"

#include <stdarg.h>
#include <stdlib.h>

enum { COOKIE_MS = 64 };

void ref_differ(struct pair *p, const char *format, ...)
{
    const struct ref_conn *c = &p->measured->conn[p->conn];
    va_list args;
    p->n_differ++;
    if (!p->tell)
        return;
    char text[300];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_error("%s, port %u: %s\n", p->set->name, c->client_port, text);
}

const char *ref_host(bool client)
{
    return client ? "client" : "server";
}

/* ---- options */

/* Whether got echoes the timestamp of the same segment as want. */
static bool same_echo(const struct pair *p, bool from_client, const struct ref_row *want,
                      const struct ref_row *got)
{
    const struct direction *theirs = &p->want[!from_client], *ours = &p->got[!from_client];
    bool known = false;
    if (!want->has_echo)
        return got->opt.tsecr == 0;
    for (size_t k = 0; k < theirs->n && k < ours->n; k++) {
        if (!theirs->row[k].opt.has_timestamps || theirs->row[k].opt.tsval != want->opt.tsecr)
            continue;
        known = true;
        if (ours->row[k].opt.tsval == got->opt.tsecr)
            return true;
    }
    return !known && want->tsecr_at.base == got->tsecr_at.base &&
           want->tsecr_at.off == got->tsecr_at.off;
}

/* How far a timestamp is from its sender's clock, which began with the base; ms. */
static int64_t clock_error(const struct ref_trace *t, const struct ref_row *r)
{
    const struct ref_base *b = &t->ts[r->conn][r->from_client].base[r->tsval_at.base];
    return r->tsval_at.off - (r->sent_at - b->at) / 1000;
}

static void check_timestamps(struct pair *p, bool from_client, size_t i)
{
    const struct ref_row *want = &p->want[from_client].row[i],
                         *got = &p->got[from_client].row[i];
    const struct ref_bases *bases = &p->measured->ts[want->conn][from_client];
    const bool cookies = (p->set->how & REF_COOKIE_CLOCK) != 0 && !from_client;
    const int64_t most = cookies ? COOKIE_MS : 2;
    const int64_t error = clock_error(p->measured, want) - clock_error(p->simulated, got);
    if (!bases->base[want->tsval_at.base].injected &&
        (want->tsval_at.base != got->tsval_at.base || llabs(error) > most))
        ref_differ(p, "timestamp of segment %zu of the %s is off by %lld ms", i + 1,
                   ref_host(from_client), (long long)error);
    if (!same_echo(p, from_client, want, got))
        ref_differ(p, "segment %zu of the %s echoes another segment: %lld, not %lld", i + 1,
                   ref_host(from_client), (long long)got->tsecr_at.off,
                   (long long)want->tsecr_at.off);
}

static bool same_place(struct ref_place a, struct ref_place b)
{
    return a.base == b.base && a.off == b.off;
}

static void check_options(struct pair *p, bool from_client, size_t i)
{
    const struct ref_row *want = &p->want[from_client].row[i],
                         *got = &p->got[from_client].row[i];
    if (strcmp(want->kinds, got->kinds) != 0)
        ref_differ(p, "options of segment %zu of the %s are \"%s\", not \"%s\"", i + 1,
                   ref_host(from_client), got->kinds, want->kinds);
    if (want->opt.has_timestamps && got->opt.has_timestamps)
        check_timestamps(p, from_client, i);
    if (want->opt.n_sack != got->opt.n_sack) {
        ref_differ(p, "segment %zu of the %s has %u SACK blocks, not %u", i + 1,
                   ref_host(from_client), got->opt.n_sack, want->opt.n_sack);
        return;
    }
    for (int k = 0; k < want->opt.n_sack; k++)
        for (int side = 0; side < 2; side++)
            if (!same_place(want->sack_at[k][side], got->sack_at[k][side]))
                ref_differ(p, "SACK block %d of segment %zu of the %s", k + 1, i + 1,
                           ref_host(from_client));
}

/* ---- segments and states */

static void check_value(struct pair *p, bool from_client, size_t i, const char *what,
                        int64_t got, int64_t want)
{
    if (got != want)
        ref_differ(p, "%s of segment %zu of the %s is %lld, not %lld", what, i + 1,
                   ref_host(from_client), (long long)got, (long long)want);
}

static void check_segment(struct pair *p, bool from_client, size_t i)
{
    const struct ref_row *want = &p->want[from_client].row[i],
                         *got = &p->got[from_client].row[i];
    const bool ends = (p->set->how & REF_ENDS_ONLY) != 0;
    check_value(p, from_client, i, "flags", got->flags, want->flags);
    check_value(p, from_client, i, "life of seq", got->seq_at.base, want->seq_at.base);
    check_value(p, from_client, i, "seq", got->seq_at.off, want->seq_at.off);
    if (!ends || want->len == 0) {
        check_value(p, from_client, i, "life of ack", got->ack_at.base, want->ack_at.base);
        check_value(p, from_client, i, "ack", got->ack_at.off, want->ack_at.off);
    }
    check_value(p, from_client, i, "len", got->len, want->len);
    const bool slow = from_client && (p->set->how & REF_SLOW_READER) != 0;
    if (!want->injected && ((!ends && !slow) || (want->flags & TCP_SYN) != 0))
        check_value(p, from_client, i, "window", got->win, want->win);
    if (!want->injected && (!ends || (want->flags & TCP_SYN) != 0))
        check_options(p, from_client, i);
}

static bool is_timed(const struct ref_set *set, const struct ref_row *r)
{
    const bool of_bulk = (set->how & REF_ENDS_ONLY) != 0 && r->len > 0;
    return (set->how & REF_NO_TIMES) == 0 && !of_bulk;
}

static void check_segments(struct pair *p, bool from_client)
{
    const struct direction *want = &p->want[from_client], *got = &p->got[from_client];
    for (size_t i = 0; i < want->n && i < got->n; i++) {
        char what[40];
        snprintf(what, sizeof what, "segment %zu", i + 1);
        check_segment(p, from_client, i);
        if (is_timed(p->set, &want->row[i]) && !want->row[i].injected)
            ref_check_time(p, from_client, what, want->row[i].sent_at, got->row[i].sent_at, 0,
                           (int)i);
    }
    if (want->n != got->n)
        ref_differ(p, "the %s sent %zu segments, not %zu", ref_host(from_client), got->n,
                   want->n);
}

/* What happens here after the measurement ended is not looked at; a host without any state was
 * no host (02i). */
static void check_states(struct pair *p, bool client)
{
    const struct ref_life *want = &p->measured->life[p->conn][client];
    const struct ref_life *got = &p->simulated->life[p->conn][client];
    const bool times = (p->set->how & REF_NO_TIMES) == 0;
    for (int i = 0; i < want->n; i++) {
        if (i >= got->n || strcmp(got->state[i], want->state[i]) != 0) {
            ref_differ(p, "state %d of the %s is %s, not %s", i + 1, ref_host(client),
                       i < got->n ? got->state[i] : "none", want->state[i]);
            return;
        }
        if (times && i > 0 && want->at[i] != REF_NEVER)
            ref_check_time(p, client, want->state[i], want->at[i], got->at[i], REF_SLACK, -1);
    }
    if (got->n > want->n && want->n != 0 && got->at[want->n] <= p->measured->end_at)
        ref_differ(p, "the %s went on to %s", ref_host(client), got->state[want->n]);
}

int ref_compare(const struct ref_set *set, const struct ref_trace *measured,
                const struct ref_trace *simulated, bool tell)
{
    static struct pair p;
    p.n_differ = 0;
    p.set = set;
    p.tell = tell;
    p.measured = measured;
    p.simulated = simulated;
    for (p.conn = 0; p.conn < measured->n_conns; p.conn++) {
        ref_pick(&p);
        for (int dir = 0; dir < 2; dir++) {
            check_segments(&p, dir);
            if ((set->how & REF_NO_STATES) == 0)
                check_states(&p, dir);
        }
    }
    if (simulated->n_conns != measured->n_conns) {
        p.conn = 0;
        ref_differ(&p, "%d connections, not %d", simulated->n_conns, measured->n_conns);
    }
    return p.n_differ;
}
