/* SPDX-License-Identifier: GPL-3.0-or-later
 * The tables of docs/sockets.md, cell by cell: what a call gives in a state, and who may have a
 * port beside whom. They were written from Linux's manual pages and sources; this reads them.
 */
#define _GNU_SOURCE /* POLLRDHUP */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "models/tcp/endpoint.h"
#include "tests/tcp/socks.h"

enum { COLUMNS = 9, LINE_BYTES = 300, WEB = 80, RTT_MS = 20, BYTES = 10 };

struct world {
    struct pair p;
    struct plug web, peer, k; /* k is looked at; peer: b's end, or a's */
};

/* ---- the states */

static const struct tcp_addr B_WEB = {{0, 0x0a000002}, WEB};

static void connect_k(struct world *w)
{
    assert_int_equal(tcp_sock_connect(&w->k.sock, B_WEB, &w->k.user), -EINPROGRESS);
}

static void accept_peer(struct world *w)
{
    plug_new(&w->peer, w->p.b);
    assert_int_equal(tcp_sock_accept(&w->web.sock, &w->peer.sock, &w->peer.user), 0);
}

static void be_new(struct world *w) {}
static void be_bound(struct world *w)
{
    assert_int_equal(tcp_sock_bind(&w->k.sock, (struct tcp_addr){ip4(0), 4000}), 0);
}
static void be_listening(struct world *w)
{
    assert_int_equal(tcp_sock_listen(&w->k.sock, 5, &w->k.user), 0);
}
static void be_deferred(struct world *w)
{
    struct tcp_params params = w->p.a->params;
    params.fastopen = 5; /* clients, and without a cookie, too */
    tcp_stack_configure(w->p.a, &params);
    assert_int_equal(tcp_sock_set(&w->k.sock, TCP_OPT_FASTOPEN_CONNECT, 1), 0);
    assert_int_equal(tcp_sock_connect(&w->k.sock, B_WEB, &w->k.user), 0);
}
static void be_established(struct world *w)
{
    connect_k(w);
    pair_run(&w->p, 2 * RTT_MS);
    assert_int_equal(tcp_sock_connect(&w->k.sock, B_WEB, &w->k.user), 0);
    accept_peer(w);
}
static void be_in_close_wait(struct world *w)
{
    be_established(w);
    tcp_sock_close(&w->peer.sock);
    pair_run(&w->p, RTT_MS);
}
static void be_in_fin_wait_1(struct world *w)
{
    be_established(w);
    tcp_sock_shutdown(&w->k.sock, TCP_SHUT_WR);
}
static void be_in_fin_wait_2(struct world *w)
{
    be_in_fin_wait_1(w);
    pair_run(&w->p, 2 * RTT_MS);
}
static void be_in_last_ack(struct world *w)
{
    be_in_close_wait(w);
    tcp_sock_shutdown(&w->k.sock, TCP_SHUT_WR);
}
static void be_in_time_wait(struct world *w)
{
    be_in_fin_wait_2(w);
    tcp_sock_close(&w->peer.sock);
    pair_run(&w->p, RTT_MS);
}
static void be_reset(struct world *w)
{
    be_established(w);
    tcp_sock_set(&w->peer.sock, TCP_OPT_LINGER_ON, 1);
    tcp_sock_close(&w->peer.sock);
    pair_run(&w->p, RTT_MS);
}
static void be_disconnected(struct world *w)
{
    be_established(w);
    assert_int_equal(tcp_sock_disconnect(&w->k.sock), 0);
}

static const struct state {
    const char *name;
    void (*go)(struct world *w);
} STATES[] = {
    {"new", be_new},
    {"bound", be_bound},
    {"LISTEN", be_listening},
    {"deferred", be_deferred},
    {"SYN-SENT", connect_k},
    {"ESTABLISHED", be_established},
    {"CLOSE-WAIT", be_in_close_wait},
    {"FIN-WAIT-1", be_in_fin_wait_1},
    {"FIN-WAIT-2", be_in_fin_wait_2},
    {"LAST-ACK", be_in_last_ack},
    {"TIME-WAIT", be_in_time_wait},
    {"reset", be_reset},
    {"disconnected", be_disconnected},
};

/* ---- the calls, in the order of the columns */

static int64_t do_bind(struct world *w)
{
    return tcp_sock_bind(&w->k.sock, (struct tcp_addr){ip4(0), 4001});
}
static int64_t do_listen(struct world *w)
{
    return tcp_sock_listen(&w->k.sock, 5, &w->k.user);
}
static int64_t do_accept(struct world *w)
{
    struct plug child;
    plug_new(&child, w->p.a);
    return tcp_sock_accept(&w->k.sock, &child.sock, &child.user);
}
static int64_t do_connect(struct world *w)
{
    return tcp_sock_connect(&w->k.sock, B_WEB, &w->k.user);
}
static int64_t do_send(struct world *w)
{
    struct tcp_sock *k = &w->k.sock;
    return k->deferred ? tcp_sock_connect_send(k, B_WEB, &w->k.user, BYTES)
                       : tcp_sock_send(k, BYTES, 0);
}
static int64_t do_recv(struct world *w)
{
    struct tcp_extent x[4];
    int n = 4;
    return tcp_sock_recv(&w->k.sock, 1000, x, &n, false);
}
static int64_t do_shutdown(struct world *w)
{
    return tcp_sock_shutdown(&w->k.sock, TCP_SHUT_WR);
}

static int64_t (*const CALLS[])(struct world *w) = {do_bind, do_listen, do_accept,  do_connect,
                                                    do_send, do_recv,   do_shutdown};

/* ---- the table */

static const struct {
    const char *name;
    int number;
} ERRNOS[] = {
    {"EINVAL", EINVAL},         {"EISCONN", EISCONN},       {"EALREADY", EALREADY},
    {"EAGAIN", EAGAIN},         {"EPIPE", EPIPE},           {"ENOTCONN", ENOTCONN},
    {"ECONNRESET", ECONNRESET}, {"EADDRINUSE", EADDRINUSE}, {"EINPROGRESS", EINPROGRESS}};

static int64_t result_of(const char *cell)
{
    for (size_t i = 0; i < ARRAY_LEN(ERRNOS); i++)
        if (strcmp(ERRNOS[i].name, cell) == 0)
            return -ERRNOS[i].number;
    return atoi(cell);
}

static uint32_t events_of(const char *cell)
{
    static const struct {
        const char *name;
        uint32_t events;
    } NAMES[] = {{"IN", POLLIN | POLLRDNORM},
                 {"OUT", POLLOUT | POLLWRNORM},
                 {"RDHUP", POLLRDHUP},
                 {"HUP", POLLHUP},
                 {"ERR", POLLERR}};
    char text[LINE_BYTES];
    uint32_t events = 0;
    snprintf(text, sizeof text, "%s", cell);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
            events |= strcmp(NAMES[i].name, word) == 0 ? NAMES[i].events : 0;
    return events;
}

/* "| a | b c |" into cells without the blanks around them. How many. */
static int split(char *line, char **cells)
{
    int n = 0;
    for (char *c = line; n < COLUMNS && (c = strchr(c, '|')) != NULL && c[1] == ' '; n++) {
        cells[n] = c + 2;
        c = strchr(c + 1, '|');
        if (c == NULL)
            break;
        c[-1] = '\0';
    }
    return n;
}

/* The file, at the first row of the table whose header begins so. */
static FILE *table_of(const char *header)
{
    char line[LINE_BYTES];
    FILE *f = fopen("docs/sockets.md", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL && strncmp(line, header, strlen(header)) != 0)
        ;
    assert_non_null(fgets(line, sizeof line, f)); /* |---|---| */
    return f;
}

static void world_new(struct world *w)
{
    struct tcp_params params;
    assert_int_equal(tcp_params_init(&params, "rfc9293"), 0);
    pair_init(&w->p, &params, &params, MS(RTT_MS / 2));
    plug_new(&w->web, w->p.b);
    assert_int_equal(tcp_sock_bind(&w->web.sock, (struct tcp_addr){ip4(0), WEB}), 0);
    assert_int_equal(tcp_sock_listen(&w->web.sock, 5, &w->web.user), 0);
    plug_new(&w->peer, w->p.b);
    plug_new(&w->k, w->p.a);
}

static void world_end(struct world *w)
{
    tcp_sock_close(&w->k.sock);
    if (w->peer.sock.t != NULL)
        tcp_sock_close(&w->peer.sock);
    tcp_sock_close(&w->web.sock);
    pair_fini(&w->p);
}

static const struct state *state_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(STATES); i++)
        if (strcmp(STATES[i].name, name) == 0)
            return &STATES[i];
    fail_msg("no way to state %s", name);
    return NULL;
}

static void play(const struct state *state, int column, const char *cell)
{
    struct world w;
    char story[LINE_BYTES];
    snprintf(story, sizeof story, "%s, column %d: %s", state->name, column, cell);
    world_new(&w);
    state->go(&w);
    if (column == COLUMNS - 1)
        check_eq(story, tcp_sock_poll(&w.k.sock), events_of(cell));
    else
        check_eq(story, CALLS[column - 1](&w), result_of(cell));
    world_end(&w);
}

static void every_call_in_every_state(void **unused)
{
    char line[LINE_BYTES], *cells[COLUMNS];
    FILE *f = table_of("| state |");
    size_t n = 0;
    for (; fgets(line, sizeof line, f) != NULL && line[0] == '|'; n++) {
        check_eq(line, split(line, cells), COLUMNS);
        for (int column = 1; column < COLUMNS; column++)
            play(state_named(cells[0]), column, cells[column]);
    }
    fclose(f);
    assert_int_equal(n, ARRAY_LEN(STATES));
}

/* ---- who may have a port beside whom: k is the owner */

static int64_t beside(const char *owner, enum tcp_option option, int value)
{
    struct world w;
    struct plug two;
    world_new(&w);
    tcp_sock_set(&w.k.sock, option, value);
    if (strcmp(owner, "LISTEN") == 0)
        be_bound(&w);
    if (strcmp(owner, "bound") != 0 && strcmp(owner, "LISTEN") != 0)
        be_bound(&w);
    state_named(owner)->go(&w);
    const bool gone = strcmp(owner, "TIME-WAIT") == 0;
    if (gone)
        tcp_sock_close(&w.k.sock);
    plug_new(&two, w.p.a);
    tcp_sock_set(&two.sock, option, value);
    const int64_t result = tcp_sock_bind(&two.sock, (struct tcp_addr){ip4(0), 4000});
    tcp_sock_close(&two.sock);
    if (gone)
        plug_new(&w.k, w.p.a);
    world_end(&w);
    return result;
}

static void every_owner(void **unused)
{
    static const enum tcp_option OPTIONS[] = {TCP_OPT_REUSEADDR, TCP_OPT_REUSEADDR,
                                              TCP_OPT_REUSEPORT};
    char line[LINE_BYTES], *cells[COLUMNS];
    FILE *f = table_of("| the owner |");
    int n = 0;
    for (; fgets(line, sizeof line, f) != NULL && line[0] == '|'; n++) {
        check_eq(line, split(line, cells), 4);
        for (int i = 0; i < 3; i++)
            check_eq(cells[0], beside(cells[0], OPTIONS[i], i > 0), result_of(cells[i + 1]));
    }
    fclose(f);
    assert_int_equal(n, 4);
}

/* ---- options */

/* TCP_FASTOPEN_CONNECT: where clients may, by the sysctl or by the handshake. */
static void fast_open_where_clients_may(void **unused)
{
    static const struct {
        const char *handshake;
        int64_t fastopen;
        int result;
    } rows[] = {{"three-way", 0, -EOPNOTSUPP},
                {"three-way", 2, -EOPNOTSUPP},
                {"three-way", 1, 0},
                {"fast-open", 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_new(&w);
        struct tcp_params params = w.p.a->params;
        params.handshake = rows[i].handshake;
        params.fastopen = rows[i].fastopen;
        tcp_stack_configure(w.p.a, &params);
        check_eq(rows[i].handshake, tcp_sock_set(&w.k.sock, TCP_OPT_FASTOPEN_CONNECT, 1),
                 rows[i].result);
        world_end(&w);
    }
}

/* The page has them all, and no two have one name. */
static void every_option_is_told(void **unused)
{
    static char page[1 << 16];
    FILE *f = fopen("docs/sockets.md", "r");
    assert_non_null(f);
    page[fread(page, 1, sizeof page - 1, f)] = '\0';
    fclose(f);
    for (int i = 0; i < TCP_N_OPTIONS; i++) {
        const struct tcp_option_row *row = &TCP_OPTIONS[i];
        enum tcp_option found;
        char name[64];
        snprintf(name, sizeof name, "`%s`", row->name);
        check_true(row->name, strstr(page, name) != NULL);
        check_true(row->name, tcp_option_named(row->name, &found) && (int)found == i);
        check_true(row->name, row->step > 0 && row->min <= row->max && row->help != NULL);
    }
}

/* Set before there is a connection, on it, and on what a listener gives: each keeps it. */
static void options_last(void **unused)
{
    struct world w;
    world_new(&w);
    check_eq("before", tcp_sock_set(&w.k.sock, TCP_OPT_NODELAY, 7), 0);
    check_eq("of the listener", tcp_sock_set(&w.web.sock, TCP_OPT_SYNCNT, 3), 0);
    be_established(&w);
    check_eq("on the connection", tcp_sock_get(&w.k.sock, TCP_OPT_NODELAY), 1);
    check_eq("of the child", tcp_sock_get(&w.peer.sock, TCP_OPT_SYNCNT), 3);
    check_eq("out of range", tcp_sock_set(&w.k.sock, TCP_OPT_SYNCNT, 128), -EINVAL);
    check_eq("strict", tcp_sock_set(&w.k.sock, TCP_OPT_INQ, 2), -EINVAL);
    check_eq("a little more", tcp_sock_set(&w.k.sock, TCP_OPT_RCVLOWAT, 5), 0);
    tcp_sock_disconnect(&w.k.sock);
    check_eq("after it", tcp_sock_get(&w.k.sock, TCP_OPT_RCVLOWAT), 5);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_in_every_state),
        cmocka_unit_test(every_owner),
        cmocka_unit_test(fast_open_where_clients_may),
        cmocka_unit_test(every_option_is_told),
        cmocka_unit_test(options_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
