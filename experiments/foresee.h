/* SPDX-License-Identifier: GPL-3.0-or-later
 * foresee.h -- what stands in a description and cannot do anything, seen before a run: what
 * would begin when the run is over, queues where nothing waits, ends between which there is no
 * way. For the warnings of `check` and of a run (warnings.h).
 */
#pragma once
#include "experiments/experiment.h"
#include "topologies/reach.h"

/* Each returns 0, or what the sentence needs; i: of apps, links, hosts. */
struct foresight {
    const struct experiment *x;
    const struct net_spec *spec;
    struct reach *reach;
};
/* The first instant behind `stop` at which the app begins or its script has a step; a step of
 * the link's schedule; the host's failure. */
int64_t foresee_late_app(const struct foresight *f, int i);
int64_t foresee_late_link(const struct foresight *f, int i);
int64_t foresee_late_host(const struct foresight *f, int i);
/* 1: the link's queue has a limit, and its rate has none, ever. */
int64_t foresee_queue(const struct foresight *f, int i);
/* 1: no links lead from the app's host to where it sends; 2: none lead back. */
int64_t foresee_no_way(const struct foresight *f, int i);
