/* SPDX-License-Identifier: GPL-3.0-or-later
 * Random networks against a reference that knows no cleverness: hops are relaxed until nothing
 * changes, the first link that is on a shortest way is taken.
 */
#include "topologies/routing.h"

#include <time.h>

#include "tests/topologies/shape_check.h"
#include "topologies/shape.h"
#include "topologies/shapes.h"

enum { MAX_HOSTS = 7, MAX_ROUTERS = 7, MAX_NODES = MAX_HOSTS + MAX_ROUTERS, FAR = 1000 };

static struct shape_name node_name(const struct net_spec *spec, int node)
{
    return node < spec->n_hosts ? shape_name("h", node + 1)
                                : shape_name("r", node - spec->n_hosts + 1);
}

/* Each ordered pair of nodes has a link with some chance, in a random order of declaration. */
static struct net_spec random_net(struct rng *r)
{
    const int n_hosts = 1 + (int)rng_below(r, MAX_HOSTS);
    const int n_routers = (int)rng_below(r, MAX_ROUTERS + 1);
    const uint64_t one_in = 2 + rng_below(r, 6);
    const struct link_params params = wire(MS(1));
    struct net_spec spec = {0};
    for (int i = 0; i < n_hosts; i++)
        shape_host(&spec, shape_name("h", i + 1).text);
    for (int i = 0; i < n_routers; i++)
        shape_router(&spec, shape_name("r", i + 1).text);
    const int n = n_hosts + n_routers, start = (int)rng_below(r, (uint64_t)(n * n));
    for (int i = 0; i < n * n; i++) {
        const int pair = (start + i) % (n * n), from = pair / n, to = pair % n;
        if (from != to && rng_below(r, one_in) == 0)
            shape_link(&spec, node_name(&spec, from).text, node_name(&spec, to).text, &params);
    }
    for (int i = 0; i < n_hosts; i++)
        assert_int_equal(tcp_params_init(&spec.hosts[i].tcp, "rfc9293"), 0);
    return spec;
}

static int node_of(const struct net_spec *spec, const char *name)
{
    for (int node = 0; node < spec->n_hosts + spec->n_routers; node++)
        if (strcmp(node_name(spec, node).text, name) == 0)
            return node;
    fail();
    return -1;
}

/* Whether a packet for `destination` may come to this node on its way. */
static bool may_pass(const struct net_spec *spec, int node, int destination)
{
    return node == destination || node >= spec->n_hosts;
}

static void plain_hops(const struct net_spec *spec, int destination, int hops[MAX_NODES])
{
    for (int node = 0; node < MAX_NODES; node++)
        hops[node] = node == destination ? 0 : FAR;
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < spec->n_links; i++) {
            const int from = node_of(spec, spec->links[i].from);
            const int to = node_of(spec, spec->links[i].to);
            if (may_pass(spec, to, destination) && hops[to] + 1 < hops[from]) {
                hops[from] = hops[to] + 1;
                changed = true;
            }
        }
    }
}

/* The index of the link that a packet takes from node, or -1. */
static int plain_way(const struct net_spec *spec, int node, int destination,
                     const int hops[MAX_NODES])
{
    for (int i = 0; i < spec->n_links && hops[node] < FAR; i++) {
        const int to = node_of(spec, spec->links[i].to);
        if (node_of(spec, spec->links[i].from) == node && may_pass(spec, to, destination) &&
            hops[to] == hops[node] - 1)
            return i;
    }
    return -1;
}

static int n_links_from(const struct net_spec *spec, int node)
{
    int n = 0;
    for (int i = 0; i < spec->n_links; i++)
        n += node_of(spec, spec->links[i].from) == node;
    return n;
}

static void check_node(struct net *net, const struct net_spec *spec, int node, int destination,
                       int want)
{
    const bool is_host = node < spec->n_hosts;
    const ip_addr dst = address_intern(net->sim, node_address(spec, destination));
    const struct host *h = is_host ? &net->hosts[node] : NULL;
    const struct route_table *t =
        is_host ? &h->routes : &net->routers[node - spec->n_hosts].routes;
    if (is_host && n_links_from(spec, node) == 1) {
        check_true("the only link", h->out != NULL && h->routes.n_entries == 0);
        return;
    }
    const struct link *via = route_via(t, dst);
    check_true("no fast way out", !is_host || h->out == NULL);
    check_eq("the link", via == NULL ? -1 : via - net->links, want);
}

static void tables_are_the_shortest_ways(void **state)
{
    int64_t n_ways = 0, n_none = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
        struct rng r = sim_rng(sim, "test");
        struct net_spec spec = random_net(&r);
        spec.is_ipv6 = seed % 2 == 0;
        struct net *net = net_build(sim, &spec);
        const int n = spec.n_hosts + spec.n_routers;
        for (int destination = 0; destination < n; destination++) {
            int hops[MAX_NODES];
            plain_hops(&spec, destination, hops);
            for (int node = 0; node < n; node++) {
                const int way = plain_way(&spec, node, destination, hops);
                if (node == destination)
                    continue;
                check_node(net, &spec, node, destination, way);
                n_ways += way >= 0;
                n_none += way < 0;
            }
        }
        net_finish(net);
        sim_free(sim);
        spec_free(&spec);
    }
    check_true("both were seen often", n_ways > 1000 && n_none > 1000);
}

/* Quadratic work would take minutes here. */
static void ten_thousand_hosts_are_soon_there(void **state)
{
    enum { N = 10000 };
    const struct star_params params = {N, wire(MS(10)), wire(MS(1))};
    struct net_spec spec = expanded(&STAR, &params);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    const clock_t before = clock();
    struct net *net = net_build(sim, &spec);
    const double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    const struct route_table *t = &net->routers[0].routes;
    check_true("it took less than 5 s even so", seconds < 5);
    check_eq("one entry a host, and the hub itself", t->n_entries, N + 2);
    for (int i = 0; i < N; i++)
        check_eq("each by its own link", route_via(t, net->hosts[i].addr) - net->links,
                 2 * i + 1);
    check_eq("the server", route_via(t, net->hosts[N].addr) - net->links, 2 * N);
    net_finish(net);
    sim_free(sim);
    spec_free(&spec);
}

/* A host's prefix leads to it; of several the longest. */
static void prefixes_lead_to_their_owners(void **state)
{
    struct key_address of_b[] = {{0x0a000009, 32}, {0xcb007100, 24}};
    struct key_address of_c[] = {{0x0a00000a, 32}, {0xcb007180, 25}};
    const struct link_params params = wire(MS(1));
    struct net_spec spec = {0};
    shape_host(&spec, "a");
    shape_host(&spec, "b");
    shape_host(&spec, "c");
    shape_router(&spec, "r");
    shape_both(&spec, "a", "r", &params);
    shape_both(&spec, "b", "r", &params);
    shape_both(&spec, "c", "r", &params);
    spec.hosts[1].params.addresses = (struct key_list){of_b, 2};
    spec.hosts[2].params.addresses = (struct key_list){of_c, 2};
    for (int i = 0; i < spec.n_hosts; i++)
        assert_int_equal(tcp_params_init(&spec.hosts[i].tcp, "rfc9293"), 0);
    check_true("nothing is wrong", net_check(&spec).section == NULL);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct net *net = net_build(sim, &spec);
    check_eq("b sends from", net->hosts[1].addr.low, 0x0a000009);
    send_datagram(net, 0, ip4(0xcb00717f), 64);
    send_datagram(net, 0, ip4(0xcb007180), 64);
    send_datagram(net, 0, ip4(0xcb0071ff), 64);
    send_datagram(net, 0, ip4(0xcb007200), 64);
    sim_run_until(sim, SEC(1));
    check_eq("the lower half is b's", net->hosts[1].n_no_listener, 1);
    check_eq("the upper c's", net->hosts[2].n_no_listener, 2);
    check_eq("the rest nobody's", net->routers[0].n_no_route, 1);
    check_eq("which a is told, beside three ports unreachable", net->hosts[0].n_icmp_received,
             4);
    check_eq("net_warm_up reaches them", (net_warm_up(net), net->routers[0].n_no_route), 0);
    net_finish(net);
    sim_free(sim);
    spec_free(&spec);
}

/* A host with a table of its own: the configured route is laid over its only way out. */
static void check_cut_off(bool is_ipv6)
{
    struct route_spec routes[] = {{"cut", {"client", "server", "none", MS(5), MS(15)}}};
    const struct chain_params params = {1, wire(MS(1))};
    struct net_spec spec = expanded(&CHAIN, &params);
    spec.is_ipv6 = is_ipv6;
    spec.routes = routes;
    spec.n_routes = 1;
    check_true("nothing is wrong", net_check(&spec).section == NULL);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct net *net = net_build(sim, &spec);
    for (int ms = 0; ms <= 20; ms += 10) {
        sim_run_until(sim, MS(ms));
        send_datagram(net, 0, net->hosts[1].addr, 64);
    }
    sim_run_until(sim, SEC(1));
    check_eq("those of 0 and 20 ms", net->hosts[1].n_no_listener, 2);
    check_eq("that of 10 ms", net->hosts[0].n_no_route, 1);
    check_eq("by the route", net->routes[0].n_used, 1);
    net_finish(net);
    sim_free(sim);
    spec_free(&spec);
}

static void a_host_can_be_cut_off(void **state)
{
    check_cut_off(false);
    check_cut_off(true);
}

/* Who says what by ICMP: the texts of the events, each with a space behind it. */
struct said {
    struct listener listener; /* first */
    char text[400];
};

static void hear(struct listener *self, sim_time now, const struct rec_type *type,
                 const void *rec)
{
    struct said *s = CONTAINER_OF(self, struct said, listener);
    const struct rec_event *e = rec;
    const size_t used = strlen(s->text);
    if (type == &REC_TYPE_EVENT && strcmp(e->kind, "icmp") == 0)
        snprintf(s->text + used, sizeof(s->text) - used, "%s\n", e->detail);
}

/* Both hosts have an address of either version, the network gives out those of one. The client
 * has a table of its own. A router speaks to each in its version. */
static void both_versions_in_one_net(void **state)
{
    static struct key_address of_client[] = {{0xc0000201, 32},
                                             {1, 128, true, {0x20010db8, 0, 0}}};
    static struct key_address of_server[] = {{0xc0000202, 32},
                                             {2, 128, true, {0x20010db8, 0, 0}}};
    struct route_spec routes[] = {{"late", {"client", "server", "none", SEC(9), SEC(10)}}};
    const struct chain_params params = {1, wire(MS(1))};
    for (int i = 0; i < 2; i++) {
        struct net_spec spec = expanded(&CHAIN, &params);
        struct said said = {.listener = {hear, REC_LIFE}};
        spec.is_ipv6 = i == 1;
        spec.hosts[0].params.addresses = (struct key_list){of_client, 2};
        spec.hosts[1].params.addresses = (struct key_list){of_server, 2};
        spec.routes = routes;
        spec.n_routes = 1;
        check_true("nothing is wrong", net_check(&spec).section == NULL);
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct net *net = net_build(sim, &spec);
        sim_listen(sim, &said.listener);
        for (int v = 0; v < 2; v++)
            for (int ttl = 1; ttl <= 2; ttl++) {
                net->hosts[0].addr = address_intern(sim, of_client[v]);
                send_datagram(net, 0, address_intern(sim, of_server[v]), (uint8_t)ttl);
            }
        sim_run_until(sim, SEC(1));
        check_str("each in its version", said.text,
                  "192.0.2.2: time exceeded in-transit, says 172.16.0.1\n"
                  "2001:db8::2: time exceeded in-transit, says fd00:0:0:1::1\n"
                  "192.0.2.2: port unreachable, says 192.0.2.2\n"
                  "2001:db8::2: port unreachable, says 2001:db8::2\n");
        net_finish(net);
        sim_free(sim);
        spec_free(&spec);
    }
}

static void what_is_wrong_with_a_net(void **state)
{
    static struct key_address of_server[] = {{0x0a000002, 32}}, prefix[] = {{0xac100001, 32}};
    static const struct {
        const char *story;
        struct key_address *first; /* of the client; the server has 10.0.0.2 */
        struct route_params route;
        const char *section, *name, *key, *sentence, *meant;
    } rows[] = {
        {"a route by name",
         NULL,
         {"router1", "server", "router1->client", 0, 1},
         NULL,
         NULL,
         NULL,
         ""},
        {"a route by prefix into nothing",
         NULL,
         {"client", "0.0.0.0/0", "none", 0, 1},
         NULL,
         NULL,
         NULL,
         ""},
        {"no such host",
         NULL,
         {"client", "sever", "none", 0, 1},
         "routes",
         "x",
         "to",
         "'sever' is no host and no router, and an address is four numbers up to 255, as in "
         "10.0.0.1",
         "server"},
        {"no such link",
         NULL,
         {"client", "server", "client->serv", 0, 1},
         "routes",
         "x",
         "via",
         "there is no link 'client->serv'",
         NULL},
        {"a misspelt link",
         NULL,
         {"client", "server", "client->ruter1", 0, 1},
         "routes",
         "x",
         "via",
         "there is no link 'client->ruter1'",
         "client->router1"},
        {"another's link",
         NULL,
         {"client", "server", "router1->client", 0, 1},
         "routes",
         "x",
         "via",
         "the link 'router1->client' does not leave 'client'"},
        {"the server's address",
         of_server,
         {"client", "server", "none", 0, 1},
         "hosts",
         "client",
         "addresses",
         "the address 10.0.0.2 is that of 'server' already"},
        {"the router's address",
         prefix,
         {"client", "server", "none", 0, 1},
         "hosts",
         "client",
         "addresses",
         "the address 172.16.0.1 is that of 'router1' already"},
    };
    const struct chain_params params = {1, wire(MS(1))};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct net_spec spec = expanded(&CHAIN, &params);
        struct route_spec route = {.name = "x", .params = rows[i].route};
        spec.routes = &route;
        spec.n_routes = 1;
        if (rows[i].first != NULL)
            spec.hosts[0].params.addresses = (struct key_list){rows[i].first, 1};
        const struct net_misfit m = net_check(&spec);
        check_str(rows[i].story, m.sentence, rows[i].sentence);
        check_str(rows[i].story, m.section != NULL ? m.section : "",
                  rows[i].section != NULL ? rows[i].section : "");
        check_str(rows[i].story, m.name != NULL ? m.name : "",
                  rows[i].name != NULL ? rows[i].name : "");
        check_str(rows[i].story, m.meant != NULL ? m.meant : "",
                  rows[i].meant != NULL ? rows[i].meant : "");
        check_str(rows[i].story, m.key != NULL ? m.key : "",
                  rows[i].key != NULL ? rows[i].key : "");
        spec_free(&spec);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_the_shortest_ways),
        cmocka_unit_test(ten_thousand_hosts_are_soon_there),
        cmocka_unit_test(prefixes_lead_to_their_owners),
        cmocka_unit_test(a_host_can_be_cut_off),
        cmocka_unit_test(both_versions_in_one_net),
        cmocka_unit_test(what_is_wrong_with_a_net),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
