/* SPDX-License-Identifier: GPL-3.0-or-later
 * Opening: every handshake with each of its segments lost and repeated, both ends at once,
 * refusals, a full backlog.
 */
#include "models/tcp/options.h"
#include "sim/address.h"
#include "tests/tcp/puppet.h"

#include <errno.h>

/* clang-format off */
static const struct play plays[] = {
    /* ---- three-way, RFC 9293 §3.5 */
    {"three-way, the active side", "", {
        {0,      "show win; show mss; connect",   "S 0 win 65535 mss 1460", "", "SYN-SENT"},
        {MS(20), "< SA 0 ack 1 mss 1000",         "A 1 ack 1 win 65535", "connected", "ESTABLISHED"},
        {MS(30), "send 10",                       "PA 1(10) ack 1 win 65535", ""},
        {MS(50), "< A 1 ack 11",                  "", ""}}},
    {"three-way, the passive side", "mss=900B", {
        {0,      "show win; show mss; listen",    "", "", "LISTEN"},
        {0,      "< S 0 mss 1000",                "SA 0 ack 1 win 65535 mss 900", "", "SYN-RECEIVED"},
        {MS(20), "< A 1 ack 1",                   "", "accepted", "ESTABLISHED"}}},
    {"the SYN is lost", "", {
        {0,      "connect",                       "S 0", ""},
        {SEC(1), "",                              "S 0", "", "SYN-SENT"},
        {MS(1020), "< SA 0 ack 1",                "A 1 ack 1", "connected"}}},
    {"an ACK of nothing in SYN-SENT, as Linux takes it: the SYN comes again two ticks later, once", "timeout_min=8ms", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< A 0 ack 500",                 "R 500", ""},
        {MS(27), "",                              "", "", "SYN-SENT"},
        {MS(28), "",                              "S 0", ""},
        {MS(40), "< A 0 ack 500",                 "R 500", ""},
        {MS(1027), "",                            "", ""},
        {MS(2028), "",                            "S 0", "", "SYN-SENT"}}},
    {"... and one that waits for data is not brought forward: the ACK comes before it", "handshake=fast-open fastopen=5 timeout_min=8ms", {
        {0,      "connect; < A 0 ack 500",        "R 500", "connected"},
        {MS(7),  "",                              "@0ms S 0", ""}, /* nothing was written */
        {MS(999), "",                             "", "", "SYN-SENT"},
        {SEC(1), "",                              "S 0", ""}}},
    {"... by RFC 9293 it changes nothing", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< A 0 ack 500",                 "R 500", ""},
        {MS(999), "",                             "", ""},
        {SEC(1), "",                              "S 0", "", "SYN-SENT"}}},
    {"the SYN-ACK is lost, the client's timer is first", "", {
        {0,      "listen; < S 0",                 "SA 0 ack 1", ""},
        {MS(900), "< S 0",                        "A 1 ack 1", "", "SYN-RECEIVED"}, /* not acceptable: a bare ACK */
        {SEC(1), "",                              "SA 0 ack 1", ""},
        {MS(1020), "< A 1 ack 1",                 "", "accepted", "ESTABLISHED"}}},
    {"the last ACK is lost, the SYN-ACK comes again", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< SA 0 ack 1",                  "A 1 ack 1", "connected"},
        {MS(1020), "< SA 0 ack 1",                "A 1 ack 1", "", "ESTABLISHED"}}},
    {"the last ACK is lost, data stands for it", "", {
        {0,      "listen; < S 0",                 "SA 0 ack 1", ""},
        {MS(20), "< PA 1(10) ack 1; recv 100",    "", "accepted readable =10", "ESTABLISHED"},
        {MS(220), "",                             "A 1 ack 11", ""}}},
    {"the last ACK is lost, a FIN stands for it", "", {
        {0,      "listen; < S 0",                 "SA 0 ack 1", ""},
        {MS(20), "< FA 1 ack 1",                  "A 1 ack 2", "accepted eof", "CLOSE-WAIT"}}},
    {"the last ACK comes twice", "", {
        {0,      "listen; < S 0; < A 1 ack 1",    "SA 0 ack 1", "accepted"},
        {MS(20), "< A 1 ack 1",                   "", "", "ESTABLISHED"}}},
    {"the SYN comes again on an open connection", "", {
        {0,      "listen; < S 0; < A 1 ack 1",    "SA 0 ack 1", "accepted"},
        {MS(20), "< S 0",                         "A 1 ack 1", "", "ESTABLISHED"}}},
    {"nobody listens", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< RA 0 ack 1",                  "", "error:ECONNREFUSED", "CLOSED"},
        {MS(30), "send 1",                        "", "=EPIPE"}}},
    {"the SYN-ACK is refused, the next SYN is welcome", "", {
        {0,      "listen; < S 0",                 "SA 0 ack 1", ""},
        {MS(20), "< R 1",                         "", "", "LISTEN"},
        {MS(30), "< S 0; < A 1 ack 1",            "SA 0 ack 1", "accepted"}}},
    {"an ACK alone is nothing in SYN-SENT: the SYN behind it is a simultaneous open", "", {
        {0,      "connect; < A 1 ack 1",          "S 0", "", "SYN-SENT"},
        {MS(20), "< S 0",                         "SA 0 ack 1", "", "SYN-RECEIVED"}}},
    {"an old SYN comes first (RFC 9293 figure 8)", "", {
        {0,      "listen; < S -50",               "SA 0 ack -49", "", "SYN-RECEIVED"},
        {MS(20), "< R -49",                       "", "", "LISTEN"},
        {MS(20), "< S 0",                         "SA 0 ack 1", ""},
        {MS(40), "< A 1 ack 1",                   "", "accepted"}}},
    {"an answer to an old SYN of ours (figure 8)", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< SA 7 ack -9",                 "R -9", "", "SYN-SENT"},
        {MS(40), "< SA 0 ack 1",                  "A 1 ack 1", "connected", "ESTABLISHED"}}},
    {"the peer still has the old connection (figure 9)", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< A 300 ack 100",               "R 100", "", "SYN-SENT"},
        {SEC(1), "",                              "S 0", ""}}},
    {"the peer has crashed and opens again (figure 9)", "", {
        {0,      "listen; < S 0; < A 1 ack 1",    "SA 0 ack 1", "accepted"},
        {SEC(9), "< S 400",                       "A 1 ack 1", "", "ESTABLISHED"},
        {SEC(9), "< R 1",                         "", "error:ECONNRESET", "CLOSED"}}},
    {"a host that does not answer for closed ports", "closed_port=drop", {
        {0,      "< S 0; < A 1 ack 1; < FA 1",    "", ""}}},
    {"a segment whose checksum fails is nothing", "", {
        {0,      "listen; < S 0 corrupt",         "", "", "LISTEN"},
        {0,      "< S 0; < A 1 ack 1; < R 1 corrupt", "SA 0 ack 1", "accepted", "ESTABLISHED"}}},
    {"listen twice", "", {
        {0,      "listen; listen",                "", "=EADDRINUSE"}}},
    {"connect twice from one port to one port", "", {
        {0,      "connect; connect",              "S 0", "=EADDRNOTAVAIL"}}},
    {"the listener closes: half-open ones are forgotten, the next SYN is refused", "", {
        {0,      "listen; < S 0; unlisten",       "SA 0 ack 1", ""},
        {MS(20), "< A 1 ack 1",                   "R 1", ""}}},
    {"the listener closes: those nobody has accepted are reset", "", {
        {0,      "listen; hold; < S 0; < A 1 ack 1; unlisten", "SA 0 ack 1, RA 1 ack 1", "", "CLOSED"}}},

    /* ---- how long SYN and SYN-ACK are repeated */
    {"SYN: seven repeats, given up at 255 s (RFC 9293 MUST-23: at least 3 min)", "", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(3), "", "S 0", ""}, {SEC(7), "", "S 0", ""},
        {SEC(15), "", "S 0", ""}, {SEC(31), "", "S 0", ""}, {SEC(63), "", "S 0", ""}, {SEC(127), "", "S 0", ""},
        {SEC(255) - 1, "", "", "", "SYN-SENT"}, {SEC(255), "", "", "error:ETIMEDOUT", "CLOSED"},
        {SEC(9999), "", "", ""}}},
    {"SYN: six repeats, given up at 127 s", "syn_retries=6", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(3), "", "S 0", ""}, {SEC(7), "", "S 0", ""},
        {SEC(15), "", "S 0", ""}, {SEC(31), "", "S 0", ""}, {SEC(63), "", "S 0", ""},
        {SEC(127), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"SYN: linux, ten repeats (reference 02c)", "profile=linux", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(2), "", "S 0", ""}, {SEC(3), "", "S 0", ""},
        {SEC(4), "", "S 0", ""}, {SEC(5), "", "S 0", ""}, {SEC(7), "", "S 0", ""}, {SEC(11), "", "S 0", ""},
        {SEC(19), "", "S 0", ""}, {SEC(35), "", "S 0", ""}, {SEC(67), "", "S 0", ""},
        {SEC(131) - 1, "", "", ""}, {SEC(131), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"SYN: no repeat", "syn_retries=0", {
        {0, "connect", "S 0", ""}, {SEC(1), "", "", "error:ETIMEDOUT", "CLOSED"}}},
    {"SYN-ACK: five repeats, forgotten at 63 s, then the ACK is for nobody", "", {
        {0, "listen; < S 0", "SA 0 ack 1", ""}, {SEC(1), "", "SA 0 ack 1", ""}, {SEC(3), "", "SA 0 ack 1", ""},
        {SEC(7), "", "SA 0 ack 1", ""}, {SEC(15), "", "SA 0 ack 1", ""}, {SEC(31), "", "SA 0 ack 1", ""},
        {SEC(63) - 1, "", "", "", "SYN-RECEIVED"}, {SEC(63), "", "", "", "LISTEN"},
        {SEC(64), "< A 1 ack 1", "R 1", ""}}},

    /* ---- both at once, RFC 9293 figure 7 */
    {"a SYN that waits for data meets the peer's: one SYN-ACK, no other SYN", "handshake=fast-open fastopen=5", {
        {0,      "connect; < S 0",                "SA 0 ack 1", "", "SYN-RECEIVED"},
        {MS(10), "send 10",                       "", "", "SYN-RECEIVED"},
        {MS(20), "< A 1 ack 1",                   "PA 1(10) ack 1", "connected", "ESTABLISHED"}}},
    {"simultaneous open", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(10), "< S 0",                         "SA 0 ack 1", "", "SYN-RECEIVED"},
        {MS(20), "< SA 0 ack 1",                  "A 1 ack 1", "connected", "ESTABLISHED"},
        {MS(30), "< A 1 ack 1",                   "", ""},
        {MS(30), "send 10",                       "PA 1(10) ack 1", ""},
        {MS(50), "< A 1 ack 11",                  "", ""},
        {SEC(99), "",                             "", "", "ESTABLISHED"}}}, /* no timer is left */
    {"simultaneous open, our SYN-ACK is lost", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(10), "< S 0",                         "SA 0 ack 1", ""},
        {SEC(1), "",                              "SA 0 ack 1", "", "SYN-RECEIVED"},
        {MS(1020), "< A 1 ack 1",                 "", "connected", "ESTABLISHED"}}},
    {"simultaneous open, the peer's SYN-ACK is lost and comes again", "", {
        {0,      "connect; < S 0",                "S 0, SA 0 ack 1", ""},
        {MS(1010), "< SA 0 ack 1",                "@1000ms SA 0 ack 1, A 1 ack 1", "connected", "ESTABLISHED"},
        {MS(1020), "< SA 0 ack 1",                "A 1 ack 1", ""}}},
    {"simultaneous open, the peer's SYN comes again", "", {
        {0,      "connect; < S 0",                "S 0, SA 0 ack 1", ""},
        {MS(20), "< S 0",                         "A 1 ack 1", "", "SYN-RECEIVED"}}},
    {"simultaneous open, refused after the SYN", "", {
        {0,      "connect; < S 0",                "S 0, SA 0 ack 1", ""},
        {MS(20), "< R 1",                         "", "error:ECONNREFUSED", "CLOSED"}}},
    {"simultaneous open, no answer: SYN-ACKs as long as SYNs", "syn_retries=2", {
        {0,      "connect; < S 0",                "S 0, SA 0 ack 1", ""}, {SEC(1), "", "SA 0 ack 1", ""},
        {SEC(3), "",                              "SA 0 ack 1", ""},
        {SEC(7), "",                              "", "error:ETIMEDOUT", "CLOSED"}}},
    {"simultaneous open, data with the SYN waits for ESTABLISHED", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(10), "< S 0(10)",                     "SA 0 ack 1", ""},
        {MS(20), "< SA 0 ack 1",                  "A 1 ack 11", "", "SYN-RECEIVED"}, /* RCV.NXT is beyond it */
        {MS(40), "< A 11 ack 1",                  "", "connected readable", "ESTABLISHED"},
        {MS(40), "recv 99",                       "", "=10"}}},

    /* ---- data with the handshake */
    {"data with the SYN is kept", "", {
        {0,      "listen; < S 0(10)",             "SA 0 ack 11", "", "SYN-RECEIVED"},
        {MS(20), "< A 11 ack 1",                  "", "accepted readable", "ESTABLISHED"},
        {MS(20), "recv 100; recv 100",            "", "=10 =EAGAIN"}}},
    {"data with the SYN is ignored and comes again (reference 11e)", "syn_data=ignore", {
        {0,      "listen; < S 0(10)",             "SA 0 ack 1", ""},
        {MS(20), "< A 11 ack 1",                  "", "accepted", "ESTABLISHED"},
        {MS(20), "recv 100",                      "", "=EAGAIN"},
        {MS(30), "< PA 1(10) ack 1; recv 100",    "", "readable =10"}}},
    {"data and FIN with the SYN", "", {
        {0,      "listen; < SF 0(10)",            "SA 0 ack 11", "", "SYN-RECEIVED"},
        {MS(20), "< A 12 ack 1",                  "A 1 ack 12", "accepted readable eof", "CLOSE-WAIT"}}},
    {"data with the SYN-ACK", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< SA 0(100) ack 1",             "A 1 ack 101", "connected readable", "ESTABLISHED"}}},
    {"FIN with the SYN-ACK", "", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< SFA 0 ack 1",                 "A 1 ack 2", "connected eof", "CLOSE-WAIT"}}},
    {"the request rides on the last ACK", "handshake_ack=with-data", {
        {0,      "connect; on connected send 100", "S 0", ""},
        {MS(20), "< SA 0 ack 1",                  "PA 1(100) ack 1", "connected", "ESTABLISHED"}}},
    {"the last ACK goes alone", "handshake_ack=alone", {
        {0,      "connect; on connected send 100", "S 0", ""},
        {MS(20), "< SA 0 ack 1",                  "A 1 ack 1, PA 1(100) ack 1", "connected", "ESTABLISHED"}}},
    {"what is written before ESTABLISHED is sent then", "", {
        {0,      "connect; send 100",             "S 0", ""},
        {MS(20), "< SA 0 ack 1",                  "PA 1(100) ack 1", "connected", "ESTABLISHED"}}},

    /* ---- a full backlog: of both queues together */
    {"half-open ones fill the backlog", "", {
        {0,      "listen 2; < S 0; < S 0 from 1", "SA 0 ack 1, SA 0 ack 1 to 1", ""},
        {0,      "< S 0 from 2",                  "", ""},
        {MS(20), "< A 1 ack 1 from 1",            "", "accepted"},
        {MS(20), "< S 0 from 2; < S 0 from 3",    "SA 0 ack 1 to 2", ""}}},
    {"a half-open one gives its place back after 63 s", "", {
        {0,      "listen 2; < S 0; < S 0 from 1; < A 1 ack 1 from 1; hold", "SA 0 ack 1, SA 0 ack 1 to 1", "accepted"},
        {SEC(62), "< S 0 from 2; < S 0 from 3",   "@1000ms SA 0 ack 1, @3000ms SA 0 ack 1, @7000ms SA 0 ack 1, "
                                                  "@15000ms SA 0 ack 1, @31000ms SA 0 ack 1, SA 0 ack 1 to 2", ""},
        {SEC(63), "< S 0 from 3",                 "SA 0 ack 1 to 2, SA 0 ack 1 to 3", "", "LISTEN"}}},
    {"those that wait for accept() fill it too", "", {
        {0,      "listen 2; hold; < S 0; < A 1 ack 1; < S 0 from 1; < A 1 ack 1 from 1",
                                                  "SA 0 ack 1, SA 0 ack 1 to 1", ""},
        {MS(20), "< S 0 from 2",                  "", ""},
        {MS(20), "accept; < S 0 from 2",          "SA 0 ack 1 to 2", "accepted"},
        {MS(30), "accept; accept",                "", "accepted nobody"},
        {MS(40), "< A 1 ack 1 from 2; accept",    "", "accepted"}}},
    {"a reset while it waits for accept()", "", {
        {0,      "listen; hold; < S 0; < A 1 ack 1; < PA 1(5) ack 1; < R 6", "SA 0 ack 1", "", "CLOSED"},
        {MS(20), "accept",                        "", "accepted"},
        {MS(30), "recv 9; recv 9",                "", "readable error:ECONNRESET =5 =0"}}},

    /* ---- two-way: the server is ESTABLISHED on the SYN; the client's SYN timer is the only one */
    {"two-way, the server", "handshake=two-way", {
        {0,      "listen; < S 0",                 "SA 0 ack 1", "accepted", "ESTABLISHED"},
        {SEC(99), "",                             "", ""},
        {SEC(99), "< S 0",                        "SA 0 ack 1", "", "ESTABLISHED"}, /* the same SYN, the same answer */
        {SEC(99), "< S 5; < S -50",               "A 1 ack 1, A 1 ack 1", ""},      /* others */
        {SEC(99), "send 10",                      "PA 1(10) ack 1", ""},
        {SEC(99), "< A 1 ack 11",                 "", ""}}},
    {"two-way, the client", "handshake=two-way", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< SA 0 ack 1",                  "", "connected", "ESTABLISHED"},
        {SEC(99), "< SA 0 ack 1",                 "A 1 ack 1", ""}}},
    {"two-way, the SYN or its answer is lost", "handshake=two-way", {
        {0,      "connect",                       "S 0", ""}, {SEC(1), "", "S 0", ""}, {SEC(3), "", "S 0", ""},
        {MS(3020), "< SA 0 ack 1",                "", "connected"},
        {SEC(99), "",                             "", "", "ESTABLISHED"}}},
    {"two-way, the server speaks first and its SYN-ACK is lost: the client cannot place the bytes", "handshake=two-way", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< PA 1(10) ack 1",              "", "", "SYN-SENT"}}},
    {"two-way, the client is gone: its reset comes for an accepted connection", "handshake=two-way", {
        {0,      "listen; < S 0",                 "SA 0 ack 1", "accepted", "ESTABLISHED"},
        {MS(20), "< R 1",                         "", "error:ECONNRESET", "CLOSED"}}},

    /* ---- four-way: the answer is two segments */
    {"four-way, the server", "handshake=four-way", {
        {0,      "listen; < S 0",                 "A 0 ack 1, S 0", "", "SYN-RECEIVED"},
        {MS(20), "< A 1 ack 1",                   "", "accepted", "ESTABLISHED"},
        {SEC(99), "",                             "", ""}}},
    {"four-way, the client", "handshake=four-way", {
        {0,      "connect",                       "S 0", ""},
        {MS(20), "< A 0 ack 1",                   "", "", "SYN-SENT"},
        {MS(20), "< S 0",                         "A 1 ack 1", "connected", "ESTABLISHED"},
        {SEC(99), "",                             "", ""}}},
    {"four-way, the SYN is lost", "handshake=four-way", {
        {0,      "connect",                       "S 0", ""}, {SEC(1), "", "S 0", ""},
        {MS(1020), "< A 0 ack 1; < S 0",          "A 1 ack 1", "connected", "ESTABLISHED"}}},
    {"four-way, the SYN comes again", "handshake=four-way", {
        {0,      "listen; < S 0",                 "A 0 ack 1, S 0", ""},
        {MS(20), "< S 0",                         "A 1 ack 1, S 0", "", "SYN-RECEIVED"},
        {MS(30), "< A 1 ack 1",                   "", "accepted"},
        {MS(40), "< S 0",                         "A 1 ack 1, S 0", "", "ESTABLISHED"}}},
    {"four-way, the server's answer is lost: its timer", "handshake=four-way", {
        {0,      "listen; < S 0",                 "A 0 ack 1, S 0", ""},
        {SEC(1), "",                              "A 1 ack 1, S 0", ""},
        {SEC(3), "",                              "A 1 ack 1, S 0", ""}}},
    {"four-way, the server's SYN is lost", "handshake=four-way", {
        {0,      "connect; < A 0 ack 1",          "S 0", ""},
        {SEC(1), "",                              "S 0", "", "SYN-SENT"},
        {MS(1020), "< A 1 ack 1; < S 0",          "A 1 ack 1", "connected", "ESTABLISHED"}}},
    {"four-way, the server's ACK is lost: as if both had opened", "handshake=four-way", {
        {0,      "connect; < S 0",                "S 0, SA 0 ack 1", "", "SYN-RECEIVED"},
        {MS(20), "< A 1 ack 1",                   "", "connected", "ESTABLISHED"}}},
    {"four-way, the server meets that SYN-ACK", "handshake=four-way", {
        {0,      "listen; < S 0",                 "A 0 ack 1, S 0", ""},
        {MS(20), "< SA 0 ack 1",                  "A 1 ack 1", "accepted", "ESTABLISHED"}}},
    {"four-way, the last ACK is lost: the server's SYN comes again", "handshake=four-way", {
        {0,      "connect; < A 0 ack 1; < S 0",   "S 0, A 1 ack 1", "connected"},
        {SEC(1), "< A 1 ack 1; < S 0",            "A 1 ack 1", "", "ESTABLISHED"}}},
};
/* clang-format on */

static void opening(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++)
        puppet_play_wrapped(&plays[i]);
}

/* Reference 08f: each port of the range once for one destination, all again for another. */
static void ephemeral_ports(void **state)
{
    struct puppet p;
    struct tcp *t[4], *other, *again;
    const struct tcp_addr to = {ip4(0x0a000002), PUPPET_PEER_PORT},
                          elsewhere = {to.ip, PUPPET_PEER_PORT + 1};
    puppet_init(&p, "ports", "port_min=65533 port_max=65535", 1000, 2000);
    for (int i = 0; i < 3; i++) {
        check_eq("connect", tcp_connect(p.stack, to, 0, &p.user, &t[i]), 0);
        check_eq("in turn", tcp_local(t[i]).port, 65533 + i);
    }
    check_eq("none is left", tcp_connect(p.stack, to, 0, &p.user, &t[3]), -EADDRNOTAVAIL);
    check_eq("one that is taken", tcp_connect(p.stack, to, 65534, &p.user, &t[3]),
             -EADDRNOTAVAIL);
    check_eq("another destination", tcp_connect(p.stack, elsewhere, 0, &p.user, &other), 0);
    tcp_abort(t[1]);
    check_eq("given back", tcp_connect(p.stack, to, 0, &p.user, &again), 0);
    check_eq("given back", tcp_local(again).port, 65534);
    puppet_fini(&p);
}

/* A stack by itself: what it sends is counted, the first of several is kept. */
struct lone {
    struct sim *sim;
    struct tcp_stack *stack;
    struct tcp_user user;
    int n_sent;
    struct packet first; /* its options are gone */
    uint16_t mss;
};

static void count_sent(void *ctx, struct packet *p)
{
    struct lone *l = ctx;
    if (l->n_sent++ == 0) {
        l->first = *p;
        l->mss = tcp_options_get(l->sim, p).mss;
    }
    packet_free(l->sim, p);
}

static void no_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

static void no_accept(struct tcp_user *user, struct tcp_listener *l) {}

/* RFC 9293 MUST-46, MUST-63: nobody connects to a group or to everybody, and none of these is
 * answered. The neighbours of the range are hosts. */
static void groups_are_no_hosts(void **state)
{
    static const struct {
        uint32_t address;
        bool is_host;
    } rows[] = {{0x0a000002, true},  {0xdfffffff, true},  {0xe0000000, false},
                {0xefffffff, false}, {0xf0000001, false}, {0xffffffff, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct tcp_params params;
        struct tcp *t;
        struct tcp_listener *listener;
        struct tcp_account account;
        struct lone l = {.sim = sim_new(&(struct sim_params){.seed = 1}),
                         .user = {no_event, no_accept, &account, NULL}};
        const struct tcp_addr other = {ip4(rows[i].address), 7000};
        const uint32_t host = sim_subject(l.sim, "host", "h");
        tcp_account_init(&account, 0);
        tcp_params_init(&params, "rfc9293");
        l.stack = tcp_stack_new(l.sim, host, ip4(0x0a000001), &params, count_sent, &l);
        check_eq("connect", tcp_connect(l.stack, other, 0, &l.user, &t),
                 rows[i].is_host ? 0 : -ENETUNREACH);
        check_eq("a SYN", l.n_sent, rows[i].is_host);
        check_eq("listen", tcp_listen(l.stack, 80, 1, &l.user, &listener), 0);
        struct packet *syn = packet_new(l.sim, 40);
        syn->proto = PROTO_TCP;
        syn->src = other.ip;
        syn->dst = ip4(0x0a000001);
        syn->sport = other.port;
        syn->dport = 80;
        syn->flags = TCP_SYN;
        l.n_sent = 0;
        tcp_input(l.stack, syn);
        check_eq("a SYN-ACK", l.n_sent, rows[i].is_host);
        sim_free(l.sim);
    }
}

/* The header has 20 bytes more than IPv4's: at the same MTU the MSS has 20 less. A peer that
 * does not say takes 1220 (RFC 9293 MUST-15). */
static void ipv6_has_less_room(void **state)
{
    struct tcp *t;
    struct tcp_params params;
    struct tcp_account account;
    struct lone l = {.sim = sim_new(&(struct sim_params){.seed = 1}),
                     .user = {no_event, no_accept, &account, NULL}};
    const struct key_address net = {.high = {0x20010db8, 0, 0}, .low = 1, .is_ipv6 = true};
    const ip_addr here = address_intern(l.sim, net);
    const struct tcp_addr other = {{here.prefix, 2}, 7000};
    tcp_account_init(&account, 0);
    tcp_params_init(&params, "rfc9293");
    l.stack =
        tcp_stack_new(l.sim, sim_subject(l.sim, "host", "h"), here, &params, count_sent, &l);
    check_eq("connect", tcp_connect(l.stack, other, 0, &l.user, &t), 0);
    check_eq("MSS", l.mss, 1440);
    check_eq("IPv6, TCP, the option", l.first.bytes, 40 + 20 + 4);
    struct packet *answer = packet_new(l.sim, 60);
    answer->proto = PROTO_TCP;
    answer->src = other.ip;
    answer->dst = here;
    answer->sport = other.port;
    answer->dport = l.first.sport;
    answer->flags = TCP_SYN | TCP_ACK;
    answer->ack = l.first.seq + 1;
    answer->win = 65535;
    tcp_input(l.stack, answer);
    l.n_sent = 0;
    check_eq("send", tcp_send(t, 3000), 3000);
    check_eq("a full segment", l.first.len, 1220);
    check_eq("its packet", l.first.bytes, 40 + 20 + 1220);
    sim_free(l.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening), cmocka_unit_test(ipv6_has_less_room),
        cmocka_unit_test(ephemeral_ports), cmocka_unit_test(groups_are_no_hosts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
