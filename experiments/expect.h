/* SPDX-License-Identifier: GPL-3.0-or-later
 * expect.h -- what an experiment says must come out, held against what came out: one verdict a
 * selected point.
 *
 *   is            every replication shows exactly this (integers or fractions of integers;
 * texts as texts) is + tol      the mean over replications is within tol: a percentage of `is`,
 * or a quantity is + z_max    |mean - is| <= z_max standard errors, and the 95 % half-width is
 * at most half_width_max; a wider interval is "inconclusive", which does not hold at_least,
 * at_most   every replication keeps the bound
 *
 * `is`, at_least and at_most may also be another metric of the same run, `web.isn_local`,
 * alone: then each replication is held against its own value of it.
 *
 * A value that did not come to be (no such event in the run) satisfies nothing but `is: never`,
 * and of a text `is: none`.
 */
#pragma once
#include "experiments/expr.h"

/* One replication's value of a metric, small enough to keep by the million. */
struct observed {
    enum value_kind kind;
    int64_t num, den; /* stored integers of the metric's unit */
    char *text;       /* owned; only VALUE_TEXT */
};
void observed_set(struct observed *o, const struct value *v);
void observed_free(struct observed *o);
/* In the SI unit; NAN for none and text. */
double observed_number(const struct observed *o, enum unit unit);
/* "20ms", "never" (a time that did not come), "none", the text. Returns buf. */
const char *observed_format(const struct observed *o, enum unit unit, char *buf, size_t size);

/* An expectation read at one point. */
struct target {
    const char *metric; /* compare with this metric; borrowed, as all texts here. NULL: with one
                           of the others */
    const char *text;   /* compare with this text. NULL: with a quantity */
    bool never;         /* `is: never` */
    struct quantity want;
    struct quantity tol; /* EXPECT_TOL; in the metric's unit unless relative */
    bool tol_relative;
    struct quantity half_width_max; /* EXPECT_Z_MAX */
};

/* Reads x, about a metric of this unit, with the point's names. 0, or -1 with e at the very
 * word. */
int expect_target(const struct expect *x, enum unit unit, const struct param_value *names,
                  int n_names, struct target *out, struct err *e);

/* The same when `want` is the name of a metric of unit `other`. */
int expect_target_metric(const struct expect *x, enum unit unit, enum unit other,
                         struct target *out, struct err *e);

enum verdict_kind { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE };
enum { VERDICT_TEXT_BYTES = 256 };

struct verdict {
    const struct expect *expect; /* borrowed */
    int point;                   /* index */
    int n;                       /* observations */
    enum verdict_kind kind;
    char want[VERDICT_TEXT_BYTES], tol[64], got[VERDICT_TEXT_BYTES];
};
const char *verdict_name(enum verdict_kind kind); /* "pass", "fail", "inconclusive" */
const char *
expect_op_name(enum expect_op op); /* "exact", "tol", "z_max", "at_least", "at_most" */

/* seen[0..n), n >= 1; others[0..n) are the values of the target's metric, NULL when it is none.
 * Sets kind, n, want, tol and got of *out. */
void expect_judge(const struct expect *x, enum unit unit, const struct target *target,
                  const struct observed *seen, const struct observed *others, int n,
                  struct verdict *out);
