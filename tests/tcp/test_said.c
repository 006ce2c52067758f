/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options after the MSS: window scaling and timestamps by RFC 7323, the receiver's blocks by
 * RFC 2018 and 2883.
 */
#include "tests/tcp/puppet.h"

#define DAY (SEC(24) * 3600)
#define WS                                                                                     \
    "window_scaling=yes rcvbuf=1000000B rcvbuf_max=1000000B" /* 65535 << 4 is the first that   \
                                                                holds 10^6 */
#define TS "timestamps=yes delack=0s"
#define SK "sack=yes delack=0s"

/* clang-format off */
static const struct play plays[] = {
    /* ---- window scale, RFC 7323 §2 */
    {"both offer: the SYN's window is never scaled, all others are", WS, {
        {0,      "show win; show opts; connect",  "S 0 win 65535 ws 4", ""},
        {MS(20), "< SA 0 ack 1 win 1000 mss 1000 ws 3", "A 1 ack 1 win 62500", "connected"},  /* 10^6 / 16 */
        {MS(20), "nodelay 1; send 3000",          "A 1(1000) ack 1 win 62500", ""},           /* the SYN-ACK's 1000 are bytes */
        {MS(40), "< A 1 ack 1001 win 250",        "A 1001(1000) ack 1 win 62500, PA 2001(1000) ack 1 win 62500", ""}}},
    {"the passive side's window too", WS, {
        {0,      "listen; < S 0 win 1000 mss 1000 ws 3; < A 1 ack 1 win 250", "SA 0 ack 1", "accepted"},
        {0,      "send 3000",                     "A 1(1000) ack 1, A 1001(1000) ack 1", ""}}},
    {"a shift of 0 is offered as well: it lets the peer scale", "window_scaling=yes", {
        {0,      "show opts; connect",            "S 0 ws 0", ""}}},
    {"the shift is for the buffer that there is, or for a larger one that there may be", "window_scaling=yes rcvbuf=1000000B", {
        {0,      "show opts; connect",            "S 0 ws 4", ""}}},
    {"... whichever is the larger", "window_scaling=yes rcvbuf=1000B rcvbuf_max=1000000B", {
        {0,      "show opts; connect",            "S 0 ws 4", ""}}},
    {"rounded up, so that the edge never goes back", WS " delack=0s", {
        {0,      "show win; connect; < SA 0 ack 1 ws 0", "S 0 win 65535, A 1 ack 1 win 62500", "connected"},
        {0,      "< PA 1(1) ack 1",               "A 1 ack 2 win 62500", "readable"},         /* 999999 / 16 = 62499.9 */
        {0,      "< PA 2(15) ack 1",              "A 1 ack 17 win 62500", "readable"}}}, /* and the edge is now 15 ahead */
    {"the peer does not offer: no scaling either way", WS, {
        {0,      "show win; show opts; connect",  "S 0 win 65535 ws 4", ""},
        {MS(20), "< SA 0 ack 1 win 1000",         "A 1 ack 1 win 65535", "connected"}}},
    {"an answer has it only when it was offered", WS, {
        {0,      "show win; show opts; listen; < S 0 ws 7; < S 0 from 1", "SA 0 ack 1 win 65535 ws 4, SA 0 ack 1 win 65535 to 1", ""}}},
    {"without the parameter it is neither offered nor answered", "", {
        {0,      "show opts; connect; < SA 0 ack 1 win 100 ws 7; send 200", "S 0, A 1 ack 1, A 1(100) ack 1", "connected"}}},
    {"a shift beyond 14 is 14 (§2.3)", WS " mss=20000B", {
        {0,      "connect; < SA 0 ack 1 win 0 mss 20000 ws 15", "S 0, A 1 ack 1", "connected"},
        {0,      "send 20000; < A 1 ack 1 win 1", "A 1(16384) ack 1", ""}}},

    /* ---- timestamps, RFC 7323 §3; the clock ticks every millisecond */
    {"on every segment, echoing the peer's latest", TS, {
        {0,      "show opts; connect",            "S 0 ts 0 0", ""},
        {MS(20), "< SA 0 ack 1 ts 100 mss 1000",  "A 1 ack 1 ts 20 100", "connected"},
        {MS(30), "nodelay 1; send 1000",          "A 1(988) ack 1 ts 30 100, PA 989(12) ack 1 ts 30 100", ""}, /* 12 bytes of the MSS */
        {MS(50), "< A 1 ack 1001 ts 130",         "", ""},
        {MS(60), "< PA 1(10) ack 1001 ts 140",    "A 1001 ack 11 ts 60 140", "readable"}}},
    {"the peer does not: none", TS, {
        {0,      "show opts; connect; < SA 0 ack 1; send 1", "S 0 ts 0 0, A 1 ack 1, PA 1(1) ack 1", "connected"}}},
    {"an answer has them only when they were offered", TS, {
        {0,      "show opts; listen; < S 0 ts 7; < S 0 from 1", "SA 0 ack 1 ts 0 7, SA 0 ack 1 to 1", ""}}},
    {"what comes out of order is not echoed yet (§4.3)", TS, {
        {0,      "show opts; connect; < SA 0 ack 1 ts 100", "S 0 ts 0 0, A 1 ack 1 ts 0 100", "connected"},
        {0,      "< PA 11(10) ack 1 ts 120",      "A 1 ack 1 ts 0 100", ""},
        {0,      "< PA 1(10) ack 1 ts 110",       "A 1 ack 21 ts 0 110", "readable"}}},
    {"PAWS: an older segment is answered and dropped, an equal one taken (§5.3)", TS, {
        {0,      "connect; < SA 0 ack 1 ts 100",  "S 0, A 1 ack 1", "connected"},
        {0,      "< PA 1(10) ack 1 ts 99",        "A 1 ack 1", ""},
        {0,      "< PA 1(10) ack 1 ts 100",       "A 1 ack 11", "readable"},
        {0,      "< FA 11 ack 1 ts 99",           "A 1 ack 11", "", "ESTABLISHED"}}},
    {"PAWS is not for resets (§5.2)", TS, {
        {0,      "connect; < SA 0 ack 1 ts 100; < R 1 ts 5", "S 0, A 1 ack 1", "connected error:ECONNRESET", "CLOSED"}}},
    {"PAWS: a timestamp half the circle later is older", TS, {
        {0,      "connect; < SA 0 ack 1 ts 4294967295; < PA 1(1) ack 1 ts 0", "S 0, A 1 ack 1, A 1 ack 2", "connected readable"},
        {0,      "< PA 2(1) ack 1 ts 2147483649", "A 1 ack 2", ""}}},
    {"after 24 idle days the latest says nothing any more (§5.5)", TS, {
        {0,      "connect; < SA 0 ack 1 ts 100",  "S 0, A 1 ack 1", "connected"},
        {23 * DAY, "< PA 1(10) ack 1 ts 50",      "A 1 ack 1", ""},
        {25 * DAY, "show opts; < PA 1(10) ack 1 ts 50", "A 1 ack 11 ts 2160000000 50", "readable"},
        {25 * DAY, "< PA 11(10) ack 1 ts 49",     "A 1 ack 11 ts 2160000000 50", ""}}},

    /* ---- blocks, RFC 2018 §4: the first holds what has just come, then the most recent others */
    {"SACK is offered and answered", SK, {
        {0,      "show opts; listen; < S 0 sackok; < S 0 from 1", "SA 0 ack 1 sackok, SA 0 ack 1 to 1", ""},
        {0,      "< PA 11(10) ack 1",             "A 1 ack 1 sack 11-21", "accepted"}}},
    {"holes", SK, {
        {0,      "show opts; connect; < SA 0 ack 1 sackok", "S 0 sackok, A 1 ack 1", "connected"},
        {0,      "< PA 11(10) ack 1",             "A 1 ack 1 sack 11-21", ""},
        {0,      "< PA 31(10) ack 1",             "A 1 ack 1 sack 31-41 11-21", ""},
        {0,      "< PA 51(10) ack 1",             "A 1 ack 1 sack 51-61 31-41 11-21", ""},
        {0,      "< PA 21(10) ack 1",             "A 1 ack 1 sack 11-41 51-61", ""},
        {0,      "< PA 1(10) ack 1",              "A 1 ack 41 sack 51-61", "readable"},
        {0,      "< PA 41(10) ack 1",             "A 1 ack 61", "readable"}}},
    {"the peer does not permit it", SK, {
        {0,      "show opts; connect; < SA 0 ack 1; < PA 11(10) ack 1", "S 0 sackok, A 1 ack 1, A 1 ack 1", "connected"}}},
    {"five holes: four blocks", SK, {
        {0,      "connect; < SA 0 ack 1 sackok; < A 11(1) ack 1; < A 21(1) ack 1; < A 31(1) ack 1; < A 41(1) ack 1; show opts",
                 "S 0, A 1 ack 1, A 1 ack 1, A 1 ack 1, A 1 ack 1, A 1 ack 1", "connected"},
        {0,      "< A 51(1) ack 1",               "A 1 ack 1 sack 51-52 41-42 31-32 21-22", ""}}},
    {"three beside timestamps", SK " timestamps=yes", {
        {0,      "connect; < SA 0 ack 1 sackok ts 1; < A 11(1) ack 1 ts 1; < A 21(1) ack 1 ts 1; < A 31(1) ack 1 ts 1; show opts",
                 "S 0, A 1 ack 1, A 1 ack 1, A 1 ack 1, A 1 ack 1", "connected"},
        {0,      "< A 41(1) ack 1 ts 1",          "A 1 ack 1 ts 0 1 sack 41-42 31-32 21-22", ""}}},
    {"a duplicate is told once, first (RFC 2883)", SK " dsack=yes", {
        {0,      "show opts; connect; < SA 0 ack 1 sackok; < PA 1(10) ack 1; recv 99", "S 0 sackok, A 1 ack 1, A 1 ack 11", "connected readable =10"},
        {0,      "< PA 1(10) ack 1",              "A 1 ack 11 sack 1-11", ""},
        {0,      "< PA 21(10) ack 1",             "A 1 ack 11 sack 21-31", ""},
        {0,      "< PA 21(10) ack 1",             "A 1 ack 11 sack 21-31 21-31", ""},
        {0,      "< PA 41(10) ack 1",             "A 1 ack 11 sack 41-51 21-31", ""}}},
};
/* clang-format on */

static void what_options_say(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++)
        puppet_play_wrapped(&plays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_options_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
