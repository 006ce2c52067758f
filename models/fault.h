/* SPDX-License-Identifier: GPL-3.0-or-later
 * fault.h -- a scripted fault: the n-th segment on a link that matches is dropped, delayed,
 * duplicated, corrupted or held.
 *
 *   link_send --> fault_apply --> drop, delay: marked; takes its turn on the wire, and then it
 * happens
 *                            \--> fault_hold: parked here ... fault_fire ... `then` ...
 * link_release
 *                             \-> accepted by the queue --> fault_copy; or it is corrupt
 *
 * Statistics make loss likely, a script makes it certain: the labs need *this* SYN to be late.
 * Faults of one link are asked in declared order, each counts its own matches, the first one
 * whose turn it is decides. A held segment and a copy have no luck, good or bad: they are never
 * lost, doubled or corrupted at random. Not modelled: faults that change a segment's bytes, but
 * for corrupting it, which any checksum finds.
 */
#pragma once
#include "models/link.h"

/* In fault_match.flags: a KEY_FLAGS that was given. */
#define FAULT_FLAGS_GIVEN (UINT32_C(1) << 31)

struct fault_match {
    uint32_t flags; /* exactly these of SYN, ACK, FIN, RST; the others are not looked at */
    int64_t nth;    /* the first match to act on, from 1 */
    int64_t count;  /* how many from there on; UNIT_UNLIMITED */
    uint16_t sport, dport; /* 0: any */
    const char *data;      /* choice: "any", "yes" (has payload), "no" */
    sim_time from, to;     /* sent in [from, to); to 0: at any time after from */
};

struct fault_params {
    char link[NAME_MAX_BYTES];
    struct fault_match match;
    bool drop;
    bool corrupt;
    sim_time delay; /* 0: not this action */
    struct {
        int64_t copies; /* 0: not this action */
        sim_time after; /* the k-th copy arrives k x after later than the original */
    } duplicate;
    struct {
        struct key_until until; /* name "": not this action */
        sim_time then; /* further wait; then the packet crosses the link with its plain delay */
    } hold;
};
extern const struct key FAULT_MATCH_KEYS[]; /* of struct fault_match */
extern const struct key FAULT_KEYS[];       /* link, match, and an action: see fault_check */
extern const struct metric FAULT_METRICS[]; /* matched, acted */

struct fault {
    struct fault *next;
    struct fault_params params;
    struct link *link;
    uint32_t subject;
    char cause[NAME_MAX_BYTES + 8]; /* "fault:NAME", of its drops */
    int64_t n_seen;                 /* matches so far */
    int64_t n_matched, n_acted;     /* since the end of the warm-up */
    struct packet_fifo held;
    bool fired;           /* the event it waits for has happened */
    bool released;        /* and `then` has passed: what matches later passes at once */
    struct event release; /* class EV_WORLD */
};

/* Whether p, sent now, is one of those that m speaks of; nth and count are not looked at. */
bool fault_match_is(const struct fault_match *m, const struct packet *p, sim_time now);

/* Whether the parameters go together: exactly one action is given. */
struct misfit fault_check(const struct fault_params *params);

/* Declares the subject "fault" `name` and appends f to the link's list. Copies params. */
void fault_init(struct fault *f, struct sim *sim, const char *name,
                const struct fault_params *params, struct link *l);

/* Asked by link_send for each packet: counts, and marks p if it is to be dropped or delayed.
 * The fault that acts on p, or NULL. */
struct fault *fault_apply(struct link *l, struct packet *p);

/* Whether f is one that holds what it acts on. */
bool fault_is_hold(const struct fault *f);

/* Takes p; its delay on the link, once released, is in p->arrives_at. */
void fault_hold(struct fault *f, struct packet *p);

/* The link has just accepted p: sends the copies, if f makes any. */
void fault_copy(struct fault *f, const struct packet *p);

/* The fault of l with this subject, or NULL. */
const struct fault *fault_by_subject(const struct link *l, uint32_t subject);

/* The event that a hold waits for has happened now. Idempotent. */
void fault_fire(struct fault *f);

/* The end of the warm-up: counts begin at 0, what it waits for stays. */
void fault_warm_up(struct fault *f);

/* Ends the run: held packets are dropped, cause "end". */
void fault_drain(struct fault *f);
