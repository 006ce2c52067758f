/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/experiments/reference.h"

#include <stdlib.h>

static bool is_same(struct ref_conn a, struct ref_conn b)
{
    return a.peer == b.peer && a.server_port == b.server_port && a.client_port == b.client_port;
}

int ref_conn_of(struct ref_trace *t, struct ref_conn c)
{
    for (int i = 0; i < t->n_conns; i++)
        if (is_same(t->conn[i], c))
            return i;
    assert_true(t->n_conns < REF_CONNS);
    t->conn[t->n_conns] = c;
    return t->n_conns++;
}

static void new_base(struct ref_bases *b, uint32_t number, const struct ref_row *r)
{
    assert_true(b->n < REF_BASES);
    b->base[b->n++] =
        (struct ref_base){.number = number, .at = r->sent_at, .injected = r->injected};
}

static struct ref_place place_of(const struct ref_bases *b, uint32_t number)
{
    struct ref_place nearest = {0, (int32_t)(number - b->base[0].number)};
    for (int i = 1; i < b->n; i++) {
        const int64_t off = (int32_t)(number - b->base[i].number);
        if (llabs(off) < llabs(nearest.off))
            nearest = (struct ref_place){i, off};
    }
    return nearest;
}

uint32_t ref_number(const struct ref_bases *b, struct ref_place place, uint32_t otherwise)
{
    return place.base < b->n ? (uint32_t)(b->base[place.base].number + place.off) : otherwise;
}

/* A direction that has had no SYN begins before its first number: the reset of a closed port.
 * An injected SYN is no base but the first. */
static void place_numbers(struct ref_trace *t, struct ref_row *r)
{
    struct ref_bases *own = &t->seq[r->conn][r->from_client];
    struct ref_bases *other = &t->seq[r->conn][!r->from_client];
    const bool syn = (r->flags & TCP_SYN) != 0;
    if (own->n == 0)
        new_base(own, syn ? r->seq : r->seq - 1, r);
    else if (syn && !r->injected && place_of(own, r->seq).off != 0)
        new_base(own, r->seq, r);
    r->seq_at = place_of(own, r->seq);
    if (other->n == 0 && (r->flags & TCP_ACK) != 0)
        new_base(other, r->ack - 1, r);
    if ((r->flags & TCP_ACK) != 0)
        r->ack_at = place_of(other, r->ack);
    for (int i = 0; i < r->opt.n_sack; i++) {
        r->sack_at[i][0] = place_of(other, r->opt.sack[i].left);
        r->sack_at[i][1] = place_of(other, r->opt.sack[i].right);
    }
}

static void place_timestamps(struct ref_trace *t, struct ref_row *r)
{
    struct ref_bases *own = &t->ts[r->conn][r->from_client];
    const struct ref_bases *other = &t->ts[r->conn][!r->from_client];
    if (!r->opt.has_timestamps)
        return;
    if (own->n == 0 || llabs(place_of(own, r->opt.tsval).off) > REF_NEVER_MS)
        new_base(own, r->opt.tsval, r);
    r->tsval_at = place_of(own, r->opt.tsval);
    if (r->has_echo && other->n > 0)
        r->tsecr_at = place_of(other, r->opt.tsecr);
}

void ref_add(struct ref_trace *t, struct ref_row row)
{
    assert_true(t->n < REF_ROWS);
    place_numbers(t, &row);
    place_timestamps(t, &row);
    t->row[t->n++] = row;
}

void ref_live(struct ref_life *life, const char *state, int64_t at)
{
    assert_true(life->n < REF_STATES);
    life->state[life->n] = state;
    life->at[life->n++] = at;
}

bool ref_last_is(const struct ref_life *life, const char *state)
{
    return life->n > 0 && strcmp(life->state[life->n - 1], state) == 0;
}

void ref_add_kind(struct ref_row *r, const char *name)
{
    const size_t n = strlen(r->kinds);
    snprintf(r->kinds + n, sizeof r->kinds - n, "%s%s", n > 0 ? " " : "", name);
}
