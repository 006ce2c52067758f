/* SPDX-License-Identifier: GPL-3.0-or-later
 * What needs a long run: positions beyond 2^32, and a hundred thousand connections at once.
 */
#include "tests/tcp/pair.h"

#define GIB(n) ((int64_t)(n) << 30)
enum { PORT = 80, N_CONNS = 100000, CHUNK = 1 << 16 };

static struct tcp_params params_of(const char *profile)
{
    struct tcp_params p;
    check_eq(profile, tcp_params_init(&p, profile), 0);
    return p;
}

/* ---- one long stream */

struct bulk {
    struct tcp_user source, sink, door; /* the writer, the reader, who accepts for the reader */
    struct tcp_account account;
    int64_t to_write;
    uint64_t n_read;
    uint32_t stream;
    struct tcp *reader;
    bool eof, closed;
    sim_time eof_at;
    struct sim *sim;
};

static void pour(struct bulk *k, struct tcp *t)
{
    while (k->to_write > 0) {
        const int64_t n = tcp_send(t, k->to_write < CHUNK ? k->to_write : CHUNK);
        if (n <= 0)
            return;
        k->to_write -= n;
    }
}

static void on_source(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct bulk *k = CONTAINER_OF(user, struct bulk, source);
    check_eq("no error", bits & TCP_EV_ERROR, 0);
    if ((bits & TCP_EV_CLOSED) != 0)
        k->closed = true;
    else if ((bits & (TCP_EV_CONNECTED | TCP_EV_WRITABLE)) != 0)
        pour(k, t);
}

static void on_sink(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct bulk *k = CONTAINER_OF(user, struct bulk, sink);
    struct tcp_extent x[4];
    int n = (int)ARRAY_LEN(x);
    for (int64_t got; (got = tcp_recv(t, INT32_MAX, x, &n)) > 0; n = (int)ARRAY_LEN(x)) {
        for (int i = 0; i < n; i++) {
            check_eq("stream", x[i].stream, k->stream);
            check_eq("offset", x[i].offset, k->n_read);
            k->n_read += x[i].len;
        }
    }
    if ((bits & TCP_EV_EOF) != 0) {
        k->eof = true;
        k->eof_at = k->sim->now;
        tcp_close(t);
    }
}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct bulk *k = CONTAINER_OF(user, struct bulk, door);
    k->reader = tcp_accept(l, &k->sink);
}

static struct bulk bulk_of(struct pair *p, int64_t bytes)
{
    struct bulk k = {.source = {.on_event = on_source},
                     .sink = {.on_event = on_sink},
                     .door = {.on_accept = on_accept},
                     .to_write = bytes,
                     .sim = p->sim};
    tcp_account_init(&k.account, 0);
    return k;
}

/* Many bytes, then one more and the end. The last byte is small and nothing is outstanding:
 * neither Nagle's rule nor Minshall's may hold it. */
static void long_stream(const char *profile, int64_t bytes, int64_t mss)
{
    struct tcp_params params = params_of(profile);
    params.mss = mss;
    struct pair p;
    pair_init(&p, &params, &params, MS(1));
    struct bulk k = bulk_of(&p, bytes);
    k.source.account = k.sink.account = k.door.account = &k.account;
    struct tcp_listener *l;
    struct tcp *t;
    check_eq(profile, tcp_listen(p.b, PORT, 0, &k.door, &l), 0);
    check_eq(profile,
             tcp_connect(p.a, (struct tcp_addr){ip4(0x0a000002), PORT}, 0, &k.source, &t), 0);
    k.stream = tcp_number(t);
    while (k.n_read < (uint64_t)bytes && sim_next_at(p.sim) != SIM_NEVER)
        sim_run_until(p.sim, p.sim->now + SEC(60));
    check_eq(profile, k.n_read, bytes);
    const sim_time at = p.sim->now;
    check_eq(profile, tcp_send(t, 1), 1);
    sim_run_until(p.sim, at + MS(1));
    check_eq(profile, k.n_read, bytes + 1);
    tcp_close(t);
    sim_run_until(
        p.sim,
        at + MS(400)); /* the last byte's ACK may be delayed, the FIN does not wait for it */
    check_true(profile, k.eof && k.eof_at <= at + MS(2));
    check_eq(profile, p.to_b.n_bytes, bytes + 1); /* nothing was sent twice */
    pair_fini(&p);
    check_true(profile, k.closed);
    check_eq(profile, k.account.bytes_delivered, bytes + 1);
    check_eq(profile, k.account.bytes_sent, bytes + 1);
    check_eq(profile, k.account.retransmissions, 0);
}

static void positions_do_not_wrap(void **state)
{
    long_stream("rfc9293", GIB(5), 16384); /* sequence numbers wrap once, positions do not */
    /* All segments are full ones of 16 KiB (12 are the timestamps'), so that the number of "the
     * last small segment" is that of the beginning: more than 2^31 behind it would look later.
     */
    long_stream("linux", GIB(3), 16384 + 12);
}

/* ---- many connections */

struct crowd {
    struct tcp_user client, server, door;
    struct tcp_account clients, servers;
    int n_connected, n_closed;
    struct tcp **conns;
};

static void on_client(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct crowd *c = CONTAINER_OF(user, struct crowd, client);
    c->n_connected += (bits & TCP_EV_CONNECTED) != 0;
    c->n_closed += (bits & TCP_EV_CLOSED) != 0;
}

static void on_server(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    if ((bits & TCP_EV_EOF) != 0)
        tcp_close(t);
}

static void on_door(struct tcp_user *user, struct tcp_listener *l)
{
    struct crowd *c = CONTAINER_OF(user, struct crowd, door);
    tcp_accept(l, &c->server);
}

/* All connect at one instant (ports times destinations), all close at one instant, all run out
 * of TIME-WAIT. */
static void one_round(struct pair *p, struct crowd *c)
{
    c->n_connected = c->n_closed = 0;
    for (int i = 0; i < N_CONNS; i++) {
        const struct tcp_addr to = {ip4(0x0a000002), (uint16_t)(PORT + i % 10)};
        check_eq("connect",
                 tcp_connect(p->a, to, (uint16_t)(1000 + i / 10), &c->client, &c->conns[i]), 0);
    }
    sim_run_until(p->sim, p->sim->now + MS(10));
    check_eq("all connected", c->n_connected, N_CONNS);
    check_eq("all at once", c->clients.in_state[TCP_ESTABLISHED].n, N_CONNS);
    for (int i = 0; i < N_CONNS; i++)
        tcp_close(c->conns[i]);
    sim_run_until(p->sim, p->sim->now + MS(10));
    check_eq("all wait", c->clients.in_state[TCP_TIME_WAIT].n, N_CONNS);
    check_eq("the others are gone", c->servers.n_closed % N_CONNS, 0);
    sim_run_until(p->sim, p->sim->now + SEC(300));
    check_eq("all closed", c->n_closed, N_CONNS);
    check_eq("none left", c->clients.in_state[TCP_TIME_WAIT].n, 0);
}

static void a_hundred_thousand_at_once(void **state)
{
    struct tcp_params params = params_of("rfc9293");
    params.backlog = N_CONNS;
    struct pair p;
    pair_init(&p, &params, &params, MS(1));
    struct crowd c = {.client = {.on_event = on_client},
                      .server = {.on_event = on_server},
                      .door = {.on_accept = on_door}};
    tcp_account_init(&c.clients, 0);
    tcp_account_init(&c.servers, 0);
    c.client.account = &c.clients;
    c.server.account = c.door.account = &c.servers;
    c.conns = sim_alloc(p.sim, N_CONNS * sizeof *c.conns);
    for (int i = 0; i < 10; i++) {
        struct tcp_listener *l;
        check_eq("listen", tcp_listen(p.b, (uint16_t)(PORT + i), 0, &c.door, &l), 0);
    }
    one_round(&p, &c);
    const size_t used = p.sim->arena.used;
    one_round(&p, &c);
    /* Only the world's bit a connection that ever was may grow: 2 ends a connection, doubled.
     */
    check_true("the second round lives in the first one's memory",
               p.sim->arena.used - used <= 4 * N_CONNS / 8 * 4);
    check_eq("opened", c.clients.n_opened, 2 * N_CONNS);
    check_eq("accepted and closed", c.servers.n_closed, 2 * N_CONNS);
    pair_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_do_not_wrap),
        cmocka_unit_test(a_hundred_thousand_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
