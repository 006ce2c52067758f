/* SPDX-License-Identifier: GPL-3.0-or-later
 * tcpdump.h -- a packet as `tcpdump -n` prints it.
 *
 *   00:00:00.020000 IP 10.0.0.2.80 > 10.0.0.1.40001: Flags [S.], seq 9, ack 6, win 65535,
 *   options [mss 1460], length 0  # lost on server->client (loss)
 *
 * Sequence numbers are relative to those of the connection's first segment with an ACK, as
 * there; for that it remembers 48 bytes a connection. The time is the run's: seconds since its
 * start.
 */
#pragma once
#include "output/trace.h"

/* tcpdump's -t ... -ttttt; without: hours, minutes and seconds. */
enum tcpdump_time {
    TCPDUMP_CLOCK,
    TCPDUMP_NONE,
    TCPDUMP_SECONDS,
    TCPDUMP_SINCE_LAST,
    TCPDUMP_DATE,
    TCPDUMP_SINCE_FIRST,
    TCPDUMP_N_TIMES,
};

struct tcpdump {
    struct trace_sink sink; /* first */
    FILE *out;
    enum tcpdump_time time;
    bool is_nano;     /* nine digits of a second, not six */
    bool is_absolute; /* -S */
    struct talk *talks;
    bool has_first;
    sim_time first_at, last_at;
};

void tcpdump_init(struct tcpdump *d, FILE *out);
void tcpdump_fini(struct tcpdump *d);
