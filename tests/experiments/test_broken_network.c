/* SPDX-License-Identifier: GPL-3.0-or-later
 * Networks that cannot be, and the exact message of each: kinds and their parameters, lists,
 * names, addresses, routes, and what is right key by key but not together.
 */
#include "tests/experiments/broken.h"

/* clang-format off */
#define CUSTOM "stop: 1s\ntopology: {custom: {hosts: [a, b], routers: [r], links: {a<->r: {}, r<->b: {}}}}\n"
#define LINK   "stop: 1s\ntopology: two-hosts\nlinks: {client->server: {"
#define APP    TOP "apps:\n  web: {kind: server, host: server, port: 80}\n  u: {kind: connect, host: client, to: web, "
#define VERSIONS "apps:\n  web: {kind: server, host: b, port: 80}\n  u: {kind: connect, host: a, to: "
#define SOURCES  "apps:\n  web: {kind: server, host: b, port: 80}\n  f: {kind: syn-flood, host: a, to: web, arrivals: 1/s, sources: "
#define KINDS_OF_DELAY "constant, uniform, normal, exponential, pareto, lognormal, gamma, weibull, laplace, logistic, gumbel, rayleigh, cauchy, empirical"

static const struct broken rows[] = {
    /* kinds with parameters */
    {LINK "delay: {@normel@: {mean: 20ms, sd: 2ms}}}}\n", NULL, "unknown delay 'normel'", "did you mean 'normal'?"},
    {LINK "delay: {@bell@: {mean: 20ms}}}}\n", NULL, "unknown delay 'bell'", "one of " KINDS_OF_DELAY},
    {LINK "delay: {kind: @bell@, mean: 20ms}}}\n", NULL, "unknown delay 'bell'", "one of " KINDS_OF_DELAY},
    {TOP "apps: {u: {kind: script, host: client, steps: [{call: get, @option@: nodelai}]}}\n", NULL,
     "app 'u' (script), item 1 of steps: option names no socket option; docs/sockets.md lists them", "did you mean 'nodelay'?"},
    {LINK "delay: @normall@}}\n", NULL, "unknown delay 'normall'", "did you mean 'normal'?"},
    {LINK "delay: @normal@}}\n", NULL, "delay normal needs the key 'mean'", "mean: the mean; draws below 0 become 0"},
    {LINK "delay: {@normal@: {}}}}\n", NULL, "delay normal needs the key 'mean'", "mean: the mean; draws below 0 become 0"},
    {LINK "@delay@: {mean: 20ms, sd: 2ms}}}\n", NULL, "delay does not say of which kind it is", "for example delay: {normal: {...}}"},
    {LINK "@delay@: [20ms]}}\n", NULL, "delay must be a time, such as 20ms, or {KIND: {...}} with one of " KINDS_OF_DELAY ", not a list", ""},
    {LINK "delay: {normal: {mean: 20ms, @std@: 2ms}}}}\n", NULL, "unknown key 'std' in delay normal", "did you mean 'sd'?"},
    {LINK "delay: {normal: {mean: 20ms, sd: @2@}}}}\n", NULL, "'2' needs a unit of time, e.g. 20ms", ""},
    {LINK "delay: {uniform: {@min@: 5ms, max: 1ms}}}}\n", NULL, "delay uniform: min is longer than max", ""},
    {LINK "delay: @20MS@}}\n", NULL, "'20MS' has an unknown unit 'MS'", "did you mean '20ms'?"},
    {LINK "delay: {@kind@: {normal: {}}}}}\n", NULL, "kind must be a name, not a map", ""},
    {LINK "loss: {@bernouli@: 1%}}}\n", NULL, "unknown loss 'bernouli'", "did you mean 'bernoulli'?"},
    {LINK "loss: @0.01@}}\n", NULL, "'0.01' needs a unit of fraction, e.g. 1%", "did you mean '1%'?"},
    {LINK "loss: {list: [@0@, 3]}}}\n", NULL, "packets is out of range: '0'", "at least 1"},
    {LINK "loss: {@list@: [3, 1]}}}\n", NULL, "loss list: the numbers must ascend", ""},
    {LINK "loss: {list: @[@]}}}\n", NULL, "packets is empty", ""},
    {LINK "loss: {@list@: {}}}}\n", NULL, "loss list needs the key 'packets'",
     "packets: which packets are lost, from 1 in the order in which they are sent, ascending"},
    {LINK "loss: {periodic: @0@}}}\n", NULL, "every is out of range: '0'", "at least 1"},
    {LINK "loss: {periodic: @3.5@}}}\n", NULL, "'3.5' is not a whole number", "the nearest is 4"},
    {LINK "loss: {periodic: {every: 5, @ofset@: 1}}}}\n", NULL, "unknown key 'ofset' in loss periodic", "did you mean 'offset'?"},
    {LINK "schedule: [{at: 2s, state: down}, {@at@: 1s, state: up}]}}\n", NULL,
     "link 'client->server', item 2 of schedule: the steps must ascend", ""},
    {LINK "schedule: [{at: 2s, state: @dawn@}]}}\n", NULL, "unknown state 'dawn'", "did you mean 'down'?"},
    {LINK "schedule: @{@at: 1s, state: down}}}\n", NULL, "schedule is a list of maps, not a map", "for example schedule: [{...}, {...}]"},

    /* custom: lists of names, maps of links */
    {"stop: 1s\ntopology: {custom: {hosts: [a, b, @a@], links: {a->b: {}}}}\n", NULL, "hosts has 'a' twice", ""},
    {"stop: 1s\ntopology: {custom: {hosts: @[@], links: {a->b: {}}}}\n", NULL, "hosts is empty", ""},
    {"stop: 1s\ntopology: {custom: {@hosts@: {a: {}}, links: {a->b: {}}}}\n", NULL, "hosts must be a list, each a name, not a map", ""},
    {"stop: 1s\ntopology: {custom: {hosts: [a, @x y@], links: {a->b: {}}}}\n", NULL, "'x y' cannot be a name",
     "a name has letters, digits, - and _ only"},
    {"stop: 1s\n@topology@: {custom: {hosts: [a, b]}}\n", NULL, "topology custom needs the key 'links'",
     "links: a map of links, each a->b, or a<->b for both ways"},
    {"stop: 1s\ntopology: {custom: {hosts: [a, b], links: {@a-b@: {}}}}\n", NULL, "'a-b' cannot be a link",
     "a link is called a->b, or a<->b for both ways"},
    {"stop: 1s\ntopology: {custom: {hosts: [a, b], links: {@a->a@: {}}}}\n", NULL, "the link 'a->a' leads from 'a' to itself", ""},
    {"stop: 1s\ntopology: {custom: {hosts: [a, b], links: {@a->c@: {}}}}\n", NULL,
     "topology custom, 'a->c' of links: the ends of a link are among hosts and routers", ""},
    {"stop: 1s\ntopology: {custom: {hosts: [a, b], links: {a<->b: {}, @a->b@: {}}}}\n", NULL,
     "topology custom, 'a->b' of links: there is such a link already", ""},
    {"stop: 1s\ntopology: {custom: {hosts: [a, b], links: {a->b: {@dealy@: 1ms}}}}\n", NULL, "unknown key 'dealy' in link 'a->b'",
     "did you mean 'delay'?"},
    {"stop: 1s\ntopology: {custom: {hosts: [a, b], @links@: [a->b]}}\n", NULL, "links must be a map of maps, {a->b: {...}}, not a list", ""},
    {"stop: 1s\ntopology: {custom: {hosts: [a, b], links: {a->b: @fast@}}}\n", NULL, "link 'a->b' must be a map, not 'fast'",
     "its keys: delay, delay_correlation, rate, queue, queue_bytes, loss, duplicate, corrupt, reorder, mtu, lifetime, schedule, flap"},

    /* links, hosts, routers */
    {CUSTOM "links: {@a->b@: {loss: 1%}}\n", NULL, "unknown link 'a->b'", "did you mean 'a->r'?"},
    {CUSTOM "links: {@a<->b@: {loss: 1%}}\n", NULL, "unknown link 'a->b'", "did you mean 'a->r'?"},
    {CUSTOM "routers: {@q@: {icmp: no}}\n", NULL, "unknown router 'q'", "did you mean 'r'?"},
    {CUSTOM "routers: {@a@: {icmp: no}}\n", NULL, "unknown router 'a'", "did you mean 'r'?"},
    {CUSTOM "routers: {r: {@icpm@: no}}\n", NULL, "unknown key 'icpm' in router 'r'", "did you mean 'icmp'?"},
    {CUSTOM "hosts: {@r@: {ttl: 5}}\n", NULL, "unknown host 'r'", "did you mean 'a'?"},
    {CUSTOM "hosts: {a: {ttl: @0@}}\n", NULL, "ttl is out of range: '0'", "1 to 255"},
    {CUSTOM "hosts: {a: {addresses: @10.0.0@}}\n", NULL, "'10.0.0' is neither an address nor a prefix",
     "an address is four numbers up to 255, as in 10.0.0.1"},
    {CUSTOM "hosts: {a: {addresses: @10.0.0.256@}}\n", NULL, "'10.0.0.256' is neither an address nor a prefix",
     "an address is four numbers up to 255, as in 10.0.0.1"},
    {CUSTOM "hosts: {a: {addresses: @10.0.0.0/33@}}\n", NULL, "'10.0.0.0/33' is neither an address nor a prefix",
     "a prefix has 0 to 32 bits, as in 203.0.113.0/24"},
    {CUSTOM "hosts: {a: {addresses: [10.1.0.1, @10.0.0.5/24@]}}\n", NULL, "'10.0.0.5/24' is neither an address nor a prefix",
     "the address has bits beyond its prefix, as 203.0.113.1/24 has"},
    {CUSTOM "hosts: {a: {addresses: 10.9.0.1}, b: {addresses: @10.9.0.1@}}\n", NULL, "the address 10.9.0.1 is that of 'a' already", ""},
    {CUSTOM "hosts: {b: {addresses: @10.0.0.1@}}\n", NULL, "the address 10.0.0.1 is that of 'a' already", ""},

    /* versions of IP */
    {CUSTOM "ip: @IPv6@\n", NULL, "unknown ip 'IPv6'", "one of 4, 6"},
    {CUSTOM "hosts: {a: {addresses: @fd00:::1@}}\n", NULL, "'fd00:::1' is neither an address nor a prefix",
     "an IPv6 address is eight groups of hexadecimal digits, as in fd00::1"},
    {CUSTOM "hosts: {a: {addresses: @'2001:db8::1/32'@}}\n", NULL, "'2001:db8::1/32' is neither an address nor a prefix",
     "the address has bits beyond its prefix, as 2001:db8::1/32 has"},
    {CUSTOM "hosts: {a: {addresses: @'2001:db8::/129'@}}\n", NULL, "'2001:db8::/129' is neither an address nor a prefix",
     "a prefix has 0 to 128 bits, as in 2001:db8::/32"},
    {CUSTOM "hosts: {a: {addresses: @'::ffff:10.0.0.1'@}}\n", NULL, "'::ffff:10.0.0.1' is neither an address nor a prefix",
     "an IPv4-mapped address is written as the IPv4 address that it is"},
    {CUSTOM "ip: 6\nhosts: {b: {addresses: @'fd00::1'@}}\n", NULL, "the address fd00::1 is that of 'a' already", ""},
    {CUSTOM "hosts: {b: {addresses: 'fd00::7'}}\n" VERSIONS "@web@}\n", NULL, "'web' has the address fd00::7, and 'a' none of IPv6",
     "give both hosts `addresses` of one version, or neither"},
    {CUSTOM "ip: 6\nhosts: {b: {addresses: 10.0.0.7}}\n" VERSIONS "@b@, port: 80}\n", NULL, "'b' has the address 10.0.0.7, and 'a' none of IPv4",
     "give both hosts `addresses` of one version, or neither"},
    {CUSTOM "hosts: {b: {addresses: [10.0.0.7, 'fd00::7']}}\n" VERSIONS "@web@, address: [10.0.0.7, 'fd00::7']}\n", NULL,
     "'web' has the address fd00::7, and 'a' none of IPv6", "give both hosts `addresses` of one version, or neither"},
    {CUSTOM "hosts: {a: {addresses: [10.0.0.7, 'fd00::7']}, b: {addresses: 'fd00::8'}}\napps:\n  s: {kind: udp-sink, host: b, port: 9}\n"
            "  d: {kind: cbr, host: a, to: @s@, size: 100B, rate: 8kbit}\n", NULL,
     "'s' has the address fd00::8, and 'a' sends from none of IPv6", "give both hosts `addresses` of one version, or neither"},
    {CUSTOM "ip: 6\n" SOURCES "@203.0.113.0/24@}\n", NULL, "the source 203.0.113.0/24 is of IPv4, and 'web' has the address fd00::2",
     "for example sources: '2001:db8::/120'"},
    {CUSTOM SOURCES "@'2001:db8::/96'@}\n", NULL, "the source 2001:db8::/96 is of IPv6, and 'web' has the address 10.0.0.2",
     "for example sources: 203.0.113.0/24"},
    {CUSTOM "ip: 6\nrouters: {r: {middlebox: @{@syn-proxy: {servers: [fd00::2, 10.0.0.2]}}}}\n", NULL,
     "the syn-proxy of 'r' knows 10.0.0.2, and no host has an address of IPv4", "its addresses are of the version of those that it is for"},
    {CUSTOM "routers: {r: {middlebox: @{@firewall: {inside: 'fd00::/64'}}}}\n", NULL,
     "the firewall of 'r' knows fd00::/64, and no host has an address of IPv6", "its addresses are of the version of those that it is for"},
    {CUSTOM "ip: 6\nhosts: {a: {addresses: 10.0.0.1}}\nrouters: {r: {middlebox: @{@nat: {inside: 10.0.0.1}}}}\n", NULL,
     "the nat of 'r' has 10.0.0.1 inside, and shares its router's address, one of IPv6", "NAT between the versions of IP is not modelled"},
    {CUSTOM "hosts: {a: {addresses: 'fd00::1'}}\nrouters: {r: {middlebox: @{@nat: {inside: 'fd00::/64'}}}}\n", NULL,
     "the nat of 'r' has fd00::/64 inside, and shares its router's address, one of IPv4", "NAT between the versions of IP is not modelled"},

    /* routes */
    {CUSTOM "routes: {x: {node: @q@, to: b, via: r->b}}\n", NULL, "unknown host or router 'q'", "did you mean 'a'?"},
    {CUSTOM "routes: {x: {node: r, to: b, via: @a->r@}}\n", NULL, "the link 'a->r' does not leave 'r'", ""},
    {CUSTOM "routes: {x: {node: r, to: b, via: @r->q@}}\n", NULL, "unknown link 'r->q'", "did you mean 'r->a'?"},
    {CUSTOM "routes: {x: {node: r, to: @nobody@, via: r->b}}\n", NULL,
     "'nobody' is no host and no router, and an address is four numbers up to 255, as in 10.0.0.1", ""},
    {CUSTOM "routes: {@x@: {to: b, via: r->b}}\n", NULL, "route 'x' needs the key 'node'",
     "node: the router or host in whose table it stands"},
    {CUSTOM "routes: {x: {node: r, to: b, via: r->b, at: 2s, @until@: 1s}}\n", NULL, "route 'x': the route goes before it has come", ""},
    {CUSTOM "routes: {@a@: {node: r, to: b, via: r->b}}\n", NULL, "the name 'a' is taken by the host",
     "all that a file names shares its names: hosts, routers, links, routes, apps, faults"},
    {CUSTOM "apps: {@r@: {kind: server, host: a, port: 80}}\n", NULL, "the name 'r' is taken by the router",
     "all that a file names shares its names: hosts, routers, links, routes, apps, faults"},
    {CUSTOM "routes: {x: {node: r, to: b, via: r->b}}\nvariants: {v: {a: {}, b: {routes.@y@.at: 1s}}}\n", NULL,
     "there is no route 'y' to change", "did you mean 'x'?"},

    /* arrivals */
    {APP "arrivals: {@poison@: 5/s}}\n", NULL, "unknown arrivals 'poison'", "did you mean 'poisson'?"},
    {APP "arrivals: {poisson: @5@}}\n", NULL, "'5' needs a unit of frequency, e.g. 2/s", ""},
    {APP "arrivals: {@times@: [1s, 0.5s]}}\n", NULL, "arrivals times: instants of arrivals must stand in their order", ""},
    {APP "arrivals: {times: [1s, @soon@]}}\n", NULL, "'soon' is not a time, e.g. 20ms", ""},
    {APP "@arrivals@: [1s, 2s]}\n", NULL,
     "arrivals must be a frequency, such as 2/s, or {KIND: {...}} with one of poisson, constant, burst, times, trace, "
     "not a list", ""},
    {APP "arrivals: {trace: @nowhere.txt@}}\n", NULL,
     "cannot open the file 'nowhere.txt': No such file or directory", ""},
    {APP "arrivals: {trace: @.@}}\n", NULL, "cannot read the file '.': it is no regular file", ""},
    {CUSTOM "apps: {web: {kind: server, host: @r@, port: 80}}\n", NULL, "unknown host 'r'", "did you mean 'a'?"},
};
/* clang-format on */

static void networks_that_cannot_be(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        broken_check(&rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
