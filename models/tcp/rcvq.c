/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/rcvq.h"

static bool continues(const struct rcvq_extent *a, uint64_t at, const struct tcp_extent *b)
{
    return a->at + a->data.len == at && a->data.stream == b->stream &&
           a->data.payload == b->payload && a->data.offset + a->data.len == b->offset &&
           (uint64_t)a->data.len + b->len <= UINT32_MAX;
}

static void drop_extent(struct sim *sim, struct rcvq_extent **link)
{
    struct rcvq_extent *x = *link;
    *link = x->next;
    sim_release(sim, x, sizeof *x);
}

/* Puts [at, at+len) of data, which touches no extent, behind *link's predecessor; merges with
 * the neighbours. */
static void put(struct sim *sim, struct rcvq_extent **link, struct rcvq_extent *before,
                uint64_t at, struct tcp_extent data)
{
    struct rcvq_extent *x = before;
    if (before != NULL && continues(before, at, &data)) {
        before->data.len += data.len;
    } else {
        x = sim_alloc(sim, sizeof *x);
        *x = (struct rcvq_extent){.next = *link, .at = at, .data = data};
        *link = x;
    }
    struct rcvq_extent *after = x->next;
    if (after != NULL && continues(x, after->at, &after->data)) {
        x->data.len += after->data.len;
        drop_extent(sim, &x->next);
    }
}

static void advance_ready(struct rcvq *q)
{
    for (const struct rcvq_extent *x = q->head; x != NULL && x->at <= q->ready; x = x->next)
        if (x->at + x->data.len > q->ready)
            q->ready = x->at + x->data.len;
}

uint32_t rcvq_insert(struct sim *sim, struct rcvq *q, uint64_t at, struct tcp_extent data)
{
    uint32_t new_bytes = 0;
    struct rcvq_extent **link = &q->head, *before = NULL;
    q->overlap.left = q->overlap.right = 0;
    while (data.len > 0) {
        /* the last extent that begins at or before `at`, and what it covers of us */
        while (*link != NULL && (*link)->at <= at) {
            before = *link;
            link = &before->next;
        }
        uint32_t skip = 0;
        if (before != NULL && before->at + before->data.len > at) {
            const uint64_t covered = before->at + before->data.len - at;
            skip = covered < data.len ? (uint32_t)covered : data.len;
            if (q->overlap.left == q->overlap.right) {
                q->overlap.left = at;
                q->overlap.right = at + skip;
            }
        }
        at += skip;
        data.offset += skip;
        data.len -= skip;
        /* up to the next extent the place is free */
        const uint64_t room = *link == NULL ? UINT64_MAX : (*link)->at - at;
        const uint32_t fits = data.len < room ? data.len : (uint32_t)room;
        if (fits > 0) {
            struct tcp_extent piece = data;
            piece.len = fits;
            put(sim, link, before, at, piece);
            new_bytes += fits;
        }
        at += fits;
        data.offset += fits;
        data.len -= fits;
        if (data.len > 0) { /* merging may have moved things: look again from the start */
            link = &q->head;
            before = NULL;
        }
    }
    q->held += new_bytes;
    advance_ready(q);
    return new_bytes;
}

uint32_t rcvq_read(struct sim *sim, struct rcvq *q, int64_t max, struct tcp_extent *out, int *n)
{
    uint32_t bytes = 0;
    int used = 0;
    while (q->read < q->ready && bytes < max && used < *n) {
        struct rcvq_extent *x = q->head;
        const uint64_t room = (uint64_t)max - bytes;
        const uint32_t take = x->data.len < room ? x->data.len : (uint32_t)room;
        out[used] = x->data;
        out[used++].len = take;
        x->at += take;
        x->data.offset += take;
        x->data.len -= take;
        q->read += take;
        bytes += take;
        if (x->data.len == 0)
            drop_extent(sim, &q->head);
    }
    q->held -= bytes;
    *n = used;
    return bytes;
}

uint32_t rcvq_peek(const struct rcvq *q, int64_t max, struct tcp_extent *out, int *n)
{
    uint32_t bytes = 0;
    int used = 0;
    for (const struct rcvq_extent *x = q->head;
         x != NULL && x->at < q->ready && bytes < max && used < *n; x = x->next) {
        const uint64_t room = (uint64_t)max - bytes;
        out[used] = x->data;
        out[used].len = x->data.len < room ? x->data.len : (uint32_t)room;
        bytes += out[used++].len;
    }
    *n = used;
    return bytes;
}

bool rcvq_holds(const struct rcvq *q, uint64_t at)
{
    const struct rcvq_extent *x = q->head;
    while (x != NULL && x->at + x->data.len <= at)
        x = x->next;
    return x != NULL && x->at <= at;
}

void rcvq_run(const struct rcvq *q, uint64_t at, uint64_t *left, uint64_t *right)
{
    *left = *right = UINT64_MAX;
    for (const struct rcvq_extent *x = q->head; x != NULL && (x->at <= at || x->at == *right);
         x = x->next) {
        if (x->at != *right)
            *left = x->at;
        *right = x->at + x->data.len;
    }
}

uint64_t rcvq_end(const struct rcvq *q)
{
    uint64_t end = q->ready;
    for (const struct rcvq_extent *x = q->head; x != NULL; x = x->next)
        if (x->at + x->data.len > end)
            end = x->at + x->data.len;
    return end;
}

static void drop_all(struct sim *sim, struct rcvq *q)
{
    while (q->head != NULL)
        drop_extent(sim, &q->head);
    q->held = 0;
}

void rcvq_clear(struct sim *sim, struct rcvq *q)
{
    drop_all(sim, q);
    q->ready = q->read;
}

void rcvq_pass_over(struct sim *sim, struct rcvq *q)
{
    drop_all(sim, q);
    q->read = q->ready;
}
