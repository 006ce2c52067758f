/* SPDX-License-Identifier: GPL-3.0-or-later
 * segment.c -- the record `segment` (link.h): what befell a packet, and where. Its fields are
 * those of the view of that name.
 */
#include "models/link.h"

struct rec_segment {
    uint32_t link, packet, parent, proto, conn;
    const char *event, *cause;
    ip_addr src, dst;
    uint32_t sport, dport, ttl, flags, seq, ack, len, win;
    struct rec_bytes options;
    uint32_t stream;
    uint64_t offset;
    uint32_t bytes, injected_by;
};

/* clang-format off */
#define AT(field) offsetof(struct rec_segment, field)
static const struct rec_field FIELDS[] = {
    {"link",        REC_SUBJECT, AT(link),        "a link, or a host where it ended"},
    {"event",       REC_TEXT,    AT(event),       "send recv drop dup hold release delay corrupt"},
    {"packet",      REC_U32,     AT(packet),      "its number, in the order of birth"},
    {"parent",      REC_U32,     AT(parent),      "the packet it is a copy of; 0: none"},
    {"proto",       REC_U32,     AT(proto),       "IP protocol number; 6 is TCP"},
    {"conn",        REC_U32,     AT(conn),        "the connection that sent it; 0: none"},
    {"src",         REC_ADDR,    AT(src),         "source address"},
    {"dst",         REC_ADDR,    AT(dst),         "destination address"},
    {"sport",       REC_U32,     AT(sport),       "source port"},
    {"dport",       REC_U32,     AT(dport),       "destination port"},
    {"ttl",         REC_U32,     AT(ttl),         "time to live, hops"},
    {"flags",       REC_U32,     AT(flags),       "FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32"},
    {"seq",         REC_U32,     AT(seq),         "sequence number, absolute"},
    {"ack",         REC_U32,     AT(ack),         "acknowledgment number, absolute"},
    {"len",         REC_U32,     AT(len),         "payload, bytes"},
    {"win",         REC_U32,     AT(win),         "window field, unscaled"},
    {"options",     REC_BYTES,   AT(options),     "TCP options, or an ICMP message, in wire form"},
    {"stream",      REC_U32,     AT(stream),      "the connection that made its payload"},
    {"offset",      REC_U64,     AT(offset),      "of the first payload byte in that stream"},
    {"bytes",       REC_U32,     AT(bytes),       "on the wire, from the IP header on"},
    {"cause",       REC_TEXT,    AT(cause),       "loss, queue, fault:NAME, end, ..."},
    {"injected_by", REC_SUBJECT, AT(injected_by), "the attacker that made it; 0: nobody"},
};
#undef AT

static const char *const EVENTS[] = {
    [SEG_SEND] = "send", [SEG_RECV] = "recv", [SEG_DROP] = "drop", [SEG_DUP] = "dup",
    [SEG_HOLD] = "hold", [SEG_RELEASE] = "release", [SEG_DELAY] = "delay",
    [SEG_CORRUPT] = "corrupt",
};
/* clang-format on */

const struct rec_type REC_TYPE_SEGMENT = {
    .name = "segment",
    .help = "what happened to a segment, where and when",
    .fields = FIELDS,
    .n_fields = ARRAY_LEN(FIELDS),
    .level = REC_SEGMENT,
};

void segment_record(struct sim *sim, enum seg_event event, uint32_t subject,
                    const struct packet *p, const char *cause)
{
    const struct rec_segment rec = {
        .link = subject,
        .packet = p->id,
        .parent = p->parent,
        .proto = p->proto,
        .conn = p->conn,
        .event = EVENTS[event],
        .cause = cause,
        .src = p->src,
        .dst = p->dst,
        .sport = p->sport,
        .dport = p->dport,
        .ttl = p->ttl,
        .flags = p->flags,
        .seq = p->seq,
        .ack = p->ack,
        .len = p->len,
        .win = p->win,
        .options = {packet_options(sim, p), p->options_len},
        .stream = p->stream,
        .offset = p->offset,
        .bytes = p->bytes,
        .injected_by = p->injected_by,
    };
    sim_emit(sim, &REC_TYPE_SEGMENT, &rec);
}
