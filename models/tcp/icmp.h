/* SPDX-License-Identifier: GPL-3.0-or-later
 * icmp.h -- what TCP makes of an ICMP error about one of its segments: one const row a rule.
 *
 *   message --whose?--> request, opening or open connection --quoted SEQ in flight?--> verdict
 *             |                                       | no: RFC 5927 §4.1, counted
 *             `-- TIME-WAIT, a listener: nobody's
 *
 *   ignored   as if it had not come
 *   noted     a soft error, a hint: TCP goes on repeating, and when it gives up the application
 *             learns why in the place of ETIMEDOUT; or when it asks by SO_ERROR. An ACK of
 *             anything since shows that the hint is out of date
 *   fatal     the connection ends at once
 *
 *   rule      while it opens             open              a request in the SYN queue
 *   rfc9293   hard errors are fatal      the same          the same      RFC 9293 §3.9.2.2
 *   rfc5927   hard errors are fatal      all are soft      hard: fatal   RFC 5927 §5.2
 *   linux     all are fatal              all are soft      most are fatal
 *   freebsd   refusals are fatal; the    unreachable is    the second, once the
 *             second, after 4 repeats    ignored           SYN-ACK has been sent 4 times
 *
 * The one idea: who cannot see a connection can forge such a message, and the network that
 * sends one may be wrong; so an open connection believes it the less, the more it would lose.
 * A packet that was too large is more than a hint: see pmtu.h.
 *
 * By linux, each unreachable net or host about what is being repeated takes back one doubling
 * of the timeout, as long as there is one (RFC 6069): the link is down, not full. Of IPv6 it is
 * "no route" alone. IP_RECVERR makes it tell at once.
 *
 * Not modelled: FreeBSD's limit of its answer to a route that fails, the queue of errors
 * (MSG_ERRQUEUE), an ACK of nothing new that refutes a hint (Linux).
 */
#pragma once
#include "models/icmp.h"
#include "models/tcp/tcp.h"
#include "sim/schema.h"

/* Whom a message is about. */
enum tcp_icmp_stage { ICMP_OF_REQUEST, ICMP_OF_OPENING, ICMP_OF_OPEN };
enum tcp_icmp_verdict { ICMP_IGNORED, ICMP_NOTED, ICMP_FATAL };

struct tcp_icmp_case {
    const struct icmp_error *message;
    const struct icmp_row *row;
    int error; /* the errno that the rule makes of it, not 0 */
    enum tcp_icmp_stage stage;
    enum tcp_state state;
    int64_t n_repeats; /* of what is in flight */
    bool again;        /* another one has been noted */
    bool may_reset;    /* the parameter icmp_may_rst */
};

struct tcp_icmp_rule {
    const char *name, *help;
    enum tcp_icmp_verdict (*judge)(const struct tcp_icmp_case *c);
    int (*error_of)(const struct icmp_error *e, const struct icmp_row *row); /* 0: ignored */
    bool told_by_so_error;                                                   /* what is noted */
    bool takes_back;                                                         /* RFC 6069 */
    /* Of packets that were too large: pmtu.h. */
    bool doubts_sizes;        /* RFC 5927 §7: only of a packet that was larger, and an MTU that
                                 there can be */
    bool announces_path;      /* the MSS of a SYN goes by the path, not by the first link */
    bool counts_with_default; /* before the peer's SYN the MSS counts as 536 */
    bool grows_back;          /* an open connection, too, forgets after mtu_expires */
    const uint16_t *plateaus; /* falling, ends with 0: for messages that tell no MTU, RFC 1191
                                 §7; NULL: these stand for min_pmtu */
};
extern const struct choice TCP_ICMP_RULE_CHOICES[];
/* Never NULL: the name comes from TCP_ICMP_RULE_CHOICES. */
const struct tcp_icmp_rule *tcp_icmp_rule_find(const char *name);

/* An ICMP error about a TCP segment that this stack's host has sent. The number of the
 * connection that it did something to; 0: none. */
uint32_t tcp_icmp(struct tcp_stack *s, const struct icmp_error *error);
/* The same of a forged one, in p: whoever injected it is told when it has ended a connection,
 * or made its segments smaller. */
uint32_t tcp_icmp_forged(struct tcp_stack *s, const struct icmp_error *error,
                         const struct packet *p);
/* How many have told of what was not in flight (Linux: TcpExtOutOfWindowIcmps). */
int64_t tcp_icmp_outside(const struct tcp_stack *s);

/* The errno with which t is given up for want of an answer: the soft error, else ETIMEDOUT. */
int tcp_timeout_error(const struct tcp *t);
/* The soft error for SO_ERROR, told once; 0: none, or it is not told so. */
int tcp_take_soft_error(struct tcp *t);
