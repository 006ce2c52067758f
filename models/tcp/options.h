/* SPDX-License-Identifier: GPL-3.0-or-later
 * options.h -- TCP options in wire form, RFC 9293 §3.2: encoded once by the sender, parsed once by the receiver.
 */
#pragma once
#include "sim/sim.h"

struct tcp_options {
    uint16_t mss; /* 0: absent */
};

/* Writes o into p's option block, padded to 4 bytes. */
void tcp_options_put(struct sim *sim, struct packet *p, const struct tcp_options *o);

/* Reads p's options. Unknown ones are skipped by their length; a length that is wrong ends the list (RFC 9293 MUST-7). */
struct tcp_options tcp_options_get(const struct sim *sim, const struct packet *p);
