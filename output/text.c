/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/text.h"

#include <math.h>
#include <stdint.h>

/* Advance widths of U+0020 .. U+007E in 1/1000 em, rounded up; read from the fonts by FreeType. */
/* clang-format off */
static const uint16_t ADVANCE[2][95] = {
    { /* DejaVu Sans */
        318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337,
        637, 637, 637, 637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 531,
        1000, 685, 687, 699, 771, 632, 576, 775, 752, 295, 295, 656, 558, 863, 749, 788,
        604, 788, 695, 635, 611, 732, 685, 989, 686, 611, 686, 391, 337, 391, 838, 500,
        500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580, 278, 975, 634, 612,
        635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
    },
    { /* DejaVu Sans Bold */
        349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366,
        696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 581,
        1000, 774, 763, 734, 831, 684, 684, 821, 837, 373, 373, 775, 638, 996, 837, 851,
        733, 851, 771, 721, 683, 813, 774, 1104, 771, 725, 726, 458, 366, 458, 838, 500,
        500, 675, 716, 593, 716, 679, 436, 716, 712, 343, 343, 666, 343, 1042, 712, 688,
        716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712, 366, 712, 838,
    },
};
/* clang-format on */

/* The next code point of valid UTF-8; a stray byte counts as a character. */
static uint32_t next_char(const unsigned char **p)
{
    const unsigned char lead = *(*p)++;
    const int n_more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    uint32_t c = n_more == 0 ? lead : lead & (0x3fu >> n_more);
    for (int i = 0; i < n_more && (**p & 0xc0) == 0x80; i++)
        c = c << 6 | (*(*p)++ & 0x3f);
    return c;
}

double text_width(const char *text, double size, bool bold)
{
    int64_t sum = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0';) {
        const uint32_t c = next_char(&p);
        sum += c >= 32 && c < 127 ? ADVANCE[bold][c - 32] : 1000;
    }
    return (double)sum * size / 1000;
}

bool text_is_cjk(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0';)
        if (next_char(&p) >= 0x2e80) /* CJK radicals and all that follow */
            return true;
    return false;
}

static void corners(const struct box *b, double x[4], double y[4])
{
    const double c = cos(b->angle), s = sin(b->angle);
    for (int i = 0; i < 4; i++) {
        const double u = (i == 0 || i == 3 ? -0.5 : 0.5) * b->width, v = (i < 2 ? -0.5 : 0.5) * b->height;
        x[i] = b->x + u * c + v * s; /* y down: counterclockwise turns +x towards -y */
        y[i] = b->y - u * s + v * c;
    }
}

static void extent(const double *x, const double *y, int n, double ax, double ay, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < n; i++) {
        const double at = x[i] * ax + y[i] * ay;
        *low = fmin(*low, at);
        *high = fmax(*high, at);
    }
}

/* Two convex figures are apart when some edge's normal tells them apart; these are the two normals of box b. */
static bool apart(const struct box *b, const double *x, const double *y, int n)
{
    double bx[4], by[4];
    corners(b, bx, by);
    for (int k = 0; k < 2; k++) {
        const double ax = k == 0 ? cos(b->angle) : sin(b->angle), ay = k == 0 ? -sin(b->angle) : cos(b->angle);
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
