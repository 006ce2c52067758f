/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A label lies along its arrow, above it where it can. Of the places that touch no other text
 * it takes the one that the fewest other arrows cross: two that cross each other get their
 * labels near their senders.
 */
#include "output/ladder.h"

#include <math.h>
#include <stdlib.h>

#include "output/font.h"
#include "output/memory.h"

enum { PAD = 3, LIFT = 3, END_ROOM = 8, X_SIZE = 18, BESIDE_LINE = 12 };
enum {
    CALM = 30,
    WIDE_GAP = 112
}; /* with so few arrows slots may grow so wide to keep labels off lines */

struct boxes {
    struct box *items;
    uint32_t n, cap;
};

static void add_box(struct boxes *all, struct box b)
{
    all->items = mem_grow(all->items, &all->cap, all->n + 1, sizeof(*all->items));
    all->items[all->n++] = b;
}

int arrow_points(const struct ladder *l, const struct ladder_column *c, const struct arrow *a,
                 double x[4], double y[4])
{
    enum { UNSEEN_DROP = 24, STUB_DROP = 16 };
    const double x1 = c->hosts[a->from].x, x2 = c->hosts[a->to].x;
    const double y1 = spot_y(l, a->sent);
    const double y_end = a->end == ARROW_UNSEEN ? y1 + UNSEEN_DROP : spot_y(l, a->ended);
    x[0] = x1;
    y[0] = y1;
    if (a->held_at == SIM_NEVER) {
        const double part = a->end == ARROW_ARRIVES ? 1 : LOST_AT;
        x[1] = x1 + (x2 - x1) * part;
        y[1] = y1 + (y_end - y1) * part;
        return 2;
    }
    x[1] = x[2] = x1 + (x2 - x1) * HELD_AT;
    y[1] = fmin(y1 + STUB_DROP, y_end);
    y[2] = a->released_at != SIM_NEVER ? spot_y(l, a->released) : y_end;
    if (a->end != ARROW_ARRIVES)
        return 3;
    x[3] = x2;
    y[3] = y_end;
    return 4;
}

struct box state_box(const struct ladder *l, const struct ladder_column *c,
                     const struct state *s)
{
    const double width = font_width(s->text, SIZE_STATE, true);
    const double side = s->host == 0 ? -1 : 1;
    return (struct box){c->hosts[s->host].x + side * (BESIDE_LINE + width / 2),
                        spot_y(l, s->spot), width, SIZE_STATE, 0};
}

struct box fold_box(const struct ladder *l, const struct ladder_column *c, const struct fold *f)
{
    const double width = font_width(f->text, SIZE_LABEL, false);
    return (struct box){(c->hosts[0].x + c->hosts[c->n_hosts - 1].x) / 2, spot_y(l, f->spot),
                        width, SIZE_LABEL, 0};
}

static void add_obstacles(const struct ladder *l, const struct ladder_column *c,
                          struct boxes *all)
{
    for (const struct state *s = c->states; s < c->states + c->n_states; s++)
        add_box(all, state_box(l, c, s));
    for (const struct fold *f = c->folds; f < c->folds + c->n_folds; f++)
        add_box(all, fold_box(l, c, f));
    for (const struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++) {
        double x[4], y[4];
        const int n = arrow_points(l, c, a, x, y);
        if (a->end == ARROW_LOST)
            add_box(all, (struct box){x[n - 1], y[n - 1], X_SIZE, X_SIZE, 0});
    }
}

static bool is_free(const struct boxes *all, struct box b)
{
    b.width += 2 * PAD;
    b.height += PAD;
    for (uint32_t i = 0; i < all->n; i++)
        if (box_overlap(&b, &all->items[i]))
            return false;
    return true;
}

/* How many lines of the column run through the box, those of hosts included. */
static int n_crossings(const struct ladder *l, const struct ladder_column *c,
                       const struct box *b)
{
    int crossings = 0;
    for (const struct ladder_host *h = c->hosts; h < c->hosts + c->n_hosts; h++)
        crossings += box_crossed(b, h->x, 0, h->x, l->height);
    for (const struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++) {
        double x[4], y[4];
        const int n = arrow_points(l, c, a, x, y);
        for (int i = 0; i + 1 < n; i++)
            crossings += box_crossed(b, x[i], y[i], x[i + 1], y[i + 1]);
    }
    return crossings;
}

/* The box of a text of this width at part f of the way, above or below the line. */
static struct box box_on_line(double x1, double y1, double x2, double y2, double width,
                              double f, bool below)
{
    const double d = hypot(x2 - x1, y2 - y1),
                 lift = (below ? 1 : -1) * (SIZE_LABEL / 2.0 + LIFT);
    const double sign = x2 >= x1 ? 1 : -1; /* a text reads from left to right */
    const double nx = -(y2 - y1) / d * sign, ny = (x2 - x1) / d * sign;
    return (struct box){x1 + (x2 - x1) * f + nx * lift, y1 + (y2 - y1) * f + ny * lift, width,
                        SIZE_LABEL, -atan2((y2 - y1) * sign, (x2 - x1) * sign)};
}

enum outcome { PLACED, PLACED_CROSSED, NO_ROOM };

/* Places one text on a line; a line that is shorter than the text lets it stick out at its far
 * end. */
static enum outcome place_text(const struct ladder *l, const struct ladder_column *c,
                               struct boxes *all, const char *text, const double from[2],
                               const double to[2], struct box *out)
{
    static const double PARTS[] = {0.5,  0.45, 0.4, 0.55, 0.35, 0.6, 0.3,
                                   0.65, 0.25, 0.7, 0.22, 0.78, 0.18};
    const double width = font_width(text, SIZE_LABEL, false),
                 d = hypot(to[0] - from[0], to[1] - from[1]);
    double best = INFINITY;
    bool best_crossed = false;
    for (size_t i = 0; i < 2 * ARRAY_LEN(PARTS); i++) {
        const bool below = i >= ARRAY_LEN(PARTS);
        double f = PARTS[i % ARRAY_LEN(PARTS)];
        if (width + 2 * END_ROOM > d)
            f = (width / 2 + END_ROOM) / d;
        else if (f * d < width / 2 + END_ROOM || (1 - f) * d < width / 2 + END_ROOM)
            continue;
        const struct box b = box_on_line(from[0], from[1], to[0], to[1], width, f, below);
        if (!is_free(all, b))
            continue;
        const int crossings = n_crossings(l, c, &b);
        const double cost = 10 * crossings + 4 * below + 5 * fabs(f - 0.5) + 5 * (f > 0.5);
        if (cost < best) {
            best = cost;
            best_crossed = crossings > 0;
            *out = b;
        }
    }
    if (best == INFINITY)
        return NO_ROOM;
    add_box(all, *out);
    return best_crossed ? PLACED_CROSSED : PLACED;
}

static enum outcome place_arrow(const struct ladder *l, const struct ladder_column *c,
                                struct boxes *all, struct arrow *a)
{
    double x[4], y[4];
    const int n = arrow_points(l, c, a, x, y);
    const enum outcome first = place_text(l, c, all, a->text, (double[]){x[0], y[0]},
                                          (double[]){x[1], y[1]}, &a->label);
    if (first == NO_ROOM || n < 4)
        return first;
    return place_text(l, c, all, a->again, (double[]){x[2], y[2]}, (double[]){x[3], y[3]},
                      &a->again_label);
}

static int place_column(const struct ladder *l, struct ladder_column *c)
{
    struct boxes all = {0};
    add_obstacles(l, c, &all);
    int crowded = -1;
    for (struct arrow *a = c->arrows; a < c->arrows + c->n_arrows && crowded < 0; a++) {
        const enum outcome outcome = place_arrow(l, c, &all, a);
        const bool may_grow = c->n_arrows <= CALM && l->slots[a->sent.slot].gap < WIDE_GAP;
        if (outcome == NO_ROOM || (outcome == PLACED_CROSSED && may_grow))
            crowded = a->sent.slot;
    }
    free(all.items);
    return crowded;
}

int ladder_place(struct ladder *l)
{
    int crowded = -1;
    for (uint32_t i = 0; i < l->n_columns && crowded < 0; i++)
        crowded = place_column(l, &l->columns[i]);
    return crowded;
}
