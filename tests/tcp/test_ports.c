/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which ephemeral port is next, and when there is none: Linux's measurements
 * (tests/reference/linux-6.18/08b, c, d, i), the algorithms of RFC 6056, and the search by bits
 * against a search by hand.
 */
#include <errno.h>
#include <stdlib.h>

#include "models/tcp/endpoint.h"
#include "tests/tcp/socks.h"

enum { WEB = 80, ONE_WAY_MS = 50 };
static const ip_addr SERVER = {0, 0x0a000002};

static struct tcp_params params_of(int first, int last, const char *choice)
{
    struct tcp_params p;
    assert_int_equal(tcp_params_init(&p, "linux"), 0);
    p.port_min = first;
    p.port_max = last;
    p.port_selection = choice;
    return p;
}

/* ---- a client that closes first, as often as it is told */

static void close_it(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct plug *k = CONTAINER_OF(user, struct plug, user);
    if (k->sock.t == t && (bits & (TCP_EV_CONNECTED | TCP_EV_EOF)) != 0)
        tcp_sock_close(&k->sock);
}

static void accept_it(struct tcp_user *user, struct tcp_listener *l)
{
    struct plug *web = CONTAINER_OF(user, struct plug, user);
    struct plug *k = sim_alloc(l->stack->sim, sizeof *k);
    plug_new(k, l->stack);
    k->user.on_event = close_it;
    assert_int_equal(tcp_sock_accept(&web->sock, &k->sock, &k->user), 0);
}

struct world {
    struct pair p;
    struct plug web, other;
};

static void serve(struct world *w, struct plug *k, uint16_t port)
{
    plug_new(k, w->p.b);
    k->user.on_accept = accept_it;
    assert_int_equal(tcp_sock_bind(&k->sock, (struct tcp_addr){ip4(0), port}), 0);
    assert_int_equal(tcp_sock_listen(&k->sock, 100, &k->user), 0);
}

static void world_new(struct world *w, const struct tcp_params *client)
{
    const struct tcp_params server = params_of(32768, 60999, "sequential");
    pair_init(&w->p, client, &server, MS(ONE_WAY_MS));
    serve(w, &w->web, WEB);
    serve(w, &w->other, WEB + 1);
}

static void world_end(struct world *w)
{
    tcp_sock_close(&w->web.sock);
    tcp_sock_close(&w->other.sock);
    pair_fini(&w->p);
}

/* Its local port, or -errno. It stays open unless it is told to close. */
static int dial(struct world *w, uint16_t bound, uint16_t to, bool closes)
{
    struct plug *k = sim_alloc(w->p.sim, sizeof *k);
    plug_new(k, w->p.a);
    if (closes)
        k->user.on_event = close_it;
    tcp_sock_set(&k->sock, TCP_OPT_REUSEADDR, bound != 0);
    int r = bound != 0 ? tcp_sock_bind(&k->sock, (struct tcp_addr){ip4(0), bound}) : 0;
    if (r == 0)
        r = tcp_sock_connect(&k->sock, (struct tcp_addr){SERVER, to}, &k->user);
    if (r != -EINPROGRESS) {
        tcp_sock_close(&k->sock);
        return r;
    }
    return tcp_sock_local(&k->sock).port;
}

/* ---- as measured */

/* t,local_port,result,...: every attempt at its time. */
static void replay(const char *set, const struct tcp_params *params, int n_rows)
{
    char path[128], line[200];
    struct world w;
    snprintf(path, sizeof path, "tests/reference/linux-6.18/%s/results.csv", set);
    FILE *f = fopen(path, "r");
    int n = 0;
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    world_new(&w, params);
    for (; fgets(line, sizeof line, f) != NULL; n++) {
        double at;
        int port;
        char result[40];
        if (sscanf(line, "%lf,%d,%39[^,]", &at, &port, result) != 3)
            break; /* the last rows are of other calls */
        sim_run_until(w.p.sim, (sim_time)(at * 1e3 + 0.5) * MS(1));
        const int got = dial(&w, 0, WEB, true);
        check_true(line, strcmp(result, "OK") == 0 ? got > 0 : got == -EADDRNOTAVAIL);
        if (params->port_max - params->port_min == 1 && got > 0)
            check_eq(line, got, port); /* of two the free one */
    }
    fclose(f);
    check_eq(set, n, n_rows);
    check_true("another destination has its own", dial(&w, 0, WEB + 1, true) > 0);
    world_end(&w);
}

static void as_linux_did(void **unused)
{
    static const struct {
        const char *set;
        int last, tw_reuse, n_rows;
    } sets[] = {
        {"08b_tw_reuse0", 50007, 0, 59},
        {"08c_tw_reuse1", 50001, 1, 47},
        {"08d_tw_reuse2_default", 50007, 2, 59},
    };
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        struct tcp_params p = params_of(50000, sets[i].last, "linux");
        p.tw_reuse = sets[i].tw_reuse;
        replay(sets[i].set, &p, sets[i].n_rows);
    }
}

/* 08i: bound to 50100 with SO_REUSEADDR, its own TIME-WAIT in the way; no timestamps. */
static void a_bound_port_in_time_wait(void **unused)
{
    static const struct {
        const char *story;
        bool timestamps;
        int tw_reuse, after_ms, want;
    } rows[] = {
        {"tw_reuse=0, TW 0.3 s old", false, 0, 500, -EADDRNOTAVAIL},
        {"tw_reuse=0, TW 2 s old", false, 0, 2200, -EADDRNOTAVAIL},
        {"tw_reuse=1, TW 0.3 s old", false, 1, 500, -EADDRNOTAVAIL},
        {"tw_reuse=1, TW 2 s old", false, 1, 2200, -EADDRNOTAVAIL},
        /* tcp_twsk_unique() of Linux: with timestamps a bound one need not wait */
        {"timestamps, TW 0.3 s old", true, 0, 500, 50100},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        struct tcp_params p = params_of(32768, 60999, "linux");
        p.timestamps = rows[i].timestamps;
        p.tw_reuse = rows[i].tw_reuse;
        world_new(&w, &p);
        check_eq(rows[i].story, dial(&w, 50100, WEB, true), 50100);
        pair_run(&w.p, rows[i].after_ms);
        check_eq(rows[i].story, dial(&w, 50100, WEB, true), rows[i].want);
        check_eq("another port of the peer", dial(&w, 50100, WEB + 1, true), 50100);
        world_end(&w);
    }
}

/* 08f: eight ports, connections stay open. Even ones first, then odd ones, then none; another
 * destination has all eight again, bind() has none. */
static void eight_ports(void **unused)
{
    struct world w;
    struct plug k;
    const struct tcp_params p = params_of(50000, 50007, "linux");
    unsigned seen = 0;
    world_new(&w, &p);
    for (int i = 0; i < 8; i++) {
        const int port = dial(&w, 0, WEB, false);
        check_eq("even ones first", port % 2, i >= 4);
        seen |= 1u << (port - 50000);
    }
    check_eq("each once", seen, 0xff);
    check_eq("the ninth", dial(&w, 0, WEB, false), -EADDRNOTAVAIL);
    check_eq("is counted", w.p.a->ports.n_exhausted, 1);
    for (int i = 0; i < 8; i++)
        check_true("shared with another destination", dial(&w, 0, WEB + 1, false) > 0);
    plug_new(&k, w.p.a);
    check_eq("bind() with port 0", tcp_sock_bind(&k.sock, ANY), -EADDRINUSE);
    check_eq("listen() without bind()", tcp_sock_listen(&k.sock, 1, &k.user), -EADDRINUSE);
    check_eq("ports in use", w.p.a->ports.in_use.n, 8);
    tcp_stack_crash(w.p.a);
    check_eq("after a crash", w.p.a->ports.in_use.n, 0);
    world_end(&w);
}

/* 14e, the client's side: 200 ports, 5 connections a second, TIME-WAIT 60 s from 0.2 s after
 * connect(): at 40.0 s the first one without a port, at 60.2 s the first port again. */
static void two_hundred_ports(void **unused)
{
    struct world w;
    struct tcp_params p = params_of(50000, 50199, "linux");
    p.tw_reuse = 0;
    int n_ok = 0, first_without = -1, first_again = -1;
    world_new(&w, &p);
    for (int i = 0; i < 650; i++) {
        sim_run_until(w.p.sim, MS(200) * i + 1);
        const bool ok = dial(&w, 0, WEB, true) > 0;
        n_ok += ok;
        if (!ok && first_without < 0)
            first_without = 200 * i;
        if (ok && first_without >= 0 && first_again < 0)
            first_again = 200 * i;
    }
    check_eq("the 201st has none", first_without, 40000);
    check_eq("when the first TIME-WAIT is over", first_again, 60200);
    /* 200 until 40 s, 200 from 60.2 s on, and the rest from 120.4 s to 129.8 s: 48 */
    check_eq("connections", n_ok, 200 + 200 + 48);
    check_eq("the instant", w.p.a->ports.exhausted_at, SEC(40) + 1);
    world_end(&w);
}

/* ---- the algorithms, RFC 6056 §3.3 */

static void take_ports(const char *choice, int n, uint16_t to, int *ports)
{
    struct world w;
    const struct tcp_params p = params_of(40000, 40999, choice);
    world_new(&w, &p);
    for (int i = 0; i < n; i++)
        ports[i] = dial(&w, 0, i % 2 == 0 ? WEB : to, false);
    tcp_stack_crash(w.p.a);
    world_end(&w);
}

static void the_algorithms_differ(void **unused)
{
    enum { N = 6 };
    int got[5][N], elsewhere[N];
    for (int i = 0; TCP_PORT_CHOICES[i].name != NULL; i++)
        take_ports(TCP_PORT_CHOICES[i].name, N, WEB + 1, got[i]);
    for (int i = 0; i < N; i++)
        check_eq("sequential", got[0][i], 40000 + i);
    /* simple hash: one counter, so that the ports to each destination go up by two */
    for (int i = 2; i < N; i++)
        check_eq("simple-hash", (got[2][i] - got[2][i - 2] + 1000) % 1000, 2);
    /* double hash: two destinations of different groups have counters of their own */
    for (int i = 2; i < N; i++)
        check_eq("double-hash", (got[3][i] - got[3][i - 2] + 1000) % 1000, 1);
    for (int i = 0; i < N; i++)
        check_eq("linux", got[4][i] % 2, 0);
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < a; b++)
            check_true("unlike", memcmp(got[a], got[b], sizeof got[a]) != 0);
    take_ports("simple-hash", N, WEB, elsewhere);
    for (int i = 1; i < N; i++)
        check_eq("one destination", (elsewhere[i] - elsewhere[i - 1] + 1000) % 1000, 1);
}

/* random: 1000 draws of 1000 ports into 10 parts of 100, each 100 +- 9.5. */
static void random_is_even(void **unused)
{
    struct world w;
    const struct tcp_params p = params_of(40000, 40999, "random");
    int parts[10] = {0};
    world_new(&w, &p);
    for (int i = 0; i < 1000; i++) {
        struct plug k;
        plug_new(&k, w.p.a);
        tcp_sock_connect(&k.sock, (struct tcp_addr){SERVER, WEB}, &k.user);
        parts[(tcp_sock_local(&k.sock).port - 40000) / 100]++;
        tcp_sock_close(&k.sock);
    }
    for (int i = 0; i < 10; i++)
        check_true("a tenth each", abs(parts[i] - 100) <= 4 * 10);
    world_end(&w);
}

/* ---- the search by bits */

/* Random dials and hang-ups to two destinations, few of which end with TIME-WAIT: what is free
 * by a look at all ports is what the search finds, and it finds none exactly when there is
 * none. Bound sockets stand in the way of both. */
static void finds_what_is_free(const char *choice, uint64_t seed)
{
    enum { PORTS = 300, STEPS = 6000 };
    static struct plug k[2][PORTS], bound[20];
    struct world w;
    struct tcp_params p = params_of(40000, 40000 + PORTS - 1, choice);
    const struct rng base = {seed, seed, 0};
    struct rng rng = base;
    int n[2] = {0, 0}, n_none = 0;
    world_new(&w, &p);
    for (int i = 0; i < 20; i++) {
        plug_new(&bound[i], w.p.a);
        tcp_sock_bind(&bound[i].sock,
                      (struct tcp_addr){ip4(0), (uint16_t)(40000 + rng_below(&rng, PORTS))});
    }
    const int64_t n_bound = w.p.a->ports.in_use.n;
    for (int i = 0; i < STEPS; i++) {
        const int to = (int)rng_below(&rng, 2);
        const bool fill = i / 1000 % 2 == 0;
        if (rng_below(&rng, 10) < (fill ? 9u : 1u)) {
            struct plug *one = &k[to][n[to]];
            plug_new(one, w.p.a);
            const int r = tcp_sock_connect(
                &one->sock, (struct tcp_addr){SERVER, (uint16_t)(WEB + to)}, &one->user);
            check_eq(choice, r, n[to] < PORTS - n_bound ? -EINPROGRESS : -EADDRNOTAVAIL);
            n[to] += r == -EINPROGRESS;
            n_none += r != -EINPROGRESS;
        } else if (n[to] > 0) {
            const int which = (int)rng_below(&rng, (uint64_t)n[to]);
            tcp_abort(k[to][which].sock.t);
            k[to][which].sock = k[to][--n[to]].sock;
        }
    }
    check_true("it came to the end of them", n_none > 100);
    for (int i = 0; i < 20; i++)
        tcp_sock_close(&bound[i].sock);
    tcp_stack_crash(w.p.a);
    check_true("no crowd is left", w.p.a->table.crowds == NULL);
    world_end(&w);
}

static void the_search_misses_none(void **unused)
{
    for (int i = 0; TCP_PORT_CHOICES[i].name != NULL; i++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            finds_what_is_free(TCP_PORT_CHOICES[i].name, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_linux_did),
        cmocka_unit_test(a_bound_port_in_time_wait),
        cmocka_unit_test(eight_ports),
        cmocka_unit_test(two_hundred_ports),
        cmocka_unit_test(the_algorithms_differ),
        cmocka_unit_test(random_is_even),
        cmocka_unit_test(the_search_misses_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
