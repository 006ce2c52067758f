/* SPDX-License-Identifier: GPL-3.0-or-later
 * A host that talks to itself, and one that has no way to where it wants to.
 */
#include <errno.h>

#include "models/host.h"
#include "models/tcp/sock.h"
#include "tests/check.h"

static const ip_addr OWN = {0, 0x0a000001}, LO = {0, 0x7f000001}, LO_5 = {0, 0x7f000005};

struct lonely {
    struct sim *sim;
    struct host h;
    struct tcp_account account;
    struct tcp_user user;
    struct tcp_sock web, in, out;
};

static void ignore(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

static void begin(struct lonely *l)
{
    struct tcp_params params;
    assert_int_equal(tcp_params_init(&params, "rfc9293"), 0);
    *l = (struct lonely){.sim = sim_new(&(struct sim_params){.seed = 1})};
    host_init(&l->h, l->sim, "h", OWN, &params);
    tcp_account_init(&l->account, 0);
    l->user = (struct tcp_user){.on_event = ignore, .account = &l->account};
    tcp_sock_init(&l->web, l->h.tcp);
    tcp_sock_init(&l->out, l->h.tcp);
}

static void end(struct lonely *l)
{
    sim_run_until(l->sim, SIM_NEVER);
    tcp_stack_finish(l->h.tcp);
    host_drain(&l->h);
    check_eq("packets alive", l->sim->live_packets, 0);
    sim_free(l->sim);
}

static int64_t read_all(struct tcp_sock *k)
{
    struct tcp_extent x[4];
    int n = 4;
    return tcp_sock_recv(k, 1000, x, &n, false);
}

/* SYN, SYN-ACK, ACK: 10 us each. The source is the address itself, of 127.0.0.0/8 the first. */
static void to_itself(void **unused)
{
    const struct {
        const char *story;
        ip_addr to, from;
    } rows[] = {{"its address", OWN, OWN}, {"127.0.0.1", LO, LO}, {"127.0.0.5", LO_5, LO}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *story = rows[i].story;
        struct lonely l;
        begin(&l);
        check_eq(story, tcp_sock_bind(&l.web, (struct tcp_addr){ip4(0), 80}), 0);
        check_eq(story, tcp_sock_listen(&l.web, 5, &l.user), 0);
        check_eq(story, tcp_sock_connect(&l.out, (struct tcp_addr){rows[i].to, 80}, &l.user),
                 -EINPROGRESS);
        check_true(story, ip_eq(tcp_sock_local(&l.out).ip, rows[i].from));
        sim_run_until(l.sim, US(19));
        check_eq("not yet", tcp_sock_connect(&l.out, (struct tcp_addr){OWN, 80}, &l.user),
                 -EALREADY);
        sim_run_until(l.sim, US(20));
        check_eq("after a round trip", tcp_sock_progress(&l.out), 0);
        check_eq("nobody to accept yet", tcp_sock_accept(&l.web, &l.in, &l.user), -EAGAIN);
        sim_run_until(l.sim, US(30));
        check_eq("accept()", tcp_sock_accept(&l.web, &l.in, &l.user), 0);
        check_eq("send()", tcp_sock_send(&l.out, 10, 0), 10);
        sim_run_until(l.sim, US(40));
        check_eq("recv()", read_all(&l.in), 10);
        tcp_sock_close(&l.out);
        tcp_sock_close(&l.in);
        tcp_sock_close(&l.web);
        end(&l);
    }
}

/* RFC 9293 figure 7 with one TCB on both sides: its own SYN, then its own SYN-ACK come back,
 * and what it writes it reads. Linux does so, too. */
static void with_itself(void **unused)
{
    struct lonely l;
    const struct tcp_addr self = {OWN, 5000};
    begin(&l);
    check_eq("bind()", tcp_sock_bind(&l.out, self), 0);
    check_eq("connect()", tcp_sock_connect(&l.out, self, &l.user), -EINPROGRESS);
    sim_run_until(l.sim, US(10));
    check_eq("its SYN is there", tcp_state_of(l.out.t), TCP_SYN_RECEIVED);
    sim_run_until(l.sim, US(20));
    check_eq("and its SYN-ACK", tcp_state_of(l.out.t), TCP_ESTABLISHED);
    check_eq("connect() is done", tcp_sock_connect(&l.out, self, &l.user), 0);
    check_eq("and no more", tcp_sock_connect(&l.out, self, &l.user), -EISCONN);
    check_eq("send()", tcp_sock_send(&l.out, 10, 0), 10);
    sim_run_until(l.sim, US(100));
    check_eq("recv()", read_all(&l.out), 10);
    tcp_sock_close(&l.out);
    end(&l);
}

static void nobody_there(void **unused)
{
    struct lonely l;
    begin(&l);
    check_eq("own port", tcp_sock_connect(&l.out, (struct tcp_addr){OWN, 81}, &l.user),
             -EINPROGRESS);
    sim_run_until(l.sim, US(20));
    check_eq("refused after a round trip", tcp_sock_progress(&l.out), -ECONNREFUSED);
    check_eq("no way out",
             tcp_sock_connect(&l.out, (struct tcp_addr){ip4(0x0a000002), 80}, &l.user),
             -ENETUNREACH);
    check_eq("nothing was sent", l.h.n_sent, 0);
    check_eq("no port is held", tcp_ports_of(l.h.tcp)->in_use.n, 0);
    end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_itself),
        cmocka_unit_test(with_itself),
        cmocka_unit_test(nobody_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
