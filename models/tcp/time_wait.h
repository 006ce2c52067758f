/* SPDX-License-Identifier: GPL-3.0-or-later
 * time_wait.h -- what a segment does to a connection in TIME-WAIT: one const row a policy.
 *
 *   rfc9293   the steps of RFC 9293 §3.10.7.4; a SYN gets a challenge ACK
 *   reuse     a SYN newer than the old connection opens a new one (MAY-2, RFC 6191), with an
 *             ISN 65537 beyond its last number; every segment with an ACK begins the 2 MSL
 *             anew, answered or not; a reset elsewhere in the window is thrown away (Linux)
 *   freebsd   such a SYN does, too; resets and what carries no ACK are thrown away, the rest
 *             is answered by an ACK
 *   none      there is no TIME-WAIT: it lasts 0 s
 */
#pragma once
#include "sim/schema.h"

struct tcp;
struct segment;

struct tcp_time_wait {
    const char *name, *help;
    bool reuse;            /* a newer SYN opens a new connection */
    bool isn_follows;      /* ... whose ISN is 65537 beyond the old one's last number */
    bool needs_ack;        /* segments without ACK are thrown away */
    bool any_ack_restarts; /* 2 MSL begin anew with every ACK, not the FIN alone */
    bool exact_resets;     /* no challenge to a reset that is not at RCV.NXT */
    bool ignores_resets;   /* RFC 1337 */
    bool yields_to_bound;  /* to connect() of a socket with this port, if timestamps protect */
    bool none;             /* over at once */
    bool never_resets;     /* a SYN is answered by an ACK, whatever syn_validation says */
};
extern const struct choice TCP_TIME_WAIT_CHOICES[];

/* Never NULL: the name comes from TCP_TIME_WAIT_CHOICES. */
const struct tcp_time_wait *tcp_time_wait_find(const char *name);

/* Whether g is a SYN of a new connection between the same ends: it carries no ACK, and its
 * sequence number lies beyond the old connection's last, or its timestamp is later (RFC 6191).
 */
bool tcp_time_wait_renews(const struct tcp *t, const struct segment *g);
