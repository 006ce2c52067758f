/* SPDX-License-Identifier: GPL-3.0-or-later
 * tw.h -- a connection in TIME-WAIT that its application has let go is an entry of 80 bytes.
 *
 *   struct tcp --TIME-WAIT, let go, nothing owed--> struct tcp_tw --2 MSL--> gone
 *                                                    ^      |
 *                                    kept, restarted |      | a segment: for its time an
 *                                                    +------+ endpoint is made of the entry
 *
 * The rules of RFC 9293 §3.10.7.4 stand once, in input.c: a segment makes an endpoint of the
 * entry, which goes through the steps and becomes the entry again. Entries of equal 2 MSL
 * stand in a line whose head alone has a timer; what restarts 2 MSL moves one to the tail.
 *
 * A connection whose application still holds it, reads from it, or let it go later than it came
 * into TIME-WAIT, stays a whole endpoint. So does the server's end of a handshake that must
 * repeat its answer to a SYN (two-way, four-way).
 */
#pragma once
#include "models/tcp/table.h"

struct tcp;
struct segment;

struct tcp_tw {
    struct tcp_entry entry; /* flags: TW_ */
    struct tcp_account *account;
    uint32_t number;
    uint32_t snd_nxt, rcv_nxt;
    uint32_t rcv_wnd; /* the window announced, from rcv_nxt on */
    uint32_t max_wnd; /* RFC 5961 §5 */
    uint32_t ts_recent;
    uint32_t recent_s;      /* when it came, in whole seconds */
    uint32_t answered : 20; /* with TW_ANSWERED: when it last answered, in 8 ms (validate.h) */
    uint32_t snd_shift : 4, rcv_shift : 4;
    uint32_t hold : 4; /* of its port: ports.h */
};
_Static_assert(sizeof(struct tcp_tw) == 80, "a million entries in 96 MB, table and all");

/* Makes an entry of t, which is in TIME-WAIT and has been let go, and frees t; the user hears
 * TCP_EV_CLOSED. Nothing else when it has to stay whole. */
void tcp_tw_take_over(struct tcp *t);

/* An endpoint made of the entry, in the caller's memory, which is zeroed, for one event;
 * tcp_tw_keep after it. */
void tcp_tw_revive(struct tcp_stack *s, struct tcp_tw *w, struct tcp *t);
/* What the event did to t goes back into the entry, if there still is one. */
void tcp_tw_keep(struct tcp *t);
/* Takes the entry out of the books: its endpoint has left TIME-WAIT. */
void tcp_tw_remove(struct tcp_stack *s, struct tcp_tw *w);

/* A connect() of this host wants the ends of e: whether TIME-WAIT gives way (Linux's tw_reuse):
 * tw_reuse_delay after it began, when timestamps keep old segments out. */
bool tcp_tw_yields(const struct tcp_stack *s, const struct tcp_entry *e);
/* Whether it may between these addresses. */
bool tcp_tw_may_yield(const struct tcp_stack *s, ip_addr local, ip_addr remote);
/* The same for a socket that bind() has given the port of e: at once, where Linux does so. */
bool tcp_tw_yields_to_bound(const struct tcp_stack *s, const struct tcp_entry *e);
/* TIME-WAIT is over before its time. */
void tcp_tw_end(struct tcp_stack *s, struct tcp_entry *e, const char *cause);
/* t has the ends of the entry before it: an ISN beyond all that it used, and its TS.Recent. */
void tcp_tw_succeed(struct tcp *t, const struct tcp_tw *before);

/* How long TIME-WAIT lasts that begins or begins anew now. */
sim_time tcp_tw_wait(const struct tcp *t);
