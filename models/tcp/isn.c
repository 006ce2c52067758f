/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/isn.h"

#include "models/tcp/endpoint.h"
#include "models/tcp/siphash.h"

#include <string.h>

static tcp_seq isn_fixed(struct tcp_stack *s, const struct tcp *t)
{
    return seq(0);
}

/* RFC 9293 §3.4.1: a 32-bit clock that ticks about every 4 microseconds and wraps in 4.77
 * hours. */
static tcp_seq isn_clock(struct tcp_stack *s, const struct tcp *t)
{
    return seq((uint32_t)((uint64_t)s->sim->now / (uint64_t)US(4)));
}

static tcp_seq isn_random(struct tcp_stack *s, const struct tcp *t)
{
    return seq((uint32_t)rng_u64(&s->isn_rng));
}

/* RFC 6528 §3: M + F(localip, localport, remoteip, remoteport, secretkey). */
static tcp_seq isn_rfc6528(struct tcp_stack *s, const struct tcp *t)
{
    const uint32_t ends[] = {t->local.ip.prefix,  t->local.ip.low,  t->local.port,
                             t->remote.ip.prefix, t->remote.ip.low, t->remote.port};
    uint8_t bytes[sizeof ends];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(ends[i / 4] >> 8 * (i % 4));
    const uint32_t f = (uint32_t)siphash24(s->isn_key, bytes, sizeof bytes);
    return seq_add(isn_clock(s, t), f);
}

#define RFC6528_HELP "RFC 6528: the clock plus SipHash-2-4 of the ends under the host's key"
#define RANDOM_HELP  "uniform on 32 bits; may lie in the window of the connection before"
#define CLOCK_HELP   "RFC 793's clock, one up every 4 us: one connection tells all the others"
#define FIXED_HELP   "always 0: no secret at all, and old segments fit"

static const struct tcp_isn registry[] = {
    {"random", RANDOM_HELP, isn_random},
    {"clock", CLOCK_HELP, isn_clock},
    {"fixed", FIXED_HELP, isn_fixed},
    {"rfc6528", RFC6528_HELP, isn_rfc6528},
};

const struct choice TCP_ISN_CHOICES[] = {{"random", RANDOM_HELP},
                                         {"clock", CLOCK_HELP},
                                         {"fixed", FIXED_HELP},
                                         {"rfc6528", RFC6528_HELP},
                                         {NULL, NULL}};

const struct tcp_isn *tcp_isn_find(const char *name)
{
    const struct tcp_isn *i = registry;
    while (strcmp(i->name, name) != 0)
        i++;
    return i;
}
