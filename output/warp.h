/* SPDX-License-Identifier: GPL-3.0-or-later
 * warp.h -- a time axis on which 20 ms and 60 s are both seen: each instant of interest has a
 * place, waits between them are as wide as they are long, and the few that would dwarf the rest
 * are cut.
 *
 *   0   10  20  30        240.03  s
 *   |----|---|---|----//----|
 *
 * Not modelled: a true scale. Widths keep the order of the waits, not their proportion, once
 * texts need room.
 */
#pragma once
#include "sim/time.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct warp {
    sim_time *at; /* distinct instants in order */
    double *x;    /* their pixels from the axis's begin */
    bool *cut;    /* [i]: the wait up to instant i + 1 is cut */
    uint32_t n, cap, cap_x, cap_cut;
    double most;      /* pixels that the axis may take */
    sim_time typical; /* the wait that gives the scale: the lower quartile */
};

void warp_add(struct warp *w, sim_time at);
void warp_free(struct warp *w);

/* Gives all instants their places on at most `most` pixels (more only when there are more
 * instants than that). No instant is added afterwards. */
void warp_place(struct warp *w, double most);

/* Widens what lies between two instants to at least `width` pixels if the axis has the room
 * left. True when it is that wide now. */
bool warp_widen(struct warp *w, sim_time from, sim_time to, double width);

double warp_x(const struct warp *w, sim_time at); /* of an instant that was added */
double warp_width(const struct warp *w);

/* How instants are told: all in ms or all in s, with as many decimals as they need. */
struct time_format {
    bool in_ms;
    int decimals;
};
struct time_format warp_format(const struct warp *w);
void time_text(const struct time_format *f, sim_time at, char *buf, size_t size);
