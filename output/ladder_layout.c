/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/ladder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/ladder_place.h"
#include "output/memory.h"
#include "output/words.h"

enum arrow_look arrow_look(const struct arrow *a)
{
    if (a->end != ARROW_ARRIVES)
        return LOOK_LOST;
    if (a->held_at != SIM_NEVER)
        return LOOK_HELD;
    if (a->is_delayed)
        return LOOK_DELAYED;
    if (a->is_copy)
        return LOOK_COPY;
    if (a->is_repeat)
        return LOOK_REPEAT;
    return (a->flags & TCP_RST) != 0 ? LOOK_RESET : LOOK_PLAIN;
}

double spot_y(const struct ladder *l, struct spot s)
{
    return l->slots[s.slot].y + s.row * ROW_HEIGHT;
}

void ladder_duration(sim_time wait, char *buf, size_t size)
{
    const double s = (double)wait / 1e9;
    if (s >= 0.0995)
        snprintf(buf, size, s < 999.5 ? "%.3g s" : "%.0f s", s);
    else
        snprintf(buf, size, s >= 1e-4 ? "%.3g ms" : "%.3f ms", s * 1e3);
}

/* Slots: the distinct instants of everything that is drawn */

static void add_instant(struct ladder *l, sim_time at)
{
    if (at == SIM_NEVER)
        return;
    l->slots = mem_grow(l->slots, &l->cap_slots, l->n_slots + 1, sizeof(*l->slots));
    l->slots[l->n_slots++] = (struct slot){.at = at};
}

static int by_time(const void *a, const void *b)
{
    const sim_time x = ((const struct slot *)a)->at, y = ((const struct slot *)b)->at;
    return (x > y) - (x < y);
}

static void make_slots(struct ladder *l)
{
    for (const struct ladder_column *c = l->columns; c < l->columns + l->n_columns; c++) {
        for (uint32_t i = 0; i < c->n_arrows; i++) {
            add_instant(l, c->arrows[i].sent_at);
            add_instant(l, c->arrows[i].released_at);
            add_instant(l, c->arrows[i].end_at);
        }
        for (uint32_t i = 0; i < c->n_states; i++)
            add_instant(l, c->states[i].at);
        for (uint32_t i = 0; i < c->n_folds; i++)
            add_instant(l, c->folds[i].at);
    }
    qsort(l->slots, l->n_slots, sizeof(*l->slots), by_time);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_slots; i++)
        if (n == 0 || l->slots[n - 1].at != l->slots[i].at)
            l->slots[n++] = l->slots[i];
    l->n_slots = n;
}

static int slot_of(const struct ladder *l, sim_time at)
{
    if (at == SIM_NEVER)
        return -1;
    const struct slot key = {.at = at};
    return (int)((const struct slot *)bsearch(&key, l->slots, l->n_slots, sizeof(key), by_time) - l->slots);
}

/* Rows: what happens at one host in one instant stands in its order, each thing as high as it can */

enum mark_kind { MARK_ARRIVAL, MARK_STATE, MARK_SEND, MARK_FOLD };

struct mark_on_line {
    struct spot *spot;
    int line; /* a host, or a lane of its own */
    int64_t order;
    enum mark_kind kind;
};

static int by_line_and_order(const void *a, const void *b)
{
    const struct mark_on_line *x = a, *y = b;
    if (x->spot->slot != y->spot->slot)
        return x->spot->slot < y->spot->slot ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Sees each mark of a column: where it stands, on which line, and its order there. Returns the number of marks. */
static uint32_t collect_marks(struct ladder *l, struct ladder_column *c, struct mark_on_line *out)
{
    enum { RELEASES = LADDER_HOSTS, FOLDS = 2 * LADDER_HOSTS };
    uint32_t n = 0;
    for (struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++) {
        a->sent.slot = slot_of(l, a->sent_at);
        a->released.slot = slot_of(l, a->released_at);
        a->ended.slot = slot_of(l, a->end_at);
        out[n++] = (struct mark_on_line){&a->sent, a->from, a->sent_order, MARK_SEND};
        if (a->released.slot >= 0)
            out[n++] = (struct mark_on_line){&a->released, RELEASES + a->from, a->released_order, MARK_SEND};
        if (a->end == ARROW_ARRIVES)
            out[n++] = (struct mark_on_line){&a->ended, a->to, a->end_order, MARK_ARRIVAL};
    }
    for (struct state *s = c->states; s < c->states + c->n_states; s++) {
        s->spot.slot = slot_of(l, s->at);
        out[n++] = (struct mark_on_line){&s->spot, s->host, s->order, MARK_STATE};
    }
    for (struct fold *f = c->folds; f < c->folds + c->n_folds; f++) {
        f->spot.slot = slot_of(l, f->at);
        out[n++] = (struct mark_on_line){&f->spot, FOLDS, 0, MARK_FOLD};
    }
    return n;
}

/* A row takes an arrival, then a state, then a sending, one of each; what comes out of that order opens the next row. */
static void assign_rows(struct ladder *l, struct ladder_column *c)
{
    struct mark_on_line *marks = mem_zeroed(3 * c->n_arrows + c->n_states + c->n_folds, sizeof(*marks));
    const uint32_t n = collect_marks(l, c, marks);
    qsort(marks, n, sizeof(*marks), by_line_and_order);
    int row = 0;
    for (uint32_t i = 0; i < n; i++) {
        const bool continues = i > 0 && marks[i].spot->slot == marks[i - 1].spot->slot && marks[i].line == marks[i - 1].line;
        /* a state that follows a sending may stand beside it: the arrow leaves to the other side */
        const bool fits = continues && (marks[i].kind > marks[i - 1].kind ||
                                        (marks[i].kind == MARK_STATE && marks[i - 1].kind == MARK_SEND &&
                                         (i < 2 || marks[i - 2].spot->slot != marks[i].spot->slot ||
                                          marks[i - 2].line != marks[i].line || marks[i - 2].spot->row < row ||
                                          marks[i - 2].kind != MARK_STATE)));
        row = !continues ? 0 : fits ? row : row + 1;
        marks[i].spot->row = row;
        struct slot *slot = &l->slots[marks[i].spot->slot];
        slot->n_rows = row + 1 > slot->n_rows ? row + 1 : slot->n_rows;
    }
    free(marks);
    for (struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++)
        if (a->end == ARROW_LOST)
            a->ended.row = a->sent.row < l->slots[a->ended.slot].n_rows ? a->sent.row : 0;
}
