/* SPDX-License-Identifier: GPL-3.0-or-later
 * octets.h -- numbers in network byte order, and the checksum of the internet (RFC 1071): for
 * all that is kept or written in wire form.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

static inline uint16_t octets_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t octets_get32(const uint8_t *at)
{
    return (uint32_t)octets_get16(at) << 16 | octets_get16(at + 2);
}

/* The low 16 bits of v. */
static inline void octets_put16(uint8_t *at, uint32_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static inline void octets_put32(uint8_t *at, uint32_t v)
{
    octets_put16(at, v >> 16);
    octets_put16(at + 2, v);
}

/* The sum of 16-bit words, not folded yet, behind so_far. n may be odd only in the last part.
 */
static inline uint32_t octets_sum(uint32_t so_far, const uint8_t *at, size_t n)
{
    for (size_t i = 0; i + 1 < n; i += 2)
        so_far += octets_get16(at + i);
    return n % 2 != 0 ? so_far + ((uint32_t)at[n - 1] << 8) : so_far;
}

/* The checksum of that sum. */
static inline uint16_t octets_checksum(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}
