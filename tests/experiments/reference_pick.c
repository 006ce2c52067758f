/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/link.h"
#include "tests/experiments/reference_pair.h"

static void add(struct direction *d, const struct ref_row *r)
{
    d->row[d->n++] = *r;
}

/* Of r what begins so far behind its first byte. */
static void add_part(struct direction *d, const struct ref_row *r, uint32_t flags, int64_t from,
                     int64_t len)
{
    add(d, r);
    struct ref_row *part = &d->row[d->n - 1];
    part->flags = flags;
    part->seq_at.off += from;
    part->len = len;
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
 * that acknowledges the peer's FIN. And all data, of which
 * pushes and acknowledgments are not looked at; a FIN stands behind that on which it rides. */
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
        if (!opening && !fin && !acks_fin && r->len == 0 &&
            (r->flags & (TCP_SYN | TCP_RST)) == 0)
            continue;
        if (r->len > 0)
            add_part(out, r, r->flags & ~(uint32_t)(TCP_PSH | TCP_FIN), 0, r->len);
        if (r->len == 0 || fin)
            add_part(out, r, r->flags & ~(uint32_t)TCP_PSH, r->len, 0);
    }
}

static bool acks_fin(const struct direction *d, uint32_t ack)
{
    for (size_t i = 0; i < d->n; i++)
        if ((d->row[i].flags & TCP_FIN) != 0 && d->row[i].seq + d->row[i].len + 1 == ack)
            return true;
    return false;
}

/* The ACK of a FIN waits for the program, and its delay may be 0: then it is chance whether the
 * program's own FIN still carries it. */
static void join_fins(struct direction dirs[2], bool from_client)
{
    struct direction *d = &dirs[from_client];
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct ref_row *r = &d->row[i], *next = r + 1;
        const bool joins = i + 1 < d->n && r->len == 0 && r->flags == TCP_ACK &&
                           (next->flags & TCP_FIN) != 0 && next->seq == r->seq &&
                           next->ack == r->ack && next->sent_at <= r->sent_at + REF_SLACK &&
                           acks_fin(&dirs[!from_client], r->ack);
        if (!joins)
            d->row[n++] = *r;
    }
    d->n = n;
}

static void cut(struct direction *d, int64_t until)
{
    while (until > 0 && d->n > 0 && d->row[d->n - 1].sent_at > until)
        d->n--;
}

void ref_pick(struct pair *p)
{
    const struct ref_set *set = p->set;
    const bool ends = (set->how & REF_ENDS_ONLY) != 0;
    for (int dir = 0; dir < 2; dir++) {
        (ends ? opening_and_closing : one_direction)(p->measured, p->conn, dir, &p->want[dir]);
        (ends ? opening_and_closing : one_direction)(p->simulated, p->conn, dir, &p->got[dir]);
        cut(&p->want[dir], set->until);
        cut(&p->got[dir], set->until);
    }
    for (int dir = 0; dir < 2 && (set->how & REF_LATE_FIN) != 0; dir++)
        join_fins(p->want, dir);
}
