/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/cookie.h"
#include "models/tcp/cookie_echo.h"
#include "models/tcp/endpoint.h"
#include "models/tcp/icmp.h"
#include "models/tcp/options.h"
#include "models/tcp/world.h"

#include <errno.h>
#include <string.h>

enum { LINE = 64 }; /* of the cache: endpoints begin with one */

void tcp_stack_configure(struct tcp_stack *s, const struct tcp_params *params)
{
    s->params = *params;
    s->hs = tcp_handshake_find(params->handshake);
    s->isn = tcp_isn_find(params->isn);
    s->cc = tcp_cc_find(params->congestion_control);
    s->ack_rule = tcp_ack_rule_find(params->ack_rule);
    s->time_wait = tcp_time_wait_find(params->time_wait);
    s->icmp = tcp_icmp_rule_find(params->icmp_errors);
    s->ports.choice = tcp_port_choice_find(params->port_selection);
    s->rules = tcp_rules_of(params);
    s->sockopts = tcp_sockopts_from(params);
    s->layout = tcp_option_layout_find(params->option_layout);
    if (params->fastopen_path_disable_time > 0 && (params->fastopen & FASTOPEN_CLIENT) == 0)
        tcp_fastopen_flush(s); /* FreeBSD's clients forget when they are told off */
    const int64_t largest =
        params->rcvbuf > params->rcvbuf_max ? params->rcvbuf : params->rcvbuf_max;
    if (params->fastopen_keys.n > 0)
        s->fastopen.keys = params->fastopen_keys;
    s->rcv_shift = 0;
    while (s->rcv_shift < 14 && INT64_C(65535) << s->rcv_shift < largest)
        s->rcv_shift++;
}

struct tcp_stack *tcp_stack_new(struct sim *sim, uint32_t host_subject, ip_addr addr,
                                const struct tcp_params *params,
                                void (*output)(void *ctx, struct packet *p), void *ctx)
{
    struct tcp_stack *s = sim_alloc(sim, sizeof *s);
    char stream[ARRAY_LEN(sim->subjects->name) + 16];
    snprintf(stream, sizeof stream, "host/%s/isn", sim->subjects[host_subject].name);
    *s = (struct tcp_stack){
        .sim = sim,
        .host = host_subject,
        .addr = addr,
        .isn_rng = sim_rng(sim, stream),
        .output = output,
        .ctx = ctx,
    };
    tcp_ports_init(&s->ports, sim, sim->subjects[host_subject].name);
    tcp_paths_init(s);
    tcp_stack_configure(s, params);
    tcp_account_init(&s->nobody, 0);
    tcp_table_init(&s->table, sim);
    pool_init(&s->endpoint_pool, (sizeof(struct tcp) + LINE - 1) / LINE * LINE);
    pool_init(&s->tw_pool, sizeof(struct tcp_tw));
    pool_init(&s->request_pool, sizeof(struct tcp_request));
    snprintf(stream, sizeof stream, "host/%s/synq", sim->subjects[host_subject].name);
    s->synq_rng = sim_rng(sim, stream);
    for (size_t i = 0; i < ARRAY_LEN(s->cookie_secret); i++)
        s->cookie_secret[i] = rng_u64(&s->synq_rng);
    snprintf(stream, sizeof stream, "host/%s/keys", sim->subjects[host_subject].name);
    struct rng keys = sim_rng(sim, stream);
    struct tcp_fastopen_keys own = {.n = 1};
    for (size_t i = 0; i < ARRAY_LEN(s->isn_key); i++) {
        s->isn_key[i] = rng_u64(&keys);
        own.words[i] = rng_u64(&keys);
        s->echo_key[i] = rng_u64(&keys);
    }
    if (s->fastopen.keys.n == 0)
        s->fastopen.keys = own;
    return s;
}

void tcp_stack_block(struct tcp_stack *s, bool blocked)
{
    s->blocked = blocked;
}

void tcp_stack_ask(struct tcp_stack *s, const struct tcp_network *network)
{
    s->network = *network;
}

struct tcp *tcp_lookup(const struct tcp_stack *s, struct tcp_addr local, struct tcp_addr remote)
{
    struct tcp_entry *e = tcp_table_find(&s->table, s->sim, local, remote);
    const bool whole = e != NULL && e->kind == ENTRY_ENDPOINT;
    return whole ? CONTAINER_OF(e, struct tcp, entry) : NULL;
}

/* The endpoint's own entry, or the one that it stands for, leaves the table. */
void tcp_unhash(struct tcp *t)
{
    if (t->stands_for != NULL) {
        struct tcp_entry *e = t->stands_for;
        t->stands_for = NULL;
        if (e->kind == ENTRY_TIME_WAIT)
            tcp_tw_remove(t->stack, (struct tcp_tw *)e);
        else
            tcp_request_remove(t->stack, (struct tcp_request *)e);
    }
    if (t->hashed) {
        tcp_table_remove(&t->stack->table, t->stack->sim, &t->entry);
        tcp_port_drop(t->stack, (struct tcp_hold){t->local.ip, t->local.port, t->hold});
    }
    t->hashed = false;
}

void tcp_endpoint_init(struct tcp *t, struct tcp_stack *s, struct tcp_addr local,
                       struct tcp_addr remote, const struct tcp_user *user)
{
    const bool has_own = user != NULL && user->sockopts != NULL;
    tcp_entry_init(&t->entry, ENTRY_ENDPOINT, local, remote);
    t->stack = s;
    t->hs = s->hs;
    t->local = local;
    t->remote = remote;
    t->state_since = s->sim->now;
    t->snd.mss = tcp_default_mss(remote.ip); /* until the peer tells */
    t->rcv.fin_at = UINT64_MAX;
    t->rcv.challenged_at = SIM_NEVER;
    t->rtx.rto = s->params.rto_initial;
    t->opt = has_own ? user->sockopts : &s->sockopts;
    t->cc = t->opt->cc != NULL ? t->opt->cc : s->cc;
    t->rcvbuf = t->opt->rcvbuf;
    for (int i = 0; i < TCP_N_TIMERS; i++)
        t->deadline[i] = SIM_NEVER;
}

void tcp_begin(struct tcp *t, enum tcp_state state, const struct tcp_user *user)
{
    struct tcp_stack *s = t->stack;
    t->account = user->account;
    t->number = tcp_world_open(s->sim);
    t->state = state;
    t->passive = state == TCP_LISTEN;
    t->iss = s->isn->next(s, t);
    t->snd.una = t->snd.nxt = t->snd.max = t->snd.small_end = t->iss;
}

void tcp_settle_in(struct tcp *t)
{
    struct tcp_stack *s = t->stack;
    t->light = false;
    tcp_sockopts_share(t);
    timer_init(s->sim, &t->timer, EV_TIMER, ENTITY_DYNAMIC | (t->number & (ENTITY_DYNAMIC - 1)),
               tcp_timer_fired);
    t->next = s->all;
    if (s->all != NULL)
        s->all->prev = t;
    s->all = t;
    tcp_table_add(&s->table, s->sim, &t->entry);
    t->hold = (uint8_t)(tcp_hold_bits(t->opt) | (t->passive || t->port_given ? HOLD_BOUND : 0));
    tcp_port_take(s, (struct tcp_hold){t->local.ip, t->local.port, t->hold});
    t->hashed = true;
}

struct tcp *tcp_new(struct tcp_stack *s, struct tcp_addr local, struct tcp_addr remote,
                    bool port_given, enum tcp_state state, const struct tcp_user *user)
{
    struct tcp *t = tcp_endpoint_take(s);
    tcp_endpoint_init(t, s, local, remote, user);
    t->port_given = port_given;
    tcp_begin(t, state, user);
    tcp_settle_in(t);
    return t;
}

struct tcp *tcp_endpoint_take(struct tcp_stack *s)
{
    return pool_take(&s->endpoint_pool, &s->sim->arena);
}

void tcp_endpoint_give(struct tcp *t)
{
    pool_give(&t->stack->endpoint_pool, t);
}

void tcp_free(struct tcp *t)
{
    struct tcp_stack *s = t->stack;
    rcvq_clear(s->sim, &t->rcvq);
    sndq_clear(s->sim, &t->sndq);
    scoreboard_free(s->sim, t->board);
    if (t->account->first == t)
        t->account->first = NULL;
    timer_fini(s->sim, &t->timer);
    *(t->prev != NULL ? &t->prev->next : &s->all) = t->next;
    if (t->next != NULL)
        t->next->prev = t->prev;
    tcp_sockopts_drop(t);
    tcp_endpoint_give(t);
}

void tcp_maybe_free(struct tcp *t)
{
    if (!t->released || t->busy > 0 || t->in_accept_queue)
        return;
    if (t->state == TCP_CLOSED || t->state == TCP_LISTEN)
        tcp_free(t);
    else if (t->state == TCP_TIME_WAIT)
        tcp_tw_take_over(t);
}

/* ---- listeners */

struct tcp_listener *tcp_listener_new(struct tcp_stack *s, struct tcp_hold hold, int backlog,
                                      struct tcp_user *user)
{
    struct tcp_listener *l = sim_alloc(s->sim, sizeof *l);
    *l = (struct tcp_listener){.stack = s,
                               .next = s->listeners,
                               .user = user,
                               .hold = hold,
                               .backlog = backlog > 0 ? backlog : (int)s->params.backlog,
                               .synq = tcp_synq_policy_find(s->params.syn_queue),
                               .cookie_at = SIM_NEVER};
    s->listeners = l;
    tcp_port_listen(l);
    tcp_record_listener(l, "listen()");
    return l;
}

int tcp_listen(struct tcp_stack *s, uint16_t port, int backlog, struct tcp_user *user,
               struct tcp_listener **out)
{
    const uint8_t bits = user->sockopts != NULL ? tcp_hold_bits(user->sockopts) : 0;
    const struct tcp_hold hold = {ip4(0), port, bits | HOLD_LISTENS | HOLD_BOUND};
    if (!tcp_port_is_unheard(s, &hold))
        return -EADDRINUSE;
    *out = tcp_listener_new(s, hold, backlog, user);
    return 0;
}

void tcp_enqueue_accept(struct tcp *t)
{
    struct tcp_listener *l = t->listener;
    l->n_half_open--;
    l->n_queued++;
    *(l->queue_tail != NULL ? &l->queue_tail->accept_next : &l->queue_head) = t;
    l->queue_tail = t;
    t->in_accept_queue = true;
    if (l->user->on_accept != NULL)
        l->user->on_accept(l->user, l);
}

static struct tcp *dequeue(struct tcp_listener *l)
{
    struct tcp *t = l->queue_head;
    if (t == NULL)
        return NULL;
    l->queue_head = t->accept_next;
    if (l->queue_head == NULL)
        l->queue_tail = NULL;
    l->n_queued--;
    t->accept_next = NULL;
    t->in_accept_queue = false;
    t->listener = NULL;
    return t;
}

struct tcp *tcp_accept(struct tcp_listener *l, struct tcp_user *user)
{
    struct tcp *t = dequeue(l);
    if (t == NULL)
        return NULL;
    t->user = user;
    if (t->pending != 0 &&
        t->busy == 0) /* told from a timer of this instant: the caller has not got t yet */
        tcp_timer_set(t, TCP_TIMER_NOTIFY, t->stack->sim->now);
    return t;
}

int tcp_default_backlog(const struct tcp_stack *s)
{
    return (int)s->params.backlog;
}

int tcp_waiting(const struct tcp_listener *l)
{
    return l->n_queued;
}

void tcp_leave_listener(struct tcp *t)
{
    t->listener->n_half_open--;
    t->listener = NULL;
    t->released = true;
}

void tcp_listener_close(struct tcp_listener *l)
{
    struct tcp_stack *s = l->stack;
    for (struct tcp *t = s->all, *next; t != NULL;
         t = next) { /* half-open ones: dropped without a word, as Linux */
        next = t->next;
        if (t->listener == l && t->state == TCP_SYN_RECEIVED && !t->in_accept_queue) {
            tcp_finish(t, ECONNABORTED, "listener closed");
            tcp_maybe_free(t);
        }
    }
    while (l->oldest != 0)
        tcp_request_evict(arena_at(&s->sim->arena, l->oldest), "listener closed");
    for (struct tcp *t = dequeue(l); t != NULL; t = dequeue(l))
        tcp_abort(t);
    tcp_fastopen_close(l);
    if (l->synq->close != NULL)
        l->synq->close(l);
    tcp_port_unlisten(l);
    struct tcp_listener **link = &s->listeners;
    while (*link != l)
        link = &(*link)->next;
    *link = l->next;
    sim_release(s->sim, l, sizeof *l);
}

const struct tcp_account *tcp_nobody(const struct tcp_stack *s)
{
    return &s->nobody;
}

void tcp_stack_warm_up(struct tcp_stack *s)
{
    tcp_ports_warm_up(s);
    tcp_account_warm_up(&s->nobody, s->sim->now);
}

void tcp_stack_finish(struct tcp_stack *s)
{
    uint32_t n_hashed = s->tw_pool.n + s->request_pool.n;
    for (const struct tcp *t = s->all; t != NULL; t = t->next) {
        n_hashed += t->hashed;
        sim_assert(s->sim, t->hashed == (t->state != TCP_CLOSED && t->state != TCP_LISTEN));
        sim_assert(s->sim, !t->hashed || tcp_table_find(&s->table, s->sim, t->local,
                                                        t->remote) == &t->entry);
    }
    sim_assert(s->sim, n_hashed == s->table.n);
    uint32_t n_owners = n_hashed - s->request_pool.n + s->ports.n_sockets;
    for (const struct tcp_listener *l = s->listeners; l != NULL; l = l->next, n_owners++) {
        int n_half_open = 0, n_queued = 0;
        for (uint32_t ref = l->oldest; ref != 0; n_half_open++)
            ref = ((struct tcp_request *)arena_at(&s->sim->arena, ref))->newer;
        for (const struct tcp *t = s->all; t != NULL; t = t->next) {
            n_half_open += t->listener == l && !t->in_accept_queue;
            n_queued += t->listener == l && t->in_accept_queue;
        }
        sim_assert(s->sim, n_half_open == l->n_half_open && n_queued == l->n_queued);
    }
    sim_assert(s->sim, n_owners == s->ports.n_owners);
}

/* ---- the demultiplexer */

static struct segment segment_of(const struct sim *sim, struct packet *p)
{
    return (struct segment){
        .p = p,
        .seq = seq(p->seq),
        .ack = seq(p->ack),
        .len = p->len + ((p->flags & TCP_SYN) != 0) + ((p->flags & TCP_FIN) != 0),
        .wnd = p->win,
        .flags = p->flags,
        .opt = p->options_len > 0 ? tcp_options_get(sim, p) : (struct tcp_options){0},
    };
}

void tcp_tell_injection(struct tcp_stack *s, struct tcp_injection *in)
{
    const struct tcp_injection *i = s->injections;
    while (i != NULL && i != in)
        i = i->next;
    if (i != NULL)
        return;
    in->next = s->injections;
    s->injections = in;
}

static bool is_over(const struct tcp *t)
{
    return t->state == TCP_CLOSED || t->state == TCP_LISTEN;
}

static void input_steps(struct tcp *t, struct segment *g)
{
    if (t->state == TCP_SYN_SENT)
        tcp_input_syn_sent(t, g);
    else
        tcp_input_steps(t, g);
}

/* The same, and what it did is told before the application sees it. */
static __attribute__((noinline)) void input_injected(struct tcp *t, struct segment *g)
{
    const uint64_t before = t->rcvq.read + t->rcvq.held;
    input_steps(t, g);
    const int64_t taken = is_over(t) ? 0 : (int64_t)(t->rcvq.read + t->rcvq.held - before);
    const bool ended = is_over(t);
    t->account->n_injected_ends += ended;
    t->account->injected_bytes += taken;
    for (struct tcp_injection *i = t->stack->injections; i != NULL; i = i->next)
        if (i->by == g->p->injected_by && (ended || taken > 0))
            i->hit(i, g->p, ended, taken);
}

void tcp_input_endpoint(struct tcp *t, struct segment *g)
{
    t->busy++;
    tcp_count_received(t, g->p);
    if (__builtin_expect(g->p->injected_by != 0, 0))
        input_injected(t, g);
    else
        input_steps(t, g);
    tcp_settle(t);
    t->busy--;
    if (!t->light)
        tcp_maybe_free(t);
}

/* The old connection ends before its 2 MSL are over; a newer SYN wants its ends. */
static void end_early(struct tcp *t)
{
    t->busy++;
    tcp_finish(t, 0, "a newer SYN");
    tcp_settle(t);
    t->busy--;
    if (!t->light)
        tcp_maybe_free(t);
}

static void input_segment(struct tcp_stack *s, struct segment *g, const tcp_seq *above);

/* Whether a SYN has ended the connection in TIME-WAIT for a new one, which it has begun. */
static bool renews(struct tcp *t, struct segment *g)
{
    struct tcp_stack *s = t->stack;
    if (!tcp_time_wait_renews(t, g) || tcp_listener_for(s, t->local, t->remote) == NULL)
        return false;
    const tcp_seq last = t->snd.nxt;
    end_early(t);
    input_segment(s, g, &last); /* the application was told: all may be different now */
    return true;
}

static void input_endpoint(struct tcp_stack *s, struct tcp_entry *e, struct segment *g)
{
    struct tcp *t = CONTAINER_OF(e, struct tcp, entry);
    if (t->state != TCP_TIME_WAIT || !renews(t, g))
        tcp_input_endpoint(t, g);
}

static void input_time_wait(struct tcp_stack *s, struct tcp_entry *e, struct segment *g)
{
    struct tcp t = {0};
    tcp_tw_revive(s, (struct tcp_tw *)e, &t);
    if (renews(&t, g))
        return;
    tcp_input_endpoint(&t, g);
    tcp_tw_keep(&t);
}

static void (*const inputs[N_ENTRY_KINDS])(struct tcp_stack *s, struct tcp_entry *e,
                                           struct segment *g) = {
    [ENTRY_ENDPOINT] = input_endpoint,
    [ENTRY_REQUEST] = tcp_request_input,
    [ENTRY_TIME_WAIT] = input_time_wait,
};

/* above: what the connection before it has used; NULL: there was none. */
static void input_segment(struct tcp_stack *s, struct segment *g, const tcp_seq *above)
{
    const struct tcp_addr local = {g->p->dst, g->p->dport}, remote = {g->p->src, g->p->sport};
    struct tcp_entry *e = tcp_table_find_for_segment(&s->table, s->sim, local, remote);
    if (e != NULL) {
        inputs[e->kind](s, e, g);
        return;
    }
    struct tcp_listener *l = tcp_listener_for(s, local, remote);
    if (l == NULL)
        tcp_input_closed(s, g);
    else if ((l->cookie_at == SIM_NEVER || !tcp_cookie_input(l, g)) &&
             (!s->hs->echoes_cookie || !tcp_echo_input(l, g)))
        tcp_input_listen(l, g, above);
}

static bool is_dropped_synfin(const struct tcp_stack *s, const struct packet *p)
{
    const uint16_t both = TCP_SYN | TCP_FIN;
    return (p->flags & both) == both && s->rules.synfin_is_lost;
}

void tcp_input(struct tcp_stack *s, struct packet *p)
{
    if ((p->marks & PACKET_CORRUPT) == 0 && /* else the checksum fails: RFC 9293 MUST-3 */
        !is_dropped_synfin(s, p)) {
        struct segment g = segment_of(s->sim, p);
        input_segment(s, &g, NULL);
    }
    packet_free(s->sim, p);
}
