/* SPDX-License-Identifier: GPL-3.0-or-later
 * wire.c -- packets in and out, and the numbers of a script against the live ones.
 *
 * Of a segment with SYN both numbers are absolute script values; of all others they count from
 * the initial numbers, so that 1 is the first byte. The peer's initial number is the script's
 * own; ours is learnt from the first SYN or SYN-ACK that leaves.
 */
#include <string.h>

#include "drill/inside.h"
#include "models/tcp/info.h"

enum { FIRST_PEER_PORT = 40001, ETHERNET_TTL = 255, HOST_TTL = 64 };

struct drill_flow *drill_flow_new(struct drill_run *r, enum flow_state state)
{
    struct drill_flow *f = sim_alloc(r->sim, sizeof *f);
    f->state = state;
    f->proto = PROTO_TCP;
    f->first_sent = r->n_sent;
    r->flow = f;
    return f;
}

/* ---- timestamps */

void drill_note_stamp(struct drill_run *r, struct drill_flow *f, uint32_t script, uint32_t live)
{
    f->stamps = arena_grow(&r->sim->arena, f->stamps, &f->cap_stamps, f->n_stamps + 1,
                           sizeof *f->stamps);
    f->stamps[f->n_stamps++] = (struct drill_stamp){script, live};
}

/* A script's echo of a timestamp as a live one: the latest that was sent under this name. */
static uint32_t live_echo(struct drill_run *r, const struct drill_flow *f,
                          const struct drill_option *o)
{
    for (uint32_t i = f->n_stamps; i > 0; i--)
        if (f->stamps[i - 1].script == o->tsecr)
            return f->stamps[i - 1].live;
    if (r->config.ts_ecr_scaled && f->n_stamps > 0)
        return o->tsecr - f->stamps[0].script + f->stamps[0].live;
    drill_fail(r, &o->at, "ecr %u echoes no timestamp that was sent before", o->tsecr);
    return 0;
}

/* ---- options */

static uint8_t *put32(uint8_t *w, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *w++ = (uint8_t)(v >> shift);
    return w;
}

static uint8_t *put_bytes(uint8_t *w, const struct drill_option *o)
{
    memcpy(w, o->bytes, (size_t)o->n_bytes);
    return w + o->n_bytes;
}

static uint8_t *put_mss(uint8_t *w, const struct drill_option *o)
{
    *w++ = (uint8_t)(o->value >> 8);
    *w++ = (uint8_t)o->value;
    return w;
}
static uint8_t *put_wscale(uint8_t *w, const struct drill_option *o)
{
    *w++ = (uint8_t)o->value;
    return w;
}
static uint8_t *put_sack(uint8_t *w, const struct drill_option *o)
{
    for (int i = 0; i < o->n_sack; i++)
        w = put32(put32(w, o->sack[i].left), o->sack[i].right);
    return w;
}
static uint8_t *put_timestamps(uint8_t *w, const struct drill_option *o)
{
    return put32(put32(w, o->tsval), o->tsecr);
}
static uint8_t *put_experimental(uint8_t *w, const struct drill_option *o)
{
    *w++ = 0xf9; /* RFC 7413 §4.1.1, the experiment's number */
    *w++ = 0x89;
    return put_bytes(w, o);
}

/* How an option is written; wire kind below 2 has no length byte. */
static const struct {
    int wire_kind; /* -1: bytes as they stand */
    uint8_t *(*put)(uint8_t *w, const struct drill_option *o);
} ENCODERS[] = {
    [OPTION_EOL] = {0, NULL},
    [OPTION_NOP] = {1, NULL},
    [OPTION_MSS] = {2, put_mss},
    [OPTION_WSCALE] = {3, put_wscale},
    [OPTION_SACK_OK] = {4, NULL},
    [OPTION_SACK] = {5, put_sack},
    [OPTION_TIMESTAMPS] = {8, put_timestamps},
    [OPTION_MD5] = {19, put_bytes},
    [OPTION_FAST_OPEN] = {34, put_bytes},
    [OPTION_FAST_OPEN_EXP] = {254, put_experimental},
    [OPTION_HEX] = {-1, put_bytes},
    [OPTION_ACCECN] = {-1, NULL},
};

/* What the endpoint has no notion of. */
static const char *lack_of(const struct drill_option *o)
{
    return o->kind == OPTION_MD5      ? "TCP MD5 signatures"
           : o->kind == OPTION_ACCECN ? "the AccECN option"
                                      : NULL;
}

static int encode(const struct drill_option *o, uint8_t out[OPTION_BYTES * 2])
{
    const int kind = ENCODERS[o->kind].wire_kind;
    uint8_t *w = out;
    if (kind >= 0)
        *w++ = (uint8_t)kind;
    if (kind > 1)
        w++; /* the length, below */
    if (ENCODERS[o->kind].put != NULL)
        w = ENCODERS[o->kind].put(w, o);
    if (kind > 1)
        out[1] = (uint8_t)(w - out);
    return (int)(w - out);
}

int drill_encode_options(struct drill_run *r, const struct drill_packet *p,
                         uint8_t out[OPTION_BYTES])
{
    int n = 0;
    for (int i = 0; i < p->n_options; i++) {
        const struct drill_option *o = &p->options[i];
        uint8_t bytes[OPTION_BYTES * 2];
        if (lack_of(o) != NULL) {
            drill_lacks(r, &o->at, "%s", lack_of(o));
            return -1;
        }
        const int len = encode(o, bytes);
        sim_assert(r->sim, n + len <= OPTION_BYTES); /* the parser has counted */
        memcpy(out + n, bytes, (size_t)len);
        n += len;
    }
    sim_assert(r->sim, n % 4 == 0);
    return n;
}

/* ---- flows */

static bool is_syn_ack(uint16_t flags)
{
    return (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
}

static bool opens_actively(const struct drill_packet *p)
{
    return (p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* A new SYN in TIME-WAIT may be the start of another connection, which has another number. */
static bool begins_anew(const struct drill_run *r, const struct drill_flow *f,
                        const struct drill_packet *p)
{
    return f->state == FLOW_PASSIVE && opens_actively(p) && p->seq != f->remote_isn &&
           tcp_count_in(r->stack, TCP_TIME_WAIT, f->local_port) > 0;
}

/* A packet for a listener, or for a socket that is not connected to anything, begins a flow of
 * its own. */
static struct drill_flow *flow_in(struct drill_run *r, const struct drill_packet *p)
{
    struct drill_flow *f = r->flow;
    if (f != NULL && f->proto == PROTO_TCP && f->state != FLOW_NEW &&
        f->state != FLOW_LISTENING) {
        if (begins_anew(r, f, p))
            f->has_local_isn = f->has_script_isn = false;
        return f;
    }
    f = drill_flow_new(r, FLOW_PASSIVE);
    f->local_port = (uint16_t)r->config.bind_port;
    f->remote_port = (uint16_t)(FIRST_PEER_PORT + r->n_children++);
    f->remote_isn = p->seq;
    return f;
}

struct drill_flow *drill_flow_out(struct drill_run *r, const struct drill_packet *p)
{
    struct drill_flow *f = r->flow;
    if (f == NULL) {
        drill_fail(r, &p->at, "there is no socket that could send this packet");
        return NULL;
    }
    if ((p->kind == DRILL_UDP) != (f->proto == PROTO_UDP)) {
        drill_fail(r, &p->at, "the socket under test is one of %s",
                   f->proto == PROTO_UDP ? "UDP" : "TCP");
        return NULL;
    }
    const bool begins = f->state == FLOW_CONNECTING
                            ? opens_actively(p)
                            : f->state == FLOW_PASSIVE && is_syn_ack(p->flags);
    if (begins && !f->has_script_isn) {
        f->script_local_isn = p->seq;
        f->has_script_isn = true;
    }
    if (begins && f->state == FLOW_CONNECTING)
        f->state = FLOW_SYN_SENT;
    return f;
}

/* ---- in */

static uint32_t ack_shift(const struct drill_flow *f, bool is_syn)
{
    return is_syn ? f->local_isn - f->script_local_isn : f->local_isn;
}

static uint8_t tos_of(const struct drill_ip *ip)
{
    static const char *const ECN[] = {"noecn", "ect1", "ect0", "ce"};
    uint8_t tos = (uint8_t)(ip->has_tos ? ip->tos : ip->dscp << 2);
    for (uint8_t i = 0; ip->has_ecn && i < ARRAY_LEN(ECN); i++)
        tos |= strcmp(ip->ecn, ECN[i]) == 0 ? i : 0;
    return tos;
}

/* The script's options with live numbers. */
static void put_live_options(struct drill_run *r, const struct drill_flow *f,
                             const struct drill_packet *p, struct packet *live)
{
    struct drill_option options[OPTION_BYTES];
    struct drill_packet shifted = *p;
    uint8_t bytes[OPTION_BYTES];
    const bool is_syn = (p->flags & TCP_SYN) != 0;
    shifted.options = options;
    for (int i = 0; i < p->n_options && i < OPTION_BYTES; i++) {
        options[i] = p->options[i];
        for (int b = 0; options[i].kind == OPTION_SACK && b < options[i].n_sack; b++) {
            options[i].sack[b].left += ack_shift(f, is_syn);
            options[i].sack[b].right += ack_shift(f, is_syn);
        }
        if (options[i].kind == OPTION_TIMESTAMPS && p->has_ack && !options[i].tsecr_absolute)
            options[i].tsecr = live_echo(r, f, &p->options[i]);
    }
    const int n = drill_encode_options(r, &shifted, bytes);
    if (n > 0) {
        packet_set_options(r->sim, live, bytes, (uint8_t)n);
        live->bytes += (uint32_t)n;
    }
}

static struct drill_sent *remember(struct drill_run *r, const struct packet *p, bool outbound,
                                   const struct drill_flow *f)
{
    r->sent = arena_grow(&r->sim->arena, r->sent, &r->cap_sent, r->n_sent + 1, sizeof *r->sent);
    struct drill_sent *s = &r->sent[r->n_sent++];
    *s = (struct drill_sent){.at = r->sim->now, .outbound = outbound, .flow = f, .p = *p};
    if (p->options_len > 0)
        memcpy(s->options, packet_options(r->sim, p), p->options_len);
    return s;
}

void drill_note_icmp(struct drill_run *r, const struct drill_flow *f,
                     const struct drill_packet *p)
{
    const struct packet no_segment = {.proto = PROTO_ICMP};
    remember(r, &no_segment, false, f)->icmp = p;
}

/* From the peer to the endpoint; headers: those of the transport. */
static struct packet *packet_in(struct drill_run *r, const struct drill_flow *f,
                                const struct drill_packet *p, uint32_t headers)
{
    struct packet *live =
        packet_new(r->sim, address_header_bytes(r->config.local) + headers + p->len);
    live->src = r->config.remote;
    live->dst = r->config.local;
    live->proto = f->proto;
    live->ttl = p->ip.has_ttl ? (uint8_t)p->ip.ttl : ETHERNET_TTL;
    live->tos = tos_of(&p->ip);
    live->sport = p->has_ports && p->sport != 0 ? p->sport : f->remote_port;
    live->dport = p->has_ports && p->dport != 0 ? p->dport : f->local_port;
    live->len = p->len;
    live->payload = PAYLOAD_ZERO;
    return live;
}

static void inject_udp(struct drill_run *r, const struct drill_packet *p)
{
    struct drill_flow *f = r->flow;
    if (f == NULL || f->proto != PROTO_UDP) {
        drill_fail(r, &p->at, "there is no UDP socket that this datagram could be for");
        return;
    }
    struct packet *live = packet_in(r, f, p, UDP_HEADER_BYTES);
    remember(r, live, false, f);
    if (!udp_input(r->udp, live))
        packet_free(r->sim, live); /* the host would answer: port unreachable */
}

static void inject_tcp(struct drill_run *r, const struct drill_packet *p)
{
    struct drill_flow *f = flow_in(r, p);
    const bool is_syn = (p->flags & TCP_SYN) != 0;
    if (f->state == FLOW_SYN_SENT && is_syn_ack(p->flags)) {
        f->state = FLOW_OPEN;
        f->remote_isn = p->seq;
    } else if (f->state == FLOW_SYN_SENT && (p->flags & TCP_SYN) != 0) {
        f->remote_isn = p->seq; /* both open at once */
    }
    struct packet *live = packet_in(r, f, p, TCP_HEADER_BYTES);
    live->flags = p->flags;
    live->seq = p->seq + (is_syn || p->seq_absolute ? 0 : f->remote_isn);
    live->ack = p->has_ack ? p->ack + ack_shift(f, is_syn) : 0;
    live->win = (uint16_t)p->win;
    live->urg = (uint16_t)p->urg;
    live->offset = live->seq - f->remote_isn - ((p->flags & TCP_SYN) != 0 ? 0 : 1);
    put_live_options(r, f, p, live);
    if (r->decided) {
        packet_free(r->sim, live);
        return;
    }
    remember(r, live, false, f);
    tcp_input(r->stack, live);
}

void drill_inject(struct drill_run *r, const struct drill_packet *p)
{
    if (p->kind == DRILL_UDP)
        inject_udp(r, p);
    else
        inject_tcp(r, p);
}

/* ---- out */

void drill_wire_output(void *run, struct packet *p)
{
    struct drill_run *r = run;
    p->ttl = p->ttl != 0 ? p->ttl : HOST_TTL;
    if (!r->blocked)
        remember(r, p, true, NULL);
    packet_free(r->sim, p);
}

static void learn_isn(struct drill_flow *f, uint32_t live)
{
    f->local_isn = live;
    f->has_local_isn = true;
}

/* Whether s is the flow's own; the first SYN of a connecting flow tells its port and number. */
static bool belongs(const struct drill_run *r, struct drill_flow *f, const struct drill_sent *s)
{
    const struct packet *p = &s->p;
    if (p->proto != f->proto)
        return false;
    if (f->state == FLOW_SYN_SENT && !f->has_local_isn && s >= r->sent + f->first_sent &&
        (p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && p->dport == f->remote_port) {
        f->local_port = p->sport;
        learn_isn(f, p->seq);
        return true;
    }
    return p->sport == f->local_port && p->dport == f->remote_port &&
           ip_eq(p->dst, r->config.remote);
}

const struct drill_sent *drill_next_sent(struct drill_run *r)
{
    for (; r->next_sent < r->n_sent; r->next_sent++) {
        struct drill_sent *s = &r->sent[r->next_sent];
        if (!s->outbound || !belongs(r, r->flow, s))
            continue;
        if (r->flow->state == FLOW_PASSIVE && !r->flow->has_local_isn &&
            (s->p.flags & TCP_SYN) != 0)
            learn_isn(r->flow, s->p.seq);
        s->flow = r->flow;
        r->next_sent++;
        return s;
    }
    return NULL;
}
