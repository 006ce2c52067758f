/* SPDX-License-Identifier: GPL-3.0-or-later
 * ecn.h -- Explicit Congestion Notification, RFC 3168: a router marks where it would drop.
 *
 *   opening     SYN,ECE,CWR ->    <- SYN-ACK,ECE        both have it
 *   data        ECT(0) -> (router: CE) ->   <- ACK,ECE  until a segment with CWR has come
 *   sender      ECE: the window is reduced, once a window; CWR goes with the next new data
 *
 * The one idea: a mark is a loss that repeats nothing. What it costs is congestion control's
 * matter (cc.h, on_mark); here are the bits.
 *
 * `ecn` is Linux's sysctl: 0 never, 1 our SYNs ask for it, 2 it is granted when asked. A SYN
 * that is sent again asks no more (RFC 3168 §6.1.1.1). What is sent again, probes, SYNs and
 * bare ACKs are not ECT (§6.1.4 to §6.1.6).
 *
 * Not modelled: AccECN (RFC 9768; its SYN is taken for RFC 3168's), ECN nonces, ECT on SYNs
 * (RFC 8311), and queues that mark: CE comes from a script alone.
 */
#pragma once
#include "models/tcp/seq.h"
#include <stdbool.h>
#include <stdint.h>

struct packet;
struct segment;
struct tcp;

enum { ECN_ECT1 = 1, ECN_ECT0 = 2, ECN_CE = 3 }; /* of the type of service, RFC 3168 §5 */

struct tcp_ecn {
    bool on;        /* both SYNs say so; before the peer's has come: ours asks */
    bool seen;      /* a segment of the peer's was ECT */
    bool owes_echo; /* CE has come: ECE until CWR comes */
    bool owes_cwr;  /* the window has been reduced: CWR with the next new data */
    bool reducing;  /* SND.UNA < high: it was reduced for this window */
    tcp_seq high;
};

/* Flags of the SYN or SYN-ACK that t is about to send; first: not sent again. */
uint16_t tcp_ecn_of_syn(struct tcp *t, uint16_t flags, bool first);
/* g is the peer's SYN or SYN-ACK. */
void tcp_ecn_learn(struct tcp *t, const struct segment *g);

/* What follows is for connections that have it on. A segment that is about to leave, SYNs and
 * resets apart; fresh: it has data, never sent before. */
void tcp_ecn_mark(struct tcp *t, struct packet *p, bool fresh);
/* Acceptable data has come. */
void tcp_ecn_on_data(struct tcp *t, const struct segment *g);
/* An acceptable ACK has come, SND.UNA is not moved yet. */
void tcp_ecn_on_ack(struct tcp *t, const struct segment *g);
/* The window has been reduced for a loss. */
void tcp_ecn_reduced(struct tcp *t);
