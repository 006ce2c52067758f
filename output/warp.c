/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/warp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/memory.h"

void warp_add(struct warp *w, sim_time at)
{
    w->at = mem_grow(w->at, &w->cap, w->n + 1, sizeof(*w->at));
    w->at[w->n++] = at;
}

void warp_free(struct warp *w)
{
    free(w->at);
    free(w->x);
    free(w->cut);
    *w = (struct warp){0};
}

static int by_time(const void *a, const void *b)
{
    const sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;
    return (x > y) - (x < y);
}

static void make_distinct(struct warp *w)
{
    uint32_t n = 0;
    qsort(w->at, w->n, sizeof(*w->at), by_time);
    for (uint32_t i = 0; i < w->n; i++)
        if (n == 0 || w->at[n - 1] != w->at[i])
            w->at[n++] = w->at[i];
    w->n = n;
}

/* The waits in order of length. */
static sim_time *sorted_waits(const struct warp *w)
{
    sim_time *waits = mem_zeroed(w->n, sizeof(*waits));
    for (uint32_t i = 0; i + 1 < w->n; i++)
        waits[i] = w->at[i + 1] - w->at[i];
    qsort(waits, w->n - 1, sizeof(*waits), by_time);
    return waits;
}

/* The lower quartile: of a few waits the shortest is what the others are measured by. */
static sim_time typical_wait(const struct warp *w)
{
    if (w->n < 2)
        return 1;
    sim_time *waits = sorted_waits(w);
    const sim_time quartile = waits[(w->n - 2) / 4];
    free(waits);
    return quartile;
}

/* Pixels of a wait of the typical length where instants are few, of the shortest ones and of
 * what is cut. */
enum { TYPICAL = 40, LEAST = 14, CUT = 130 };

/* As few waits are cut as can be: the longest until the rest, to scale, gives a typical one
 * half of its share of the axis, or TYPICAL. Returns pixels a ns; *cut_from is the shortest
 * wait that is cut. */
static double choose_scale(const struct warp *w, sim_time typical, sim_time *cut_from)
{
    const double wanted = fmin(TYPICAL, w->most / w->n / 2);
    sim_time *waits = sorted_waits(w), rest = w->at[w->n - 1] - w->at[0];
    double scale = 0, room = w->most;
    uint32_t i = w->n - 1; /* waits[i] and those after it are cut */
    for (*cut_from = SIM_NEVER; i > 0; *cut_from = waits[i]) {
        scale = room / (double)rest;
        if (scale * (double)typical >= wanted || scale * (double)waits[i - 1] <= CUT)
            break;
        for (const sim_time longest = waits[i - 1]; i > 0 && waits[i - 1] == longest; i--) {
            rest -= longest;
            room -= CUT;
        }
    }
    free(waits);
    return fmin(scale, TYPICAL / (double)typical);
}

void warp_place(struct warp *w, double most)
{
    make_distinct(w);
    w->most = most;
    w->x = mem_grow(w->x, &w->cap_x, w->n, sizeof(*w->x));
    w->cut = mem_grow(w->cut, &w->cap_cut, w->n, sizeof(*w->cut));
    w->x[0] = 0;
    w->typical = typical_wait(w);
    sim_time cut_from = SIM_NEVER;
    const double scale = w->n > 1 ? choose_scale(w, w->typical, &cut_from) : 0;
    const double least = fmin(LEAST, most / w->n / 4);
    for (uint32_t i = 0; i + 1 < w->n; i++) {
        const sim_time wait = w->at[i + 1] - w->at[i];
        w->cut[i] = wait >= cut_from;
        w->x[i + 1] = w->x[i] + (w->cut[i] ? CUT : fmax(least, scale * (double)wait));
    }
    const double shrink = fmin(1, most / fmax(1, warp_width(w)));
    for (uint32_t i = 0; i < w->n; i++)
        w->x[i] *= shrink;
}

static uint32_t index_of(const struct warp *w, sim_time at)
{
    const sim_time *found = bsearch(&at, w->at, w->n, sizeof(at), by_time);
    return (uint32_t)(found - w->at);
}

double warp_x(const struct warp *w, sim_time at)
{
    return w->x[index_of(w, at)];
}

double warp_width(const struct warp *w)
{
    return w->x[w->n - 1];
}

bool warp_widen(struct warp *w, sim_time from, sim_time to, double width)
{
    const uint32_t a = index_of(w, from), b = index_of(w, to);
    const double missing = width - (w->x[b] - w->x[a]);
    if (missing <= 0)
        return true;
    if (a == b || warp_width(w) + missing > w->most)
        return false;
    for (uint32_t i = a + 1; i < w->n; i++) /* each wait between them takes its share */
        w->x[i] += missing * (i < b ? i - a : b - a) / (b - a);
    return true;
}

/* The fewest decimals that tell every instant exactly, three at most unless neighbours as far
 * apart as is typical would read alike. */
struct time_format warp_format(const struct warp *w)
{
    enum { EXACT = 3, MOST = 9 };
    struct time_format f = {.in_ms = w->at[w->n - 1] < SEC(10)};
    sim_time step = f.in_ms ? MS(1) : SEC(1);
    for (; f.decimals < MOST && step > 1; f.decimals++, step /= 10) {
        bool told = true;
        for (uint32_t i = 0; i < w->n && told; i++)
            told = w->at[i] % step == 0 || (f.decimals >= EXACT && w->typical >= 2 * step);
        if (told)
            break;
    }
    return f;
}

void time_text(const struct time_format *f, sim_time at, char *buf, size_t size)
{
    snprintf(buf, size, "%.*f", f->decimals, (double)at / (f->in_ms ? 1e6 : 1e9));
}
