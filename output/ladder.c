/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/ladder.h"

#include <math.h>

#include "output/font.h"
#include "output/words.h"

/* Okabe and Ito's colours, which colour-blind readers tell apart; each look has its own dashes
 * too. */
#define BLUE       "#0072B2"
#define VERMILLION "#D55E00"
#define GREEN      "#009E73"
#define PURPLE     "#AA4499"
#define BLACK      "#000000"
#define GREY       "#5A5A5A"

/* clang-format off */
static const struct look {
    struct pen pen;
    enum word word; /* in the legend; N_WORDS: not there */
} LOOKS[N_LOOKS] = {
    [LOOK_PLAIN] = {{BLUE, "solid", 2}, N_WORDS},
    [LOOK_RESET] = {{PURPLE, "solid", 2.5}, WORD_RESET},
    [LOOK_REPEAT] = {{VERMILLION, "4,3", 2}, WORD_REPEAT},
    [LOOK_COPY] = {{VERMILLION, "2,3", 2}, WORD_COPY},
    [LOOK_DELAYED] = {{VERMILLION, "16,4", 2}, WORD_DELAYED},
    [LOOK_HELD] = {{VERMILLION, "12,4,2,4", 2}, WORD_HELD},
    [LOOK_LOST] = {{VERMILLION, "10,7", 2}, WORD_LOST},
};
/* clang-format on */

static const struct type_style TITLE = {SIZE_TITLE, BLACK, false},
                               COLUMN = {SIZE_COLUMN, BLACK, true},
                               HOST = {SIZE_HOST, BLACK, true},
                               ADDRESS = {SIZE_HOST, GREY, false},
                               STATE = {SIZE_STATE, GREEN, true},
                               REMARK = {SIZE_STATE, VERMILLION, true},
                               LABEL = {SIZE_LABEL, BLACK, false},
                               TIME = {SIZE_TIME, GREY, false},
                               SILENCE = {SIZE_TIME, VERMILLION, false};

static void draw_cross(struct canvas *canvas, double x, double y)
{
    enum { ARM = 7 };
    static const struct pen pen = {VERMILLION, "solid", 3};
    canvas_line(canvas, x - ARM, y - ARM, x + ARM, y + ARM, &pen);
    canvas_line(canvas, x - ARM, y + ARM, x + ARM, y - ARM, &pen);
}

static void draw_box_text(struct canvas *canvas, const struct box *b,
                          const struct type_style *style, const char *text)
{
    canvas_text(canvas, b->x, b->y, ANCHOR_CENTER, b->angle, style, text);
}

static void draw_arrow(struct canvas *canvas, const struct ladder *l,
                       const struct ladder_column *c, const struct arrow *a)
{
    double x[4], y[4];
    const int n = arrow_points(l, c, a, x, y);
    const struct pen *pen = &LOOKS[arrow_look(a)].pen;
    for (int i = 0; i + 1 < n; i++)
        canvas_line(canvas, x[i], y[i], x[i + 1], y[i + 1], pen);
    if (a->end == ARROW_ARRIVES)
        canvas_head(canvas, x[n - 2], y[n - 2], x[n - 1], y[n - 1], pen->color);
    else if (a->end == ARROW_LOST)
        draw_cross(canvas, x[n - 1], y[n - 1]);
    draw_box_text(canvas, &a->label, &LABEL, a->text);
    if (n == 4)
        draw_box_text(canvas, &a->again_label, &LABEL, a->again);
}

static double slot_end(const struct slot *s)
{
    return s->y + (s->n_rows > 1 ? s->n_rows - 1 : 0) * ROW_HEIGHT;
}

/* A host's line is broken where time is. */
static void draw_line(struct canvas *canvas, const struct ladder *l, double x)
{
    enum { ABOVE = 14, INSET = 14 };
    static const struct pen whole = {BLACK, "solid", 2}, broken = {GREY, "2,5", 2};
    double from = TOP - ABOVE;
    for (uint32_t i = 0; i < l->n_slots; i++) {
        const struct slot *s = &l->slots[i];
        if (!s->breaks_after && !s->is_fold)
            continue;
        const double gap_from = s->is_fold ? s->y - INSET : slot_end(s) + INSET;
        const double gap_to = s->is_fold ? s->y + INSET : s[1].y - INSET;
        canvas_line(canvas, x, from, x, gap_from, &whole);
        canvas_line(canvas, x, gap_from, x, gap_to, &broken);
        from = gap_to;
    }
    canvas_line(canvas, x, from, x, slot_end(&l->slots[l->n_slots - 1]) + ABOVE, &whole);
}

static void draw_state(struct canvas *canvas, const struct ladder *l,
                       const struct ladder_column *c, const struct state *s)
{
    const struct box b = state_box(l, c, s);
    const bool is_left = b.x < c->hosts[s->host].x;
    canvas_text(canvas, b.x + (is_left ? b.width : -b.width) / 2, b.y,
                is_left ? ANCHOR_RIGHT : ANCHOR_LEFT, 0, s->is_remark ? &REMARK : &STATE,
                s->text);
    if (!s->is_remark)
        canvas_dot(canvas, c->hosts[s->host].x, b.y, 3.5, GREEN);
}

static void draw_fold(struct canvas *canvas, const struct ladder *l,
                      const struct ladder_column *c, const struct fold *f)
{
    const struct box b = fold_box(l, c, f);
    canvas_blank(canvas, b.x, b.y, b.width + 12, b.height + 8);
    draw_box_text(canvas, &b, &LABEL, f->text);
}

static void draw_heads(struct canvas *canvas, const struct ladder_column *c)
{
    canvas_text(canvas, (c->left + c->right) / 2, 58, ANCHOR_CENTER, 0, &COLUMN, c->title);
    for (const struct ladder_host *h = c->hosts; h < c->hosts + c->n_hosts; h++) {
        canvas_text(canvas, h->x, 84, ANCHOR_CENTER, 0, &HOST, h->name);
        canvas_text(canvas, h->x, 102, ANCHOR_CENTER, 0, &ADDRESS, h->addr);
    }
}

static void draw_column(struct canvas *canvas, const struct ladder *l,
                        const struct ladder_column *c)
{
    draw_heads(canvas, c);
    for (uint32_t i = 0; i < c->n_hosts; i++)
        draw_line(canvas, l, c->hosts[i].x);
    for (const struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++)
        draw_arrow(canvas, l, c, a);
    for (const struct state *s = c->states; s < c->states + c->n_states; s++)
        draw_state(canvas, l, c, s);
    for (const struct fold *f = c->folds; f < c->folds + c->n_folds; f++)
        draw_fold(canvas, l, c, f);
}

static void draw_times(struct canvas *canvas, const struct ladder *l)
{
    const double x = l->time_width - 6;
    char text[64];
    canvas_text(canvas, x, 84, ANCHOR_RIGHT, 0, &TIME,
                word_in(l->lang, l->in_ms ? WORD_TIME_MS : WORD_TIME_S));
    for (uint32_t i = 0; i < l->n_slots; i++) {
        if (l->slots[i].is_fold)
            continue;
        ladder_time(l, l->slots[i].at, text, sizeof(text));
        canvas_text(canvas, x, l->slots[i].y, ANCHOR_RIGHT, 0, &TIME, text);
        if (!l->slots[i].breaks_after)
            continue;
        ladder_break_text(l, i, text, sizeof(text));
        canvas_text(canvas, x, (slot_end(&l->slots[i]) + l->slots[i + 1].y) / 2, ANCHOR_RIGHT,
                    0, &SILENCE, text);
    }
}

static double legend_width(const struct ladder *l, enum arrow_look look)
{
    return 40 + 8 + font_width(word_in(l->lang, LOOKS[look].word), SIZE_TIME, false) + 28;
}

/* Only the looks that occur are explained. */
static void draw_legend(struct canvas *canvas, const struct ladder *l)
{
    bool used[N_LOOKS] = {false};
    double width = 0;
    for (const struct ladder_column *c = l->columns; c < l->columns + l->n_columns; c++)
        for (const struct arrow *a = c->arrows; a < c->arrows + c->n_arrows; a++)
            used[arrow_look(a)] = true;
    for (int i = 0; i < N_LOOKS; i++)
        width += used[i] && LOOKS[i].word != N_WORDS ? legend_width(l, i) : 0;
    double x = fmax(10, (l->width - width) / 2);
    const double y = l->height - 30;
    for (int i = 0; i < N_LOOKS; i++) {
        if (!used[i] || LOOKS[i].word == N_WORDS)
            continue;
        canvas_line(canvas, x, y, x + 40, y, &LOOKS[i].pen);
        canvas_text(canvas, x + 48, y, ANCHOR_LEFT, 0, &TIME, word_in(l->lang, LOOKS[i].word));
        x += legend_width(l, i);
    }
}

static int draw(const struct ladder *l, const char *out_path, struct err *e)
{
    struct canvas canvas;
    if (canvas_begin(&canvas, out_path, ceil(l->width), ceil(l->height), e) != 0)
        return -1;
    canvas_text(&canvas, l->width / 2, 26, ANCHOR_CENTER, 0, &TITLE, l->title);
    draw_times(&canvas, l);
    for (const struct ladder_column *c = l->columns; c < l->columns + l->n_columns; c++)
        draw_column(&canvas, l, c);
    draw_legend(&canvas, l);
    return canvas_finish(&canvas, out_path, e);
}

int ladder_draw(const struct plot_request *req, struct err *e)
{
    struct ladder l;
    int result = ladder_load(&l, req, e);
    if (result == 0) {
        for (struct ladder_column *c = l.columns; c < l.columns + l.n_columns; c++) {
            ladder_name_arrows(c, l.lang);
            ladder_fold(c, LADDER_ARROWS, l.lang);
        }
        ladder_layout(&l);
        result = draw(&l, req->out_path, e);
    }
    ladder_free(&l);
    return result;
}
