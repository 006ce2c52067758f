/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/address.h"

#include <arpa/inet.h>

#include "sim/rng.h"
#include "sim/sim.h"
#include "tests/check.h"

static const struct row {
    const char *text;
    bool is_one;
    uint32_t low;
    uint8_t bits;
    const char *written;
} rows[] = {
    {"10.0.0.1", true, 0x0a000001, 32, "10.0.0.1"},
    {"255.255.255.255", true, 0xffffffff, 32, "255.255.255.255"},
    {"203.0.113.0/24", true, 0xcb007100, 24, "203.0.113.0/24"},
    {"0.0.0.0/0", true, 0, 0, "0.0.0.0/0"},
    {"128.0.0.0/1", true, 0x80000000, 1, "128.0.0.0/1"},
    {"10.0.0.1/32", true, 0x0a000001, 32, "10.0.0.1"},
    {"10.0.0", false, 0, 0, ""},
    {"10.0.0.1.2", false, 0, 0, ""},
    {"10.0.0.256", false, 0, 0, ""},
    {"10.0.0.01", false, 0, 0, ""},
    {"10.0.0.1/33", false, 0, 0, ""},
    {"10.0.0.1/", false, 0, 0, ""},
    {"203.0.113.1/24", false, 0, 0, ""},
    {"10..0.1", false, 0, 0, ""},
    {" 10.0.0.1", false, 0, 0, ""},
    {"10.0.0.1 ", false, 0, 0, ""},
    {"server", false, 0, 0, ""},
    {"", false, 0, 0, ""},
};

static void addresses_are_read_and_written(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct key_address a = {0};
        char text[32];
        check_eq(r->text, address_parse(r->text, &a) == NULL, r->is_one);
        if (!r->is_one)
            continue;
        check_eq(r->text, a.low, r->low);
        check_eq(r->text, a.prefix_bits, r->bits);
        check_str(r->text, address_format(a, text, sizeof(text)), r->written);
    }
}

/* clang-format off */
/* RFC 4291 §2.2 for what is read, RFC 5952 for what is written; the clause stands in the row. */
static const struct row6 {
    const char *text, *written; /* NULL: it is no address */
} rows6[] = {
    {"2001:db8::1", "2001:db8::1"},
    {"2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},           /* §1, §4.2.3: of two equal runs the first */
    {"2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"}, /* §2.1, §4.1 */
    {"2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"},
    {"2001:db8:0:0:0::1", "2001:db8::1"},                      /* §2.2 */
    {"2001:db8:0::1", "2001:db8::1"},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},         /* §4.2.2: one group of zeros stays */
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},                   /* §4.2.3: the longest run */
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"}, /* §2.3, §4.3 */
    {"2001:0db8::0001", "2001:db8::1"},                        /* §4.1 */
    {"2001:db8::0:1", "2001:db8::1"},                          /* §4.2.1 */
    {"::", "::"},
    {"::1", "::1"},
    {"0:0:0:0:0:0:0:1", "::1"},
    {"1::", "1::"},
    {"0:1::", "0:1::"},
    {"::5:0:0:1", "::5:0:0:1"},
    {"::192.0.2.1", "::c000:201"},                             /* RFC 4291 §2.2.3; not IPv4-mapped */
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2001:db8::/32", "2001:db8::/32"},
    {"2001:db8:0:cd30::/60", "2001:db8:0:cd30::/60"},          /* RFC 4291 §2.3 */
    {"::/0", "::/0"},
    {"8000::/1", "8000::/1"},
    {"fd00::1/128", "fd00::1"},
    {"fd00::fffe:0/111", "fd00::fffe:0/111"},
    {"::ffff:192.0.2.1", NULL},
    {"2001:db8", NULL},
    {"2001:db8::1::1", NULL},
    {"2001:db8:::1", NULL},
    {"1:2:3:4:5:6:7", NULL},
    {"1:2:3:4:5:6:7:8:9", NULL},
    {"12345::", NULL},
    {"fd00::g", NULL},
    {"fd00::1%eth0", NULL},
    {"fd00::1/129", NULL},
    {"fd00::1/", NULL},
    {"fd00::1/064", NULL},
    {"2001:db8:0:cd30::/59", NULL},
    {"fd00::1/127", NULL},
    {"[fd00::1]", NULL},
    {" fd00::1", NULL},
};
/* clang-format on */

static void addresses_of_ipv6(void **state)
{
    for (const struct row6 *r = rows6; r < rows6 + ARRAY_LEN(rows6); r++) {
        struct key_address a = {0}, again = {0};
        char text[ADDRESS_TEXT_BYTES];
        check_eq(r->text, address_parse(r->text, &a) == NULL, r->written != NULL);
        if (r->written == NULL)
            continue;
        check_true(r->text, a.is_ipv6);
        check_str(r->text, address_format(a, text, sizeof(text)), r->written);
        check_true(r->text, address_parse(text, &again) == NULL);
        check_eq(r->text, address_compare(a, again), 0);
    }
}

/* libc writes them by the same rules, but for those that have IPv4's form at their end. */
static void texts_are_those_of_libc(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rng r = sim_rng(sim, "addresses");
    for (int i = 0; i < 20000; i++) {
        struct key_address a = {.is_ipv6 = true, .prefix_bits = 128}, again;
        uint32_t wire[4];
        char ours[ADDRESS_TEXT_BYTES], theirs[INET6_ADDRSTRLEN];
        uint32_t words[4] = {0};
        for (int g = 0; g < 8; g++) /* half of the groups are 0, and a few have one digit */
            words[g / 2] |= (uint32_t)(rng_below(&r, 2) == 0   ? 0
                                       : rng_below(&r, 4) == 0 ? rng_below(&r, 16)
                                                               : rng_below(&r, 65536))
                            << (g % 2 == 0 ? 16 : 0);
        words[0] |= 0x20000000;
        memcpy(a.high, words, sizeof(a.high));
        a.low = words[3];
        for (int w = 0; w < 4; w++)
            wire[w] = htonl(words[w]);
        assert_non_null(inet_ntop(AF_INET6, wire, theirs, sizeof(theirs)));
        check_str("text", address_format(a, ours, sizeof(ours)), theirs);
        check_true(ours, address_parse(ours, &again) == NULL);
        check_eq(ours, address_compare(a, again), 0);
        check_eq("interned", address_compare(address_of(sim, address_intern(sim, a)), a), 0);
    }
    sim_free(sim);
}

static bool bit_of(struct key_address a, unsigned i)
{
    const uint32_t words[] = {a.high[0], a.high[1], a.high[2], a.low};
    return words[i / 32] >> (31 - i % 32) & 1;
}

/* Whether address and prefix agree, bit by bit. */
static void ipv6_prefixes_hold_their_addresses(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rng r = sim_rng(sim, "prefixes");
    int n_held = 0;
    for (int i = 0; i < 20000; i++) {
        const unsigned bits = (unsigned)rng_below(&r, 129), flip = (unsigned)rng_below(&r, 128);
        struct key_address a = {.is_ipv6 = true, .prefix_bits = 128}, b, net;
        a.low = (uint32_t)rng_u64(&r);
        for (int w = 0; w < 3; w++)
            a.high[w] = (uint32_t)rng_below(&r, 4); /* few prefixes, met again */
        b = a;
        *(flip >= 96 ? &b.low : &b.high[flip / 32]) ^= UINT32_C(1) << (31 - flip % 32);
        net = address_cut(a, bits);
        bool agree = true;
        for (unsigned k = 0; k < bits; k++)
            agree = agree && bit_of(a, k) == bit_of(b, k);
        check_true("its own", address_has(sim, net, address_intern(sim, a)));
        check_eq("a bit off", address_has(sim, net, address_intern(sim, b)), agree);
        check_true("no address of IPv4", !address_has(sim, net, ip4(a.low)));
        n_held += agree;
    }
    check_true("both happen", n_held > 5000 && n_held < 15000);
    check_true("IPv4's", !address_has(sim, (struct key_address){0}, (ip_addr){1, 0}));
    sim_free(sim);
}

static void a_prefix_holds_its_addresses(void **state)
{
    const struct key_address net = {0xcb007100, 24}, all = {0, 0}, one = {0x0a000001, 32};
    check_true("first", address_holds(net, 0xcb007100));
    check_true("last", address_holds(net, 0xcb0071ff));
    check_true("above", !address_holds(net, 0xcb007200));
    check_true("below", !address_holds(net, 0xcb0070ff));
    check_true("all", address_holds(all, 0xffffffff));
    check_true("itself", address_holds(one, 0x0a000001));
    check_true("not its neighbour", !address_holds(one, 0x0a000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(addresses_of_ipv6),
        cmocka_unit_test(texts_are_those_of_libc),
        cmocka_unit_test(ipv6_prefixes_hold_their_addresses),
        cmocka_unit_test(a_prefix_holds_its_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
