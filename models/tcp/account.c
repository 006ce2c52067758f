/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/account.h"

#include "models/tcp/endpoint.h"

#include <stdio.h>
#include <string.h>

void tcp_account_init(struct tcp_account *a, uint32_t subject)
{
    *a = (struct tcp_account){
        .subject = subject,
        .established_at = SIM_NEVER,
        .closed_at = SIM_NEVER,
        .isn_local = -1,
        .isn_remote = -1,
        .window_local = -1,
        .window_remote = -1,
        .mss_local = -1,
        .mss_remote = -1,
        .isn_acked_by = -1,
    };
}

void tcp_account_warm_up(struct tcp_account *a, sim_time now)
{
    int64_t *const counts[] = {&a->n_opened,          &a->n_established,
                               &a->n_closed,          &a->n_reset,
                               &a->n_refused,         &a->n_timed_out,
                               &a->n_cookies_sent,    &a->n_cookies_received,
                               &a->n_challenges,      &a->n_challenges_skipped,
                               &a->n_ghosts,          &a->segments_sent,
                               &a->segments_received, &a->retransmissions,
                               &a->resets_sent,       &a->resets_received,
                               &a->closing_segments,  &a->bytes_sent,
                               &a->bytes_delivered,   &a->completed_half_open,
                               &a->n_injected_ends,   &a->injected_bytes,
                               &a->n_icmp_ends};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        *counts[i] = 0;
    memset(a->resets_by, 0, sizeof a->resets_by);
    memset(a->resets_that, 0, sizeof a->resets_that);
    for (int i = 0; i < TCP_N_STATES; i++)
        level_warm_up(&a->in_state[i], now);
    for (int i = 0; i < FORM_ENDPOINT; i++)
        level_warm_up(&a->entries[i], now);
    level_warm_up(&a->ghosts, now);
    a->counts_from = now;
}

static struct value integer(__int128 n)
{
    return (struct value){.kind = VALUE_INT, .num = (int64_t)n, .den = 1};
}

static struct value states_text(const struct sim *sim, const void *subject,
                                const struct metric *m)
{
    const struct tcp_account *a = subject;
    struct value v = {.kind = a->n_path > 0 ? VALUE_TEXT : VALUE_NONE};
    size_t used = 0;
    for (int i = 0; i < a->n_path && used < sizeof v.text; i++)
        used += (size_t)snprintf(v.text + used, sizeof v.text - used, "%s%s", i > 0 ? " " : "",
                                 tcp_states[a->path[i]].name);
    return v;
}

static struct value dwell(const struct sim *sim, const void *subject, const struct metric *m)
{
    const struct tcp_account *a = subject;
    return integer(level_area(&a->in_state[m->arg], sim->now));
}

/* An integral, averaged over the time that counts. Where it does not fit 64 bits both terms are
 * halved until it does: 10^7 connections for 15 minutes still fit. */
static struct value mean_of(__int128 area, sim_time lasted)
{
    for (; area > INT64_MAX; area /= 2)
        lasted /= 2;
    return lasted > 0 ? (struct value){.kind = VALUE_RATIO, .num = (int64_t)area, .den = lasted}
                      : (struct value){.kind = VALUE_NONE};
}

static struct value mean_in_state(const struct sim *sim, const void *subject,
                                  const struct metric *m)
{
    const struct tcp_account *a = subject;
    const struct level *l = &a->in_state[m->arg];
    return mean_of(level_area(l, sim->now), sim->now - l->from);
}

static struct value max_in_state(const struct sim *sim, const void *subject,
                                 const struct metric *m)
{
    const struct tcp_account *a = subject;
    return integer(a->in_state[m->arg].max);
}

static struct value now_in_state(const struct sim *sim, const void *subject,
                                 const struct metric *m)
{
    const struct tcp_account *a = subject;
    return integer(a->in_state[m->arg].n);
}

static struct value half_open_time(const struct sim *sim, const void *subject,
                                   const struct metric *m)
{
    const struct tcp_account *a = subject;
    return integer(level_area(&a->in_state[TCP_SYN_RECEIVED], sim->now) -
                   a->completed_half_open);
}

static struct value ghost_time(const struct sim *sim, const void *subject,
                               const struct metric *m)
{
    const struct tcp_account *a = subject;
    return integer(level_area(&a->ghosts, sim->now));
}

/* ---- memory: what is not an entry is a whole endpoint */

static int64_t weight(const struct tcp_account *a, int form)
{
    const struct tcp_params *p = a->params;
    const int64_t weights[TCP_N_FORMS] = {[FORM_REQUEST] = p->request_bytes,
                                          [FORM_TIME_WAIT] = p->time_wait_bytes,
                                          [FORM_ENDPOINT] = p->endpoint_bytes};
    return weights[form];
}

/* Bytes now, and their integral in bytes x ns. */
static void weigh(const struct tcp_account *a, int form, sim_time now, __int128 *held,
                  __int128 *area)
{
    __int128 n = 0, sum = 0;
    for (int i = 0; i < FORM_ENDPOINT; i++) {
        const int sign = form == FORM_ENDPOINT ? -1 : i == form;
        n += sign * a->entries[i].n;
        sum += sign * level_area(&a->entries[i], now);
    }
    for (int i = 0; i < TCP_N_STATES && form == FORM_ENDPOINT; i++) {
        n += a->in_state[i].n;
        sum += level_area(&a->in_state[i], now);
    }
    *held += n * weight(a, form);
    *area += sum * weight(a, form);
}

/* Of one form, or with TCP_N_FORMS of all. */
static void memory_of(const struct tcp_account *a, int arg, sim_time now, __int128 *held,
                      __int128 *area)
{
    *held = *area = 0;
    for (int form = 0; form < TCP_N_FORMS && a->params != NULL; form++)
        if (arg == form || arg == TCP_N_FORMS)
            weigh(a, form, now, held, area);
}

static struct value memory(const struct sim *sim, const void *subject, const struct metric *m)
{
    __int128 held, area;
    memory_of(subject, (int)m->arg, sim->now, &held, &area);
    return integer(held);
}

static struct value mean_memory(const struct sim *sim, const void *subject,
                                const struct metric *m)
{
    const struct tcp_account *a = subject;
    __int128 held, area;
    memory_of(a, (int)m->arg, sim->now, &held, &area);
    return mean_of(area, sim->now - a->counts_from);
}

static struct value resets_ignored(const struct sim *sim, const void *subject,
                                   const struct metric *m)
{
    const struct tcp_account *a = subject;
    int64_t n = a->resets_received;
    for (int i = 0; i < TCP_N_RESET_FATES; i++)
        n -= a->resets_that[i];
    return integer(n);
}

/* ---- what the first connection is at now, for samples over time */

static struct value none(void)
{
    return (struct value){.kind = VALUE_NONE};
}

static struct value cwnd(const struct sim *sim, const void *subject, const struct metric *m)
{
    const struct tcp *t = ((const struct tcp_account *)subject)->first;
    return t == NULL || t->cc->init == NULL ? none() : integer(t->cwnd);
}

static struct value ssthresh(const struct sim *sim, const void *subject, const struct metric *m)
{
    const struct tcp *t = ((const struct tcp_account *)subject)->first;
    const bool is_known = t != NULL && t->cc->init != NULL && t->ssthresh != UINT32_MAX;
    return is_known ? integer(t->ssthresh) : none();
}

static struct value srtt(const struct sim *sim, const void *subject, const struct metric *m)
{
    const struct tcp *t = ((const struct tcp_account *)subject)->first;
    return t == NULL || t->rtx.srtt == 0 ? none() : integer(t->rtx.srtt);
}

static struct value flight(const struct sim *sim, const void *subject, const struct metric *m)
{
    const struct tcp *t = ((const struct tcp_account *)subject)->first;
    return t == NULL ? none() : integer(t->snd.nxt.v - t->snd.una.v);
}

/* -1 stands for "not known". */
static struct value known(const struct sim *sim, const void *subject, const struct metric *m)
{
    const int64_t n = *(const int64_t *)((const char *)subject + m->offset);
    return n < 0 ? (struct value){.kind = VALUE_NONE} : integer(n);
}

/* clang-format off */
#define AT(field) offsetof(struct tcp_account, field)
#define COUNT(name, field, help) {name, UNIT_COUNT, AT(field), NULL, 0, help}
#define COUNT_KNOWN(name, field, help) {name, UNIT_COUNT, AT(field), known, 0, help}
#define IN_STATE(name, state) \
    {"dwell_" name, UNIT_TIME, 0, dwell, state, "time in this state, all connections added"}, \
    {"in_" name, UNIT_COUNT, 0, now_in_state, state, "connections in this state at the end of the run, or when a sample is taken"}, \
    {"mean_" name, UNIT_COUNT, 0, mean_in_state, state, "connections in this state, averaged over the time from the end of warm_up on"}, \
    {"max_" name, UNIT_COUNT, 0, max_in_state, state, "connections in this state at once, at most"}
#define MEMORY(name, form, help) \
    {"memory" name, UNIT_BYTES, 0, memory, form, "memory of " help ", now: at the end of the run or of a sample"}, \
    {"mean_memory" name, UNIT_BYTES, 0, mean_memory, form, "the same, averaged over the time from the end of warm_up on: times that time it is bytes x seconds"}
const struct metric TCP_METRICS[] = {
    {"states", UNIT_NONE, 0, states_text, 0, "states that the first connection entered, in order"},
    {"established_at", UNIT_TIME, AT(established_at), NULL, 0, "instant at which the first connection became ESTABLISHED"},
    {"closed_at", UNIT_TIME, AT(closed_at), NULL, 0, "instant at which the first connection was CLOSED again"},
    IN_STATE("syn_sent", TCP_SYN_SENT),
    IN_STATE("syn_received", TCP_SYN_RECEIVED),
    IN_STATE("established", TCP_ESTABLISHED),
    IN_STATE("fin_wait_1", TCP_FIN_WAIT_1),
    IN_STATE("fin_wait_2", TCP_FIN_WAIT_2),
    IN_STATE("close_wait", TCP_CLOSE_WAIT),
    IN_STATE("closing", TCP_CLOSING),
    IN_STATE("last_ack", TCP_LAST_ACK),
    IN_STATE("time_wait", TCP_TIME_WAIT),
    COUNT("connections", n_opened, "connections begun, by either side"),
    COUNT("established", n_established, "connections that became ESTABLISHED"),
    COUNT("closed", n_closed, "connections that ended in the ordinary way"),
    COUNT("reset", n_reset, "connections that ended by a reset from the peer"),
    COUNT("refused", n_refused, "active opens answered by a reset"),
    COUNT("timed_out", n_timed_out, "connections given up after the last repeat"),
    COUNT("icmp_ends", n_icmp_ends, "connections that an ICMP error has ended"),
    COUNT("cookies_sent", n_cookies_sent, "SYNs answered by a cookie, a SYN cookie or cookie-echo's"),
    COUNT("cookies_received", n_cookies_received, "valid cookies that came back"),
    COUNT("challenge_acks", n_challenges, "challenge ACKs, RFC 5961"),
    COUNT("challenge_acks_skipped", n_challenges_skipped, "ACKs of what is out of step that a limit forbade"),
    COUNT("ghosts", n_ghosts, "connections that became ESTABLISHED for a SYN whose sender had that connection no more"),
    {"ghost_time", UNIT_TIME, 0, ghost_time, 0, "time for which ghosts lasted, all added"},
    {"half_open_time", UNIT_TIME, 0, half_open_time, 0, "time in SYN-RECEIVED of requests that never became ESTABLISHED, all added"},
    COUNT("segments_sent", segments_sent, "segments sent"),
    COUNT("segments_received", segments_received, "segments received for its connections"),
    COUNT("closing_segments", closing_segments, "segments sent and received from a connection's first FIN on"),
    COUNT("retransmissions", retransmissions, "segments sent again"),
    COUNT("resets_sent", resets_sent, "resets sent"),
    COUNT("resets_no_connection", resets_by[RESET_NO_CONNECTION], "of these, answers to segments for no connection: RFC 9293 §3.10.7.1"),
    COUNT("resets_bad_ack", resets_by[RESET_BAD_ACK], "of these, answers to ACKs of what was not sent, in SYN-SENT or SYN-RECEIVED"),
    COUNT("resets_abort", resets_by[RESET_ABORT], "of these, by the application: abort(), SO_LINGER 0"),
    COUNT("resets_unread", resets_by[RESET_UNREAD], "of these, close() with unread data: RFC 2525 §2.17"),
    COUNT("resets_late_data", resets_by[RESET_LATE_DATA], "of these, answers to data after close(): RFC 9293 SHLD-3"),
    COUNT("resets_syn", resets_by[RESET_SYN], "of these, for a SYN in the window, where syn_validation is rfc793"),
    COUNT("resets_timeout", resets_by[RESET_TIMEOUT], "of these, no answer to keepalive"),
    COUNT("resets_overflow", resets_by[RESET_OVERFLOW], "of these, the accept queue was full: abort_on_overflow"),
    COUNT("resets_orphan", resets_by[RESET_ORPHAN], "of these, TCP_LINGER2 or max_orphans"),
    COUNT("resets_received", resets_received, "resets received"),
    COUNT("resets_refused", resets_that[RESET_REFUSES], "of these, ended a connection in SYN-SENT"),
    COUNT("resets_half_open", resets_that[RESET_HALF_OPEN], "of these, ended one in SYN-RECEIVED"),
    COUNT("resets_ended", resets_that[RESET_ENDS], "of these, ended one between ESTABLISHED and LAST-ACK"),
    COUNT("resets_time_wait", resets_that[RESET_TIME_WAIT], "of these, ended TIME-WAIT: assassination, RFC 1337"),
    COUNT("resets_challenged", resets_that[RESET_CHALLENGED], "of these, in the window but not of the number expected: RFC 5961 §3"),
    {"resets_ignored", UNIT_COUNT, 0, resets_ignored, 0, "of these, changed nothing: outside the window, of a wrong ACK, or in TIME-WAIT that is deaf"},
    MEMORY("_syn_queue", FORM_REQUEST, "entries of the SYN queue, request_bytes each"),
    MEMORY("_time_wait", FORM_TIME_WAIT, "entries in TIME-WAIT, time_wait_bytes each"),
    MEMORY("_endpoints", FORM_ENDPOINT, "whole endpoints, endpoint_bytes each: half-open ones and those in TIME-WAIT that are no entries, and all others"),
    MEMORY("", TCP_N_FORMS, "all three; not payload (held_bytes of the host), nor listeners"),
    {"bytes_sent", UNIT_BYTES, AT(bytes_sent), NULL, 0, "payload sent, repeats not counted"},
    {"bytes_delivered", UNIT_BYTES, AT(bytes_delivered), NULL, 0, "payload handed to the application"},
    COUNT_KNOWN("isn_local", isn_local, "initial sequence number that the first connection chose"),
    COUNT_KNOWN("isn_remote", isn_remote, "initial sequence number that it learnt"),
    {"window_local", UNIT_BYTES, AT(window_local), known, 0, "window that it announced first"},
    {"window_remote", UNIT_BYTES, AT(window_remote), known, 0, "window that it was announced first"},
    {"mss_local", UNIT_BYTES, AT(mss_local), known, 0, "MSS that it announced"},
    COUNT_KNOWN("isn_acked_by", isn_acked_by, "the acknowledgment number that answered its SYN, less its ISN: 1, RFC 9293 §3.5"),
    {"mss_remote", UNIT_BYTES, AT(mss_remote), known, 0, "MSS that it was announced"},
    {"cwnd", UNIT_BYTES, 0, cwnd, 0, "congestion window of the first connection at this moment"},
    {"ssthresh", UNIT_BYTES, 0, ssthresh, 0, "its slow start threshold; not there before the first loss"},
    {"srtt", UNIT_TIME, 0, srtt, 0, "its smoothed round-trip time, RFC 6298 §2"},
    COUNT("injected_ends", n_injected_ends, "connections that a forged or replayed segment has ended, half-open ones included"),
    {"injected_bytes", UNIT_BYTES, AT(injected_bytes), NULL, 0, "payload of such segments that was taken into a receive buffer"},
    {"flight", UNIT_BYTES, 0, flight, 0, "what it has sent and has not been acknowledged"},
    {0},
};
/* clang-format on */
