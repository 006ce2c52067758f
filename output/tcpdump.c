/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/tcpdump.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "output/icmp_text.h"
#include "output/memory.h"
#include "output/wire.h"
#include "sim/octets.h"

/* Two ends, the one with the smaller port first, and what their numbers are relative to. */
struct talk {
    struct talk_key {
        uint8_t low[16], high[16];
        uint16_t low_port, high_port;
    } key;
    uint32_t low_seq, high_seq;
    UT_hash_handle hh;
};

/* What is taken from the numbers of one segment. */
struct origin {
    uint32_t seq, ack;
};

static void put_span(FILE *out, sim_time t, bool is_nano)
{
    const int64_t s = t / SEC(1), rest = t % SEC(1);
    fprintf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%0*" PRId64, s / 3600, s / 60 % 60,
            s % 60, is_nano ? 9 : 6, is_nano ? rest : rest / US(1));
}

static void put_clock(FILE *out, sim_time t, bool is_nano)
{
    put_span(out, t % SEC(86400), is_nano);
}

/* The run starts with 1970. */
static void put_date(FILE *out, sim_time t, bool is_nano)
{
    const time_t s = (time_t)(t / SEC(1));
    struct tm day;
    gmtime_r(&s, &day);
    fprintf(out, "%04d-%02d-%02d ", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
    put_clock(out, t, is_nano);
}

static void put_seconds(FILE *out, sim_time t, bool is_nano)
{
    fprintf(out, "%" PRId64 ".%0*" PRId64, t / SEC(1), is_nano ? 9 : 6,
            t % SEC(1) / (is_nano ? 1 : US(1)));
}

/* A difference could be negative, and has room for that. */
static void put_difference(FILE *out, sim_time t, bool is_nano)
{
    putc(' ', out);
    put_span(out, t, is_nano);
}

static const struct {
    void (*put)(FILE *out, sim_time t, bool is_nano);
    bool since_last, since_first;
} TIMES[TCPDUMP_N_TIMES] = {
    [TCPDUMP_CLOCK] = {put_clock, false, false},
    [TCPDUMP_SECONDS] = {put_seconds, false, false},
    [TCPDUMP_SINCE_LAST] = {put_difference, true, false},
    [TCPDUMP_DATE] = {put_date, false, false},
    [TCPDUMP_SINCE_FIRST] = {put_difference, false, true},
};

/* Differences are of whole microseconds when no more is printed. */
static sim_time rounded(const struct tcpdump *d, sim_time t)
{
    return d->is_nano ? t : t / US(1) * US(1);
}

static void put_time(struct tcpdump *d, sim_time at)
{
    at = rounded(d, at);
    if (!d->has_first)
        d->first_at = d->last_at = at;
    d->has_first = true;
    const sim_time from = TIMES[d->time].since_last    ? d->last_at
                          : TIMES[d->time].since_first ? d->first_at
                                                       : 0;
    d->last_at = at;
    if (TIMES[d->time].put == NULL)
        return;
    TIMES[d->time].put(d->out, at - from, d->is_nano);
    putc(' ', d->out);
}

/* ---- sequence numbers */

static struct talk *find_talk(struct tcpdump *d, const struct talk_key *key, bool *is_new)
{
    struct talk *k;
    HASH_FIND(hh, d->talks, key, sizeof(*key), k);
    *is_new = k == NULL;
    if (k != NULL)
        return k;
    k = mem_zeroed(1, sizeof(*k));
    k->key = *key;
    HASH_ADD(hh, d->talks, key, sizeof(k->key), k);
    return k;
}

/* Its numbers are absolute where it is the first of its connection, or has a SYN; the blocks of
 * SACK never are. */
static void find_origin(struct tcpdump *d, const struct trace_packet *p, struct origin *numbers,
                        uint32_t *blocks)
{
    uint8_t src[16], dst[16];
    bool is_new;
    *numbers = (struct origin){0};
    *blocks = 0;
    if (d->is_absolute || (p->flags & TCP_ACK) == 0)
        return;
    wire_address(p->src, src);
    wire_address(p->dst, dst);
    const bool is_back =
        p->sport > p->dport || (p->sport == p->dport && memcmp(src, dst, sizeof(src)) > 0);
    struct talk_key key = {.low_port = (uint16_t)(is_back ? p->dport : p->sport),
                           .high_port = (uint16_t)(is_back ? p->sport : p->dport)};
    memcpy(key.low, is_back ? dst : src, sizeof(key.low));
    memcpy(key.high, is_back ? src : dst, sizeof(key.high));
    struct talk *k = find_talk(d, &key, &is_new);
    uint32_t *own = is_back ? &k->high_seq : &k->low_seq;
    uint32_t *other = is_back ? &k->low_seq : &k->high_seq;
    if (is_new || (p->flags & TCP_SYN) != 0) {
        *own = p->seq;
        *other = p->ack - 1;
    } else {
        *numbers = (struct origin){*own, *other};
    }
    *blocks = *other;
}

/* ---- options */

static void put_number(FILE *out, const uint8_t *data, unsigned len, uint32_t blocks)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < len; i++)
        n = n << 8 | data[i];
    fprintf(out, " %" PRIu32, n);
}

static void put_sack(FILE *out, const uint8_t *data, unsigned len, uint32_t blocks)
{
    if (len % 8 != 0) {
        fputs(" invalid sack", out);
        return;
    }
    fprintf(out, " %u ", len / 8);
    for (unsigned i = 0; i < len; i += 8)
        fprintf(out, "{%" PRIu32 ":%" PRIu32 "}", octets_get32(data + i) - blocks,
                octets_get32(data + i + 4) - blocks);
}

static void put_timestamps(FILE *out, const uint8_t *data, unsigned len, uint32_t blocks)
{
    fprintf(out, " val %" PRIu32 " ecr %" PRIu32, octets_get32(data), octets_get32(data + 4));
}

static void put_hex(FILE *out, const uint8_t *data, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        fprintf(out, "%02x", data[i]);
}

static void put_cookie(FILE *out, const uint8_t *data, unsigned len, uint32_t blocks)
{
    if (len == 0) {
        fputs(" cookiereq", out);
    } else if (len % 2 != 0 || len < 4 || len > 16) {
        fputs(" (invalid)", out);
    } else {
        fputs(" cookie ", out);
        put_hex(out, data, len);
    }
}

static void put_fast_open(FILE *out, const uint8_t *data, unsigned len, uint32_t blocks)
{
    putc(' ', out);
    put_cookie(out, data, len, blocks);
}

static void put_experiment(FILE *out, const uint8_t *data, unsigned len, uint32_t blocks)
{
    enum { MAGIC_FAST_OPEN = 0xf989 };
    const unsigned magic = (unsigned)data[0] << 8 | data[1];
    if (magic != MAGIC_FAST_OPEN) {
        fprintf(out, "-%04x", magic);
        return;
    }
    fputs("-tfo", out);
    put_cookie(out, data + 2, len - 2, blocks);
}

/* kind 0 and 1 have no length. A fixed one has as much data, whatever its length says. */
enum { VARIES = -1 };
static const struct {
    uint8_t kind;
    int fixed;
    const char *name;
    void (*put)(FILE *out, const uint8_t *data, unsigned len, uint32_t blocks);
} OPTIONS[] = {
    {0, 0, "eol", NULL},
    {1, 0, "nop", NULL},
    {2, 2, "mss", put_number},
    {3, 1, "wscale", put_number},
    {4, 0, "sackOK", NULL},
    {5, VARIES, "sack", put_sack},
    {8, 8, "TS", put_timestamps},
    {34, VARIES, "tfo", put_fast_open},
    {254, VARIES, "exp", put_experiment},
};

static void put_unknown(FILE *out, const uint8_t *data, unsigned len)
{
    if (len > 0)
        fputs(" 0x", out);
    for (unsigned i = 0; i < len; i++)
        fprintf(out, "%02x", data[i]);
}

/* Returns how many bytes it takes; 0: it is malformed. */
static unsigned put_option(FILE *out, const uint8_t *at, unsigned left, uint32_t blocks)
{
    const uint8_t kind = at[0];
    const unsigned head = kind <= 1 ? 1 : 2;
    const unsigned len = kind <= 1 ? 1 : left > 1 ? at[1] : 0;
    size_t i = 0;
    if (len < head || len > left)
        return 0;
    while (i < ARRAY_LEN(OPTIONS) && OPTIONS[i].kind != kind)
        i++;
    if (i == ARRAY_LEN(OPTIONS)) {
        fprintf(out, "unknown-%u", kind);
        put_unknown(out, at + 2, len - 2);
        return len;
    }
    const unsigned data = OPTIONS[i].fixed == VARIES ? len - head : (unsigned)OPTIONS[i].fixed;
    fputs(OPTIONS[i].name, out);
    if (data > left - head || (OPTIONS[i].put == put_experiment && data < 2))
        return 0;
    if (OPTIONS[i].put != NULL)
        OPTIONS[i].put(out, at + head, data, blocks);
    if (head + data != len)
        fprintf(out, "[len %u]", len);
    return head + data;
}

/* False: they are malformed, and tcpdump says no more of the packet. */
static bool put_options(FILE *out, const struct trace_packet *p, uint32_t blocks)
{
    fputs(", options [", out);
    for (unsigned at = 0, len; at < p->options_len; at += len) {
        if (at > 0)
            putc(',', out);
        len = put_option(out, p->options + at, p->options_len - at, blocks);
        if (len == 0) { /* one whose length would stand behind the packet's last byte is cut */
            const bool is_cut = at + 1 == p->options_len && p->len == 0;
            fputs(is_cut ? " [|tcp]" : at > 0 ? "[bad opt]]" : "[bad opt]", out);
            return false;
        }
        if (p->options[at] == 0)
            break;
    }
    putc(']', out);
    return true;
}

/* ---- a packet */

static void put_tcp(struct tcpdump *d, const struct trace_packet *p)
{
    FILE *out = d->out;
    static const struct {
        uint32_t flag;
        char letter;
    } flags[] = {{TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'},
                 {TCP_ACK, '.'}, {TCP_URG, 'U'}, {TCP_ECE, 'E'}, {TCP_CWR, 'W'}};
    struct origin from;
    uint32_t blocks;
    bool any = false;
    fprintf(out, "%s.%u > %s.%u: Flags [", p->src, p->sport, p->dst, p->dport);
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if ((p->flags & flags[i].flag) != 0) {
            putc(flags[i].letter, out);
            any = true;
        }
    fputs(any ? "]" : "none]", out);
    find_origin(d, p, &from, &blocks);
    const uint32_t seq = p->seq - from.seq;
    if (p->len > 0)
        fprintf(out, ", seq %" PRIu32 ":%" PRIu32, seq, seq + p->len);
    else if ((p->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0)
        fprintf(out, ", seq %" PRIu32, seq);
    if ((p->flags & TCP_ACK) != 0)
        fprintf(out, ", ack %" PRIu32, p->ack - from.ack);
    fprintf(out, ", win %u", p->win);
    if ((p->flags & TCP_URG) != 0)
        fputs(", urg 0", out);
    if (p->options_len == 0 || put_options(out, p, blocks))
        fprintf(out, ", length %u", p->len);
}

static void put_udp(struct tcpdump *d, const struct trace_packet *p)
{
    fprintf(d->out, "%s.%u > %s.%u: UDP, length %u", p->src, p->sport, p->dst, p->dport,
            p->len);
}

static void put_icmp(struct tcpdump *d, const struct trace_packet *p)
{
    fprintf(d->out, "%s > %s: ", p->src, p->dst);
    icmp_text_put(p, d->out);
}

static void put_packet(struct trace_sink *sink, const struct trace_packet *p)
{
    struct tcpdump *d = (struct tcpdump *)sink;
    put_time(d, p->at);
    fputs(wire_is_ipv6(p) ? "IP6 " : "IP ", d->out);
    if (p->proto == PROTO_TCP)
        put_tcp(d, p);
    else if (p->proto == PROTO_UDP)
        put_udp(d, p);
    else
        put_icmp(d, p);
    if (p->note[0] != '\0')
        fprintf(d->out, "  # %s", p->note);
    putc('\n', d->out);
}

void tcpdump_init(struct tcpdump *d, FILE *out)
{
    *d = (struct tcpdump){.sink = {put_packet}, .out = out};
}

void tcpdump_fini(struct tcpdump *d)
{
    struct talk *k, *next;
    HASH_ITER(hh, d->talks, k, next)
    {
        HASH_DEL(d->talks, k);
        free(k);
    }
}
