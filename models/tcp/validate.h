/* SPDX-License-Identifier: GPL-3.0-or-later
 * validate.h -- challenge ACKs and how many of them: RFC 5961 §7.
 *
 * A segment that only an old peer or a forger would send is answered by an ACK, which a real
 * peer knows how to answer. So that nobody can make two hosts, or one, send without end, there
 * are two limits: of a host, so many a second (`challenge_ack_limit`), and of a connection, one
 * in `invalid_ratelimit`, which also holds for what is not acceptable and has no data (Linux).
 *
 * The first is a counter that all connections share, and whoever can see one of them can count
 * by it what another did: CVE-2016-5696. Linux since blurs the number; here it is exact, so
 * that the leak can be shown. Entries, half-open and in TIME-WAIT, have the second limit too,
 * also for the SYN-ACK that answers a repeated SYN; TIME-WAIT keeps the time in steps of 8 ms.
 */
#pragma once
#include "sim/time.h"

#include <stdbool.h>

struct segment;
struct tcp;

struct tcp_challenges {
    sim_time second; /* the present one, from the start of the run */
    int64_t n;       /* sent in it */
};

/* An ACK is due, unless a limit forbids it. */
void tcp_challenge(struct tcp *t);
/* The connection's limit alone: for segments without data and FIN, and SYNs; others may always
 * be answered. */
bool tcp_may_answer(struct tcp *t, const struct segment *g);
/* g is not acceptable: an ACK is due, as far as that limit allows. */
void tcp_answer_invalid(struct tcp *t, const struct segment *g);
