/* SPDX-License-Identifier: GPL-3.0-or-later
 * How long a connection waits for an answer: the user timeout (RFC 9293 §3.10.1, RFC 5482), R2
 * as a time (Linux), orphans, TCP_LINGER2.
 *
 * The round trip is R = 20 ms. By RFC 6298 and rto_min 0 the RTO is 20 + 4 * 10 = 60 ms; by
 * Linux's rule 20 + 200 = 220 ms.
 */
#include "tests/tcp/puppet.h"

#define AGAIN(at)                                                                              \
    {                                                                                          \
        at, "", DATA(1), ""                                                                    \
    }

/* clang-format off */
static const struct play user_timeout[] = {
    /* repeats at 60, 180, 420, 900 ms, the next would be at 1860 */
    {"ends it so long after the data was sent", "rto_min=0s user_timeout=1s", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(160)), AGAIN(MS(280)), AGAIN(MS(520)), AGAIN(MS(1000)),
        {MS(1100) - 1, "", "", "", "ESTABLISHED"}, {MS(1100), "", "", "error:ETIMEDOUT", "CLOSED"}, {SEC(99), "", "", ""}}},
    {"is an option, and may come late", "rto_min=0s", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(160)), {MS(200), "set user_timeout 1s", "", ""},
        AGAIN(MS(280)), AGAIN(MS(520)), AGAIN(MS(1000)), {MS(1100), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"is longer than R2", "rto_min=0s retries2=1 user_timeout=1s", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(160)), AGAIN(MS(280)), AGAIN(MS(520)), AGAIN(MS(1000)),
        {MS(1100), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"bounds the first timeout, too", "user_timeout=300ms", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, {MS(400), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"what arrives begins it anew", "rto_min=0s user_timeout=1s nagle=no", {
        OPEN_IN_20MS, {MS(100), "send 10; send 10", DATA(1) ", " DATA(11), ""}, {MS(120), "< A 1 ack 11", "", ""},
        /* R = 20: RTTVAR = 7.5, RTO = 20 + 30 = 50 */
        {MS(170), "", DATA(11), ""}, {MS(270), "", DATA(11), ""}, {MS(470), "", DATA(11), ""}, {MS(870), "", DATA(11), ""},
        {MS(1120) - 1, "", "", ""}, {MS(1120), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"of a SYN", "user_timeout=5s", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(3), "", "S 0", ""}, {SEC(5), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"of a FIN", "rto_min=0s user_timeout=200ms", {
        OPEN_IN_20MS, {MS(100), "close", "FA 1 ack 1", ""}, {MS(160), "", "FA 1 ack 1", ""}, {MS(280), "", "FA 1 ack 1", ""},
        {MS(300), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* RFC 9293 §3.10.8: any state; MUST-37 is about R2 */
    {"of a window that stays closed, though probes are answered", "user_timeout=5s", {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1 mss 1000 win 0; send 100", "A 1 ack 1", "connected"},
        {MS(1020), "", "A 1(1) ack 1", ""}, {MS(1040), "< A 1 ack 1 win 0", "", ""}, {MS(3020), "", "A 1(1) ack 1", ""},
        {MS(3040), "< A 1 ack 1 win 0", "", ""}, {MS(5020), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* Linux counts from the first repeat, at 320 ms; the timeout after 760 + 880 = 1640 comes at 1320 */
    {"linux (reference 10h): from the first repeat on", BARE_LINUX "user_timeout=1s", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(320)), AGAIN(MS(760)),
        {MS(1320) - 1, "", "", "", "ESTABLISHED"}, {MS(1320), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"linux: the first timeout is whole", BARE_LINUX "user_timeout=50ms", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(320)), {MS(370), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"linux: a SYN's from connect() on", BARE_LINUX "user_timeout=2500ms", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(2), "", "S 0", ""}, {MS(2500), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* the first probe, at 20 + 220 ms, begins it; answers begin the wait for the next one anew */
    {"linux: of probes from the first one on", BARE_LINUX "user_timeout=1s", {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1 mss 1000 win 0; send 100", "A 1 ack 1", "connected"},
        {MS(240), "", "A 0 ack 1", ""}, {MS(260), "< A 1 ack 1 win 0", "", ""}, {MS(700), "", "A 0 ack 1", ""},
        {MS(720), "< A 1 ack 1 win 0", "", ""}, {MS(1240), "", "", "error:ETIMEDOUT", "CLOSED"}}},
};

static const struct play r2[] = {
    /* 5 repeats from 200 ms on: 0.2 * (2^6 - 1) = 12.6 s after the first one at 320 ms, that is at the timeout of 13.96 s */
    {"linux: R2 is a time", BARE_LINUX "retries2=5", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(320)), AGAIN(MS(760)), AGAIN(MS(1640)), AGAIN(MS(3400)), AGAIN(MS(6920)),
        {MS(13960) - 1, "", "", "", "ESTABLISHED"}, {MS(13960), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* 0.2 * (2^10 - 1) + 6 * 120 = 924.6 s; timeouts at 56.2, 112.52, 225.16 s, then 120 s apart: 945.16 is the first that late */
    {"linux: 924.6 s by default", BARE_LINUX, {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(320)), AGAIN(MS(760)), AGAIN(MS(1640)), AGAIN(MS(3400)), AGAIN(MS(6920)),
        AGAIN(MS(13960)), AGAIN(MS(28040)), AGAIN(MS(56200)), AGAIN(MS(112520)), AGAIN(MS(225160)), AGAIN(MS(345160)), AGAIN(MS(465160)),
        AGAIN(MS(585160)), AGAIN(MS(705160)), AGAIN(MS(825160)), {MS(945160) - 1, "", "", "", "ESTABLISHED"},
        {MS(945160), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* with rto_max 1 s the boundary is 0.2 + 0.4 + 0.8 + 3 = 4.4 s from 320 on; timeouts 760, 1640, 2640, 3640, 4640, 5640 */
    {"linux: TCP_RTO_MAX_MS makes it shorter", BARE_LINUX "retries2=5", {
        OPEN_IN_20MS, {MS(30), "set rto_max 1s", "", ""}, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(320)), AGAIN(MS(760)), AGAIN(MS(1640)), AGAIN(MS(2640)),
        AGAIN(MS(3640)), {MS(4640), "", DATA(1), ""}, {MS(5640), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"linux: TCP_RTO_MIN_US, RTO = 20 + 4 * 10 ms", BARE_LINUX, {
        OPEN_IN_20MS, {MS(30), "set rto_min 5ms; send 10", DATA(1), ""}, {MS(50), "< A 1 ack 11", "", ""}, /* R = 20: RTTVAR 7.5, RTO 50 */
        {MS(100), "send 10", DATA(11), ""}, {MS(150) - 1, "", "", ""}, {MS(150), "", DATA(11), ""}}},
    /* 0.2 * (2^9 - 1) = 102.2 s after 320 ms; the timeout of 112.52 s is 112.2 s after it, the one before 55.88 */
    {"linux: an orphan has 8 repeats, 102.2 s", BARE_LINUX, {
        OPEN_IN_20MS, {MS(100), "close", "FA 1 ack 1", ""}, {MS(320), "", "FA 1 ack 1", ""}, {MS(760), "", "FA 1 ack 1", ""},
        {MS(1640), "", "FA 1 ack 1", ""}, {MS(3400), "", "FA 1 ack 1", ""}, {MS(6920), "", "FA 1 ack 1", ""}, {MS(13960), "", "FA 1 ack 1", ""},
        {MS(28040), "", "FA 1 ack 1", ""}, {MS(56200), "", "FA 1 ack 1", ""}, {MS(112520) - 1, "", "", "", "FIN-WAIT-1"},
        {MS(112520), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* 0.2 * 7 = 1.4 s: the timeout of 1640 is 1.32 s after the first repeat, that of 3400 is beyond */
    {"linux: orphan_retries, as a time", BARE_LINUX "orphan_retries=2", {
        OPEN_IN_20MS, {MS(100), "close", "FA 1 ack 1", ""}, {MS(320), "", "FA 1 ack 1", ""}, {MS(760), "", "FA 1 ack 1", ""},
        {MS(1640), "", "FA 1 ack 1", ""}, {MS(3400), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    /* without the linear ones 1 + 2 + 4 = 7 s; with four of six repeats linear 1 2 3 4 5 7 and 11 s */
    {"linux: linear repeats make a connect() no longer", BARE_LINUX "syn_retries=2 syn_linear_timeouts=4", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(2), "", "S 0", ""}, {SEC(3), "", "S 0", ""}, {SEC(4), "", "S 0", ""},
        {SEC(5), "", "S 0", ""}, {SEC(7), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"count: R2 is a number", "rto_min=0s retries2=2", {
        OPEN_IN_20MS, {MS(100), "send 10", DATA(1), ""}, AGAIN(MS(160)), AGAIN(MS(280)), {MS(520), "", "", "error:ETIMEDOUT", "CLOSED"}}},
};

static const struct play orphans[] = {
    {"one orphan may be, the second close() resets", "max_orphans=1", {
        {0, "listen; < S 0 from 1; < A 1 ack 1 from 1", "SA 0 ack 1 to 1", "accepted"}, {MS(10), "close", "FA 1 ack 1 to 1", ""},
        {MS(20), "< S 0 from 2; < A 1 ack 1 from 2", "SA 0 ack 1 to 2", "accepted"}, {MS(30), "close", "FA 1 ack 1 to 2, RA 2 ack 1 to 2", "error:ECONNABORTED"},
        {MS(40), "< R 1 from 1", "", "error:ECONNRESET"}, /* the first one is gone */
        {MS(50), "< S 0 from 3; < A 1 ack 1 from 3", "SA 0 ack 1 to 3", "accepted"}, {MS(60), "close", "FA 1 ack 1 to 3", ""}}},
    {"FIN-WAIT-2 that has its fin_timeout is none", "max_orphans=1 fin_timeout=10s", {
        {0, "listen; < S 0 from 1; < A 1 ack 1 from 1", "SA 0 ack 1 to 1", "accepted"}, {MS(10), "close", "FA 1 ack 1 to 1", ""},
        {MS(15), "< A 1 ack 2 from 1", "", ""},
        {MS(20), "< S 0 from 2; < A 1 ack 1 from 2", "SA 0 ack 1 to 2", "accepted"}, {MS(30), "close", "FA 1 ack 1 to 2", ""}}},
    {"TCP_LINGER2: a fin_timeout of its own", "fin_timeout=60s", {
        OPEN_IN_20MS, {MS(30), "set linger2 5s; close", "FA 1 ack 1", ""}, {MS(50), "< A 1 ack 2", "", "", "FIN-WAIT-2"},
        {MS(5050) - 1, "", "", "", "FIN-WAIT-2"}, {MS(5050), "", "", "closed", "CLOSED"}}},
    /* 3.5 RTO, the RTO being 1 s */
    {"... not below 3.5 timeouts (Linux)", "fin_timeout=60s fin_timeout_rule=linux", {
        OPEN_IN_20MS, {MS(30), "set linger2 1s; close", "FA 1 ack 1", ""}, {MS(50), "< A 1 ack 2", "", "", "FIN-WAIT-2"},
        {MS(3550), "", "", "closed", "CLOSED"}}},
    {"... of none: the ACK of the FIN is answered by a reset", "", {
        OPEN_IN_20MS, {MS(30), "set linger2 never; close", "FA 1 ack 1", ""}, {MS(50), "< A 1 ack 2", "R 2", "error:ECONNABORTED", "CLOSED"}}},
    {"... of none: close() in FIN-WAIT-2 resets", "", {
        OPEN_IN_20MS, {MS(30), "shutdown wr", "FA 1 ack 1", ""}, {MS(50), "< A 1 ack 2; set linger2 never; close", "RA 2 ack 1", "error:ECONNABORTED", "CLOSED"}}},
};
/* clang-format on */

static void play_all(const struct play *plays, size_t n)
{
    for (size_t i = 0; i < n; i++)
        puppet_play_wrapped(&plays[i]);
}

static void user_timeouts(void **state)
{
    play_all(user_timeout, ARRAY_LEN(user_timeout));
}

static void patience(void **state)
{
    play_all(r2, ARRAY_LEN(r2));
}

static void nobody_holds_it(void **state)
{
    play_all(orphans, ARRAY_LEN(orphans));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(user_timeouts),
                                       cmocka_unit_test(patience),
                                       cmocka_unit_test(nobody_holds_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
