/* SPDX-License-Identifier: GPL-3.0-or-later
 * cc.h -- congestion control: one const row an algorithm, chosen by name.
 *
 * What is lost and what is sent again is recovery.c's matter; an algorithm says how much may be
 * outstanding, and it alone writes t->cwnd, t->ssthresh and t->cwnd_acked.
 *
 *   init             once, at ESTABLISHED
 *   on_idle          nothing was outstanding for an RTO, and something is about to be sent
 *   on_sent          new segments have left
 *   on_ack           SND.UNA went forward outside of fast recovery; before more is sent
 *   on_loss          fast recovery begins; before the first segment is repeated
 *     on_dupack      ... another duplicate ACK within it        (never with SACK)
 *     on_partial_ack ... SND.UNA went forward, not to its end    (never with SACK)
 *     on_recovered   ... it has ended
 *   on_tail_loss     a loss that a tail loss probe repaired: RFC 8985 §7.4.2
 *   on_mark          a router has marked what it might have dropped: RFC 3168 §6.1.2
 *   on_timeout       the retransmission timer expired; before the segment is repeated
 *
 * Within a recovery with SACK what is outstanding is counted, not guessed (RFC 6675's Pipe): a
 * window need not grow with duplicate ACKs there; t->rtx.sacking tells it from the other kind.
 */
#pragma once
#include "sim/schema.h"

struct tcp;

struct tcp_cc {
    const char *name, *help;
    void (*init)(struct tcp *t);             /* may be NULL, as all below but window */
    uint32_t (*window)(const struct tcp *t); /* bytes that may be outstanding */
    void (*on_idle)(struct tcp *t);
    void (*on_sent)(struct tcp *t);
    void (*on_ack)(struct tcp *t, uint32_t acked_bytes);
    void (*on_loss)(struct tcp *t); /* NULL: losses are repeated on timeouts alone */
    void (*on_dupack)(struct tcp *t);
    void (*on_partial_ack)(struct tcp *t, uint32_t acked_bytes);
    void (*on_recovered)(struct tcp *t);
    void (*on_tail_loss)(struct tcp *t);
    void (*on_mark)(struct tcp *t);
    void (*on_timeout)(struct tcp *t);
};
extern const struct tcp_cc TCP_CC_RENO;
extern const struct choice TCP_CC_CHOICES[];

/* NULL: no row has that name. */
const struct tcp_cc *tcp_cc_find(const char *name);

/* TCP_CONGESTION of a connection. Windows stay, unless there were none yet. */
void tcp_cc_choose(struct tcp *t, const struct tcp_cc *cc);
