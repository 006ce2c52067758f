/* SPDX-License-Identifier: GPL-3.0-or-later
 * Calls of sockets in scripts: active opens, closes, blocking calls, several connections, what
 * arguments and options give.
 */
#include "tests/drill/stories.h"

static const struct story STORIES[] = {
    /* ---- opening */
    {"the result of an active open is told once", "rfc9293", NULL,
     OPENED "+0 connect(3, ..., ...) = 0\n"
            "+0 connect(3, ..., ...) = -1 EISCONN\n"},
    {"an active open under way", "rfc9293", NULL,
     ACTIVE "+0 connect(3, ..., ...) = -1 EALREADY\n"},
    {"and its result is not there yet", "rfc9293", NULL, ACTIVE "+0 connect(3, ..., ...) = 0\n",
     5, "connect() result: expected 0, actual -1 EALREADY", DRILL_FAIL},
    {"refused", "rfc9293", NULL,
     ACTIVE "+.1 < R. 0:0(0) ack 1 win 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n"},
    {"refused, and somebody hoped", "rfc9293", NULL,
     ACTIVE "+.1 < R. 0:0(0) ack 1 win 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n",
     6, "getsockopt() value: expected 0, actual 111", DRILL_FAIL},
    {"a blocking connect returns with the SYN-ACK", "rfc9293", NULL,
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0...0.1 connect(3, ..., ...) = 0\n"
     "+0 > S 0:0(0) <mss 1460>\n"
     "+.1 < S. 0:0(0) ack 1 win 1000 <mss 1460>\n"
     "+0 > . 1:1(0) ack 1\n"},
    {"not with the SYN", "rfc9293", NULL,
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0...0 connect(3, ..., ...) = 0\n"
     "+0 > S 0:0(0) <mss 1460>\n"
     "+.1 < S. 0:0(0) ack 1 win 1000 <mss 1460>\n"
     "+0 > . 1:1(0) ack 1\n",
     2, "connect() return time: expected 0.000000 s, actual 0.100000 s, tolerance 0.004000 s",
     DRILL_FAIL},
    {"a blocking accept", "rfc9293", NULL,
     LISTENING "+0...0.3 accept(3, ..., ...) = 4\n"
               "+.1 < S 0:0(0) win 1000 <mss 1460>\n"
               "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
               "+.2 < . 1:1(0) ack 1 win 1000\n"
               "+0 write(4, ..., 5) = 5\n"
               "+0 > P. 1:6(5) ack 1\n"},
    {"both open at once", "rfc9293", NULL,
     ACTIVE "+.1 < S 500:500(0) win 1000 <mss 1000>\n"
            "+0 > S. 0:0(0) ack 501 <mss 1460>\n"
            "+0 < . 1:1(0) ack 1 win 1000\n"
            "+0 write(3, ..., 3) = 3\n"
            "+0 > P. 1:4(3) ack 1\n"},
    {"a script's own initial numbers", "rfc9293", NULL,
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
     "+0 connect(3, ..., ...) = -1 EINPROGRESS\n"
     "+0 > S 4000:4000(0) <mss 1460>\n"
     "+0 < S. 77:77(0) ack 4001 win 1000 <mss 1460>\n"
     "+0 > . 1:1(0) ack 1\n"
     "+0 write(3, ..., 3) = 3\n"
     "+0 > P. 1:4(3) ack 1\n"},
    {"a second connection of one listener has ports and numbers of its own", "rfc9293", NULL,
     ACCEPTED "+0 close(3) = 0\n"
              "+0 setsockopt(4, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
              "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
              "+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
              "+0 bind(3, ..., ...) = 0\n"
              "+0 listen(3, 5) = 0\n"
              "+0 < S 9:9(0) win 1000 <mss 1460>\n"
              "+0 > S. 0:0(0) ack 10 <mss 1460>\n"},
    {"what another connection sends is not looked at", "rfc9293", NULL,
     ACCEPTED "+0 write(4, ..., 5) = 5\n"
              "+0 > P. 1:6(5) ack 1\n"
              "+0 close(3) = 0\n"
              "+0 setsockopt(4, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
              "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
              "+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
              "+0 bind(3, ..., ...) = 0\n"
              "+0 listen(3, 5) = 0\n"
              "+3 < S 9:9(0) win 1000 <mss 1460>\n"
              "+0 > S. 0:0(0) ack 10 <mss 1460>\n"},
    {"an RST from a port where nobody listens", "rfc9293", NULL,
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0 bind(3, ..., ...) = 0\n"
     "+.1 < S 7:7(0) win 1000 <mss 1460>\n"
     "+0 > R. 0:0(0) ack 1 win 0\n"},
    {"explicit ports of another peer", "rfc9293", NULL,
     LISTENING "+0 < S 0:0(0) win 1000 <mss 1460>\n"
               "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
               "+0 < 1234 > 8080 . 9:9(0) ack 9 win 10\n"
               "+1 > S. 0:0(0) ack 1 <mss 1460>\n"},

    /* ---- closing */
    {"a linger of no time is a reset", "rfc9293", NULL,
     OPENED "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0\n"
            "+0 close(3) = 0\n"
            "+0 > R. 1:1(0) ack 1\n"},
    {"else it is a FIN", "rfc9293", NULL,
     OPENED "+0 close(3) = 0\n"
            "+0 > R. 1:1(0) ack 1\n",
     8, "FIN: expected 0, actual 1; RST: expected 1, actual 0", DRILL_FAIL},
    {"a lingering close waits for the ACK of the FIN", "rfc9293", NULL,
     OPENED "+0 fcntl(3, F_SETFL, O_RDWR) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0\n"
            "+0...0.3 close(3) = 0\n"
            "+0 > F. 1:1(0) ack 1\n"
            "+.3 < . 1:1(0) ack 2 win 1000\n"},
    {"but not for ever", "rfc9293", NULL,
     OPENED "+0 fcntl(3, F_SETFL, O_RDWR) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=2}, 8) = 0\n"
            "+0...2 close(3) = 0\n"
            "+0 > F. 1:1(0) ack 1\n"
            "+1 > F. 1:1(0) ack 1\n"},
    {"reading after the end, writing after shutdown", "rfc9293", NULL,
     OPENED "+0 shutdown(3, SHUT_WR) = 0\n"
            "+0 > F. 1:1(0) ack 1\n"
            "+0 write(3, ..., 1) = -1 EPIPE\n"
            "+0 < F. 1:1(0) ack 2 win 1000\n"
            "+0 > . 2:2(0) ack 2\n"
            "+0 read(3, ..., 10) = 0\n"},
    {"disconnected, then opened again", "rfc9293", NULL,
     OPENED "+0 connect(3, {sa_family=AF_UNSPEC}, ...) = 0\n"
            "+0 > R. 1:1(0) ack 1\n"
            "+0 connect(3, ..., ...) = -1 EINPROGRESS\n"
            "+0 > S 0:0(0) win 65535 <mss 1460>\n"},

    /* ---- reading and writing */
    {"a blocking write of more than the buffer", "rfc9293", NULL,
     OPENED "+0 fcntl(3, F_SETFL, O_RDWR) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_SNDBUF, [1500], 4) = 0\n"
            "+0...0.2 write(3, ..., 2000) = 2000\n"
            "+0 > . 1:1001(1000) ack 1\n"
            "+.2 < . 1:1(0) ack 1001 win 1000\n"
            "+0 > P. 1001:1501(500) ack 1\n"
            "+.1 < . 1:1(0) ack 1501 win 1000\n"
            "+0 > P. 1501:2001(500) ack 1\n"},
    {"edges of polling", "rfc9293", NULL,
     OPENED "+0 epoll_create(1) = 5\n"
            "+0 epoll_ctl(5, EPOLL_CTL_ADD, 3, {events=EPOLLIN, fd=3}) = 0\n"
            "+0 epoll_ctl(5, EPOLL_CTL_ADD, 3, {events=EPOLLIN, fd=3}) = -1 EEXIST\n"
            "+0...0.1 epoll_wait(5, {events=EPOLLIN, fd=3}, 1, 2000) = 1\n"
            "+.1 < P. 1:11(10) ack 1 win 1000\n"
            "+0 epoll_ctl(5, EPOLL_CTL_DEL, 3, {events=EPOLLIN, fd=3}) = 0\n"},
    {"a blocking read waits for all", "rfc9293", NULL,
     OPENED "+0 fcntl(3, F_SETFL, O_RDWR) = 0\n"
            "+0...0.2 recv(3, ..., 20, MSG_WAITALL) = 20\n"
            "+.1 < P. 1:11(10) ack 1 win 1000\n"
            "+.1 < P. 11:21(10) ack 1 win 1000\n"},
    {"peeking leaves what it saw", "rfc9293", NULL,
     OPENED "+0 < P. 1:11(10) ack 1 win 1000\n"
            "+0 recv(3, ..., 4, MSG_PEEK) = 4\n"
            "+0 read(3, ..., 100) = 10\n"},
    {"MSG_MORE holds a small segment", "rfc9293", NULL,
     OPENED "+0 send(3, ..., 10, MSG_MORE) = 10\n"
            "+.1 write(3, ..., 10) = 10\n"
            "+0 > P. 1:21(20) ack 1\n"},
    {"and does not let it go at once", "rfc9293", NULL,
     OPENED "+0 send(3, ..., 10, MSG_MORE) = 10\n"
            "+0 > . 1:11(10) ack 1\n"
            "+.1 write(3, ..., 10) = 10\n",
     8, "PSH: expected 0, actual 1; time: expected 0.100000 s, actual 1.100000 s", DRILL_FAIL},
    {"TCP_INQ", "rfc9293", NULL,
     OPENED "+0 setsockopt(3, SOL_TCP, TCP_INQ, [1], 4) = 0\n"
            "+0 < P. 1:11(10) ack 1 win 1000\n"
            "+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 4}], msg_flags=0, "
            "msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=6}]}, 0) = 4\n"},

    /* ---- arguments: errno as Linux 6.18 gave it when asked the same */
    {"too few", "linux", NULL, SOCKET "+0 read(3) = 0\n", 2, "read() takes 3 arguments, not 1",
     DRILL_FAIL},
    {"too many", "linux", NULL, SOCKET "+0 close(3, 4) = 0\n", 2,
     "close() takes 1 argument, not 2", DRILL_FAIL},
    {"one may be left out", "linux", NULL, SOCKET "+0 fcntl(3) = 0\n", 2,
     "fcntl() takes 2 or one more arguments, not 1", DRILL_FAIL},
    {"no int", "linux", NULL, SOCKET "+0 listen(3, 2147483648) = 0\n", 2,
     "2147483648 does not fit an int", DRILL_FAIL},
    {"a vector is as long as it says", "rfc9293", NULL,
     OPENED "+0 writev(3, [{..., 5}, {..., 6}], 2) = 11\n"
            "+0 sendmsg(3, {msg_name(...)=..., msg_iov(2)=[{..., 1}, {..., 2}], msg_flags=0}, "
            "0) = 3\n"},
    {"a vector of another length", "rfc9293", NULL,
     OPENED "+0 writev(3, [{..., 5}, {..., 6}], 3) = 11\n", 7,
     "writev() says 3 for its I/O vector, which has 2", DRILL_FAIL},
    {"a message's vector of another length", "rfc9293", NULL,
     OPENED "+0 sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 1}, {..., 2}], msg_flags=0}, "
            "0) = 3\n",
     7, "sendmsg() says 1 for its I/O vector, which has 2", DRILL_FAIL},
    {"a list of another length", "rfc9293", NULL,
     OPENED "+0 poll([{fd=3, events=POLLIN, revents=0}], 2, 0) = 0\n", 7,
     "poll() says 2 for its list, which has 1", DRILL_FAIL},
    {"buffers that are not there", "rfc9293", NULL,
     OPENED "+0 write(3, NULL, 0) = 0\n"
            "+0 write(3, NULL, 5) = -1 EFAULT\n"
            "+0 send(3, NULL, 5, 0) = -1 EFAULT\n"
            "+0 write(3, ..., -1) = -1 EFAULT\n"
            "+0 read(3, ..., -1) = -1 EFAULT\n"
            "+0 read(3, NULL, 5) = -1 EAGAIN\n"
            "+0 readv(3, [{..., -5}], 1) = -1 EINVAL\n"
            "+0 < P. 1:11(10) ack 1 win 1000\n"
            "+0 read(3, NULL, 5) = -1 EFAULT\n"
            "+0 read(3, ..., 50) = 10\n"},
    {"addresses that are not there", "linux", NULL,
     SOCKET "+0 bind(3, NULL, ...) = -1 EFAULT\n"
            "+0 bind(3, NULL, 0) = -1 EINVAL\n"
            "+0 bind(3, ..., 8) = -1 EINVAL\n"
            "+0 bind(3, ..., -1) = -1 EINVAL\n"
            "+0 connect(3, NULL, ...) = -1 EFAULT\n"
            "+0 connect(3, ..., 1) = -1 EINVAL\n"
            "+0 connect(3, ..., 8) = -1 EINVAL\n"
            "+0 connect(3, {sa_family=AF_UNIX}, 16) = -1 EAFNOSUPPORT\n"
            "+0 bind(3, {sa_family=AF_UNIX}, 16) = -1 EAFNOSUPPORT\n"},
    {"addresses of this host and of others", "linux", NULL,
     SOCKET
     "+0 bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"10.0.0.1\")}, "
     "16) = -1 EADDRNOTAVAIL\n"
     "+0 bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"192.168.0.1\")}, "
     "16) = 0\n"},
    {"a peer that there is not", "linux", NULL,
     SOCKET "+0 connect(3, {sa_family=AF_INET, sin_port=htons(80), "
            "sin_addr=inet_addr(\"192.0.2.2\")}, 16) = 0\n",
     2, "a second host", DRILL_UNSUPPORTED},
    {"no port", "linux", NULL, SOCKET "+0 bind(3, {sin_port=htons(65536)}, 16) = 0\n", 2,
     "65536 is no port", DRILL_FAIL},
    {"families", "linux", NULL,
     "0 socket(77, SOCK_STREAM, IPPROTO_TCP) = -1 EAFNOSUPPORT\n"
     "+0 socket(AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP) = -1 EAFNOSUPPORT\n"
     "+0 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n"},
    {"a family without a model", "linux", NULL, "0 socket(AF_UNIX, SOCK_STREAM, 0) = 3\n", 1,
     "a socket that is neither TCP nor UDP", DRILL_UNSUPPORTED},
    {"an epoll is no socket", "linux", NULL,
     "0 epoll_create(1) = 5\n"
     "+0 listen(5, 1) = -1 ENOTSOCK\n"
     "+0 bind(5, ..., ...) = -1 ENOTSOCK\n"
     "+0 accept(5, ..., ...) = -1 ENOTSOCK\n"
     "+0 shutdown(5, SHUT_WR) = -1 ENOTSOCK\n"
     "+0 recv(5, ..., 3, 0) = -1 ENOTSOCK\n"
     "+0 read(5, ..., 3) = -1 EINVAL\n"
     "+0 write(5, ..., 3) = -1 EINVAL\n"
     "+0 setsockopt(5, SOL_SOCKET, SO_DEBUG, [1], 4) = -1 ENOTSOCK\n"
     "+0 getsockopt(5, SOL_SOCKET, SO_ERROR, [1], [4]) = -1 ENOTSOCK\n"
     "+0 epoll_ctl(5, EPOLL_CTL_ADD, 5, {events=EPOLLIN, fd=5}) = -1 EINVAL\n"
     "+0 epoll_ctl(5, EPOLL_CTL_ADD, 5, NULL) = -1 EFAULT\n"
     "+0 close(5) = 0\n"
     "+0 close(5) = -1 EBADF\n"},
    {"an entry of poll() that is switched off", "rfc9293", NULL,
     OPENED "+0 poll([{fd=-1, events=POLLOUT, revents=0}, {fd=3, events=POLLOUT, "
            "revents=POLLOUT}, {fd=9, events=POLLOUT, revents=POLLNVAL}], 3, 0) = 2\n"},
    {"flags without a model", "rfc9293", NULL, OPENED "+0 recv(3, ..., 5, MSG_DONTROUTE) = 5\n",
     7, "MSG_DONTROUTE", DRILL_UNSUPPORTED},
    {"MSG_TRUNC throws away what it reads", "rfc9293", NULL,
     OPENED "+.1 < P. 1:11(10) ack 1 win 1000\n"
            "+0 recv(3, NULL, 4, MSG_TRUNC) = 4\n"
            "+0 read(3, ..., 20) = 6\n"},
    {"SO_RCVLOWAT: readable from ten bytes on, and a read takes what is there", "rfc9293", NULL,
     OPENED "+0 getsockopt(3, SOL_SOCKET, SO_RCVLOWAT, [1], [4]) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_RCVLOWAT, [10], 4) = 0\n"
            "+.1 < P. 1:6(5) ack 1 win 1000\n"
            "+0 poll([{fd=3, events=POLLIN, revents=0}], 1, 0) = 0\n"
            "+.1 < P. 6:11(5) ack 1 win 1000\n"
            "+0 poll([{fd=3, events=POLLIN, revents=POLLIN}], 1, 0) = 1\n"
            "+0 read(3, ..., 20) = 10\n"},
    {"TCP_NOTSENT_LOWAT: a full window, then a hundred bytes", "rfc9293", NULL,
     OPENED "+0 setsockopt(3, SOL_TCP, TCP_NOTSENT_LOWAT, [100], 4) = 0\n"
            "+0 write(3, ..., 1000) = 1000\n"
            "+0 poll([{fd=3, events=POLLOUT, revents=POLLOUT}], 1, 0) = 1\n"
            "+0 write(3, ..., 50) = 50\n"
            "+0 write(3, ..., 60) = 60\n"
            "+0 write(3, ..., 60) = -1 EAGAIN\n"
            "+0 poll([{fd=3, events=POLLOUT, revents=0}], 1, 0) = 0\n"},
    {"TCP_WINDOW_CLAMP: no larger window is told", "rfc9293", NULL,
     LISTENING "+0 setsockopt(3, SOL_TCP, TCP_WINDOW_CLAMP, [0], 4) = -1 EINVAL\n"
               "+0 setsockopt(3, SOL_TCP, TCP_WINDOW_CLAMP, [2000], 4) = 0\n"
               "+0 < S 0:0(0) win 1000 <mss 1460>\n"
               "+0 > S. 0:0(0) ack 1 win 2000 <mss 1460>\n"},
    {"SO_DOMAIN and SO_SNDLOWAT", "linux", NULL,
     SOCKET "+0 getsockopt(3, SOL_SOCKET, SO_DOMAIN, [AF_INET], [4]) = 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_SNDLOWAT, [1], [4]) = 0\n"},
    {"AF_UNSPEC leaves ECONNRESET behind, and the options", "rfc9293", NULL,
     OPENED "+0 setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0\n"
            "+0 connect(3, {sa_family = AF_UNSPEC}, ...) = 0\n"
            "+0 > R. 1:1(0) ack 1\n"
            "+0 poll([{fd=3, events=POLLOUT, revents=POLLOUT|POLLHUP|POLLERR}], 1, 0) = 1\n"
            "+0 read(3, ..., 5) = -1 ECONNRESET\n"
            "+0 read(3, ..., 5) = -1 ENOTCONN\n"
            "+0 write(3, ..., 5) = -1 EPIPE\n"
            "+0 shutdown(3, SHUT_WR) = -1 ENOTCONN\n"
            "+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [1], [4]) = 0\n"},
    {"a refused socket may be used again", "rfc9293", NULL,
     ACTIVE "+.1 < R. 0:0(0) ack 1 win 0\n"
            "+0 connect(3, ..., ...) = -1 ECONNREFUSED\n"
            "+0 bind(3, ..., ...) = 0\n"
            "+0 listen(3, 5) = 0\n"
            "+0 connect(3, ..., ...) = -1 EISCONN\n"},
    {"flags without a name", "rfc9293", NULL, OPENED "+0 send(3, ..., 5, 0x800000) = 5\n", 7,
     "flags 0x800000", DRILL_UNSUPPORTED},
    {"an address beside the bytes", "rfc9293", NULL,
     OPENED "+0 sendto(3, ..., 5, 0, ..., ...) = 5\n"
            "+0 sendto(3, ..., 5, 0, NULL, 0) = 5\n"
            "+0 sendto(3, ..., 5, 0, {sa_family=AF_INET}, 16) = 5\n",
     9, "an address in sendto()", DRILL_UNSUPPORTED},

    /* ---- options */
    {"lengths", "linux", NULL,
     SOCKET "+0 setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 3) = -1 EINVAL\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=3}, 4) = -1 EINVAL\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, NULL, 4) = -1 EFAULT\n"
            "+0 setsockopt(3, SOL_IP, IP_TOS, [0], 1) = 0\n"
            "+0 setsockopt(3, SOL_IP, IP_TOS, [0], 0) = -1 EINVAL\n"
            "+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [0], [4]) = 0\n"
            "+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [0], NULL) = -1 EFAULT\n"},
    {"another length", "linux", NULL,
     SOCKET "+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [0], [8]) = 0\n", 2,
     "getsockopt() length: expected 8, actual 4", DRILL_FAIL},
    {"both ways to name what a linger has", "linux", NULL,
     SOCKET "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=3}, 8) = 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=3}, [8]) = 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=4}, [8]) = 0\n",
     4, "getsockopt() l_linger: expected 4, actual 3", DRILL_FAIL},
    {"half a linger", "linux", NULL,
     SOCKET "+0 getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=0}, [8]) = 0\n", 2,
     "SO_LINGER without 'linger='", DRILL_UNSUPPORTED},
    {"a linger without names", "linux", NULL,
     SOCKET "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {1, 0}, 8) = 0\n", 2,
     "SO_LINGER without 'onoff='", DRILL_UNSUPPORTED},
    {"TOS and TTL of what a socket sends; the bits of ECN are TCP's", "linux", NULL,
     SOCKET "+0 setsockopt(3, SOL_IP, IP_TOS, [0x23], 4) = 0\n"
            "+0 setsockopt(3, SOL_IP, IP_TTL, [9], 4) = 0\n"
            "+0 getsockopt(3, SOL_IP, IP_TOS, [0x20], [4]) = 0\n"
            "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
            "+0 connect(3, ..., ...) = -1 EINPROGRESS\n"
            "+0 > (tos 0x20, ttl 9) S 0:0(0) <...>\n"
            "+.1 < S. 0:0(0) ack 1 win 1000 <mss 1460>\n"
            "+0 > (dscp cs1, ecn noecn) . 1:1(0) ack 1\n"
            "+0 setsockopt(3, SOL_IP, IP_TOS, [0], 4) = 0\n"
            "+0 setsockopt(3, SOL_IP, IP_TTL, [-1], 4) = 0\n"
            "+0 getsockopt(3, SOL_IP, IP_TTL, [64], [4]) = 0\n"
            "+0 write(3, ..., 5) = 5\n"
            "+0 > (tos 0x0, ttl 64) P. 1:6(5) ack 1\n"
            "+.1 < . 1:1(0) ack 6 win 1000\n"
            "+0 write(3, ..., 5) = 5\n"
            "+0 > (tos 0x20) P. 6:11(5) ack 1\n",
     17, "tos: expected 32, actual 0", DRILL_FAIL},
    {"a listener's are its children's and its SYN-ACKs'", "linux", "ip_version=ipv6",
     "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
     "+0 setsockopt(3, SOL_IPV6, IPV6_TCLASS, [0x20], 4) = 0\n"
     "+0 setsockopt(3, SOL_IPV6, IPV6_UNICAST_HOPS, [9], 4) = 0\n"
     "+0 bind(3, ..., ...) = 0\n"
     "+0 listen(3, 5) = 0\n"
     "+0 < S 0:0(0) win 1000 <mss 1460>\n"
     "+0 > (class 0x20, hlim 9) S. 0:0(0) ack 1 <...>\n"
     "+.1 < . 1:1(0) ack 1 win 1000\n"
     "+0 accept(3, ..., ...) = 4\n"
     "+0 getsockopt(4, SOL_IPV6, IPV6_TCLASS, [0x20], [4]) = 0\n"
     "+0 write(4, ..., 5) = 5\n"
     "+0 > (class 0x20, hlim 9) P. 1:6(5) ack 1\n"},
    {"a bound socket's are those of the resets of its port, until it is closed", "bsd", NULL,
     SOCKET "+0 bind(3, ..., ...) = 0\n"
            "+0 setsockopt(3, SOL_IP, IP_TOS, [0x20], 4) = 0\n"
            "+0 setsockopt(3, SOL_IP, IP_TTL, [9], 4) = 0\n"
            "+0 < S 7:7(0) win 1000 <mss 1460>\n"
            "+0 > (tos 0x20, ttl 9) R. 0:0(0)! ack 1 win 0\n"
            "+0 close(3) = 0\n"
            "+.1 < S 7:7(0) win 1000 <mss 1460>\n"
            "+0 > (tos 0x0, ttl 64) R. 0:0(0)! ack 1 win 0\n"},
    {"SO_RCVTIMEO: a read gives up, with what it has, if it has some", "rfc9293", NULL,
     OPENED "+0 fcntl(3, F_SETFL, O_RDWR) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=500000}, 16) = 0\n"
            "+0...1.5 read(3, ..., 20) = -1 EAGAIN\n"
            "+1.6 recv(3, ..., 20, MSG_DONTWAIT) = -1 EAGAIN\n"
            "+0...1.5 recv(3, ..., 20, MSG_WAITALL) = 10\n"
            "+.1 < P. 1:11(10) ack 1 win 1000\n"
            "+2 read(3, ..., 20) = -1 EAGAIN\n"},
    {"not before its time", "rfc9293", NULL,
     OPENED "+0 fcntl(3, F_SETFL, O_RDWR) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=0}, 16) = 0\n"
            "+0...0.5 read(3, ..., 20) = -1 EAGAIN\n",
     9, "read() did not return: expected at 0.600000 s", DRILL_FAIL},
    {"of a listener it ends accept(), and is its children's", "rfc9293", NULL,
     LISTENING
     "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=200000}, 16) = 0\n"
     "+0...0.2 accept(3, ..., ...) = -1 EAGAIN\n"
     "+.3 < S 0:0(0) win 1000 <mss 1460>\n"
     "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
     "+.1 < . 1:1(0) ack 1 win 1000\n"
     "+0 accept(3, ..., ...) = 4\n"
     "+0 getsockopt(4, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=200000}, [16]) = 0\n"
     "+0...0.2 read(4, ..., 5) = -1 EAGAIN\n"},
    {"SO_SNDTIMEO: a write gives up, with what went into the buffer", "rfc9293", NULL,
     OPENED "+0 fcntl(3, F_SETFL, O_RDWR) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_SNDBUF, [1500], 4) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_SNDTIMEO, {tv_sec=0, tv_usec=300000}, 16) = 0\n"
            "+0...0.3 write(3, ..., 2000) = 1500\n"
            "+0 > . 1:1001(1000) ack 1\n"
            "+.3 write(3, ..., 2000) = -1 EAGAIN\n"},
    {"connect() goes on without its caller", "rfc9293", NULL,
     SOCKET "+0 setsockopt(3, SOL_SOCKET, SO_SNDTIMEO, {tv_sec=0, tv_usec=100000}, 16) = 0\n"
            "+0...0.1 connect(3, ..., ...) = -1 EINPROGRESS\n"
            "+0 > S 0:0(0) <mss 1460>\n"
            "+.2...0.3 connect(3, ..., ...) = -1 EALREADY\n"
            "+.2 < S. 0:0(0) ack 1 win 1000 <mss 1460>\n"
            "+0 > . 1:1(0) ack 1\n"
            "+0 connect(3, ..., ...) = 0\n"},
    {"times that are none, below 0 and of nothing", "linux", NULL,
     LISTENING
     "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=1}, 8) = -1 EINVAL\n"
     "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=1000000}, 16) = -1 "
     "EDOM\n"
     "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=-1}, 16) = -1 EDOM\n"
     "+0 getsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=0}, [16]) = 0\n"
     "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=-1, tv_usec=0}, 16) = 0\n"
     "+0 accept(3, ..., ...) = -1 EAGAIN\n"
     "+0 getsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=0}, [16]) = 0\n"
     "+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=0}, 16) = 0\n"
     "+0...0.5 accept(3, ..., ...) = 4\n"
     "+.3 < S 0:0(0) win 1000 <mss 1460>\n"
     "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
     "+.2 < . 1:1(0) ack 1 win 1000\n"},
    {"congestion control by name", "linux", NULL,
     SOCKET "+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"reno\", 4) = 0\n"
            "+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"cubic\", 5) = 0\n",
     3, "TCP_CONGESTION \"cubic\"", DRILL_UNSUPPORTED},
    {"which is told, and is a listener's children's", "textbook", NULL,
     LISTENING "+0 getsockopt(3, SOL_TCP, TCP_CONGESTION, \"none\", [16]) = 0\n"
               "+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"reno\", 0) = -1 EINVAL\n"
               "+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"renowned\", 4) = 0\n"
               "+0 < S 0:0(0) win 60000 <mss 1000>\n"
               "+0 > S. 0:0(0) ack 1 <...>\n"
               "+.1 < . 1:1(0) ack 1 win 60000\n"
               "+0 accept(3, ..., ...) = 4\n"
               "+0 getsockopt(4, SOL_TCP, TCP_CONGESTION, \"reno\", [16]) = 0\n"
               "+0 %{ assert tcpi_snd_cwnd == 10 }%\n"
               "+0 getsockopt(4, SOL_TCP, TCP_CONGESTION, \"none\", [16]) = 0\n",
     13, "getsockopt() name: expected none, actual reno", DRILL_FAIL},
    {"chosen while it goes on, it begins with its first window", "textbook", NULL,
     ACCEPTED "+0 setsockopt(4, SOL_TCP, TCP_CONGESTION, \"reno\", 4) = 0\n"
              "+0 %{ assert tcpi_snd_cwnd == 10 }%\n"
              "+0 setsockopt(4, SOL_TCP, TCP_CONGESTION, \"none\", 4) = 0\n"
              "+0 %{ assert tcpi_snd_cwnd == 2147483647 }%\n"},
    {"ranges of what is passed over", "linux", NULL,
     SOCKET "+0 setsockopt(3, SOL_TCP, TCP_KEEPIDLE, [32767], 4) = 0\n"
            "+0 setsockopt(3, SOL_TCP, TCP_KEEPIDLE, [32768], 4) = -1 EINVAL\n"
            "+0 setsockopt(3, SOL_TCP, TCP_KEEPINTVL, [0], 4) = -1 EINVAL\n"
            "+0 setsockopt(3, SOL_TCP, TCP_KEEPCNT, [128], 4) = -1 EINVAL\n"
            "+0 setsockopt(3, SOL_IP, IP_MTU_DISCOVER, [6], 4) = -1 EINVAL\n"
            "+0 getsockopt(3, SOL_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_WANT], [4]) = 0\n"
            "+0 setsockopt(3, SOL_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_PROBE], 4) = 0\n"
            "+0 getsockopt(3, SOL_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_PROBE], [4]) = 0\n"
            "+0 setsockopt(3, SOL_IP, IP_TTL, [256], 4) = -1 EINVAL\n"
            "+0 setsockopt(3, SOL_IP, IP_TTL, [0], 4) = -1 EINVAL\n"
            "+0 setsockopt(3, SOL_IP, IP_TTL, [3], 4) = 0\n"},
    {"buffers of Linux that nobody has set, or to no good", "linux", NULL,
     SOCKET "+0 getsockopt(3, SOL_SOCKET, SO_SNDBUF, [16384], [4]) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_SNDBUF, [-1], 4) = 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_SNDBUF, [425984], [4]) = 0\n"
            "+0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [2147483647], 4) = 0\n"
            "+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [425984], [4]) = 0\n"},
    {"the middle of tcp_wmem", "linux", NULL,
     "0 `sysctl -w net.ipv4.tcp_wmem=\"4096 20000 4194304\"`\n" SOCKET
     "+0 getsockopt(3, SOL_SOCKET, SO_SNDBUF, [20000], [4]) = 0\n"},
    {"a timeout of 68 years", "rfc9293", NULL,
     OPENED "+0...1 poll([{fd=3, events=POLLIN, revents=POLLIN}], 1, 2147483647) = 1\n"
            "+1 < P. 1:11(10) ack 1 win 1000\n"},

    /* ---- time */
    {"an event that cannot be in time", "rfc9293", NULL,
     ACTIVE "+1 > S 0:0(0) <mss 1460>\n"
            "0.5 connect(3, ..., ...) = -1 EALREADY\n",
     6, "due at 0.500000 s, but the event before ended at 1.000000 s only", DRILL_FAIL},
    {"two inbound packets do not drift", "rfc9293", NULL,
     ACCEPTED "+.01 < P. 1:11(10) ack 1 win 9\n"
              "+.01 < P. 11:21(10) ack 1 win 9\n"
              "0.12 recv(4, ..., 100, MSG_DONTWAIT) = 20\n"},
    {"only the last of two blocking calls may wait", "rfc9293", NULL,
     ACCEPTED "+0...0.1 read(4, ..., 100) = 5\n"
              "+0...0.2 read(4, ..., 100) = 5\n",
     8, "read() did not return: expected at 0.200000 s", DRILL_FAIL},
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
