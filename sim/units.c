/* SPDX-License-Identifier: GPL-3.0-or-later
 * units.c -- decimal digits x power of ten x unit, in integers of 128 bits from end to end.
 */
#include "sim/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef unsigned __int128 wide;

const struct unit_info units[N_UNITS] = {
    [UNIT_NONE] = {"text", "", "", 1},
    [UNIT_COUNT] = {"count", "5", "", 1},
    [UNIT_TIME] = {"time", "20ms", "ns", 1e-9},
    [UNIT_RATE] = {"rate", "8Mbit", "bit/s", 1},
    [UNIT_BYTES] = {"bytes", "10kB", "B", 1},
    [UNIT_FRACTION] = {"fraction", "1%", "1e-12", 1e-12},
    [UNIT_PER_TIME] = {"frequency", "2/s", "1e-9/s", 1e-9},
};

/* clang-format off */
/* How the sentences speak of each, and what the stored integer holds. */
static const struct words {
    const char *is, *wanted;
    const char *finest, *zero, *most;
    const char *infinite; /* the word for INT64_MAX */
} WORDS[N_UNITS] = {
    [UNIT_NONE] = {"a text", "a text is", "", "0", "", NULL},
    [UNIT_COUNT] = {"a count", "a bare number is",
                    "1", "0", "9223372036854775806", "unlimited"},
    [UNIT_TIME] = {"a time", "a time is",
                   "1ns", "0s", "292 years", "never"},
    [UNIT_RATE] = {"a rate", "a rate is",
                   "1bit", "0bit", "9223372036Gbit", "unlimited"},
    [UNIT_BYTES] = {"bytes", "bytes are",
                    "1B", "0B", "9223372036GB", "unlimited"},
    [UNIT_FRACTION] = {"a fraction", "a fraction is",
                       "0.0000000001%", "0%", "922337203%", NULL},
    [UNIT_PER_TIME] = {"a frequency", "a frequency is",
                       "0.000000001/s", "0/s", "9223372036/s", NULL},
};

/* One of a unit is num / den stored integers. unit_format writes the first of a unit that takes
 * no more decimals than `decimals` (-1: none does) and is not 0.something; where there is one
 * unit only, that and all decimals are allowed. */
static const struct suffix {
    const char *text;
    enum unit unit;
    int64_t num, den;
    int decimals;
} SUFFIXES[] = {
    {"", UNIT_COUNT, 1, 1, 0},
    {"d", UNIT_TIME, INT64_C(86400000000000), 1, 0},
    {"h", UNIT_TIME, INT64_C(3600000000000), 1, 0},
    {"min", UNIT_TIME, INT64_C(60000000000), 1, 0},
    {"s", UNIT_TIME, INT64_C(1000000000), 1, 3},
    {"ms", UNIT_TIME, 1000000, 1, 3},
    {"us", UNIT_TIME, 1000, 1, 3},
    {"ns", UNIT_TIME, 1, 1, 0},
    {"Gbit", UNIT_RATE, 1000000000, 1, 3},
    {"Mbit", UNIT_RATE, 1000000, 1, 3},
    {"kbit", UNIT_RATE, 1000, 1, 3},
    {"bit", UNIT_RATE, 1, 1, 0},
    {"Gbit/s", UNIT_RATE, 1000000000, 1, -1},
    {"Mbit/s", UNIT_RATE, 1000000, 1, -1},
    {"kbit/s", UNIT_RATE, 1000, 1, -1},
    {"bit/s", UNIT_RATE, 1, 1, -1},
    {"GiB", UNIT_BYTES, INT64_C(1) << 30, 1, 0},
    {"GB", UNIT_BYTES, 1000000000, 1, 0},
    {"MiB", UNIT_BYTES, INT64_C(1) << 20, 1, 0},
    {"MB", UNIT_BYTES, 1000000, 1, 0},
    {"KiB", UNIT_BYTES, 1024, 1, 0},
    {"kB", UNIT_BYTES, 1000, 1, 0},
    {"B", UNIT_BYTES, 1, 1, 0},
    {"%", UNIT_FRACTION, INT64_C(10000000000), 1, 10},
    {"/s", UNIT_PER_TIME, 1000000000, 1, 9},
    {"/min", UNIT_PER_TIME, 1000000000, 60, -1},
    {"/h", UNIT_PER_TIME, 1000000000, 3600, -1},
};
/* clang-format on */

/* What people write for a unit, and mean. Nothing of it is taken: of the letter b nobody knows
 * whether it is a bit. */
static const struct slip {
    const char *text;
    enum unit unit;
    const char *meant;
} SLIPS[] = {
    {"sec", UNIT_TIME, "s"},
    {"secs", UNIT_TIME, "s"},
    {"second", UNIT_TIME, "s"},
    {"seconds", UNIT_TIME, "s"},
    {"m", UNIT_TIME, "min"},
    {"mins", UNIT_TIME, "min"},
    {"minute", UNIT_TIME, "min"},
    {"minutes", UNIT_TIME, "min"},
    {"hr", UNIT_TIME, "h"},
    {"hour", UNIT_TIME, "h"},
    {"hours", UNIT_TIME, "h"},
    {"day", UNIT_TIME, "d"},
    {"days", UNIT_TIME, "d"},
    {"msec", UNIT_TIME, "ms"},
    {"usec", UNIT_TIME, "us"},
    {"nsec", UNIT_TIME, "ns"},
    {"bps", UNIT_RATE, "bit"},
    {"kbps", UNIT_RATE, "kbit"},
    {"Kbps", UNIT_RATE, "kbit"},
    {"Mbps", UNIT_RATE, "Mbit"},
    {"mbps", UNIT_RATE, "Mbit"},
    {"Gbps", UNIT_RATE, "Gbit"},
    {"gbps", UNIT_RATE, "Gbit"},
    {"kb/s", UNIT_RATE, "kbit"},
    {"Mb/s", UNIT_RATE, "Mbit"},
    {"Gb/s", UNIT_RATE, "Gbit"},
    {"byte", UNIT_BYTES, "B"},
    {"bytes", UNIT_BYTES, "B"},
    {"percent", UNIT_FRACTION, "%"},
    {"Hz", UNIT_PER_TIME, "/s"},
    {"/sec", UNIT_PER_TIME, "/s"},
    {"/second", UNIT_PER_TIME, "/s"},
    {"/minute", UNIT_PER_TIME, "/min"},
    {"/hour", UNIT_PER_TIME, "/h"},
};

/* A number as written: digits x 10^exponent. */
struct number {
    wide digits; /* < 10^24 */
    int exponent;
    bool negative, too_long;
    const char *suffix; /* what follows it */
};
enum { MAX_EXPONENT = 999 };
static const wide ENOUGH_DIGITS = (wide)100000000000 * 1000000000000; /* 10^23 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *scan_exponent(const char *s, int *exponent)
{
    if (*s != 'e' && *s != 'E')
        return s;
    const bool negative = s[1] == '-';
    const char *digits = s + 1 + (s[1] == '-' || s[1] == '+');
    if (!is_digit(*digits))
        return s;
    int e = 0;
    for (s = digits; is_digit(*s); s++)
        e = e > MAX_EXPONENT ? e : e * 10 + (*s - '0');
    *exponent += negative ? -e : e;
    return s;
}

static void add_digit(struct number *n, unsigned digit, bool is_decimal)
{
    if (n->digits < ENOUGH_DIGITS) {
        n->digits = n->digits * 10 + digit;
        n->exponent -= is_decimal;
    } else if (digit == 0) {
        n->exponent += !is_decimal;
    } else {
        n->too_long = true;
    }
}

/* False: text does not begin with a number. */
static bool scan_number(const char *s, struct number *n)
{
    bool point = false;
    *n = (struct number){.negative = *s == '-'};
    s += n->negative;
    if (!is_digit(*s))
        return false;
    for (; is_digit(*s) || (*s == '.' && !point && is_digit(s[1])); s++) {
        if (*s == '.')
            point = true;
        else
            add_digit(n, (unsigned)(*s - '0'), point);
    }
    n->suffix = scan_exponent(s, &n->exponent);
    return true;
}

static const struct suffix *find_suffix(const char *text)
{
    for (const struct suffix *s = SUFFIXES; s < SUFFIXES + ARRAY_LEN(SUFFIXES); s++)
        if (strcmp(text, s->text) == 0)
            return s;
    return NULL;
}

enum outcome { EXACT, TOO_FINE, OUT_OF_RANGE };

/* TOO_FINE: *out is the nearest stored integer. digits x num < 10^24 x 10^14 < 2^127. */
static enum outcome convert(const struct number *n, const struct suffix *unit, int64_t *out)
{
    wide x = n->digits * (wide)unit->num, den = (wide)unit->den;
    if (n->negative && x != 0)
        return OUT_OF_RANGE;
    for (int e = n->exponent; e > 0 && x != 0; e--) {
        if (x > INT64_MAX * (wide)unit->den)
            return OUT_OF_RANGE;
        x *= 10;
    }
    bool below = false; /* something not 0 was cut off */
    for (int e = n->exponent; e < 0 && x != 0; e++) {
        if (den < (wide)1 << 100) {
            den *= 10;
        } else {
            below = below || x % 10 != 0;
            x /= 10;
        }
    }
    const wide whole = x / den, rest = x % den;
    const wide nearest = whole + (rest >= den - rest);
    if (nearest >= INT64_MAX)
        return OUT_OF_RANGE;
    *out = (int64_t)nearest;
    return rest != 0 || below ? TOO_FINE : EXACT;
}

static int fail_word(const char *text, enum unit unit, const struct mark *at, struct err *e)
{
    const char *infinite = WORDS[unit].infinite;
    err_set(e, at, "'%.80s' is not %s, e.g. %s", text, WORDS[unit].is, units[unit].example);
    if (infinite != NULL && nearest_name(text, &infinite, 1) != NULL)
        err_hint(e, "did you mean '%s'?", infinite);
    else if (infinite != NULL && (strcmp(text, "never") == 0 || strcmp(text, "unlimited") == 0))
        err_hint(e, "without end it is '%s'", infinite);
    return -1;
}

/* The unit that was meant, as it is written; NULL: nobody knows. */
static const char *meant_suffix(const char *text, enum unit unit)
{
    const char *names[ARRAY_LEN(SUFFIXES)];
    size_t n = 0;
    for (const struct suffix *s = SUFFIXES; s < SUFFIXES + ARRAY_LEN(SUFFIXES); s++)
        if (s->unit == unit && s->text[0] != '\0')
            names[n++] = s->text;
    for (const struct slip *s = SLIPS; s < SLIPS + ARRAY_LEN(SLIPS); s++)
        if (s->unit == unit && strcmp(s->text, text) == 0)
            return s->meant;
    const char *near = nearest_name(text, names, n);
    /* any letter is one letter away from any other */
    return near == NULL || text[1] != '\0' || strcasecmp(near, text) == 0 ? near : NULL;
}

static int fail_suffix(const char *text, const char *suffix, enum unit unit,
                       const struct mark *at, struct err *e)
{
    const int n_number = (int)(suffix - text);
    const char *word = suffix + strspn(suffix, " ");
    const char *near = meant_suffix(word, unit);
    if (*suffix == ' ' && (near != NULL || find_suffix(word) != NULL)) {
        err_set(e, at, "'%.80s' has a space before its unit", text);
        return err_hint(e, "write '%.*s%s'", n_number, text, near != NULL ? near : word);
    }
    err_set(e, at, "'%.80s' has an unknown unit '%.40s'", text, word);
    if (near != NULL)
        return err_hint(e, "did you mean '%.*s%s'?", n_number, text, near);
    return err_hint(e, "%s wanted, e.g. %s", WORDS[unit].wanted, units[unit].example);
}

static int fail_value(const char *text, enum unit unit, enum outcome why, int64_t nearest,
                      const struct mark *at, struct err *e)
{
    char near[64];
    if (why == OUT_OF_RANGE) {
        err_set(e, at, "'%.80s' is out of range", text);
        return err_hint(e, "the range is %s to %s", WORDS[unit].zero, WORDS[unit].most);
    }
    if (unit == UNIT_COUNT)
        err_set(e, at, "'%.80s' is not a whole number", text);
    else
        err_set(e, at, "'%.80s' is not a whole number of %s", text, WORDS[unit].finest);
    return err_hint(e, "the nearest is %s", unit_format(nearest, unit, near, sizeof(near)));
}

/* A number without a unit. As a probability, 0.05 is 5%. */
static int fail_bare(const char *text, enum unit unit, const struct mark *at, struct err *e)
{
    const double x = strtod(text, NULL);
    err_set(e, at, "'%.80s' needs a unit of %s, e.g. %s", text, units[unit].name,
            units[unit].example);
    return unit == UNIT_FRACTION && x > 0 && x <= 1
               ? err_hint(e, "did you mean '%.10g%%'?", 100 * x)
               : -1;
}

int unit_parse(const char *text, enum unit unit, int64_t *out, const struct mark *at,
               struct err *e)
{
    struct number number;
    if (WORDS[unit].infinite != NULL && strcmp(text, WORDS[unit].infinite) == 0) {
        *out = INT64_MAX;
        return 0;
    }
    if (!scan_number(text, &number))
        return fail_word(text, unit, at, e);
    const struct suffix *suffix = find_suffix(number.suffix);
    if (suffix == NULL)
        return fail_suffix(text, number.suffix, unit, at, e);
    if (suffix->unit != unit && suffix->unit == UNIT_COUNT)
        return fail_bare(text, unit, at, e);
    if (suffix->unit != unit)
        return err_set(e, at, "'%.80s' is %s, but %s wanted, e.g. %s", text,
                       WORDS[suffix->unit].is, WORDS[unit].wanted, units[unit].example);
    if (number.too_long)
        return err_set(e, at, "'%.80s' has too many digits", text);
    int64_t value = 0;
    const enum outcome outcome = convert(&number, suffix, &value);
    if (outcome != EXACT)
        return fail_value(text, unit, outcome, value, at, e);
    *out = value;
    return 0;
}

bool unit_is_beyond(const char *text, enum unit unit)
{
    struct number number;
    int64_t value;
    const struct suffix *suffix =
        scan_number(text, &number) ? find_suffix(number.suffix) : NULL;
    return suffix != NULL && suffix->unit == unit && !number.too_long &&
           convert(&number, suffix, &value) == OUT_OF_RANGE;
}

bool unit_guess(const char *text, enum unit *unit, int64_t *out)
{
    struct number number;
    if (strcmp(text, "never") == 0) {
        *unit = UNIT_TIME;
        *out = SIM_NEVER;
        return true;
    }
    if (!scan_number(text, &number) || number.too_long)
        return false;
    const struct suffix *suffix = find_suffix(number.suffix);
    if (suffix == NULL || convert(&number, suffix, out) != EXACT)
        return false;
    *unit = suffix->unit;
    return true;
}

enum { SHORT = 3 }; /* decimals */

/* Writes magnitude in units of s, or returns false if it does not look well there. */
static bool format_in(uint64_t magnitude, const struct suffix *s, char *buf, size_t size)
{
    const uint64_t one = (uint64_t)s->num;
    const uint64_t whole = magnitude / one, rest = magnitude % one;
    if (whole == 0 && s->decimals <= SHORT)
        return false;
    uint64_t step = one;
    for (int n = 0; rest % step != 0 && n < s->decimals; n++)
        step /= 10;
    if (rest % step != 0)
        return false;
    char decimals[24]; /* with a 1 before them, which keeps their zeros */
    snprintf(decimals, sizeof(decimals), "%" PRIu64, (one + rest) / step);
    snprintf(buf, size, "%" PRIu64 "%s%s%s", whole, rest == 0 ? "" : ".", decimals + 1,
             s->text);
    return true;
}

const char *unit_format(int64_t value, enum unit unit, char *buf, size_t size)
{
    const bool negative = value < 0;
    const uint64_t magnitude = negative ? -(uint64_t)value : (uint64_t)value;
    if (size == 0)
        return buf;
    const char *word = value == INT64_MAX ? WORDS[unit].infinite : NULL;
    if (value == 0)
        word = WORDS[unit].zero;
    if (word != NULL) {
        snprintf(buf, size, "%s", word);
        return buf;
    }
    snprintf(buf, size, "%s%" PRIu64, negative ? "-" : "", magnitude);
    const size_t sign = negative && size > 1;
    for (const struct suffix *s = SUFFIXES; s < SUFFIXES + ARRAY_LEN(SUFFIXES); s++)
        if (s->unit == unit && s->decimals >= 0 &&
            format_in(magnitude, s, buf + sign, size - sign))
            break;
    return buf;
}
