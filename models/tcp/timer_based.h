/* SPDX-License-Identifier: GPL-3.0-or-later
 * timer_based.h -- no handshake but timers: Delta-t (Watson 1981; Fletcher and Watson 1978),
 * for research: it is not TCP on the wire.
 *
 *   client                        server
 *   SYN with data  ->                             data is delivered after d, not 3d
 *                  <-  SYN-ACK                    (the server is ESTABLISHED on the SYN)
 *
 *   Delta-t = MSL + R + A: a segment's lifetime, the longest retrying, the delay of an ACK
 *
 *   after its last segment   who was opened (the receiver) keeps its record for 2 Delta-t,
 *                            who opened (the sender)       for 3 Delta-t
 *   after a crash            a host is silent for 3 Delta-t
 *
 * The one idea: if every record outlives every segment that could be taken for another
 * connection's, nobody has to ask whether a SYN is new. So LAST-ACK ends in TIME-WAIT here, and
 * TIME-WAIT lasts so long at both ends; the SYN is Watson's flag of a data run.
 *
 * Preconditions: a lifetime that the network keeps (`lifetime` of links within `msl`), memory
 * that survives, or silence. Price: records for minutes; a SYN that comes later than that, from
 * a network that breaks its promise, is delivered twice.
 *
 * As to Fast Open, connect() tells the application at once that it may write, and the SYN
 * leaves with what it writes then. Not modelled: more than one segment before the SYN-ACK, as
 * the peer's window and MSS are not known; records that end while data is idle.
 */
#pragma once
#include "models/tcp/tcp.h"

/* Delta-t of a host with these parameters. R: all timeouts of a data segment, from rto_initial
 * on. */
sim_time tcp_delta_t(const struct tcp_params *p);
/* How long the record of t is kept after its end. */
sim_time tcp_record_wait(const struct tcp *t);
/* How long a host with these parameters is silent after a crash; 0: it need not be. */
sim_time tcp_crash_silence(const struct tcp_params *p);
