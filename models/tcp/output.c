/* SPDX-License-Identifier: GPL-3.0-or-later
 * output.c -- what to send and when: RFC 9293 §3.8 (windows, Nagle, silly windows) and the
 * making of segments.
 */
#include "models/tcp/burst.h"
#include "models/tcp/endpoint.h"
#include "sim/address.h"

enum { MAX_WINDOW = 65535 }; /* the window field */

/* A packet of IP and TCP headers for this address. */
static inline struct packet *headers_new(struct sim *sim, ip_addr to)
{
    return packet_new(sim, address_header_bytes(to) + TCP_HEADER_BYTES);
}

tcp_seq tcp_seq_of(const struct tcp *t, uint64_t offset)
{
    return seq(t->iss.v + 1 + (uint32_t)offset);
}

/* The stream offset at a sequence number of ours; end + 1 when it lies behind our FIN. */
static uint64_t offset_of(const struct tcp *t, tcp_seq s)
{
    return t->sndq.una + (uint64_t)(int64_t)seq_from(tcp_seq_of(t, t->sndq.una), s);
}

/* ---- the receive window */

/* TCP_WINDOW_CLAMP. */
static inline int64_t clamped(const struct tcp *t, int64_t window)
{
    const int64_t clamp = t->opt->window_clamp;
    return clamp > 0 && clamp < window ? clamp : window;
}

/* Candidate for the right edge: as much as the buffer has room for, never back (RFC 9293
 * §3.8.6). */
static tcp_seq edge_wanted(const struct tcp *t)
{
    const int64_t used = (int64_t)(t->rcvq.ready - t->rcvq.read);
    const int64_t told = (int64_t)MAX_WINDOW << t->agreed.rcv_shift;
    const int64_t most = clamped(t, told);
    int64_t room = t->rcvbuf - used;
    room = room < 0 ? 0 : room > most ? most : room;
    return seq_max(t->rcv.edge, seq_add(t->rcv.nxt, (uint32_t)room));
}

static uint32_t half_buffer_or(const struct tcp *t, int64_t segments)
{
    const int64_t some = segments * t->stack->params.mss;
    const int64_t half = clamped(t, t->rcvbuf) / 2;
    return (uint32_t)(some < half ? some : half > 1 ? half : 1);
}

static uint32_t receive_window(struct tcp *t)
{
    if (t->rw.on)
        return tcp_rcvwnd_select(t);
    const tcp_seq wanted = edge_wanted(t);
    /* RFC 9293 §3.8.6.2.2, receiver's silly window avoidance: the edge moves in steps worth
     * having; by FreeBSD's rule as it likes, but to a window worth having */
    const tcp_seq from = t->stack->ack_rule->tells_all ? t->rcv.nxt : t->rcv.edge;
    const bool worth = (uint32_t)seq_from(from, wanted) >= half_buffer_or(t, 1);
    return (worth ? wanted : t->rcv.edge).v - t->rcv.nxt.v;
}

int64_t tcp_initial_window(const struct tcp *t)
{
    const int64_t limit = t->stack->params.syn_window;
    int64_t window = clamped(t, limit > 0 && limit < t->rcvbuf ? limit : t->rcvbuf);
    /* as Linux counts, when it knows the peer's clock: from its SYN, or from TIME-WAIT */
    const bool stamped = t->agreed.timestamps || t->ts.recent != 0;
    const int64_t mss = tcp_own_mss(t) - (stamped ? TIMESTAMPS_BYTES : 0);
    if (t->stack->params.window_in_mss && mss > 0 && window > mss)
        window -= window % mss;
    return window;
}

uint32_t tcp_syn_window(const struct tcp *t)
{
    if (t->rcv.syn_window > 0) /* announced: it stands when the SYN is repeated or answered */
        return t->rcv.syn_window;
    const int64_t window = tcp_initial_window(t);
    return (uint32_t)(window < MAX_WINDOW ? window : MAX_WINDOW);
}

bool tcp_window_opened(struct tcp *t)
{
    if (t->rw.on) {
        const int64_t told = t->rcv.edge.v - t->rcv.nxt.v;
        const bool narrow = t->rcv.told && 2 * told <= t->rw.clamp;
        const int64_t new = narrow ? tcp_rcvwnd_select(t) : 0;
        return new > 0 && new >= 2 * told;
    }
    const uint32_t more = (uint32_t)seq_from(t->rcv.edge, edge_wanted(t));
    const uint32_t now = (uint32_t)seq_from(t->rcv.nxt, t->rcv.edge);
    if (t->stack->ack_rule->doubles) /* beyond what a SYN can tell is no news */
        return t->rcv.told && more > 0 && more >= now && 2 * (int64_t)now <= t->rcvbuf;
    return more >= half_buffer_or(t, 2);
}

/* ---- making segments */

static struct packet *segment_new(struct tcp *t, uint16_t flags, tcp_seq at)
{
    struct packet *p = headers_new(t->stack->sim, t->remote.ip);
    p->src = t->local.ip;
    p->dst = t->remote.ip;
    p->tos = t->opt->tos;
    p->ttl = t->opt->ttl;
    p->proto = PROTO_TCP;
    p->sport = t->local.port;
    p->dport = t->remote.port;
    p->flags = flags;
    p->seq = at.v;
    p->conn = t->number;
    p->stream = t->number;
    return p;
}

/* An acknowledgment goes with every segment that has the ACK bit: nothing is owed afterwards.
 */
static void acknowledge(struct tcp *t, struct packet *p, uint32_t window)
{
    const uint8_t shift = (p->flags & TCP_SYN) != 0 ? 0 : t->agreed.rcv_shift;
    /* rounded up, as the edge never goes back; but by Linux's requests */
    const bool down = t->light && !t->rw.on && t->stack->rules.window_grows;
    const uint32_t up = down ? 0 : (UINT32_C(1) << shift) - 1;
    p->ack = t->rcv.nxt.v;
    p->win = (uint16_t)((window + up) >> shift);
    t->rcv.edge = seq_max(t->rcv.edge, seq_add(t->rcv.nxt, (uint32_t)p->win << shift));
    t->ts.last_ack_sent = t->rcv.nxt;
    t->rcv.told = (p->flags & TCP_SYN) == 0;
    if (t->stack->ack_rule->on_ack_sent != NULL)
        t->stack->ack_rule->on_ack_sent(t);
    t->rcv.ack = ACK_NONE;
    t->rcv.unacked_bytes = 0;
    tcp_timer_off(t, TCP_TIMER_DELACK);
}

static void emit(struct tcp *t, struct packet *p)
{
    tcp_say(t, p);
    tcp_count_sent(t, p);
    t->stack->output(t->stack->ctx, p);
}

/* SYN or SYN-ACK: MSS option, and a window that RFC 7323 never scales. */
static void send_syn(struct tcp *t, uint16_t flags, uint32_t len)
{
    flags = tcp_ecn_of_syn(t, flags, seq_eq(t->snd.nxt, t->iss));
    struct packet *p = segment_new(t, flags, t->iss);
    p->len = len;
    p->bytes += len;
    p->payload = PAYLOAD_GENERATED;
    const uint32_t window = tcp_syn_window(t);
    const int64_t left = t->rcvbuf - tcp_unread(t); /* data may have come with the SYN */
    t->rcv.syn_window = window;
    if ((flags & TCP_ACK) != 0)
        acknowledge(t, p, left < window ? (uint32_t)left : window);
    else
        p->win = (uint16_t)window;
    if (t->first_of_account) {
        t->account->isn_local = t->iss.v;
        t->account->window_local = window;
        t->account->mss_local = tcp_announced_mss(t);
    }
    if (seq_eq(t->snd.nxt, t->iss)) { /* the first time */
        t->snd.nxt = t->snd.max = seq_add(t->iss, 1 + len);
        t->rtx.timing = true;
        t->rtx.timed = t->snd.nxt;
        t->rtx.timed_at = t->rtx.since = t->stack->sim->now;
    }
    if (t->deadline[TCP_TIMER_RTX] == SIM_NEVER && seq_eq(t->snd.una, t->iss)) {
        t->rtx.rto_at = time_add(t->stack->sim->now, t->rtx.rto);
        tcp_timer_set(t, TCP_TIMER_RTX, t->rtx.rto_at);
    }
    emit(t, p);
}

void tcp_send_syn(struct tcp *t)
{
    send_syn(t, TCP_SYN, 0);
}

void tcp_send_synack(struct tcp *t)
{
    send_syn(t, TCP_SYN | TCP_ACK, 0);
}

void tcp_send_first_syn(struct tcp *t)
{
    const uint64_t queued = t->sndq.end - t->sndq.una;
    const uint32_t room = tcp_fastopen_begin(t);
    const uint32_t len = queued < room ? (uint32_t)queued : room;
    t->fo.deferred = false;
    t->fo.syn_data = len > 0;
    t->account->bytes_sent += len;
    send_syn(t, TCP_SYN, len);
}

static void send_ack_at(struct tcp *t, tcp_seq at)
{
    struct packet *p = segment_new(t, TCP_ACK, at);
    if (t->ecn.on)
        tcp_ecn_mark(t, p, false);
    acknowledge(t, p, receive_window(t));
    emit(t, p);
}

void tcp_send_ack(struct tcp *t)
{
    send_ack_at(t, t->snd.nxt);
}

void tcp_send_keepalive(struct tcp *t)
{
    send_ack_at(t, seq(t->snd.nxt.v - 1));
}

void tcp_send_reset(struct tcp *t, enum tcp_reset_cause cause)
{
    t->account->resets_by[cause]++;
    struct packet *p = segment_new(t, TCP_RST | TCP_ACK, t->snd.nxt);
    p->ack = t->rcv.nxt.v;
    p->win = (uint16_t)((t->rcv.edge.v - t->rcv.nxt.v) >> t->agreed.rcv_shift);
    emit(t, p);
}

/* RFC 9293 §3.10.7.1: a reset that the sender of g will believe. */
void tcp_reply_reset(struct tcp_stack *s, struct tcp_account *account, const struct segment *g,
                     enum tcp_reset_cause cause)
{
    const struct packet *in = g->p;
    struct packet *p = headers_new(s->sim, in->src);
    p->src = in->dst;
    p->dst = in->src;
    tcp_port_mark_packet(s, in->dport, p);
    p->proto = PROTO_TCP;
    p->sport = in->dport;
    p->dport = in->sport;
    const bool has_ack = (g->flags & TCP_ACK) != 0;
    p->flags = has_ack ? TCP_RST : TCP_RST | TCP_ACK;
    p->seq = has_ack ? g->ack.v : 0;
    p->ack = has_ack ? 0 : seq_add(g->seq, g->len).v;
    account->segments_sent++;
    account->resets_sent++;
    account->resets_by[cause]++;
    s->output(s->ctx, p);
}

/* Sends [at, at+len) of the sequence space as data, with FIN when asked. PSH stands where a
 * write ends, and so on the last buffered segment (RFC 9293 MUST-61) unless the write goes on
 * (MSG_MORE); DATA_PUSHED: it is sent although it does. */
enum { DATA_PUSHED = 1, DATA_FRESH = 2 /* never sent before */ };
static void send_data(struct tcp *t, tcp_seq at, uint32_t len, bool fin, uint32_t how)
{
    const uint64_t offset = offset_of(t, at);
    const bool push = len > 0 && ((how & DATA_PUSHED) != 0 ||
                                  sndq_ends_write(&t->sndq, offset, offset + len));
    if (len > 0 && t->stack->ack_rule->on_data_sent != NULL)
        t->stack->ack_rule->on_data_sent(t);
    struct packet *p = segment_new(t, TCP_ACK | (push ? TCP_PSH : 0) | (fin ? TCP_FIN : 0), at);
    p->bytes += len;
    p->len = len;
    p->offset = offset;
    p->payload = PAYLOAD_GENERATED;
    if (t->snd.urgent > offset) { /* RFC 9293 MUST-60: until all of it has been sent */
        const uint64_t ahead = t->snd.urgent - offset;
        p->flags |= TCP_URG;
        p->urg = (uint16_t)(ahead < UINT16_MAX ? ahead : UINT16_MAX);
    }
    if (t->ecn.on)
        tcp_ecn_mark(t, p, len > 0 && (how & DATA_FRESH) != 0);
    acknowledge(t, p, receive_window(t));
    emit(t, p);
}

/* ---- new data and the FIN */

/* RFC 9293 §3.8.6.2.1, the sender's silly window avoidance with Nagle's rule (§3.7.4) in it. */
static bool is_worth_sending(const struct tcp *t, uint32_t len, uint32_t mss, uint64_t unsent,
                             bool fin)
{
    const tcp_seq waits_for = t->stack->rules.minshall ? t->snd.small_end : t->snd.nxt;
    /* A SYN is no data: what answers a Fast Open request may follow it at once. */
    const tcp_seq una = t->state == TCP_SYN_RECEIVED ? seq_add(t->iss, 1) : t->snd.una;
    const bool clear = seq_leq(waits_for, una); /* nothing that Nagle waits for */
    if (fin || len == mss || t->snd.push_now)
        return true;
    if (len == unsent)
        return t->snd.fin_queued ||
               (!t->opt->cork && !t->snd.more && (clear || t->opt->nodelay));
    return (clear || t->opt->nodelay) && len >= t->snd.max_wnd / 2;
}

static uint32_t window_room(const struct tcp *t)
{
    const uint32_t syn = seq_eq(t->snd.una, t->iss); /* no byte of the window: RFC 5681 §2 */
    const uint32_t flight = t->snd.nxt.v - t->snd.una.v, limit = t->cc->window(t) + syn;
    const uint32_t out = t->board == NULL ? flight : tcp_pipe(t);
    const uint32_t told = t->snd.wnd > flight ? t->snd.wnd - flight : 0;
    const uint32_t room = limit > out ? limit - out : 0;
    return told < room ? told : room;
}

/* What stands behind SND.NXT: unsent bytes, and whether our FIN is still to be sent. */
static uint64_t unsent_bytes(const struct tcp *t, bool *fin)
{
    const uint64_t offset = offset_of(t, t->snd.nxt);
    *fin = t->snd.fin_queued && offset <= t->sndq.end;
    return offset < t->sndq.end ? t->sndq.end - offset : 0;
}

static void send_new(struct tcp *t, uint32_t len, uint32_t mss, bool fin, bool push)
{
    const tcp_seq at = t->snd.nxt;
    t->snd.last = at;
    t->snd.nxt = seq_add(at, len + fin);
    t->snd.max = seq_max(t->snd.max, t->snd.nxt);
    const bool again = t->fo.again && seq_lt(at, t->fo.syn_data_end);
    if (len < mss && !again)
        t->snd.small_end = t->snd.nxt;
    t->account->bytes_sent += len;
    t->snd.last_data_at = t->stack->sim->now;
    if (!t->rtx.timing && !t->rtx.recovering && !t->rtx.fast) {
        t->rtx.timing = true;
        t->rtx.timed = t->snd.nxt;
        t->rtx.timed_at = t->stack->sim->now;
    }
    send_data(t, at, len, fin, DATA_FRESH | (push ? DATA_PUSHED : 0));
    t->rtx.n_probes = 0;
    tcp_timer_off(t, TCP_TIMER_PERSIST);
}

/* Within one record (MSG_EOR). */
__attribute__((noinline)) static uint32_t within_record(const struct tcp *t, uint32_t len)
{
    const uint64_t offset = offset_of(t, t->snd.nxt);
    const uint64_t end = sndq_record_end(&t->sndq, offset);
    return end - offset < len ? (uint32_t)(end - offset) : len;
}

/* One more segment if windows and Nagle allow. */
static bool send_next(struct tcp *t, struct burst *burst)
{
    bool fin;
    const uint64_t unsent = unsent_bytes(t, &fin);
    if (unsent == 0 && !fin) /* of all segments that come most find nothing to send */
        return false;
    const uint32_t room = window_room(t);
    const uint32_t mss = tcp_send_mss(t);
    uint32_t len = unsent < mss ? (uint32_t)unsent : mss;
    if (t->sndq.n_records > 0)
        len = within_record(t, len);
    const bool ends_record = len < mss && len < unsent && len <= room;
    len = len < room ? len : room;
    fin = fin && len == unsent && room > len; /* a FIN takes a place in the window too */
    if ((len == 0 && !fin) || !is_worth_sending(t, len, mss, unsent, fin || ends_record))
        return false;
    const bool push = t->stack->params.tso_segs > 1 && tcp_burst_ends(t, burst, len, mss, room);
    send_new(t, len, mss, fin, push);
    return true;
}

static bool sends_in(const struct tcp *t)
{
    const enum tcp_state state = t->state;
    return tcp_states[state].may_send || (t->fo.is_child && state == TCP_SYN_RECEIVED) ||
           state == TCP_FIN_WAIT_1 || state == TCP_CLOSING || state == TCP_LAST_ACK;
}

static void look_for_idleness(struct tcp *t)
{
    const bool begins =
        seq_eq(t->snd.una, t->snd.nxt) && t->sndq.una < t->sndq.end && t->snd.wnd > 0;
    if (begins && t->stack->sim->now - t->snd.last_data_at > t->rtx.rto &&
        t->stack->params.slow_start_after_idle && t->cc->on_idle != NULL)
        t->cc->on_idle(t);
}

void tcp_output(struct tcp *t)
{
    if (!sends_in(t))
        return;
    bool fin;
    if (unsent_bytes(t, &fin) == 0 && !fin && !t->rtx.sacking) { /* who only receives */
        tcp_timer_off(t, TCP_TIMER_PERSIST);
        return;
    }
    struct burst burst = {0};
    const tcp_seq before = t->snd.nxt;
    look_for_idleness(t);
    if (t->rtx.sacking)
        tcp_repeat_lost(t);
    while (!t->stack->blocked && send_next(t, &burst))
        ;
    if (t->rtx.sacking)
        tcp_repeat_rest(t);
    if (!seq_eq(t->snd.nxt, before)) {
        tcp_rtx_sent(t);
        if (t->cc->on_sent != NULL)
            t->cc->on_sent(t);
    }
    const uint64_t unsent = unsent_bytes(t, &fin);
    const bool stuck = (unsent > 0 || fin) && seq_eq(t->snd.una, t->snd.nxt);
    if (!stuck) {
        tcp_timer_off(t, TCP_TIMER_PERSIST);
    } else if (t->deadline[TCP_TIMER_PERSIST] == SIM_NEVER) { /* no ACK will come: probe */
        tcp_persist_start(t, window_room(t) > 0);
    }
}

/* RFC 9293 §3.8.6.1: at least one octet of new data into the closed window; a small open one is
 * used (the override of §3.8.6.2.1). SND.NXT stays, so that the octet is sent again with its
 * segment; an ACK of it is in SND.MAX. */
void tcp_send_probe(struct tcp *t)
{
    bool fin;
    const uint64_t unsent = unsent_bytes(t, &fin);
    const uint32_t room = window_room(t);
    const uint32_t mss = tcp_send_mss(t);
    uint32_t len = unsent < mss ? (uint32_t)unsent : mss;
    if (room > 0) {
        len = len < room ? len : room;
        send_new(t, len, mss, fin && len == unsent && room > len, len == unsent);
        tcp_rtx_sent(t);
        return;
    }
    if (t->stack->rules.probes_by_old_ack) {
        send_ack_at(t, seq(t->snd.una.v - 1)); /* out of the window: the peer must answer */
        return;
    }
    len = unsent > 0;
    t->snd.max = seq_max(t->snd.max, seq_add(t->snd.nxt, 1));
    send_data(t, t->snd.nxt, len, len == 0, len == unsent ? DATA_PUSHED : 0);
}

void tcp_send_echo(struct tcp *t)
{
    const tcp_seq at = seq_add(t->iss, 1);
    const uint32_t sent = t->snd.nxt.v - at.v, mss = tcp_send_mss(t);
    const uint64_t queued = t->sndq.end;
    uint32_t len = sent < mss ? sent : mss; /* the path may have shrunk since */
    if (sent == 0 && queued > 0) {
        len = queued < mss ? (uint32_t)queued : mss;
        len = len < t->snd.wnd ? len : t->snd.wnd;
        t->snd.nxt = t->snd.max = t->snd.small_end = seq_add(at, len);
        t->account->bytes_sent += len;
    }
    send_data(t, at, len, false, 0);
    if (t->deadline[TCP_TIMER_RTX] == SIM_NEVER) {
        t->rtx.timing = !t->rtx.syn_repeated;
        t->rtx.timed = t->snd.nxt;
        t->rtx.timed_at = t->stack->sim->now;
        t->rtx.rto_at = time_add(t->stack->sim->now, t->rtx.rto);
        tcp_timer_set(t, TCP_TIMER_RTX, t->rtx.rto_at);
    }
}

/* ---- sent again */

/* The first segment goes although the window has shrunk to nothing, with one octet: a probe. */
uint32_t tcp_resend(struct tcp *t, tcp_seq at, uint32_t most)
{
    const uint64_t offset = offset_of(t, at);
    const uint64_t sent_end = offset_of(t, t->snd.nxt);
    const uint64_t data_end = sent_end < t->sndq.end ? sent_end : t->sndq.end;
    uint64_t len = offset < data_end ? data_end - offset : 0;
    most = most < tcp_send_mss(t) ? most : tcp_send_mss(t);
    len = len < most ? len : most;
    if (t->sndq.n_records > 0 && len > 0) {
        const uint64_t end = sndq_record_end(&t->sndq, offset);
        len = end - offset < len ? end - offset : len;
    }
    const int64_t left = (int64_t)t->snd.wnd - seq_from(t->snd.una, at);
    const bool first = seq_eq(at, t->snd.una);
    if (left <= 0 && !first)
        return 0;
    if ((int64_t)len > left)
        len = left > 0 ? (uint64_t)left : 1;
    const bool fin = sent_end > t->sndq.end && offset + len == t->sndq.end;
    t->account->retransmissions++;
    t->n.repeats++;
    t->n.repeated_bytes += len;
    t->rtx.timing = false; /* Karn: an ACK might be for either */
    send_data(t, at, (uint32_t)len, fin, 0);
    return (uint32_t)len + fin;
}

void tcp_retransmit(struct tcp *t)
{
    if (seq_eq(t->snd.una, t->iss) || t->state == TCP_SYN_SENT) { /* the SYN first */
        t->account->retransmissions++;
        t->n.repeats++;
        t->rtx.timing = false;
        if (t->fo.kind == OPTION_ECHO) {
            tcp_send_echo(t);
            return;
        }
        t->fo.kind = 0; /* RFC 7413 §4.1.3: nothing that a middlebox might stumble over */
        if (t->state == TCP_SYN_SENT)
            tcp_send_syn(t);
        else
            (t->passive ? t->hs->answer : tcp_send_synack)(t);
        return;
    }
    tcp_repeat_first(t);
}

/* RFC 8985 §7.3: new data, whatever congestion control says, else the last segment again. */
bool tcp_send_tail_probe(struct tcp *t)
{
    bool fin;
    const uint64_t unsent = unsent_bytes(t, &fin);
    const uint32_t flight = t->snd.nxt.v - t->snd.una.v, mss = tcp_send_mss(t);
    const uint32_t room = t->snd.wnd > flight ? t->snd.wnd - flight : 0;
    uint32_t len = unsent < mss ? (uint32_t)unsent : mss;
    len = len < room ? len : room;
    fin = fin && len == unsent && room > len;
    if (len > 0 || fin) {
        send_new(t, len, mss, fin, len == unsent);
        return false;
    }
    tcp_resend(t, seq_max(t->snd.last, t->snd.una), mss);
    return true;
}

void tcp_ack_soon(struct tcp *t, enum ack_need need)
{
    if (t->rcv.ack < need)
        t->rcv.ack = need;
}
