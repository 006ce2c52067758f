/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every choice of every parameter does something that none of its siblings does: one play a
 * parameter, one outcome a choice.
 *
 * A parameter that is a choice and has no row here, or a choice that has none, fails: so does a
 * new one whose outcome is another's.
 */
#include "models/tcp/options.h"
#include "tests/tcp/puppet.h"

enum { STEPS = 4 };

struct step {
    sim_time at;
    const char *does;
};
/* What the last step sends, tells and leads to; told apart by "|". */
struct row {
    const char *choice, *want; /* want NULL: only that it is like no other's */
};
enum { ROWS = 8 };
struct variants {
    const char *key, *params;
    struct step steps[STEPS]; /* of which the last is looked at */
    bool path;                /* the states too */
    struct row rows[ROWS];
};

/* clang-format off */
#define OPEN "connect; < SA 0 ack 1"
static const struct variants variants[] = {
    {"congestion_control", "init_cwnd=1", {{0, "connect"}, {0, "< SA 0 ack 1 win 4380 mss 1460; send 9000"}}, false, {
        {"none", "A 1 ack 1, A 1(1460) ack 1, A 1461(1460) ack 1, A 2921(1460) ack 1|connected"}, /* the window */
        {"reno", "A 1 ack 1, A 1(1460) ack 1|connected"}}},
    {"closed_port", "", {{0, "< S 0"}}, false, {
        {"rst", "RA -250000 ack 1|"}, {"drop", "|"}}}, /* 0 on the wire */
    {"fin_ack_in_fin_wait_1", "", {{0, OPEN "; shutdown wr"}, {0, "< FA 1 ack 2"}}, true, {
        {"fin-wait-2", "A 2 ack 2|eof|SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT"},
        {"time-wait", "A 2 ack 2|eof|SYN-SENT ESTABLISHED FIN-WAIT-1 TIME-WAIT"}}},
    {"handshake_ack", "", {{0, "on connected send 10; connect"}, {0, "< SA 0 ack 1"}}, false, {
        {"with-data", "PA 1(10) ack 1|connected"},
        {"alone", "A 1 ack 1, PA 1(10) ack 1|connected"}}},
    {"syn_data", "", {{0, "listen"}, {0, "< S 0(10)"}}, false, {
        {"keep", "SA 0 ack 11|"}, {"ignore", "SA 0 ack 1|"}}},
    {"crossed_syn_text", "delack=0s", {{0, "connect; < SF 0(3)"}, {0, "< A 5 ack 1; recv 9"}}, false, {
        {"keep", "A 1 ack 5|connected readable eof =3"}, /* SYN 0, three bytes, FIN 4 */
        {"no-fin", "A 1 ack 4|connected readable =3"},
        {"ignore", "|connected =EAGAIN"}}},
    {"syn_ack_in_listen", "", {{0, "listen"}, {0, "< SA 0 ack 9"}}, false, {
        {"rst", "R 9|"}, {"drop", "|"}}},
    {"rto_min_bounds", "rto_min=200ms", /* R = 8 ms: SRTT 8, 4 RTTVAR 16 */
        {{0, "connect"}, {MS(8), "< SA 0 ack 1; send 10"}, {MS(212), ""}}, false, {
        {"rto", "@208ms PA 1(10) ack 1|"}, {"variance", "|"}}},
    {"retries_rule", "retries2=2 rto_min=200ms", /* R = 500 ms: RTO 1.5 s; from the first repeat on 200 + 400 + 800 ms are over at the second */
        {{0, "connect"}, {MS(500), "< SA 0 ack 1; send 10"}, {SEC(6), ""}}, false, {
        {"count", "@2000ms PA 1(10) ack 1, @5000ms PA 1(10) ack 1|"}, {"time", "@2000ms PA 1(10) ack 1|error:ETIMEDOUT"}}},
    {"fin_timeout_rule", "fin_timeout=300s msl=100s", {{0, OPEN "; close; < A 1 ack 2"}, {SEC(250), "< A 1 ack 2"}}, false, {
        {"exact", "|"}, {"linux", "R 2|closed"}}}, /* after 2 * (300 - 200) s */
    /* 64075 are what 65535 has room for; by the memory of 131070 a segment of 1460 in 2304 leaves 81484, of which the limit takes
     * 65535 + 2920 and the field 65535 */
    {"receive_window", "delack=0s", {{0, "show win; connect; < SA 0 ack 1 mss 1460"}, {0, "< A 1(1460) ack 1"}}, false, {
        {"buffer", "A 1 ack 1461 win 64075|readable"}, {"linux", "A 1 ack 1461 win 65535|readable"}}},
    {"window_probe", "", {{0, "connect; < SA 0 ack 1 win 0; send 10"}, {SEC(1), ""}}, false, {
        {"octet", "A 1(1) ack 1|"}, {"old-ack", "A 0 ack 1|"}}},
    {"ack_rule", "", {{0, OPEN}, {0, "< PA 1(100) ack 1; < PA 101(10) ack 1"}}, false, {
        {"rfc5681", "|readable readable"}, /* no two full segments yet */
        {"freebsd", "A 1 ack 111|readable readable"},
        {"linux", "A 1 ack 101, A 1 ack 111|readable readable"}}},
    {"drop_synfin", "", {{0, "connect; listen"}, {0, "< SF 0; < SF 0 from 1"}}, false, {
        {"no", "SA 0 ack 1, SA 0 ack 1 to 1|"}, {"listen", "SA 0 ack 1|"}, {"always", "|"}}},
    {"time_wait", "", {{0, OPEN "; shutdown wr; < FA 1 ack 2"}, {SEC(1), "< A 2 ack 2; listen; < R 5; < - -9(2); < S 9"}}, false, {
        {"rfc9293", "A 2 ack 2, A 2 ack 2, A 2 ack 2|"}, /* a challenge, an old segment, a challenge */
        {"reuse", "A 2 ack 2, SA 0 ack 10|closed"},
        {"freebsd", "SA 0 ack 10|closed"}, /* what has no ACK is thrown away */
        {"none", "R 2, SA 0 ack 10|closed"}}}, /* there was no connection any more */
    {"seq_validation", "rcvbuf=100B delack=0s", {{0, OPEN "; show sent; send 10"}, {0, "< A -5(5) ack 11; < A 1(200) ack 1"}}, false, {
        {"rfc9293", "A 11 ack 1, A 11 ack 101|readable"}, /* the window's 100 */
        {"freebsd", "A 11 ack 1, A 11 ack 101|sent readable"},
        {"linux", "A 11 ack 1, A 11 ack 201|readable"}}},
    {"unsent_ack", "", {{0, OPEN}, {0, "< PA 1(5) ack 99"}}, false, {
        {"ack", "A 1 ack 1|"}, {"drop", "|"}}},
    {"rst_validation", "", {{0, OPEN}, {0, "< R 5"}}, false, {
        {"rfc5961", "A 1 ack 1|"}, {"rfc793", "|error:ECONNRESET"}}},
    {"syn_validation", "", {{0, OPEN}, {0, "< S 5"}}, false, {
        {"rfc5961", "A 1 ack 1|"}, {"rfc793", "RA 1 ack 1|error:ECONNRESET"}}},
    {"ack_validation", "", {{0, OPEN}, {0, "< PA 1(5) ack -70000"}}, false, {
        {"rfc5961", "A 1 ack 1|"}, {"rfc793", "|readable"}}},
    {"reset_error", "", {{0, OPEN "; < FA 1 ack 1"}, {0, "< R 2"}}, false, {
        {"rfc9293", "|error:ECONNRESET"}, {"linux", "|error:EPIPE"}}},
    {"reset_error", "", {{0, "connect; < S 0"}, {0, "< R 1"}}, false, {
        {"rfc9293", "|error:ECONNREFUSED"}, {"linux", "|error:ECONNRESET"}}},
    {"icmp_errors", "", {{0, OPEN "; send 9"}, {0, "icmp 3 1 1; icmp 3 3 1; listen; < S 0 from 1; icmp 3 3 0 from 1"}}, false, {
        {"rfc9293", "RA 10 ack 1, SA 0 ack 1 to 1|taken error:ECONNREFUSED taken taken"},
        {"rfc5927", "SA 0 ack 1 to 1|taken taken taken"},
        {"linux", "SA 0 ack 1 to 1|taken taken ignored"},
        {"freebsd", "SA 0 ack 1 to 1|ignored ignored taken"}}},
    {"nagle_rule", "", {{0, OPEN}, {0, "send 536; send 10"}}, false, {
        {"rfc896", "PA 1(536) ack 1|"}, {"minshall", "PA 1(536) ack 1, PA 537(10) ack 1|"}}},
    {"repeated_syn", "", {{0, "listen; < S 0"}, {0, "< S 0"}}, false, {
        {"ack", "A 1 ack 1|"}, {"syn-ack", "SA 0 ack 1|"}}},
    {"syn_queue", "syn_cache_buckets=1 syn_cache_limit=1", /* six ask, there is room for two */
        {{0, "listen 2; < S 0 from 0; < S 0 from 1; < S 0 from 2; < S 0 from 3; < S 0 from 4; < S 0 from 5"},
         {0, "< A 1 ack 1 from 0; < A 1 ack 1 from 1; < A 1 ack 1 from 2; < A 1 ack 1 from 3; < A 1 ack 1 from 4; < A 1 ack 1 from 5"}}, false, {
        {"drop", "R 1 to 2, R 1 to 3, R 1 to 4, R 1 to 5|accepted accepted"},
        {"oldest-out", "R 1, R 1 to 1, R 1 to 2, R 1 to 3|accepted accepted"},
        {"random-out", NULL},
        {"syn-cache", "R 1, R 1 to 1, R 1 to 2, R 1 to 3, R 1 to 4|accepted"}, /* one a bucket */
        {"syn-cookies", "|accepted accepted accepted accepted accepted accepted"}}},
};
/* clang-format on */

/* Choices that are told apart by other tests, and where. */
static const struct {
    const char *key, *test;
} ELSEWHERE[] = {
    {"profile", "test_profiles.c"},
    {"handshake", "test_profiles.c"},
    {"isn", "test_profiles.c"},
    {"option_layout", "below"},
    {"port_selection", "test_ports.c"},
    {"rtt_timestamps", "test_timers.c"},
    {"socket_buffers", "tests/drill/test_sockets.c"},
};

static const struct variants *variants_of(const char *key)
{
    for (const struct variants *v = variants; v < variants + ARRAY_LEN(variants); v++)
        if (strcmp(v->key, key) == 0)
            return v;
    return NULL;
}

static bool is_elsewhere(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(ELSEWHERE); i++)
        if (strcmp(ELSEWHERE[i].key, key) == 0)
            return true;
    return false;
}

static void play(const struct variants *v, const char *choice, char *out, size_t size)
{
    char params[160], story[80], path[256] = "";
    struct puppet p;
    snprintf(params, sizeof params, "%s=%s %s", v->key, choice, v->params);
    snprintf(story, sizeof story, "%s %s", v->key, choice);
    puppet_init(&p, story, params, 250000, 5000);
    for (const struct step *s = v->steps; s < v->steps + STEPS && s->does != NULL; s++)
        puppet_do(&p, s->at, s->does);
    if (v->path)
        puppet_path(&p, path, sizeof path);
    const int length =
        snprintf(out, size, "%s|%s%s%s", p.sent, p.told, v->path ? "|" : "", path);
    assert_in_range(length, 1, size - 1);
    puppet_fini(&p);
}

static void check_key(const struct key *k)
{
    const struct variants *v = variants_of(k->name);
    char got[ROWS][1024];
    size_t n = 0;
    if (is_elsewhere(k->name))
        return;
    check_true(k->name, v != NULL);
    for (const struct choice *c = k->choices; c->name != NULL; c++, n++) {
        const struct row *r = v->rows;
        while (r < v->rows + ROWS && r->choice != NULL && strcmp(r->choice, c->name) != 0)
            r++;
        check_true(c->name, n < ROWS && r < v->rows + ROWS && r->choice != NULL);
        play(v, c->name, got[n], sizeof got[n]);
        if (r->want != NULL)
            check_str(c->name, got[n], r->want);
        for (size_t i = 0; i < n; i++)
            check_true(c->name, strcmp(got[i], got[n]) != 0);
    }
}

static void every_choice_is_unlike_its_siblings(void **state)
{
    for (const struct key *k = TCP_KEYS; k->name != NULL; k++)
        if (k->kind == KEY_CHOICE)
            check_key(k);
}

static void every_row_has_its_parameter(void **state)
{
    for (const struct variants *v = variants; v < variants + ARRAY_LEN(variants); v++) {
        const struct key *k = TCP_KEYS;
        while (k->name != NULL && strcmp(k->name, v->key) != 0)
            k++;
        check_true(v->key, k->name != NULL && k->kind == KEY_CHOICE);
    }
}

/* tcp-parameters of IANA: mss 2, wscale 3, sackOK 4, TS 8; nop 1. */
static void layouts(void **state)
{
    static const struct {
        const char *name;
        uint8_t bytes[20];
    } rows[] = {
        {"linux", {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 1, 3, 3, 7}},
        {"bsd", {2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8}},
    };
    const struct tcp_options o = {.mss = 1460,
                                  .has_wscale = true,
                                  .wscale = 7,
                                  .sack_permitted = true,
                                  .has_timestamps = true,
                                  .tsval = 9,
                                  .tsecr = 8};
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    size_t n = 0;
    for (const struct choice *c = TCP_OPTION_LAYOUT_CHOICES; c->name != NULL; c++, n++) {
        check_true("every layout has a row", n < ARRAY_LEN(rows));
        check_str("name", c->name, rows[n].name);
        struct packet *p = packet_new(sim, 40);
        tcp_options_put(sim, p, &o, tcp_option_layout_find(c->name));
        check_eq(c->name, p->options_len, sizeof rows[n].bytes);
        check_eq(c->name, memcmp(packet_options(sim, p), rows[n].bytes, p->options_len), 0);
        packet_free(sim, p);
    }
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_choice_is_unlike_its_siblings),
                                       cmocka_unit_test(every_row_has_its_parameter),
                                       cmocka_unit_test(layouts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
