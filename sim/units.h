/* SPDX-License-Identifier: GPL-3.0-or-later
 * units.h -- quantities as a user writes them: 20ms, 8Mbit, 10kB, 1%, 2/s.
 *
 * kB, MB, GB are powers of 1000 and KiB, MiB, GiB of 1024 (bytes); kbit, Mbit, Gbit are bits
 * per second, as tc writes them (Mbit/s is taken too). A quantity without its unit is an error,
 * 0 included; a bare number is a count.
 */
#pragma once
#include "sim/err.h"
#include "sim/time.h"
#include <stdbool.h>

enum unit {
    UNIT_NONE,     /* not a number */
    UNIT_COUNT,    /* 5, 1e6 (a whole number); `unlimited` -> UNIT_UNLIMITED */
    UNIT_TIME,     /* ns us ms s min h d; `never` -> SIM_NEVER */
    UNIT_RATE,     /* bit kbit Mbit Gbit (per second); `unlimited` -> UNIT_UNLIMITED */
    UNIT_BYTES,    /* B kB MB GB KiB MiB GiB; `unlimited` -> UNIT_UNLIMITED */
    UNIT_FRACTION, /* %, stored as parts per 10^12 so that 0.0001 % is exact */
    UNIT_PER_TIME, /* /s /min /h, stored as nano-events per second */
    N_UNITS,
};
#define UNIT_UNLIMITED INT64_MAX
#define FRACTION_ONE   INT64_C(1000000000000) /* 100 % */
#define PER_SECOND_ONE INT64_C(1000000000)    /* 1/s */

struct unit_info {
    const char *name;    /* "time" */
    const char *example; /* "20ms" */
    const char *base;    /* the unit that metrics are stored in: "ns", "B", "bit/s", "" */
    double scale;        /* stored integer x scale = the SI quantity (s, B, bit/s, 1, 1/s) */
};
extern const struct unit_info units[N_UNITS];

/* Parses text as a quantity of the unit into *out (integers only; decimals in the text are
 * exact: "0.1ms" is 100000). Returns 0, or -1 with e set at `at` (which may be NULL): no unit,
 * wrong unit, out of range, finer than the stored integer, not a number. */
int unit_parse(const char *text, enum unit unit, int64_t *out, const struct mark *at,
               struct err *e);

/* Whether text is a quantity of the unit that lies below 0 or beyond what an integer holds. */
bool unit_is_beyond(const char *text, enum unit unit);

/* Recognises any quantity: sets *unit and *out, returns true. False: text is no quantity (no
 * error). `unlimited` is none: three units know it. */
bool unit_guess(const char *text, enum unit *unit, int64_t *out);

/* Writes value with the largest unit that keeps it exact ("20ms", "1.5s", "never"); re-parses
 * to the same value. Returns buf. */
const char *unit_format(int64_t value, enum unit unit, char *buf, size_t size);
