/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/quantity.h"

#include <math.h>
#include <stdio.h>

/* What a stored integer of each unit is in seconds and bytes: num / den of s^time B^bytes. */
static const struct unit_si {
    int time, bytes;
    int64_t num, den;
} SI[N_UNITS] = {
    [UNIT_NONE] = {0, 0, 1, 1},
    [UNIT_COUNT] = {0, 0, 1, 1},
    [UNIT_TIME] = {1, 0, 1, 1000000000},
    [UNIT_RATE] = {-1, 1, 1, 8},
    [UNIT_BYTES] = {0, 1, 1, 1},
    [UNIT_FRACTION] = {0, 0, 1, FRACTION_ONE},
    [UNIT_PER_TIME] = {-1, 0, 1, PER_SECOND_ONE},
};

static __int128 common_divisor(__int128 a, __int128 b)
{
    a = a < 0 ? -a : a;
    while (b != 0) {
        const __int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct quantity quantity_inexact(double x, int time, int bytes)
{
    return (struct quantity){.time = time, .bytes = bytes, .x = x};
}

/* den > 0; both well inside 128 bits, so that negation cannot overflow. */
struct quantity quantity_fraction(__int128 num, __int128 den, int time, int bytes)
{
    const __int128 g = common_divisor(num, den);
    const __int128 n = num / g, d = den / g;
    return (struct quantity){.time = time,
                             .bytes = bytes,
                             .exact = true,
                             .num = n,
                             .den = d,
                             .x = (double)n / (double)d};
}

/* a * b into *out; false when it does not fit with a bit to spare. */
bool times_fit(__int128 a, __int128 b, __int128 *out)
{
    return !__builtin_mul_overflow(a, b, out) && *out > -((__int128)1 << 125) &&
           *out < ((__int128)1 << 125);
}

struct quantity quantity_add(struct quantity a, struct quantity b)
{
    __int128 left, right, den;
    if (a.exact && b.exact && times_fit(a.num, b.den, &left) &&
        times_fit(b.num, a.den, &right) && times_fit(a.den, b.den, &den))
        return quantity_fraction(left + right, den, a.time, a.bytes);
    return quantity_inexact(a.x + b.x, a.time, a.bytes);
}

struct quantity quantity_negate(struct quantity a)
{
    a.num = -a.num;
    a.x = -a.x;
    return a;
}

struct quantity quantity_multiply(struct quantity a, struct quantity b)
{
    const int time = a.time + b.time, bytes = a.bytes + b.bytes;
    __int128 num, den;
    if (a.exact && b.exact && times_fit(a.num, b.num, &num) && times_fit(a.den, b.den, &den))
        return quantity_fraction(num, den, time, bytes);
    return quantity_inexact(a.x * b.x, time, bytes);
}

/* a != 0. */
struct quantity quantity_invert(struct quantity a)
{
    if (!a.exact)
        return quantity_inexact(1 / a.x, -a.time, -a.bytes);
    return a.num < 0 ? quantity_fraction(-a.den, -a.num, -a.time, -a.bytes)
                     : quantity_fraction(a.den, a.num, -a.time, -a.bytes);
}

bool quantity_is_pure(const struct quantity *q)
{
    return q->time == 0 && q->bytes == 0;
}

bool quantity_same_dimension(const struct quantity *a, const struct quantity *b)
{
    return a->time == b->time && a->bytes == b->bytes;
}

struct quantity quantity_of(int64_t stored, enum unit unit)
{
    const struct quantity one =
        quantity_fraction(SI[unit].num, SI[unit].den, SI[unit].time, SI[unit].bytes);
    return quantity_multiply(quantity_fraction(stored, 1, 0, 0), one);
}

/* Words */

static const char *dimension(int time, int bytes, char *buf, size_t size)
{
    static const struct {
        int time, bytes;
        const char *name;
    } rows[] = {
        {0, 0, "a plain number"}, {1, 0, "a time"},      {-1, 0, "a rate per time"},
        {0, 1, "bytes"},          {-1, 1, "a bit rate"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].time == time && rows[i].bytes == bytes) {
            snprintf(buf, size, "%s", rows[i].name);
            return buf;
        }
    if (bytes == 0)
        snprintf(buf, size, "s^%d", time);
    else if (time == 0)
        snprintf(buf, size, "B^%d", bytes);
    else
        snprintf(buf, size, "s^%d B^%d", time, bytes);
    return buf;
}

const char *quantity_dimension(const struct quantity *q, char *buf, size_t size)
{
    return dimension(q->time, q->bytes, buf, size);
}

const char *unit_dimension(enum unit unit, char *buf, size_t size)
{
    if (unit != UNIT_NONE)
        return dimension(SI[unit].time, SI[unit].bytes, buf, size);
    snprintf(buf, size, "a text");
    return buf;
}

bool quantity_fits(const struct quantity *q, enum unit unit)
{
    return q->time == SI[unit].time && q->bytes == SI[unit].bytes;
}

bool quantity_stored(const struct quantity *q, enum unit unit, __int128 *num, __int128 *den)
{
    if (!q->exact)
        return false;
    const struct quantity one = quantity_fraction(SI[unit].den, SI[unit].num, 0, 0);
    const struct quantity stored = quantity_multiply(*q, one);
    *num = stored.num;
    *den = stored.den;
    return stored.exact;
}

double quantity_number(const struct quantity *q, enum unit unit)
{
    return q->x * (double)SI[unit].den / (double)SI[unit].num * units[unit].scale;
}

const char *number_format(double x, enum unit unit, char *buf, size_t size)
{
    static const struct {
        enum unit unit;
        double from, factor; /* from this size on; what is printed is x * factor */
        const char *suffix;
    } rows[] = {
        {UNIT_TIME, 1, 1, "s"},         {UNIT_TIME, 1e-3, 1e3, "ms"},
        {UNIT_TIME, 1e-6, 1e6, "us"},   {UNIT_TIME, 0, 1e9, "ns"},
        {UNIT_RATE, 1e9, 1e-9, "Gbit"}, {UNIT_RATE, 1e6, 1e-6, "Mbit"},
        {UNIT_RATE, 1e3, 1e-3, "kbit"}, {UNIT_RATE, 0, 1, "bit"},
        {UNIT_BYTES, 0, 1, "B"},        {UNIT_FRACTION, 0, 100, "%"},
        {UNIT_PER_TIME, 0, 1, "/s"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].unit == unit && fabs(x) >= rows[i].from) {
            snprintf(buf, size, "%.6g%s", x * rows[i].factor, rows[i].suffix);
            return buf;
        }
    snprintf(buf, size, "%.6g", x);
    return buf;
}

const char *quantity_format(const struct quantity *q, enum unit unit, char *buf, size_t size)
{
    __int128 num, den;
    if (quantity_stored(q, unit, &num, &den) && den == 1 && num > -INT64_MAX && num < INT64_MAX)
        return unit_format((int64_t)num, unit, buf, size);
    return number_format(quantity_number(q, unit), unit, buf, size);
}
