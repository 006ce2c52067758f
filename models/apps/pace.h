/* SPDX-License-Identifier: GPL-3.0-or-later
 * pace.h -- a source of constant rate that may fall silent: equal pieces at equal distances
 * while it is on, nothing while it is off.
 *
 *   | on: p   p   p   p  | off          | on: p   p  | off ...       distance = size * 8 / rate
 *
 * The one idea: instants are reckoned from the beginning of the phase, so that no rounding adds
 * up. A phase begins with a piece, but never sooner than a distance after the last one: the
 * rate is never exceeded, however short the phases are.
 */
#pragma once
#include "sim/dist.h"

struct pace_params {
    int64_t rate_bps;           /* of payload */
    int64_t size;               /* bytes of a piece */
    struct key_variant on, off; /* of DIST_KINDS; on: not given: for ever */
};

/* The random numbers of all who keep one pace. */
struct pace_source {
    const struct pace_params *params; /* borrowed */
    struct rng on, off;
};

struct pace {
    sim_time next_at; /* of the next piece; SIM_NEVER: none */
    sim_time phase_at, phase_ends_at;
    int64_t n; /* pieces of this phase */
};

/* on, off: their random numbers. */
void pace_source_init(struct pace_source *s, const struct pace_params *params,
                      const struct rng *on, const struct rng *off);

/* The first piece at `at`. */
void pace_begin(struct pace *p, struct pace_source *s, sim_time at);

/* Takes the piece of next_at, and finds the one after it. */
void pace_take(struct pace *p, struct pace_source *s);
