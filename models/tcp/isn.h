/* SPDX-License-Identifier: GPL-3.0-or-later
 * isn.h -- initial sequence numbers: one const row a generator, chosen by name. RFC 9293
 * §3.4.1.
 *
 *   fixed     0              whoever knows that needs no more to forge a segment
 *   clock     M              M is RFC 793's clock of 4 us: guessed by who opens one connection
 *   random    drawn          may lie in the window of the connection before between these ends
 *   rfc6528   M + F(ends)    of one pair of ends it only grows, of another it tells nothing
 */
#pragma once
#include "models/tcp/seq.h"
#include "sim/schema.h"

struct tcp_stack;
struct tcp;

struct tcp_isn {
    const char *name, *help;
    tcp_seq (*next)(struct tcp_stack *s, const struct tcp *t); /* called once a connection */
};
extern const struct choice TCP_ISN_CHOICES[];

/* Never NULL: the name comes from TCP_ISN_CHOICES. */
const struct tcp_isn *tcp_isn_find(const char *name);
