/* SPDX-License-Identifier: GPL-3.0-or-later
 * stories.h -- whole scripts with what must come of them. Beside each that passes stands one
 * that must not, and why.
 */
#pragma once
#include "drill/run.h"
#include "tests/check.h"

struct story {
    const char *story;
    const char *profile; /* "relax": --relax freebsd */
    const char *setting; /* of the command line, "name=value"; NULL: none */
    const char *script;
    int line;
    const char *text; /* NULL: passes */
    enum drill_outcome outcome;
};

#define ACTIVE                                                                                 \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                            \
    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"                                            \
    "+0 connect(3, ..., ...) = -1 EINPROGRESS\n"                                               \
    "+0 > S 0:0(0) win 65535 <mss 1460>\n"
#define OPENED                                                                                 \
    ACTIVE                                                                                     \
    "+.1 < S. 0:0(0) ack 1 win 1000 <mss 1460>\n"                                              \
    "+0 > . 1:1(0) ack 1 win 65535\n"
#define SOCKET "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
#define LISTENING                                                                              \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                            \
    "+0 bind(3, ..., ...) = 0\n"                                                               \
    "+0 listen(3, 5) = 0\n"
#define ACCEPTED                                                                               \
    LISTENING                                                                                  \
    "+0 < S 0:0(0) win 1000 <mss 1460>\n"                                                      \
    "+0 > S. 0:0(0) ack 1 <mss 1460>\n"                                                        \
    "+.1 < . 1:1(0) ack 1 win 1000\n"                                                          \
    "+0 accept(3, ..., ...) = 4\n"

void check_stories(const struct story *stories, size_t n);
