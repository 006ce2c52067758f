/* SPDX-License-Identifier: GPL-3.0-or-later
 * loss.h -- which packets a wire loses: one at a time, in bursts, or exactly these.
 *
 *   bernoulli        each with probability p                              rate p
 *   gilbert-elliott  (good) --p--> (bad), back by r; lost in bad with     rate, with b = p / (p
 * + r): 1 - h, in good with 1 - k                            b (1 - h) + (1 - b)(1 - k) markov
 * tc-netem's four states, see below periodic         every n-th 1 / n list             the 3rd,
 * the 7th, the 12th
 *
 * Of gilbert-elliott with h and k left out (Gilbert's model) what is lost in a row is 1 / r
 * long on average, and what arrives in a row 1 / p. It begins in good; a packet's fate is drawn
 * in the state that it finds, and then the state's change.
 *
 *   markov:   (1) arrives <--p31-- (3) lost, in a burst <--p23-- (2) arrives, within a burst
 *             (1) --p13--> (3)      (3) --p32--> (2)      (1) --p14--> (4) lost alone --> (1)
 *
 * The state changes first, and 3 and 4 lose the packet. With s3 = p13 / p31, s2 = s3 p32 / p23
 * and s4 = p14 in units of state 1's share, the rate is (s3 + s4) / (1 + s2 + s3 + s4).
 *
 * Random models take one number of each of their streams a packet, whatever comes of it. Not
 * modelled: loss that depends on a packet's size (bit errors), or on time rather than packets.
 */
#pragma once
#include "sim/schema.h"
#include "sim/sim.h"

extern const struct variant LOSS_MODELS[]; /* bernoulli first; ends with {NULL} */

struct key_variant loss_bernoulli(int64_t p); /* in FRACTION_ONE parts */

/* True: nothing is ever lost. Not given is none. */
bool loss_is_none(const struct key_variant *model);

/* One link's loss. */
struct loss {
    struct key_variant model;
    int64_t n; /* packets so far */
    int state; /* of gilbert-elliott: 1 is bad; of markov: the state less 1 */
    struct rng fate, change;
};

/* Draws from "NAME/loss" and "NAME/loss-state". */
void loss_init(struct loss *s, const struct sim *sim, const char *name,
               const struct key_variant *model);

/* Another model from now on: it begins anew, on the same streams. */
void loss_set(struct loss *s, const struct key_variant *model);

/* The next packet's fate: true if it is lost. */
bool loss_strikes(struct loss *s);
