/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/info.h"

#include "models/tcp/endpoint.h"

/* net/tcp_states.h */
static const uint8_t LINUX_STATES[TCP_N_STATES] = {
    [TCP_CLOSED] = 7,      [TCP_LISTEN] = 10,    [TCP_SYN_SENT] = 2,   [TCP_SYN_RECEIVED] = 3,
    [TCP_ESTABLISHED] = 1, [TCP_FIN_WAIT_1] = 4, [TCP_FIN_WAIT_2] = 5, [TCP_CLOSE_WAIT] = 8,
    [TCP_CLOSING] = 11,    [TCP_LAST_ACK] = 9,   [TCP_TIME_WAIT] = 6,
};

enum { CA_OPEN = 0, CA_DISORDER = 1, CA_RECOVERY = 3, CA_LOSS = 4 };
enum { OPT_TIMESTAMPS = 1, OPT_SACK = 2, OPT_WSCALE = 4, OPT_SYN_DATA = 32 };

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
    return t->rtx.n_probes + t->rtx.n_repeats;
}
static int64_t options(const struct tcp *t)
{
    return (t->agreed.timestamps ? OPT_TIMESTAMPS : 0) | (t->agreed.sack ? OPT_SACK : 0) |
           (t->agreed.snd_shift + t->agreed.rcv_shift > 0 ? OPT_WSCALE : 0) |
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
    return tcp_announced_mss(t);
}
/* Segments, as the endpoint keeps no list of them: what is out in full ones and a rest. */
static int64_t unacked(const struct tcp *t)
{
    const int64_t bytes = seq_from(t->snd.una, t->snd.nxt), mss = tcp_send_mss(t);
    return bytes > 0 ? (bytes + mss - 1) / mss : 0;
}
static int64_t notsent_bytes(const struct tcp *t)
{
    return tcp_unsent(t);
}
static int64_t snd_wnd(const struct tcp *t)
{
    return t->snd.wnd;
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

/* clang-format off */
const struct tcp_info_row TCP_INFO_ROWS[] = {
    {"tcpi_state", state}, {"tcpi_ca_state", ca_state}, {"tcpi_retransmits", retransmits},
    {"tcpi_probes", probes}, {"tcpi_backoff", backoff}, {"tcpi_options", options},
    {"tcpi_snd_wscale", snd_wscale}, {"tcpi_rcv_wscale", rcv_wscale}, {"tcpi_rto", rto},
    {"tcpi_snd_mss", snd_mss}, {"tcpi_rcv_mss", rcv_mss}, {"tcpi_unacked", unacked},
    {"tcpi_advmss", advmss}, {"tcpi_rtt", rtt}, {"tcpi_rttvar", rttvar},
    {"tcpi_snd_cwnd", snd_cwnd}, {"tcpi_snd_ssthresh", snd_ssthresh},
    {"tcpi_notsent_bytes", notsent_bytes}, {"tcpi_snd_wnd", snd_wnd}, {NULL, NULL},
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
