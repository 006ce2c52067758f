/* SPDX-License-Identifier: GPL-3.0-or-later
 * icmp_text.h -- an ICMP error as tcpdump prints it, with what it quotes.
 */
#pragma once
#include "output/trace.h"

/* "ICMP 10.0.0.2 udp port 53 unreachable, length 36" */
void icmp_text_put(const struct trace_packet *p, FILE *out);

/* "ICMP need to frag, mtu 1300": the same in the few words of an arrow. m: n bytes, from the
 * type on; out ends with 0, cut to size. */
void icmp_text_label(const uint8_t *m, size_t n, bool is_ipv6, char *out, size_t size);
