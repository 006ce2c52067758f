/* SPDX-License-Identifier: GPL-3.0-or-later
 * Random socket programs. PROGRAMS=100000 runs so many, PROGRAM=7 runs number 7 alone.
 */
#include "tests/sockets/program.h"

#include <errno.h>
#include <stdlib.h>

enum { N_PROGRAMS = 1000, N_TWICE = 20 };

static uint64_t present; /* the program that runs, for who looks into a failure */

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void tell(const struct program_tally *t)
{
    for (int i = 0; i < N_SOCK_CALLS; i++)
        print_message("%-10s %9lld calls, %9lld errors\n", sock_call_name((enum sock_call)i),
                      (long long)t->n_calls[i], (long long)t->n_refused[i]);
    print_message("%lld connections, %lld broken, %lld whole streams, %lld bytes of %lld, %lld "
                  "crashes, %lld "
                  "ICMP messages, %lld with SYN cookies, %lld urgent\n",
                  (long long)t->n_connections, (long long)t->n_ended, (long long)t->n_whole,
                  (long long)t->bytes_read, (long long)t->bytes_written,
                  (long long)t->n_crashes, (long long)t->n_messages, (long long)t->n_cookies,
                  (long long)t->n_urgent);
    print_message(
        "%lld AF_UNSPEC, %lld MSG_PEEK, %lld shared ports; calls with itself %lld, by "
        "Fast Open %lld, at closed windows %lld, with ECN %lld\n",
        (long long)t->n_disconnects, (long long)t->n_peeks, (long long)t->n_shared,
        (long long)t->n_with_itself, (long long)t->n_with_children,
        (long long)t->n_with_closed_windows, (long long)t->n_with_marks);
}

static void programs(void **state)
{
    const uint64_t one = number_of("PROGRAM", 0), n = number_of("PROGRAMS", N_PROGRAMS);
    struct program_tally tally = {0};
    for (present = one > 0 ? one : 1; present <= (one > 0 ? one : n); present++)
        program_run(present, &tally);
    tell(&tally);
    if (one > 0 || n < N_PROGRAMS)
        return;
    for (int i = 0; i < N_SOCK_CALLS; i++) {
        check_true(sock_call_name((enum sock_call)i), tally.n_calls[i] > (int64_t)n);
        check_true(sock_call_name((enum sock_call)i), tally.n_refused[i] > (int64_t)n / 20);
    }
    for (int i = 0; i < N_SOCK_STATES; i++)
        check_true(sock_state_name(i), tally.n_in[i] >= (int64_t)n / 1000);
    check_true("connections", tally.n_connections > (int64_t)n);
    check_true("whole streams", tally.n_whole > (int64_t)n / 4);
    check_true("broken ones", tally.n_ended > (int64_t)n / 4);
    check_true("crashes", tally.n_crashes > (int64_t)n / 20);
    check_true("messages", tally.n_messages > (int64_t)n);
    check_true("cookies", tally.n_cookies > (int64_t)n / 20);
    check_true("urgent data", tally.n_urgent > (int64_t)n / 20);
    check_true("AF_UNSPEC", tally.n_disconnects > (int64_t)n / 20);
    check_true("MSG_PEEK", tally.n_peeks > (int64_t)n);
    check_true("SO_REUSEPORT", tally.n_shared > (int64_t)n / 20);
    check_true("self-connect", tally.n_with_itself > (int64_t)n / 20);
    check_true("Fast Open", tally.n_with_children > (int64_t)n / 200);
    check_true("zero windows", tally.n_with_closed_windows > (int64_t)n / 20);
    check_true("ECN", tally.n_with_marks > (int64_t)n / 20);
}

static void a_program_is_what_its_number_says(void **state)
{
    for (present = 1; present <= N_TWICE; present++) {
        struct program_tally first = {0}, second = {0};
        program_run(present, &first);
        program_run(present, &second);
        check_true("the same transitions", first.digest == second.digest);
        check_eq("the same bytes", first.bytes_read, second.bytes_read);
    }
}

/* The checker knows what is wrong. */
static void the_table_refuses(void **state)
{
    static const struct {
        struct sock_asked asked;
        int error;
        bool is_allowed;
    } rows[] = {
        {{CALL_SEND, TCP_ESTABLISHED}, EAGAIN, true},
        {{CALL_SEND, TCP_ESTABLISHED}, EPIPE, false},
        {{CALL_SEND, TCP_FIN_WAIT_1}, EAGAIN, false}, /* shut down: EPIPE */
        {{CALL_SEND, TCP_SYN_RECEIVED}, EPIPE, false},
        {{CALL_SEND, TCP_SYN_RECEIVED, .facts = FACT_SHUT}, EPIPE, true},
        {{CALL_SEND, TCP_CLOSED, TCP_ESTABLISHED}, ECONNRESET, true},
        {{CALL_SEND, TCP_CLOSED, TCP_ESTABLISHED}, ECONNREFUSED, false}, /* it was accepted */
        {{CALL_SEND, TCP_CLOSED, TCP_ESTABLISHED, FACT_ICMP}, ECONNREFUSED, true},
        {{CALL_SEND, TCP_CLOSED, TCP_ESTABLISHED, FACT_ICMP}, EMSGSIZE, false},
        {{CALL_SEND, TCP_ESTABLISHED}, ECONNRESET, false}, /* it has not ended */
        {{CALL_SEND, TCP_ESTABLISHED, .facts = FACT_ICMP}, EHOSTUNREACH, false},
        {{CALL_SEND, TCP_ESTABLISHED, .facts = FACT_ICMP | FACT_RECVERR}, EHOSTUNREACH, true},
        {{CALL_RECV, TCP_CLOSE_WAIT}, EAGAIN, false}, /* 0: the end of the stream */
        {{CALL_RECV, TCP_CLOSED}, ENOTCONN, false},   /* so too */
        {{CALL_RECV, TCP_CLOSED, TCP_CLOSE_WAIT, FACT_EPIPE}, EPIPE, true},
        {{CALL_RECV, TCP_CLOSED, TCP_CLOSE_WAIT, FACT_EPIPE}, ECONNRESET, false},
        {{CALL_RECV, TCP_CLOSED, TCP_CLOSE_WAIT, FACT_ECONNRESET}, EPIPE, false},
        {{CALL_RECV, TCP_CLOSED, TCP_ESTABLISHED}, EPIPE, false},
        {{CALL_RECV, SOCK_DEFERRED}, ENOTCONN, false},      /* EAGAIN */
        {{CALL_CONNECT, TCP_SYN_SENT}, EINPROGRESS, false}, /* EALREADY */
        {{CALL_CONNECT, SOCK_NEW}, EADDRINUSE, false},      /* EADDRNOTAVAIL */
        {{CALL_CONNECT, TCP_CLOSED, TCP_SYN_SENT}, ECONNREFUSED, true},
        {{CALL_ACCEPT, SOCK_NEW}, EAGAIN, false},
        {{CALL_BIND, SOCK_NEW}, EINVAL, false},
        {{CALL_BIND, SOCK_NEW, .facts = FACT_BOUND}, EINVAL, true},
        {{CALL_BIND, SOCK_NEW}, EADDRNOTAVAIL, false},
        {{CALL_SETSOCKOPT, SOCK_NEW}, EINVAL, false},
        {{CALL_SHUTDOWN, TCP_CLOSED, TCP_ESTABLISHED}, ECONNRESET, false}, /* stays pending */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_eq(sock_call_name(rows[i].asked.call),
                 errno_is_allowed(rows[i].asked, rows[i].error), rows[i].is_allowed);
    check_true("no ending", !ending_is_allowed(TCP_CLOSED, 0, ECONNRESET));
}

static int say_which(void **state)
{
    print_message("program %llu was the last\n", (unsigned long long)present);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(programs, say_which),
        cmocka_unit_test_teardown(a_program_is_what_its_number_says, say_which),
        cmocka_unit_test(the_table_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
