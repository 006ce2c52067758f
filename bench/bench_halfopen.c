/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_halfopen.c -- what a half-open connection, one in TIME-WAIT and an open one cost.
 *
 *   bench_halfopen [N]        N SYNs from as many addresses to one listener, then as many
 *                             connections into TIME-WAIT, then as many that stay open; default
 *                             1000000; then N SYNs against a backlog of 128, by each policy of
 *                             a full queue
 *
 * Prints, at N / 10 and at N entries, the nanoseconds per SYN, and the bytes of resident memory
 * that an entry takes between the two, hash table and timers in them. Instructions per SYN:
 *
 *   valgrind --tool=callgrind --toggle-collect=flood bench_halfopen 1000
 */
#include "models/tcp/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { HERE = 0x0a000001, PEERS = 0x0b000000, PORT = 80, ENOUGH = 1 << 20, FEW = 128 };

static int64_t resident_bytes(void)
{
    long pages = 0, all = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%ld %ld", &all, &pages) != 2)
        pages = 0;
    if (f != NULL)
        fclose(f);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The stack's numbers of the last segment that it sent. */
struct wire {
    struct sim *sim;
    uint32_t seq;
};

static void on_output(void *ctx, struct packet *p)
{
    struct wire *w = ctx;
    w->seq = p->seq;
    packet_free(w->sim, p);
}

static void deliver(struct tcp_stack *s, int64_t peer, uint16_t flags, uint32_t at,
                    uint32_t ack)
{
    struct packet *p = packet_new(s->sim, 40);
    p->src = ip4(PEERS + (uint32_t)peer);
    p->dst = ip4(HERE);
    p->proto = PROTO_TCP;
    p->sport = 1000;
    p->dport = PORT;
    p->flags = flags;
    p->seq = at;
    p->ack = ack;
    p->win = 65535;
    tcp_input(s, p);
}

/* Outside of main for callgrind's --toggle-collect. */
__attribute__((noinline)) static void flood(struct tcp_stack *s, struct wire *w, int64_t from,
                                            int64_t to)
{
    for (int64_t i = from; i < to; i++)
        deliver(s, i, TCP_SYN, 500, 0);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

static void close_it(struct tcp_user *user, struct tcp_listener *l)
{
    struct tcp *t = tcp_accept(l, user);
    tcp_close(t);
}

static void hold_it(struct tcp_user *user, struct tcp_listener *l)
{
    tcp_accept(l, user);
}

/* The server closes first. */
__attribute__((noinline)) static void lives(struct tcp_stack *s, struct wire *w, int64_t from,
                                            int64_t to)
{
    for (int64_t i = from; i < to; i++) {
        deliver(s, i, TCP_SYN, 500, 0);
        const uint32_t iss = w->seq;
        deliver(s, i, TCP_ACK, 501, iss + 1);
        deliver(s, i, TCP_ACK | TCP_FIN, 501, iss + 2);
    }
}

__attribute__((noinline)) static void openings(struct tcp_stack *s, struct wire *w,
                                               int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++) {
        deliver(s, i, TCP_SYN, 500, 0);
        deliver(s, i, TCP_ACK, 501, w->seq + 1);
    }
}

static void measure(const char *what, const char *policy, int64_t backlog, int64_t n,
                    void (*make)(struct tcp_stack *s, struct wire *w, int64_t from, int64_t to),
                    enum tcp_state state)
{
    const bool stays = state == TCP_ESTABLISHED;
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct wire w = {.sim = sim};
    struct tcp_account account;
    struct tcp_user user = {on_event, stays ? hold_it : close_it, &account, NULL};
    struct tcp_params params;
    struct tcp_listener *l;
    tcp_params_init(&params, "rfc9293");
    params.syn_queue = policy;
    params.backlog = backlog;
    tcp_account_init(&account, 0);
    struct tcp_stack *s = tcp_stack_new(sim, sim_subject(sim, "host", "server"), ip4(HERE),
                                        &params, on_output, &w);
    tcp_listen(s, PORT, 0, &user, &l);
    const double t0 = now_ns();
    make(s, &w, 0, n / 10);
    const double t1 = now_ns();
    const int64_t bytes = resident_bytes();
    make(s, &w, n / 10, n);
    const double t2 = now_ns();
    const double rest = (double)(n - n / 10);
    printf("%-14s %9lld entries  %6.1f B an entry  %6.0f ns each (first tenth %6.0f)\n", what,
           (long long)account.in_state[state].n, (double)(resident_bytes() - bytes) / rest,
           (t2 - t1) / rest, (t1 - t0) / (double)(n / 10));
    sim_free(sim);
}

int main(int argc, char **argv)
{
    const int64_t n = argc > 1 ? atoll(argv[1]) : 1000000;
    if (n < 10 || n > 1 << 20)
        return 2;
    measure("SYN-RECEIVED", "drop", ENOUGH, n, flood, TCP_SYN_RECEIVED);
    measure("TIME-WAIT", "drop", ENOUGH, n, lives, TCP_TIME_WAIT);
    measure("ESTABLISHED", "drop", ENOUGH, n, openings, TCP_ESTABLISHED);
    for (const struct choice *c = TCP_SYNQ_CHOICES; c->name != NULL; c++)
        measure(c->name, c->name, FEW, n, flood, TCP_SYN_RECEIVED);
    return 0;
}
