/* SPDX-License-Identifier: GPL-3.0-or-later
 * parse_options.c -- TCP options: <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>, or <...>.
 *
 * The one idea: a table of names; each row's function reads what stands behind the name and says
 * how many bytes the option takes, because a script lists the padding too.
 */
#include "drill/parse.h"

#include <string.h>

#include "models/link.h" /* packet.h: OPTION_BYTES */

enum { EXPERIMENTAL = 254 }; /* RFC 4727: a kind whose first two bytes say whose it is */

/* ---- hexadecimal bytes ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool is_hex(const struct token *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (hex_digit(t->text[i]) < 0)
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
        return err_set(p->e, &t->at, "an option of %zu bytes does not fit into a header", t->n / 2);
    for (size_t i = 0; i < t->n; i += 2)
        o->bytes[o->n_bytes++] =
            (uint8_t)(hex_digit(t->text[i]) << 4 | hex_digit(t->text[i + 1]));
    parse_next(p);
    return 0;
}

/* ---- one function an option: what stands behind its name ---- */

static int read_nothing(struct parser *p, struct drill_option *o) { return 0; }

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

/* RFC 9768 §3.2.3: up to three 24-bit counters, in one order or its reverse. */
static int read_counters(struct parser *p, struct drill_option *o, const char *const names[3])
{
    const size_t from = p->last.column > 0 ? p->token.from : 0;
    for (int i = 0; i < 3 && parse_word(p, names[i]); i++) {
        uint32_t count;
        if (parse_unsigned(p, "the counter", 0xffffff, &count) != 0)
            return -1;
        o->bytes[o->n_bytes++] = (uint8_t)(count >> 16);
        o->bytes[o->n_bytes++] = (uint8_t)(count >> 8);
        o->bytes[o->n_bytes++] = (uint8_t)count;
    }
    (void)from;
    return 0;
}
