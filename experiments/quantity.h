/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantity.h -- a number with a unit, exact as long as it can be.
 *
 * The one idea: a quantity is a fraction of two integers in seconds and bytes, so that a sum of
 * plain quantities is exact and can be compared with a simulated time to the nanosecond. It
 * becomes a double, and says so, only in a function such as sqrt, or when the integers no
 * longer fit 128 bits.
 *
 * Counts and fractions are both plain numbers here (1% is 1/100); bit/s is bytes/8 per second.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "sim/units.h"

struct quantity {
    int time, bytes;   /* dimension: s^time B^bytes */
    bool exact;        /* num / den is the value */
    __int128 num, den; /* den > 0, no common divisor, below 2^125; only if exact */
    double x;          /* the value, or its nearest double */
};

struct quantity quantity_fraction(__int128 num, __int128 den, int time,
                                  int bytes); /* den > 0 */
struct quantity quantity_inexact(double x, int time, int bytes);
struct quantity quantity_of(int64_t stored,
                            enum unit unit); /* from the stored integer of a unit */

struct quantity quantity_add(struct quantity a, struct quantity b); /* of one dimension */
struct quantity quantity_multiply(struct quantity a, struct quantity b);
struct quantity quantity_negate(struct quantity a);
struct quantity quantity_invert(struct quantity a); /* not zero */

bool quantity_is_pure(const struct quantity *q); /* a plain number */
bool quantity_same_dimension(const struct quantity *a, const struct quantity *b);

/* a * b into *out; false when it does not fit with bits to spare (|out| >= 2^125). */
bool times_fit(__int128 a, __int128 b, __int128 *out);

/* "a time", "a plain number", "bytes", "s^2": for messages. Returns buf. */
const char *quantity_dimension(const struct quantity *q, char *buf, size_t size);
const char *unit_dimension(enum unit unit, char *buf, size_t size);

/* Whether q has the dimension of unit. */
bool quantity_fits(const struct quantity *q, enum unit unit);

/* q as a fraction of stored integers of unit (ns, bytes, ...), which it fits; false: not exact.
 * No common divisor. */
bool quantity_stored(const struct quantity *q, enum unit unit, __int128 *num, __int128 *den);

/* q in the SI unit that value_number uses (s, B, bit/s, 1, 1/s); q fits unit. */
double quantity_number(const struct quantity *q, enum unit unit);

/* Writes q for people: exactly ("63s") where the stored integer is, else six digits. q fits
 * unit. Returns buf. */
const char *quantity_format(const struct quantity *q, enum unit unit, char *buf, size_t size);

/* Writes x, in the SI unit of `unit`, with six digits and a unit of its size ("12.3457ms").
 * Returns buf. */
const char *number_format(double x, enum unit unit, char *buf, size_t size);
