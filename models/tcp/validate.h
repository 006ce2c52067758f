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
 * that the leak can be shown. Not modelled: the limit of a connection for entries, half-open or
 * in TIME-WAIT, which have no room for it.
 */
#pragma once
#include "sim/time.h"

#include <stdbool.h>

struct tcp;

struct tcp_challenges {
    sim_time second; /* the present one, from the start of the run */
    int64_t n;       /* sent in it */
};

/* An ACK is due, unless a limit forbids it. */
void tcp_challenge(struct tcp *t);
/* The same for a segment without data that is not acceptable: the connection's limit alone. */
void tcp_answer_invalid(struct tcp *t);
