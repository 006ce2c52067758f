/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.c -- the next packet that leaves against the one that the script expects, field by
 * field.
 *
 * A script may expect one packet where the endpoint sends several of one MSS each, since a real
 * kernel hands bursts to its device undivided: packets are put together until their payload
 * reaches what is expected. FIN and PSH of all but the last do not count then.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"

#define PATIENCE SEC(2) /* how long after its time a packet is waited for */

enum field {
    FIELD_PAYLOAD,
    FIELD_TOS,
    FIELD_DSCP,
    FIELD_ECN,
    FIELD_TTL,
    FIELD_OPTIONS_LEN,
    FIELD_FIN,
    FIELD_SYN,
    FIELD_RST,
    FIELD_PSH,
    FIELD_ACK_FLAG,
    FIELD_URG_FLAG,
    FIELD_ACE,
    FIELD_ECE,
    FIELD_CWR,
    FIELD_AE,
    FIELD_SEQ,
    FIELD_ACK,
    FIELD_WIN,
    FIELD_URG,
    FIELD_SOURCE_PORT,
    FIELD_PEER_PORT,
    N_FIELDS,
};

/* In the order in which they are compared. joined: compared too between the parts of one burst.
 */
static const struct {
    const char *name;
    uint16_t flag;
    bool joined;
} FIELDS[N_FIELDS] = {
    [FIELD_PAYLOAD] = {"payload bytes", 0, false},
    [FIELD_TOS] = {"tos", 0, true},
    [FIELD_DSCP] = {"dscp", 0, true},
    [FIELD_ECN] = {"ecn", 0, true},
    [FIELD_TTL] = {"ttl", 0, true},
    [FIELD_OPTIONS_LEN] = {"option bytes", 0, true},
    [FIELD_FIN] = {"FIN", TCP_FIN, false},
    [FIELD_SYN] = {"SYN", TCP_SYN, true},
    [FIELD_RST] = {"RST", TCP_RST, true},
    [FIELD_PSH] = {"PSH", TCP_PSH, false},
    [FIELD_ACK_FLAG] = {"ACK", TCP_ACK, true},
    [FIELD_URG_FLAG] = {"URG", TCP_URG, true},
    [FIELD_ACE] = {"ACE", 0, true},
    [FIELD_ECE] = {"ECE", TCP_ECE, true},
    [FIELD_CWR] = {"CWR", TCP_CWR, false},
    [FIELD_AE] = {"AE", TCP_AE, true},
    [FIELD_SEQ] = {"seq", 0, true},
    [FIELD_ACK] = {"ack", 0, true},
    [FIELD_WIN] = {"win", 0, true},
    [FIELD_URG] = {"urgent pointer", 0, true},
    [FIELD_SOURCE_PORT] = {"source port", 0, false},
    [FIELD_PEER_PORT] = {"destination port", 0, false},
};

struct fields {
    uint32_t value[N_FIELDS];
    bool checked[N_FIELDS];
};

static uint32_t ace_of(uint16_t flags)
{
    return ((flags & TCP_AE) != 0 ? 4 : 0) | ((flags & TCP_CWR) != 0 ? 2 : 0) |
           ((flags & TCP_ECE) != 0);
}

static void put_flags(struct fields *f, uint16_t flags)
{
    for (int i = 0; i < N_FIELDS; i++)
        if (FIELDS[i].flag != 0)
            f->value[i] = (flags & FIELDS[i].flag) != 0;
    f->value[FIELD_ACE] = ace_of(flags);
}

static struct fields fields_of(const struct packet *p)
{
    struct fields f = {.value = {
                           [FIELD_PAYLOAD] = p->len,
                           [FIELD_TOS] = p->tos,
                           [FIELD_DSCP] = p->tos >> 2,
                           [FIELD_ECN] = p->tos & 3,
                           [FIELD_TTL] = p->ttl,
                           [FIELD_OPTIONS_LEN] = p->options_len,
                           [FIELD_SEQ] = p->seq,
                           [FIELD_ACK] = p->ack,
                           [FIELD_WIN] = p->win,
                           [FIELD_URG] = p->urg,
                           [FIELD_SOURCE_PORT] = p->sport,
                           [FIELD_PEER_PORT] = p->dport,
                       }};
    put_flags(&f, p->flags);
    return f;
}

/* ---- what is expected */

struct expected {
    struct fields fields;
    uint8_t options[OPTION_BYTES];
    int n_options;
    bool options_checked, stamps_checked;
};

static uint32_t ecn_of(const char *word)
{
    return strcmp(word, "ce") == 0     ? 3
           : strcmp(word, "ect0") == 0 ? 2
           : strcmp(word, "ect1") == 0 ? 1
                                       : 0;
}

static void expect_ip(struct expected *x, const struct drill_ip *ip)
{
    x->fields.value[FIELD_TOS] = ip->tos;
    x->fields.value[FIELD_DSCP] = ip->dscp;
    x->fields.value[FIELD_TTL] = ip->ttl;
    x->fields.value[FIELD_ECN] = ecn_of(ip->ecn);
    x->fields.checked[FIELD_TOS] = ip->has_tos;
    x->fields.checked[FIELD_DSCP] = ip->has_dscp;
    x->fields.checked[FIELD_TTL] = ip->has_ttl;
    x->fields.checked[FIELD_ECN] = ip->has_ecn;
}

/* What TCP and UDP both have; of UDP it is all. */
static void expect_transport(struct expected *x, const struct drill_packet *p)
{
    struct fields *f = &x->fields;
    f->value[FIELD_PAYLOAD] = p->len;
    f->value[FIELD_SOURCE_PORT] = p->sport;
    f->value[FIELD_PEER_PORT] = p->dport;
    f->checked[FIELD_PAYLOAD] = true;
    f->checked[FIELD_SOURCE_PORT] = p->has_ports && p->sport != 0;
    f->checked[FIELD_PEER_PORT] = p->has_ports && p->dport != 0;
}

static void expect_tcp(const struct drill_run *r, struct expected *x,
                       const struct drill_packet *p)
{
    struct fields *f = &x->fields;
    const bool is_syn = (p->flags & TCP_SYN) != 0, relaxed = r->options->relax_freebsd;
    put_flags(f, p->flags);
    for (int i = 0; i < N_FIELDS; i++)
        f->checked[i] = f->checked[i] || FIELDS[i].flag != 0;
    f->checked[FIELD_ACE] = p->has_ace;
    f->checked[FIELD_ECE] = f->checked[FIELD_CWR] = f->checked[FIELD_AE] = !p->has_ace;
    f->value[FIELD_SEQ] = p->seq;
    f->value[FIELD_ACK] = p->has_ack ? p->ack : 0;
    f->value[FIELD_WIN] = p->win;
    f->value[FIELD_URG] = p->has_urg ? p->urg : 0;
    f->value[FIELD_OPTIONS_LEN] = (uint32_t)x->n_options;
    f->checked[FIELD_ACK] = f->checked[FIELD_URG] = true;
    f->checked[FIELD_SEQ] = !p->seq_ignored;
    f->checked[FIELD_WIN] = p->has_win && !relaxed;
    x->options_checked = !p->any_options && !(relaxed && is_syn);
    f->checked[FIELD_OPTIONS_LEN] = x->options_checked;
    x->stamps_checked = true;
}

/* ---- options, kind by kind */

struct option {
    const uint8_t *bytes;
    int len;
};

enum { WIRE_EOL = 0, WIRE_NOP = 1, WIRE_TIMESTAMPS = 8, TIMESTAMPS_LEN = 10 };

/* The next option from *at on; len 0 at the end. Padding and timestamps are passed over when
 * they do not count. */
static struct option next_option(const uint8_t *options, int n, int *at, bool stamps_count)
{
    while (*at < n) {
        const uint8_t *b = options + *at;
        const int room = n - *at;
        const int len = b[0] <= WIRE_NOP                         ? 1
                        : room >= 2 && b[1] >= 2 && b[1] <= room ? b[1]
                                                                 : room;
        *at += len;
        if (stamps_count || (b[0] > WIRE_NOP && b[0] != WIRE_TIMESTAMPS))
            return (struct option){b, len};
    }
    return (struct option){NULL, 0};
}

static uint32_t get32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool has_stamp(const uint8_t *options, int n)
{
    for (int at = 0; at < n;)
        if (next_option(options, n, &at, true).bytes[0] == WIRE_TIMESTAMPS)
            return true;
    return false;
}

/* --relax freebsd: where one of both has timestamps, these and the padding do not count. */
static void relax_stamps(const struct drill_run *r, struct expected *x, const uint8_t *options,
                         int n)
{
    if (!r->options->relax_freebsd ||
        (!has_stamp(x->options, x->n_options) && !has_stamp(options, n)))
        return;
    x->stamps_checked = false;
    x->fields.checked[FIELD_OPTIONS_LEN] = false;
}

/* The value of a sent timestamp: only with --tcp_ts_tick_usecs, relative to the first one. */
static bool stamp_fits(const struct drill_run *r, const struct drill_flow *f, uint32_t script,
                       uint32_t live)
{
    if (r->config.ts_tick_us == 0 || f->n_stamps == 0)
        return true;
    const int32_t wrong = (int32_t)(live - f->stamps[0].live + f->stamps[0].script - script);
    const sim_time off = US(llabs((int64_t)wrong) * r->config.ts_tick_us);
    return off <= drill_tolerance(r, 0, r->due);
}

/* nplab's "TS val ...". */
static bool ignores_stamp(const struct drill_packet *p)
{
    for (int i = 0; i < p->n_options; i++)
        if (p->options[i].kind == OPTION_TIMESTAMPS && p->options[i].tsval_ignored)
            return true;
    return false;
}

static bool option_fits(const struct drill_run *r, const struct drill_packet *want,
                        struct option a, struct option b)
{
    if (a.len != b.len)
        return false;
    if (a.len != TIMESTAMPS_LEN || a.bytes[0] != WIRE_TIMESTAMPS)
        return memcmp(a.bytes, b.bytes, (size_t)a.len) == 0;
    return b.bytes[0] == WIRE_TIMESTAMPS && b.bytes[1] == TIMESTAMPS_LEN &&
           (ignores_stamp(want) ||
            stamp_fits(r, r->flow, get32(a.bytes + 2), get32(b.bytes + 2)));
}

static const char *say_option(struct option o, char *buf, size_t size)
{
    return o.len == 0 ? "none" : drill_say_option(o.bytes, o.len, buf, size);
}

/* A live one; the value of a timestamp in the script's count. */
static const char *say_live_option(const struct drill_flow *f, struct option o, char *buf,
                                   size_t size)
{
    uint8_t mapped[TIMESTAMPS_LEN];
    if (o.len != TIMESTAMPS_LEN || o.bytes[0] != WIRE_TIMESTAMPS || f->n_stamps == 0)
        return say_option(o, buf, size);
    const uint32_t value = get32(o.bytes + 2) - f->stamps[0].live + f->stamps[0].script;
    memcpy(mapped, o.bytes, sizeof mapped);
    for (int i = 0; i < 4; i++)
        mapped[2 + i] = (uint8_t)(value >> (24 - 8 * i));
    return say_option((struct option){mapped, TIMESTAMPS_LEN}, buf, size);
}

/* False with the first option that differs in text. */
static bool options_equal(const struct drill_run *r, const struct expected *x,
                          const struct drill_packet *want, const uint8_t *options, int n,
                          char *text, size_t size)
{
    for (int i = 0, j = 0;;) {
        char expected[100], actual[100];
        const struct option a = next_option(x->options, x->n_options, &i, x->stamps_checked);
        const struct option b = next_option(options, n, &j, x->stamps_checked);
        if (a.len == 0 && b.len == 0)
            return true;
        if (option_fits(r, want, a, b))
            continue;
        snprintf(text, size, "option: expected %s, actual %s",
                 say_option(a, expected, sizeof expected),
                 say_live_option(r->flow, b, actual, sizeof actual));
        return false;
    }
}

/* What the script calls a sent timestamp is what later packets may echo. */
static void learn_stamp(struct drill_run *r, struct drill_flow *f,
                        const struct drill_packet *want, const uint8_t *options, int n)
{
    const struct drill_option *script = NULL;
    for (int i = 0; i < want->n_options; i++)
        if (want->options[i].kind == OPTION_TIMESTAMPS && !want->options[i].tsval_ignored)
            script = &want->options[i];
    for (int at = 0; script != NULL && at < n;) {
        const struct option o = next_option(options, n, &at, true);
        if (o.bytes[0] == WIRE_TIMESTAMPS && o.len == TIMESTAMPS_LEN)
            drill_note_stamp(r, f, script->tsval, get32(o.bytes + 2));
    }
}

/* ---- waiting */

/* The next packet of the flow under test; NULL with the verdict decided. */
static const struct drill_sent *await(struct drill_run *r, const struct drill_packet *p)
{
    const bool any_time = r->event->time.when == WHEN_ANY;
    const sim_time limit = any_time ? SIM_NEVER : time_add(r->due_to, PATIENCE);
    const struct drill_sent *s = drill_next_sent(r);
    while (s == NULL && !r->decided && drill_step(r, limit - (limit == SIM_NEVER)))
        s = drill_next_sent(r);
    if (s == NULL && !r->decided) {
        if (!any_time)
            sim_run_until(r->sim, limit);
        drill_fail(r, &p->at, "no packet was sent%s",
                   any_time ? ", and nothing is left to happen" : " within 2 s after its time");
        drill_detail(r, "expected at %.6f s", (double)r->due / 1e9);
    }
    return s;
}

/* The parts of one burst as one packet: numbers of the first, all else of the last. */
struct burst {
    struct packet p;
    uint8_t options[OPTION_BYTES];
    sim_time at;
};

/* What no script writes down: each packet by itself. False with the verdict decided. */
static bool is_sound(struct drill_run *r, const struct drill_packet *want,
                     const struct drill_sent *s)
{
    const struct packet *p = &s->p;
    const bool is_tcp = want->kind == DRILL_TCP;
    const uint32_t headers =
        address_header_bytes(p->dst) + (is_tcp ? TCP_HEADER_BYTES : UDP_HEADER_BYTES);
    const uint32_t bytes = headers + p->options_len + p->len;
    const uint32_t offset = p->seq - s->flow->local_isn - ((p->flags & TCP_SYN) != 0 ? 0 : 1);
    if (!ip_eq(p->src, r->config.local))
        drill_fail(r, &want->at, "source address: expected 0x%08x, actual 0x%08x",
                   r->config.local.low, p->src.low);
    else if (p->bytes != bytes)
        drill_fail(r, &want->at, "total length: expected %u, actual %u", bytes, p->bytes);
    else if (is_tcp && p->len > 0 && (uint32_t)p->offset != offset)
        drill_fail(r, &want->at, "payload: expected the bytes from %u on, actual from %u on",
                   offset, (uint32_t)p->offset);
    return !r->decided;
}

static bool joins(struct drill_run *r, const struct drill_packet *want,
                  const struct burst *before, const struct burst *part, uint32_t left)
{
    const struct packet *p = &part->p;
    const struct fields a = fields_of(&before->p), b = fields_of(p);
    for (int i = 0; i < N_FIELDS; i++) {
        const uint32_t expected = a.value[i] + (i == FIELD_SEQ ? before->p.len : 0);
        if (FIELDS[i].joined && expected != b.value[i]) {
            drill_fail(r, &want->at,
                       "a part of the expected packet differs from the part before it in %s: "
                       "%u, not %u",
                       FIELDS[i].name, b.value[i], expected);
            return false;
        }
    }
    if (memcmp(before->options, part->options, p->options_len) != 0) {
        drill_fail(r, &want->at,
                   "a part of the expected packet differs from the part before it in its "
                   "options");
        return false;
    }
    if (p->len < left && p->len != before->p.len) {
        drill_fail(r, &want->at,
                   "a part of the expected packet has %u bytes, the part before it %u", p->len,
                   before->p.len);
        return false;
    }
    return true;
}

static bool collect(struct drill_run *r, const struct drill_packet *want, struct burst *b)
{
    uint32_t sum = 0;
    int n = 0;
    struct packet first = {0};
    struct burst before = {0};
    do {
        const struct drill_sent *s = await(r, want);
        if (s == NULL || !is_sound(r, want, s))
            return false;
        drill_to_script(s, &b->p, b->options);
        b->p.seq = want->seq_absolute ? s->p.seq : b->p.seq;
        b->at = s->at;
        if (n++ == 0)
            first = b->p;
        else if (!joins(r, want, &before, b, want->len - sum))
            return false;
        before = *b;
        sum += b->p.len;
    } while (want->kind == DRILL_TCP && sum < want->len && b->p.len > 0 &&
             !r->config.strict_segments);
    b->p.seq = first.seq;
    b->p.len = sum;
    b->p.flags = (uint16_t)((b->p.flags & ~TCP_CWR) | (first.flags & TCP_CWR));
    return true;
}

/* ---- the verdict */

static void differ(struct drill_run *r, const struct drill_packet *want, const char *what)
{
    if (!r->decided)
        drill_fail(r, &want->at, "%s", what);
    else
        snprintf(r->verdict->text + strlen(r->verdict->text),
                 sizeof r->verdict->text - strlen(r->verdict->text), "; %s", what);
}

static void compare(struct drill_run *r, const struct drill_packet *want,
                    const struct expected *x, const struct burst *b)
{
    const struct fields got = fields_of(&b->p);
    for (int i = 0; i < N_FIELDS; i++) {
        char text[120];
        if (!x->fields.checked[i] || x->fields.value[i] == got.value[i])
            continue;
        snprintf(text, sizeof text, "%s: expected %u, actual %u", FIELDS[i].name,
                 x->fields.value[i], got.value[i]);
        differ(r, want, text);
    }
    if (want->ip.has_ecn && strcmp(want->ip.ecn, "ect01") == 0 &&
        (got.value[FIELD_ECN] % 3) == 0)
        differ(r, want, "ecn: expected ect0 or ect1");
    char text[240];
    if (x->options_checked &&
        !options_equal(r, x, want, b->options, b->p.options_len, text, sizeof text))
        differ(r, want, text);
}

static void compare_time(struct drill_run *r, const struct drill_packet *want, sim_time at)
{
    char text[160];
    const sim_time tolerance = drill_tolerance(r, r->previous_due, r->due);
    if (r->event->time.when == WHEN_ANY ||
        (at >= r->due - tolerance && at <= time_add(r->due_to, tolerance)))
        return;
    if (r->due_to != r->due)
        snprintf(text, sizeof text, "time: expected %.6f to %.6f s, actual %.6f s",
                 (double)r->due / 1e9, (double)r->due_to / 1e9, (double)at / 1e9);
    else
        snprintf(text, sizeof text, "time: expected %.6f s, actual %.6f s",
                 (double)r->due / 1e9, (double)at / 1e9);
    differ(r, want, text);
    if (strstr(r->verdict->detail, "tolerance") == NULL)
        drill_detail(r, "tolerance %.6f s", (double)tolerance / 1e9);
}

/* The line of the script without its margins. */
static void show_expected(struct drill_run *r, const struct drill_packet *want)
{
    const char *line = want->at.line_text != NULL ? want->at.line_text : "";
    line += strspn(line, " \t");
    drill_detail(r, "expected %s", line);
}

void drill_expect(struct drill_run *r, const struct drill_packet *p)
{
    struct expected x = {0};
    struct burst b;
    struct drill_flow *f = drill_flow_out(r, p);
    if (f == NULL)
        return;
    x.n_options = drill_encode_options(r, p, x.options);
    if (r->decided || !collect(r, p, &b))
        return;
    expect_ip(&x, &p->ip);
    if (strcmp(p->ip.ecn, "ect01") == 0)
        x.fields.checked[FIELD_ECN] = false;
    expect_transport(&x, p);
    if (p->kind == DRILL_TCP)
        expect_tcp(r, &x, p);
    relax_stamps(r, &x, b.options, b.p.options_len);
    learn_stamp(r, f, p, b.options, b.p.options_len);
    compare(r, p, &x, &b);
    compare_time(r, p, b.at);
    if (r->decided) {
        char line[400];
        show_expected(r, p);
        drill_detail(r, "actual   %.6f > %s", (double)b.at / 1e9,
                     drill_say(&b.p, b.options, line, sizeof line));
    }
}
