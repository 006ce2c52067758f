/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assert.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"

/* Runs body in a child; its stderr goes to text, its signal is returned, 0 if it exited. */
static int in_child(void (*body)(void), char *text, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        body();
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n < size - 1 && (got = read(ends[0], text + n, size - 1 - n)) > 0;)
        n += (size_t)got;
    text[n] = '\0';
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void two_is_less(struct sim *sim, struct timer *t)
{
    sim_assert(sim, 2 < 1);
}

static void fail_in_a_timer_of(uint32_t entity)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct timer t;
    sim_subject(sim, "host", "client");
    sim_subject(sim, "link", "client->server");
    timer_init(sim, &t, EV_TIMER, entity, two_is_less);
    timer_set(sim, &t, MS(1500));
    sim_run_until(sim, SIM_NEVER);
}

static void of_a_link(void)
{
    fail_in_a_timer_of(2);
}
static void of_a_connection(void)
{
    fail_in_a_timer_of(ENTITY_DYNAMIC + 5);
}
static void of_nobody(void)
{
    fail_in_a_timer_of(99);
}
static void without_sim(void)
{
    sim_assert(NULL, 1 == 2);
}
static void before_any_event(void)
{
    sim_assert(sim_new(&(struct sim_params){0}), 1 == 2);
}
static void that_holds(void)
{
    sim_assert(NULL, 1 == 1);
}

/* An event that is queued twice, and one in the past. */
static void queue_twice(void)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct event e;
    event_init(sim, &e, EV_APP, 1, NULL);
    event_at(sim, &e, 1);
    event_at(sim, &e, 2);
}
static void queue_in_the_past(void)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct event e;
    event_init(sim, &e, EV_APP, 1, NULL);
    sim_run_until(sim, 10);
    event_at(sim, &e, 9);
}
static void free_a_packet_too_many(void)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct packet none = {0};
    packet_free(sim, &none);
}

/* clang-format off */
static const struct row {
    void (*body)(void);
    int signal;
    const char *says; /* part of what goes to stderr */
} ROWS[] = {
    {of_a_link, SIGABRT,
     "this must hold and does not: 2 < 1\n"
     "  at 1.5s (1500000000 ns), event 1: timer of link client->server\n"},
    {of_a_connection, SIGABRT, "event 1: timer of connection 5\n"},
    {of_nobody, SIGABRT, "event 1: timer of entity 99\n"},
    {without_sim, SIGABRT, "this must hold and does not: 1 == 2\n"},
    {before_any_event, SIGABRT, "this must hold and does not: 1 == 2\n"},
    {queue_twice, SIGABRT, "e->at == SIM_NEVER"},
    {queue_in_the_past, SIGABRT, "at >= sim->now"},
    {free_a_packet_too_many, SIGABRT, "live_packets > 0"},
    {that_holds, 0, ""},
};
/* clang-format on */

static void broken_invariants_stop_the_run(void **state)
{
    for (const struct row *r = ROWS; r < ROWS + ARRAY_LEN(ROWS); r++) {
        char text[1000];
        check_eq(r->says, in_child(r->body, text, sizeof(text)), r->signal);
        if (strstr(text, r->says) == NULL)
            check_str("stderr has", text, r->says);
    }
}

static void the_place_is_told(void **state)
{
    char text[1000];
    in_child(without_sim, text, sizeof(text));
    check_true("file:line", strstr(text, "test_assert.c:") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_invariants_stop_the_run),
        cmocka_unit_test(the_place_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
