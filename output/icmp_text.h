/* SPDX-License-Identifier: GPL-3.0-or-later
 * icmp_text.h -- an ICMP error as tcpdump prints it, with what it quotes.
 */
#pragma once
#include "output/trace.h"

/* "ICMP 10.0.0.2 udp port 53 unreachable, length 36" */
void icmp_text_put(const struct trace_packet *p, FILE *out);
