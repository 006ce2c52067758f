/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/loopback.h"

static void arrived(struct sim *sim, struct event *e)
{
    struct loopback *l = CONTAINER_OF(e, struct loopback, arrival);
    struct packet *p = fifo_pop(&l->flight);
    if (l->flight.head != NULL)
        event_at(sim, &l->arrival, l->flight.head->arrives_at);
    l->take(l, p);
}

void loopback_init(struct loopback *l, struct sim *sim, uint32_t host,
                   void (*take)(struct loopback *l, struct packet *p))
{
    *l = (struct loopback){.sim = sim, .take = take};
    event_init(sim, &l->arrival, EV_ARRIVAL, host, arrived);
}

void loopback_send(struct loopback *l, struct packet *p)
{
    p->arrives_at = time_add(l->sim->now, LOOPBACK_DELAY);
    l->n_carried++;
    if (fifo_push(&l->flight, p))
        event_at(l->sim, &l->arrival, p->arrives_at);
}

void loopback_drain(struct loopback *l)
{
    while (l->flight.head != NULL)
        packet_free(l->sim, fifo_pop(&l->flight));
}
