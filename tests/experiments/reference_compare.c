/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/experiments/reference.h"

#include "sim/packet.h"

#include <stdarg.h>
#include <stdlib.h>

enum { SLACK = 1000, COOKIE_MS = 64 }; /* us: for a program to wake up */

/* The segments of one connection in one direction. */
struct direction {
    size_t n;
    struct ref_row row[REF_ROWS];
};

/* One connection on both sides. */
struct pair {
    const struct ref_set *set;
    bool tell;
    int n_differ;
    int conn, other; /* there and here */
    const struct ref_trace *measured, *simulated;
    struct direction want[2], got[2]; /* [from_client] */
};

__attribute__((format(printf, 2, 3))) static void differ(struct pair *p, const char *format,
                                                         ...)
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

static const char *name_of(bool client)
{
    return client ? "client" : "server";
}

/* ---- which segments */

static void add(struct direction *d, const struct ref_row *r)
{
    d->row[d->n++] = *r;
}

static void one_direction(const struct ref_trace *t, int conn, bool from_client,
                          struct direction *out)
{
    out->n = 0;
    for (const struct ref_row *r = t->row; r < t->row + t->n; r++)
        if (r->conn == conn && r->from_client == from_client)
            add(out, r);
}

/* Of these the ones that open or close: SYN, FIN and RST; bare ACKs before any data; the first
 * that acknowledges the peer's FIN. A FIN stands where its place in the sequence is, whatever
 * data it rides on. */
static void opening_and_closing(const struct ref_trace *t, int conn, bool from_client,
                                struct direction *out)
{
    bool opening = true, fin_acked = false;
    int64_t peer_fin = -1;
    out->n = 0;
    for (const struct ref_row *r = t->row; r < t->row + t->n; r++) {
        const bool fin = (r->flags & TCP_FIN) != 0;
        if (r->conn != conn)
            continue;
        opening = opening && r->len == 0 && !fin;
        if (r->from_client != from_client) {
            peer_fin = fin ? r->seq_at.off + r->len : peer_fin;
            continue;
        }
        const bool acks_fin = peer_fin >= 0 && !fin_acked && r->ack_at.off > peer_fin;
        fin_acked = fin_acked || acks_fin;
        if (!opening && !fin && !acks_fin && (r->flags & (TCP_SYN | TCP_RST)) == 0)
            continue;
        add(out, r);
        struct ref_row *last = &out->row[out->n - 1];
        last->flags &= ~(uint32_t)TCP_PSH;
        last->seq_at.off += fin ? r->len : 0;
        last->len = 0;
    }
}

static void cut(struct direction *d, int64_t until)
{
    while (until > 0 && d->n > 0 && d->row[d->n - 1].sent_at > until)
        d->n--;
}

/* ---- when */

/* How late Linux's timer may be after a wait of so many us. */
static int64_t granularity(int64_t wait)
{
    return wait < 250000 ? 4000 : wait < 2000000 ? 32000 : wait < 16000000 ? 256000 : 2050000;
}

/* Of what `host` sent and got on a connection before `at` the latest: which row of which
 * direction. False: there is none. */
static bool latest_of(const struct direction dirs[2], bool host, int64_t at, bool *sent,
                     size_t *index)
{
    int64_t latest = -1;
    for (int dir = 0; dir < 2; dir++) {
        for (size_t i = 0; i < dirs[dir].n; i++) {
            const struct ref_row *r = &dirs[dir].row[i];
            const int64_t t = dir == host ? r->sent_at : r->received_at;
            if (t >= at || t <= latest)
                continue;
            latest = t;
            *sent = dir == host;
            *index = i;
        }
    }
    return latest >= 0;
}

static int64_t time_of(const struct direction dirs[2], bool host, bool sent, size_t index)
{
    const struct ref_row *r = &dirs[sent ? host : !host].row[index];
    return sent ? r->sent_at : r->received_at;
}

/* How long both waited since a row of which both know. */
struct wait {
    int64_t linux_did, here;
};

static bool is_late(const struct pair *p, struct wait w)
{
    return w.linux_did > w.here + granularity(w.here) + SLACK + p->set->jitter;
}

/* A repeat waits for the timer that a transmission of its own started, whatever came since.
 * Linux's RTO of 300 ms and a bit is 304, the next tick, before it is doubled. */
static bool repeats_in_time(const struct pair *p, bool host, size_t i)
{
    const struct ref_row *want = p->want[host].row, *got = p->got[host].row;
    for (size_t k = i; k-- > 0;)
        if (want[k].seq == want[i].seq && want[k].len == want[i].len &&
            want[k].flags == want[i].flags &&
            !is_late(p, (struct wait){want[i].sent_at - want[k].sent_at,
                                      (got[i].sent_at - got[k].sent_at) * 76 / 75}))
            return true;
    return false;
}

/* Linux did at `want` what the simulation did at `got`; margin: how long after it the record of
 * its cause may have been written; row: of a segment which, else -1. */
static void check_time(struct pair *p, bool host, const char *what, int64_t want, int64_t got,
                       int64_t margin, int row)
{
    bool sent;
    size_t index;
    if (!latest_of(p->want, host, want + margin, &sent, &index) ||
        index >= p->got[sent ? host : !host].n)
        return; /* the first of a connection: the program's own time */
    const int64_t wait = got - time_of(p->got, host, sent, index);
    const int64_t waited = want - time_of(p->want, host, sent, index);
    const bool late = is_late(p, (struct wait){waited, wait}) &&
                      (row < 0 || !repeats_in_time(p, host, (size_t)row));
    const bool early = waited < wait - SLACK && want < got - SLACK;
    if (late || early)
        differ(p, "%s of the %s: Linux waited %lld us and did it at %lld, here %lld and %lld",
               what, name_of(host), (long long)waited, (long long)want, (long long)wait,
               (long long)got);
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
        if (!theirs->row[k].opt.has_timestamps ||
            theirs->row[k].opt.tsval != want->opt.tsecr)
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
    const struct ref_row *want = &p->want[from_client].row[i], *got = &p->got[from_client].row[i];
    const struct ref_bases *bases = &p->measured->ts[want->conn][from_client];
    const bool cookies = (p->set->leaves_out & REF_COOKIE_CLOCK) != 0 && !from_client;
    const int64_t most = cookies ? COOKIE_MS : 2;
    const int64_t error = clock_error(p->measured, want) - clock_error(p->simulated, got);
    if (!bases->base[want->tsval_at.base].injected &&
        (want->tsval_at.base != got->tsval_at.base || llabs(error) > most))
        differ(p, "timestamp of segment %zu of the %s is off by %lld ms", i + 1,
               name_of(from_client), (long long)error);
    if (!same_echo(p, from_client, want, got))
        differ(p, "segment %zu of the %s echoes another segment: %lld, not %lld", i + 1,
               name_of(from_client), (long long)got->tsecr_at.off,
               (long long)want->tsecr_at.off);
}

static bool same_place(struct ref_place a, struct ref_place b)
{
    return a.base == b.base && a.off == b.off;
}

static void check_options(struct pair *p, bool from_client, size_t i)
{
    const struct ref_row *want = &p->want[from_client].row[i], *got = &p->got[from_client].row[i];
    if (strcmp(want->kinds, got->kinds) != 0)
        differ(p, "options of segment %zu of the %s are \"%s\", not \"%s\"", i + 1,
               name_of(from_client), got->kinds, want->kinds);
    if (want->opt.has_timestamps && got->opt.has_timestamps)
        check_timestamps(p, from_client, i);
    if (want->opt.n_sack != got->opt.n_sack) {
        differ(p, "segment %zu of the %s has %u SACK blocks, not %u", i + 1,
               name_of(from_client), got->opt.n_sack, want->opt.n_sack);
        return;
    }
    for (int k = 0; k < want->opt.n_sack; k++)
        for (int side = 0; side < 2; side++)
            if (!same_place(want->sack_at[k][side], got->sack_at[k][side]))
                differ(p, "SACK block %d of segment %zu of the %s", k + 1, i + 1,
                       name_of(from_client));
}

/* ---- segments and states */

static void check_value(struct pair *p, bool from_client, size_t i, const char *what,
                        int64_t got, int64_t want)
{
    if (got != want)
        differ(p, "%s of segment %zu of the %s is %lld, not %lld", what, i + 1,
               name_of(from_client), (long long)got, (long long)want);
}

static void check_segment(struct pair *p, bool from_client, size_t i)
{
    const struct ref_row *want = &p->want[from_client].row[i], *got = &p->got[from_client].row[i];
    const bool ends = (p->set->leaves_out & REF_ENDS_ONLY) != 0;
    check_value(p, from_client, i, "flags", got->flags, want->flags);
    check_value(p, from_client, i, "life of seq", got->seq_at.base, want->seq_at.base);
    check_value(p, from_client, i, "seq", got->seq_at.off, want->seq_at.off);
    check_value(p, from_client, i, "life of ack", got->ack_at.base, want->ack_at.base);
    check_value(p, from_client, i, "ack", got->ack_at.off, want->ack_at.off);
    check_value(p, from_client, i, "len", got->len, want->len);
    if ((want->flags & TCP_SYN) != 0)
        check_value(p, from_client, i, "window", got->win, want->win);
    if (!want->injected && (!ends || (want->flags & TCP_SYN) != 0))
        check_options(p, from_client, i);
}

static void check_segments(struct pair *p, bool from_client)
{
    const struct direction *want = &p->want[from_client], *got = &p->got[from_client];
    for (size_t i = 0; i < want->n && i < got->n; i++) {
        char what[40];
        snprintf(what, sizeof what, "segment %zu", i + 1);
        check_segment(p, from_client, i);
        if ((p->set->leaves_out & REF_NO_TIMES) == 0 && !want->row[i].injected)
            check_time(p, from_client, what, want->row[i].sent_at, got->row[i].sent_at, 0,
                       (int)i);
    }
    if (want->n != got->n)
        differ(p, "the %s sent %zu segments, not %zu", name_of(from_client), got->n, want->n);
}

/* What happens here after the measurement ended is not looked at; a host without any state was
 * no host (02i). */
static void check_states(struct pair *p, bool client)
{
    const struct ref_life *want = &p->measured->life[p->conn][client];
    const struct ref_life *got = &p->simulated->life[p->other][client];
    const bool times = (p->set->leaves_out & REF_NO_TIMES) == 0;
    for (int i = 0; i < want->n; i++) {
        if (i >= got->n || strcmp(got->state[i], want->state[i]) != 0) {
            differ(p, "state %d of the %s is %s, not %s", i + 1, name_of(client),
                   i < got->n ? got->state[i] : "none", want->state[i]);
            return;
        }
        if (times && i > 0 && want->at[i] != REF_NEVER)
            check_time(p, client, want->state[i], want->at[i], got->at[i], SLACK, -1);
    }
    if (got->n > want->n && want->n != 0 && got->at[want->n] <= p->measured->end_at)
        differ(p, "the %s went on to %s", name_of(client), got->state[want->n]);
}

int ref_compare(const struct ref_set *set, const struct ref_trace *measured,
                const struct ref_trace *simulated, bool tell)
{
    static struct pair p;
    const bool ends = (set->leaves_out & REF_ENDS_ONLY) != 0;
    p.n_differ = 0;
    p.set = set;
    p.tell = tell;
    p.measured = measured;
    p.simulated = simulated;
    for (p.conn = 0; p.conn < measured->n_conns; p.conn++) {
        p.other = p.conn < set->mirror ? set->mirror - 1 - p.conn : p.conn;
        for (int dir = 0; dir < 2; dir++) {
            (ends ? opening_and_closing : one_direction)(measured, p.conn, dir, &p.want[dir]);
            (ends ? opening_and_closing : one_direction)(simulated, p.other, dir, &p.got[dir]);
            cut(&p.want[dir], set->until);
            cut(&p.got[dir], set->until);
        }
        for (int dir = 0; dir < 2; dir++) {
            check_segments(&p, dir);
            if ((set->leaves_out & REF_NO_STATES) == 0)
                check_states(&p, dir);
        }
    }
    if (simulated->n_conns != measured->n_conns) {
        p.conn = 0;
        differ(&p, "%d connections, not %d", simulated->n_conns, measured->n_conns);
    }
    return p.n_differ;
}
