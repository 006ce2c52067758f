/* SPDX-License-Identifier: GPL-3.0-or-later
 * wire.h -- a packet in the bytes that it would have on a wire, checksums included. Its payload
 * is zeros: payload has an identity here and no content.
 */
#pragma once
#include "output/trace.h"

enum { WIRE_HEADERS = 120 + TRACE_OPTIONS };

bool wire_is_ipv6(const struct trace_packet *p);
/* An address's text as 16 bytes; one of IPv4 has 12 zeros before it. */
void wire_address(const char *text, uint8_t out[16]);

/* All before the payload; an ICMP message is part of it. Returns how many bytes. The checksum
 * of a corrupt packet is wrong. */
size_t wire_headers(const struct trace_packet *p, uint8_t out[WIRE_HEADERS]);
