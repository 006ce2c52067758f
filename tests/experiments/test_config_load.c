/* SPDX-License-Identifier: GPL-3.0-or-later
 * From text to points and specs: extends, overrides, precedence, names, dimensions,
 * expectations.
 */
#include "sim/address.h"
#include "tests/experiments/config.h"
#include "topologies/routing.h"

static const struct host_spec *host(const struct point_spec *s, const char *name)
{
    for (int i = 0; i < s->net.n_hosts; i++)
        if (strcmp(s->net.hosts[i].name, name) == 0)
            return &s->net.hosts[i];
    fail_msg("no host '%s'", name);
    return NULL;
}

/* clang-format off */
/* Rows about one number of the client at the first point: its MSL, in seconds. */
static const struct msl_row {
    const char *story, *text, *override;
    int64_t seconds;
} msl_rows[] = {
    {"the default", TOP, NULL, 120},
    {"profile over default", TOP "tcp: {profile: linux}\n", NULL, 30},
    {"tcp over profile", TOP "tcp: {profile: linux, msl: 31s}\n", NULL, 31},
    {"a host over tcp", TOP "tcp: {msl: 31s}\nhosts: {client: {tcp: {msl: 32s}}}\n", NULL, 32},
    {"another host stays as it is", TOP "tcp: {msl: 31s}\nhosts: {server: {tcp: {msl: 32s}}}\n", NULL, 31},
    {"a host's own profile", TOP "hosts: {client: {tcp: {profile: linux}}}\n", NULL, 30},
    {"tcp's own words over a host's profile", TOP "tcp: {msl: 31s}\nhosts: {client: {tcp: {profile: linux}}}\n", NULL, 31},
    {"a host's profile in place of tcp's", TOP "tcp: {profile: linux}\nhosts: {client: {tcp: {profile: rfc9293}}}\n", NULL,
     120},
    {"a variant over the file", TOP "tcp: {msl: 31s}\nvariants: {v: {a: {tcp.msl: 33s}}}\n", NULL, 33},
    {"a later dimension over an earlier one",
     TOP "variants: {v: {a: {tcp.msl: 33s}}, w: {a: {tcp.msl: 34s}}}\n", NULL, 34},
    {"a variant's tree merges deep", TOP "tcp: {msl: 31s}\nvariants: {v: {a: {tcp: {nagle: no}}}}\n", NULL, 31},
    {"~ gives the profile's value back", TOP "tcp: {profile: linux, msl: 31s}\nvariants: {v: {a: {tcp.msl: ~}}}\n", NULL,
     30},
    {"-p over the file", TOP "tcp: {msl: 31s}\n", "tcp.msl=35s", 35},
    {"-p over a variant", TOP "variants: {v: {a: {tcp.msl: 33s}}}\n", "tcp.msl=35s", 35},
    {"-p above a variant's path", TOP "variants: {v: {a: {hosts.client.tcp.msl: 33s}}}\n",
     "hosts.client={tcp: {msl: 35s}}", 35},
    {"-p ~ removes", TOP "tcp: {msl: 31s}\n", "tcp.msl=~", 120},
    {"-p with nothing behind = removes", TOP "tcp: {msl: 31s}\n", "tcp.msl=", 120},
    {"-p of a whole map", TOP "tcp: {msl: 31s}\n", "tcp={nagle: no}", 31},
    {"let", TOP "let: {m: 36s}\ntcp: {msl: $m}\n", NULL, 36},
    {"let by let", TOP "let: {m: $n, n: 37s}\ntcp: {msl: $m}\n", NULL, 37},
    {"a quoted name", TOP "let: {m: 36s}\ntcp: {msl: \"$m\"}\n", NULL, 36},
    {"-p of a let name", TOP "let: {m: 36s}\ntcp: {msl: $m}\n", "let.m=38s", 38},
    {"a variant's let", TOP "let: {m: 36s}\ntcp: {msl: $m}\nvariants: {v: {a: {let.m: 39s}}}\n", NULL, 39},
    {"sweep", TOP "sweep: {m: [41s, 42s]}\ntcp: {msl: $m}\n", NULL, 41},
    {"-p of a sweep", TOP "sweep: {m: [41s, 42s]}\ntcp: {msl: $m}\n", "sweep.m=[43s]", 43},
    {"a sweep within a variant", TOP "sweep: {m: [41s]}\nvariants: {v: {a: {tcp.msl: $m}}}\n", NULL, 41},
    {"a name of let for a sweep's value", TOP "let: {n: 44s}\nsweep: {m: [$n]}\ntcp: {msl: $m}\n", NULL, 44},
};
/* clang-format on */

static void values_win_in_order(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(msl_rows); i++) {
        const struct msl_row *r = &msl_rows[i];
        struct experiment *x = load_text(r->text, r->override);
        struct point_spec s = point_of(x, 0);
        check_eq(r->story, host(&s, "client")->tcp.msl, SEC(r->seconds));
        point_spec_free(&s);
        experiment_free(x);
    }
}

/* The other rows of a profile come along with it. */
static void profiles_are_whole(void **state)
{
    struct experiment *x = load_text(
        TOP "tcp: {profile: linux}\nhosts: {server: {tcp: {profile: textbook}}}\n", NULL);
    struct point_spec s = point_of(x, 0);
    assert_string_equal(host(&s, "client")->tcp.profile, "linux");
    assert_int_equal(host(&s, "client")->tcp.syn_linear_timeouts, 4);
    assert_string_equal(host(&s, "server")->tcp.profile, "textbook");
    assert_int_equal(host(&s, "server")->tcp.syn_linear_timeouts, 0);
    assert_false(host(&s, "server")->tcp.nagle);
    point_spec_free(&s);
    experiment_free(x);
}

static void topologies_in_every_form(void **state)
{
    static const struct {
        const char *story, *text, *override;
        int64_t delay_ms;
    } forms[] = {
        {"a word", "topology: two-hosts\n", NULL, 10},
        {"a key without parameters", "topology: {two-hosts: }\n", NULL, 10},
        {"a one-key map", "topology: {two-hosts: {delay: 11ms}}\n", NULL, 11},
        {"kind beside parameters", "topology: {kind: two-hosts, delay: 12ms}\n", NULL, 12},
        {"-p by the short path", "topology: {two-hosts: {delay: 11ms}}\n",
         "topology.delay=13ms", 13},
        {"-p by the long path", "topology: {two-hosts: {delay: 11ms}}\n",
         "topology.two-hosts.delay=14ms", 14},
        {"-p over the other form", "topology: {kind: two-hosts, delay: 12ms}\n",
         "topology={two-hosts: {delay: 15ms}}", 15},
        {"one link alone", "topology: two-hosts\nlinks: {client->server: {delay: 16ms}}\n",
         NULL, 16},
        {"-p of one link", "topology: two-hosts\n", "links.client->server.delay=17ms", 17},
        {"the other link", "topology: two-hosts\nlinks: {server->client: {delay: 16ms}}\n",
         NULL, 10},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        char text[500];
        snprintf(text, sizeof(text), "%sstop: 1s\n", forms[i].text);
        struct experiment *x = load_text(text, forms[i].override);
        struct point_spec s = point_of(x, 0);
        check_str(forms[i].story, s.net.links[0].name, "client->server");
        check_eq(forms[i].story, dist_mean(&s.net.links[0].params.delay),
                 MS(forms[i].delay_ms));
        point_spec_free(&s);
        experiment_free(x);
    }
}

/* A choice by its kind as the only key, in files and over them. */
static void apps_in_every_form(void **state)
{
    static const struct {
        const char *story, *apps, *override;
        const char *kind;
        int64_t reply_bytes, port;
    } forms[] = {
        {"kind beside parameters", "{web: {kind: server, host: server, port: 80, reply: 1B}}",
         NULL, "server", 1, 80},
        {"a one-key map", "{web: {server: {host: server, port: 80, reply: 2B}}}", NULL,
         "server", 2, 80},
        {"-p by the short path", "{web: {server: {host: server, port: 80, reply: 2B}}}",
         "apps.web.reply=3B", "server", 3, 80},
        {"-p by the long path", "{web: {kind: server, host: server, port: 80, reply: 2B}}",
         "apps.web.server.port=81", "server", 2, 81},
        {"-p of another kind", "{web: {server: {host: server, port: 80}}}",
         "apps.web={script: {host: server, steps: [{call: listen, port: 82}]}}", "script", 0,
         82},
        {"a parameter that is called as a kind", "{web: {server: {host: server, port: 80}}}",
         "apps.web.request=5B", "server", 0, 80},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        char text[500];
        snprintf(text, sizeof(text), TOP "apps: %s\n", forms[i].apps);
        struct experiment *x = load_text(text, forms[i].override);
        struct point_spec s = point_of(x, 0);
        const struct app_spec *web = &s.net.apps[0];
        check_str(forms[i].story, web->kind->name, forms[i].kind);
        check_eq(forms[i].story, web->kind->port(web->params), forms[i].port);
        if (web->kind->reply_bytes != NULL)
            check_eq(forms[i].story, web->kind->reply_bytes(web->params), forms[i].reply_bytes);
        point_spec_free(&s);
        experiment_free(x);
    }
    struct experiment *x = load_text(TOP WEB "plot: {p: {ladder: {where: {v: a}}}}\n"
                                             "variants: {v: {a: {}, b: {}}}\n",
                                     NULL);
    assert_string_equal(x->plots[0].kind, "ladder");
    assert_true(x->plots[0].selects[0] && !x->plots[0].selects[1]);
    experiment_free(x);
}

/* Maps are merged deep, lists replaced, ~ removes, another kind replaces; the parent is found
 * beside the child. */
static void extends(void **state)
{
    assert_int_equal(system("mkdir -p base"), 0);
    write_file("base/grand.yaml",
               "topology: {two-hosts: {delay: 5ms, loss: 1%}}\nstop: 2s\nseed: 7\n");
    write_file("base/parent.yaml",
               "extends: grand.yaml\n"
               "name: parent\n"
               "tcp: {msl: 31s, rto_min: 2s}\n"
               "sweep: {r: [1, 2, 3]}\n"
               "hosts: {client: {tcp: {syn_retries: $r}}}\n"
               "apps:\n"
               "  web: {kind: server, host: server, port: 80, reply: 1kB}\n"
               "  gone: {kind: connect, host: client, to: web}\n"
               "  other: {kind: server, host: server, port: 81, reply: 1kB}\n");
    write_file("child.yaml", "extends: base/parent.yaml\n"
                             "topology: {two-hosts: {delay: 6ms}}\n"
                             "tcp: {msl: 32s}\n"
                             "sweep: {r: [4, 5]}\n"
                             "apps:\n"
                             "  gone: ~\n"
                             "  other: {kind: connect, host: client, to: web}\n"
                             "  web: {port: 82}\n"
                             "  user: {kind: request, host: client, to: web}\n");
    struct err e;
    struct experiment *x = experiment_load("child.yaml", NULL, 0, &e);
    assert_non_null(x);
    assert_string_equal(x->name, "parent");
    assert_int_equal(x->seed, 7);
    assert_int_equal(x->n_points, 2);
    struct point_spec s = point_of(x, 1);
    assert_int_equal(dist_mean(&s.net.links[0].params.delay), MS(6));
    const struct key_variant loss = loss_bernoulli(FRACTION_ONE / 100);
    assert_ptr_equal(s.net.links[0].params.loss.variant, loss.variant);
    assert_memory_equal(s.net.links[0].params.loss.params, loss.params, sizeof(int64_t));
    assert_int_equal(s.net.hosts[0].tcp.msl, SEC(32));
    assert_int_equal(s.net.hosts[0].tcp.rto_min, SEC(2));
    assert_int_equal(s.net.hosts[0].tcp.syn_retries, 5);
    assert_int_equal(s.net.n_apps, 3);
    assert_string_equal(s.net.apps[0].name, "web"); /* the parent's order, then what is new */
    assert_string_equal(s.net.apps[1].name, "other");
    assert_string_equal(s.net.apps[1].kind->name, "connect");
    assert_string_equal(s.net.apps[2].name, "user");
    assert_int_equal(s.net.apps[0].kind->port(s.net.apps[0].params), 82);
    assert_int_equal(s.net.apps[0].kind->reply_bytes(s.net.apps[0].params), 1000);
    point_spec_free(&s);
    experiment_free(x);
}

static void check_labels(const char *text, const char *const *labels, int n)
{
    struct experiment *x = load_text(text, NULL);
    check_eq(text, x->n_points, n);
    for (int i = 0; i < n; i++) {
        check_str(text, x->points[i].label, labels[i]);
        check_eq(text, x->points[i].id, i + 1);
    }
    experiment_free(x);
}

/* The cross product in the order of the file, the last dimension fastest. */
static void points_in_declared_order(void **state)
{
    static const char *const none[] = {""};
    static const char *const sweeps[] = {"a=1 b=x", "a=1 b=y", "a=1 b=z",
                                         "a=2 b=x", "a=2 b=y", "a=2 b=z"};
    static const char *const variants[] = {"v=p a=1", "v=p a=2", "v=q a=1", "v=q a=2"};
    check_labels(TOP, none, 1);
    check_labels(TOP WEB "sweep: {a: [1, 2], b: [x, y, z]}\n"
                         "expect: [{metric: web.ghosts, is: $a + $b, source: x}]\n",
                 sweeps, 6);
    check_labels(TOP "variants: {v: {p: {}, q: {tcp.nagle: no}}}\nsweep: {a: [1, 2]}\ntcp: "
                     "{syn_retries: $a}\n",
                 variants, 4);
}

/* What runner and expressions see of let and sweep. */
static void names_at_a_point(void **state)
{
    struct experiment *x = load_text(
        TOP "let: {hold: 63s, msl: $m}\nsweep: {m: [41s, 42s]}\ntcp: {msl: $msl}\n" WEB
            "expect: [{metric: web.ghosts, is: $hold / 1s, source: x}]\n",
        NULL);
    struct point_spec s = point_of(x, 1);
    assert_int_equal(s.n_let, 3);
    assert_string_equal(s.let[0].name, "hold");
    assert_string_equal(s.let[0].value, "63s");
    assert_string_equal(s.let[1].name, "msl");
    assert_string_equal(s.let[1].value, "42s");
    assert_string_equal(s.let[2].name, "m");
    assert_string_equal(s.let[2].value, "42s");
    point_spec_free(&s);
    experiment_free(x);
}

/* fd00::/64 is the hosts', fd00:0:0:1::/64 the routers' (ip: 6); 10.0.0.0/8 and 172.16.0.0/12
 * by default. Whom the file gives addresses keeps them. */
static void versions_of_ip(void **state)
{
    static const char text[] =
        "topology: {custom: {hosts: [a, b], routers: [r], links: {a<->r: {}, r<->b: {}}}}\n"
        "stop: 1s\nhosts: {b: {addresses: ['2001:db8::/32', 192.0.2.1]}}\n";
    static const struct {
        const char *story, *more, *override;
        int point;
        const char *a, *r;
    } rows_of_ip[] = {
        {"the default", "", NULL, 0, "10.0.0.1", "172.16.0.1"},
        {"4", "ip: 4\n", NULL, 0, "10.0.0.1", "172.16.0.1"},
        {"6", "ip: 6\n", NULL, 0, "fd00::1", "fd00:0:0:1::1"},
        {"-p", "", "ip=6", 0, "fd00::1", "fd00:0:0:1::1"},
        {"-p over the file", "ip: 6\n", "ip=4", 0, "10.0.0.1", "172.16.0.1"},
        {"~", "ip: 6\n", "ip=~", 0, "10.0.0.1", "172.16.0.1"},
        {"let", "let: {v: 6}\nip: $v\n", NULL, 0, "fd00::1", "fd00:0:0:1::1"},
        {"a sweep", "sweep: {v: [4, 6]}\nip: $v\n", NULL, 1, "fd00::1", "fd00:0:0:1::1"},
        {"a variant", "variants: {v: {old: {}, new: {ip: 6}}}\n", NULL, 1, "fd00::1",
         "fd00:0:0:1::1"},
        {"the other variant", "variants: {v: {old: {}, new: {ip: 6}}}\n", NULL, 0, "10.0.0.1",
         "172.16.0.1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows_of_ip); i++) {
        char whole[500], buf[ADDRESS_TEXT_BYTES];
        snprintf(whole, sizeof(whole), "%s%s", text, rows_of_ip[i].more);
        struct experiment *x = load_text(whole, rows_of_ip[i].override);
        struct point_spec s = point_of(x, rows_of_ip[i].point);
        const char *story = rows_of_ip[i].story;
        check_str(story, address_format(node_address(&s.net, 0), buf, sizeof(buf)),
                  rows_of_ip[i].a);
        check_str(story, address_format(node_address(&s.net, 1), buf, sizeof(buf)),
                  "2001:db8::1");
        check_str(story, address_format(node_address(&s.net, 2), buf, sizeof(buf)),
                  rows_of_ip[i].r);
        point_spec_free(&s);
        experiment_free(x);
    }
}

static void tops(void **state)
{
    struct experiment *x = load_text(TOP, NULL);
    assert_string_equal(x->name, "test"); /* after test.yaml */
    assert_int_equal(x->seed, 1);
    assert_int_equal(x->repeat, 1);
    assert_int_equal(x->stop, SEC(1));
    assert_int_equal(x->warm_up, 0);
    assert_false(x->independent);
    assert_string_equal(x->record, "auto");
    experiment_free(x);
    x = load_text(
        "topology: two-hosts\nlet: {end: 90s}\nstop: $end\nwarm_up: 5s\nseed: "
        "9223372036854775806\nrepeat: 30\n"
        "name: n-1_a\ndescription: \"two\\nlines\"\nrandom: independent\nrecord: life\n",
        NULL);
    assert_string_equal(x->name, "n-1_a");
    assert_string_equal(x->description, "two\nlines");
    assert_true(x->seed == 9223372036854775806u);
    assert_int_equal(x->repeat, 30);
    assert_int_equal(x->stop, SEC(90));
    assert_int_equal(x->warm_up, SEC(5));
    assert_true(x->independent);
    assert_string_equal(x->record, "life");
    experiment_free(x);
}

static void check_selected(const struct experiment *x, const bool *selects, const char *story,
                           const char *labels)
{
    for (int i = 0; i < x->n_points; i++) {
        char wanted[300];
        snprintf(wanted, sizeof(wanted), "[%s]", x->points[i].label);
        check_eq(story, selects[i], strstr(labels, wanted) != NULL);
    }
}

static void expectations(void **state)
{
    struct experiment *x =
        load_text(TOP WEB "repeat: 2\nsweep: {r: [1, 2]}\ntcp: {syn_retries: $r}\nvariants: "
                          "{v: {a: {}, b: {}, c: {}}}\n"
                          "expect:\n"
                          "  - {metric: web.ghosts, is: 1 + $r, source: s}\n"
                          "  - {metric: web.ghosts, where: {v: b}, is: 1, tol: 5%, source: s}\n"
                          "  - {metric: web.ghosts, where: {v: [c, a], r: 2}, is: 1, z_max: "
                          "4.5, half_width_max: 3%, source: s}\n"
                          "  - {metric: web.ghosts, at_least: 1, each: r, source: s}\n"
                          "  - {metric: client->server.lost, at_most: 1, source: s}\n"
                          "plot: {p: {kind: ladder, side_by_side: v, where: {r: 1}}}\n",
                  NULL);
    const struct expect *row = x->expects;
    assert_int_equal(x->n_expects, 5);
    assert_int_equal(row[0].op, EXPECT_EXACT);
    assert_string_equal(row[0].want, "1 + $r");
    assert_int_equal(row[0].want_at.column, 30);
    assert_null(row[0].tol);
    check_selected(x, row[0].selects, "all",
                   "[r=1 v=a][r=1 v=b][r=1 v=c][r=2 v=a][r=2 v=b][r=2 v=c]");
    assert_int_equal(row[1].op, EXPECT_TOL);
    assert_string_equal(row[1].tol, "5%");
    check_selected(x, row[1].selects, "one value", "[r=1 v=b][r=2 v=b]");
    assert_int_equal(row[2].op, EXPECT_Z_MAX);
    assert_true(row[2].z_max == 4.5);
    assert_string_equal(row[2].half_width_max, "3%");
    check_selected(x, row[2].selects, "a list and a value", "[r=2 v=a][r=2 v=c]");
    assert_int_equal(row[3].op, EXPECT_AT_LEAST);
    assert_string_equal(row[3].each, "r");
    assert_int_equal(row[4].op, EXPECT_AT_MOST);
    assert_string_equal(row[4].subject, "client->server");
    assert_string_equal(row[4].metric, "lost");
    assert_int_equal(x->n_plots, 1);
    assert_string_equal(x->plots[0].kind, "ladder");
    assert_string_equal(x->plots[0].side_by_side, "v");
    check_selected(x, x->plots[0].selects, "plot", "[r=1 v=a][r=1 v=b][r=1 v=c]");
    experiment_free(x);
}

#define SWEPT                                                                                  \
    TOP WEB "sweep: {r: [1, 2, 3]}\ntcp: {syn_retries: $r}\nvariants: {v: {a: {}, b: {}}}\n"   \
            "expect:\n"                                                                        \
            "  - {metric: web.ghosts, where: {r: 1}, is: 0, source: one}\n"                    \
            "  - {metric: web.ghosts, where: {r: [2, 3], v: b}, at_most: 0, source: some}\n"   \
            "  - {metric: web.ghosts, is: 0, source: all}\n"                                   \
            "plot: {p: {kind: ladder, where: {r: 3}}}\n"

/* -p leaves values out: rows select what is left of theirs, or are not run. */
static void narrowed(void **state)
{
    static const struct {
        const char *override;
        int n_points;
        const char *sources;                /* of the rows that are left */
        const char *not_run, *where, *want; /* the first that is not; NULL: none */
        int n_not_run, n_plots;
    } rows[] = {
        {NULL, 6, "one some all ", NULL, NULL, NULL, 0, 1},
        {"sweep.r=[1]", 2, "one all ", "some", "r=[2, 3] v=b", "at most 0", 1, 0},
        {"sweep.r=[3]", 2, "some all ", "one", "r=1", "0", 1, 1},
        {"sweep.r=[4]", 2, "all ", "one", "r=1", "0", 2, 0},
        {"variants.v.b=~", 3, "one all ", "some", "r=[2, 3] v=b", "at most 0", 1, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment *x = load_text(SWEPT, rows[i].override);
        const char *story = rows[i].override != NULL ? rows[i].override : "the whole";
        char sources[100] = "";
        for (int j = 0; j < x->n_expects; j++) {
            strcat(strcat(sources, x->expects[j].source), " ");
            check_true(story, memchr(x->expects[j].selects, true, (size_t)x->n_points) != NULL);
        }
        check_eq(story, x->n_points, rows[i].n_points);
        check_str(story, sources, rows[i].sources);
        check_eq(story, x->n_plots, rows[i].n_plots);
        check_eq(story, x->n_not_run, rows[i].n_not_run);
        if (rows[i].not_run != NULL) {
            check_str(story, x->not_run[0].source, rows[i].not_run);
            check_str(story, x->not_run[0].where, rows[i].where);
            check_str(story, x->not_run[0].want, rows[i].want);
        }
        /* what `show` prints is a file like any other */
        struct experiment *shown = load_text(x->flat, NULL);
        check_eq(story, shown->n_expects, x->n_expects);
        check_eq(story, shown->n_not_run, 0);
        experiment_free(shown);
        experiment_free(x);
    }
}

/* A metric need only exist where its row selects. */
static void metrics_of_a_variants_app(void **state)
{
    struct experiment *x = load_text(
        TOP WEB
        "variants: {v: {a: {}, b: {apps.more: {kind: server, host: server, port: 81}}}}\n"
        "expect: [{metric: more.ghosts, where: {v: b}, is: 0, source: x}]\n",
        NULL);
    struct point_spec a = point_of(x, 0), b = point_of(x, 1);
    assert_int_equal(a.net.n_apps, 1);
    assert_int_equal(b.net.n_apps, 2);
    point_spec_free(&a);
    point_spec_free(&b);
    experiment_free(x);
}

/* The second file of the language's definition, with the kinds and keys that are there. */
static const char FLOOD[] =
    "name: syn-flood\n"
    "extends: base/one-server.yaml          # 10ms each way\n"
    "let:   {backlog: 128, hold: 63s, honest: 0.2/s}\n"
    "sweep: {rate: [1/s, 2/s, 5/s, 10/s, 100/s]}\n"
    "repeat: 30\n"
    "warm_up: 300s\n"
    "stop: 3900s\n"
    "hosts:\n"
    "  server: {tcp: {backlog: $backlog, synack_retries: 5}}\n"
    "  client: {tcp: {syn_retries: 0}}      # one try: a retry is not a Poisson arrival\n"
    "apps:\n"
    "  web:   {kind: server, host: server, port: 80}\n"
    "  users: {kind: connect, host: client, to: web, close: at-once}\n"
    "record: metrics\n"
    "expect:\n"
    "  - metric: users.refused\n"
    "    each: rate                         # one verdict a point\n"
    "    is: erlang_b($backlog, $rate * $hold + $honest * 20ms)\n"
    "    z_max: 4                           # |mean - is| / standard error over replications\n"
    "    half_width_max: 3%                 # absolute; wider is \"inconclusive\", which "
    "fails\n"
    "    source: Erlang 1917, insensitive to the fixed holding time\n";

static void the_flood(void **state)
{
    assert_int_equal(system("mkdir -p base"), 0);
    write_file("base/one-server.yaml", "topology: {two-hosts: {delay: 10ms}}\n");
    struct experiment *x = load_text(FLOOD, NULL);
    assert_string_equal(x->name, "syn-flood");
    assert_int_equal(x->n_points, 5);
    assert_int_equal(x->repeat, 30);
    assert_int_equal(x->warm_up, SEC(300));
    assert_string_equal(x->record, "metrics");
    const struct expect *row = &x->expects[0];
    assert_int_equal(row->op, EXPECT_Z_MAX);
    assert_true(row->z_max == 4);
    assert_string_equal(row->want, "erlang_b($backlog, $rate * $hold + $honest * 20ms)");
    assert_int_equal(row->want_at.line, 18);
    assert_string_equal(row->half_width_max, "3%");
    assert_string_equal(row->each, "rate");
    struct point_spec s = point_of(x, 4);
    assert_int_equal(host(&s, "server")->tcp.backlog, 128);
    assert_int_equal(s.n_let, 4);
    assert_string_equal(s.let[3].value, "100/s");
    point_spec_free(&s);
    experiment_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_win_in_order),
        cmocka_unit_test(profiles_are_whole),
        cmocka_unit_test(topologies_in_every_form),
        cmocka_unit_test(apps_in_every_form),
        cmocka_unit_test(extends),
        cmocka_unit_test(points_in_declared_order),
        cmocka_unit_test(names_at_a_point),
        cmocka_unit_test(versions_of_ip),
        cmocka_unit_test(tops),
        cmocka_unit_test(expectations),
        cmocka_unit_test(narrowed),
        cmocka_unit_test(metrics_of_a_variants_app),
        cmocka_unit_test(the_flood),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
