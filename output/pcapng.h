/* SPDX-License-Identifier: GPL-3.0-or-later
 * pcapng.h -- packets to a capture file that tcpdump and Wireshark read: link type RAW, times
 * in nanoseconds, a packet's note as its comment.
 */
#pragma once
#include "output/trace.h"

struct pcapng {
    struct trace_sink sink; /* first */
    FILE *out;
};

/* Writes the file's head. Whether all could be written out's state says. */
void pcapng_init(struct pcapng *g, FILE *out, const char *interface);
