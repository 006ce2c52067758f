/* SPDX-License-Identifier: GPL-3.0-or-later
 * Profile linux against what Linux 6.18 did (tests/reference): states of both ends, and every
 * segment of each direction with flags, relative numbers, length, options, window, and when it
 * was sent.
 *
 * Times are compared cause by cause: the wait between a segment or a change of state and the
 * last segment that its host had sent or got before it. Linux's timers have ticks, and so have
 * those here (`hz`, `uptime`: where the ticks stood was read off each measurement); a tick more
 * and a moment for programs are allowed, the link's own lateness drops out, nothing happens
 * early. What is left out of a set stands in its row; why, in docs/limits.md.
 *
 * Segments that were injected there are injected here, at the same instant and with the same
 * relative numbers.
 */
#include "models/link.h"
#include "tests/experiments/reference.h"

#include <stdlib.h>

static const struct ref_set sets[] = {
    {"01a_client_close_4seg"},
    {"01b_client_close_3seg"},
    {"01c_server_close"},
    {"02a_syn_lost_once", .jitter = 300},
    {"02b_syn_lost_3"},
    {"02c_syn_all_lost_default"},
    {"02d_syn_all_lost_nolinear"},
    {"02e_syn_all_lost_retries2"},
    {"02g_synack_lost_once"},
    {"02i_synack_timer_default"},
    {"02j0_synack_timer_retries0"},
    {"02k_ack_lost_client_data"},
    {"02l_ack_lost_client_data_late"},
    {"02n_ack_lost_forever"},
    {"02o_defer_accept"},
    {"02p_connect_closed_port"},
    {"03a_fin_lost_once"},
    {"03c_last_ack_lost_once"},
    {"03d_last_ack_lost_5"},
    {"03e_time_wait_length"},
    {"03f_linger0"},
    {"03i_linger_close_unsent"},
    {"03j_max_tw_buckets"},
    {"04a_simultaneous_open"},
    {"04b_simultaneous_close"},
    {"05a_half_close", REF_ENDS_ONLY | REF_NO_TIMES},
    {"05c_finwait2_timeout60"},
    {"05d_finwait2_timeout90"},
    {"05e_data_after_close"},
    {"05f_shutdown_no_timeout"},
    {"06a_stale_syn_listen"},
    {"06b_stale_syn_established"},
    {"06c_stale_syn_established_nots"},
    {"06d_stale_syn_timewait", .until = 15600000},
    {"06f_timewait_real_reuse"},
    {"06h_old_dup_syn_first"},
    {"06j_stale_synack_synsent"},
    {"07a1_backlog16_msb2048_somax4096"},
    {"07a3_backlog4096_msb128_somax4096"},
    {"07a5_backlog1000_msb2048_somax128", .jitter = 1300},
    {"07a6_backlog1_msb2048_somax4096"},
    {"07a7_backlog0_msb2048_somax4096", .jitter = 2300},
    {"07a9_backlog100_msb64_somax4096"},
    {"07b_syncookies1_flood", REF_COOKIE_CLOCK | REF_ENDS_ONLY | REF_SYSCTLS},
    {"07c_syncookies2_noflood", REF_COOKIE_CLOCK | REF_ENDS_ONLY | REF_SYSCTLS},
    {"07d_syncookies1_noflood", REF_ENDS_ONLY | REF_SYSCTLS},
    {"07f_syncookies2_synack_lost", REF_COOKIE_CLOCK},
    {"07g_acceptq_abort0_simul"},
    {"07h_acceptq_abort1_simul"},
    {"07j_acceptq_abort1_serial"},
    {"07k_acceptq_ack_overflow_abort0"},
    {"07m_acceptq_ack_overflow_abort0_silent"},
    {"08a_bind_matrix", REF_ANY_PORT, .jitter = 2100},
    {"08b_tw_reuse0", REF_ANY_PORT | REF_LATE_FIN},
    {"08c_tw_reuse1", REF_ANY_PORT | REF_LATE_FIN, .jitter = 1600},
    {"08d_tw_reuse2_default", REF_ANY_PORT | REF_LATE_FIN},
    {"08f_port_exhaustion_established", REF_ANY_PORT},
    {"08i_tw_bind_connect_nots", REF_SYSCTLS},
    {"09a_blind_rst"},
    {"09b_rst_timewait_rfc1337_0"},
    {"09d_tw_assassination_rfc1337_0"},
    {"09f_segments_timewait"},
    {"10a_keepalive_dead"},
    {"10b_keepalive_alive", .jitter = 9300},
    {"10c_zero_window", REF_NO_STATES, .until = 700000},
    {"10e_rto_dead_retries2_5", .jitter = 300},
    {"10f_rto_dead_retries2_default15"},
    {"10h_user_timeout_5s"},
    {"10i_rto_window_dead"},
    {"10j_half_open_peer_lost"},
    {"11a_tfo_cookie_then_data"},
    {"11b_tfo_client_plain_server"},
    {"11d_tfo_syn_data_lost", .jitter = 4100},
    {"11e_syn_data_no_tfo_server"},
    {"11g_tfo_synack_lost"},
    {"11h_tfo_server_speaks_before_ack", REF_SLOW_READER, .until = 852000},
};

static void as_linux_did(void **state)
{
    const char *only = getenv("SET");
    int n_differ = 0;
    for (const struct ref_set *set = sets; set < sets + ARRAY_LEN(sets); set++) {
        static struct ref_trace measured, simulated;
        if (only != NULL && strstr(set->name, only) == NULL)
            continue;
        ref_measure(set, &measured);
        ref_simulate(set, &measured, &simulated);
        n_differ += ref_compare(set, &measured, &simulated, true);
    }
    assert_int_equal(n_differ, 0);
}

/* ---- the comparison finds what is planted in 02g: a SYN-ACK is lost and comes again */

static void other_flags(struct ref_trace *t)
{
    t->row[3].flags |= TCP_PSH;
}
static void other_seq(struct ref_trace *t)
{
    t->row[3].seq_at.off++;
}
static void other_life(struct ref_trace *t)
{
    t->row[3].ack_at.base++;
}
static void other_window(struct ref_trace *t)
{
    t->row[1].win -= 1460;
}
static void window_grown(struct ref_trace *t)
{
    t->row[4].win++;
}
static void other_options(struct ref_trace *t)
{
    strcpy(t->row[1].kinds, "mss=1460 ts sackOK ws=7");
}
static void other_timestamp(struct ref_trace *t)
{
    t->row[3].tsval_at.off += 4; /* 2 ms are rounding */
}
static void other_echo(struct ref_trace *t)
{
    t->row[4].opt.tsecr++;
}
static void a_block(struct ref_trace *t)
{
    t->row[4].opt.n_sack = 1;
}
static void too_early(struct ref_trace *t)
{
    t->row[2].sent_at -= 40000; /* Linux's timer would be later than its granularity */
}
static void too_late(struct ref_trace *t)
{
    t->row[2].sent_at += 40000; /* Linux's would be early */
}
static void one_more(struct ref_trace *t)
{
    t->row[t->n] = t->row[t->n - 1];
    t->n++;
}
static void other_state(struct ref_trace *t)
{
    t->life[0][true].state[1] = "SYN-RECEIVED";
}
static void state_too_soon(struct ref_trace *t)
{
    t->life[0][true].at[1] -= 40000;
}
static void one_connection_more(struct ref_trace *t)
{
    ref_conn_of(t, (struct ref_conn){1, 2, 3});
}

static void finds_what_differs(void **state)
{
    static const struct ref_set set = {"02g_synack_lost_once"};
    static const struct {
        const char *story;
        void (*plant)(struct ref_trace *t);
    } faults[] = {
        {"flags", other_flags},
        {"a sequence number", other_seq},
        {"an acknowledgment of another life", other_life},
        {"the window of a SYN-ACK", other_window},
        {"a window after the SYNs", window_grown},
        {"the order of options", other_options},
        {"a timestamp", other_timestamp},
        {"an echo", other_echo},
        {"a SACK block", a_block},
        {"a repeat, too early", too_early},
        {"a repeat, too late", too_late},
        {"a segment more", one_more},
        {"a state", other_state},
        {"a state, too soon", state_too_soon},
        {"a connection more", one_connection_more},
    };
    static struct ref_trace measured, simulated, faulty;
    ref_measure(&set, &measured);
    ref_simulate(&set, &measured, &simulated);
    assert_int_equal(ref_compare(&set, &measured, &simulated, true), 0);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        faulty = simulated;
        faults[i].plant(&faulty);
        check_true(faults[i].story, ref_compare(&set, &measured, &faulty, false) > 0);
    }
}

/* Of what flows in bulk too: a segment of 07d is longer, and one is missing. */
static void finds_what_differs_in_bulk(void **state)
{
    static const struct ref_set set = {"07d_syncookies1_noflood", REF_ENDS_ONLY | REF_SYSCTLS};
    static struct ref_trace measured, simulated, faulty;
    int i = 0;
    ref_measure(&set, &measured);
    ref_simulate(&set, &measured, &simulated);
    assert_int_equal(ref_compare(&set, &measured, &simulated, true), 0);
    while (simulated.row[i].len < 1448)
        i++;
    faulty = simulated;
    faulty.row[i].len--;
    check_true("longer", ref_compare(&set, &measured, &faulty, false) > 0);
    faulty = simulated;
    faulty.row[i].len = 0;
    check_true("missing", ref_compare(&set, &measured, &faulty, false) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_linux_did),
                                       cmocka_unit_test(finds_what_differs),
                                       cmocka_unit_test(finds_what_differs_in_bulk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
