/* SPDX-License-Identifier: GPL-3.0-or-later
 * crowd.h -- a destination to which a host has so many connections that a free port is hard to
 * find: a bit for each port that is taken, instead of thousands of looks into the table.
 *
 * A crowd is made by the first search that was long, counts all entries of the table between
 * its ends, and goes with the last of them.
 */
#pragma once
#include "models/tcp/table.h"

struct tcp_crowd {
    struct tcp_crowd *next;
    ip_addr local;
    struct tcp_addr remote;
    uint32_t n;           /* bits that are set */
    uint64_t taken[1024]; /* by local port */
};

/* Whether there is a crowd of connections from local to remote. */
bool tcp_is_crowd(const struct tcp_stack *s, ip_addr local, struct tcp_addr remote);
/* It; made if there is none. */
const struct tcp_crowd *tcp_crowd_of(struct tcp_stack *s, ip_addr local,
                                     struct tcp_addr remote);
/* e has come into the table, or is about to leave it; the host has crowds. */
void tcp_crowd_note(struct tcp_table *h, struct sim *sim, const struct tcp_entry *e, bool in);
