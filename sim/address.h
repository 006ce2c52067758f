/* SPDX-License-Identifier: GPL-3.0-or-later
 * address.h -- addresses and prefixes as a user writes them: 10.0.0.1, 203.0.113.0/24, fd00::1,
 * 2001:db8::/32; and the 8 bytes that stand for one in a run.
 *
 *   struct key_address   128 bits and a length, of the configuration: no run is needed
 *        | address_intern          ^ address_of
 *        v                         |
 *   ip_addr              number of a /96 prefix in this run, and the low 32 bits; 0 is IPv4
 *
 * The one idea: packets, tables and records carry 8 bytes whatever the version, and compare
 * them; only those who look at single bits of an IPv6 address (longest prefix, text, checksums)
 * ask the run for the prefix that the number stands for.
 *
 * Not modelled: scopes and zones, IPv4-mapped addresses (these are IPv4 here).
 */
#pragma once
#include "sim/packet.h"
#include "sim/schema.h"

struct sim;

enum { ADDRESS_TEXT_BYTES = 48 }; /* the longest text, with its final zero */
enum { IP4_HEADER_BYTES = 20, IP6_HEADER_BYTES = 40 };
enum { IPV4_LEAST_MTU = 68, IPV6_LEAST_MTU = 1280 }; /* RFC 791 §3.2, RFC 8200 §5 */

/* text into *out: RFC 4291 §2.2. NULL, or the sentence that says what is wrong with it. */
const char *address_parse(const char *text, struct key_address *out);

/* "10.0.0.1", "203.0.113.0/24", "fd00::1" (RFC 5952); the length of a single address is left
 * out. Returns buf. */
const char *address_format(struct key_address a, char *buf, size_t size);

/* The bits that a prefix of n bits fixes, n <= 32. */
static inline uint32_t address_mask(unsigned n)
{
    return n == 0 ? 0 : UINT32_MAX << (32 - n);
}

/* Of IPv4: whether low lies in a. */
static inline bool address_holds(struct key_address a, uint32_t low)
{
    return (low & address_mask(a.prefix_bits)) == a.low;
}

/* Below zero, zero, above: an order in which equal prefixes stand together, IPv4 first. */
int address_compare(struct key_address a, struct key_address b);

/* The bits of a that a prefix of n bits keeps. */
struct key_address address_cut(struct key_address a, unsigned n);

/* How many bits an address of a's version has. */
static inline unsigned address_bits(struct key_address a)
{
    return a.is_ipv6 ? 128 : 32;
}

/* a with n added to its low 32 bits. */
static inline struct key_address address_plus(struct key_address a, uint32_t n)
{
    a.low += n;
    a.prefix_bits = (uint8_t)address_bits(a);
    return a;
}

/* ---- in a run */

static inline bool address_is_ipv6(ip_addr a)
{
    return a.prefix != 0;
}

/* Of a packet to or from a: the IP header, without extension headers. */
static inline uint32_t address_header_bytes(ip_addr a)
{
    return address_is_ipv6(a) ? IP6_HEADER_BYTES : IP4_HEADER_BYTES;
}

/* The address (of a prefix the first) as this run knows it. */
ip_addr address_intern(struct sim *sim, struct key_address a);

/* The address that a stands for, whole. */
struct key_address address_of(const struct sim *sim, ip_addr a);

/* Its text. Returns buf. */
const char *address_text(const struct sim *sim, ip_addr a, char *buf, size_t size);

/* Whether addr is that of a group, or of everybody: 224.0.0.0 and all above it, ff00::/8. No
 * single host has it. */
bool address_is_group(const struct sim *sim, ip_addr addr);

/* Whether addr, an IPv6 address, lies in a. */
bool address_has_ipv6(const struct sim *sim, struct key_address a, ip_addr addr);

/* Whether addr lies in a. */
static inline bool address_has(const struct sim *sim, struct key_address a, ip_addr addr)
{
    if (address_is_ipv6(addr))
        return a.is_ipv6 && address_has_ipv6(sim, a, addr);
    return !a.is_ipv6 && address_holds(a, addr.low);
}

/* prefix(prefix, zero, low, high): what the number of an IPv6 prefix stands for, told before
 * any record that has it. zero is the text of the address whose low 32 bits are 0; others are
 * low and their last group, or, if they have a group more, high and the last two. */
struct rec_prefix {
    uint32_t prefix;
    const char *zero, *low, *high;
};
extern const struct rec_type REC_TYPE_PREFIX;

/* Tells the present listener of all prefixes so far. */
void address_tell_prefixes(struct sim *sim);
