#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install.sh [PACKAGE...]: installs those Debian packages of cmake/packages.txt, and those named, that are missing. Says
# nothing, and needs neither root nor a network, when all are there.
set -eu
list="$(sed 's/#.*//' "$(dirname "$0")/packages.txt") $*"

command -v dpkg-query >/dev/null || {
    echo "This is not a Debian system. Install what cmake/packages.txt names, then build: see README.md." >&2
    exit 1
}

missing=
for package in $list; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "These packages are missing, and installing them needs root or sudo:$missing" >&2
        exit 1
    }
    root=sudo
fi

echo "Installing:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() {
    $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1
}

# The lists may be absent (a fresh image) or stale: fetch them once, if the first try fails.
apt_get install --no-install-recommends $missing ||
    { apt_get update && apt_get install --no-install-recommends $missing; } || {
    tail -n 15 "$log" >&2
    echo "apt-get could not install:$missing" >&2
    echo "Its last words are above. With a working network and package list, run this again." >&2
    exit 1
}
