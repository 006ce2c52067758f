/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/isn.h"

#include "models/tcp/endpoint.h"

#include <string.h>

static tcp_seq isn_fixed(struct tcp_stack *s)
{
    return seq(0);
}

/* RFC 9293 §3.4.1: a 32-bit clock that ticks about every 4 microseconds and wraps in 4.77
 * hours. */
static tcp_seq isn_clock(struct tcp_stack *s)
{
    return seq((uint32_t)((uint64_t)s->sim->now / (uint64_t)US(4)));
}

static tcp_seq isn_random(struct tcp_stack *s)
{
    return seq((uint32_t)rng_u64(&s->isn_rng));
}

#define RANDOM_HELP "uniform on 32 bits, from the host's own stream"
#define CLOCK_HELP  "RFC 793's clock: one up every 4 us"
#define FIXED_HELP  "always 0"

static const struct tcp_isn registry[] = {
    {"random", RANDOM_HELP, isn_random},
    {"clock", CLOCK_HELP, isn_clock},
    {"fixed", FIXED_HELP, isn_fixed},
};

const struct choice TCP_ISN_CHOICES[] = {
    {"random", RANDOM_HELP}, {"clock", CLOCK_HELP}, {"fixed", FIXED_HELP}, {NULL, NULL}};

const struct tcp_isn *tcp_isn_find(const char *name)
{
    const struct tcp_isn *i = registry;
    while (strcmp(i->name, name) != 0)
        i++;
    return i;
}
