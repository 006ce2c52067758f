/* SPDX-License-Identifier: GPL-3.0-or-later
 * Windows and segment sizes: zero windows and their probes, Nagle, silly windows on both sides,
 * a window that never shrinks, MSS. RFC 9293 §3.7 and §3.8.6.
 */
#include "tests/tcp/puppet.h"

#define ANSWERED(at_ms)                                                                        \
    {MS(at_ms), "", "A 1(1) ack 1", ""},                                                       \
    {                                                                                          \
        MS(at_ms + 20), "< A 1 ack 1 win 0", "", ""                                            \
    }

/* clang-format off */
static const struct play zero_window[] = {
    /* MUST-37: open as long as probes are answered, though R2 is 2; R2 counts those without an answer */
    {"probes at RTO, then doubled; answered ones never end it", "retries2=2", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""},
        ANSWERED(1020), ANSWERED(3020), ANSWERED(7020), ANSWERED(15020), ANSWERED(31020),
        {MS(63020), "", "A 1(1) ack 1", ""}, {MS(127020), "", "A 1(1) ack 1", ""},
        {MS(255020) - 1, "", "", "", "ESTABLISHED"}, {MS(255020), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"no longer apart than rto_max", "rto_max=3s", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, ANSWERED(1020), ANSWERED(3020), ANSWERED(6020), ANSWERED(9020)}},
    {"the window opens", "", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""},
        {MS(500), "< A 1 ack 1 win 1000", "PA 1(100) ack 1", ""}, {MS(520), "< A 1 ack 101", "", ""}, {SEC(99), "", "", ""}}},
    {"the window's opening is lost: the probe's answer tells", "", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, {MS(1020), "", "A 1(1) ack 1", ""},
        {MS(1040), "< A 1 ack 1 win 1000", "PA 1(100) ack 1", ""}}},
    {"the probe's octet is taken", "", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, {MS(1020), "", "A 1(1) ack 1", ""}, {MS(1040), "< A 1 ack 2 win 0", "", ""},
        {MS(3020), "", "A 2(1) ack 1", ""}, {MS(3040), "< A 1 ack 3 win 1000", "PA 3(98) ack 1", ""},
        {MS(3060), "< A 1 ack 101", "", ""}, {SEC(99), "", "", "", "ESTABLISHED"}}},
    {"one octet is all there is", "", {
        OPEN_WIN_0, {MS(20), "send 1; show sent", "", ""}, {MS(1020), "", "PA 1(1) ack 1", ""}, {MS(1040), "< A 1 ack 2 win 0", "", "sent"},
        {SEC(99), "", "", "", "ESTABLISHED"}}},
    {"a FIN probes", "", {
        OPEN_WIN_0, {MS(20), "shutdown wr", "", "", "FIN-WAIT-1"}, {MS(1020), "", "FA 1 ack 1", ""}, {MS(1040), "< A 1 ack 1 win 0", "", ""},
        {MS(3020), "", "FA 1 ack 1", ""}, {MS(3040), "< A 1 ack 2 win 0", "", "", "FIN-WAIT-2"}, {SEC(99), "", "", ""}}},
    {"an ACK beyond the probe is for nothing sent", "", {
        OPEN_WIN_0, {MS(20), "send 100", "", ""}, {MS(500), "< A 1 ack 2 win 0", "A 1 ack 1", ""}, {MS(1020), "", "A 1(1) ack 1", ""},
        {MS(1040), "< A 1 ack 3 win 0", "A 1 ack 1", ""}}},
    {"the window closes behind data in flight, and that is acknowledged", "", {
        OPEN_WITH("mss 1000 win 1000"), {MS(20), "send 1500", "A 1(1000) ack 1", ""}, {MS(40), "< A 1 ack 1001 win 0", "", ""},
        {MS(1040), "", "A 1001(1) ack 1", ""}, {MS(1060), "< A 1 ack 1001 win 1000", "PA 1001(500) ack 1", ""}}},
    /* MUST-35: the window shrinks to zero over data in flight: the repeats probe it, and their answers keep it open */
    {"the window shrinks to zero", "retries2=2", {
        OPEN_IN_20MS, {MS(20), "send 1000", "PA 1(1000) ack 1", ""}, {MS(40), "< A 1 ack 1 win 0", "", ""},
        ANSWERED(1020), ANSWERED(3020), ANSWERED(7020), ANSWERED(15020),
        {MS(16000), "< A 1 ack 1 win 1000", "", "", "ESTABLISHED"}, {MS(31020), "", "PA 1(1000) ack 1", ""}}},
    /* SHLD-15: no new data while the usable window is negative */
    {"the window shrinks: nothing new until it is made good", "nagle=no", {
        OPEN_WITH("mss 1000 win 2000"), {MS(20), "send 3000", "A 1(1000) ack 1, A 1001(1000) ack 1", ""},
        {MS(40), "< A 1 ack 1001 win 500", "", ""}, {MS(41), "< A 1 ack 2001 win 0", "", ""},
        {MS(42), "< A 1 ack 2001 win 1000", "PA 2001(1000) ack 1", ""}}},
    {"an older segment does not change the window (SND.WL1)", "nagle=no", {
        OPEN_WITH("mss 1000 win 1000"), {MS(20), "< PA 1(10) ack 1 win 500", "", "readable"}, {MS(20), "< A 11 ack 1 win 0", "", ""},
        {MS(21), "< PA 1(20) ack 1 win 1000", "", "readable"}, {MS(21), "send 10", "", ""}, /* 10 of its octets are new */
        {MS(22), "< A 21 ack 1 win 1000", "PA 1(10) ack 21", ""}}},
    {"nor does one with an older ACK (SND.WL2)", "nagle=no", {
        OPEN_WITH("mss 1000 win 1000"), {MS(20), "send 100; send 100", "PA 1(100) ack 1, PA 101(100) ack 1", ""},
        {MS(40), "< A 1 ack 201 win 0", "", ""}, {MS(41), "< A 1 ack 101 win 1000; send 10", "", ""},
        {MS(41), "< A 5 ack 101 win 1000", "", ""}, /* newer, but its ACK lies before SND.UNA */
        {MS(42), "< A 5 ack 201 win 1000", "PA 201(10) ack 1", ""}}},
    {"a window in an ACK of nothing sent is not believed", "", {
        OPEN_WIN_0, {MS(20), "send 10; < A 1 ack 9 win 1000", "A 1 ack 1", ""}}},
};

static const struct play nagle_and_sender[] = {
    {"Nagle: a small segment waits for the ACK of the one before", "", {
        OPEN_IN_20MS, {MS(20), "send 10; send 20; send 30", "PA 1(10) ack 1", ""},
        {MS(40), "< A 1 ack 11", "PA 11(50) ack 1", ""}, {MS(60), "< A 1 ack 61", "", ""}}},
    {"Nagle: full segments do not wait, their rest does", "", {
        OPEN_WITH("mss 100"), {MS(20), "send 10; send 250", "PA 1(10) ack 1, A 11(100) ack 1, A 111(100) ack 1", ""},
        {MS(40), "< A 1 ack 11", "", ""}, {MS(41), "< A 1 ack 211", "PA 211(50) ack 1", ""}}},
    {"without Nagle nothing waits", "nagle=no", {
        OPEN_WITH("mss 100"), {MS(20), "send 10; send 250", "PA 1(10) ack 1, A 11(100) ack 1, A 111(100) ack 1, PA 211(50) ack 1", ""}}},
    {"switched off, what waited goes", "", {
        OPEN_IN_20MS, {MS(20), "send 10; send 20", "PA 1(10) ack 1", ""}, {MS(21), "nodelay 1", "PA 11(20) ack 1", ""},
        {MS(22), "send 5", "PA 31(5) ack 1", ""}, {MS(23), "nodelay 0; send 5", "", ""}}},
    /* §3.8.6.2.1: min(D,U) >= MSS; or all of it; or at least half the largest window seen; or the override timer */
    {"sender's silly window: a sliver is not used until the override", "", {
        OPEN_WITH("mss 1000 win 800"), {MS(20), "send 2000", "A 1(800) ack 1", ""},
        {MS(40), "< A 1 ack 801 win 399", "", ""}, {MS(1040) - 1, "", "", ""}, {MS(1040), "", "A 801(399) ack 1", ""}}},
    {"half of the largest window is worth it", "", {
        OPEN_WITH("mss 1000 win 800"), {MS(20), "send 2000", "A 1(800) ack 1", ""}, {MS(40), "< A 1 ack 801 win 400", "A 801(400) ack 1", ""}}},
    {"all there is is worth it", "", {
        OPEN_WITH("mss 1000 win 800"), {MS(20), "send 900", "A 1(800) ack 1", ""}, {MS(40), "< A 1 ack 801 win 100", "PA 801(100) ack 1", ""}}},
    {"half of the largest window while others are in flight: not with Nagle", "", {
        OPEN_WITH("mss 1460 win 1000"), {MS(20), "send 100; send 2000", "PA 1(100) ack 1", ""}}},
    {"half of the largest window while others are in flight: without Nagle yes", "nagle=no", {
        OPEN_WITH("mss 1460 win 1000"), {MS(20), "send 100; send 2000", "PA 1(100) ack 1, A 101(900) ack 1", ""}}},
    {"less than half while others are in flight: no", "nagle=no", {
        OPEN_WITH("mss 1460 win 1000"), {MS(20), "send 501; send 2000", "PA 1(501) ack 1", ""}}},
    {"the window is used to its edge and no further", "nagle=no", {
        OPEN_WITH("mss 100 win 250"), {MS(20), "send 1000", "A 1(100) ack 1, A 101(100) ack 1", ""},
        {MS(40), "< A 1 ack 101 win 250", "A 201(100) ack 1", ""}}},
    {"PSH where a write ends, and on the last", "", {
        OPEN_WITH("mss 1000 win 0"), {MS(20), "send 1500; send 1000; send 1100", "", ""},
        {MS(30), "< A 1 ack 1", "A 1(1000) ack 1, PA 1001(1000) ack 1, PA 2001(1000) ack 1", ""},
        {MS(50), "< A 1 ack 3001", "PA 3001(600) ack 1", ""}}},
    {"the send buffer: no more than it holds, told when there is room", "sndbuf=1000B", {
        OPEN_WITH("mss 600"), {MS(20), "send 1500; send 1; send 0", "A 1(600) ack 1", "=1000 =EAGAIN"},
        {MS(40), "< A 1 ack 601; send 700", "PA 601(400) ack 1, PA 1001(600) ack 1", "writable =600"}}},
    {"room is told once", "sndbuf=1000B", {
        OPEN_WITH("mss 500"), {MS(20), "send 1500", "A 1(500) ack 1, PA 501(500) ack 1", "=1000"},
        {MS(40), "< A 1 ack 501", "", "writable"}, {MS(41), "< A 1 ack 1001", "", ""}}},
    {"the send buffer made larger", "sndbuf=10B", {
        OPEN_WITH("mss 600"), {MS(20), "send 10; send 1; sndbuf 30; send 99", "PA 1(10) ack 1", "=EAGAIN =20"}}},
};

static const struct play receiver[] = {
    {"the window is what the buffer has left", "rcvbuf=10000B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 10000, A 1 ack 1 win 10000", "connected"},
        {0, "< PA 1(1000) ack 1; recv 1000", "A 1 ack 1001 win 9000", "readable =1000"}, /* 1000 is less than an MSS */
        {0, "< PA 2001(1000) ack 1", "A 1 ack 1001 win 9000", ""},        /* out of order: the edge stays */
        {0, "< PA 1001(1000) ack 1", "A 1 ack 3001 win 7000", "readable"}}},
    /* §3.8.6.2.2: the edge moves by at least min(MSS, half the buffer) */
    {"receiver's silly window", "rcvbuf=1000B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 1000, A 1 ack 1 win 1000", "connected"},
        {0, "< PA 1(1000) ack 1", "A 1 ack 1001 win 0", "readable"},
        {0, "recv 499", "", "=499"},
        {0, "< PA 1001(1) ack 1", "A 1 ack 1001 win 0", ""},              /* a probe: still closed */
        {0, "recv 1", "A 1 ack 1001 win 500", "=1"},
        {0, "< PA 1001(500) ack 1", "A 1 ack 1501 win 0", "readable"},
        {0, "recv 9999", "A 1 ack 1501 win 1000", "=1000"}}},
    {"steps of one MSS in what is sent anyway", "rcvbuf=10000B delack=0s mss=1000B", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 10000, A 1 ack 1 win 10000", "connected"},
        {0, "< PA 1(2000) ack 1; recv 999", "A 1 ack 2001 win 8000", "readable =999"},
        {0, "send 1", "PA 1(1) ack 2001 win 8000", ""},
        {0, "recv 1; < A 2001 ack 2; send 1", "PA 2(1) ack 2001 win 9000", "=1"}}},
    {"a buffer made smaller never takes back what was announced", "rcvbuf=1000B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 1000, A 1 ack 1 win 1000", "connected"},
        {0, "rcvbuf 10; < PA 1(400) ack 1", "A 1 ack 401 win 600", "readable"},
        {0, "< PA 401(601) ack 1", "A 1 ack 1001 win 0", "readable"},     /* one beyond the edge is cut */
        {0, "recv 9999", "A 1 ack 1001 win 10", "=1000"}}},
    {"a buffer made larger is told when it matters", "rcvbuf=1000B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 1000, A 1 ack 1 win 1000", "connected"},
        {0, "rcvbuf 5000; < PA 1(400) ack 1", "A 1 ack 401 win 4600", "readable"}}},
    {"what lies beyond the window is cut", "rcvbuf=100B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 100, A 1 ack 1 win 100", "connected"},
        {0, "< PA 91(20) ack 1", "A 1 ack 1 win 100", ""},
        {0, "< PA 1(90) ack 1", "A 1 ack 101 win 0", "readable"},
        {0, "recv 999", "A 1 ack 101 win 100", "=100"}}},
    {"overlaps are read once, by the copy that came first", "delack=0s", {
        {0, "connect; < SA 0 ack 1; < PA 1(10) ack 1; recv 99", "S 0, A 1 ack 1, A 1 ack 11", "connected readable =10"},
        {0, "< PA 5(20) ack 1; recv 99", "A 1 ack 25", "readable =14"},
        {0, "< PA 35(10) ack 1", "A 1 ack 25", ""},
        {0, "< PA 20(40) ack 1; recv 99", "A 1 ack 60", "readable =35"}}},
    {"a FIN right behind a full window waits outside; so does its data's end", "rcvbuf=100B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 100, A 1 ack 1 win 100", "connected"},
        {0, "< FPA 1(100) ack 1", "A 1 ack 101 win 0", "readable", "ESTABLISHED"},
        {0, "< FA 101 ack 1", "A 1 ack 101 win 0", "", "ESTABLISHED"},
        {0, "< A 5000 ack 1", "A 1 ack 101 win 0", ""},
        {0, "recv 999", "A 1 ack 101 win 100", "=100"},
        {0, "< FA 101 ack 1", "A 1 ack 102 win 99", "eof", "CLOSE-WAIT"}}},
    {"a FIN as the window's last octet", "rcvbuf=100B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 100, A 1 ack 1 win 100", "connected"},
        {0, "< FPA 1(99) ack 1", "A 1 ack 101 win 0", "readable eof", "CLOSE-WAIT"},
        {0, "< A 101 ack 1", "", ""}, {0, "recv 999; recv 999", "", "=99 =0"}}},
    /* Linux's tcp_sequence(), tcp_receive_window(): what goes beyond the edge is kept, the edge stays */
    {"taken whole, it moves the edge only when all before it has come", "seq_validation=linux rcvbuf=100B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 100, A 1 ack 1 win 100", "connected"},
        {0, "< PA 51(100) ack 1", "A 1 ack 1 win 100", ""},
        {0, "< PA 102(10) ack 1", "A 1 ack 1 win 100", ""},               /* begins behind the edge, 101 */
        {0, "< PA 1(50) ack 1", "A 1 ack 151 win 0", "readable"},
        {0, "recv 999", "A 1 ack 151 win 100", "=150"}}},
    {"a FIN behind the largest window there is leaves it as it was", "seq_validation=linux rcvbuf=200000B delack=0s", {
        {0, "show win; connect; < SA 0 ack 1", "S 0 win 65535, A 1 ack 1 win 65535", "connected"},
        {0, "< FA 65536 ack 1", "A 1 ack 1 win 65535", ""}, {0, "shutdown wr", "FA 1 ack 1 win 65535", "", "FIN-WAIT-1"},
        {SEC(1), "", "FA 1 ack 1 win 65535", ""}}},
    {"a closed window takes ACKs and resets, no data", "rcvbuf=100B delack=0s nagle=no", {
        {0, "connect; < SA 0 ack 1; < PA 1(100) ack 1", "S 0, A 1 ack 1, A 1 ack 101", "connected readable"},
        {0, "send 10", "PA 1(10) ack 101", ""},
        {0, "show sent; < PA 101(50) ack 11", "A 11 ack 101", "sent"},     /* its ACK counts, its data does not */
        {0, "< PA 100(1) ack 11", "A 11 ack 101", ""},
        {0, "< R 102", "", "", "ESTABLISHED"}, {0, "< R 101", "", "error:ECONNRESET", "CLOSED"}}},
    {"the window of a SYN in whole segments: 44 of 1460", "window_in_mss=yes", {
        {0, "show win; connect", "S 0 win 64240", ""}}},
    {"the window of a SYN is bounded by syn_window, later ones by the buffer", "syn_window=64240B rcvbuf=131072B", {
        {0, "show win; connect", "S 0 win 64240", ""},
        {0, "< SA 0 ack 1", "A 1 ack 1 win 64240", "connected"}, /* 1295 more are less than an MSS */
        {0, "< A 1(1460) ack 1; < A 1461(1460) ack 1", "A 1 ack 2921 win 65535", "readable readable"}}},
};

static const struct play sizes[] = {
    {"the peer's MSS", "", {OPEN_WITH("mss 100"), {MS(20), "send 250", "A 1(100) ack 1, A 101(100) ack 1", ""}}},
    {"no option: 536 (RFC 9293 MUST-15)", "", {OPEN_WITH(""), {MS(20), "send 1000", "A 1(536) ack 1", ""}}},
    {"the peer's is larger than ours: ours", "mss=500B", {
        {0, "show mss; connect", "S 0 mss 500", ""}, {MS(20), "< SA 0 ack 1 mss 9000; send 900", "A 1 ack 1, A 1(500) ack 1", "connected"}}},
    {"a passive one learns it from the SYN", "", {
        {0, "listen; < S 0 mss 200; < A 1 ack 1; send 300", "SA 0 ack 1, A 1(200) ack 1", "accepted"}}},
    {"a passive one without it", "", {
        {0, "listen; < S 0; < A 1 ack 1; send 600", "SA 0 ack 1, A 1(536) ack 1", "accepted"}}},
    {"TCP_MAXSEG makes it smaller, never larger", "", {
        OPEN_WITH("mss 200"), {MS(20), "maxseg 300; send 200; maxseg 100; send 100", "PA 1(200) ack 1, PA 201(100) ack 1", ""},
        {MS(20), "maxseg 65496; nodelay 2; rcvbuf 0", "", "=EINVAL =EINVAL =EINVAL"}}},
    {"both ends open at once: each learns the other's", "", {
        {0, "connect; < S 0 mss 77; < SA 0 ack 1 mss 88; send 77", "S 0, SA 0 ack 1, A 1 ack 1, PA 1(77) ack 1", "connected"}}},
    {"a lost segment is repeated with the size it had", "", {
        OPEN_WITH("mss 100"), {MS(20), "send 200", "A 1(100) ack 1, PA 101(100) ack 1", ""}, {MS(1020), "", "A 1(100) ack 1", ""}}},
};
/* clang-format on */

static void play_all(const struct play *plays, size_t n)
{
    for (size_t i = 0; i < n; i++)
        puppet_play_wrapped(&plays[i]);
}

static void zero_windows(void **state)
{
    play_all(zero_window, ARRAY_LEN(zero_window));
}
static void what_is_worth_sending(void **state)
{
    play_all(nagle_and_sender, ARRAY_LEN(nagle_and_sender));
}
static void what_is_announced(void **state)
{
    play_all(receiver, ARRAY_LEN(receiver));
}
static void segment_sizes(void **state)
{
    play_all(sizes, ARRAY_LEN(sizes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_windows),
        cmocka_unit_test(what_is_worth_sending),
        cmocka_unit_test(what_is_announced),
        cmocka_unit_test(segment_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
