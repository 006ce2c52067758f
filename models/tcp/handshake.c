/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/handshake.h"

#include "models/tcp/endpoint.h"

#include <string.h>

#define THREE_WAY_HELP "SYN, SYN-ACK, ACK"
#define TWO_WAY_HELP   "SYN, SYN-ACK: the server is ESTABLISHED on the SYN"
#define FOUR_WAY_HELP  "SYN; ACK and a bare SYN back to back; ACK"

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
};

const struct choice TCP_HANDSHAKE_CHOICES[] = {{"three-way", THREE_WAY_HELP},
                                               {"two-way", TWO_WAY_HELP},
                                               {"four-way", FOUR_WAY_HELP},
                                               {NULL, NULL}};

const struct tcp_handshake *tcp_handshake_find(const char *name)
{
    const struct tcp_handshake *h = registry;
    while (strcmp(h->name, name) != 0)
        h++;
    return h;
}
