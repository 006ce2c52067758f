/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/rng.h"

#include <Random123/philox.h>

static uint64_t splitmix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t mix64(uint64_t a, uint64_t b)
{
    return splitmix(splitmix(a) ^ b);
}

uint64_t hash64(const char *s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return splitmix(h);
}

void rng_init(struct rng *r, uint64_t key, const char *name)
{
    *r = (struct rng){.key = key, .name = hash64(name)};
}

uint64_t rng_u64(struct rng *r)
{
    const philox4x32_ctr_t counter = {
        {(uint32_t)r->n, (uint32_t)(r->n >> 32), (uint32_t)r->name, (uint32_t)(r->name >> 32)}};
    const philox4x32_key_t key = {{(uint32_t)r->key, (uint32_t)(r->key >> 32)}};
    const philox4x32_ctr_t block = philox4x32_R(10, counter, key);
    r->n++;
    return block.v[0] | (uint64_t)block.v[1] << 32;
}

double rng_uniform(struct rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    return (uint64_t)((unsigned __int128)rng_u64(r) * n >> 64);
}

int rng_chance(struct rng *r, double p)
{
    return rng_uniform(r) < p;
}

static void gsl_set(void *state, unsigned long seed)
{
    struct rng *r = state;
    r->key = seed;
    r->n = 0;
}

static unsigned long gsl_get(void *state)
{
    return (unsigned long)(rng_u64(state) >> 32);
}
static double gsl_get_double(void *state)
{
    return rng_uniform(state);
}

static const gsl_rng_type PHILOX = {
    "philox4x32-10", UINT32_MAX, 0, sizeof(struct rng), gsl_set, gsl_get, gsl_get_double};

gsl_rng rng_gsl(struct rng *r)
{
    return (gsl_rng){.type = &PHILOX, .state = r};
}
