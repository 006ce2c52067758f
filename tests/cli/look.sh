#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# trace and ss: what is printed of a run, against tcpdump itself and against tables derived by hand.
#
#   HALFOPEN=path/to/halfopen look.sh STORY...     (the functions below whose names begin with story_)
# A story that needs tcpdump ends with status 77 where there is none.
set -u

experiments=$(cd "$(dirname "$0")/../../experiments" && pwd)
. "$(dirname "$0")/../story.sh"

need_tcpdump() {
    command -v tcpdump >/dev/null || exit 77
}

same() { # FILE FILE
    cmp -s "$1" "$2" || {
        say "$1 and $2 differ:"
        diff "$1" "$2" | head -n 10 | sed 's/^/    /'
    }
}

# 20 kB and 5 kB over a lossy link: SACK, timestamps, scaled windows; port 5001 has no dissector
bulk() {
    cat <<'END'
name: bulk
topology: {two-hosts: {delay: 10ms, loss: 10%}}
tcp: {profile: linux}
apps:
  web: {kind: server, host: server, port: 5001, reply: 20kB, close: after-eof}
  user: {kind: request, host: client, to: web, send: 5kB, close: after-reply, arrivals: {poisson: 1/s}}
stop: 20s
record: all
END
}

# A handshake of 10 ms each way, a server that accepts at once and closes 1 s after the client. The moments lie between
# the events, so that each row follows from RFC 9293 alone. T 0 SYN, 10 SYN-ACK, 20 ACK+100 bytes, 30 read; the reply
# of 1 kB at 40; the client closes: FIN at 40, its ACK at 50 makes FIN-WAIT-2 at 60; server's FIN at 1050, ACK at 1060.
life() {
    cat <<'END'
name: life
topology: {two-hosts: {delay: 10ms}}
tcp: {msl: 30s}
apps:
  web: {kind: server, host: server, port: 80, reply: 1kB, close: after-eof, close_after: 1s}
  user: {kind: request, host: client, to: web, local_port: 40001, send: 100B, close: after-reply}
stop: 10min
record: all
END
}

# FILE LAYOUT...: the lines of a trace and tcpdump's of its capture are the same. A first packet at time 0 is none for
# tcpdump's -ttt and -ttttt, which take 0 for "not set".
as_tcpdump() {
    file=$1
    shift
    for t in '' "$@"; do
        # shellcheck disable=SC2086
        status 0 "$HALFOPEN" trace "$file" --plain $t --to 100s
        mv out ours
        status 0 "$HALFOPEN" trace "$file" --plain --to 100s -w capture
        # shellcheck disable=SC2086
        TZ=UTC tcpdump -n $t -r capture 2>/dev/null | sed 's/: HTTP$//' >theirs
        [ -s ours ] || say "trace $file $t prints nothing"
        same ours theirs
    done
}

story_tcpdump() {
    need_tcpdump
    bulk >bulk.yaml
    as_tcpdump bulk.yaml -t -tt -ttt -tttt -ttttt -S
    for name in handshake-variants stale-syn routing-loop syn-reflection nat-timeout rst-close; do
        as_tcpdump "$experiments/$name.yaml" -t -tt -tttt -S
    done
    status 0 "$HALFOPEN" trace bulk.yaml --plain
    grep -q 'sack 1 {' out || say 'no SACK block: the comparison shows less than it should'
    grep -q 'sackOK,TS val' out || say 'no timestamps'
    status 0 "$HALFOPEN" trace "$experiments/routing-loop.yaml"
    grep -q 'ICMP time exceeded in-transit' out || say 'no ICMP'
    for place in --host=server '--link=server->client' 'udp'; do
        status 0 "$HALFOPEN" trace "$experiments/tcp-vs-udp.yaml" --plain --nano --to 3s "$place"
        mv out ours
        status 0 "$HALFOPEN" trace "$experiments/tcp-vs-udp.yaml" --plain --to 3s "$place" -w capture
        TZ=UTC tcpdump -n --nano -r capture 2>/dev/null | sed 's/: HTTP$//' >theirs
        [ "$(wc -l <ours)" -gt 100 ] || say "hardly anything at $place"
        same ours theirs
    done
}

# Addresses of both versions, several connections and runs: trace, capture, database and workers agree.
ipv6() {
    cat <<'END'
name: ipv6
topology:
  custom:
    hosts: [client, evil, server]
    routers: [r]
    links: {client<->r: {delay: 5ms}, evil<->r: {delay: 5ms}, r<->server: {delay: 5ms, loss: 2%}}
hosts:
  client: {addresses: ['2001:db8:0:1::/64']}
  evil: {addresses: ['::5', 10.9.9.9]}
  server: {addresses: ['2001:db8:2:0:0:1::', 10.0.0.9, 'fe80:0:0:0:1::']}
apps:
  web: {kind: server, host: server, port: 5001, reply: 10kB, close: after-eof}
  user: {kind: request, host: client, to: web, send: 100B, close: after-reply, arrivals: {poisson: 2/s}}
  flood: {kind: syn-flood, host: evil, to: web, sources: '2001:db8:ff::/96', arrivals: {poisson: 10/s}}
stop: 5s
repeat: 2
record: all
END
}

# TCP knows the MTU of its own link, and of one behind a router what that tells.
path_mtu() {
    cat <<'END'
name: path-mtu
topology:
  custom:
    hosts: [client, server]
    routers: [near, far]
    links: {client<->near: {delay: 4ms, mtu: $own}, near<->far: {delay: 2ms, mtu: $between}, far<->server: {delay: 4ms}}
let: {own: 1000B, between: unlimited}
apps:
  web: {kind: server, host: server, port: 5001, reply: 10kB, close: after-eof}
  user: {kind: request, host: client, to: web, send: 10kB, close: after-reply}
stop: 10min
record: all
expect:
  - {metric: client.icmp_received, is: 0, source: the MSS of its SYN is 960}
  - {metric: web.mss_remote, is: 960B, source: 1000 - 20 - 20}
  - {metric: user.completed, is: 1, source: all arrives}
END
}

story_mtu() {
    path_mtu >path-mtu.yaml
    status 0 "$HALFOPEN" run path-mtu.yaml
    # 10 kB are 6 full segments and a rest, which Nagle's rule holds back: near tells of the request's 6, far of the
    # reply's, and no segment after them is too large
    for between in unlimited 1000B; do
        status 0 "$HALFOPEN" trace path-mtu.yaml -p let.own=unlimited -p let.between=$between
        [ "$(grep -c 'need to frag (mtu 1000)' out)" = $([ $between = 1000B ] && echo 12 || echo 0) ] ||
            say "between routers with mtu $between: $(grep -c 'need to frag' out) messages"
        status 0 "$HALFOPEN" run path-mtu.yaml -p let.own=unlimited -p let.between=$between \
            -p 'expect=[{metric: user.completed, is: 1, source: all arrives}]'
    done
    # a ladder says what a message tells, of both versions
    for version in 4 6; do
        status 0 "$HALFOPEN" run "$experiments/path-mtu.yaml" -p "sweep.ip=[$version]" -p record=all -o of-$version.db
        status 0 "$HALFOPEN" plot of-$version.db ladder --run 2 -o of-$version.svg
    done
    holds of-4.svg 'ICMP need to frag, mtu 1300'
    holds of-6.svg 'ICMP6 packet too big, mtu 1300'
    # who forges a message tells what its victim may believe: by IPv6 not 68, the default
    status 0 "$HALFOPEN" run "$experiments/icmp-attack.yaml" -p ip=6 -p repeat=1 -p 'sweep.rule=[linux]' \
        -p 'expect=[{metric: blind.lowered, where: {message: too-big}, is: 1, source: RFC 8201 section 4}]'
}

story_ipv6() {
    ipv6 >ipv6.yaml
    status 0 "$HALFOPEN" run ipv6.yaml -j 2
    for run in 1 2; do
        status 0 "$HALFOPEN" trace ipv6.yaml --run $run
        mv out of.yaml
        status 0 "$HALFOPEN" trace ipv6.db --run $run
        same out of.yaml
    done
    # a client's first address is the first of its prefix; RFC 5952's form of an address with two runs of zeros
    holds of.yaml ' IP6 2001:db8:0:1::1.49152 > 2001:db8:2::1:0:0.5001: Flags [S], '
    holds of.yaml 'options [mss 1440]'
    holds of.yaml ' > 2001:db8:2::1:0:0: ICMP6, destination unreachable, unreachable route 2001:db8:ff::'
    status 0 "$HALFOPEN" ss ipv6.db --at 5s --host client
    mv out known
    status 0 "$HALFOPEN" ss ipv6.yaml --at 5s --host client
    sed 's/ 0      0     / -      -     /' out >want
    same known want
    holds want '[2001:db8:2::1:0:0]:5001'
    status 0 "$HALFOPEN" dump ipv6.db
    holds out '|2001:db8:0:1::1|49152|2001:db8:2::1:0:0|5001'
    need_tcpdump
    as_tcpdump ipv6.yaml -t -tt -S
    tcpdump -n -v -r capture >lines 2>/dev/null
    ! grep -q 'incorrect\|bad cksum\|invalid\|\[|tcp\]' lines || say 'the capture is wrong'
}

# Shipped experiments over IPv6, TCP, UDP and ICMP: tcpdump reads their captures as trace prints them, and finds nothing
# wrong; tshark, where it is, neither.
story_versions() {
    need_tcpdump
    for name in three-way-handshake handshake-variants routing-loop tcp-vs-udp; do
        { cat "$experiments/$name.yaml" && echo 'ip: 6'; } >six.yaml
        as_tcpdump six.yaml -t -S
        tcpdump -n -v -r capture >lines 2>/dev/null
        grep -q 'IP6 (.*next-header ' lines || say "$name: no IPv6"
        ! grep -q 'IP (\|incorrect\|bad .*cksum\|invalid\|\[|' lines || say "the capture of $name is wrong"
        command -v tshark >/dev/null || continue
        tshark -r capture -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
            -Y '_ws.malformed || tcp.checksum.status == 0 || udp.checksum.status == 0 || icmpv6.checksum.status == 0' \
            >wrong 2>/dev/null
        [ ! -s wrong ] || say "tshark finds faults in the capture of $name"
    done
    # a listener of all addresses, by the versions that its host has
    for v in 4:0.0.0.0 '6:[::]'; do
        status 0 "$HALFOPEN" ss "$experiments/three-way-handshake.yaml" -p "ip=${v%%:*}" --at 25ms -l --host server
        holds out "${v#*:}:80 "
    done
    ipv6 >ipv6.yaml
    status 0 "$HALFOPEN" ss ipv6.yaml --at 1s -l --host server
    holds out ' *:5001 '
    # addresses of hosts in a ladder
    status 0 "$HALFOPEN" run "$experiments/three-way-handshake.yaml" -p ip=6 -p 'expect=[]' -o six.db
    status 0 "$HALFOPEN" plot six.db ladder -o six.svg
    holds six.svg '[fd00::1]:40001'
}

# Fast Open, both of its options
story_options() {
    need_tcpdump
    for run in 1 2 3 4 5 6 7 8 9; do
        "$HALFOPEN" trace "$experiments/handshake-variants.yaml" --plain --run $run >ours 2>/dev/null || continue
        "$HALFOPEN" trace "$experiments/handshake-variants.yaml" --plain --run $run -w capture
        TZ=UTC tcpdump -n -r capture 2>/dev/null | sed 's/: HTTP$//' >theirs
        same ours theirs
        cat ours >>all
    done
    grep -q 'tfo' all || say 'no Fast Open option'
    grep -q 'unknown-' all || say 'no option without a name'
}

story_capture() {
    need_tcpdump
    bulk >bulk.yaml
    status 0 "$HALFOPEN" trace bulk.yaml -w capture
    tcpdump -n -v -r capture >lines 2>/dev/null
    [ "$(grep -c 'cksum 0x.* (correct)' lines)" -gt 100 ] || say 'hardly a packet'
    ! grep -q 'incorrect\|bad cksum' lines || say 'checksums are wrong'
    status 0 "$HALFOPEN" trace bulk.yaml
    [ "$(grep -a -o 'lost on client->server' capture | wc -l)" = "$(grep -c 'lost on client->server' out)" ] ||
        say 'comments are missing'
    # a corrupt packet is one whose checksum is wrong
    set -- bulk.yaml -p 'topology={two-hosts: {delay: 10ms, corrupt: 20%}}'
    status 0 "$HALFOPEN" trace "$@"
    grep -n corrupted out | cut -d : -f 1 >ours
    status 0 "$HALFOPEN" trace "$@" -w capture
    tcpdump -n -v -r capture 2>/dev/null | grep ' cksum ' | grep -n incorrect | cut -d : -f 1 >theirs
    [ "$(wc -l <ours)" -gt 5 ] || say 'hardly any is corrupt'
    same ours theirs
}

story_trace() {
    bulk >bulk.yaml
    status 0 "$HALFOPEN" run bulk.yaml
    status 0 "$HALFOPEN" trace bulk.yaml
    mv out of.yaml
    status 0 "$HALFOPEN" trace bulk.db
    same out of.yaml
    # every packet that was dropped on a link says so, once, at the moment of its sending
    "$HALFOPEN" dump bulk.db | awk -F '|' '$1 == "segment" && $5 == "drop" && $21 != "end"' >drops
    [ "$(grep -c '# lost on' out)" = "$(wc -l <drops)" ] || say 'not as many lost as dropped'
    [ -s drops ] || say 'nothing was lost'
    status 0 "$HALFOPEN" trace bulk.db --from 5s --to 6s -t
    mv out part
    status 0 "$HALFOPEN" trace bulk.db --from 5s --to 6s -tt
    awk '$1 < 5 || $1 >= 6 {exit 1}' out || say '--from and --to are not kept'
    [ "$(wc -l <part)" = "$(wc -l <out)" ] || say '-t has other lines than -tt'
    # a filter and its opposite are the whole
    status 0 "$HALFOPEN" trace bulk.db src host 10.0.0.1
    n=$(wc -l <out)
    status 0 "$HALFOPEN" trace bulk.db not src host 10.0.0.1 and tcp
    [ $((n + $(wc -l <out))) = "$(wc -l <of.yaml)" ] || say 'a filter and its opposite are not the whole'
    status 0 "$HALFOPEN" trace bulk.db udp
    [ ! -s out ] || say 'there is no UDP'

    # what befell packets: by hand, of one that is held until a connection is over
    status 0 "$HALFOPEN" trace "$experiments/stale-syn.yaml"
    head -n 1 out >first
    holds first '00:00:00.000000 IP 10.0.0.1.40001 > 10.0.0.2.80: Flags [S], '
    holds first '  # held on client->server (fault:old-syn)'
    [ "$(grep -c '#' out)" = 1 ] || say 'more than one note'
    status 0 "$HALFOPEN" trace "$experiments/syn-reflection.yaml"
    holds out '# forged by '
    life >life.yaml
    status 0 "$HALFOPEN" trace life.yaml -p stop=5ms
    holds out '# under way at the end'

    status 2 "$HALFOPEN" trace bulk.db --link clinet
    holds err "there is no link 'clinet'"
    status 2 "$HALFOPEN" trace bulk.yaml --host sever
    holds err "did you mean 'server'?"
    status 2 "$HALFOPEN" trace bulk.db --run 7
    status 2 "$HALFOPEN" trace bulk.yaml --run 7
    holds err 'this experiment has 1'
    status 2 "$HALFOPEN" trace bulk.db --seed 3
    status 2 "$HALFOPEN" trace bulk.db port x
    status 2 "$HALFOPEN" trace bulk.db tcp or udp
    status 2 "$HALFOPEN" trace bulk.db tcp and
    status 2 "$HALFOPEN" trace bulk.db --link 'a->b' --host a
    status 2 "$HALFOPEN" trace bulk.db -tttttt
    status 2 "$HALFOPEN" trace nobody.yaml
    status 3 "$HALFOPEN" trace bulk.db -w nowhere/capture
    status 2 "$HALFOPEN" trace bulk.db host client
    holds err '--host NAME'
    status 2 "$HALFOPEN" trace bulk.db --from 5s --to 5s
    status 2 "$HALFOPEN" trace
    holds err 'FILE.db or EXP.yaml is missing'
    status 0 "$HALFOPEN" trace bulk.db -w capture
    status 0 "$HALFOPEN" trace bulk.db -w -
    same out capture
    [ ! -e ./- ] || say '-w - is a file'
    "$HALFOPEN" trace bulk.db -w - >/dev/full 2>err
    [ $? = 3 ] || say 'a full disk is not noticed by a capture'
    status 3 "$HALFOPEN" trace bulk.db -w /dev/full
    "$HALFOPEN" trace bulk.db >/dev/full 2>err
    [ $? = 3 ] || say 'a full disk is not noticed'
    status 0 "$HALFOPEN" run bulk.yaml -p record=metrics
    status 2 "$HALFOPEN" trace bulk.db
    holds err 'record: all'
}

at() { # TIME HOST OPTION...: what stands in `want` is printed
    time=$1 host=$2
    shift 2
    status 0 "$HALFOPEN" ss life.yaml --at "$time" --host "$host" "$@"
    same out want
}

story_ss() {
    life >life.yaml
    title='State    Recv-Q Send-Q Local Address:Port  Peer Address:Port'
    # a SYN counts one; sent at 0 and due again at 1 s
    cat >want <<END
${title}Process
SYN-SENT 0      1           10.0.0.1:40001     10.0.0.2:80   timer:(on,995ms,0)
END
    at 5ms client -o
    title='State    Recv-Q Send-Q Local Address:Port Peer Address:Port '
    # the SYN-ACK left at 10 ms and is due again at 1.01 s
    cat >want <<END
${title}Process
LISTEN   0      128          0.0.0.0:80        0.0.0.0:*
SYN-RECV 0      0           10.0.0.2:80       10.0.0.1:40001 timer:(on,995ms,0)
END
    at 15ms server -o
    # the request is on its way since 20 ms; the RTO after one round trip of 20 ms is the least, 1 s
    cat >want <<'END'
State Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
ESTAB 0      100         10.0.0.1:40001     10.0.0.2:80   timer:(on,995ms,0)
END
    at 25ms client -o
    # the reply is unacknowledged from 30 ms to 50 ms
    cat >want <<'END'
State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
LISTEN 0      128          0.0.0.0:80        0.0.0.0:*
ESTAB  0      1000        10.0.0.2:80       10.0.0.1:40001
END
    at 35ms server
    # the client's FIN, one more number
    cat >want <<'END'
State      Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
FIN-WAIT-1 0      1           10.0.0.1:40001     10.0.0.2:80
END
    at 45ms client
    sed 's/FIN-WAIT-1 0      1/FIN-WAIT-2 0      0/' want >next
    mv next want
    at 1s client
    cat >want <<'END'
State      Recv-Q Send-Q Local Address:Port Peer Address:Port Process
LISTEN     0      128          0.0.0.0:80        0.0.0.0:*
CLOSE-WAIT 0      0           10.0.0.2:80       10.0.0.1:40001
END
    at 1s server
    cat >want <<'END'
State    Recv-Q Send-Q Local Address:Port Peer Address:Port Process
LISTEN   0      128          0.0.0.0:80        0.0.0.0:*
LAST-ACK 0      1           10.0.0.2:80       10.0.0.1:40001
END
    at 1055ms server
    # 2 MSL from 1.06 s on: to 61.06 s
    cat >want <<'END'
State     Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
TIME-WAIT 0      0           10.0.0.1:40001     10.0.0.2:80   timer:(timewait,21sec,0)
END
    at 40060ms client -o
    at 40060ms client -tano state time-wait
    at 40060ms client -o exclude established exclude listening
    echo 'State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess' >want
    at 61061ms client
    at 15ms server state established
    at 40060ms client -o exclude bucket
    : >want
    at 61061ms client -H

    # both hosts, each with its name
    cat >want <<'END'
host client
State      Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
FIN-WAIT-2 0      0           10.0.0.1:40001     10.0.0.2:80

host server
State      Recv-Q Send-Q Local Address:Port Peer Address:Port Process
LISTEN     0      128          0.0.0.0:80        0.0.0.0:*
CLOSE-WAIT 0      0           10.0.0.2:80       10.0.0.1:40001
END
    status 0 "$HALFOPEN" ss life.yaml --at 1s
    same out want
    # a database knows states and ends
    status 0 "$HALFOPEN" run life.yaml
    grep -v LISTEN want | sed 's/ 0      0     / -      -     /' >known
    status 0 "$HALFOPEN" ss life.db --at 1s
    same out known

    # 100 bytes in flight; with a window of 60, 40 wait
    status 0 "$HALFOPEN" ss life.yaml --at 25ms --host client -m -p tcp.rcvbuf=50kB -p tcp.sndbuf=40kB
    holds out ' skmem:(r0,rb50000,t100,tb40000,f0,w0,o0,bl0,d0)'
    status 0 "$HALFOPEN" ss life.yaml --at 25ms --host client -m -p 'hosts.server.tcp.rcvbuf=60B'
    holds out ',t60,'
    holds out ',w40,'
    # RTT 20 ms, RTTVAR half of it (RFC 6298 section 2.2), RTO at least 1 s; MSS 1500 - 40
    status 0 "$HALFOPEN" ss life.yaml --at 25ms --host client -i
    holds out "$(printf '\t reno rto:1000 rtt:20/10 mss:1460')"
    holds out ' unacked:1'
    lacks out ' ts sack'
    status 0 "$HALFOPEN" ss life.yaml --at 25ms --host client -io -p tcp.profile=linux
    holds out "$(printf '\t ts sack reno wscale:')"
    # keepalive's probes at 2 h and 2 h 75 s, which are no backoff
    status 0 "$HALFOPEN" ss life.yaml --at 7300s --host client -io -p stop=3h -p 'hosts={server: {crash: {at: 10s}}}' \
        -p tcp.keepalive=yes -p 'apps.user={connect: {host: client, to: web, close: never}}'
    holds out 'timer:(keepalive,50sec,2)'
    lacks out 'backoff'
    # the client has sent its FIN and seen none
    status 0 "$HALFOPEN" ss life.yaml --at 1s --host client -e
    holds out ' ino:1 <--'

    # three connections, 100 ms apart, to the addresses in turn
    cat >want <<'END'
State Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
ESTAB 0      0           10.0.0.1:49152     10.0.0.2:80
ESTAB 0      0           10.0.0.1:49153     10.0.0.9:80
ESTAB 0      0           10.0.0.1:49154     10.0.0.2:80
END
    at 350ms client -p 'hosts={server: {addresses: [10.0.0.2, 10.0.0.9]}}' -p 'apps.user={connect: {host: client, to: web,
        address: [10.0.0.2, 10.0.0.9], arrivals: {constant: 10/s}, connections: 3, close: never}}'

    # the first ephemeral port: RFC 6335, ip_local_port_range, IPPORT_EPHEMERALFIRST
    for pair in rfc9293:49152 linux:32768 bsd:10000; do
        status 0 "$HALFOPEN" ss life.yaml --at 5ms --host client -p tcp.profile=${pair%:*} -p tcp.port_selection=sequential \
            -p 'apps.user={connect: {host: client, to: web}}'
        holds out "10.0.0.1:${pair#*:}"
    done

    status 2 "$HALFOPEN" ss life.yaml
    holds err '--at TIME is missing'
    status 2 "$HALFOPEN" ss life.yaml --at 11min
    status 2 "$HALFOPEN" ss life.yaml --at 1s --host sever
    holds err "did you mean 'server'?"
    status 2 "$HALFOPEN" ss life.yaml --at soon
    status 2 "$HALFOPEN" ss life.yaml --at 1s state estab-lished
    status 2 "$HALFOPEN" ss life.yaml --at 1s state
    status 2 "$HALFOPEN" ss life.yaml --at 1s dport 80
    status 2 "$HALFOPEN" ss life.db --at 1s -o
    holds err 'name the experiment'
    status 2 "$HALFOPEN" ss life.db --at 1s --run 9
    status 0 "$HALFOPEN" ss life.db --at 10min
    status 2 "$HALFOPEN" ss life.db --at 11min
    holds err 'over before'
    status 0 "$HALFOPEN" run life.yaml -p record=metrics
    status 2 "$HALFOPEN" ss life.db --at 1s
    holds err 'record: life'
}

for story; do
    "story_$story"
done
[ "$n_failed" = 0 ] && echo "$* hold"
exit $((n_failed > 0))
