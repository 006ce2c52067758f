/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every kind of verdict: the right script passes, and the same with one thing wrong fails for
 * exactly that reason.
 *
 * Profile rfc9293 with timestamps and SACK: windows are 65,535 bytes less what is unread,
 * segments carry 988 bytes (mss 1000 less 12 for the timestamps), the retransmission timeout is
 * 1 s.
 */
#include "tests/check.h"

#include <stdlib.h>

#include "drill/run.h"

/* One event a line, so that the line of a verdict can be counted. Line 1 is empty. */
static const char PASSIVE[] =
    "\n0 `sysctl -q net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1 "
    "net.ipv4.tcp_congestion_control=none`\n"
    "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 32792 <mss 1000,sackOK,TS val 500 ecr 0>\n"
    "+0 > S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,TS val 100 ecr 500>\n"
    "+.1 < . 1:1(0) ack 1 win 32792 <nop,nop,TS val 600 ecr 100>\n"
    "+0 accept(3, ..., ...) = 4\n"
    "+0 write(4, ..., 500) = 500\n"
    "+0 > P. 1:501(500) ack 1 win 65535 <nop,nop,TS val 200 ecr 600>\n"
    "+1 > P. 1:501(500) ack 1 win 65535 <nop,nop,TS val 1200 ecr 600>\n"
    "+.1 < . 1:1(0) ack 501 win 32792 <nop,nop,TS val 700 ecr 1200>\n"
    "+0 < P. 101:201(100) ack 501 win 32792 <nop,nop,TS val 700 ecr 1200>\n"
    "+0 > . 501:501(0) ack 1 win 65535 <nop,nop,TS val 1300 ecr 700,nop,nop,sack 101:201>\n"
    "+0 recv(4, ..., 1000, MSG_DONTWAIT) = -1 EAGAIN\n";

struct row {
    const char *story;
    const char *from, *to; /* put in place of a part of the script; NULL: as it is */
    int line;              /* of the verdict */
    const char *text;      /* of a failure, all of it; NULL: passes */
};

/* Result: malloc'd. */
static char *replaced(const char *script, const char *from, const char *to)
{
    const char *at = from != NULL ? strstr(script, from) : script;
    const size_t cut = from != NULL ? strlen(from) : 0, put = to != NULL ? strlen(to) : 0;
    assert_non_null(at);
    char *text = malloc(strlen(script) - cut + put + 1);
    assert_non_null(text);
    memcpy(text, script, (size_t)(at - script));
    if (put > 0)
        memcpy(text + (at - script), to, put);
    strcpy(text + (at - script) + put, at + cut);
    return text;
}

static struct drill_verdict run_text(const char *story, const char *text,
                                     const struct drill_options *o)
{
    struct err e = {0};
    struct drill_verdict v;
    struct drill_script *s = drill_script_parse("test.pkt", text, strlen(text), NULL, 0, &e);
    if (s == NULL) {
        print_error("%s: line %d: %s\n", story, e.line, e.text);
        fail();
    }
    drill_run(s, "test.pkt", o, &v);
    drill_script_free(s);
    return v;
}

static void check_rows(const char *script, const struct drill_options *o,
                       const struct row *rows, size_t n, enum drill_outcome outcome)
{
    for (size_t i = 0; i < n; i++) {
        char *text = replaced(script, rows[i].from, rows[i].to);
        struct drill_verdict v = run_text(rows[i].story, text, o);
        check_str(rows[i].story, v.text, rows[i].text != NULL ? rows[i].text : "");
        check_eq(rows[i].story, v.line, rows[i].line);
        check_eq(rows[i].story, v.outcome, rows[i].text != NULL ? outcome : DRILL_PASS);
        drill_verdict_free(&v);
        free(text);
    }
}

static const struct drill_options RFC = {.profile = "rfc9293"};

#define NONBLOCK "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
static const char READ_EVENT[] = "+0 recv(4, ..., 1000, MSG_DONTWAIT) = -1 EAGAIN\n";

static const char REPEAT_AND_ACK[] =
    "+1 > P. 1:501(500) ack 1 win 65535 <nop,nop,TS val 1200 ecr 600>\n"
    "+.1 < . 1:1(0) ack 501 win 32792 <nop,nop,TS val 700 ecr 1200>\n"
    "+0 < P. 101:201(100) ack 501 win 32792 <nop,nop,TS val 700 ecr 1200>\n";

static const struct row PACKETS[] = {
    {"as it is", NULL, NULL, 0, NULL},
    {"FIN", "> P. 1:501", "> FP. 1:501", 11, "FIN: expected 1, actual 0"},
    {"SYN", "> S. 0:0(0) ack 1", "> . 0:0(0) ack 1", 7, "SYN: expected 0, actual 1"},
    {"RST", "> P. 1:501", "> RP. 1:501", 11, "RST: expected 1, actual 0"},
    {"PSH", "> P. 1:501", "> . 1:501", 11, "PSH: expected 0, actual 1"},
    {"ACK", "> P. 1:501(500) ack 1", "> P 1:501(500)", 11,
     "ACK: expected 0, actual 1; ack: expected 0, actual 1"},
    {"URG", "> P. 1:501", "> UP. 1:501", 11, "URG: expected 1, actual 0"},
    {"ECE", "> P. 1:501", "> PE. 1:501", 11, "ECE: expected 1, actual 0"},
    {"CWR", "> P. 1:501", "> PW. 1:501", 11, "CWR: expected 1, actual 0"},
    {"AE", "> P. 1:501", "> PA. 1:501", 11, "AE: expected 1, actual 0"},
    {"ACE as a number", "> P. 1:501", "> P5. 1:501", 11, "ACE: expected 5, actual 0"},
    {"seq", "> P. 1:501", "> P. 2:502", 11, "seq: expected 2, actual 1"},
    {"seq of a SYN-ACK is the script's own", "> S. 0:0(0) ack 1", "> S. 77:77(0) ack 1", 0,
     NULL},
    {"ack", "> P. 1:501(500) ack 1", "> P. 1:501(500) ack 2", 11, "ack: expected 2, actual 1"},
    {"ack of a SYN-ACK", "> S. 0:0(0) ack 1", "> S. 0:0(0) ack 2", 7,
     "ack: expected 2, actual 1"},
    {"ports", "> P. 1:501", "> 8080 > 40001 P. 1:501", 0, NULL},
    {"source port", "> P. 1:501", "> 8081 > 40001 P. 1:501", 11,
     "source port: expected 8081, actual 8080"},
    {"destination port", "> P. 1:501", "> 8080 > 40002 P. 1:501", 11,
     "destination port: expected 40002, actual 40001"},
    {"less payload", "> P. 1:501(500)", "> P. 1:500(499)", 11,
     "payload bytes: expected 499, actual 500"},
    {"more payload: its repeat is no second part", "> P. 1:501(500)", "> P. 1:502(501)", 11,
     "a part of the expected packet differs from the part before it in seq: 1, not 501"},
    {"window", "> P. 1:501(500) ack 1 win 65535", "> P. 1:501(500) ack 1 win 65534", 11,
     "win: expected 65534, actual 65535"},
    {"window left out", "> P. 1:501(500) ack 1 win 65535", "> P. 1:501(500) ack 1", 0, NULL},
    {"urgent pointer", "> P. 1:501(500) ack 1 win 65535",
     "> P. 1:501(500) ack 1 win 65535 urg 3", 11, "urgent pointer: expected 3, actual 0"},
    {"TOS", "> P. 1:501", "> [tos 0x10] P. 1:501", 11, "tos: expected 16, actual 0"},
    {"ECN", "> P. 1:501", "> [ect0] P. 1:501", 11, "ecn: expected 2, actual 0"},
    {"either ECN", "> P. 1:501", "> [ect01] P. 1:501", 11, "ecn: expected ect0 or ect1"},
    {"no ECN", "> P. 1:501", "> [noecn] P. 1:501", 0, NULL},
    {"MSS", "> S. 0:0(0) ack 1 win 65535 <mss 1460", "> S. 0:0(0) ack 1 win 65535 <mss 1461", 7,
     "option: expected mss 1461, actual mss 1460"},
    {"SACK permitted", "<mss 1460,sackOK,TS val 100 ecr 500>",
     "<mss 1460,nop,nop,TS val 100 ecr 500>", 7, "option: expected nop, actual sackOK"},
    {"order of options", "<mss 1460,sackOK,TS val 100 ecr 500>",
     "<sackOK,mss 1460,TS val 100 ecr 500>", 7, "option: expected sackOK, actual mss 1460"},
    {"one option too many", "<mss 1460,sackOK,TS val 100 ecr 500>",
     "<mss 1460,sackOK,TS val 100 ecr 500,nop,wscale 3>", 7,
     "option bytes: expected 20, actual 16; option: expected nop, actual none"},
    {"no options expected", "win 65535 <nop,nop,TS val 200 ecr 600>", "win 65535", 11,
     "option bytes: expected 0, actual 12; option: expected none, actual nop"},
    {"any options", "<nop,nop,TS val 200 ecr 600>", "<...>", 0, NULL},
    {"SACK block", "sack 101:201", "sack 101:202", 15,
     "option: expected sack 101:202, actual sack 101:201"},
    {"left edge of the SACK block", "sack 101:201", "sack 100:201", 15,
     "option: expected sack 100:201, actual sack 101:201"},
    {"echo of a timestamp nobody sent", "TS val 600 ecr 100", "TS val 600 ecr 101", 8,
     "ecr 101 echoes no timestamp that was sent before"},
    {"too early", "+1 > P.", "+1.2 > P.", 12, "time: expected 1.300000 s, actual 1.100000 s"},
    {"too late", "+1 > P.", "+.8 > P.", 12, "time: expected 0.900000 s, actual 1.100000 s"},
    {"within 12.5 %", "+1 > P.", "+1.14 > P.", 0, NULL},
    {"out of 12.5 %", "+1 > P.", "+1.15 > P.", 12,
     "time: expected 1.250000 s, actual 1.100000 s"},
    {"within a range", "+1 > P.", "+.5~+1.1 > P.", 0, NULL},
    {"out of a range", "+1 > P.", "+.3~+.8 > P.", 12,
     "time: expected 0.400000 to 0.900000 s, actual 1.100000 s"},
    {"absolute", "+1 > P.", "1.1 > P.", 0, NULL},
    {"absolute and wrong", "+1 > P.", "1.7 > P.", 12,
     "time: expected 1.700000 s, actual 1.100000 s"},
    {"any time", "+1 > P.", "* > P.", 0, NULL},
    {"a packet that never comes", READ_EVENT, "+0 > . 501:501(0) ack 1\n", 16,
     "no packet was sent within 2 s after its time"},
    {"one at any time that never comes", READ_EVENT, "* > . 501:501(0) ack 1\n", 16,
     "no packet was sent, and nothing is left to happen"},
    {"one that the script does not expect", REPEAT_AND_ACK,
     "+1.1 < . 1:1(0) ack 501 win 32792 <nop,nop,TS val 700 ecr 200>\n"
     "+0 < P. 101:201(100) ack 501 win 32792 <nop,nop,TS val 700 ecr 200>\n",
     14,
     "payload bytes: expected 0, actual 500; option bytes: expected 24, actual 12; PSH: "
     "expected 0, actual 1; "
     "seq: expected 501, actual 1; option: expected nop, actual none; time: expected 1.200000 "
     "s, actual 1.100000 s"},
};

static const struct row CALLS[] = {
    {"without a word a call that waits holds up all", READ_EVENT, "+0 read(4, ..., 1000) = 5\n",
     16, "read() blocks, and nothing that could happen lets it go on"},
    {"errno", READ_EVENT, NONBLOCK "+0 read(4, ..., 1000) = -1 EAGAIN\n", 0, NULL},
    {"wrong errno", READ_EVENT, NONBLOCK "+0 read(4, ..., 1000) = -1 EINTR\n", 17,
     "read() errno: expected EINTR, actual EAGAIN"},
    {"error expected", "write(4, ..., 500) = 500", "write(4, ..., 500) = -1 EPIPE", 10,
     "write() result: expected -1 EPIPE, actual 500"},
    {"result", "write(4, ..., 500) = 500", "write(4, ..., 500) = 499", 10,
     "write() result: expected 499, actual 500"},
    {"error instead of a result", READ_EVENT, NONBLOCK "+0 read(4, ..., 1000) = 1\n", 17,
     "read() result: expected 1, actual -1 EAGAIN"},
    {"a descriptor that is none", READ_EVENT, "+0 read(9, ..., 1000) = -1 EBADF\n", 0, NULL},
    {"close twice", READ_EVENT,
     "+0 close(3) = 0\n"
     "+0 close(3) = -1 EBADF\n",
     0, NULL},
    {"listen on a connection", READ_EVENT, "+0 listen(4, 1) = -1 EINVAL\n", 0, NULL},
    {"connect on a connection", READ_EVENT, "+0 connect(4, ..., ...) = -1 EISCONN\n", 0, NULL},
    {"bind a second time", READ_EVENT, "+0 bind(3, ..., ...) = -1 EINVAL\n", 0, NULL},
    {"shutdown with no direction", READ_EVENT, "+0 shutdown(4, 5) = -1 EINVAL\n", 0, NULL},
    {"read on a listener", READ_EVENT, "+0 read(3, ..., 10) = -1 ENOTCONN\n", 0, NULL},
    {"blocking read in time", READ_EVENT,
     "+0...0.2 read(4, ..., 1000) = 200\n"
     "+.2 < P. 1:101(100) ack 501 win 32792 <nop,nop,TS val 900 ecr 1200>\n",
     0, NULL},
    {"blocking read too late", READ_EVENT,
     "+0...0.1 read(4, ..., 1000) = 200\n"
     "+.2 < P. 1:101(100) ack 501 win 32792 <nop,nop,TS val 900 ecr 1200>\n",
     16, "read() return time: expected 1.300000 s, actual 1.400000 s, tolerance 0.012500 s"},
    {"blocking read too early", READ_EVENT,
     "+0...0.3 read(4, ..., 1000) = 200\n"
     "+.2 < P. 1:101(100) ack 501 win 32792 <nop,nop,TS val 900 ecr 1200>\n",
     16, "read() return time: expected 1.500000 s, actual 1.400000 s, tolerance 0.037500 s"},
    {"blocking read without end", READ_EVENT, "+0...0.3 read(4, ..., 1000) = 200\n", 16,
     "read() did not return: expected at 1.500000 s"},
    {"MSG_DONTWAIT", READ_EVENT, "+0 recv(4, ..., 1000, MSG_DONTWAIT) = -1 EAGAIN\n", 0, NULL},
    {"option value", READ_EVENT,
     "+0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0\n"
     "+0 getsockopt(4, SOL_TCP, TCP_NODELAY, [1], [4]) = 0\n",
     0, NULL},
    {"wrong option value", READ_EVENT, "+0 getsockopt(4, SOL_TCP, TCP_NODELAY, [1], [4]) = 0\n",
     16, "getsockopt() value: expected 1, actual 0"},
    {"option out of range", READ_EVENT,
     "+0 setsockopt(4, SOL_TCP, TCP_MAXSEG, [40000], 4) = -1 EINVAL\n", 0, NULL},
    {"segments are 12 bytes shorter for the timestamps", READ_EVENT,
     "+0 getsockopt(4, SOL_TCP, TCP_MAXSEG, [988], [4]) = 0\n", 16,
     "getsockopt() value: expected 988, actual 976"},
    {"the SACK block takes 12 more", READ_EVENT,
     "+0 getsockopt(4, SOL_TCP, TCP_MAXSEG, [976], [4]) = 0\n", 0, NULL},
    {"ioctl", READ_EVENT,
     "+0 write(4, ..., 30) = 30\n"
     "+0 ioctl(4, SIOCOUTQ, [30]) = 0\n",
     0, NULL},
    {"wrong ioctl", READ_EVENT, "+0 ioctl(4, SIOCINQ, [1]) = 0\n", 16,
     "ioctl() value: expected 1, actual 0"},
    {"poll", READ_EVENT,
     "+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 0) = 1\n", 0, NULL},
    {"wrong poll", READ_EVENT,
     "+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLIN}], 1, 0) = 1\n", 16,
     "poll() revents: expected 1, actual 4"},
    {"poll waits for its timeout", READ_EVENT,
     "+0...0.05 poll([{fd=4, events=POLLIN, revents=0}], 1, 50) = 0\n", 0, NULL},
    {"accept when nobody is there", READ_EVENT,
     "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
     "+0 accept(3, ..., ...) = -1 EAGAIN\n",
     0, NULL},
    {"flags of a descriptor", READ_EVENT, NONBLOCK "+0 fcntl(4, F_GETFL) = 0x802\n", 0, NULL},
    {"a bursts' parts are put together", READ_EVENT,
     "+0 write(4, ..., 1952) = 1952\n"
     "+0 > P. 501:2453(1952) ack 1 <...>\n",
     0, NULL},
    {"or not", READ_EVENT,
     "+0 write(4, ..., 1952) = 1952\n"
     "+0 > . 501:1477(976) ack 1 <...>\n"
     "+0 > P. 1477:2453(976) ack 1 <...>\n",
     0, NULL},
    {"recvmsg's vector", READ_EVENT,
     "+0 < P. 1:101(100) ack 501 win 32792 <nop,nop,TS val 900 ecr 1200>\n"
     "+0 recvmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 20}, {..., 30}], msg_flags=0}, 0) = "
     "50\n",
     0, NULL},
};

static const struct row LACKS[] = {
    {"GRE", READ_EVENT, "+0 < ipv4 1.2.3.4 > 5.6.7.8: gre: . 1:1(0) ack 1 win 9\n", 16,
     "packets in GRE, MPLS or IP"},
    {"a system call", READ_EVENT, "+0 sendfile(4, 5, [0], 10) = 10\n", 16,
     "system call sendfile()"},
    {"a socket option", READ_EVENT, "+0 setsockopt(4, SOL_TCP, TCP_REPAIR, [1], 4) = 0\n", 16,
     "setsockopt TCP_REPAIR"},
    {"a flag", READ_EVENT, "+0 send(4, ..., 10, MSG_ZEROCOPY) = 10\n", 16, "MSG_ZEROCOPY"},
    {"a sysctl", READ_EVENT, "+0 `sysctl -w net.ipv4.tcp_nonesuch=1`\n", 16,
     "sysctl net.ipv4.tcp_nonesuch"},
    {"a sysctl's value", READ_EVENT, "+0 `sysctl -w net.ipv4.tcp_ecn=3`\n", 16,
     "sysctl tcp_ecn=3"},
    {"a sysctl of FreeBSD", READ_EVENT, "+0 `sysctl -w net.inet.tcp.rexmit_drop_options=1`\n",
     16, "sysctl net.inet.tcp.rexmit_drop_options=1"},
    {"a command", READ_EVENT, "+0 `reboot now`\n", 16, "command 'reboot'"},
    {"a pipe", READ_EVENT, "+0 `ss | grep x`\n", 16, "a pipe in a command: ss | grep x"},
    {"a counter", READ_EVENT, "+0 `nstat | grep x`\n", 16, "nstat's x"},
    {"a short queue", READ_EVENT, "+0 `tc qdisc add dev tun0 root pfifo limit 9`\n", 16,
     "tc qdisc with limit"},
    {"another protocol", READ_EVENT, "+0 socket(..., SOCK_RAW, IPPROTO_ICMP) = 5\n", 16,
     "a socket that is neither TCP nor UDP"},
    {"a symbol", READ_EVENT, "+0 shutdown(4, SHUT_UP) = 0\n", 16, "'SHUT_UP' as a number"},
    {"a number of tcp_info", READ_EVENT, "+0 %{ assert tcpi_nonesuch == 1 }%\n", 16,
     "tcpi_nonesuch"},
};

static const struct row CODE[] = {
    {"true", READ_EVENT, "+0 %{ assert tcpi_state == TCP_ESTABLISHED, tcpi_state }%\n", 0,
     NULL},
    {"false", READ_EVENT, "+0 %{ assert tcpi_state == TCP_CLOSE, tcpi_state }%\n", 16,
     "code: AssertionError: 1"},
    {"a variable is kept", READ_EVENT,
     "+0 %{ x = tcpi_unacked }%\n"
     "+0 write(4, ..., 5) = 5\n"
     "+0 %{ assert (x, tcpi_unacked) == (0, 1) }%\n",
     0, NULL},
    {"what the connection knows", READ_EVENT,
     "+0 %{ assert (tcpi_rtt, tcpi_advmss, tcpi_snd_mss, tcpi_snd_wnd) == (100000, 1448, 976, "
     "32792) }%\n"
     "+0 %{ assert tcpi_options == TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK and tcpi_retransmits == "
     "0 }%\n",
     0, NULL},
    {"a mistake", READ_EVENT, "+0 %{ assert nonesuch }%\n", 16,
     "code: NameError: name 'nonesuch' is not defined"},
    {"a closed socket has no values", READ_EVENT,
     "+0 %{ assert tcpi_state == TCP_ESTABLISHED }%\n"
     "+0 close(4) = 0\n"
     "+0 %{ assert tcpi_state == TCP_ESTABLISHED }%\n",
     18, "no socket under test"},
    {"nor a new one those of the connection before it", READ_EVENT,
     "+0 %{ assert tcpi_rtt > 0 }%\n"
     "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 5\n"
     "+0 %{ assert tcpi_state == TCP_CLOSE and tcpi_rtt == 0 }%\n",
     0, NULL},
    {"printing does not matter", READ_EVENT,
     "+0 %{ print('7\tno'); assert False, 'two' + chr(10) + 'lines' }%\n", 16,
     "code: AssertionError: two\\nlines"},
    {"an end", READ_EVENT,
     "+0 %{ import sys; sys.exit(0) }%\n"
     "+0 %{ assert False }%\n",
     0, NULL},
    {"an end with a reason", READ_EVENT, "+0 %{ import sys; sys.exit(3) }%\n", 16,
     "code: SystemExit: 3"},
    {"there are ten seconds for it", READ_EVENT,
     "+0 %{ import signal; assert 5 < signal.alarm(0) <= 10 }%\n", 0, NULL},
    {"and then", READ_EVENT,
     "+0 %{ import signal, os; os.kill(os.getpid(), signal.SIGALRM) }%\n", 16,
     "code: the code does not end"},
    {"packets win over code", "+1 > P.",
     "+0 %{ assert 0 }%\n"
     "+1.2 > P.",
     13, "time: expected 1.300000 s, actual 1.100000 s"},
};

static void test_packets(void **state)
{
    check_rows(PASSIVE, &RFC, PACKETS, ARRAY_LEN(PACKETS), DRILL_FAIL);
}
static void test_calls(void **state)
{
    check_rows(PASSIVE, &RFC, CALLS, ARRAY_LEN(CALLS), DRILL_FAIL);
}
static void test_lacks(void **state)
{
    check_rows(PASSIVE, &RFC, LACKS, ARRAY_LEN(LACKS), DRILL_UNSUPPORTED);
}
static void test_code(void **state)
{
    check_rows(PASSIVE, &RFC, CODE, ARRAY_LEN(CODE), DRILL_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_lacks),
        cmocka_unit_test(test_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
