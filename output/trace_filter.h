/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_filter.h -- a small part of tcpdump's expressions.
 *
 *   [not] tcp | udp | icmp | icmp6 | ip | ip6 | [src | dst] host ADDRESS |
 *   [src | dst] port NUMBER, joined by `and`
 *
 * Not modelled: or, parentheses, nets, ranges, bytes of headers.
 */
#pragma once
#include "output/trace.h"
#include "sim/address.h"

enum { TRACE_TERMS = 16 };

struct trace_term {
    bool is_not, at_src, at_dst;   /* both false: of the protocol or the version */
    uint32_t proto, version, port; /* all 0: a host */
    char host[ADDRESS_TEXT_BYTES];
};

struct trace_filter {
    struct trace_term terms[TRACE_TERMS];
    int n;
};

/* words[0..n) joined by spaces, in whatever pieces. Borrows them. 0, or -1 with e. */
int trace_filter_read(struct trace_filter *f, char *const *words, int n, struct err *e);
bool trace_filter_takes(const struct trace_filter *f, const struct trace_row *row);
