#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents name exists: `file.c`, `folder/file.h`, `file.c:function`. Names in capitals are placeholders.
#
#   docs.sh [DIR]         checks README.md and docs/ in DIR (this tree if left out); a line for each finding, status 1
#   docs.sh --self-test   plants wrong names in a small tree and sees that they are found
set -eu

# A name is looked for from the top, and then beside the TCP that docs/rfc-map.md is about.
exists() {
    path=${1%%:*}
    symbol=${1#"$path"}
    for at in "$path" "models/tcp/$path"; do
        if [ -f "$at" ] && { [ -z "$symbol" ] || grep -qw -- "${symbol#:}" "$at"; }; then
            return 0
        fi
    done
    return 1
}

check_tree() {
    cd "$1"
    grep -noE '`[a-z0-9_./-]+\.(c|h|sh|yaml|sql|txt|md)(:[a-z0-9_]+)?`' README.md docs/*.md docs/*/*.md |
        tr -d '`' | {
        bad=0
        while IFS=: read -r file line name; do
            exists "$name" || {
                echo "$file:$line: there is no $name"
                bad=1
            }
        done
        exit $bad
    }
}

self_test() {
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    mkdir -p "$tree/docs/decisions" "$tree/models/tcp"
    echo 'int check_rst(void);' >"$tree/models/tcp/input.c"
    echo '`models/NAME.c`, `input.c`, `models/tcp/input.c:check_rst`' >"$tree/README.md"
    echo 'none' >"$tree/docs/map.md"
    cp "$tree/docs/map.md" "$tree/docs/decisions/1.md"
    check_tree "$tree" || exit 1
    printf '\n| `input.c:check_rs` | `link.c` |\n' >"$tree/docs/map.md"
    want='docs/map.md:2: there is no input.c:check_rs
docs/map.md:2: there is no link.c'
    got=$(check_tree "$tree") && status=0 || status=$?
    if [ "$got" != "$want" ] || [ "$status" -eq 0 ]; then
        printf 'it says\n%s\nnot\n%s\n' "$got" "$want"
        exit 1
    fi
}

case ${1-} in
--self-test) self_test ;;
*) check_tree "${1:-$(dirname "$0")/..}" ;;
esac
