/* SPDX-License-Identifier: GPL-3.0-or-later
 * icmp.c -- ICMP messages that a script injects:
 *
 *   < icmp unreachable frag_needed mtu 1300 [1:1461(1460)]
 *          type        code                 what it quotes: TCP, udp(1400), raw(64)
 *
 * The one idea: a message is about a packet that the socket under test has sent, so addresses
 * and ports are those of the flow under test, and the sequence number counts as that of a sent
 * segment. Types and codes are the wire's, by name or as type_3 and code_4; what the endpoint
 * makes of them is models/icmp.h's and its transport's matter. What is no error, and what
 * quotes nothing, no socket hears of.
 *
 * Not modelled: what the host itself answers (echo, timestamps), router advertisements.
 */
#include "models/icmp.h"

#include <stdio.h>
#include <string.h>

#include "drill/inside.h"
#include "models/tcp/icmp.h"

enum { NONE = -1, TYPE_TOO_BIG_6 = 2 };

/* On the wire; NONE: the version has no such type. */
static const struct {
    const char *word;
    int16_t ipv4, ipv6;
} TYPES[] = {
    {"unreachable", 3, 1},
    {"packet_too_big", NONE, TYPE_TOO_BIG_6},
    {"time_exceeded", 11, 3},
    {"parameter_problem", 12, 4},
    {"source_quench", 4, NONE},
    {"redirect", 5, NONE},
    {"echo_request", 8, 128},
    {"echo_reply", 0, 129},
    {"timestamp_request", 13, NONE},
    {"timestamp_reply", 14, NONE},
    {"information_request", 15, NONE},
    {"information_reply", 16, NONE},
    {"address_mask_request", 17, NONE},
    {"address_mask_reply", 18, NONE},
};

static const struct {
    const char *type, *word;
    int16_t ipv4, ipv6;
} CODES[] = {
    {"unreachable", "net_unreachable", 0, 0},
    {"unreachable", "host_unreachable", 1, NONE},
    {"unreachable", "protocol_unreachable", 2, NONE},
    {"unreachable", "port_unreachable", 3, 4},
    {"unreachable", "frag_needed", 4, NONE},
    {"unreachable", "source_route_failed", 5, NONE},
    {"unreachable", "net_unknown", 6, NONE},
    {"unreachable", "host_unknown", 7, NONE},
    {"unreachable", "source_host_isolated", 8, NONE},
    {"unreachable", "net_prohibited", 9, NONE},
    {"unreachable", "host_prohibited", 10, NONE},
    {"unreachable", "net_unreachable_for_tos", 11, NONE},
    {"unreachable", "host_unreachable_for_tos", 12, NONE},
    {"unreachable", "packet_filtered", 13, NONE},
    {"unreachable", "precedence_violation", 14, NONE},
    {"unreachable", "precedence_cutoff", 15, NONE},
    {"unreachable", "no_route", NONE, 0},
    {"unreachable", "admin_prohibited", NONE, 1},
    {"unreachable", "not_neighbour", NONE, 2},
    {"unreachable", "address_unreachable", NONE, 3},
    {"time_exceeded", "ttl_exceeded_in_transit", 0, NONE},
    {"time_exceeded", "frag_reass_exceeded", 1, NONE},
    {"time_exceeded", "exceeded_hop_limit", NONE, 0},
    {"time_exceeded", "exceeded_frag_time", NONE, 1},
    {"parameter_problem", "header_field", NONE, 0},
    {"parameter_problem", "unknown_next_header", NONE, 1},
    {"parameter_problem", "unknown_option", NONE, 2},
};

/* ---- words to numbers; NONE: no such word */

/* "type_3", "code_4" */
static int numbered(const char *word, const char *prefix)
{
    int n = NONE, end = 0;
    if (strncmp(word, prefix, strlen(prefix)) != 0)
        return NONE;
    const bool whole = sscanf(word + strlen(prefix), "%3d%n", &n, &end) == 1 &&
                       word[strlen(prefix) + (size_t)end] == '\0';
    return whole && n >= 0 && n <= UINT8_MAX ? n : NONE;
}

static int type_of(const char *word, bool is_ipv6)
{
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++)
        if (strcmp(TYPES[i].word, word) == 0)
            return is_ipv6 ? TYPES[i].ipv6 : TYPES[i].ipv4;
    return numbered(word, "type_");
}

static int code_of(const char *type, const char *word, bool is_ipv6)
{
    if (word[0] == '\0')
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(CODES); i++)
        if (strcmp(CODES[i].type, type) == 0 && strcmp(CODES[i].word, word) == 0)
            return is_ipv6 ? CODES[i].ipv6 : CODES[i].ipv4;
    return numbered(word, "code_");
}

/* The row of the message in *row, which stays NULL for what is no error. False with the verdict
 * decided. */
static bool understand(struct drill_run *r, const struct drill_packet *p,
                       const struct icmp_row **row)
{
    const bool is_ipv6 = address_is_ipv6(r->config.local);
    const int type = type_of(p->icmp_type, is_ipv6);
    const int code = code_of(p->icmp_type, p->icmp_code, is_ipv6);
    if (type == NONE || code == NONE) {
        drill_fail(r, &p->at, "%s has no message '%s%s%s'", is_ipv6 ? "ICMPv6" : "ICMP",
                   p->icmp_type, p->icmp_code[0] != '\0' ? " " : "", p->icmp_code);
        return false;
    }
    *row = icmp_row_on_wire(is_ipv6, (uint8_t)type, (uint8_t)code);
    const bool too_big =
        *row != NULL && (*row)->type == ICMP_UNREACHABLE && (*row)->code == ICMP_TOO_BIG;
    if (p->has_icmp_mtu && !too_big)
        drill_fail(r, &p->at, "an MTU stands only in %s",
                   is_ipv6 ? "packet_too_big" : "unreachable frag_needed");
    return !r->decided;
}

/* ---- the message */

/* About what the flow has sent. Without a quote a segment with the first sequence number is
 * meant. */
static struct icmp_error message_of(const struct drill_run *r, const struct drill_flow *f,
                                    const struct drill_packet *p, const struct icmp_row *row)
{
    const bool is_udp = p->quote == QUOTE_UDP;
    return (struct icmp_error){
        .type = row->type,
        .code = row->code,
        .proto = is_udp ? PROTO_UDP : PROTO_TCP,
        .src = r->config.local,
        .dst = r->config.remote,
        .sport = f->local_port,
        .dport = f->remote_port,
        .seq = is_udp ? 0 : p->seq + f->local_isn,
        .mtu = p->icmp_mtu,
        .bytes = address_header_bytes(r->config.local) +
                 (is_udp ? UDP_HEADER_BYTES : TCP_HEADER_BYTES) + p->len,
    };
}

void drill_inject_icmp(struct drill_run *r, const struct drill_packet *p)
{
    const struct icmp_row *row = NULL;
    struct drill_flow *f = r->flow;
    if (!understand(r, p, &row))
        return;
    if (f == NULL) {
        drill_fail(r, &p->at, "there is no socket that this message could be about");
        return;
    }
    drill_note_icmp(r, f, p);
    if (row == NULL || p->quote == QUOTE_RAW)
        return;
    const struct icmp_error e = message_of(r, f, p, row);
    if (e.proto == PROTO_TCP)
        tcp_icmp(r->stack, &e);
    else
        drill_udp_icmp(r, &e);
}
