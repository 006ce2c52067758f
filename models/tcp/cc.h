/* SPDX-License-Identifier: GPL-3.0-or-later
 * cc.h -- congestion control: one const row an algorithm, chosen by name.
 *
 * The endpoint asks for the window before it sends and tells what it sees. Order of calls: init
 * once at ESTABLISHED; on_ack for each ACK that takes SND.UNA forward, before more is sent;
 * on_timeout when the retransmission timer expires, before the segment is repeated.
 */
#pragma once
#include "sim/schema.h"

struct tcp;

struct tcp_cc {
    const char *name, *help;
    void (*init)(struct tcp *t);
    uint32_t (*window)(const struct tcp *t); /* bytes that may be outstanding */
    void (*on_ack)(struct tcp *t, uint32_t acked_bytes);
    void (*on_timeout)(struct tcp *t);
};
extern const struct choice TCP_CC_CHOICES[];

/* Never NULL: the name comes from TCP_CC_CHOICES. */
const struct tcp_cc *tcp_cc_find(const char *name);
