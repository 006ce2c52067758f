/* SPDX-License-Identifier: GPL-3.0-or-later
 * `show`: the flattened file loads to the same experiment, key by key of every point, and shows
 * itself again.
 */
#include <glob.h>

#include "experiments/emit.h"
#include "experiments/reference.h"
#include "experiments/tree.h"
#include "tests/experiments/config.h"

/* ---- two parameter structs, compared by their key rows ---- */

static void same_params(const char *story, const struct key *keys, const void *a,
                        const void *b);

static void same_value(const char *story, const struct key *k, const char *a, const char *b)
{
    const struct key_until *ua = (const void *)a, *ub = (const void *)b;
    const struct key_list *la = (const void *)a, *lb = (const void *)b;
    const struct key_variant *va = (const void *)a, *vb = (const void *)b;
    switch (k->kind) {
    case KEY_QUANTITY:
        check_eq(story, *(const int64_t *)a, *(const int64_t *)b);
        break;
    case KEY_BOOL:
        check_eq(story, *(const bool *)a, *(const bool *)b);
        break;
    case KEY_CHOICE:
        check_true(story, *(const char *const *)a == *(const char *const *)b);
        break;
    case KEY_PORT:
        check_eq(story, *(const uint16_t *)a, *(const uint16_t *)b);
        break;
    case KEY_FLAGS:
        check_eq(story, *(const uint32_t *)a, *(const uint32_t *)b);
        break;
    case KEY_UNTIL:
        check_str(story, ua->name, ub->name);
        check_str(story, ua->state, ub->state);
        break;
    case KEY_STEPS:
    case KEY_MAPS:
        check_eq(story, la->n, lb->n);
        for (int i = 0; i < la->n; i++) {
            const char *ia = (const char *)la->items + (size_t)i * k->item_bytes;
            const char *ib = (const char *)lb->items + (size_t)i * k->item_bytes;
            if (k->kind == KEY_MAPS)
                check_str(story, ia, ib);
            same_params(story, k->sub, ia + k->sub_at, ib + k->sub_at);
        }
        break;
    case KEY_VARIANT:
        check_true(story, va->variant == vb->variant);
        if (va->variant != NULL)
            same_params(story, va->variant->keys, va->params, vb->params);
        break;
    case KEY_QUANTITIES:
    case KEY_FILE:
        check_eq(story, la->n, lb->n);
        for (int i = 0; i < la->n; i++)
            check_eq(story, ((const int64_t *)la->items)[i], ((const int64_t *)lb->items)[i]);
        break;
    case KEY_NAMES:
        check_eq(story, la->n, lb->n);
        for (int i = 0; i < la->n; i++)
            check_str(story, ((const char *const *)la->items)[i],
                      ((const char *const *)lb->items)[i]);
        break;
    case KEY_ADDRESSES:
        check_eq(story, la->n, lb->n);
        for (int i = 0; i < la->n; i++) {
            const struct key_address *x = la->items, *y = lb->items;
            check_eq(story, x[i].low, y[i].low);
            check_eq(story, x[i].prefix_bits, y[i].prefix_bits);
        }
        break;
    default:
        check_str(story, a, b);
        break;
    }
}

static void same_params(const char *story, const struct key *keys, const void *a, const void *b)
{
    for (const struct key *k = keys; k->name != NULL; k++)
        if (k->kind == KEY_GROUP && k->sub != NULL)
            same_params(story, k->sub, (const char *)a + k->sub_at,
                        (const char *)b + k->sub_at);
        else
            same_value(story, k, (const char *)a + k->offset, (const char *)b + k->offset);
}

static void same_net(const char *story, const struct net_spec *a, const struct net_spec *b)
{
    check_eq(story, a->n_hosts, b->n_hosts);
    check_eq(story, a->n_links, b->n_links);
    check_eq(story, a->n_routers, b->n_routers);
    check_eq(story, a->n_routes, b->n_routes);
    check_eq(story, a->n_apps, b->n_apps);
    check_eq(story, a->n_faults, b->n_faults);
    for (int i = 0; i < a->n_hosts; i++) {
        check_str(story, a->hosts[i].name, b->hosts[i].name);
        same_params(story, TCP_KEYS, &a->hosts[i].tcp, &b->hosts[i].tcp);
        same_params(story, HOST_KEYS, &a->hosts[i].params, &b->hosts[i].params);
    }
    for (int i = 0; i < a->n_routers; i++) {
        check_str(story, a->routers[i].name, b->routers[i].name);
        same_params(story, ROUTER_KEYS, &a->routers[i].params, &b->routers[i].params);
    }
    for (int i = 0; i < a->n_routes; i++) {
        check_str(story, a->routes[i].name, b->routes[i].name);
        same_params(story, ROUTE_KEYS, &a->routes[i].params, &b->routes[i].params);
    }
    for (int i = 0; i < a->n_links; i++) {
        check_str(story, a->links[i].name, b->links[i].name);
        same_params(story, LINK_KEYS, &a->links[i].params, &b->links[i].params);
    }
    for (int i = 0; i < a->n_apps; i++) {
        check_str(story, a->apps[i].name, b->apps[i].name);
        check_str(story, a->apps[i].host, b->apps[i].host);
        check_str(story, a->apps[i].to, b->apps[i].to);
        check_true(story, a->apps[i].kind == b->apps[i].kind);
        same_params(story, a->apps[i].kind->keys, a->apps[i].params, b->apps[i].params);
    }
    for (int i = 0; i < a->n_faults; i++) {
        check_str(story, a->faults[i].name, b->faults[i].name);
        same_params(story, FAULT_KEYS, &a->faults[i].params, &b->faults[i].params);
    }
}

static void same_points(const char *story, const struct experiment *a,
                        const struct experiment *b)
{
    check_eq(story, a->n_points, b->n_points);
    for (int i = 0; i < a->n_points; i++) {
        struct point_spec sa = point_of(a, i), sb = point_of(b, i);
        check_str(story, a->points[i].label, b->points[i].label);
        check_eq(story, sa.n_let, sb.n_let);
        for (int k = 0; k < sa.n_let; k++) {
            check_str(story, sa.let[k].name, sb.let[k].name);
            check_str(story, sa.let[k].value, sb.let[k].value);
        }
        same_net(story, &sa.net, &sb.net);
        point_spec_free(&sa);
        point_spec_free(&sb);
    }
}

static void same_experiment(const char *story, const struct experiment *a,
                            const struct experiment *b)
{
    check_str(story, a->name, b->name);
    check_str(story, a->description, b->description);
    check_eq(story, a->seed, b->seed);
    check_eq(story, a->repeat, b->repeat);
    check_eq(story, a->stop, b->stop);
    check_eq(story, a->warm_up, b->warm_up);
    check_eq(story, a->independent, b->independent);
    check_str(story, a->record, b->record);
    check_eq(story, a->n_expects, b->n_expects);
    for (int i = 0; i < a->n_expects; i++) {
        check_str(story, a->expects[i].want, b->expects[i].want);
        check_str(story, a->expects[i].source, b->expects[i].source);
        check_eq(story, a->expects[i].op, b->expects[i].op);
        check_eq(story,
                 memcmp(a->expects[i].selects, b->expects[i].selects, (size_t)a->n_points), 0);
    }
    check_eq(story, a->n_plots, b->n_plots);
    check_eq(story, a->sample.every, b->sample.every);
    check_eq(story, a->sample.metrics.n, b->sample.metrics.n);
    same_points(story, a, b);
}

/* ---- rows ---- */

/* clang-format off */
static const struct row {
    const char *story, *text, *override;
} rows[] = {
    {"the shortest", TOP, NULL},
    {"sections without anything", TOP "plot: {p: ~}\nlet: {a: ~}\napps: {}\nsweep: {s: ~}\nvariants: {v: ~}\n", NULL},
    {"-p", TOP "tcp: {msl: 31s}\n", "tcp.msl=35s"},
    {"-p that a variant also changes", TOP "variants: {v: {a: {tcp.msl: 33s}, b: {}}}\n", "tcp.msl=35s"},
    {"-p above what a variant changes", TOP "variants: {v: {a: {hosts.client.tcp.msl: 33s}, b: {}}}\n",
     "hosts.client={tcp: {msl: 35s}}"},
    {"-p that removes what a variant sets", TOP "variants: {v: {a: {tcp.msl: 33s}, b: {}}}\n", "tcp.msl=~"},
    {"a profile", TOP "tcp: {profile: linux, msl: 31s}\n", NULL},
    {"a profile that a sweep changes", TOP "sweep: {p: [linux, bsd]}\ntcp: {profile: $p}\n", NULL},
    {"a profile that a variant changes", TOP "variants: {v: {a: {tcp.profile: linux}, b: {}}}\n", NULL},
    {"a profile that a variant gives a host", TOP "variants: {v: {a: {hosts.client.tcp.profile: linux}, b: {}}}\n", NULL},
    {"a host with its own profile", TOP "hosts: {client: {tcp: {profile: textbook}}}\n", NULL},
    {"a variant without tcp", TOP "tcp: {profile: linux, msl: 31s}\nvariants: {v: {a: {tcp: ~}, b: {}}}\n", NULL},
    {"a variant that gives a profile's value back",
     TOP "tcp: {profile: linux, msl: 31s}\nvariants: {v: {a: {tcp.msl: ~}, b: {}}}\n", NULL},
    {"variants before sweep", TOP "variants: {v: {a: {}, b: {tcp.nagle: no}}}\nsweep: {m: [1s, 2s]}\ntcp: {msl: $m}\n",
     NULL},
    {"a variant removes and adds apps",
     TOP WEB "variants: {v: {a: {apps.web: ~}, b: {apps.web.kind: ~, apps.web: {kind: connect, host: client, to: server, "
             "port: 5}}}}\n",
     NULL},
    {"a variant with an app and a fault of its own",
     TOP WEB "variants: {v: {a: {}, b: {apps.u: {kind: connect, host: client, to: web}, faults.f.drop: yes, "
             "faults.f.link: client->server}}}\n",
     NULL},
    {"a sweep over app kinds",
     TOP "sweep: {k: [connect, request]}\napps: {u: {kind: $k, host: client, to: server, port: 80}}\n", NULL},
    {"what every variant replaces may be anything",
     TOP "apps: {web: {host: server, port: 80}, s: {kind: script, host: client, steps: 5}}\n"
         "tcp: {profile: [x]}\nfaults: {f: 5}\n"
         "variants: {v: {a: {apps.web.kind: server, apps.s.steps: [{call: close}], tcp.profile: linux, "
         "faults.f: {link: client->server, drop: yes}}}}\n",
     NULL},
    {"links", TOP "links: {client->server: {loss: 1%, rate: 8Mbit, queue: 10, queue_bytes: 64KiB}}\n", NULL},
    {"versions of IP",
     "topology: two-hosts\nip: $v\nhosts: {server: {addresses: ['2001:db8::/32', 192.0.2.1, 'fd00::2']}}\nstop: 1s\nsweep: {v: [4, 6]}\n", NULL},
    {"a variant of the topology",
     "topology: {kind: two-hosts, delay: 1ms}\nstop: 1s\nvariants: {v: {a: {topology.delay: 2ms}, b: {topology.rate: 1Mbit}}}\n",
     NULL},
    {"every fault",
     TOP WEB "faults:\n"
             "  a: {link: client->server, match: {flags: SYN, nth: 2, count: 3, sport: 1, dport: 2, data: no}, drop: yes}\n"
             "  b: {link: client->server, delay: 1s}\n"
             "  c: {link: server->client, duplicate: {copies: 2}}\n"
             "  d: {link: server->client, hold: {until: web CLOSED}}\n",
     NULL},
    {"a script",
     TOP "apps:\n"
             "  web: {kind: server, host: server, port: 80}\n"
             "  s:\n    kind: script\n    host: client\n    to: web\n"
             "    steps:\n"
             "      - {call: connect, local_port: 5000}\n"
             "      - {at: 1ms, call: send, bytes: 100B, returns: 100}\n"
             "      - {at: 2ms, call: shutdown, how: wr}\n",
     NULL},
    {"texts that YAML would take for something else",
     TOP WEB "description: \"a: b # c, [d] \\\"e\\\" \\\\ \\n\\t\\x85\\u2028 é 中 \\U0001F600\"\n"
             "expect: [{metric: web.ghosts, is: 0, source: '~'}, {metric: web.states, is: \"null\", source: ' x '},\n"
             "         {metric: web.states, is: 'CLOSED LISTEN', source: '- a'}]\n",
     NULL},
    {"expectations and pictures",
     TOP WEB "repeat: 3\nlet: {n: 1}\nsweep: {m: [1s, 2s]}\ntcp: {msl: $m}\n"
             "expect:\n"
             "  - {metric: web.ghosts, where: {m: [2s]}, each: m, is: $n * 2, tol: 1%, source: a long source that does not "
             "fit on one line with all the rest}\n"
             "plot: {p: {kind: ladder, side_by_side: m}}\n",
     NULL},
    {"kinds with parameters, in every form",
     "stop: 1s\ntopology: {two-hosts: {delay: {normal: {mean: 20ms, sd: 2ms}}, loss: {periodic: 10}}}\n"
     "links:\n"
     "  client->server: {delay: {kind: uniform, min: 1ms, max: 2ms}, loss: {list: [3, 5, 8]}}\n"
     "  server->client: {delay: 5ms, loss: {gilbert-elliott: {p: 1%, r: 20%}}}\n"
     "apps:\n"
     "  web: {kind: server, host: server, port: 80}\n"
     "  u: {kind: connect, host: client, to: web, arrivals: {times: [0s, 10ms]}}\n"
     "  v: {kind: connect, host: client, to: web, arrivals: {poisson: 5/s}}\n",
     NULL},
    {"a kind that a sweep fills, and one that a variant replaces",
     TOP "sweep: {p: [1%, 2%]}\nlinks: {client->server: {loss: {bernoulli: $p}, delay: {normal: {mean: 5ms, sd: 1ms}}}}\n"
         "variants: {v: {a: {}, b: {links.client->server.loss: {periodic: 7}}, c: {links.client->server.delay.sd: 2ms}, "
         "d: {links.client->server.delay: 3ms}}}\n",
     NULL},
    {"-p that replaces a kind", TOP "links: {client->server: {loss: {gilbert-elliott: {p: 1%, r: 20%}}}}\n",
     "links.client->server.loss.periodic=9"},
    {"a schedule", TOP "links: {client<->server: {schedule: [{at: 100ms, state: down}, {at: 200ms, state: up, rate: 1Mbit, delay: "
         "{uniform: {min: 1ms, max: 2ms}}, loss: 5%}]}}\n",
     NULL},
    {"a network of its own, with addresses and routes",
     "stop: 1s\n"
     "topology: {custom: {hosts: [a, b], routers: [r, s], links: {a<->r: {rate: 1Mbit}, r<->s, s->b, b->s}}}\n"
     "hosts: {a: {addresses: [10.1.0.0/16, 10.2.0.1], ttl: 5}, b: {addresses: 10.3.0.1}}\n"
     "routers: {r: {icmp: no}}\n"
     "routes: {x: {node: r, to: b, via: r->a, at: 100ms, until: 200ms}, y: {node: s, to: 10.1.0.0/16, via: none}}\n",
     NULL},
    {"routes that a variant adds and changes",
     "stop: 1s\ntopology: {custom: {hosts: [a, b], routers: [r], links: {a<->r, r<->b}}}\n"
     "routes: {x: {node: r, to: b, via: r->a}}\n"
     "variants: {v: {a: {}, b: {routes.x.via: r->b, routers.r.icmp: no}, c: {routes.y: {node: r, to: a, via: none}}}}\n",
     NULL},
    {"samples", TOP "sample: {every: 10ms, metrics: [client->server.sent]}\n", NULL},
    {"tops", TOP "seed: 5\nrandom: independent\nrecord: none\nwarm_up: 1ms\nname: n\n", NULL},
};
/* clang-format on */

static void check_round_trip(const char *story, struct experiment *x)
{
    struct err e;
    char *flat, *again;
    size_t size;
    FILE *f = open_memstream(&flat, &size);
    check_eq(story, experiment_show(x, f), 0);
    fclose(f);
    write_file("flat.yaml", flat);
    struct experiment *y = experiment_load("flat.yaml", NULL, 0, &e);
    if (y == NULL) {
        print_error("%s\n%s\n", story, flat);
        err_print(&e, stderr, 0);
        fail();
    }
    same_experiment(story, x, y);
    f = open_memstream(&again, &size);
    check_eq(story, experiment_show(y, f), 0);
    fclose(f);
    check_str(story, again, flat);
    free(flat);
    free(again);
    experiment_free(x);
    experiment_free(y);
}

static void show_loads_to_the_same(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_round_trip(rows[i].story, load_text(rows[i].text, rows[i].override));
}

static void check_files(const char *sources, const char *files)
{
    struct err e;
    char pattern[600];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/%s", sources, files);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct experiment *x = experiment_load(found.gl_pathv[i], NULL, 0, &e);
        if (x == NULL) {
            err_print(&e, stderr, 0);
            fail();
        }
        check_round_trip(found.gl_pathv[i], x);
    }
    globfree(&found);
}

/* The shipped experiments, and the fuzzer's seeds, which have every topology: the folder is
 * that of the sources, where the tests begin. */
static void shipped_experiments(void **state)
{
    check_files(*state, "experiments/*.yaml");
    check_files(*state, "tests/fuzz/config/*.yaml");
}

/* The first file of the language's definition, as it stands there. */
static void stale_syn(void **state)
{
    struct err e;
    char path[600];
    snprintf(path, sizeof(path), "%s/experiments/stale-syn.yaml", (const char *)*state);
    struct experiment *x = experiment_load(path, NULL, 0, &e);
    assert_non_null(x);
    assert_int_equal(x->n_points, 6);
    assert_string_equal(x->points[1].label, "handshake=two-way answer=silent");
    assert_int_equal(x->n_expects, 5);
    struct point_spec s = point_of(x, 1);
    assert_string_equal(s.net.hosts[0].tcp.handshake, "two-way");
    assert_string_equal(s.net.hosts[0].tcp.closed_port, "drop");
    assert_string_equal(s.net.hosts[1].tcp.closed_port, "rst");
    assert_string_equal(s.net.faults[0].params.hold.until.state, "CLOSED");
    assert_int_equal(s.net.faults[0].params.hold.then, SEC(1));
    point_spec_free(&s);
    experiment_free(x);
}

static void a_full_disk_is_noticed(void **state)
{
    struct experiment *x = load_text(TOP, NULL);
    FILE *f = fopen("/dev/full", "w");
    assert_int_equal(experiment_show(x, f), -1);
    fclose(f);
    experiment_free(x);
}

static void check_shows(const char *text, const char *const *lines, int n)
{
    struct experiment *x = load_text(text, NULL);
    for (int i = 0; i < n; i++)
        if (strstr(x->flat, lines[i]) == NULL)
            fail_msg("not shown: %s\nin\n%s", lines[i], x->flat);
    experiment_free(x);
}

/* A default, a profile's value, a group's default; as comments where profiles differ. */
static void defaults_are_filled_in(void **state)
{
    static const char *const filled[] = {"\n  queue: unlimited\n", "\n  delack: 40ms\n",
                                         "\n  msl: 31s\n", "nth: 1", "\nseed: 1\n"};
    static const char *const differ[] = {"\n#   client (linux):\n", "\n#     delack: 40ms\n",
                                         "\n#   server (rfc9293):\n", "\n#     delack: 200ms\n",
                                         "\n  profile: rfc9293\n"};
    check_shows(
        TOP "tcp: {profile: linux, msl: 31s}\nfaults: {f: {link: client->server, drop: yes}}\n",
        filled, ARRAY_LEN(filled));
    check_shows(TOP "hosts: {client: {tcp: {profile: linux}}}\n", differ, ARRAY_LEN(differ));
}

static void same_tree(const struct node *a, const struct node *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->text != NULL ? a->text : "", b->text != NULL ? b->text : "");
    const struct node *c = a->first, *d = b->first;
    for (; c != NULL && d != NULL; c = c->next, d = d->next) {
        if (a->kind == NODE_MAP)
            assert_string_equal(c->key, d->key);
        same_tree(c, d);
    }
    assert_true(c == NULL && d == NULL);
}

/* Any tree is written so that it reads back, in flow and in block style. */
static void emitted_trees_read_back(void **state)
{
    static const char *const texts[] = {
        "a: [[], {}, [[1, 2], {b: c}], ~, 'x']\nb: {c: {d: {e: {f: [g]}}}}\n",
        "a: [a text that is long enough to fill a line by itself, together with another one, "
        "{b: c}, "
        "{d: a text that is long enough to fill a line by itself, e: another one that does not "
        "fit beside it any more}]\n",
        "a: {b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, "
        "22, 23, 24, 25, 26, 27, 28]}\n",
        "'~': ['~', '', ' ', 'a ', '-', '- a', '?', ': ', 'a:', '#', 'a #b', '\"', \"'\", '%', "
        "'@', '`', '&a', '*a', '!a', "
        "'|', '>', '{', '}', '[', ']', ',', '---', '...', 'null', '$x', '-1', '+1', '.5', '=', "
        "'<<', 'a->b']\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct pool *pool = pool_new();
        struct node *tree, *back;
        struct err e = {0};
        char *text;
        size_t size;
        assert_int_equal(tree_read_text(pool, "a", texts[i], &tree, &e), 0);
        FILE *f = open_memstream(&text, &size);
        emit_yaml(tree, f);
        fclose(f);
        if (tree_read_text(pool, "b", text, &back, &e) != 0) {
            err_print(&e, stderr, 0);
            fail_msg("%s", text);
        }
        same_tree(tree, back);
        free(text);
        pool_free(pool);
    }
}

static char sources[512];

static int remember_sources(void **state)
{
    *state = sources;
    return getcwd(sources, sizeof(sources)) == NULL ? -1 : enter_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(show_loads_to_the_same),
        cmocka_unit_test(shipped_experiments),
        cmocka_unit_test(stale_syn),
        cmocka_unit_test(a_full_disk_is_noticed),
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(emitted_trees_read_back),
    };
    return cmocka_run_group_tests(tests, remember_sources, leave_folder);
}
