/* SPDX-License-Identifier: GPL-3.0-or-later
 * parse_packet.c -- packets:
 *
 *   dir { header: } [ip] [sport > dport] flags seq:end(len) [ack N] [win N] [urg N] [<options>]
 *   dir { header: } [ip] udp [sport > dport] (len)
 *   dir { header: } [ip] icmp type [code] [mtu N] [id N] [quote]
 *
 * Both dialects at once: nplab's "seq:end(len)!", "...(len)" and "/udp(1 > 2)" beside google's.
 */
#include "drill/parse.h"

#include <string.h>

#include "sim/packet.h"

static const char TCP_HINT[] = "a packet is: [(ip)] [sport > dport] flags seq:end(len) [ack N] "
                               "[win N] [urg N] [<options>]";
static const char FLAGS_HINT[] = "F S R P . U E W A, each once; 0-7 instead of E W A; or -";
static const char IP_HINT[] =
    "one of noecn, ect0, ect1, ce, ect01, tos N, class N, dscp N, ttl N, hlim N, flowlabel N";

/* ---- headers around the packet ---- */

static bool begins_header(const struct parser *p)
{
    static const char *const HEADERS[] = {"ipv4", "ipv6", "gre", "GREv0", "mpls"};
    for (size_t i = 0; i < ARRAY_LEN(HEADERS); i++)
        if (parse_is_word(p, HEADERS[i]))
            return true;
    return false;
}

/* Kept as text, to the colon with a blank behind it: addresses have colons of their own. */
static int read_headers(struct parser *p, struct drill_packet *packet)
{
    const size_t from = p->token.from;
    size_t to = from;
    while (begins_header(p)) {
        const struct token *t = &p->token;
        p->lex.pos = t->to;
        const struct token rest = lex_until(&p->lex, ':', true);
        if (rest.kind == TOKEN_BAD) {
            err_set(p->e, &t->at, "this header has no end");
            return parse_hint(p, "a header around a packet ends with ':' and a blank");
        }
        to = p->lex.pos;
        parse_next(p);
    }
    if (to > from)
        packet->encap = memory_slice(p->memory, p->lex.text + from, to - from);
    return 0;
}

/* ---- what the IP header must hold ---- */

static int read_ecn(struct parser *p, struct drill_packet *packet)
{
    packet->ip.has_ecn = true;
    memcpy(packet->ip.ecn, p->token.text, p->token.n);
    if (!packet->outbound && parse_is_word(p, "ect01"))
        return err_set(p->e, &p->token.at, "ect01 is for outbound packets only");
    parse_next(p);
    return 0;
}

static int read_tos(struct parser *p, struct drill_packet *packet)
{
    packet->ip.has_tos = true;
    parse_next(p);
    return parse_unsigned(p, "the TOS", 0xff, &packet->ip.tos);
}

/* nplab's "ecn ect0". */
static int read_ecn_behind(struct parser *p, struct drill_packet *packet)
{
    static const char *const WORDS[] = {"noecn", "ect0", "ect1", "ce", "ect01"};
    parse_next(p);
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++)
        if (parse_is_word(p, WORDS[i]))
            return read_ecn(p, packet);
    return parse_wrong(p, "noecn, ect0, ect1, ce or ect01 behind ecn", NULL);
}

/* nplab's "dscp 0x2e", "dscp ef": RFC 2474, 2597, 3246, 5865, 8622. */
static int read_dscp(struct parser *p, struct drill_packet *packet)
{
    enum { VOICE_ADMIT = 44 };
    static const struct {
        const char *word;
        uint32_t value;
    } NAMES[] = {
        {"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},
        {"cs6", 48},  {"cs7", 56},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18},
        {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"af41", 34},
        {"af42", 36}, {"af43", 38}, {"ef", 46},   {"le", 1},
    };
    packet->ip.has_dscp = true;
    parse_next(p);
    if (parse_word(p, "voice")) {
        packet->ip.dscp = VOICE_ADMIT;
        return parse_want_sign(p, '-', "in voice-admit") != 0 || !parse_word(p, "admit")
                   ? parse_wrong(p, "voice-admit", NULL)
                   : 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (parse_word(p, NAMES[i].word)) {
            packet->ip.dscp = NAMES[i].value;
            return 0;
        }
    }
    return parse_unsigned(p, "the DSCP", 0x3f, &packet->ip.dscp);
}

static int read_ttl(struct parser *p, struct drill_packet *packet)
{
    packet->ip.has_ttl = true;
    parse_next(p);
    return parse_unsigned(p, "the TTL", 0xff, &packet->ip.ttl);
}

static int read_flowlabel(struct parser *p, struct drill_packet *packet)
{
    packet->ip.has_flowlabel = true;
    parse_next(p);
    return parse_unsigned(p, "the flow label", 0xfffff, &packet->ip.flowlabel);
}

static int read_ip_word(struct parser *p, struct drill_packet *packet)
{
    static const struct {
        const char *word;
        int (*read)(struct parser *p, struct drill_packet *packet);
    } WORDS[] = {
        {"noecn", read_ecn}, {"ect0", read_ecn},  {"ect1", read_ecn},
        {"ce", read_ecn},    {"ect01", read_ecn}, {"tos", read_tos},
        {"class", read_tos}, {"dscp", read_dscp}, {"ecn", read_ecn_behind},
        {"ttl", read_ttl},   {"hlim", read_ttl},  {"flowlabel", read_flowlabel},
    };
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++)
        if (parse_is_word(p, WORDS[i].word))
            return WORDS[i].read(p, packet);
    return parse_wrong(p, "a word of the IP header", IP_HINT);
}

static int read_ip(struct parser *p, struct drill_packet *packet)
{
    const char close = parse_is_sign(p, '(') ? ')' : parse_is_sign(p, '[') ? ']' : '\0';
    if (close == '\0')
        return 0;
    do {
        parse_next(p);
        if (read_ip_word(p, packet) != 0)
            return -1;
    } while (parse_is_sign(p, ','));
    return parse_want_sign(p, close, "behind the words of the IP header");
}

/* ---- ports ---- */

/* "sport > dport" */
static int read_port_pair(struct parser *p, uint16_t *sport, uint16_t *dport)
{
    uint32_t from, to;
    if (parse_unsigned(p, "the source port", UINT16_MAX, &from) != 0 ||
        parse_want_sign(p, '>', "between the ports") != 0 ||
        parse_unsigned(p, "the destination port", UINT16_MAX, &to) != 0)
        return -1;
    *sport = (uint16_t)from;
    *dport = (uint16_t)to;
    return 0;
}

static int read_ports(struct parser *p, struct drill_packet *packet)
{
    if (p->token.kind != TOKEN_INTEGER)
        return 0;
    packet->has_ports = true;
    return read_port_pair(p, &packet->sport, &packet->dport);
}

static int read_udp_encap(struct parser *p, struct drill_packet *packet)
{
    if (packet->has_udp_encap || !parse_sign(p, '/'))
        return 0;
    packet->has_udp_encap = true;
    if (!parse_word(p, "udp"))
        return parse_wrong(p, "udp behind '/'", "TCP over UDP is /udp(sport > dport)");
    if (parse_want_sign(p, '(', "before the ports") != 0 ||
        read_port_pair(p, &packet->udp_sport, &packet->udp_dport) != 0)
        return -1;
    return parse_want_sign(p, ')', "behind the ports");
}

/* ---- TCP ---- */

_Static_assert(TCP_CWR == 2 * TCP_ECE && TCP_AE == 4 * TCP_ECE, "the ACE field is one number");

/* Adds one letter; false: it is none, or stands there twice. */
static bool add_flag(struct drill_packet *packet, char c)
{
    static const struct {
        char letter;
        uint16_t flag;
    } FLAGS[] = {{'F', TCP_FIN}, {'S', TCP_SYN}, {'R', TCP_RST}, {'P', TCP_PSH}, {'.', TCP_ACK},
                 {'U', TCP_URG}, {'E', TCP_ECE}, {'W', TCP_CWR}, {'A', TCP_AE}};
    static const uint16_t ACE = TCP_ECE | TCP_CWR | TCP_AE;
    if (c >= '0' && c <= '7') {
        const bool is_first = !packet->has_ace && (packet->flags & ACE) == 0;
        packet->has_ace = true;
        packet->flags |= (uint16_t)((c - '0') * TCP_ECE); /* ECE, CWR, AE are neighbours */
        return is_first;
    }
    for (size_t i = 0; i < ARRAY_LEN(FLAGS); i++) {
        if (FLAGS[i].letter != c)
            continue;
        const bool is_first = (packet->flags & FLAGS[i].flag) == 0 &&
                              !(packet->has_ace && (FLAGS[i].flag & ACE) != 0);
        packet->flags |= FLAGS[i].flag;
        return is_first;
    }
    return false;
}

static int add_flags(struct parser *p, struct drill_packet *packet)
{
    for (size_t i = 0; i < p->token.n; i++) {
        if (add_flag(packet, p->token.text[i]))
            continue;
        return parse_wrong(p, "TCP flags", FLAGS_HINT);
    }
    parse_next(p);
    return 0;
}

/* "S.", "P.5", ".", "-": up to two tokens, because a point ends a word. */
static int read_flags(struct parser *p, struct drill_packet *packet)
{
    if (parse_sign(p, '-'))
        return 0;
    const bool has_word = p->token.kind == TOKEN_WORD;
    if (has_word && add_flags(p, packet) != 0)
        return -1;
    if (parse_is_sign(p, '.') || (p->token.kind == TOKEN_FLOAT && p->token.text[0] == '.'))
        return add_flags(p, packet);
    return has_word ? 0 : parse_wrong(p, "TCP flags", TCP_HINT);
}

static int read_length(struct parser *p, struct drill_packet *packet)
{
    if (parse_want_sign(p, '(', "before the payload's length") != 0 ||
        parse_unsigned(p, "the payload's length", UINT16_MAX, &packet->len) != 0)
        return -1;
    return parse_want_sign(p, ')', "behind the payload's length");
}

/* "1:11(10)"; the end is redundant and must fit, modulo 2^32. */
static int read_sequence(struct parser *p, struct drill_packet *packet)
{
    const struct mark first = p->token.at;
    if (parse_unsigned(p, "the sequence number", UINT32_MAX, &packet->seq) != 0 ||
        parse_want_sign(p, ':', "behind the sequence number") != 0 ||
        parse_unsigned(p, "the end of the sequence", UINT32_MAX, &packet->seq_end) != 0 ||
        read_length(p, packet) != 0)
        return -1;
    if (packet->seq_end == packet->seq + packet->len)
        return 0;
    const struct mark at = lex_span(&first, &p->last);
    return err_set(p->e, &at, "the length does not fit the sequence numbers: %u + %u is %u",
                   packet->seq, packet->len, packet->seq + packet->len);
}

static int read_place(struct parser *p, struct drill_packet *packet)
{
    if (p->token.kind == TOKEN_ELLIPSIS) {
        packet->seq_ignored = true;
        parse_next(p);
        return read_length(p, packet);
    }
    if (p->token.kind != TOKEN_INTEGER)
        return parse_wrong(p, "the sequence numbers", TCP_HINT);
    if (read_sequence(p, packet) != 0)
        return -1;
    packet->seq_absolute = parse_sign(p, '!');
    return 0;
}

static int read_numbers(struct parser *p, struct drill_packet *packet)
{
    if (parse_word(p, "ack")) {
        packet->has_ack = true;
        if (parse_unsigned(p, "the acknowledgment", UINT32_MAX, &packet->ack) != 0)
            return -1;
    }
    if (parse_word(p, "win")) {
        packet->has_win = true;
        if (parse_unsigned(p, "the window", UINT16_MAX, &packet->win) != 0)
            return -1;
    }
    if (parse_word(p, "urg")) {
        packet->has_urg = true;
        return parse_unsigned(p, "the urgent pointer", UINT16_MAX, &packet->urg);
    }
    return 0;
}

static int read_tcp(struct parser *p, struct drill_packet *packet)
{
    packet->kind = DRILL_TCP;
    if (read_flags(p, packet) != 0 || read_udp_encap(p, packet) != 0 ||
        read_place(p, packet) != 0 || read_numbers(p, packet) != 0)
        return -1;
    if (parse_is_sign(p, '<') && parse_options(p, packet) != 0)
        return -1;
    if (read_udp_encap(p, packet) != 0)
        return -1;
    if (p->token.kind == TOKEN_WORD)
        return parse_wrong(p, "the packet's end", TCP_HINT);
    return 0;
}

/* A window can be left open only in what is expected. */
static int check_tcp(struct parser *p, const struct drill_packet *packet)
{
    if (packet->kind != DRILL_TCP || packet->outbound || packet->has_win)
        return 0;
    err_set(p->e, &packet->at, "an inbound packet needs its window");
    return parse_hint(p, "win N, behind ack N");
}

/* ---- UDP and ICMP ---- */

static int read_udp(struct parser *p, struct drill_packet *packet)
{
    packet->kind = DRILL_UDP;
    if (!packet->has_ports && read_ports(p, packet) != 0)
        return -1;
    return read_length(p, packet);
}

static int read_icmp_word(struct parser *p, char *out, size_t size)
{
    if (p->token.kind != TOKEN_WORD)
        return parse_wrong(p, "the type of the ICMP message", "such as unreachable");
    if (p->token.n >= size)
        return err_set(p->e, &p->token.at, "no ICMP message is called so");
    memcpy(out, p->token.text, p->token.n);
    parse_next(p);
    return 0;
}

static int read_quote(struct parser *p, struct drill_packet *packet)
{
    if (!parse_sign(p, '['))
        return 0;
    int bad;
    if (parse_word(p, "udp")) {
        packet->quote = QUOTE_UDP;
        bad = read_length(p, packet);
    } else if (parse_word(p, "raw")) {
        packet->quote = QUOTE_RAW;
        bad = read_length(p, packet);
    } else {
        packet->quote = QUOTE_TCP;
        bad = p->token.kind == TOKEN_INTEGER
                  ? read_sequence(p, packet)
                  : parse_wrong(p, "what the message quotes",
                                "[seq:end(len)], [udp(len)], [raw(len)]");
    }
    return bad != 0 ? bad : parse_want_sign(p, ']', "behind the quote");
}

static int read_icmp(struct parser *p, struct drill_packet *packet)
{
    packet->kind = DRILL_ICMP;
    if (read_icmp_word(p, packet->icmp_type, sizeof(packet->icmp_type)) != 0)
        return -1;
    if (p->token.kind == TOKEN_WORD && !parse_is_word(p, "mtu") && !parse_is_word(p, "id") &&
        read_icmp_word(p, packet->icmp_code, sizeof(packet->icmp_code)) != 0)
        return -1;
    if (parse_word(p, "mtu")) {
        packet->has_icmp_mtu = true;
        if (parse_unsigned(p, "the MTU", UINT32_MAX, &packet->icmp_mtu) != 0)
            return -1;
    }
    if (parse_word(p, "id")) {
        packet->has_icmp_id = true;
        if (parse_unsigned(p, "the identifier", UINT16_MAX, &packet->icmp_id) != 0)
            return -1;
    }
    return read_quote(p, packet);
}

/* "1:1(0)" where ports or flags should be. */
static bool lacks_flags(const struct parser *p)
{
    const struct lex *l = &p->lex;
    return p->token.kind == TOKEN_INTEGER && l->pos < l->n && l->text[l->pos] == ':';
}

static int read_body(struct parser *p, struct drill_packet *packet)
{
    if (parse_word(p, "icmp"))
        return read_icmp(p, packet);
    if (lacks_flags(p))
        return parse_wrong(p, "TCP flags", TCP_HINT);
    if (read_ports(p, packet) != 0)
        return -1;
    return parse_word(p, "udp") ? read_udp(p, packet) : read_tcp(p, packet);
}

int parse_packet(struct parser *p, struct drill_event *event)
{
    struct drill_packet *packet = memory_alloc(p->memory, sizeof(*packet));
    const struct mark first = p->token.at;
    event->kind = DRILL_PACKET;
    event->packet = packet;
    packet->outbound = parse_is_sign(p, '>');
    parse_next(p);
    if (read_headers(p, packet) != 0 || read_ip(p, packet) != 0 || read_body(p, packet) != 0)
        return -1;
    packet->at = lex_span(&first, &p->last);
    return check_tcp(p, packet);
}
