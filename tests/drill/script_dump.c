/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/drill/script_dump.h"

#include <inttypes.h>

static void dump_time(const struct drill_time *t, FILE *out)
{
    const char *sign = t->when == WHEN_RELATIVE || t->when == WHEN_RELATIVE_RANGE ? "+" : "";
    if (t->when == WHEN_ANY)
        fputs("*", out);
    else
        fprintf(out, "%s%" PRId64, sign, t->from);
    if (t->when == WHEN_ABSOLUTE_RANGE || t->when == WHEN_RELATIVE_RANGE)
        fprintf(out, "~%s%" PRId64, sign, t->to);
}

static void dump_bytes(const uint8_t *bytes, int n, FILE *out)
{
    for (int i = 0; i < n; i++)
        fprintf(out, "%02x", bytes[i]);
}

static void dump_option(const struct drill_option *o, FILE *out)
{
    static const char *const NAMES[] = {
        [OPTION_MSS] = "mss",   [OPTION_WSCALE] = "wscale", [OPTION_SACK_OK] = "sackok",
        [OPTION_SACK] = "sack", [OPTION_TIMESTAMPS] = "ts", [OPTION_NOP] = "nop",
        [OPTION_EOL] = "eol",   [OPTION_FAST_OPEN] = "fo",  [OPTION_FAST_OPEN_EXP] = "foexp",
        [OPTION_MD5] = "md5",   [OPTION_ACCECN] = "accecn", [OPTION_HEX] = "hex",
    };
    fputs(NAMES[o->kind], out);
    if (o->kind == OPTION_MSS || o->kind == OPTION_WSCALE || o->kind == OPTION_ACCECN)
        fprintf(out, "=%u", o->value);
    if (o->kind == OPTION_TIMESTAMPS)
        fprintf(out, "=%u%s/%u%s", o->tsval, o->tsval_ignored ? "?" : "", o->tsecr,
                o->tsecr_absolute ? "!" : "");
    for (int i = 0; i < o->n_sack; i++)
        fprintf(out, "%c%u:%u", i == 0 ? '=' : ',', o->sack[i].left, o->sack[i].right);
    if (o->n_bytes > 0)
        fputc('=', out);
    dump_bytes(o->bytes, o->n_bytes, out);
    if (o->text[0] != '\0')
        fprintf(out, "'%s'", o->text);
}

static void dump_ip(const struct drill_ip *ip, FILE *out)
{
    if (ip->has_ecn)
        fprintf(out, " ecn=%s", ip->ecn);
    if (ip->has_tos)
        fprintf(out, " tos=%u", ip->tos);
    if (ip->has_dscp)
        fprintf(out, " dscp=%u", ip->dscp);
    if (ip->has_ttl)
        fprintf(out, " ttl=%u", ip->ttl);
    if (ip->has_flowlabel)
        fprintf(out, " flowlabel=%u", ip->flowlabel);
}

static void dump_tcp(const struct drill_packet *p, FILE *out)
{
    fprintf(out, " flags=%#x%s", p->flags, p->has_ace ? "/ace" : "");
    if (p->seq_ignored)
        fprintf(out, " ?(%u)", p->len);
    else
        fprintf(out, " %u:%u(%u)%s", p->seq, p->seq_end, p->len, p->seq_absolute ? "!" : "");
    if (p->has_ack)
        fprintf(out, " ack=%u", p->ack);
    if (p->has_win)
        fprintf(out, " win=%u", p->win);
    if (p->has_urg)
        fprintf(out, " urg=%u", p->urg);
    if (p->any_options)
        fputs(" <any>", out);
    for (int i = 0; i < p->n_options; i++) {
        fputs(i == 0 ? " <" : " ", out);
        dump_option(&p->options[i], out);
    }
    if (p->n_options > 0)
        fputc('>', out);
}

static void dump_icmp(const struct drill_packet *p, FILE *out)
{
    fprintf(out, " type=%s", p->icmp_type);
    if (p->icmp_code[0] != '\0')
        fprintf(out, " code=%s", p->icmp_code);
    if (p->has_icmp_mtu)
        fprintf(out, " mtu=%u", p->icmp_mtu);
    if (p->has_icmp_id)
        fprintf(out, " id=%u", p->icmp_id);
    if (p->quote == QUOTE_TCP)
        fprintf(out, " quote=%u:%u(%u)", p->seq, p->seq_end, p->len);
    if (p->quote == QUOTE_UDP || p->quote == QUOTE_RAW)
        fprintf(out, " quote=%s(%u)", p->quote == QUOTE_UDP ? "udp" : "raw", p->len);
}

static void dump_packet(const struct drill_packet *p, FILE *out)
{
    fputs(p->outbound ? " out" : " in", out);
    if (p->encap != NULL)
        fprintf(out, " encap='%s'", p->encap);
    dump_ip(&p->ip, out);
    if (p->has_ports)
        fprintf(out, " ports=%u>%u", p->sport, p->dport);
    if (p->has_udp_encap)
        fprintf(out, " over=%u>%u", p->udp_sport, p->udp_dport);
    switch (p->kind) {
    case DRILL_TCP:
        fputs(" tcp", out);
        dump_tcp(p, out);
        break;
    case DRILL_UDP:
        fprintf(out, " udp(%u)", p->len);
        break;
    case DRILL_ICMP:
        fputs(" icmp", out);
        dump_icmp(p, out);
        break;
    }
}

/* Anything but plain characters as \xHH. */
static void dump_text(const char *text, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] >= ' ' && text[i] < 0x7f)
            fputc(text[i], out);
        else
            fprintf(out, "\\x%02x", (unsigned char)text[i]);
    }
}

static void dump_expr(const struct drill_expr *x, FILE *out);

static void dump_items(const struct drill_expr *x, const char *between, FILE *out)
{
    for (int i = 0; i < x->n_items; i++) {
        if (i > 0)
            fputs(between, out);
        if (x->kind == EXPR_STRUCT && x->names[i][0] != '\0')
            fputs(x->names[i], out);
        if (x->kind == EXPR_STRUCT && x->counts[i] >= 0)
            fprintf(out, "#%" PRId64, x->counts[i]);
        if (x->kind == EXPR_STRUCT && x->names[i][0] != '\0')
            fputc('=', out);
        dump_expr(x->items[i], out);
    }
}

static void dump_expr(const struct drill_expr *x, FILE *out)
{
    static const char *const AROUND[][2] = {
        [EXPR_ELLIPSIS] = {"...", ""}, [EXPR_INTEGER] = {"", ""}, [EXPR_STRING] = {"\"", "\""},
        [EXPR_WORD] = {"", ""},        [EXPR_OR] = {"(", ")"},    [EXPR_LIST] = {"[", "]"},
        [EXPR_STRUCT] = {"{", "}"},    [EXPR_CALL] = {"", ")"},   [EXPR_NULL] = {"<", ">"},
    };
    fputs(AROUND[x->kind][0], out);
    if (x->kind == EXPR_INTEGER)
        fprintf(out, "%" PRId64, x->integer);
    if (x->text != NULL)
        dump_text(x->text, x->n_text, out);
    if (x->kind == EXPR_CALL)
        fputc('(', out);
    dump_items(x, x->kind == EXPR_OR ? "|" : ",", out);
    fputs(AROUND[x->kind][1], out);
}

static void dump_call(const struct drill_call *c, FILE *out)
{
    fprintf(out, " call %s(", c->name);
    for (int i = 0; i < c->n_args; i++) {
        if (i > 0)
            fputc(',', out);
        dump_expr(c->args[i], out);
    }
    fputs(") = ", out);
    dump_expr(c->result, out);
    if (c->error != NULL)
        fprintf(out, " error=%s", c->error);
    if (c->note != NULL)
        fprintf(out, " note='%s'", c->note);
    if (c->blocking) {
        fputs(" until=", out);
        dump_time(&c->until, out);
    }
}

static void dump_event(const struct drill_event *event, FILE *out)
{
    dump_time(&event->time, out);
    switch (event->kind) {
    case DRILL_PACKET:
        dump_packet(event->packet, out);
        break;
    case DRILL_CALL:
        dump_call(event->call, out);
        break;
    case DRILL_COMMAND:
    case DRILL_CODE:
        fprintf(out, " %s '%s'", event->kind == DRILL_COMMAND ? "command" : "code",
                event->text);
        break;
    }
    fputc('\n', out);
}

void script_dump(const struct drill_script *s, FILE *out)
{
    for (int i = 0; i < s->n_settings; i++) {
        fprintf(out, "set %s", s->settings[i].name);
        if (s->settings[i].value != NULL)
            fprintf(out, "='%s'", s->settings[i].value);
        fputc('\n', out);
    }
    if (s->init != NULL)
        fprintf(out, "init '%s'\n", s->init);
    for (int i = 0; i < s->n_events; i++)
        dump_event(&s->events[i], out);
    if (s->cleanup != NULL)
        fprintf(out, "cleanup '%s'\n", s->cleanup);
}
