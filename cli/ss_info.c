/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ss_info.h"

#include <inttypes.h>
#include <string.h>

#include "models/tcp/info.h"

enum { US_A_MS = 1000 };

/* 200ms, 1.500sec, 59sec, 1min30sec, 119min: as ss has it, of milliseconds, begun ones whole.
 */
static void put_wait(sim_time wait, FILE *out)
{
    const int64_t ms = (wait + MS(1) - 1) / MS(1), minutes = ms / 60000;
    const int64_t s = minutes > 9 ? 0 : ms / 1000 % 60;
    const int64_t rest = minutes > 0 || s > 9 ? 0 : ms % 1000;
    if (minutes > 0)
        fprintf(out, "%" PRId64 "min", minutes);
    if (s > 0)
        fprintf(out, "%" PRId64 "%s", s, rest > 0 ? "." : "sec");
    if (rest > 0)
        fprintf(out, "%03" PRId64 "%s", rest, s > 0 ? "sec" : "ms");
}

void ss_put_timer(const struct tcp_socket *k, FILE *out)
{
    if (k->timer == NULL)
        return;
    fprintf(out, " timer:(%s,", k->timer);
    put_wait(k->timer_wait, out);
    fprintf(out, ",%" PRId64 ")", k->n_repeats);
}

void ss_put_details(const struct tcp_socket *k, FILE *out)
{
    fprintf(out, " ino:%" PRIu32, k->number);
    if (k->t != NULL)
        fprintf(out, " %c-%c", tcp_is_shut(k->t, TCP_SHUT_RD) ? '-' : '<',
                tcp_is_shut(k->t, TCP_SHUT_WR) ? '-' : '>');
}

void ss_put_memory(const struct tcp_socket *k, FILE *out)
{
    if (k->t == NULL)
        return;
    const struct tcp_memory m = tcp_memory_of(k->t);
    fprintf(out,
            " skmem:(r%" PRId64 ",rb%" PRId64 ",t%" PRId64 ",tb%" PRId64 ",f0,w%" PRId64
            ",o0,bl0,d0)",
            m.received, m.rcvbuf, m.in_flight, m.sndbuf, m.queued);
}

/* ---- -i */

/* A number of TCP_INFO; 0: the endpoint does not know it. */
static int64_t number(const struct tcp *t, const char *name)
{
    for (const struct tcp_info_row *row = TCP_INFO_ROWS; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row->get(t);
    return 0;
}

struct item {
    const char *name, *label;
    void (*put)(const struct item *item, const struct tcp *t, FILE *out);
    const char *other; /* a second number of it */
};

static void put_count(const struct item *item, const struct tcp *t, FILE *out)
{
    const int64_t n = number(t, item->name);
    if (n != 0)
        fprintf(out, " %s:%" PRId64, item->label, n);
}

/* Of microseconds. */
static void put_ms(const struct item *item, const struct tcp *t, FILE *out)
{
    const int64_t us = number(t, item->name);
    if (us == 0)
        return;
    fprintf(out, " %s:%g", item->label, (double)us / US_A_MS);
    if (item->other != NULL)
        fprintf(out, "/%g", (double)number(t, item->other) / US_A_MS);
}

/* Without congestion control there is no limit. */
static void put_window(const struct item *item, const struct tcp *t, FILE *out)
{
    const int64_t n = number(t, item->name);
    if (n != INT32_MAX)
        fprintf(out, " %s:%" PRId64, item->label, n);
}

static void put_scales(const struct item *item, const struct tcp *t, FILE *out)
{
    enum { OPT_WSCALE = 4 };
    if ((number(t, "tcpi_options") & OPT_WSCALE) != 0)
        fprintf(out, " %s:%" PRId64 ",%" PRId64, item->label, number(t, item->name),
                number(t, item->other));
}

static void put_pair(const struct item *item, const struct tcp *t, FILE *out)
{
    const int64_t a = number(t, item->name), b = number(t, item->other);
    if (a != 0 || b != 0)
        fprintf(out, " %s:%" PRId64 "/%" PRId64, item->label, a, b);
}

/* A window a round trip. */
static void put_send(const struct item *item, const struct tcp *t, FILE *out)
{
    const int64_t cwnd = number(t, "tcpi_snd_cwnd"), rtt_us = number(t, "tcpi_rtt");
    if (rtt_us > 0 && cwnd != INT32_MAX)
        fprintf(out, " %s %.0fbps", item->label,
                (double)cwnd * (double)number(t, "tcpi_snd_mss") * 8e6 / (double)rtt_us);
}

/* Of bytes a second. */
static void put_rate(const struct item *item, const struct tcp *t, FILE *out)
{
    const int64_t rate = number(t, item->name);
    if (rate > 0)
        fprintf(out, " %s %.0fbps", item->label, (double)rate * 8);
}

static void put_busy(const struct item *item, const struct tcp *t, FILE *out)
{
    const int64_t us = number(t, item->name);
    if (us > 0)
        fprintf(out, " %s:%" PRId64 "ms", item->label, us / US_A_MS);
}

static void put_reordering(const struct item *item, const struct tcp *t, FILE *out)
{
    enum { USUAL = 3 };
    const int64_t n = number(t, item->name);
    if (n != 0 && n != USUAL)
        fprintf(out, " %s:%" PRId64, item->label, n);
}

/* In the order of ss. */
/* clang-format off */
static const struct item ITEMS[] = {
    {"tcpi_snd_wscale", "wscale", put_scales, "tcpi_rcv_wscale"},
    {"tcpi_rto", "rto", put_ms, NULL},
    {"tcpi_backoff", "backoff", put_count, NULL},
    {"tcpi_rtt", "rtt", put_ms, "tcpi_rttvar"},
    {"tcpi_ato", "ato", put_ms, NULL},
    {"tcpi_snd_mss", "mss", put_count, NULL},
    {"tcpi_pmtu", "pmtu", put_count, NULL},
    {"tcpi_rcv_mss", "rcvmss", put_count, NULL},
    {"tcpi_advmss", "advmss", put_count, NULL},
    {"tcpi_snd_cwnd", "cwnd", put_window, NULL},
    {"tcpi_snd_ssthresh", "ssthresh", put_window, NULL},
    {"tcpi_bytes_sent", "bytes_sent", put_count, NULL},
    {"tcpi_bytes_retrans", "bytes_retrans", put_count, NULL},
    {"tcpi_bytes_acked", "bytes_acked", put_count, NULL},
    {"tcpi_bytes_received", "bytes_received", put_count, NULL},
    {"tcpi_segs_out", "segs_out", put_count, NULL},
    {"tcpi_segs_in", "segs_in", put_count, NULL},
    {"tcpi_data_segs_out", "data_segs_out", put_count, NULL},
    {"tcpi_data_segs_in", "data_segs_in", put_count, NULL},
    {"tcpi_snd_cwnd", "send", put_send, NULL},
    {"tcpi_last_data_sent", "lastsnd", put_count, NULL},
    {"tcpi_last_data_recv", "lastrcv", put_count, NULL},
    {"tcpi_last_ack_recv", "lastack", put_count, NULL},
    {"tcpi_pacing_rate", "pacing_rate", put_rate, NULL},
    {"tcpi_delivery_rate", "delivery_rate", put_rate, NULL},
    {"tcpi_delivered", "delivered", put_count, NULL},
    {"tcpi_delivered_ce", "delivered_ce", put_count, NULL},
    {"tcpi_busy_time", "busy", put_busy, NULL},
    {"tcpi_unacked", "unacked", put_count, NULL},
    {"tcpi_retrans", "retrans", put_pair, "tcpi_total_retrans"},
    {"tcpi_lost", "lost", put_count, NULL},
    {"tcpi_sacked", "sacked", put_count, NULL},
    {"tcpi_dsack_dups", "dsack_dups", put_count, NULL},
    {"tcpi_reordering", "reordering", put_reordering, NULL},
    {"tcpi_reord_seen", "reord_seen", put_count, NULL},
    {"tcpi_rcv_rtt", "rcv_rtt", put_ms, NULL},
    {"tcpi_rcv_space", "rcv_space", put_count, NULL},
    {"tcpi_rcv_ssthresh", "rcv_ssthresh", put_count, NULL},
    {"tcpi_notsent_bytes", "notsent", put_count, NULL},
    {"tcpi_min_rtt", "minrtt", put_ms, NULL},
    {"tcpi_rcv_ooopack", "rcv_ooopack", put_count, NULL},
    {"tcpi_snd_wnd", "snd_wnd", put_count, NULL},
    {"tcpi_rcv_wnd", "rcv_wnd", put_count, NULL},
};
/* clang-format on */

/* Bits of tcpi_options. */
static const struct {
    int bit;
    const char *word;
} WORDS[] = {{1, "ts"}, {2, "sack"}, {8, "ecn"}, {16, "ecnseen"}, {32, "fastopen"}};

void ss_put_info(const struct tcp_socket *k, bool with_options, FILE *out)
{
    if (k->t == NULL)
        return;
    const int64_t options = number(k->t, "tcpi_options");
    for (size_t i = 0; with_options && i < ARRAY_LEN(WORDS); i++)
        if ((options & WORDS[i].bit) != 0)
            fprintf(out, " %s", WORDS[i].word);
    fprintf(out, " %s", tcp_cc_name(k->t));
    for (size_t i = 0; i < ARRAY_LEN(ITEMS); i++)
        ITEMS[i].put(&ITEMS[i], k->t, out);
}
