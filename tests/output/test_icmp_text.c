/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/icmp_text.h"

#include "tests/check.h"

/* The words of RFC 792, RFC 1191 and RFC 4443, as tcpdump has them, as far as an arrow has
 * room. */
static void labels(void **state)
{
    static const struct {
        uint8_t m[8];
        size_t n;
        bool is_ipv6;
        const char *want;
    } rows[] = {
        {{3, 0}, 8, false, "ICMP net unreachable"},
        {{3, 1}, 8, false, "ICMP host unreachable"},
        {{3, 3}, 8, false, "ICMP port unreachable"},
        {{3, 4, 0, 0, 0, 0, 0x05, 0x14}, 8, false, "ICMP need to frag, mtu 1300"},
        {{3, 13}, 8, false, "ICMP destination unreachable"},
        {{11, 0}, 8, false, "ICMP time exceeded"},
        {{12, 0}, 8, false, "ICMP"},
        {{3, 3}, 7, false, "ICMP"}, /* cut short */
        {{1, 0}, 8, true, "ICMP6 net unreachable"},
        {{1, 1}, 8, true, "ICMP6 destination unreachable"},
        {{1, 3}, 8, true, "ICMP6 host unreachable"},
        {{1, 4}, 8, true, "ICMP6 port unreachable"},
        {{2, 0, 0, 0, 0, 1, 0, 0}, 8, true, "ICMP6 packet too big, mtu 65536"},
        {{3, 0}, 8, true, "ICMP6 time exceeded"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[64];
        icmp_text_label(rows[i].m, rows[i].n, rows[i].is_ipv6, text, sizeof(text));
        check_str(rows[i].want, text, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
