#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# README.md shows what the program prints; its experiments hold, its packet script passes, its question to a database has
# an answer, and every command of its list works.
#
#   HALFOPEN=path/to/halfopen readme.sh
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# The N-th fenced block whose fence begins with WHAT.
block() { # WHAT N
    awk -v fence="$1" -v n="$2" '
        inside && /^```$/ { exit }
        inside { print }
        $0 == fence && !open && ++seen == n { inside = 1 }
        /^```/ { open = !open }' README.md
}

block '```' 1 >"$dir/shown"
"$HALFOPEN" run -q --no-plot -o "$dir/stale-syn.db" experiments/stale-syn.yaml |
    sed '/expectations hold$/q' >"$dir/printed"
[ -s "$dir/shown" ]
diff "$dir/shown" "$dir/printed"

block '```yaml' 1 >"$dir/example.yaml"
[ -s "$dir/example.yaml" ]
"$HALFOPEN" run -q --no-plot -o "$dir/example.db" "$dir/example.yaml"

block '```yaml' 2 >"$dir/network.yaml"
[ -s "$dir/network.yaml" ]
"$HALFOPEN" run -q --no-plot -o "$dir/network.db" "$dir/network.yaml" 2>"$dir/warnings"
cat "$dir/warnings" >&2
[ ! -s "$dir/warnings" ]

block '```pkt' 1 >"$dir/example.pkt"
[ -s "$dir/example.pkt" ]
"$HALFOPEN" drill "$dir/example.pkt"

block '```' 2 >"$dir/question"
grep -q '^sqlite3 -box results/stale-syn.db ' "$dir/question"
sed "s|results/|$dir/|" "$dir/question" | sh >"$dir/answer"
[ -s "$dir/answer" ]

# What stands behind two blanks is said of the command before it. All shipped experiments are run by others.
block '```' 3 | sed 's/  .*//' >"$dir/commands"
grep -q '^halfopen run FILE.yaml' "$dir/commands"
program=$(realpath "$HALFOPEN")
top=$PWD
cd "$dir"
ln -s "$program" halfopen
ln -s "$top/experiments" .
mv example.yaml FILE.yaml
ln -s "$(sed -n 's/^name: *//p' FILE.yaml).db" FILE.db # of its `run`
while read -r command; do
    case $command in
    *--all) command="$command --usage" ;;
    esac
    status=0
    sh -c "./$command" >out 2>err </dev/null || status=$?
    [ "$status" = 0 ] && [ -s out ] || {
        echo "README.md: '$command' ends with status $status"
        cat err
        exit 1
    }
done <commands
