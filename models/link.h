/* SPDX-License-Identifier: GPL-3.0-or-later
 * link.h -- one direction of a wire: drop-tail queue, then serialization, then propagation, and
 * what goes wrong there.
 *
 *   link_send -> faults -> [ p4 p3 | p2 ] --rate--> ~~~ p1 ~~~ delay ~~~> peer->recv
 *                           waiting  on the wire           late: held, delayed and duplicated
 * ones
 *
 * The one idea: at a fixed rate a packet's departure is known when it is accepted, so no event
 * marks it. All packets between acceptance and arrival stand in one FIFO, and only its head is
 * in the event queue: one event a packet, one queue entry a link, however many packets fly.
 * Those that arrive out of FIFO order wait in a small heap beside it; of two that arrive at one
 * instant the one from the FIFO is first.
 *
 * A packet that the wire loses still takes its turn and its time on it; it is recorded as
 * dropped when its last bit would have arrived. Not modelled: framing overhead, half duplex,
 * cut-through.
 */
#pragma once
#include "sim/schema.h"
#include "sim/sim.h"

struct fault;

/* A bound on what can be configured, so that no sum of times leaves the clock's range: a year
 * on the way; and 10^6 packets of 64 kB that wait at 100 bit/s leave within 167 years. */
#define LINK_DELAY_MAX SEC(365 * 86400)
enum { LINK_RATE_MIN = 100 };

struct link_params {
    int64_t rate_bps;      /* bits per second; UNIT_UNLIMITED: serialization takes no time */
    sim_time delay;        /* propagation, one way, >= 0 */
    int64_t queue_packets; /* that may wait, the one on the wire not counted; UNIT_UNLIMITED */
    int64_t queue_bytes;   /* that may wait, likewise */
    int64_t loss;          /* Bernoulli, in FRACTION_ONE parts; each packet draws once */
};
extern const struct key LINK_KEYS[];
/* sent, copies, delivered, lost, queue_drops, fault_drops */
extern const struct metric LINK_METRICS[];

/* The first two cache lines are what every packet touches.
 * Invariant: flight is ordered by arrives_at. first_waiting points into it, to the first packet
 * whose serialization had not begun when somebody last looked; n_waiting and waiting_bytes are
 * of that moment too, and do not count copies, which take no turn on the wire.
 * Invariant: n_sent + n_copies = n_delivered + n_lost + n_queue_drops + n_fault_drops + n_ended
 * + what is inside, held by its faults included. */
struct link {
    _Alignas(64) struct packet_fifo flight;
    struct packet *first_waiting;
    sim_time free_at;  /* when the last accepted bit leaves; never decreases */
    struct sim *sim;   /* borrowed */
    struct sink *peer; /* borrowed; owns every packet it is handed */
    int64_t n_sent, n_delivered;
    struct event arrival; /* queued exactly when flight is not empty */
    int64_t rate_bps;     /* and delay, loss: see struct link_params */
    sim_time delay;
    int64_t loss;
    struct fault *faults; /* list through fault.next, in declared order */
    uint32_t subject;     /* also its rank among simultaneous arrivals */
    int64_t queue_packets, queue_bytes;
    int64_t n_waiting, waiting_bytes;
    struct packet **late; /* heap by (arrives_at, id) */
    uint32_t n_late, cap_late;
    struct timer late_arrival; /* armed for late[0] */
    struct rng loss_rng;       /* "link/NAME/loss" */
    int64_t n_copies, n_lost, n_queue_drops, n_fault_drops;
    int64_t n_ended; /* still under way when the run ended */
};
_Static_assert(offsetof(struct link, queue_packets) == 128,
               "what every packet touches is two cache lines");

/* Declares the subject "link" `name`. Copies params. */
void link_init(struct link *l, struct sim *sim, const char *name,
               const struct link_params *params, struct sink *peer);

/* Takes p. False if it was not accepted (queue full): recorded as dropped and freed; an
 * outcome, not an error. */
bool link_send(struct link *l, struct packet *p);

/* Takes p, which enters the flight out of FIFO order and arrives at `at` (>= now). For faults.
 */
void link_send_late(struct link *l, struct packet *p, sim_time at);

/* Takes copy, a duplicate of the packet that link_send has just accepted: it arrives `after`
 * later than that one (0: right behind it) and takes no turn on the wire. For faults. */
void link_send_copy(struct link *l, struct packet *copy, sim_time after);

/* Ends the run for this link: what is still in flight is recorded as dropped, cause "end", and
 * freed. */
void link_drain(struct link *l);

/* What happens to a segment on a link or at a host; the record from which ladders, traces and
 * pcaps are made. */
enum seg_event { SEG_SEND, SEG_RECV, SEG_DROP, SEG_DUP, SEG_HOLD, SEG_RELEASE, SEG_DELAY };
extern const struct rec_type
    REC_TYPE_SEGMENT; /* fields as DESIGN §8's segment(...), level REC_SEGMENT */

/* The record itself, whoever listens; use segment_emit. */
void segment_record(struct sim *sim, enum seg_event event, uint32_t subject,
                    const struct packet *p, const char *cause);

/* subject: the link, or the host where a segment ends. cause: const or arena text, NULL: none.
 */
static inline void segment_emit(struct sim *sim, enum seg_event event, uint32_t subject,
                                const struct packet *p, const char *cause)
{
    if (sim_listens(sim, REC_SEGMENT))
        segment_record(sim, event, subject, p, cause);
}
