/* SPDX-License-Identifier: GPL-3.0-or-later
 * Commands in backticks and sysctls: what is taken changes the endpoint, what is passed over
 * changes nothing, and all else is said to be unsupported.
 */
#include "tests/check.h"

#include <stdio.h>

#include "drill/run.h"

struct row {
    const char *story, *script;
    int line;         /* of the verdict */
    const char *text; /* of what is unsupported, NULL: passes */
};

static void check_script(const struct row *row, const char *profile, const char *script)
{
    const struct drill_options o = {.profile = profile};
    struct err e = {0};
    struct drill_verdict v;
    struct drill_script *s =
        drill_script_parse("test.pkt", script, strlen(script), NULL, 0, &e);
    if (s == NULL) {
        print_error("%s: line %d: %s\n", row->story, e.line, e.text);
        fail();
    }
    drill_run(s, "test.pkt", &o, &v);
    check_str(row->story, v.text, row->text != NULL ? row->text : "");
    check_eq(row->story, v.outcome, row->text != NULL ? DRILL_UNSUPPORTED : DRILL_PASS);
    check_eq(row->story, v.line, row->line);
    drill_verdict_free(&v);
    drill_script_free(s);
}

#define ACTIVE                                                                                 \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                            \
    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"                                            \
    "+0 connect(3, ..., ...) = -1 EINPROGRESS\n"

/* Profile rfc9293: a SYN carries nothing but the MSS. */
static const struct row COMMANDS[] = {
    {"output into /proc/sys is a sysctl", "`echo 1 > /proc/sys/net/ipv4/tcp_sack`\n" ACTIVE
                                          "+0 > S 0:0(0) <mss 1460,nop,nop,sackOK>\n"},
    {"without a blank, of more words, and with a sysctl before it",
     "`sysctl -qw net.ipv4.tcp_window_scaling=1; echo 4096 65536 262144 "
     ">/proc/sys/net/ipv4/tcp_rmem`\n" ACTIVE
     "+0 > S 0:0(0) win 32768 <mss 1460,nop,wscale 3>\n"},
    {"comments",
     "`# one; two | three\nsysctl -q net.ipv4.tcp_sack=1   # it's on; echo 0 > /tmp/x\n"
     "nstat '#' # the end`\n" ACTIVE "+0 > S 0:0(0) <mss 1460,nop,nop,sackOK>\n"},
    {"output into a file", "0 `echo 1 > /tmp/x`\n", 1, "output of echo to /tmp/x"},
    {"without a blank", "0 `echo 1 >>/tmp/x`\n", 1, "output of echo to /tmp/x"},
    {"another command's into /proc/sys", "0 `nstat > /proc/sys/net/ipv4/tcp_sack`\n", 1,
     "output of nstat to /proc/sys/net/ipv4/tcp_sack"},
    {"output thrown away", "0 `nstat > /dev/null 2>&1; nstat >/dev/null; nstat 2> x`\n"},
    {"a question", "0 `sysctl net.ipv4.tcp_sack`\n", 1, "reading sysctl net.ipv4.tcp_sack"},
    {"all questions", "0 `sysctl -a`\n", 1, "sysctl -a"},
    {"nothing asked", "0 `sysctl -w`\n", 1, "sysctl without an assignment"},
    {"metrics", "0 `ip tcp_metrics flush all > /dev/null 2>&1`\n"},
    {"a link goes down", "0 `ip link set tun0 down`\n", 1,
     "ip other than tcp_metrics flush, route flush cache and link set dev DEVICE mtu N"},
    {"plain queues",
     "0 `tc qdisc add dev tun0 root pfifo; tc qdisc replace dev tun0 root fq`\n"
     "+0 `tc qdisc add dev tun0 root pfifo_fast && tc qdisc del dev tun0 root`\n"},
    {"a queue with delay", "0 `tc qdisc add dev tun0 root netem delay 10ms`\n", 1,
     "tc qdisc with netem"},
    {"a queue with a pace", "0 `tc qdisc add dev tun0 root fq maxrate 1mbit`\n", 1,
     "tc qdisc with maxrate"},
    {"no queue", "0 `tc filter add dev tun0 u32`\n", 1, "tc other than a qdisc at the root"},
    {"speed of the device", "0 `ethtool -s tun0 speed 10`\n", 1,
     "ethtool other than -K DEVICE FEATURE on|off"},
    {"tcpdrop at the end",
     ACTIVE "+0 > S 0:0(0) <...>\n+0 `tcpdrop -s SYN_SENT`\n+0 close(3) = 0\n"
            "+0 `sysctl -w net.inet.tcp.drop_synfin=0`\n"},
    {"tcpdrop before a packet", ACTIVE "+0 `tcpdrop -s SYN_SENT`\n+0 > S 0:0(0) <...>\n", 4,
     "tcpdrop before the end of the script"},
    {"the first command's line", "\n`reboot`\n" ACTIVE, 2, "command 'reboot'"},
    {"the last command's line", ACTIVE "\n`reboot`\n", 5, "command 'reboot'"},
    {"a define stands in the head", "--define=SIZE=1460\n" ACTIVE "+0 > S 0:0(0) <mss SIZE>\n"},
};

/* What parameters of the endpoint may be. */
static const struct row VALUES[] = {
    {"a switch has two positions", "0 `sysctl -w net.ipv4.tcp_sack=2`\n", 1,
     "sysctl tcp_sack=2"},
    {"of FreeBSD too", "0 `sysctl -w net.inet.tcp.insecure_rst=-1`\n", 1,
     "sysctl net.inet.tcp.insecure_rst=-1"},
    {"and two at once", "0 `sysctl -w net.inet.tcp.rfc1323=3`\n", 1,
     "sysctl net.inet.tcp.rfc1323=3"},
    {"the most repeats", "0 `sysctl -w net.ipv4.tcp_syn_retries=127`\n"},
    {"one more", "0 `sysctl -w net.ipv4.tcp_syn_retries=128`\n", 1,
     "sysctl tcp_syn_retries=128"},
    {"no time at all", "0 `sysctl -w net.ipv4.tcp_rto_max_ms=0`\n", 1,
     "sysctl tcp_rto_max_ms=0"},
    {"so many ns that 64 bits hold 1.4 ms of them",
     "0 `sysctl -w net.ipv4.tcp_rto_max_ms=18446744073711`\n", 1,
     "sysctl tcp_rto_max_ms=18446744073711"},
    {"a limit beyond the largest window", "0 `sysctl -w kern.ipc.maxsockbuf=4294967295`\n"},
    {"one beyond 64 bits", "0 `sysctl -w kern.ipc.maxsockbuf=99999999999999999999`\n", 1,
     "sysctl kern.ipc.maxsockbuf=99999999999999999999"},
    {"a receive buffer of 2 GiB", "0 `sysctl -w net.ipv4.tcp_rmem=\"1 2 2147483648\"`\n", 1,
     "sysctl tcp_rmem=1 2 2147483648"},
    {"SYNs alone into a black hole", "0 `sysctl -w net.inet.tcp.blackhole=1`\n", 1,
     "sysctl net.inet.tcp.blackhole=1"},
    {"bursts of 65", "0 `sysctl -w net.ipv4.tcp_min_tso_segs=65`\n", 1,
     "sysctl tcp_min_tso_segs=65"},
};

/* Profile linux. A peer with an MSS of 100: ten segments are the first window, and after their
 * ACK twenty. */
#define TO_LINUX                                                                               \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                            \
    "+0 bind(3, ..., ...) = 0\n"                                                               \
    "+0 listen(3, 1) = 0\n"                                                                    \
    "+0 < S 0:0(0) win 9000 <mss 100>\n"                                                       \
    "+0 > S. 0:0(0) ack 1 <mss 1460>\n"                                                        \
    "+.1 < . 1:1(0) ack 1 win 9000\n"                                                          \
    "+0 accept(3, ..., ...) = 4\n"
#define TEN_SEGMENTS                                                                           \
    "+0 write(4, ..., 1000) = 1000\n"                                                          \
    "+0 > P. 1:1001(1000) ack 1\n"                                                             \
    "+.1 < . 1:1(0) ack 1001 win 9000\n"                                                       \
    "+2 write(4, ..., 2000) = 2000\n"

static const struct row LINUX[] = {
    {"after a silence the first window again",
     TO_LINUX TEN_SEGMENTS "+0 > P. 1001:2001(1000) ack 1\n"
                           "+.1 < . 1:1(0) ack 2001 win 9000\n"
                           "+0 > P. 2001:3001(1000) ack 1\n"},
    {"unless that is off",
     "`sysctl -w net.ipv4.tcp_slow_start_after_idle=0`\n" TO_LINUX TEN_SEGMENTS
     "+0 > P. 1001:3001(2000) ack 1\n"},
    {"as in the baseline",
     "`../common/defaults.sh`\n" TO_LINUX TEN_SEGMENTS "+0 > P. 1001:3001(2000) ack 1\n"},
    {"bursts of two segments, each pushed", TO_LINUX "+0 write(4, ..., 300) = 300\n"
                                                     "+0 > P. 1:201(200) ack 1\n"
                                                     "+0 > P. 201:301(100) ack 1\n"},
    {"of three",
     "`sysctl -w net.ipv4.tcp_min_tso_segs=3`\n" TO_LINUX "+0 write(4, ..., 500) = 500\n"
     "+0 > . 1:201(200) ack 1\n"
     "+0 > P. 201:301(100) ack 1\n"
     "+0 > P. 301:501(200) ack 1\n"},
    {"whatever the device can do",
     "`ethtool -K tun0 tso off gso off`\n" TO_LINUX "+0 write(4, ..., 300) = 300\n"
     "+0 > P. 1:201(200) ack 1\n"
     "+0 > P. 201:301(100) ack 1\n"},
};

static void check_rows(const char *profile, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_script(&rows[i], profile, rows[i].script);
}

static void test_commands(void **state)
{
    check_rows("rfc9293", COMMANDS, ARRAY_LEN(COMMANDS));
    check_rows("rfc9293", VALUES, ARRAY_LEN(VALUES));
    check_rows("linux", LINUX, ARRAY_LEN(LINUX));
}

/* Nothing is cut off in silence. */
static void test_length(void **state)
{
    static const struct row FITS = {"as long as can be", NULL},
                            WORDS = {"a word more", NULL, 1, "a command of more than 64 words"},
                            BYTES = {"a byte more", NULL, 1,
                                     "commands of more than 4095 bytes"};
    char words[200] = "0 `:", script[5000];
    for (int i = 1; i < 64; i++)
        strcat(words, " x");
    snprintf(script, sizeof script, "%s`\n", words);
    check_script(&FITS, "rfc9293", script);
    snprintf(script, sizeof script, "%s x`\n", words);
    check_script(&WORDS, "rfc9293", script);
    snprintf(script, sizeof script, "0 `%-4095s`\n", ":");
    check_script(&FITS, "rfc9293", script);
    snprintf(script, sizeof script, "0 `%-4096s`\n", ":");
    check_script(&BYTES, "rfc9293", script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
