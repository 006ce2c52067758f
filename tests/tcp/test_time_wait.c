/* SPDX-License-Identifier: GPL-3.0-or-later
 * TIME-WAIT as an entry: it answers as the whole endpoint would that its application still
 * holds; 2 MSL that begin anew; the policy `none` and max_tw_buckets.
 */
#include "models/tcp/endpoint.h"
#include "tests/tcp/puppet.h"

/* ---- an entry is not to be told from an endpoint */

#define OPENED "connect; < SA 0 ack 1 ws 7 sackok ts 100; < PA 1(10) ack 1 ts 101; recv 10; "

static const struct {
    const char *name, *params;
} configurations[] = {
    {"rfc9293", ""},
    {"textbook", "profile=textbook"},
    {"linux", "profile=linux"},
    {"bsd", "profile=bsd"},
    {"rfc9293 with options", "timestamps=yes sack=yes dsack=yes window_scaling=yes"},
};

/* From 1 s after the FIN on, one each second; the last one may end it. */
static const char *const segments[] = {
    "< FA 11 ack 2 ts 103",     /* the FIN again */
    "< A 12 ack 2 ts 104",      /* in order */
    "< PA 1(10) ack 1 ts 101",  /* old data */
    "< PA 12(10) ack 2 ts 105", /* data beyond the FIN */
    "< A 12 ack 99 ts 106",     /* acknowledges what was never sent */
    "< S 5 ts 1",               /* an old SYN */
    "< R 13",                   /* a reset in the window */
    "< FA 12 ack 2 ts 1",       /* PAWS */
    "< SA 0 ack 1 ts 107",      /* the old SYN-ACK */
    "< - 12(3)",                /* no ACK */
    "< R 12",                   /* exactly the next number */
};

static void an_entry_answers_as_an_endpoint(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(configurations); i++) {
        const char *name = configurations[i].name;
        struct puppet whole, light;
        puppet_init(&whole, name, configurations[i].params, 1000, 2000);
        puppet_init(&light, name, configurations[i].params, 1000, 2000);
        puppet_do(&whole, 0, "show win; show opts; " OPENED "shutdown wr");
        puppet_do(&light, 0, "show win; show opts; " OPENED "close");
        puppet_do(&whole, MS(100), "< A 11 ack 2 ts 102; < FA 11 ack 2 ts 103");
        puppet_do(&light, MS(100), "< A 11 ack 2 ts 102; < FA 11 ack 2 ts 103");
        check_true(name, whole.stack->all != NULL);
        check_true(name, light.stack->all == NULL && light.stack->tw_pool.n == 1);
        for (size_t k = 0; k < ARRAY_LEN(segments); k++) {
            puppet_do(&whole, SEC(1 + k), segments[k]);
            puppet_do(&light, SEC(1 + k), segments[k]);
            check_str(segments[k], light.sent, whole.sent);
            check_str(segments[k], puppet_state(&light), puppet_state(&whole));
        }
        puppet_do(&whole, SEC(1000), "");
        puppet_do(&light, SEC(1000), "");
        check_eq(name, light.account.closed_at, whole.account.closed_at);
        check_eq(name, light.account.n_closed, 1);
        check_eq(name, light.account.segments_received, whole.account.segments_received);
        check_eq(name, light.account.closing_segments, whole.account.closing_segments);
        check_eq(name, light.stack->tw_pool.n, 0);
        if (whole.t != NULL)
            puppet_do(&whole, SEC(1001), "close");
        puppet_fini(&whole);
        puppet_fini(&light);
    }
}

/* ---- 2 MSL */

#define TO_TIME_WAIT(peer)                                                                     \
    "< S 0 from " peer "; < A 1 ack 1 from " peer "; close; < A 1 ack 2 from " peer            \
    "; < FA 1 ack 2 from " peer

static int64_t n_waiting(const struct puppet *p)
{
    return p->account.in_state[TCP_TIME_WAIT].n;
}

/* 2 MSL are 2 s: at 0 and 0.5 s; the first begins anew at 1 s and ends after the second. */
static void a_repeated_fin_goes_to_the_tail(void **state)
{
    struct puppet p;
    puppet_init(&p, "two in TIME-WAIT", "msl=1s", 1000, 2000);
    puppet_do(&p, 0, "listen; " TO_TIME_WAIT("0"));
    puppet_do(&p, MS(500), TO_TIME_WAIT("1"));
    puppet_do(&p, SEC(1), "< FA 1 ack 2 from 0");
    puppet_do(&p, MS(2499), "");
    check_eq("both", n_waiting(&p), 2);
    puppet_do(&p, MS(2501), "");
    check_eq("the second went at 2.5 s", n_waiting(&p), 1);
    puppet_do(&p, MS(2999), "");
    check_eq("the first", n_waiting(&p), 1);
    check_str("waits", puppet_state(&p), "TIME-WAIT");
    puppet_do(&p, MS(3001), "");
    check_eq("until 3 s", n_waiting(&p), 0);
    puppet_fini(&p);
}

/* One of three in the middle of the line goes by a reset; the others keep their times. */
static void the_line_closes_over_a_gap(void **state)
{
    struct puppet p;
    puppet_init(&p, "three in TIME-WAIT", "msl=1s", 1000, 2000);
    puppet_do(&p, 0, "listen; " TO_TIME_WAIT("0"));
    puppet_do(&p, MS(100), TO_TIME_WAIT("1"));
    puppet_do(&p, MS(200), TO_TIME_WAIT("2") "; < R 2 from 1");
    check_eq("two are left", n_waiting(&p), 2);
    puppet_do(&p, MS(2150), "");
    check_eq("the first went at 2 s", n_waiting(&p), 1);
    puppet_do(&p, MS(2201), "");
    check_eq("the last at 2.2 s", n_waiting(&p), 0);
    puppet_fini(&p);
}

/* ---- none, and a limit */

static void none_is_over_at_once(void **state)
{
    struct puppet p;
    puppet_init(&p, "no TIME-WAIT", "time_wait=none", 1000, 2000);
    puppet_do(&p, 0, "listen; " TO_TIME_WAIT("0"));
    check_str("the FIN is answered", p.sent, "SA 0 ack 1, FA 1 ack 1, A 2 ack 2");
    puppet_do(&p, 1, "");
    check_str("and then", puppet_state(&p), "CLOSED");
    puppet_do(&p, MS(300), "< FA 1 ack 2");
    check_str("the FIN again", p.sent, "R 2");
    puppet_fini(&p);
}

/* Linux, tcp_max_tw_buckets [03j]: what does not fit is CLOSED, its FIN is answered. */
static void beyond_the_limit_there_is_none(void **state)
{
    struct puppet p;
    puppet_init(&p, "two buckets", "max_tw_buckets=2", 1000, 2000);
    puppet_do(&p, 0, "listen; " TO_TIME_WAIT("0"));
    puppet_do(&p, MS(1), TO_TIME_WAIT("1"));
    puppet_do(&p, MS(2), TO_TIME_WAIT("2"));
    check_str("the FIN is answered", p.sent,
              "SA 0 ack 1 to 2, FA 1 ack 1 to 2, A 2 ack 2 to 2");
    puppet_do(&p, MS(3), "");
    check_eq("in TIME-WAIT", n_waiting(&p), 2);
    check_eq("closed", p.account.n_closed, 1);
    puppet_fini(&p);
}

/* ---- RFC 1337, and connect() */

static void no_reset_ends_it(void **state)
{
    for (int fixed = 0; fixed < 2; fixed++) {
        struct puppet p;
        puppet_init(&p, "assassination", fixed ? "rfc1337=yes" : "rfc1337=no", 1000, 2000);
        puppet_do(&p, 0, "listen; " TO_TIME_WAIT("0"));
        puppet_do(&p, SEC(1), "< R 2");
        check_str("[09b]", puppet_state(&p), fixed ? "TIME-WAIT" : "CLOSED");
        puppet_fini(&p);
    }
}

/* Linux's tw_reuse [08c, 08d, 08i]: by 1, with timestamps, after 1 s. The ISN lies 65537 beyond
 * what was used, ISN + 2 with the FIN: 65539. */
static const struct reuse_row {
    const char *story, *params;
    sim_time at;
    bool opens;
} reuse_rows[] = {
    {"not before 1 s", "tw_reuse=1 timestamps=yes", MS(990), false},
    {"after 1 s", "tw_reuse=1 timestamps=yes", MS(1010), true},
    {"0 is never", "tw_reuse=0 timestamps=yes", MS(5000), false},
    {"2 is on loopback", "tw_reuse=2 timestamps=yes", MS(5000), false},
    {"not without timestamps", "tw_reuse=1 timestamps=no", MS(5000), false},
};

static void connect_takes_its_ends(void **state)
{
    for (const struct reuse_row *r = reuse_rows; r < reuse_rows + ARRAY_LEN(reuse_rows); r++) {
        struct puppet p;
        puppet_init(&p, r->story, r->params, 1000, 2000);
        puppet_do(&p, 0,
                  "connect; < SA 0 ack 1 ts 7; close; < A 1 ack 2 ts 8; < FA 1 ack 2 ts 9");
        check_str(r->story, puppet_state(&p), "TIME-WAIT");
        const uint32_t first = p.iss[0];
        puppet_do(&p, r->at, "connect");
        check_str(r->story, p.told, r->opens ? "" : "=EADDRNOTAVAIL");
        check_eq(r->story, p.iss[0] - first, r->opens ? 65539 : 0);
        check_eq(r->story, n_waiting(&p), !r->opens);
        if (r->opens)
            puppet_do(&p, r->at, "abort");
        puppet_fini(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_answers_as_an_endpoint),
        cmocka_unit_test(a_repeated_fin_goes_to_the_tail),
        cmocka_unit_test(the_line_closes_over_a_gap),
        cmocka_unit_test(none_is_over_at_once),
        cmocka_unit_test(beyond_the_limit_there_is_none),
        cmocka_unit_test(no_reset_ends_it),
        cmocka_unit_test(connect_takes_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
