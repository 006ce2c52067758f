#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# README.md shows what the program prints; its experiment holds and its packet script passes.
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
"$HALFOPEN" run -q --no-plot -o "$dir/network.db" "$dir/network.yaml"

block '```pkt' 1 >"$dir/example.pkt"
[ -s "$dir/example.pkt" ]
"$HALFOPEN" drill "$dir/example.pkt"
