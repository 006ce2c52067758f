/* SPDX-License-Identifier: GPL-3.0-or-later
 * Broken scripts: each row's message, what it underlines, and its hint.
 */
#include "drill/script.h"

#include <stdlib.h>

#include "tests/check.h"

/* clang-format off */
static const struct row {
    const char *script;
    const char *at;   /* line:column+width */
    const char *text;
    const char *hint;
} rows[] = {
    /* the frame */
    {"", "1:1+1", "expected an event, not the end of the script",
     "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *"},
    {"`init`\n\n", "1:7+1", "expected an event, not the end of the script",
     "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *"},
    {"`init` `again` 0 `a`", "1:8+7", "expected an event, not '`again`'",
     "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *"},
    {"socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", "1:1+6", "expected an event, not 'socket'",
     "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *"},
    {"0 `a`\n`b`\n+0 `c`\n", "2:1+3", "this command lacks its time",
     "only the last command of a script, its cleanup, has none"},
    {"0 `a`\n--mtu=1500\n", "2:1+10", "a setting stands behind the first event or command",
     "settings are the head of a script"},
    {"--mtu= 1500\n0 `a`", "1:1+6", "--mtu= lacks its value", ""},
    {"--define=X\n0 `a`", "1:1+10", "this define is not WORD=text", "write --define=PORT=8080"},
    {"--define\n0 `a`", "1:1+8", "this define is not WORD=text", "write --define=PORT=8080"},
    {"--a=\"b\n0 `a`", "1:5+1", "these quotes have no end", ""},
    {"0", "1:2+1", "expected a packet, a system call, a `command` or %{ code }%, "
     "not the end of the script", ""},
    {"0 = 5", "1:3+1", "expected a packet, a system call, a `command` or %{ code }%, not '='",
     ""},
    {"0 `a`\n  # note\n+0 `b`", "2:3+6", "'#' begins no comment",
     "comments are // and /* */, conditions #ifdef, #ifndef, #else, #endif"},
    {"0 `a`\n#edif\n", "2:1+5", "'#' begins no comment", "did you mean '#endif'?"},
    {"0 f() = 0 # note", "1:11+1", "expected an event, not '#'",
     "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *"},
    {"0 `a` /* never", "1:7+2", "this comment has no end", ""},
    {"0 `a\n+0 f() = 0", "1:3+1", "this command has no end", ""},
    {"0 f(\"a\\\") = 0", "1:5+1", "this string has no end", ""},
    {"0 > . 1:1(0) <\"", "1:15+1", "this string has no end", ""},
    {"1~\"", "1:3+1", "this string has no end", ""},
    {"0 %{ assert 1 }", "1:3+2", "this code has no end: }%", ""},
    {"0 \x01", "1:3+1", "expected a packet, a system call, a `command` or %{ code }%, not ' '",
     ""},
    {"0 \xc3\xa9 x", "1:3+1",
     "expected a packet, a system call, a `command` or %{ code }%, not '\xc3\xa9'", ""},
    /* of a string of 30 characters in 60 bytes, what 40 bytes hold: 19 whole ones */
    {"0 \""
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"",
     "1:3+32",
     "expected a packet, a system call, a `command` or %{ code }%, not '\""
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9...'", ""},
    /* conditions */
    {"#ifdef A\n0 `a`\n", "1:1+6", "this condition has no #endif", ""},
    {"0 `a`\n#ifndef A\n#ifdef B\n#endif", "2:1+7", "this condition has no #endif", ""},
    {"0 `a`\n#endif\n", "2:1+6", "there is no #ifdef before it",
     "#ifdef WORD ... #else ... #endif"},
    {"0 `a`\n # else\n", "2:2+6", "there is no #ifdef before it",
     "#ifdef WORD ... #else ... #endif"},
    {"0 `a`\n#ifdef A\n#else\n#else\n#endif", "4:1+5", "this #ifdef already has its #else",
     "#ifdef WORD ... #else ... #endif"},
    {"0 `a`\n#ifdef\n#endif", "2:1+6", "the condition lacks its word",
     "#ifdef WORD, with --define=WORD=1"},
    /* times */
    {"-1 `a`", "1:1+2", "a time cannot be negative", ""},
    {"+-.5 `a`", "1:2+3", "a time cannot be negative", ""},
    {"+ `a`", "1:3+3", "expected a time in seconds, not '`a`'", ""},
    {"1. `a`", "1:2+1", "expected a packet, a system call, a `command` or %{ code }%, not '.'",
     ""},
    {"9000000000 `a`", "1:1+10", "this time is too far away", "at most 8999999999 seconds"},
    {"99999999999999999999999999.5 `a`", "1:1+28", "this time is too far away",
     "at most 8999999999 seconds"},
    {"2~1 > . 1:1(0)", "1:3+1", "this range ends before it begins", ""},
    {"+1~2 > . 1:1(0)", "1:4+1", "one end of this range is relative, the other is not",
     "write 1~2 or +1~+2"},
    {"1~+2 > . 1:1(0)", "1:3+1", "one end of this range is relative, the other is not",
     "write 1~2 or +1~+2"},
    {"* < . 1:1(0) win 1", "1:1+1", "'*' is for outbound packets only",
     "an event of the script itself needs one time, such as +0.5"},
    {"+1~+2 f() = 0", "1:1+5", "a range of time is for outbound packets only",
     "an event of the script itself needs one time, such as +0.5"},
    {"1 `a`\n+5 `b`\n0.5 `c`", "3:1+3", "this time is before that of line 1", ""},
    {"0.3...0.2 f() = 0", "1:7+3", "this call ends before it begins", ""},
    {"1~2...3 f() = 0", "1:4+3", "a blocking call begins at one time", ""},
    {"*...3 f() = 0", "1:2+3", "a blocking call begins at one time", ""},
    {"0...0.1 > . 1:1(0)", "1:9+1", "expected a system call, not '>'", ""},
    {"0...+0.1 f() = 0", "1:5+1", "expected a time in seconds, not '+'", ""},
    /* packets */
    {"0 < . 1:1(0) ack 1", "1:3+16", "an inbound packet needs its window",
     "win N, behind ack N"},
    {"0 < . 1:11(9) win 1", "1:7+7",
     "the length does not fit the sequence numbers: 1 + 9 is 10", ""},
    {"0 > 1:1(0)", "1:5+1", "expected TCP flags, not '1'",
     "a packet is: [(ip)] [sport > dport] flags seq:end(len) [ack N] [win N] [urg N] "
     "[<options>]"},
    {"0 > 80 S 0:0(0)", "1:8+1", "expected '>' between the ports, not 'S'", ""},
    {"0 > SX 0:0(0)", "1:5+2", "expected TCP flags, not 'SX'",
     "F S R P . U E W A, each once; 0-7 instead of E W A; or -"},
    {"0 > SS 0:0(0)", "1:5+2", "expected TCP flags, not 'SS'",
     "F S R P . U E W A, each once; 0-7 instead of E W A; or -"},
    {"0 > E5. 0:0(0)", "1:5+2", "expected TCP flags, not 'E5'",
     "F S R P . U E W A, each once; 0-7 instead of E W A; or -"},
    {"0 > S.8 0:0(0)", "1:6+2", "expected TCP flags, not '.8'",
     "F S R P . U E W A, each once; 0-7 instead of E W A; or -"},
    {"0 > , 0:0(0)", "1:5+1", "expected TCP flags, not ','",
     "a packet is: [(ip)] [sport > dport] flags seq:end(len) [ack N] [win N] [urg N] "
     "[<options>]"},
    {"0 > . ack 1", "1:7+3", "expected the sequence numbers, not 'ack'",
     "a packet is: [(ip)] [sport > dport] flags seq:end(len) [ack N] [win N] [urg N] "
     "[<options>]"},
    {"0 > . 1(0)", "1:8+1", "expected ':' behind the sequence number, not '('", ""},
    {"0 > . 1:1", "1:10+1",
     "expected '(' before the payload's length, not the end of the script", ""},
    {"0 > . 1:1(0", "1:12+1",
     "expected ')' behind the payload's length, not the end of the script", ""},
    {"0 > . 4294967296:0(0)", "1:7+10", "the sequence number is out of range",
     "0 to 4294967295"},
    {"0 > . -1:0(1)", "1:7+2", "the sequence number is out of range", "0 to 4294967295"},
    {"0 > . 0:65536(65536)", "1:15+5", "the payload's length is out of range", "0 to 65535"},
    {"0 > . 1:1(0) win 65536", "1:18+5", "the window is out of range", "0 to 65535"},
    {"0 > . 1:1(0) win 99999999999999999999", "1:18+20", "the window is out of range",
     "0 to 65535"},
    {"0 > . 1:1(0) ack x", "1:18+1", "expected the acknowledgment, not 'x'", ""},
    {"0 > . 1:1(0) win 1 ack 1", "1:20+3", "expected the packet's end, not 'ack'",
     "a packet is: [(ip)] [sport > dport] flags seq:end(len) [ack N] [win N] [urg N] "
     "[<options>]"},
    {"0 > 70000 > 80 S 0:0(0)", "1:5+5", "the source port is out of range", "0 to 65535"},
    {"0 > [ect2] . 1:1(0)", "1:6+4", "expected a word of the IP header, not 'ect2'",
     "one of noecn, ect0, ect1, ce, ect01, tos N, class N, dscp N, ttl N, hlim N, flowlabel N"},
    {"0 > (ce] . 1:1(0)", "1:8+1", "expected ')' behind the words of the IP header, not ']'",
     ""},
    {"0 < (ect01) . 1:1(0) win 1", "1:6+5", "ect01 is for outbound packets only", ""},
    {"0 > (tos 256) . 1:1(0)", "1:10+3", "the TOS is out of range", "0 to 255"},
    {"0 > gre . 1:1(0)", "1:5+3", "this header has no end",
     "a header around a packet ends with ':' and a blank"},
    {"0 > ./tcp(1 > 2) 1:1(0)", "1:7+3", "expected udp behind '/', not 'tcp'",
     "TCP over UDP is /udp(sport > dport)"},
    {"0 < icmp [1:1(0)]", "1:10+1", "expected the type of the ICMP message, not '['",
     "such as unreachable"},
    {"0 < icmp unreachable [sctp(5)]", "1:23+4", "expected what the message quotes, not 'sctp'",
     "[seq:end(len)], [udp(len)], [raw(len)]"},
    {"0 < icmp unreachable_without_any_end_at_all", "1:10+34", "no ICMP message is called so",
     ""},
    /* TCP options */
    {"0 > . 1:1(0) <mss 1460,sackok,nop,nop>", "1:24+6", "expected a TCP option, not 'sackok'",
     "did you mean 'sackOK'?"},
    {"0 > . 1:1(0) <>", "1:15+1", "expected a TCP option, not '>'",
     "one of mss, wscale, sackOK, sack, TS, nop, eol, FO, FOEXP, md5, ECN, gen-KIND, or all of its "
     "bytes in "
     "hexadecimal"},
    {"0 > . 1:1(0) <mss>", "1:18+1", "expected the MSS, not '>'", ""},
    {"0 > . 1:1(0) <wscale 256,nop>", "1:22+3", "the window scale is out of range", "0 to 255"},
    {"0 > . 1:1(0) <mss 1460 sackOK>", "1:24+6",
     "expected '>' behind the options, not 'sackOK'", ""},
    {"0 < . 1:1(0) win 1 <...>", "1:21+3", "<...> is for outbound packets only", ""},
    {"0 > . 1:1(0) <mss 1460,sackOK>", "1:14+17",
     "the options take 6 bytes, not a multiple of 4",
     "a header has whole words: pad with nop or eol, as the sender does"},
    {"0 > . 1:1(0) <TS val 1 ecr 2,TS val 1 ecr 2,TS val 1 ecr 2,TS val 1 ecr 2,nop>", "1:75+3",
     "with this option they take 41 bytes; a header has room for 40", ""},
    {"0 > . 1:1(0) <sack 1:2 3:4 5:6 7:8 9:10 1:2 1:2>", "1:45+1", "more than 6 SACK blocks",
     ""},
    {"0 > . 1:1(0) <sack 1-2>", "1:21+2", "expected ':' within the SACK block, not '-2'", ""},
    {"0 > . 1:1(0) <sack>", "1:19+1", "expected the left edge of a SACK block, not '>'", ""},
    {"0 > . 1:1(0) <TS 1 2>", "1:18+1", "expected val behind TS, not '1'", "TS val N ecr N"},
    {"0 > . 1:1(0) <TS val 1 2>", "1:24+1", "expected ecr behind the timestamp, not '2'",
     "TS val N ecr N"},
    {"0 > . 1:1(0) <FO abc>", "1:18+3", "the number of hexadecimal digits is odd", ""},
    {"0 > . 1:1(0) "
     "<0000000000000000000000000000000000000000000000000000000000000000000000000000000000>",
     "1:15+82", "an option of 41 bytes does not fit into a header", ""},
    {"0 > . 1:1(0) <FO xyz0>", "1:18+4", "expected hexadecimal digits, not 'xyz0'", ""},
    {"0 > . 1:1(0) <md5>", "1:18+1", "expected the digest behind md5, not '>'", ""},
    {"0 > . 1:1(0) <ECN 5>", "1:19+1", "expected e0b or e1b behind ECN, not '5'",
     "ECN e0b N [ceb N [e1b N]], or in the reverse order"},
    {"0 > . 1:1(0) <ECN e0b 16777216>", "1:23+8", "the counter is out of range",
     "0 to 16777215"},
    /* calls */
    {"0 close 3", "1:9+1", "expected '(' behind the name of the call, not '3'", ""},
    {"0 close(3", "1:10+1", "expected ',' or ')' behind an argument, not the end of the script",
     ""},
    {"0 close(3)", "1:11+1", "expected '=' before the call's result, not the end of the script",
     ""},
    {"0 close(3) =\n", "1:13+1", "expected a value, not the end of the script", ""},
    {"0 close(3,) = 0", "1:11+1", "expected a value, not ')'", ""},
    {"0 close(3 4) = 0", "1:11+1", "expected ',' or ')' behind an argument, not '4'", ""},
    {"0 f([1 2]) = 0", "1:8+1", "expected ',' or ']', not '2'", ""},
    {"0 f({a=1 b=2}) = 0", "1:10+1", "expected ',' or '}', not 'b'", ""},
    {"0 f({1=2}) = 0", "1:7+1", "expected ',' or '}', not '='",
     "before '=' stands a name, or name(count)"},
    {"0 f({a(1, 2)=2}) = 0", "1:13+1", "expected ',' or '}', not '='",
     "before '=' stands a name, or name(count)"},
    {"0 f() = A = 5", "1:11+1", "expected an event, not '='",
     "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *"},
    {"0 f(A |) = 0", "1:8+1", "expected a value, not ')'", ""},
    {"0 f(1.5) = 0", "1:5+3", "expected a value, not '1.5'", ""},
    {"0 f(9223372036854775808) = 0", "1:5+19", "this number is too large", ""},
    {"0 f(0x8000000000000000) = 0", "1:5+18", "this number is too large", ""},
    {"0 f(\"\\q\") = 0", "1:5+4", "this string has an unknown escape",
     "those of C: \\n \\t \\r \\\\ \\\" \\x41 \\101 ..."},
    {"0 f(\"\\x\") = 0", "1:5+4", "this string has an unknown escape",
     "those of C: \\n \\t \\r \\\\ \\\" \\x41 \\101 ..."},
    {"0 f() = -1 again", "1:12+5",
     "expected an error such as EAGAIN, or the next event, not 'again'",
     ""},
    {"0 f() = -1 EAGAIN (Resource\n+0 f() = 0", "1:19+1", "this note has no end",
     "a note in parentheses ends on its line"},
    {"0 f([[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", "1:37+1",
     "lists and structs are nested too deeply",
     "at most 32 levels"},
    {"0 a_word_much_longer_than_what_a_message_has_room_for_ 5", "1:56+1",
     "expected '(' behind the name of the call, not '5'", ""},
    {"a_word_much_longer_than_what_a_message_has_room_for_", "1:1+52",
     "expected an event, not 'a_word_much_longer_than_what_a_message_h...'",
     "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *"},
};
/* clang-format on */

static void check_error(const char *script, const struct err *e, const char *at,
                        const char *text, const char *hint)
{
    char got[64];
    snprintf(got, sizeof(got), "%d:%d+%d", e->line, e->column, e->width);
    check_str(script, e->text, text);
    check_str(script, got, at);
    check_str(script, e->path, "t.pkt");
    check_str(script, e->hint, hint);
}

static void broken_scripts_are_explained(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct err e = {0};
        struct drill_script *s =
            drill_script_parse("t.pkt", r->script, strlen(r->script), NULL, 0, &e);
        check_true(r->script, s == NULL);
        check_error(r->script, &e, r->at, r->text, r->hint);
    }
}

/* What a define holds is shown where its word stands. */
static void a_bad_define_is_explained(void **state)
{
    static const struct drill_define defines[] = {
        {"TWO", "1, 2"}, {"OPEN", "\"a"}, {"NONE", ""}};
    static const struct row define_rows[] = {
        {"0 f(TWO) = 0", "1:5+3", "the text of the define TWO cannot stand here: 1, 2",
         "a define's text is one word, number, \"string\" or `command`"},
        {"0 f(OPEN) = 0", "1:5+4", "the text of the define OPEN cannot stand here: \"a",
         "a define's text is one word, number, \"string\" or `command`"},
        {"0 f(NONE) = 0", "1:5+4", "the text of the define NONE cannot stand here: ",
         "a define's text is one word, number, \"string\" or `command`"},
    };
    for (size_t i = 0; i < ARRAY_LEN(define_rows); i++) {
        const struct row *r = &define_rows[i];
        struct err e = {0};
        check_true(r->script, drill_script_parse("t.pkt", r->script, strlen(r->script), defines,
                                                 ARRAY_LEN(defines), &e) == NULL);
        check_error(r->script, &e, r->at, r->text, r->hint);
    }
}

static void limits_hold(void **state)
{
    enum { LARGE = (1 << 20) + 1 };
    struct err e = {0};
    char *text = malloc(LARGE);
    memset(text, ' ', LARGE);
    memcpy(text, "0 `a`", 5);
    struct drill_script *s = drill_script_parse("t.pkt", text, LARGE - 1, NULL, 0, &e);
    check_true("1 MiB is a script", s != NULL);
    drill_script_free(s);
    check_true("a byte more is none",
               drill_script_parse("t.pkt", text, LARGE, NULL, 0, &e) == NULL);
    check_str("too large", e.text, "the script is larger than 1 MiB");
    e = (struct err){0};
    memset(text, '\0', 6);
    check_true("zero bytes", drill_script_parse("t.pkt", text, 6, NULL, 0, &e) == NULL);
    check_true("have a message", e.text[0] != '\0');
    e = (struct err){0};
    size_t n = 0;
    for (int i = 0; i < 257; i++)
        n += (size_t)sprintf(text + n, "--define=A%d=1\n", i);
    check_true("many defines", drill_script_parse("t.pkt", text, n, NULL, 0, &e) == NULL);
    check_str("too many", e.text, "more than 256 defines");
    check_eq("the one too many", e.line, 257);
    e = (struct err){0};
    n = 0;
    for (int i = 0; i < 17; i++)
        n += (size_t)sprintf(text + n, "#ifndef A\n");
    check_true("deep conditions", drill_script_parse("t.pkt", text, n, NULL, 0, &e) == NULL);
    check_str("too deep", e.text, "conditions are nested too deeply");
    check_eq("the first one too deep", e.line, 17);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_scripts_are_explained),
        cmocka_unit_test(a_bad_define_is_explained),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
