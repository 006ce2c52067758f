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

/* The lower median: among two waits the shorter is what the other is measured by. */
static sim_time typical_wait(const struct warp *w)
{
    if (w->n < 2)
        return 1;
    sim_time *waits = mem_zeroed(w->n - 1, sizeof(*waits));
    for (uint32_t i = 0; i + 1 < w->n; i++)
        waits[i] = w->at[i + 1] - w->at[i];
    qsort(waits, w->n - 1, sizeof(*waits), by_time);
    const sim_time median = waits[(w->n - 2) / 2];
    free(waits);
    return median;
}

/* A wait of the typical length has TYPICAL pixels; from CUT_FROM times that on it is cut. */
enum { LEAST = 14, TYPICAL = 40, CUT = 130, CUT_FROM = 4 };

static double width_of(sim_time wait, sim_time typical, bool *cut)
{
    const double times = (double)wait / (double)typical;
    *cut = times > CUT_FROM;
    return *cut ? CUT : fmax(LEAST, fmin(CUT - 1, TYPICAL * times));
}

void warp_place(struct warp *w, double most)
{
    make_distinct(w);
    const sim_time typical = typical_wait(w);
    w->most = most;
    w->x = mem_grow(w->x, &w->cap_x, w->n, sizeof(*w->x));
    w->cut = mem_grow(w->cut, &w->cap_cut, w->n, sizeof(*w->cut));
    w->x[0] = 0;
    for (uint32_t i = 0; i + 1 < w->n; i++)
        w->x[i + 1] = w->x[i] + width_of(w->at[i + 1] - w->at[i], typical, &w->cut[i]);
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

/* The fewest decimals that tell every instant exactly, three at most unless neighbours would
 * read alike. */
struct time_format warp_format(const struct warp *w)
{
    enum { EXACT = 3, MOST = 9 };
    struct time_format f = {.in_ms = w->at[w->n - 1] < SEC(10)};
    sim_time step = f.in_ms ? MS(1) : SEC(1);
    for (; f.decimals < MOST && step > 1; f.decimals++, step /= 10) {
        bool told = true;
        for (uint32_t i = 0; i < w->n && told; i++)
            told = w->at[i] % step == 0 ||
                   (f.decimals >= EXACT && (i == 0 || w->at[i] - w->at[i - 1] >= 2 * step));
        if (told)
            break;
    }
    return f;
}

void time_text(const struct time_format *f, sim_time at, char *buf, size_t size)
{
    snprintf(buf, size, "%.*f", f->decimals, (double)at / (f->in_ms ? 1e6 : 1e9));
}
