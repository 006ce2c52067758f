/* SPDX-License-Identifier: GPL-3.0-or-later
 * Broken configurations and the exact message of each; what is no YAML is in
 * test_broken_text.c, what a network cannot be in test_broken_network.c.
 */
#include "tests/experiments/broken.h"

/* clang-format off */
#define NAMES_ARE_SHARED "all that a file names shares its names: hosts, routers, links, routes, apps, faults"
#define WEBS   "apps: {web: {kind: server, host: server, port: 80}, "
#define FAULT  TOP WEB "faults: {f: {link: client->server, "
#define ROW    TOP WEB "expect: [{metric: web.ghosts, "
#define ANSWER TOP WEB "variants: {answer: {rst: {}, silent: {}}}\n"

static const struct broken rows[] = {
    /* the top */
    {"@s@top: 1s\n", NULL, "the experiment needs the key 'topology'", "for example topology: {two-hosts: {delay: 10ms}}"},
    {"# a comment\n@t@opology: two-hosts\n", NULL, "the experiment needs the key 'stop'",
     "stop: the end of a run, from its start"},
    {"topology: two-hosts\n@stop@: ~\n", NULL, "the experiment needs the key 'stop'",
     "stop: the end of a run, from its start"},
    {TOP, "@stop@=~", "the experiment needs the key 'stop'", "stop: the end of a run, from its start"},
    {TOP, "@topology@=~", "the experiment needs the key 'topology'", "for example topology: {two-hosts: {delay: 10ms}}"},
    {TOP "@frobnicate@: 1\n", NULL, "unknown key 'frobnicate' in an experiment",
     "its keys: name, description, extends, topology, ip, tcp, hosts, routers, links, routes, apps, faults, let, sweep, "
     "variants, repeat, warm_up, stop, seed, random, record, sample, expect, plot"},
    {TOP "@aps@: {}\n", NULL, "unknown key 'aps' in an experiment", "did you mean 'apps'?"},
    {TOP "repeat: @0@\n", NULL, "repeat is out of range: '0'", "1 to 1000000"},
    {TOP "seed: @1.5@\n", NULL, "'1.5' is not a whole number", "the nearest is 2"},
    {TOP "record: @everything@\n", NULL, "unknown record 'everything'", "one of auto, all, life, metrics, none"},
    {TOP "warm_up: @1s@\n", NULL, "warm_up must be shorter than stop", ""},
    {"topology: two-hosts\nstop: @never@\n", NULL, "stop is out of range: 'never'", "at least 1ns, but with an end"},
    {TOP "name: @a b@\n", NULL, "'a b' cannot be a name", "a name has letters, digits, - and _ only"},

    /* topology, links */
    {"topology: {@two-host@: {}}\nstop: 1s\n", NULL, "unknown topology 'two-host'", "did you mean 'two-hosts'?"},
    {"topology: @ring@\nstop: 1s\n", NULL, "unknown topology 'ring'", "one of two-hosts, chain, star, dumbbell, loop, flood, parking-lot, custom"},
    {"topology: {two-hosts: {@dealy@: 10ms}}\nstop: 1s\n", NULL, "unknown key 'dealy' in topology two-hosts",
     "did you mean 'delay'?"},
    {"topology: {two-hosts: @5@}\nstop: 1s\n", NULL, "topology two-hosts must be a map, not '5'", ""},
    {"@topology@: {two-hosts: {}, ring: {}}\nstop: 1s\n", NULL, "'topology' names one kind",
     "for example topology: {two-hosts: {delay: 10ms}}"},
    {"topology: {two-hosts: {@color@: red}}\nstop: 1s\n", NULL, "unknown key 'color' in topology two-hosts",
     "its keys: kind, delay, delay_correlation, rate, queue, queue_bytes, loss, duplicate, corrupt, reorder, mtu, lifetime, "
     "schedule, flap"},
    {"topology: {two-hosts: {delay: @10@}}\nstop: 1s\n", NULL, "'10' needs a unit of time, e.g. 20ms", ""},
    {"topology: {two-hosts: {delay: @10kB@}}\nstop: 1s\n", NULL, "'10kB' is bytes, but a time is wanted, e.g. 20ms", ""},
    {"topology: {two-hosts: {delay: @10sm@}}\nstop: 1s\n", NULL, "'10sm' has an unknown unit 'sm'",
     "did you mean '10s'?"},
    {TOP "links: {client->server: {loss: @200%@}}\n", NULL, "loss is out of range: '200%'", "0% to 100%"},
    {TOP "links: {client->server: {@rate@: {a: 1}}}\n", NULL, "rate must be a rate, such as 8Mbit, not a map", ""},
    {TOP "links: {@client->sever@: {loss: 1%}}\n", NULL, "unknown link 'client->sever'",
     "did you mean 'client->server'?"},

    /* tcp, hosts */
    {TOP "tcp: {@mls@: 30s}\n", NULL, "unknown key 'mls' in tcp", "did you mean 'msl'?"},
    {TOP "tcp: {handshake: @two-wey@}\n", NULL, "unknown handshake 'two-wey'", "did you mean 'two-way'?"},
    {TOP "tcp: {profile: @windows@}\n", NULL, "unknown profile 'windows'", "one of rfc9293, linux, bsd, textbook"},
    {TOP "tcp: {nagle: @maybe@}\n", NULL, "nagle is yes or no, not 'maybe'", ""},
    {TOP "@tcp@: [nagle]\n", NULL, "'tcp' must be a map, not a list", "its keys stand in braces or below it: tcp: {KEY: ...}"},
    {TOP "tcp: {port_min: 5000, port_max: @4000@}\n", NULL, "port_min is above port_max", ""},
    {TOP "description: größer\ntcp: {@größe@: 1}\n", NULL, "unknown key 'größe' in tcp", "halfopen explain lists what there is"},
    {TOP "tcp: {handshake: three-way}\nhosts: {server: {tcp: {handshake: @two-way@}}}\n", NULL,
     "'client' shakes hands by three-way and 'server' by two-way: no connection can come of it",
     "a handshake takes two: give it in tcp, for all hosts"},
    {TOP "hosts: {client: {tcp: {handshake: @two-way@}}}\n", NULL,
     "'client' shakes hands by two-way and 'server' by three-way: no connection can come of it",
     "a handshake takes two: give it in tcp, for all hosts"},
    {TOP "variants: {v: {a: {}, b: {hosts.client.tcp.handshake: @four-way@}}}\n", NULL,
     "'client' shakes hands by four-way and 'server' by three-way: no connection can come of it",
     "a handshake takes two: give it in tcp, for all hosts"},
    {TOP "hosts: {@clinet@: {tcp: {nagle: no}}}\n", NULL, "unknown host 'clinet'", "did you mean 'client'?"},
    {TOP "hosts: {client: {@tpc@: {nagle: no}}}\n", NULL, "unknown key 'tpc' in host 'client'", "did you mean 'tcp'?"},

    /* apps */
    {TOP "apps: {@web@: {host: server}}\n", NULL, "app 'web' needs the key 'kind'",
     "kind: what it does: a row of `halfopen models`"},
    {TOP "apps: {web: {kind: @sever@, host: server}}\n", NULL, "unknown app kind 'sever'", "did you mean 'server'?"},
    {TOP "apps: {web: {kind: server, host: server, @prot@: 80}}\n", NULL, "unknown key 'prot' in app 'web' (server)",
     "did you mean 'port'?"},
    {TOP "apps: {web: {kind: server, host: server, port: @70000@}}\n", NULL,
     "port is a port from 1 to 65535, not '70000'", ""},
    {TOP "apps: {@web@: {kind: server, port: 80}}\n", NULL, "app 'web' (server) needs the key 'host'",
     "host: where it runs"},
    {TOP "apps: {web: {kind: server, host: @srever@, port: 80}}\n", NULL, "unknown host 'srever'",
     "did you mean 'server'?"},
    {TOP "apps: {u: {kind: connect, host: client, to: @wbe@}, web: {kind: server, host: server, port: 80}}\n", NULL,
     "unknown app or host 'wbe'", "did you mean 'web'?"},
    {TOP "apps: {u: {kind: connect, host: client, to: @10.0.0.2:80@}}\n", NULL,
     "'10.0.0.2:80' is not the name of an app or host", "an end is a name and a port beside it: to: server, port: 80"},
    {TOP "apps: {u: {kind: connect, host: client, to: @server:80@}}\n", NULL,
     "'server:80' is not the name of an app or host", "an end is a name and a port beside it: to: server, port: 80"},
    {TOP "apps: {u: {kind: connect, host: client, to: @'[fd00::2]:80'@}}\n", NULL,
     "'[fd00::2]:80' is not the name of an app or host", "an end is a name and a port beside it: to: server, port: 80"},
    {TOP "hosts: {server: {addresses: @10.0.0.1:80@}}\n", NULL, "'10.0.0.1:80' is neither an address nor a prefix",
     "an address has no port: where one is taken, it is a key of its own"},
    {TOP "hosts: {server: {addresses: @'[fd00::1]:80'@}}\n", NULL, "'[fd00::1]:80' is neither an address nor a prefix",
     "an address has no port: where one is taken, it is a key of its own"},
    {TOP "apps: {u: {kind: connect, host: client, to: @nobody@}}\n", NULL, "unknown app or host 'nobody'",
     "one of u, client, server"},
    {TOP "apps: {a: {kind: server, host: server, port: 80}, b: {kind: server, host: server, port: @80@}}\n", NULL,
     "the app 'a' listens on port 80 of the host 'server' already", ""},
    {TOP "apps: {s: {kind: udp-sink, host: server, port: 9}, u: {kind: connect, host: client, to: @s@}}\n", NULL,
     "'u' (connect) speaks TCP and 's' (udp-sink) listens by UDP", ""},
    {TOP "apps: {s: {kind: server, host: server, port: 9}, u: {kind: cbr, host: client, to: @s@, rate: 1Mbit}}\n", NULL,
     "'u' (cbr) speaks UDP and 's' (server) listens by TCP", ""},
    {TOP "apps: {s: {kind: udp-sink, host: server, port: 9}, t: {kind: udp-sink, host: server, port: @9@}}\n", NULL,
     "the app 's' listens on port 9 of the host 'server' already", ""},
    {TOP "apps: {web: {kind: server, host: server, port: 80, @requests@: 2}}\n", NULL,
     "app 'web' (server): several requests on a connection need the length of one: give request in bytes", ""},
    {TOP WEBS "u: {kind: request, host: client, to: web, @requests@: 2, close: at-once}}\n", NULL,
     "app 'u' (request): close: at-once leaves no time for a second request", ""},
    {TOP WEBS "u: {kind: request, host: client, to: web, @requests@: 2, read: no}}\n", NULL,
     "app 'u' (request): with read: no it never sees the reply that its second request waits for", ""},
    {TOP WEBS "u: {kind: request, host: client, to: web, @requests@: 2}}\n", NULL,
     "app 'u' (request): the second request waits for a reply, and `to` has none of a known length: give reply", ""},
    {TOP WEBS "u: {kind: connect, host: client, to: web, @reconnect@: {times: unlimited}}}\n", NULL,
     "app 'u' (connect): an unlimited reconnect needs an `after`: an attempt that fails at once would be followed by the "
     "next without end", ""},
    {TOP WEBS "u: {kind: connect, host: client, to: web, @reconnect@: {after: 1s}}}\n", NULL,
     "reconnect needs the key 'times'", "times: how often, after each of the `arrivals`"},
    {TOP WEBS "u: {kind: connect, host: client, to: web, arrivals: {@times@: [2s, 1s]}}}\n", NULL,
     "arrivals times: instants of arrivals must stand in their order", ""},
    {TOP WEBS "u: {kind: connect, host: client, to: web, arrivals: {@poison@: 1/s}}}\n", NULL,
     "unknown arrivals 'poison'", "did you mean 'poisson'?"},
    {TOP "apps: {u: {kind: connect, host: client, to: @server@}}\n", NULL, "'server' is a host: which port of it?",
     "give the key 'port', or the name of an app that listens"},
    {TOP "apps: {u: {kind: connect, host: client, to: @u@}}\n", NULL, "the app 'u' (connect) listens on no port",
     "give the key 'port', or an app that listens"},
    {TOP "apps: {@client@: {kind: server, host: server, port: 80}}\n", NULL, "the name 'client' is taken by the host",
     NAMES_ARE_SHARED},
    {TOP "apps: {@my web@: {kind: server, host: server, port: 80}}\n", NULL, "'my web' cannot be a name",
     "a name has letters, digits, - and _ only"},
    {TOP "apps: {@web@: server}\n", NULL, "app 'web' must be a map, not 'server'", ""},
    {TOP "apps: {@web@: ~}\n", NULL, "there is no app 'web' to remove", ""},
    {TOP "apps: {s: {kind: script, host: client, steps: @{@at: 0s}}}\n", NULL, "steps is a list of maps, not a map",
     "for example steps: [{...}, {...}]"},
    {TOP "apps: {s: {kind: script, host: client, steps: [{call: close}, {@cal@: close}]}}\n", NULL,
     "unknown key 'cal' in item 2 of steps", "did you mean 'call'?"},
    {TOP "apps: {s: {kind: script, host: client, steps: [{call: close}, {@call@: send}]}}\n", NULL,
     "app 's' (script), item 2 of steps: a send step needs bytes", ""},
    {TOP "apps: {s: {kind: script, host: client, steps: [{call: close, @returns@: EWHAT}]}}\n", NULL,
     "app 's' (script), item 1 of steps: returns is neither the name of a socket call's errno nor a count", ""},
    {TOP "apps: {s: {kind: script, host: client, steps: [{call: close, @how@: wr}]}}\n", NULL,
     "app 's' (script), item 1 of steps: the call of this step does not take this key", ""},
    {TOP "apps: {s: {kind: script, host: client, steps: [{at: 1s, call: close}, @{@call: close}]}}\n", NULL,
     "app 's' (script), item 2 of steps: steps must stand in the order of their times", ""},
    {TOP "apps: {s: {kind: script, host: client, steps: [{at: 1s, call: close}, {@at@: 1ms, call: close}]}}\n", NULL,
     "app 's' (script), item 2 of steps: steps must stand in the order of their times", ""},
    {TOP "apps: {web: {kind: server, host: server, port: 80, @close@: after-reply}}\n", NULL,
     "app 'web' (server): close: after-reply needs a reply", ""},
    {TOP WEB "variants: {v: {a: {}, b: {apps.web.@close@: after-reply}}}\n", NULL,
     "app 'web' (server): close: after-reply needs a reply", "at the point v=b"},
    {TOP "apps: {web: {@sever@: {host: server, port: 80}}}\n", NULL, "unknown app kind 'sever'",
     "did you mean 'server'?"},
    {TOP "apps: {web: {server: {host: server, @prot@: 80}}}\n", NULL, "unknown key 'prot' in app 'web' (server)",
     "did you mean 'port'?"},

    /* faults */
    {TOP WEB "faults: {@web@: {link: client->server, drop: yes}}\n", NULL, "the name 'web' is taken by the app",
     NAMES_ARE_SHARED},
    {TOP "faults: {@f@: {drop: yes}}\n", NULL, "fault 'f' needs the key 'link'", "link: the direction it acts on, a->b"},
    {TOP "faults: {f: {link: @client->client@, drop: yes}}\n", NULL, "unknown link 'client->client'",
     "one of client->server, server->client"},
    {TOP "faults: {@f@: {link: client->server}}\n", NULL, "fault 'f': give one of drop, corrupt, delay, duplicate, hold", ""},
    {TOP "faults: {f: {link: client->server, drop: yes, @delay@: 1s}}\n", NULL,
     "fault 'f': drop and delay exclude each other: give one", ""},
    {FAULT "match: @[@SYN], drop: yes}}\n", NULL, "match must be a map, not a list", "its keys: flags, nth, count, sport, dport, data, from, to"},
    {FAULT "match: {flags: @SNY@}, drop: yes}}\n", NULL, "unknown TCP flag 'SNY'", "did you mean 'SYN'?"},
    {FAULT "match: {flags: @SYN ACK@}, drop: yes}}\n", NULL, "flags are joined by commas, as in SYN,ACK, not 'SYN ACK'",
     ""},
    {FAULT "match: {flags: @FIN+ACK@}, drop: yes}}\n", NULL, "flags are joined by commas, as in SYN,ACK, not 'FIN+ACK'",
     ""},
    {FAULT "match: {flags: @syn@}, drop: yes}}\n", NULL, "unknown TCP flag 'syn'", "did you mean 'SYN'?"},
    {FAULT "match: {flags: FIN,@ACK@}, drop: yes}}\n", NULL, "unknown key 'ACK' in match",
     "a comma separates keys here: write flags: \"FIN,ACK\""},
    {FAULT "match: {flags: [FIN, @AKC@]}, drop: yes}}\n", NULL, "unknown TCP flag 'AKC'", "did you mean 'ACK'?"},
    {FAULT "match: {flags: @[@]}, drop: yes}}\n", NULL, "flags names at least one flag", ""},
    {FAULT "match: {flags: [@[@FIN]]}, drop: yes}}\n", NULL, "flags is a list of TCP flags, not of a list", ""},
    {FAULT "hold: {until: @wed CLOSED@}}}\n", NULL, "unknown app 'wed'", "did you mean 'web'?"},
    {FAULT "hold: {until: @web closed@}}}\n", NULL, "unknown TCP state 'closed'", "did you mean 'CLOSED'?"},
    {FAULT "hold: {until: @web CLOSE@}}}\n", NULL, "unknown TCP state 'CLOSE'", "did you mean 'CLOSED'?"},
    {FAULT "hold: {until: @CLOSED@}}}\n", NULL, "until is the name of an app and a TCP state, not 'CLOSED'",
     "for example user CLOSED"},
    {FAULT "@hold@: {then: 1s}}}\n", NULL, "hold needs the key 'until'",
     "until: APP STATE: the first time that a connection of this app enters this state"},

    /* words of other tools, and what people write first */
    {"topology: {two-hosts: {@latency@: 10ms}}\nstop: 1s\n", NULL, "unknown key 'latency' in topology two-hosts", "did you mean 'delay'?"},
    {"topology: {two-hosts: {@bandwidth@: 8Mbit}}\nstop: 1s\n", NULL, "unknown key 'bandwidth' in topology two-hosts", "did you mean 'rate'?"},
    {"topology: {two-hosts: {delay: 20ms, @jitter@: 2ms}}\nstop: 1s\n", NULL, "unknown key 'jitter' in topology two-hosts",
     "a delay that varies is drawn, for example delay: {normal: {mean: 20ms, sd: 2ms}}"},
    {"topology: {two-hosts: {delay: @20ms 2ms@}}\nstop: 1s\n", NULL, "delay is one time, or drawn: not '20ms 2ms'",
     "for example {uniform: {min: 10ms, max: 20ms}} or {normal: {mean: 20ms, sd: 2ms}}"},
    {"topology: {two-hosts: {delay: @10ms-20ms@}}\nstop: 1s\n", NULL, "delay is one time, or drawn: not '10ms-20ms'",
     "for example {uniform: {min: 10ms, max: 20ms}} or {normal: {mean: 20ms, sd: 2ms}}"},
    {"topology: {two-hosts: {rate: @10Mbps@}}\nstop: 1s\n", NULL, "'10Mbps' has an unknown unit 'Mbps'", "did you mean '10Mbit'?"},
    {"topology: {two-hosts: {delay: @-10ms@}}\nstop: 1s\n", NULL, "delay is out of range: '-10ms'", "at least 0s"},
    {"topology: {two-hosts: {loss: @-1%@}}\nstop: 1s\n", NULL, "loss is out of range: '-1%'", "0% to 100%"},
    {TOP "repeat: @-3@\n", NULL, "repeat is out of range: '-3'", "1 to 1000000"},
    {TOP "repeat: @1e30@\n", NULL, "repeat is out of range: '1e30'", "1 to 1000000"},
    {"topology: two-hosts\nstop: @1e30s@\n", NULL, "'1e30s' is out of range", "the range is 0s to 292 years"},
    {"topology: {two-hosts: {reorder: @25%@}}\nstop: 1s\n", NULL, "reorder must be a map, not '25%'", "its keys: probability, gap, delay"},
    {TOP WEB "faults: {f: {link: client->server, hold: @5s@}}\n", NULL, "hold must be a map, not '5s'", "its keys: until, then"},
    {TOP WEB "faults: {f: {link: client->server, match: {flags: @SYN-ACK@}, drop: yes}}\n", NULL,
     "flags are joined by commas, as in SYN,ACK, not 'SYN-ACK'", ""},
    {TOP WEB "faults: {f: {link: client->server, hold: {until: @web SYN_RECV@}}}\n", NULL, "unknown TCP state 'SYN_RECV'", "did you mean 'SYN-RECEIVED'?"},
    {"topology:\n@two-hosts@: {delay: 10ms}\nstop: 1s\n", NULL, "unknown key 'two-hosts' in an experiment",
     "'topology' before it is empty: indent what belongs to it"},
    {TOP "apps:\n@faluts@: {}\n", NULL, "unknown key 'faluts' in an experiment", "did you mean 'faults'?"},
    {TOP "@tcp.msl@: 3s\n", NULL, "unknown key 'tcp.msl' in an experiment", "paths stand in variants and -p alone: here write tcp: {msl: 3s}"},
    {TOP "@hosts.client.tcp.msl@: 3s\n", NULL, "unknown key 'hosts.client.tcp.msl' in an experiment",
     "paths stand in variants and -p alone: here write hosts: {client: {tcp: {msl: 3s}}}"},
    {TOP "@a.b@: 3s\n", NULL, "unknown key 'a.b' in an experiment",
     "its keys: name, description, extends, topology, ip, tcp, hosts, routers, links, routes, apps, faults, let, sweep, "
     "variants, repeat, warm_up, stop, seed, random, record, sample, expect, plot"},
    {TOP "@duration@: 1s\n", NULL, "unknown key 'duration' in an experiment", "did you mean 'stop'?"},
    {TOP "tcp: {@net.ipv4.tcp_syn_retries@: 3}\n", NULL, "unknown key 'net.ipv4.tcp_syn_retries' in tcp", "did you mean 'syn_retries'?"},
    {TOP "tcp: {@congestion@: reno}\n", NULL, "unknown key 'congestion' in tcp", "did you mean 'congestion_control'?"},
    {TOP "tcp: {handshake: @3-way@}\n", NULL, "unknown handshake '3-way'", "did you mean 'three-way'?"},
    {TOP "@apps@: [{kind: server}]\n", NULL, "'apps' must be a map, not a list", "its keys stand in braces or below it: apps: {KEY: ...}"},
    {TOP "apps: {web: {@type@: server, host: server, port: 80}}\n", NULL, "unknown key 'type' in app 'web'", "did you mean 'kind'?"},
    {TOP WEBS "u: {kind: connect, host: client, to: web, @start@: 1s}}\n", NULL, "unknown key 'start' in app 'u' (connect)", "did you mean 'at'?"},
    {TOP WEB "expect: [{metric: web.ghosts, @equals@: 0, source: x}]\n", NULL, "unknown key 'equals' in row 1 of expect", "did you mean 'is'?"},
    {TOP WEB "sweep: {@tcp.msl@: [1s, 2s]}\n", NULL, "'tcp.msl' cannot be a name", "name it msl, and write $msl where the value stands"},
    {TOP "let: {a: 2s, b: @$a * 2@}\ntcp: {msl: $b}\n", NULL, "a $name must be the whole value, not a part of '$a * 2'",
     "arithmetic stands in the expressions of 'expect' alone"},
    {TOP WEB "let: {m: 3s}\ntcp: {msl: $m}\nexpect: [{metric: web.ghosts, where: {@m@: 3s}, is: 0, source: x}]\n", NULL,
     "there is no sweep or variant 'm'", "'let' gives it one value, the same at every point"},
    {TOP WEB "sweep: {m: [3s, 4s]}\ntcp: {msl: $m}\nexpect: [{metric: web.ghosts, where: {m: @3000ms@}, is: 0, source: x}]\n", NULL,
     "'m' has no value '3000ms'", "one of 3s, 4s"},
    {TOP "@plot@: ladder\n", NULL, "'plot' is a map of names, not 'ladder'", "for example plot: {lives: {kind: ladder}}"},
    {"@topology@: {file: net.yaml}\nstop: 1s\n", NULL, "'topology' names one kind", "for example topology: {two-hosts: {delay: 10ms}}"},

    /* let, sweep, variants */
    {TOP "let: {@rtt@: 20ms}\n", NULL, "the let name 'rtt' is never used", "use it as $rtt"},
    {TOP WEB "sweep: {@rate@: [1, 2]}\nexpect: [{metric: web.ghosts, each: rate, is: 0, source: x}]\n", NULL,
     "the sweep 'rate' is never used", "use it as $rate"},
    {TOP "let: {msl: 3s, n: 1s}\ntcp: {msl: @$mls@, rto_min: $n}\nhosts: {client: {tcp: {msl: $msl}}}\n", NULL,
     "the name '$mls' stands neither in 'let' nor in 'sweep'", "did you mean '$msl'?"},
    {TOP "let: {msl: 3s}\ntcp: {msl: @2*$msl@}\n", NULL, "a $name must be the whole value, not a part of '2*$msl'",
     "arithmetic stands in the expressions of 'expect' alone"},
    {TOP "let: {a: @$b@, b: $a}\ntcp: {msl: $a}\n", NULL, "the name '$b' refers to itself", ""},
    {TOP "let: {@a@: [1, 2]}\n", NULL, "'let' names one value, and 'a' is a list", "a list of values stands in 'sweep'"},
    {TOP "let: {@a-b@: 1s}\n", NULL, "'a-b' cannot be a name", "a name has letters, digits and _ only"},
    {TOP "sweep: {@a@: 5}\n", NULL, "the sweep 'a' must be a list of values", "for example a: [1, 2, 5]"},
    {TOP "sweep: {m: [1s, 2s, @1s@]}\ntcp: {msl: $m}\n", NULL, "the value '1s' stands twice in the sweep 'm'", ""},
    {TOP "sweep: {m: [1s, @2@]}\ntcp: {msl: $m}\n", NULL, "'2' needs a unit of time, e.g. 20ms", "at the point m=2"},
    {"topology: two-hosts\nstop: @$t@\nsweep: {t: [1s, 2s]}\n", NULL,
     "'stop' is the same at every point, and the sweep '$t' is not", ""},
    {TOP "let: {a: 1s}\nsweep: {@a@: [1s]}\ntcp: {msl: $a}\n", NULL, "the name 'a' is given twice",
     "'let', 'sweep' and 'variants' share their names"},
    {TOP "variants: {@v@: {}}\n", NULL, "the variant 'v' needs alternatives",
     "for example v: {plain: {}, strict: {tcp.nagle: no}}"},
    {TOP "variants: {v: {@a@: drop}}\n", NULL, "the alternative 'a' must be a map of overrides", ""},
    {TOP "variants: {v: {a: {@stop@: 2s}}}\n", NULL, "a variant cannot change 'stop'",
     "it can change topology, ip, tcp, hosts, routers, links, routes, apps, faults and let"},
    {TOP "variants: {v: {a: {hosts.client.tcp.@closed_prot@: drop}}}\n", NULL, "unknown key 'closed_prot' in tcp",
     "did you mean 'closed_port'?"},
    {TOP "variants: {v: {a: {\"hosts.client.tcp.@closed_prot@\": drop}}}\n", NULL, "unknown key 'closed_prot' in tcp",
     "did you mean 'closed_port'?"},
    {TOP "variants: {v: {a: {hosts.@.@tcp: {}}}}\n", NULL, "the path 'hosts..tcp' has an empty part", ""},
    {TOP WEB "variants: {v: {a: {apps.@wbe@.reply: 1kB}}}\n", NULL, "there is no app 'wbe' to change",
     "did you mean 'web'?"},
    {TOP "variants: {v: {a: {}, b: {tcp.msl: @1@}}}\n", NULL, "'1' needs a unit of time, e.g. 20ms", "at the point v=b"},
    {TOP "faults: {f: {link: client->server, drop: yes}}\nvariants: {v: {a: {}, b: {faults.f.@delay@: 1s}}}\n", NULL,
     "fault 'f': drop and delay exclude each other: give one", "at the point v=b"},

    /* extends */
    {"extends: @nowhere.yaml@\n", NULL, "there is no file 'nowhere.yaml' to extend", ""},
    {"extends: @broken.yaml@\n", NULL, "'broken.yaml' extends itself", ""},
    {"@extends@: [a.yaml]\n", NULL, "'extends' names one file", ""},

    /* -p */
    {TOP, "@s@top", "an override is PATH=VALUE", "for example -p topology.delay=20ms"},
    {TOP, "stop=@1@", "'1' needs a unit of time, e.g. 20ms", ""},
    {TOP, "@stpo@=1s", "unknown key 'stpo' in an experiment", "did you mean 'stop'?"},
    {TOP, "topology.@dealy@=1ms", "unknown key 'dealy' in topology two-hosts", "did you mean 'delay'?"},
    {TOP, "topology.two-hosts.@dealy@=1ms", "unknown key 'dealy' in topology two-hosts", "did you mean 'delay'?"},
    {TOP WEB, "apps.@wbe@.reply=1kB", "there is no app 'wbe' to change", "did you mean 'web'?"},
    {TOP "let: {msl: 3s}\ntcp: {msl: $msl}\n", "let.@mls@=4s", "there is no let name 'mls' to change",
     "did you mean 'msl'?"},
    {TOP "sweep: {m: [1s]}\ntcp: {msl: $m}\n", "@m@=[2s]", "unknown key 'm' in an experiment",
     "did you mean 'sweep.m'?"},
    {TOP, "tcp={msl: 3s@@", "',' or '}' is missing before this", "the '{' stands at line 1, column 5"},
    {TOP, "tcp.@größe@=1", "unknown key 'größe' in tcp", "halfopen explain lists what there is"},
    {TOP, "tcp.größe.@.@x=1", "the path 'tcp.größe..x' has an empty part", ""},
    {TOP, "tcp.größe=@*x@", "YAML aliases are not part of the language",
     "use 'extends', 'let' or 'variants' instead of repeating"},
    {TOP, "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.@b@.c=1",
     "a path has at most 40 parts", ""},
    {TOP, "@e@xtends=a.yaml", "'extends' cannot be changed by -p", ""},

    /* expect */
    {TOP "expect: [{metric: @ghosts@, is: 0, source: x}]\n", NULL, "a metric is SUBJECT.METRIC, not 'ghosts'",
     "for example web.established_at"},
    {TOP WEB "expect: [{metric: @wbe.ghosts@, is: 0, source: x}]\n", NULL, "unknown subject of a metric 'wbe'",
     "did you mean 'web'?"},
    {TOP WEB "expect: [{metric: @web.gosts@, is: 0, source: x}]\n", NULL, "unknown metric of 'web': 'gosts'",
     "did you mean 'ghosts'?"},
    {TOP WEB "expect: [@{@metric: web.ghosts, is: 0}]\n", NULL, "row 1 of expect needs the key 'source'",
     "source: where the number comes from: an RFC, a closed form, a measurement"},
    {ROW "is: 0, source: @''@}]\n", NULL, "row 1 of expect needs a source: where does the number come from?", ""},
    {TOP WEB "expect: [@{@metric: web.ghosts, source: x}]\n", NULL,
     "the row needs one of 'is', 'at_least' and 'at_most'", ""},
    {ROW "is: 0, @at_most@: 1, source: x}]\n", NULL, "'is' and 'at_most' exclude each other", "write two rows"},
    {ROW "at_most: 1, @tol@: 5%, source: x}]\n", NULL, "'tol' goes with 'is'", ""},
    {ROW "is: 1, @tol@: 5%, z_max: 4, source: x}]\n", NULL, "'tol' and 'z_max' exclude each other", ""},
    {ROW "is: 1, @z_max@: 4, source: x}]\n", NULL, "'z_max' and 'half_width_max' go together",
     "a wide interval contains anything: say how narrow it must be"},
    {ROW "is: 1, @z_max@: 4, half_width_max: 1, source: x}]\n", NULL, "'z_max' needs a 'repeat' of at least 2", ""},
    {"repeat: 2\n" ROW "is: 1, z_max: @four@, half_width_max: 1, source: x}]\n", NULL,
     "z_max is a number above 0, e.g. 4, not 'four'", ""},
    {ROW "@eq@: 0, source: x}]\n", NULL, "unknown key 'eq' in row 1 of expect",
     "its keys: metric, where, each, is, tol, z_max, half_width_max, at_least, at_most, source"},
    {ROW "is: erlang_b(1, @2)@, source: x}]\n", NULL, "unknown key '2)' in row 1 of expect",
     "a comma separates keys here: write is: \"erlang_b(1,2)\""},
    {ROW "is: max(größe,@2@,3), source: x}]\n", NULL, "unknown key '2' in row 1 of expect",
     "a comma separates keys here: write is: \"max(größe,2,3)\""},
    {TOP WEB "@expect@: {metric: web.ghosts, is: 0, source: x}\n", NULL, "'expect' is a list of rows, not a map",
     "for example expect: [{metric: web.ghosts, is: 0, source: RFC 9293}]"},
    {ANSWER "expect: [{metric: web.ghosts, where: {@anwser@: rst}, is: 0, source: x}]\n", NULL,
     "there is no sweep or variant 'anwser'", "did you mean 'answer'?"},
    {ANSWER "expect: [{metric: web.ghosts, where: {answer: @silnet@}, is: 0, source: x}]\n", NULL,
     "'answer' has no value 'silnet'", "did you mean 'silent'?"},
    {ANSWER "expect: [@{@metric: web.ghosts, where: {answer: []}, is: 0, source: x}]\n", NULL, "'where' selects no point",
     ""},
    {ANSWER "expect: [{metric: web.ghosts, each: @aswer@, is: 0, source: x}]\n", NULL,
     "there is no sweep or variant 'aswer'", "did you mean 'answer'?"},

    /* -p may leave values out, but not invent any; and a sweep that it has made useless says so */
    {ANSWER "expect: [{metric: web.ghosts, where: {answer: @silnet@}, is: 0, source: x}]\n",
     "variants.answer.silent=~", "'answer' has no value 'silnet'", "there is only rst"},
    {TOP WEB "sweep: {m: [[1s], 2s]}\ntcp: {msl: $m}\n"
     "expect: [{metric: web.ghosts, where: {m: @1s@}, is: 0, source: x}]\n", "sweep.m=[3s]",
     "'m' has no value '1s'", "did you mean '3s'?"},
    {TOP "tcp: {msl: 30s}\n", "tcp.@xyzzy@=~", "unknown key 'xyzzy' in tcp", "halfopen explain lists what there is"},
    {TOP "sweep: {@h@: [two-way, three-way]}\ntcp: {handshake: $h}\n", "tcp.handshake=two-way",
     "the sweep 'h' is never used", "-p has replaced it where it stood: choose values by -p 'sweep.h=[two-way]'"},
    {TOP "let: {@m@: 3s}\ntcp: {msl: $m}\n", "tcp.msl=2s", "the let name 'm' is never used",
     "-p has replaced it where it stood: change it by -p let.m=3s"},

    /* plot */
    {TOP "plot: {p: {kind: @lader@}}\n", NULL, "unknown plot kind 'lader'", "did you mean 'ladder'?"},
    {TOP "plot: {p: {kind: ladder, side_by_side: @x@}}\n", NULL, "there is no sweep or variant 'x'", ""},
};
/* clang-format on */

static void broken_experiments_say_what_is_wrong(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        broken_check(&rows[i]);
}

/* One message written out whole, against a slip in broken_message. */
static void a_whole_message(void **state)
{
    struct err e;
    char text[1024] = "";
    write_file("broken.yaml", "stop: 1s\ntopology: {two-hosts: {dealy: 10ms}}\n");
    assert_null(experiment_load("broken.yaml", NULL, 0, &e));
    FILE *f = fmemopen(text, sizeof(text), "w");
    err_print(&e, f, 0);
    fclose(f);
    assert_string_equal(text, "broken.yaml:2:24: unknown key 'dealy' in topology two-hosts\n"
                              "  2 | topology: {two-hosts: {dealy: 10ms}}\n"
                              "    |                        ^~~~~\n"
                              "did you mean 'delay'?\n");
}

static void files_that_cannot_be_read(void **state)
{
    struct err e;
    assert_null(experiment_load("absent.yaml", NULL, 0, &e));
    assert_string_equal(e.path, "absent.yaml");
    assert_string_equal(e.text, "cannot open the file: No such file or directory");
    assert_null(experiment_load(".", NULL, 0, &e));
    assert_string_equal(e.text, "cannot read the file: Is a directory");
}

/* An error in a parent is told with the parent's path; a cycle through two files is found. */
static void errors_of_parents(void **state)
{
    struct err e;
    write_file("parent.yaml", TOP "tcp: {mls: 1s}\n");
    write_file("child.yaml", "extends: parent.yaml\n");
    assert_null(experiment_load("child.yaml", NULL, 0, &e));
    assert_string_equal(e.path, "parent.yaml");
    assert_int_equal(e.line, 3);
    assert_int_equal(e.column, 7);

    write_file("a.yaml", "extends: b.yaml\n");
    write_file("b.yaml", "extends: ./a.yaml\n");
    assert_null(experiment_load("a.yaml", NULL, 0, &e));
    assert_string_equal(e.path, "b.yaml");
    assert_string_equal(e.text, "'./a.yaml' extends itself");
}

/* Both have an end: the number of points, and of the entries of a map. */
static void limits(void **state)
{
    enum { N = 317 }; /* 317^2 > 100000 */
    char *text;
    size_t size;
    struct err e;
    FILE *f = open_memstream(&text, &size);
    fputs(TOP "tcp: {msl: $a, rto_max: $b}\nsweep:\n", f);
    for (int d = 0; d < 2; d++) {
        fprintf(f, "  %c: [1s", 'a' + d);
        for (int i = 2; i <= N; i++)
            fprintf(f, ", %ds", i);
        fputs("]\n", f);
    }
    fclose(f);
    write_file("broken.yaml", text);
    free(text);
    assert_null(experiment_load("broken.yaml", NULL, 0, &e));
    assert_string_equal(e.text, "sweeps and variants make more than 100000 points");
    assert_int_equal(e.line, 6);

    f = open_memstream(&text, &size);
    fputs("let:\n", f);
    for (int i = 0; i <= 10000; i++)
        fprintf(f, "  n%d: 1\n", i);
    fclose(f);
    write_file("broken.yaml", text);
    free(text);
    assert_null(experiment_load("broken.yaml", NULL, 0, &e));
    assert_string_equal(e.text, "a map or list has at most 10000 entries");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_experiments_say_what_is_wrong),
        cmocka_unit_test(a_whole_message),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(errors_of_parents),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
