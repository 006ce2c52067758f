/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/info.h"

#include "models/tcp/endpoint.h"
#include "models/tcp/sockopt.h"
#include "sim/address.h"

/* net/tcp_states.h */
static const uint8_t LINUX_STATES[TCP_N_STATES] = {
    [TCP_CLOSED] = 7,      [TCP_LISTEN] = 10,    [TCP_SYN_SENT] = 2,   [TCP_SYN_RECEIVED] = 3,
    [TCP_ESTABLISHED] = 1, [TCP_FIN_WAIT_1] = 4, [TCP_FIN_WAIT_2] = 5, [TCP_CLOSE_WAIT] = 8,
    [TCP_CLOSING] = 11,    [TCP_LAST_ACK] = 9,   [TCP_TIME_WAIT] = 6,
};

enum { CA_OPEN = 0, CA_DISORDER = 1, CA_CWR = 2, CA_RECOVERY = 3, CA_LOSS = 4 };
enum {
    OPT_TIMESTAMPS = 1,
    OPT_SACK = 2,
    OPT_WSCALE = 4,
    OPT_ECN = 8,
    OPT_ECN_SEEN = 16,
    OPT_SYN_DATA = 32
};

static int64_t state(const struct tcp *t)
{
    return LINUX_STATES[t->state];
}
int64_t tcp_info_state(enum tcp_state in)
{
    return LINUX_STATES[in];
}

static int64_t ca_state(const struct tcp *t)
{
    return t->rtx.recovering      ? CA_LOSS
           : t->rtx.fast          ? CA_RECOVERY
           : t->ecn.reducing      ? CA_CWR
           : t->rtx.n_dupacks > 0 ? CA_DISORDER
                                  : CA_OPEN;
}
static int64_t retransmits(const struct tcp *t)
{
    return t->rtx.n_repeats;
}
static int64_t probes(const struct tcp *t)
{
    return t->rtx.n_probes;
}
static int64_t backoff(const struct tcp *t)
{
    const bool of_window = t->deadline[TCP_TIMER_PERSIST] != SIM_NEVER; /* keepalive has none */
    return t->stack->blocked ? 0 : (of_window ? t->rtx.n_probes : 0) + t->rtx.n_doubled;
}
static int64_t options(const struct tcp *t)
{
    return (t->agreed.timestamps ? OPT_TIMESTAMPS : 0) | (t->agreed.sack ? OPT_SACK : 0) |
           (t->agreed.scaled ? OPT_WSCALE : 0) | /* a shift of 0 is agreed on, too */
           (t->ecn.on ? OPT_ECN : 0) | (t->ecn.seen ? OPT_ECN_SEEN : 0) |
           (t->fo.data_acked ? OPT_SYN_DATA : 0);
}
static int64_t snd_wscale(const struct tcp *t)
{
    return t->agreed.snd_shift;
}
static int64_t rcv_wscale(const struct tcp *t)
{
    return t->agreed.rcv_shift;
}
static int64_t rto(const struct tcp *t)
{
    return t->rtx.rto / US(1);
}
static int64_t rtt(const struct tcp *t)
{
    return t->rtx.srtt / US(1);
}
static int64_t rttvar(const struct tcp *t)
{
    return t->rtx.rttvar / US(1);
}
static int64_t snd_mss(const struct tcp *t)
{
    return tcp_send_mss(t);
}
static int64_t rcv_mss(const struct tcp *t)
{
    return t->rcv.mss_seen;
}
static int64_t advmss(const struct tcp *t)
{
    return tcp_advised_mss(t);
}
/* Of the first link, or what is known of the path beyond it. */
static int64_t pmtu(const struct tcp *t)
{
    const struct tcp_stack *s = t->stack;
    const uint32_t first =
        s->network.mtu != NULL ? s->network.mtu(s->ctx, t->remote.ip) : UINT32_MAX;
    const uint32_t path = tcp_path_mtu(s, t->remote.ip), least = first < path ? first : path;
    return least < UINT32_MAX ? least : s->params.mss + IP4_HEADER_BYTES + TCP_HEADER_BYTES;
}
/* Segments, as the endpoint keeps no list of them: full ones and a rest. */
static int64_t segments(const struct tcp *t, int64_t bytes)
{
    const int64_t mss = tcp_send_mss(t);
    return bytes > 0 ? (bytes + mss - 1) / mss : 0;
}

static int64_t unacked(const struct tcp *t)
{
    return segments(t, seq_from(t->snd.una, t->snd.nxt));
}
static int64_t notsent_bytes(const struct tcp *t)
{
    return tcp_unsent(t);
}
static int64_t snd_wnd(const struct tcp *t)
{
    return t->snd.wnd;
}

/* ---- the receiver's half */

/* As the last segment told it. */
static int64_t rcv_wnd(const struct tcp *t)
{
    if (t->state == TCP_SYN_SENT)
        return tcp_syn_window(t);
    return seq_from(t->ts.last_ack_sent, t->rcv.edge);
}
/* A window that does not grow by what arrives may be as large as the buffer. */
static int64_t rcv_ssthresh(const struct tcp *t)
{
    return t->rw.on ? t->rw.limit : tcp_initial_window(t);
}
static int64_t rcv_rtt(const struct tcp *t)
{
    return t->rw.rtt.smooth / 8 / US(1);
}
static int64_t rcv_space(const struct tcp *t)
{
    return t->rw.turn.bytes;
}
static int64_t rcv_ooopack(const struct tcp *t)
{
    return t->sack.n_early;
}

/* ---- what is lost */

/* Linux has counted no FACK since 4.15. */
static int64_t fackets(const struct tcp *t)
{
    return 0;
}
static int64_t dsack_dups(const struct tcp *t)
{
    return t->n.duplicates;
}
static int64_t total_rto(const struct tcp *t)
{
    return t->n.timeouts;
}
static int64_t total_rto_recoveries(const struct tcp *t)
{
    return t->n.timeout_recoveries;
}

static int64_t sacked(const struct tcp *t)
{
    return t->agreed.sack ? segments(t, t->board != NULL ? t->board->bytes : 0)
                          : t->rtx.n_dupacks;
}

/* Not SACKed, before where RFC 6675 takes all for lost; after a timeout, all that was sent. */
static int64_t lost(const struct tcp *t)
{
    const struct scoreboard *b = t->board;
    if (!t->rtx.fast && !t->rtx.recovering)
        return 0;
    if (t->rtx.recovering || b == NULL || !t->rtx.sacking) {
        const int64_t out = seq_from(t->snd.una, t->rtx.recover);
        return t->rtx.recovering ? segments(t, out - (b != NULL ? b->bytes : 0)) : 1;
    }
    uint32_t above;
    const tcp_seq end = scoreboard_lost_below(b, t->snd.una, tcp_send_mss(t), &above);
    return segments(t, seq_from(t->snd.una, end) - (int64_t)(b->bytes - above));
}

/* Sent again and not acknowledged yet. */
static int64_t retrans(const struct tcp *t)
{
    const struct scoreboard *b = t->board;
    const int64_t below = b != NULL ? b->below_bytes : 0;
    if (t->rtx.fast || t->rtx.recovering)
        return segments(t, seq_from(t->snd.una, t->rtx.next) - below);
    if (t->fo.again && seq_lt(t->snd.una, t->fo.syn_data_end))
        return segments(t, seq_from(t->snd.una, t->fo.syn_data_end));
    return t->rtx.tail_out && t->rtx.tail_again;
}

static int64_t since_ms(const struct tcp *t, sim_time at)
{
    return (t->stack->sim->now - at) / MS(1);
}
static int64_t last_data_sent(const struct tcp *t)
{
    return since_ms(t, t->snd.last_data_at);
}
static int64_t last_data_recv(const struct tcp *t)
{
    return since_ms(t, t->rcv.last_data_at);
}
static int64_t last_ack_recv(const struct tcp *t)
{
    return since_ms(t, t->rcv.heard_at);
}
static int64_t ato(const struct tcp *t)
{
    return t->rcv.ato / US(1);
}
static int64_t min_rtt(const struct tcp *t)
{
    return t->rtx.min_rtt / US(1);
}
static int64_t reordering(const struct tcp *t)
{
    return 3; /* duplicate ACKs, RFC 5681 */
}

/* As Linux: SNDs and RCVs go by numbers, in which a FIN has one; and the SYN of who connects.
 */
static int64_t bytes_acked(const struct tcp *t)
{
    const bool syn = !t->passive && seq_lt(t->iss, t->snd.una);
    return (int64_t)t->sndq.una + syn + t->snd.fin_acked;
}
static int64_t bytes_received(const struct tcp *t)
{
    return (int64_t)t->rcvq.ready + t->rcv.fin_taken;
}
static int64_t bytes_retrans(const struct tcp *t)
{
    return (int64_t)t->n.repeated_bytes;
}
static int64_t bytes_sent(const struct tcp *t)
{
    const int64_t end = (int64_t)t->sndq.end;
    const int64_t sent = (int64_t)t->sndq.una + tcp_unacked(t) - tcp_unsent(t);
    return (sent < end ? sent : end) + bytes_retrans(t); /* a FIN is no byte */
}
static int64_t total_retrans(const struct tcp *t)
{
    return t->n.repeats;
}
static int64_t segs_out(const struct tcp *t)
{
    return t->n.out;
}
static int64_t segs_in(const struct tcp *t)
{
    return t->n.in;
}
static int64_t data_segs_out(const struct tcp *t)
{
    return t->n.data_out;
}
static int64_t data_segs_in(const struct tcp *t)
{
    return t->n.data_in;
}
static int64_t delivered(const struct tcp *t)
{
    return t->n.delivered;
}

/* Of SO_MEMINFO: the receive buffer as getsockopt() tells it. */
static int64_t meminfo_rcvbuf(const struct tcp *t)
{
    const struct tcp_option_of o = tcp_option_asked(t);
    return tcp_option_get_int(&o, TCP_OPT_RCVBUF);
}

/* In segments; without congestion control as many as there are. */
static int64_t snd_cwnd(const struct tcp *t)
{
    return t->cc->init != NULL ? t->cwnd / tcp_send_mss(t) : INT32_MAX;
}
static int64_t snd_ssthresh(const struct tcp *t)
{
    const bool infinite = t->cc->init == NULL || t->ssthresh == UINT32_MAX;
    return infinite ? INT32_MAX : t->ssthresh / tcp_send_mss(t);
}

/* ---- of a listener */

static int64_t accept_queue(const struct tcp_listener *l)
{
    return l->n_queued;
}
static int64_t backlog_of(const struct tcp_listener *l)
{
    return l->backlog;
}
/* A socket begins with Linux's TCP_INIT_CWND; tcp_reordering. */
static int64_t first_cwnd(const struct tcp_listener *l)
{
    return 10;
}
static int64_t first_reordering(const struct tcp_listener *l)
{
    return reordering(NULL);
}

/* clang-format off */
const struct tcp_info_row TCP_INFO_ROWS[] = {
    {"tcpi_state", state}, {"tcpi_ca_state", ca_state, true}, {"tcpi_retransmits", retransmits, true},
    {"tcpi_probes", probes, true}, {"tcpi_backoff", backoff, true}, {"tcpi_options", options, true},
    {"tcpi_snd_wscale", snd_wscale, true}, {"tcpi_rcv_wscale", rcv_wscale, true}, {"tcpi_rto", rto},
    {"tcpi_snd_mss", snd_mss}, {"tcpi_rcv_mss", rcv_mss}, {"tcpi_unacked", unacked, true, accept_queue},
    {"tcpi_advmss", advmss}, {"tcpi_rtt", rtt, true}, {"tcpi_rttvar", rttvar},
    {"tcpi_snd_cwnd", snd_cwnd, false, first_cwnd}, {"tcpi_snd_ssthresh", snd_ssthresh},
    {"tcpi_notsent_bytes", notsent_bytes, true}, {"tcpi_snd_wnd", snd_wnd, true},
    {"tcpi_sacked", sacked, true, backlog_of}, {"tcpi_lost", lost, true}, {"tcpi_retrans", retrans, true},
    {"tcpi_last_data_sent", last_data_sent}, {"tcpi_last_data_recv", last_data_recv},
    {"tcpi_last_ack_recv", last_ack_recv}, {"tcpi_ato", ato}, {"tcpi_min_rtt", min_rtt},
    {"tcpi_reordering", reordering, false, first_reordering}, {"tcpi_bytes_acked", bytes_acked, true},
    {"tcpi_bytes_received", bytes_received, true}, {"tcpi_bytes_sent", bytes_sent, true},
    {"tcpi_bytes_retrans", bytes_retrans, true}, {"tcpi_total_retrans", total_retrans, true},
    {"tcpi_segs_out", segs_out, true}, {"tcpi_segs_in", segs_in, true},
    {"tcpi_data_segs_out", data_segs_out, true}, {"tcpi_data_segs_in", data_segs_in, true},
    {"tcpi_delivered", delivered, true}, {"tcpi_fackets", fackets, true},
    {"tcpi_pmtu", pmtu}, {"tcpi_rcv_wnd", rcv_wnd}, {"tcpi_rcv_ssthresh", rcv_ssthresh},
    {"tcpi_rcv_rtt", rcv_rtt, true}, {"tcpi_rcv_space", rcv_space, true},
    {"tcpi_rcv_ooopack", rcv_ooopack, true}, {"tcpi_dsack_dups", dsack_dups, true},
    {"tcpi_total_rto", total_rto, true},
    {"tcpi_total_rto_recoveries", total_rto_recoveries, true}, {"SK_MEMINFO_RCVBUF", meminfo_rcvbuf}, {NULL, NULL},
};

const struct tcp_info_constant TCP_INFO_CONSTANTS[] = {
    {"TCP_ESTABLISHED", 1}, {"TCP_SYN_SENT", 2}, {"TCP_SYN_RECV", 3}, {"TCP_FIN_WAIT1", 4},
    {"TCP_FIN_WAIT2", 5}, {"TCP_TIME_WAIT", 6}, {"TCP_CLOSE", 7}, {"TCP_CLOSE_WAIT", 8},
    {"TCP_LAST_ACK", 9}, {"TCP_LISTEN", 10}, {"TCP_CLOSING", 11}, {"TCP_NEW_SYN_RECV", 12},
    {"TCPI_ESTABLISHED", 1}, {"TCPI_SYN_SENT", 2}, {"TCPI_SYN_RECEIVED", 3},
    {"TCPI_FIN_WAIT_1", 4}, {"TCPI_FIN_WAIT_2", 5}, {"TCPI_TIME_WAIT", 6}, {"TCPI_CLOSED", 7},
    {"TCPI_CLOSE_WAIT", 8}, {"TCPI_LAST_ACK", 9}, {"TCPI_LISTEN", 10}, {"TCPI_CLOSING", 11},
    {"TCP_CA_Open", 0}, {"TCP_CA_Disorder", 1}, {"TCP_CA_CWR", 2}, {"TCP_CA_Recovery", 3},
    {"TCP_CA_Loss", 4}, {"TCPI_OPT_TIMESTAMPS", 1}, {"TCPI_OPT_SACK", 2},
    {"TCPI_OPT_WSCALE", 4}, {"TCPI_OPT_ECN", 8}, {"TCPI_OPT_ECN_SEEN", 16},
    {"TCPI_OPT_SYN_DATA", 32}, {NULL, 0},
};
/* clang-format on */

uint32_t tcp_count_in(const struct tcp_stack *s, enum tcp_state in, uint16_t local_port)
{
    const struct tcp_line *lines = in == TCP_TIME_WAIT      ? s->tw_lines
                                   : in == TCP_SYN_RECEIVED ? s->syn_lines
                                                            : NULL;
    uint32_t n = tcp_line_count(s, lines, local_port);
    for (const struct tcp *t = s->all; t != NULL; t = t->next)
        n += t->state == in && (local_port == 0 || t->local.port == local_port);
    return n;
}
