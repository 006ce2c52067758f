/* SPDX-License-Identifier: GPL-3.0-or-later
 * ladder.h -- a message-sequence chart of runs: hosts are vertical lines, segments arrows from
 * line to line.
 *
 *   rows of the file --ladder_load--> columns of arrows, states --ladder_fold--> what fits
 *     --ladder_layout--> slots of warped time, places of labels --ladder_draw--> gnuplot
 *
 * The one idea: time is warped. Each instant at which something happens gets a slot, and slots
 * are about equally far apart; a long silence is a break that says how long it is. All columns
 * share the slots, so that what stands at the same height happened at the same time.
 */
#pragma once
#include "output/box.h"
#include "output/gnuplot.h"
#include "output/plot.h"
#include "sim/time.h"
#include <stdint.h>

enum {
    LADDER_TEXT = 112,
    LADDER_HOSTS = 8 /* and routers */,
    LADDER_ARROWS = 60 /* more are folded */
};

/* A point on the warped axis: an instant's slot, and the row within it when several things
 * happen there in order. */
struct spot {
    int slot, row;
};

/* The endpoints of a segment as its header has them: which stream of numbers seq belongs to. */
struct flow {
    int64_t src, dst, sport, dport;
};

/* clang-format off */
/* unseen: under way when the run's rows end */
enum arrow_end { ARROW_UNSEEN, ARROW_ARRIVES, ARROW_LOST };
enum arrow_look { LOOK_PLAIN, LOOK_RESET, LOOK_REPEAT, LOOK_COPY, LOOK_DELAYED, LOOK_HELD,
                  LOOK_LOST, N_LOOKS };
/* clang-format on */

struct arrow {
    int from, to;                                   /* indices of the column's hosts */
    sim_time sent_at, held_at, released_at, end_at; /* SIM_NEVER: did not happen */
    int64_t sent_order, released_order, end_order;  /* numbers of their rows */
    enum arrow_end end;
    struct flow flow;
    uint32_t proto, flags, seq, ack, win;
    int64_t len;
    int64_t rel_seq; /* seq counted from its stream's SYN, as tcpdump does */
    bool is_repeat, is_copy, is_delayed;
    int64_t hop_of; /* a router passes it on: the index of its arrow before; -1: it does not */
    bool is_forged; /* an attacker made it: its source address is a lie */
    char cause[40]; /* of its loss; "" */
    char text[LADDER_TEXT];
    char again[LADDER_TEXT]; /* a held one's second label, where it goes on; "" */
    struct spot sent, released, ended;
    struct box label, again_label;
};

/* A text beside a host's line: the state that it enters, or a remark. */
struct state {
    int host;
    sim_time at;
    int64_t order;
    bool is_remark;
    char text[LADDER_TEXT];
    struct spot spot;
};

/* Arrows that were left out; stands in a slot of its own behind those of `at`. */
struct fold {
    sim_time at;
    char text[LADDER_TEXT];
    struct spot spot;
};

struct ladder_host {
    char name[LADDER_TEXT], addr[LADDER_TEXT];
    int64_t subject;
    bool is_router;
    double x;
};

struct ladder_column {
    char title[LADDER_TEXT];
    struct ladder_host hosts[LADDER_HOSTS];
    struct arrow *arrows; /* by the time of sending */
    struct state *states;
    struct fold *folds;
    uint32_t n_hosts, n_arrows, n_states, n_folds, cap_arrows, cap_states, cap_folds;
    double left, right; /* pixels */
};

struct slot {
    sim_time at;
    bool is_fold;      /* holds folds only */
    bool breaks_after; /* a silence up to the next slot */
    int n_rows;
    double gap; /* pixels from its last row to the next slot */
    double y;
};

struct ladder {
    char title[LADDER_TEXT];
    int lang;
    struct ladder_column *columns;
    struct slot *slots;
    uint32_t n_columns, n_slots, cap_slots;
    bool in_ms;                       /* the time column's unit */
    int decimals;                     /* and how many */
    double width, height, time_width; /* pixels */
};

/* Sizes in pixels that layout and drawing share. */
/* clang-format off */
enum {
    SIZE_TITLE = 20, SIZE_COLUMN = 16, SIZE_HOST = 15, SIZE_STATE = 14, SIZE_LABEL = 14,
    SIZE_TIME = 13, ROW_HEIGHT = 21, TOP = 132, BOTTOM = 60,
};
/* clang-format on */
#define LOST_AT 0.64 /* where on its way a lost segment's X stands */
#define HELD_AT 0.36 /* and where a held one waits */

/* Reads the requested runs. 0, or -1 with e: no such run, no segments recorded. Free with
 * ladder_free either way. */
int ladder_load(struct ladder *l, const struct plot_request *req, struct err *e);
void ladder_free(struct ladder *l);

/* Says what arrow's segment is, and whether it repeats bytes sent before; arrows in the order
 * of sending. */
void ladder_name_arrows(struct ladder_column *c, int lang);

/* With more than max arrows: leaves out the middle of each long exchange of plain data; when
 * that is not enough, all between the beginning and the end of the run. What is left out is
 * counted in a fold. */
void ladder_fold(struct ladder_column *c, uint32_t max, int lang);

/* Gives everything its place. Afterwards no two labels overlap. */
void ladder_layout(struct ladder *l);

enum arrow_look arrow_look(const struct arrow *a);
double spot_y(const struct ladder *l, struct spot s);

/* The parts of an arrow's line, at most 3 pieces between 4 points: a held one leaves, waits,
 * goes on. Returns the number of points. */
int arrow_points(const struct ladder *l, const struct ladder_column *c, const struct arrow *a,
                 double x[4], double y[4]);

/* Finds a place for each arrow's labels, clear of states, folds and each other, and clear of
 * other arrows where that takes no more than a wider slot. -1: done; else a slot after which
 * there must be more room. */
int ladder_place(struct ladder *l);

/* The rectangles of a state's and a fold's text. */
struct box state_box(const struct ladder *l, const struct ladder_column *c,
                     const struct state *s);
struct box fold_box(const struct ladder *l, const struct ladder_column *c,
                    const struct fold *f);

/* An instant as the time column tells it, and the silence after a slot. */
void ladder_time(const struct ladder *l, sim_time at, char *buf, size_t size);
void ladder_break_text(const struct ladder *l, uint32_t slot, char *buf, size_t size);

/* Writes a duration with three digits: "0.995 s", "63 s", "2.5 ms". */
void ladder_duration(sim_time wait, char *buf, size_t size);

/* The plot kind "ladder". */
int ladder_draw(const struct plot_request *req, struct err *e);
