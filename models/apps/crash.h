/* SPDX-License-Identifier: GPL-3.0-or-later
 * crash.h -- a host that fails, and is there again later (RFC 9293 §3.4.3, §3.5.1).
 *
 *   at            reboot_after            quiet_time
 *    |--- dead: drops all that comes ---|--- TCP is up, no application ---|--- as at the start
 *    connections, listeners, sockets,    answers resets
 *    applications: gone, without a packet
 *
 * The one idea: a crash is a change of the world in which everything that this host remembers
 * ends without a word; what the others know is theirs. Its applications start anew, with the
 * instants of their parameters counted from there and with random numbers of their own; their
 * counts go on. Ephemeral ports are given out from the first one again.
 *
 * Not modelled: several crashes of one host; what a disk would keep; an application that fails
 * alone (its TCP would close for it).
 */
#pragma once
#include "models/apps/app.h"

struct crash {
    struct host *host;
    struct app **apps; /* borrowed: of all hosts */
    int n_apps;
    struct event fails, comes_back, starts; /* class EV_WORLD, of the host */
};

/* Borrows apps. params->at is neither 0 nor SIM_NEVER. */
void crash_init(struct crash *c, struct host *h, struct app **apps, int n_apps);
