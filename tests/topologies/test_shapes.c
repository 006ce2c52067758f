/* SPDX-License-Identifier: GPL-3.0-or-later
 * The generators: what they are made of, and how long a packet takes from whom to whom. With
 * 10 ms an access link and 1 ms any other, the delay tells the links on the way.
 */
#include "topologies/shapes.h"

#include "tests/topologies/shape_check.h"
#include "topologies/two_hosts.h"

static struct net_spec make(const char *name)
{
    const struct link_params ten = wire(MS(10)), one = wire(MS(1));
    const struct chain_params chain = {3, one}, none = {0, one};
    const struct star_params star = {3, ten, one};
    const struct dumbbell_params dumbbell = {3, ten, one};
    const struct loop_params loop = {ten, one};
    const struct parking_lot_params lot = {3, ten, one};
    const struct {
        const char *name;
        const struct topology_kind *kind;
        const void *params;
    } rows[] = {
        {"two-hosts", &TWO_HOSTS, &ten},    {"chain", &CHAIN, &chain},
        {"chain of none", &CHAIN, &none},   {"star", &STAR, &star},
        {"dumbbell", &DUMBBELL, &dumbbell}, {"loop", &LOOP, &loop},
        {"flood", &FLOOD, &star},           {"parking-lot", &PARKING_LOT, &lot},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return expanded(rows[i].kind, rows[i].params);
    fail();
    return (struct net_spec){0};
}

static void join(char *out, size_t size, const char *names, size_t n, size_t item_bytes)
{
    out[0] = '\0';
    for (size_t i = 0; i < n; i++)
        snprintf(out + strlen(out), size - strlen(out), "%s%s", i == 0 ? "" : " ",
                 names + i * item_bytes);
}

/* Links that are there both ways, written a-b; n is a number of all. */
static const struct shape {
    const char *name, *hosts, *routers;
    int n_links;
} shapes[] = {
    {"two-hosts", "client server", "", 2},
    {"chain", "client server", "router1 router2 router3", 8},
    {"chain of none", "client server", "", 2},
    {"star", "client1 client2 client3 server", "hub", 8},
    {"dumbbell", "client1 server1 client2 server2 client3 server3", "left right", 14},
    {"loop", "client server", "router1 router2 router3", 10},
    {"flood", "client1 client2 client3 attacker server", "gateway", 10},
    {"parking-lot", "client server client1 server1 client2 server2 client3 server3",
     "router1 router2 router3 router4", 22},
};

static void they_are_what_their_pictures_show(void **state)
{
    for (const struct shape *s = shapes; s < shapes + ARRAY_LEN(shapes); s++) {
        struct net_spec spec = make(s->name);
        char text[400];
        join(text, sizeof(text), (char *)spec.hosts, (size_t)spec.n_hosts, sizeof(*spec.hosts));
        check_str(s->name, text, s->hosts);
        join(text, sizeof(text), (char *)spec.routers, (size_t)spec.n_routers,
             sizeof(*spec.routers));
        check_str(s->name, text, s->routers);
        check_eq(s->name, spec.n_links, s->n_links);
        check_true("nothing is wrong with it", net_check(&spec).section == NULL);
        for (int i = 0; i < spec.n_links; i++) {
            const struct link_spec *l = &spec.links[i];
            snprintf(text, sizeof(text), "%s->%s", l->from, l->to);
            check_str("a link's name", l->name, text);
        }
        spec_free(&spec);
    }
}

static const struct path {
    const char *shape, *from, *to;
    int delay_ms, n_routers;
} paths[] = {
    {"two-hosts", "client", "server", 10, 0},     {"two-hosts", "server", "client", 10, 0},
    {"chain", "client", "server", 4, 3},          {"chain", "server", "client", 4, 3},
    {"chain of none", "client", "server", 1, 0},  {"star", "client3", "server", 11, 1},
    {"star", "server", "client1", 11, 1},         {"star", "client1", "client2", 20, 1},
    {"dumbbell", "client2", "server2", 21, 2},    {"dumbbell", "server3", "client1", 21, 2},
    {"dumbbell", "client1", "client3", 20, 1},    {"loop", "client", "server", 21, 2},
    {"loop", "server", "client", 21, 2},          {"flood", "attacker", "server", 11, 1},
    {"flood", "server", "client2", 11, 1},        {"parking-lot", "client", "server", 23, 4},
    {"parking-lot", "client1", "server1", 21, 2}, {"parking-lot", "server3", "client3", 21, 2},
    {"parking-lot", "client1", "server3", 23, 4},
};

/* The datagram ends at its host with as many hops less; 1 ns earlier it is not there. */
static void who_reaches_whom_and_when(void **state)
{
    for (const struct path *p = paths; p < paths + ARRAY_LEN(paths); p++) {
        struct net_spec spec = make(p->shape);
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct net *net = net_build(sim, &spec);
        const int from = host_named(&spec, p->from), to = host_named(&spec, p->to);
        send_datagram(net, from, net->hosts[to].addr, (uint8_t)(p->n_routers + 1));
        sim_run_until(sim, MS(p->delay_ms) - 1);
        check_eq(p->shape, net->hosts[to].n_no_listener, 0);
        sim_run_until(sim, MS(p->delay_ms));
        check_eq(p->shape, net->hosts[to].n_no_listener, 1);
        send_datagram(net, from, net->hosts[to].addr, (uint8_t)p->n_routers);
        sim_run_until(sim, SEC(1));
        if (p->n_routers > 0) {
            check_eq("a hop too far", net->hosts[to].n_no_listener, 1);
            check_eq("which the last router says, after 'port unreachable'",
                     net->hosts[from].n_icmp_received, 2);
        }
        net_finish(net);
        sim_free(sim);
        spec_free(&spec);
    }
}

/* The two routes of the picture turn the ring into a loop: 10 ms to router1, then 1 ms a hop.
 * With TTL 64 router1 takes one, the 64th router drops it: 63 hops later, at 10 + 63 = 73 ms.
 * The 64th router is router1 (64 = 3 * 21 + 1). */
static void a_loop_lives_as_long_as_the_ttl(void **state)
{
    struct route_spec routes[] = {
        {"out", {"router2", "server", "router2->router3", 0, SEC(1)}},
        {"back", {"router3", "server", "router3->router1", 0, SEC(1)}},
    };
    struct net_spec spec = make("loop");
    spec.routes = routes;
    spec.n_routes = 2;
    check_true("all is well", net_check(&spec).section == NULL);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct net *net = net_build(sim, &spec);
    const ip_addr server = net->hosts[1].addr;
    send_datagram(net, 0, server, 64);
    sim_run_until(sim, MS(73) - 1);
    check_eq("alive", net->routers[0].n_ttl_drops, 0);
    sim_run_until(sim, MS(73));
    check_eq("dead at router1", net->routers[0].n_ttl_drops, 1);
    check_eq("at this instant", net->routers[0].ttl_drop_at, MS(73));
    check_eq("nowhere else", net->routers[1].ttl_drop_at, SIM_NEVER);
    sim_run_until(sim, MS(83));
    check_eq("the client is told 10 ms later", net->hosts[0].n_icmp_received, 1);
    check_eq("'out' used by", net->routes[0].n_used, 21);
    /* sent at 960: router1 at 970, goes around; at 1000 it is 30 hops on, at router1 again,
     * which sends it to router2 at 1001, and the route is gone: the server has it at 1011 */
    sim_run_until(sim, MS(960));
    send_datagram(net, 0, server, 64);
    sim_run_until(sim, MS(1011) - 1);
    check_eq("not there", net->hosts[1].n_no_listener, 0);
    sim_run_until(sim, MS(1011));
    check_eq("it comes out of the loop", net->hosts[1].n_no_listener, 1);
    net_finish(net);
    sim_free(sim);
    spec_free(&spec);
}

static uint64_t hash_until(struct sim *sim, sim_time until)
{
    struct digest d;
    digest_init(&d, REC_LIFE | REC_SEGMENT);
    sim_listen(sim, &d.listener);
    sim_run_until(sim, until);
    sim_listen(sim, NULL);
    check_true("something happened", d.n_records > 0);
    return d.hash;
}

/* Tables, routes that come and go, and messages are all in the arena: a snapshot at any moment
 * leads to the same end. */
static void a_run_through_routers_can_be_copied(void **state)
{
    struct route_spec routes[] = {
        {"out", {"router2", "server", "router2->router3", MS(20), MS(70)}},
        {"back", {"router3", "server", "router3->router1", MS(30), MS(60)}},
        {"hole", {"client", "server", "none", MS(90), MS(95)}},
    };
    for (int at = 0; at < 120; at += 7) {
        struct net_spec spec = make("loop");
        spec.routes = routes;
        spec.n_routes = 3;
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct net *net = net_build(sim, &spec);
        struct snapshot copy;
        for (int ms = 0; ms <= at; ms++) {
            sim_run_until(sim, MS(ms));
            send_datagram(net, 0, net->hosts[1].addr, 20);
        }
        assert_int_equal(sim_snapshot(sim, &copy), 0);
        const uint64_t first = hash_until(sim, SEC(1));
        sim_restore(sim, &copy);
        check_eq("the same end", hash_until(sim, SEC(1)), first);
        snapshot_free(&copy);
        net_finish(net);
        sim_free(sim);
        spec_free(&spec);
    }
}

/* ---- custom */

static struct custom_link links[4];

static struct custom_params custom(const char **hosts, int n_hosts, const char **routers,
                                   int n_routers, const char *const *names, int n_links)
{
    for (int i = 0; i < n_links; i++) {
        links[i] = (struct custom_link){.params = wire(MS(i + 1))};
        snprintf(links[i].name, sizeof(links[i].name), "%s", names[i]);
    }
    return (struct custom_params){{hosts, n_hosts}, {routers, n_routers}, {links, n_links}};
}

static void a_network_as_it_is_drawn(void **state)
{
    static const char *hosts[] = {"a", "b"}, *routers[] = {"r"};
    static const char *const names[] = {"a<->r", "r->b", "b->r"};
    const struct custom_params params = custom(hosts, 2, routers, 1, names, 3);
    check_true("it is right", CUSTOM.check(&params).sentence == NULL);
    struct net_spec spec = expanded(&CUSTOM, &params);
    char text[400];
    join(text, sizeof(text), (char *)spec.links, (size_t)spec.n_links, sizeof(*spec.links));
    check_str("links", text, "a->r r->a r->b b->r");
    check_str("hosts", spec.hosts[1].name, "b");
    check_str("routers", spec.routers[0].name, "r");
    check_eq("delay", dist_mean(&spec.links[3].params.delay), MS(3));
    spec_free(&spec);
}

static const struct wrong {
    const char *hosts[2], *routers[1], *names[2];
    const char *key, *list, *sentence;
    int item;
} wrongs[] = {
    {{"a", "b"}, {"r"}, {"a->b", "a->r->b"}, NULL, "links", "among hosts and routers", 1},
    {{"a", "b"}, {"r"}, {"ab", "b->a"}, NULL, "links", "name is a->b", 0},
    {{"a", "b"}, {"r"}, {"->b", "b->a"}, NULL, "links", "name is a->b", 0},
    {{"a", "b"}, {"r"}, {"<->b", "b->a"}, NULL, "links", "name is a->b", 0},
    {{"a", "b"}, {"r"}, {"a->", "b->a"}, NULL, "links", "name is a->b", 0},
    {{"a", "b"}, {"r"}, {"a->b", "c->b"}, NULL, "links", "among hosts and routers", 1},
    {{"a", "b"}, {"r"}, {"a->a", "b->a"}, NULL, "links", "two ends", 0},
    {{"a", "b"}, {"r"}, {"a->b", "a->b"}, NULL, "links", "already", 1},
    {{"a", "b"}, {"r"}, {"a->b", "a<->b"}, NULL, "links", "already", 1},
    {{"a", "b"}, {"r"}, {"a<->b", "b->a"}, NULL, "links", "already", 1},
    {{"a", "b"}, {"r"}, {"a<->b", "b<->a"}, NULL, "links", "already", 1},
    {{"a", "a"}, {"r"}, {"a->r", "r->a"}, "hosts", NULL, "one name", 0},
    {{"a", "b"}, {"b"}, {"a->b", "b->a"}, "routers", NULL, "another node", 0},
};

static void drawings_that_are_wrong(void **state)
{
    for (const struct wrong *w = wrongs; w < wrongs + ARRAY_LEN(wrongs); w++) {
        const struct custom_params params =
            custom((const char **)w->hosts, 2, (const char **)w->routers, 1, w->names, 2);
        const struct misfit m = CUSTOM.check(&params);
        check_true(w->sentence, m.sentence != NULL && strstr(m.sentence, w->sentence) != NULL);
        check_str(w->sentence, m.key != NULL ? m.key : "", w->key != NULL ? w->key : "");
        check_str(w->sentence, m.list != NULL ? m.list : "", w->list != NULL ? w->list : "");
        check_eq(w->sentence, m.item, w->item);
    }
    const struct custom_params nobody = {0};
    check_str("no host", CUSTOM.check(&nobody).key, "hosts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_what_their_pictures_show),
        cmocka_unit_test(who_reaches_whom_and_when),
        cmocka_unit_test(a_loop_lives_as_long_as_the_ttl),
        cmocka_unit_test(a_run_through_routers_can_be_copied),
        cmocka_unit_test(a_network_as_it_is_drawn),
        cmocka_unit_test(drawings_that_are_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
