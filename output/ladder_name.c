/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers are relative as tcpdump prints them: counted from the SYN of their stream. With
 * several incarnations of one pair of endpoints a number belongs to the SYN that it lies
 * nearest behind.
 */
#include "output/ladder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "output/memory.h"
#include "output/words.h"
#include "sim/packet.h"

/* A stream of sequence numbers: one direction of one incarnation, as far as the segments tell.
 */
struct numbers {
    uint32_t isn;
    int64_t sent_up_to;         /* relative */
    bool sent_syn, sent_synack; /* a SYN,ACK that answers a SYN in a simultaneous open repeats
                                   no SYN,ACK */
};

/* The streams of one pair of endpoints, one direction. */
struct numbering {
    struct flow flow;
    struct numbers *items;
    uint32_t n, cap;
    UT_hash_handle hh; /* by flow; the table is a pointer to its first */
};

static struct flow reverse(const struct flow *f)
{
    return (struct flow){.src = f->dst, .dst = f->src, .sport = f->dport, .dport = f->sport};
}

/* The stream of this flow that number lies nearest behind, or NULL. */
static struct numbers *nearest(struct numbering *all, const struct flow *flow, uint32_t number)
{
    struct numbering *streams;
    struct numbers *best = NULL;
    HASH_FIND(hh, all, flow, sizeof(*flow), streams);
    for (uint32_t i = 0; streams != NULL && i < streams->n; i++) {
        struct numbers *s = &streams->items[i];
        if (best == NULL || number - s->isn < number - best->isn)
            best = s;
    }
    return best;
}

static int64_t relative(struct numbering *all, const struct flow *flow, uint32_t number)
{
    const struct numbers *s = nearest(all, flow, number);
    return s == NULL ? number : (int64_t)(number - s->isn);
}

static const struct {
    uint32_t bit;
    const char *name;
} FLAGS[] = {
    {TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"}, {TCP_PSH, "PSH"}, {TCP_ACK, "ACK"},
    {TCP_URG, "URG"}, {TCP_ECE, "ECE"}, {TCP_CWR, "CWR"}, {TCP_AE, "AE"},
};

static int put_flags(uint32_t flags, char *out, size_t size)
{
    int n = 0;
    for (size_t i = 0; i < ARRAY_LEN(FLAGS); i++)
        if ((flags & FLAGS[i].bit) != 0)
            n += snprintf(out + n, size - (size_t)n, "%s%s", n > 0 ? "," : "", FLAGS[i].name);
    return n;
}

/* "SYN,ACK seq=0 ack=1", "PSH,ACK 1:101", "FIN,ACK seq=101", "ACK ack=1". */
static void name_tcp(struct numbering *all, struct arrow *a)
{
    const size_t size = sizeof(a->text);
    int n = put_flags(a->flags, a->text, size);
    if (a->len > 0)
        n += snprintf(a->text + n, size - (size_t)n, " %" PRId64 ":%" PRId64, a->rel_seq,
                      a->rel_seq + a->len);
    else if ((a->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0)
        n += snprintf(a->text + n, size - (size_t)n, " seq=%" PRId64, a->rel_seq);
    const bool tells_ack =
        a->len == 0 && ((a->flags & (TCP_SYN | TCP_RST)) != 0 || (a->flags & TCP_FIN) == 0);
    const struct flow back = reverse(&a->flow);
    if ((a->flags & TCP_ACK) != 0 && tells_ack)
        n += snprintf(a->text + n, size - (size_t)n, " ack=%" PRId64,
                      relative(all, &back, a->ack));
    if (a->win == 0 && (a->flags & TCP_ACK) != 0 && (a->flags & TCP_RST) == 0)
        snprintf(a->text + n, size - (size_t)n, " win=0");
}

static void learn_syn(struct numbering **all, const struct arrow *a)
{
    const struct numbers *known = nearest(*all, &a->flow, a->seq);
    if (known != NULL && known->isn == a->seq)
        return;
    struct numbering *streams;
    HASH_FIND(hh, *all, &a->flow, sizeof(a->flow), streams);
    if (streams == NULL) {
        streams = mem_zeroed(1, sizeof(*streams));
        streams->flow = a->flow;
        HASH_ADD(hh, *all, flow, sizeof(streams->flow), streams);
    }
    streams->items =
        mem_grow(streams->items, &streams->cap, streams->n + 1, sizeof(*streams->items));
    streams->items[streams->n++] = (struct numbers){.isn = a->seq};
}

static void forget(struct numbering *all)
{
    struct numbering *streams, *next;
    HASH_ITER(hh, all, streams, next)
    {
        HASH_DEL(all, streams);
        free(streams->items);
        free(streams);
    }
}

static bool repeats_syn(struct numbers *s, uint32_t flags)
{
    bool *sent = (flags & TCP_ACK) != 0 ? &s->sent_synack : &s->sent_syn;
    const bool was_sent = *sent;
    *sent = true;
    return was_sent;
}

/* A segment repeats when any of its numbers was sent before. */
static void number_segment(struct numbering **all, struct arrow *a)
{
    const bool is_syn = (a->flags & TCP_SYN) != 0;
    if (is_syn)
        learn_syn(all, a);
    /* a reset that answers a segment without ACK has sequence number 0, of no stream (RFC 9293
     * §3.10.7.1) */
    const bool is_plain_zero = (a->flags & TCP_RST) != 0 && a->seq == 0;
    a->rel_seq = is_plain_zero ? 0 : relative(*all, &a->flow, a->seq);
    struct numbers *s = nearest(*all, &a->flow, a->seq);
    const int64_t length = a->len + is_syn + ((a->flags & TCP_FIN) != 0);
    if (s == NULL || length == 0 || a->is_copy)
        return;
    a->is_repeat = is_syn ? repeats_syn(s, a->flags) : a->rel_seq < s->sent_up_to;
    s->sent_up_to = a->rel_seq + length > s->sent_up_to ? a->rel_seq + length : s->sent_up_to;
}

/* A loss tells its cause, a held segment how long it waited. */
static void add_fate(struct arrow *a, int lang)
{
    char text[64], wait[24];
    snprintf(text, sizeof(text), "%.63s", a->text);
    if (a->released_at != SIM_NEVER && a->held_at != SIM_NEVER) {
        ladder_duration(a->released_at - a->held_at, wait, sizeof(wait));
        snprintf(a->again, sizeof(a->again), "%s (%s %s)", text, word_in(lang, WORD_HELD),
                 wait);
    }
    if (a->end == ARROW_LOST && a->cause[0] != '\0')
        snprintf(a->text, sizeof(a->text), "%s (%s)", text, a->cause);
}

/* On its next link a segment is what it was; what befell it there is its own. */
static void pass_on(const struct arrow *before, struct arrow *a)
{
    a->rel_seq = before->rel_seq;
    a->is_repeat = before->is_repeat;
    a->is_copy = before->is_copy;
    memcpy(a->text, before->text, sizeof(a->text));
}

void ladder_name_arrows(struct ladder_column *c, int lang)
{
    struct numbering *all = NULL;
    for (uint32_t i = 0; i < c->n_arrows; i++) {
        struct arrow *a = &c->arrows[i];
        if (a->proto == PROTO_TCP && a->hop_of >= 0) {
            pass_on(&c->arrows[a->hop_of], a);
        } else if (a->proto == PROTO_TCP) {
            number_segment(&all, a);
            name_tcp(all, a);
        } else if (a->text[0] == '\0') { /* an ICMP message has its text from its bytes */
            snprintf(a->text, sizeof(a->text), "%s %" PRId64 " B",
                     a->proto == PROTO_UDP ? "UDP" : "IP", a->len);
        }
        add_fate(a, lang);
    }
    forget(all);
}
