/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/look.h"

#include "models/tcp/endpoint.h"

struct looking {
    const struct tcp_stack *s;
    void (*see)(void *ctx, const struct tcp_socket *socket);
    void *ctx;
};

/* In the order in which ss looks for one that runs. */
static const struct {
    enum tcp_timer timer;
    const char *name;
    bool counts_probes;
} TIMERS[] = {{TCP_TIMER_RTX, "on", false},
              {TCP_TIMER_PERSIST, "persist", true},
              {TCP_TIMER_TIME_WAIT, "timewait", false},
              {TCP_TIMER_KEEPALIVE, "keepalive", true},
              {TCP_TIMER_DELACK, "delack", false}};

static void set_timer(struct tcp_socket *k, const struct tcp *t)
{
    for (size_t i = 0; i < ARRAY_LEN(TIMERS); i++) {
        const sim_time at = t->deadline[TIMERS[i].timer];
        if (at == SIM_NEVER)
            continue;
        k->timer = TIMERS[i].name;
        k->timer_wait = at - t->stack->sim->now;
        if (TIMERS[i].timer == TCP_TIMER_RTX)
            k->n_repeats = t->rtx.n_repeats;
        else if (TIMERS[i].counts_probes)
            k->n_repeats = t->rtx.n_probes;
        return;
    }
}

static void see_endpoint(const struct looking *look, const struct tcp *t)
{
    struct tcp_socket k = {.state = t->state,
                           .local = t->local,
                           .remote = t->remote,
                           .number = t->number,
                           .app = t->account->subject,
                           .recv_q = tcp_unread(t),
                           .send_q = tcp_unacked(t) + (t->state == TCP_SYN_SENT),
                           .t = t};
    set_timer(&k, t);
    look->see(look->ctx, &k);
}

static void see_listener(const struct looking *look, const struct tcp_listener *l)
{
    const struct tcp_socket k = {.state = TCP_LISTEN,
                                 .local = {l->hold.ip, l->hold.port},
                                 .app =
                                     l->user->account != NULL ? l->user->account->subject : 0,
                                 .recv_q = l->n_queued,
                                 .send_q = l->backlog};
    look->see(look->ctx, &k);
}

static void see_entry(const struct looking *look, const struct tcp_entry *e)
{
    struct tcp_socket k = {.local = tcp_entry_local(e),
                           .remote = tcp_entry_remote(e),
                           .timer_wait = e->due_at - look->s->sim->now};
    if (e->kind == ENTRY_REQUEST) {
        const struct tcp_request *r = CONTAINER_OF(e, struct tcp_request, entry);
        const struct tcp_account *a = r->listener->user->account;
        k.state = TCP_SYN_RECEIVED;
        k.number = r->number;
        k.app = a != NULL ? a->subject : 0;
        k.timer = "on";
        k.n_repeats = r->n_repeats;
    } else {
        const struct tcp_tw *w = CONTAINER_OF(e, struct tcp_tw, entry);
        k.state = TCP_TIME_WAIT;
        k.number = w->number;
        k.timer = "timewait";
    }
    look->see(look->ctx, &k);
}

static void see_lines(const struct looking *look, const struct tcp_line *lines)
{
    const struct arena *arena = &look->s->sim->arena;
    for (const struct tcp_line *line = lines; line != NULL; line = line->next)
        for (uint32_t ref = line->head; ref != 0;) {
            const struct tcp_entry *e = arena_at(arena, ref);
            see_entry(look, e);
            ref = e->line_next;
        }
}

void tcp_look(const struct tcp_stack *s,
              void (*see)(void *ctx, const struct tcp_socket *socket), void *ctx)
{
    const struct looking look = {s, see, ctx};
    for (const struct tcp_listener *l = s->listeners; l != NULL; l = l->next)
        see_listener(&look, l);
    for (const struct tcp *t = s->all; t != NULL; t = t->next)
        if (t->state != TCP_CLOSED)
            see_endpoint(&look, t);
    see_lines(&look, s->syn_lines);
    see_lines(&look, s->tw_lines);
}

struct tcp_memory tcp_memory_of(const struct tcp *t)
{
    return (struct tcp_memory){.received = (int64_t)t->rcvq.held,
                               .rcvbuf = t->rcvbuf,
                               .in_flight = tcp_unacked(t) - tcp_unsent(t),
                               .sndbuf = t->opt->sndbuf,
                               .queued = tcp_unsent(t)};
}

const char *tcp_cc_name(const struct tcp *t)
{
    return t->cc->name;
}

bool tcp_is_shut(const struct tcp *t, enum tcp_shut how)
{
    return how == TCP_SHUT_RD ? t->rcv.fin_taken || t->read_shut : t->snd.fin_queued;
}
