/* SPDX-License-Identifier: GPL-3.0-or-later
 * route_ipv6.h -- the part of a routing table that knows IPv6 prefixes; for route.c.
 *
 * The one idea: the same as route.h's, with prefixes of 128 bits: one hash table, and a list of
 * the lengths that occur, longest first. It stands apart so that IPv4's way has no branch more.
 */
#pragma once
#include "models/route.h"

/* The entry of a prefix, made if there is none. It stays where it is until another is made. */
struct route_entry *route_ipv6_entry(struct route_table *t, struct key_address to);

/* The entry for dst, an IPv6 address, or NULL: there is no route. */
struct route_entry *route_ipv6_find(const struct route_table *t, ip_addr dst);
