/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/trace_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROTO_ICMP6_NUMBER = 58, PORT_MAX = 65535 };

static const struct {
    const char *name;
    uint32_t number;
} PROTOS[] = {{"tcp", PROTO_TCP},
              {"udp", PROTO_UDP},
              {"icmp", PROTO_ICMP},
              {"icmp6", PROTO_ICMP6_NUMBER}};
static const struct {
    const char *name;
    uint32_t number;
} VERSIONS[] = {{"ip", 4}, {"ip6", 6}};

/* The word at *at, which goes on to the next; "" behind the last. */
static const char *next_word(char *const *words, int n, int *at)
{
    return *at < n ? words[(*at)++] : "";
}

static int bad_term(const char *word, struct err *e)
{
    err_set(e, NULL,
            word[0] != '\0' ? "'%s' does not begin a term of a filter"
                            : "the filter ends where a term should stand%s",
            word);
    return err_hint(
        e, "terms are tcp, udp, icmp, icmp6, ip, ip6, host, port; for example: tcp and port 80 "
           "and not src host 10.0.0.1");
}

static int read_port(const char *text, uint32_t *port, struct err *e)
{
    char *end;
    const unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number == 0 || number > PORT_MAX)
        return err_set(e, NULL, "port takes a number from 1 to 65535, not '%s'", text);
    *port = (uint32_t)number;
    return 0;
}

/* Rows have the text of RFC 5952, whatever form was asked for. */
static int read_host(const char *text, char host[ADDRESS_TEXT_BYTES], struct err *e)
{
    struct key_address a;
    if (text[0] == '\0')
        return err_set(e, NULL, "host takes an address");
    if (address_parse(text, &a) == NULL && a.prefix_bits == address_bits(a)) {
        address_format(a, host, ADDRESS_TEXT_BYTES);
        return 0;
    }
    err_set(e, NULL, "host takes an address such as 10.0.0.1, not '%s'", text);
    return err_hint(e, "--host NAME listens at a host of the experiment");
}

static int read_term(struct trace_term *t, char *const *words, int n, int *at, struct err *e)
{
    const char *word = next_word(words, n, at);
    *t = (struct trace_term){.is_not = strcmp(word, "not") == 0};
    if (t->is_not)
        word = next_word(words, n, at);
    for (size_t i = 0; i < ARRAY_LEN(PROTOS); i++)
        if (strcmp(word, PROTOS[i].name) == 0) {
            t->proto = PROTOS[i].number;
            return 0;
        }
    for (size_t i = 0; i < ARRAY_LEN(VERSIONS); i++)
        if (strcmp(word, VERSIONS[i].name) == 0) {
            t->version = VERSIONS[i].number;
            return 0;
        }
    t->at_src = strcmp(word, "dst") != 0;
    t->at_dst = strcmp(word, "src") != 0;
    if (!t->at_src || !t->at_dst)
        word = next_word(words, n, at);
    if (strcmp(word, "port") == 0)
        return read_port(next_word(words, n, at), &t->port, e);
    if (strcmp(word, "host") != 0)
        return bad_term(word, e);
    return read_host(next_word(words, n, at), t->host, e);
}

int trace_filter_read(struct trace_filter *f, char *const *words, int n, struct err *e)
{
    f->n = 0;
    for (int at = 0; at < n;) {
        if (f->n == TRACE_TERMS)
            return err_set(e, NULL, "a filter has at most %d terms", TRACE_TERMS);
        if (read_term(&f->terms[f->n++], words, n, &at, e) != 0)
            return -1;
        if (at == n)
            break;
        if (strcmp(words[at], "and") != 0)
            return err_set(e, NULL, "terms of a filter are joined by 'and', not '%s'",
                           words[at]);
        if (++at == n)
            return bad_term("", e);
    }
    return 0;
}

static bool holds(const struct trace_term *t, const struct trace_row *row)
{
    if (t->proto != 0)
        return row->proto == t->proto;
    if (t->version != 0)
        return (strchr(row->src, ':') != NULL) == (t->version == 6);
    if (t->port != 0)
        return (row->proto == PROTO_TCP || row->proto == PROTO_UDP) &&
               ((t->at_src && row->sport == t->port) || (t->at_dst && row->dport == t->port));
    return (t->at_src && strcmp(row->src, t->host) == 0) ||
           (t->at_dst && strcmp(row->dst, t->host) == 0);
}

bool trace_filter_takes(const struct trace_filter *f, const struct trace_row *row)
{
    for (int i = 0; i < f->n; i++)
        if (holds(&f->terms[i], row) == f->terms[i].is_not)
            return false;
    return true;
}
