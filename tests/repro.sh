#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Results depend on configuration, seed and replication alone: not on compilers, optimisation, sanitizers or the CPU.
#
#   repro.sh PROGRAM [OTHER...]
#
# Each shipped experiment must pass in PROGRAM, also with simultaneous events in random order, and, if it judges by
# standard errors, with the three seeds 1, 2 and 3 (fixed, so that nobody shops for one). Its dump must be the same when
# it runs again, runs in several processes, runs without AVX2 and FMA, and runs in each OTHER build. So must one more, last-bits, whose
# expectations take exp() of numbers for which this machine's C library answers otherwise without FMA, in the last bit.
# A line for each experiment; the last line counts; status 1 when anything failed.
#
# As many experiments at a time as the machine has processors: each is a process of its own, --one EXPERIMENT.
set -u
cd "$(dirname "$0")/.." || exit
self=$PWD/tests/$(basename "$0")
only=
if [ "$1" = --one ]; then
    only=$2
    shift 2
fi
program=$1
shift
dir=$(mktemp -d "${TMPDIR:-/tmp}/repro.XXXXXX")
trap 'rm -rf "$dir"' EXIT
n_passed=0
n_failed=0

passed() { n_passed=$((n_passed + 1)); }

failed() { # what, file with the details
    n_failed=$((n_failed + 1))
    echo "FAILED $1"
    head -n 20 "$2" | cut -c 1-160 | sed 's/^/    /'
}

# run_as NAME PROGRAM OPTION...: runs the experiment into NAME.db
run_as() {
    name=$1
    shift
    if "$@" -q --no-plot -o "$dir/$name.db" >"$dir/$name.log" 2>&1; then
        passed
    else
        failed "$experiment: $name" "$dir/$name.log"
        return 1
    fi
}

dump() {
    "$program" dump "$dir/$1.db" >"$dir/$1.dump" 2>"$dir/$1.log" && [ -s "$dir/$1.dump" ]
}

# same_as_first NAME PROGRAM...: runs the experiment once more and compares
same_as_first() {
    run_as "$@" || return 1
    if dump "$1" && diff "$dir/first.dump" "$dir/$1.dump" >"$dir/$1.log"; then
        passed
    else
        failed "$experiment: the dump of '$1' is another" "$dir/$1.log"
    fi
    rm -f "$dir/$1.db" "$dir/$1.dump"
}

# Whether an expectation of the first run was judged by standard errors.
is_statistical() {
    [ "$(sqlite3 "$dir/first.db" "SELECT count(*) FROM expectation WHERE op = 'z_max'")" -gt 0 ]
}

# ---- a CPU without AVX2 and FMA, and arithmetic that could tell

# without_fma COMMAND...: glibc then takes its plain exp, log, pow, sin.
without_fma() { env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F "$@"; }

# x and exp(x), to the last bit
exps() { "$@" awk 'BEGIN { for (i = 1; i <= 20000; i++) printf "%.3f %.17g\n", i / 1000, exp(i / 1000) }'; }

# Those x of which the last bit of exp(x) differs: on a CPU with FMA there must be some, or nothing is switched off.
find_odd_numbers() {
    exps env >"$dir/exps"
    exps without_fma >"$dir/exps.plain"
    diff "$dir/exps" "$dir/exps.plain" | sed -n 's/^< \([^ ]*\) .*/\1/p' | head -n 20 >"$dir/odd"
    if [ -s "$dir/odd" ]; then
        passed
        echo "ok     without FMA the last bit of exp() differs for $(wc -l <"$dir/odd") of the numbers taken"
    elif grep -qw fma /proc/cpuinfo 2>/dev/null; then
        echo "exp() is the same with it and without it" >"$dir/odd.log"
        failed "GLIBC_TUNABLES does not switch FMA off" "$dir/odd.log"
    else
        echo "not tested: this CPU has no FMA that could be switched off"
    fi
}

# Doubles where an experiment stores what it computed: `want` and `tol` of expectations, and their verdicts.
write_last_bits() {
    cat <<END
name: last-bits
topology: {two-hosts: {delay: 10ms}}
apps:
  web:  {kind: server, host: server, port: 80, close: after-eof}
  user: {kind: connect, host: client, to: web, close: at-once}
stop: 10min
expect:
END
    while read -r x; do
        cat <<END
  - {metric: user.established_at, at_most: exp($x) * 1s, source: 1 RTT is below 1 s}
  - {metric: user.established_at, is: exp($x) * 20ms, tol: exp($x) * 20ms, source: 1 RTT}
  - {metric: user.established_at, is: log(exp($x)) * 20ms / $x, tol: 1ns, source: 1 RTT}
END
    done
}

# The comparison itself: emptying any one table of a result file must show in its dump.
dump_shows_every_table() {
    for table in $(sqlite3 "$dir/first.db" "SELECT name FROM sqlite_master WHERE type = 'table'
                                            AND name NOT LIKE '%host_fact' AND name NOT LIKE 'sqlite%'"); do
        [ "$(sqlite3 "$dir/first.db" "SELECT count(*) FROM $table")" -gt 0 ] || continue
        cp "$dir/first.db" "$dir/altered.db"
        sqlite3 "$dir/altered.db" "DELETE FROM $table"
        if dump altered && cmp -s "$dir/first.dump" "$dir/altered.dump"; then
            echo "dump does not show what is in table $table" >"$dir/altered.log"
            failed "$experiment: emptied $table" "$dir/altered.log"
        else
            passed
        fi
    done
}

# ---- one experiment

all_of_one() {
    if run_as first "$program" run "$experiment"; then
        dump first || failed "$experiment: dump" "$dir/first.log"
        same_as_first again "$program" run "$experiment"
        same_as_first "no AVX2, no FMA" without_fma "$program" run "$experiment"
        for other; do
            same_as_first "$(basename "$(dirname "$other")")" "$other" run "$experiment"
        done
        same_as_first "3 processes" "$program" run "$experiment" -j 3
        run_as "ties shuffled" "$program" run "$experiment" --ties shuffle
        if is_statistical; then
            for seed in 1 2 3; do
                run_as "seed $seed" "$program" run "$experiment" --seed "$seed" -j 2
            done
        fi
        [ "$experiment" != experiments/stale-syn.yaml ] || dump_shows_every_table
    fi
    [ "$n_failed" -ne 0 ] || echo "ok     ${experiment##*/repro.*/}"
}

if [ -n "$only" ]; then
    experiment=$only
    all_of_one "$@" >"$dir/said"
    cat "$dir/said"
    echo "$n_passed passed, $n_failed failed"
    exit 0
fi

# ---- and all of them

find_odd_numbers
[ -s "$dir/odd" ] || echo 1.234 >"$dir/odd"
write_last_bits <"$dir/odd" >"$dir/last-bits.yaml"

printf '%s\n' experiments/*.yaml "$dir/last-bits.yaml" >"$dir/list"
xargs -P "$(nproc)" -I EXPERIMENT "$self" --one EXPERIMENT "$program" "$@" <"$dir/list" |
    tee "$dir/reports" | grep --line-buffered -vE '^[0-9]+ passed, [0-9]+ failed$'
counts=$(awk -v "n=$(wc -l <"$dir/list")" -v "passed=$n_passed" -v "failed=$n_failed" '
    /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; n-- }
    END { print passed, failed + n }' "$dir/reports") # who has not counted has failed
n_passed=${counts% *}
n_failed=${counts#* }

echo "$n_passed passed, $n_failed failed"
[ "$n_failed" -eq 0 ] && [ "$n_passed" -gt 0 ]
