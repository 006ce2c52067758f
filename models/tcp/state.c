/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/endpoint.h"
#include "models/tcp/icmp.h"
#include "models/tcp/world.h"

#include <errno.h>
#include <string.h>

#define TO(state) (1u << TCP_##state)

/* RFC 9293 §3.3.2 and figure 5. A passive connection begins in LISTEN and goes back there when
 * its SYN comes to nothing. LISTEN -> ESTABLISHED is two-way's, LAST-ACK -> TIME-WAIT is
 * timer-based's; FIN-WAIT-1 -> TIME-WAIT is figure 5's note 2. From ESTABLISHED and CLOSE-WAIT
 * it is reached by a reset of one's own (reset_time_wait). */
/* clang-format off */
const struct tcp_state_row tcp_states[TCP_N_STATES] = {
    /*                    name            send   receive sync   next */
    [TCP_CLOSED]       = {"CLOSED",       false, false, false, TO(SYN_SENT)},
    [TCP_LISTEN]       = {"LISTEN",       false, false, false, TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSED)},
    [TCP_SYN_SENT]     = {"SYN-SENT",     false, false, false, TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSED)},
    [TCP_SYN_RECEIVED] = {"SYN-RECEIVED", false, false, false, TO(LISTEN) | TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(CLOSED)},
    [TCP_ESTABLISHED]  = {"ESTABLISHED",  true,  true,  true,  TO(FIN_WAIT_1) | TO(CLOSE_WAIT) | TO(TIME_WAIT) | TO(CLOSED)},
    [TCP_FIN_WAIT_1]   = {"FIN-WAIT-1",   false, true,  true,  TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT) | TO(CLOSED)},
    [TCP_FIN_WAIT_2]   = {"FIN-WAIT-2",   false, true,  true,  TO(TIME_WAIT) | TO(CLOSED)},
    [TCP_CLOSE_WAIT]   = {"CLOSE-WAIT",   true,  false, true,  TO(LAST_ACK) | TO(TIME_WAIT) | TO(CLOSED)},
    [TCP_CLOSING]      = {"CLOSING",      false, false, true,  TO(TIME_WAIT) | TO(CLOSED)},
    [TCP_LAST_ACK]     = {"LAST-ACK",     false, false, true,  TO(TIME_WAIT) | TO(CLOSED)},
    [TCP_TIME_WAIT]    = {"TIME-WAIT",    false, false, true,  TO(CLOSED)},
};

const char *tcp_state_name(enum tcp_state state)
{
    return tcp_states[state].name;
}

bool tcp_state_named(const char *name, enum tcp_state *out)
{
    for (int i = 0; i < TCP_N_STATES; i++) {
        if (strcmp(tcp_states[i].name, name) != 0)
            continue;
        *out = (enum tcp_state)i;
        return true;
    }
    return false;
}

struct rec_conn {
    uint32_t conn, host, app, passive, local_port, remote_port;
    ip_addr local, remote;
};
#define CONN(field, kind, help) {#field, kind, offsetof(struct rec_conn, field), help}
static const struct rec_field CONN_FIELDS[] = {
    CONN(conn, REC_U32, "number of the connection; the stream it sends has the same"),
    CONN(host, REC_SUBJECT, "where this end is"),
    CONN(app, REC_SUBJECT, "whose it is"),
    CONN(passive, REC_U32, "1: opened by a SYN"),
    CONN(local, REC_ADDR, "local address"),
    CONN(local_port, REC_U32, "local port"),
    CONN(remote, REC_ADDR, "remote address"),
    CONN(remote_port, REC_U32, "remote port"),
};
const struct rec_type REC_TYPE_CONN = {
    "conn", "one end of a connection", CONN_FIELDS, ARRAY_LEN(CONN_FIELDS), REC_LIFE};

struct rec_transition {
    uint32_t host, conn;
    const char *from_state, *to_state, *cause;
};
#define TRANSITION(field, kind, help) {#field, kind, offsetof(struct rec_transition, field), help}
static const struct rec_field TRANSITION_FIELDS[] = {
    TRANSITION(host, REC_SUBJECT, "where"),
    TRANSITION(conn, REC_U32, "which connection; 0: a listener"),
    TRANSITION(from_state, REC_TEXT, "RFC 9293 name"),
    TRANSITION(to_state, REC_TEXT, "RFC 9293 name"),
    TRANSITION(cause, REC_TEXT, "what made it"),
};
const struct rec_type REC_TYPE_TRANSITION = {
    "transition", "a change of state", TRANSITION_FIELDS, ARRAY_LEN(TRANSITION_FIELDS), REC_LIFE};
/* clang-format on */

void tcp_announce(struct tcp *t)
{
    struct sim *sim = t->stack->sim;
    struct tcp_account *a = t->account;
    a->n_opened++;
    a->params = &t->stack->params;
    t->first_of_account = a->first_conn == 0;
    if (t->first_of_account)
        a->first_conn = t->number;
    if (sim_listens(sim, REC_LIFE))
        sim_emit(sim, &REC_TYPE_CONN,
                 &(struct rec_conn){.conn = t->number,
                                    .host = t->stack->host,
                                    .app = a->subject,
                                    .passive = t->passive,
                                    .local_port = t->local.port,
                                    .remote_port = t->remote.port,
                                    .local = t->local.ip,
                                    .remote = t->remote.ip});
}

void tcp_record_listener(const struct tcp_listener *l, const char *cause)
{
    struct sim *sim = l->stack->sim;
    if (sim_listens(sim, REC_LIFE))
        sim_emit(sim, &REC_TYPE_TRANSITION,
                 &(struct rec_transition){.host = l->stack->host,
                                          .from_state = tcp_states[TCP_CLOSED].name,
                                          .to_state = tcp_states[TCP_LISTEN].name,
                                          .cause = cause});
}

/* The account: where connections are, for how long, and what the first of them went through. */
static void account_transition(struct tcp *t, enum tcp_state from, enum tcp_state to)
{
    struct tcp_account *a = t->account;
    const sim_time now = t->stack->sim->now;
    if (from != TCP_CLOSED && from != TCP_LISTEN)
        level_add(&a->in_state[from], now, -1);
    if (to != TCP_CLOSED && to != TCP_LISTEN)
        level_add(&a->in_state[to], now, 1);
    if (from == TCP_SYN_RECEIVED && to != TCP_CLOSED && to != TCP_LISTEN)
        a->completed_half_open += now - time_max(t->state_since, a->counts_from);
    if (t->first_of_account && a->n_path < ACCOUNT_PATH)
        a->path[a->n_path++] = (uint8_t)to;
}

static void note_ghost(struct tcp *t)
{
    struct sim *sim = t->stack->sim;
    if (!t->passive || t->peer_stream == 0 || tcp_world_is_open(sim, t->peer_stream))
        return;
    t->ghost = true;
    t->account->n_ghosts++;
    level_add(&t->account->ghosts, sim->now, 1);
    sim_event(sim, t->stack->host, t->number, "ghost",
              "the SYN's sender has this connection no more");
}

/* The first state in which data or a FIN may leave. */
static void begin_congestion_control(struct tcp *t)
{
    if (t->cc->init != NULL && !t->cc_begun) /* a child's began with its SYN */
        t->cc->init(t);
    t->cc_begun = true;
}

static void enter_established(struct tcp *t)
{
    struct tcp_account *a = t->account;
    a->n_established++;
    if (t->first_of_account && a->established_at == SIM_NEVER)
        a->established_at = t->stack->sim->now;
    if (t->first_of_account)
        a->first = t;
    note_ghost(t);
    begin_congestion_control(t);
    if (t->opt->keepalive)
        tcp_keepalive_start(t);
}

/* From SYN-RECEIVED a close() leads here past ESTABLISHED. */
static void enter_fin_wait_1(struct tcp *t)
{
    begin_congestion_control(t);
}

static void enter_fin_wait_2(struct tcp *t)
{
    if (t->released)
        tcp_fin_timeout_start(t);
}

static void enter_time_wait(struct tcp *t)
{
    tcp_world_close(t->stack->sim, t->number);
    tcp_timers_off(t);
    tcp_orphan_end(t);
    tcp_timer_set(t, TCP_TIMER_TIME_WAIT, time_add(t->stack->sim->now, tcp_tw_wait(t)));
}

static void enter_closed(struct tcp *t)
{
    struct sim *sim = t->stack->sim;
    tcp_world_close(sim, t->number);
    tcp_timers_off(t);
    tcp_orphan_end(t);
    tcp_unhash(t);
    sndq_clear(sim, &t->sndq);
    if (t->first_of_account && t->account->closed_at == SIM_NEVER)
        t->account->closed_at = sim->now;
    if (t->ghost)
        level_add(&t->account->ghosts, sim->now, -1);
    t->ghost = false;
}

static void (*const entry_actions[TCP_N_STATES])(struct tcp *t) = {
    [TCP_CLOSED] = enter_closed,
    [TCP_LISTEN] = enter_closed, /* the listener goes on, this attempt is over */
    [TCP_ESTABLISHED] = enter_established,
    [TCP_FIN_WAIT_1] = enter_fin_wait_1,
    [TCP_FIN_WAIT_2] = enter_fin_wait_2,
    [TCP_TIME_WAIT] = enter_time_wait,
};

void tcp_set_state(struct tcp *t, enum tcp_state to, const char *cause)
{
    struct sim *sim = t->stack->sim;
    const enum tcp_state from = t->state;
    sim_assert(sim, (tcp_states[from].next & 1u << to) != 0);
    account_transition(t, from, to);
    if (t->fo.listener != NULL)
        tcp_fastopen_leave(t);
    t->state = to;
    t->state_since = sim->now;
    if (sim_listens(sim, REC_LIFE))
        sim_emit(sim, &REC_TYPE_TRANSITION,
                 &(struct rec_transition){.host = t->stack->host,
                                          .conn = t->number,
                                          .from_state = tcp_states[from].name,
                                          .to_state = tcp_states[to].name,
                                          .cause = cause});
    if (entry_actions[to] != NULL)
        entry_actions[to](t);
    for (struct tcp_watch *w = t->account->watches; w != NULL; w = w->next)
        if (w->state == to) {
            w->conn = t->number;
            w->fired(w);
        }
}

static void finish(struct tcp *t, int error, const char *cause)
{
    const bool embryo = t->passive && t->state == TCP_SYN_RECEIVED && !t->fo.is_child;
    t->error = error;
    t->pending |= error != 0 ? TCP_EV_ERROR : TCP_EV_CLOSED;
    if (embryo)
        tcp_leave_listener(t);
    tcp_set_state(t, embryo ? TCP_LISTEN : TCP_CLOSED, cause);
}

void tcp_finish(struct tcp *t, int error, const char *cause)
{
    t->account->n_refused += error == ECONNREFUSED && !t->passive;
    t->account->n_closed += error == 0;
    finish(t, error, cause);
}

void tcp_give_up(struct tcp *t, const char *cause)
{
    t->account->n_timed_out++;
    finish(t, tcp_timeout_error(t), cause);
}

/* A FIN: from here on the connection's segments are closing ones. */
__attribute__((noinline)) static void note_end(struct tcp *t, const struct packet *p,
                                               int64_t *n_resets)
{
    *n_resets += (p->flags & TCP_RST) != 0;
    t->fin_seen = t->fin_seen || (p->flags & TCP_FIN) != 0;
}

void tcp_count_sent(struct tcp *t, const struct packet *p)
{
    struct tcp_account *a = t->account;
    if (__builtin_expect((p->flags & (TCP_RST | TCP_FIN)) != 0, 0))
        note_end(t, p, &a->resets_sent);
    a->segments_sent++;
    a->closing_segments += t->fin_seen;
    t->n.out++;
    t->n.data_out += p->len > 0;
}

void tcp_count_received(struct tcp *t, const struct packet *p)
{
    struct tcp_account *a = t->account;
    if (__builtin_expect((p->flags & (TCP_RST | TCP_FIN)) != 0, 0))
        note_end(t, p, &a->resets_received);
    a->segments_received++;
    a->closing_segments += t->fin_seen;
    t->n.in++;
    t->n.data_in += p->len > 0;
}
