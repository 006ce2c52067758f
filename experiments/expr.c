/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/expr.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "experiments/functions.h"

enum { MAX_DEPTH = 64, MAX_POWER = 64, MAX_NEAR = 64, WORD_BYTES = 128 };

/* The parser: each function leaves its quantity in *out and returns 0, or -1 with p->e set. */

struct parser {
    const char *text, *s; /* the whole expression, and what is left of it */
    const struct param_value *names;
    int n_names;
    const struct mark *at;
    struct err *e;
    int depth;
};

static int n_characters(const char *s, size_t bytes)
{
    int n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

/* The mark's byte offset in its line; columns count characters. */
static size_t byte_of_column(const struct mark *at)
{
    size_t i = 0;
    for (int column = 1; at->line_text[i] != '\0' && column < at->column; column++)
        while (((unsigned char)at->line_text[++i] & 0xc0) == 0x80)
            ;
    return i;
}

/* The mark of text[offset .. offset + width): found again in the line, so that the caret stands
 * under the word. */
static struct mark mark_within(const struct parser *p, const char *from, size_t width)
{
    struct mark m = p->at != NULL ? *p->at : (struct mark){0};
    if (m.line_text == NULL || m.column < 1)
        return m;
    const size_t start = byte_of_column(&m);
    while (width > 0 && isspace((unsigned char)from[width - 1]))
        width--;
    const char *found = strstr(m.line_text + start, p->text);
    if (found == NULL)
        return m;
    const size_t skip = (size_t)(found - m.line_text) - start + (size_t)(from - p->text);
    m.column += n_characters(m.line_text + start, skip);
    m.width = width == 0 ? 1 : n_characters(from, width);
    return m;
}

/* A dash belongs to a name when a letter follows it: `$old-syn`, but `$a - 1` and `$a-1`. */
static size_t word_length(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_' ||
           (n > 0 && s[n] == '-' && isalpha((unsigned char)s[n + 1])))
        n++;
    return n;
}

static void skip_space(struct parser *p)
{
    while (isspace((unsigned char)*p->s))
        p->s++;
}

static bool take(struct parser *p, char c)
{
    skip_space(p);
    if (*p->s != c)
        return false;
    p->s++;
    return true;
}

static int parse_sum(struct parser *p, struct quantity *out);

/* `e-3` behind the digits, if it is there. False: the number no longer fits. */
static bool take_exponent(const char **s, __int128 *num, __int128 *den)
{
    const char *c = *s;
    if (*c != 'e' && *c != 'E')
        return true;
    c++;
    const bool negative = *c == '-';
    c += *c == '-' || *c == '+';
    if (!isdigit((unsigned char)*c))
        return true; /* the e begins a unit, which is no known one */
    int exponent = 0;
    for (; isdigit((unsigned char)*c); c++)
        exponent = exponent < 1000 ? exponent * 10 + (*c - '0') : exponent;
    __int128 *scaled = negative ? den : num;
    for (; exponent > 0; exponent--)
        if (!times_fit(*scaled, 10, scaled))
            return false;
    *s = c;
    return true;
}

/* Digits, point and exponent as an exact decimal; *s moves behind it. False: not a number, or
 * too long to be exact. */
static bool take_decimal(const char **s, struct quantity *out)
{
    __int128 num = 0, den = 1;
    const char *c = *s;
    int n_digits = 0;
    for (bool point = false; isdigit((unsigned char)*c) || (*c == '.' && !point); c++) {
        if (*c == '.') {
            point = true;
            continue;
        }
        n_digits++;
        if (!times_fit(num, 10, &num) || (point && !times_fit(den, 10, &den)))
            return false;
        num += *c - '0';
    }
    if (n_digits == 0)
        return false;
    if (!take_exponent(&c, &num, &den))
        return false;
    *s = c;
    *out = quantity_fraction(num, den, 0, 0);
    return true;
}

/* One of the unit written as suffix, or false. Asked as 3600 of it, because 1/h is no whole
 * number of nano-events. */
static bool unit_of_suffix(const char *suffix, size_t n, struct quantity *out)
{
    char many[24];
    enum unit unit;
    int64_t stored;
    if (n + sizeof "3600" > sizeof many)
        return false;
    snprintf(many, sizeof many, "3600%.*s", (int)n, suffix);
    if (!unit_guess(many, &unit, &stored))
        return false;
    *out = quantity_multiply(quantity_of(stored, unit), quantity_fraction(1, 3600, 0, 0));
    return true;
}

static size_t letters(const char *s)
{
    size_t n = 0;
    while (isalpha((unsigned char)s[n]))
        n++;
    return n;
}

/* `20ms`, `1%`, `2/s`, `8Mbit/s`, `0.9`. A slash belongs to the number when a unit follows it
 * at once, so that `2/s` is a rate and `2/min(1,2)` a division. */
static int parse_number(struct parser *p, struct quantity *out)
{
    const char *start = p->s;
    if (!take_decimal(&p->s, out)) {
        const struct mark m = mark_within(p, start, strcspn(start, " \t+*/()"));
        return err_set(p->e, &m, "'%.*s' is no number", (int)strcspn(start, " \t+*/()"), start);
    }
    const size_t plain = *p->s == '%' ? 1 : letters(p->s);
    const size_t per = p->s[plain] == '/' ? letters(p->s + plain + 1) : 0;
    const size_t with_per = per > 0 && p->s[plain + 1 + per] != '(' ? plain + 1 + per : 0;
    struct quantity unit = quantity_fraction(1, 1, 0, 0);
    size_t taken = 0;
    if (with_per > 0 && unit_of_suffix(p->s, with_per, &unit))
        taken = with_per;
    else if (plain > 0 && unit_of_suffix(p->s, plain, &unit))
        taken = plain;
    else if (plain > 0) {
        const struct mark m = mark_within(p, p->s, plain);
        err_set(p->e, &m, "unknown unit '%.*s'", (int)plain, p->s);
        return err_hint(p->e, "units are ns us ms s min h d, B kB MB GB KiB MiB GiB, bit kbit "
                              "Mbit Gbit, %%, /s /min /h");
    }
    p->s += taken;
    *out = quantity_multiply(*out, unit);
    return 0;
}

static const char *find_value(const char *name, size_t length, const struct param_value *names,
                              int n)
{
    for (int i = 0; i < n; i++)
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0)
            return names[i].value;
    return NULL;
}

static int unknown_name(struct parser *p, const char *word, size_t length)
{
    const char *near[MAX_NEAR];
    int n_near = 0;
    for (; n_near < p->n_names && n_near < MAX_NEAR; n_near++)
        near[n_near] = p->names[n_near].name;
    char name[WORD_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    const struct mark m = mark_within(p, word - 1, length + 1);
    err_set(p->e, &m, "no let or sweep is called '%s'", name);
    const char *meant = nearest_name(name, near, (size_t)n_near);
    return meant != NULL ? err_hint(p->e, "did you mean '$%s'?", meant) : -1;
}

/* A value's text is one signed quantity; everything else (two-way, never) cannot be computed
 * with. */
static int parse_value(struct parser *p, const char *name, size_t length, const char *text,
                       struct quantity *out)
{
    struct err inner = {0};
    struct parser q = {.text = text, .s = text, .e = &inner};
    const bool negative = take(&q, '-');
    skip_space(&q);
    if ((isdigit((unsigned char)*q.s) || *q.s == '.') && parse_number(&q, out) == 0) {
        skip_space(&q);
        if (*q.s == '\0') {
            *out = negative ? quantity_negate(*out) : *out;
            return 0;
        }
    }
    const struct mark m = mark_within(p, name - 1, length + 1);
    return err_set(p->e, &m, "$%.*s is '%s', no quantity to compute with", (int)length, name,
                   text);
}

static int parse_name(struct parser *p, struct quantity *out)
{
    const char *word = ++p->s;
    const size_t length = word_length(word);
    if (length == 0) {
        const struct mark m = mark_within(p, word - 1, 1);
        return err_set(p->e, &m, "a name must follow '$'");
    }
    p->s += length;
    const char *text = find_value(word, length, p->names, p->n_names);
    return text != NULL ? parse_value(p, word, length, text, out)
                        : unknown_name(p, word, length);
}

static int unknown_word(struct parser *p, const char *word, size_t length)
{
    const char *near[MAX_NEAR];
    size_t n = 0;
    for (; FUNCTIONS[n].name != NULL && n < MAX_NEAR; n++)
        near[n] = FUNCTIONS[n].name;
    char name[WORD_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    const struct mark m = mark_within(p, word, length);
    if (find_value(word, length, p->names, p->n_names) != NULL) {
        err_set(p->e, &m, "unknown word '%s' in arithmetic", name);
        return err_hint(p->e, "a let or sweep is written '$%s'", name);
    }
    const bool is_call = word[length + strspn(word + length, " ")] == '(';
    err_set(p->e, &m, "unknown %s '%s'", is_call ? "function" : "word", name);
    const char *meant = nearest_name(name, near, n);
    if (strcasecmp(name, "none") == 0 || strcasecmp(name, "null") == 0)
        return err_hint(p->e, "a time at which nothing happens is 'never'");
    return meant != NULL ? err_hint(p->e, "did you mean '%s'?", meant) : -1;
}

/* `web.isn_local + 1`, or the name of no metric. */
static int metric_in_arithmetic(struct parser *p, const char *word)
{
    size_t length = strcspn(word, " \t+*/()^");
    const struct mark m = mark_within(p, word, length);
    if (word == p->text && word[length] == '\0')
        return err_set(p->e, &m, "'%s' is neither a quantity nor a metric of this experiment",
                       word);
    err_set(p->e, &m, "'%.*s' cannot be computed with", (int)length, word);
    return err_hint(
        p->e, "a metric of the experiment may only be the whole of is, at_least or at_most");
}

static const struct function *find_function(const char *word, size_t length)
{
    for (const struct function *f = FUNCTIONS; f->name != NULL; f++)
        if (strlen(f->name) == length && memcmp(f->name, word, length) == 0)
            return f;
    return NULL;
}

static int apply(struct parser *p, const struct function *f, const struct mark *m,
                 const struct quantity *args, int n, struct quantity *out)
{
    if (n < f->min_args || n > f->max_args)
        return err_set(p->e, m, "%s takes %d argument%s, not %d", f->name,
                       f->min_args > n ? f->min_args : f->max_args,
                       (f->min_args > n ? f->min_args : f->max_args) == 1 ? "" : "s", n);
    if (f->any != NULL) {
        const char *wrong = f->any(args, n, out);
        return wrong != NULL ? err_set(p->e, m, "%s: %s", f->name, wrong) : 0;
    }
    double x[FUNCTION_MAX_ARGS];
    for (int i = 0; i < n; i++) {
        if (!quantity_is_pure(&args[i]))
            return err_set(p->e, m, "%s: its arguments must be plain numbers", f->name);
        x[i] = args[i].x;
    }
    *out = quantity_inexact(f->pure(x, n), 0, 0);
    return 0;
}

static int parse_call(struct parser *p, struct quantity *out)
{
    const char *word = p->s;
    const size_t length = word_length(word);
    const struct function *f = find_function(word, length);
    if (f == NULL && word[length] == '.')
        return metric_in_arithmetic(p, word);
    if (f == NULL)
        return unknown_word(p, word, length);
    const struct mark m = mark_within(p, word, length);
    p->s += length;
    if (!take(p, '('))
        return err_set(p->e, &m, "'(' must follow %s", f->name);
    struct quantity args[FUNCTION_MAX_ARGS];
    int n = 0;
    do {
        if (n == FUNCTION_MAX_ARGS)
            return err_set(p->e, &m, "%s has more than %d arguments", f->name,
                           FUNCTION_MAX_ARGS);
        if (parse_sum(p, &args[n++]) != 0)
            return -1;
    } while (take(p, ','));
    if (!take(p, ')'))
        return err_set(p->e, &m, "the '(' of %s is not closed", f->name);
    return apply(p, f, &m, args, n, out);
}

/* Of the UTF-8 character at s; 0 at the end. */
static size_t character_bytes(const char *s)
{
    size_t n = *s != '\0';
    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static int parse_atom(struct parser *p, struct quantity *out)
{
    skip_space(p);
    const char *start = p->s;
    if (take(p, '(')) {
        if (parse_sum(p, out) != 0)
            return -1;
        const struct mark m = mark_within(p, start, 1);
        return take(p, ')') ? 0 : err_set(p->e, &m, "this '(' is not closed");
    }
    if (isdigit((unsigned char)*start) || *start == '.')
        return parse_number(p, out);
    if (*start == '$')
        return parse_name(p, out);
    if (isalpha((unsigned char)*start))
        return parse_call(p, out);
    const size_t n = character_bytes(start);
    const struct mark m = mark_within(p, start, n);
    if (*start == '\0')
        return err_set(p->e, &m, "a quantity is missing at the end of '%s'", p->text);
    err_set(p->e, &m, "a quantity must stand here, not '%.*s'", (int)n, start);
    return strchr("<>=", *start) == NULL
               ? -1
               : err_hint(p->e, "the key says how to compare: is, at_least or at_most");
}

static bool is_whole_power(const struct quantity *q)
{
    return q->exact && q->den == 1 && q->num >= -MAX_POWER && q->num <= MAX_POWER;
}

static int raise(struct parser *p, const char *start, struct quantity base,
                 struct quantity power, struct quantity *out)
{
    const struct mark m = mark_within(p, start, (size_t)(p->s - start));
    if (!quantity_is_pure(&power))
        return err_set(p->e, &m, "an exponent must be a plain number");
    if (is_whole_power(&power)) {
        if (base.x == 0 && power.num < 0)
            return err_set(p->e, &m, "division by zero");
        *out = quantity_fraction(1, 1, 0, 0);
        for (int n = (int)(power.num < 0 ? -power.num : power.num); n > 0; n--)
            *out = quantity_multiply(*out, base);
        *out = power.num < 0 ? quantity_invert(*out) : *out;
        return 0;
    }
    if (!quantity_is_pure(&base))
        return err_set(p->e, &m, "a quantity with a unit takes whole exponents up to %d",
                       MAX_POWER);
    *out = quantity_inexact(pow(base.x, power.x), 0, 0);
    return 0;
}

/* -2^2 is -(2^2), as in mathematics; 2^-1 and 2^3^2 = 2^9 are taken. */
static int parse_power(struct parser *p, struct quantity *out)
{
    if (++p->depth > MAX_DEPTH)
        return err_set(p->e, p->at, "an expression may be nested %d deep", MAX_DEPTH);
    skip_space(p);
    const char *start = p->s;
    const bool negative = take(p, '-');
    struct quantity power;
    int rc = negative ? parse_power(p, out) : parse_atom(p, out);
    if (rc == 0 && !negative && take(p, '^')) {
        const struct quantity base = *out;
        rc = parse_power(p, &power) == 0 ? raise(p, start, base, power, out) : -1;
    }
    if (rc == 0 && negative)
        *out = quantity_negate(*out);
    p->depth--;
    return rc;
}

static int parse_product(struct parser *p, struct quantity *out)
{
    if (parse_power(p, out) != 0)
        return -1;
    for (;;) {
        const bool over = take(p, '/');
        if (!over && !take(p, '*'))
            return 0;
        skip_space(p);
        const char *start = p->s;
        struct quantity right;
        if (parse_power(p, &right) != 0)
            return -1;
        const struct mark m = mark_within(p, start, (size_t)(p->s - start));
        if (over && right.x == 0)
            return err_set(p->e, &m, "division by zero");
        *out = quantity_multiply(*out, over ? quantity_invert(right) : right);
    }
}

static int parse_sum(struct parser *p, struct quantity *out)
{
    skip_space(p);
    const char *start = p->s;
    if (parse_product(p, out) != 0)
        return -1;
    for (;;) {
        const bool minus = take(p, '-');
        if (!minus && !take(p, '+'))
            return 0;
        struct quantity right;
        if (parse_product(p, &right) != 0)
            return -1;
        if (!quantity_same_dimension(out, &right)) {
            char a[32], b[32];
            const struct mark m = mark_within(p, start, (size_t)(p->s - start));
            return err_set(
                p->e, &m, "%s and %s cannot be %s", quantity_dimension(out, a, sizeof a),
                quantity_dimension(&right, b, sizeof b), minus ? "subtracted" : "added");
        }
        *out = quantity_add(*out, minus ? quantity_negate(right) : right);
    }
}

int expr_eval(const char *text, const struct param_value *names, int n, const struct mark *at,
              struct quantity *out, struct err *e)
{
    struct parser p = {.text = text, .s = text, .names = names, .n_names = n, .at = at, .e = e};
    if (parse_sum(&p, out) != 0)
        return -1;
    skip_space(&p);
    if (*p.s != '\0') {
        const struct mark m = mark_within(&p, p.s, strlen(p.s));
        err_set(e, &m, "'%s' is left over behind the expression", p.s);
        if (strncmp(p.s, "±", strlen("±")) == 0 || strncmp(p.s, "+-", 2) == 0)
            return err_hint(e, "how far off it may be stands in a key of its own, tol");
        return *p.s == '$' || *p.s == '(' ? err_hint(e, "a product is written with a *") : -1;
    }
    if (!isfinite(out->x)) {
        const struct mark m = mark_within(&p, text, strlen(text));
        return err_set(e, &m, "'%s' is not a finite number", text);
    }
    return 0;
}

const char *expr_lone_name(const char *text, const struct param_value *names, int n)
{
    if (text[0] != '$')
        return NULL;
    const size_t length = word_length(text + 1);
    return length > 0 && text[1 + length] == '\0' ? find_value(text + 1, length, names, n)
                                                  : NULL;
}
