/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/box.h"

#include <math.h>

static void corners(const struct box *b, double x[4], double y[4])
{
    const double c = cos(b->angle), s = sin(b->angle);
    for (int i = 0; i < 4; i++) {
        const double u = (i == 0 || i == 3 ? -0.5 : 0.5) * b->width,
                     v = (i < 2 ? -0.5 : 0.5) * b->height;
        x[i] = b->x + u * c + v * s; /* y down: counterclockwise turns +x towards -y */
        y[i] = b->y - u * s + v * c;
    }
}

static void extent(const double *x, const double *y, int n, double ax, double ay, double *low,
                   double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < n; i++) {
        const double at = x[i] * ax + y[i] * ay;
        *low = fmin(*low, at);
        *high = fmax(*high, at);
    }
}

/* Two convex figures are apart when some edge's normal tells them apart; these are the two
 * normals of box b. */
static bool apart(const struct box *b, const double *x, const double *y, int n)
{
    double bx[4], by[4];
    corners(b, bx, by);
    for (int k = 0; k < 2; k++) {
        const double ax = k == 0 ? cos(b->angle) : sin(b->angle),
                     ay = k == 0 ? -sin(b->angle) : cos(b->angle);
        double low, high, b_low, b_high;
        extent(x, y, n, ax, ay, &low, &high);
        extent(bx, by, 4, ax, ay, &b_low, &b_high);
        if (high <= b_low || b_high <= low)
            return true;
    }
    return false;
}

bool box_overlap(const struct box *a, const struct box *b)
{
    double ax[4], ay[4], bx[4], by[4];
    corners(a, ax, ay);
    corners(b, bx, by);
    return !apart(a, bx, by, 4) && !apart(b, ax, ay, 4);
}

bool box_crossed(const struct box *b, double x1, double y1, double x2, double y2)
{
    const double x[2] = {x1, x2}, y[2] = {y1, y2};
    if (apart(b, x, y, 2))
        return false;
    double bx[4], by[4], low, high, at, unused;
    corners(b, bx, by);
    extent(bx, by, 4, y2 - y1, x1 - x2, &low, &high); /* the segment's own normal */
    extent(x, y, 1, y2 - y1, x1 - x2, &at, &unused);
    return low < at && at < high;
}
