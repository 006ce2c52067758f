/* SPDX-License-Identifier: GPL-3.0-or-later
 * script.h -- a packet script as parsed: packetdrill's language, as google's and the BSD
 * people's runners take it.
 *
 *   script  := { --option[=value] } [ `init command` ] { event } [ `cleanup command` ]
 *   event   := time action          action := packet | system call | `command` | %{ Python }%
 *
 * Comments are those of C and C++; #ifdef WORD, #ifndef, #else and #endif at the beginning of a
 * line leave parts out: a word counts as defined when a define names it, whatever its text.
 *
 * The parser knows the grammar and no meaning: which system calls, symbols, options and
 * commands exist is the runner's matter, so that what the model lacks is "unsupported", not a
 * syntax error. Everything keeps its mark for messages. All memory is the script's; free it
 * with drill_script_free.
 */
#pragma once
#include "sim/err.h"
#include "sim/time.h"
#include <stdbool.h>
#include <stdint.h>

/* ---- when */

enum drill_when {
    WHEN_ABSOLUTE,       /* 0.5 */
    WHEN_RELATIVE,       /* +0.5: after the event before */
    WHEN_ABSOLUTE_RANGE, /* 1~2 */
    WHEN_RELATIVE_RANGE, /* +1~+2 */
    WHEN_ANY,            /* * */
};

struct drill_time {
    enum drill_when when;
    sim_time from, to; /* 0 and 0 of WHEN_ANY; to == from where it is no range */
};

/* ---- packets */

enum drill_kind { DRILL_TCP, DRILL_UDP, DRILL_ICMP };

enum drill_option_kind {
    OPTION_MSS,
    OPTION_WSCALE,
    OPTION_SACK_OK,
    OPTION_SACK,
    OPTION_TIMESTAMPS,
    OPTION_NOP,
    OPTION_EOL,
    OPTION_FAST_OPEN,     /* kind 34 */
    OPTION_FAST_OPEN_EXP, /* kind 254 */
    OPTION_MD5,
    OPTION_ACCECN, /* kind 172 or 174 */
    OPTION_HEX,    /* a whole option as it stands on the wire, kind and length included */
};

enum { DRILL_MAX_OPTIONS = 40, DRILL_MAX_BLOCKS = 6, DRILL_MAX_HEX = 40 };

struct drill_option {
    enum drill_option_kind kind;
    uint32_t value; /* mss, wscale; ACCECN: the kind */
    uint32_t tsval, tsecr;
    bool tsval_ignored;  /* nplab's "TS val ..." */
    bool tsecr_absolute; /* nplab's "ecr 5!" */
    struct {
        uint32_t left, right;
    } sack[DRILL_MAX_BLOCKS];
    int n_sack;
    uint8_t bytes[DRILL_MAX_HEX]; /* cookie, digest, raw; ACCECN: behind kind and length */
    int n_bytes;
    char text[64]; /* ACCECN: as written; the name in capitals of a cookie or
                      digest that no define gave; else "" */
    struct mark at;
};

/* (ect0), [ce], tos 0x10, ttl 64 ... beside the direction. */
struct drill_ip {
    bool has_ecn, has_tos, has_dscp, has_ttl, has_flowlabel;
    char ecn[8];                        /* noecn ect0 ect1 ce ect01 (outbound only) */
    uint32_t tos, dscp, ttl, flowlabel; /* class is tos */
};

enum drill_quote { QUOTE_NONE, QUOTE_TCP, QUOTE_UDP, QUOTE_RAW };

struct drill_packet {
    bool outbound; /* '>' */
    enum drill_kind kind;
    char *encap; /* headers around it as written, such as
                    "ipv4 1.2.3.4 > 5.6.7.8: gre:"; NULL: none */
    struct drill_ip ip;
    bool has_ports; /* explicit "sport > dport" */
    uint16_t sport, dport;
    /* TCP; len is also UDP's payload and, with seq, what an ICMP message quotes */
    uint16_t flags; /* packet.h's; '-' is 0 */
    bool has_ace;   /* a digit 0-7 stood among the flags: AE|CWR|ECE as a number */
    uint32_t seq, seq_end, len;
    bool seq_absolute; /* nplab's "1:1(0)!": not shifted by the initial number */
    bool seq_ignored;  /* "...(10)" */
    bool has_ack, has_win, has_urg;
    uint32_t ack, win, urg;
    bool any_options; /* <...> */
    struct drill_option *options;
    int n_options;
    /* ICMP: type and code words as written, e.g. "unreachable", "frag_needed"; code "": none */
    char icmp_type[24], icmp_code[32];
    bool has_icmp_mtu, has_icmp_id;
    uint32_t icmp_mtu, icmp_id;
    enum drill_quote quote;
    bool has_udp_encap; /* nplab's /udp(1 > 2) */
    uint16_t udp_sport, udp_dport;
    struct mark at;
};

/* ---- system calls */

enum drill_expr_kind {
    EXPR_ELLIPSIS, /* ... : the runner supplies it */
    EXPR_INTEGER,
    EXPR_STRING, /* escapes already resolved */
    EXPR_WORD,   /* SOCK_STREAM */
    EXPR_OR,     /* a | b */
    EXPR_LIST,   /* [a, b] */
    EXPR_STRUCT, /* {name=value, ...}, or {a, b} with empty names; also a bare name=value */
    EXPR_CALL,   /* inet_addr("1.2.3.4"), htons(80) */
    EXPR_NULL,   /* NULL */
};

struct drill_expr {
    enum drill_expr_kind kind;
    int64_t integer;
    char *text;                /* STRING (may hold zero bytes), WORD, CALL's name */
    uint32_t n_text;           /* bytes of text, its end not counted */
    struct drill_expr **items; /* OR, LIST, STRUCT's values, CALL's arguments */
    char **names;              /* STRUCT: names of the items, "" for positional; "msg_iov(1)"
                                  is name "msg_iov" with its count in counts */
    int64_t *counts;           /* STRUCT: the number in parentheses behind a name; -1: none or
                                  (...) */
    int n_items;
    struct mark at;
};

struct drill_call {
    char *name;
    struct drill_expr **args;
    int n_args;
    bool blocking;             /* +0...0.2 call() */
    struct drill_time until;   /* blocking: when it must return; counts from where the event's
                                  time counts from */
    struct drill_expr *result; /* integer, word or ... */
    char *error;               /* "EAGAIN", NULL: not given */
    char *note;                /* "Resource temporarily unavailable", NULL */
    struct mark at;
};

/* ---- events */

enum drill_event_kind { DRILL_PACKET, DRILL_CALL, DRILL_COMMAND, DRILL_CODE };

struct drill_event {
    struct drill_time time;
    enum drill_event_kind kind;
    struct drill_packet *packet;
    struct drill_call *call;
    char *text; /* COMMAND without the backticks; CODE between %{ and }% */
    struct mark at;
};

struct drill_setting {  /* --name=value at the head */
    char *name, *value; /* value NULL: none given */
    struct mark at;
};

struct drill_define { /* --define X=v, -D: text put in place of the word */
    const char *word, *text;
};

struct drill_script {
    struct drill_setting *settings;
    int n_settings;
    char *init, *cleanup; /* commands without a time; NULL: none */
    struct mark init_at, cleanup_at;
    struct drill_event *events;
    int n_events;
    void *memory;
};

/* Parses a file (path "-": standard input), at most 1 MiB. Borrows the defines, those of the
 * command line: they come before the script's own, --define=X=v. NULL with e set; never
 * crashes, whatever the text. The first absolute time need not be 0. */
struct drill_script *drill_script_load(const char *path, const struct drill_define *defines,
                                       int n_defines, struct err *e);

/* The same from memory; name stands for the path in messages. */
struct drill_script *drill_script_parse(const char *name, const char *text, size_t n,
                                        const struct drill_define *defines, int n_defines,
                                        struct err *e);

void drill_script_free(struct drill_script *s); /* NULL is fine */
