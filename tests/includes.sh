#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Includes run inward only: a model never knows who records it.
#
#   includes.sh [DIR]         checks the tree in DIR (this one if left out); a line for each wrong include, status 1
#   includes.sh --self-test   plants wrong includes in a small tree, one at a time, and sees that each is found
set -eu

# folder: what it may include, folders first, then libraries; all others of the libraries listed anywhere are wrong.
rules='
sim         sim                                          gsl Random123
models      sim models                                   gsl
topologies  sim models topologies
drill       sim models drill
output      sim output                                   sqlite3.h nettle gsl
experiments sim models topologies output experiments     yaml.h jansson.h gsl
cli         sim models topologies drill output experiments cli jansson.h argp.h
'
# headers that are a folder's own affair, and who may include them
inner='
models/tcp/endpoint.h   models/tcp/ drill/
'
folders='sim models topologies drill output experiments cli'

check_tree() {
    cd "$1"
    find $folders -name '*.[ch]' | sort | RULES=$rules INNER=$inner xargs awk '
        BEGIN {
            n = split(ENVIRON["RULES"], row, "\n")
            for (i = 1; i <= n; i++) {
                m = split(row[i], word, " ")
                if (m > 0)
                    is_folder[word[1]] = 1
                for (j = 2; j <= m; j++) {
                    may[word[1], word[j]] = 1
                    known[word[j]] = 1
                }
            }
        }
        function is_inner(target,   n, m, i, j, row, word) {
            n = split(ENVIRON["INNER"], row, "\n")
            for (i = 1; i <= n; i++) {
                m = split(row[i], word, " ")
                if (m == 0 || word[1] != target)
                    continue
                for (j = 2; j <= m; j++)
                    if (index(FILENAME, word[j]) == 1)
                        return 0
                return 1
            }
            return 0
        }
        function wrong(why) {
            printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0
            n_wrong++
        }
        FNR == 1 {
            folder = FILENAME
            sub(/\/.*/, "", folder)
        }
        /^[ \t]*#[ \t]*include/ {
            target = $0
            gsub(/^[^<"]*[<"]|[>"].*$/, "", target)
            first = target
            sub(/\/.*/, "", first)
            if ($0 ~ /include[ \t]*"/) {
                if (!(first in is_folder) || first == target)
                    wrong("quotes are for FOLDER/FILE.h of this project")
                else if (!((folder, first) in may))
                    wrong(folder " may not include " first)
                else if (is_inner(target))
                    wrong("an inner header")
            } else if (first in is_folder) {
                wrong("our own headers stand in quotes")
            } else if (first in known && !((folder, first) in may)) {
                wrong(folder " may not include " first)
            }
        }
        END { exit n_wrong > 0 }'
}

# file, include line, and what the checker must say about it ("" = nothing).
faults='
sim/a.c         "models/link.h"           sim may not include models
sim/a.h         <sqlite3.h>               sim may not include sqlite3.h
models/a.c      "output/recorder.h"       models may not include output
models/tcp/a.h  "topologies/net.h"        models may not include topologies
models/tcp/a.c  "tests/check.h"           quotes are for FOLDER/FILE.h of this project
topologies/a.c  "output/plot.h"           topologies may not include output
topologies/a.c  "experiments/tree.h"      topologies may not include experiments
drill/a.c       "topologies/net.h"        drill may not include topologies
models/a.c      "drill/script.h"          models may not include drill
output/a.c      "models/link.h"           output may not include models
output/a.c      <sim/sim.h>               our own headers stand in quotes
experiments/a.c "cli/command.h"           experiments may not include cli
experiments/a.c <sqlite3.h>               experiments may not include sqlite3.h
cli/a.c         "../sim/sim.h"            quotes are for FOLDER/FILE.h of this project
cli/a.c         "command.h"               quotes are for FOLDER/FILE.h of this project
models/apps/a.c "models/tcp/endpoint.h"   an inner header
topologies/a.c  "models/tcp/endpoint.h"   an inner header
models/tcp/a.c  "models/tcp/endpoint.h"
drill/a.c       "models/tcp/endpoint.h"
sim/a.c         "sim/sim.h"
sim/a.c         <gsl/gsl_rng.h>
models/tcp/a.c  "models/link.h"
output/a.c      <sqlite3.h>
experiments/a.c "output/recorder.h"
cli/a.c         <argp.h>
cli/a.c         "experiments/experiment.h"
'

self_test() {
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    bad=0
    echo "$faults" | {
        while read -r file include want; do
            [ -n "$file" ] || continue
            rm -rf "${tree:?}"/*
            (cd "$tree" && mkdir -p $folders models/tcp models/apps && echo "#include $include" >"$file")
            got=$(check_tree "$tree") && status=0 || status=$?
            want=${want:+"$file:1: $want: #include $include"}
            if [ "$got" != "$want" ] || { [ -n "$want" ] && [ "$status" -eq 0 ]; }; then
                printf '#include %s in %s gives\n  "%s"\nnot\n  "%s"\n' "$include" "$file" "$got" "$want"
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
