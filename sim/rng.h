/* SPDX-License-Identifier: GPL-3.0-or-later
 * rng.h -- named streams of random numbers: Philox4x32-10 (Salmon et al., SC'11; Random123).
 *
 * The one idea: a draw is a pure function of (seed, replication, name of the consumer, number
 * of the draw). Adding a link, or a draw in another stream, disturbs nobody; a stream's state
 * is 24 bytes and can be copied.
 *
 *   key     = mix64(seed, replication)      counter = hash64(name) || number of the draw
 */
#pragma once
#include <gsl/gsl_rng.h>
#include <stdint.h>

struct rng {
    uint64_t key;  /* seed and replication; `random: independent`: the point's parameters too */
    uint64_t name; /* hash64 of e.g. "link/client->server/loss" */
    uint64_t n;    /* draws made so far */
};

/* A good 64-bit mixing of two words (the finalizer of SplitMix64, twice). */
uint64_t mix64(uint64_t a, uint64_t b);

/* FNV-1a over the bytes of s, then mixed. */
uint64_t hash64(const char *s);

void rng_init(struct rng *r, uint64_t key, const char *name);

/* 64 random bits; one Philox block a draw. */
uint64_t rng_u64(struct rng *r);

/* Uniform on [0, 1): a multiple of 2^-53. One draw. */
double rng_uniform(struct rng *r);

/* Uniform on 0 .. n-1, n > 0. One draw (multiply-shift, Lemire 2019; the bias is below n /
 * 2^64). */
uint64_t rng_below(struct rng *r, uint64_t n);

/* True with probability p. One draw whatever p is. */
int rng_chance(struct rng *r, double p);

/* r dressed as a gsl_rng, to be made on the stack: gsl_rng g = rng_gsl(r);
 * gsl_ran_exponential(&g, mean). Borrows r. Each gsl_rng_get takes one draw (32 bits), each
 * gsl_rng_uniform one draw. */
gsl_rng rng_gsl(struct rng *r);
