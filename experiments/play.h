/* SPDX-License-Identifier: GPL-3.0-or-later
 * play.h -- one run of an experiment, to look into while it goes on. Nothing is stored, and
 * nothing judged; it is the same run as replication.h's.
 */
#pragma once
#include "experiments/experiment.h"

struct play {
    struct point_spec spec;
    struct sim *sim;
    struct net *net;
    sim_time stop;
    bool is_over;
};

/* Builds run `id` (from 1, as in a database) of x at time 0: nothing has begun. 0, or -1 with
 * e: no such run, no memory. Call play_end after either. */
int play_open(struct play *p, const struct experiment *x, int64_t id, struct err *e);
/* Its applications start; records go to listener from now on (borrowed; NULL: nobody). */
void play_start(struct play *p, struct listener *listener);
/* All events at or before `until`, and no more than the experiment's stop, while goes_on(ctx).
 */
void play_until(struct play *p, sim_time until, bool (*goes_on)(void *ctx), void *ctx);
/* Whatever is under way ends, as at the end of a run, and is freed. */
void play_end(struct play *p);
