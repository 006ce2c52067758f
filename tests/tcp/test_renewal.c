/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a silence or a new beginning does: a SYN in TIME-WAIT (RFC 9293 MAY-2, RFC 6191) and the
 * congestion window after idleness (RFC 5681 §4.1).
 */
#include "tests/tcp/puppet.h"

#define TO_TIME_WAIT "listen; < S 0; < A 1 ack 1; shutdown wr; < A 1 ack 2; < FA 1 ack 2"

/* RCV.NXT is 2 in TIME-WAIT: a SYN at 2 may be old, one at 3 is newer. */
static void a_newer_syn_opens_anew(void **state)
{
    struct puppet p;
    puppet_init(&p, "newer SYN", "time_wait=reuse isn=fixed", 0, 2000);
    puppet_do(&p, 0, TO_TIME_WAIT);
    check_str("before", puppet_state(&p), "TIME-WAIT");
    const uint32_t first = p.iss[0];
    puppet_do(&p, SEC(1), "< S 2");
    check_str("not newer: a challenge", p.sent, "A 2 ack 2");
    check_eq("connections", p.account.n_opened, 1);
    puppet_do(&p, SEC(2), "< S 3");
    check_str("newer", p.sent, "SA 0 ack 4");
    check_eq("connections", p.account.n_opened, 2);
    check_true("an ISN beyond all that was used", (int32_t)(p.iss[0] - (first + 2)) > 0);
    puppet_do(&p, SEC(3), "< A 4 ack 1");
    check_eq("established", p.account.n_established, 2);
    puppet_fini(&p);
}

/* Linux 6.18 [06d, 06f]: whatever the generator says, here 250,000 a second. */
static void its_isn_follows(void **state)
{
    struct puppet p;
    puppet_init(&p, "ISN", "time_wait=reuse isn=clock", 0, 2000);
    puppet_do(&p, 0, TO_TIME_WAIT);
    const uint32_t first = p.iss[0];
    puppet_do(&p, SEC(2), "< S 3");
    check_eq("65537 beyond SND.NXT", p.iss[0] - first, 2 + 65537);
    puppet_fini(&p);
}

/* Linux 6.18 [09b, 09f]: of resets the exact one alone counts; what has an ACK begins the 2 MSL
 * anew, even where nothing is said. */
static const struct restart_row {
    const char *segment, *sends;
    bool restarts;
} restart_rows[] = {
    {"A 2 ack 2", "", true},
    {"A 1 ack 2", "A 2 ack 2", true},
    {"PA 2(10) ack 2", "A 2 ack 2", true},
    {"SA 2 ack 2", "A 2 ack 2", true},
    {"FA 1 ack 2", "A 2 ack 2", true},
    {"R 3", "", false},
    {"RA 3 ack 2", "", false},
    {"- 2", "", false},
};

static void linux_begins_anew(void **state)
{
    const struct restart_row *end = restart_rows + ARRAY_LEN(restart_rows);
    for (const struct restart_row *r = restart_rows; r < end; r++) {
        struct puppet p;
        char does[64];
        puppet_init(&p, r->segment, "time_wait=reuse msl=1s", 0, 2000);
        puppet_do(&p, 0, TO_TIME_WAIT);
        snprintf(does, sizeof does, "< %s", r->segment);
        puppet_do(&p, SEC(1), does);
        check_str(r->segment, p.sent, r->sends);
        puppet_do(&p, SEC(3) - 1, "");
        check_str(r->segment, puppet_state(&p), r->restarts ? "TIME-WAIT" : "CLOSED");
        puppet_do(&p, SEC(3), "");
        check_str(r->segment, puppet_state(&p), "CLOSED");
        puppet_fini(&p);
    }
}

static void by_the_rfc_it_does_not(void **state)
{
    struct puppet p;
    puppet_init(&p, "newer SYN, rfc9293", "time_wait=rfc9293", 0, 2000);
    puppet_do(&p, 0, TO_TIME_WAIT);
    puppet_do(&p, SEC(2), "< S 3");
    check_str("a challenge", p.sent, "A 2 ack 2");
    check_eq("connections", p.account.n_opened, 1);
    puppet_fini(&p);
}

/* FreeBSD throws away what carries no ACK; a later timestamp makes a SYN newer too (RFC 6191).
 */
static void freebsd_wants_an_ack(void **state)
{
    struct puppet p;
    puppet_init(&p, "old SYN, freebsd", "time_wait=freebsd", 0, 2000);
    puppet_do(&p, 0, TO_TIME_WAIT);
    puppet_do(&p, SEC(1), "< S 2");
    check_str("thrown away", p.sent, "");
    puppet_do(&p, SEC(2), "< SA 2 ack 2");
    check_str("answered", p.sent, "A 2 ack 2");
    puppet_do(&p, SEC(3), "< R 2");
    check_str("no assassination (RFC 1337)", puppet_state(&p), "TIME-WAIT");
    puppet_fini(&p);
}

/* FreeBSD counts segments, however small, and its ACK of a FIN that crossed repeats its own. */
static void freebsd_acknowledges_its_way(void **state)
{
    struct puppet p;
    puppet_init(&p, "ACKs, freebsd", "ack_rule=freebsd", 1000, 2000);
    puppet_do(&p, 0, "connect; < SA 0 ack 1");
    puppet_do(&p, MS(100), "< A 1(1) ack 1");
    check_str("the first waits", p.sent, "");
    puppet_do(&p, MS(110), "< A 2(100) ack 1");
    check_str("the second does not", p.sent, "A 1 ack 102");
    puppet_do(&p, MS(120), "shutdown wr; < FA 102 ack 1");
    check_str("FINs cross", p.sent, "FA 1 ack 102, FA 1 ack 103");
    check_str("both closed at once", puppet_state(&p), "CLOSING");
    puppet_fini(&p);
}

static void a_later_timestamp_is_newer(void **state)
{
    struct puppet p;
    puppet_init(&p, "later TSval", "time_wait=reuse timestamps=yes", 0, 2000);
    puppet_do(&p, 0,
              "listen; < S 0 ts 100; < A 1 ack 1 ts 101; shutdown wr; < A 1 ack 2 ts 102;"
              "< FA 1 ack 2 ts 103");
    check_str("before", puppet_state(&p), "TIME-WAIT");
    puppet_do(&p, SEC(1), "< S 1 ts 103");
    check_eq("not later", p.account.n_opened, 1);
    puppet_do(&p, SEC(2), "< S 1 ts 104");
    check_eq("later", p.account.n_opened, 2);
    puppet_fini(&p);
}

/* How many of ten segments leave at once, half a minute after 6 have been acknowledged in slow
 * start: from an initial window of 2 cwnd has grown to 2 + 6 = 8. */
static int burst_after_silence(const char *params)
{
    struct puppet p;
    int n = 0;
    puppet_init(&p, params, params, 1000, 2000);
    puppet_do(&p, 0, "connect; < SA 0 ack 1 win 65535 mss 100; send 600");
    puppet_do(&p, MS(20), "< A 1 ack 201");
    puppet_do(&p, MS(40), "< A 1 ack 601");
    puppet_do(&p, SEC(30), "send 1000");
    for (const char *s = p.sent; (s = strstr(s, "(100)")) != NULL; s++)
        n++;
    puppet_do(&p, SEC(31), "abort");
    puppet_fini(&p);
    return n;
}

static void a_silence_forgets_the_window(void **state)
{
#define RENO "congestion_control=reno init_cwnd=2 slow_start_segments=0 "
    check_eq("RFC 5681 §4.1", burst_after_silence(RENO "slow_start_after_idle=yes"), 2);
    check_eq("without it", burst_after_silence(RENO "slow_start_after_idle=no"), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_syn_opens_anew),
        cmocka_unit_test(its_isn_follows),
        cmocka_unit_test(linux_begins_anew),
        cmocka_unit_test(by_the_rfc_it_does_not),
        cmocka_unit_test(freebsd_wants_an_ack),
        cmocka_unit_test(a_later_timestamp_is_newer),
        cmocka_unit_test(a_silence_forgets_the_window),
        cmocka_unit_test(freebsd_acknowledges_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
