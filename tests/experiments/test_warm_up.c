/* SPDX-License-Identifier: GPL-3.0-or-later
 * What counts from the end of the warm-up on, by hand: one client, 10 ms each way, and a
 * request of 100 B each second from 1 s to 9 s.
 */
#include "tests/experiments/runs.h"

#define CLIENT                                                                                 \
    "topology: {two-hosts: {delay: 10ms}}\n"                                                   \
    "apps:\n"                                                                                  \
    "  web: {kind: server, host: server, port: 80, request: unlimited}\n"                      \
    "  user:\n"                                                                                \
    "    kind: script\n"                                                                       \
    "    host: client\n"                                                                       \
    "    to: web\n"                                                                            \
    "    steps:\n"                                                                             \
    "      - {at: 0s, call: connect}\n"                                                        \
    "      - {at: 1s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 2s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 3s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 4s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 5s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 6s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 7s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 8s, call: send, bytes: 100B}\n"                                              \
    "      - {at: 9s, call: send, bytes: 100B}\n"                                              \
    "stop: 10s\n"

static void counts_and_levels_begin_anew(void **state)
{
    static const struct {
        const char *metric, *all, *warmed; /* without a warm-up, and with one of 4.005 s */
    } rows[] = {
        /* the send of 4 s is on its way when the counting begins: it arrives, and was not sent
         */
        {"user.bytes_sent", "900B", "500B"},
        {"web.bytes_delivered", "900B", "600B"},
        {"web.bytes_verified", "900B", "600B"},
        /* SYN, ACK and nine sends; what was inside then is delivered as well */
        {"client->server.sent", "11", "5"},
        {"client->server.delivered", "11", "6"},
        /* ESTABLISHED 20 ms and 30 ms after the start, until the end */
        {"user.dwell_established", "9.98s", "5.995s"},
        {"web.dwell_established", "9.97s", "5.995s"},
        {"user.mean_established", "0.998", "1"},
        {"web.mean_established", "0.997", "1"},
        {"web.max_established", "1", "1"},
        {"web.max_syn_received", "1", "0"},
        {"web.in_established", "1", "1"},
        /* counted as it happened, before; the instant stays */
        {"user.connections", "1", "0"},
        {"user.established", "1", "0"},
        {"user.established_at", "20ms", "20ms"},
        {"web.states", "SYN-RECEIVED ESTABLISHED", "SYN-RECEIVED ESTABLISHED"},
    };
    for (int warmed = 0; warmed <= 1; warmed++) {
        char text[8192];
        size_t n = (size_t)snprintf(text, sizeof text, "%s%sexpect:\n", CLIENT,
                                    warmed ? "warm_up: 4.005s\n" : "");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            n += (size_t)snprintf(text + n, sizeof text - n,
                                  "  - {metric: %s, is: %s, source: by hand}\n", rows[i].metric,
                                  warmed ? rows[i].warmed : rows[i].all);
        struct ran r = run_text(text);
        for (int i = 0; i < r.results->n_verdicts; i++)
            check_str(rows[i].metric, r.results->verdicts[i].got, r.results->verdicts[i].want);
        check_eq("rows", r.results->n_verdicts, (int)ARRAY_LEN(rows));
        ran_free(&r);
    }
}

/* SYN-RECEIVED lasts from 10 ms to 30 ms; the counting begins in its middle, and of a handshake
 * that is completed nothing is half-open time. */
static void a_state_that_is_cut_in_two(void **state)
{
    struct ran r =
        run_text(CLIENT "warm_up: 20ms\n"
                        "expect:\n"
                        "  - {metric: web.dwell_syn_received, is: 10ms, source: 30 - 20}\n"
                        "  - {metric: web.half_open_time, is: 0s, source: completed}\n"
                        "  - {metric: web.max_syn_received, is: 1, source: it is there}\n"
                        "  - {metric: user.established, is: 0, source: at 20 ms itself}\n");
    for (int i = 0; i < r.results->n_verdicts - 1; i++)
        check_str("cut", r.results->verdicts[i].got, r.results->verdicts[i].want);
    /* a change of the world comes before what arrives at its instant: that SYN-ACK counts */
    check_str("the tie", r.results->verdicts[3].got, "1");
    ran_free(&r);
}

/* A fault that acted before the end of the warm-up has acted. */
static void warnings_look_at_the_whole_run(void **state)
{
    struct ran r =
        run_text(CLIENT "warm_up: 4s\n"
                        "faults:\n"
                        "  early: {link: client->server, match: {flags: SYN}, delay: 1ms}\n"
                        "  never: {link: client->server, match: {flags: FIN}, delay: 1ms}\n");
    check_eq("one", r.results->warnings.n, 1);
    check_str("the other", r.results->warnings.items[0].name, "never");
    ran_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_levels_begin_anew),
        cmocka_unit_test(a_state_that_is_cut_in_two),
        cmocka_unit_test(warnings_look_at_the_whole_run),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
