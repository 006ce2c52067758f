/* SPDX-License-Identifier: GPL-3.0-or-later
 * address.h -- IPv4 addresses and prefixes as a user writes them: 10.0.0.1, 203.0.113.0/24.
 */
#pragma once
#include "sim/schema.h"

/* text into *out. NULL, or the sentence that says what is wrong with it. */
const char *address_parse(const char *text, struct key_address *out);

/* "10.0.0.1", "203.0.113.0/24" (with /32 left out). Returns buf. */
const char *address_format(struct key_address a, char *buf, size_t size);

/* The bits that a prefix of n bits fixes. */
static inline uint32_t address_mask(unsigned n)
{
    return n == 0 ? 0 : UINT32_MAX << (32 - n);
}

static inline bool address_holds(struct key_address a, uint32_t low)
{
    return (low & address_mask(a.prefix_bits)) == a.low;
}
