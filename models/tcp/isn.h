/* SPDX-License-Identifier: GPL-3.0-or-later
 * isn.h -- initial sequence numbers: one const row a generator, chosen by name. RFC 9293
 * §3.4.1.
 */
#pragma once
#include "models/tcp/seq.h"
#include "sim/schema.h"

struct tcp_stack;

struct tcp_isn {
    const char *name, *help;
    tcp_seq (*next)(struct tcp_stack *s); /* called once a connection */
};
extern const struct choice TCP_ISN_CHOICES[];

/* Never NULL: the name comes from TCP_ISN_CHOICES. */
const struct tcp_isn *tcp_isn_find(const char *name);
