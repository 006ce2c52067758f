#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents name exists: `file.c`, `folder/file.h`, `folder/`, and `file.c:name`, which is defined there, not
# only used. Names in capitals are placeholders. docs/rfc-map.md has a row for each requirement of RFC 9293.
#
#   docs.sh [DIR]         checks the *.md of DIR (this tree if left out) outside of build/; a line a finding, status 1
#   docs.sh --self-test   plants wrong names in a small tree and sees that they are found
set -eu

file='[a-z0-9_./-]+\.(c|h|sh|yaml|sql|txt|md)(:[a-z0-9_]+)?'
path='(sim|models|topologies|output|experiments|drill|cli|tests|bench|docs|cmake)/[a-z0-9_./-]*'

# Definitions begin in the first column and go on, prototypes end there.
defines() { # FILE NAME
    grep -E "^[a-z].*[^a-z0-9_]$2(\(|\[| =)|^$2\(" "$1" | grep -qv ');$'
}

# A name is looked for from the top, beside the document, and beside the TCP that docs/rfc-map.md is about.
exists() { # NAME FOLDER-OF-THE-DOCUMENT
    path_of=${1%%:*}
    symbol=${1#"$path_of"}
    for at in "$path_of" "$2/$path_of" "models/tcp/$path_of"; do
        if [ -e "$at" ] && { [ -z "$symbol" ] || defines "$at" "${symbol#:}"; }; then
            return 0
        fi
    done
    return 1
}

check_tree() {
    cd "$1"
    find . \( -path ./build -o -path ./.git \) -prune -o -name '*.md' -print | sed 's|^\./||' | sort |
        xargs grep -noE "\`($file|$path)\`" /dev/null | tr -d '`' | {
        bad=0
        while IFS=: read -r doc line name; do
            exists "$name" "$(dirname "$doc")" || {
                echo "$doc:$line: there is no $name"
                bad=1
            }
        done
        exit $bad
    }
}

# A row for each requirement of RFC 9293, appendix B: MUST-1 to 69, SHLD-1 to 31, MAY-1 to 18, REC-1.
check_numbers() { # DIR
    map=$1/docs/rfc-map.md
    grep -q 'every requirement by its number' "$map" 2>/dev/null || return 0
    {
        seq -f 'MUST-%.0f' 69
        seq -f 'SHLD-%.0f' 31
        seq -f 'MAY-%.0f' 18
        echo REC-1
    } | {
        bad=0
        while read -r number; do
            [ "$(grep -c "^| $number | .* | .* | .* |$" "$map")" = 1 ] || {
                echo "docs/rfc-map.md: not one row for $number"
                bad=1
            }
        done
        exit $bad
    }
}

self_test() {
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    mkdir -p "$tree/docs/decisions" "$tree/models/tcp" "$tree/bench"
    printf '%s\n' 'int check_rst(int a,' '              int b)' '{' '    check_syn(a);' '}' 'int check_fin(void);' \
        'static const int steps[] = {0};' >"$tree/models/tcp/input.c"
    echo '`models/NAME.c`, `input.c`, `models/tcp/input.c:check_rst`, `models/tcp/`, `input.c:steps`' >"$tree/README.md"
    echo '`input.c:check_rst`' >"$tree/docs/map.md"
    cp "$tree/docs/map.md" "$tree/docs/decisions/1.md"
    echo 'beside it: `floor.c`' >"$tree/bench/README.md"
    touch "$tree/bench/floor.c"
    (check_tree "$tree") || exit 1
    printf '\n| `input.c:check_rs` | `link.c` |\n| `input.c:check_syn` | `input.c:check_fin` |\n| `bench/walk` |\n' \
        >"$tree/docs/map.md"
    want='docs/map.md:2: there is no input.c:check_rs
docs/map.md:2: there is no link.c
docs/map.md:3: there is no input.c:check_syn
docs/map.md:3: there is no input.c:check_fin
docs/map.md:4: there is no bench/walk'
    got=$(check_tree "$tree") && status=0 || status=$?
    if [ "$got" != "$want" ] || [ "$status" -eq 0 ]; then
        printf 'it says\n%s\nnot\n%s\n' "$got" "$want"
        exit 1
    fi
    {
        echo 'every requirement by its number'
        seq -f '| MUST-%.0f | a | b | c |' 69 | grep -v 'MUST-7 '
        seq -f '| SHLD-%.0f | a | b | c |' 31
        seq -f '| MAY-%.0f | a | b | c |' 18
        echo '| REC-1 | a | b | c |'
        echo '| MAY-1 | a | b | c |'
    } >"$tree/docs/rfc-map.md"
    want='docs/rfc-map.md: not one row for MUST-7
docs/rfc-map.md: not one row for MAY-1'
    got=$(check_numbers "$tree") && status=0 || status=$?
    if [ "$got" != "$want" ] || [ "$status" -eq 0 ]; then
        printf 'it says\n%s\nnot\n%s\n' "$got" "$want"
        exit 1
    fi
}

case ${1-} in
--self-test) self_test ;;
*)
    dir=${1:-$(dirname "$0")/..}
    status=0
    (check_tree "$dir") || status=1
    (check_numbers "$dir") || status=1
    exit $status
    ;;
esac
