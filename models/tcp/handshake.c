/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/handshake.h"

#include "models/tcp/endpoint.h"

#include <string.h>

#define THREE_WAY_HELP "SYN, SYN-ACK, ACK"
#define TWO_WAY_HELP                                                                           \
    "SYN, SYN-ACK: the server is ESTABLISHED on the SYN; textbooks' strawman, not TCP on the " \
    "wire"
#define FOUR_WAY_HELP "SYN; ACK and a bare SYN back to back; ACK"

#define FAST_OPEN_HELP                                                                         \
    "three-way with data in the SYN, for a cookie that an earlier one brought"

#define TIMER_HELP                                                                             \
    "data in the first SYN, and timers that outlive old duplicates (Delta-t); research, not "  \
    "TCP on the wire"
#define ECHO_HELP                                                                              \
    "SYN, SYN-ACK with a signed cookie, ACK with it, ACK: no state before; research, not TCP " \
    "on the wire"

/* The two segments leave back to back; the ACK, as the older news, first. */
static void answer_in_two(struct tcp *t)
{
    tcp_send_ack(t);
    tcp_send_syn(t);
}

static const struct tcp_handshake registry[] = {
    {.name = "three-way",
     .help = THREE_WAY_HELP,
     .source = "RFC 9293 §3.5",
     .queues_requests = true,
     .client_acks = true,
     .answer = tcp_send_synack},
    /* What the third segment is for shows in what is missing here: nobody proves to the server
     * that its SYN-ACK arrived, or that the SYN was not an old one. The client's SYN timer is
     * the only timer. */
    {.name = "two-way",
     .help = TWO_WAY_HELP,
     .source = "textbooks' strawman; Tanenbaum, Computer Networks, §6.5.5",
     .established_on_syn = true,
     .repeats_answer = true,
     .answer = tcp_send_synack},
    {.name = "four-way",
     .help = FOUR_WAY_HELP,
     .source = "RFC 9293 §3.5 (steps 2 and 3 not combined); Tomlinson 1975",
     .client_acks = true,
     .keeps_lone_ack = true,
     .repeats_answer = true,
     .answer = answer_in_two},
    {.name = "fast-open",
     .help = FAST_OPEN_HELP,
     .source = "RFC 7413",
     .queues_requests = true,
     .client_acks = true,
     .fast_open = true,
     .answer = tcp_send_synack},
    {.name = "timer-based",
     .help = TIMER_HELP,
     .source = "Watson, Timer-based mechanisms in reliable transport protocol connection "
               "management, Computer Networks 5, 1981 (Delta-t): research",
     .established_on_syn = true,
     .repeats_answer = true,
     .by_timer = true,
     .answer = tcp_send_synack},
    {.name = "cookie-echo",
     .help = ECHO_HELP,
     .source = "RFC 9260 §5.1, in TCP's segments: research",
     .echoes_cookie = true,
     .answer = tcp_send_synack},
};

const struct choice TCP_HANDSHAKE_CHOICES[] = {{"three-way", THREE_WAY_HELP},
                                               {"two-way", TWO_WAY_HELP},
                                               {"four-way", FOUR_WAY_HELP},
                                               {"fast-open", FAST_OPEN_HELP},
                                               {"timer-based", TIMER_HELP},
                                               {"cookie-echo", ECHO_HELP},
                                               {NULL, NULL}};

const struct tcp_handshake *tcp_handshake_find(const char *name)
{
    const struct tcp_handshake *h = registry;
    while (strcmp(h->name, name) != 0)
        h++;
    return h;
}
