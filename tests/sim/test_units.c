/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/units.h"

#include <stdlib.h>

#include "sim/rng.h"
#include "tests/check.h"

/* clang-format off */
static const struct good {
    const char *text;
    enum unit unit;
    int64_t want;
} GOOD[] = {
    {"5",              UNIT_COUNT,    5},
    {"1e6",            UNIT_COUNT,    1000000},
    {"1.5e3",          UNIT_COUNT,    1500},
    {"1200e-2",        UNIT_COUNT,    12},
    {"007",            UNIT_COUNT,    7},
    {"5.000",          UNIT_COUNT,    5},
    {"-0",             UNIT_COUNT,    0},
    {"0e999999999999", UNIT_COUNT,    0},
    {"9223372036854775806", UNIT_COUNT, INT64_MAX - 1},
    {"unlimited",      UNIT_COUNT,    UNIT_UNLIMITED},
    {"0s",             UNIT_TIME,     0},
    {"1ns",            UNIT_TIME,     1},
    {"20ms",           UNIT_TIME,     20000000},
    {"0.1ms",          UNIT_TIME,     100000},
    {"1.000000001s",   UNIT_TIME,     1000000001},
    {"0.0000000010000000000000000000000000000s", UNIT_TIME, 1},
    {"1e3us",          UNIT_TIME,     1000000},
    {"1000000000000000000000000000000e-30s", UNIT_TIME, 1000000000},
    {"2min",           UNIT_TIME,     INT64_C(120000000000)},
    {"1.5h",           UNIT_TIME,     INT64_C(5400000000000)},
    {"1d",             UNIT_TIME,     INT64_C(86400000000000)},
    {"never",          UNIT_TIME,     SIM_NEVER},
    {"8Mbit",          UNIT_RATE,     8000000},
    {"8Mbit/s",        UNIT_RATE,     8000000},
    {"2.5Gbit",        UNIT_RATE,     INT64_C(2500000000)},
    {"56kbit",         UNIT_RATE,     56000},
    {"300bit/s",       UNIT_RATE,     300},
    {"unlimited",      UNIT_RATE,     UNIT_UNLIMITED},
    {"100B",           UNIT_BYTES,    100},
    {"10kB",           UNIT_BYTES,    10000},
    {"1.5KiB",         UNIT_BYTES,    1536},
    {"4MiB",           UNIT_BYTES,    4194304},
    {"1GiB",           UNIT_BYTES,    1073741824},
    {"3MB",            UNIT_BYTES,    3000000},
    {"2GB",            UNIT_BYTES,    INT64_C(2000000000)},
    {"unlimited",      UNIT_BYTES,    UNIT_UNLIMITED},
    {"100%",           UNIT_FRACTION, FRACTION_ONE},
    {"1%",             UNIT_FRACTION, FRACTION_ONE / 100},
    {"0.0001%",        UNIT_FRACTION, 1000000},
    {"0.0000000001%",  UNIT_FRACTION, 1},
    {"2/s",            UNIT_PER_TIME, 2 * PER_SECOND_ONE},
    {"0.2/s",          UNIT_PER_TIME, PER_SECOND_ONE / 5},
    {"6/min",          UNIT_PER_TIME, PER_SECOND_ONE / 10},
    {"36/h",           UNIT_PER_TIME, PER_SECOND_ONE / 100},
};

static const struct bad {
    const char *text;
    enum unit unit;
    const char *error, *hint;
} BAD[] = {
    {"20",       UNIT_TIME,     "'20' needs a unit of time, e.g. 20ms", ""},
    {"0",        UNIT_TIME,     "'0' needs a unit of time, e.g. 20ms", ""},
    {"8000000",  UNIT_RATE,     "'8000000' needs a unit of rate, e.g. 8Mbit", ""},
    {"10",       UNIT_BYTES,    "'10' needs a unit of bytes, e.g. 10kB", ""},
    {"0.01",     UNIT_FRACTION, "'0.01' needs a unit of fraction, e.g. 1%", "did you mean '1%'?"},
    {"2",        UNIT_PER_TIME, "'2' needs a unit of frequency, e.g. 2/s", ""},
    {"20kB",     UNIT_TIME,     "'20kB' is bytes, but a time is wanted, e.g. 20ms", ""},
    {"20ms",     UNIT_BYTES,    "'20ms' is a time, but bytes are wanted, e.g. 10kB", ""},
    {"20ms",     UNIT_COUNT,    "'20ms' is a time, but a bare number is wanted, e.g. 5", ""},
    {"1Mbit",    UNIT_BYTES,    "'1Mbit' is a rate, but bytes are wanted, e.g. 10kB", ""},
    {"5%",       UNIT_RATE,     "'5%' is a fraction, but a rate is wanted, e.g. 8Mbit", ""},
    {"5/s",      UNIT_TIME,     "'5/s' is a frequency, but a time is wanted, e.g. 20ms", ""},
    {"-5ms",     UNIT_TIME,     "'-5ms' is out of range", "the range is 0s to 292 years"},
    {"-1",       UNIT_COUNT,
     "'-1' is out of range", "the range is 0 to 9223372036854775806"},
    {"-1%",      UNIT_FRACTION, "'-1%' is out of range", "the range is 0% to 922337203%"},
    {"300y",     UNIT_TIME,     "'300y' has an unknown unit 'y'", "a time is wanted, e.g. 20ms"},
    {"5S",       UNIT_TIME,     "'5S' has an unknown unit 'S'", "did you mean '5s'?"},
    {"2m",       UNIT_TIME,     "'2m' has an unknown unit 'm'", "did you mean '2min'?"},
    {"30sec",    UNIT_TIME,     "'30sec' has an unknown unit 'sec'", "did you mean '30s'?"},
    {"1 hour",   UNIT_TIME,     "'1 hour' has a space before its unit", "write '1h'"},
    {"1 furlong", UNIT_TIME,    "'1 furlong' has an unknown unit 'furlong'", "a time is wanted, e.g. 20ms"},
    {"5Hz",      UNIT_PER_TIME, "'5Hz' has an unknown unit 'Hz'", "did you mean '5/s'?"},
    {"10Mb/s",   UNIT_RATE,     "'10Mb/s' has an unknown unit 'Mb/s'", "did you mean '10Mbit'?"},
    {"106752d",  UNIT_TIME,     "'106752d' is out of range", "the range is 0s to 292 years"},
    {"9223372036854775807ns", UNIT_TIME,
     "'9223372036854775807ns' is out of range", "the range is 0s to 292 years"},
    {"1e40Gbit", UNIT_RATE,
     "'1e40Gbit' is out of range", "the range is 0bit to 9223372036Gbit"},
    {"1e999999999999GB", UNIT_BYTES,
     "'1e999999999999GB' is out of range", "the range is 0B to 9223372036GB"},
    {"9.3e9/s",  UNIT_PER_TIME,
     "'9.3e9/s' is out of range", "the range is 0/s to 9223372036/s"},
    {"0.5ns",    UNIT_TIME,     "'0.5ns' is not a whole number of 1ns", "the nearest is 1ns"},
    {"1e-999s",  UNIT_TIME,     "'1e-999s' is not a whole number of 1ns", "the nearest is 0s"},
    {"1.4B",     UNIT_BYTES,    "'1.4B' is not a whole number of 1B", "the nearest is 1B"},
    {"1.5",      UNIT_COUNT,    "'1.5' is not a whole number", "the nearest is 2"},
    {"1/min",    UNIT_PER_TIME,
     "'1/min' is not a whole number of 0.000000001/s", "the nearest is 0.016666667/s"},
    {"0.00000000001%", UNIT_FRACTION,
     "'0.00000000001%' is not a whole number of 0.0000000001%", "the nearest is 0%"},
    {"20 ms",    UNIT_TIME,     "'20 ms' has a space before its unit", "write '20ms'"},
    {"8mbit",    UNIT_RATE,     "'8mbit' has an unknown unit 'mbit'", "did you mean '8Mbit'?"},
    {"20Ms",     UNIT_TIME,     "'20Ms' has an unknown unit 'Ms'", "did you mean '20ms'?"},
    {"1..5s",    UNIT_TIME,
     "'1..5s' has an unknown unit '..5s'", "a time is wanted, e.g. 20ms"},
    {"8furlong", UNIT_RATE,
     "'8furlong' has an unknown unit 'furlong'", "a rate is wanted, e.g. 8Mbit"},
    {"ms",       UNIT_TIME,     "'ms' is not a time, e.g. 20ms", ""},
    {"",         UNIT_TIME,     "'' is not a time, e.g. 20ms", ""},
    {".5s",      UNIT_TIME,     "'.5s' is not a time, e.g. 20ms", ""},
    {"nver",     UNIT_TIME,     "'nver' is not a time, e.g. 20ms", "did you mean 'never'?"},
    {"unlimited", UNIT_TIME,
     "'unlimited' is not a time, e.g. 20ms", "without end it is 'never'"},
    {"never",    UNIT_RATE,
     "'never' is not a rate, e.g. 8Mbit", "without end it is 'unlimited'"},
    {"never",    UNIT_FRACTION, "'never' is not a fraction, e.g. 1%", ""},
    {"1111111111111111111111111111s", UNIT_TIME,
     "'1111111111111111111111111111s' has too many digits", ""},
};

static const struct format {
    int64_t value;
    enum unit unit;
    const char *want;
} FORMATS[] = {
    {0,                        UNIT_TIME,     "0s"},
    {1,                        UNIT_TIME,     "1ns"},
    {20000000,                 UNIT_TIME,     "20ms"},
    {1500000000,               UNIT_TIME,     "1.5s"},
    {INT64_C(63000000000),     UNIT_TIME,     "63s"},
    {INT64_C(600000000000),    UNIT_TIME,     "10min"},
    {INT64_C(7200000000000),   UNIT_TIME,     "2h"},
    {INT64_C(924600000000),    UNIT_TIME,     "924.6s"},
    {INT64_C(1050000),         UNIT_TIME,     "1.05ms"},
    {INT64_C(1234567890),      UNIT_TIME,     "1234567.89us"},
    {INT64_C(1234567891),      UNIT_TIME,     "1234567.891us"},
    {SIM_NEVER,                UNIT_TIME,     "never"},
    {SIM_NEVER - 1,            UNIT_TIME,     "9223372036854775.806us"},
    {-20000000,                UNIT_TIME,     "-20ms"},
    {8000000,                  UNIT_RATE,     "8Mbit"},
    {1500,                     UNIT_RATE,     "1.5kbit"},
    {0,                        UNIT_RATE,     "0bit"},
    {UNIT_UNLIMITED,           UNIT_RATE,     "unlimited"},
    {10000,                    UNIT_BYTES,    "10kB"},
    {1460,                     UNIT_BYTES,    "1460B"},
    {65536,                    UNIT_BYTES,    "64KiB"},
    {UNIT_UNLIMITED,           UNIT_BYTES,    "unlimited"},
    {FRACTION_ONE / 100,       UNIT_FRACTION, "1%"},
    {FRACTION_ONE / 2000,      UNIT_FRACTION, "0.05%"},
    {1,                        UNIT_FRACTION, "0.0000000001%"},
    {PER_SECOND_ONE * 2,       UNIT_PER_TIME, "2/s"},
    {PER_SECOND_ONE / 5,       UNIT_PER_TIME, "0.2/s"},
    {5,                        UNIT_COUNT,    "5"},
    {INT64_MAX,                UNIT_COUNT,    "unlimited"},
    {INT64_MIN,                UNIT_COUNT,    "-9223372036854775808"},
    {-3,                       UNIT_NONE,     "-3"},
};
/* clang-format on */

static void quantities_are_exact(void **state)
{
    for (const struct good *g = GOOD; g < GOOD + ARRAY_LEN(GOOD); g++) {
        struct err e = {0};
        int64_t got = -1;
        char *text = strdup(g->text); /* so that the sanitizer sees a step past its end */
        check_eq(g->text, unit_parse(text, g->unit, &got, NULL, &e), 0);
        free(text);
        check_eq(g->text, got, g->want);
        check_str(g->text, e.text, "");
    }
}

static void mistakes_are_named(void **state)
{
    for (const struct bad *b = BAD; b < BAD + ARRAY_LEN(BAD); b++) {
        struct err e = {0};
        int64_t got = -1;
        char *text = strdup(b->text);
        check_eq(b->text, unit_parse(text, b->unit, &got, NULL, &e), -1);
        free(text);
        check_str(b->text, e.text, b->error);
        check_str(b->text, e.hint, b->hint);
        check_eq("out is left alone", got, -1);
    }
}

static void a_mistake_has_a_place(void **state)
{
    struct err e = {0};
    int64_t got;
    unit_parse("20", UNIT_TIME, &got,
               &(struct mark){.path = "exp.yaml", .line = 3, .column = 9, .width = 2}, &e);
    check_str("path", e.path, "exp.yaml");
    check_eq("line and column", e.line * 100 + e.column, 309);
}

static void formats_are_short(void **state)
{
    for (const struct format *f = FORMATS; f < FORMATS + ARRAY_LEN(FORMATS); f++) {
        char buf[64];
        check_str("format", unit_format(f->value, f->unit, buf, sizeof(buf)), f->want);
    }
    char small[4];
    check_str("cut to size", unit_format(20000000, UNIT_TIME, small, sizeof(small)), "20m");
}

/* Every stored integer comes back: random ones, round ones, and those at the ends. */
static void formats_parse_back(void **state)
{
    struct rng r;
    rng_init(&r, 1, "units");
    for (int i = 0; i < 50000; i++) {
        const enum unit unit = (enum unit)(UNIT_COUNT + i % (N_UNITS - UNIT_COUNT));
        int64_t value = (int64_t)(rng_u64(&r) >> (1 + rng_below(&r, 63)));
        for (uint64_t n = rng_below(&r, 15); n > 0 && value < INT64_MAX / 60; n--)
            value *= n % 4 == 0 ? 60 : 10;
        char buf[64];
        struct err e = {0};
        int64_t again = -1;
        enum unit guess = UNIT_NONE;
        unit_format(value, unit, buf, sizeof(buf));
        check_eq(buf, unit_parse(buf, unit, &again, NULL, &e), 0);
        check_eq(buf, again, value);
        check_true(buf, unit_guess(buf, &guess, &again));
        check_eq(buf, guess, unit);
        check_eq(buf, again, value);
    }
}

static void guesses_take_quantities_only(void **state)
{
    static const char *const NOT[] = {"",      "server", "ms",        "1.5",   "20 ms",
                                      "1/min", "-5ms",   "unlimited", "1e40s", "10.0.0.1"};
    enum unit unit = UNIT_NONE;
    int64_t value = 0;
    for (size_t i = 0; i < ARRAY_LEN(NOT); i++)
        check_eq(NOT[i], unit_guess(NOT[i], &unit, &value), false);
    check_true("never",
               unit_guess("never", &unit, &value) && unit == UNIT_TIME && value == SIM_NEVER);
    check_true("10kB",
               unit_guess("10kB", &unit, &value) && unit == UNIT_BYTES && value == 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities_are_exact),  cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(a_mistake_has_a_place), cmocka_unit_test(formats_are_short),
        cmocka_unit_test(formats_parse_back),    cmocka_unit_test(guesses_take_quantities_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
