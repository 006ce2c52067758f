/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/address.h"

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
        cmocka_unit_test(a_prefix_holds_its_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
