#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every long option of a command stands in its manual page, and the page has no other. Left out may be what every command
# has, and what says of itself that it does nothing.
#
#   HALFOPEN=path/to/halfopen manuals.sh               a line a finding, status 1
#   HALFOPEN=path/to/halfopen manuals.sh --self-test   hides an option, invents one, and sees that both are found
set -eu
cd "$(dirname "$0")/../docs/man"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# A line an option of --help: its names and its help.
entries() {
    awk '/^ +-/ { if (entry != "") print entry; entry = ""; inside = 1 }
         /^$/ { inside = 0 }
         inside { sub(/^ +/, " "); entry = entry $0 }
         END { if (entry != "") print entry }'
}

options() { grep -oE -e '--[a-z][a-z0-9_-]*' | sort -u; }

# PAGE HELP: what stands in one of them only
compare() {
    entries <"$2" | grep -vE -e '--help|--usage' >"$dir/entries"
    options <"$dir/entries" >"$dir/all"
    grep -vE 'unsupported|without effect|so it is without' "$dir/entries" | options >"$dir/told"
    options <"$1" | grep -vx -e --help -e --name >"$dir/page" # --name=value stands for any
    bad=0
    for option in $(comm -23 "$dir/told" "$dir/page"); do
        echo "docs/man/$(basename "$1") does not have $option"
        bad=1
    done
    for option in $(comm -13 "$dir/all" "$dir/page"); do
        echo "docs/man/$(basename "$1") has $option, and the command does not"
        bad=1
    done
    return $bad
}

case ${1-} in
--self-test)
    "$HALFOPEN" run --help >"$dir/help"
    sed 's/--dry-run/--dry-rum/' halfopen-run.1.scd >"$dir/halfopen-run.1.scd"
    found=$(compare "$dir/halfopen-run.1.scd" "$dir/help") || true
    want='docs/man/halfopen-run.1.scd does not have --dry-run
docs/man/halfopen-run.1.scd has --dry-rum, and the command does not'
    [ "$found" = "$want" ] || {
        printf 'it says\n%s\nnot\n%s\n' "$found" "$want"
        exit 1
    }
    ;;
*)
    status=0
    for page in halfopen-*.1.scd; do
        command=${page#halfopen-}
        "$HALFOPEN" "${command%.1.scd}" --help >"$dir/help"
        compare "$page" "$dir/help" || status=1
    done
    exit $status
    ;;
esac
