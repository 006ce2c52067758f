/* SPDX-License-Identifier: GPL-3.0-or-later
 * UDP sockets in scripts, and ICMP messages to sockets of both kinds: udp(7), ip(7), ipv6(7).
 */
#include "tests/drill/stories.h"

#define UDP       "0 socket(..., SOCK_DGRAM|SOCK_NONBLOCK, IPPROTO_UDP) = 3\n"
#define CONNECTED UDP "+0 connect(3, ..., ...) = 0\n"
#define SENT                                                                                   \
    CONNECTED                                                                                  \
    "+0 send(3, ..., 100, 0) = 100\n"                                                          \
    "+0 > udp (100)\n"
#define REFUSED "+.1 < icmp unreachable port_unreachable [udp(100)]\n"
#define RECVERR "+0 setsockopt(3, IPPROTO_IP, IP_RECVERR, [1], 4) = 0\n"
#define REPORT(n, error, origin, type, code, info)                                             \
    "+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_control=[{cmsg_len=" n      \
    ", cmsg_level=CMSG_LEVEL, cmsg_type=CMSG_TYPE, cmsg_data={ee_errno=" error                 \
    ", ee_origin=" origin ", ee_type=" type ", ee_code=" code ", ee_info=" info                \
    ", ee_data=0}}], msg_flags=MSG_ERRQUEUE}, MSG_ERRQUEUE) = 0\n"
#define IP4_NAMES "--define=CMSG_LEVEL=IPPROTO_IP\n--define=CMSG_TYPE=IP_RECVERR\n"
#define IP6_NAMES "--define=CMSG_LEVEL=IPPROTO_IPV6\n--define=CMSG_TYPE=IPV6_RECVERR\n"
/* A SYN of profile linux. */
#define CONNECTING                                                                             \
    SOCKET                                                                                     \
    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"                                            \
    "+0 connect(3, ..., ...) = -1 EINPROGRESS\n"                                               \
    "+0 > S 0:0(0) <...>\n"
#define OPEN                                                                                   \
    CONNECTING                                                                                 \
    "+.1 < S. 0:0(0) ack 1 win 65535 <mss 1460>\n"                                             \
    "+0 > . 1:1(0) ack 1\n"
#define WHOLE "+0 setsockopt(3, SOL_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_DO], 4) = 0\n"

static const struct story DATAGRAMS[] = {
    {"out and in", "linux", NULL,
     SENT "+0 write(3, ..., 0) = 0\n"
          "+0 > udp (0)\n"
          "+.1 < udp (7)\n"
          "+.1 < udp (9)\n"
          "+0 ioctl(3, SIOCINQ, [7]) = 0\n"
          "+0 recv(3, ..., 100, MSG_PEEK) = 7\n"
          "+0 read(3, ..., 100) = 7\n"
          "+0 recvfrom(3, ..., 4, 0, ..., ...) = 4\n"
          "+0 read(3, ..., 100) = -1 EAGAIN\n"},
    {"of another length", "linux", NULL, CONNECTED "+0 write(3, ..., 5) = 5\n+0 > udp (6)\n", 4,
     "payload bytes: expected 6, actual 5", DRILL_FAIL},
    {"at another time", "linux", NULL, CONNECTED "+0 write(3, ..., 5) = 5\n+.1 > udp (5)\n", 4,
     "time: expected 0.100000 s, actual 0.000000 s", DRILL_FAIL},
    {"two are not put together", "linux", NULL,
     CONNECTED "+0 write(3, ..., 5) = 5\n+0 write(3, ..., 5) = 5\n+0 > udp (10)\n", 5,
     "payload bytes: expected 10, actual 5", DRILL_FAIL},
    {"with ports", "linux", NULL,
     UDP "+0 bind(3, ..., ...) = 0\n"
         "+0 connect(3, {sa_family=AF_INET, sin_port=htons(53), "
         "sin_addr=inet_addr(\"192.0.2.1\")}, 16) = 0\n"
         "+0 write(3, ..., 5) = 5\n"
         "+0 > udp 8080 > 53 (5)\n"},
    {"only the peer of a connected socket", "linux", NULL,
     CONNECTED "+0 < udp 54 > 0 (5)\n"
               "+0 read(3, ..., 100) = -1 EAGAIN\n"},
    {"anybody, where there is no peer", "linux", NULL,
     UDP "+0 bind(3, ..., ...) = 0\n"
         "+0 < udp 54 > 0 (5)\n"
         "+0 read(3, ..., 100) = 5\n"},
    {"a blocking read", "linux", NULL,
     "0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n"
     "+0 bind(3, ..., ...) = 0\n"
     "+0...0.1 read(3, ..., 100) = 5\n"
     "+.1 < udp (5)\n"},
    {"sendto names a peer for once", "linux", NULL,
     UDP "+0 write(3, ..., 5) = -1 EDESTADDRREQ\n"
         "+0 sendto(3, ..., 5, 0, ..., ...) = 5\n"
         "+0 > udp (5)\n"
         "+0 write(3, ..., 5) = -1 EDESTADDRREQ\n"},
    {"a peer is taken back", "linux", NULL,
     CONNECTED "+0 connect(3, AF_UNSPEC, ...) = 0\n"
               "+0 write(3, ..., 5) = -1 EDESTADDRREQ\n"},
    {"calls of TCP", "linux", NULL,
     UDP "+0 listen(3, 5) = -1 EOPNOTSUPP\n"
         "+0 accept(3, ..., ...) = -1 EOPNOTSUPP\n"
         "+0 shutdown(3, SHUT_WR) = -1 ENOTCONN\n"
         "+0 getsockopt(3, SOL_SOCKET, SO_TYPE, [SOCK_DGRAM], [4]) = 0\n"
         "+0 close(3) = 0\n"
         "+0 close(3) = -1 EBADF\n"},
    {"a write after shutdown", "linux", NULL,
     CONNECTED "+0 shutdown(3, SHUT_WR) = 0\n"
               "+0 write(3, ..., 5) = -1 EPIPE\n"},
    {"a port is taken, and free after close", "linux", NULL,
     UDP "+0 bind(3, ..., ...) = 0\n"
         "+0 bind(3, ..., ...) = -1 EINVAL\n"
         "+0 socket(..., SOCK_DGRAM, 0) = 4\n"
         "+0 bind(4, ..., ...) = -1 EADDRINUSE\n"
         "+0 close(3) = 0\n"
         "+0 bind(4, ..., ...) = 0\n"},
    {"what is cut says so", "linux", NULL,
     CONNECTED "+.1 < udp (7)\n"
               "+.1 < udp (7)\n"
               "+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 3}], msg_flags=MSG_TRUNC}, "
               "0) = 3\n"
               "+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 3}], msg_flags=MSG_TRUNC}, "
               "MSG_TRUNC) = 7\n"},
    {"TCP where UDP leaves", "linux", NULL, CONNECTED "+0 > S 0:0(0)\n", 3,
     "the socket under test is one of UDP", DRILL_FAIL},
    {"UDP where TCP leaves", "linux", NULL, SOCKET "+0 > udp (5)\n", 2,
     "the socket under test is one of TCP", DRILL_FAIL},
    {"UDP to a socket of TCP", "linux", NULL, SOCKET "+0 < udp (5)\n", 2,
     "there is no UDP socket that this datagram could be for", DRILL_FAIL},
    {"no fragments", "linux", NULL, CONNECTED "+0 write(3, ..., 1473) = 1473\n", 3,
     "fragments of IP", DRILL_UNSUPPORTED},
};

static const struct story ERRORS[] = {
    {"the next call tells it, and it alone", "linux", NULL,
     SENT REFUSED "+0 poll([{fd=3, events=POLLIN, revents=POLLERR}], 1, 0) = 1\n"
                  "+0 write(3, ..., 5) = -1 ECONNREFUSED\n"
                  "+0 write(3, ..., 5) = 5\n"
                  "+0 > udp (5)\n"},
    {"so does SO_ERROR", "linux", NULL,
     SENT REFUSED "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0\n"
                  "+0 read(3, ..., 5) = -1 EAGAIN\n"},
    {"before what came", "linux", NULL,
     SENT "+.1 < udp (7)\n" REFUSED "+0 read(3, ..., 9) = -1 ECONNREFUSED\n"
          "+0 read(3, ..., 9) = 7\n"},
    {"a soft one is not told", "linux", NULL,
     SENT "+.1 < icmp unreachable host_unreachable [udp(100)]\n"
          "+0 write(3, ..., 5) = 5\n"},
    {"but to who asks", "linux", NULL,
     SENT RECVERR "+.1 < icmp unreachable host_unreachable [udp(100)]\n"
                  "+0 write(3, ..., 5) = -1 EHOSTUNREACH\n"},
    {"nor any without a peer", "linux", NULL,
     UDP "+0 sendto(3, ..., 100, 0, ..., ...) = 100\n+0 > udp (100)\n" REFUSED
         "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n"},
    {"but to who asks, with all that is known", "linux", NULL,
     IP4_NAMES UDP RECVERR
     "+0 sendto(3, ..., 100, 0, ..., ...) = 100\n+0 > udp (100)\n" REFUSED REPORT(
         "48", "ECONNREFUSED", "SO_EE_ORIGIN_ICMP", "3", "3",
         "0") "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n"
              "+0 recv(3, ..., 5, MSG_ERRQUEUE) = -1 EAGAIN\n"},
    {"another code", "linux", NULL,
     IP4_NAMES SENT RECVERR REFUSED REPORT("48", "ECONNREFUSED", "SO_EE_ORIGIN_ICMP", "3", "1",
                                           "0"),
     9, "recvmsg() ee_code: expected 1, actual 3", DRILL_FAIL},
    {"the second becomes the pending error when the first is read", "linux", NULL,
     SENT RECVERR "+0 < icmp time_exceeded [udp(100)]\n"
                  "+0 < icmp unreachable protocol_unreachable [udp(100)]\n"
                  "+0 recv(3, ..., 5, MSG_ERRQUEUE) = 0\n"
                  "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ENOPROTOOPT], [4]) = 0\n"},
    {"IPv6 has numbers of its own", "linux", "ip_version=ipv6",
     IP6_NAMES SENT "+0 setsockopt(3, IPPROTO_IPV6, IPV6_RECVERR, [1], 4) = 0\n" REFUSED REPORT(
         "60", "ECONNREFUSED", "SO_EE_ORIGIN_ICMP6", "1", "4", "0")},
    {"the path's MTU", "linux", NULL,
     IP4_NAMES SENT WHOLE RECVERR
     "+0 getsockopt(3, SOL_IP, IP_MTU, [1500], [4]) = 0\n"
     "+0 write(3, ..., 1472) = 1472\n"
     "+0 > udp (1472)\n"
     "+.1 < icmp unreachable frag_needed mtu 1300 [udp(1472)]\n" REPORT(
         "48", "EMSGSIZE", "SO_EE_ORIGIN_ICMP", "3", "4",
         "1300") "+0 getsockopt(3, SOL_IP, IP_MTU, [1300], [4]) = 0\n"
                 "+0 write(3, ..., 1273) = -1 EMSGSIZE\n" REPORT(
                     "48", "EMSGSIZE", "SO_EE_ORIGIN_LOCAL", "0", "0",
                     "1300") "+0 write(3, ..., 1272) = 1272\n"
                             "+0 > udp (1272)\n"},
    {"no less than Linux's least", "linux", NULL,
     SENT WHOLE "+.1 < icmp unreachable frag_needed mtu 500 [udp(1472)]\n"
                "+0 write(3, ..., 5) = -1 EMSGSIZE\n"
                "+0 getsockopt(3, SOL_IP, IP_MTU, [552], [4]) = 0\n"},
    {"about another port", "linux", NULL,
     SENT "+0 socket(..., SOCK_DGRAM|SOCK_NONBLOCK, 0) = 4\n"
          "+0 connect(4, ..., ...) = 0\n" REFUSED
          "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n"
          "+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0\n"},
};

/* What TCP makes of a message is models/tcp/icmp.h's matter; here it is that the message gets
 * there, with the script's numbers. */
static const struct story TO_TCP[] = {
    {"about a SYN", "linux", NULL,
     CONNECTING "+.1 < icmp unreachable host_unreachable [0:0(0)]\n"
                "+0 connect(3, ..., ...) = -1 EHOSTUNREACH\n"},
    {"by number", "linux", NULL,
     CONNECTING "+.1 < icmp type_3 code_1 [0:0(0)]\n"
                "+0 connect(3, ..., ...) = -1 EHOSTUNREACH\n"},
    {"without a quote", "linux", NULL,
     CONNECTING "+.1 < icmp unreachable port_unreachable\n"
                "+0 connect(3, ..., ...) = -1 ECONNREFUSED\n"},
    {"about what was not sent", "linux", NULL,
     CONNECTING "+.1 < icmp unreachable host_unreachable [1:1(0)]\n"
                "+0 connect(3, ..., ...) = -1 EALREADY\n"},
    {"about nothing that TCP sent", "linux", NULL,
     CONNECTING "+.1 < icmp unreachable host_unreachable [raw(64)]\n"
                "+0 connect(3, ..., ...) = -1 EALREADY\n"},
    {"what is no error", "linux", NULL,
     CONNECTING "+.1 < icmp redirect [0:0(0)]\n"
                "+0 < icmp echo_request id 5 [raw(64)]\n"
                "+0 < icmp type_77 code_0 [0:0(0)]\n"
                "+0 connect(3, ..., ...) = -1 EALREADY\n"},
    {"IPv6: no route", "linux", "ip_version=ipv6",
     CONNECTING "+.1 < icmp unreachable no_route [0:0(0)]\n"
                "+0 connect(3, ..., ...) = -1 ENETUNREACH\n"},
    {"too large", "linux", NULL,
     OPEN "+0 write(3, ..., 1460) = 1460\n"
          "+0 > P. 1:1461(1460) ack 1\n"
          "+.01 < icmp unreachable frag_needed mtu 1000 [1:1461(1460)]\n"
          "+0 > . 1:961(960) ack 1\n"
          "+0 > P. 961:1461(500) ack 1\n"},
    {"and the path is remembered, until it is flushed", "linux", NULL,
     OPEN "+0 getsockopt(3, SOL_IP, IP_MTU, [1500], [4]) = 0\n"
          "+0 write(3, ..., 1460) = 1460\n"
          "+0 > P. 1:1461(1460) ack 1\n"
          "+.01 < icmp unreachable frag_needed mtu 1000 [1:1461(1460)]\n"
          "+0 getsockopt(3, SOL_IP, IP_MTU, [1000], [4]) = 0\n"
          "+0 `ip route flush cache`\n"
          "+0 getsockopt(3, SOL_IP, IP_MTU, [1500], [4]) = 0\n"},
    {"no path without a connection", "linux", NULL,
     SOCKET "+0 getsockopt(3, SOL_IP, IP_MTU, [1500], [4]) = -1 ENOTCONN\n"},
    {"no such type", "linux", NULL, CONNECTING "+.1 < icmp unreachably [0:0(0)]\n", 5,
     "ICMP has no message 'unreachably'", DRILL_FAIL},
    {"no such code", "linux", NULL, CONNECTING "+.1 < icmp unreachable no_route [0:0(0)]\n", 5,
     "ICMP has no message 'unreachable no_route'", DRILL_FAIL},
    {"a number beyond a byte", "linux", NULL, CONNECTING "+.1 < icmp type_256 [0:0(0)]\n", 5,
     "ICMP has no message 'type_256'", DRILL_FAIL},
    {"an MTU where there is none", "linux", NULL,
     CONNECTING "+.1 < icmp unreachable host_unreachable mtu 500 [0:0(0)]\n", 5,
     "an MTU stands only in unreachable frag_needed", DRILL_FAIL},
    {"nobody's", "linux", NULL, "0 < icmp unreachable host_unreachable [0:0(0)]\n", 1,
     "there is no socket that this message could be about", DRILL_FAIL},
    {"no ICMP is sent", "linux", NULL,
     CONNECTING "+0 > icmp unreachable port_unreachable [0:0(0)]\n", 5, "sent ICMP messages",
     DRILL_UNSUPPORTED},
};

static void datagrams(void **state)
{
    check_stories(DATAGRAMS, ARRAY_LEN(DATAGRAMS));
}
static void errors(void **state)
{
    check_stories(ERRORS, ARRAY_LEN(ERRORS));
}
static void to_tcp(void **state)
{
    check_stories(TO_TCP, ARRAY_LEN(TO_TCP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams),
        cmocka_unit_test(errors),
        cmocka_unit_test(to_tcp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
