/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/sndq.h"

static uint64_t *slot(const struct sndq *q, uint32_t i)
{
    return &q->writes[(q->first + i) & (q->cap - 1)];
}

static uint64_t end_of(const struct sndq *q, uint32_t i)
{
    return *slot(q, i) >> 1;
}

static bool is_record(const struct sndq *q, uint32_t i)
{
    return (*slot(q, i) & 1) != 0;
}

static void grow(struct sim *sim, struct sndq *q)
{
    const uint32_t cap = q->cap == 0 ? 4 : 2 * q->cap;
    uint64_t *writes = sim_alloc(sim, cap * sizeof *writes);
    for (uint32_t i = 0; i < q->n; i++)
        writes[i] = *slot(q, i);
    sim_release(sim, q->writes, q->cap * sizeof *writes);
    q->writes = writes;
    q->first = 0;
    q->cap = cap;
}

void sndq_write(struct sim *sim, struct sndq *q, uint64_t bytes, enum sndq_end ends)
{
    q->end += bytes;
    if (ends == WRITE_GOES_ON)
        return;
    if (q->n == q->cap)
        grow(sim, q);
    *slot(q, q->n++) = q->end << 1 | (ends == WRITE_ENDS_RECORD);
    q->n_records += ends == WRITE_ENDS_RECORD;
}

void sndq_ack(struct sndq *q, uint64_t offset)
{
    q->una = offset;
    while (q->n > 0 && end_of(q, 0) <= offset) {
        q->n_records -= is_record(q, 0);
        q->first = (q->first + 1) & (q->cap - 1);
        q->n--;
        q->near -= q->near > 0;
    }
}

/* Whether the i-th write, or none where i is n, is the first that ends after from. */
static bool is_first_after(const struct sndq *q, uint32_t i, uint64_t from)
{
    return (i == 0 || end_of(q, i - 1) <= from) && (i == q->n || end_of(q, i) > from);
}

static uint32_t first_after(const struct sndq *q, uint64_t from)
{
    uint32_t lo = 0, hi = q->n;
    while (lo < hi) {
        const uint32_t mid = (lo + hi) / 2;
        if (end_of(q, mid) > from)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* New segments ask in order, and a full send buffer may hold thousands of small writes. */
bool sndq_ends_write(struct sndq *q, uint64_t from, uint64_t to)
{
    uint32_t i = q->near;
    if (!is_first_after(q, i, from))
        i = i < q->n && is_first_after(q, i + 1, from) ? i + 1 : first_after(q, from);
    q->near = i;
    return i < q->n && end_of(q, i) <= to;
}

uint64_t sndq_record_end(const struct sndq *q, uint64_t offset)
{
    uint32_t i = q->n_records > 0 ? first_after(q, offset) : q->n;
    while (i < q->n && !is_record(q, i))
        i++;
    return i < q->n ? end_of(q, i) : UINT64_MAX;
}

void sndq_clear(struct sim *sim, struct sndq *q)
{
    sim_release(sim, q->writes, q->cap * sizeof *q->writes);
    q->writes = NULL;
    q->first = q->n = q->cap = q->near = q->n_records = 0;
    q->una = q->end;
}
