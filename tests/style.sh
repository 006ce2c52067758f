#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of docs/STYLE.md that a line-by-line reading can check, and the layout by clang-format where its version 14 is
# installed (others lay out a little differently).
#
#   style.sh [DIR]         checks the tree in DIR (this one if left out); a line for each finding, status 1
#   style.sh --self-test   plants each fault in a small tree and sees that it is found
set -eu

check_tree() {
    cd "$1"
    find . -path ./build -prune -o -path ./.git -prune -o -type f \
        \( -name '*.[ch]' -o -name '*.sh' -o -name '*.cmake' -o -name '*.sql' -o -name CMakeLists.txt \) -print |
        sed 's|^\./||' | sort | LC_ALL=C xargs awk '
        function found(what) {
            printf "%s:%d: %s\n", file, line, what
            n_found++
        }
        # Characters, not bytes; tables stand in regions that clang-format leaves alone.
        function columns(text) {
            gsub(/[\200-\277]/, "", text)
            return length(text)
        }
        function end_of_file() {
            line = 1
            if (!licensed)
                found("no SPDX line at the top")
            if (file ~ /\.h$/ && !once)
                found("no #pragma once")
        }
        FNR == 1 {
            if (NR > 1)
                end_of_file()
            file = FILENAME
            licensed = once = n_includes = off = 0
            own = file
            sub(/\.c$/, ".h", own)
            has_own = own != file && (getline ignored < own) >= 0
            close(own)
        }
        { line = FNR }
        FNR <= 2 && /SPDX-License-Identifier: GPL-3.0-or-later/ { licensed = 1 }
        /^#pragma once$/ { once = 1 }
        /\t/ { found("a tab") }
        /[ \t]$/ { found("a blank at the end of the line") }
        /TO[D]O|FIX[M]E/ { found("an anonymous reminder") }
        /clang-format off/ { off = 1 }
        /clang-format on/ { off = 0 }
        file ~ /\.[ch]$/ && !off && columns($0) > 96 { found("more than 96 columns") }
        /^#include/ && n_includes++ == 0 && has_own && $2 != "\"" own "\"" { found("its own header comes first") }
        END {
            end_of_file()
            exit n_found > 0
        }'
}

has_formatter() { clang-format --version 2>/dev/null | grep -q 'version 14\.'; }

check_format() {
    has_formatter || return 0
    cd "$1"
    find . -path ./build -prune -o -path ./.git -prune -o -type f -name '*.[ch]' -print | sed 's|^\./||' | sort |
        xargs clang-format --dry-run 2>&1 |
        sed -nE 's/^([^: ]+:[0-9]+):.*clang-formatted.*/\1: clang-format lays this out differently/p' | uniq | {
        ! grep .
    }
}

# file | its text for printf, @ the license line, T_D a reminder, W_E 96 columns | what must be found ("" = nothing)
faults='
a/x.c|int i;\n|a/x.c:1: no SPDX line at the top
a/x.c|@\n\tint i;\n|a/x.c:2: a tab
a/x.c|@\nint i; \n|a/x.c:2: a blank at the end of the line
a/x.c|@\n/* T_D: more */\n|a/x.c:2: an anonymous reminder
a/x.h|@\n|a/x.h:1: no #pragma once
a/own.c|@\n#include <stdio.h>\n|a/own.c:2: its own header comes first
a/own.c|@\n#include "a/own.h"\n#include <stdio.h>\n|
a/x.c|@\n#include <stdio.h>\n|
a/x.c|@\n//W_E\n|a/x.c:2: more than 96 columns
a/x.c|@\nW_E\n|
a/x.c|@\n/* clang-format off */\n//W_E\n/* clang-format on */\nxW_E\n|a/x.c:5: more than 96 columns
'

self_test() {
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    wide=$(printf '%095d§' 0)
    license='/* SPDX-License-Identifier: GPL-3.0-or-later */'
    printf '%s' "$faults" | {
        bad=0
        while IFS='|' read -r file text want; do
            [ -n "$file" ] || continue
            rm -rf "$tree/a"
            mkdir "$tree/a"
            printf '%s\n#pragma once\n' "$license" >"$tree/a/own.h"
            printf "$(printf %s "$text" | sed "s|@|$license|; s/T_D/TO""DO/; s/W_E/$wide/g")" >"$tree/$file"
            got=$(check_tree "$tree") && status=0 || status=$?
            if [ "$got" != "$want" ] || { [ -n "$want" ] && [ "$status" -eq 0 ]; }; then
                printf '%s with "%s" gives\n  "%s"\nnot\n  "%s"\n' "$file" "$text" "$got" "$want"
                bad=1
            fi
        done
        exit $bad
    }
    has_formatter || return 0
    rm -rf "$tree/a"
    cp .clang-format "$tree"
    printf 'int  i;\nint j;\n' >"$tree/x.c"
    got=$(check_format "$tree") && status=0 || status=$?
    [ "$got" = 'x.c:1: clang-format lays this out differently' ] && [ "$status" -ne 0 ] || {
        printf 'two blanks give "%s"\n' "$got"
        exit 1
    }
    printf 'int i;\nint j;\n' >"$tree/x.c"
    (check_format "$tree")
}

case ${1-} in
--self-test)
    cd "$(dirname "$0")/.."
    self_test
    ;;
*)
    top=${1:-$(dirname "$0")/..}
    status=0
    (check_tree "$top") || status=1
    (check_format "$top") || status=1
    exit $status
    ;;
esac
