/* SPDX-License-Identifier: GPL-3.0-or-later
 * Closing: every order of FINs and their ACKs, each lost and repeated; close() and abort() in
 * every state; half-close.
 */
#include "tests/tcp/puppet.h"

/* clang-format off */
static const struct play plays[] = {
    /* ---- one after the other */
    {"the active closer, four segments", "msl=30s", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr",                   "FA 1 ack 1", "", "FIN-WAIT-1"},
        {MS(20), "< A 1 ack 2",                   "", "", "FIN-WAIT-2"},
        {SEC(5), "< FA 1 ack 2",                  "A 2 ack 2", "eof", "TIME-WAIT"},
        {SEC(65) - 1, "",                         "", "", "TIME-WAIT"},
        {SEC(65), "",                             "", "closed", "CLOSED"},
        {SEC(66), "< FA 1 ack 2",                 "R 2", ""}}},
    {"the passive closer, four segments", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FA 1 ack 1",                  "A 1 ack 2", "eof", "CLOSE-WAIT"},
        {SEC(5), "recv 9; shutdown wr",           "FA 1 ack 2", "=0", "LAST-ACK"},
        {MS(5020), "< A 2 ack 2",                 "", "closed", "CLOSED"},
        {SEC(6), "< A 2 ack 2",                   "R 2", ""}}},
    {"the passive closer, at once: its FIN carries the ACK", "", {
        OPEN_AT_ONCE,
        {MS(0),  "on eof close; < FA 1 ack 1",    "FA 1 ack 2", "eof", "LAST-ACK"},
        {MS(20), "< A 2 ack 2",                   "", "closed", "CLOSED"}}},
    {"the active closer, three segments", "", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr",                   "FA 1 ack 1", ""},
        {MS(20), "< FA 1 ack 2",                  "A 2 ack 2", "eof", "TIME-WAIT"}}},
    {"after close() only the end is told", "msl=1s", {
        OPEN_AT_ONCE,
        {MS(0),  "close",                         "FA 1 ack 1", "", "FIN-WAIT-1"},
        {MS(20), "< A 1 ack 2",                   "", "", "FIN-WAIT-2"},
        {MS(30), "< FA 1 ack 2",                  "A 2 ack 2", "closed", "TIME-WAIT"},
        {MS(2030), "",                            "", "", "CLOSED"}}},
    {"CLOSE-WAIT can send, and FIN goes behind it", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FA 1 ack 1",                  "A 1 ack 2", "eof"},
        {MS(10), "send 100; close",               "PA 1(100) ack 2, FA 101 ack 2", "", "LAST-ACK"},
        {MS(30), "< A 2 ack 101",                 "", "", "LAST-ACK"},
        {MS(30), "< A 2 ack 102",                 "", "closed", "CLOSED"}}},
    {"the last data and the FIN are one segment when the window held them back", "", {
        {0,      "connect; < SA 0 ack 1 win 0; send 100; close", "S 0, A 1 ack 1", "connected", "FIN-WAIT-1"},
        {MS(20), "< A 1 ack 1 win 1000",          "FPA 1(100) ack 1", ""},
        {MS(40), "< A 1 ack 101",                 "", "", "FIN-WAIT-1"},
        {MS(40), "< A 1 ack 102",                 "", "", "FIN-WAIT-2"}}},
    {"the FIN takes a place in the window", "", {
        {0,      "connect; < SA 0 ack 1 win 100; send 100; close", "S 0, A 1 ack 1, PA 1(100) ack 1", "connected"},
        {MS(20), "< A 1 ack 101 win 0",           "", "", "FIN-WAIT-1"},
        {MS(30), "< A 1 ack 101 win 1",           "FA 101 ack 1", ""}}},

    /* ---- both at once */
    {"simultaneous close", "msl=30s", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr",                   "FA 1 ack 1", ""},
        {MS(10), "< FA 1 ack 1",                  "A 2 ack 2", "eof", "CLOSING"},
        {MS(20), "< A 2 ack 2",                   "", "", "TIME-WAIT"},
        {MS(60020) - 1, "",                       "", ""},
        {MS(60020), "",                           "", "closed", "CLOSED"}}},
    {"simultaneous close, the ACK is lost: the FIN is repeated from CLOSING", "rto_min=200ms delack=0s", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr; < FA 1 ack 1",     "FA 1 ack 1, A 2 ack 2", "eof", "CLOSING"},
        {MS(200), "",                             "FA 1 ack 2", ""},
        {MS(220), "< FA 1 ack 1",                 "A 2 ack 2", "", "CLOSING"},
        {MS(230), "< A 2 ack 2",                  "", "", "TIME-WAIT"}}},

    /* ---- half-close */
    {"half-close: the other direction goes on", "delack=0s", {
        OPEN_AT_ONCE,
        {MS(0),  "send 10; shutdown wr",          "PA 1(10) ack 1, FA 11 ack 1", "", "FIN-WAIT-1"},
        {MS(1),  "send 10",                       "", "=EPIPE"},
        {MS(20), "< A 1 ack 12",                  "", "", "FIN-WAIT-2"},
        {SEC(9), "< PA 1(1000) ack 12",           "A 12 ack 1001", "readable", "FIN-WAIT-2"},
        {SEC(9), "recv 2000; recv 2000",          "", "=1000 =EAGAIN"},
        {SEC(9), "< FPA 1001(10) ack 12",         "A 12 ack 1012", "readable eof", "TIME-WAIT"},
        {SEC(9), "recv 2000; recv 2000",          "", "=10 =0"}}},
    {"half-close twice is one FIN; close() after it none either", "", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr; shutdown wr; close", "FA 1 ack 1", "", "FIN-WAIT-1"}}},
    {"shutdown of reading: the end of stream, no segment", "", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown rd; recv 9; send 10",  "PA 1(10) ack 1", "=0", "ESTABLISHED"}}},
    {"shutdown of reading, then data: no reset", "delack=0s", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown rd; < PA 1(10) ack 1", "A 1 ack 11", "readable", "ESTABLISHED"}}},
    {"shutdown of both, then data: the peer is told", "", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown rdwr; < A 1 ack 2",    "FA 1 ack 1", "", "FIN-WAIT-2"},
        {MS(10), "< PA 1(10) ack 2",              "R 2", "error:ECONNRESET", "CLOSED"}}},

    /* ---- lost and repeated */
    {"the FIN is lost", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< SA 0 ack 1; shutdown wr",     "A 1 ack 1, FA 1 ack 1", "connected"},
        {MS(1020), "",                            "FA 1 ack 1", "", "FIN-WAIT-1"}, /* RTO = 1 s, RFC 6298 §2.4 */
        {MS(3020), "",                            "FA 1 ack 1", ""},
        {MS(3040), "< A 1 ack 2",                 "", "", "FIN-WAIT-2"},
        {SEC(999), "",                            "", "", "FIN-WAIT-2"}}},
    {"the last ACK is lost: 2 MSL begins anew with each FIN", "msl=30s", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr; < A 1 ack 2; < FA 1 ack 2", "FA 1 ack 1, A 2 ack 2", "eof", "TIME-WAIT"},
        {SEC(10), "< FA 1 ack 2",                 "A 2 ack 2", ""},
        {SEC(59), "< FA 1 ack 2",                 "A 2 ack 2", ""},
        {SEC(80), "< A 2 ack 2; < A 1 ack 2",     "A 2 ack 2", ""},                 /* no FIN: no new beginning */
        {SEC(119) - 1, "",                        "", "", "TIME-WAIT"},
        {SEC(119), "",                            "", "closed", "CLOSED"}}},
    {"all last ACKs are lost: LAST-ACK until R2", "retries2=3 orphan_retries=3", {
        OPEN_AT_ONCE,
        {MS(0),  "< FA 1 ack 1; shutdown wr",     "A 1 ack 2, FA 1 ack 2", "eof", "LAST-ACK"},
        {SEC(1), "", "FA 1 ack 2", ""}, {SEC(3), "", "FA 1 ack 2", ""}, {SEC(7), "", "FA 1 ack 2", ""},
        {SEC(15) - 1, "",                         "", "", "LAST-ACK"},
        {SEC(15), "",                             "", "error:ETIMEDOUT", "CLOSED"}}},
    {"the peer in TIME-WAIT is gone: a reset in LAST-ACK", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FA 1 ack 1; shutdown wr; < R 2", "A 1 ack 2, FA 1 ack 2", "eof error:ECONNRESET", "CLOSED"}}},
    {"a FIN overtakes data: the end of stream is held back", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FPA 101(50) ack 1",           "A 1 ack 1", "", "ESTABLISHED"},
        {MS(10), "recv 9",                        "", "=EAGAIN"},
        {MS(20), "< PA 1(100) ack 1",             "A 1 ack 152", "readable eof", "CLOSE-WAIT"},
        {MS(20), "recv 999; recv 999",            "", "=150 =0"}}},
    {"a bare FIN overtakes data", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FA 101 ack 1",                "A 1 ack 1", "", "ESTABLISHED"},
        {MS(10), "< FA 101 ack 1",                "A 1 ack 1", ""},
        {MS(20), "< PA 1(100) ack 1",             "A 1 ack 102", "readable eof", "CLOSE-WAIT"}}},
    {"a FIN overtakes data in FIN-WAIT-2", "", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr; < A 1 ack 2; < FA 101 ack 2", "FA 1 ack 1, A 2 ack 1", "", "FIN-WAIT-2"},
        {MS(20), "< PA 1(100) ack 2",             "A 2 ack 102", "readable eof", "TIME-WAIT"}}},
    {"data behind a FIN that waits for its turn is nothing either", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FA 101 ack 1; < PA 101(50) ack 1", "A 1 ack 1, A 1 ack 1", ""},
        {MS(20), "< PA 1(100) ack 1; recv 999; recv 999", "A 1 ack 102", "readable eof =100 =0", "CLOSE-WAIT"}}},
    {"data behind a FIN is nothing", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FPA 1(10) ack 1",             "A 1 ack 12", "readable eof"},
        {MS(0),  "< PA 11(10) ack 1; recv 99; recv 99", "", "=10 =0"}}},
    {"our data is lost, our FIN arrives: the data is repeated with the FIN behind it", "", {
        OPEN_AT_ONCE,
        {MS(0),  "send 100; close",               "PA 1(100) ack 1, FA 101 ack 1", ""},
        {MS(20), "< A 1 ack 1",                   "", "", "FIN-WAIT-1"},
        {SEC(1), "",                              "FPA 1(100) ack 1", ""},
        {MS(1020), "< A 1 ack 102",               "", "", "FIN-WAIT-2"}}},
    {"RST for the FIN", "", {
        OPEN_AT_ONCE,
        {MS(0),  "close",                         "FA 1 ack 1", ""},
        {MS(20), "< R 1",                         "", "error:ECONNRESET", "CLOSED"}}},
    {"by RFC 793 any reset in the window is believed", "rst_validation=rfc793", {
        OPEN_AT_ONCE,
        {MS(0),  "< R 0; < R 65536",              "", "", "ESTABLISHED"},
        {MS(0),  "< R 65535",                     "", "error:ECONNRESET", "CLOSED"}}},
    {"by RFC 793 any SYN in the window resets", "syn_validation=rfc793", {
        OPEN_AT_ONCE,
        {MS(0),  "< S 0; < S 65536",              "A 1 ack 1, A 1 ack 1", "", "ESTABLISHED"},
        {MS(0),  "< S 65535",                     "RA 1 ack 1", "error:ECONNRESET", "CLOSED"}}},
    {"by RFC 793 any old acknowledgment will do", "ack_validation=rfc793", {
        OPEN_AT_ONCE,
        {MS(0),  "< PA 1(5) ack -70000",          "", "readable", "ESTABLISHED"},
        {MS(0),  "< PA 6(5) ack 2",               "A 1 ack 6", "", "ESTABLISHED"}}}, /* a later one will not */
    {"by RFC 5961 it will not", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< PA 1(5) ack -70000",          "A 1 ack 1", "", "ESTABLISHED"}}},
    {"TIME-WAIT assassination (RFC 1337)", "", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr; < A 1 ack 2; < FA 1 ack 2", "FA 1 ack 1, A 2 ack 2", "eof", "TIME-WAIT"},
        {SEC(5), "< PA 0(1) ack 1",               "A 2 ack 2", ""}, /* an old duplicate draws an ACK ... */
        {SEC(5), "< R 2",                         "", "closed", "CLOSED"}}}, /* ... whose reset ends it */

    /* ---- close() and abort() in every state */
    {"close() in SYN-SENT", "", {
        {0,      "connect; close",                "S 0", "closed", "CLOSED"},
        {MS(20), "< SA 0 ack 1",                  "R 1", ""}}},
    {"shutdown() in SYN-SENT", "", {
        {0,      "connect; shutdown wr",          "S 0", "closed", "CLOSED"}}},
    {"close() in SYN-RECEIVED with data queued: data and FIN wait for ESTABLISHED", "", {
        {0,      "connect; < S 0; send 10; close", "S 0, SA 0 ack 1", "", "SYN-RECEIVED"},
        {MS(20), "< A 1 ack 1",                   "FPA 1(10) ack 1", "", "FIN-WAIT-1"}}},
    {"shutdown() in SYN-RECEIVED: nothing more can be written", "", {
        {0,      "connect; < S 0; send 5; shutdown wr; send 10", "S 0, SA 0 ack 1", "=EPIPE", "SYN-RECEIVED"}}},
    {"close() with unread data: reset (RFC 2525 §2.17)", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< PA 1(10) ack 1; recv 4; close", "RA 1 ack 11", "readable =4 error:ECONNABORTED", "CLOSED"}}},
    {"close() with unread data in CLOSE-WAIT", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< FPA 1(10) ack 1; close",      "A 1 ack 12, RA 1 ack 12", "readable eof error:ECONNABORTED", "CLOSED"}}},
    {"close() with a hole before the data: nothing is unread", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< PA 5(10) ack 1; close",       "A 1 ack 1, FA 1 ack 1", "", "FIN-WAIT-1"}}},
    {"close() when all is read: FIN", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< PA 1(10) ack 1; recv 99; close", "FA 1 ack 11", "readable =10", "FIN-WAIT-1"}}},
    {"data after close(): reset, in FIN-WAIT-1", "", {
        OPEN_AT_ONCE,
        {MS(0),  "close; < PA 1(10) ack 1",       "FA 1 ack 1, R 1", "error:ECONNABORTED", "CLOSED"}}},
    {"data after close(): reset, in FIN-WAIT-2", "", {
        OPEN_AT_ONCE,
        {MS(0),  "close; < A 1 ack 2",            "FA 1 ack 1", "", "FIN-WAIT-2"},
        {MS(0),  "< FPA 1(10) ack 2",             "R 2", "error:ECONNABORTED", "CLOSED"}}},
    {"old data after close() resets nothing", "", {
        OPEN_AT_ONCE,
        {MS(0),  "< PA 1(10) ack 1; recv 99; close", "FA 1 ack 11", "readable =10"},
        {MS(9),  "< PA 1(10) ack 1",              "A 2 ack 11", "", "FIN-WAIT-1"},
        {MS(9),  "< FPA 1(10) ack 1",             "A 2 ack 12", "", "CLOSING"}}}, /* the FIN is new */
    {"close() with unread data in TIME-WAIT", "", {
        OPEN_AT_ONCE,
        {MS(0),  "shutdown wr; < A 1 ack 2; < FPA 1(10) ack 2; close", "FA 1 ack 1, A 2 ack 12", "readable eof closed", "TIME-WAIT"}}},
    {"abort() in SYN-SENT",     "", {{0, "connect; abort", "S 0", "", "CLOSED"}}},
    {"abort() in SYN-RECEIVED", "", {{0, "connect; < S 0; abort", "S 0, SA 0 ack 1, RA 1 ack 1", "", "CLOSED"}}},
    {"abort() in ESTABLISHED",  "", {OPEN_AT_ONCE, {0, "send 10; abort", "PA 1(10) ack 1, RA 11 ack 1", "", "CLOSED"},
                                     {SEC(99), "", "", ""}}},
    {"abort() in FIN-WAIT-1",   "", {OPEN_AT_ONCE, {0, "shutdown wr; abort", "FA 1 ack 1, RA 2 ack 1", "", "CLOSED"}}},
    {"abort() in FIN-WAIT-2",   "", {OPEN_AT_ONCE, {0, "shutdown wr; < A 1 ack 2; abort", "FA 1 ack 1, RA 2 ack 1", "", "CLOSED"}}},
    {"abort() in CLOSE-WAIT",   "", {OPEN_AT_ONCE, {0, "< FA 1 ack 1; abort", "A 1 ack 2, RA 1 ack 2", "eof", "CLOSED"}}},
    /* RFC 9293 §3.10.5: in the last three the TCB goes without a word */
    {"abort() in CLOSING",      "", {OPEN_AT_ONCE, {0, "shutdown wr; < FA 1 ack 1; abort", "FA 1 ack 1, A 2 ack 2", "eof", "CLOSED"}}},
    {"abort() in LAST-ACK",     "", {OPEN_AT_ONCE, {0, "< FA 1 ack 1; shutdown wr; abort", "A 1 ack 2, FA 1 ack 2", "eof", "CLOSED"}}},
    {"abort() in TIME-WAIT",    "", {OPEN_AT_ONCE, {0, "shutdown wr; < A 1 ack 2; < FA 1 ack 2; abort", "FA 1 ack 1, A 2 ack 2", "eof", "CLOSED"},
                                     {SEC(999), "", "", ""}}},
    {"abort() by RFC 9293 §3.5.2: TIME-WAIT, late ACKs draw no more resets", "reset_time_wait=yes msl=30s", {
        OPEN_AT_ONCE,
        {0,      "send 10; abort",                "PA 1(10) ack 1, RA 11 ack 1", "", "TIME-WAIT"},
        {MS(20), "< A 1 ack 11",                  "", "", "TIME-WAIT"},
        {SEC(60) - 1, "",                         "", "", "TIME-WAIT"},
        {SEC(60), "",                             "", "", "CLOSED"}}},
    {"it answers who has not heard of the reset", "reset_time_wait=yes msl=30s", {
        OPEN_AT_ONCE,
        {0,      "abort",                         "RA 1 ack 1", "", "TIME-WAIT"},
        {MS(20), "< PA 1(10) ack 1",              "R 1", "", "TIME-WAIT"},
        {MS(30), "< A 0 ack 1",                   "R 1", "", "TIME-WAIT"}, /* a probe */
        {SEC(60), "",                             "", "", "CLOSED"}}},
    {"so with close() and unread data", "reset_time_wait=yes msl=30s", {
        OPEN_AT_ONCE,
        {0,      "< PA 1(10) ack 1; recv 4; close", "RA 1 ack 11", "readable =4 closed", "TIME-WAIT"},
        {SEC(60), "",                             "", "", "CLOSED"}}},
    {"so in CLOSE-WAIT", "reset_time_wait=yes msl=30s", {
        OPEN_AT_ONCE,
        {0,      "< FA 1 ack 1; abort",           "A 1 ack 2, RA 1 ack 2", "eof", "TIME-WAIT"}}},
    {"not for a handshake that is not done", "reset_time_wait=yes", {
        {0,      "connect; < S 0; abort",         "S 0, SA 0 ack 1, RA 1 ack 1", "", "CLOSED"}}},
    {"abort() within an event", "", {OPEN_AT_ONCE, {0, "on readable abort; < PA 1(10) ack 1", "RA 1 ack 11", "readable", "CLOSED"}}},
    {"the application closes within the reset's event", "", {
        OPEN_AT_ONCE, {0, "on error close; < R 1", "", "error:ECONNRESET", "CLOSED"}}},
    {"after a reset: the error once, then the end", "", {
        OPEN_AT_ONCE,
        {0,      "< PA 1(10) ack 1; < R 11; recv 99; recv 99; send 1", "", "readable error:ECONNRESET =10 =0 =EPIPE", "CLOSED"},
        {0,      "shutdown wr",                   "", "=ENOTCONN"}}},
};

/* The way of a FIN that acknowledges ours: path of the whole connection. */
static const struct path_row {
    const char *story, *params, *does, *path;
} path_rows[] = {
    {"FIN+ACK in FIN-WAIT-1", "",
     "connect; < SA 0 ack 1; shutdown wr; < FA 1 ack 2", "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT"},
    {"the same by RFC 9293 figure 5, note 2", "fin_ack_in_fin_wait_1=time-wait",
     "connect; < SA 0 ack 1; shutdown wr; < FA 1 ack 2", "SYN-SENT ESTABLISHED FIN-WAIT-1 TIME-WAIT"},
    {"with data in it", "fin_ack_in_fin_wait_1=time-wait",
     "connect; < SA 0 ack 1; shutdown wr; < FPA 1(10) ack 2", "SYN-SENT ESTABLISHED FIN-WAIT-1 TIME-WAIT"},
    {"a hole before that FIN: FIN-WAIT-2 all the same", "fin_ack_in_fin_wait_1=time-wait",
     "connect; < SA 0 ack 1; shutdown wr; < FPA 11(10) ack 2", "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2"},
    {"the ACK first", "fin_ack_in_fin_wait_1=time-wait",
     "connect; < SA 0 ack 1; shutdown wr; < A 1 ack 2; < FA 1 ack 2", "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT"},
    {"the FIN first", "fin_ack_in_fin_wait_1=time-wait",
     "connect; < SA 0 ack 1; shutdown wr; < FA 1 ack 1; < A 2 ack 2", "SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT"},
    {"passive, to the end", "",
     "listen; < S 0; < A 1 ack 1; < FA 1 ack 1; close; < A 2 ack 2", "SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"},
    {"both open at once", "",
     "connect; < S 0; < SA 0 ack 1", "SYN-SENT SYN-RECEIVED ESTABLISHED"},
    {"closed while opening", "",
     "connect; < S 0; send 1; close; < A 1 ack 1", "SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1"},
};
/* clang-format on */

static void closing(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++)
        puppet_play_wrapped(&plays[i]);
}

static void paths(void **state)
{
    for (const struct path_row *r = path_rows; r < path_rows + ARRAY_LEN(path_rows); r++) {
        struct puppet p;
        char path[256];
        puppet_init(&p, r->story, r->params, 1000, 0xffffffff);
        puppet_do(&p, 0, r->does);
        check_str(r->story, puppet_path(&p, path, sizeof path), r->path);
        puppet_fini(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(closing), cmocka_unit_test(paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
