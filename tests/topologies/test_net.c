/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/net.h"

#include <stdlib.h>

#include "models/apps/request.h"
#include "models/apps/server.h"
#include "tests/models/apps_base.h"
#include "tests/models/seg_log.h"
#include "topologies/two_hosts.h"

/* Two hosts 10 ms apart; user asks web for 1000 bytes; the first SYN is held until user's
 * connection is CLOSED and 1 s more; the first segment from the server is duplicated. */
struct scene {
    struct net_spec spec;
    struct app_spec apps[2];
    struct fault_spec faults[2];
    struct request_params user;
    struct server_params web;
};

static void scene_init(struct scene *s)
{
    const struct link_params link = {UNIT_UNLIMITED, dist_constant(MS(10)), UNIT_UNLIMITED,
                                     UNIT_UNLIMITED};
    *s = (struct scene){
        .web = {SERVER_BASE, .port = 80, .reply = 1000, .close = "after-eof", .read = true},
        .user = {.client = {CLIENT_BASE, .to = "web", .local_port = 40001,
                            .close = "after-reply"},
                 .send = 100,
                 REQUEST_BASE},
        .apps = {{"web", "server", "", &APP_SERVER, &s->web},
                 {"user", "client", "web", &APP_REQUEST, &s->user}},
        .faults = {{"old-syn",
                    {.link = "client->server",
                     .match = {FAULT_FLAGS_GIVEN | TCP_SYN, 1, 1, 0, 0, "any"},
                     .hold = {{"user", "CLOSED"}, SEC(1)}}},
                   {"twice",
                    {.link = "server->client",
                     .match = {0, 1, 1, 0, 0, "any"},
                     .duplicate = {1, MS(1)}}}},
    };
    TWO_HOSTS.expand(&link, &s->spec);
    for (int i = 0; i < s->spec.n_hosts; i++) {
        assert_int_equal(tcp_params_init(&s->spec.hosts[i].tcp, "rfc9293"), 0);
        s->spec.hosts[i].tcp.msl = SEC(1);
    }
    s->spec.apps = s->apps;
    s->spec.n_apps = 2;
    s->spec.faults = s->faults;
    s->spec.n_faults = 2;
}

static void scene_fini(struct scene *s)
{
    free(s->spec.hosts);
    free(s->spec.links);
}

static struct net *start(struct sim *sim, const struct scene *s)
{
    struct net *net = net_build(sim, &s->spec);
    for (int i = 0; i < net->n_apps; i++)
        app_start(net->apps[i]);
    return net;
}

static int64_t metric(const struct net *net, const char *subject, const char *name)
{
    const void *owner;
    const struct metric *m = net_metric(net, subject, name, &owner);
    if (m == NULL) {
        print_error("no metric %s.%s\n", subject, name);
        fail();
    }
    return metric_value(net->sim, m, owner).num;
}

static void two_hosts_are_two_hosts(void **state)
{
    const struct link_params params = {8000000, dist_constant(MS(3)), 5, 6000,
                                       loss_bernoulli(FRACTION_ONE / 4)};
    struct net_spec spec = {0};
    TWO_HOSTS.expand(&params, &spec);
    check_eq("hosts", spec.n_hosts, 2);
    check_eq("links", spec.n_links, 2);
    check_str("first", spec.hosts[0].name, "client");
    check_str("second", spec.hosts[1].name, "server");
    check_str("there", spec.links[0].name, "client->server");
    check_str("there from", spec.links[0].from, "client");
    check_str("there to", spec.links[0].to, "server");
    check_str("back", spec.links[1].name, "server->client");
    check_str("back from", spec.links[1].from, "server");
    check_str("back to", spec.links[1].to, "client");
    for (int i = 0; i < 2; i++)
        check_true("the same both ways",
                   memcmp(&spec.links[i].params, &params, sizeof(params)) == 0);
    free(spec.hosts);
    free(spec.links);
}

static void subjects_stand_in_declared_order(void **state)
{
    static const struct {
        const char *kind, *name;
    } want[] = {
        {"host", "client"},
        {"host", "server"},
        {"link", "client->server"},
        {"link", "server->client"},
        {"fault", "old-syn"},
        {"fault", "twice"},
        {"app", "web"},
        {"app", "user"},
    };
    struct scene s;
    scene_init(&s);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct net *net = net_build(sim, &s.spec);
    check_eq("subjects", sim->n_subjects, ARRAY_LEN(want));
    for (uint32_t i = 0; i < ARRAY_LEN(want); i++) {
        check_str("kind", sim->subjects[i + 1].kind, want[i].kind);
        check_str("name", sim->subjects[i + 1].name, want[i].name);
    }
    check_eq("client is 10.0.0.1", net->hosts[0].addr.low, 0x0a000001);
    check_eq("server is 10.0.0.2", net->hosts[1].addr.low, 0x0a000002);
    check_true("sim->net", sim->net == net);
    net_finish(net);
    sim_free(sim);
    scene_fini(&s);
}

/* By hand: the SYN of 0 is held; its repeat leaves at 1 s (RFC 6298: the initial RTO).
 * Connected at 1.02, request there at 1.03, reply here at 1.04, FIN there at 1.05, the server's
 * FIN here at 1.06: TIME-WAIT for 2 x 1 s, CLOSED at 3.06. Then 1 s, then 10 ms to the server.
 * The SYN-ACK is the first segment from there, sent at 1.01; its copy comes 1 ms after it. */
static void a_hold_waits_for_its_application(void **state)
{
    struct scene s;
    scene_init(&s);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct seg_log log = seg_log_new();
    sim_listen(sim, &log.listener);
    struct net *net = start(sim, &s);
    sim_run_until(sim, SEC(4) + MS(65));
    check_eq("connected", metric(net, "user", "connected_at"), SEC(1) + MS(20));
    check_eq("reply", metric(net, "user", "reply_at"), SEC(1) + MS(40));
    check_eq("verified", metric(net, "user", "bytes_verified"), 1000);
    check_true("held", strstr(log.text, "hold1@0(fault:old-syn)") == log.text);
    check_true("copied", strstr(log.text, "dup4<3@1010") != NULL);
    check_true("the copy arrives", strstr(log.text, "recv4@1021") != NULL);
    check_true("released", strstr(log.text, "release1@4060(fault:old-syn)") != NULL);
    check_true("not there yet", strstr(log.text, "recv1@") == NULL);
    sim_run_until(sim, SEC(5));
    check_true("there", strstr(log.text, "recv1@4070") != NULL);
    check_eq("both SYNs matched", metric(net, "old-syn", "matched"), 2);
    check_eq("one was held", metric(net, "old-syn", "acted"), 1);
    check_eq("one copy", metric(net, "server->client", "copies"), 1);
    check_eq("nothing lost", metric(net, "client->server", "lost"), 0);
    net_finish(net);
    sim_free(sim);
    scene_fini(&s);
}

/* Whenever a run ends, no packet lives (net_finish asserts it) and the links' books balance. */
static void a_run_may_end_at_any_time(void **state)
{
    struct scene s;
    scene_init(&s);
    for (int ms = 0; ms <= 4100; ms += ms < 1100 && ms >= 1000 ? 1 : 50) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct net *net = start(sim, &s);
        sim_run_until(sim, MS(ms));
        net_finish(net);
        for (int i = 0; i < net->n_links; i++)
            check_eq("inside", link_inside(&net->links[i]), 0);
        check_eq("the old SYN was still held, or has been released", net->links[0].n_ended > 0,
                 ms < 4070);
        sim_free(sim);
    }
    scene_fini(&s);
}

static void metrics_have_names(void **state)
{
    static const struct {
        const char *subject, *metric;
        bool is;
    } cases[] = {
        {"user", "reply_at", true},       {"web", "ghosts", true},
        {"old-syn", "acted", true},       {"old-syn", "sent", false},
        {"client->server", "sent", true}, {"client->server", "acted", false},
        {"client->server", "se", false},  {"client", "sent", true},
        {"client->serve", "sent", false}, {"nobody", "sent", false},
        {"server", "misdirected", true},  {"server", "forwarded", false},
    };
    struct scene s;
    scene_init(&s);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct net *net = net_build(sim, &s.spec);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const void *owner;
        const struct metric *m = net_metric(net, cases[i].subject, cases[i].metric, &owner);
        check_eq(cases[i].metric, m != NULL, cases[i].is);
        if (m != NULL)
            check_str("its name", m->name, cases[i].metric);
    }
    net_finish(net);
    sim_free(sim);
    scene_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hosts_are_two_hosts),
        cmocka_unit_test(subjects_stand_in_declared_order),
        cmocka_unit_test(a_hold_waits_for_its_application),
        cmocka_unit_test(a_run_may_end_at_any_time),
        cmocka_unit_test(metrics_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
