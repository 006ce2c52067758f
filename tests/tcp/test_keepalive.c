/* SPDX-License-Identifier: GPL-3.0-or-later
 * Keepalive: RFC 9293 §3.8.4 (MUST-24 to MUST-29), with Linux's and FreeBSD's times.
 *
 * The connection is heard of last at 20 ms, when its SYN-ACK comes. A probe is "A 0 ack 1": no
 * data, and a number below SND.NXT = 1.
 */
#include "tests/tcp/puppet.h"

#define PROBE(at)                                                                              \
    {                                                                                          \
        at, "", "A 0 ack 1", ""                                                                \
    }
#define SHORT      "keepalive=yes keepalive_time=3s keepalive_intvl=1s keepalive_probes=5"
#define AT_20MS(s) (SEC(s) + MS(20))

/* clang-format off */
static const struct play plays[] = {
    {"off unless asked for (MUST-25): a year of silence", "", {
        OPEN_IN_20MS, {SEC(86400) * 365, "", "", "", "ESTABLISHED"}}},
    /* 7200 s, then nine probes 75 s apart; 75 s after the ninth, at 7200 + 9 * 75 = 7875 s, it is over */
    {"a dead peer is found after 7875 s", "keepalive=yes", {
        OPEN_IN_20MS, {AT_20MS(7200) - 1, "", "", ""}, PROBE(AT_20MS(7200)), PROBE(AT_20MS(7275)), PROBE(AT_20MS(7350)),
        PROBE(AT_20MS(7425)), PROBE(AT_20MS(7500)), PROBE(AT_20MS(7575)), PROBE(AT_20MS(7650)), PROBE(AT_20MS(7725)),
        PROBE(AT_20MS(7800)), {AT_20MS(7875) - 1, "", "", "", "ESTABLISHED"},
        {AT_20MS(7875), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}, {SEC(99999), "", "", ""}}},
    {"FreeBSD has it always on, and eight probes: 7800 s", "profile=bsd", {
        OPEN_IN_20MS, {AT_20MS(7200) - 1, "", "", ""}, PROBE(AT_20MS(7200)), PROBE(AT_20MS(7275)), PROBE(AT_20MS(7350)),
        PROBE(AT_20MS(7425)), PROBE(AT_20MS(7500)), PROBE(AT_20MS(7575)), PROBE(AT_20MS(7650)), PROBE(AT_20MS(7725)),
        {AT_20MS(7800) - 1, "", "", "", "ESTABLISHED"}, {AT_20MS(7800), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}}},
    {"reference 10a: 3, 4, 5, 6, 7 s, the reset at 8 s", SHORT, {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), PROBE(AT_20MS(4)), PROBE(AT_20MS(5)), PROBE(AT_20MS(6)), PROBE(AT_20MS(7)),
        {AT_20MS(8), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}}},
    {"reference 10b: answers keep it, each 3 s after the last", SHORT, {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), {MS(3040), "< A 1 ack 1", "", ""}, PROBE(MS(6040)), {MS(6060), "< A 1 ack 1", "", ""},
        PROBE(MS(9060)), {MS(9080), "< A 1 ack 1", "", "", "ESTABLISHED"}}},
    {"no answer to a probe means nothing (MUST-29)", SHORT, {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), PROBE(AT_20MS(4)), PROBE(AT_20MS(5)), PROBE(AT_20MS(6)), PROBE(AT_20MS(7)),
        {MS(7500), "< A 1 ack 1", "", ""}, PROBE(MS(10500)), PROBE(MS(11500)), PROBE(MS(12500)), PROBE(MS(13500)), PROBE(MS(14500)),
        {MS(15500), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}}},
    {"data is a sign of life", SHORT " delack=0s", {
        OPEN_IN_20MS, {MS(2000), "< PA 1(10) ack 1", "A 1 ack 11", "readable"}, {MS(5000) - 1, "", "", ""},
        {MS(5000), "", "A 0 ack 11", ""}}},
    {"an old segment is none: it may be anybody's", SHORT, {
        OPEN_IN_20MS, {MS(2000), "< A 0 ack 1", "A 1 ack 1", ""}, PROBE(AT_20MS(3))}},
    /* MUST-26: not while data is outstanding. RTO 60 ms; what is in flight has R2 */
    {"not while data is in flight", SHORT " rto_min=0s retries2=7", {
        OPEN_IN_20MS, {MS(2900), "send 10", "PA 1(10) ack 1", ""}, {MS(2960), "", "PA 1(10) ack 1", ""}, {MS(3080), "", "PA 1(10) ack 1", ""},
        {MS(3320), "", "PA 1(10) ack 1", ""}, {MS(3800), "", "PA 1(10) ack 1", ""}, {MS(4760), "", "PA 1(10) ack 1", ""},
        {MS(6679), "< A 1 ack 11", "", ""}, {MS(9679) - 1, "", "", ""}, {MS(9679), "", "A 10 ack 1", ""}}},
    {"the host that is back knows nothing: its reset ends it", SHORT, {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), {MS(3040), "< R 1", "", "error:ECONNRESET", "CLOSED"}, {SEC(99), "", "", ""}}},
    {"set later: keepidle from then on (Linux)", "keepalive_time=3s", {
        OPEN_IN_20MS, {SEC(10), "set keepalive 1", "", ""}, {SEC(13) - 1, "", "", ""}, PROBE(SEC(13))}},
    {"TCP_KEEPIDLE counts the silence so far", "keepalive=yes keepalive_intvl=1s", {
        OPEN_IN_20MS, {SEC(2), "set keepidle 3s", "", ""}, PROBE(AT_20MS(3)), PROBE(AT_20MS(4))}},
    {"... which may be over already", "keepalive=yes keepalive_intvl=1s", {
        OPEN_IN_20MS, {SEC(5), "set keepidle 3s", "", ""}, {SEC(5), "", "A 0 ack 1", ""}, PROBE(SEC(6))}},
    {"TCP_KEEPINTVL and TCP_KEEPCNT", SHORT, {
        OPEN_IN_20MS, {MS(30), "set keepintvl 2s; set keepcnt 2", "", ""}, PROBE(AT_20MS(3)), PROBE(AT_20MS(5)),
        {AT_20MS(7), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}}},
    {"switched off again", SHORT, {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), {MS(3500), "set keepalive 0", "", ""}, {SEC(99), "", "", "", "ESTABLISHED"}}},
    {"what is out of range", "", {
        OPEN_IN_20MS, {MS(30), "set keepidle 0s; set keepcnt 128; set keepintvl 32768s; set keepcnt 127", "", "=EINVAL =EINVAL =EINVAL"}}},
    {"an accepted connection has its listener's", SHORT, {
        {0, "listen; < S 0", "SA 0 ack 1", ""}, {MS(20), "< A 1 ack 1", "", "accepted", "ESTABLISHED"},
        PROBE(AT_20MS(3)), PROBE(AT_20MS(4))}},
    {"the peer has closed: CLOSE-WAIT is asked, too", SHORT, {
        OPEN_IN_20MS, {MS(1000), "< FA 1 ack 1", "A 1 ack 2", "eof", "CLOSE-WAIT"}, {MS(4000), "", "A 0 ack 2", ""}}},
    {"half closed: FIN-WAIT-2 is, below the FIN", SHORT, {
        OPEN_IN_20MS, {MS(1000), "shutdown wr", "FA 1 ack 1", ""}, {MS(1020), "< A 1 ack 2", "", "", "FIN-WAIT-2"},
        {MS(4020), "", "A 1 ack 1", ""}}},
    {"TIME-WAIT is not", SHORT " msl=60s", {
        OPEN_IN_20MS, {MS(1000), "close", "FA 1 ack 1", ""}, {MS(1020), "< FA 1 ack 2", "A 2 ack 2", "closed", "TIME-WAIT"}, {SEC(100), "", "", "", "TIME-WAIT"}}},
    /* Linux: the user timeout takes the place of the count: at 5 s the silence is longer than 4.5 s */
    {"with a user timeout that is what counts", SHORT " user_timeout=4500ms", {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), PROBE(AT_20MS(4)), {AT_20MS(5), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}}},
    {"... also beyond keepcnt", SHORT " user_timeout=10s keepalive_probes=2", {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), PROBE(AT_20MS(4)), PROBE(AT_20MS(5)), PROBE(AT_20MS(6)), PROBE(AT_20MS(7)), PROBE(AT_20MS(8)),
        PROBE(AT_20MS(9)), {AT_20MS(10), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}}},
    {"... never before one has been asked", SHORT " user_timeout=1s", {
        OPEN_IN_20MS, PROBE(AT_20MS(3)), {AT_20MS(4), "", "RA 1 ack 1", "error:ETIMEDOUT", "CLOSED"}}},
};
/* clang-format on */

static void plays_of_keepalive(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++)
        puppet_play_wrapped(&plays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays_of_keepalive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
