/* SPDX-License-Identifier: GPL-3.0-or-later
 * cookie_echo.h -- a handshake of four steps as SCTP's (RFC 9260 §5.1), for research: it is not
 * TCP on the wire.
 *
 *   client                         server               what the server holds
 *   SYN              ->                                 nothing
 *                    <-  SYN-ACK with a cookie          nothing
 *   ACK with the cookie, data ->                        ESTABLISHED
 *                    <-  ACK                            ESTABLISHED
 *
 * The cookie is all that the server would have to remember, signed with its key (SipHash-2-4)
 * and good for `cookie_life`, SCTP's Valid.Cookie.Life of 60 s. The client repeats its SYN,
 * then its echo; the server repeats nothing. In between the client is in SYN-RECEIVED, which is
 * SCTP's COOKIE-ECHOED.
 *
 * Preconditions: both ends speak it, and their clocks need not agree. Price: a segment and half
 * a round trip for the client, 20 bytes twice; and an echo that comes again within cookie_life,
 * when the connection is over, opens it anew. A stale cookie is answered by a reset.
 *
 * What SCTP carries as a chunk stands in an option of kind 253 (RFC 4727), as RFC 6013 had it:
 * TCP's payload has sequence numbers, which a cookie must not use up. It has the MSS, the
 * window's scale and whether SACK is on; window and timestamp are those of the echo.
 */
#pragma once
#include "models/tcp/tcp.h"

struct segment;

/* The server's answer to a SYN: no state. */
void tcp_echo_answer(struct tcp_listener *l, const struct segment *g);
/* An ACK for a listener: makes the connection of it if it echoes a good cookie, and handles the
 * segment. False: it does not. */
bool tcp_echo_input(struct tcp_listener *l, struct segment *g);
/* The client's part: g is a SYN-ACK with a cookie, which t sends back. */
void tcp_echo_cookie(struct tcp *t, const struct segment *g);
bool tcp_brings_echo(const struct segment *g);
