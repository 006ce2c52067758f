/* SPDX-License-Identifier: GPL-3.0-or-later
 * say.c -- a packet as a script writes it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"

struct text {
    char *at;
    size_t room; /* with the final zero */
};

static void PRINTF_LIKE(2, 3) add(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(t->at, t->room, fmt, args);
    va_end(args);
    const size_t used = n < 0 ? 0 : (size_t)n < t->room ? (size_t)n : t->room - 1;
    t->at += used;
    t->room -= used;
}

static void add_flags(struct text *t, uint16_t flags)
{
    static const struct {
        uint16_t bit;
        char letter;
    } LETTERS[] = {{TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'},
                   {TCP_PSH, 'P'}, {TCP_ECE, 'E'}, {TCP_CWR, 'W'},
                   {TCP_AE, 'A'},  {TCP_URG, 'U'}, {TCP_ACK, '.'}};
    for (size_t i = 0; i < ARRAY_LEN(LETTERS); i++)
        if ((flags & LETTERS[i].bit) != 0)
            add(t, "%c", LETTERS[i].letter);
    if (flags == 0)
        add(t, "-");
}

static uint32_t get16(const uint8_t *b)
{
    return (uint32_t)b[0] << 8 | b[1];
}
static uint32_t get32(const uint8_t *b)
{
    return get16(b) << 16 | get16(b + 2);
}

static void say_mss(struct text *t, const uint8_t *b, int n)
{
    add(t, "mss %u", get16(b));
}
static void say_wscale(struct text *t, const uint8_t *b, int n)
{
    add(t, "wscale %u", b[0]);
}
static void say_sack_ok(struct text *t, const uint8_t *b, int n)
{
    add(t, "sackOK");
}
static void say_sack(struct text *t, const uint8_t *b, int n)
{
    add(t, "sack");
    for (int i = 0; i + 8 <= n; i += 8)
        add(t, " %u:%u", get32(b + i), get32(b + i + 4));
}
static void say_timestamps(struct text *t, const uint8_t *b, int n)
{
    add(t, "TS val %u ecr %u", get32(b), get32(b + 4));
}

/* Kinds with a length byte whose data has at least so many bytes. */
static const struct {
    uint8_t kind, bytes;
    void (*say)(struct text *t, const uint8_t *data, int n);
} OPTIONS[] = {{2, 2, say_mss},
               {3, 1, say_wscale},
               {4, 0, say_sack_ok},
               {5, 8, say_sack},
               {8, 8, say_timestamps}};

static void add_hex(struct text *t, const uint8_t *b, int n)
{
    for (int i = 0; i < n; i++)
        add(t, "%s%02x", i == 0 ? "0x" : "", b[i]);
}

/* One option; returns its bytes. */
static int add_option(struct text *t, const uint8_t *b, int room)
{
    if (b[0] <= 1) {
        add(t, b[0] == 0 ? "eol" : "nop");
        return 1;
    }
    const int len = room >= 2 && b[1] >= 2 && b[1] <= room ? b[1] : room;
    for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++) {
        if (OPTIONS[i].kind == b[0] && len >= 2 + OPTIONS[i].bytes) {
            OPTIONS[i].say(t, b + 2, len - 2);
            return len;
        }
    }
    add_hex(t, b, len);
    return len;
}

const char *drill_say_option(const uint8_t *option, int len, char *buf, size_t size)
{
    struct text t = {buf, size};
    add_option(&t, option, len);
    return buf;
}

const char *drill_say(const struct packet *p, const uint8_t *options, char *buf, size_t size)
{
    struct text t = {buf, size};
    buf[0] = '\0';
    if (p->proto == PROTO_UDP) {
        add(&t, "udp (%u)", p->len);
        return buf;
    }
    add_flags(&t, p->flags);
    add(&t, " %u:%u(%u)", p->seq, p->seq + p->len, p->len);
    if ((p->flags & TCP_ACK) != 0)
        add(&t, " ack %u", p->ack);
    add(&t, " win %u", p->win);
    if ((p->flags & TCP_URG) != 0)
        add(&t, " urg %u", p->urg);
    for (int i = 0; i < p->options_len;) {
        add(&t, i == 0 ? " <" : ",");
        i += add_option(&t, options + i, p->options_len - i);
        if (i >= p->options_len)
            add(&t, ">");
    }
    return buf;
}

const char *drill_say_icmp(const struct drill_packet *p, char *buf, size_t size)
{
    struct text t = {buf, size};
    add(&t, "icmp %s%s%s", p->icmp_type, p->icmp_code[0] != '\0' ? " " : "", p->icmp_code);
    if (p->has_icmp_mtu)
        add(&t, " mtu %u", p->icmp_mtu);
    if (p->quote == QUOTE_TCP)
        add(&t, " [%u:%u(%u)]", p->seq, p->seq + p->len, p->len);
    else if (p->quote != QUOTE_NONE)
        add(&t, " [%s(%u)]", p->quote == QUOTE_UDP ? "udp" : "raw", p->len);
    return buf;
}

/* ---- live numbers to the script's */

static void put32(uint8_t *b, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        b[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void shift_sack(uint8_t *options, int n, uint32_t shift)
{
    for (int i = 0; i < n;) {
        const int len = options[i] <= 1                    ? 1
                        : i + 1 < n && options[i + 1] >= 2 ? options[i + 1]
                                                           : n - i;
        for (int b = i + 2; options[i] == 5 && b + 4 <= i + len && b + 4 <= n; b += 4)
            put32(options + b, get32(options + b) - shift);
        i += len;
    }
}

void drill_to_script(const struct drill_sent *s, struct packet *p,
                     uint8_t options[OPTION_BYTES])
{
    const bool is_syn = (s->p.flags & TCP_SYN) != 0;
    *p = s->p;
    memcpy(options, s->options, OPTION_BYTES);
    if (s->flow == NULL)
        return;
    const uint32_t ours =
        is_syn ? s->flow->local_isn - s->flow->script_local_isn : s->flow->local_isn;
    const uint32_t theirs = is_syn ? 0 : s->flow->remote_isn;
    p->seq -= s->outbound ? ours : theirs;
    if ((p->flags & TCP_ACK) != 0)
        p->ack -= s->outbound ? theirs : ours;
    shift_sack(options, p->options_len, s->outbound ? theirs : ours);
}

/* ---- all packets so far */

char *drill_ladder(const struct drill_run *r)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL)
        return NULL;
    for (uint32_t i = 0; i < r->n_sent; i++) {
        struct drill_sent s = r->sent[i];
        uint8_t options[OPTION_BYTES];
        char line[400];
        struct packet p;
        s.flow = s.flow != NULL ? s.flow : r->flow; /* one that nobody expected yet */
        drill_to_script(&s, &p, options);
        fprintf(out, "%12.6f %c %s\n", (double)s.at / 1e9, s.outbound ? '>' : '<',
                s.icmp != NULL ? drill_say_icmp(s.icmp, line, sizeof line)
                               : drill_say(&p, options, line, sizeof line));
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
