/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/link.h"

#include <stdio.h>

#include "models/fault.h"

#define AT(field) offsetof(struct link_params, field)
const struct key LINK_KEYS[] = {
    {
        .name = "delay",
        .kind = KEY_QUANTITY,
        .offset = AT(delay),
        .default_text = "10ms",
        .unit = UNIT_TIME,
        .max = LINK_DELAY_MAX,
        .help = "propagation delay, one way",
    },
    {
        .name = "rate",
        .kind = KEY_QUANTITY,
        .offset = AT(rate_bps),
        .default_text = "unlimited",
        .unit = UNIT_RATE,
        .min = LINK_RATE_MIN,
        .max = UNIT_UNLIMITED,
        .help = "bits per second; unlimited: serialization takes no time",
    },
    {
        .name = "queue",
        .kind = KEY_QUANTITY,
        .offset = AT(queue_packets),
        .default_text = "unlimited",
        .unit = UNIT_COUNT,
        .help = "packets that may wait, the one on the wire not counted; the next is dropped",
    },
    {
        .name = "queue_bytes",
        .kind = KEY_QUANTITY,
        .offset = AT(queue_bytes),
        .default_text = "unlimited",
        .unit = UNIT_BYTES,
        .help = "bytes that may wait, the packet on the wire not counted",
    },
    {
        .name = "loss",
        .kind = KEY_QUANTITY,
        .offset = AT(loss),
        .default_text = "0%",
        .unit = UNIT_FRACTION,
        .max = FRACTION_ONE,
        .help = "each packet is lost on the wire with this probability, independently",
    },
    {0},
};
#undef AT

#define AT(field) offsetof(struct link, field)
const struct metric LINK_METRICS[] = {
    {
        .name = "sent",
        .unit = UNIT_COUNT,
        .offset = AT(n_sent),
        .help = "packets handed to the link",
    },
    {
        .name = "copies",
        .unit = UNIT_COUNT,
        .offset = AT(n_copies),
        .help = "duplicates made by its faults",
    },
    {
        .name = "delivered",
        .unit = UNIT_COUNT,
        .offset = AT(n_delivered),
        .help = "packets that arrived, copies included",
    },
    {
        .name = "lost",
        .unit = UNIT_COUNT,
        .offset = AT(n_lost),
        .help = "packets lost at random on the wire",
    },
    {
        .name = "queue_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_queue_drops),
        .help = "packets that found the queue full",
    },
    {
        .name = "fault_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_fault_drops),
        .help = "packets dropped by its faults",
    },
    {0},
};
#undef AT

/* Rounded up: a link is never faster than its rate. Exact for packets below 2^30 bytes. */
static sim_time tx_time(const struct link *l, uint32_t bytes)
{
    if (l->rate_bps == UNIT_UNLIMITED)
        return 0;
    const uint64_t rate = (uint64_t)l->rate_bps;
    return (sim_time)(((uint64_t)bytes * 8 * SEC(1) + rate - 1) / rate);
}

/* Packets whose turn on the wire has come by now wait no longer. */
static inline void begin_due(struct link *l)
{
    while (l->first_waiting != NULL && l->first_waiting->starts_at <= l->sim->now) {
        const struct packet *p = l->first_waiting;
        l->first_waiting = p->next;
        if ((p->marks & PACKET_EXTRA) == 0) {
            l->n_waiting--;
            l->waiting_bytes -= p->bytes;
        }
    }
}

static bool is_earlier(const struct packet *a, const struct packet *b)
{
    return a->arrives_at != b->arrives_at ? a->arrives_at < b->arrives_at : a->id < b->id;
}

static void late_push(struct link *l, struct packet *p)
{
    l->late =
        arena_grow(&l->sim->arena, l->late, &l->cap_late, l->n_late + 1, sizeof(*l->late));
    uint32_t at = l->n_late++;
    for (; at > 0 && is_earlier(p, l->late[(at - 1) / 2]); at = (at - 1) / 2)
        l->late[at] = l->late[(at - 1) / 2];
    l->late[at] = p;
}

static struct packet *late_pop(struct link *l)
{
    struct packet *first = l->late[0];
    struct packet *p = l->late[--l->n_late];
    uint32_t at = 0;
    for (uint32_t child = 1; child < l->n_late; child = 2 * at + 1) {
        if (child + 1 < l->n_late && is_earlier(l->late[child + 1], l->late[child]))
            child++;
        if (!is_earlier(l->late[child], p))
            break;
        l->late[at] = l->late[child];
        at = child;
    }
    l->late[at] = p;
    return first;
}

static inline void deliver(struct link *l, struct packet *p)
{
    l->n_delivered++;
    segment_emit(l->sim, SEG_RECV, l->subject, p, NULL);
    l->peer->recv(l->peer, p);
}

static void drop(struct link *l, struct packet *p, const char *cause, int64_t *count)
{
    (*count)++;
    segment_emit(l->sim, SEG_DROP, l->subject, p, cause);
    packet_free(l->sim, p);
}

/* Rare ways stand apart, here and below: inlined they cost the usual one a tenth (bench_hops).
 *
 * The last bit of a packet that does not simply arrive: see the marks. */
static __attribute__((noinline)) void arrive_marked(struct link *l, struct packet *p)
{
    const struct fault *f = fault_by_subject(l, p->fault);
    const uint8_t marks = p->marks;
    p->marks = marks & (uint8_t) ~(PACKET_LOST | PACKET_DELAYED | PACKET_EXTRA);
    p->fault = 0;
    if (marks & PACKET_LOST)
        drop(l, p, f == NULL ? "loss" : f->cause, f == NULL ? &l->n_lost : &l->n_fault_drops);
    else if (marks & PACKET_DELAYED)
        link_send_late(l, p, l->sim->now + f->params.delay);
    else
        deliver(l, p);
}

static void link_on_arrival(struct sim *sim, struct event *e)
{
    struct link *l = CONTAINER_OF(e, struct link, arrival);
    if (l->first_waiting == l->flight.head)
        begin_due(l); /* the head has left: it waits no longer */
    struct packet *p = fifo_pop(&l->flight);
    const struct packet *head = l->flight.head;
    if (head != NULL) {
        event_at(sim, &l->arrival, head->arrives_at);
        __builtin_prefetch(head->next); /* of a long flight it is not in the cache */
    }
    if (__builtin_expect((p->marks & (PACKET_LOST | PACKET_DELAYED | PACKET_EXTRA)) != 0, 0))
        arrive_marked(l, p);
    else
        deliver(l, p);
}

static void link_on_late_arrival(struct sim *sim, struct timer *t)
{
    struct link *l = CONTAINER_OF(t, struct link, late_arrival);
    struct packet *p = late_pop(l);
    if (l->n_late > 0)
        timer_set(sim, t, l->late[0]->arrives_at);
    deliver(l, p);
}

void link_init(struct link *l, struct sim *sim, const char *name,
               const struct link_params *params, struct sink *peer)
{
    *l = (struct link){
        .sim = sim,
        .peer = peer,
        .rate_bps = params->rate_bps,
        .delay = params->delay,
        .loss = params->loss,
        .queue_packets = params->queue_packets,
        .queue_bytes = params->queue_bytes,
    };
    l->subject = sim_subject(sim, "link", name);
    char stream[sizeof(((struct subject *)0)->name) + 16];
    snprintf(stream, sizeof(stream), "link/%s/loss", name);
    l->loss_rng = sim_rng(sim, stream);
    event_init(sim, &l->arrival, EV_ARRIVAL, l->subject, link_on_arrival);
    timer_init(sim, &l->late_arrival, EV_ARRIVAL, l->subject, link_on_late_arrival);
}

/* False: no room. Otherwise p has its times and stands in the flight. */
static inline bool accept(struct link *l, struct packet *p)
{
    const sim_time now = l->sim->now;
    begin_due(l);
    p->starts_at = time_max(l->free_at, now);
    const bool waits = p->starts_at > now;
    if (waits &&
        (l->n_waiting >= l->queue_packets || l->waiting_bytes > l->queue_bytes - p->bytes))
        return false;
    l->free_at = p->starts_at + tx_time(l, p->bytes);
    p->arrives_at = l->free_at + l->delay;
    if (fifo_push(&l->flight, p))
        event_at(l->sim, &l->arrival, p->arrives_at);
    if (waits) {
        l->n_waiting++;
        l->waiting_bytes += p->bytes;
        if (l->first_waiting == NULL)
            l->first_waiting = p;
    }
    return true;
}

/* False, for link_send. */
static __attribute__((noinline)) bool refuse(struct link *l, struct packet *p)
{
    drop(l, p, "queue", &l->n_queue_drops);
    return false;
}

/* One draw a packet, whatever else was decided: a fault more or less disturbs no other packet's
 * fate. What a fault drops stays the fault's; a loss overrides its delay. */
static void draw_loss(struct link *l, struct packet *p)
{
    if ((int64_t)rng_below(&l->loss_rng, FRACTION_ONE) >= l->loss || (p->marks & PACKET_LOST))
        return;
    p->marks |= PACKET_LOST;
    p->fault = 0;
}

/* The way of a packet on a link with faults or loss. */
static __attribute__((noinline)) bool send_impaired(struct link *l, struct packet *p)
{
    struct fault *f = fault_apply(l, p);
    if (l->loss > 0)
        draw_loss(l, p);
    if (f != NULL && fault_hold(f, p))
        return true;
    if (!accept(l, p))
        return refuse(l, p);
    if (f != NULL)
        fault_copy(f, p);
    return true;
}

bool link_send(struct link *l, struct packet *p)
{
    l->n_sent++;
    segment_emit(l->sim, SEG_SEND, l->subject, p, NULL);
    if (l->faults != NULL || l->loss > 0)
        return send_impaired(l, p);
    return accept(l, p) || refuse(l, p);
}

void link_send_late(struct link *l, struct packet *p, sim_time at)
{
    p->arrives_at = at;
    late_push(l, p);
    timer_set(l->sim, &l->late_arrival, l->late[0]->arrives_at);
}

void link_send_copy(struct link *l, struct packet *copy, sim_time after)
{
    const struct packet *last = l->flight.tail;
    l->n_copies++;
    copy->starts_at = last->starts_at;
    copy->arrives_at = last->arrives_at;
    copy->marks &= (uint8_t) ~(PACKET_LOST | PACKET_DELAYED);
    copy->fault = 0;
    if (after > 0) {
        link_send_late(l, copy, copy->arrives_at + after);
        return;
    }
    copy->marks |= PACKET_EXTRA;
    fifo_push(&l->flight, copy);
}

void link_drain(struct link *l)
{
    while (l->flight.head != NULL)
        drop(l, fifo_pop(&l->flight), "end", &l->n_ended);
    while (l->n_late > 0)
        drop(l, late_pop(l), "end", &l->n_ended);
    l->first_waiting = NULL;
    l->n_waiting = l->waiting_bytes = 0;
    timer_set(l->sim, &l->late_arrival, SIM_NEVER);
}
