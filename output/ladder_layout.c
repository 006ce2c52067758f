/* SPDX-License-Identifier: GPL-3.0-or-later
 * ladder_layout.c -- slots of warped time, and places of labels that do not meet (ladder.h).
 */
#include "output/ladder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/font.h"
#include "output/memory.h"
#include "output/words.h"
#include "sim/packet.h"

enum arrow_look arrow_look(const struct arrow *a)
{
    if (a->end == ARROW_LOST)
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

void ladder_break_text(const struct ladder *l, uint32_t slot, char *buf, size_t size)
{
    char wait[40];
    ladder_duration(l->slots[slot + 1].at - l->slots[slot].at, wait, sizeof(wait));
    snprintf(buf, size, "≈ %s", wait);
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

static void add_instant(struct ladder *l, sim_time at, bool is_fold)
{
    if (at == SIM_NEVER)
        return;
    l->slots = mem_grow(l->slots, &l->cap_slots, l->n_slots + 1, sizeof(*l->slots));
    l->slots[l->n_slots++] = (struct slot){.at = at, .is_fold = is_fold};
}

static int by_time(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;
    return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : x->is_fold - y->is_fold;
}

static void make_slots(struct ladder *l)
{
    for (const struct ladder_column *c = l->columns; c < l->columns + l->n_columns; c++) {
        for (uint32_t i = 0; i < c->n_arrows; i++) {
            add_instant(l, c->arrows[i].sent_at, false);
            add_instant(l, c->arrows[i].released_at, false);
            add_instant(l, c->arrows[i].end_at, false);
        }
        for (uint32_t i = 0; i < c->n_states; i++)
            add_instant(l, c->states[i].at, false);
        for (uint32_t i = 0; i < c->n_folds; i++)
            add_instant(l, c->folds[i].at, true);
    }
    qsort(l->slots, l->n_slots, sizeof(*l->slots), by_time);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_slots; i++)
        if (n == 0 || by_time(&l->slots[n - 1], &l->slots[i]) != 0)
            l->slots[n++] = l->slots[i];
    l->n_slots = n;
}

static int slot_of(const struct ladder *l, sim_time at, bool is_fold)
{
    if (at == SIM_NEVER)
        return -1;
    const struct slot key = {.at = at, .is_fold = is_fold};
    const struct slot *found = bsearch(&key, l->slots, l->n_slots, sizeof(key), by_time);
    return (int)(found - l->slots);
}

/* Rows: what happens at one host in one instant stands in its order, each thing as high as it
 * can */

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

/* Sees each mark of a column: where it stands, on which line, and its order there. Returns the
 * number of marks. */
static uint32_t collect_marks(struct ladder *l, struct ladder_column *c,
                              struct mark_on_line *out)
{
    enum { RELEASES = LADDER_HOSTS, FOLDS = 2 * LADDER_HOSTS };
    uint32_t n = 0;
    for (struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++) {
        a->sent.slot = slot_of(l, a->sent_at, false);
        a->released.slot = slot_of(l, a->released_at, false);
        a->ended.slot = slot_of(l, a->end_at, false);
        out[n++] = (struct mark_on_line){&a->sent, a->from, a->sent_order, MARK_SEND};
        if (a->released.slot >= 0)
            out[n++] = (struct mark_on_line){&a->released, RELEASES + a->from,
                                             a->released_order, MARK_SEND};
        if (a->end == ARROW_ARRIVES)
            out[n++] = (struct mark_on_line){&a->ended, a->to, a->end_order, MARK_ARRIVAL};
    }
    for (struct state *s = c->states; s < c->states + c->n_states; s++) {
        s->spot.slot = slot_of(l, s->at, false);
        out[n++] = (struct mark_on_line){&s->spot, s->host, s->order, MARK_STATE};
    }
    for (struct fold *f = c->folds; f < c->folds + c->n_folds; f++) {
        f->spot.slot = slot_of(l, f->at, true);
        out[n++] = (struct mark_on_line){&f->spot, FOLDS, 0, MARK_FOLD};
    }
    return n;
}

/* A row takes one arrival, one state and one sending. What comes before an arrival stands above
 * it. */
static const uint32_t SHUTS_OUT[] = {
    [MARK_ARRIVAL] = ~0u,
    [MARK_STATE] = 1u << MARK_STATE,
    [MARK_SEND] = 1u << MARK_SEND,
    [MARK_FOLD] = ~0u,
};

static void need_row(struct ladder *l, struct spot spot)
{
    struct slot *slot = &l->slots[spot.slot];
    slot->n_rows = spot.row + 1 > slot->n_rows ? spot.row + 1 : slot->n_rows;
}

static void assign_rows(struct ladder *l, struct ladder_column *c)
{
    struct mark_on_line *marks =
        mem_zeroed(3 * c->n_arrows + c->n_states + c->n_folds, sizeof(*marks));
    const uint32_t n = collect_marks(l, c, marks);
    qsort(marks, n, sizeof(*marks), by_line_and_order);
    uint32_t used = 0; /* kinds of marks in the present row */
    for (uint32_t i = 0; i < n; i++) {
        struct spot *spot = marks[i].spot;
        const bool is_first = i == 0 || spot->slot != marks[i - 1].spot->slot ||
                              marks[i].line != marks[i - 1].line;
        const bool fits = !is_first && (used & SHUTS_OUT[marks[i].kind]) == 0;
        spot->row = is_first ? 0 : marks[i - 1].spot->row + !fits;
        used = (fits ? used : 0) | 1u << marks[i].kind;
        need_row(l, *spot);
    }
    free(marks);
    for (struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++) {
        if (a->end != ARROW_LOST)
            continue;
        a->ended.row = a->sent.row; /* parallel to its neighbours, wherever they end */
        need_row(l, a->ended);
    }
}

/* Gaps: about equal, wider for a silence */

static int by_wait(const void *a, const void *b)
{
    const sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;
    return (x > y) - (x < y);
}

/* The median time that a segment is under way. */
static sim_time typical_flight(const struct ladder *l)
{
    sim_time *waits = NULL;
    uint32_t n = 0, cap = 0;
    for (const struct ladder_column *c = l->columns; c < l->columns + l->n_columns; c++) {
        for (const struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++) {
            if (a->end != ARROW_ARRIVES || a->held_at != SIM_NEVER || a->is_delayed)
                continue;
            waits = mem_grow(waits, &cap, n + 1, sizeof(*waits));
            waits[n++] = a->end_at - a->sent_at;
        }
    }
    if (n > 0)
        qsort(waits, n, sizeof(*waits), by_wait);
    const sim_time median = n > 0 ? waits[n / 2] : 0;
    free(waits);
    return median;
}

static void set_gaps(struct ladder *l)
{
    enum { NEAR = 30, STEP = 48, BREAK = 58, LAST = 30 };
    const sim_time flight = typical_flight(l);
    for (uint32_t i = 0; i < l->n_slots; i++) {
        struct slot *s = &l->slots[i];
        const sim_time wait = i + 1 < l->n_slots ? l->slots[i + 1].at - s->at : 0;
        const bool beside_fold = s->is_fold || (i + 1 < l->n_slots && l->slots[i + 1].is_fold);
        s->breaks_after = wait > 3 * flight && !beside_fold;
        s->gap = beside_fold           ? STEP
                 : i + 1 == l->n_slots ? LAST
                 : s->breaks_after     ? BREAK
                 : wait * 3 >= flight  ? STEP
                                       : NEAR;
    }
}

static void set_heights(struct ladder *l)
{
    double y = TOP;
    for (uint32_t i = 0; i < l->n_slots; i++) {
        l->slots[i].y = y;
        y += (l->slots[i].n_rows > 1 ? l->slots[i].n_rows - 1 : 0) * ROW_HEIGHT +
             l->slots[i].gap;
    }
    l->height = y + BOTTOM;
}

/* Widths: what the longest texts need */

static double widest_state(const struct ladder_column *c, int host)
{
    double width = 0;
    for (const struct state *s = c->states; s < c->states + c->n_states; s++)
        if (s->host == host)
            width = fmax(width, font_width(s->text, SIZE_STATE, true));
    return width;
}

static double widest_head(const struct ladder_host *h)
{
    return fmax(font_width(h->name, SIZE_HOST, true), font_width(h->addr, SIZE_HOST, false));
}

/* The distance of neighbouring lines: a label has room on its arrow, on a lost one before the
 * X. */
static double span_of(const struct ladder *l, const struct ladder_column *c)
{
    enum { WIDE = 400, NARROW = 310, ROOM = 44, BOTH_ROOM = 90 };
    double span = l->n_columns <= 2 ? WIDE : NARROW;
    for (const struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++) {
        const double width = font_width(a->text, SIZE_LABEL, false);
        span = fmax(span, (width + ROOM) / (a->end == ARROW_LOST ? LOST_AT : 1));
        span = fmax(span,
                    fmin(WIDE, 2 * width + BOTH_ROOM)); /* two that cross: each on its half */
    }
    for (const struct fold *f = c->folds; f < c->folds + c->n_folds; f++)
        span = fmax(span, font_width(f->text, SIZE_LABEL, false) + ROOM);
    for (uint32_t i = 1; i < c->n_hosts; i++)
        span = fmax(span,
                    widest_head(&c->hosts[i]) / 2 + widest_head(&c->hosts[i - 1]) / 2 + ROOM);
    return span;
}

/* Returns the right edge. */
static double set_column_width(const struct ladder *l, struct ladder_column *c, double left)
{
    enum { BESIDE = 14, MARGIN = 14 };
    struct ladder_host *first = &c->hosts[0], *last = &c->hosts[c->n_hosts - 1];
    const double span = span_of(l, c) * (c->n_hosts - 1);
    double before = fmax(widest_state(c, 0) + BESIDE, widest_head(first) / 2) + MARGIN;
    double after =
        fmax(widest_state(c, (int)c->n_hosts - 1) + BESIDE, widest_head(last) / 2) + MARGIN;
    const double missing =
        font_width(c->title, SIZE_COLUMN, true) + 2 * MARGIN - before - span - after;
    if (missing > 0) {
        before += missing / 2;
        after += missing / 2;
    }
    c->left = left;
    for (uint32_t i = 0; i < c->n_hosts; i++)
        c->hosts[i].x = left + before + (c->n_hosts > 1 ? span * i / (c->n_hosts - 1) : 0);
    c->right = left + before + span + after;
    return c->right;
}

/* A time in the column's unit. */
void ladder_time(const struct ladder *l, sim_time at, char *buf, size_t size)
{
    snprintf(buf, size, "%.*f", l->decimals, (double)at / (l->in_ms ? 1e6 : 1e9));
}

/* The fewest decimals with which neighbouring slots read differently, three at most unless they
 * must. */
static void choose_time_format(struct ladder *l)
{
    enum { EXACT = 3, MOST = 9 };
    l->in_ms = l->slots[l->n_slots - 1].at < SEC(10);
    const sim_time unit = l->in_ms ? MS(1) : SEC(1);
    bool told = false;
    for (l->decimals = 0; !told && l->decimals < MOST; l->decimals++) {
        const sim_time step = (sim_time)((double)unit * pow(10, -l->decimals) + 0.5);
        told = true;
        for (uint32_t i = 0; i < l->n_slots && step > 0; i++) {
            const bool is_exact = l->slots[i].at % step == 0;
            const bool is_apart = i == 0 || l->slots[i].is_fold ||
                                  l->slots[i].at - l->slots[i - 1].at >= 2 * step;
            told = told && (is_exact || (l->decimals >= EXACT && is_apart));
        }
    }
    l->decimals--;
}

static void set_widths(struct ladder *l)
{
    enum { MARGIN = 22, BETWEEN = 20 };
    char text[64];
    l->time_width =
        font_width(word_in(l->lang, l->in_ms ? WORD_TIME_MS : WORD_TIME_S), SIZE_TIME, false);
    for (uint32_t i = 0; i < l->n_slots; i++) {
        ladder_time(l, l->slots[i].at, text, sizeof(text));
        l->time_width = fmax(l->time_width, font_width(text, SIZE_TIME, false));
        if (!l->slots[i].breaks_after)
            continue;
        ladder_break_text(l, i, text, sizeof(text));
        l->time_width = fmax(l->time_width, font_width(text, SIZE_TIME, false));
    }
    l->time_width += MARGIN;
    double x = l->time_width;
    for (uint32_t i = 0; i < l->n_columns; i++)
        x = set_column_width(l, &l->columns[i], x + (i > 0 ? BETWEEN : 0));
    const double missing = font_width(l->title, SIZE_TITLE, false) + 2 * MARGIN - x;
    l->width = x + MARGIN + (missing > 0 ? missing : 0);
}

void ladder_layout(struct ladder *l)
{
    enum { TRIES = 500, GROWTH = 8 };
    make_slots(l);
    for (uint32_t i = 0; i < l->n_columns; i++)
        assign_rows(l, &l->columns[i]);
    set_gaps(l);
    choose_time_format(l);
    set_widths(l);
    /* where a label finds no room the slots move apart; in the end everything is far from
     * everything */
    for (int i = 0, crowded = 0; i < TRIES && crowded >= 0; i++) {
        set_heights(l);
        crowded = ladder_place(l);
        if (crowded >= 0)
            l->slots[crowded].gap += GROWTH;
    }
}
