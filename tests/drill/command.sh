#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# halfopen drill as a user has it: exit statuses, what goes where, one output of each kind.
#
#   HALFOPEN=path/to/halfopen command.sh
set -u

. "$(dirname "$0")/../story.sh"

# drill WANT ARGUMENT...: halfopen drill, its status and its output in the files out and err
drill() {
    drill_want=$1
    shift
    status "$drill_want" "$HALFOPEN" drill "$@"
}

cat >good.pkt <<'END'
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <mss LENGTH>
END
sed 's/= -1 EINPROGRESS/= 0/' good.pkt >wrong.pkt
echo '0 socket(..., SOCK_RAW, IPPROTO_ICMP) = 3' >lacks.pkt
echo '0 socket(' >broken.pkt
options='--profile=rfc9293 -D LENGTH=1460'

# shellcheck disable=SC2086
{
    drill 0 $options good.pkt
    holds out 'pass good.pkt'
    holds out '1 scripts: 1 pass, 0 fail, 0 unsupported'
    drill 1 $options good.pkt wrong.pkt
    holds out 'FAIL wrong.pkt:3: connect() result: expected 0, actual -1 EINPROGRESS'
    drill 1 $options lacks.pkt
    holds out 'unsupported lacks.pkt:1: a socket that is neither TCP nor UDP'
    drill 2 $options good.pkt broken.pkt
    holds err 'broken.pkt:1:'
    drill 2 $options nowhere.pkt
    drill 1 --profile=rfc9293 -D LENGTH=1459 good.pkt
    holds out 'option: expected mss 1459, actual mss 1460'
    drill 1 $options --mtu=1400 good.pkt
    drill 0 --profile=rfc9293 -D LENGTH=1360 --mtu=1400 good.pkt
    drill 0 $options --ladder good.pkt
    holds out '0.000000 > S 0:0(0) win 65535 <mss 1460>'
    drill 0 $options -q good.pkt
    [ "$(wc -l <out)" = 1 ] || say "-q prints passes"
    drill 1 $options --tap good.pkt wrong.pkt
    holds out 'not ok 2 - wrong.pkt'
    drill 1 $options --json good.pkt wrong.pkt
    holds out '"pass": 1, "fail": 1'
    drill 1 $options --junit=all.xml good.pkt wrong.pkt
    holds all.xml '<failure type="FAIL" message="line 3: '
    drill 3 $options --junit=/nonexistent/x good.pkt
}
drill 2
holds err 'a packet script is missing'
drill 2 --profile=none good.pkt
drill 2 --relax=linux good.pkt
drill 2 --mtu=much good.pkt
holds err "--mtu does not take 'much'"
drill 2 --nonesuch=1 good.pkt
"$HALFOPEN" drill --profile=rfc9293 -D LENGTH=1460 - <good.pkt >out 2>err || say "standard input: $(cat err)"
holds out 'pass -'


printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 %%{ x = 1 }%%\n' >code.pkt
drill 0 code.pkt
(
    PATH=$work
    export PATH
    exec "$HALFOPEN" drill code.pkt
) >out 2>err && say "no python3, and a pass"
holds out 'unsupported code.pkt:2: python3 is not installed'

[ "$n_failed" -eq 0 ]
