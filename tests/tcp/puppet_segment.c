/* SPDX-License-Identifier: GPL-3.0-or-later
 * Segments as text, both ways: what puppet.h says of SEGMENT.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>

#include "tests/tcp/puppet.h"

/* RFC 9293 §3.2, RFC 7323, RFC 2018. Written and read here by hand: the endpoint's own code
 * would forgive its own slips. */
enum { NOP = 1, MSS = 2, WSCALE = 3, SACK_PERMITTED = 4, SACK = 5, TIMESTAMPS = 8 };

static const char FLAG_LETTERS[] = "SFRPA";
static const uint16_t FLAG_BITS[] = {TCP_SYN, TCP_FIN, TCP_RST, TCP_PSH, TCP_ACK};

/* ---- what the stack sends */

static uint32_t u32_at(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

/* One option as text; timestamps of the stack are relative to the beginning, blocks of SACK to
 * the peer's ISN. */
static void describe_option(const struct puppet *p, const uint8_t *b, char *text, size_t size)
{
    const uint32_t began_ms = (uint32_t)(p->began_at / MS(1));
    int n = 0;
    if (b[0] == MSS && p->show_mss)
        snprintf(text, size, " mss %u", b[2] * 256u + b[3]);
    else if (b[0] == WSCALE && p->show_opts)
        snprintf(text, size, " ws %u", b[2]);
    else if (b[0] == SACK_PERMITTED && p->show_opts)
        snprintf(text, size, " sackok");
    else if (b[0] == TIMESTAMPS && p->show_opts)
        snprintf(text, size, " ts %u %u", u32_at(b + 2) - began_ms, u32_at(b + 6));
    for (int i = 2; b[0] == SACK && p->show_opts && i < b[1]; i += 8)
        n += snprintf(text + n, size - (size_t)n, " %s%d-%d", i == 2 ? "sack " : "",
                      (int32_t)(u32_at(b + i) - p->irs), (int32_t)(u32_at(b + i + 4) - p->irs));
}

/* Of an honest segment: options of kind and length, no-operations and ends. */
static void describe_options(const struct puppet *p, const struct packet *s, char *text,
                             size_t size)
{
    const uint8_t *b = packet_options(p->sim, s);
    for (int i = 0; i < s->options_len; i += b[i] <= NOP ? 1 : b[i + 1])
        if (b[i] > NOP)
            describe_option(p, b + i, text + strlen(text), size - strlen(text));
}

void puppet_write_segment(const struct puppet *p, const struct packet *s, char *text,
                          size_t size)
{
    const int port = s->dport - PUPPET_PEER_PORT;
    size_t n = strlen(text);
    for (size_t i = 0; i < ARRAY_LEN(FLAG_BITS); i++)
        if ((s->flags & FLAG_BITS[i]) != 0)
            text[n++] = FLAG_LETTERS[i];
    n += (size_t)snprintf(text + n, size - n, " %d", (int32_t)(s->seq - p->iss[port]));
    if (s->len > 0)
        n += (size_t)snprintf(text + n, size - n, "(%u)", s->len);
    if ((s->flags & TCP_ACK) != 0)
        n += (size_t)snprintf(text + n, size - n, " ack %d", (int32_t)(s->ack - p->irs));
    if (p->show_win)
        n += (size_t)snprintf(text + n, size - n, " win %u", s->win);
    describe_options(p, s, text, size);
    n = strlen(text);
    if (port > 0)
        snprintf(text + n, size - n, " to %d", port);
}

/* ---- what the peer sends */

long long puppet_field(const char *text, const char *word, long long otherwise)
{
    const char *at = strstr(text, word);
    return at == NULL ? otherwise : strtoll(at + strlen(word), NULL, 10);
}

static void write_options(struct puppet *p, struct packet *s, const char *text)
{
    uint8_t b[OPTION_BYTES];
    uint8_t n = 0;
    const long long mss = puppet_field(text, " mss ", 0), ws = puppet_field(text, " ws ", -1),
                    ts = puppet_field(text, " ts ", -1);
    if (mss > 0) {
        memcpy(b + n, (const uint8_t[]){MSS, 4, (uint8_t)(mss / 256), (uint8_t)mss}, 4);
        n += 4;
    }
    if (ws >= 0) {
        memcpy(b + n, (const uint8_t[]){NOP, WSCALE, 3, (uint8_t)ws}, 4);
        n += 4;
    }
    if (strstr(text, " sackok") != NULL) {
        memcpy(b + n, (const uint8_t[]){NOP, NOP, SACK_PERMITTED, 2}, 4);
        n += 4;
    }
    if (ts >= 0) {
        const long long ecr = puppet_field(text, " ecr ", -1);
        const uint32_t v = (uint32_t)ts;
        const uint32_t e = ecr < 0 ? 0 : (uint32_t)(p->began_at / MS(1) + ecr);
        memcpy(b + n, (const uint8_t[]){NOP, NOP, TIMESTAMPS, 10}, 4);
        memcpy(b + n + 4, (const uint32_t[]){htonl(v), htonl(e)}, 8);
        n += 12;
    }
    packet_set_options(p->sim, s, b, n);
}

struct packet *puppet_read_segment(struct puppet *p, const char *text)
{
    const char *c = text;
    uint16_t flags = 0;
    for (; isupper((unsigned char)*c); c++)
        flags |= FLAG_BITS[strchr(FLAG_LETTERS, *c) - FLAG_LETTERS];
    c += *c == '-' && c[1] == ' ';
    char *end;
    const long long seq_written = strtoll(c, &end, 10);
    const uint32_t len = *end == '(' ? (uint32_t)strtoul(end + 1, NULL, 10) : 0;
    const int port = (int)puppet_field(text, " from ", 0);
    struct packet *s = packet_new(p->sim, 40 + len);
    s->proto = PROTO_TCP;
    s->src = ip4(PUPPET_PEER);
    s->dst = ip4(PUPPET_HERE);
    s->sport = (uint16_t)(PUPPET_PEER_PORT + port);
    s->dport = PUPPET_PORT;
    s->flags = flags;
    s->seq = p->irs + (uint32_t)seq_written;
    if ((flags & TCP_ACK) != 0)
        s->ack = p->iss[port] + (uint32_t)puppet_field(text, " ack ", 0);
    s->win = (uint16_t)puppet_field(text, " win ", 65535);
    s->len = len;
    s->stream = (uint32_t)puppet_field(text, " stream ", PUPPET_STREAM);
    s->offset = (uint64_t)puppet_field(text, " off ", seq_written - ((flags & TCP_SYN) == 0));
    if (strstr(text, " corrupt") != NULL)
        s->marks |= PACKET_CORRUPT;
    write_options(p, s, text);
    return s;
}

/* The packet was larger than the MTU by one byte, unless its length is given. */
struct icmp_error puppet_read_icmp(const struct puppet *p, const char *text)
{
    char *end;
    const long type = strtol(text, &end, 10), code = strtol(end, &end, 10);
    const long long sent = strtoll(end, &end, 10), mtu = puppet_field(end, " mtu ", 0);
    const int port = (int)puppet_field(end, " from ", 0);
    return (struct icmp_error){.type = (uint8_t)type,
                               .code = (uint8_t)code,
                               .proto = PROTO_TCP,
                               .src = ip4(PUPPET_HERE),
                               .dst = ip4(PUPPET_PEER),
                               .sport = PUPPET_PORT,
                               .dport = (uint16_t)(PUPPET_PEER_PORT + port),
                               .seq = p->iss[port] + (uint32_t)sent,
                               .mtu = (uint32_t)mtu,
                               .bytes = (uint32_t)puppet_field(end, " bytes ", mtu + 1)};
}
