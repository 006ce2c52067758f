#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of docs/STYLE.md that a line-by-line reading can check.
#
#   style.sh [DIR]         checks the tree in DIR (this one if left out); a line for each finding, status 1
#   style.sh --self-test   plants each fault in a small tree and sees that it is found
set -eu

check_tree() {
    cd "$1"
    find . -path ./build -prune -o -path ./.git -prune -o -type f \
        \( -name '*.[ch]' -o -name '*.sh' -o -name '*.cmake' -o -name '*.sql' -o -name CMakeLists.txt \) -print |
        sed 's|^\./||' | sort | xargs awk '
        function found(what) {
            printf "%s:%d: %s\n", file, line, what
            n_found++
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
            licensed = once = n_includes = 0
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
        /^#include/ && n_includes++ == 0 && has_own && $2 != "\"" own "\"" { found("its own header comes first") }
        END {
            end_of_file()
            exit n_found > 0
        }'
}

# file | its text for printf, @ the license line, T_D a reminder | what must be found ("" = nothing)
faults='
a/x.c|int i;\n|a/x.c:1: no SPDX line at the top
a/x.c|@\n\tint i;\n|a/x.c:2: a tab
a/x.c|@\nint i; \n|a/x.c:2: a blank at the end of the line
a/x.c|@\n/* T_D: more */\n|a/x.c:2: an anonymous reminder
a/x.h|@\n|a/x.h:1: no #pragma once
a/own.c|@\n#include <stdio.h>\n|a/own.c:2: its own header comes first
a/own.c|@\n#include "a/own.h"\n#include <stdio.h>\n|
a/x.c|@\n#include <stdio.h>\n|
'

self_test() {
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    license='/* SPDX-License-Identifier: GPL-3.0-or-later */'
    printf '%s' "$faults" | {
        bad=0
        while IFS='|' read -r file text want; do
            [ -n "$file" ] || continue
            rm -rf "$tree/a"
            mkdir "$tree/a"
            printf '%s\n#pragma once\n' "$license" >"$tree/a/own.h"
            printf "$(printf %s "$text" | sed "s|@|$license|; s/T_D/TO""DO/")" >"$tree/$file"
            got=$(check_tree "$tree") && status=0 || status=$?
            if [ "$got" != "$want" ] || { [ -n "$want" ] && [ "$status" -eq 0 ]; }; then
                printf '%s with "%s" gives\n  "%s"\nnot\n  "%s"\n' "$file" "$text" "$got" "$want"
                bad=1
            fi
        done
        exit $bad
    }
}

case ${1-} in
--self-test) self_test ;;
*) check_tree "${1:-$(dirname "$0")/..}" ;;
esac
