/* SPDX-License-Identifier: GPL-3.0-or-later
 * icmp.h -- what a connection makes of an ICMP error about one of its segments.
 *
 * The one idea: it is a hint, never a verdict (a soft error, RFC 1122 §4.2.3.9). TCP goes on
 * repeating; only when it gives up does the application learn why: EHOSTUNREACH or ENETUNREACH
 * in the place of ETIMEDOUT. An acknowledgment of anything since shows that the hint is out of
 * date. Whoever cannot see the connection cannot forge one: the quoted sequence number must be
 * in flight (RFC 5927 §4.1). A packet that was too large is more than a hint: the connection's
 * segments get smaller, and what is in flight is sent again (path MTU, RFC 1191).
 *
 * Not modelled: hard errors (protocol and port unreachable abort a connection in RFC 1122; here
 * they are ignored, and no host sends them about TCP), Linux's way of giving up a connect() at
 * once (RFC 5461 §3.1). A path MTU is the connection's alone, and for good: no cache of
 * destinations, no probing for a larger one; a message without an MTU (RFC 1191 §5) says
 * nothing.
 */
#pragma once
#include "models/icmp.h"
#include "models/tcp/tcp.h"

/* An ICMP error about a TCP segment that this stack's host has sent. The number of the
 * connection that it concerns; 0: none. */
uint32_t tcp_icmp(struct tcp_stack *s, const struct icmp_error *error);
/* How many have told of what was not in flight (Linux: TcpExtOutOfWindowIcmps). */
int64_t tcp_icmp_outside(const struct tcp_stack *s);

/* The errno with which t is given up for want of an answer: the soft error, else ETIMEDOUT. */
int tcp_timeout_error(const struct tcp *t);
