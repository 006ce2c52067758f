# SPDX-License-Identifier: GPL-3.0-or-later
# story.sh -- what the shell stories share: a folder of their own, and checks that say what was not so.
#
# Sourced: . "$(dirname "$0")/../story.sh". A story ends with `exit` according to n_failed.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
n_failed=0

say() {
    echo "FAILED: $*"
    n_failed=$((n_failed + 1))
}

# status WANT COMMAND...: runs it with its output in the files out and err
status() {
    want=$1
    shift
    "$@" >out 2>err </dev/null
    got=$?
    [ "$got" = "$want" ] || {
        say "status $got, not $want: $*"
        sed 's/^/    /' err
    }
}

holds() { # FILE TEXT
    grep -qF -- "$2" "$1" || {
        say "'$2' is not in $1:"
        sed 's/^/    /' "$1"
    }
}

lacks() { # FILE TEXT
    ! grep -qF -- "$2" "$1" || say "'$2' is in $1"
}
