/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "sim/rng.h"
#include "sim/sim.h"

/* ---- as a user writes them */

static const char IPV4_SENTENCE[] = "an address is four numbers up to 255, as in 10.0.0.1";
static const char IPV6_SENTENCE[] =
    "an IPv6 address is eight groups of hexadecimal digits, as in fd00::1";

/* A number of at most max at *text, without leading zeros (some read these as octal); moves
 * *text behind it. */
static bool number(const char **text, unsigned max, unsigned *out)
{
    const size_t n = strspn(*text, "0123456789");
    if (n < 1 || n > 3 || (n > 1 && **text == '0'))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (unsigned)((*text)[i] - '0');
    *text += n;
    return *out <= max;
}

/* Moves *text behind the address. */
static const char *parse_ipv4(const char **text, struct key_address *out)
{
    unsigned part;
    for (int i = 0; i < 4; i++) {
        if ((i > 0 && *(*text)++ != '.') || !number(text, 255, &part))
            return IPV4_SENTENCE;
        out->low = out->low << 8 | part;
    }
    return NULL;
}

static const char *parse_ipv6(const char **text, struct key_address *out)
{
    char alone[INET6_ADDRSTRLEN];
    uint32_t words[4];
    const size_t n = strcspn(*text, "/");
    if (n >= sizeof(alone))
        return IPV6_SENTENCE;
    memcpy(alone, *text, n);
    alone[n] = '\0';
    if (inet_pton(AF_INET6, alone, words) != 1)
        return IPV6_SENTENCE;
    for (int i = 0; i < 3; i++)
        out->high[i] = ntohl(words[i]);
    out->low = ntohl(words[3]);
    out->is_ipv6 = true;
    *text += n;
    if (out->high[0] == 0 && out->high[1] == 0 && out->high[2] == 0xffff)
        return "an IPv4-mapped address is written as the IPv4 address that it is";
    return NULL;
}

const char *address_parse(const char *text, struct key_address *out)
{
    struct key_address a = {0};
    const bool is_ipv6 = strchr(text, ':') != NULL;
    const char *wrong = is_ipv6 ? parse_ipv6(&text, &a) : parse_ipv4(&text, &a);
    unsigned bits = address_bits(a);
    if (wrong != NULL)
        return wrong;
    if (*text == '/') {
        text++;
        if (!number(&text, bits, &bits))
            return is_ipv6 ? "a prefix has 0 to 128 bits, as in 2001:db8::/32"
                           : "a prefix has 0 to 32 bits, as in 203.0.113.0/24";
    }
    if (*text != '\0')
        return is_ipv6 ? IPV6_SENTENCE : IPV4_SENTENCE;
    a.prefix_bits = (uint8_t)bits;
    if (address_compare(address_cut(a, bits), a) != 0)
        return is_ipv6 ? "the address has bits beyond its prefix, as 2001:db8::1/32 has"
                       : "the address has bits beyond its prefix, as 203.0.113.1/24 has";
    *out = a;
    return NULL;
}

/* RFC 5952 §4: the first of the longest runs of zeros, if it is longer than one group. */
static int longest_run(const uint16_t groups[8], int *len)
{
    int best = -1;
    *len = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && groups[i + n] == 0)
            n++;
        if (n > *len) {
            best = i;
            *len = n;
        }
    }
    return best;
}

static void format_ipv6(struct key_address a, char *buf, size_t size)
{
    const uint32_t words[] = {a.high[0], a.high[1], a.high[2], a.low};
    uint16_t groups[8];
    int len, n = 0;
    for (int i = 0; i < 8; i++)
        groups[i] = (uint16_t)(words[i / 2] >> (i % 2 == 0 ? 16 : 0));
    const int run = longest_run(groups, &len);
    for (int i = 0; i < 8 && (size_t)n < size; i++) {
        if (i == run) {
            n += snprintf(buf + n, size - (size_t)n, "::");
            i += len - 1;
        } else {
            const char *colon = i == 0 || i == run + len ? "" : ":";
            n += snprintf(buf + n, size - (size_t)n, "%s%x", colon, groups[i]);
        }
    }
}

const char *address_format(struct key_address a, char *buf, size_t size)
{
    if (a.is_ipv6)
        format_ipv6(a, buf, size);
    else
        snprintf(buf, size, "%u.%u.%u.%u", a.low >> 24, a.low >> 16 & 255, a.low >> 8 & 255,
                 a.low & 255);
    const size_t n = strlen(buf);
    if (a.prefix_bits < address_bits(a))
        snprintf(buf + n, size - n, "/%u", a.prefix_bits);
    return buf;
}

int address_compare(struct key_address a, struct key_address b)
{
    const uint32_t x[] = {a.is_ipv6, a.high[0], a.high[1], a.high[2], a.low, a.prefix_bits};
    const uint32_t y[] = {b.is_ipv6, b.high[0], b.high[1], b.high[2], b.low, b.prefix_bits};
    for (size_t i = 0; i < ARRAY_LEN(x); i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

struct key_address address_cut(struct key_address a, unsigned n)
{
    a.prefix_bits = (uint8_t)n;
    if (!a.is_ipv6) {
        a.low &= address_mask(n);
        return a;
    }
    for (unsigned i = 0; i < 3; i++)
        a.high[i] &= n >= 32 * (i + 1) ? UINT32_MAX : n <= 32 * i ? 0 : address_mask(n % 32);
    a.low &= n <= 96 ? 0 : address_mask(n - 96);
    return a;
}

/* ---- in a run */

static const struct rec_field PREFIX_FIELDS[] = {
    {"prefix", REC_U32, offsetof(struct rec_prefix, prefix), "its number, the high half"},
    {"zero", REC_TEXT, offsetof(struct rec_prefix, zero), "the address with a low half of 0"},
    {"low", REC_TEXT, offsetof(struct rec_prefix, low), "what stands before the last group"},
    {"high", REC_TEXT, offsetof(struct rec_prefix, high), "... before the last two"},
};
const struct rec_type REC_TYPE_PREFIX = {"prefix", "the first 96 bits of IPv6 addresses",
                                         PREFIX_FIELDS, ARRAY_LEN(PREFIX_FIELDS), REC_LIFE};

/* The text of the prefix's address with these low bits, less its last n letters; in the arena.
 */
static const char *head(struct sim *sim, uint32_t prefix, uint32_t low, size_t n)
{
    char text[ADDRESS_TEXT_BYTES];
    address_text(sim, (ip_addr){prefix, low}, text, sizeof(text));
    text[strlen(text) - n] = '\0';
    return memcpy(sim_alloc(sim, strlen(text) + 1), text, strlen(text) + 1);
}

static void tell(struct sim *sim, uint32_t prefix)
{
    if (sim_listens(sim, REC_TYPE_PREFIX.level))
        sim_emit(sim, &REC_TYPE_PREFIX,
                 &(struct rec_prefix){.prefix = prefix,
                                      .zero = head(sim, prefix, 0, 0),
                                      .low = head(sim, prefix, 1, 1),
                                      .high = head(sim, prefix, 0x10001, 3)});
}

void address_tell_prefixes(struct sim *sim)
{
    for (uint32_t prefix = 1; prefix <= sim->n_prefixes; prefix++)
        tell(sim, prefix);
}

/* Where the number of the prefix stands, or would. */
static uint32_t *slot_of(struct sim *sim, const uint32_t word[3])
{
    const uint64_t hash = mix64((uint64_t)word[0] << 32 | word[1], word[2]);
    uint32_t at = (uint32_t)hash & (sim->n_prefix_slots - 1);
    while (sim->prefix_slots[at] != 0 &&
           memcmp(sim->prefixes[sim->prefix_slots[at]].word, word, sizeof(*sim->prefixes)) != 0)
        at = (at + 1) & (sim->n_prefix_slots - 1);
    return &sim->prefix_slots[at];
}

static void grow_slots(struct sim *sim)
{
    enum { FIRST_SLOTS = 16 };
    const uint32_t n = sim->n_prefix_slots == 0 ? FIRST_SLOTS : 2 * sim->n_prefix_slots;
    sim_release(sim, sim->prefix_slots, sim->n_prefix_slots * sizeof(*sim->prefix_slots));
    sim->prefix_slots = sim_alloc(sim, n * sizeof(*sim->prefix_slots));
    sim->n_prefix_slots = n;
    for (uint32_t prefix = 1; prefix <= sim->n_prefixes; prefix++)
        *slot_of(sim, sim->prefixes[prefix].word) = prefix;
}

static uint32_t new_prefix(struct sim *sim, const uint32_t word[3])
{
    const uint32_t prefix = ++sim->n_prefixes;
    sim->prefixes = arena_grow(&sim->arena, sim->prefixes, &sim->cap_prefixes, prefix + 1,
                               sizeof(*sim->prefixes));
    memcpy(sim->prefixes[prefix].word, word, sizeof(*sim->prefixes));
    tell(sim, prefix);
    return prefix;
}

ip_addr address_intern(struct sim *sim, struct key_address a)
{
    if (!a.is_ipv6)
        return ip4(a.low);
    if (2 * (sim->n_prefixes + 1) > sim->n_prefix_slots)
        grow_slots(sim);
    uint32_t *slot = slot_of(sim, a.high);
    if (*slot == 0)
        *slot = new_prefix(sim, a.high);
    return (ip_addr){*slot, a.low};
}

struct key_address address_of(const struct sim *sim, ip_addr a)
{
    struct key_address out = {.low = a.low, .prefix_bits = 32};
    if (!address_is_ipv6(a))
        return out;
    sim_assert(sim, a.prefix <= sim->n_prefixes);
    memcpy(out.high, sim->prefixes[a.prefix].word, sizeof(out.high));
    out.is_ipv6 = true;
    out.prefix_bits = 128;
    return out;
}

const char *address_text(const struct sim *sim, ip_addr a, char *buf, size_t size)
{
    return address_format(address_of(sim, a), buf, size);
}

bool address_is_group(const struct sim *sim, ip_addr addr)
{
    enum { FIRST_GROUP = 224, IPV6_GROUPS = 0xff };
    return address_is_ipv6(addr) ? address_of(sim, addr).high[0] >> 24 == IPV6_GROUPS
                                 : addr.low >> 24 >= FIRST_GROUP;
}

bool address_has_ipv6(const struct sim *sim, struct key_address a, ip_addr addr)
{
    return address_compare(address_cut(address_of(sim, addr), a.prefix_bits), a) == 0;
}
