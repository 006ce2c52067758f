/* SPDX-License-Identifier: GPL-3.0-or-later
 * give_up.h -- how long a connection waits for an answer: R1 and R2 (RFC 9293 §3.8.3), the user
 * timeout (§3.10.1, RFC 5482), and what is different when nobody holds it any more.
 *
 *   sent --RTO--> again --2 RTO--> again ... R1: the route is in doubt ... R2: ETIMEDOUT
 *        |<----------- since, with rule `count`
 *                 |<-- since, with rule `time` (Linux)
 *
 * R2 is a number of repeats (`count`), or the time that so many repeats would take that began
 * with rto_min and doubled up to rto_max (`time`): whatever the round trip is, Linux's
 * connections live equally long, 924.6 s for 15. The user timeout takes the place of R2, for
 * data, FINs, window probes and the SYN. FreeBSD's TCP_KEEPINIT bounds an active open.
 *
 * Orphans, connections that the application has let go and which are not over, have a shorter
 * patience; beyond max_orphans of them a close() resets.
 *
 * Of R1 the application is told (SHLD-9: TCP_EV_DOUBT), under every profile; Linux tells
 * nobody.
 *
 * Not modelled: a limit to memory. An orphan's share of max_orphans is one, where Linux counts
 * those double that have been silent for long.
 */
#pragma once
#include "sim/time.h"

#include <stdbool.h>

struct tcp;

/* The retransmission timer has expired once more: whether that was enough. Tells of R1. */
bool tcp_gives_up(struct tcp *t);
/* The same for probes of a window that stays closed. */
bool tcp_gives_up_probing(struct tcp *t);
/* When the retransmission timer, which would expire at `at`, does so for the sake of the user
 * timeout and of keepinit. */
sim_time tcp_within_limits(const struct tcp *t, sim_time at);
/* The same of another timer and the user timeout, which counts since `since`. */
sim_time tcp_within_user_timeout(const struct tcp *t, sim_time since, sim_time at);

/* The application has let t go: it is counted until it is over. True: there are more of them
 * than max_orphans now. */
bool tcp_orphan_is_one_too_many(struct tcp *t);
/* t is over, or waits for the peer's FIN as an entry would. */
void tcp_orphan_end(struct tcp *t);
