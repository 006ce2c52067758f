#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A mistake in an experiment ends with status 2 and a sentence at a place, prints nothing on stdout, and leaves nothing on
# the disk: no database, no part of one, no picture. A database of an earlier run stays as it is.
#
#   HALFOPEN=path/to/halfopen mistakes.sh
set -u

. "$(dirname "$0")/../story.sh"

good='topology: two-hosts\nstop: 1s\napps: {web: {kind: server, host: server, port: 80}}\n'

# What is wrong at each step of a run: bytes, YAML, keys, values, the network, expectations, pictures, samples. A line: the
# text of x.yaml (for printf) | the message's beginning.
cat >mistakes <<'END'
topology: two-hosts\nstop: 1s\nname: \303|x.yaml:3:7: the byte 0xC3 is not UTF-8
topology: two-hosts\nstop\357\274\2321s\n|x.yaml:2:5: '：' is a full-width character (U+FF1A)
topology: {two-hosts: {}\nstop: 1s\n|x.yaml:2:1: ',' or '}' is missing before this
topology: two-hosts\nstop: 1s\nname: "x\n|x.yaml:3:7: the quote that begins here is not closed
topology: two-hosts\nstop: 1s\ntcp:\n\tmsl: 3s\n|x.yaml:4:1: a tab stands in the indentation
topology: two-hosts\nstop: 1s\nstop: 2s\n|x.yaml:3:1: the key 'stop' stands twice in this map
topology: two-hosts\nstop: 1\n|x.yaml:2:7: '1' needs a unit of time
topology: two-hosts\nstop: 1s\ntcp: {mls: 3s}\n|x.yaml:3:7: unknown key 'mls' in tcp
topology: two-hosts\nstop: 1s\nwarm_up: 1s\n|x.yaml:3:10: warm_up must be shorter than stop
topology: two-hosts\nstop: 1s\nlinks: {client->server: {loss: {list: [0]}}}\n|x.yaml:3:40: packets is out of range: '0'
topology: two-hosts\nstop: 1s\napps: {web: {kind: server, host: sever, port: 80}}\n|x.yaml:3:34: unknown host 'sever'
topology: two-hosts\nstop: 1s\nhosts: {server: {addresses: 10.0.0.1}}\n|x.yaml:3:29: the address 10.0.0.1 is that of 'client' already
GOODfaults: {f: {link: client->server}}\n|x.yaml:4:10: fault 'f': give one of
GOODexpect: [{metric: web.ghosts, where: {v: 1}, is: 0, source: x}]\n|x.yaml:4:39: there is no sweep or variant 'v'
GOODexpect: [{metric: web.gosts, is: 0, source: x}]\n|x.yaml:4:19: unknown metric of 'web': 'gosts'
GOODexpect: [{metric: web.ghosts, is: 1s, source: x}]\n|x.yaml:4:35: '1s' is a time, but web.ghosts is a plain number
GOODplot: {p: {kind: lader}}\n|x.yaml:4:18: unknown plot kind 'lader'
GOODsample: {every: 1ms, metrics: [web.gosts]}\n|x.yaml:4:32: unknown metric of 'web': 'gosts'
GOODextends: nowhere.yaml\n|x.yaml:4:10: there is no file 'nowhere.yaml' to extend
END

echo 'of an earlier run' >x.db
n=0
while IFS='|' read -r text message; do
    case $text in
    GOOD*) text=$good${text#GOOD} ;;
    esac
    n=$((n + 1))
    printf "$(printf '%s' "$text" | sed 's/%/%%/g')" >x.yaml
    for command in run check show; do
        status 2 "$HALFOPEN" $command x.yaml
        [ "$(head -c ${#message} err)" = "$message" ] || {
            say "$command: not '$message' but:"
            sed 's/^/    /' err
        }
        [ ! -s out ] || say "$command prints on stdout: $text"
    done
    left=$(ls | grep -vx 'err\|mistakes\|out\|x.db\|x.yaml')
    [ -z "$left" ] || say "left behind by '$text': $left"
    [ "$(cat x.db)" = 'of an earlier run' ] || say "the earlier database has changed: $text"
done <mistakes
[ "$n" = 19 ] || say "$n mistakes were made, not 19"

# The same without one: it is the mistakes that are told, not everything.
printf "$good" >x.yaml
status 0 "$HALFOPEN" check x.yaml
rm x.db
status 0 "$HALFOPEN" run x.yaml
[ -s x.db ] || say 'no database of a good experiment'

[ "$n_failed" = 0 ] && echo "$n mistakes leave nothing behind"
exit $((n_failed > 0))
