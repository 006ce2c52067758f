/* SPDX-License-Identifier: GPL-3.0-or-later
 * rows.h -- the rows of `expect` and `plot`: what must come out, and what is drawn.
 */
#pragma once
#include "experiments/experiment.h"

/* Fill x->expects and x->plots from x->tree; the points are known. 0, or -1 with e. */
int expects_read(struct experiment *x, struct err *e);
int plots_read(struct experiment *x, struct err *e);

/* Whether the metrics of the expectations that select a point, and what its pictures show,
 * exist in its network. 0, or -1 with e. */
int expects_check(const struct experiment *x, int point, const struct net_spec *net,
                  struct err *e);
int plots_check(const struct experiment *x, int point, const struct net_spec *net,
                struct err *e);

/* The metric `subject.metric` of a network, or -1 with e at `at` and the nearest name. */
int metric_find(const struct experiment *x, const struct net_spec *net, const char *subject,
                const char *metric, const struct mark *at, const struct metric **out,
                struct err *e);
