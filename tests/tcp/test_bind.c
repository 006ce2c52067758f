/* SPDX-License-Identifier: GPL-3.0-or-later
 * Who may have a port beside whom: Linux's answers, cell by cell
 * (tests/reference/linux-6.18/08a_bind_matrix/results.csv), and listeners that share one.
 */
#include <errno.h>
#include <stdlib.h>

#include "models/tcp/endpoint.h"
#include "tests/tcp/socks.h"

enum { PORT = 1001, RTT_MS = 20, A_BIT_MS = 3 * RTT_MS };

static struct tcp_params linux_params(void)
{
    struct tcp_params p;
    assert_int_equal(tcp_params_init(&p, "linux"), 0);
    return p;
}

static void begin(struct pair *p)
{
    const struct tcp_params params = linux_params();
    pair_init(p, &params, &params, MS(RTT_MS / 2));
}

/* b's side of a connection, which b has accepted, and a's. */
struct old {
    struct plug listener, client, server;
};

static void set(struct plug *k, enum tcp_option option, int value)
{
    assert_int_equal(tcp_sock_set(&k->sock, option, value), 0);
}

static void open_old(struct pair *p, struct old *o)
{
    const struct tcp_addr to = {ip4(0x0a000002), PORT};
    plug_new(&o->client, p->a);
    assert_int_equal(tcp_sock_connect(&o->client.sock, to, &o->client.user), -EINPROGRESS);
    pair_run(p, A_BIT_MS);
    plug_new(&o->server, p->b);
    assert_int_equal(tcp_sock_accept(&o->listener.sock, &o->server.sock, &o->server.user), 0);
    tcp_sock_close(&o->listener.sock);
}

/* ---- how an old socket comes into its state; its listener has bound and listens */

static void time_wait(struct pair *p, struct old *o)
{
    open_old(p, o);
    tcp_sock_close(&o->server.sock);
    pair_run(p, A_BIT_MS);
    tcp_sock_close(&o->client.sock);
    pair_run(p, A_BIT_MS);
}
static void fin_wait_2(struct pair *p, struct old *o)
{
    open_old(p, o);
    tcp_sock_close(&o->server.sock);
    pair_run(p, A_BIT_MS);
}
static void close_wait(struct pair *p, struct old *o)
{
    open_old(p, o);
    tcp_sock_close(&o->client.sock);
    pair_run(p, A_BIT_MS);
}
static void as_it_is(struct pair *p, struct old *o) {}
static void never_listens(struct pair *p, struct old *o) {}

static const struct way {
    const char *state;
    void (*go)(struct pair *p, struct old *o);
} WAYS[] = {
    {"TIME_WAIT", time_wait},  {"FIN_WAIT2(orphan)", fin_wait_2},
    {"ESTABLISHED", open_old}, {"CLOSE_WAIT", close_wait},
    {"LISTEN", as_it_is},      {"BOUND", never_listens},
};

static const struct way *way_to(const char *state)
{
    for (size_t i = 0; i < ARRAY_LEN(WAYS); i++)
        if (strcmp(WAYS[i].state, state) == 0)
            return &WAYS[i];
    fail_msg("no way to %s", state);
    return NULL;
}

/* What a new socket gets: "OK", "bind EADDRINUSE", "EADDRINUSE" (of listen). */
static const char *try_new(struct pair *p, enum tcp_option option, int value, ip_addr ip)
{
    struct plug k;
    plug_new(&k, p->b);
    set(&k, option, value);
    const int bound = tcp_sock_bind(&k.sock, (struct tcp_addr){ip, PORT});
    const int listens = bound == 0 ? tcp_sock_listen(&k.sock, 5, &k.user) : 0;
    tcp_sock_close(&k.sock);
    return bound == -EADDRINUSE     ? "bind EADDRINUSE"
           : listens == -EADDRINUSE ? "EADDRINUSE"
           : bound == 0             ? "OK"
                                    : "?";
}

struct cell {
    const char *state;
    int old_value, new_value;
    enum tcp_option option;
    ip_addr old_ip;
};

static const char *play(const struct cell *c)
{
    struct pair p;
    struct old o;
    const struct way *way = way_to(c->state);
    begin(&p);
    plug_new(&o.listener, p.b);
    set(&o.listener, c->option, c->old_value);
    assert_int_equal(tcp_sock_bind(&o.listener.sock, (struct tcp_addr){c->old_ip, PORT}), 0);
    if (way->go != never_listens)
        assert_int_equal(tcp_sock_listen(&o.listener.sock, 5, &o.listener.user), 0);
    way->go(&p, &o);
    const char *result = try_new(&p, c->option, c->new_value, ip4(0));
    if (way->go == as_it_is || way->go == never_listens)
        tcp_sock_close(&o.listener.sock);
    if (way->go == open_old || way->go == close_wait)
        tcp_sock_close(&o.server.sock);
    if (way->go == open_old || way->go == fin_wait_2)
        tcp_sock_close(&o.client.sock);
    pair_fini(&p);
    return result;
}

/* old_state,old_SO_REUSEADDR,new_SO_REUSEADDR,reuseport_test,result; a state may stand in
 * quotes and have a comma. */
static struct cell read_cell(char *line, char *state, const char **result)
{
    char *rest = line;
    if (line[0] == '"') {
        rest = strchr(line + 1, '"') + 1;
        snprintf(state, 64, "%.*s", (int)(rest - line - 2), line + 1);
    } else {
        rest = line + strcspn(line, ",");
        snprintf(state, 64, "%.*s", (int)(rest - line), line);
    }
    struct cell c = {.state = state, .option = TCP_OPT_REUSEADDR};
    c.old_value = rest[1] - '0';
    c.new_value = rest[3] - '0';
    const char *ports = strstr(state, "SO_REUSEPORT");
    if (ports != NULL) {
        c.option = TCP_OPT_REUSEPORT;
        c.old_value = strstr(ports, "old=")[4] - '0';
        c.new_value = strstr(ports, "new=")[4] - '0';
    }
    c.old_ip = strstr(state, "10.x") != NULL ? ip4(0x0a000002) : ip4(0);
    if (strncmp(state, "LISTEN", 6) == 0)
        state[6] = '\0';
    *result = rest + 7;
    return c;
}

static void the_matrix_of_linux(void **unused)
{
    enum { CELLS = 29 };
    FILE *f = fopen("tests/reference/linux-6.18/08a_bind_matrix/results.csv", "r");
    char line[200], state[64];
    int n = 0;
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    for (; fgets(line, sizeof line, f) != NULL; n++) {
        const char *want;
        line[strcspn(line, "\r\n")] = '\0';
        char story[200];
        snprintf(story, sizeof story, "%s", line);
        const struct cell c = read_cell(line, state, &want);
        const bool at_listen = strcmp(want, "EADDRINUSE") == 0; /* whichever call: not told */
        const char *got = play(&c);
        check_str(story, at_listen ? strstr(got, "EADDRINUSE") : got, want);
    }
    fclose(f);
    assert_int_equal(n, CELLS);
}

/* ---- several at a time */

static int bind_at(struct plug *k, struct pair *p, uint32_t ip, uint16_t port, bool addr,
                   bool share)
{
    plug_new(k, p->b);
    set(k, TCP_OPT_REUSEADDR, addr);
    set(k, TCP_OPT_REUSEPORT, share);
    return tcp_sock_bind(&k->sock, (struct tcp_addr){ip4(ip), port});
}

static void of_two_bound_one_may_listen(void **unused)
{
    struct pair p;
    struct plug one, two;
    begin(&p);
    check_eq("the first", bind_at(&one, &p, 0, PORT, true, false), 0);
    check_eq("beside it", bind_at(&two, &p, 0, PORT, true, false), 0);
    check_eq("one listens", tcp_sock_listen(&one.sock, 5, &one.user), 0);
    check_eq("the other does not", tcp_sock_listen(&two.sock, 5, &two.user), -EADDRINUSE);
    check_eq("again, with another backlog", tcp_sock_listen(&one.sock, 7, &one.user), 0);
    check_eq("which counts", one.sock.listener->backlog, 7);
    tcp_sock_close(&one.sock);
    check_eq("now it may", tcp_sock_listen(&two.sock, 5, &two.user), 0);
    tcp_sock_close(&two.sock);
    check_eq("no owner is left", p.b->ports.n_owners, 0);
    pair_fini(&p);
}

static void what_bind_refuses(void **unused)
{
    struct pair p;
    struct plug k, other;
    begin(&p);
    check_eq("a stranger's address", bind_at(&k, &p, 0x0a000001, PORT, false, false),
             -EADDRNOTAVAIL);
    check_eq("its own", bind_at(&k, &p, 0x0a000002, PORT, false, false), 0);
    check_eq("twice", tcp_sock_bind(&k.sock, (struct tcp_addr){ip4(0), 7}), -EINVAL);
    check_eq("any address", bind_at(&other, &p, 0, PORT, false, false), -EADDRINUSE);
    set(&k, TCP_OPT_REUSEADDR, 1);
    check_eq("one side alone may", bind_at(&other, &p, 0, PORT, false, false), -EADDRINUSE);
    check_eq("both may: it was set after bind()", bind_at(&other, &p, 0, PORT, true, false), 0);
    tcp_sock_close(&k.sock);
    tcp_sock_close(&other.sock);
    pair_fini(&p);
}

/* Every connection goes to one of four, each gets its share: 4000 draws, 1000 each, standard
 * deviation 27; and the listener of a single address goes before them all. */
static void listeners_share(void **unused)
{
    enum { LISTENERS = 4, PEERS = 4000, SIGMAS = 4 * 27 };
    struct pair p;
    struct plug k[LISTENERS], own;
    int n[LISTENERS] = {0};
    begin(&p);
    for (int i = 0; i < LISTENERS; i++) {
        check_eq("bound beside the others", bind_at(&k[i], &p, 0, PORT, false, true), 0);
        check_eq("listens", tcp_sock_listen(&k[i].sock, 5, &k[i].user), 0);
    }
    const struct tcp_addr local = {ip4(0x0a000002), PORT};
    for (int i = 0; i < PEERS; i++) {
        const struct tcp_addr peer = {ip4(0x0a000100 + (uint32_t)i / 7), (uint16_t)(5000 + i)};
        struct tcp_listener *l = tcp_listener_for(p.b, local, peer);
        check_true("the same again", tcp_listener_for(p.b, local, peer) == l);
        for (int j = 0; j < LISTENERS; j++)
            n[j] += l == k[j].sock.listener;
    }
    for (int j = 0; j < LISTENERS; j++)
        check_true("a fair share", abs(n[j] - PEERS / LISTENERS) <= SIGMAS);
    check_eq("of one address", bind_at(&own, &p, local.ip.low, PORT, false, true), 0);
    check_eq("listens, too", tcp_sock_listen(&own.sock, 5, &own.user), 0);
    check_true("goes before all", tcp_listener_for(p.b, local, local) == own.sock.listener);
    check_true("but for its address alone",
               tcp_listener_for(p.b, (struct tcp_addr){ip4(5), PORT}, local) !=
                   own.sock.listener);
    for (int i = 0; i < LISTENERS; i++)
        tcp_sock_close(&k[i].sock);
    check_true("nobody else listens",
               tcp_listener_for(p.b, (struct tcp_addr){ip4(5), PORT}, local) == NULL);
    tcp_sock_close(&own.sock);
    pair_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matrix_of_linux),
        cmocka_unit_test(of_two_bound_one_may_listen),
        cmocka_unit_test(what_bind_refuses),
        cmocka_unit_test(listeners_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
