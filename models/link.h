/* SPDX-License-Identifier: GPL-3.0-or-later
 * link.h -- one direction of a wire: drop-tail queue, then serialization, then propagation, and
 * what goes wrong there.
 *
 *   link_send -> faults, luck -> [ p4 p3 | p2 ] --rate--> ~~~ p1 ~~~ delay ~~~> peer->recv
 *                                 waiting  on the wire           late
 *
 * The one idea: at a fixed rate a packet's departure is known when it is accepted, so no event
 * marks it. All packets between acceptance and arrival stand in one FIFO, and only its head is
 * in the event queue: one event a packet, one queue entry a link, however many packets fly.
 * Those that arrive out of FIFO order (held, delayed and duplicated by faults) wait in a small
 * heap beside it; of two that arrive at one instant the one from the FIFO is first.
 *
 * A link *varies* when its delay is not one and the same for all packets and all the run: a
 * distribution, reordering, a lifetime, a schedule, flapping. Then its FIFO ends where the wire
 * begins: it holds what has not departed yet, and all in flight are in the heap, by arrival and
 * then by number. So jitter reorders, as tc-netem's does: a packet that drew a shorter delay
 * overtakes. A change of the rate recomputes what has not departed (of the packet on the wire,
 * the rest); a link that goes down drops it; what is in flight arrives in either case, with the
 * delay that it was sent with. What is sent on a link that is down is dropped.
 *
 * A packet that the wire loses still takes its turn and its time on it; it is recorded as
 * dropped when its last bit would have arrived. A packet doubled at random is one that arrives:
 * its copy comes right behind it and takes no turn on the wire. A corrupt packet arrives, and
 * the host that it is for drops it. A packet older than the link's lifetime at its arrival is
 * dropped there. Not modelled: framing overhead, half duplex, cut-through.
 */
#pragma once
#include "models/impair.h"
#include "models/schedule.h"
#include "sim/sim.h"

struct fault;

/* A bound on what can be configured, so that no sum of times leaves the clock's range: a year
 * on the way; and 10^6 packets of 64 kB that wait at 100 bit/s leave within 167 years. */
#define LINK_DELAY_MAX DIST_MAX
enum { LINK_RATE_MIN = 100 };

/* All zero beyond the queue: an ideal wire. */
struct link_params {
    int64_t rate_bps;         /* bits per second; UNIT_UNLIMITED: serialization takes no time */
    struct key_variant delay; /* of DIST_KINDS: propagation, one way */
    int64_t queue_packets; /* that may wait, the one on the wire not counted; UNIT_UNLIMITED */
    int64_t queue_bytes;   /* that may wait, likewise */
    struct key_variant loss;                       /* of LOSS_MODELS */
    int64_t delay_correlation, duplicate, corrupt; /* in FRACTION_ONE parts */
    struct reorder_params reorder;
    sim_time lifetime;        /* since born_at; 0 (not given) or SIM_NEVER: any age */
    struct key_list schedule; /* of struct link_step */
    struct flap_params flap;
    int64_t mtu; /* bytes from the IP header on; 0 (not given) or UNIT_UNLIMITED: any size */
};
extern const struct key LINK_KEYS[];
/* sent, copies, delivered, lost, queue_drops, fault_drops, down_drops, lifetime_drops,
 * mtu_drops, corrupted, reordered, queue_length */
extern const struct metric LINK_METRICS[];

/* Whether the parameters go together. */
struct misfit link_check(const struct link_params *params);

/* Whether a link with these varies, see above. */
bool link_params_vary(const struct link_params *params);

/* The first two cache lines are what every packet touches.
 * Invariant: flight is ordered by arrives_at, or, on a link that varies, holds exactly what has
 * not departed, back to back: each starts_at is the departure of the one before, free_at that
 * of the last. first_waiting points into it, to the first packet whose serialization had not
 * begun when somebody last looked; n_waiting and waiting_bytes are of that moment too, and do
 * not count copies, which take no turn on the wire. Invariant: n_sent + n_copies + n_carried =
 * n_delivered + n_lost + n_queue_drops + n_fault_drops + n_down_drops + n_lifetime_drops +
 * n_mtu_drops + n_ended + what is inside, held by its faults included. */
struct link {
    _Alignas(64) struct packet_fifo flight;
    struct packet *first_waiting;
    sim_time free_at;  /* when the last accepted bit leaves; decreases by a change alone */
    struct sim *sim;   /* borrowed */
    struct sink *peer; /* borrowed; owns every packet it is handed */
    int64_t n_sent, n_delivered;
    struct event
        arrival;        /* queued exactly when flight is not empty and the link does not vary */
    int64_t rate_bps;   /* and delay: see struct link_params */
    sim_time delay;     /* of a link that varies: in impair */
    sim_time byte_time; /* at rate_bps; -1: not a whole number */
    struct impair *impair; /* NULL: nothing happens at random */
    uint32_t subject;      /* also its rank among simultaneous arrivals */
    bool is_plain;         /* no faults, no impair, any size: the short way */
    bool varies, is_up;
    int64_t queue_packets, queue_bytes;
    int64_t n_waiting, waiting_bytes;
    struct fault *faults; /* list through fault.next, in declared order */
    struct packet **late; /* heap by (arrives_at, id) */
    uint32_t n_late, cap_late;
    struct timer departure;    /* of flight.head, on a link that varies */
    struct timer late_arrival; /* armed for late[0] */
    sim_time lifetime;         /* SIM_NEVER: any age */
    uint32_t mtu;              /* UINT32_MAX: any size */
    int64_t n_mtu_drops;
    int64_t n_copies, n_lost, n_queue_drops, n_fault_drops, n_down_drops, n_lifetime_drops;
    int64_t n_corrupted, n_reordered;
    int64_t n_carried; /* were inside when the counting began, see link_warm_up */
    int64_t n_ended;   /* still under way when the run ended */
};
_Static_assert(offsetof(struct link, queue_packets) == 128,
               "what every packet touches is two cache lines");

/* Declares the subject "link" `name`. Copies params. */
void link_init(struct link *l, struct sim *sim, const char *name,
               const struct link_params *params, struct sink *peer);

/* Whether the link does not carry a packet as large as p. */
static inline bool link_is_too_small(const struct link *l, const struct packet *p)
{
    return !l->is_plain && p->bytes > l->mtu;
}

/* Takes p. False if it was not accepted (queue full, too large): recorded as dropped and freed;
 * an outcome, not an error. */
bool link_send(struct link *l, struct packet *p);

/* Takes p, which enters the flight out of FIFO order and arrives at `at` (>= now). For faults.
 */
void link_send_late(struct link *l, struct packet *p, sim_time at);

/* Takes p, which a fault had kept: it crosses the link with the delay that it was sent with
 * (in p->arrives_at), or is dropped if the link is down. */
void link_release(struct link *l, struct packet *p);

/* Takes copy, a duplicate of `original`, which link_send has just accepted: it arrives `after`
 * later than that one (0: right behind it) and takes no turn on the wire. For faults. */
void link_send_copy(struct link *l, const struct packet *original, struct packet *copy,
                    sim_time after);

/* Changes of a link that varies. */
void link_set_up(struct link *l, bool up);
void link_set_rate(struct link *l, int64_t rate_bps);
void link_set_delay(struct link *l, const struct key_variant *delay);
void link_set_loss(struct link *l, const struct key_variant *loss);

/* Packets that wait now, the one on the wire not counted. */
int64_t link_queue_length(const struct link *l);

/* Packets that have been taken and not yet given away, its faults' included. */
int64_t link_inside(const struct link *l);

/* The end of the warm-up: counts begin at 0; what is inside is carried over. */
void link_warm_up(struct link *l);

/* Ends the run for this link: what is still in flight is recorded as dropped, cause "end", and
 * freed. */
void link_drain(struct link *l);

/* What happens to a segment on a link or at a host; the record from which ladders, traces and
 * pcaps are made. */
enum seg_event {
    SEG_SEND,
    SEG_RECV,
    SEG_DROP,
    SEG_DUP,
    SEG_HOLD,
    SEG_RELEASE,
    SEG_DELAY,
    SEG_CORRUPT,
};
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
