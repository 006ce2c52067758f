/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/synq.h"

#include "models/tcp/endpoint.h"

#include <errno.h>
#include <string.h>

enum {
    REQ_FIRST = 1, /* of its account */
    REQ_TIMESTAMPS = 2,
    REQ_SACK = 4,
    REQ_SCALED = 8,
    REQ_TIMED = 16,    /* the SYN-ACK has left once: its ACK measures the round trip */
    REQ_YOUNG = 32,    /* its timer has not expired yet */
    REQ_ACKED = 64,    /* its ACK came and found no room, or no data to be accepted for */
    REQ_FIN_SEEN = 128 /* closing segments are counted */
};

static struct tcp_request *request_at(const struct tcp_stack *s, uint32_t ref)
{
    return ref != 0 ? arena_at(&s->sim->arena, ref) : NULL;
}

/* ---- room */

static int64_t queue_limit(const struct tcp_listener *l)
{
    const int64_t most = l->stack->params.somaxconn;
    return l->backlog < most ? l->backlog : most;
}

bool tcp_accept_queue_full(const struct tcp_listener *l)
{
    return l->n_queued > queue_limit(l);
}

static bool is_full(const struct tcp_listener *l)
{
    const bool apart = l->stack->params.max_syn_backlog > 0;
    return apart ? l->n_half_open > queue_limit(l)
                 : l->n_half_open + l->n_queued >= queue_limit(l);
}

/* Linux: without cookies the last quarter is for peers that are known to be real. */
static bool keeps_reserve(const struct tcp_params *p)
{
    return p->max_syn_backlog > 0 && p->syncookies == 0;
}

static bool is_reserved(const struct tcp_listener *l, const struct segment *g)
{
    const int64_t most = l->stack->params.max_syn_backlog;
    return keeps_reserve(&l->stack->params) && most - l->n_half_open < most / 4 &&
           !tcp_peers_has(&l->stack->peers, g->p->src);
}

static enum tcp_synq_verdict dropped(struct tcp_listener *l, const char *why)
{
    sim_event(l->stack->sim, l->stack->host, 0, "listen overflow", why);
    return SYNQ_DROP;
}

enum tcp_synq_verdict tcp_synq_admit(struct tcp_listener *l, const struct segment *g)
{
    const struct tcp_stack *s = l->stack;
    const struct tcp_synq_policy *policy = l->synq;
    const bool cookies = s->params.syncookies > 0 || policy->cookies;
    const bool full = policy->own_limit ? cookies && policy->is_full(l, g) : is_full(l);
    if ((full && cookies) || s->params.syncookies == 2)
        return tcp_accept_queue_full(l) ? dropped(l, "accept queue full, SYN dropped")
                                        : SYNQ_COOKIE;
    if (full && (policy->make_room == NULL || !policy->make_room(l, g)))
        return dropped(l, "backlog full, SYN dropped");
    if (tcp_accept_queue_full(l))
        return dropped(l, "accept queue full, SYN dropped");
    if (is_reserved(l, g))
        return dropped(l, "the rest is for proven peers, SYN dropped");
    if (policy->own_limit && !policy->make_room(l, g))
        return dropped(l, "SYN queue full, SYN dropped");
    return SYNQ_TAKE;
}

/* ---- an embryo becomes a request */

static uint8_t flags_of(const struct tcp *t, uint8_t before)
{
    return (uint8_t)((before & (REQ_YOUNG | REQ_ACKED)) |
                     (t->first_of_account ? REQ_FIRST : 0) |
                     (t->agreed.timestamps ? REQ_TIMESTAMPS : 0) |
                     (t->agreed.sack ? REQ_SACK : 0) | (t->agreed.scaled ? REQ_SCALED : 0) |
                     (t->rtx.timing ? REQ_TIMED : 0) | (t->fin_seen ? REQ_FIN_SEEN : 0));
}

static void synack_due(struct tcp_stack *s, struct tcp_entry *e);

static void wait_until(struct tcp_stack *s, struct tcp_request *r, sim_time due_at)
{
    if (due_at == SIM_NEVER) /* it is repeated no more, and waits for ever */
        return;
    tcp_line_add(tcp_line_of(s, &s->syn_lines, due_at - s->sim->now, synack_due), &r->entry);
}

static void join(struct tcp_listener *l, struct tcp_request *r)
{
    const uint32_t self = arena_ref(&l->stack->sim->arena, r);
    struct tcp_request *last = request_at(l->stack, l->newest);
    r->older = l->newest;
    *(last != NULL ? &last->newer : &l->oldest) = self;
    l->newest = self;
    l->n_young++;
    if (l->synq->added != NULL)
        l->synq->added(l, r);
}

void tcp_request_new(struct tcp *t)
{
    struct tcp_stack *s = t->stack;
    struct tcp_request *r = pool_take(&s->request_pool, &s->sim->arena);
    tcp_entry_init(&r->entry, ENTRY_REQUEST, t->local, t->remote);
    r->listener = t->listener;
    r->born_at = t->state_since;
    r->number = t->number;
    r->peer_stream = t->peer_stream;
    r->iss = t->iss.v;
    r->irs = t->irs.v;
    r->ts_recent = t->ts.recent;
    r->rcv_wnd = t->rcv.edge.v - t->rcv.nxt.v;
    r->snd_wnd = (uint16_t)t->snd.wnd;
    r->mss = (uint16_t)t->snd.mss;
    r->snd_shift = t->agreed.snd_shift & 0xf;
    r->rcv_shift = t->agreed.rcv_shift & 0xf; /* at most 14 */
    r->ecn = t->ecn.on;
    r->entry.flags = flags_of(t, REQ_YOUNG);
    tcp_table_add(&s->table, s->sim, &r->entry);
    level_add(&t->account->entries[FORM_REQUEST], s->sim->now, 1);
    join(r->listener, r);
    wait_until(s, r, t->deadline[TCP_TIMER_RTX]);
}

static void part(struct tcp_listener *l, struct tcp_request *r)
{
    struct tcp_request *older = request_at(l->stack, r->older);
    struct tcp_request *newer = request_at(l->stack, r->newer);
    if (l->synq->removed != NULL)
        l->synq->removed(l, r);
    *(older != NULL ? &older->newer : &l->oldest) = r->newer;
    *(newer != NULL ? &newer->older : &l->newest) = r->older;
    l->n_young -= (r->entry.flags & REQ_YOUNG) != 0;
}

void tcp_request_remove(struct tcp_stack *s, struct tcp_request *r)
{
    if (r->entry.due_at != SIM_NEVER)
        tcp_line_remove(s, s->syn_lines, &r->entry);
    part(r->listener, r);
    level_add(&r->listener->user->account->entries[FORM_REQUEST], s->sim->now, -1);
    tcp_table_remove(&s->table, s->sim, &r->entry);
    pool_give(&s->request_pool, r);
}

/* ---- and an embryo again, for one event */

static sim_time wait_of(const struct tcp_params *p, int n_repeats)
{
    sim_time wait = p->rto_initial;
    for (int i = 0; i < n_repeats && wait < p->rto_max; i++)
        wait = time_min(time_add(wait, wait), p->rto_max);
    return wait;
}

static void revive_agreement(const struct tcp_request *r, struct tcp *t)
{
    const uint8_t flags = r->entry.flags;
    t->agreed.timestamps = (flags & REQ_TIMESTAMPS) != 0;
    t->agreed.sack = (flags & REQ_SACK) != 0;
    t->agreed.scaled = (flags & REQ_SCALED) != 0;
    t->agreed.snd_shift = r->snd_shift;
    t->agreed.rcv_shift = r->rcv_shift;
    t->ecn.on = r->ecn;
    t->ts.recent = r->ts_recent;
    t->ts.recent_at = r->born_at;
    t->ts.last_ack_sent = t->rcv.nxt;
}

static void revive_timer(const struct tcp_request *r, struct tcp *t)
{
    t->rtx.n_repeats = r->n_repeats;
    t->rtx.rto = wait_of(&t->stack->params, r->n_repeats);
    t->rtx.syn_repeated = r->n_repeats > 0;
    t->n.repeats = t->n.timeouts = r->n_repeats;
    t->n.timeout_recoveries = r->n_repeats > 0;
    t->rtx.timing = (r->entry.flags & REQ_TIMED) != 0;
    t->rtx.timed = t->snd.nxt;
    t->rtx.timed_at = r->born_at;
    t->deadline[TCP_TIMER_RTX] = t->rtx.rto_at = r->entry.due_at;
}

void tcp_request_revive(struct tcp_stack *s, struct tcp_request *r, struct tcp *t)
{
    const struct tcp_user *user = r->listener->user;
    tcp_endpoint_init(t, s, tcp_entry_local(&r->entry), tcp_entry_remote(&r->entry), user);
    t->light = t->passive = true;
    t->stands_for = &r->entry;
    t->account = user->account;
    t->listener = r->listener;
    t->number = r->number;
    t->peer_stream = r->peer_stream;
    t->state = TCP_SYN_RECEIVED;
    t->state_since = r->born_at;
    t->first_of_account = (r->entry.flags & REQ_FIRST) != 0;
    t->fin_seen = (r->entry.flags & REQ_FIN_SEEN) != 0;
    t->iss = t->snd.una = t->snd.small_end = seq(r->iss);
    t->snd.nxt = t->snd.max = seq(r->iss + 1);
    t->irs = t->snd.wl1 = seq(r->irs);
    t->snd.wnd = t->snd.max_wnd = r->snd_wnd;
    t->snd.mss = t->snd.agreed_mss = r->mss;
    tcp_round_rcvbuf(t);
    t->rcv.nxt = seq(r->irs + 1);
    t->rcv.edge = seq(r->irs + 1 + r->rcv_wnd);
    t->rcv.syn_window = r->rcv_wnd;
    if (r->answered_ms != 0)
        t->rcv.challenged_at = (r->answered_ms - 1) * MS(1);
    revive_agreement(r, t);
    revive_timer(r, t);
}

/* What the event did goes back into the request, if there still is one; the timestamp that its
 * SYN-ACK echoes stays the SYN's, as Linux has it. */
static void keep(struct tcp *t)
{
    struct tcp_request *r = (struct tcp_request *)t->stands_for;
    struct tcp_stack *s = t->stack;
    if (r == NULL)
        return;
    r->entry.flags = flags_of(t, r->entry.flags);
    r->n_repeats = (uint8_t)t->rtx.n_repeats;
    if (t->rcv.challenged_at != SIM_NEVER)
        r->answered_ms = (uint32_t)(t->rcv.challenged_at / MS(1)) + 1;
    if (t->deadline[TCP_TIMER_RTX] == r->entry.due_at)
        return;
    if (r->entry.due_at != SIM_NEVER)
        tcp_line_remove(s, s->syn_lines, &r->entry);
    wait_until(s, r, t->deadline[TCP_TIMER_RTX]);
}

/* ---- events */

void tcp_request_input(struct tcp_stack *s, struct tcp_entry *e, struct segment *g)
{
    struct tcp *t = tcp_endpoint_take(s); /* it may stay */
    tcp_request_revive(s, (struct tcp_request *)e, t);
    t->busy++;
    tcp_count_received(t, g->p);
    tcp_input_steps(t, g);
    tcp_settle(t);
    t->busy--;
    if (!t->light) {
        tcp_maybe_free(t);
        return;
    }
    keep(t);
    sim_assert(s->sim, t->board == NULL && t->rcvq.head == NULL); /* no step gets so far */
    tcp_endpoint_give(t);
}

static void grow_old(struct tcp_request *r)
{
    r->listener->n_young -= (r->entry.flags & REQ_YOUNG) != 0;
    r->entry.flags &= (uint8_t)~REQ_YOUNG;
}

int64_t tcp_defer_repeats(const struct tcp_params *p, sim_time asked, sim_time *covered)
{
    int n = 0;
    for (*covered = 0; *covered < asked && n < 255; n++)
        *covered = time_add(*covered, wait_of(p, n));
    return n;
}

static int64_t defer_repeats(const struct tcp_listener *l)
{
    const struct tcp_params *p = &l->stack->params;
    const struct tcp_sockopts *opt = l->user->sockopts;
    return tcp_defer_repeats(p, opt != NULL ? opt->defer_accept : p->defer_accept,
                             &(sim_time){0});
}

/* Linux: with deferred accept, one whose ACK has come is not asked again before the end. */
static bool stays_silent(const struct tcp_request *r)
{
    return (r->entry.flags & REQ_ACKED) != 0 && r->n_repeats + 1 < defer_repeats(r->listener);
}

static void synack_due(struct tcp_stack *s, struct tcp_entry *e)
{
    struct tcp_request *r = (struct tcp_request *)e;
    struct tcp t = {0};
    tcp_request_revive(s, r, &t);
    if (stays_silent(r)) {
        t.rtx.n_repeats++;
        t.deadline[TCP_TIMER_RTX] = s->sim->now + wait_of(&s->params, (int)t.rtx.n_repeats);
    } else {
        tcp_rtx_expired(&t);
    }
    if (t.stands_for != NULL)
        grow_old(r);
    keep(&t);
}

void tcp_request_evict(struct tcp_request *r, const char *cause)
{
    struct tcp t = {0};
    tcp_request_revive(r->listener->stack, r, &t);
    tcp_finish(&t, ECONNABORTED, cause);
}

/* ---- the rules */

/* RFC 9293 knows no such queue. Linux: as if the ACK had been lost, the SYN-ACK comes again; or
 * (abort_on_overflow) a reset. */
static bool overflows(struct tcp *t, const struct segment *g)
{
    struct tcp_stack *s = t->stack;
    if (!tcp_accept_queue_full(t->listener))
        return false;
    sim_event(s->sim, s->host, t->number, "listen overflow", "accept queue full, ACK ignored");
    if (s->params.abort_on_overflow) {
        tcp_reply_reset(s, t->account, g, RESET_OVERFLOW);
        tcp_finish(t, ECONNABORTED, "accept queue full");
    } else if (t->stands_for != NULL) {
        t->stands_for->flags |= REQ_ACKED;
    }
    return true;
}

/* TCP_DEFER_ACCEPT: an ACK without data completes nothing until the SYN-ACK has been due
 * so many times. */
static bool is_deferred(struct tcp *t, const struct segment *g)
{
    if (g->len > 0 || !t->light || t->rtx.n_repeats >= defer_repeats(t->listener))
        return false;
    t->stands_for->flags |= REQ_ACKED;
    return true;
}

bool tcp_may_complete(struct tcp *t, const struct segment *g)
{
    struct tcp_stack *s = t->stack;
    if (t->listener == NULL) /* an active open */
        return true;
    if (is_deferred(t, g) || overflows(t, g))
        return false;
    if (keeps_reserve(&s->params))
        tcp_peers_add(&s->peers, s->sim, t->remote.ip);
    if (t->light) {
        tcp_unhash(t);
        tcp_settle_in(t);
    }
    return true;
}

/* Linux's reqsk_timer_handler: most requests complete before their first timeout; those that
 * have not are old. While the queue is half full the old leave the earlier, the fewer young
 * ones there are. */
int64_t tcp_synack_retries(const struct tcp *t)
{
    const struct tcp_params *p = &t->stack->params;
    const struct tcp_listener *l = t->listener;
    const int64_t limit = queue_limit(l);
    int64_t retries = p->synack_retries;
    if (p->syn_pruning && 2 * (int64_t)l->n_half_open > (limit > 8 ? limit : 8))
        for (int64_t young = 2 * (int64_t)l->n_young; retries > 2 && l->n_half_open >= young;
             young *= 2)
            retries--;
    const bool acked = t->stands_for != NULL && (t->stands_for->flags & REQ_ACKED) != 0;
    const int64_t deferred = acked ? defer_repeats(l) : 0;
    return retries > deferred ? retries : deferred;
}
