/* SPDX-License-Identifier: GPL-3.0-or-later
 * Packets of all sorts, their options right and wrong, as lines and in a capture file which
 * tcpdump prints: the same lines. Where there is no tcpdump the test is skipped.
 */
#include "output/pcapng.h"
#include "output/tcpdump.h"
#include "output/trace_filter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/rng.h"
#include "tests/check.h"

enum { N_PACKETS = 4000, PROTO_ICMP6 = 58 };

static uint32_t below(struct rng *r, uint32_t n)
{
    return (uint32_t)rng_below(r, n);
}

static void put_bytes(struct rng *r, uint8_t *out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = (uint8_t)below(r, 256);
}

/* Kinds that are printed in a way of their own, and one that is not; lengths mostly right. */
static void put_options(struct rng *r, struct trace_packet *p)
{
    static const struct {
        uint8_t kind, len;
    } usual[] = {{0, 1},  {1, 1},  {2, 4},   {3, 3},   {4, 2},    {5, 10}, {5, 18},
                 {8, 10}, {34, 2}, {34, 10}, {254, 4}, {254, 12}, {100, 6}};
    const unsigned most = 4 * below(r, 11);
    put_bytes(r, p->options, sizeof(p->options));
    unsigned n = 0;
    while (n < most) {
        const unsigned i = below(r, ARRAY_LEN(usual));
        p->options[n] = n + 1 < most ? usual[i].kind : 1; /* a kind has a length behind it */
        if (usual[i].kind > 1 && n + 1 < most)
            p->options[n + 1] = below(r, 20) == 0 ? (uint8_t)below(r, 16) : usual[i].len;
        if (usual[i].kind == 254 && n + 3 < most && below(r, 2) == 0)
            memcpy(&p->options[n + 2], "\xf9\x89", 2);
        n += usual[i].len;
    }
    p->options_len = most;
}

static void put_message(struct rng *r, struct trace_packet *p, bool is_ipv6)
{
    const unsigned quote = is_ipv6 ? 40 : 20;
    p->options_len = 8 + quote + 8;
    put_bytes(r, p->options, p->options_len);
    uint8_t *q = p->options + 8;
    static const uint8_t types[2][3] = {{3, 3, 11}, {1, 2, 3}};
    p->options[0] = types[is_ipv6][below(r, 3)];
    p->options[1] = (uint8_t)(p->options[0] == 3 && !is_ipv6  ? below(r, 16)
                              : p->options[0] == 1 && is_ipv6 ? below(r, 5)
                                                              : 0);
    if (p->options[1] == 2 && is_ipv6)
        p->options[1] = 3; /* "beyond scope" has the source, too */
    q[0] = is_ipv6 ? 0x60 : 0x45;
    q[is_ipv6 ? 6 : 9] = below(r, 2) != 0 ? PROTO_TCP : PROTO_UDP;
    memset(q + quote, 0x9c, 4); /* ports 40092, which have no dissector */
    if (!is_ipv6)
        memset(q + 4, 0, 4); /* no fragment */
    p->proto = is_ipv6 ? PROTO_ICMP6 : PROTO_ICMP;
    p->len = 0;
    p->bytes = quote + p->options_len;
}

static struct trace_packet any_packet(struct rng *r, sim_time at)
{
    static const char *const addresses[2][4] = {
        {"10.0.0.1", "10.0.0.2", "192.168.7.9", "203.0.113.255"},
        {"fd00::1", "fd00::2", "2001:db8::7:0:0:1", "2001:db8:1:2:3:4:5:6"}};
    const bool is_ipv6 = below(r, 2) != 0;
    const uint32_t header = is_ipv6 ? 40 : 20, a = below(r, 4);
    struct trace_packet p = {.at = at,
                             .ttl = 1 + below(r, 255),
                             .flags = below(r, 256),
                             .seq = below(r, UINT32_MAX),
                             .ack = below(r, UINT32_MAX),
                             .len = below(r, 2) * below(r, 1400),
                             .win = below(r, 65536),
                             .sport = 40000 + below(r, 3),
                             .dport = 40000 + below(r, 3)};
    if (below(r, 4) != 0)
        p.flags = TCP_ACK | (p.flags & TCP_PSH);
    snprintf(p.src, sizeof(p.src), "%s", addresses[is_ipv6][a]);
    snprintf(p.dst, sizeof(p.dst), "%s", addresses[is_ipv6][(a + 1 + below(r, 3)) % 4]);
    const uint32_t sort = below(r, 10);
    if (sort == 0) {
        put_message(r, &p, is_ipv6);
    } else if (sort == 1) {
        p.proto = PROTO_UDP;
        p.bytes = header + 8 + p.len;
    } else {
        p.proto = PROTO_TCP;
        put_options(r, &p);
        p.bytes = header + 20 + p.options_len + p.len;
    }
    return p;
}

/* Lines of ours and of tcpdump, one by one. */
static void compare(FILE *ours, FILE *theirs)
{
    char a[1000], b[1000];
    int n = 0;
    for (; fgets(a, sizeof(a), ours) != NULL; n++) {
        assert_non_null(fgets(b, sizeof(b), theirs));
        check_str("a line", a, b);
    }
    assert_null(fgets(b, sizeof(b), theirs));
    check_eq("lines", n, N_PACKETS);
}

static void lines_are_those_of_tcpdump(void **state)
{
    if (system("command -v tcpdump >/dev/null") != 0)
        skip();
    char name[] = "/tmp/test-trace-XXXXXX", command[100];
    const int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *capture_file = fdopen(fd, "wb"), *lines = tmpfile();
    struct tcpdump d;
    struct pcapng g;
    struct rng r;
    rng_init(&r, 1, "test/trace");
    tcpdump_init(&d, lines);
    d.time = TCPDUMP_SECONDS;
    d.is_nano = true;
    pcapng_init(&g, capture_file, "test");
    for (int i = 0; i < N_PACKETS; i++) {
        const struct trace_packet p = any_packet(&r, SEC(1) + i * MS(1) + below(&r, 1000000));
        d.sink.packet(&d.sink, &p);
        g.sink.packet(&g.sink, &p);
    }
    tcpdump_fini(&d);
    fclose(capture_file);
    rewind(lines);
    snprintf(command, sizeof(command), "tcpdump -n -tt --nano -r %s 2>/dev/null", name);
    FILE *theirs = popen(command, "r");
    compare(lines, theirs);
    pclose(theirs);
    fclose(lines);
    unlink(name);
}

/* ---- notes, and whether memory stays what it is */

struct kept {
    struct trace_sink sink; /* first */
    int n;
    char last[TRACE_NOTE], all[TRACE_NOTE];
    uint32_t numbers[8];
};

static void keep(struct trace_sink *sink, const struct trace_packet *p)
{
    struct kept *k = (struct kept *)sink;
    if (k->n < 8)
        k->numbers[k->n] = p->number;
    k->n++;
    snprintf(k->last, sizeof(k->last), "%s", p->note);
    const size_t n = strlen(k->all);
    if (k->n <= 8)
        snprintf(k->all + n, sizeof(k->all) - n, "%u:%s;", p->number, p->note);
}

static struct trace_row row(sim_time at, const char *event, const char *link, uint32_t packet,
                            const char *cause)
{
    return (struct trace_row){.at = at,
                              .event = event,
                              .link = link,
                              .packet = packet,
                              .cause = cause,
                              .injected_by = "",
                              .src = "10.0.0.1",
                              .dst = "10.0.0.2",
                              .proto = PROTO_TCP,
                              .sport = 7,
                              .dport = 9};
}

static struct trace *tracing(const struct trace_options *o, struct kept *k)
{
    struct err e = {0};
    *k = (struct kept){.sink = {keep}};
    struct trace *t = trace_new(o, &k->sink, &e);
    assert_non_null(t);
    trace_add(t, "host", "a");
    trace_add(t, "host", "b");
    trace_add(t, "link", "a->r");
    trace_add(t, "link", "r->b");
    check_eq("names", trace_ready(t, &e), 0);
    return t;
}

static void tell(struct trace *t, struct trace_row r)
{
    trace_row(t, &r);
}

/* a - r - b: packet 1 goes through, 2 is lost on the second link, 3 is doubled on the first,
 * and its copy, 4, goes on by itself; 5 is r's own. */
static void tell_story(struct trace *t)
{
    tell(t, row(1, "send", "a->r", 1, ""));
    tell(t, row(2, "send", "a->r", 2, ""));
    tell(t, row(2, "send", "a->r", 3, ""));
    struct trace_row copy = row(2, "dup", "a->r", 4, "duplicate");
    copy.parent = 3;
    tell(t, copy);
    for (uint32_t i = 1; i <= 4; i++) {
        tell(t, row(3, "recv", "a->r", i, ""));
        tell(t, row(3, "send", "r->b", i, ""));
    }
    tell(t, row(4, "send", "r->b", 5, ""));
    tell(t, row(5, "recv", "r->b", 1, ""));
    tell(t, row(6, "drop", "r->b", 2, "loss"));
    tell(t, row(6, "recv", "r->b", 3, ""));
    tell(t, row(6, "drop", "b", 3, "checksum"));
    tell(t, row(7, "recv", "r->b", 4, ""));
}

static void each_place_sees_its_own(void **state)
{
    static const struct {
        const char *story, *host, *link, *want;
    } rows[] = {
        {"where packets enter", NULL, NULL,
         "1:;2:lost on r->b (loss);3:doubled on a->r, lost on b (checksum);5:;"},
        {"the sender", "a", NULL,
         "1:;2:lost on r->b (loss);3:doubled on a->r, lost on b (checksum);"},
        {"the receiver", "b", NULL, "1:;3:lost on b (checksum);4:;"},
        {"the first link", NULL, "a->r", "1:;2:;3:doubled on a->r;"},
        {"the second link", NULL, "r->b", "1:;2:lost on r->b (loss);3:;4:;5:;"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kept k;
        const struct trace_options o = {
            .host = rows[i].host, .link = rows[i].link, .to = SIM_NEVER};
        struct trace *t = tracing(&o, &k);
        tell_story(t);
        trace_free(t);
        check_str(rows[i].story, k.all, rows[i].want);
    }
}

/* One that is held stops all behind it, but not for ever. */
static void a_long_hold_pushes_out(void **state)
{
    struct kept k;
    const struct trace_options o = {.to = SIM_NEVER};
    struct trace *t = tracing(&o, &k);
    tell(t, row(1, "send", "a->r", 1, ""));
    tell(t, row(1, "hold", "a->r", 1, "fault:f"));
    for (uint32_t i = 2; i <= TRACE_WAITING; i++) {
        tell(t, row(i, "send", "a->r", i, ""));
        tell(t, row(i, "recv", "r->b", i, ""));
    }
    check_eq("all wait for the first", k.n, 0);
    tell(t, row(SEC(1), "send", "a->r", TRACE_WAITING + 1, ""));
    check_eq("and then for nobody", k.n, TRACE_WAITING);
    check_true("the first is told", strncmp(k.all, "1:held on a->r (fault:f);", 25) == 0);
    tell(t, row(SEC(2), "drop", "a->r", 1, "end")); /* too late */
    trace_free(t);
    check_eq("the last", k.n, TRACE_WAITING + 1);
    check_str("and nobody else is meant", k.last, "");
}

static void a_run_is_over_when_nobody_waits(void **state)
{
    struct kept k;
    const struct trace_options o = {.from = 2, .to = 4};
    struct trace *t = tracing(&o, &k);
    tell(t, row(1, "send", "a->r", 1, ""));
    tell(t, row(2, "send", "a->r", 2, ""));
    tell(t, row(4, "send", "a->r", 3, ""));
    check_true("2 is on its way", !trace_is_over(t));
    tell(t, row(5, "drop", "r->b", 2, ""));
    tell(t, row(6, "send", "a->r", 4, ""));
    check_true("nobody is", trace_is_over(t));
    trace_free(t);
    check_str("[from, to)", k.all, "2:lost on r->b;");
}

static void filters(void **state)
{
    static const struct {
        char *words[8];
        int takes; /* the row below; -1: a mistake */
    } rows[] = {
        {{"tcp"}, 1},
        {{"udp"}, 0},
        {{"ip"}, 1},
        {{"ip6"}, 0},
        {{"not", "ip6", "and", "tcp"}, 1},
        {{"not", "udp"}, 1},
        {{"port", "7"}, 1},
        {{"port", "9"}, 1},
        {{"src", "port", "9"}, 0},
        {{"dst", "port", "9", "and", "tcp"}, 1},
        {{"host", "10.0.0.2"}, 1},
        {{"src", "host", "10.0.0.2"}, 0},
        {{"not", "src", "host", "10.0.0.2", "and", "port", "8"}, 0},
        {{"host"}, -1},
        {{"host", "client"}, -1}, /* a name is for --host */
        {{"host", "10.0.0"}, -1},
        {{"host", "10.0.0.0/24"}, -1},
        {{"host", "2001:DB8:0::1"}, 0},
        {{"port", "70000"}, -1},
        {{"port", "7x"}, -1},
        {{"and"}, -1},
        {{"tcp", "and"}, -1},
        {{"tcp", "udp"}, -1},
        {{"src", "tcp"}, -1},
        {{"not"}, -1},
    };
    const struct trace_row r = row(0, "send", "a->b", 1, "");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trace_filter f;
        struct err e = {0};
        int n = 0;
        while (n < 8 && rows[i].words[n] != NULL)
            n++;
        const int bad = trace_filter_read(&f, rows[i].words, n, &e);
        check_eq(rows[i].words[0], bad != 0 ? -1 : trace_filter_takes(&f, &r), rows[i].takes);
    }
    /* an address is the same in every way of writing it */
    struct trace_row six = row(0, "send", "a->b", 1, "");
    struct trace_filter f;
    struct err e = {0};
    six.src = "2001:db8::1";
    assert_int_equal(trace_filter_read(&f, (char *[]){"src", "host", "2001:DB8:0::01"}, 3, &e),
                     0);
    assert_true(trace_filter_takes(&f, &six));
    assert_int_equal(trace_filter_read(&f, (char *[]){"ip6"}, 1, &e), 0);
    six.dst = "2001:db8::2";
    assert_true(trace_filter_takes(&f, &six));
    assert_int_equal(trace_filter_read(&f, (char *[]){"ip"}, 1, &e), 0);
    assert_true(!trace_filter_takes(&f, &six));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_those_of_tcpdump),
        cmocka_unit_test(each_place_sees_its_own),
        cmocka_unit_test(a_long_hold_pushes_out),
        cmocka_unit_test(a_run_is_over_when_nobody_waits),
        cmocka_unit_test(filters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
