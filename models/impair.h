/* SPDX-License-Identifier: GPL-3.0-or-later
 * impair.h -- what befalls packets at random on a link, in tc-netem's words: jitter, loss,
 * duplication, corruption, reordering.
 *
 * The one idea: a packet's luck is drawn when it is sent, all of it, from one named stream a
 * kind ("link/a->b/loss", .../delay, .../duplicate, .../corrupt, .../reorder). What comes of
 * one draw, or of a fault or a full queue, never moves another stream: with more loss the same
 * packets are doubled.
 */
#pragma once
#include "models/loss.h"
#include "sim/dist.h"

struct link_params;

/* Each packet has a `probability` to leave its place, once gap - 1 in a row have kept theirs:
 * so one in gap - 1 + 1 / probability does. With delay 0 it skips the link's delay and
 * overtakes those before it, as with tc-netem; else it falls behind by this much. */
struct reorder_params {
    int64_t probability; /* in FRACTION_ONE parts; 0: none */
    int64_t gap;         /* 1: any packet */
    sim_time delay;
};

struct luck {
    bool lost, corrupt, doubled, moved;
    sim_time delay; /* propagation */
};

struct impair {
    struct key_variant delay;
    int64_t delay_correlation;
    struct dist_chain chain;
    struct loss loss;
    bool draws_loss, draws_delay;
    int64_t duplicate, corrupt; /* probabilities */
    struct reorder_params reorder;
    int64_t n_in_place; /* packets since the last one that left its place */
    struct rng delay_rng, duplicate_rng, corrupt_rng, reorder_rng;
};

/* Whether these parameters draw anything or vary, so that a struct impair is needed. */
bool impair_is_none(const struct link_params *params);

/* name: "link/NAME". */
void impair_init(struct impair *im, const struct sim *sim, const char *name,
                 const struct link_params *params);

/* The next packet's. */
struct luck impair_draw(struct impair *im);
