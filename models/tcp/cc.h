/* SPDX-License-Identifier: GPL-3.0-or-later
 * cc.h -- congestion control: one const row an algorithm, chosen by name.
 *
 * What is lost and what is sent again is recovery.c's matter; an algorithm says how much may be
 * outstanding. Order of calls: init once at ESTABLISHED; on_ack for each ACK that takes SND.UNA
 * forward outside of fast recovery, before more is sent; on_loss when the third duplicate ACK
 * begins a fast recovery; on_timeout when the retransmission timer expires, before the segment
 * is repeated.
 */
#pragma once
#include "sim/schema.h"

struct tcp;

struct tcp_cc {
    const char *name, *help;
    void (*init)(struct tcp *t);                         /* may be NULL */
    uint32_t (*window)(const struct tcp *t);             /* bytes that may be outstanding */
    void (*on_ack)(struct tcp *t, uint32_t acked_bytes); /* may be NULL */
    void (*on_loss)(struct tcp *t);    /* NULL: losses are repeated on timeouts alone */
    void (*on_timeout)(struct tcp *t); /* may be NULL */
};
extern const struct tcp_cc TCP_CC_RENO;
extern const struct choice TCP_CC_CHOICES[];

/* Never NULL: the name comes from TCP_CC_CHOICES. */
const struct tcp_cc *tcp_cc_find(const char *name);
