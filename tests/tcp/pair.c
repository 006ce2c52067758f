/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tcp/pair.h"

static void on_arrival(struct sim *sim, struct event *e)
{
    struct wire *w = CONTAINER_OF(e, struct wire, arrival);
    struct packet *p = fifo_pop(&w->flight);
    if (w->flight.head != NULL)
        event_at(sim, &w->arrival, w->flight.head->arrives_at);
    tcp_input(*w->to, p);
}

static void on_output(void *ctx, struct packet *p)
{
    struct wire *w = ctx;
    w->n_packets++;
    w->n_bytes += p->len;
    p->arrives_at = w->sim->now + w->delay;
    if (fifo_push(&w->flight, p))
        event_at(w->sim, &w->arrival, p->arrives_at);
}

static void wire_init(struct wire *w, struct sim *sim, const char *name, struct tcp_stack **to,
                      sim_time delay)
{
    *w = (struct wire){.sim = sim, .to = to, .delay = delay};
    event_init(sim, &w->arrival, EV_ARRIVAL, sim_subject(sim, "link", name), on_arrival);
}

void pair_init(struct pair *p, const struct tcp_params *a, const struct tcp_params *b,
               sim_time delay)
{
    p->sim = sim_new(&(struct sim_params){.seed = 1});
    wire_init(&p->to_a, p->sim, "b->a", &p->a, delay);
    wire_init(&p->to_b, p->sim, "a->b", &p->b, delay);
    p->a = tcp_stack_new(p->sim, sim_subject(p->sim, "host", "a"), ip4(0x0a000001), a,
                         on_output, &p->to_b);
    p->b = tcp_stack_new(p->sim, sim_subject(p->sim, "host", "b"), ip4(0x0a000002), b,
                         on_output, &p->to_a);
}

void pair_fini(struct pair *p)
{
    sim_run_until(p->sim, SIM_NEVER);
    tcp_stack_finish(p->a);
    tcp_stack_finish(p->b);
    check_eq("packets alive", p->sim->live_packets, 0);
    sim_free(p->sim);
}
