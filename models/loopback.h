/* SPDX-License-Identifier: GPL-3.0-or-later
 * loopback.h -- what a host sends to itself: to one of its addresses, or to 127.0.0.0/8.
 *
 *   TCP, UDP --output--> is it for me? --yes--> FIFO --10 us--> TCP, UDP of the same host
 *                                      \--no--> a link
 *
 * The one idea: a wire inside the host that loses nothing and has no rate, but takes a little
 * time: what a host says to itself is heard in an event of its own, and a dialogue of a
 * host with itself does not stop the clock.
 *
 * Not modelled: an interface that could be down, its MTU (65536 in Linux), records of its
 * packets: no link carries them.
 */
#pragma once
#include "models/link.h"

#define LOOPBACK_DELAY US(10)

struct loopback {
    struct event arrival;
    struct sim *sim;
    struct packet_fifo flight;
    void (*take)(struct loopback *l, struct packet *p); /* takes p */
    int64_t n_carried;
};

void loopback_init(struct loopback *l, struct sim *sim, uint32_t host,
                   void (*take)(struct loopback *l, struct packet *p));
/* Takes p. */
void loopback_send(struct loopback *l, struct packet *p);
/* Ends the run: gives back what is on the way. */
void loopback_drain(struct loopback *l);

static inline bool loopback_is(ip_addr a)
{
    return a.prefix == 0 && a.low >> 24 == 127;
}
