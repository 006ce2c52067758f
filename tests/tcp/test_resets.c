/* SPDX-License-Identifier: GPL-3.0-or-later
 * Why a reset is sent, and what one does that comes: each is counted as what it is, and nothing
 * else is.
 */
#include "tests/tcp/puppet.h"

#define OPENED   "connect; < SA 0 ack 1 mss 1000"
#define ACCEPTED "listen; < S 0 mss 1000; < A 1 ack 1"

static const struct row {
    const char *story, *params, *before; /* at 0 ms */
    const char *does;                    /* at 100 ms */
    sim_time until;
    int cause;   /* enum tcp_reset_cause */
    bool nobody; /* it is no application's */
} rows[] = {
    {"for no connection", "", "", "< S 0", MS(100), RESET_NO_CONNECTION, true},
    {"an ACK in LISTEN", "", "listen", "< A 1 ack 1", MS(100), RESET_NO_CONNECTION},
    {"SYN-SENT: an ACK of what was not sent", "", "connect", "< A 7 ack 9", MS(100),
     RESET_BAD_ACK},
    {"SYN-RECEIVED: likewise", "", "listen; < S 0", "< A 1 ack 9", MS(100), RESET_BAD_ACK},
    {"abort()", "", OPENED, "abort", MS(100), RESET_ABORT},
    {"close() with unread data", "", OPENED, "< PA 1(10) ack 1; close", MS(100), RESET_UNREAD},
    {"data after close()", "", OPENED "; close; < A 1 ack 2", "< PA 1(10) ack 2", MS(100),
     RESET_LATE_DATA},
    {"a SYN in the window", "syn_validation=rfc793", ACCEPTED, "< S 5", MS(100), RESET_SYN},
    {"no answer to keepalive",
     "keepalive=yes keepalive_time=1s keepalive_intvl=1s keepalive_probes=1", OPENED, "",
     SEC(9), RESET_TIMEOUT},
    {"the accept queue is full", "profile=linux syncookies=0 abort_on_overflow=yes",
     "hold; listen 1; < S 0; < S 0 from 1; < A 1 ack 1; < S 0 from 2; < A 1 ack 1 from 1",
     "< A 1 ack 1 from 2", MS(100), RESET_OVERFLOW},
    {"TCP_LINGER2 below 0", "", OPENED "; set linger2 never; close", "< A 1 ack 2", MS(100),
     RESET_ORPHAN},
};

static void causes_are_counted(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct puppet p;
        puppet_init(&p, r->story, r->params, 250000, 5000);
        puppet_do(&p, 0, r->before);
        check_eq(r->story, p.account.resets_sent, 0);
        puppet_do(&p, MS(100), r->does);
        puppet_do(&p, r->until, "");
        const struct tcp_account *a = r->nobody ? tcp_nobody(p.stack) : &p.account;
        check_eq(r->story, a->resets_sent, 1);
        for (int i = 0; i < TCP_N_RESET_CAUSES; i++)
            check_eq(r->story, a->resets_by[i], i == r->cause);
        puppet_fini(&p);
    }
}

#define CLOSED_FIRST ACCEPTED "; close; < FA 1 ack 2"
enum { IGNORED = TCP_N_RESET_FATES };

static const struct fate_row {
    const char *story, *params, *before, *reset;
    int fate; /* enum tcp_reset_fate; IGNORED */
} fates[] = {
    {"SYN-SENT", "", "connect", "< RA 0 ack 1", RESET_REFUSES},
    {"SYN-SENT: it acknowledges nothing of ours", "", "connect", "< RA 0 ack 9", IGNORED},
    {"SYN-SENT: no ACK at all", "", "connect", "< R 0", IGNORED},
    {"SYN-RECEIVED", "", "listen; < S 0", "< R 1", RESET_HALF_OPEN},
    {"ESTABLISHED", "", OPENED, "< R 1", RESET_ENDS},
    {"in the window, not exact", "", OPENED, "< R 2", RESET_CHALLENGED},
    {"the same by RFC 793", "rst_validation=rfc793", OPENED, "< R 2", RESET_ENDS},
    {"outside the window", "", OPENED, "< R 100000", IGNORED},
    {"TIME-WAIT", "", CLOSED_FIRST, "< R 2", RESET_TIME_WAIT},
    {"TIME-WAIT that is deaf", "rfc1337=yes", CLOSED_FIRST, "< R 2", IGNORED},
    {"TIME-WAIT, not exact", "", CLOSED_FIRST, "< R 3", RESET_CHALLENGED},
    {"TIME-WAIT, not exact: Linux", "time_wait=reuse", CLOSED_FIRST, "< R 3", IGNORED},
};

static void fates_are_counted(void **state)
{
    for (const struct fate_row *r = fates; r < fates + ARRAY_LEN(fates); r++) {
        struct puppet p;
        puppet_init(&p, r->story, r->params, 250000, 5000);
        puppet_do(&p, 0, r->before);
        puppet_do(&p, MS(100), r->reset);
        check_eq(r->story, p.account.resets_received, 1);
        for (int i = 0; i < TCP_N_RESET_FATES; i++)
            check_eq(r->story, p.account.resets_that[i], i == r->fate);
        puppet_fini(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(causes_are_counted),
        cmocka_unit_test(fates_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
