/* SPDX-License-Identifier: GPL-3.0-or-later
 * ack.h -- when an acknowledgment leaves: one const row a rule, chosen by name.
 *
 * RFC 9293 §3.8.6.3 leaves room between "at once" and "within half a second, every second full
 * segment". What a rule does with it shows in every trace, and decides whether a close takes
 * three segments or four.
 */
#pragma once
#include "sim/schema.h"
#include "sim/time.h"

struct tcp;

struct tcp_ack_rule {
    const char *name, *help;
    bool before_application; /* an ACK that is due leaves before the application is told */
    bool repeats_fin;        /* the ACK of a FIN that crossed ours carries ours again */
    bool tells_all; /* the window is all the room, unless that is less than a segment */
    bool doubles;   /* a window is told unasked when reading has doubled it, not by segments */
    /* New bytes have come (0: none of them new), in order or not: asks for an ACK. */
    void (*on_data)(struct tcp *t, uint32_t new_bytes, bool in_order);
    void (*on_fin)(struct tcp *t);         /* the peer's FIN in ESTABLISHED: asks for an ACK */
    void (*on_read)(struct tcp *t);        /* the application has read. May be NULL */
    void (*on_data_sent)(struct tcp *t);   /* data leaves. May be NULL */
    void (*on_ack_sent)(struct tcp *t);    /* a segment with an ACK leaves. May be NULL */
    void (*on_timer)(struct tcp *t);       /* the delay is over, the ACK leaves. May be NULL */
    sim_time (*wait)(const struct tcp *t); /* how long a delayed ACK waits */
};
extern const struct choice TCP_ACK_RULE_CHOICES[];

/* Never NULL: the name comes from TCP_ACK_RULE_CHOICES. */
const struct tcp_ack_rule *tcp_ack_rule_find(const char *name);
