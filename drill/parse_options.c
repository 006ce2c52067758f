/* SPDX-License-Identifier: GPL-3.0-or-later
 * parse_options.c -- TCP options: <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>, or <...>.
 *
 * The one idea: a table of names; each row's function reads what stands behind the name. The
 * bytes on the wire are counted, because a script lists the padding too.
 */
#include "drill/parse.h"

#include <string.h>

#include "sim/packet.h"

/* ---- hexadecimal bytes ---- */

static bool is_hex(const struct token *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (lex_hex_digit(t->text[i]) < 0)
            return false;
    return true;
}

/* Scripts give well-known cookies by a name in capitals, which the command line may define. */
static bool is_name(const struct token *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const char c = t->text[i];
        if (!(c >= 'A' && c <= 'Z') && c != '_' && (i == 0 || !(c >= '0' && c <= '9')))
            return false;
    }
    return true;
}

static bool begins_bytes(const struct parser *p)
{
    return p->token.kind == TOKEN_WORD || p->token.kind == TOKEN_INTEGER;
}

static int read_bytes(struct parser *p, struct drill_option *o)
{
    const struct token *t = &p->token;
    if (!is_hex(t) && is_name(t) && t->n < sizeof(o->text)) {
        memcpy(o->text, t->text, t->n);
        parse_next(p);
        return 0;
    }
    if (!is_hex(t))
        return parse_wrong(p, "hexadecimal digits", NULL);
    if (t->n % 2 != 0)
        return err_set(p->e, &t->at, "the number of hexadecimal digits is odd");
    if (t->n / 2 > DRILL_MAX_HEX)
        return err_set(p->e, &t->at, "an option of %zu bytes does not fit into a header",
                       t->n / 2);
    for (size_t i = 0; i < t->n; i += 2)
        o->bytes[o->n_bytes++] =
            (uint8_t)(lex_hex_digit(t->text[i]) << 4 | lex_hex_digit(t->text[i + 1]));
    parse_next(p);
    return 0;
}

/* ---- one function an option: what stands behind its name ---- */

static int read_nothing(struct parser *p, struct drill_option *o)
{
    return 0;
}

static int read_mss(struct parser *p, struct drill_option *o)
{
    return parse_unsigned(p, "the MSS", UINT16_MAX, &o->value);
}

static int read_wscale(struct parser *p, struct drill_option *o)
{
    return parse_unsigned(p, "the window scale", UINT8_MAX, &o->value);
}

static int read_sack(struct parser *p, struct drill_option *o)
{
    do {
        if (o->n_sack == DRILL_MAX_BLOCKS)
            return err_set(p->e, &p->token.at, "more than %d SACK blocks", DRILL_MAX_BLOCKS);
        if (parse_unsigned(p, "the left edge of a SACK block", UINT32_MAX,
                           &o->sack[o->n_sack].left) != 0 ||
            parse_want_sign(p, ':', "within the SACK block") != 0 ||
            parse_unsigned(p, "the right edge of a SACK block", UINT32_MAX,
                           &o->sack[o->n_sack].right) != 0)
            return -1;
        o->n_sack++;
    } while (p->token.kind == TOKEN_INTEGER);
    return 0;
}

static int read_timestamps(struct parser *p, struct drill_option *o)
{
    static const char HINT[] = "TS val N ecr N";
    if (!parse_word(p, "val"))
        return parse_wrong(p, "val behind TS", HINT);
    if (p->token.kind == TOKEN_ELLIPSIS) {
        o->tsval_ignored = true;
        parse_next(p);
    } else if (parse_unsigned(p, "the timestamp", UINT32_MAX, &o->tsval) != 0) {
        return -1;
    }
    if (!parse_word(p, "ecr"))
        return parse_wrong(p, "ecr behind the timestamp", HINT);
    if (parse_unsigned(p, "the echoed timestamp", UINT32_MAX, &o->tsecr) != 0)
        return -1;
    o->tsecr_absolute = parse_sign(p, '!');
    return 0;
}

static int read_cookie(struct parser *p, struct drill_option *o)
{
    return begins_bytes(p) ? read_bytes(p, o) : 0; /* none: a request for one */
}

static int read_md5(struct parser *p, struct drill_option *o)
{
    return begins_bytes(p) ? read_bytes(p, o) : parse_wrong(p, "the digest behind md5", NULL);
}

/* RFC 9768 §3.2.3: up to three 24-bit counters in either order; the first tells the kind. */
static int read_accecn(struct parser *p, struct drill_option *o)
{
    static const struct {
        uint32_t kind;
        const char *counters[3];
    } ORDERS[] = {{172, {"e0b", "ceb", "e1b"}}, {174, {"e1b", "ceb", "e0b"}}};
    const int order = parse_is_word(p, ORDERS[1].counters[0]);
    if (!parse_is_word(p, ORDERS[order].counters[0]))
        return parse_wrong(p, "e0b or e1b behind ECN",
                           "ECN e0b N [ceb N [e1b N]], or in the reverse order");
    o->value = ORDERS[order].kind;
    for (int i = 0; i < 3 && parse_word(p, ORDERS[order].counters[i]); i++) {
        uint32_t count;
        if (parse_unsigned(p, "the counter", 0xffffff, &count) != 0)
            return -1;
        o->bytes[o->n_bytes++] = (uint8_t)(count >> 16);
        o->bytes[o->n_bytes++] = (uint8_t)(count >> 8);
        o->bytes[o->n_bytes++] = (uint8_t)count;
    }
    return 0;
}

/* nplab's gen-253 0102: kind and length are written before the bytes. The lexer takes "-253"
 * for a number. */
static int read_generic(struct parser *p, struct drill_option *o)
{
    const struct token *t = &p->token;
    struct drill_option data = {0};
    if (t->kind != TOKEN_INTEGER || t->value > 0 || t->value < -UINT8_MAX)
        return parse_wrong(p, "-KIND behind gen", "gen-KIND, or gen-KIND BYTES");
    o->bytes[0] = (uint8_t)-t->value;
    parse_next(p);
    if (begins_bytes(p) && read_bytes(p, &data) != 0)
        return -1;
    if (data.n_bytes > DRILL_MAX_HEX - 2 || data.text[0] != '\0')
        return err_set(p->e, &p->last, "an option has at most %d bytes, in hexadecimal",
                       DRILL_MAX_HEX - 2);
    o->n_bytes = data.n_bytes + 2;
    o->bytes[1] = (uint8_t)o->n_bytes;
    memcpy(o->bytes + 2, data.bytes, (size_t)data.n_bytes);
    return 0;
}

/* clang-format off */
static const struct row {
    const char *name;
    enum drill_option_kind kind;
    int (*read)(struct parser *p, struct drill_option *o);
    int n_bytes; /* on the wire; SACK blocks, cookie, digest and counters are added */
} ROWS[] = {
    {"mss",    OPTION_MSS,           read_mss,        4},
    {"wscale", OPTION_WSCALE,        read_wscale,     3},
    {"sackOK", OPTION_SACK_OK,       read_nothing,    2},
    {"sack",   OPTION_SACK,          read_sack,       2},
    {"TS",     OPTION_TIMESTAMPS,    read_timestamps, 10},
    {"nop",    OPTION_NOP,           read_nothing,    1},
    {"eol",    OPTION_EOL,           read_nothing,    1},
    {"FO",     OPTION_FAST_OPEN,     read_cookie,     2},
    {"FOEXP",  OPTION_FAST_OPEN_EXP, read_cookie,     4},
    {"md5",    OPTION_MD5,           read_md5,        2},
    {"ECN",    OPTION_ACCECN,        read_accecn,     2},
    {"gen",    OPTION_HEX,           read_generic,    0},
};
/* clang-format on */

static const struct row *find_row(const struct parser *p)
{
    for (const struct row *r = ROWS; r < ROWS + ARRAY_LEN(ROWS); r++)
        if (parse_is_word(p, r->name))
            return r;
    return NULL;
}

static int unknown_option(struct parser *p)
{
    const char *names[ARRAY_LEN(ROWS)];
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        names[i] = ROWS[i].name;
    const char *near = p->token.kind == TOKEN_WORD
                           ? nearest_name(parse_copy(p), names, ARRAY_LEN(names))
                           : NULL;
    parse_wrong(p, "a TCP option", NULL);
    if (near != NULL)
        return parse_hint(p, "did you mean '%s'?", near);
    return parse_hint(p, "one of mss, wscale, sackOK, sack, TS, nop, eol, FO, FOEXP, md5, ECN, "
                         "gen-KIND, or all of its bytes in hexadecimal");
}

/* One option; its bytes on the wire are added to *n_bytes, -1 when they cannot be known. */
static int read_option(struct parser *p, struct drill_option *o, int *n_bytes)
{
    const struct row *r = find_row(p);
    const struct mark first = p->token.at;
    const char *text = p->lex.text + p->token.from;
    if (r == NULL && !(begins_bytes(p) && is_hex(&p->token)))
        return unknown_option(p);
    o->kind = r != NULL ? r->kind : OPTION_HEX;
    if (r != NULL)
        parse_next(p);
    if ((r != NULL ? r->read : read_bytes)(p, o) != 0)
        return -1;
    o->at = lex_span(&first, &p->last);
    const size_t n_text = (size_t)o->at.width; /* all of it is ASCII, and on one line */
    if (o->kind == OPTION_ACCECN && n_text < sizeof(o->text))
        memcpy(o->text, text, n_text);
    const bool is_unknown = o->kind != OPTION_ACCECN && o->text[0] != '\0';
    if (is_unknown || *n_bytes < 0)
        *n_bytes = -1;
    else
        *n_bytes += (r != NULL ? r->n_bytes : 0) + 8 * o->n_sack + o->n_bytes;
    return 0;
}

static int check_size(struct parser *p, const struct drill_option *o, int n_bytes)
{
    if (n_bytes <= OPTION_BYTES)
        return 0;
    return err_set(p->e, &o->at,
                   "with this option they take %d bytes; a header has room for %d", n_bytes,
                   OPTION_BYTES);
}

static int read_any(struct parser *p, struct drill_packet *packet)
{
    if (!packet->outbound)
        return err_set(p->e, &p->token.at, "<...> is for outbound packets only");
    packet->any_options = true;
    parse_next(p);
    return parse_want_sign(p, '>', "behind the ellipsis");
}

int parse_options(struct parser *p, struct drill_packet *packet)
{
    const struct mark first = p->token.at;
    int n_bytes = 0;
    parse_next(p);
    if (p->token.kind == TOKEN_ELLIPSIS)
        return read_any(p, packet);
    do {
        packet->options = memory_grow(p->memory, packet->options, packet->n_options,
                                      sizeof(*packet->options));
        struct drill_option *o = &packet->options[packet->n_options];
        if (read_option(p, o, &n_bytes) != 0 || check_size(p, o, n_bytes) != 0)
            return -1;
        packet->n_options++;
    } while (parse_sign(p, ','));
    if (parse_want_sign(p, '>', "behind the options") != 0)
        return -1;
    if (n_bytes < 0 || n_bytes % 4 == 0)
        return 0;
    const struct mark at = lex_span(&first, &p->last);
    err_set(p->e, &at, "the options take %d bytes, not a multiple of 4", n_bytes);
    return parse_hint(p, "a header has whole words: pad with nop or eol, as the sender does");
}
