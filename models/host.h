/* SPDX-License-Identifier: GPL-3.0-or-later
 * host.h -- an end system: an address, a way out, and what listens behind it.
 *
 *   link --> sink.recv --is it for me?--> tcp_input ... TCP ... output --ttl--> out (a link)
 *
 * Not modelled: several addresses, fragments, ICMP errors, the time that an end system takes
 * for a packet (0).
 */
#pragma once
#include "models/link.h"
#include "models/tcp/tcp.h"

struct host {
    struct sink sink; /* where links deliver */
    struct sim *sim;
    uint32_t subject;
    ip_addr addr;
    struct link *out; /* borrowed; the only way out (routers: later). NULL: packets are dropped,
                         "no route" */
    struct tcp_stack *tcp;
    int64_t n_received, n_sent, n_misdirected;
};

/* Declares the subject "host" `name`. Copies tcp parameters. The way out is set afterwards. */
void host_init(struct host *h, struct sim *sim, const char *name, ip_addr addr,
               const struct tcp_params *tcp);
