/* SPDX-License-Identifier: GPL-3.0-or-later
 * handshake.h -- how a connection opens: one const row a variant, chosen by name; both ends
 * must agree.
 *
 *                 client                server            ESTABLISHED (client/server, one-way
 * delay d) three-way     SYN ->  <- SYN-ACK  ACK ->                 2d / 3d   RFC 9293 §3.5
 *   two-way       SYN ->  <- SYN-ACK                         2d /  d   the textbooks' strawman
 *   four-way      SYN ->  <- ACK  <- SYN  ACK ->             2d / 3d   Tomlinson's exchange
 * before the SYN and ACK merged
 *   fast-open     as three-way the first time, later with data in the SYN   RFC 7413
 *   timer-based   SYN with data ->  <- SYN-ACK               2d /  d   Delta-t, research
 *   cookie-echo   SYN ->  <- SYN-ACK  ACK ->  <- ACK         4d / 3d   SCTP's, research
 *
 * Simultaneous open is a path of three-way (RFC 9293 figure 7), not a variant.
 *
 *                 precondition                             price
 *   three-way     none                                     a round trip before any data
 *   two-way       no SYN outlives its connection           ghosts: old SYNs are believed
 *   four-way      none                                     one segment more to be lost
 *   fast-open     a request may be taken twice             option, cache, limit of children
 *   timer-based   segments die in time, clocks run         records that outlive connections
 *   cookie-echo   the server has a key                     a round trip more
 *
 * two-way, timer-based and cookie-echo are not TCP on the wire: for teaching and research.
 */
#pragma once
#include "sim/schema.h"

struct tcp;

struct tcp_handshake {
    const char *name, *help, *source;
    bool established_on_syn; /* the server is ESTABLISHED when the SYN arrives, its own SYN
                                counts as acknowledged */
    bool queues_requests;    /* half-open it is an entry of the SYN queue, no endpoint */
    bool client_acks;        /* the client answers the server's SYN with an ACK */
    bool keeps_lone_ack;     /* an ACK without SYN is taken in SYN-SENT, the SYN is to follow */
    bool repeats_answer; /* a repeat of the same SYN is answered as the first was, in any state
                          */
    bool fast_open;      /* data in the SYN, for a cookie: fastopen.h */
    bool by_timer; /* the client's first segment has data, records outlive it: timer_based.h */
    bool echoes_cookie; /* no state before the client has sent it back: cookie_echo.h */
    void (*answer)(struct tcp *t); /* sends the server's reply to a SYN */
};
extern const struct choice
    TCP_HANDSHAKE_CHOICES[]; /* one a row of the registry, ends with {NULL} */

/* Never NULL: the name comes from TCP_HANDSHAKE_CHOICES. */
const struct tcp_handshake *tcp_handshake_find(const char *name);
