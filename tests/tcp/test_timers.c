/* SPDX-License-Identifier: GPL-3.0-or-later
 * Timers: retransmission by RFC 6298 with numbers computed by hand, giving up at R2, delayed
 * acknowledgments.
 *
 * R is a measured round trip. First R: SRTT = R, RTTVAR = R/2. Then RTTVAR = 3/4 RTTVAR + 1/4
 * |SRTT - R|, after it SRTT = 7/8 SRTT + 1/8 R; RTO = SRTT + 4 RTTVAR. R = 20 ms: 20, 10, RTO
 * 60 ms.
 */
#include "models/tcp/endpoint.h"
#include "tests/tcp/puppet.h"

/* clang-format off */
static const struct play retransmission[] = {
    {"the first R, then doubled, given up after three repeats", "rto_min=0s retries2=3", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""},
        {MS(160), "", DATA(1), ""}, {MS(280), "", DATA(1), ""}, {MS(520), "", DATA(1), ""},
        {MS(1000) - 1, "", "", "", "ESTABLISHED"}, {MS(1000), "", "", "error:ETIMEDOUT", "CLOSED"},
        {SEC(99), "", "", ""}}},
    /* R = 40: RTTVAR = 7.5 + 5 = 12.5, SRTT = 17.5 + 5 = 22.5, RTO = 72.5. R = 10: RTTVAR = 9.375 + 3.125 = 12.5,
     * SRTT = 19.6875 + 1.25 = 20.9375, RTO = 70.9375 */
    {"R of 20, 40 and 10 ms", "rto_min=0s", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(140), "< A 1 ack 11", "", ""},
        {MS(200), "send 10", DATA(11), ""}, {MS(210), "< A 1 ack 21", "", ""},
        {MS(300), "send 10", DATA(21), ""},
        {MS(300) + 70937499, "", "", ""}, {MS(300) + 70937500, "", DATA(21), ""},
        {MS(300) + 3 * 70937500, "", DATA(21), ""}}},
    {"the second R alone", "rto_min=0s", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(140), "< A 1 ack 11", "", ""},
        {MS(200), "send 10", DATA(11), ""}, {MS(272), "", "", ""}, {MS(200) + US(72500), "", DATA(11), ""}}},
    /* The ACK at 170 may be for either copy: no measurement, RTO stays at 120. The next R = 20: RTTVAR = 7.5, RTO = 50 */
    {"Karn: repeated segments are not measured, the backed-off RTO stays", "rto_min=0s", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(160), "", DATA(1), ""}, {MS(170), "< A 1 ack 11", "", ""},
        {MS(200), "send 10", DATA(11), ""}, {MS(220), "< A 1 ack 21", "", ""},
        {MS(300), "send 10", DATA(21), ""}, {MS(350), "", DATA(21), ""}}},
    {"Karn: the backed-off RTO is used", "rto_min=0s", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(160), "", DATA(1), ""}, {MS(170), "< A 1 ack 11", "", ""},
        {MS(200), "send 10", DATA(11), ""}, {MS(320), "", DATA(11), ""}, {MS(560), "", DATA(11), ""}}},
    /* R = 30 for the first: RTTVAR = 7.5 + 2.5 = 10, SRTT = 17.5 + 3.75 = 21.25, RTO = 61.25 from 130 on */
    {"an ACK of new data restarts the timer (RFC 6298 §5.3)", "rto_min=0s nagle=no", {
        OPEN_IN_20MS,
        {MS(100), "send 10; send 10", DATA(1) ", " DATA(11), ""},
        {MS(130), "< A 1 ack 11", "", ""}, {MS(191), "", "", ""}, {MS(130) + US(61250), "", DATA(11), ""}}},
    {"an ACK of nothing new does not, nor does more data (§5.1)", "rto_min=0s nagle=no", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(130), "send 10", DATA(11), ""}, {MS(140), "< A 1 ack 1", "", ""},
        {MS(160), "", "PA 1(20) ack 1", ""}, {MS(170), "< A 1 ack 21", "", ""}, {SEC(99), "", "", ""}}},
    {"all acknowledged: no timer (§5.2)", "rto_min=0s", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(159), "< A 1 ack 11", "", ""}, {SEC(99), "", "", "", "ESTABLISHED"}}},
    {"an ACK begins a new count of repeats", "rto_min=0s retries2=2 nagle=no", {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1 mss 10", "A 1 ack 1", "connected"},
        {MS(100), "send 10; send 10", DATA(1) ", " DATA(11), ""},
        {MS(160), "", DATA(1), ""}, {MS(280), "", DATA(1), ""}, /* now 240 ms */
        {MS(300), "< A 1 ack 11", DATA(11), ""},                /* what was lost with it follows */
        {MS(540), "", DATA(11), ""}, {MS(1020), "", DATA(11), ""}, {MS(1980), "", "", "error:ETIMEDOUT"}}},
    /* R = 20 at 120: RTTVAR = 7.5, RTO = 50. The third is timed from 120 on; the ACK at 125 is for the second */
    {"an ACK of what is not timed is no measurement", "rto_min=0s nagle=no", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(110), "send 10", DATA(11), ""}, {MS(120), "< A 1 ack 11; send 10", DATA(21), ""},
        {MS(125), "< A 1 ack 21", "", ""}, {MS(175), "", DATA(21), ""}}},
    {"the SYN's repeats are not counted against data", "retries2=2", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""},
        {MS(1020), "< SA 0 ack 1; send 10", "A 1 ack 1, " DATA(1), "connected"}, {MS(4020), "", DATA(1), ""},
        {MS(10020), "", DATA(1), ""}, {MS(22020), "", "", "error:ETIMEDOUT"}}},
    {"rto_max bounds a measured RTO", "rto_max=2s", {
        {0, "connect", "S 0", ""}, {MS(900), "< SA 0 ack 1; send 10", "A 1 ack 1, " DATA(1), "connected"},
        {MS(2900), "", DATA(1), ""}}},
    {"rto_max", "rto_min=0s rto_max=100ms", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(160), "", DATA(1), ""}, {MS(260), "", DATA(1), ""}, {MS(360), "", DATA(1), ""}}},
    {"rto_min bounds the RTO: 1 s, RFC 6298 §2.4", "", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(1100), "", DATA(1), ""}, {MS(3100), "", DATA(1), ""}}},
    {"linux: 200 ms bound the variance, SRTT + 200", "profile=linux", {
        OPEN_IN_20MS,
        {MS(100), "send 10", DATA(1), ""}, {MS(320), "", DATA(1), ""}, {MS(760), "", DATA(1), ""}}},
    {"R = 900 ms: RTO = 900 + 4 * 450", "", {
        {0, "connect", "S 0", ""}, {MS(900), "< SA 0 ack 1; send 10", "A 1 ack 1, " DATA(1), "connected"},
        {MS(3600), "", DATA(1), ""}}},
    {"R2 of 8 repeats: 495 s, at least 100 s (RFC 9293 §3.8.3)", "", {
        OPEN_IN_20MS,
        {SEC(10), "send 10", DATA(1), ""}, {SEC(11), "", DATA(1), ""}, {SEC(13), "", DATA(1), ""}, {SEC(17), "", DATA(1), ""},
        {SEC(25), "", DATA(1), ""}, {SEC(41), "", DATA(1), ""}, {SEC(73), "", DATA(1), ""}, {SEC(137), "", DATA(1), ""},
        {SEC(265), "", DATA(1), ""}, {SEC(505) - 1, "", "", ""}, {SEC(505), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"after close() orphan_retries count", "rto_min=0s orphan_retries=1", {
        OPEN_IN_20MS,
        {MS(100), "close", "FA 1 ack 1", ""}, {MS(160), "", "FA 1 ack 1", ""}, {MS(280), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"after shutdown() they do not", "rto_min=0s orphan_retries=1", {
        OPEN_IN_20MS,
        {MS(100), "shutdown wr", "FA 1 ack 1", ""}, {MS(160), "", "FA 1 ack 1", ""}, {MS(280), "", "FA 1 ack 1", "", "FIN-WAIT-1"}}},
    /* RFC 6298 §5.7: after a lost SYN data begins with 3 s */
    {"3 s after a lost SYN", "", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""},
        {MS(1020), "< SA 0 ack 1; send 10", "A 1 ack 1, " DATA(1), "connected"},
        {MS(4020), "", DATA(1), ""}, {MS(10020), "", DATA(1), ""}}},
    {"3 s after three lost SYNs, not the 8 s that the SYN's timer had come to", "", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(3), "", "S 0", ""}, {SEC(7), "", "S 0", ""},
        {MS(7020), "< SA 0 ack 1; send 10", "A 1 ack 1, " DATA(1), "connected"}, {MS(10020), "", DATA(1), ""}}},
    {"3 s after a lost SYN-ACK", "", {
        {0, "listen; < S 0", "SA 0 ack 1", ""}, {SEC(1), "", "SA 0 ack 1", ""},
        {MS(1020), "< A 1 ack 1; send 10", DATA(1), "accepted"}, {MS(4020), "", DATA(1), ""}}},
    {"a measurement ends the 3 s", "rto_min=0s", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""},
        {MS(1020), "< SA 0 ack 1; send 10", "A 1 ack 1, " DATA(1), "connected"}, {MS(1040), "< A 1 ack 11", "", ""},
        {MS(1100), "send 10", DATA(11), ""}, {MS(1160), "", DATA(11), ""}}},
    {"simultaneous open: R from the SYN to its ACK", "rto_min=0s", {
        {0, "connect", "S 0", ""}, {MS(10), "< S 0", "SA 0 ack 1", ""},
        {MS(20), "< A 1 ack 1; send 10", DATA(1), "connected"}, {MS(80), "", DATA(1), ""}}},
    {"the passive side measures its SYN-ACK", "rto_min=0s", {
        {0, "listen; < S 0", "SA 0 ack 1", ""},
        {MS(20), "< A 1 ack 1; send 10", DATA(1), "accepted"}, {MS(80), "", DATA(1), ""}}},
    {"four-way: R is the ACK's, not the SYN's that follows", "handshake=four-way rto_min=0s", {
        {0, "connect", "S 0", ""}, {MS(20), "< A 0 ack 1", "", ""},
        {MS(50), "< S 0; send 10", "A 1 ack 1, " DATA(1), "connected"}, {MS(110), "", DATA(1), ""}}},
};

/* RFC 9293 §3.8.6.3: below 0.5 s, at least every second full segment; RFC 5681 §4.2: at once when out of order. */
static const struct play delayed_ack[] = {
    {"200 ms", "", {
        OPEN_IN_20MS,
        {MS(100), "< PA 1(100) ack 1", "", "readable"}, {MS(300) - 1, "", "", ""}, {MS(300), "", "A 1 ack 101", ""},
        {SEC(9), "", "", ""}}},
    {"the timer runs from the first unacknowledged", "", {
        OPEN_IN_20MS,
        {MS(100), "< PA 1(100) ack 1", "", "readable"}, {MS(200), "< PA 101(50) ack 1", "", "readable"},
        {MS(300), "", "A 1 ack 151", ""}}},
    {"every second full segment at once", "", {
        OPEN_IN_20MS,
        {MS(100), "< A 1(1000) ack 1", "", "readable"}, {MS(110), "< A 1001(1000) ack 1", "A 1 ack 2001", "readable"},
        {MS(120), "< A 2001(1000) ack 1", "", "readable"}, {MS(130), "< A 3001(1000) ack 1", "A 1 ack 4001", "readable"},
        {MS(140), "< A 4001(1000) ack 1", "", "readable"}, {MS(340), "", "A 1 ack 5001", ""}, {SEC(9), "", "", ""}}},
    {"a segment of twice the size is one", "", {
        OPEN_IN_20MS,
        {MS(100), "< A 1(1000) ack 1", "", "readable"}, {MS(110), "< PA 1001(10) ack 1", "", "readable"},
        {MS(300), "", "A 1 ack 1011", ""}}},
    {"every third", "delack_segments=3", {
        OPEN_IN_20MS,
        {MS(100), "< A 1(1000) ack 1; < A 1001(1000) ack 1", "", "readable readable"},
        {MS(110), "< A 2001(1000) ack 1", "A 1 ack 3001", "readable"}}},
    /* TCP_QUICKACK. The first data lets the next ACKs be quick; 0: what comes waits for an answer, here 40 ms */
    {"linux: quick or not, as the application says", "profile=linux timestamps=no window_scaling=no sack=no hz=0", {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1", "A 1 ack 1", "connected"},
        {MS(100), "set quickack 0; < PA 1(10) ack 1; recv 10", "", "readable =10"}, {MS(110), "set quickack 1", "A 1 ack 11", ""},
        {MS(120), "< PA 11(10) ack 1", "A 1 ack 21", "readable"}, {MS(121), "set quickack 1", "", ""}, /* none waits */
        {MS(130), "set quickack 0; < PA 21(10) ack 1", "", "readable"}, {MS(169), "", "", ""}, {MS(170), "", "A 1 ack 31", ""}}},
    {"linux: not while data is unread, which reading lets go; 2 is for once", "profile=linux timestamps=no window_scaling=no sack=no hz=0", {
        {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1", "A 1 ack 1", "connected"},
        {MS(100), "set quickack 0; < PA 1(10) ack 1", "", "readable"}, {MS(110), "set quickack 1", "", ""}, {MS(115), "recv 10", "A 1 ack 11", "=10"},
        {MS(200), "set quickack 0; < PA 11(10) ack 1; recv 10", "", "readable =10"}, {MS(210), "set quickack 2", "A 1 ack 21", ""},
        {MS(220), "< PA 21(10) ack 1; recv 10", "", "readable =10"}, {MS(230), "set quickack 1", "A 1 ack 31", ""},
        {MS(240), "< PA 31(10) ack 1", "A 1 ack 41", "readable"}}},
    {"never delayed", "delack=0s", {
        OPEN_IN_20MS, {MS(100), "< PA 1(1) ack 1", "A 1 ack 2", "readable"}}},
    {"data that goes out anyway carries it", "", {
        OPEN_IN_20MS,
        {MS(100), "< PA 1(100) ack 1", "", "readable"}, {MS(150), "recv 99; send 10", "PA 1(10) ack 101", "=99"},
        {MS(170), "< A 101 ack 11", "", ""}, {SEC(9), "", "", ""}}},
    {"at once: a hole, a repeat, the hole filled in part and whole", "", {
        OPEN_IN_20MS,
        {MS(100), "< PA 21(10) ack 1", "A 1 ack 1", ""}, {MS(110), "< PA 21(10) ack 1", "A 1 ack 1", ""},
        {MS(120), "< PA 1(10) ack 1", "A 1 ack 11", "readable"}, {MS(130), "< PA 11(10) ack 1", "A 1 ack 31", "readable"},
        {MS(140), "< PA 31(10) ack 1", "", "readable"}}},
    {"at once: old data, a FIN", "", {
        OPEN_IN_20MS,
        {MS(100), "< PA 1(10) ack 1", "", "readable"}, {MS(110), "< PA 1(10) ack 1", "A 1 ack 11", ""},
        {MS(120), "< FA 11 ack 1", "A 1 ack 12", "eof"}}},
    {"the ACK of a FIN may be delayed too (linux)", "profile=linux", {
        OPEN_IN_20MS,
        {MS(100), "< PA 1(10) ack 1", "A 1 ack 11", "readable"}, /* the first ACKs are quick */
        {MS(110), "< FA 11 ack 1", "", "eof", "CLOSE-WAIT"}, {MS(150), "", "A 1 ack 12", ""}}},
    {"but not when nothing came before it (linux)", "profile=linux", {
        OPEN_IN_20MS,
        {MS(100), "< FA 1 ack 1", "A 1 ack 2", "eof", "CLOSE-WAIT"}}},
    {"an ACK is not acknowledged", "delack=0s", {
        OPEN_IN_20MS, {MS(100), "< A 1 ack 1; < A 1 ack 1", "", ""}, {SEC(9), "", "", ""}}},
};
/* clang-format on */

static void retransmissions(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(retransmission); i++)
        puppet_play_wrapped(&retransmission[i]);
}

static void delayed_acks(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(delayed_ack); i++)
        puppet_play_wrapped(&delayed_ack[i]);
}

/* ---- R1: RFC 9293 §3.8.3, MUST-20 to 22. R = 20 ms, RTO 60 ms: repeats at 60, 180, 420 and
 * 900 ms after the segment, the fifth at 1860 */

struct doubts {
    struct listener listener; /* first */
    int n;
    sim_time at; /* the last */
};

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct doubts *d = CONTAINER_OF(self, struct doubts, listener);
    if (type != &REC_TYPE_EVENT || strcmp(((const struct rec_event *)rec)->kind, "R1") != 0)
        return;
    d->n++;
    d->at = now;
}

/* clang-format off */
static const struct doubt_row {
    const char *story, *params;
    const char *at_2s; /* what is done then */
    int want;          /* doubts until 40 s */
    sim_time want_at;  /* of the last */
} doubt_rows[] = {
    {"three repeats (SHLD-10), told when the fourth is due", "", "", 1, MS(100 + 900)},
    {"one", "retries1=1", "", 1, MS(100 + 180)},
    {"none: the first timeout says so", "retries1=0", "", 1, MS(100 + 60)},
    {"seven", "retries1=7", "", 1, MS(100 + 15300)},
    {"R2 is below R1: the connection is gone before", "retries2=2", "", 0, 0},
    {"an ACK ends the doubt, silence brings it back", "", "< A 1 ack 11; send 10", 2, MS(2000 + 15 * 1920)}, /* Karn: the timeout stays 60 << 5 */
    {"an ACK of nothing new does not", "", "< A 1 ack 1", 1, MS(100 + 900)},
    /* rto_min, doubled three times: 20 + 40 + 80 + 160 = 300 ms */
    {"linux counts the time that three repeats would take", "profile=linux rto_min=20ms early_retrans=0 rto_min_bounds=rto", "", 1, MS(100 + 420)},
};
/* clang-format on */

static void the_route_is_in_doubt(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(doubt_rows); i++) {
        const struct doubt_row *r = &doubt_rows[i];
        struct doubts d = {.listener = {.emit = on_record, .levels = REC_LIFE}};
        struct puppet p;
        char params[160];
        snprintf(params, sizeof params, "%s%s", r->params,
                 strncmp(r->params, "profile", 7) == 0 ? "" : " rto_min=0s");
        puppet_init(&p, r->story, params, 1000, 5000);
        sim_listen(p.sim, &d.listener);
        puppet_do(&p, 0, "connect");
        puppet_do(&p, MS(20), "< SA 0 ack 1");
        puppet_do(&p, MS(100), "send 10");
        if (r->at_2s[0] != '\0')
            puppet_do(&p, SEC(2), r->at_2s);
        puppet_do(&p, SEC(40), "");
        check_eq(r->story, d.n, r->want);
        check_eq("the application hears of each", p.n_doubts, r->want);
        check_eq(r->story, d.n > 0 ? d.at - p.began_at : 0, r->want_at);
        sim_listen(p.sim, NULL);
        puppet_fini(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(retransmissions),
                                       cmocka_unit_test(delayed_acks),
                                       cmocka_unit_test(the_route_is_in_doubt)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
