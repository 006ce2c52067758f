/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/expect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/stats.h"

/* Room for the rounding of doubles where a mean meets a tolerance or a sample without spread.
 */
static const double ROUNDING = 1e-12;
static const double NEGLIGIBLE = 1e-6; /* of the accuracy that was asked for */

/* What a text that did not come to be is called, in rows and in reports. */
static const char NO_TEXT[] = "none";

/* Observations */

void observed_set(struct observed *o, const struct value *v)
{
    *o = (struct observed){
        .kind = v->kind, .num = v->num, .den = v->kind == VALUE_RATIO ? v->den : 1};
    if (v->kind == VALUE_TEXT)
        o->text = strdup(v->text);
}

void observed_free(struct observed *o)
{
    free(o->text);
    o->text = NULL;
}

double observed_number(const struct observed *o, enum unit unit)
{
    const struct value v = {.kind = o->kind, .num = o->num, .den = o->den};
    return value_number(&v, unit);
}

const char *observed_format(const struct observed *o, enum unit unit, char *buf, size_t size)
{
    if (o->kind == VALUE_INT || (o->kind == VALUE_RATIO && o->num % o->den == 0))
        return unit_format(o->num / o->den, unit, buf, size);
    if (o->kind == VALUE_RATIO)
        return number_format(observed_number(o, unit), unit, buf, size);
    snprintf(buf, size, "%s",
             o->kind == VALUE_TEXT ? o->text
             : unit == UNIT_TIME   ? "never"
                                   : NO_TEXT);
    return buf;
}

/* Reading an expectation */

static const char *const OP_NAMES[] = {[EXPECT_EXACT] = "exact",
                                       [EXPECT_TOL] = "tol",
                                       [EXPECT_Z_MAX] = "z_max",
                                       [EXPECT_AT_LEAST] = "at_least",
                                       [EXPECT_AT_MOST] = "at_most"};

const char *expect_op_name(enum expect_op op)
{
    return OP_NAMES[op];
}

const char *verdict_name(enum verdict_kind kind)
{
    static const char *const names[] = {"pass", "fail", "inconclusive"};
    return names[kind];
}

/* Evaluates text, which stands at `at`, as a quantity of the metric's unit. */
static int read_quantity(const struct expect *x, const char *text, const struct mark *at,
                         enum unit unit, const struct param_value *names, int n_names,
                         struct quantity *out, struct err *e)
{
    if (expr_eval(text, names, n_names, at, out, e) != 0)
        return -1;
    if (quantity_fits(out, unit))
        return 0;
    char is[32], must[32];
    err_set(e, at, "'%s' is %s, but %s.%s is %s", text, quantity_dimension(out, is, sizeof is),
            x->subject, x->metric, unit_dimension(unit, must, sizeof must));
    return err_hint(e, "write it %s unit, for example %s",
                    unit == UNIT_COUNT ? "without a" : "with its", units[unit].example);
}

static int read_text(const struct expect *x, const struct param_value *names, int n_names,
                     struct target *out, struct err *e)
{
    if (x->op != EXPECT_EXACT)
        return err_set(e, &x->want_at, "%s.%s is a text: it can only be compared by 'is' alone",
                       x->subject, x->metric);
    const char *value = expr_lone_name(x->want, names, n_names);
    out->text = value != NULL ? value : x->want;
    return 0;
}

static int read_never(const struct expect *x, enum unit unit, struct target *out, struct err *e)
{
    if (x->op != EXPECT_EXACT)
        return err_set(e, &x->want_at, "'never' can only be asked by 'is' alone");
    if (unit != UNIT_TIME)
        return err_set(e, &x->want_at, "'never' is said of a time, and %s.%s is none",
                       x->subject, x->metric);
    out->never = true;
    return 0;
}

/* `tol: 1%` is a part of `is`; anything else a quantity of the metric's unit. */
static int read_tol(const struct expect *x, enum unit unit, const struct param_value *names,
                    int n_names, struct target *out, struct err *e)
{
    const size_t length = strlen(x->tol);
    out->tol_relative = length > 0 && x->tol[length - 1] == '%';
    const enum unit tol_unit = out->tol_relative ? UNIT_FRACTION : unit;
    if (read_quantity(x, x->tol, &x->tol_at, tol_unit, names, n_names, &out->tol, e) != 0)
        return -1;
    return out->tol.x >= 0 ? 0 : err_set(e, &x->tol_at, "a tolerance is not negative");
}

int expect_target(const struct expect *x, enum unit unit, const struct param_value *names,
                  int n_names, struct target *out, struct err *e)
{
    *out = (struct target){0};
    if (unit == UNIT_NONE)
        return read_text(x, names, n_names, out, e);
    const char *value = expr_lone_name(x->want, names, n_names);
    if (strcmp(value != NULL ? value : x->want, "never") == 0)
        return read_never(x, unit, out, e);
    if (read_quantity(x, x->want, &x->want_at, unit, names, n_names, &out->want, e) != 0)
        return -1;
    if (x->op == EXPECT_EXACT && !out->want.exact) {
        err_set(e, &x->want_at,
                "'%s' is not exact: only + - * / and whole powers of quantities are", x->want);
        return err_hint(e, "say how near it must come, for example tol: 1%%");
    }
    if (x->op == EXPECT_TOL)
        return read_tol(x, unit, names, n_names, out, e);
    if (x->op != EXPECT_Z_MAX)
        return 0;
    return read_quantity(x, x->half_width_max, &x->half_width_at, unit, names, n_names,
                         &out->half_width_max, e);
}

int expect_target_metric(const struct expect *x, enum unit unit, enum unit other,
                         struct target *out, struct err *e)
{
    *out = (struct target){.metric = x->want};
    if (x->op == EXPECT_TOL || x->op == EXPECT_Z_MAX)
        return err_set(e, &x->want_at, "%s goes with a quantity, and '%s' is a metric",
                       OP_NAMES[x->op], x->want);
    if (unit == UNIT_NONE && x->op != EXPECT_EXACT)
        return read_text(x, NULL, 0, out, e);
    if (unit == other)
        return 0;
    char is[32], must[32];
    return err_set(e, &x->want_at, "'%s' is %s, but %s.%s is %s", x->want,
                   unit_dimension(other, is, sizeof is), x->subject, x->metric,
                   unit_dimension(unit, must, sizeof must));
}

/* Judging */

static bool is_number(const struct observed *o)
{
    return o->kind == VALUE_INT || o->kind == VALUE_RATIO;
}

/* -1, 0, 1 as the observation is below, equal to or above q. Equality of fractions is exact. */
static int compare(const struct observed *o, const struct quantity *q, enum unit unit)
{
    __int128 num, den, left, right;
    const double x = observed_number(o, unit), y = quantity_number(q, unit);
    if (!quantity_stored(q, unit, &num, &den))
        return (x > y) - (x < y);
    if (!__builtin_mul_overflow((__int128)o->num, den, &left) &&
        !__builtin_mul_overflow(num, (__int128)o->den, &right))
        return (left > right) - (left < right);
    return x < y ? -1
                 : 1; /* terms too large to multiply are not equal: q has no common divisor */
}

/* The same between two observations of one unit; both are numbers. */
static int compare_observed(const struct observed *a, const struct observed *b)
{
    const __int128 left = (__int128)a->num * b->den, right = (__int128)b->num * a->den;
    return (left > right) - (left < right);
}

static bool in_order(enum expect_op op, int order)
{
    return op == EXPECT_AT_LEAST ? order >= 0 : op == EXPECT_AT_MOST ? order <= 0 : order == 0;
}

static bool holds_against(const struct expect *x, const struct observed *o,
                          const struct observed *other)
{
    if (o->kind == VALUE_TEXT && other->kind == VALUE_TEXT)
        return strcmp(o->text, other->text) == 0;
    return is_number(o) && is_number(other) && in_order(x->op, compare_observed(o, other));
}

/* other: this replication's value of the target's metric, if it is one. */
static bool holds(const struct expect *x, enum unit unit, const struct target *t,
                  const struct observed *o, const struct observed *other)
{
    if (other != NULL)
        return holds_against(x, o, other);
    if (t->never)
        return o->kind == VALUE_NONE;
    if (t->text != NULL)
        return strcmp(o->kind == VALUE_TEXT   ? o->text
                      : o->kind == VALUE_NONE ? NO_TEXT
                                              : "",
                      t->text) == 0;
    if (!is_number(o))
        return false;
    return in_order(x->op, compare(o, &t->want, unit));
}

/* The observation that comes nearest to breaking a bound, or breaks it most. */
static const struct observed *worst(const struct expect *x, enum unit unit,
                                    const struct observed *seen, int n)
{
    const double sign = x->op == EXPECT_AT_LEAST ? 1 : -1;
    const struct observed *w = &seen[0];
    for (int i = 1; i < n && is_number(w); i++)
        if (!is_number(&seen[i]) ||
            sign * observed_number(&seen[i], unit) < sign * observed_number(w, unit))
            w = &seen[i];
    return w;
}

/* Every replication by itself; got is the first that does not hold, or the worst against a
 * bound that is the same for all. Returns the replication that is shown. */
static int judge_each(const struct expect *x, enum unit unit, const struct target *t,
                      const struct observed *seen, const struct observed *others, int n,
                      struct verdict *out)
{
    const bool is_bound =
        others == NULL && (x->op == EXPECT_AT_LEAST || x->op == EXPECT_AT_MOST);
    int shown = is_bound ? (int)(worst(x, unit, seen, n) - seen) : -1, n_wrong = 0;
    for (int i = 0; i < n; i++)
        if (!holds(x, unit, t, &seen[i], others != NULL ? &others[i] : NULL) &&
            n_wrong++ == 0 && shown < 0)
            shown = i;
    shown = shown < 0 ? 0 : shown;
    out->kind = n_wrong == 0 ? VERDICT_PASS : VERDICT_FAIL;
    observed_format(&seen[shown], unit, out->got, sizeof out->got);
    const size_t length = strlen(out->got);
    if (n_wrong > 0 && n > 1)
        snprintf(out->got + length, sizeof out->got - length, " (%d of %d do not hold)",
                 n_wrong, n);
    else if (is_bound && n > 1)
        snprintf(out->got + length, sizeof out->got - length, " (worst of %d)", n);
    return shown;
}

static enum verdict_kind within_tol(const struct target *t, enum unit unit,
                                    const struct summary *s)
{
    const double want = quantity_number(&t->want, unit);
    const double tol = t->tol_relative ? t->tol.x * fabs(want) : quantity_number(&t->tol, unit);
    return fabs(s->mean - want) <= tol + ROUNDING * fabs(want) ? VERDICT_PASS : VERDICT_FAIL;
}

static enum verdict_kind within_z(const struct expect *x, const struct target *t,
                                  enum unit unit, const struct summary *s)
{
    const double want = quantity_number(&t->want, unit);
    if (s->n < 2)
        return VERDICT_INCONCLUSIVE;
    const double half_width_max = quantity_number(&t->half_width_max, unit);
    /* All alike (nobody refused in any replication): the error is not known to be 0. What is a
     * millionth of the width that was asked for is no difference then. */
    const double least = s->error > 0 ? 0 : NEGLIGIBLE * half_width_max;
    if (fabs(s->mean - want) > x->z_max * s->error + least + ROUNDING * fabs(want))
        return VERDICT_FAIL;
    return s->half_width <= half_width_max ? VERDICT_PASS : VERDICT_INCONCLUSIVE;
}

/* The sample as a whole, by its mean. */
static void judge_mean(const struct expect *x, enum unit unit, const struct target *t,
                       const struct observed *seen, int n, struct verdict *out)
{
    double *numbers = calloc((size_t)n, sizeof *numbers);
    int n_missing = 0;
    for (int i = 0; i < n; i++) {
        n_missing += !is_number(&seen[i]);
        if (is_number(&seen[i]))
            numbers[i] = observed_number(&seen[i], unit);
    }
    char mean[64], half[64];
    const struct summary s = stats_summary(numbers, n);
    free(numbers);
    if (n_missing > 0) {
        out->kind = VERDICT_FAIL;
        snprintf(out->got, sizeof out->got, "none in %d of %d", n_missing, n);
        return;
    }
    out->kind = x->op == EXPECT_TOL ? within_tol(t, unit, &s) : within_z(x, t, unit, &s);
    if (n < 2)
        observed_format(&seen[0], unit, out->got, sizeof out->got);
    else
        snprintf(out->got, sizeof out->got, "%s ± %s",
                 number_format(s.mean, unit, mean, sizeof mean),
                 number_format(s.half_width, unit, half, sizeof half));
}

static void want_text(enum unit unit, const struct target *t, const struct observed *other,
                      char *buf, size_t size)
{
    char value[VERDICT_TEXT_BYTES];
    if (other != NULL)
        snprintf(buf, size, "%s: %s", t->metric,
                 observed_format(other, unit, value, sizeof value));
    else if (t->text != NULL || t->never)
        snprintf(buf, size, "%s", t->never ? "never" : t->text);
    else
        quantity_format(&t->want, unit, buf, size);
}

void expect_judge(const struct expect *x, enum unit unit, const struct target *target,
                  const struct observed *seen, const struct observed *others, int n,
                  struct verdict *out)
{
    char width[40];
    int shown = 0;
    out->expect = x;
    out->n = n;
    out->tol[0] = '\0';
    if (x->op == EXPECT_TOL)
        snprintf(out->tol, sizeof out->tol, "%s", x->tol);
    if (x->op == EXPECT_Z_MAX)
        snprintf(out->tol, sizeof out->tol, "z %g, half-width %s", x->z_max,
                 quantity_format(&target->half_width_max, unit, width, sizeof width));
    if (x->op == EXPECT_TOL || x->op == EXPECT_Z_MAX)
        judge_mean(x, unit, target, seen, n, out);
    else
        shown = judge_each(x, unit, target, seen, others, n, out);
    want_text(unit, target, others != NULL ? &others[shown] : NULL, out->want,
              sizeof out->want);
}
