/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parser of packet scripts: a script, and what script_dump must print of it, by hand.
 */
#include "drill/script.h"

#include <stdlib.h>

#include "tests/check.h"
#include "tests/drill/script_dump.h"

struct row {
    const char *story, *script, *want;
};

/* ---- the frame ---- */

/* clang-format off */
static const struct row frame_rows[] = {
    {"one event", "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
     "0 call socket(...,SOCK_STREAM,IPPROTO_TCP) = 3\n"},
    {"settings, init and cleanup",
     "--mtu=1400\n--local_ip=192.168.0.1 // ours\n--gateway_ip=fd3d::1\n--tcp_ts_ecr_scaled\n"
     "--opt=\"two words\"\n--empty=\"\"\n`set\n up`\n0 `go` `clean \\`up\\` `\n",
     "set mtu='1400'\nset local_ip='192.168.0.1'\nset gateway_ip='fd3d::1'\n"
     "set tcp_ts_ecr_scaled\nset opt='two words'\nset empty=''\ninit 'set\n up'\n"
     "0 command 'go'\ncleanup 'clean \\`up\\` '\n"},
    {"comments and line ends of both kinds",
     "// a\r\n/* b\n * ** / */ 0 `x` // c `\r\n/**/+1 /* d */ `y` //",
     "0 command 'x'\n+1000000000 command 'y'\n"},
    {"code loses the blanks at its ends, not the lines",
     "0 %{ assert a == 1, {1: 2} }%\n+0 %{\nx = 5 % 3\n\tif x: pass\n}%\n+0 %{}%",
     "0 code 'assert a == 1, {1: 2}'\n+0 code '\nx = 5 % 3\n\tif x: pass\n'\n+0 code ''\n"},
    {"a command may span lines and hold # and //",
     "0 `a # b\n// c`", "0 command 'a # b\n// c'\n"},
    {"every form of a number of seconds",
     "0 `a` 0.1 `a` 0.100000001 `a` 1 `a` +.5 `a` +0 `a` + 2.25 `a` +8999999999.999999999 `a`",
     "0 command 'a'\n100000000 command 'a'\n100000001 command 'a'\n1000000000 command 'a'\n"
     "+500000000 command 'a'\n+0 command 'a'\n+2250000000 command 'a'\n"
     "+8999999999999999999 command 'a'\n"},
    {"what is finer than a nanosecond is cut",
     "0.33333333333333333333 `a`\n+0.00000000099999 `a`",
     "333333333 command 'a'\n+0 command 'a'\n"},
    {"no decimal is lost: 0.29 s is 290 ms, which a double is not",
     "0.29 `a` 0.57 `a` 1.15 `a`",
     "290000000 command 'a'\n570000000 command 'a'\n1150000000 command 'a'\n"},
    {"equal times, and relative ones that lead past a later one",
     "1 `a` 1 `b` +9 `c` 2 `d`",
     "1000000000 command 'a'\n1000000000 command 'b'\n+9000000000 command 'c'\n"
     "2000000000 command 'd'\n"},
    {"ranges and any time",
     "0 > . 1:1(0)\n1~2 > . 1:1(0)\n+1 ~ +1.5 > . 1:1(0)\n* > . 1:1(0)\n2~2 > . 1:1(0)",
     "0 out tcp flags=0x10 1:1(0)\n1000000000~2000000000 out tcp flags=0x10 1:1(0)\n"
     "+1000000000~+1500000000 out tcp flags=0x10 1:1(0)\n* out tcp flags=0x10 1:1(0)\n"
     "2000000000~2000000000 out tcp flags=0x10 1:1(0)\n"},
    {"a blocking call ends on the base on which it begins",
     "0.2...0.3 read(4, ..., 10) = 10\n+0...0.25 read(4, ..., 1) = 1\n+.1....2 f() = 0",
     "200000000 call read(4,...,10) = 10 until=300000000\n"
     "+0 call read(4,...,1) = 1 until=+250000000\n+100000000 call f() = 0 until=+200000000\n"},
};

static const struct row packet_rows[] = {
    {"a packet in full",
     "0 < [ect0] 1000 > 2000 FP. 1:11(10) ack 5 win 257 urg 3 <nop,nop,TS val 1 ecr 2>",
     "0 in ecn=ect0 ports=1000>2000 tcp flags=0x19 1:11(10) ack=5 win=257 urg=3 "
     "<nop nop ts=1/2>\n"},
    {"a packet at the least", "0 > R 0:0(0)", "0 out tcp flags=0x4 0:0(0)\n"},
    {"every flag", "0 > FSRPUEWA. 0:0(0)", "0 out tcp flags=0x1ff 0:0(0)\n"},
    {"no flag", "0 > - 5:5(0)", "0 out tcp flags=0 5:5(0)\n"},
    {"the ACE field as a digit, before and behind the point",
     "0 > P5. 1:1(0)\n+0 > .4 1:1(0)\n+0 > S7 1:1(0)\n+0 > .0 1:1(0)",
     "0 out tcp flags=0x158/ace 1:1(0)\n+0 out tcp flags=0x110/ace 1:1(0)\n"
     "+0 out tcp flags=0x1c2/ace 1:1(0)\n+0 out tcp flags=0x10/ace 1:1(0)\n"},
    {"the same bits as letters", "0 > PAE. 1:1(0)", "0 out tcp flags=0x158 1:1(0)\n"},
    {"sequence numbers may wrap",
     "0 < . 4294967290:4(10) ack 4294967295 win 0",
     "0 in tcp flags=0x10 4294967290:4(10) ack=4294967295 win=0\n"},
    {"absolute and ignored sequence numbers of the BSD dialect",
     "0 > S. 7:7(0)! ack 1\n+0 > S. ...(0) ack 1 win 65535",
     "0 out tcp flags=0x12 7:7(0)! ack=1\n+0 out tcp flags=0x12 ?(0) ack=1 win=65535\n"},
    {"the IP header's words, in parentheses or brackets",
     "0 > (tos 0x10) . 1:1(0)\n+0 < [ce, flowlabel 0xabcde] . 1:1(0) win 1\n"
     "+0 > (ttl 64, noecn) . 1:1(0)\n+0 > [ect01] . 1:1(0)\n+0 > (hlim 1) . 1:1(0)",
     "0 out tos=16 tcp flags=0x10 1:1(0)\n"
     "+0 in ecn=ce flowlabel=703710 tcp flags=0x10 1:1(0) win=1\n"
     "+0 out ecn=noecn ttl=64 tcp flags=0x10 1:1(0)\n+0 out ecn=ect01 tcp flags=0x10 1:1(0)\n"
     "+0 out ttl=1 tcp flags=0x10 1:1(0)\n"},
    {"and as nplab's runner calls them",
     "0 > (class 0x20) . 1:1(0)\n+0 > (dscp ef, ecn ect0) . 1:1(0)\n"
     "+0 > (dscp 0x2c) . 1:1(0)\n+0 > (dscp voice-admit, hlim 9) . 1:1(0)",
     "0 out tos=32 tcp flags=0x10 1:1(0)\n+0 out ecn=ect0 dscp=46 tcp flags=0x10 1:1(0)\n"
     "+0 out dscp=44 tcp flags=0x10 1:1(0)\n+0 out dscp=44 ttl=9 tcp flags=0x10 1:1(0)\n"},
    {"an option of any kind",
     "0 > . 1:1(0) <gen-253 0102>\n+0 > . 1:1(0) <gen-77,gen-78>",
     "0 out tcp flags=0x10 1:1(0) <hex=fd040102>\n"
     "+0 out tcp flags=0x10 1:1(0) <hex=4d02 hex=4e02>\n"},
    {"options in their order",
     "0 < S 0:0(0) win 1 <mss 1460,sackOK,TS val 4294967295 ecr 0,nop,wscale 14>",
     "0 in tcp flags=0x2 0:0(0) win=1 <mss=1460 sackok ts=4294967295/0 nop wscale=14>\n"},
    {"SACK blocks, as many as fit",
     "0 > . 1:1(0) <sack 1:2,nop,nop>\n+0 > . 1:1(0) <nop,nop,sack 1:2 3:4 5:6 7:4294967295>",
     "0 out tcp flags=0x10 1:1(0) <sack=1:2 nop nop>\n"
     "+0 out tcp flags=0x10 1:1(0) <nop nop sack=1:2,3:4,5:6,7:4294967295>\n"},
    {"fast open: a request, a cookie, digits only, another kind, a name without a define",
     "0 > S 0:0(0) <FO,nop,nop>\n+0 > S 0:0(0) <FO abCD1F,eol,eol,eol>\n"
     "+0 > S 0:0(0) <FO 12345678901234567890,nop,nop,nop,nop>\n+0 > S 0:0(0) <FOEXP "
     "00ff,nop,nop>\n"
     "+0 > S 0:0(0) <FOEXP AZ_COOKIE_09,nop>",
     "0 out tcp flags=0x2 0:0(0) <fo nop nop>\n"
     "+0 out tcp flags=0x2 0:0(0) <fo=abcd1f eol eol eol>\n"
     "+0 out tcp flags=0x2 0:0(0) <fo=12345678901234567890 nop nop nop nop>\n"
     "+0 out tcp flags=0x2 0:0(0) <foexp=00ff nop nop>\n"
     "+0 out tcp flags=0x2 0:0(0) <foexp'AZ_COOKIE_09' nop>\n"},
    {"digest, accurate ECN, raw bytes",
     "0 > . 1:1(0) <md5 000102030405060708090a0b0c0d0e0f,nop,nop>\n"
     "+0 > . 1:1(0) <ECN e0b 1 ceb 258 e1b 16777215,nop>\n+0 > . 1:1(0) <ECN e1b "
     "5,nop,nop,nop>\n"
     "+0 > . 1:1(0) <0402,AF01>\n"
     "+0 > . 1:1(0) "
     "<00112233445566778899001122334455667788990011223344556677889900112233445566778899>",
     "0 out tcp flags=0x10 1:1(0) <md5=000102030405060708090a0b0c0d0e0f nop nop>\n"
     "+0 out tcp flags=0x10 1:1(0) <accecn=172=000001000102ffffff"
     "'ECN e0b 1 ceb 258 e1b 16777215' nop>\n"
     "+0 out tcp flags=0x10 1:1(0) <accecn=174=000005'ECN e1b 5' nop nop nop>\n"
     "+0 out tcp flags=0x10 1:1(0) <hex=0402 hex=af01>\n"
     "+0 out tcp flags=0x10 1:1(0) "
     "<hex=0011223344556677889900112233445566778899"
     "0011223344556677889900112233445566778899>\n"},
    {"any options, and timestamps of the BSD dialect",
     "0 > . 1:1(0) ack 1 <...>\n+0 > . 1:1(0) <TS val ... ecr 7!,nop,nop>",
     "0 out tcp flags=0x10 1:1(0) ack=1 <any>\n"
     "+0 out tcp flags=0x10 1:1(0) <ts=0?/7! nop nop>\n"},
    {"UDP", "0 < udp 5 > 6 (1000)\n+0 > udp(0)", "0 in ports=5>6 udp(1000)\n+0 out udp(0)\n"},
    {"TCP over UDP, before or behind the rest",
     "0 < S/udp(1 > 2) 0:0(0) win 1\n+0 > . 1:1(0)/udp(3 > 4)",
     "0 in over=1>2 tcp flags=0x2 0:0(0) win=1\n+0 out over=3>4 tcp flags=0x10 1:1(0)\n"},
    {"ICMP with a quote of each kind",
     "0 < icmp unreachable frag_needed mtu 1024 [1:1461(1460)]\n"
     "+0 < icmp unreachable port_unreachable [udp(5)]\n+0 < icmp echo_reply id 65535 [raw(8)]\n"
     "+0 < [ce] icmp packet_too_big mtu 1280\n+0 < icmp unreachable CODE [0:0(0)]",
     "0 in icmp type=unreachable code=frag_needed mtu=1024 quote=1:1461(1460)\n"
     "+0 in icmp type=unreachable code=port_unreachable quote=udp(5)\n"
     "+0 in icmp type=echo_reply id=65535 quote=raw(8)\n"
     "+0 in ecn=ce icmp type=packet_too_big mtu=1280\n"
     "+0 in icmp type=unreachable code=CODE quote=0:0(0)\n"},
    {"headers around a packet are kept as text",
     "0 < ipv4 1.2.3.4 > 5.6.7.8: gre: . 1:1(0) win 1\n"
     "+0 > ipv6 fd3d::1 > fd3d::2: (ect0) . 1:1(0)\n"
     "+0 > mpls (label 0, tc 0, [S], ttl 64): . 1:1(0)",
     "0 in encap='ipv4 1.2.3.4 > 5.6.7.8: gre:' tcp flags=0x10 1:1(0) win=1\n"
     "+0 out encap='ipv6 fd3d::1 > fd3d::2:' ecn=ect0 tcp flags=0x10 1:1(0)\n"
     "+0 out encap='mpls (label 0, tc 0, [S], ttl 64):' tcp flags=0x10 1:1(0)\n"},
    {"a packet over several lines",
     "0\n<\nS\n0:0(0)\nwin\n1 <mss\n1000>", "0 in tcp flags=0x2 0:0(0) win=1 <mss=1000>\n"},
};

static const struct row call_rows[] = {
    {"results of every kind",
     "0 f() = 0\n+0 f() = -1 EAGAIN (Resource temporarily unavailable)\n+0 f() = -1 "
     "EPIPE(Broken)\n"
     "+0 f() = 0x02 (flags O_RDWR)\n+0 f() = ...\n+0 f() = O_RDWR|O_NONBLOCK (flags)\n"
     "+0 f() = -1\n+0 f() = -1 (Can't do: 50% left)\n+0 f() = -1 E2BIG ( text ) (a note)",
     "0 call f() = 0\n+0 call f() = -1 error=EAGAIN note='Resource temporarily unavailable'\n"
     "+0 call f() = -1 error=EPIPE note='Broken'\n+0 call f() = 2 note='flags O_RDWR'\n"
     "+0 call f() = ...\n+0 call f() = (O_RDWR|O_NONBLOCK) note='flags'\n"
     "+0 call f() = -1\n+0 call f() = -1 note='Can't do: 50% left'\n"
     "+0 call f() = -1 error=E2BIG note='text'\n"},
    {"arguments of every kind",
     "0 f(1, -1, 0xFF, A, \"s\", ..., NULL, [], [1], [1, [2]], A | B|C, g(), h(1, 2)) = 0",
     "0 call f(1,-1,255,A,\"s\",...,<NULL>,[],[1],[1,[2]],(A|B|C),g(),h(1,2)) = 0\n"},
    {"numbers to the ends of 64 bits",
     "0 f(9223372036854775807, -9223372036854775807, 0x7fffffffffffffff) = 0",
     "0 call f(9223372036854775807,-9223372036854775807,9223372036854775807) = 0\n"},
    {"digits alone are decimal, letters make a word",
     "0 f(010, 1e5, 0x, 0xg, 5_) = 0", "0 call f(10,1e5,0x,0xg,5_) = 0\n"},
    {"strings: escapes, adjacent ones, a zero byte, an ellipsis",
     "0 f(\"a\\n\\t\\\"\\\\\\x41\\x4\\x09\\1011\\0b\\77\", \"ab\" \"cd\"\n\"e\", \"long\"...) "
     "= 0",
     "0 call f(\"a\\x0a\\x09\"\\A\\x04\\x09A1\\x00b?\",\"abcde\",\"long\") = 0\n"},
    {"a socket address",
     "0 f({sa_family = AF_INET, sin_port = htons(8080), sin_addr = "
     "inet_addr(\"192.168.0.1\")}) = 0",
     "0 call f({sa_family=AF_INET,sin_port=htons(8080),sin_addr=inet_addr(\"192.168.0.1\")}) "
     "= 0\n"},
    {"a message with control data",
     "0 recvmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 100}, {..., 5}], "
     "msg_flags=MSG_A|MSG_B,\n"
     "  msg_control=[{cmsg_level=SOL_TCP, cmsg_type=7, cmsg_data={scm_sec=1,scm_nsec=2}}]}, "
     "0) = 105",
     "0 call recvmsg(4,{msg_name=...,msg_iov#2=[{...,100},{...,5}],msg_flags=(MSG_A|MSG_B),"
     "msg_control=[{cmsg_level=SOL_TCP,cmsg_type=7,cmsg_data={scm_sec=1,scm_nsec=2}}]},0) = "
     "105\n"},
    {"the BSD dialect's message",
     "0 f({msg_iov(1)=[{iov_base=..., iov_len=0}], msg_control(48)=[{cmsg_len=48}]}) = 0",
     "0 call f({msg_iov#1=[{iov_base=...,iov_len=0}],msg_control#48=[{cmsg_len=48}]}) = 0\n"},
    {"poll, epoll, linger, one name without braces",
     "0 f([{fd=4, events=POLLIN, revents=POLLIN|POLLHUP}], {events=EPOLLIN, ptr=1}, {u32=1},\n"
     "    {onoff=1, linger=0}, {}, a = 5) = 1",
     "0 call f([{fd=4,events=POLLIN,revents=(POLLIN|POLLHUP)}],{events=EPOLLIN,ptr=1},{u32=1},"
     "{onoff=1,linger=0},{},{a=5}) = 1\n"},
};
/* clang-format on */

static void check_row(const struct row *r, const struct drill_define *defines, int n_defines)
{
    struct err e = {0};
    char *got = NULL;
    size_t n_got = 0;
    struct drill_script *s =
        drill_script_parse("t.pkt", r->script, strlen(r->script), defines, n_defines, &e);
    check_str(r->story, e.text, "");
    FILE *out = open_memstream(&got, &n_got);
    script_dump(s, out);
    fclose(out);
    check_str(r->story, got, r->want);
    free(got);
    drill_script_free(s);
}

static void scripts_become_events(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(frame_rows); i++)
        check_row(&frame_rows[i], NULL, 0);
    for (size_t i = 0; i < ARRAY_LEN(packet_rows); i++)
        check_row(&packet_rows[i], NULL, 0);
    for (size_t i = 0; i < ARRAY_LEN(call_rows); i++)
        check_row(&call_rows[i], NULL, 0);
}

/* ---- defines and conditions ---- */

/* clang-format off */
static const struct row define_rows[] = {
    {"a define of the command line, each kind of token",
     "0 f(INT, NEG, HEX, WORD, STR \"b\") = INT\n+0 CMD\n+0 < icmp unreachable WORD",
     "0 call f(5,-5,255,word,\"a\\b\") = 5\n+0 command 'run it'\n"
     "+0 in icmp type=unreachable code=word\n"},
    {"the command line comes before the script",
     "--define=INT=6\n--define=MINE=7\n0 f(INT, MINE) = 0",
     "set define='INT=6'\nset define='MINE=7'\n0 call f(5,7) = 0\n"},
    {"a define of the script: string and command",
     "--define=CC=\"re no\"\n--define=GO=`go on`\nGO 0 f(CC) = 0 GO",
     "set define='CC=\"re no\"'\nset define='GO=`go on`'\ninit 'go on'\n"
     "0 call f(\"re no\") = 0\ncleanup 'go on'\n"},
    {"a name within a string, command, code or other word stays",
     "0 f(\"INT\", INTO) = 0\n+0 `INT`\n+0 %{ INT }%",
     "0 call f(\"INT\",INTO) = 0\n+0 command 'INT'\n+0 code 'INT'\n"},
    {"a text that is a name is not looked up again",
     "--define=A=INT\n0 f(A) = 0", "set define='A=INT'\n0 call f(INT) = 0\n"},
    {"a cookie",
     "0 > S 0:0(0) <FO COOKIE,nop,nop>\n+0 > S 0:0(0) <FO DIGITS,nop,nop>",
     "0 out tcp flags=0x2 0:0(0) <fo=de4f234f0f433a55 nop nop>\n"
     "+0 out tcp flags=0x2 0:0(0) <fo=1234567890123456 nop nop>\n"},
    {"conditions keep and leave out",
     "0 `a`\n#ifdef WORD\n+0 `b`\n#else\n+0 `c`\n#endif\n#ifdef NONE\n+0 `d`\n#else\n+0 `e`\n"
     "#endif\n#ifndef NONE\n+0 `f`\n#endif\n",
     "0 command 'a'\n+0 command 'b'\n+0 command 'e'\n+0 command 'f'\n"},
    {"conditions within each other, also where nothing is kept",
     "0 `a`\n#ifdef NONE\n#ifdef WORD\n+0 `b`\n#else\n+0 `c`\n#endif\n+0 `d`\n#else\n  # "
     "ifdef WORD\n"
     "+0 `e` \n#ifdef NONE\n#endif\n#endif\n+0 `f`\n#endif // NONE\n",
     "0 command 'a'\n+0 command 'e'\n+0 command 'f'\n"},
    {"the text of what is left out need not be a script",
     "0 `a`\n#ifdef NONE\n\" ` %{ # no\n#endif", "0 command 'a'\n"},
    {"a condition within an event",
     "0 > . 1:1(0)\n#ifdef FLAG\n ack 5\n#endif\n+0 `a`",
     "0 out tcp flags=0x10 1:1(0) ack=5\n+0 command 'a'\n"},
    {"a define at the head counts at once",
     "--define=X=1\n#ifdef X\n--mtu=5\n#endif\n0 `a`",
     "set define='X=1'\nset mtu='5'\n0 command 'a'\n"},
};
/* clang-format on */

static void defines_replace_words(void **state)
{
    static const struct drill_define defines[] = {
        {"INT", "5"},
        {"INT", "8"},
        {"NEG", "-5"},
        {"HEX", "0xff"},
        {"WORD", "word"},
        {"STR", "\"a\\\\\""},
        {"CMD", "`run it`"},
        {"FLAG", ""},
        {"COOKIE", "de4f234f0f433a55"},
        {"DIGITS", "1234567890123456"},
    };
    for (size_t i = 0; i < ARRAY_LEN(define_rows); i++)
        check_row(&define_rows[i], defines, ARRAY_LEN(defines));
}

/* ---- broken anywhere ---- */

/* In a block of exactly its size, so that reading behind it is seen. */
static void check_cut(const struct row *r, size_t n)
{
    struct err e = {0};
    char *text = malloc(n > 0 ? n : 1);
    memcpy(text, r->script, n);
    struct drill_script *s = drill_script_parse("t.pkt", text, n, NULL, 0, &e);
    check_eq(r->story, s == NULL, e.text[0] != '\0');
    if (s == NULL)
        check_true(r->story, e.line > 0 && e.column > 0 && e.width > 0);
    drill_script_free(s);
    free(text);
}

static void every_beginning_parses_or_has_its_error(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(frame_rows); i++)
        for (size_t n = 0; n <= strlen(frame_rows[i].script); n++)
            check_cut(&frame_rows[i], n);
    for (size_t i = 0; i < ARRAY_LEN(packet_rows); i++)
        for (size_t n = 0; n <= strlen(packet_rows[i].script); n++)
            check_cut(&packet_rows[i], n);
    for (size_t i = 0; i < ARRAY_LEN(call_rows); i++)
        for (size_t n = 0; n <= strlen(call_rows[i].script); n++)
            check_cut(&call_rows[i], n);
    for (size_t i = 0; i < ARRAY_LEN(define_rows); i++)
        for (size_t n = 0; n <= strlen(define_rows[i].script); n++)
            check_cut(&define_rows[i], n);
}

/* ---- marks, files ---- */

static void marks_tell_the_place(void **state)
{
    static const char text[] =
        "/* \xc3\xa9 */ 0 `a`\n\n  +0.5 > S. 0:0(0)  // x\n+0 f(1,\n  [2]) = 0";
    struct err e = {0};
    struct drill_script *s = drill_script_parse("p.pkt", text, strlen(text), NULL, 0, &e);
    check_str("it parses", e.text, "");
    check_str("path", s->events[0].at.path, "p.pkt");
    check_eq("columns count characters", s->events[0].at.column, 9);
    check_eq("width of the event", s->events[0].at.width, 5);
    check_eq("line", s->events[1].at.line, 3);
    check_eq("column of the event", s->events[1].at.column, 3);
    check_eq("without the comment", s->events[1].at.width, 16);
    check_eq("column of the packet", s->events[1].packet->at.column, 8);
    check_eq("width of the packet", s->events[1].packet->at.width, 11);
    check_str("the line", s->events[1].at.line_text, "  +0.5 > S. 0:0(0)  // x");
    check_eq("an event over lines: to the end of its first", s->events[2].at.width, 7);
    check_eq("line of a second argument", s->events[2].call->args[1]->at.line, 5);
    check_eq("column of it", s->events[2].call->args[1]->at.column, 3);
    check_eq("width of it", s->events[2].call->args[1]->at.width, 3);
    drill_script_free(s);
}

static void a_line_is_fit_to_be_printed(void **state)
{
    static const char text[] = "0\t`a` // \x01\x7f.\r\n\r\n0 f() = -1 EPERM (why)\r\n";
    struct err e = {0};
    struct drill_script *s = drill_script_parse("p.pkt", text, strlen(text), NULL, 0, &e);
    check_str("it parses", e.text, "");
    check_str("tabs stay", s->events[0].at.line_text, "0\t`a` // ??.");
    check_str("no carriage return", s->events[1].at.line_text, "0 f() = -1 EPERM (why)");
    check_eq("the note belongs to the call", s->events[1].call->at.width, 20);
    drill_script_free(s);
}

static void files_are_loaded(void **state)
{
    static const char text[] = "0 `a`\n";
    char path[] = "/tmp/halfopen-drill-XXXXXX";
    struct err e = {0};
    FILE *f = fdopen(mkstemp(path), "w");
    fputs(text, f);
    fclose(f);
    struct drill_script *s = drill_script_load(path, NULL, 0, &e);
    check_str("a file", e.text, "");
    check_eq("its event", s->n_events, 1);
    drill_script_free(s);
    remove(path);
    check_true("no file", drill_script_load(path, NULL, 0, &e) == NULL);
    check_str("why", e.text, "cannot open the script: No such file or directory");
    check_str("which", e.path, path);
    e = (struct err){0};
    check_true("a folder", drill_script_load("/tmp", NULL, 0, &e) == NULL);
    check_str("why not", e.text, "cannot read the script: Is a directory");
    drill_script_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_become_events),
        cmocka_unit_test(defines_replace_words),
        cmocka_unit_test(every_beginning_parses_or_has_its_error),
        cmocka_unit_test(marks_tell_the_place),
        cmocka_unit_test(a_line_is_fit_to_be_printed),
        cmocka_unit_test(files_are_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
