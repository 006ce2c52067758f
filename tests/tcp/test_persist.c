/* SPDX-License-Identifier: GPL-3.0-or-later
 * Window probes as Linux and FreeBSD send them: their times, and how they end. Those of RFC
 * 9293 are in test_window.c.
 *
 * R = 20 ms, RTO = 20 + 200 = 220 ms. A probe is an old ACK, "A 0 ack 1".
 */
#include "tests/tcp/puppet.h"

#define PROBE(at)                                                                              \
    {                                                                                          \
        MS(at), "", "A 0 ack 1", ""                                                            \
    }
#define OCTET(at)                                                                              \
    {                                                                                          \
        MS(at), "", "A 1(1) ack 1", ""                                                         \
    }
#define ANSWER(at)                                                                             \
    {                                                                                          \
        MS(at), "< A 1 ack 1 win 0", "", ""                                                    \
    }

/* clang-format off */
static const struct play plays[] = {
    /* Reference 10c: 220, 440, 880, 1760 ms after the last answer, not after the last probe. MUST-37: they never end */
    {"an answer begins the wait anew", BARE_LINUX, {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, PROBE(240), ANSWER(260), PROBE(700), ANSWER(720), PROBE(1600), ANSWER(1620),
        PROBE(3380), ANSWER(3400), PROBE(6920), ANSWER(6940), {MS(7000), "< A 1 ack 1 win 1000", "PA 1(100) ack 1", ""}}},
    {"no longer apart than retries2 doublings, and for ever", BARE_LINUX "retries2=1", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, PROBE(240), ANSWER(260), PROBE(700), ANSWER(720), PROBE(1160), ANSWER(1180), PROBE(1620), ANSWER(1640),
        PROBE(2080), {MS(2100), "< A 1 ack 1 win 0", "", "", "ESTABLISHED"}}},
    {"without an answer they double by themselves, retries2 of them", BARE_LINUX "retries2=3", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, PROBE(240), PROBE(680), PROBE(1560), {MS(3320) - 1, "", "", "", "ESTABLISHED"},
        {MS(3320), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* the waits are 220, 440, 880, 1000: the fourth has come to rto_max, and nobody is there to care */
    {"an orphan gives up though its peer answers", BARE_LINUX "rto_max=1s", {
        OPEN_WIN_0, {MS(20), "send 100; close", "", ""}, PROBE(240), ANSWER(260), PROBE(700), ANSWER(720), PROBE(1600), ANSWER(1620),
        {MS(2620) - 1, "", "", "", "FIN-WAIT-1"}, {MS(2620), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"who is not one goes on", BARE_LINUX "rto_max=1s", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, PROBE(240), ANSWER(260), PROBE(700), ANSWER(720), PROBE(1600), ANSWER(1620),
        PROBE(2620), ANSWER(2640), PROBE(3640), ANSWER(3660), PROBE(4660)}},
    /* The window shrinks over data in flight: repeats, at 240, 680, 1560 and 2560 ms. At the last one nothing has come for
     * 2.52 s, and the first repeat is 2.32 s ago, both beyond 2 * rto_max */
    {"the window shrinks and the peer is silent: 2 rto_max", BARE_LINUX "rto_max=1s", {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1 mss 1000; send 1000", "A 1 ack 1, PA 1(1000) ack 1", "connected"},
        {MS(40), "< A 1 ack 1 win 0", "", ""}, {MS(240), "", "A 1(1) ack 1", ""}, {MS(680), "", "A 1(1) ack 1", ""}, {MS(1560), "", "A 1(1) ack 1", ""},
        {MS(2560) - 1, "", "", "", "ESTABLISHED"}, {MS(2560), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"... and answers: it goes on", BARE_LINUX "rto_max=1s retries2=1", {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1 mss 1000; send 1000", "A 1 ack 1, PA 1(1000) ack 1", "connected"},
        {MS(40), "< A 1 ack 1 win 0", "", ""}, {MS(240), "", "A 1(1) ack 1", ""}, {MS(680), "", "A 1(1) ack 1", ""}, {MS(1560), "", "A 1(1) ack 1", ""},
        ANSWER(1580), {MS(2560), "", "A 1(1) ack 1", ""}, {MS(3560), "", "A 1(1) ack 1", "", "ESTABLISHED"}}},
    /* R = 20 ms: SRTT 20, RTTVAR 10, so 160 ms and the slop of 200 ms: persmin, until 160 * 32 + 200 = 5320 ms, then
     * 160 * 64 + 200 = 10440 ms, and persmax from 160 * 512 on. An answer that leaves the window closed does not
     * begin the wait anew */
    {"FreeBSD's wait at least persmin and at most persmax", "persmin=5s rto_slop=200ms", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, OCTET(5020), ANSWER(5040), OCTET(10020), OCTET(15020), OCTET(20020), OCTET(25020),
        OCTET(30340), OCTET(40780), OCTET(61460), OCTET(102620), ANSWER(102640), OCTET(162620), OCTET(222620)}},
    /* tcp(7) says 200 ms; it is the retransmission timeout */
    {"what is corked leaves after the timeout", BARE_LINUX, {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1 mss 1000; set cork 1; send 10", "A 1 ack 1", "connected"},
        {MS(240) - 1, "", "", ""}, {MS(240), "", "PA 1(10) ack 1", ""}}},
};
/* clang-format on */

static void linux_probes(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++)
        puppet_play_wrapped(&plays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(linux_probes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
