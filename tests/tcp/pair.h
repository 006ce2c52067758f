/* SPDX-License-Identifier: GPL-3.0-or-later
 * pair.h -- two stacks and a wire of constant delay between them: nothing is lost, nothing
 * waits for a turn.
 */
#pragma once
#include "models/tcp/tcp.h"
#include "tests/check.h"

/* One direction: a FIFO of which only the head is an event. */
struct wire {
    struct event arrival;
    struct sim *sim;
    struct packet_fifo flight;
    struct tcp_stack **to;
    sim_time delay;
    uint64_t n_packets, n_bytes; /* carried so far, headers not counted */
};

struct pair {
    struct sim *sim;
    struct tcp_stack *a, *b;
    struct wire to_a, to_b;
};

/* a has the address 10.0.0.1, b 10.0.0.2. */
void pair_init(struct pair *p, const struct tcp_params *a, const struct tcp_params *b,
               sim_time delay);
/* Runs to the end, checks the books and that no packet is left. */
void pair_fini(struct pair *p);
