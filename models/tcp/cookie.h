/* SPDX-License-Identifier: GPL-3.0-or-later
 * cookie.h -- SYN cookies (Bernstein 1996, RFC 4987 §3.6) as Linux has them: the sequence
 * number of the SYN-ACK is all that the server keeps of a SYN.
 *
 *   ISN = hash(ends) + client's ISN + minute << 24 + (hash(ends, minute) + MSS index) mod 2^24
 *
 *   ISN + 1 comes back in the ACK: is the minute one of the last two, and the index one of 4?
 *   With timestamps the 6 low bits of TSval carry window scale, SACK and ECN and come back in
 *   TSecr; without them what the client offered is lost. A SYN-ACK is never repeated.
 *
 * The hole in it, Linux's own: the client's ISN is added, not hashed. A segment 1 to 3 bytes
 * behind the first passes for the ACK of a smaller MSS; was the first one lost, so are its
 * bytes. So does one from the midst of a connection in which as many bytes went one way as the
 * other.
 *
 * The connection gets its number when the ACK comes: its SYN-ACK names no stream.
 * A valid cookie is believed for two minutes after the last one was sent.
 */
#pragma once
#include "models/tcp/seq.h"
#include "models/tcp/tcp.h"

struct segment;

/* Answers the SYN by a cookie. */
void tcp_cookie_answer(struct tcp_listener *l, const struct segment *g);
/* An ACK for a listener: makes the connection of it if it brings a valid cookie, and handles
 * the segment. False: it does not. */
bool tcp_cookie_input(struct tcp_listener *l, struct segment *g);
/* t, which has its ends, is as if it had answered the SYN with that ISN. */
void tcp_embryo_of(struct tcp *t, struct tcp_listener *l, const struct segment *syn,
                   tcp_seq iss, const char *cause);
/* TSval with the agreement in its low bits: never later than the clock. */
uint32_t tcp_cookie_stamp(uint32_t clock, uint8_t agreed);
