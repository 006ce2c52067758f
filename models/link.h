/* SPDX-License-Identifier: GPL-3.0-or-later
 * link.h -- one direction of a wire: drop-tail queue, then serialization, then propagation, and what goes wrong there.
 *
 *   link_send -> faults -> [ p4 p3 | p2 ] --rate--> ~~~ p1 ~~~ delay ~~~> peer->recv
 *                           waiting  on the wire           late: held, delayed and duplicated ones
 *
 * The one idea: at a fixed rate a packet's departure is known when it is accepted, so no event marks it. All packets
 * between acceptance and arrival stand in one FIFO, and only its head is in the event queue: one event a packet, one
 * queue entry a link, however many packets fly. Those that arrive out of FIFO order wait in a small heap beside it.
 *
 * A packet that the wire loses still takes its turn and its time on it; it is recorded as dropped when its last bit
 * would have arrived. Not modelled: framing overhead, half duplex, cut-through.
 */
#pragma once
#include "sim/schema.h"
#include "sim/sim.h"

struct fault;

struct link_params {
    int64_t rate_bps;      /* bits per second, > 0; UNIT_UNLIMITED: serialization takes no time */
    sim_time delay;        /* propagation, one way, >= 0 */
    int64_t queue_packets; /* packets that may wait, the one on the wire not counted; UNIT_UNLIMITED */
    int64_t queue_bytes;   /* bytes that may wait, likewise */
    int64_t loss;          /* Bernoulli, in FRACTION_ONE parts; each packet draws once */
};
extern const struct key LINK_KEYS[];
extern const struct metric LINK_METRICS[];

struct link {
    struct sim *sim;          /* borrowed */
    struct sink *peer;        /* borrowed; owns every packet it is handed */
    struct link_params params;
    uint32_t subject;         /* also its rank among simultaneous arrivals */
    struct packet_fifo flight;     /* by arrives_at; invariant: never decreases along the FIFO */
    struct packet *first_waiting;  /* into flight: the first whose serialization has not begun */
    uint32_t n_waiting;
    int64_t waiting_bytes;
    sim_time free_at;              /* when the last accepted bit leaves; never decreases */
    struct event arrival;          /* queued exactly when flight is not empty */
    struct packet **late;          /* heap by (arrives_at, id) */
    uint32_t n_late, cap_late;
    struct timer late_arrival;     /* armed for late[0] */
    struct fault *faults;          /* list through fault.next, in declared order */
    struct rng loss_rng;
    int64_t n_sent, n_delivered, n_lost, n_queue_drops, n_fault_drops; /* sent = the rest + what is still inside */
};

/* Declares the subject "link" `name`. Copies params. */
void link_init(struct link *l, struct sim *sim, const char *name, const struct link_params *params, struct sink *peer);

/* Takes p. False if it was not accepted (queue full): recorded as dropped and freed; an outcome, not an error. */
bool link_send(struct link *l, struct packet *p);

/* Takes p, which enters the flight out of FIFO order and arrives at `at` (>= now). For faults. */
void link_send_late(struct link *l, struct packet *p, sim_time at);

/* Ends the run: what is still in flight is recorded as dropped, cause "end", and freed. */
void link_drain(struct link *l);

/* What happens to a segment on a link or at a host; the record from which ladders, traces and pcaps are made. */
enum seg_event { SEG_SEND, SEG_RECV, SEG_DROP, SEG_DUP, SEG_HOLD, SEG_RELEASE, SEG_DELAY };
extern const struct rec_type REC_TYPE_SEGMENT; /* fields as DESIGN §8's segment(...), level REC_SEGMENT */
void segment_emit(struct sim *sim, enum seg_event event, uint32_t link_subject, const struct packet *p, const char *cause);
