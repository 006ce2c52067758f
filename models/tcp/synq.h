/* SPDX-License-Identifier: GPL-3.0-or-later
 * synq.h -- listening: the SYN queue of small entries and the accept queue behind it.
 *
 *   SYN --room?--> struct tcp_request --ACK, room?--> struct tcp --> accept queue --> accept()
 *                    |         ^
 *                    +-- 1 s --+  SYN-ACK again; 2 s, 4 s ...: a line (table.h) for each wait
 *
 * Before the handshake is done there is no endpoint: an event for a request makes one of it, in
 * SYN-RECEIVED, that lives for this event; the rules stand once, in input.c and timer.c. Only
 * the three-way handshake of a SYN without data that is to be kept fits; others begin whole.
 *
 * Room. One backlog for both queues together (max_syn_backlog 0): exactly so many connections,
 * as closed forms of queueing have it. Or Linux's rule: each queue
 * holds min(backlog, somaxconn) + 1, and without cookies the last quarter of max_syn_backlog
 * is kept for peers that have completed a handshake before. What happens to a SYN that finds
 * no room is a policy, a const row chosen by name.
 */
#pragma once
#include "models/tcp/table.h"

struct tcp;
struct segment;

struct tcp_request {
    struct tcp_entry entry; /* flags: see synq.c */
    struct tcp_listener *listener;
    sim_time born_at;
    uint32_t older, newer; /* of the same listener */
    uint32_t number, peer_stream;
    uint32_t iss, irs, ts_recent;
    uint32_t rcv_wnd;     /* announced in the SYN-ACK */
    uint32_t answered_ms; /* 1 + when a segment out of step was last answered; 0: none was */
    uint32_t place;       /* the policy's own */
    uint16_t snd_wnd, mss;
    uint8_t n_repeats; /* of the SYN-ACK */
    uint8_t snd_shift : 4, rcv_shift : 4;
    bool ecn : 1;         /* granted */
    bool unreachable : 1; /* an ICMP message has said so */
};
_Static_assert(sizeof(struct tcp_request) <= 112,
               "a million requests in 128 MB, table and all");

/* What becomes of a SYN that finds the queue full, and what the queue keeps for that. */
struct tcp_synq_policy {
    const char *name, *help, *source;
    bool cookies;   /* a full queue answers by a cookie, whatever `syncookies` says */
    bool own_limit; /* the SYN queue has its own limit, the backlog is the accept queue's */
    /* With own_limit: whether g's request would put out another. */
    bool (*is_full)(struct tcp_listener *l, const struct segment *g);
    /* Full, or own_limit: makes room for g's request. False: there is none. NULL: none. */
    bool (*make_room)(struct tcp_listener *l, const struct segment *g);
    void (*added)(struct tcp_listener *l, struct tcp_request *r);   /* may be NULL */
    void (*removed)(struct tcp_listener *l, struct tcp_request *r); /* may be NULL */
    void (*close)(struct tcp_listener *l);                          /* may be NULL */
};
extern const struct choice TCP_SYNQ_CHOICES[];
/* Never NULL: the name comes from TCP_SYNQ_CHOICES. */
const struct tcp_synq_policy *tcp_synq_policy_find(const char *name);

enum tcp_synq_verdict { SYNQ_TAKE, SYNQ_DROP, SYNQ_COOKIE };
/* A SYN has come. */
enum tcp_synq_verdict tcp_synq_admit(struct tcp_listener *l, const struct segment *g);

/* The request of t, an embryo in the caller's memory whose SYN-ACK has been sent. */
void tcp_request_new(struct tcp *t);
/* An endpoint made of the request, in the caller's memory, which is zeroed, for one event. */
void tcp_request_revive(struct tcp_stack *s, struct tcp_request *r, struct tcp *t);
/* A segment has come for a request. */
void tcp_request_input(struct tcp_stack *s, struct tcp_entry *e, struct segment *g);
/* Takes it out of the books: its embryo has left SYN-RECEIVED. */
void tcp_request_remove(struct tcp_stack *s, struct tcp_request *r);
/* The request ends without a word, as if it had never been. */
void tcp_request_evict(struct tcp_request *r, const char *cause);

/* An ACK completes t's handshake: whether it may; t is an endpoint of its own then. */
bool tcp_may_complete(struct tcp *t, const struct segment *g);
/* TCP_DEFER_ACCEPT of so long as Linux counts it: in timeouts of the SYN-ACK, how many, and how
 * long they are together. */
int64_t tcp_defer_repeats(const struct tcp_params *p, sim_time asked, sim_time *covered);
/* How often the SYN-ACK of t may be repeated, now. */
int64_t tcp_synack_retries(const struct tcp *t);
/* No connection waits for accept() that should not. */
bool tcp_accept_queue_full(const struct tcp_listener *l);
