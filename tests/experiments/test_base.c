/* SPDX-License-Identifier: GPL-3.0-or-later
 * What `experiments/base/` promises to those who extend it.
 */
#include "experiments/experiment.h"
#include "tests/experiments/config.h"

enum { HONEST, ATTACKER, SERVER };

static struct point_spec load_one_server(struct experiment **x)
{
    static const char *const stop[] = {"stop=1s"};
    struct err e = {0};
    struct point_spec point;
    *x = experiment_load("experiments/base/one-server.yaml", stop, 1, &e);
    if (*x == NULL)
        fail_msg("%s", e.text);
    assert_int_equal(experiment_point(*x, 0, &point, &e), 0);
    return point;
}

/* A SYN to port 0, where nobody listens. */
static void send_to(struct net *net, int from, ip_addr src, ip_addr dst)
{
    struct packet *p = packet_new(net->sim, 40);
    p->proto = PROTO_TCP;
    p->flags = TCP_SYN;
    p->src = src;
    p->dst = dst;
    p->ttl = 64;
    host_send(&net->hosts[from], p);
}

static void one_server_is_10_ms_from_all(void **state)
{
    struct experiment *x;
    struct point_spec point = load_one_server(&x);
    check_str("first", point.net.hosts[HONEST].name, "honest");
    check_str("second", point.net.hosts[ATTACKER].name, "attacker");
    check_str("third", point.net.hosts[SERVER].name, "server");
    for (int from = HONEST; from <= SERVER; from++)
        for (int to = HONEST; to <= SERVER; to++) {
            struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
            struct net *net = net_build(sim, &point.net);
            if (from != to)
                send_to(net, from, net->hosts[from].addr, net->hosts[to].addr);
            sim_run_until(sim, MS(10) - 1);
            check_eq("not yet", net->hosts[to].n_received, 0);
            sim_run_until(sim, MS(10));
            check_eq("there", net->hosts[to].n_received, from != to);
            net_finish(net);
            sim_free(sim);
        }
    point_spec_free(&point);
    experiment_free(x);
}

/* A forged source reaches the server; the answer, a reset, ends at the gateway, and nobody is
 * told. */
static void forged_sources_are_silent(void **state)
{
    const ip_addr forged = ip4(0xcb007107);
    struct experiment *x;
    struct point_spec point = load_one_server(&x);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct net *net = net_build(sim, &point.net);
    send_to(net, ATTACKER, forged, net->hosts[SERVER].addr);
    sim_run_until(sim, SEC(1));
    check_eq("it has arrived", net->hosts[SERVER].n_received, 1);
    check_eq("the answer has not", net->routers[0].n_no_route, 1);
    check_eq("no message of the gateway", net->routers[0].icmp.n_sent, 0);
    check_eq("silence", net->hosts[SERVER].n_received, 1);
    net_finish(net);
    sim_free(sim);
    point_spec_free(&point);
    experiment_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_is_10_ms_from_all),
        cmocka_unit_test(forged_sources_are_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
