/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum unit unit;
    double from; /* in SI */
    struct measure measure;
} MEASURES[] = {
    {UNIT_TIME, 1, {1, "s"}},           {UNIT_TIME, 1e-3, {1e3, "ms"}},
    {UNIT_TIME, 1e-6, {1e6, "us"}},     {UNIT_TIME, 0, {1e9, "ns"}},
    {UNIT_RATE, 1e9, {1e-9, "Gbit/s"}}, {UNIT_RATE, 1e6, {1e-6, "Mbit/s"}},
    {UNIT_RATE, 1e3, {1e-3, "kbit/s"}}, {UNIT_RATE, 0, {1, "bit/s"}},
    {UNIT_BYTES, 1e9, {1e-9, "GB"}},    {UNIT_BYTES, 1e6, {1e-6, "MB"}},
    {UNIT_BYTES, 1e4, {1e-3, "kB"}},    {UNIT_BYTES, 0, {1, "B"}},
    {UNIT_FRACTION, 0, {100, "%"}},     {UNIT_PER_TIME, 0, {1, "1/s"}},
};

struct measure measure_choose(enum unit unit, double most)
{
    for (size_t i = 0; i < ARRAY_LEN(MEASURES); i++)
        if (MEASURES[i].unit == unit &&
            (fabs(most) >= MEASURES[i].from || (most == 0 && MEASURES[i].from <= 1)))
            return MEASURES[i].measure;
    return (struct measure){1, ""};
}

enum unit unit_of_base(const char *base)
{
    for (int unit = UNIT_COUNT + 1; unit < N_UNITS; unit++)
        if (strcmp(units[unit].base, base) == 0)
            return unit;
    return UNIT_COUNT;
}

void measure_title(const char *name, const struct measure *m, char *buf, size_t size)
{
    const bool both = name[0] != '\0' && m->name[0] != '\0';
    snprintf(buf, size, both ? "%s (%s)" : "%s%s", name, m->name);
}

double quantity_parse(const char *text, enum unit *unit)
{
    char *suffix, one[32];
    int64_t stored;
    const double x = strtod(text, &suffix);
    if (suffix == text || snprintf(one, sizeof(one), "1%s", suffix) >= (int)sizeof(one) ||
        !unit_guess(one, unit, &stored) || !isfinite(x))
        return NAN;
    return x * (double)stored * units[*unit].scale;
}

/* 1, 2 or 5 times a power of ten, at least `least`. */
static double round_step(double least)
{
    const double power = pow(10, floor(log10(least)));
    const double part = least / power;
    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static void number_text(double x, double step, char buf[TICK_TEXT])
{
    const double size = fabs(x);
    if (size >= 1e7 || (size > 0 && size < 1e-5))
        snprintf(buf, TICK_TEXT, "%.4g", x);
    else
        snprintf(buf, TICK_TEXT, "%.*f", (int)fmax(0, -floor(log10(step) + 1e-9)), x);
}

void axis_linear(struct axis *a, double low, double high, int n_most)
{
    *a = (struct axis){.scale = SCALE_LINEAR};
    if (low > 0 && low < 0.6 * high)
        low = 0;
    if (low == high) { /* one value stands in the middle, 0 at the bottom */
        high += low == 0 ? 1 : fabs(low) / 2;
        low -= low == 0 ? 0 : fabs(low) / 2;
    }
    const int n = n_most < AXIS_TICKS ? n_most : AXIS_TICKS;
    double step = round_step((high - low) / (n - 1));
    while (ceil(high / step - 1e-9) - floor(low / step + 1e-9) > n - 1)
        step = round_step(step * 1.5);
    const double first = floor(low / step + 1e-9), last = ceil(high / step - 1e-9);
    a->low = first * step;
    a->high = last * step;
    for (double i = first; i <= last; i++) {
        struct tick *t = &a->ticks[a->n_ticks++];
        t->at = i * step;
        number_text(t->at, step, t->text);
    }
}

void axis_trim(struct axis *a, double low, double high)
{
    const double slack = (high - low) * 1e-9;
    int n = 0;
    for (int i = 0; i < a->n_ticks; i++)
        if (a->ticks[i].at >= low - slack && a->ticks[i].at <= high + slack)
            a->ticks[n++] = a->ticks[i];
    a->n_ticks = n;
    a->low = low;
    a->high = high;
}

void axis_whole(struct axis *a)
{
    int n = 0;
    for (int i = 0; i < a->n_ticks; i++) {
        struct tick t = a->ticks[i];
        if (fabs(t.at - round(t.at)) > 1e-9 * fmax(1, fabs(t.at)))
            continue;
        number_text(t.at, 1, t.text);
        a->ticks[n++] = t;
    }
    a->n_ticks = n;
}

void axis_log(struct axis *a, double low, double high)
{
    enum { FEW = 3, MANY = 12 };
    static const double PARTS[] = {1, 2, 5};
    *a = (struct axis){.scale = SCALE_LOG};
    const double first = floor(log10(low) + 1e-9);
    const double n_decades = ceil(log10(high) - 1e-9) - first;
    const bool is_fine = n_decades <= FEW;
    a->low = INFINITY;
    for (double decade = first; decade <= first + n_decades; decade++) {
        for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
            const double at = PARTS[i] * pow(10, decade);
            const double next = i + 1 < ARRAY_LEN(PARTS) ? PARTS[i + 1] / PARTS[i] : 2;
            if (at * next <= low * (1 + 1e-9) ||
                (!isinf(a->low) && a->high >= high * (1 - 1e-9)))
                continue;
            a->low = fmin(a->low, at);
            a->high = at;
            if ((i > 0 && !is_fine) || a->n_ticks == AXIS_TICKS)
                continue;
            struct tick *t = &a->ticks[a->n_ticks++];
            t->at = at;
            if (n_decades <= MANY || fmod(decade - first, 2) == 0)
                snprintf(t->text, sizeof(t->text), "%.6g", at);
        }
    }
    a->high = fmax(a->high, a->low * 2);
}

void axis_names(struct axis *a, const char *const *names, int n)
{
    *a = (struct axis){.scale = SCALE_NAMES, .low = -0.5, .high = n - 0.5, .n_ticks = n};
    for (int i = 0; i < n; i++) {
        a->ticks[i].at = i;
        snprintf(a->ticks[i].text, sizeof(a->ticks[i].text), "%s", names[i]);
    }
}

void axis_add_zero(struct axis *a)
{
    a->has_zero = true;
    a->n_ticks = a->n_ticks == AXIS_TICKS ? AXIS_TICKS - 1 : a->n_ticks;
    memmove(a->ticks + 1, a->ticks, (size_t)a->n_ticks++ * sizeof(*a->ticks));
    a->ticks[0] = (struct tick){0, "0"};
}

double axis_at(const struct axis *a, double value)
{
    if (a->has_zero && value <= 0)
        return a->from;
    const double part = a->scale == SCALE_LOG ? log(value / a->low) / log(a->high / a->low)
                                              : (value - a->low) / (a->high - a->low);
    const double from = a->from + (!a->has_zero      ? 0
                                   : a->to > a->from ? AXIS_ZERO_ROOM
                                                     : -AXIS_ZERO_ROOM);
    return from + part * (a->to - from);
}
