/* SPDX-License-Identifier: GPL-3.0-or-later
 * What is set around a script: settings of the command line and of the script, commands, the
 * relaxations of --relax.
 */
#include "tests/drill/stories.h"

static const struct story STORIES[] = {
    /* ---- settings */
    {"MTU", "rfc9293", "mtu=1200",
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0...2 connect(3, ..., ...) = 0\n"
     "+0 > S 0:0(0) <mss 1160>\n"
     "+2 < S. 0:0(0) ack 1 win 9\n"},
    {"the command line is stronger than the script", "rfc9293", "tolerance_usecs=300000",
     "--tolerance_usecs=4000\n" ACTIVE "+1.25 > S 0:0(0) <mss 1460>\n"},
    {"the script alone", "rfc9293", NULL,
     "--tolerance_usecs=4000\n" ACTIVE "+1.25 > S 0:0(0) <mss 1460>\n", 6,
     "time: expected 1.250000 s, actual 1.000000 s", DRILL_FAIL},
    {"tolerance in percent", "rfc9293", "tolerance_percent=20",
     ACTIVE "+1.25 > S 0:0(0) <mss 1460>\n"},
    {"IPv6 has 20 bytes more of header", "rfc9293", "ip_version=ipv6",
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0...2 connect(3, ..., ...) = 0\n"
     "+0 > S 0:0(0) <mss 1440>\n"
     "+2 < S. 0:0(0) ack 1 win 9\n"},
    {"a port", "rfc9293", "connect_port=99",
     ACTIVE "+0 < 99 > 0 S. 0:0(0) ack 1 win 9\n"
            "+0 > . 1:1(0) ack 1\n"},
    {"a setting that is none", "rfc9293", NULL, "--tolerence_usecs=5\n" ACTIVE, 1,
     "there is no setting --tolerence_usecs", DRILL_BROKEN},
    {"a value that is none", "rfc9293", NULL, "--mtu=much\n" ACTIVE, 1,
     "--mtu does not take 'much'", DRILL_BROKEN},
    {"a setting without a model", "rfc9293", NULL, "--so_flags=1\n" ACTIVE, 0, "--so_flags",
     DRILL_UNSUPPORTED},
    {"parts are not put together under --strict_segments", "rfc9293", "strict_segments",
     OPENED "+0 < . 1:1(0) ack 1 win 9000\n"
            "+0 write(3, ..., 2920) = 2920\n"
            "+0 > P. 1:2921(2920) ack 1\n",
     9, "payload bytes: expected 2920, actual 1460; PSH: expected 1, actual 0", DRILL_FAIL},
    {"parts are put together", "rfc9293", NULL,
     OPENED "+0 < . 1:1(0) ack 1 win 9000\n"
            "+0 write(3, ..., 2920) = 2920\n"
            "+0 > P. 1:2921(2920) ack 1\n"},
    {"a timestamp's tick", "rfc9293", "tcp_ts_tick_usecs=1000",
     "0 `sysctl -w net.ipv4.tcp_timestamps=1`\n" LISTENING
     "+0 < S 0:0(0) win 1000 <mss 1460,nop,nop,TS val 1 ecr 0>\n"
     "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 1>\n"
     "+1 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 1100 ecr 1>\n"},
    {"another tick", "rfc9293", "tcp_ts_tick_usecs=1000",
     "0 `sysctl -w net.ipv4.tcp_timestamps=1`\n" LISTENING
     "+0 < S 0:0(0) win 1000 <mss 1460,nop,nop,TS val 1 ecr 0>\n"
     "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 1>\n"
     "+1 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 1300 ecr 1>\n",
     7, "option: expected TS val 1300 ecr 1, actual TS val 1100 ecr 1", DRILL_FAIL},
    {"a timestamp that does not count", "rfc9293", "tcp_ts_tick_usecs=1000",
     "0 `sysctl -w net.ipv4.tcp_timestamps=1`\n" LISTENING
     "+0 < S 0:0(0) win 1000 <mss 1460,nop,nop,TS val 1 ecr 0>\n"
     "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 1>\n"
     "+1 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val ... ecr 1>\n"},
    {"an echo in relation to the first timestamp", "rfc9293", "tcp_ts_ecr_scaled",
     "0 `sysctl -w net.ipv4.tcp_timestamps=1`\n" LISTENING
     "+0 < S 0:0(0) win 1000 <mss 1460,nop,nop,TS val 1 ecr 0>\n"
     "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 1>\n"
     "+.2 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 2 ecr 150>\n"
     "+0 accept(3, ..., ...) = 4\n"},

    /* ---- commands */
    {"a sysctl is a parameter", "rfc9293", NULL, "0 `sysctl -w net.ipv4.tcp_sack=1`\n" ACTIVE,
     5, "option bytes: expected 4, actual 8; option: expected none, actual nop", DRILL_FAIL},
    {"a path below /proc too, and lines go on", "rfc9293", NULL,
     "`../common/set_sysctls.py /proc/sys/net/ipv4/tcp_window_scaling=1\\\n "
     "/proc/sys/net/ipv4/tcp_rmem=\"4096 65536 262144\"`\n"
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0...2 connect(3, ..., ...) = 0\n"
     "+0 > S 0:0(0) win 32768 <mss 1460,nop,wscale 3>\n"
     "+2 < S. 0:0(0) ack 1 win 9\n"},
    {"the baseline", "linux", NULL,
     "`../common/defaults.sh`\n"
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0...2 connect(3, ..., ...) = 0\n"
     "+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8>\n"
     "+1 > S 0:0(0) <...>\n"
     "+1 < S. 0:0(0) ack 1 win 9\n"},
    {"commands that change nothing", "rfc9293", NULL,
     "0 `ethtool -K tun0 tso off gso off; ip tcp_metrics flush all > /dev/null 2>&1`\n"
     "+0 `/tmp/sysctl_restore_${PPID}.sh`\n" ACTIVE},
    {"sleep takes its time", "rfc9293", NULL,
     ACTIVE "+0 `sleep 0.5`\n"
            "+.5 > S 0:0(0) <mss 1460>\n"},
    {"nor can anybody sleep for ever", "rfc9293", NULL, ACTIVE "+0 `sleep inf`\n", 5,
     "sleep inf", DRILL_UNSUPPORTED},
    {"not before the clock starts", "rfc9293", NULL,
     "`sleep 0.5`\n" ACTIVE "1 > S 0:0(0) <mss 1460>\n"},
    {"connections in a state", "bsd", NULL,
     LISTENING "+0 < S 0:0(0) win 1000 <mss 1460>\n"
               "+0 `sockstat -4 -P tcp -p 8080 -s | grep -c SYN_RCVD | grep 1`\n"
               "+0 `sockstat -6 -P tcp -p 8080 -s | grep -c SYN_RCVD | grep 0`\n"
               "+0 `sockstat -4 -P tcp -p 8080 -s | grep -c SYN_RCVD | grep 0`\n",
     7, "connections in SYN_RCVD: expected 0, actual 1", DRILL_FAIL},

    /* ---- relaxations */
    {"windows, options of SYNs and the receive buffer do not count", "relax", NULL,
     "0 `sysctl -w net.inet.tcp.insecure_rst=1`\n" LISTENING
     "+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [1], [4]) = 0\n"
     "+0 < S 0:0(0) win 1000 <mss 1460>\n"
     "+0 > S. 0:0(0) ack 1 win 77 <sackOK,eol,eol>\n"
     "+0 < . 1:1(0) ack 1 win 1000\n"
     "+0 accept(3, ..., ...) = 4\n"
     "+0 write(4, ..., 5) = 5\n"
     "+0 > P. 1:6(5) ack 1 win 77 <nop,nop,TS val 1 ecr 2>\n"},
    {"acknowledgments do", "relax", NULL,
     LISTENING "+0 < S 0:0(0) win 1000 <mss 1460>\n"
               "+0 > S. 0:0(0) ack 2 win 77 <sackOK,eol,eol>\n",
     5, "ack: expected 2, actual 1", DRILL_FAIL},
    {"SACK blocks do", "relax", NULL,
     LISTENING "+0 < S 0:0(0) win 1000 <mss 1460,sackOK,eol,eol>\n"
               "+0 > S. 0:0(0) ack 1 <...>\n"
               "+0 < . 11:21(10) ack 1 win 1000\n"
               "+0 > . 1:1(0) ack 1 <nop,nop,sack 11:22>\n",
     7, "option: expected sack 11:22, actual sack 11:21", DRILL_FAIL},
    {"their padding does when there is no timestamp", "relax", NULL,
     LISTENING "+0 < S 0:0(0) win 1000 <mss 1460,sackOK,eol,eol>\n"
               "+0 > S. 0:0(0) ack 1 <...>\n"
               "+0 < . 11:21(10) ack 1 win 1000\n"
               "+0 > . 1:1(0) ack 1 <sack 11:21,nop,nop>\n",
     7, "option: expected sack 11:21, actual nop", DRILL_FAIL},
    {"another socket option does", "relax", NULL,
     LISTENING "+0 getsockopt(3, SOL_SOCKET, SO_SNDBUF, [1], [4]) = 0\n", 4,
     "getsockopt() value: expected 1, actual 131072", DRILL_FAIL},
    {"without it the receive buffer counts", "bsd", NULL,
     LISTENING "+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [1], [4]) = 0\n", 4,
     "getsockopt() value: expected 1, actual 65536", DRILL_FAIL},
    {"Linux doubles", "linux", NULL,
     LISTENING "+0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [5000], 4) = 0\n"
               "+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [10000], [4]) = 0\n"},
};

static void stories(void **state)
{
    check_stories(STORIES, ARRAY_LEN(STORIES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stories)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
