/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/ends.h"

#include <string.h>

bool is_over(const struct world *w)
{
    const struct end *a = &w->ends[0], *b = &w->ends[1];
    const int64_t n_opened = a->account.n_opened + b->account.n_opened;
    return w->n_sent >= MOST_SENT || n_opened > LIVES - 2 || a->n_seen == SEEN ||
           b->n_seen == SEEN;
}

static struct tcp *connection(const struct tcp_stack *s, uint32_t number)
{
    struct tcp *t = s->all;
    while (t != NULL && t->number != number)
        t = t->next;
    return t;
}

struct life *life_of(struct end *e, const struct tcp *t)
{
    sim_assert(e->world->sim, t->number < LIVES);
    return &e->lives[t->number];
}

const struct tcp *newest(struct end *e)
{
    struct tcp_stack *s = e->stack;
    const struct tcp_line *line = s->tw_lines;
    if (s->all != NULL)
        return s->all;
    e->likeness = (struct tcp){0};
    while (line != NULL && line->tail == 0)
        line = line->next;
    if (s->listeners != NULL && s->listeners->newest != 0)
        tcp_request_revive(s, arena_at(&s->sim->arena, s->listeners->newest), &e->likeness);
    else if (line != NULL)
        tcp_tw_revive(s, arena_at(&s->sim->arena, line->tail), &e->likeness);
    else
        return NULL;
    return &e->likeness;
}

/* An entry speaks, or an embryo that is about to be one. */
static bool is_light(const struct tcp_stack *s, const struct packet *p)
{
    const struct tcp_addr local = {p->src, p->sport}, remote = {p->dst, p->dport};
    const struct tcp_entry *e = tcp_table_find(&s->table, s->sim, local, remote);
    return e != NULL ? e->kind != ENTRY_ENDPOINT : (p->flags & TCP_SYN) != 0;
}

/* ---- what is on the wire */

static void check_options(const struct sim *sim, const struct packet *p)
{
    const uint8_t *b = packet_options(sim, p);
    sim_assert(sim, p->options_len <= OPTION_BYTES && p->options_len % 4 == 0);
    for (int i = 0; i < p->options_len && b[i] != 0;) {
        const int len = b[i] == 1 ? 1 : b[i + 1];
        sim_assert(sim, len > 0 && i + len <= p->options_len);
        i += len;
    }
}

/* The window of a SYN is never scaled: one that is repeated late cannot tell all. */
static void check_announced(struct end *e, const struct tcp *t, const struct packet *p)
{
    struct life *l = life_of(e, t);
    const bool syn = (p->flags & TCP_SYN) != 0;
    const uint8_t shift = syn ? 0 : t->agreed.rcv_shift;
    const tcp_seq ack = seq(p->ack), edge = seq_add(ack, (uint32_t)p->win << shift);
    sim_assert(e->world->sim, !l->spoke || seq_leq(l->said_ack, ack));
    if (l->spoke && syn)
        return;
    sim_assert(e->world->sim, !l->spoke || seq_leq(l->said_edge, edge));
    l->said_ack = ack;
    l->said_edge = edge;
    l->spoke = true;
}

static void check_sent(struct end *e, const struct tcp *t, const struct packet *p)
{
    struct sim *sim = e->world->sim;
    const uint32_t len = p->len + ((p->flags & TCP_FIN) != 0);
    sim_assert(sim, seq_leq(seq_add(seq(p->seq), len), t->snd.max));
    const bool syn = (p->flags & TCP_SYN) != 0; /* with data: RFC 7413 */
    const int64_t mss = syn ? tcp_announced_mss(t) : t->snd.mss;
    sim_assert(sim, p->len == 0 || p->len + p->options_len <= mss || p->len == 1);
    sim_assert(sim, p->len == 0 || (uint32_t)p->offset == p->seq + syn - t->iss.v - 1);
    sim_assert(sim, p->len == 0 || (p->flags & TCP_RST) == 0);
    sim_assert(sim, p->len == 0 || !syn || t->fo.syn_data);
    if ((p->flags & (TCP_ACK | TCP_RST)) == TCP_ACK)
        check_announced(e, t, p);
}

static void on_output(void *ctx, struct packet *p)
{
    struct end *e = ctx;
    struct sim *sim = e->world->sim;
    const struct tcp *t = connection(e->stack, p->conn);
    sim_assert(sim, ip_eq(p->src, e->stack->addr));
    sim_assert(sim, p->bytes == 40 + p->options_len + p->len);
    check_options(sim, p);
    sim_assert(sim, t != NULL || (p->flags & TCP_RST) != 0 || is_light(e->stack, p));
    if (t != NULL)
        check_sent(e, t, p);
    e->n_bare += p->len == 0;
    e->n_bytes += p->len;
    e->world->n_sent++;
    if (e->n_waiting == WAITING) {
        packet_free(sim, p);
        return;
    }
    e->waiting[e->n_waiting++] = p;
}

/* ---- what is delivered */

static void note(struct end *e, const struct packet *p)
{
    const uint32_t first = p->seq + ((p->flags & TCP_SYN) != 0);
    const bool whole = (p->marks & PACKET_CORRUPT) == 0;
    if (whole && (p->len > 0 || (p->flags & TCP_FIN) != 0))
        e->seen[e->n_seen++] = (struct seen){.seq = first,
                                             .len = p->len,
                                             .stream = p->stream,
                                             .offset = p->offset,
                                             .fin = (p->flags & TCP_FIN) != 0};
}

/* What a segment makes at most: without payload the ACK of an opening, an ACK, a FIN, a reset,
 * and once more what a call within the event sends; of payload a send buffer sent, repeated,
 * and filled again by such a call. */
enum { MOST_BARE = 8, MOST_BYTES = 3 * MOST_SNDBUF };

void deliver(struct end *e, struct packet *p)
{
    if (is_over(e->world)) {
        packet_free(e->world->sim, p);
        return;
    }
    note(e, p);
    e->n_bare = 0;
    e->n_bytes = 0;
    tcp_input(e->stack, p);
    sim_assert(e->world->sim, e->n_bare <= MOST_BARE && e->n_bytes <= MOST_BYTES);
}

struct packet *take_waiting(struct end *from, int i)
{
    struct packet *p = from->waiting[i];
    from->n_waiting--;
    memmove(&from->waiting[i], &from->waiting[i + 1],
            (size_t)(from->n_waiting - i) * sizeof(struct packet *));
    return p;
}

/* ---- what must hold */

static void check_queue(struct end *e, const struct tcp *t)
{
    const struct sim *sim = e->world->sim;
    uint64_t held = 0, end = t->rcvq.read;
    for (const struct rcvq_extent *x = t->rcvq.head; x != NULL; x = x->next) {
        sim_assert(sim, x->data.len > 0 && x->at >= end);
        end = x->at + x->data.len;
        held += x->data.len;
    }
    sim_assert(sim, held == t->rcvq.held && t->rcvq.read <= t->rcvq.ready);
    /* by Linux's rule the last segment may go beyond the edge; once is for ever */
    e->takes_whole = e->takes_whole || t->stack->rules.takes_whole;
    const tcp_seq limit = seq_add(t->rcv.edge, e->takes_whole ? UINT16_MAX : 0);
    sim_assert(sim, end <= t->rcvq.ready || seq_leq(tcp_seq_at(t, end), limit));
}

/* A connection that waits for something has a timer, or it waits for ever; one that does not
 * has none. In SYN-SENT the SYN's timer goes on until a SYN comes; a SYN that waits for data
 * (RFC 7413) has the one that ends the wait. */
static void check_timers(const struct sim *sim, const struct tcp *t)
{
    const sim_time *deadline = t->deadline;
    const bool out = seq_lt(t->snd.una, t->snd.nxt);
    const uint64_t sent = t->snd.nxt.v - tcp_seq_of(t, t->sndq.una).v;
    const bool more = t->sndq.end - t->sndq.una + t->snd.fin_queued > sent;
    const bool repeats = deadline[TCP_TIMER_RTX] != SIM_NEVER;
    const bool probes = deadline[TCP_TIMER_PERSIST] != SIM_NEVER;
    const bool waits = deadline[TCP_TIMER_TIME_WAIT] != SIM_NEVER;
    sim_assert(sim, waits || t->state != TCP_TIME_WAIT);
    sim_assert(sim, !waits || t->state == TCP_TIME_WAIT || t->state == TCP_FIN_WAIT_2);
    const bool deferred = t->fo.deferred && t->state != TCP_CLOSED;
    sim_assert(sim, !deferred || t->state == TCP_SYN_SENT);
    sim_assert(sim, !deferred || deadline[TCP_TIMER_NOTIFY] != SIM_NEVER);
    sim_assert(sim, repeats == (out || (t->state == TCP_SYN_SENT && !deferred)));
    sim_assert(sim, !probes || more);
    sim_assert(sim, probes || repeats || deferred || !more || t->snd.fin_acked);
    sim_assert(sim, t->rcv.ack != ACK_DELAYED || deadline[TCP_TIMER_DELACK] != SIM_NEVER);
    sim_assert(sim, t->rcv.ack != ACK_NOW);
}

static void check_numbers(const struct sim *sim, const struct tcp *t)
{
    sim_assert(sim, seq_leq(t->snd.una, t->snd.nxt) && seq_leq(t->snd.nxt, t->snd.max));
    sim_assert(sim, t->sndq.una <= t->sndq.end);
    if (t->state == TCP_SYN_SENT)
        return; /* the peer's are not known */
    sim_assert(sim, seq_leq(t->rcv.nxt, t->rcv.edge));
    sim_assert(sim, seq_eq(t->rcv.nxt, tcp_seq_at(t, t->rcvq.ready + t->rcv.fin_taken)));
    sim_assert(sim, seq_leq(t->snd.una, seq_add(tcp_seq_of(t, t->sndq.una), 1)));
}

/* Nothing went back since the last look. */
static void check_life(struct end *e, const struct tcp *t)
{
    const struct sim *sim = e->world->sim;
    struct life *l = life_of(e, t), now = *l;
    now.known = t->state != TCP_SYN_SENT;
    now.una = t->snd.una;
    now.nxt = t->snd.nxt;
    now.max = t->snd.max;
    now.rcv_nxt = t->rcv.nxt;
    now.edge = t->rcv.edge;
    now.ready = t->rcvq.ready;
    now.read = t->rcvq.read;
    if (l->known) {
        sim_assert(sim, seq_leq(l->una, now.una) && seq_leq(l->nxt, now.nxt));
        sim_assert(sim, seq_leq(l->max, now.max) && seq_leq(l->rcv_nxt, now.rcv_nxt));
        sim_assert(sim, seq_leq(l->edge, now.edge) && l->ready <= now.ready);
        sim_assert(sim, l->read <= now.read);
    }
    *l = now;
}

static void check_end(struct end *e)
{
    const struct sim *sim = e->world->sim;
    tcp_stack_finish(e->stack);
    for (const struct tcp *t = e->stack->all; t != NULL; t = t->next) {
        sim_assert(sim, t->busy == 0);
        check_queue(e, t);
        if (t->state == TCP_CLOSED)
            continue;
        check_timers(sim, t);
        check_numbers(sim, t);
        check_life(e, t);
    }
}

void check_world(struct world *w)
{
    check_end(&w->ends[0]);
    check_end(&w->ends[1]);
    const int waiting = w->ends[0].n_waiting + w->ends[1].n_waiting;
    sim_assert(w->sim, w->sim->live_packets == (uint32_t)waiting);
}

/* ---- the beginning */

void end_begin(struct world *w, int i, const struct tcp_params *params)
{
    struct end *e = &w->ends[i];
    e->world = w;
    e->other = &w->ends[1 - i];
    tcp_account_init(&e->account, 0);
    e->listening = (struct tcp_user){.on_accept = on_accept, .account = &e->account};
    e->stack = tcp_stack_new(w->sim, sim_subject(w->sim, "host", i == 0 ? "here" : "there"),
                             ip4(i == 0 ? HERE : THERE), params, on_output, e);
}
