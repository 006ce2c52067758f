/* SPDX-License-Identifier: GPL-3.0-or-later
 * crash.c -- a host fails: all that its TCP knew is gone, and the peers are not told (RFC 9293
 * §3.5.1, figures 9 to 11 tell what they find out).
 */
#include "models/tcp/endpoint.h"

#include <errno.h>

/* No RFC has an arrow from here to CLOSED; the account sees one. The user is told last. */
static void lose(struct tcp *t)
{
    struct tcp_user *user = t->user;
    t->user = NULL;
    t->busy++;
    if (t->state != TCP_CLOSED && t->state != TCP_LISTEN)
        tcp_finish(t, ECONNABORTED, "crash");
    t->busy--;
    if (user != NULL)
        user->on_event(user, t, TCP_EV_ERROR);
    tcp_free(t);
}

/* Those that wait for accept() are among the endpoints. */
static void empty_queue(struct tcp_listener *l)
{
    for (struct tcp *t = l->queue_head; t != NULL; t = t->accept_next) {
        t->in_accept_queue = false;
        t->listener = NULL;
    }
    l->queue_head = l->queue_tail = NULL;
    l->n_queued = 0;
}

static void lose_listener(struct tcp_listener *l)
{
    while (l->oldest != 0)
        tcp_request_evict(arena_at(&l->stack->sim->arena, l->oldest), "crash");
    tcp_listener_close(l); /* nothing is left of which it could tell anybody */
}

static void lose_time_wait(struct tcp_stack *s)
{
    for (struct tcp_line *line = s->tw_lines; line != NULL; line = line->next)
        while (line->head != 0) {
            struct tcp t = {0};
            tcp_tw_revive(s, arena_at(&s->sim->arena, line->head), &t);
            tcp_finish(&t, ECONNABORTED, "crash");
        }
}

void tcp_stack_crash(struct tcp_stack *s)
{
    for (struct tcp_listener *l = s->listeners; l != NULL; l = l->next)
        empty_queue(l);
    while (s->all != NULL)
        lose(s->all);
    while (s->listeners != NULL)
        lose_listener(s->listeners);
    lose_time_wait(s);
    tcp_fastopen_flush(s);
    tcp_paths_flush(s);
    s->peers = (struct tcp_peers){0};
    s->challenges = (struct tcp_challenges){0};
    tcp_ports_forget(s);
    sim_assert(s->sim, s->table.n == 0);
}
