#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Results depend on configuration, seed and replication alone: not on compilers, optimisation, sanitizers or the CPU.
#
#   repro.sh PROGRAM [OTHER...]
#
# Each shipped experiment must pass in PROGRAM, also with simultaneous events in random order, and its dump must be the
# same when it runs again, runs without AVX2 and FMA (glibc then computes exp, log, pow otherwise: last bits differ), and
# runs in each OTHER build. A line for each experiment; the last line counts; status 1 when anything failed.
set -u
cd "$(dirname "$0")/.."
program=$1
shift
dir=$(mktemp -d)
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

for experiment in experiments/*.yaml; do
    before=$n_failed
    if run_as first "$program" run "$experiment"; then
        dump first || failed "$experiment: dump" "$dir/first.log"
        same_as_first again "$program" run "$experiment"
        same_as_first "no AVX2, no FMA" \
            env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F "$program" run "$experiment"
        for other; do
            same_as_first "$(basename "$(dirname "$other")")" "$other" run "$experiment"
        done
        run_as "ties shuffled" "$program" run "$experiment" --ties shuffle
        [ "$experiment" != experiments/stale-syn.yaml ] || dump_shows_every_table
    fi
    [ "$n_failed" -ne "$before" ] || echo "ok     $experiment"
done

echo "$n_passed passed, $n_failed failed"
[ "$n_failed" -eq 0 ] && [ "$n_passed" -gt 0 ]
