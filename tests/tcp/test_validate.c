/* SPDX-License-Identifier: GPL-3.0-or-later
 * Limits on challenge ACKs, RFC 5961 §7: of a connection (Linux's tcp_invalid_ratelimit) and of
 * a host (tcp_challenge_ack_limit), and what they count.
 */
#include "models/tcp/endpoint.h"
#include "tests/tcp/puppet.h"

enum { SECOND = 250000 }; /* an ISN by the clock of 4 us: the play begins at 1 s sharp */

/* clang-format off */
static const struct play plays[] = {
    {"no limit", "", {
        OPEN_AT_ONCE,
        {MS(100), "< S 5; < R 5; < A 1 ack 99; < A -9 ack 1", "A 1 ack 1, A 1 ack 1, A 1 ack 1, A 1 ack 1", ""}}},
    {"a connection's: one in 500 ms, whatever asked for it", "invalid_ratelimit=500ms", {
        OPEN_AT_ONCE,
        {MS(100), "< S 5",                          "A 1 ack 1", ""},
        {MS(599), "< S 5; < R 5; < A 1 ack 99; < A -9 ack 1", "", ""},
        {MS(600), "< R 5",                          "A 1 ack 1", ""},
        {MS(700), "< PA -9(5) ack 1",               "A 1 ack 1", "", "ESTABLISHED"}}}, /* data: a lost ACK, more likely */
    {"a host's: two a second", "challenge_ack_limit=2", {
        OPEN_AT_ONCE,
        {MS(100), "< S 5; < R 5; < A 1 ack 99; < S 7", "A 1 ack 1, A 1 ack 1", ""},
        {MS(999), "< S 5",                          "", ""},
        {MS(999), "< A -9 ack 1",                   "A 1 ack 1", ""}, /* no challenge */
        {SEC(1),  "< S 5",                          "A 1 ack 1", "", "ESTABLISHED"}}},
};
/* clang-format on */

static void limits(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++)
        puppet_play(&plays[i], SECOND, 5000);
}

static void counts(void **state)
{
    struct puppet p;
    puppet_init(&p, "counts", "challenge_ack_limit=2", SECOND, 5000);
    puppet_do(&p, 0, "connect; < SA 0 ack 1; < S 5; < R 5; < A 1 ack 99");
    check_eq("sent", p.account.n_challenges, 2);
    check_eq("not sent", p.account.n_challenges_skipped, 1);
    puppet_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(limits), cmocka_unit_test(counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
