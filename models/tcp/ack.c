/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/ack.h"

#include <string.h>

#include "models/tcp/endpoint.h"

/* ---- RFC 9293 §3.8.6.3, RFC 5681 §4.2 */

/* At once when something is missing, repeated or was filled in, else every delack_segments. */
static void rfc_on_data(struct tcp *t, uint32_t new_bytes, bool in_order)
{
    const struct tcp_params *params = &t->stack->params;
    t->rcv.unacked_bytes += new_bytes;
    const bool enough =
        t->rcv.unacked_bytes >= (uint64_t)params->delack_segments * t->rcv.mss_seen;
    const bool delayed = params->delack > 0 && in_order && new_bytes > 0 && !enough;
    tcp_ack_soon(t, delayed ? ACK_DELAYED : ACK_NOW);
}

static void rfc_on_fin(struct tcp *t)
{
    tcp_ack_soon(t, ACK_NOW);
}

static sim_time rfc_wait(const struct tcp *t)
{
    return t->stack->params.delack;
}

/* ---- FreeBSD: every delack_segments-th segment, whatever its size; at once where a part came
 * before, since the next segment would hide the D-SACK block */

static void freebsd_on_data(struct tcp *t, uint32_t new_bytes, bool in_order)
{
    const struct tcp_params *params = &t->stack->params;
    t->rcv.unacked_segments++;
    const bool partly_old = t->sack.duplicate.left != t->sack.duplicate.right;
    const bool enough = t->rcv.unacked_segments >= params->delack_segments || partly_old;
    const bool delayed = params->delack > 0 && in_order && new_bytes > 0 && !enough;
    tcp_ack_soon(t, delayed ? ACK_DELAYED : ACK_NOW);
}

static void freebsd_on_ack_sent(struct tcp *t)
{
    t->rcv.unacked_segments = 0;
}

/* ---- Linux: the first segments are acknowledged at once ("quick"), a connection that answers
 * within the ACK's delay is interactive ("pingpong") and delays; the delay follows the gaps
 * between arrivals (ato). Documented in Linux's tcp(7) only in part; tests/reference shows it.
 */

enum { MAX_QUICK = 16 };

/* The window that the last ACK told. */
static uint32_t told(const struct tcp *t)
{
    return (uint32_t)seq_from(t->ts.last_ack_sent, t->rcv.edge);
}

static void be_quick(struct tcp *t)
{
    uint32_t quick = told(t) / (2 * tcp_rcv_mss(t));
    quick = quick < 2 ? 2 : quick > MAX_QUICK ? MAX_QUICK : quick;
    t->rcv.quick = quick > t->rcv.quick ? (uint8_t)quick : t->rcv.quick;
}

/* The delay follows the gaps; a gap longer than the RTO begins anew. */
static void follow_gap(struct tcp *t)
{
    const sim_time now = t->stack->sim->now, least = t->stack->params.delack;
    const sim_time gap = now - t->rcv.last_data_at;
    if (t->rcv.ato == 0) {
        be_quick(t);
        t->rcv.ato = least;
    } else if (gap <= least / 2) {
        t->rcv.ato = t->rcv.ato / 2 + least / 2;
    } else if (gap < t->rcv.ato) {
        t->rcv.ato = time_min(t->rcv.ato / 2 + gap, t->rtx.rto);
    } else if (gap > t->rtx.rto) {
        be_quick(t);
    }
}

static void linux_on_data(struct tcp *t, uint32_t new_bytes, bool in_order)
{
    follow_gap(t);
    if (t->rw.grew)
        t->rcv.quick |= 1;
    t->rcv.unacked_bytes += new_bytes;
    t->rcv.pushed = t->rcv.pushed || new_bytes < tcp_rcv_mss(t);
    const bool enough =
        t->rcv.unacked_bytes > tcp_rcv_mss(t) && (!t->rw.on || tcp_rcvwnd_select(t) >= told(t));
    const bool quick = t->rcv.quick > 0 && !t->rcv.pingpong;
    const bool now = (quick || enough) && !t->rcv.overrun;
    const bool delayed = in_order && new_bytes > 0 && !now;
    t->rcv.overrun = false;
    tcp_ack_soon(t, delayed ? ACK_DELAYED : ACK_NOW);
}

static void linux_on_fin(struct tcp *t)
{
    t->rcv.pingpong = true; /* what the application does now may carry the ACK */
    tcp_ack_soon(t, ACK_DELAYED);
}

/* All that was pushed has been read and no answer is in sight; or the window had to wait. */
static void linux_on_read(struct tcp *t)
{
    const bool all = t->rcv.pushed && !t->rcv.pingpong && tcp_unread(t) == 0;
    if (t->rcv.ack == ACK_DELAYED && (all || t->rcv.unacked_bytes > tcp_rcv_mss(t)))
        tcp_ack_soon(t, ACK_NOW);
}

static void linux_on_data_sent(struct tcp *t)
{
    if (t->stack->sim->now - t->rcv.last_data_at < t->rcv.ato)
        t->rcv.pingpong = true;
}

static void linux_on_ack_sent(struct tcp *t)
{
    t->rcv.pushed = false;
    if (t->rcv.ack == ACK_NONE || t->rcv.quick == 0)
        return;
    if (--t->rcv.quick == 0)
        t->rcv.ato = t->stack->params.delack;
}

/* The delay was in vain: longer next time, unless the connection only seemed interactive. */
static void linux_on_timer(struct tcp *t)
{
    t->rcv.ato =
        t->rcv.pingpong ? t->stack->params.delack : time_min(2 * t->rcv.ato, t->rtx.rto);
    t->rcv.pingpong = false;
}

static sim_time linux_wait(const struct tcp *t)
{
    const sim_time least = t->stack->params.delack;
    if (t->rcv.ato <= least)
        return t->rcv.ato;
    sim_time most = t->rcv.pingpong || t->rcv.pushed ? MS(200) : MS(500);
    if (t->rtx.srtt > 0)
        most = time_min(most, time_max(t->rtx.srtt, least));
    return time_min(t->rcv.ato, most);
}

/* TCP_QUICKACK, as Linux has it: what waits leaves as on a read (tcp_cleanup_rbuf), which sends
 * nothing while data is unread, but for more than a segment. An even number is for once. */
void tcp_ack_quickly(struct tcp *t, int64_t quickly)
{
    const bool open = t->state == TCP_ESTABLISHED || t->state == TCP_CLOSE_WAIT;
    t->rcv.pingpong = quickly == 0;
    if (quickly == 0 || !open || t->rcv.ack != ACK_DELAYED)
        return;
    if (tcp_unread(t) == 0 || t->rcv.unacked_bytes > tcp_rcv_mss(t))
        tcp_send_ack(t);
    t->rcv.pingpong = quickly % 2 == 0;
}

#define RFC_HELP     "every delack_segments or after delack; at once out of order, and a FIN"
#define FREEBSD_HELP "the same, but small segments count like full ones"
#define LINUX_HELP   "the first at once, then after a delay that follows the gaps; a FIN too"

static const struct tcp_ack_rule registry[] = {
    {.name = "rfc5681",
     .help = RFC_HELP,
     .on_data = rfc_on_data,
     .on_fin = rfc_on_fin,
     .wait = rfc_wait},
    {.name = "freebsd",
     .help = FREEBSD_HELP,
     .repeats_fin = true,
     .tells_all = true,
     .on_data = freebsd_on_data,
     .on_fin = rfc_on_fin,
     .on_ack_sent = freebsd_on_ack_sent,
     .wait = rfc_wait},
    {.name = "linux",
     .help = LINUX_HELP,
     .before_application = true,
     .doubles = true,
     .on_data = linux_on_data,
     .on_fin = linux_on_fin,
     .on_read = linux_on_read,
     .on_data_sent = linux_on_data_sent,
     .on_ack_sent = linux_on_ack_sent,
     .on_timer = linux_on_timer,
     .wait = linux_wait},
};

const struct choice TCP_ACK_RULE_CHOICES[] = {
    {"rfc5681", RFC_HELP}, {"freebsd", FREEBSD_HELP}, {"linux", LINUX_HELP}, {NULL, NULL}};

const struct tcp_ack_rule *tcp_ack_rule_find(const char *name)
{
    const struct tcp_ack_rule *r = registry;
    while (strcmp(r->name, name) != 0)
        r++;
    return r;
}
