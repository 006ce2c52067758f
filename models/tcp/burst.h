/* SPDX-License-Identifier: GPL-3.0-or-later
 * burst.h -- segmentation offload, as it shows on the wire: Linux hands several full segments
 * down as one packet, and the last of them carries PSH, whatever was written.
 *
 *   as many as   one millisecond of the pace (2 cwnd / srtt in slow start, else 1.2), and more
 *                the shorter the way is; tso_segs at the least
 *   at most      half the congestion window, half of the peer's largest window, what there is
 *                room for, 64 KiB
 *
 * Not modelled: packets as such (segments leave one by one at the same instant), and waiting
 * until there is room for a larger one (tcp_tso_win_divisor).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct tcp;

/* One packet of them in the making; {0} where sending begins. */
struct burst {
    int64_t n, most; /* segments so far; of one packet, 0: not reckoned yet */
};

/* A segment of len bytes is about to leave, of which room is left in the windows: whether it is
 * the last of several. */
bool tcp_burst_ends(const struct tcp *t, struct burst *b, uint32_t len, uint32_t mss,
                    uint32_t room);
