#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The packet scripts of tests/tcp, each under the profile that its folder is named after.
#
#   HALFOPEN=path/to/halfopen own_scripts.sh PROFILE    runs them; each must pass
#   HALFOPEN=... own_scripts.sh PROFILE --self-test     each must be able to fail: of every script one copy for every
#                                                       expected segment with another flag (of a datagram with
#                                                       another length), with another time, and for every call with
#                                                       another result; each copy must fail in that line
set -u

profile=$1
cd "$(dirname "$0")/../tcp" || exit 1
scripts=$(find "$profile" -name '*.pkt' | LC_ALL=C sort)
[ -n "$scripts" ] || {
    echo "no scripts in tests/tcp/$profile"
    exit 1
}

if [ "${2-}" != --self-test ]; then
    # shellcheck disable=SC2086
    exec "$HALFOPEN" drill --profile="$profile" -q $scripts
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086
awk -v work="$work" '
    function copy(what, line, text,    path, i) {
        path = sprintf("%s/%05d.pkt", work, ++n)
        for (i = 1; i <= n_lines; i++)
            print i == line ? text : lines[i] >path
        close(path)
        print path ":" line "|" script ":" line ": " what >(work "/wanted")
    }
    # One wrong thing at a time, in each line where it can be.
    function spoil(    i, text) {
        for (i = 1; i <= n_lines; i++) {
            if (lines[i] ~ /^\/\//)
                continue
            if (lines[i] ~ / > udp \(/) {
                text = lines[i]
                sub(/udp \(/, "udp (1", text)
                copy("length", i, text)
            } else if (lines[i] ~ /^[^ ]+ > /) {
                text = lines[i]
                if (sub(/ > PU\./, " > P.", text) == 0)
                    sub(/ > (\[[^]]*\] )?/, "&U", text)
                sub(/ > U-/, " > U", text)
                copy("URG", i, text)
            }
            if (lines[i] ~ /^\+[0-9.]+ > /) {
                text = lines[i]
                sub(/^[^ ]+/, sprintf("+%.3f", substr(lines[i], 2) * 1.3 + 0.02), text)
                copy("time", i, text)
            }
            if (lines[i] ~ /\) = [-0-9]/ && lines[i] !~ / (socket|epoll_create)\(/) {
                text = lines[i]
                sub(/\) = .*/, ") = -1 EXDEV", text)
                copy("result", i, text)
            }
        }
    }
    FNR == 1 {
        if (NR > 1)
            spoil()
        script = FILENAME
        n_lines = 0
    }
    { lines[++n_lines] = $0 }
    END { spoil() }' $scripts

"$HALFOPEN" drill --profile="$profile" -q "$work"/*.pkt | sed -n 's/^FAIL \([^ ]*:[0-9]*\): .*/\1/p' >"$work/found"
[ -s "$work/wanted" ] || exit 1
awk -F'|' '
    FNR == NR && FILENAME != ARGV[2] { failed[$1] = 1; next }
    !($1 in failed) { print $2 ", spoilt, is not found"; bad = 1 }
    END { exit bad }' "$work/found" "$work/wanted"
