/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/rcvwnd.h"

#include "models/tcp/endpoint.h"

enum { WHOLE = 256, RATIO_BEFORE = WHOLE / 2 };
enum { WORTH_GROWING = 128 }; /* bytes of a segment that lets the limit grow */
enum { LEAST_CLAMP = 1152 };  /* SOCK_MIN_RCVBUF / 2: below a segment no window would open */

/* ---- memory and payload */

/* Of what the socket calls rcvbuf the parameters tell half: what it holds at RATIO_BEFORE. */
static int64_t buffer(const struct tcp *t)
{
    return 2 * t->rcvbuf;
}

static int64_t payload_in(const struct tcp *t, int64_t memory)
{
    return memory > 0 ? memory * t->rw.ratio / WHOLE : 0;
}

static int64_t room(const struct tcp *t)
{
    return payload_in(t, buffer(t) - t->rw.memory);
}

/* What Linux calls truesize: 64 bytes before the packet and 320 behind it, in an allocation; a
 * descriptor of 256. What one page cannot hold goes to pages of its own. */
static int64_t weight(const struct packet *p)
{
    enum { PAD = 64, SHARED = 320, DESCRIPTOR = 256, PAGE = 4096 };
    static const int64_t heads[] = {640, 1024, 2048, PAGE};
    const int64_t need = PAD + (int64_t)p->bytes + SHARED;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (need <= heads[i])
            return heads[i] + DESCRIPTOR;
    return PAGE + DESCRIPTOR + (need - PAGE + PAGE - 1) / PAGE * PAGE;
}

/* ---- how far the window may open */

void tcp_rcvwnd_begin(struct tcp *t)
{
    struct tcp_rcvwnd *w = &t->rw;
    if (!t->stack->rules.window_grows || w->on)
        return;
    const int64_t mss = tcp_advised_mss(t), told = t->rcv.edge.v - t->rcv.nxt.v;
    *w = (struct tcp_rcvwnd){.on = true, .ratio = RATIO_BEFORE};
    w->rtt.begins = SIM_NEVER;
    const int64_t most = payload_in(t, buffer(t));
    const int64_t user = t->opt->window_clamp;
    w->clamp = user > 0 && user < most ? user : most;
    if (w->clamp > 2 * mss && w->clamp + mss > most) /* one segment stays in reserve */
        w->clamp = most - mss > 2 * mss ? most - mss : 2 * mss;
    const int64_t initial = tcp_initial_window(t);
    w->limit = initial < w->clamp ? initial : w->clamp;
    const int64_t first = w->limit < told ? w->limit : told;
    w->turn.bytes = first < 10 * mss ? first : 10 * mss;
    w->turn.read = t->rcvq.read;
    w->turn.begins = t->stack->sim->now;
}

void tcp_rcvwnd_clamp(struct tcp *t, int64_t bytes)
{
    struct tcp_rcvwnd *w = &t->rw;
    const int64_t told = t->rcv.edge.v - t->ts.last_ack_sent.v;
    bytes = bytes > LEAST_CLAMP ? bytes : LEAST_CLAMP;
    if (!w->on || bytes == w->clamp)
        return;
    const bool less = bytes < w->clamp;
    const int64_t now = told < bytes ? told : bytes;
    w->clamp = bytes;
    if (less)
        w->limit = w->limit < bytes ? w->limit : bytes;
    else
        w->limit = w->limit > now ? w->limit : now;
}

void tcp_rcvwnd_make_room(struct tcp *t, int64_t bytes)
{
    const int64_t half = t->rw.on ? bytes * WHOLE / t->rw.ratio / 2 : bytes;
    if (half <= t->rcvbuf)
        return;
    t->rcvbuf = half;
    if (bytes > t->rw.clamp)
        tcp_rcvwnd_clamp(t, bytes);
}

/* A larger segment than any before tells what packets weigh. */
static void weigh(struct tcp *t, const struct packet *p)
{
    struct tcp_rcvwnd *w = &t->rw;
    const uint32_t ratio = (uint32_t)((int64_t)p->len * WHOLE / weight(p));
    if (ratio == w->ratio)
        return;
    w->ratio = ratio > 0 ? ratio : 1;
    tcp_rcvwnd_clamp(t, payload_in(t, buffer(t)));
    if (w->turn.bytes > w->clamp)
        w->turn.bytes = w->clamp;
}

/* By how much a heavy packet lets the limit grow: by less, the more it has grown. */
static int64_t growth_by_heavy(const struct tcp *t, const struct packet *p)
{
    int64_t heavy = payload_in(t, weight(p)) / 2;
    int64_t window = payload_in(t, t->stack->params.rcvbuf_max) / 2;
    while (t->rw.limit <= window) {
        if (heavy <= (int64_t)p->len)
            return 2 * (int64_t)tcp_rcv_mss(t);
        heavy /= 2;
        window /= 2;
    }
    return 0;
}

static void grow_limit(struct tcp *t, const struct packet *p)
{
    struct tcp_rcvwnd *w = &t->rw;
    const int64_t free = room(t), most = w->clamp < free ? w->clamp : free;
    if (w->limit >= most)
        return;
    const bool light = payload_in(t, weight(p)) <= (int64_t)p->len;
    int64_t more = light ? 2 * tcp_advised_mss(t) : growth_by_heavy(t, p);
    if (more == 0)
        return;
    more = more > 2 * (int64_t)p->len ? more : 2 * (int64_t)p->len;
    w->limit = w->limit + more < most ? w->limit + more : most;
    w->grew = true;
}

/* ---- the receiver's own round trip */

/* by_window: how long a whole window took, never too short; with an application that is slow to
 * read, the longer is not news either. */
static void measured(struct tcp *t, sim_time sample, bool by_window)
{
    sim_time *smooth = &t->rw.rtt.smooth;
    if (*smooth == 0 || 8 * sample < *smooth)
        *smooth = 8 * sample;
    else if (!by_window && t->rcvq.read == t->rcvq.ready)
        *smooth += sample - *smooth / 8;
}

static void measure_by_stamp(struct tcp *t, const struct segment *g, uint32_t mss)
{
    if (!t->agreed.timestamps || g->opt.tsecr == t->rw.rtt.echoed)
        return;
    t->rw.rtt.echoed = g->opt.tsecr;
    const sim_time rtt = g->len >= mss ? tcp_echoed_rtt(t, g) : SIM_NEVER;
    if (rtt != SIM_NEVER)
        measured(t, rtt, false);
}

static void measure_by_window(struct tcp *t)
{
    struct tcp_rcvwnd *w = &t->rw;
    const sim_time now = t->stack->sim->now;
    if (w->rtt.begins != SIM_NEVER) {
        if (seq_lt(t->rcv.nxt, w->rtt.end))
            return;
        measured(t, now > w->rtt.begins ? now - w->rtt.begins : US(1), true);
    }
    w->rtt.begins = now;
    w->rtt.end = seq_add(t->rcv.nxt, t->rcv.edge.v - t->ts.last_ack_sent.v);
}

/* ---- right-sizing */

/* The buffer for what a sender in slow start will have sent before the window is told: twice
 * what was read, and twice the growth of that; also for what lies beyond a gap. */
static void grow_buffer(struct tcp *t, int64_t bytes)
{
    struct tcp_rcvwnd *w = &t->rw;
    const int64_t before = w->turn.bytes;
    w->turn.bytes = bytes;
    if (!t->stack->params.moderate_rcvbuf || t->opt->rcvbuf_told > 0 || before == 0)
        return;
    int64_t window = 2 * bytes;
    window += 2 * (window * (bytes - before) / before);
    window += (int64_t)(rcvq_end(&t->rcvq) - t->rcvq.ready);
    const int64_t memory = window * WHOLE / w->ratio, most = t->stack->params.rcvbuf_max;
    const int64_t grown = memory < most ? memory : most;
    if (grown <= buffer(t))
        return;
    t->rcvbuf = grown / 2;
    w->clamp = payload_in(t, buffer(t));
}

void tcp_rcvwnd_on_read(struct tcp *t, int64_t bytes)
{
    struct tcp_rcvwnd *w = &t->rw;
    const int64_t left = (int64_t)t->rcvq.held; /* the rest */
    w->memory = left > 0 ? w->memory * left / (left + bytes) : 0;
    const sim_time now = t->stack->sim->now;
    if (w->rtt.smooth == 0 || now - w->turn.begins < w->rtt.smooth / 8)
        return;
    const int64_t read = (int64_t)(t->rcvq.read - w->turn.read) - tcp_unread(t);
    if (read > w->turn.bytes)
        grow_buffer(t, read);
    w->turn.read = t->rcvq.read;
    w->turn.begins = now;
}

void tcp_rcvwnd_on_data(struct tcp *t, const struct segment *g, uint32_t mss, bool ahead)
{
    const struct packet *p = g->p;
    t->rw.grew = false;
    t->rw.memory += weight(p);
    if (t->state == TCP_LISTEN) /* data on a SYN: Fast Open */
        return;
    measure_by_stamp(t, g, mss);
    if (tcp_rcv_mss(t) > mss)
        weigh(t, p);
    if (ahead) {
        if (t->agreed.sack)
            grow_limit(t, p);
        if (t->listener == NULL) /* accepted */
            grow_buffer(t, t->rw.turn.bytes);
        return;
    }
    measure_by_window(t);
    if (p->len >= WORTH_GROWING)
        grow_limit(t, p);
}

/* ---- the window */

/* Unscaled windows are whole segments, and stay while the room does not differ by one. */
static int64_t unscaled(const struct tcp *t, int64_t free, int64_t mss, int64_t full)
{
    const int64_t told = t->rcv.edge.v - t->ts.last_ack_sent.v;
    if (told <= free - mss || told > free)
        return free / mss * mss;
    return mss == full && free > told + full / 2 ? free : told;
}

uint32_t tcp_rcvwnd_select(struct tcp *t)
{
    const struct tcp_rcvwnd *w = &t->rw;
    const int64_t step = INT64_C(1) << t->agreed.rcv_shift;
    const int64_t left = t->rcv.edge.v - t->rcv.nxt.v, all = payload_in(t, buffer(t));
    const int64_t full = w->clamp < all ? w->clamp : all;
    const int64_t mss = tcp_rcv_mss(t) < full ? tcp_rcv_mss(t) : full;
    int64_t free = room(t), window = 0;
    if (free < full / 2) {
        t->rcv.quick = 0;
        free = free / step * step;
        if (free < all / 16 || free < mss)
            free = 0;
    }
    free = free < w->limit ? free : w->limit;
    if (free > 0 && mss > 0)
        window = step > 1 ? free : unscaled(t, free, mss, full);
    window = window > left ? window : left; /* the edge never goes back */
    window = (window + step - 1) / step * step;
    const int64_t most = INT64_C(65535) * step;
    return (uint32_t)(window < most ? window : most);
}
