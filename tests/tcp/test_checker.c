/* SPDX-License-Identifier: GPL-3.0-or-later
 * The checks of random lives (scenario.c) with faults planted: each must be found. A fault is
 * planted in a child process that runs the checks as a test of its own; its status tells how
 * many failed.
 */
#include "models/tcp/endpoint.h"
#include "tests/tcp/scenario.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_SEEDS = 20 };

/* What is done to every actor that has begun, or to the run. */
static void nothing(struct scenario *s, struct actor *a) {}
static void skips_a_byte(struct scenario *s, struct actor *a)
{
    a->n_read++;
}
static void reads_a_byte_twice(struct scenario *s, struct actor *a)
{
    a->n_read -= a->n_read > 0;
}
static void hears_another_stream(struct scenario *s, struct actor *a)
{
    a->user.on_event = NULL; /* which would set it again */
    a->peer_stream++;
}
static void wrote_less(struct scenario *s, struct actor *a)
{
    a->written -= a->written > 0;
}
static void wrote_more(struct scenario *s, struct actor *a)
{
    a->written++;
}
static void keeps_its_socket(struct scenario *s, struct actor *a)
{
    a->t = a->t == NULL ? (struct tcp *)a : a->t;
}
static void is_never_told_the_end(struct scenario *s, struct actor *a)
{
    a->ended = false;
}
static void is_told_nothing(struct scenario *s, struct actor *a)
{
    a->eof = a->error = a->closed_early = a->aborted = false;
}
static void leaks_a_packet(struct scenario *s, struct actor *a)
{
    if (a == s->actors)
        packet_new(s->sim, 40);
}
static void counts_one_too_many(struct scenario *s, struct actor *a)
{
    s->listener->n_queued++;
}
static void miscounts_the_table(struct scenario *s, struct actor *a)
{
    s->listener->stack->table.n++;
}

static const struct fault_row {
    const char *story;
    void (*plant)(struct scenario *s, struct actor *a);
    sim_time at;
    bool found;
} rows[] = {
    {"no fault", nothing, MS(200), false},
    {"no fault, late", nothing, SEC(86400), false},
    {"a byte is skipped", skips_a_byte, MS(200), true},
    {"a byte is read twice", reads_a_byte_twice, MS(200), true},
    {"a stream is mistaken", hears_another_stream, MS(200), true},
    {"less was written than was read", wrote_less, SEC(86400), true},
    {"the end of stream comes before the last byte", wrote_more, SEC(86400), true},
    {"an actor never lets go", keeps_its_socket, SEC(86400), true},
    {"an end is not told", is_never_told_the_end, SEC(86400), true},
    {"neither end of stream nor error", is_told_nothing, SEC(86400), true},
    {"a packet leaks", leaks_a_packet, MS(200), true},
    {"a listener's count is wrong", counts_one_too_many, MS(200), true},
    {"the table's count is wrong", miscounts_the_table, SEC(86400), true},
};

static const struct fault_row *row;
static uint64_t seed;

static void no_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

static void faulty_life(void **state)
{
    struct scenario_tally tally = {0};
    struct scenario *s = scenario_new(seed, false);
    sim_run_until(s->sim, row->at);
    for (int i = 0; i < 2 * s->n_conns; i++) {
        struct actor *a = &s->actors[i];
        if (!a->opened)
            continue;
        row->plant(s, a);
        a->user.on_event = a->user.on_event == NULL ? no_event : a->user.on_event;
    }
    scenario_finish(s, &tally);
}

/* True if the checks failed. */
static bool is_found(void)
{
    const pid_t child = fork();
    if (child == 0) {
        const struct CMUnitTest test[] = {cmocka_unit_test(faulty_life)};
        const int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        _exit(cmocka_run_group_tests(test, NULL, NULL) == 0 ? 0 : 1);
    }
    int status;
    check_eq("the child's end", waitpid(child, &status, 0), child);
    return status != 0;
}

static void planted_faults_are_found(void **state)
{
    for (row = rows; row < rows + ARRAY_LEN(rows); row++) {
        int n_found = 0;
        for (seed = 1; seed <= N_SEEDS; seed++)
            n_found += is_found();
        check_eq(row->story, n_found > 0, row->found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted_faults_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
