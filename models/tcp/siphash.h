/* SPDX-License-Identifier: GPL-3.0-or-later
 * siphash.h -- SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): a
 * keyed hash of short inputs that who does not know the key cannot predict.
 *
 * For numbers that a stranger must not guess: sequence numbers (RFC 6528), Fast Open cookies
 * (RFC 7413), the signature of cookie-echo. What only has to spread uses mix64.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* key[0] holds the first 8 bytes of the key, the first of them lowest. */
uint64_t siphash24(const uint64_t key[2], const uint8_t *bytes, size_t n);
