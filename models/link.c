/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/link.h"

#include <stdio.h>

#include "models/fault.h"

bool link_params_vary(const struct link_params *params)
{
    return !dist_is_constant(&params->delay) || params->reorder.probability > 0 ||
           (params->lifetime != 0 && params->lifetime != SIM_NEVER) || params->schedule.n > 0 ||
           params->flap.up.variant != NULL;
}

static void set_rate(struct link *l, int64_t rate_bps)
{
    l->rate_bps = rate_bps;
    l->byte_time = rate_bps == UNIT_UNLIMITED   ? 0
                   : 8 * SEC(1) % rate_bps == 0 ? 8 * SEC(1) / rate_bps
                                                : -1;
}

/* Rounded up: a link is never faster than its rate. Exact for packets below 2^30 bytes. Of
 * round rates no packet waits for a division. */
static inline sim_time tx_time(const struct link *l, uint32_t bytes)
{
    if (__builtin_expect(l->byte_time >= 0, 1))
        return bytes * l->byte_time;
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

static void late_put(struct link *l, struct packet *p)
{
    late_push(l, p);
    timer_set(l->sim, &l->late_arrival, l->late[0]->arrives_at);
}

static void link_on_late_arrival(struct sim *sim, struct timer *t)
{
    struct link *l = CONTAINER_OF(t, struct link, late_arrival);
    struct packet *p = late_pop(l);
    if (l->n_late > 0)
        timer_set(sim, t, l->late[0]->arrives_at);
    if (p->marks & PACKET_LOST)
        arrive_marked(l, p);
    else if (sim->now - p->born_at > l->lifetime)
        drop(l, p, "lifetime", &l->n_lifetime_drops);
    else
        deliver(l, p);
}

/* Of the first packet that has not departed, on a link that varies: they stand back to back. */
static sim_time head_departs_at(const struct link *l)
{
    const struct packet *second = l->flight.head->next;
    return second != NULL ? second->starts_at : l->free_at;
}

static void await_departure(struct link *l)
{
    timer_set(l->sim, &l->departure, l->flight.head == NULL ? SIM_NEVER : head_departs_at(l));
}

static void link_on_departure(struct sim *sim, struct timer *t)
{
    struct link *l = CONTAINER_OF(t, struct link, departure);
    begin_due(l); /* the head among them: its turn has come and gone */
    do {
        struct packet *p = fifo_pop(&l->flight);
        p->marks &= (uint8_t)~PACKET_EXTRA;
        late_put(l, p);
    } while (l->flight.head != NULL && head_departs_at(l) <= sim->now);
    await_departure(l);
}

void link_init(struct link *l, struct sim *sim, const char *name,
               const struct link_params *params, struct sink *peer)
{
    *l = (struct link){
        .sim = sim,
        .peer = peer,
        .delay = dist_is_constant(&params->delay) ? dist_mean(&params->delay) : 0,
        .queue_packets = params->queue_packets,
        .queue_bytes = params->queue_bytes,
        .lifetime = params->lifetime == 0 ? SIM_NEVER : params->lifetime,
        .mtu =
            params->mtu == 0 || params->mtu > UINT32_MAX ? UINT32_MAX : (uint32_t)params->mtu,
        .varies = link_params_vary(params),
        .is_up = true,
    };
    set_rate(l, params->rate_bps);
    l->subject = sim_subject(sim, "link", name);
    event_init(sim, &l->arrival, EV_ARRIVAL, l->subject, link_on_arrival);
    timer_init(sim, &l->departure, EV_ARRIVAL, l->subject, link_on_departure);
    timer_init(sim, &l->late_arrival, EV_ARRIVAL, l->subject, link_on_late_arrival);
    char stream[sizeof(((struct subject *)0)->name) + 8];
    snprintf(stream, sizeof(stream), "link/%s", name);
    if (!impair_is_none(params)) {
        l->impair = sim_alloc(sim, sizeof(*l->impair));
        impair_init(l->impair, sim, stream, params);
    }
    if (params->schedule.n > 0 || params->flap.up.variant != NULL)
        schedule_new(l, stream, &params->schedule, &params->flap);
    l->is_plain = l->impair == NULL && l->mtu == UINT32_MAX;
}

/* False: no room. Otherwise p has its turn on the wire, and *waits says if it comes later. */
static inline bool take_turn(struct link *l, struct packet *p, bool *waits)
{
    const sim_time now = l->sim->now;
    begin_due(l);
    p->starts_at = time_max(l->free_at, now);
    *waits = p->starts_at > now;
    if (*waits &&
        (l->n_waiting >= l->queue_packets || l->waiting_bytes > l->queue_bytes - p->bytes))
        return false;
    l->free_at = p->starts_at + tx_time(l, p->bytes);
    return true;
}

static inline void begin_waiting(struct link *l, struct packet *p)
{
    l->n_waiting++;
    l->waiting_bytes += p->bytes;
    if (l->first_waiting == NULL)
        l->first_waiting = p;
}

/* False: no room. Otherwise p has its times and stands in the flight. */
static inline bool accept(struct link *l, struct packet *p)
{
    bool waits;
    if (!take_turn(l, p, &waits))
        return false;
    p->arrives_at = l->free_at + l->delay;
    if (fifo_push(&l->flight, p))
        event_at(l->sim, &l->arrival, p->arrives_at);
    if (waits)
        begin_waiting(l, p);
    return true;
}

/* The same on a link that varies. */
static bool accept_varied(struct link *l, struct packet *p, sim_time delay)
{
    bool waits;
    if (!take_turn(l, p, &waits))
        return false;
    p->arrives_at = l->free_at + delay;
    if (p->marks & PACKET_DELAYED) {
        p->marks &= (uint8_t)~PACKET_DELAYED;
        p->arrives_at += fault_by_subject(l, p->fault)->params.delay;
        p->fault = 0;
    }
    if (l->free_at == l->sim->now) {
        late_put(l, p);
        return true;
    }
    if (fifo_push(&l->flight, p))
        await_departure(l);
    if (waits)
        begin_waiting(l, p);
    return true;
}

/* False, for link_send. */
static __attribute__((noinline)) bool refuse(struct link *l, struct packet *p)
{
    drop(l, p, "queue", &l->n_queue_drops);
    return false;
}

/* What a fault drops stays the fault's; a loss overrides its delay. */
static void lose(struct packet *p)
{
    if (p->marks & PACKET_LOST)
        return;
    p->marks = (p->marks & (uint8_t)~PACKET_DELAYED) | PACKET_LOST;
    p->fault = 0;
}

/* p, which has been accepted, arrives twice. A copy of what a fault delays goes with it. */
static void double_it(struct link *l, struct packet *p)
{
    struct packet *copy = packet_copy(l->sim, p);
    const sim_time after =
        p->marks & PACKET_DELAYED ? fault_by_subject(l, p->fault)->params.delay : 0;
    segment_emit(l->sim, SEG_DUP, l->subject, copy, "duplicate");
    link_send_copy(l, p, copy, after);
}

/* p breaks on the way, if it is not broken already. */
static void corrupt(struct link *l, struct packet *p, const char *cause)
{
    if (p->marks & PACKET_CORRUPT)
        return;
    p->marks |= PACKET_CORRUPT;
    l->n_corrupted++;
    segment_emit(l->sim, SEG_CORRUPT, l->subject, p, cause);
}

/* What befalls p, which has been accepted and will arrive; f acts on it, or is NULL. */
static void befall(struct link *l, struct packet *p, const struct luck *luck, struct fault *f)
{
    l->n_reordered += luck->moved;
    if (f != NULL && f->params.corrupt)
        corrupt(l, p, f->cause);
    else if (luck->corrupt)
        corrupt(l, p, "corrupt");
    if (luck->doubled)
        double_it(l, p);
}

/* The way of a packet on a link with faults or impairments. Its luck is drawn at once: what
 * else is decided about it disturbs no other packet's fate. */
static __attribute__((noinline)) bool send_impaired(struct link *l, struct packet *p)
{
    struct luck luck = {.delay = l->delay};
    if (p->bytes > l->mtu) {
        drop(l, p, "mtu", &l->n_mtu_drops);
        return false;
    }
    struct fault *f = fault_apply(l, p);
    if (l->impair != NULL)
        luck = impair_draw(l->impair);
    if (f != NULL && fault_is_hold(f)) {
        p->arrives_at = luck.delay;
        fault_hold(f, p);
        return true;
    }
    if (!l->is_up) {
        drop(l, p, "down", &l->n_down_drops);
        return false;
    }
    if (luck.lost)
        lose(p);
    if (!(l->varies ? accept_varied(l, p, luck.delay) : accept(l, p)))
        return refuse(l, p);
    if (f != NULL)
        fault_copy(f, p);
    if ((p->marks & PACKET_LOST) == 0)
        befall(l, p, &luck, f);
    return true;
}

bool link_send(struct link *l, struct packet *p)
{
    l->n_sent++;
    segment_emit(l->sim, SEG_SEND, l->subject, p, NULL);
    if (!l->is_plain)
        return send_impaired(l, p);
    return accept(l, p) || refuse(l, p);
}

void link_send_late(struct link *l, struct packet *p, sim_time at)
{
    p->arrives_at = at;
    late_put(l, p);
}

void link_release(struct link *l, struct packet *p)
{
    if (l->is_up)
        link_send_late(l, p, l->sim->now + p->arrives_at);
    else
        drop(l, p, "down", &l->n_down_drops);
}

/* A copy that goes beside the FIFO has the place of its original there, and no length on the
 * wire. */
void link_send_copy(struct link *l, const struct packet *original, struct packet *copy,
                    sim_time after)
{
    const bool has_departed = l->varies && l->free_at == l->sim->now;
    l->n_copies++;
    copy->starts_at = l->varies ? l->free_at : original->starts_at;
    copy->arrives_at = original->arrives_at + after;
    copy->marks &= (uint8_t) ~(PACKET_LOST | PACKET_DELAYED);
    copy->fault = 0;
    if (has_departed || (after > 0 && !l->varies)) {
        late_put(l, copy);
        return;
    }
    copy->marks |= PACKET_EXTRA;
    fifo_push(&l->flight, copy);
}

/* ---- changes, of a link that varies */

static void drop_waiting(struct link *l, const char *cause, int64_t *count)
{
    while (l->flight.head != NULL)
        drop(l, fifo_pop(&l->flight), cause, count);
    l->first_waiting = NULL;
    l->n_waiting = l->waiting_bytes = 0;
}

void link_set_up(struct link *l, bool up)
{
    sim_assert(l->sim, l->varies);
    l->is_up = up;
    if (up)
        return;
    drop_waiting(l, "down", &l->n_down_drops);
    l->free_at = time_min(l->free_at, l->sim->now);
    await_departure(l);
}

/* How long what is left of the packet on the wire takes at another rate; rounded up. */
static sim_time at_rate(sim_time left, int64_t old_bps, int64_t new_bps)
{
    if (left <= 0 || new_bps == UNIT_UNLIMITED)
        return 0;
    return (sim_time)(((__int128)left * old_bps + new_bps - 1) / new_bps);
}

/* The head keeps its start: it is on the wire, or just about to leave it. */
void link_set_rate(struct link *l, int64_t rate_bps)
{
    sim_assert(l->sim, l->varies);
    const sim_time now = l->sim->now;
    const int64_t old_bps = l->rate_bps;
    begin_due(l);
    set_rate(l, rate_bps);
    if (l->flight.head == NULL)
        return;
    sim_time departs_at = now + at_rate(head_departs_at(l) - now, old_bps, rate_bps);
    for (struct packet *p = l->flight.head; p != NULL; p = p->next) {
        const sim_time old = p->next == NULL ? l->free_at : p->next->starts_at;
        if (p != l->flight.head) {
            p->starts_at = departs_at;
            departs_at += p->marks & PACKET_EXTRA ? 0 : tx_time(l, p->bytes);
        }
        p->arrives_at += departs_at - old;
    }
    l->free_at = departs_at;
    await_departure(l);
}

void link_set_delay(struct link *l, const struct key_variant *delay)
{
    sim_assert(l->sim, l->varies);
    l->impair->delay = *delay;
}

void link_set_loss(struct link *l, const struct key_variant *loss)
{
    sim_assert(l->sim, l->varies);
    loss_set(&l->impair->loss, loss);
}

/* ---- the end of the warm-up, and of the run */

int64_t link_queue_length(const struct link *l)
{
    int64_t n = l->n_waiting;
    for (const struct packet *p = l->first_waiting; p != NULL && p->starts_at <= l->sim->now;
         p = p->next)
        n -= (p->marks & PACKET_EXTRA) == 0;
    return n;
}

int64_t link_inside(const struct link *l)
{
    int64_t n = l->n_late;
    for (const struct packet *p = l->flight.head; p != NULL; p = p->next)
        n++;
    for (const struct fault *f = l->faults; f != NULL; f = f->next)
        for (const struct packet *p = f->held.head; p != NULL; p = p->next)
            n++;
    return n;
}

void link_warm_up(struct link *l)
{
    l->n_sent = l->n_copies = l->n_delivered = l->n_lost = l->n_ended = 0;
    l->n_queue_drops = l->n_fault_drops = l->n_down_drops = l->n_lifetime_drops = 0;
    l->n_mtu_drops = 0;
    l->n_corrupted = l->n_reordered = 0;
    l->n_carried = link_inside(l);
}

void link_drain(struct link *l)
{
    drop_waiting(l, "end", &l->n_ended);
    while (l->n_late > 0)
        drop(l, late_pop(l), "end", &l->n_ended);
    timer_set(l->sim, &l->departure, SIM_NEVER);
    timer_set(l->sim, &l->late_arrival, SIM_NEVER);
}
