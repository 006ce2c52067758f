/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/scoreboard.h"

#include <string.h>

enum { FIRST_CAP = 8, LOST_RUNS = 3, LOST_SEGMENTS = 2 }; /* RFC 6675 §2: DupThresh is 3 */

static uint32_t length(struct sack_run r)
{
    return r.right.v - r.left.v;
}

static struct sack_run *run(const struct scoreboard *b, uint32_t i)
{
    return &b->runs[b->first + i];
}

/* The index of the first run that ends after s; n: none does. */
static uint32_t find(const struct scoreboard *b, tcp_seq s)
{
    uint32_t lo = 0, hi = b->n;
    while (lo < hi) {
        const uint32_t mid = (lo + hi) / 2;
        if (seq_lt(s, run(b, mid)->right))
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* How much of [left, right) lies below the mark. */
static uint32_t below_mark(const struct scoreboard *b, tcp_seq left, tcp_seq right)
{
    const tcp_seq end = seq_lt(right, b->mark) ? right : b->mark;
    return seq_lt(left, end) ? end.v - left.v : 0;
}

struct scoreboard *scoreboard_new(struct sim *sim, tcp_seq una)
{
    struct scoreboard *b = sim_alloc(sim, sizeof *b);
    *b = (struct scoreboard){.mark = una};
    return b;
}

void scoreboard_free(struct sim *sim, struct scoreboard *b)
{
    if (b == NULL)
        return;
    sim_release(sim, b->runs, b->cap * sizeof *b->runs);
    sim_release(sim, b, sizeof *b);
}

void scoreboard_clear(struct scoreboard *b, tcp_seq una)
{
    b->first = b->n = b->bytes = b->below_bytes = 0;
    b->mark = una;
}

/* Room for one more run behind the last: what acknowledgments have left free in front is used
 * when it is half of all, else all grows. */
static void make_room(struct sim *sim, struct scoreboard *b)
{
    if (b->first + b->n < b->cap)
        return;
    struct sack_run *runs = b->runs;
    const uint32_t cap = b->first >= b->cap / 2 && b->cap > 0 ? b->cap
                         : b->cap > 0                         ? 2 * b->cap
                                                              : FIRST_CAP;
    if (cap != b->cap)
        runs = sim_alloc(sim, cap * sizeof *runs);
    if (b->n > 0)
        memmove(runs, b->runs + b->first, b->n * sizeof *runs);
    if (cap != b->cap)
        sim_release(sim, b->runs, b->cap * sizeof *runs);
    b->runs = runs;
    b->cap = cap;
    b->first = 0;
}

/* A place for a run with index i: the shorter side moves. */
static void open_at(struct sim *sim, struct scoreboard *b, uint32_t i)
{
    if (b->first > 0 && i < b->n / 2) {
        memmove(run(b, 0) - 1, run(b, 0), i * sizeof *b->runs);
        b->first--;
    } else {
        make_room(sim, b);
        memmove(run(b, i) + 1, run(b, i), (b->n - i) * sizeof *b->runs);
    }
    b->n++;
}

/* Takes out the runs [from, to): the shorter side moves. */
static void close_up(struct scoreboard *b, uint32_t from, uint32_t to)
{
    const uint32_t gone = to - from;
    if (gone == 0)
        return;
    if (from < b->n - to) {
        memmove(run(b, gone), run(b, 0), from * sizeof *b->runs);
        b->first += gone;
    } else {
        memmove(run(b, from), run(b, to), (b->n - to) * sizeof *b->runs);
    }
    b->n -= gone;
}

uint32_t scoreboard_add(struct sim *sim, struct scoreboard *b, tcp_seq left, tcp_seq right)
{
    uint32_t i = find(b, left), known = 0, known_below = 0;
    if (i > 0 && seq_eq(run(b, i - 1)->right, left)) /* it touches the run before */
        i--;
    struct sack_run all = {left, right};
    uint32_t end = i;
    for (; end < b->n && seq_leq(run(b, end)->left, right); end++) {
        const struct sack_run r = *run(b, end);
        known += length(r);
        known_below += below_mark(b, r.left, r.right);
        all.left = seq_lt(r.left, all.left) ? r.left : all.left;
        all.right = seq_max(all.right, r.right);
    }
    if (end == i)
        open_at(sim, b, i);
    else
        close_up(b, i + 1, end);
    *run(b, i) = all;
    b->bytes += length(all) - known;
    b->below_bytes += below_mark(b, all.left, all.right) - known_below;
    return length(all) - known;
}

void scoreboard_ack(struct scoreboard *b, tcp_seq una)
{
    while (b->n > 0 && seq_lt(run(b, 0)->left, una)) {
        struct sack_run *r = run(b, 0);
        const tcp_seq end = seq_lt(una, r->right) ? una : r->right;
        b->bytes -= end.v - r->left.v;
        b->below_bytes -= below_mark(b, r->left, end);
        r->left = end;
        if (length(*r) > 0)
            break;
        b->first++;
        b->n--;
    }
    if (b->n == 0)
        b->first = 0;
    if (seq_lt(b->mark, una))
        b->mark = una;
}

void scoreboard_mark(struct scoreboard *b, tcp_seq mark)
{
    const bool forward = seq_lt(b->mark, mark);
    const tcp_seq from = forward ? b->mark : mark, to = forward ? mark : b->mark;
    uint32_t bytes = 0;
    for (uint32_t i = find(b, from); i < b->n && seq_lt(run(b, i)->left, to); i++) {
        const struct sack_run r = *run(b, i);
        const tcp_seq left = seq_max(r.left, from);
        bytes += (seq_lt(to, r.right) ? to : r.right).v - left.v;
    }
    b->below_bytes += forward ? bytes : -bytes;
    b->mark = mark;
}

tcp_seq scoreboard_lost_below(const struct scoreboard *b, tcp_seq una, uint32_t mss,
                              uint32_t *above_bytes)
{
    uint32_t above = 0;
    for (uint32_t i = b->n; i-- > 0;) {
        const struct sack_run r = *run(b, i);
        above += length(r);
        if (b->n - i >= LOST_RUNS || above > LOST_SEGMENTS * mss) {
            *above_bytes = above;
            return r.left;
        }
    }
    *above_bytes = above;
    return una;
}

bool scoreboard_hole(const struct scoreboard *b, tcp_seq at, struct sack_run *hole)
{
    uint32_t i = find(b, at);
    if (i < b->n && seq_leq(run(b, i)->left, at)) /* runs lie apart: the next begins later */
        at = run(b, i++)->right;
    if (i == b->n)
        return false;
    *hole = (struct sack_run){at, run(b, i)->left};
    return true;
}

bool scoreboard_holds(const struct scoreboard *b, tcp_seq una)
{
    const uint32_t i = find(b, una);
    return i < b->n && seq_leq(run(b, i)->left, una);
}

tcp_seq scoreboard_high(const struct scoreboard *b, tcp_seq una)
{
    return b->n > 0 ? run(b, b->n - 1)->right : una;
}
