/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/time_wait.h"

#include <string.h>

#include "models/tcp/endpoint.h"

#define RFC_HELP   "the steps of RFC 9293 §3.10.7.4; a SYN gets a challenge ACK"
#define REUSE_HELP "a SYN newer than the old connection opens a new one, RFC 6191 (Linux)"
#define FREEBSD_HELP                                                                           \
    "so too; what carries no ACK, or resets, is thrown away, the rest gets an ACK"

#define NONE_HELP "it is over at once: what the state protects from shows"

static const struct tcp_time_wait registry[] = {
    {.name = "rfc9293", .help = RFC_HELP},
    {.name = "reuse",
     .help = REUSE_HELP,
     .reuse = true,
     .isn_follows = true,
     .any_ack_restarts = true,
     .exact_resets = true,
     .yields_to_bound = true},
    {.name = "freebsd",
     .help = FREEBSD_HELP,
     .reuse = true,
     .needs_ack = true,
     .ignores_resets = true,
     .never_resets = true},
    {.name = "none", .help = NONE_HELP, .none = true},
};

const struct choice TCP_TIME_WAIT_CHOICES[] = {{"rfc9293", RFC_HELP},
                                               {"reuse", REUSE_HELP},
                                               {"freebsd", FREEBSD_HELP},
                                               {"none", NONE_HELP},
                                               {NULL, NULL}};

const struct tcp_time_wait *tcp_time_wait_find(const char *name)
{
    const struct tcp_time_wait *p = registry;
    while (strcmp(p->name, name) != 0)
        p++;
    return p;
}

bool tcp_time_wait_renews(const struct tcp *t, const struct segment *g)
{
    const bool pure_syn = (g->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
    const bool dropped = (g->flags & TCP_FIN) != 0 && t->stack->rules.synfin_opens_not;
    if (t->state != TCP_TIME_WAIT || !pure_syn || dropped || !t->stack->time_wait->reuse)
        return false;
    const bool stamped = t->agreed.timestamps && g->opt.has_timestamps;
    const int32_t later = stamped ? (int32_t)(g->opt.tsval - t->ts.recent) : 0;
    return later > 0 || (later == 0 && seq_lt(t->rcv.nxt, g->seq));
}
