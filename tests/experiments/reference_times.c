/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/link.h"
#include "tests/experiments/reference_pair.h"

enum { TICK = 4000 };

/* How late Linux's timer may be after a wait of so many us, beyond what it is here: with ticks
 * here too, the one that an idle processor sometimes leaves out. */
static int64_t granularity(const struct pair *p, int64_t wait)
{
    if (p->simulated->has_ticks)
        return TICK;
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
    return w.linux_did > w.here + granularity(p, w.here) + REF_SLACK + p->set->jitter;
}

/* Linux's RTO of 300 ms and a bit is 304, the next tick, before it is doubled. */
static int64_t in_ticks(const struct pair *p, int64_t rto)
{
    return p->simulated->has_ticks ? rto : rto * 76 / 75;
}

static bool waits_for_ack(const struct ref_row *r)
{
    return r->len > 0 || (r->flags & (TCP_SYN | TCP_FIN)) != 0;
}

/* A repeat waits for the timer that a transmission of its own started, whatever came since. */
static bool repeats_in_time(const struct pair *p, bool host, size_t i)
{
    const struct ref_row *want = p->want[host].row, *got = p->got[host].row;
    for (size_t k = i; k-- > 0;)
        if (want[k].seq == want[i].seq && want[k].len == want[i].len &&
            want[k].flags == want[i].flags &&
            !is_late(p, (struct wait){want[i].sent_at - want[k].sent_at,
                                      in_ticks(p, got[i].sent_at - got[k].sent_at)}))
            return true;
    return false;
}

void ref_check_time(struct pair *p, bool host, const char *what, int64_t want, int64_t got,
                    int64_t margin, int row)
{
    bool sent;
    size_t index;
    if (!latest_of(p->want, host, want + margin, &sent, &index) ||
        index >= p->got[sent ? host : !host].n)
        return; /* the first of a connection: the program's own time */
    const int64_t wait = got - time_of(p->got, host, sent, index);
    const int64_t waited = want - time_of(p->want, host, sent, index);
    const bool own = sent && waits_for_ack(&p->got[host].row[index]);
    const bool late = is_late(p, (struct wait){waited, own ? in_ticks(p, wait) : wait}) &&
                      (row < 0 || !repeats_in_time(p, host, (size_t)row));
    const bool early = waited < wait - REF_SLACK && want < got - REF_SLACK;
    if (late || early)
        ref_differ(p,
                   "%s of the %s: Linux waited %lld us and did it at %lld, here %lld and %lld",
                   what, ref_host(host), (long long)waited, (long long)want, (long long)wait,
                   (long long)got);
}
