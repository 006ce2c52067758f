/* SPDX-License-Identifier: GPL-3.0-or-later
 * What an application does within an event may change all that the stack was about to use: the
 * listener goes, the same ends are taken again.
 */
#include "tests/tcp/puppet.h"

#define TIME_WAIT_PASSIVE "listen; < S 0; < A 1 ack 1; shutdown wr; < A 1 ack 2; < FA 1 ack 2"

/* A SYN newer than the connection in TIME-WAIT ends that (RFC 6191), which the application is
 * told, before it opens a new one. */
/* clang-format off */
static const struct play plays[] = {
    {"a newer SYN opens", "time_wait=reuse", {
        {0, TIME_WAIT_PASSIVE, "SA 0 ack 1, FA 1 ack 1, A 2 ack 2", "accepted eof", "TIME-WAIT"},
        {0, "< S 5000", "SA 0 ack 5001", "closed", NULL},
    }},
    {"the listener goes on hearing of the end", "time_wait=reuse", {
        {0, TIME_WAIT_PASSIVE, "SA 0 ack 1, FA 1 ack 1, A 2 ack 2", "accepted eof", "TIME-WAIT"},
        {0, "on closed unlisten; < S 5000", "RA -1000 ack 5001", "closed", NULL}, /* <SEQ=0>, told from the ISN */
    }},
    {"its ends are taken on hearing of the end", "time_wait=reuse", {
        {0, TIME_WAIT_PASSIVE, "SA 0 ack 1, FA 1 ack 1, A 2 ack 2", "accepted eof", "TIME-WAIT"},
        {0, "on closed connect; < S 5000", "S 0, SA 0 ack 5001", "closed", NULL}, /* RFC 9293 figure 7 */
        {0, "< A 5001 ack 1", "", "connected", NULL},
    }},
};
/* clang-format on */

static void reentry(void **state)
{
    for (const struct play *p = plays; p < plays + ARRAY_LEN(plays); p++)
        puppet_play(p, 1000, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reentry)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
