#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The program as a user has it: exit statuses, what is printed where, and what is left on the disk.
#
#   HALFOPEN=path/to/halfopen commands.sh STORY...     (the functions below whose names begin with story_)
set -u

. "$(dirname "$0")/../story.sh"

in_json() { # PATH WANT: of the document in out
    value=$(sqlite3 :memory: "SELECT json_extract(readfile('out'), '$1')")
    [ "$value" = "$2" ] || say "$1 is '$value', not '$2'"
}

same() { # FILE FILE
    cmp -s "$1" "$2" || say "$1 and $2 differ"
}

base() { # NAME: a request and its reply, 10 ms each way
    cat <<END
name: $1
topology: {two-hosts: {delay: 10ms}}
apps:
  web: {kind: server, host: server, port: 80, reply: 1kB, close: after-eof}
  user: {kind: request, host: client, to: web, send: 100B, close: after-reply}
stop: 10min
END
}

story_status() {
    base good >good.yaml
    echo 'expect: [{metric: user.established_at, is: 20ms, source: 1 RTT}]' >>good.yaml
    base wrong >wrong.yaml
    echo 'expect: [{metric: user.established_at, is: 21ms, source: a slip}]' >>wrong.yaml
    base broken >broken.yaml
    echo 'expext: []' >>broken.yaml

    status 0 "$HALFOPEN" --help
    holds out 'run an experiment'
    status 0 "$HALFOPEN" help
    holds out 'Usage: halfopen COMMAND'
    status 0 "$HALFOPEN" help run
    cp out help
    status 0 "$HALFOPEN" run --help
    same out help
    holds out 'EXP.yaml'
    status 2 "$HALFOPEN" help rum
    holds err "did you mean 'run'?"
    status 0 "$HALFOPEN" --version
    holds out 'halfopen '
    status 2 "$HALFOPEN"
    holds err 'Usage: halfopen COMMAND'
    status 2 "$HALFOPEN" rum
    holds err "did you mean 'run'?"
    status 2 "$HALFOPEN" good.yaml
    holds err "did you mean 'halfopen run good.yaml'?"
    status 2 "$HALFOPEN" frobnicate
    holds err 'lists the commands'

    status 0 "$HALFOPEN" run good.yaml
    holds out '1 of 1 expectations hold'
    status 1 "$HALFOPEN" run wrong.yaml
    holds out '0 of 1 expectations hold'
    holds out 'fail'
    status 0 "$HALFOPEN" dump wrong.db
    holds out '|failed expectation'
    status 2 "$HALFOPEN" run broken.yaml
    holds err "broken.yaml:7:1: unknown key 'expext'"
    holds err "did you mean 'expect'?"
    [ ! -e broken.db ] || say 'a broken experiment has made a database'

    status 2 "$HALFOPEN" run
    status 2 "$HALFOPEN" run good.yaml wrong.yaml
    status 2 "$HALFOPEN" run good.yaml --ties random
    status 2 "$HALFOPEN" run good.yaml --seed x
    status 2 "$HALFOPEN" run good.yaml -p seed
    status 2 "$HALFOPEN" run good.yaml -p stopp=1s
    holds err "did you mean"
    status 2 "$HALFOPEN" run nobody.yaml
    status 2 "$HALFOPEN" run good.yaml --frobnicate

    status 0 "$HALFOPEN" check good.yaml
    holds out 'OK'
    status 0 "$HALFOPEN" check good.yaml -p repeat=7
    holds out '7 runs'
    status 2 "$HALFOPEN" check broken.yaml
    [ ! -s out ] || say 'check prints an error on stdout'
    status 2 "$HALFOPEN" check good.yaml -p 'expect=[{metric: user.established_at, is: 20, source: x}]'
    holds err 'but user.established_at is a time'
    status 0 "$HALFOPEN" show good.yaml
    cp out shown.yaml
    status 0 "$HALFOPEN" run shown.yaml -o shown.db
    status 0 "$HALFOPEN" explain tcp.msl
    holds out 'segment lifetime'
    status 2 "$HALFOPEN" explain tcp.mls
    for name in ghosts web.ghosts apps.web.ghosts; do
        status 0 "$HALFOPEN" explain $name
        holds out 'metrics.tcp.ghosts'
        lacks out 'metrics.tcp.ghost_time'
    done
    status 2 "$HALFOPEN" explain web.ghots
    holds err "did you mean 'ghosts'?"
    # each line has a value of each profile; a star where it is not that of rfc9293
    status 0 "$HALFOPEN" explain profiles
    cp out profiles
    [ "$(head -n 1 profiles | tr -s ' ')" = '* not as in rfc9293 rfc9293 linux bsd textbook' ] || say 'nobody says what a star is'
    [ "$(sed -n 's/^msl  *//p' profiles | tr -s ' ')" = '2min 30s* 30s* 2min' ] || say "msl is $(grep '^msl' profiles)"
    [ "$(sed -n 's/^fin_ack_in_fin_wait_1  *//p' profiles | tr -s ' ')" = 'fin-wait-2 fin-wait-2 fin-wait-2 time-wait*' ] ||
        say 'fin_ack_in_fin_wait_1 is not the textbook'"'"'s'
    status 0 "$HALFOPEN" explain tcp
    [ "$(grep -c '^tcp\.' out)" = "$(wc -l <profiles)" ] || say 'not a line a key'
    status 0 "$HALFOPEN" schema
    status 2 "$HALFOPEN" schema too-much
    status 0 "$HALFOPEN" models
    holds out 'two-way'
    status 2 "$HALFOPEN" dump nobody.db
    status 2 "$HALFOPEN" dump
    status 2 "$HALFOPEN" dump good.yaml

    status 3 "$HALFOPEN" run good.yaml -o nowhere/good.db
    holds err 'nowhere/good.db'
    status 3 "$HALFOPEN" run good.yaml -o good.yaml # not a database: never overwritten
    holds good.yaml 'name: good'
}

story_plot() {
    base pair >pair.yaml
    cat >>pair.yaml <<'END'
variants: {wait: {short: {}, long: {apps.web.close: never}}, color: {red: {}, blue: {}}}
plot:
  all:  {kind: ladder, side_by_side: wait}
  one:  {kind: ladder, side_by_side: wait, where: {color: red}}
END
    status 0 "$HALFOPEN" run pair.yaml
    # `all`: a picture for each color, both waits in it; `one`: a single picture
    for p in pair-all-color=red.png pair-all-color=blue.png pair-one.png; do
        [ -s "$p" ] || say "no picture $p"
        holds out "picture $p"
    done
    [ "$(ls ./*.png | wc -l)" = 3 ] || say "not 3 pictures: $(ls ./*.png)"
    rm ./*.png
    mkdir pictures
    status 0 "$HALFOPEN" run pair.yaml --plot-dir pictures
    [ -s pictures/pair-one.png ] || say 'no picture in --plot-dir'
    status 0 "$HALFOPEN" run pair.yaml --no-plot -o pictures/other.db
    lacks out 'picture '
    status 0 "$HALFOPEN" plot pair.db ladder --run 1 --run 3 -o p.svg
    holds p.svg '</svg>'
    status 0 "$HALFOPEN" plot pair.db ladder --lang zh
    [ -s pair-ladder.png ] || say 'no picture beside the database'
    status 2 "$HALFOPEN" plot nobody.db ladder
    holds err 'nobody.db: No such file'
    status 2 "$HALFOPEN" plot pair.yaml ladder
    status 0 "$HALFOPEN" run pair.yaml -o pictures/other.db # pictures are called after the database
    [ -s pictures/other-one.png ] || say 'no picture beside the other database'
    holds out 'picture pictures/other-one.png'
    status 2 "$HALFOPEN" plot pair.db lader
    holds err "did you mean 'ladder'?"
    status 2 "$HALFOPEN" plot pair.db
    status 2 "$HALFOPEN" plot pair.db ladder --run 0
    status 2 "$HALFOPEN" plot pair.db ladder --lang fr
    status 2 "$HALFOPEN" plot pair.db ladder --run 99
    for kind in states dwell; do
        status 0 "$HALFOPEN" plot pair.db $kind --of server --lang zh -o k.svg
        holds k.svg 'ESTABLISHED'
    done
    status 0 "$HALFOPEN" plot pair.db sweep --y web.accepted --x wait --series color --band 90% --no-line -o s.svg
    holds s.svg 'web.accepted'
    status 0 "$HALFOPEN" plot pair.db sweep --y web.accepted --point 1 --point 3 -o s.svg
    status 2 "$HALFOPEN" plot pair.db sweep --y web.accepted --band 100%
    status 2 "$HALFOPEN" plot pair.db sweep --y web.accepted --run 1
    holds err "run says nothing to a picture of kind 'sweep'"
    status 2 "$HALFOPEN" plot pair.db ladder --x wait
    status 2 "$HALFOPEN" plot pair.db sweep
    holds err 'for example --y client.sent'
    holds err 'a sweep needs a metric for its y axis'
    status 2 "$HALFOPEN" plot pair.db samples
    holds err 'no run has a sample recorded'
    status 2 "$HALFOPEN" plot pair.db sweep --y web.accepted --x wiat
    status 2 "$HALFOPEN" plot pair.db states --of sever
    status 2 "$HALFOPEN" plot pair.db ladder -o p.txt
    status 3 "$HALFOPEN" plot pair.db ladder -o nowhere/p.svg
    status 2 "$HALFOPEN" plot pair.db picture
    holds err 'kinds: ladder, states, dwell, samples, sweep'
    status 3 "$HALFOPEN" run pair.yaml --plot-dir nowhere # drawn last: the table and the database are there
    holds out 'database pair.db'
}

story_output() {
    base good >good.yaml
    for command in --help 'run --help' schema models 'explain' 'show good.yaml' 'check good.yaml' 'run good.yaml'; do
        # shellcheck disable=SC2086
        "$HALFOPEN" $command >/dev/full 2>err
        [ $? = 3 ] || say "a full disk is not noticed: $command >/dev/full"
        holds err 'cannot write'
    done
    "$HALFOPEN" dump good.db >/dev/full 2>err
    [ $? = 3 ] || say 'a full disk is not noticed: dump'
    { "$HALFOPEN" schema 2>err; echo $? >code; } | :
    # the reader may have gone before or after the first write, but is never waited for, and knows why it got no more
    [ "$(cat code)" = 3 ] || [ "$(cat code)" = 0 ] || say "a closed pipe ends with $(cat code)"
    { "$HALFOPEN" explain 2>err; echo $? >code; } | head -n 1 >/dev/null
    [ "$(cat code)" = 3 ] || [ "$(cat code)" = 0 ] || say "a closed pipe ends with $(cat code)"
    [ ! -s err ] || say "a closed pipe is told: $(cat err)"

    status 0 "$HALFOPEN" run good.yaml
    [ ! -s err ] || say 'progress without a terminal'
    ! grep -q "$(printf '\033')" out || say 'colours without a terminal'
    [ "$(tail -n 1 out)" = "$HALFOPEN run good.yaml --seed 1" ] || say "the last line is $(tail -n 1 out)"

    rm -f good.db
    status 0 "$HALFOPEN" run good.yaml --dry-run -p repeat=3
    holds out '3 runs to 10min with seed 1 would go to good.db'
    [ "$(ls)" = "$(printf 'code\nerr\ngood.yaml\nout')" ] || say "--dry-run has written: $(ls)"

    base swept >swept.yaml
    cat >>swept.yaml <<'END'
sweep: {n: [1, 2]}
tcp: {syn_retries: $n}
expect:
  - {metric: web.accepted, where: {n: 1}, is: 1, source: one}
  - {metric: web.accepted, where: {n: 2}, is: 1, source: two}
END
    status 0 "$HALFOPEN" run swept.yaml -p 'sweep.n=[2]' # what is left out is not run, and does not fail
    holds out '1 of 1 expectations hold, 1 not run'
    grep -q 'n=1 .* not run .* one' out || say 'the row that is not run is not shown'
    status 0 "$HALFOPEN" run swept.yaml -p 'sweep.n=[2]' --json
    in_json '$.not_run[0].where' n=1
    in_json '$.of' 1
    status 0 "$HALFOPEN" run swept.yaml --dry-run --json
    in_json '$.runs' 2
    in_json '$.stop' 600.0
    in_json '$.points[1].params.n' 2
    in_json '$.points[1].record[0]' metrics

    echo 'faults: {late: {link: client->server, match: {flags: SYN, nth: 2}, drop: yes}}' >>good.yaml
    status 0 "$HALFOPEN" run good.yaml
    line=$(grep -n '^faults:' good.yaml | cut -d: -f1)
    holds err "good.yaml:$line:10: warning: fault 'late' never acted: 1 segment matched"
    status 0 "$HALFOPEN" run good.yaml --json
    in_json '$.warnings[0]' "fault 'late' never acted: 1 segment matched"
    status 0 "$HALFOPEN" run good.yaml -p 'apps.user.local_port=5000' \
        -p 'apps.user2={connect: {host: client, to: web, local_port: 5000}}'
    holds err "warning: app 'user2': 1 listen or connect call found no free address (EADDRNOTAVAIL), and nothing expects it"
}

story_repeat() {
    base it >"it's a test.yaml"
    # lossy and shuffled, so that the seed and the ties are seen in the dump
    echo 'repeat: 5' >>"it's a test.yaml"
    echo 'record: all' >>"it's a test.yaml"
    status 0 "$HALFOPEN" run "it's a test.yaml" -p 'topology={two-hosts: {delay: 10ms, loss: 20%}}' --seed 77 -o 'out 1.db' \
        --ties shuffle
    last=$(tail -n 1 out)
    "$HALFOPEN" dump 'out 1.db' >dump.1
    rm 'out 1.db'
    eval "$last" >/dev/null 2>err || say "the last line does not run: $last"
    "$HALFOPEN" dump 'out 1.db' >dump.2
    same dump.1 dump.2
    [ "$(grep -c '^run|' dump.1)" = 5 ] || say 'not 5 runs'
    grep -q '|drop|' dump.1 || say 'nothing was lost: the test shows nothing'
    status 0 "$HALFOPEN" run "it's a test.yaml" -p 'topology={two-hosts: {delay: 10ms, loss: 20%}}' --seed 78 -o 'out 1.db' \
        --ties shuffle
    "$HALFOPEN" dump 'out 1.db' | grep -v '^experiment|\|^run|' >dump.3
    grep -v '^experiment|\|^run|' dump.1 >dump.4
    ! cmp -s dump.3 dump.4 || say 'another seed has the same result'
    status 0 "$HALFOPEN" run "it's a test.yaml" --seed 5 -p seed=6 # --seed is stronger
    holds out 'seed 5,'
}

story_interrupt() {
    base long >long.yaml
    echo 'repeat: 1000000' >>long.yaml
    for signal in INT TERM; do
        status 130 timeout --preserve-status -s $signal 1 "$HALFOPEN" run long.yaml
        holds err 'interrupted'
        status 0 "$HALFOPEN" dump long.db
        cp out dump.1
        grep '^experiment|' dump.1 | grep -q '|interrupted$' || say 'the database does not say interrupted'
        n_ok=$(grep -c '^run|.*|ok|' dump.1)
        [ "$n_ok" -gt 0 ] || say 'no run was done'
        [ "$n_ok" -lt 1000000 ] || say 'all runs were done'
        [ "$(grep '^metric|' dump.1 | cut -d '|' -f 2 | sort -u | wc -l)" = "$n_ok" ] || say 'metrics of a run that was not done'
        [ ! -e long.db.part ] || say '.part is left'
    done
    # kill -9 leaves the old database as it was
    base long >short.yaml
    status 0 "$HALFOPEN" run short.yaml -o long.db
    cp long.db old.db
    "$HALFOPEN" run long.yaml >out 2>err &
    sleep 1
    kill -9 $!
    wait $! 2>/dev/null
    [ -e long.db.part ] || say 'it was killed too early to show anything'
    same long.db old.db
    status 0 "$HALFOPEN" run short.yaml -o long.db # the .part that was left is no hindrance
}

story_disk() {
    base good >good.yaml
    status 0 "$HALFOPEN" run good.yaml
    cp good.db old.db
    # 40 x 512 bytes: less than the empty tables need
    (
        ulimit -f 40
        "$HALFOPEN" run good.yaml -p repeat=1000 >/dev/null 2>err.limit
    )
    [ $? = 3 ] || say 'a full disk is not status 3'
    holds err.limit 'good.db'
    same good.db old.db
    # 2000 x 512 bytes: some runs fit
    (
        ulimit -f 2000
        "$HALFOPEN" run good.yaml -p repeat=1000 -p record=all >/dev/null 2>err.limit
    )
    [ $? = 3 ] || say 'a disk that fills up is not status 3'
    holds err.limit 'good.db'
    same good.db old.db
    [ ! -e good.db.part ] || say '.part is left'

    sed 's/kind: request, host: client, to: web, send: 100B, close: after-reply/kind: bulk, host: client, to: web, bytes: 600MB/; s/reply: 1kB, //' \
        good.yaml >bulk.yaml
    status 3 "$HALFOPEN" run bulk.yaml -o good.db
    holds err 'record: all'
    same good.db old.db
}

story_suite() {
    mkdir many
    base good >many/b-good.yaml
    echo 'expect: [{metric: user.established_at, is: 20ms, source: 1 RTT}]' >>many/b-good.yaml
    echo 'plot: {l: {kind: ladder}}' >>many/b-good.yaml
    echo 'repeat: 4' >>many/b-good.yaml
    base also >many/a-also.yaml
    echo 'not one' >many/README
    status 0 "$HALFOPEN" run many
    holds out '2 of 2 experiments pass'
    grep -q '^a-also  *1  *1  *0 of 0  *pass$' out || say 'no row of a-also'
    grep -q '^b-good  *1  *4  *1 of 1  *pass$' out || say 'no row of b-good'
    [ "$(grep -n '^a-also' out | cut -d : -f 1)" -lt "$(grep -n '^b-good' out | cut -d : -f 1)" ] || say 'not by name'
    [ "$(ls)" = "$(printf 'err\nmany\nout')" ] || say "it has left something: $(ls)"
    cp out out.1
    echo 'faults: {late: {link: client->server, match: {flags: SYN, nth: 2}, drop: yes}}' >>many/a-also.yaml
    status 0 "$HALFOPEN" run many -j 3
    holds err "warning: a-also: fault 'late' never acted: 1 segment matched"
    same out.1 out

    status 0 "$HALFOPEN" run many -o kept
    [ "$(ls kept)" = "$(printf 'a-also.db\nb-good-l.png\nb-good.db')" ] || say "kept: $(ls kept)"
    status 0 "$HALFOPEN" run many -o kept --json
    in_json '$.pass' 2
    in_json '$.experiments[1].expectations[0].verdict' pass
    in_json '$.experiments[1].database' kept/b-good.db
    in_json '$.experiments[1].command' "$HALFOPEN run many/b-good.yaml --seed 1"
    status 0 "$HALFOPEN" run many --json -p repeat=2 --seed 7 --ties shuffle
    in_json '$.experiments[1].command' "$HALFOPEN run many/b-good.yaml -p repeat=2 --seed 7 --ties=shuffle"
    in_json '$.experiments[1].runs' 2
    in_json '$.experiments[1].database' '' # null: it has gone again

    base wrong >many/c-wrong.yaml
    echo 'sweep: {n: [1, 2]}' >>many/c-wrong.yaml
    echo 'tcp: {syn_retries: $n}' >>many/c-wrong.yaml
    echo 'expect: [{metric: user.established_at, where: {n: 2}, is: 21ms, source: a slip}]' >>many/c-wrong.yaml
    status 1 "$HALFOPEN" run many
    holds out 'c-wrong: user.established_at at n=2: want 21ms, got 20ms: fail (a slip)'
    holds out '2 of 3 experiments pass'
    base broken >many/0-broken.yaml
    echo 'expext: []' >>many/0-broken.yaml
    status 2 "$HALFOPEN" run many # the others run all the same
    holds err "many/0-broken.yaml:7:1: unknown key 'expext'"
    grep -q '^0-broken .*not valid$' out || say 'no row of what is not valid'
    holds out '2 of 4 experiments pass'
    status 2 "$HALFOPEN" run many --json
    in_json '$.experiments[0].no_result' 'not valid'
    in_json '$.of' 4
    status 3 "$HALFOPEN" run many -o nowhere/at/all
    status 2 "$HALFOPEN" run many --dry-run
    mkdir none
    status 2 "$HALFOPEN" run none
    holds err 'there is no experiment'
    status 2 "$HALFOPEN" run --all many
    status 2 "$HALFOPEN" run many -j 0
    status 2 "$HALFOPEN" run many -j x
    # in each build tests/repro.sh runs all of them to their end
    status 130 timeout --preserve-status -s INT 1 "$HALFOPEN" run --all --no-plot -o shipped
    grep -q '^accept-queue-full ' out || say 'no row of a shipped experiment'

    base long >many/1-long.yaml
    echo 'repeat: 1000000' >>many/1-long.yaml
    status 130 timeout --preserve-status -s INT 1 "$HALFOPEN" run many -j 2
    grep -q '^1-long .*interrupted$' out || say 'no row of the interrupted one'
    lacks out 'b-good'
}

# Several processes: the same dump; all of them end with the program, however it ends.
story_jobs() {
    base it >it.yaml
    echo 'repeat: 7' >>it.yaml
    echo 'record: all' >>it.yaml
    for n in 1 2 3 16; do
        status 0 "$HALFOPEN" run it.yaml -p 'topology={two-hosts: {delay: 10ms, loss: 20%}}' -j $n
        [ "$(tail -n 1 out)" = "$HALFOPEN run it.yaml -p 'topology={two-hosts: {delay: 10ms, loss: 20%}}' --seed 1" ] ||
            say "-j is in the command that repeats: $(tail -n 1 out)"
        "$HALFOPEN" dump it.db >"dump.$n"
        same dump.1 "dump.$n"
    done
    base long >long.yaml
    echo 'repeat: 1000000' >>long.yaml
    status 130 timeout --preserve-status -s INT 1 "$HALFOPEN" run long.yaml -j 2
    holds err 'interrupted'
    status 0 "$HALFOPEN" dump long.db
    grep -q '^run|.*|ok|' out || say 'no run was done'
    "$HALFOPEN" run long.yaml -j 2 >out 2>err &
    parent=$!
    sleep 1
    children=$(ps -o pid= --ppid $parent)
    [ "$(echo "$children" | wc -w)" = 2 ] || say "not two workers: $children"
    kill -9 $parent
    wait $parent 2>/dev/null
    sleep 0.2
    for pid in $children; do
        ! ps -o stat= -p "$pid" | grep -qv Z || say "worker $pid lives on" # what nobody waits for is Z, and dead
    done
}

for story; do
    "story_$story"
done
[ "$n_failed" = 0 ] && echo "$* hold"
exit $((n_failed > 0))
